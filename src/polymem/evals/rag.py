"""Every question of a set of passages asked in every mode: what is in the context, and what is made of it.

The passages are stored by ``ingest`` and asked through ``search`` and ``ask``, as a user's are. The four figures are those of
the HybridRAG paper (arXiv 2408.04948, table 1), by the ids of the evidence where no model judges.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from polymem import Memory
from polymem.client.build import embedder_of
from polymem.documents.citations import claims
from polymem.domain.derivation import NO_USAGE, Usage
from polymem.domain.document import Answer
from polymem.domain.slotted import dataclass
from polymem.errors import InputError, InvalidOutputError, RefusalError
from polymem.evals.cases import EvalSet, Question
from polymem.evals.documents import Shelf, shelf_of
from polymem.evals.own import PASSAGES
from polymem.evals.rag_judge import CALLS_AT_A_TIME, FIGURES, NAN, Judged, judge, mean_precision, share
from polymem.evals.rag_kept import Kept, Key, Ledger, context_digest
from polymem.evals.retrieval import vectors_of
from polymem.ports.embedder import Embedder, runs_in_process
from polymem.ports.llm import LanguageModel
from polymem.ranking.budget import estimate_tokens

__all__ = [
    "MODES",
    "RAG_MEASURES",
    "RagOptions",
    "RagRun",
    "Read",
    "ask_rag",
    "context_precision",
    "context_recall",
    "faithfulness",
]

MODES: Final = ("vector", "graph", "concat", "hybrid")
RAG_MEASURES: Final = (*FIGURES, "all evidence")
OWNER: Final = "reader"


@dataclass(frozen=True, slots=True)
class RagOptions:
    """How a set is asked.

    Attributes:
        config: Settings, as ``Memory(config=…)`` takes them.
        modes: Modes of ``search``.
        limit: Most hits in a context.
        budget_tokens: Most estimated tokens in it.
        sentences: Of an answer without a model.
        sample: So many questions alone; 0 for all.
    """

    config: Mapping[str, Any] = field(default_factory=dict[str, Any])
    modes: tuple[str, ...] = MODES
    limit: int = 10
    budget_tokens: int = 4_000
    sentences: int = 2
    sample: int = 0


@dataclass(frozen=True, slots=True)
class Read:
    """What one mode found for one question, and what it answered.

    Attributes:
        contexts: The passages that each hit is of, best first.
        texts: The words of the hits.
        answer: What it answered.
        figures: One for each of ``RAG_MEASURES``, 0..1; NaN where the model could not judge.
        tokens: Of the hits, estimated.
        cpu_ms: CPU time of the search.
        answering: What the answer cost.
        judging: What the judgements cost.
        problems: Why the model could not judge a figure, by its name.
    """

    contexts: tuple[tuple[str, ...], ...]
    texts: tuple[str, ...]
    answer: Answer
    figures: tuple[float, ...]
    tokens: int
    cpu_ms: float
    answering: Usage = NO_USAGE
    judging: Usage = NO_USAGE
    problems: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class RagRun:
    """What was asked of one set.

    Attributes:
        name: Of the set.
        n_documents: Documents ingested.
        n_chunks: Chunks that they were cut into.
        ingest_ms: CPU milliseconds to take one passage of the set in.
        asked: Questions with what each mode read.
    """

    name: str
    n_documents: int
    n_chunks: int
    ingest_ms: float
    asked: tuple[tuple[Question, Mapping[str, Read]], ...]


def ask_rag(
    data: EvalSet,
    options: RagOptions,
    *,
    model: LanguageModel | None = None,
    ledger: Ledger | None = None,
    step: Callable[[int], None] = lambda _: None,
) -> RagRun:
    """Ingest a set of passages and ask its questions in every mode.

    Args:
        data: The set.
        options: How it is asked.
        model: Judges instead of the ids of the evidence; then the configured model answers, too.
        ledger: Where answers with their judgements are kept, and taken from where the context is the same.
        step: Told how many documents and questions are done.

    Raises:
        InputError: It is no set of passages.
        DatasetError: Something in the file, or in that of the ledger, is not as its format says.
        ConfigError: A setting cannot be used.
        ModelError: The embedder failed, or a model cannot be asked any more: time-out, used-up budget, refused key. What
            it declines or answers in another form is counted, see :attr:`Read.problems`.
    """
    if data.form != PASSAGES:
        raise InputError(f"{data.name} is not of the format {PASSAGES}", argument="files")
    (corpus,) = data.corpora()
    shelf = shelf_of(corpus)
    kept = Ledger() if ledger is None else ledger
    known = kept.known()
    embedder = embedder_of(options.config or None)
    shared = embedder if runs_in_process(embedder) else None
    with (
        TemporaryDirectory(prefix="polymem-eval-") as folder,
        Memory(Path(folder, "eval.db"), config=options.config, embedder=shared) as memory,
    ):
        begun = time.process_time()
        done = memory.ingest(
            list(shelf.inputs), user_id=OWNER, infer=False, progress=lambda told: step(told.n_done)
        )
        spent = 1e3 * (time.process_time() - begun)
        reader = _Reader(memory, shelf, embedder, options, model, kept, known)
        questions = [question for question in corpus.questions if question.evidence]
        asked: list[tuple[Question, Mapping[str, Read]]] = []
        for question in questions[: options.sample or None]:
            asked.append((question, reader.read(question)))
            step(len(shelf.inputs) + len(asked))
    n_rows = max(len(corpus.rows), 1)
    return RagRun(data.name, len(done.added), done.n_chunks_added, spent / n_rows, tuple(asked))


@dataclass(frozen=True, slots=True)
class _Found:
    """What one mode found."""

    contexts: tuple[tuple[str, ...], ...]
    texts: tuple[str, ...]
    cpu_ms: float


@dataclass(frozen=True, slots=True)
class _Reader:
    """Asks one question in every mode."""

    memory: Memory
    shelf: Shelf
    embedder: Embedder
    options: RagOptions
    judge: LanguageModel | None
    ledger: Ledger
    known: Mapping[Key, Kept]

    def read(self, question: Question) -> dict[str, Read]:
        """Search, answer, and measure both."""
        # One after the other: what runs beside a search would count as its time.
        found = {mode: self._found(question, mode) for mode in self.options.modes}
        if self.judge is not None:
            return asyncio.run(self._by_model(self.judge, question, found))
        return {mode: self._by_ids(question, mode, one) for mode, one in found.items()}

    def _found(self, question: Question, mode: str) -> _Found:
        options = self.options
        begun = time.process_time_ns()
        hits = self.memory.search(
            question.text, user_id=OWNER, mode=mode, limit=options.limit, budget_tokens=options.budget_tokens
        )
        cpu_ms = (time.process_time_ns() - begun) / 1e6
        contexts = tuple(self.shelf.rows_at(hit.place) for hit in hits)
        return _Found(contexts, tuple(hit.item.text for hit in hits), cpu_ms)

    def _answer(self, question: Question, mode: str) -> Answer:
        options = self.options
        return self.memory.ask(
            question.text,
            user_id=OWNER,
            mode=mode,
            limit=options.limit,
            budget_tokens=options.budget_tokens,
            sentences=options.sentences,
            min_confidence=0,
            use_model=self.judge is not None,
        )

    def _by_ids(self, question: Question, mode: str, found: _Found) -> Read:
        answer = self._answer(question, mode)
        cited = [self.shelf.rows_at(citation.place) for citation in answer.citations]
        figures = (
            faithfulness(cited, question.evidence),
            _relevance(question.text, answer, self.embedder),
            context_precision(found.contexts, question.evidence),
            context_recall(found.contexts, question.evidence),
        )
        return _read(question, found, answer, figures)

    async def _by_model(
        self, model: LanguageModel, question: Question, found: Mapping[str, _Found]
    ) -> dict[str, Read]:
        gate = asyncio.Semaphore(CALLS_AT_A_TIME)
        try:
            async with asyncio.TaskGroup() as group:
                begun = {
                    mode: group.create_task(self._judged(model, question, mode, one, gate=gate))
                    for mode, one in found.items()
                }
        except ExceptionGroup as failed:
            # The first stopped the others; it tells why.
            raise failed.exceptions[0] from failed
        return {mode: task.result() for mode, task in begun.items()}

    async def _judged(
        self, model: LanguageModel, question: Question, mode: str, found: _Found, *, gate: asyncio.Semaphore
    ) -> Read:
        """Let a model answer and judge the answer, if it has not done so before."""
        context = context_digest(found.texts)
        kept = self.known.get((question.id, mode))
        if kept is None or kept.context != context:
            kept = await self._anew(model, question, mode, found, gate=gate)
            self.ledger.keep(kept)
        answer = Answer(kept.answer, found=kept.found, confidence=0.0, usage=kept.answering)
        read = _read(question, found, answer, kept.figures)
        return replace(read, answering=kept.answering, judging=kept.judging, problems=kept.problems)

    async def _anew(
        self, model: LanguageModel, question: Question, mode: str, found: _Found, *, gate: asyncio.Semaphore
    ) -> Kept:
        problem, answer = "", Answer("", found=False, confidence=0.0)
        try:
            async with gate:
                answer = await asyncio.to_thread(self._answer, question, mode)
        except (InvalidOutputError, RefusalError) as error:
            problem = type(error).__name__
            spent = error.facts.get("usage")
            answer = replace(answer, usage=spent if isinstance(spent, Usage) else NO_USAGE)
        judged = await judge(
            model,
            self.embedder,
            question=question.text,
            answer=" ".join(claims(answer.text)) if answer.found else "",
            reference=question.answer,
            texts=found.texts,
            gate=gate,
        )
        if problem:
            judged = _without_answer(judged, problem)
        return Kept(
            question=question.id,
            mode=mode,
            context=context_digest(found.texts),
            answer=answer.text,
            found=answer.found,
            figures=(judged.faithfulness, judged.relevance, judged.precision, judged.recall),
            answering=answer.usage,
            judging=judged.usage,
            problems=judged.problems,
        )


def _read(question: Question, found: _Found, answer: Answer, figures: tuple[float, ...]) -> Read:
    whole = float(question.evidence <= {name for context in found.contexts for name in context})
    tokens = sum(map(estimate_tokens, found.texts))
    return Read(found.contexts, found.texts, answer, (*figures, whole), tokens, found.cpu_ms)


def _without_answer(judged: Judged, problem: str) -> Judged:
    """Return what is left to say where the model that answers declined or gave no answer of the form asked for."""
    told = dict.fromkeys(FIGURES[:2], f"{problem} in the answer")
    return replace(judged, faithfulness=NAN, relevance=NAN, problems={**judged.problems, **told})


def faithfulness(cited: Sequence[Sequence[str]], evidence: AbstractSet[str]) -> float:
    """Return which share of what an answer cites is evidence; 0 for an answer that cites nothing.

    Args:
        cited: The passages of each citation.
        evidence: Ids that answer the question.

    Example:
        >>> faithfulness([["a"], ["b", "c"]], {"c"})
        0.5
    """
    return share([not evidence.isdisjoint(names) for names in cited])


def context_precision(contexts: Sequence[Sequence[str]], evidence: AbstractSet[str]) -> float:
    """Return ``Σ P@k · v_k / Σ v_k``, where v_k is 1 if the k-th hit is evidence; 0 where none is.

    Source: HybridRAG (arXiv 2408.04948), section 4.

    Example:
        >>> context_precision([["a"], ["b"], ["c"]], {"a", "c"})
        0.8333333333333333
    """
    return mean_precision([not evidence.isdisjoint(names) for names in contexts])


def context_recall(contexts: Sequence[Sequence[str]], evidence: AbstractSet[str]) -> float:
    """Return which share of the evidence is in the context.

    Example:
        >>> context_recall([["a"], ["b", "c"]], {"c", "d"})
        0.5
    """
    return len(evidence & {name for names in contexts for name in names}) / len(evidence)


def _relevance(question: str, answer: Answer, embedder: Embedder) -> float:
    """Return the cosine of question and answer, at least 0; 0 where there is no answer."""
    if not answer.found:
        return 0.0
    words = " ".join(claims(answer.text))
    vectors = vectors_of(embedder, [question, words], purpose="query")
    return max(0.0, float(vectors[0] @ vectors[1]))
