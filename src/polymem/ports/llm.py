"""A language model, asked for an answer of an agreed form."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from typing import Any, Protocol, TypeGuard

from polymem.domain.derivation import NO_USAGE, Usage
from polymem.domain.json_schema import JsonSchema
from polymem.domain.slotted import dataclass

__all__ = ["JsonSchema", "LanguageModel", "Piece", "Reply", "StreamingModel", "streams"]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer.

    Attributes:
        value: The answer; it has the form of the schema that was asked for.
        usage: What it cost, retries included.
    """

    value: Mapping[str, Any]
    usage: Usage


class LanguageModel(Protocol):
    """Answers a prompt with an object of the form asked for.

    Example:
        A whole model, good for tests alone:

        >>> class Parrot:
        ...     name = "parrot/1"
        ...
        ...     async def generate(self, prompt, *, system, schema, max_tokens=2_000):
        ...         return Reply({"said": prompt}, Usage(calls=1))
        >>> import asyncio
        >>> asyncio.run(Parrot().generate("你好", system="", schema={"type": "object"})).value
        {'said': '你好'}
    """

    @property
    def name(self) -> str:
        """Provider and model in one string ("openai:gpt-4o-mini"); part of the provenance of what it derives."""
        ...

    async def generate(
        self, prompt: str, *, system: str, schema: JsonSchema, max_tokens: int = 2_000
    ) -> Reply:
        """Answer *prompt*.

        Args:
            prompt: What to answer.
            system: What the model is to do; never holds stored text.
            schema: The form of the answer, of type object, within the subset of :mod:`polymem.domain.json_schema`.
            max_tokens: Longest answer.

        Raises:
            InputError: The schema cannot be checked.
            ModelTimeoutError: No answer in time.
            RateLimitError: The provider asks to wait longer than is allowed; ``error.retry_after_s`` says how long.
            RefusalError: The model declined.
            InvalidOutputError: The answer was cut off, or is not of the form even after it was asked to mend it.
            BudgetError: The configured budget is used up; the model was not asked.
            ModelError: Anything else that kept the model from answering.
        """
        ...


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of an answer in plain words.

    Attributes:
        text: Its words, in order; "" in the last piece.
        usage: In the last piece, what the answer cost.
    """

    text: str
    usage: Usage = NO_USAGE


class StreamingModel(LanguageModel, Protocol):
    """A model that can answer in plain words, piece by piece. Whoever holds a model asks :func:`streams`."""

    @property
    def streaming(self) -> bool:
        """True: :meth:`stream` is there."""
        ...

    def stream(self, prompt: str, *, system: str, max_tokens: int = 2_000) -> AsyncGenerator[Piece]:
        """Answer *prompt* in plain words; the last piece tells what it cost.

        It may be closed at any time. What was sent before an error stays said: nothing is asked again once a piece came.

        Args:
            prompt: What to answer.
            system: What the model is to do; never holds stored text.
            max_tokens: Longest answer.

        Raises:
            ModelError: As :meth:`LanguageModel.generate`.
        """
        ...


def streams(model: LanguageModel) -> TypeGuard[StreamingModel]:
    """Tell whether a model declares that it can answer piece by piece.

    Example:
        >>> class Whole:
        ...     name = "whole/1"
        ...
        ...     async def generate(self, prompt, *, system, schema, max_tokens=2_000): ...
        >>> streams(Whole())
        False
    """
    return bool(getattr(model, "streaming", False))
