"""Where a provider is, and how the library that speaks its protocol is brought to it.

The library is pydantic-ai, an extra. A client lives for one request: connections belong to the event loop and the process
that opened them, and requests come from several of both. What is dear about a client, the trusted certificates, is
read once.
"""

from __future__ import annotations

import os
import re
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from polymem.errors import ConfigError, MissingExtraError
from polymem.models.presets import PRESETS, Preset

if TYPE_CHECKING:
    from ssl import SSLContext

    from pydantic_ai.embeddings import EmbeddingModel
    from pydantic_ai.models import Model

__all__ = ["Connection"]

_EXTRA: Final = "llm"
_LIBRARY: Final = "pydantic_ai"
_NO_KEY: Final = "none"
"""Sent to servers that want no key, since the libraries insist on one."""


@dataclass(frozen=True)
class Connection:
    """A model at a provider. The key is in no representation and no error.

    Attributes:
        provider: A key of :data:`polymem.models.presets.PRESETS`.
        model: The model as the provider names it.
        base_url: Root of the interface; "" for the provider's own.
        api_key: The key; None for servers that want none.
        region: Where in the cloud (bedrock); None for what its own configuration says.
        timeout_s: Longest wait for one answer, in seconds.

    Raises:
        ConfigError: A value cannot be used.
        MissingExtraError: The library is not installed.

    Example:
        >>> Connection("qwen", "qwen-plus", api_key="secret")
        Connection(provider='qwen', model='qwen-plus', base_url='https://dashscope.aliyuncs.com/compatible-mode/v1')
    """

    provider: str
    model: str
    base_url: str = ""
    api_key: str | None = field(default=None, repr=False, kw_only=True)
    region: str | None = field(default=None, repr=False, kw_only=True)
    timeout_s: float = field(default=60.0, repr=False, kw_only=True)

    def __post_init__(self) -> None:
        """Check the values."""
        if self.provider not in PRESETS:
            raise ConfigError(f"unknown provider {self.provider!r}", setting="provider")
        if not self.model.strip():
            raise ConfigError("model must not be blank", setting="model")
        object.__setattr__(self, "base_url", self.base_url.rstrip("/") or self.preset.base_url)
        _check_url(self.base_url, needed=self.preset.wire != "bedrock")
        # A stray line break would be quoted, with the whole header, in an error of the HTTP client.
        if self.api_key is not None and not re.fullmatch("[!-~]+", self.api_key):
            raise ConfigError("api_key must be printable ASCII without spaces", setting="api_key")
        if find_spec(_LIBRARY) is None:
            raise MissingExtraError(_EXTRA, "pydantic-ai-slim")

    @property
    def preset(self) -> Preset:
        """What is known of the provider."""
        return PRESETS[self.provider]

    @property
    def name(self) -> str:
        """Provider and model in one string."""
        return f"{self.provider}:{self.model}"

    @asynccontextmanager
    async def chat_model(self) -> AsyncGenerator[Model]:
        """Open the language model for one request."""
        async with self._provider() as provider:
            yield _made(_CHAT[self.preset.wire], self, provider)

    @asynccontextmanager
    async def embedding_model(self) -> AsyncGenerator[EmbeddingModel]:
        """Open the embedding model for one request."""
        async with self._provider() as provider:
            yield _made(_EMBEDDING[self.preset.wire], self, provider)

    @asynccontextmanager
    async def _provider(self) -> AsyncGenerator[Any]:
        if self.preset.wire == "bedrock":
            yield _made(_bedrock, self, os.getpid())
            return
        # Groq's library is the one that still wants the older client.
        client = _made(import_module, "httpx" if self.preset.wire == "groq" else "httpx2")
        # Longer than the wait for an answer, which is ended from outside.
        timeout = client.Timeout(self.timeout_s + 1.0, connect=min(self.timeout_s, 10.0))
        async with client.AsyncClient(timeout=timeout, verify=_certificates()) as http:
            yield _made(_PROVIDERS[self.preset.wire], self, http)


def _made(make: Callable[..., Any], *arguments: object) -> Any:
    """Return what *make* makes of the library.

    Raises:
        MissingExtraError: A package is missing.
    """
    try:
        return make(*arguments)
    except ImportError as error:
        # The library raises its own in place of the one that knows the name.
        package = getattr(error.__cause__, "name", None) or error.name or _LIBRARY
        raise MissingExtraError(_EXTRA, package) from None


def _check_url(url: str, *, needed: bool) -> None:
    if not url and not needed:
        return
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ConfigError("base_url must be an http or https address", setting="base_url")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ConfigError("base_url must have no user, password, query or fragment", setting="base_url")


@lru_cache(maxsize=1)
def _certificates() -> SSLContext:
    import httpx2

    return httpx2.create_ssl_context()


def _openai(at: Connection, http: Any) -> Any:
    from pydantic_ai.providers.openai import OpenAIProvider
    from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider

    if at.provider == "openai" and at.base_url == PRESETS["openai"].base_url:
        return OpenAIProvider(base_url=at.base_url, api_key=at.api_key or _NO_KEY, http_client=http)
    profile = _profile(at.preset.profile)
    return OpenAICompatibleProvider(
        at.provider, base_url=at.base_url, api_key=at.api_key or _NO_KEY, http_client=http, profile=profile
    )


