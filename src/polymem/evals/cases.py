"""What is measured: rows to store, questions to ask of them, and which rows answer each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from datetime import datetime
from typing import Any, Final

from polymem.domain.slotted import dataclass

__all__ = ["ADVERSARIAL", "Corpus", "EvalSet", "Question", "Row", "Session"]

ADVERSARIAL: Final = "adversarial"
"""Category of questions that ask one thing of the wrong person; they are told apart everywhere."""


@dataclass(frozen=True, slots=True)
class Row:
    """A turn of a conversation, or a passage.

    Attributes:
        id: Unique in its corpus.
        text: Its words.
        speaker: Who said it, "" for a passage.
        title: Title of the document that a passage is of.
        at: When it was said, None where that is not known.
    """

    id: str
    text: str
    speaker: str = ""
    title: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """Rows that belong together, in order.

    Attributes:
        id: The run under which turns are stored; None for passages.
        rows: The rows.
    """

    id: str | None
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """A question and the rows that answer it.

    Attributes:
        id: Unique in its corpus.
        text: The question.
        category: Kind of question, as the set names it.
        evidence: Ids of the rows that answer it; empty where nothing does.
        answer: The expected answer, "" where the set has none.
        at: When it is asked; None for a day after the last row.
        labelled: Whether it is known which rows answer it. What is not labelled is not measured.
        meta: What else the set says about it.
    """

    id: str
    text: str
    category: str
    evidence: frozenset[str]
    answer: str = ""
    at: datetime | None = None
    labelled: bool = True
    meta: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Corpus:
    """One scope: what is stored in it, and what is asked.

    Attributes:
        id: Name of the conversation, or of the set of passages.
        sessions: What is stored, in order.
        questions: What is asked.
        documents: Whether the rows are passages of documents.
    """

    id: str
    sessions: tuple[Session, ...]
    questions: tuple[Question, ...]
    documents: bool = False

    @property
    def rows(self) -> list[Row]:
        """All rows, in order."""
        return [row for session in self.sessions for row in session.rows]


@dataclass(frozen=True, slots=True)
class EvalSet:
    """A file of evaluation data.

    Attributes:
        name: How it is called in reports.
        form: "conversations/1", "passages/1", "locomo" or "longmemeval".
        corpora: Yields its scopes; some files are too large to be held at once.
        size: Rows and questions in all, None where the file would have to be read to tell.
    """

    name: str
    form: str
    corpora: Callable[[], Iterator[Corpus]]
    size: int | None = None
