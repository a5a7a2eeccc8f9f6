"""Answer and judge: a model answers each question from several contexts, a model judges the answers.

Every context gets the same prompt. What was answered is handed on at once, so that a run that was broken off goes on
where it stopped and no answer is paid for twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from functools import partial
from typing import Any, Final, TypeAlias

from polymem.client.build import embedder_of
from polymem.domain.derivation import NO_USAGE, Usage
from polymem.domain.slotted import dataclass
from polymem.errors import InvalidOutputError, RefusalError
from polymem.evals.cases import Corpus, EvalSet, Question
from polymem.evals.f1 import answer_f1, says_nothing
from polymem.evals.plain import plain_text
from polymem.evals.qa_contexts import SYSTEMS, System, answerable, full_context, naive_context
from polymem.evals.qa_prompts import (
    ANSWER_FORM,
    ANSWER_SYSTEM,
    JUDGE_FORM,
    Protocol,
    answer_prompt,
    judge_prompt,
    judge_system,
    prompts_digest,
)
from polymem.evals.retrieval import vectors_of
from polymem.evals.store import Store, stored
from polymem.ports.embedder import Embedder, runs_in_process
from polymem.ports.llm import LanguageModel
from polymem.ranking.budget import estimate_tokens

__all__ = ["Answered", "Key", "QaOptions", "answer_set", "protocol_of"]

Key: TypeAlias = tuple[str, str, str]
"""Scope, question and system."""
ANSWER_TOKENS: Final = 400
JUDGE_TOKENS: Final = 300


@dataclass(frozen=True, slots=True)
class QaOptions:
    """How a set is asked.

    Attributes:
        config: Settings, as ``Memory(config=…)`` takes them.
        protocol: Whose rules of judging.
        systems: The contexts to answer from.
        budget_tokens: Longest context of Polymem and of plain vectors, estimated tokens.
        full_tokens: Longest context of everything.
        concurrency: Questions that are answered at the same time.
        sample: So many scopes alone, from the first on; 0 for all.
        questions: So many questions of each scope alone; 0 for all.
        infer: Whether facts are derived when rows are stored.
    """

    config: Mapping[str, Any] = field(default_factory=dict[str, Any])
    protocol: Protocol = "locomo"
    systems: tuple[System, ...] = SYSTEMS
    budget_tokens: int = 2_000
    full_tokens: int = 120_000
    concurrency: int = 4
    sample: int = 0
    questions: int = 0
    infer: bool = True

    def fingerprint(self, model: LanguageModel, judge: LanguageModel) -> str:
        """Return what answers have in common that may stand in one report."""
        parts = (model.name, judge.name, self.protocol, self.budget_tokens, self.full_tokens, self.infer)
        return "/".join(map(str, (*parts, prompts_digest())))


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer.

    Attributes:
        corpus: Scope.
        question: Id of the question.
        category: Its kind.
        system: What it was answered from.
        answer: What the model said.
        correct: What the judge said of it.
        f1: Words shared with the expected answer, 0..1.
        context_tokens: Length of the context, estimated.
        n_left_out: Rows for which the context had no room, where it was to hold all.
        answering: What the answer cost.
        judging: What the judgement cost.
        problem: Why there is no answer or no judgement, "" where there is; it counts as wrong.
    """

    corpus: str
    question: str
    category: str
    system: System
    answer: str
    correct: bool
    f1: float
    context_tokens: int
    n_left_out: int = 0
    answering: Usage = NO_USAGE
    judging: Usage = NO_USAGE
    problem: str = ""

    @property
    def key(self) -> Key:
        """What tells it from others of the same run."""
        return self.corpus, self.question, self.system


@dataclass(frozen=True, slots=True)
class _Task:
    question: Question
    system: System
    context: str
    n_left_out: int
    asked_at: datetime


def protocol_of(data: EvalSet) -> Protocol:
    """Return whose rules of judging a set is usually reported by."""
    return "longmemeval" if data.form == "longmemeval" else "locomo"


async def answer_set(
    data: EvalSet,
    options: QaOptions,
    *,
    model: LanguageModel,
    judge: LanguageModel,
    known: Mapping[Key, Answered],
    keep: Callable[[Answered], None],
) -> tuple[list[Answered], Usage]:
    """Answer and judge all questions of a set from all contexts.

    Args:
        data: The set.
        options: How it is asked.
        model: Answers.
        judge: Judges.
        known: Answers of an earlier run with the same fingerprint; these are not asked again.
        keep: Handed each new answer as soon as it is judged.

    Returns:
        All answers, known ones included, in order of the set; and what models were asked to derive facts from the rows.

    Raises:
        DatasetError: Something in the file is not as its format says.
        ModelError: A model cannot be asked any more; what it has answered is kept.
    """
    embedder = embedder_of(options.config or None)
    answers: list[Answered] = []
    deriving = NO_USAGE
    for n, corpus in enumerate(data.corpora()):
        if options.sample and n == options.sample:
            break
        questions = [question for question in corpus.questions if question.answer or not answerable(question)]
        wanted = questions[: options.questions or None]
        found: dict[Key, Answered] = {
            key: known[key]
            for question in wanted
            for system in options.systems
            if (key := (corpus.id, question.id, system)) in known
        }
        # In a thread, since the client that it uses has an event loop of its own.
        tasks, spent = await asyncio.to_thread(
            _tasks, corpus, wanted, options, embedder=embedder, known=found
        )
        deriving += spent
        answer = partial(_answered, corpus.id, protocol=options.protocol, model=model, judge=judge)
        found |= await _together(tasks, answer, concurrency=options.concurrency, keep=keep)
        answers += [
            found[corpus.id, question.id, system] for question in wanted for system in options.systems
        ]
    return answers, deriving


