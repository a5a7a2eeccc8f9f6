"""What an answer is made from: the texts of hits, numbered, with the places of their sentences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from polymem.domain.document import Citation, Place
from polymem.domain.hit import Hit
from polymem.domain.slotted import dataclass
from polymem.text.sentences import sentence_spans

__all__ = ["Passage", "cited", "numbered", "place_within", "sentence_texts"]


@dataclass(frozen=True, slots=True)
class Passage:
    """One text that an answer may rest on.

    Attributes:
        n: Its number in the prompt, from 1.
        item_id: The item.
        text: Its words.
        score: 0..1, of its hit.
        title: Title of its document, "" for none.
        heading: The headings above it, "" for none.
        speaker: Who said it, "" where nobody is named or it is of a document.
        at: From when it holds; of a message, when it was said.
        place: Where it stands in its document; None for what is of none.
        sentences: Where its sentences stand in the text.
        superseded: Whether it held once and no longer does.
        episode_ids: The raw messages that it comes from.
    """

    n: int
    item_id: str
    text: str
    score: float
    title: str
    heading: str
    speaker: str
    at: datetime
    place: Place | None
    sentences: tuple[tuple[int, int], ...]
    superseded: bool = False
    episode_ids: tuple[str, ...] = ()


def numbered(hits: Iterable[Hit]) -> list[Passage]:
    """Return the texts of *hits* in their order; those without words are left out."""
    found: list[Passage] = []
    for hit in hits:
        item = hit.item
        spans = tuple(sentence_spans(item.text))
        if spans:
            found.append(
                Passage(
                    n=len(found) + 1,
                    item_id=item.id,
                    text=item.text,
                    score=hit.score,
                    title=_text(item.metadata.get("title")),
                    heading=_text(item.metadata.get("heading")),
                    speaker=item.speaker or next((one.speaker for one in hit.episodes if one.speaker), ""),
                    at=item.valid_at,
                    place=hit.place,
                    sentences=spans,
                    superseded=hit.superseded,
                    episode_ids=tuple(one.id for one in hit.episodes),
                )
            )
    return found


def place_within(passage: Passage, start: int, stop: int) -> Place | None:
    """Return where a part of a passage stands in its document; None for what is of none.

    Of a table that was split, whose text begins with a header from elsewhere, and of a text in which something was
    redacted, the place of the whole passage is told.
    """
    whole = passage.place
    if whole is None or whole.stop - whole.start != len(passage.text):
        return whole
    return whole.within(whole.start + start, whole.start + stop)


def cited(passage: Passage, n: int, span: tuple[int, int], *, support: float, supported: bool) -> Citation:
    """Return the citation of a part of a passage.

    Args:
        passage: The passage.
        n: Its number in the answer.
        span: Where the part begins and ends in its text.
        support: See :class:`~polymem.domain.document.Citation`.
        supported: See there.
    """
    start, stop = span
    return Citation(
        n,
        passage.item_id,
        passage.text[start:stop],
        start,
        stop,
        place=place_within(passage, start, stop),
        support=support,
        supported=supported,
        title=passage.title,
        speaker=passage.speaker,
        at=passage.at,
        episode_ids=passage.episode_ids,
    )


def sentence_texts(passages: Sequence[Passage]) -> list[str]:
    """Return the sentences of all *passages*, in order."""
    return [passage.text[start:stop] for passage in passages for start, stop in passage.sentences]


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
