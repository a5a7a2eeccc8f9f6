"""A language model, asked for an answer of an agreed form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from polymem.domain.derivation import Usage
from polymem.domain.json_schema import JsonSchema
from polymem.domain.slotted import dataclass

__all__ = ["JsonSchema", "LanguageModel", "Reply"]


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
