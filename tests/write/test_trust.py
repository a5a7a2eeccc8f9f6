"""Whom to believe: what only tools or assistants say waits until others bear it out, and never overrules the user."""

from __future__ import annotations

import pytest

from polymem import Memory
from polymem.domain.source import SOURCES, source_of
from polymem.domain.statement import SELF, Extraction, Statement
from polymem.errors import ConfigError
from polymem.ports.extractor import ExtractorInput
from polymem.testing.clock import FrozenClock
from polymem.text.statement_rules import slot_of

CAREFUL = {"trust": {"corroborate": ["tool", "assistant", "document"]}}


class Reads:
    """Reads "subject|predicate|object" lines, as a model would that believes whatever it is shown."""

    name = "reads/1"
    in_process = True

    def derive(self, messages: list[ExtractorInput]) -> list[Extraction]:
        return [Extraction(tuple(self._read(message.text))) for message in messages]

    async def extract(self, messages, *, instructions=None):
        return self.derive(messages)

    @staticmethod
    def _read(text: str) -> list[Statement]:
        found = []
        for line in text.splitlines():
            if line.count("|") == 2:
                subject, predicate, value = line.split("|")
                positive = not predicate.startswith("!")
                predicate = predicate.removeprefix("!")
                slot = slot_of(value, predicate=predicate)
                start = text.index(line)
                found.append(
                    Statement(
                        subject, predicate, value, slot, "fact", positive, line, (start, start + len(line))
                    )
                )
        return found


@pytest.fixture
def clock():
    return FrozenClock()


def opened(tmp_path, clock, config=CAREFUL):
    return Memory(tmp_path / "m.db", config=config, extractor=Reads(), clock=clock)


def say(memory, clock, text, role="user", **more):
    clock.move(hours=1)
    return memory.add({"role": role, "content": text}, user_id="ann", **more)


def current(memory, predicate):
    return {
        (relation.object, relation.positive)
        for relation in memory.relations(user_id="ann")
        if relation.predicate == predicate
    }


@pytest.mark.parametrize(
    ("role", "source"),
    [
        ("user", "user"),
        ("Human", "user"),
        ("assistant", "assistant"),
        ("function", "tool"),
        ("developer", "system"),
        ("网页", "document"),
        ("", "document"),
    ],
)
def test_the_source_follows_from_the_role(role, source):
    assert source_of(role) == source in SOURCES


@pytest.mark.parametrize(("mine", "theirs"), [("First Bank", "Evil Bank"), ("工商银行", "诈骗银行")])
@pytest.mark.parametrize("role", ["tool", "assistant", "function", "web page"])
def test_no_tool_overrules_the_user_however_often_it_says_so(tmp_path, clock, mine, theirs, role):
    with opened(tmp_path, clock) as m:
        say(m, clock, f"self|works_at|{mine}")
        for n in range(4):
            added = say(m, clock, f"call {n}\nann|works_at|{theirs}\nann|!works_at|{mine}", role)
            assert added.superseded == ()
        assert current(m, "works_at") == {(mine, True)}
        assert str(m.profile(user_id="ann")["employer"]) == mine
        assert "unconfirmed" not in m.profile(user_id="ann")
        assert (theirs, True) in current(m, "unconfirmed:works_at")
        assert m.verify() == []


def test_what_one_tool_says_waits_until_another_episode_says_it(tmp_path, clock):
    with opened(tmp_path, clock) as m:
        say(m, clock, "self|likes|茶")
        say(m, clock, "ann|lives_in|上海", "tool")
        assert "residence" not in m.profile(user_id="ann")
        (item,) = [each for each in m.get_all(user_id="ann", kinds=["fact"]) if "上海" in each.text]
        assert item.importance < 0.5
        say(m, clock, "again\nann|lives_in|上海", "tool")
        assert str(m.profile(user_id="ann")["residence"]) == "上海"
        assert current(m, "unconfirmed:lives_in") == set()
        (item,) = [each for each in m.get_all(user_id="ann", kinds=["fact"]) if "上海" in each.text]
        assert item.n_evidence == 2
        assert len(item.episode_ids) == 2
        assert m.verify() == []


