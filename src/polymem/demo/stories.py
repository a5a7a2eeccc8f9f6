"""The conversations of ``polymem demo`` and the questions it asks of them; our own, under the licence of the package."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from itertools import groupby
from types import MappingProxyType
from typing import Any, Final

Message = dict[str, Any]

TODAY: Final = datetime(2025, 8, 1, 9, 0, tzinfo=UTC)
"""The present of both stories, so that the scores do not change with the calendar."""


class StoryClock:
    """A clock that stands where the story is, so that the store comes to know things as they are told."""

    def __init__(self) -> None:
        self.at = TODAY

    def now(self) -> datetime:
        """Return where the story is."""
        return self.at


@dataclass(frozen=True, slots=True)
class Story:
    """One conversation and what is asked of it.

    Attributes:
        language: "en" or "zh"; also the name of the file.
        title: Heading.
        owner: Whose memory it is: the user id, and the name of one of the two speakers.
        questions: Asked of the whole conversation.
        moved: The question about what was corrected.
        before: A time before the correction.
        block: The question whose context block is shown.
        words: Headings and remarks in the language of the story.
    """

    language: str
    title: str
    owner: str
    questions: tuple[str, ...]
    moved: str
    before: datetime
    block: str
    words: Mapping[str, str]

    def sessions(self) -> list[tuple[str, list[Message]]]:
        """Return the sessions in order, each with its run id and its messages as ``Memory.add`` takes them."""
        lines = (
            files("polymem.demo").joinpath(f"{self.language}.jsonl").read_text(encoding="utf-8").splitlines()
        )
        messages: list[Message] = [json.loads(line) for line in lines]
        grouped = groupby(messages, key=lambda message: message["run_id"])
        return [
            (run, [{key: value for key, value in message.items() if key != "run_id"} for message in told])
            for run, told in grouped
        ]


_EN: Final = {
    "remembered": "Remembered {messages} messages of {sessions} sessions in {ms:.0f} ms, and {derived} statements from them.",
    "questions": "Questions",
    "relations": "Relations: who has to do with what",
    "correction": "A correction: what was true is closed, not deleted",
    "before": "The same question, as of {day}",
    "profile": "Profile: what is known of {owner}, by key",
    "context": "Context: the block for a prompt",
}
_ZH: Final = {
    "remembered": "记住了 {sessions} 次会话的 {messages} 条消息，用时 {ms:.0f} 毫秒，并从中得出 {derived} 条陈述。",
    "questions": "提问",
    "relations": "关系：谁与什么有关",
    "correction": "更正：旧事实被关闭，而不是删除",
    "before": "同一个问题，回到 {day}",
    "profile": "档案：关于{owner}的已知信息，按键列出",
    "context": "上下文：放进提示词的文本块",
}

STORIES: Final[Mapping[str, Story]] = MappingProxyType(
    {
        "en": Story(
            language="en",
            title="English: Maya and Owen",
            owner="Maya",
            questions=(
                "What is Maya allergic to?",
                "What did Maya and Ines do in February?",
                "What is Maya's cat called?",
                "What instrument is Maya learning to play?",
            ),
            moved="Maya's home: Lisbon or Porto?",
            before=datetime(2025, 2, 1, tzinfo=UTC),
            block="Who is Ines?",
            words=MappingProxyType(_EN),
        ),
        "zh": Story(
            language="zh",
            title="中文：林晓和阿哲",
            owner="林晓",
            questions=(
                "林晓对什么过敏？",
                "三月初林晓看了什么？",
                "林晓的猫叫什么名字？",
                "阿哲暑假打算去哪里？",
            ),
            moved="林晓住在哪里，搬到哪里了？",
            before=datetime(2025, 2, 1, tzinfo=UTC),
            block="林夏是谁？",
            words=MappingProxyType(_ZH),
        ),
    }
)
