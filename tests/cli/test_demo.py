"""The demo runs, says what it should, and is the same every time but for ids and the time it took."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from polymem.demo.stories import STORIES
from tests.cli.conftest import Run


def without_chance(text: str) -> str:
    """Ids and durations come anew each time."""
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+ (?:ms|毫秒)", "…", text)


def test_both_stories_are_told(run: Run, home: Path):
    shown = run("demo")
    assert (shown.code, shown.err) == (0, "")
    for words in (
        "allergic to walnuts",
        "My cat is called Folio",
        "lives in Porto",
        "superseded",
        "我对花生过敏",
        "年糕",
    ):
        assert words in shown.out
    assert shown.out.count("<recalled-memory>") == 2
    # No line is wider than a terminal, where a Chinese character takes two cells.
    widths = [len(line) + sum(ord(c) > 0x2E80 for c in line) for line in shown.out.splitlines()]
    assert max(widths) <= 80
    assert list(home.iterdir()) == []


def test_it_is_the_same_every_time(run: Run):
    assert without_chance(run("demo", "--lang", "zh").out) == without_chance(run("demo", "--lang", "zh").out)


@pytest.mark.parametrize(("lang", "now", "before"), [("en", "Porto", "Lisbon"), ("zh", "成都", "上海")])
def test_the_answers_are_right(run: Run, lang: str, now: str, before: str):
    (story,) = run("demo", "--lang", lang, "--json").json["stories"]
    *asked, moved, past = story["answers"]
    words = (
        ("walnuts", "Gerês", "Folio", "accordion") if lang == "en" else ("花生", "皮影戏", "年糕", "青海湖")
    )
    for answer, word in zip(asked, words, strict=True):
        assert word in answer["hits"]["hits"][0]["item"]["text"], answer["question"]
    assert now in moved["hits"]["hits"][0]["item"]["text"]
    assert before in past["hits"]["hits"][0]["item"]["text"]
    assert story["profile"]["residence"]["value"] == now
    histories = [[event["name"] for event in events] for events in story["history"].values()]
    assert ["ADD", "SUPERSEDE"] in histories


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_the_conversations_are_whole(story: Any):
    sessions = story.sessions()
    messages = [message for _, told in sessions for message in told]
    assert len(sessions) >= 3
    assert 30 <= len(messages) <= 40
    assert [m["timestamp"] for m in messages] == sorted(m["timestamp"] for m in messages)
    assert len({m["name"] for m in messages}) == 2
    assert story.owner in {m["name"] for m in messages}
    assert all(set(m) == {"timestamp", "role", "name", "content"} for m in messages)
