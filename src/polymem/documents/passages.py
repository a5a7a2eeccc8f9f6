"""What an answer is made from: the texts of hits, numbered, with the places of their sentences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from polymem.documents.sentences import sentence_spans
from polymem.domain.document import Place
from polymem.domain.hit import Hit
from polymem.domain.slotted import dataclass

__all__ = ["Passage", "numbered", "place_within", "sentence_texts"]


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
                    speaker=item.speaker,
                    at=item.valid_at,
                    place=hit.place,
                    sentences=spans,
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
    one_page = whole.page == whole.last_page
    return Place(
        whole.document_id,
        whole.uri,
        whole.title,
        whole.start + start,
        whole.start + stop,
        page=whole.page,
        last_page=whole.page if one_page else whole.last_page,
    )


def sentence_texts(passages: Sequence[Passage]) -> list[str]:
    """Return the sentences of all *passages*, in order."""
    return [passage.text[start:stop] for passage in passages for start, stop in passage.sentences]


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
