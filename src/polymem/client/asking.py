"""Questions answered from the memory, with citations; see :class:`~polymem.client.aio.AsyncMemory`."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, TypedDict, Unpack

from polymem.client.arguments import check_bool
from polymem.client.reading import Reading
from polymem.domain.derivation import NO_USAGE, Usage
from polymem.domain.document import Answer
from polymem.domain.item import Kind
from polymem.domain.slotted import dataclass
from polymem.errors import ConfigError, InputError
from polymem.ports.embedder import runs_in_process
from polymem.ports.llm import LanguageModel, streams
from polymem.ranking.confidence import UNSURE
from polymem.text.language import language

if TYPE_CHECKING:
    from polymem.documents.citations import Alike
    from polymem.documents.passages import Passage
    from polymem.ports.faces import F32

SENTENCES: Final = 2
"""Sentences of an answer without a model, where the caller says nothing."""
MAX_SENTENCES: Final = 20
"""Most sentences of one."""
LIMIT: Final = 12
"""Most hits that are read, where the caller says nothing."""
BUDGET_TOKENS: Final = 4_000
"""Most estimated tokens of them, where the caller says nothing."""
ANSWER_TOKENS: Final = 1_000
"""Longest answer of a model."""


class ReadOptions(TypedDict, total=False):
    """The arguments of :meth:`Asking.ask` that say what is read; see there."""

    user_id: object
    agent_id: object
    run_id: object
    tenant: object
    mode: str
    limit: int
    budget_tokens: int
    filters: Mapping[str, Any] | None
    kinds: Sequence[Kind] | None
    as_of: datetime | str | float | None
    known_at: datetime | str | float | None
    rerank: bool | int | None


class AskOptions(ReadOptions, total=False):
    """The arguments of :meth:`Asking.ask` beside the question."""

    min_confidence: float | None
    sentences: int
    use_model: bool | None


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question and what its answer is to rest on."""

    question: str
    passages: list[Passage]
    confidence: float
    model: LanguageModel | None
    n_sentences: int
    enough: bool


