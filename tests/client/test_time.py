"""Time as callers see it: when it was said, when it ends, and clocks that move."""

from datetime import UTC, datetime, timedelta

import pytest

from polymem.testing.clock import NOON


def texts(hits):
    return [hit.item.text for hit in hits]


def test_a_message_own_time_wins_over_the_calls(memory):
    may, june = datetime(2023, 5, 1, tzinfo=UTC), datetime(2023, 6, 1, tzinfo=UTC)
    added = memory.add(
        [{"content": "said in May", "timestamp": "2023-05-01"}, {"content": "said in June"}],
        user_id="a",
        timestamp=june,
    )
    assert [item.valid_at for item in added.items] == [may, june]
    assert all(item.created_at == NOON for item in added.items)
    assert memory.add("said now", user_id="a").items[0].valid_at == NOON


@pytest.mark.parametrize(
    ("text", "question"), [("I went to Rome yesterday.", "Rome"), ("我昨天去了罗马。", "罗马")]
)
def test_days_are_counted_from_when_it_was_said(memory, text, question):
    memory.add(text, user_id="a", timestamp="2023-03-10T15:00:00")
    events = [hit.item for hit in memory.search(question, user_id="a", kinds=["event", "fact"])]
    assert {item.valid_at.date().isoformat() for item in events} <= {"2023-03-09", "2023-03-10"}


def test_a_late_told_past_does_not_undo_the_present(memory):
    memory.add("I live in Nice.", user_id="a", timestamp="2024-01-01")
    memory.add("I live in Lyon.", user_id="a", timestamp="2020-01-01")
    assert str(memory.profile(user_id="a")["residence"]) == "Nice"
    assert texts(memory.search("live", user_id="a", kinds=["fact"], as_of="2021-01-01")) == ["I live in Lyon"]
    assert texts(memory.search("live", user_id="a", kinds=["fact"])) == ["I live in Nice"]


def test_an_end_hides_at_once_and_sweeps_later(memory, clock):
    item = memory.add("我喜欢喝茶", user_id="a", expires_at=NOON + timedelta(hours=1)).ids[0]
    clock.set(NOON + timedelta(hours=1))
    assert memory.get(item) is None
    assert len(memory.search("喝茶", user_id="a")) == len(memory.get_all(user_id="a")) == 0
    assert memory.context("喝茶", user_id="a").count("喝茶") == 0
    assert memory.relations(user_id="a") == []
    assert "likes" not in memory.profile(user_id="a")
    memory.add("later", user_id="a")
    assert [event.name for event in memory.history(item)] == ["ADD", "EXPIRE"]
    assert memory.verify() == []


def test_an_end_in_the_past_is_hidden_from_the_start(memory):
    item = memory.add("too late", user_id="a", expires_at=NOON - timedelta(hours=1)).ids[0]
    assert memory.get(item) is None
    assert len(memory.get_all(user_id="a")) == 0


@pytest.mark.parametrize("step", [timedelta(days=-3650), timedelta(seconds=-1), timedelta(days=3650)])
def test_a_clock_that_jumps_breaks_nothing(memory, clock, step):
    first = memory.add("I live in Lyon", user_id="a").ids[0]
    clock.set(NOON + step)
    memory.add("I live in Nice", user_id="a")
    memory.update(first, "I live in Metz")
    assert {item.text for item in memory.get_all(user_id="a", kinds=["episode"])} == {
        "I live in Metz",
        "I live in Nice",
    }
    assert len(memory.search("live", user_id="a", kinds=["episode"])) == 2
    events = memory.history(first)
    assert [event.at for event in events] == sorted(event.at for event in events)
    clock.set(NOON)
    assert len(memory.get_all(user_id="a", kinds=["episode"])) == 2
    memory.delete(first)
    assert memory.verify() == []
