"""Asks every question of a set of Polymem and of plain rankings beside it, and keeps what each found."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any, Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from polymem.client.build import embedder_of
from polymem.domain.slotted import dataclass
from polymem.evals.cases import Corpus, EvalSet, Question
from polymem.evals.measures import DEPTHS
from polymem.evals.plain import PlainIndex, plain_text
from polymem.evals.store import Store, ids_of, stored
from polymem.ports.embedder import Embedder, Purpose, runs_in_process
from polymem.ranking.budget import estimate_tokens
from polymem.ranking.scoring import GROUPS, Weights

__all__ = [
    "BM25",
    "FUSIONS",
    "HYBRID",
    "OURS",
    "Answer",
    "Asked",
    "Options",
    "Run",
    "ask_set",
    "variants",
    "vectors_of",
]

F32: TypeAlias = NDArray[np.float32]

OURS: Final = "polymem"
BM25: Final = "bm25"
HYBRID: Final = "hybrid"
Fusion: TypeAlias = Literal["sum", "rrf"]
FUSIONS: Final[Mapping[str, Fusion]] = {"sum": "sum", "rrf": "rrf"}
_SHOWN: Final = 10
"""Tokens are counted of as many hits as a search returns by default."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a set is measured.

    Attributes:
        config: Settings, as ``Memory(config=…)`` takes them.
        without: Parts of the ranking to leave out, see ``polymem.ranking.scoring.GROUPS``.
        fusion: How signals become a score.
        ablate: Whether the ranking without each part stands beside the whole one.
        limit: How many hits are asked for.
        sample: So many conversations alone, from the first on; 0 for all.
        infer: Whether facts are derived when rows are stored.
    """

    config: Mapping[str, Any] = field(default_factory=dict[str, Any])
    without: tuple[str, ...] = ()
    fusion: Fusion = "sum"
    ablate: bool = False
    limit: int = DEPTHS[-1]
    sample: int = 0
    infer: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """What one ranking found for one question.

    Attributes:
        ids: Rows, best first, each once.
        score: Of the best hit; 0 where there is none.
        confidence: That the answer is among the hits, None where a ranking does not tell.
        tokens: Of the first ten hits, estimated.
        cpu_ms: CPU time of the search, of all threads, the question's embedding included.
    """

    ids: tuple[str, ...]
    score: float
    confidence: float | None
    tokens: int
    cpu_ms: float


@dataclass(frozen=True, slots=True)
class Asked:
    """One question with all answers to it.

    Attributes:
        corpus: Of which scope it was asked.
        question: The question.
        answers: By name of the ranking.
    """

    corpus: str
    question: Question
    answers: Mapping[str, Answer]


@dataclass(frozen=True, slots=True)
class Run:
    """What was asked of one set.

    Attributes:
        name: Of the set.
        form: Its format.
        n_corpora: Scopes.
        n_rows: Rows stored in them.
        n_unlabelled: Questions left out because it is not known which rows answer them.
        add_ms: CPU milliseconds to store one row, with all that is derived from it.
        asked: The questions.
    """

    name: str
    form: str
    n_corpora: int
    n_rows: int
    n_unlabelled: int
    add_ms: float
    asked: tuple[Asked, ...]


def variants(options: Options) -> dict[str, dict[str, Any]]:
    """Return the rankings of ours to ask, with the settings of each."""
    chosen = {OURS: (options.without, options.fusion)}
    if options.ablate:
        weights = Weights().without(options.without)
        for group in GROUPS:
            if weights.without([group]) != weights:
                chosen[f"without {group}"] = ((*options.without, group), options.fusion)
        if options.fusion != "rrf":
            chosen["fusion rrf"] = (options.without, "rrf")
    return {
        name: {**options.config, "ranking": {"without": list(without), "fusion": fusion}}
        for name, (without, fusion) in chosen.items()
    }


def ask_set(data: EvalSet, options: Options, *, step: Callable[[int], None] = lambda _: None) -> Run:
    """Store the scopes of a set, one after another, and ask all questions of all rankings.

    Args:
        data: The set.
        options: How it is measured.
        step: Told how many rows and questions are done, as they are.

    Raises:
        DatasetError: Something in the file is not as its format says.
        ConfigError: A setting cannot be used.
        ModelError: The embedder failed.
    """
    count = _Count(step)
    asked: list[Asked] = []
    n_corpora = n_rows = n_unlabelled = 0
    add_ms = 0.0
    embedder = embedder_of(options.config or None)
    for corpus in data.corpora():
        if options.sample and n_corpora == options.sample:
            break
        n_corpora += 1
        n_rows += len(corpus.rows)
        n_unlabelled += sum(not question.labelled for question in corpus.questions)
        spent, found = _ask_corpus(corpus, options, embedder, count)
        add_ms += spent
        asked += found
    return Run(data.name, data.form, n_corpora, n_rows, n_unlabelled, add_ms / max(n_rows, 1), tuple(asked))


class _Count:
    """Adds up what is done.

    Args:
        step: Told the sum.
    """

    def __init__(self, step: Callable[[int], None]) -> None:
        self._step = step
        self._n = 0

    def __call__(self, n: int) -> None:
        self._n += n
        self._step(self._n)


def _ask_corpus(
    corpus: Corpus, options: Options, embedder: Embedder, count: Callable[[int], None]
) -> tuple[float, list[Asked]]:
    # One that has to be awaited belongs to the loop of the handle that made it.
    shared = embedder if runs_in_process(embedder) else None
    chosen = variants(options)
    with stored(corpus, shared) as store:
        begun = time.process_time()
        store.fill(chosen[OURS], infer=options.infer, step=count)
        spent = 1e3 * (time.process_time() - begun)
        questions = store.in_order(question for question in corpus.questions if question.labelled)
        answers: list[dict[str, Answer]] = [{} for _ in questions]
        for name, config in chosen.items():
            for found, answer in zip(answers, _ours(store, questions, config, options.limit), strict=True):
                found[name] = answer
                if name == OURS:
                    count(1)
    plain = _plain(corpus, questions, embedder, options.limit)
    triples = zip(questions, answers, plain, strict=True)
    return spent, [Asked(corpus.id, question, ours | other) for question, ours, other in triples]


def _ours(
    store: Store, questions: Sequence[Question], config: Mapping[str, Any], limit: int
) -> Iterator[Answer]:
    with store.asked(config) as ask:
        if questions:
            # What is loaded once is not what a search costs.
            ask(questions[0], limit)
        for question in questions:
            begun = time.process_time_ns()
            hits = ask(question, limit)
            cpu_ms = (time.process_time_ns() - begun) / 1e6
            tokens = sum(estimate_tokens(hit.item.text) for hit in hits[:_SHOWN])
            score = hits[0].score if hits else 0.0
            yield Answer(ids_of(hits), score, hits.confidence, tokens, cpu_ms)


def _plain(
    corpus: Corpus, questions: Sequence[Question], embedder: Embedder, limit: int
) -> Iterator[dict[str, Answer]]:
    """Yield the answers of the plain rankings to each question."""
    rows = corpus.rows
    if not rows or not questions:
        yield from ({} for _ in questions)
        return
    index = PlainIndex(rows, vectors_of(embedder, [plain_text(row) for row in rows], purpose="passage"))

    def answer(scores: F32, begun: int) -> Answer:
        best: list[int] = np.argsort(-scores, kind="stable")[:limit].tolist()
        cpu_ms = (time.process_time_ns() - begun) / 1e6
        tokens = sum(estimate_tokens(rows[place].text) for place in best[:_SHOWN])
        return Answer(tuple(rows[place].id for place in best), float(scores[best[0]]), None, tokens, cpu_ms)

    for question in questions:
        begun = time.process_time_ns()
        keywords = answer(index.bm25(question.text), begun)
        begun = time.process_time_ns()
        vector = vectors_of(embedder, [question.text], purpose="query")[0]
        yield {BM25: keywords, HYBRID: answer(index.hybrid(question.text, vector), begun)}


def vectors_of(embedder: Embedder, texts: Sequence[str], *, purpose: Purpose) -> F32:
    """Return float32[n, dim] of unit rows, from an embedder that is to be awaited or not."""
    if runs_in_process(embedder):
        return embedder.encode(texts)
    return asyncio.run(embedder.embed(texts, purpose=purpose))
