"""What makes two entities one: evidence, never a name alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polymem import Memory
from polymem.errors import InputError, ScopeError
from polymem.testing.fakes import WordEmbedder
from polymem.text.names import alike
from polymem.write.entities import MERGED_FROM, Person, judge

NAMES = (
    "J. Smith",
    "John Smith",
    "José",
    "Jose",
    "Dr. Smith",
    "王老师",
    "王伟",
    "小王",
    "北大",
    "北京大学",
    "NYC",
    "纽约",
    "EFF",
    "Electronic Frontier Foundation",
    "John",
    "Anna Lee",
)
FRIENDS = frozenset({("works_at", 1), ("friend", 2)})


@given(one=st.sampled_from(NAMES), other=st.sampled_from(NAMES), only=st.booleans())
def test_a_name_alone_is_never_enough(one: str, other: str, only: bool):
    if alike(one, other) != "known":
        assert judge(Person(one), Person(other), only=only).score < MERGED_FROM


@given(
    one=st.sampled_from(NAMES),
    other=st.sampled_from(NAMES),
    kinds=st.sampled_from([("person", "place"), ("place", "organisation"), ("person", "animal")]),
)
def test_types_that_clash_forbid(one: str, other: str, kinds: tuple[str, str]):
    a = Person(one, kinds[0], (other,), FRIENDS, None, np.ones(1, np.float32))
    b = Person(other, kinds[1], (one,), FRIENDS, None, np.ones(1, np.float32))
    assert judge(a, b).score == 0


@given(one=st.sampled_from(NAMES), other=st.sampled_from(NAMES), kind=st.sampled_from(["", "person"]))
def test_it_does_not_matter_who_is_first(one: str, other: str, kind: str):
    a, b = Person(one, kind, (), FRIENDS), Person(other, "person", ("x",))
    assert judge(a, b) == judge(b, a)


def test_evidence_adds_up():
    a, b = Person("王老师", "person"), Person("王伟", "person")
    assert judge(a, b).score < MERGED_FROM
    known = Person("王老师", "person", (), FRIENDS), Person("王伟", "person", (), FRIENDS)
    assert judge(*known).score >= MERGED_FROM
    assert judge(*known, only=False).score < MERGED_FROM, "somebody else may be meant"
    apart = [Person(p.name, p.type, (), FRIENDS, {"lives_in": n}) for n, p in enumerate(known)]
    assert judge(*apart).score < MERGED_FROM
    assert judge(Person("Robert", aliases=("Bob",)), Person("Bob")).score >= MERGED_FROM
    assert judge(Person("Robert"), Person("Bob")).score == 0


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Memory]:
    with Memory(tmp_path / "memory.db", embedder=WordEmbedder()) as memory:
        yield memory
        assert memory.verify() == []


def pairs(found: object) -> list[tuple[str, str]]:
    return [(same.name, same.keep_name) for same in found]  # type: ignore[attr-defined]


def test_what_is_the_same_is_merged(memory: Memory):
    memory.add("My friend José lives in Beijing.", user_id="a")
    memory.add("My friend Jose lives in Peking.", user_id="a")
    memory.add("我去了北京。", user_id="a")
    memory.add("I met Anna Lee in Berlin.", user_id="a")
    would = memory.resolve_entities(user_id="a", dry_run=True)
    assert would.dry_run
    assert not any(entity.merged for entity in memory.entities(user_id="a")), "nothing was done"
    found = memory.resolve_entities(user_id="a")
    assert found.merged == would.merged
    assert {frozenset(pair) for pair in pairs(found.merged)} == {
        frozenset(("José", "Jose")),
        frozenset(("Beijing", "北京")),
        frozenset(("Beijing", "Peking")),
    }
    assert all(same.evidence and same.score >= MERGED_FROM for same in found.merged)
    names = {entity.name: entity.aliases for entity in memory.entities(user_id="a")}
    assert "Berlin" in names
    assert memory.resolve_entities(user_id="a").merged == (), "what is done is done"


def test_what_was_split_stays_split(memory: Memory):
    memory.add("I went to Beijing.", user_id="a")
    memory.add("我去了北京。", user_id="a")
    (same,) = memory.resolve_entities(user_id="a").merged
    memory.split_entity(same.id, user_id="a")
    again = memory.resolve_entities(user_id="a")
    assert (again.merged, len(again.ambiguous)) == ((), 1)
    assert ("split", 0.0) in again.ambiguous[0].evidence
    memory.merge_entities("Beijing", "北京", user_id="a")
    assert len(memory.entities(user_id="a")) == 1


def test_the_owner_is_who_it_said_it_is(memory: Memory):
    memory.add("My friend Alice Smith likes tea.", user_id="u1")
    memory.add("My name is Alice Smith. I like jazz.", user_id="u1")
    found = memory.resolve_entities(user_id="u1")
    assert all(same.keep_name == "u1" for same in found.merged)
    assert memory.resolve_entities(user_id="u1").merged == ()


def test_scopes_do_not_meet(memory: Memory):
    memory.add("I went to Beijing.", user_id="a")
    memory.add("我去了北京。", user_id="b")
    assert memory.resolve_entities(user_id="a").merged == ()
    with pytest.raises(ScopeError):
        memory.resolve_entities(user_id="a", run_id="r")
    with pytest.raises(InputError):
        memory.resolve_entities(user_id="a", dry_run="yes")  # type: ignore[arg-type]
    assert memory.resolve_entities(user_id="nobody").merged == ()
