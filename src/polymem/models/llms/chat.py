"""Any language model that pydantic-ai speaks to, behind the port."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncGenerator, Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, cast

from polymem.domain.derivation import NO_USAGE, Usage
from polymem.domain.json_schema import JsonSchema, check_schema, problems
from polymem.domain.slotted import dataclass
from polymem.errors import InputError, InvalidOutputError, RefusalError
from polymem.models.answers import NoObjectError, declines, read_object
from polymem.models.budget import Budget
from polymem.models.connection import Connection
from polymem.models.patience import Patience, Turnstile
from polymem.ports.llm import Piece, Reply
from polymem.ranking.budget import estimate_tokens
from polymem.text.normalise import clean

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelResponse
    from pydantic_ai.models import Model, ModelRequestParameters
    from pydantic_ai.settings import ModelSettings

__all__ = ["ChatModel", "OutputForm", "Sampling"]

OutputForm: TypeAlias = Literal["auto", "native", "tool", "prompted"]
"""How a model is brought to answer in a form: by the server's grammar, as the arguments of a tool, or by asking it to."""

_MAX_PROBLEMS: Final = 5
_NO_SAMPLING: Final = ("anthropic_disallows_sampling_settings", "bedrock_disallows_sampling_settings")
_MEND: Final = (
    "\n\n[An earlier answer to this could not be used: {}. "
    "Answer with one JSON object of the form asked for, and nothing else.]"
)