class Asking(Reading):
    """The part of the handle that answers."""

    async def ask(
        self,
        question: str,
        *,
        user_id: object = None,
        agent_id: object = None,
        run_id: object = None,
        tenant: object = None,
        mode: str = "hybrid",
        limit: int = LIMIT,
        budget_tokens: int = BUDGET_TOKENS,
        filters: Mapping[str, Any] | None = None,
        kinds: Sequence[Kind] | None = None,
        as_of: datetime | str | float | None = None,
        known_at: datetime | str | float | None = None,
        rerank: bool | int | None = None,
        min_confidence: float | None = None,
        sentences: int = SENTENCES,
        use_model: bool | None = None,
    ) -> Answer:
        """Answer a question from what is stored, with numbered citations.

        Without a model the answer is the sentences that fit best, word for word. With one, it writes the answer, and each of its
        citations is checked: the words cited exist, and have most of the words and all numbers of the sentence that
        cites them; one that has not is marked in the text, [2?], and not ``supported``.

        Args:
            question: The question, in any language.
            user_id: Whose memory.
            agent_id: Narrow to this agent.
            run_id: Narrow to this run.
            tenant: Which tenant.
            mode: As for :meth:`search`.
            limit: Most hits that are read.
            budget_tokens: Most estimated tokens of them.
            filters: A condition, see ``docs/filters.md``; ``{"role": "document"}`` for documents alone.
            kinds: Only these kinds.
            as_of: What held at this time in the world.
            known_at: What was known at this time.
            rerank: As for :meth:`search`.
            min_confidence: Below this confidence of the hits the answer is that there is none, and no model is asked; by
                default :data:`polymem.ranking.confidence.UNSURE` in the mode "hybrid", 0 in the others, where
                it is not calibrated.
            sentences: Most sentences of an answer without a model.
            use_model: False: without the configured model; True: with it; by default with it where one is configured.

        Raises:
            InputError: An argument cannot be used.
            ConfigError: *use_model* is True, and none is configured.
            ModelError: The model, the embedder or the reranker failed.
        """
        asked = await self._prepared(
            question,
            user_id=user_id,
            agent_id=agent_id,
            run_id=run_id,
            tenant=tenant,
            limit=limit,
            filters=filters,
            kinds=kinds,
            as_of=as_of,
            known_at=known_at,
            mode=mode,
            rerank=rerank,
            budget_tokens=budget_tokens,
            min_confidence=min_confidence,
            sentences=sentences,
            use_model=use_model,
        )
        return await self._whole(asked)

    async def ask_stream(self, question: str, **options: Unpack[AskOptions]) -> AsyncGenerator[str | Answer]:
        """Answer a question piece by piece.

        The arguments are those of :meth:`ask`. Citations are numbered as they come; whether they are supported is known at the
        end, and stands in the answer.

        Yields:
            Pieces of the text in order, then the :class:`~polymem.domain.document.Answer` itself. A model that cannot
            stream gives its text in one piece.

        Raises:
            InputError: An argument cannot be used.
            ConfigError: ``use_model`` is True, and none is configured.
            ModelError: The model, the embedder or the reranker failed; pieces that came before stay said.
        """
        asked = await self._prepared(question, **options)
        if asked.model is None or not asked.enough or not streams(asked.model):
            whole = await self._whole(asked)
            yield whole.text
            yield whole
            return
        from polymem.documents import answer
        from polymem.documents.streaming import Streamed

        streamed = Streamed(len(asked.passages))
        pieces = asked.model.stream(
            answer.prompt_for(question, asked.passages),
            system=answer.streaming_system(question),
            max_tokens=ANSWER_TOKENS,
        )
        usage = NO_USAGE
        try:
            async for piece in pieces:
                usage += piece.usage
                for text in streamed.feed(piece.text):
                    yield text
        finally:
            await pieces.aclose()
        for text in streamed.end():
            yield text
        done = await self._written(asked, streamed.written, model=asked.model, usage=usage)
        if not done.found:
            yield done.text
        yield done

    async def _prepared(
        self,
        question: str,
        *,
        min_confidence: float | None = None,
        sentences: int = SENTENCES,
        use_model: bool | None = None,
        **options: Unpack[ReadOptions],
    ) -> _Asked:
        """Find what the answer is to rest on."""
        from polymem.documents.passages import numbered

        model = self._answering(use_model)
        n = _count(sentences, argument="sentences", most=MAX_SENTENCES)
        least = _least(min_confidence, mode=options.get("mode", "hybrid"))
        options.setdefault("limit", LIMIT)
        options.setdefault("budget_tokens", BUDGET_TOKENS)
        hits = await self.search(question, **options)
        passages = numbered(hits)
        enough = bool(passages) and hits.confidence >= least
        return _Asked(question, passages, hits.confidence, model, n, enough)

    async def _whole(self, asked: _Asked) -> Answer:
        """Return the whole answer at once."""
        if asked.model is None or not asked.enough:
            return await self._without_model(asked)
        from polymem.documents import answer

        reply = await asked.model.generate(
            answer.prompt_for(asked.question, asked.passages),
            system=answer.system_for(asked.question),
            schema=answer.FORM,
            max_tokens=ANSWER_TOKENS,
        )
        text = str(reply.value["answer"]).strip() if reply.value["found"] else ""
        return await self._written(asked, text, model=asked.model, usage=reply.usage)

    async def _without_model(self, asked: _Asked) -> Answer:
        """Return the best sentences, or that there is no answer."""
        from polymem.documents import answer
        from polymem.documents.extract import candidates

        if not asked.enough:
            return answer.not_found(asked.question, asked.passages, confidence=asked.confidence)
        found = candidates(asked.question, asked.passages)
        vectors = await self._vectors([asked.question, *found.texts])
        return answer.extracted(
            found,
            asked.passages,
            vectors[1:] @ vectors[0],
            limit=asked.n_sentences,
            confidence=asked.confidence,
        )

    async def _written(self, asked: _Asked, text: str, *, model: LanguageModel, usage: Usage) -> Answer:
        """Return what a model wrote as an answer; nothing is that there is none."""
        from polymem.documents import answer

        if not text:
            return answer.not_found(
                asked.question, asked.passages, confidence=asked.confidence, model=model.name, usage=usage
            )
        return answer.written(
            text,
            asked.question,
            asked.passages,
            confidence=asked.confidence,
            model=model.name,
            usage=usage,
            alike=await self._alike(text, asked.passages),
        )

    async def _alike(self, text: str, passages: Sequence[Passage]) -> Alike | None:
        """Return how much sentences of an answer are like passages in the other language; None where all are in one."""
        from polymem.documents.citations import claims, likeness
        from polymem.documents.passages import sentence_texts

        own = language(text)
        if all({own, language(passage.text)} != {"en", "zh"} for passage in passages):
            return None
        said = claims(text)
        vectors = await self._vectors([*said, *sentence_texts(passages)])
        return likeness(said, vectors[: len(said)], passages, vectors[len(said) :])

    async def _vectors(self, texts: list[str]) -> F32:
        embedder = self._parts.embedder
        if runs_in_process(embedder):
            return embedder.encode(texts)
        return await embedder.embed(texts, purpose="passage")

    def _answering(self, use_model: object) -> LanguageModel | None:
        model = self._parts.llm
        if use_model is None:
            return model
        if not check_bool(use_model, argument="use_model"):
            return None
        if model is None:
            raise ConfigError("no language model is configured: set llm.provider", setting="llm.provider")
        return model


def _count(value: object, *, argument: str, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
        raise InputError(f"{argument} must be a whole number from 1 to {most}", argument=argument)
    return value


def _least(value: object, *, mode: str) -> float:
    if value is None:
        return UNSURE if mode == "hybrid" else 0.0
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 1:
        raise InputError("min_confidence must be a number from 0 to 1", argument="min_confidence")
    return float(value)
