"""Questions with and without an answer, made of sets of evaluation data and asked of real stores.

Every question is asked where its evidence is ("answered", or "missed" where none of it is among the hits), and where no
answer is:

- "empty": the set itself says that nothing answers it,
- "adversarial": it is about the wrong person,
- "elsewhere": it is of another conversation or file, "renamed" with the speakers' names put in,
- "removed": its evidence, with all that resembles it, was deleted.
"""

from __future__ import annotations

import gzip
import json
import random
import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, Self

import numpy as np

from polymem import Memory
from polymem.evals.cases import ADVERSARIAL, Corpus, Question, Row, Session
from polymem.evals.opening import open_set
from polymem.evals.store import OWNER, Store, ids_of
from polymem.models.embedders.static import StaticEmbedder
from polymem.text.asking import asked_kinds
from polymem.text.tokenise import terms

__all__ = ["N_QUESTIONS", "SETS", "Case", "cases_of", "moment", "read"]

OTHERS: Final = {
    "musique-100": "hotpot-100",
    "hotpot-100": "musique-100",
    "2wiki-101": "xquad-en",
    "xquad-en": "musique-100",
    "xquad-zh": "rgb-zh-refine",
    "rgb-zh-refine": "xquad-zh",
    "rgb-zh-int": "xquad-zh",
    "financebench": "hotpot-100",
    "xquad-zh-over-en": "rgb-zh-refine",
    "xquad-en-over-zh": "musique-100",
    "said-zh-over-en": "rgb-zh-refine",
    "said-en-over-zh": "musique-100",
}
"""Whose questions are asked over each set of passages."""
ACROSS: Final = {
    "xquad-zh-over-en": ("xquad-zh", "xquad-en"),
    "xquad-en-over-zh": ("xquad-en", "xquad-zh"),
}
"""Questions of one file over the passages of another, which has the same in its own language."""
SAID: Final = {"said-zh-over-en": ("xquad-zh", "xquad-en"), "said-en-over-zh": ("xquad-en", "xquad-zh")}
"""The same, but what is asked are the sentences of the passages, as messages: chats in two languages are rare."""
DIALOGUES: Final = "madial-across"
"""Dialogues of each conversation over the same memories in the other language."""
CHATS: Final = ("locomo", "realtalk", "beam-100k", "zyphra", "memdaily-zh", "madial")
PASSAGES: Final = (
    "musique-100",
    "hotpot-100",
    "2wiki-101",
    "xquad-en",
    "xquad-zh",
    "rgb-zh-refine",
    "rgb-zh-int",
    "financebench",
)
SETS: Final = (*CHATS, *PASSAGES, *ACROSS, *SAID, DIALOGUES)
MOST: Final = {"memdaily-zh": 50, "financebench": 50}
"""Of so many conversations or questions."""
N_QUESTIONS: Final = 120
"""Of one conversation or file."""
N_PASSAGES: Final = 1_000
N_STRANGE: Final = 40
N_PARTS: Final = 5
"""The evidence of a fifth of the questions is taken out at a time."""
ALIKE: Final = 0.85
SAME_WORDS: Final = 0.7
WIDE: Final = {"order", "summary", "advice"}
_SENTENCE: Final = re.compile(r"(?<=[。！？])|(?<=[a-z0-9)\]”\"%][.!?]) (?=[A-Z\"“])")
EMBEDDER: Final = StaticEmbedder()


@dataclass(frozen=True, slots=True)
class Case:
    """A question that was asked.

    Attributes:
        set: Name of the set.
        group: Conversation, or fifth of a file: what is left out together.
        kind: As above.
        category: As the set names it.
        answered: Whether evidence is among the hits.
        measures: What the confidence follows from.
    """

    set: str
    group: str
    kind: str
    category: str
    answered: bool
    measures: dict[str, float]


@dataclass(frozen=True, slots=True)
class Subject:
    """One scope, and what is asked of it beside its own questions.

    Attributes:
        corpus: Rows and questions.
        group: Under which its cases are left out; parts of a file each have their own.
        strange: Questions that nothing in it answers, each with its kind.
    """

    corpus: Corpus
    group: str
    strange: tuple[tuple[Question, str], ...]


def cases_of(name: str, folder: Path, *, most: int = N_QUESTIONS) -> Iterator[Case]:
    """Yield the cases of a set whose files are in *folder*; none where a file is missing.

    Args:
        name: One of ``SETS``.
        folder: Where the files are.
        most: At most so many questions of a conversation or a file.
    """
    for subject in _subjects(name, folder, most):
        with TemporaryDirectory(prefix="polymem-confidence-") as place:
            store = Store(subject.corpus, Path(place, "whole.db"), EMBEDDER)
            store.fill({}, infer=True, step=lambda _: None)
            yield from _asked(name, subject, store, Path(place, "whole.db"))


