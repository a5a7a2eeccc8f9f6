"""Readers of the two formats of our own, ``conversations/1`` and ``passages/1``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from polymem.evals.cases import Corpus, Question, Row, Session
from polymem.evals.files import document
from polymem.evals.node import Node, iso_time

__all__ = ["CONVERSATIONS", "PASSAGES", "Content"]

CONVERSATIONS = "conversations/1"
PASSAGES = "passages/1"


class Content:
    """What a file of one of the two formats holds.

    Args:
        path: The file.

    Raises:
        DatasetError: It is of neither format.
        OSError: It cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._root = Node(document(path), path)
        self.form = self._root["format"].text
        if self.form not in {CONVERSATIONS, PASSAGES}:
            raise self._root["format"].fault(f"is neither {CONVERSATIONS!r} nor {PASSAGES!r}")
        named = self._root.get("name").words or path.name.partition(".")[0]
        self.name = named

    @property
    def size(self) -> int:
        """Rows and questions in all."""
        if self.form == PASSAGES:
            return len(list(self._root["passages"])) + len(list(self._root["questions"]))
        return sum(
            len(list(talk["questions"])) + sum(len(list(session["turns"])) for session in talk["sessions"])
            for talk in self._root["conversations"]
        )

    def corpora(self) -> Iterator[Corpus]:
        """Yield the scopes.

        Raises:
            DatasetError: Something in the file is not as the format says; it says where.
        """
        if self.form == CONVERSATIONS:
            yield from map(_conversation, self._root["conversations"])
        else:
            yield self.passages()

    def passages(self) -> Corpus:
        """Return the one scope of a file of passages.

        Raises:
            DatasetError: Something in the file is not as the format says; it says where.
        """
        rows: dict[str, Row] = {}
        for node in self._root["passages"]:
            row = Row(node["id"].text, node["text"].words, title=node.get("title").words)
            if row.id in rows:
                raise node["id"].fault("is there twice")
            rows[row.id] = row
        questions = tuple(_question(node, rows) for node in self._root["questions"])
        return Corpus(self.name, (Session(None, tuple(rows.values())),), questions, documents=True)


def _conversation(node: Node) -> Corpus:
    known: set[str] = set()
    sessions: list[Session] = []
    for n, session in enumerate(node["sessions"]):
        begun = session.get("time").time(iso_time)
        rows: list[Row] = []
        for turn in session["turns"]:
            row = Row(
                turn["id"].text,
                turn["text"].words,
                speaker=turn.get("speaker").words,
                at=turn.get("time").time(iso_time) or begun,
            )
            if row.id in known:
                raise turn["id"].fault("is there twice")
            known.add(row.id)
            rows.append(row)
        sessions.append(Session(session.get("id").words or str(n), tuple(rows)))
    questions = tuple(_question(question, known) for question in node["questions"])
    return Corpus(node["id"].text, tuple(sessions), questions)


def _question(node: Node, known: dict[str, Row] | set[str]) -> Question:
    evidence = [place.text for place in node["evidence"]]
    for n, name in enumerate(evidence):
        if name not in known:
            raise node["evidence"].fault(f"names in [{n}] a row that does not exist")
    return Question(
        id=node["id"].text,
        text=node["question"].text,
        category=node.get("category").words or "all",
        evidence=frozenset(evidence),
        answer=node.get("answer").words,
        at=node.get("time").time(iso_time),
        meta=node["meta"].mapping if node.get("meta").value is not None else {},
    )
