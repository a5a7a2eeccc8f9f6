"""Metadata is plain JSON, checked and copied at the door."""

from __future__ import annotations

import enum
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polymem.domain.metadata import MAX_BYTES, MAX_DEPTH, check_metadata, depth_fault, encode_json
from polymem.errors import MetadataError

strings = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | strings,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(strings, inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(strings, values, max_size=4))
def test_plain_json_comes_back_equal_from_the_stored_form(metadata):
    checked = check_metadata(metadata)
    assert repr(json.loads(encode_json(checked))) == repr(checked) == repr(metadata)


def test_the_copy_is_deep():
    given_ = {"tags": ["a"]}
    checked = check_metadata(given_)
    given_["tags"].append("b")
    assert checked == {"tags": ["a"]}


class Colour(enum.StrEnum):
    RED = "red"


class Number(float):
    pass


def test_subclasses_become_plain():
    checked = check_metadata({"c": Colour.RED, "n": Number(1.5), "l": enum.IntEnum("L", "A")(1), "t": (1, 2)})
    assert checked == {"c": "red", "n": 1.5, "l": 1, "t": [1, 2]}
    assert [type(value) for value in checked.values()] == [str, float, int, list]


def deep(n: int) -> dict[str, object]:
    value: dict[str, object] = {}
    for _ in range(n - 1):
        value = {"k": value}
    return value


def doubling() -> dict[str, object]:
    value: object = 1
    for _ in range(30):
        value = [value, value]
    return {"k": value}


@pytest.mark.parametrize(
    ("metadata", "path"),
    [
        (None, ""),
        ([("a", 1)], ""),
        ({"a": {"b": [1, object()]}}, "a.b[1]"),
        ({"a": {1, 2}}, "a"),
        ({"a": b"x"}, "a"),
        ({"a": {1: "x"}}, "a"),
        ({"a": float("nan")}, "a"),
        ({"a": [float("-inf")]}, "a[0]"),
        ({"a": 2**63}, "a"),
        ({"a": -(2**63) - 1}, "a"),
        ({"a": "x\0y"}, "a"),
        ({"a": "\ud83d"}, "a"),
        ({"\udc00": 1}, r"\udc00"),
        ({"a\0": 1}, r"a\u0000"),
        ({"k" * 257: 1}, "k" * 80 + "…"),
        (deep(33), ".".join("k" * 32)),
        ({"a": "x" * MAX_BYTES}, ""),
        ({"a": "北" * (MAX_BYTES // 3)}, ""),
        ({"a": [0] * MAX_BYTES}, ""),
    ],
    ids=lambda value: ascii(value)[:30],
)
def test_what_is_not_plain_json(metadata, path):
    with pytest.raises(MetadataError) as caught:
        check_metadata(metadata, argument="messages[0].metadata")
    assert caught.value.argument == "messages[0].metadata"
    assert caught.value.path == path
    assert str(caught.value).startswith("messages[0].metadata")


def test_a_small_object_of_a_billion_nodes_is_refused_at_once():
    with pytest.raises(MetadataError, match="longer than 65536 bytes"):
        check_metadata(doubling())


def test_a_message_does_not_repeat_the_value():
    with pytest.raises(MetadataError) as caught:
        check_metadata({"note": "my secret\0"})
    assert "secret" not in str(caught.value)


def test_the_limits_themselves_are_allowed():
    assert check_metadata(deep(32)) == deep(32)
    fits = {"a": "x" * (MAX_BYTES - len('{"a":""}'))}
    assert check_metadata(fits) == fits
    assert check_metadata({"k" * 256: 2**63 - 1, "": -(2**63)})


def test_depth_is_limited_as_in_metadata():
    assert depth_fault(deep(MAX_DEPTH)) is None
    assert depth_fault(deep(MAX_DEPTH + 1))
    assert depth_fault("x") is None


def test_what_holds_itself_twice_is_found_too_deep_at_once():
    value: list[object] = []
    value += [value, {"k": value}]
    assert depth_fault(value)
