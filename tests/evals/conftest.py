"""A small set with everything in it that is told apart."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

ENGLISH = (
    "My dog Biscuit chewed the sofa again.",
    "We fly to Lisbon on the third of June.",
    "I play the cello in an orchestra.",
    "The roof of the barn leaks.",
)
CHINESE = ("我在成都开了一家面馆。", "女儿今年上小学一年级。", "我对芒果过敏。", "周末去青城山爬山。")


def talk(name: str, texts: tuple[str, ...], questions: list[dict[str, Any]]) -> dict[str, Any]:
    turns = [
        {
            "id": f"t{n}",
            "speaker": ("Ann", "Bob")[n % 2],
            "text": text,
            "time": f"2024-05-0{n + 1}T10:00:00",
        }
        for n, text in enumerate(texts)
    ]
    asked = [question | {"id": f"{name}/{n}"} for n, question in enumerate(questions)]
    return {
        "id": name,
        "sessions": [{"id": "s1", "time": "2024-05-01T10:00:00", "turns": turns}],
        "questions": asked,
    }


def question(text: str, category: str, *evidence: str, **more: Any) -> dict[str, Any]:
    return {"question": text, "category": category, "evidence": list(evidence), **more}


@pytest.fixture
def talks(tmp_path: Path) -> Path:
    english = [
        question("Which dog chewed the sofa?", "one", "t0"),
        question("When do we fly to Lisbon?", "when", "t1", time="2024-06-02T00:00:00"),
        question("What is the name of the horse?", "none"),
        question("Which instrument does Bob play?", "adversarial", "t2"),
    ]
    chinese = [
        question("谁的女儿上小学？", "one", "t1"),
        question("他对什么过敏？", "one", "t2"),
        question("他开什么车？", "none"),
    ]
    content = {
        "format": "conversations/1",
        "name": "small",
        "conversations": [talk("en", ENGLISH, english), talk("zh", CHINESE, chinese)],
    }
    path = tmp_path / "small.json"
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return path


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    content = {
        "format": "passages/1",
        "name": "papers",
        "passages": [
            {"id": "p0", "title": "Arrow Lake", "text": "It is forty metres deep."},
            {"id": "p1", "title": "Crow Lake", "text": "It is nine metres deep."},
            {"id": "p2", "title": "白塔", "text": "建于明代，高三十米。"},
        ],
        "questions": [question("How deep is Crow Lake?", "one", "p1") | {"id": "q0"}],
    }
    path = tmp_path / "papers.json"
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return path