def _profile(provider: str) -> Callable[[str], Any] | None:
    """Return what knows what a provider's models can do."""
    if provider == "deepseek":
        from pydantic_ai.providers.deepseek import DeepSeekProvider

        return DeepSeekProvider.model_profile
    if provider == "alibaba":
        from pydantic_ai.providers.alibaba import AlibabaProvider

        return AlibabaProvider.model_profile
    if provider == "ollama":
        from pydantic_ai.providers.ollama import OllamaProvider

        return OllamaProvider.model_profile
    if provider == "vllm":
        from pydantic_ai.providers.vllm import VLLMProvider

        return VLLMProvider.model_profile
    return None


def _anthropic(at: Connection, http: Any) -> Any:
    from pydantic_ai.providers.anthropic import AnthropicProvider

    return AnthropicProvider(api_key=at.api_key or _NO_KEY, base_url=at.base_url, http_client=http)


def _google(at: Connection, http: Any) -> Any:
    from pydantic_ai.providers.google import GoogleProvider

    return GoogleProvider(api_key=at.api_key or _NO_KEY, base_url=at.base_url, http_client=http)


def _mistral(at: Connection, http: Any) -> Any:
    from pydantic_ai.providers.mistral import MistralProvider

    return MistralProvider(api_key=at.api_key or _NO_KEY, base_url=at.base_url, http_client=http)


def _groq(at: Connection, http: Any) -> Any:
    from pydantic_ai.providers.groq import GroqProvider

    return GroqProvider(api_key=at.api_key or _NO_KEY, base_url=at.base_url, http_client=http)


@lru_cache(maxsize=4)
def _bedrock(at: Connection, pid: int) -> Any:
    """Return the provider whose client is shared by the threads of one process: to make one takes a tenth of a second."""
    del pid
    from pydantic_ai.providers.bedrock import BedrockProvider

    if at.api_key is not None:
        return BedrockProvider(
            api_key=at.api_key,
            region_name=at.region,
            base_url=at.base_url or None,
            aws_read_timeout=at.timeout_s,
            aws_connect_timeout=min(at.timeout_s, 10.0),
        )
    boto3: Any = import_module("boto3")
    once = import_module("botocore.config").Config(
        read_timeout=at.timeout_s,
        connect_timeout=min(at.timeout_s, 10.0),
        retries={"total_max_attempts": 1},
    )
    session = boto3.Session(region_name=at.region)
    client = session.client("bedrock-runtime", endpoint_url=at.base_url or None, config=once)
    return BedrockProvider(bedrock_client=client)


def _chat_openai(at: Connection, provider: Any) -> Model:
    if at.provider == "ollama":
        from pydantic_ai.models.ollama import OllamaModel

        return OllamaModel(at.model, provider=provider)
    from pydantic_ai.models.openai import OpenAIChatModel

    return OpenAIChatModel(at.model, provider=provider)


def _chat_anthropic(at: Connection, provider: Any) -> Model:
    from pydantic_ai.models.anthropic import AnthropicModel

    return AnthropicModel(at.model, provider=provider)


def _chat_google(at: Connection, provider: Any) -> Model:
    from pydantic_ai.models.google import GoogleModel

    return GoogleModel(at.model, provider=provider)


def _chat_mistral(at: Connection, provider: Any) -> Model:
    from pydantic_ai.models.mistral import MistralModel

    return MistralModel(at.model, provider=provider)


def _chat_groq(at: Connection, provider: Any) -> Model:
    from pydantic_ai.models.groq import GroqModel

    return GroqModel(at.model, provider=provider)


def _chat_bedrock(at: Connection, provider: Any) -> Model:
    from pydantic_ai.models.bedrock import BedrockConverseModel

    return BedrockConverseModel(at.model, provider=provider)


def _embed_openai(at: Connection, provider: Any) -> EmbeddingModel:
    from pydantic_ai.embeddings.openai import OpenAIEmbeddingModel

    return OpenAIEmbeddingModel(at.model, provider=provider)


def _embed_google(at: Connection, provider: Any) -> EmbeddingModel:
    from pydantic_ai.embeddings.google import GoogleEmbeddingModel

    return GoogleEmbeddingModel(at.model, provider=provider)


def _embed_bedrock(at: Connection, provider: Any) -> EmbeddingModel:
    from pydantic_ai.embeddings.bedrock import BedrockEmbeddingModel

    return BedrockEmbeddingModel(at.model, provider=provider)


_PROVIDERS: Final = {
    "openai": _openai,
    "anthropic": _anthropic,
    "google": _google,
    "mistral": _mistral,
    "groq": _groq,
}
_CHAT: Final = {
    "openai": _chat_openai,
    "anthropic": _chat_anthropic,
    "google": _chat_google,
    "mistral": _chat_mistral,
    "groq": _chat_groq,
    "bedrock": _chat_bedrock,
}
_EMBEDDING: Final = {"openai": _embed_openai, "google": _embed_google, "bedrock": _embed_bedrock}