def _asked(name: str, subject: Subject, store: Store, path: Path) -> Iterator[Case]:
    corpus, own = subject.corpus, list(subject.corpus.questions)

    def labels(place: int) -> dict[str, str]:
        part = f"/{place % N_PARTS}" if corpus.documents or name in SAID else ""
        return {"set": name, "group": subject.group + part}

    with Opened(path, store.end) as memory:
        for place, question in _in_order(own):
            kind = "adversarial" if question.category == ADVERSARIAL else "answered"
            yield memory.ask(question, kind=kind if question.evidence else "empty", **labels(place))
        for place, (question, kind) in enumerate(subject.strange):
            yield memory.ask(replace(question, at=None), kind=kind, **labels(place))
    alike = Alike(corpus)
    for part in range(N_PARTS):
        chosen = [
            (place, question)
            for place, question in _in_order(own)
            if place % N_PARTS == part and _has_its_own_answer(question)
        ]
        if not chosen:
            continue
        left = path.with_name(f"without-{part}.db")
        shutil.copy(path, left)
        with Opened(left, store.end) as memory:
            evidence = {row for _, question in chosen for row in question.evidence}
            memory.remove(chain.from_iterable(map(alike.to, evidence)), documents=corpus.documents)
            for place, question in chosen:
                yield memory.ask(question, kind="removed", **labels(place))
        left.unlink()


def _has_its_own_answer(question: Question) -> bool:
    """Tell whether nothing answers it once its evidence is gone: much is left of what is to be summed up or ordered."""
    kinds = asked_kinds(question.text)
    return bool(question.evidence) and question.category != ADVERSARIAL and kinds.isdisjoint(WIDE)


def _in_order(questions: Sequence[Question]) -> list[tuple[int, Question]]:
    latest = datetime(9000, 1, 1, tzinfo=UTC)
    return sorted(enumerate(questions), key=lambda placed: placed[1].at or latest)


class _Clock:
    """Stands where it is set; never goes back."""

    def __init__(self, at: datetime) -> None:
        self._now = at

    def now(self) -> datetime:
        return self._now

    def reach(self, moment: datetime) -> None:
        self._now = max(self._now, moment)


class Opened:
    """A store that is asked.

    Args:
        path: Its file.
        end: When questions without a time are asked.
    """

    def __init__(self, path: Path, end: datetime) -> None:
        self._clock, self._end = _Clock(end - timedelta(days=1)), end
        self._open = ExitStack()
        self._memory = self._open.enter_context(Memory(path, embedder=EMBEDDER, clock=self._clock))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def ask(self, question: Question, *, kind: str, **labels: str) -> Case:
        """Ask a question; those with a time come in order of it, the others after them."""
        self._clock.reach(question.at or self._end)
        hits = self._memory.search(question.text, user_id=OWNER, limit=10, explain=True)
        told: Any = hits.explanation
        answered = kind == "answered" and not question.evidence.isdisjoint(ids_of(hits))
        kind = "missed" if kind == "answered" and not answered else kind
        measured: dict[str, float] = told["confidence"]["measures"] if hits else {}
        return Case(
            kind=kind, category=question.category, answered=answered, measures=dict(measured), **labels
        )

    def remove(self, gone: Iterable[str], *, documents: bool) -> None:
        """Delete rows by their names."""
        key = "passage_id" if documents else "turn_id"
        self._memory.delete_all(user_id=OWNER, filters={key: {"in": sorted(set(gone))}})


class Alike:
    """Tells which rows of a corpus resemble one, by words or by vector."""

    def __init__(self, corpus: Corpus) -> None:
        self._rows = corpus.rows
        self._place = {row.id: n for n, row in enumerate(self._rows)}
        self._vectors = EMBEDDER.encode([row.text for row in self._rows])
        self._words = [frozenset(terms(row.text)) for row in self._rows]

    def to(self, name: str) -> set[str]:
        """Return the names of the rows that resemble the one named, itself among them."""
        place = self._place[name]
        words = self._words[place]
        found = set(np.flatnonzero(self._vectors @ self._vectors[place] > ALIKE).tolist())
        found |= {
            n for n, other in enumerate(self._words) if len(other & words) > SAME_WORDS * len(other | words)
        }
        return {name} | {self._rows[n].id for n in found}


