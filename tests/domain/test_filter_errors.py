"""Every malformed filter is an error that names the key at fault."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from polymem.domain.filter import parse_filter
from polymem.errors import FilterError

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)


def deep(n: int) -> dict[str, object]:
    condition: dict[str, object] = {"a": 1}
    for _ in range(n):
        condition = {"NOT": condition}
    return condition


def endless() -> dict[str, object]:
    condition: dict[str, object] = {}
    condition["AND"] = [condition]
    return condition


def doubling() -> dict[str, object]:
    condition: dict[str, object] = {"a": 1}
    for _ in range(30):
        condition = {"OR": [condition, condition]}
    return condition


@pytest.mark.parametrize(
    ("condition", "field"),
    [
        ("city = 'Paris'", ""),
        ([{"city": "Paris"}], ""),
        ({1: "x"}, "1"),
        ({"AND": []}, "AND"),
        ({"OR": []}, "OR"),
        ({"NOT": []}, "NOT"),
        ({"NOT": {}}, "NOT"),
        ({"AND": {"a": 1}}, "AND"),
        ({"AND": [{}]}, "AND"),
        ({"OR": ["a"]}, "OR"),
        ({"OR": None}, "OR"),
        ({"$or": [{"a": 1}]}, "$or"),
        ({"a": {}}, "a"),
        ({"a": {"like": "x"}}, "a"),
        ({"a": {"$gte": 1}}, "a"),
        ({"a": {1: 1}}, "a"),
        ({"a": {"b": {"eq": 1}}}, "a"),
        ({"a": "*"}, "a"),
        ({"a": {"ne": "*"}}, "a"),
        ({"a": ["x", "*"]}, "a"),
        ({"user_id": "*"}, "user_id"),
        ({"run_id": "%"}, "run_id"),
        ({"AND": [{"OR": [{"user_id": {"in": ["bob"]}}]}]}, "user_id"),
        ({"user_id": {"ne": "bob"}}, "user_id"),
        ({"user_id": None}, "user_id"),
        ({"tenant": {"contains": "a"}}, "tenant"),
        ({"a": float("nan")}, "a"),
        ({"a": {"lt": float("inf")}}, "a"),
        ({"a": 2**63}, "a"),
        ({"a": {"gte": -(2**63) - 1}}, "a"),
        ({"version": 2**64}, "version"),
        ({"a": Ellipsis}, "a"),
        ({"a": {"x"}}, "a"),
        ({"a": b"x"}, "a"),
        ({"a": NOON}, "a"),
        ({"a": "x\0"}, "a"),
        ({"a": "\ud800"}, "a"),
        ({"text": {"contains": "\udfff"}}, "text"),
        ({"a": {"gt": True}}, "a"),
        ({"a": {"gt": None}}, "a"),
        ({"a": {"lt": ["x"]}}, "a"),
        ({"a": {"in": "x"}}, "a"),
        ({"a": {"nin": {"x": 1}}}, "a"),
        ({"a": {"in": [["x"]]}}, "a"),
        ({"a": [{"x": 1}]}, "a"),
        ({"a": {"icontains": 5}}, "a"),
        ({"a": {"exists": 1}}, "a"),
        ({"a": {"exists": None}}, "a"),
        ({"kind": "facts"}, "kind"),
        ({"kind": {"gt": "fact"}}, "kind"),
        ({"text": 5}, "text"),
        ({"importance": "0.5"}, "importance"),
        ({"importance": True}, "importance"),
        ({"version": {"contains": 1}}, "version"),
        ({"created_at": "yesterday"}, "created_at"),
        ({"created_at": {"gt": True}}, "created_at"),
        ({"created_at": {"icontains": "2024"}}, "created_at"),
        ({"created_at": float("nan")}, "created_at"),
        ({"expires_at": {"lt": 1e300}}, "expires_at"),
        ({"metadata": {"a": 1}}, "metadata"),
        ({"": 1}, ""),
        ({"a..b": 1}, "a..b"),
        ({"a.": 1}, "a."),
        ({"a\\b": 1}, "a\\b"),
        ({"a\0": 1}, r"a\u0000"),
        ({"\ud800": 1}, r"\ud800"),
        ({"k" * 257: 1}, "k" * 80 + "…"),
        ({".".join("k" * 33): 1}, ".".join("k" * 33)),
        ({"a": {"eq": {"k" * 257: 1}}}, "a"),
        (deep(33), "NOT"),
        (endless(), "AND"),
        ({"OR": [{f"k{n}": 1} for n in range(1_001)]}, "k1000"),
        ({"a": {"in": list(range(10_001))}}, "a"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_malformed(condition, field):
    with pytest.raises(FilterError) as caught:
        parse_filter(condition)
    assert caught.value.argument == "filters"
    assert caught.value.field == field
    str(caught.value).encode()


def test_the_limits_themselves_are_allowed():
    for condition in (
        deep(32),
        {"OR": [{"a": n} for n in range(1_000)]},
        {"a": list(range(10_000))},
        {"k" * 256: 1},
    ):
        assert parse_filter(condition) is not None


def test_a_small_filter_of_a_billion_terms_is_refused_at_once():
    for condition in (doubling(), {"a": {"eq": doubling()}}):
        with pytest.raises(FilterError) as caught:
            parse_filter(condition)
        assert caught.value.field == "a"


def test_a_message_does_not_repeat_the_operand():
    with pytest.raises(FilterError) as caught:
        parse_filter({"created_at": {"gt": "my secret birthday"}, "a": 1})
    assert "secret" not in str(caught.value)


def test_a_wildcard_is_pointed_to_exists():
    with pytest.raises(FilterError, match="exists"):
        parse_filter({"tag": "*"})
    assert parse_filter({"tag": {"contains": "*"}}) is not None
