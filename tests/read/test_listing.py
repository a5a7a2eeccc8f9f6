"""Pages, cursors, profile, entities and relations."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polymem.domain.query import Selection, Visibility
from polymem.domain.scope import Scope
from polymem.errors import InputError
from polymem.read.graph import list_entities, list_relations
from polymem.read.listing import decode_cursor, encode_cursor, list_items
from polymem.read.profile import Detail, read_profile
from polymem.testing.snapshot import MemorySnapshot
from tests.read.conftest import NOW, SCOPE, row

ALL = Selection(SCOPE, Visibility(now=NOW))


def pages(snapshot, *, limit, selection=ALL):
    cursor = None
    while True:
        page = list_items(snapshot, selection, limit=limit, cursor=cursor)
        yield [item.id for item in page]
        cursor = page.cursor
        if cursor is None:
            return


@pytest.mark.parametrize("limit", [1, 2, 3, 9, 100])
def test_pages_hold_everything_once_newest_first(snapshot, limit):
    found = [name for page in pages(snapshot, limit=limit) for name in page]
    whole = [item.id for item in list_items(snapshot, ALL, limit=100)]
    assert found == whole
    assert set(found) == {"e0", "e1", "e2", "e3", "e4", "f0", "f1", "f2", "f3"}
    assert found[0] == "e4"


def test_an_update_keeps_its_place_between_pages():
    rows = [
        row("a", "一", expired_at=NOW - timedelta(hours=1), invalid_at=NOW - timedelta(hours=1)),
        row("b", "二", hours=1),
        row("c", "三", hours=2),
        row("a", "一改", hours=50),
    ]
    assert list(pages(MemorySnapshot(rows), limit=1)) == [["c"], ["b"], ["a"]]


def test_an_update_between_pages_keeps_its_place_in_the_batch():
    before = [row(name, f"笔记 {name}") for name in "abcd"]
    closed = row("b", "笔记 b", expired_at=NOW, invalid_at=before[1].valid_at)
    after = [before[0], closed, *before[2:], row("b", "笔记改", created_at=NOW)]
    first = list_items(MemorySnapshot(before), ALL, limit=2)
    rest = list_items(MemorySnapshot(after), ALL, limit=2, cursor=first.cursor)
    assert [item.id for item in (*first, *rest)] == ["d", "c", "b", "a"]
    assert list(pages(MemorySnapshot(after), limit=1)) == [["d"], ["c"], ["b"], ["a"]]


def test_kinds_narrow_a_list(snapshot):
    facts = Selection(SCOPE, Visibility(now=NOW), kinds=("fact",))
    assert {item.kind for item in list_items(snapshot, facts, limit=10)} == {"fact"}


@given(stored=st.integers(-(2**63), 2**63 - 1), position=st.integers(0, 2**24 - 1))
def test_a_cursor_comes_back_as_it_went(stored, position):
    assert decode_cursor(encode_cursor((stored, position), SCOPE), SCOPE) == (stored, position)


def test_a_cursor_that_was_touched_made_up_or_borrowed_is_refused(snapshot):
    cursor = encode_cursor((5, 3), SCOPE)
    touched = ("A" if cursor[0] != "A" else "B") + cursor[1:]
    borrowed = encode_cursor((5, 3), Scope(user_id="李雷"))
    unusable: list[Any] = [touched, borrowed, cursor[:-4], cursor + "AAAA", "", "茶", "?", 7, b"x"]
    for wrong in unusable:
        with pytest.raises(InputError) as caught:
            list_items(snapshot, ALL, limit=3, cursor=wrong)
        assert caught.value.argument == "cursor"


@pytest.mark.parametrize("limit", [0, True, 10_001])
def test_a_limit_that_cannot_be_used_is_refused(snapshot, limit):
    for refuse in (
        lambda: list_items(snapshot, ALL, limit=limit),
        lambda: list_entities(snapshot, SCOPE, limit=limit),
        lambda: list_relations(snapshot, ALL, limit=limit),
    ):
        with pytest.raises(InputError):
            refuse()


def test_a_profile_has_one_residence_and_many_pets():
    rows = [
        row("f0", "住在北京", kind="fact", entry=("residence", "北京"), hours=0),
        row("f1", "住在上海", kind="fact", entry=("residence", "上海"), hours=1),
        row("f2", "has Rex", kind="fact", entry=("pets", "Rex")),
        row("f3", "has Tom", kind="fact", entry=("pets", "Tom"), hours=2),
        row("f4", "named Ann", kind="fact", entry=("name", "Ann"), expires_at=NOW),
    ]
    snapshot = MemorySnapshot(rows)
    profile = read_profile(snapshot)
    assert str(profile["residence"]) == "上海"
    pets = profile["pets"]
    assert isinstance(pets, tuple)
    assert [(str(detail), detail.item_id) for detail in pets] == [("Rex", "f2"), ("Tom", "f3")]
    assert list(profile) == ["name", "residence", "pets"]
    assert pets[0] == Detail("Rex", "f2", rows[2].valid_at)
    assert "name" not in read_profile(snapshot, ALL)


def test_entities_and_relations_are_listed(snapshot):
    assert [entity.name for entity in list_entities(snapshot, SCOPE, limit=3)] == [
        "Peter",
        "Spiderman",
        "John",
    ]
    edges = [(edge.subject, edge.object) for edge in list_relations(snapshot, ALL, limit=10)]
    assert edges == [("张伟", "上海"), ("Alice", "John"), ("John", "Tommy"), ("Peter", "Spiderman")]
    assert [edge.object for edge in list_relations(snapshot, ALL, entity="張偉", limit=10)] == ["上海"]
    assert list_relations(snapshot, ALL, entity="nobody", limit=10) == []
    assert len(list_relations(snapshot, ALL, limit=1)) == 1
