"""A language model that answers from a script."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from polymem.domain.derivation import Usage
from polymem.domain.json_schema import JsonSchema, check_schema, problems
from polymem.domain.slotted import dataclass
from polymem.errors import InvalidOutputError, ModelError
from polymem.ports.llm import Reply
from polymem.ranking.budget import estimate_tokens

__all__ = ["Asked", "ScriptedAnswer", "ScriptedModel"]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request that a :class:`ScriptedModel` was sent.

    Attributes:
        prompt: What to answer.
        system: What the model is to do.
        schema: The form of the answer.
        max_tokens: Longest answer.
    """

    prompt: str
    system: str
    schema: JsonSchema
    max_tokens: int


ScriptedAnswer: TypeAlias = Mapping[str, Any] | Exception
"""What to answer with, or what to raise."""


class ScriptedModel:
    """Answers by a script or a function; the answers are checked against the form that is asked for. Good for tests alone.

    Args:
        script: Answers and errors in the order in which they are given, or a function from what is asked to either.
            A script that has come to its end raises ModelError.
        name: Name of the model.
        usage: What each call costs; by default one call and an estimate of its tokens.
        delay_s: How long an answer takes, in seconds.
        checked: Whether an answer of another form is an InvalidOutputError; False hands it on.

    Attributes:
        asked: All requests so far, in order.
        n_running: Requests that are being answered.
        n_together: Most requests that were being answered at the same time.

    Example:
        >>> model = ScriptedModel([{"city": "上海"}])
        >>> form = {"type": "object", "properties": {"city": {"type": "string"}}}
        >>> asyncio.run(model.generate("我住在上海", system="Name the city.", schema=form)).value
        {'city': '上海'}
        >>> model.asked[0].prompt, model.n_calls
        ('我住在上海', 1)
    """

    def __init__(
        self,
        script: Iterable[ScriptedAnswer] | Callable[[Asked], ScriptedAnswer] = (),
        *,
        name: str = "scripted/1",
        usage: Usage | None = None,
        delay_s: float = 0.0,
        checked: bool = True,
    ) -> None:
        self._script = script if callable(script) else iter(script)
        self._usage = usage
        self._checked = checked
        self.name = name
        self.delay_s = delay_s
        self.asked: list[Asked] = []
        self.n_running = 0
        self.n_together = 0

    @property
    def n_calls(self) -> int:
        """Requests so far, failed ones included."""
        return len(self.asked)

    async def generate(
        self, prompt: str, *, system: str, schema: JsonSchema, max_tokens: int = 2_000
    ) -> Reply:
        """Answer by the script; see :meth:`polymem.ports.llm.LanguageModel.generate`."""
        check_schema(schema)
        asked = Asked(prompt, system, schema, max_tokens)
        self.asked.append(asked)
        self.n_running += 1
        self.n_together = max(self.n_together, self.n_running)
        try:
            answer = self._answer(asked)
            # Also where nothing is to be waited for: whoever relies on being alone is found out.
            await asyncio.sleep(self.delay_s)
        finally:
            self.n_running -= 1
        if isinstance(answer, Exception):
            raise answer
        # As it would come over the wire.
        value = json.loads(json.dumps(dict(answer), ensure_ascii=False, allow_nan=False))
        found = problems(value, schema) if self._checked else []
        if found:
            raise InvalidOutputError(f"the script's answer: {found[0]}", model=self.name)
        return Reply(value, self._usage or _estimate(asked, value))

    def _answer(self, asked: Asked) -> ScriptedAnswer:
        if callable(self._script):
            return self._script(asked)
        try:
            return next(self._script)
        except StopIteration:
            return ModelError("the script has come to its end", model=self.name)


def _estimate(asked: Asked, value: Mapping[str, Any]) -> Usage:
    form = json.dumps(asked.schema, ensure_ascii=False)
    read = estimate_tokens(asked.system) + estimate_tokens(asked.prompt) + estimate_tokens(form)
    return Usage(1, read, estimate_tokens(json.dumps(value, ensure_ascii=False)))