@dataclass(frozen=True, slots=True)
class Sampling:
    """How a model picks its words; None leaves it to the provider.

    Attributes:
        temperature: 0 for the likeliest.
        top_p: Share of the likeliest words that are considered.
        seed: Makes some providers answer the same again.
        thinking: Whether it may think first; False for as little as it can be made to.
    """

    temperature: float | None = 0.0
    top_p: float | None = None
    seed: int | None = None
    thinking: bool | None = False

    def settings(self, profile: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is set, without what a model of this *profile* has no use for and would be warned of."""
        given: dict[str, Any] = {"seed": self.seed, "thinking": self.thinking}
        always_thinks = profile.get("openai_supports_reasoning") and not (
            profile.get("openai_supports_reasoning_effort_none") and self.thinking is False
        )
        if not always_thinks and not any(profile.get(name) for name in _NO_SAMPLING):
            given |= {"temperature": self.temperature, "top_p": self.top_p}
        return {name: value for name, value in given.items() if value is not None}


@dataclass(frozen=True, slots=True)
class _Answer:
    """What one request brought: an object, or what is wrong."""

    value: Mapping[str, Any] | None
    problem: str = ""
    cut_off: bool = False


class ChatModel:
    """Ask a model at a provider.

    An answer that is not of the form asked for is sent back once, with what is wrong with it; one that was cut off is
    asked for once more with twice the room. Both count as calls.

    Args:
        connection: Where the model is.
        patience: Time-outs, attempts and how many requests at a time.
        sampling: How it picks its words.
        budget: What may be spent; None for no limit.
        output: How it is brought to answer in a form.
        max_tokens: Longest answer, instead of what the caller asks for.

    Example:
        >>> model = ChatModel(Connection("ollama", "qwen3:8b"))
        >>> model.name, model
        ('ollama:qwen3:8b', ChatModel(name='ollama:qwen3:8b', url='http://localhost:11434/v1'))
    """

    def __init__(
        self,
        connection: Connection,
        *,
        patience: Patience | None = None,
        sampling: Sampling | None = None,
        budget: Budget | None = None,
        output: OutputForm = "auto",
        max_tokens: int | None = None,
    ) -> None:
        self._at = connection
        self._sampling = Sampling() if sampling is None else sampling
        self._turnstile = Turnstile(
            Patience(timeout_s=connection.timeout_s) if patience is None else patience,
            connection.name,
            connection.api_key,
        )
        self._budget = budget
        self._output: OutputForm = output
        self._max_tokens = max_tokens

    def __repr__(self) -> str:
        return f"{type(self).__name__}(name={self.name!r}, url={self._at.base_url!r})"

    @property
    def name(self) -> str:
        """Provider and model in one string."""
        return self._at.name

    async def generate(
        self, prompt: str, *, system: str, schema: JsonSchema, max_tokens: int = 2_000
    ) -> Reply:
        """Answer; see :meth:`polymem.ports.llm.LanguageModel.generate`."""
        check_schema(schema)
        if max_tokens < 1:
            raise InputError("max_tokens must be at least 1", argument="max_tokens")
        room = self._max_tokens or max_tokens
        asked, usage = clean(prompt), NO_USAGE
        longer, mended = False, False
        while True:
            response = await self._ask(asked, system=clean(system), schema=schema, max_tokens=room)
            spent, read = response
            usage += spent
            if read.value is not None:
                return Reply(read.value, usage)
            if read.cut_off and not longer:
                longer, room = True, room * 2
            elif not read.cut_off and not mended:
                mended, asked = True, clean(prompt) + _MEND.format(read.problem)
            else:
                raise InvalidOutputError(
                    f"{self.name!r} did not answer in the form asked for: {read.problem}",
                    model=self.name,
                    problem=read.problem,
                    cut_off=read.cut_off,
                    usage=usage,
                )

    async def _ask(
        self, prompt: str, *, system: str, schema: JsonSchema, max_tokens: int
    ) -> tuple[Usage, _Answer]:
        """Send one request, and what the provider wants sent again."""
        from pydantic_ai.direct import model_request
        from pydantic_ai.messages import ModelRequest, UserPromptPart

        messages = [ModelRequest(parts=[UserPromptPart(prompt)], instructions=system or None)]
        # The client of bedrock has them already.
        once = {} if self._at.preset.wire == "bedrock" else {"timeout": self._at.timeout_s, "max_retries": 0}

        async def send() -> ModelResponse:
            async with self._at.chat_model() as model:
                sampling = self._sampling.settings(model.profile)
                return await model_request(
                    model,
                    messages,
                    model_settings=cast("ModelSettings", {"max_tokens": max_tokens, **sampling, **once}),
                    model_request_parameters=_parameters(model, schema, output=self._output),
                    instrument=False,
                )

        if self._budget is not None:
            self._budget.begin()
        usage = NO_USAGE
        try:
            response = await self._turnstile.ask(send)
            usage = _usage(response, lambda: f"{system}\n{prompt}\n{json.dumps(dict(schema))}")
        finally:
            if self._budget is not None:
                self._budget.end(usage)
        return usage, self._read(response, schema, usage)

    @property
    def streaming(self) -> bool:
        """True: see :class:`polymem.ports.llm.StreamingModel`."""
        return True

    async def stream(self, prompt: str, *, system: str, max_tokens: int = 2_000) -> AsyncGenerator[Piece]:
        """Answer in plain words; see :meth:`polymem.ports.llm.StreamingModel.stream`."""
        if max_tokens < 1:
            raise InputError("max_tokens must be at least 1", argument="max_tokens")
        # Loading the library takes seconds, which are no time of the model's.
        import_module("pydantic_ai.direct")
        asked, told = clean(prompt), clean(system)
        room = self._max_tokens or max_tokens
        if self._budget is not None:
            self._budget.begin()
        usage = NO_USAGE
        pieces = self._turnstile.follow(lambda: self._pieces(asked, system=told, max_tokens=room))
        try:
            async for piece in pieces:
                usage += piece.usage
                yield piece
        finally:
            await pieces.aclose()
            if self._budget is not None:
                self._budget.end(usage)

    async def _pieces(self, prompt: str, *, system: str, max_tokens: int) -> AsyncGenerator[Piece]:
        """Send one request and yield the words of its answer as they come."""
        from pydantic_ai.direct import model_request_stream
        from pydantic_ai.messages import (
            ModelRequest,
            PartDeltaEvent,
            PartStartEvent,
            TextPart,
            TextPartDelta,
            UserPromptPart,
        )

        messages = [ModelRequest(parts=[UserPromptPart(prompt)], instructions=system or None)]
        once = {} if self._at.preset.wire == "bedrock" else {"timeout": self._at.timeout_s, "max_retries": 0}
        async with self._at.chat_model() as model:
            settings = {"max_tokens": max_tokens, **self._sampling.settings(model.profile), **once}
            asked = model_request_stream(
                model, messages, model_settings=cast("ModelSettings", settings), instrument=False
            )
            async with asked as answer:
                async for event in answer:
                    if isinstance(event, PartStartEvent) and isinstance(event.part, TextPart):
                        yield Piece(event.part.content)
                    elif isinstance(event, PartDeltaEvent) and isinstance(event.delta, TextPartDelta):
                        yield Piece(event.delta.content_delta)
                response = answer.get()
        usage = _usage(response, lambda: f"{system}\n{prompt}")
        if response.finish_reason == "content_filter":
            raise RefusalError(f"{self.name!r} declined to answer", model=self.name, usage=usage)
        yield Piece("", usage)

    def _read(self, response: ModelResponse, schema: JsonSchema, usage: Usage) -> _Answer:
        from pydantic_ai.messages import TextPart, ToolCallPart

        if response.finish_reason == "content_filter":
            raise RefusalError(f"{self.name!r} declined to answer", model=self.name, usage=usage)
        calls = [part for part in response.parts if isinstance(part, ToolCallPart)]
        text = "".join(part.content for part in response.parts if isinstance(part, TextPart))
        cut_off = response.finish_reason == "length"
        try:
            value = _arguments(calls[0].args) if calls else read_object(text)
        except NoObjectError:
            if not cut_off and declines(text):
                # The decoder's error is not chained: it holds the text.
                value = None
            else:
                return _Answer(
                    None, "it was cut off" if cut_off else "there is no JSON object in it", cut_off
                )
        if value is None:
            raise RefusalError(f"{self.name!r} declined to answer", model=self.name, usage=usage)
        wrong = problems(value, schema)
        if not wrong:
            return _Answer(value)
        return _Answer(None, "; ".join(wrong[:_MAX_PROBLEMS]), cut_off)


def _arguments(args: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", args) if isinstance(args, dict) else read_object(args or "")


def _parameters(model: Model, schema: JsonSchema, *, output: OutputForm) -> ModelRequestParameters:
    """Return how the model is to be brought to the form."""
    from pydantic_ai.models import ModelRequestParameters
    from pydantic_ai.output import OutputObjectDefinition
    from pydantic_ai.tools import ToolDefinition

    name = re.sub(r"\W+", "_", str(schema.get("title", "")), flags=re.ASCII).strip("_")[:48] or "answer"
    about = str(schema.get("description", "")) or None
    # The libraries adapt schemas in place.
    form: dict[str, Any] = json.loads(json.dumps(dict(schema)))
    chosen = _chosen(model.profile) if output == "auto" else output
    if chosen == "tool":
        tool = ToolDefinition(name=name, parameters_json_schema=form, description=about, kind="output")
        return ModelRequestParameters(output_mode="tool", output_tools=[tool], allow_text_output=False)
    wanted = OutputObjectDefinition(json_schema=form, name=name, description=about)
    return ModelRequestParameters(
        output_mode="native" if chosen == "native" else "prompted", output_object=wanted
    )


def _chosen(profile: Mapping[str, Any]) -> OutputForm:
    if profile.get("supports_json_schema_output"):
        return "native"
    return "tool" if profile.get("supports_tools", True) else "prompted"


def _usage(response: ModelResponse, sent: Callable[[], str]) -> Usage:
    """Return what an answer cost, estimated where the provider does not say."""
    told = response.usage
    if told.input_tokens or told.output_tokens:
        return Usage(1, told.input_tokens, told.output_tokens)
    written = "".join(
        str(getattr(part, "content", None) or getattr(part, "args", "")) for part in response.parts
    )
    return Usage(1, estimate_tokens(sent()), estimate_tokens(written), n_estimated=1)
