"""Further names are taken only where the text says that they are names."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from polymem.models.extractors.rules import RuleExtractor
from polymem.ports.extractor import ExtractorInput


def named(text: str) -> dict[str, tuple[str, ...]]:
    (found,) = RuleExtractor().derive([ExtractorInput(text, "ann", "user", datetime(2024, 5, 1, tzinfo=UTC))])
    return {mention.name: mention.aliases for mention in found.mentions}


@pytest.mark.parametrize(
    ("text", "name", "alias"),
    [
        ("I met Robert Chen, also known as Bobby, in Berlin.", "Robert Chen", "Bobby"),
        ("I work with Robert Chen aka Bobby.", "Robert Chen", "Bobby"),
        ("She works for the World Health Organization (WHO) now.", "World Health Organization", "WHO"),
        ("I studied at Peking University (北大) for years.", "Peking University", "北大"),
        ("我在北京大学（北大）读书。", "北京大学", "北大"),
        ("我在北京大学（简称燕大）读书。", "北京大学", "燕大"),
    ],
)
def test_a_stated_name(text: str, name: str, alias: str):
    assert named(text)[name] == (alias,)


@pytest.mark.parametrize(
    "text",
    [
        "I met Robert Chen (my brother) in Berlin.",
        "I met Anna Lee (and Carl) in Berlin (Germany).",
        "我在北京大学（海淀区）读书。",
        "I moved to Berlin (Paris was too expensive).",
        "I met Anna Lee, known for her cooking.",
    ],
)
def test_no_stated_name(text: str):
    assert not any(named(text).values()), named(text)
