"""The object in what a model wrote, and what is no object."""

from __future__ import annotations

import pytest

from polymem.models.answers import NoObjectError, declines, read_object
from polymem.models.failures import _duration_s
from polymem.models.presets import ALIASES, EMBEDDING_DIMS, PRESETS, root_of


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{}", {}),
        ('{"a": 1} {"a": 2}', {"a": 1}),
        ('<THINK>{}</THINK>{"a": 1}', {"a": 1}),
        ('<thinking>一</thinking><think>{"a": 2}</think>```JSON\n{"a": "茶"}\n```', {"a": "茶"}),
        ('```\n{"a": "```"}\n```', {"a": "```"}),
        ('{"a": "line\nbreak"}', {"a": "line\nbreak"}),
        ('The set {1, 2}:\n```json\n{"a": 1}\n```', {"a": 1}),
        ('```json\n{"a": 1}', {"a": 1}),
    ],
)
def test_an_object_is_found(text: str, value: object) -> None:
    assert read_object(text) == value


@pytest.mark.parametrize(
    "text",
    ["", "茶", "[1]", '"{"', '{"a": 1', "{'a': 1}", '{"a": Infinity}', '<think>{"a": 1}', "{" * 100_000],
)
def test_what_is_none(text: str) -> None:
    with pytest.raises(NoObjectError) as caught:
        read_object(text)
    assert str(caught.value) == "no JSON object"


@pytest.mark.parametrize(
    "text",
    [
        "I’m sorry, but no.",
        "Sorry, I can't.",
        "I cannot do that",
        "<think>no</think>I won't",
        "很抱歉",
        "我不能回答",
        "**I'm unable**",
    ],
)
def test_refusals(text: str) -> None:
    assert declines(text)


@pytest.mark.parametrize(
    "text", ["", "I can do that: the city is 上海.", "我能回答。", "Sorrow is a feeling.", "抱着猫"]
)
def test_no_refusals(text: str) -> None:
    assert not declines(text)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1s", 1),
        ("6m0s", 360),
        ("20ms", 0.02),
        ("1.5", 1.5),
        ("1h2m3s", 3723),
        ("", None),
        ("soon", None),
        ("1d", None),
    ],
)
def test_durations(text: str, seconds: float | None) -> None:
    assert _duration_s(text) == (None if seconds is None else pytest.approx(seconds))


def test_presets_hang_together() -> None:
    from polymem.client.settings import EMBEDDERS, PROVIDERS

    assert set(PROVIDERS) - set(ALIASES) == set(PRESETS)
    assert {ALIASES.get(name, name) for name in EMBEDDERS} == {n for n, p in PRESETS.items() if p.embeds}
    assert set(ALIASES.values()) <= set(PRESETS)
    assert all(dim > 0 for dim in EMBEDDING_DIMS.values())
    assert root_of("ollama", "http://h:1/") == "http://h:1/v1"
    assert root_of("ollama", "http://h:1/v1") == "http://h:1/v1"
    assert root_of("vllm", None) == PRESETS["vllm"].base_url
