"""The form of an answer: what is asked for is checked, what cannot be checked cannot be asked for."""

from __future__ import annotations

from typing import Any

import pytest

from polymem.domain.json_schema import check_schema, problems
from polymem.errors import InputError

FACT = {
    "type": "object",
    "properties": {
        "text": {"type": "string", "minLength": 1, "maxLength": 4},
        "importance": {"type": ["number", "null"], "minimum": 0, "maximum": 1},
        "kind": {"type": "string", "enum": ["fact", "event"]},
        "sources": {"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": 2},
        "positive": {"type": "boolean"},
        "version": {"const": 1},
        "subject": {"$ref": "#/$defs/entity"},
        "when": {"anyOf": [{"type": "null"}, {"type": "string", "maxLength": 10}]},
    },
    "required": ["text"],
    "additionalProperties": False,
    "$defs": {"entity": {"type": "object", "required": ["name"], "additionalProperties": {"type": "string"}}},
}
FORM = {"type": "object", "properties": {"facts": {"type": "array", "items": FACT}}, "$defs": FACT["$defs"]}


@pytest.mark.parametrize(
    "fact",
    [
        {"text": "喜欢喝茶"},
        {
            "text": "tea",
            "importance": 1,
            "kind": "event",
            "sources": [1, 2.0],
            "positive": False,
            "version": 1,
        },
        {"text": "茶", "importance": None, "subject": {"name": "小红", "type": "person"}, "when": None},
        {"text": "茶", "when": "2024-05-01"},
    ],
)
def test_what_has_the_form(fact: Any) -> None:
    assert problems({"facts": [fact]}, FORM) == []


@pytest.mark.parametrize(
    ("fact", "problem"),
    [
        ({}, "facts[0].'text' is missing"),
        ({"text": ""}, "facts[0].text must be at least 1 characters long"),
        ({"text": "绝密的字词"}, "facts[0].text must be at most 4 characters long"),
        ({"text": 5}, "facts[0].text must be string"),
        ({"text": "t", "importance": 1.5}, "facts[0].importance must be at most 1"),
        ({"text": "t", "importance": -1}, "facts[0].importance must be at least 0"),
        ({"text": "t", "importance": True}, "facts[0].importance must be number or null"),
        ({"text": "t", "kind": "绝密"}, "facts[0].kind must be one of fact or event"),
        ({"text": "t", "sources": []}, "facts[0].sources must be at least 1 long"),
        ({"text": "t", "sources": [1, 2, 3]}, "facts[0].sources must be at most 2 long"),
        ({"text": "t", "sources": [1.5]}, "facts[0].sources[0] must be integer"),
        ({"text": "t", "sources": {"0": 1}}, "facts[0].sources must be array"),
        ({"text": "t", "positive": 1}, "facts[0].positive must be boolean"),
        ({"text": "t", "version": True}, "facts[0].version must be 1"),
        ({"text": "t", "绝密": 1}, "facts[0] has a property that the form does not have"),
        ({"text": "t", "subject": {"type": "x"}}, "facts[0].subject.'name' is missing"),
        ({"text": "t", "subject": {"name": 1}}, "facts[0].subject.* must be string"),
        ({"text": "t", "when": "2024-05-01 noon"}, "facts[0].when must be null"),
        ("绝密", "facts[0] must be object"),
    ],
)
def test_what_has_not_is_named_without_its_words(fact: Any, problem: str) -> None:
    found = problems({"facts": [fact]}, FORM)
    assert found == [problem]
    assert "绝密" not in found[0]


@pytest.mark.parametrize("answer", [[], "x", 1, None, True])
def test_an_answer_that_is_no_object(answer: Any) -> None:
    assert problems(answer, FORM) == ["the answer must be object"]


def test_all_problems_are_told() -> None:
    assert len(problems({"facts": [{"text": 1, "kind": "x"}, {}]}, FORM)) == 3


def test_a_form_that_refers_to_itself_ends() -> None:
    tree = {"$ref": "#/$defs/node", "$defs": {"node": {"properties": {"in": {"$ref": "#/$defs/node"}}}}}
    deep: dict[str, Any] = {}
    for _ in range(200):
        deep = {"in": deep}
    assert "too deeply" in problems(deep, tree)[0]
    assert problems({}, {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}})


@pytest.mark.parametrize("keyword", ["pattern", "oneOf", "uniqueItems", "not"])
def test_what_is_not_checked_cannot_be_asked_for(keyword: str) -> None:
    check_schema(FORM)
    with pytest.raises(InputError) as caught:
        check_schema({"type": "object", "properties": {"a": {"type": "array", "items": {keyword: True}}}})
    assert caught.value.keyword == keyword


def test_what_is_referred_to_is_defined() -> None:
    with pytest.raises(InputError) as caught:
        check_schema({"$ref": "#/$defs/fact", "$defs": {}})
    assert caught.value.keyword == "$ref"