async def _together(
    tasks: Sequence[_Task],
    answer: Callable[[_Task], Coroutine[None, None, Answered]],
    *,
    concurrency: int,
    keep: Callable[[Answered], None],
) -> dict[Key, Answered]:
    limit = asyncio.Semaphore(concurrency)

    async def work(task: _Task) -> Answered:
        async with limit:
            answered = await answer(task)
        keep(answered)
        return answered

    try:
        async with asyncio.TaskGroup() as group:
            begun = [group.create_task(work(task)) for task in tasks]
    except ExceptionGroup as failed:
        # The first stopped the others; it tells why.
        raise failed.exceptions[0] from failed
    return {answered.key: answered for answered in (task.result() for task in begun)}


def _tasks(
    corpus: Corpus,
    questions: Sequence[Question],
    options: QaOptions,
    *,
    embedder: Embedder,
    known: Mapping[Key, Answered],
) -> tuple[list[_Task], Usage]:
    """Return what is still to be asked, with its context; and what was spent on the store."""
    left = [
        (question, system)
        for question in questions
        for system in options.systems
        if (corpus.id, question.id, system) not in known
    ]
    if not left:
        return [], NO_USAGE
    tasks: list[_Task] = []
    spent: list[Usage] = []
    shared = embedder if runs_in_process(embedder) else None
    with stored(corpus, shared) as store:
        for system, contexts in _contexts(corpus, store, options, embedder=embedder, spent=spent):
            asked = store.in_order(question for question, name in left if name == system)
            for question, (context, n_left_out) in zip(asked, contexts(asked), strict=True):
                tasks.append(_Task(question, system, context, n_left_out, question.at or store.end))
    return tasks, sum(spent, NO_USAGE)


_Contexts: TypeAlias = Callable[[Sequence[Question]], Iterator[tuple[str, int]]]


def _contexts(
    corpus: Corpus, store: Store, options: QaOptions, *, embedder: Embedder, spent: list[Usage]
) -> Iterator[tuple[System, _Contexts]]:
    rows = corpus.rows

    def packed(questions: Sequence[Question]) -> Iterator[tuple[str, int]]:
        if not questions:
            return
        spent.append(store.fill(options.config, infer=options.infer, step=lambda _: None))
        with store.packed(options.config) as pack:
            for question in questions:
                yield pack(question, options.budget_tokens), 0

    def full(questions: Sequence[Question]) -> Iterator[tuple[str, int]]:
        whole = full_context(rows, most=options.full_tokens)
        yield from (whole for _ in questions)

    def naive(questions: Sequence[Question]) -> Iterator[tuple[str, int]]:
        if not questions:
            return
        vectors = vectors_of(embedder, [plain_text(row) for row in rows], purpose="passage")
        for question in questions:
            (vector,) = vectors_of(embedder, [question.text], purpose="query")
            yield naive_context(rows, vectors @ vector, most=options.budget_tokens), 0

    ways: dict[System, _Contexts] = {"polymem": packed, "full": full, "naive": naive}
    for system in options.systems:
        yield system, ways[system]


async def _answered(
    corpus: str, task: _Task, *, protocol: Protocol, model: LanguageModel, judge: LanguageModel
) -> Answered:
    question, known = task.question, answerable(task.question)
    answer, answering, judging, correct, problem = "", NO_USAGE, NO_USAGE, False, ""
    try:
        prompt = answer_prompt(question.text, context=task.context, asked_at=task.asked_at)
        reply = await model.generate(
            prompt, system=ANSWER_SYSTEM, schema=ANSWER_FORM, max_tokens=ANSWER_TOKENS
        )
        answer, answering = str(reply.value["answer"]), reply.usage
        verdict = await judge.generate(
            judge_prompt(question.text, expected=question.answer, answer=answer, answerable=known),
            system=judge_system(protocol, question.category, answerable=known),
            schema=JUDGE_FORM,
            max_tokens=JUDGE_TOKENS,
        )
        correct, judging = verdict.value["correct"] is True, verdict.usage
    except (InvalidOutputError, RefusalError) as error:
        problem = type(error).__name__
    several = question.category == "multi-hop"
    return Answered(
        corpus=corpus,
        question=question.id,
        category=question.category,
        system=task.system,
        answer=answer,
        correct=correct,
        f1=answer_f1(answer, question.answer, several=several) if known else float(says_nothing(answer)),
        context_tokens=estimate_tokens(task.context),
        n_left_out=task.n_left_out,
        answering=answering,
        judging=judging,
        problem=problem,
    )