def test_twice_in_one_message_is_once(tmp_path, clock):
    with opened(tmp_path, clock) as m:
        say(m, clock, "ann|lives_in|Rome\nann|lives_in|Rome", "tool")
        assert "residence" not in m.profile(user_id="ann")


def test_two_messages_of_one_call_are_two(tmp_path, clock):
    with opened(tmp_path, clock) as m:
        say(m, clock, "self|likes|tea")
        m.add([{"role": "tool", "content": f"{n}\nann|lives_in|Rome"} for n in range(2)], user_id="ann")
        assert str(m.profile(user_id="ann")["residence"]) == "Rome"


def test_the_user_confirms_at_once_and_the_rest_becomes_evidence(tmp_path, clock):
    with opened(tmp_path, clock) as m:
        say(m, clock, "self|likes|tea")
        told = say(m, clock, "ann|lives_in|Rome", "assistant")
        added = say(m, clock, "self|lives_in|Rome")
        assert str(m.profile(user_id="ann")["residence"]) == "Rome"
        assert added.superseded == (told.items[1].id,)
        assert current(m, "unconfirmed:lives_in") == set()
        assert m.verify() == []


def test_what_the_user_said_gains_evidence_from_a_tool(tmp_path, clock):
    with opened(tmp_path, clock) as m:
        mine = say(m, clock, "self|lives_in|Rome")
        assert say(m, clock, "ann|lives_in|Rome", "tool").repeated == (mine.items[1].id,)
        assert current(m, "unconfirmed:lives_in") == set()


def test_opposites_and_qualified_predicates_wait_too(tmp_path, clock):
    with opened(tmp_path, clock) as m:
        say(m, clock, "self|likes|咖啡\nself|favourite:颜色|蓝色")
        for n in range(3):
            say(m, clock, f"{n}\nann|dislikes|咖啡\nann|favourite:颜色|红色", "tool")
        assert current(m, "likes") == {("咖啡", True)}
        assert current(m, "dislikes") == set()
        assert current(m, "favourite:颜色") == {("蓝色", True)}


def test_it_is_found_by_search_with_its_source(tmp_path, clock):
    with opened(tmp_path, clock) as m:
        say(m, clock, "the bank said ann|works_at|Evil", "tool")
        hits = m.search("bank", user_id="ann")
        assert {source_of(hit.item.role) for hit in hits} == {"tool"}
        assert {hit.item.source for hit in hits} == {"tool"}


def test_without_the_setting_others_are_believed_but_not_against_the_owner(tmp_path, clock):
    with opened(tmp_path, clock, config=None) as m:
        say(m, clock, "self|lives_in|Rome\nBob|lives_in|Oslo")
        say(m, clock, "ann|lives_in|Paris\nBob|lives_in|Bonn", "tool")
        assert str(m.profile(user_id="ann")["residence"]) == "Rome"
        where = {(r.subject, r.object) for r in m.relations(user_id="ann") if r.predicate == "lives_in"}
        assert where == {("ann", "Rome"), ("Bob", "Bonn")}


def test_facts_under_an_unconfirmed_predicate_survive_export_and_erasure(tmp_path, clock):
    with opened(tmp_path, clock) as m:
        said = say(m, clock, "Bob|lives_in|Rome", "tool")
        m.export(tmp_path / "out.jsonl")
        m.forget(said.items[0].id, user_id="ann")
        assert m.relations(user_id="ann") == []
        assert m.verify() == []
    folder = tmp_path / "b"
    folder.mkdir()
    with opened(folder, clock) as m:
        m.import_(tmp_path / "out.jsonl")
        assert m.verify() == []
        assert current(m, "lives_in") == set()
        say(m, clock, "Bob|lives_in|Rome", "document")
        assert current(m, "lives_in") == {("Rome", True)}


@pytest.mark.parametrize("wrong", [["robots"], "tool", [1], [""]])
def test_bad_sources_are_refused(tmp_path, wrong):
    with pytest.raises(ConfigError, match=r"trust\.corroborate"):
        Memory(tmp_path / "m.db", config={"trust": {"corroborate": wrong}})


def test_the_subject_stays_the_speaker(tmp_path, clock):
    with opened(tmp_path, clock) as m:
        say(m, clock, f"{SELF}|lives_in|Rome", "assistant")
        assert "residence" not in m.profile(user_id="ann")
