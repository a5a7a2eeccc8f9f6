"""A scope holds and takes no more than its quotas, whoever writes at the same time; forgetting makes room."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from polymem import Memory
from polymem.errors import ConfigError, QuotaError
from polymem.testing.clock import FrozenClock


def opened(tmp_path, clock=None, **quota):
    return Memory(tmp_path / "m.db", config={"quota": quota}, clock=clock or FrozenClock())


def n_items(memory, user="ann"):
    return len(memory.get_all(user_id=user, limit=1000))


def test_beyond_the_quota_nothing_is_kept(tmp_path):
    with opened(tmp_path, items=3) as m:
        m.add("one", user_id="ann", infer=False)
        m.add("二", user_id="ann", infer=False)
        with pytest.raises(QuotaError) as error:
            m.add([{"role": "user", "content": text} for text in ("three", "四")], user_id="ann", infer=False)
        assert (error.value.quota, error.value.limit) == ("items", 3)
        assert "three" not in str(error.value)
        assert n_items(m) == 2
        assert m.verify() == []
        m.add("three", user_id="ann", infer=False)
        m.add("other scopes have their own", user_id="bob", infer=False)


@pytest.mark.parametrize("how", ["delete", "forget"])
def test_forgetting_makes_room(tmp_path, how):
    with opened(tmp_path, items=2) as m:
        first = m.add("one", user_id="ann", infer=False)
        m.add("two", user_id="ann", infer=False)
        with pytest.raises(QuotaError):
            m.add("three", user_id="ann", infer=False)
        if how == "delete":
            m.delete(first.ids[0])
        else:
            m.forget(first.ids[0], user_id="ann")
        m.add("three", user_id="ann", infer=False)


def test_a_scope_that_holds_too_much_can_be_made_smaller(tmp_path):
    with opened(tmp_path) as m:
        ids = [m.add(text, user_id="ann", infer=False).ids[0] for text in ("one", "two", "three")]
    with opened(tmp_path, items=1) as m:
        m.delete(ids[0])
        with pytest.raises(QuotaError):
            m.add("four", user_id="ann", infer=False)
        m.forget(ids[1], user_id="ann")
        assert n_items(m) == 1


def test_facts_count_too(tmp_path):
    with opened(tmp_path, items=2) as m, pytest.raises(QuotaError):
        m.add("I live in Berlin and I love tea. 我喜欢咖啡。", user_id="ann")


def test_terms(tmp_path):
    with opened(tmp_path, terms=5) as m:
        m.add("alpha beta gamma", user_id="ann", infer=False)
        with pytest.raises(QuotaError) as error:
            m.add("delta epsilon zeta", user_id="ann", infer=False)
        assert error.value.quota == "terms"
        m.add("delta", user_id="ann", infer=False)


def test_messages_of_a_day(tmp_path):
    clock = FrozenClock()
    with opened(tmp_path, clock, per_day=2) as m:
        m.add("one", user_id="ann")
        erased = m.add("二", user_id="ann")
        m.forget(erased.ids[0], user_id="ann")
        with pytest.raises(QuotaError) as error:
            m.add("three", user_id="ann")
        assert (error.value.quota, error.value.limit) == ("per_day", 2)
        m.add("three", user_id="bob")
        clock.move(days=1)
        m.add("three", user_id="ann")
        with pytest.raises(QuotaError):
            m.add([{"role": "user", "content": text} for text in ("four", "five")], user_id="ann")
        m.add("four", user_id="ann")
        assert m.verify() == []


def test_a_repeated_call_costs_nothing(tmp_path):
    with opened(tmp_path, items=1, per_day=1) as m:
        m.add("one", user_id="ann", infer=False, idempotency_key="k")
        assert m.add("one", user_id="ann", infer=False, idempotency_key="k").replayed


def test_many_writers_do_not_pass_it_together(tmp_path):
    def write(memory: Memory, n: int) -> bool:
        try:
            memory.add(f"message {n}", user_id="ann", infer=False)
        except QuotaError:
            return False
        return True

    with opened(tmp_path, items=7) as one, opened(tmp_path, items=7) as other, ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda n: write((one, other)[n % 2], n), range(40)))
        assert sum(done) == 7 == n_items(one) == n_items(other)
        assert one.verify() == []


def test_facts_of_one_message(tmp_path):
    text = "I love tea. I love jazz. I love chess. 我喜欢咖啡。"
    with opened(tmp_path, facts_per_message=2) as m:
        assert [item.kind for item in m.add(text, user_id="ann").items] == [
            "episode",
            "preference",
            "preference",
        ]
    with opened(tmp_path, facts_per_message=0) as m:
        assert [item.kind for item in m.add(text, user_id="bob").items] == ["episode"]


@pytest.mark.parametrize(
    "quota", [{"items": 0}, {"items": -1}, {"terms": 0}, {"per_day": "many"}, {"items": True}, {"words": 3}]
)
def test_bad_quotas_are_refused(tmp_path, quota):
    with pytest.raises(ConfigError):
        opened(tmp_path, **quota)
