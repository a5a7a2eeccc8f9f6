"""The language of filters and what it means."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polymem.domain.filter import And, Compare, Field, Filter, Not, Or, parse_filter, terms
from polymem.domain.filter_eval import json_equal, matches

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)


def row(metadata: object = None, **fields: object) -> Any:
    return SimpleNamespace(metadata=metadata or {}, **fields)


def tree_of(condition: object) -> Filter:
    tree = parse_filter(condition)
    assert tree is not None
    return tree


def ask(condition: object, *rows: Any) -> list[bool | None]:
    return [matches(tree_of(condition), one) for one in rows]


# ---------------------------------------------------------------- the tables of docs/filters.md
ROWS = [row({"tag": value}) for value in ("a", "b", 5, True, ["a"], {"k": "a"}, None)] + [row()]
T, F, U = True, False, None


@pytest.mark.parametrize(
    ("condition", "truths"),
    [
        #                            "a" "b"  5  true ["a"] {…} null missing
        ({"eq": "a"},               [T,  F,   U,  U,   U,   U,   U,  U]),
        ({"ne": "a"},               [F,  T,   U,  U,   U,   U,   U,  U]),
        ({"gt": "a"},               [F,  T,   U,  U,   U,   U,   U,  U]),
        ({"lte": "a"},              [T,  F,   U,  U,   U,   U,   U,  U]),
        ({"in": ["a", 5]},          [T,  F,   T,  U,   U,   U,   U,  U]),
        ({"nin": ["a", 5]},         [F,  T,   F,  U,   U,   U,   U,  U]),
        ({"in": ["a", None]},       [T,  F,   F,  F,   F,   F,   T,  T]),
        ({"nin": ["a", None]},      [F,  T,   T,  T,   T,   T,   F,  F]),
        ({"in": []},                [F,  F,   F,  F,   F,   F,   F,  F]),
        ({"nin": []},               [T,  T,   T,  T,   T,   T,   T,  T]),
        ({"contains": "a"},         [T,  F,   U,  U,   T,   U,   U,  U]),
        ({"icontains": "A"},        [T,  F,   U,  U,   T,   U,   U,  U]),
        ({"contains": 5},           [U,  U,   U,  U,   F,   U,   U,  U]),
        ({"eq": ["a"]},             [U,  U,   U,  U,   T,   U,   U,  U]),
        ({"eq": {"k": "a"}},        [U,  U,   U,  U,   U,   T,   U,  U]),
        ({"eq": None},              [F,  F,   F,  F,   F,   F,   T,  T]),
        ({"ne": None},              [T,  T,   T,  T,   T,   T,   F,  F]),
        ({"exists": True},          [T,  T,   T,  T,   T,   T,   T,  F]),
        ({"exists": False},         [F,  F,   F,  F,   F,   F,   F,  T]),
    ],
    ids=str,
)  # fmt: skip
def test_truth_table(condition, truths):
    assert ask({"tag": condition}, *ROWS) == truths
    assert ask({"NOT": {"tag": condition}}, *ROWS) == [None if t is None else not t for t in truths]


TRUE, FALSE, UNKNOWN = {"t": True}, {"t": False}, {"x": 1}


@pytest.mark.parametrize(
    ("left", "right", "both", "either"),
    [
        (TRUE, TRUE, T, T),
        (TRUE, FALSE, F, T),
        (TRUE, UNKNOWN, U, T),
        (FALSE, FALSE, F, F),
        (FALSE, UNKNOWN, F, U),
        (UNKNOWN, UNKNOWN, U, U),
    ],
)
def test_kleene(left, right, both, either):
    one = row({"t": True})
    for parts in ([left, right], [right, left]):
        assert ask({"AND": parts}, one) == [both]
        assert ask({"OR": parts}, one) == [either]
        assert ask({"NOT": parts}, one) == [None if either is None else not either]


# ---------------------------------------------------------------- defects of others that this language must not have
def test_two_equalities_on_one_key_are_both_asked():
    assert ask({"AND": [{"tag": "a"}, {"tag": "b"}]}, row({"tag": "b"})) == [False]
    assert ask(
        {"AND": [{"tags": {"contains": "a"}}, {"tags": {"contains": "b"}}]}, row({"tags": ["a", "b"]})
    ) == [True]


def test_ne_and_not_treat_a_missing_key_alike():
    for condition in ({"tag": {"ne": "a"}}, {"NOT": [{"tag": "a"}]}, {"tag": {"nin": ["a"]}}):
        assert ask(condition, row({"tag": "b"}), row({"tag": "a"}), row()) == [True, False, None]


def test_idiom_for_missing_or_not_equal():
    condition = {"OR": [{"tag": {"ne": "a"}}, {"tag": None}]}
    assert ask(condition, row({"tag": "b"}), row({"tag": "a"}), row({"tag": None}), row()) == [
        True,
        False,
        True,
        True,
    ]


def test_range_and_inequality_can_be_mixed():
    assert ask({"n": {"gte": 1, "ne": 2}}, row({"n": 1}), row({"n": 2}), row({"n": 0})) == [
        True,
        False,
        False,
    ]


def test_scope_fields_only_narrow():
    mine = row(user_id="alice", tenant="default")
    assert ask({"OR": [{"user_id": "bob"}]}, mine) == [False]
    assert ask({"AND": [{"user_id": "alice"}, {"tenant": {"eq": "default"}}]}, mine) == [True]
    assert ask({"user_id": "alice"}, row(user_id=None)) == [None]


# ---------------------------------------------------------------- forms
@pytest.mark.parametrize("empty", [None, {}])
def test_nothing_filters_nothing(empty):
    assert parse_filter(empty) is None


def test_forms_and_their_trees():
    city, n = Field("metadata", ("city",)), Field("metadata", ("n",))
    assert parse_filter({"city": "Paris", "n": {"gte": 1, "lt": 5}}) == And(
        (Compare(city, "eq", "Paris"), Compare(n, "gte", 1), Compare(n, "lt", 5))
    )
    assert parse_filter({"city": ["Paris", "Rome"]}) == Compare(city, "in", ("Paris", "Rome"))
    assert parse_filter({"city": None}) == Compare(city, "eq", None)
    assert parse_filter({"NOT": {"city": "Paris", "n": 1}}) == Not(
        And((Compare(city, "eq", "Paris"), Compare(n, "eq", 1)))
    )
    assert parse_filter({"NOT": [{"city": "Paris"}, {"n": 1}]}) == Not(
        Or((Compare(city, "eq", "Paris"), Compare(n, "eq", 1)))
    )
    assert parse_filter({"OR": [{"n": 1}], "city": "Paris"}) == And(
        (Compare(n, "eq", 1), Compare(city, "eq", "Paris"))
    )


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("city", Field("metadata", ("city",))),
        ("address.city", Field("metadata", ("address", "city"))),
        (r"do\.t", Field("metadata", ("do.t",))),
        (r"back\\slash.x", Field("metadata", ("back\\slash", "x"))),
        ("kind", Field("kind")),
        ("metadata.kind", Field("metadata", ("kind",))),
        ("metadata.AND", Field("metadata", ("AND",))),
        ("metadata.metadata", Field("metadata", ("metadata",))),
        ("kind.of", Field("metadata", ("kind", "of"))),
        ("城市.😀", Field("metadata", ("城市", "😀"))),
    ],
)
def test_names_of_fields(name, field):
    (term,) = terms(tree_of({name: {"exists": True}}))
    assert term.field == field


def test_nested_objects_are_read_and_arrays_are_not_indexed():
    one = row({"address": {"city": "Paris"}, "tags": ["x"], "a.b": 1})
    assert ask({"address.city": "Paris", r"a\.b": 1}, one) == [True]
    assert ask({"tags.0": "x"}, one) == [None]
    assert ask({"a.b": 1}, one) == [None]


@pytest.mark.parametrize(
    "operand",
    [
        NOON,
        NOON.replace(tzinfo=None),
        NOON.astimezone(timezone(timedelta(hours=8))),
        "2024-05-01T12:00:00Z",
        "2024-05-01T20:00+08:00",
        1714564800,
        1714564800.0,
    ],
)
def test_operands_of_time_fields(operand):
    assert ask({"created_at": operand}, row(created_at=NOON)) == [True]
    assert ask({"created_at": {"in": [operand]}}, row(created_at=NOON)) == [True]


def test_a_date_is_its_first_instant():
    rows = row(valid_at=NOON), row(valid_at=NOON - timedelta(days=1))
    assert ask({"valid_at": {"gte": date(2024, 5, 1)}}, *rows) == [True, False]
    assert ask({"valid_at": {"lt": "2024-05-01"}}, *rows) == [False, True]


def test_a_field_that_is_not_set_is_missing():
    unset = row(expires_at=None)
    assert ask({"expires_at": None}, unset) == [True]
    assert ask({"expires_at": {"exists": False}}, unset) == [True]
    assert ask({"expires_at": {"gt": NOON}}, unset) == [None]


def test_ids_are_taken_as_text():
    assert ask({"run_id": 7, "agent_id": [7]}, row(run_id="7", agent_id="7")) == [True]


def test_operands_are_copied():
    given = {"tags": {"eq": ["a"]}}
    tree = tree_of(given)
    given["tags"]["eq"].append("b")
    assert matches(tree, row({"tags": ["a"]})) is True


def test_equality_is_typed_and_deep():
    assert json_equal({"a": [1, {"b": None}]}, {"a": [1.0, {"b": None}]})
    assert not json_equal([1], [True])
    assert not json_equal(["1"], [1])
    assert ask({"n": 1}, row({"n": 1.0}), row({"n": True}), row({"n": "1"})) == [True, None, None]
    assert ask({"n": float(2**53)}, row({"n": 2**53 + 1})) == [False]


def test_substrings_are_folded_as_unicode():
    assert ask({"text": {"icontains": "straße"}}, row(text="STRASSE 9"), row(text="Strasbourg")) == [
        True,
        False,
    ]
    assert ask({"text": {"contains": "北"}}, row(text="我住在北京")) == [True]


# ---------------------------------------------------------------- laws
leaf = st.sampled_from([TRUE, FALSE, UNKNOWN, {"t": {"ne": True}}, {"x": None}, {"t": {"in": [True]}}])
trees = st.recursive(
    leaf,
    lambda inner: st.builds(
        lambda op, parts: {op: parts},
        st.sampled_from(["AND", "OR", "NOT"]),
        st.lists(inner, min_size=1, max_size=3),
    ),
    max_leaves=8,
)
metadatas = st.fixed_dictionaries(
    {}, optional={"t": st.sampled_from([True, False, None, 1]), "x": st.just(1)}
)


@given(trees, trees, trees, metadatas)
def test_algebra(a, b, c, metadata):
    def same(left: object, right: object) -> None:
        assert ask(left, row(metadata)) == ask(right, row(metadata))

    same({"NOT": {"AND": [a, b]}}, {"OR": [{"NOT": a}, {"NOT": b}]})
    same({"NOT": {"OR": [a, b]}}, {"AND": [{"NOT": a}, {"NOT": b}]})
    same({"NOT": [a, b]}, {"NOT": {"OR": [a, b]}})
    same({"NOT": {"NOT": a}}, a)
    same({"AND": [a, b]}, {"AND": [b, a]})
    same({"OR": [a, {"OR": [b, c]}]}, {"OR": [{"OR": [a, b]}, c]})
    same({"AND": [a, {"OR": [b, c]}]}, {"OR": [{"AND": [a, b]}, {"AND": [a, c]}]})
