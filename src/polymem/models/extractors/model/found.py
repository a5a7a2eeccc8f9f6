"""What was shown and what was read, and the plain fields of an answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any, Final, TypeGuard

from polymem.domain.slotted import dataclass
from polymem.domain.statement import Mention, Statement
from polymem.domain.timespan import Timespan
from polymem.models.extractors.model.grounding import Evidence
from polymem.ports.extractor import ExtractorInput
from polymem.text.lazy import lazy
from polymem.text.normalise import clean
from polymem.text.recalled import without_recalled

__all__ = ["MAX_NAME_CHARS", "ROLE_NAMES", "SPEAKER_NAMES", "Found", "Source", "is_list", "is_object", "line"]

MAX_NAME_CHARS: Final = 100
SPEAKER_NAMES: Final = frozenset(
    {"i", "me", "myself", "self", "speaker", "the speaker", "我", "本人", "自己", "说话人"}
)
ROLE_NAMES: Final[Mapping[str, str]] = {
    "user": "user",
    "the user": "user",
    "用户": "user",
    "使用者": "user",
    "assistant": "assistant",
    "the assistant": "assistant",
    "ai": "assistant",
    "助手": "assistant",
    "助理": "assistant",
}
_CONTROLS = lazy("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+")


@dataclass(frozen=True, slots=True)
class Source:
    """One message that was shown.

    Attributes:
        place: Its place in the batch of messages.
        message: The message.
        evidence: What it says.
        times: The time expressions in it.
        junk: Whether nobody states anything in it.
    """

    place: int
    message: ExtractorInput
    evidence: Evidence
    times: Sequence[Timespan]
    junk: bool


@dataclass(slots=True)
class Found:
    """What was read from answers.

    Attributes:
        statements: By the place of the message that makes them.
        mentions: By the place of the message that names them.
        dropped: How many claims were not believed, by reason.
    """

    statements: dict[int, list[Statement]] = field(default_factory=dict[int, list[Statement]])
    mentions: dict[int, list[Mention]] = field(default_factory=dict[int, list[Mention]])
    dropped: Counter[str] = field(default_factory=Counter[str])


def is_list(value: object) -> TypeGuard[Sequence[object]]:
    """Tell whether an answer's field is a list."""
    return isinstance(value, list | tuple)


def is_object(value: object) -> TypeGuard[Mapping[str, Any]]:
    """Tell whether an answer's field is an object."""
    return isinstance(value, Mapping)


def line(value: object) -> str:
    """Return a text on one line without signs that cannot be seen; "" for anything else."""
    if not isinstance(value, str):
        return ""
    return " ".join(_CONTROLS.sub(" ", clean(without_recalled(value))).split())