# ---------------------------------------------------------------- what is asked
def _subjects(name: str, folder: Path, most: int) -> Iterator[Subject]:
    def corpora(of: str, over: Sequence[str] = ()) -> list[Corpus]:
        found = open_set(_file(folder, of), over=[_file(folder, other) for other in over])
        return list(found.corpora())

    needed = {*ACROSS.get(name, SAID.get(name, ())), OTHERS.get(name, "locomo")}
    needed |= {"madial"} if name == DIALOGUES else set() if name in ACROSS or name in SAID else {name}
    if not all(_file(folder, each).exists() for each in needed):
        return
    chance = random.Random(7)
    if name in CHATS:
        yield from _talks(name, corpora(name), chance, most)
    elif name == DIALOGUES:
        yield from _dialogues(corpora("madial"))
    else:
        asked, *over = ACROSS.get(name, SAID.get(name, (name,)))
        (corpus,) = corpora(asked, over)
        if name in SAID:
            corpus = _said(corpus, corpora(SAID[name][1])[0])
        chosen = chance.sample(corpus.questions, min(MOST.get(name, most), most, len(corpus.questions)))
        other = corpora(OTHERS[name])[0].questions
        strange = tuple((each, "elsewhere") for each in chance.sample(other, min(most, len(other))))
        corpus = _fewer(replace(corpus, questions=tuple(chosen)), chance)
        yield Subject(corpus, name, tuple((_without_evidence(each), kind) for each, kind in strange))


def _file(folder: Path, name: str) -> Path:
    return folder / f"{name}.dev.json.gz"


def _talks(name: str, talks: list[Corpus], chance: random.Random, most: int) -> Iterator[Subject]:
    if len(talks) > MOST.get(name, len(talks)):
        talks = chance.sample(talks, MOST[name])
    for number, talk in enumerate(talks):
        # The two of MADial say the same in two languages.
        others = [other for other in talks if other is not talk and name != "madial"]
        strange: list[tuple[Question, str]] = []
        for n in range(min(N_STRANGE, most, len(talk.questions)) if others else 0):
            other = others[(number + n) % len(others)]
            question = _without_evidence(chance.choice(other.questions))
            if n % 2:
                text = _renamed(question.text, _speakers(other), _speakers(talk))
                strange.append((replace(question, text=text), "renamed"))
            else:
                strange.append((question, "elsewhere"))
        chosen = chance.sample(talk.questions, min(most, len(talk.questions)))
        yield Subject(replace(talk, questions=tuple(chosen)), f"{name}/{talk.id}", tuple(strange))


def _dialogues(talks: Sequence[Corpus]) -> Iterator[Subject]:
    for talk, other in zip(talks, reversed(talks), strict=True):
        known = {row.id for row in talk.rows}
        asked = tuple(question for question in other.questions if question.evidence <= known)
        yield Subject(replace(talk, questions=asked), f"{DIALOGUES}/{talk.id}", ())


def _said(asked: Corpus, passages: Corpus) -> Corpus:
    """Return the sentences of passages as messages; evidence is the sentence that has the answer in its own language."""
    sessions: list[Session] = []
    for passage in passages.rows:
        said = [each.strip() for each in _SENTENCE.split(passage.text) if each.strip()]
        rows = tuple(Row(f"{passage.id}/{n}", text, speaker="user") for n, text in enumerate(said))
        sessions.append(Session(passage.id, rows))
    texts = {row.id: row.text for session in sessions for row in session.rows}
    answers = {question.id: question.answer for question in passages.questions}
    questions: list[Question] = []
    for question in asked.questions:
        (passage_id,) = question.evidence
        found = [
            name
            for name, text in texts.items()
            if name.rpartition("/")[0] == passage_id and answers.get(question.id, "\0") in text
        ]
        if found:
            questions.append(replace(question, evidence=frozenset(found)))
    return Corpus(asked.id, tuple(sessions), tuple(questions))


def _fewer(corpus: Corpus, chance: random.Random) -> Corpus:
    """Return at most ``N_PASSAGES`` rows, the evidence among them."""
    rows = corpus.rows
    if len(rows) <= N_PASSAGES or not corpus.documents:
        return corpus
    needed = {row for question in corpus.questions for row in question.evidence}
    rest = [row for row in rows if row.id not in needed]
    kept = {row.id for row in chance.sample(rest, max(N_PASSAGES - len(needed), 0))} | needed
    return replace(corpus, sessions=(Session(None, tuple(row for row in rows if row.id in kept)),))


def _without_evidence(question: Question) -> Question:
    return replace(question, evidence=frozenset(), at=None)


def _speakers(talk: Corpus) -> list[str]:
    return [name for name in dict.fromkeys(row.speaker for row in talk.rows) if name]


def _renamed(text: str, names: Sequence[str], others: Sequence[str]) -> str:
    """Return *text* with the first names of other speakers."""
    for name, other in zip(names, others, strict=False):
        text = re.sub(rf"(?<![A-Za-z]){re.escape(name.split()[0])}(?![A-Za-z])", other.split()[0], text)
    return text


# ---------------------------------------------------------------- files
def read(path: Path) -> dict[str, Any]:
    """Return the content of a file."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        content: dict[str, Any] = json.load(file)
    return content


def moment(text: str | None) -> datetime:
    """Read a time without a zone as UTC."""
    return (datetime.fromisoformat(text) if text else datetime(2024, 1, 1)).replace(tzinfo=UTC)  # noqa: DTZ001
