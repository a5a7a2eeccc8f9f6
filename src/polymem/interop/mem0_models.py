"""mem0's sections of models as native settings: providers, the names of their options, and what has no counterpart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from polymem.errors import CapabilityError, ConfigError

__all__ = ["EMBEDDERS", "LANGUAGE_MODELS", "OPTIONS", "embedder_settings", "model_settings"]

LANGUAGE_MODELS: Final[Mapping[str, str]] = {
    **{
        name: name
        for name in (
            *("openai", "anthropic", "groq", "mistral", "ollama", "vllm", "lmstudio", "deepseek", "together"),
            *("xai", "google", "bedrock", "qwen", "openrouter", "llamacpp"),
        )
    },
    "openai_structured": "openai",
    "gemini": "google",
    "aws_bedrock": "bedrock",
}
"""Providers of language models by mem0's name, and by ours."""
EMBEDDERS: Final[Mapping[str, str]] = {
    "openai": "openai",
    "gemini": "google",
    "aws_bedrock": "bedrock",
    "ollama": "ollama",
    "lmstudio": "lmstudio",
    "together": "together",
}
OPTIONS: Final = (
    *("model", "api_key", "base_url", "temperature", "max_tokens", "top_p", "seed", "top_k", "enable_vision"),
    *("vision_details", "reasoning_effort", "is_reasoning_model", "http_client_proxies", "aws_region"),
    *(
        f"{name}_base_url"
        for name in ("openai", "ollama", "vllm", "lmstudio", "deepseek", "xai", "openrouter")
    ),
    *("anthropic_base_url", "groq_base_url", "embedding_dims"),
)
_PLAIN: Final = ("model", "api_key", "temperature", "max_tokens", "top_p", "seed")
_NO_COUNTERPART: Final[Mapping[str, object]] = {
    "top_k": 1,
    "enable_vision": False,
    "vision_details": "auto",
    "reasoning_effort": None,
    "is_reasoning_model": None,
    "http_client_proxies": None,
}
"""Options that cannot be used, each with the value at which it asks for nothing."""
_DEFAULT_MODELS: Final[Mapping[str, str]] = {"openai": "gpt-4o-mini"}
_EMBEDDING_MODEL: Final = "text-embedding-3-small"
_KNOWN_DIMS: Final[Mapping[str, int]] = {
    "text-embedding-3-small": 1536,
    "text-embedding-3-large": 3072,
    "text-embedding-ada-002": 1536,
}
_KEY_VARIABLE: Final = "OPENAI_API_KEY"


def model_settings(provider: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings ``llm.*``.

    Args:
        provider: A key of :data:`LANGUAGE_MODELS`.
        options: Some of :data:`OPTIONS`.

    Raises:
        ConfigError: An option is of another provider, or the model is missing.
        CapabilityError: An option has no counterpart.
    """
    _check(provider, options, section="llm")
    settings: dict[str, Any] = {"provider": LANGUAGE_MODELS[provider]}
    settings |= {name: options[name] for name in _PLAIN if name in options}
    settings |= _place(provider, options)
    if "model" not in settings:
        if settings["provider"] not in _DEFAULT_MODELS:
            raise ConfigError("llm.config.model is needed", setting="llm.config.model")
        settings["model"] = _DEFAULT_MODELS[settings["provider"]]
    return settings


def embedder_settings(provider: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings ``embedder.*`` of a provider that is a server.

    Args:
        provider: A key of :data:`EMBEDDERS`.
        options: Some of :data:`OPTIONS`.

    Raises:
        ConfigError: An option does not go with the provider, or one is missing.
        CapabilityError: An option has no counterpart.
    """
    _check(provider, options, section="embedder")
    model, dim = options.get("model"), options.get("embedding_dims")
    if provider == "openai":
        model = model or _EMBEDDING_MODEL
    if not model:
        raise ConfigError("embedder.config.model is needed", setting="embedder.config.model")
    if dim is None and model not in _KNOWN_DIMS:
        name = "embedder.config.embedding_dims"
        raise ConfigError(f"{name} is needed for the model {model!r}", setting=name)
    settings: dict[str, Any] = {
        "provider": EMBEDDERS[provider],
        "model": model,
        "dim": dim or _KNOWN_DIMS[model],
    }
    settings |= _place(provider, options)
    if "api_key" in options:
        settings["api_key"] = options["api_key"]
    elif provider == "openai" and "base_url" not in settings:
        settings["api_key_env"] = _KEY_VARIABLE
    return settings


def _place(provider: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return where the provider is."""
    place: dict[str, Any] = {}
    for name in ("base_url", f"{provider.partition('_')[0]}_base_url"):
        if name in options:
            place["base_url"] = options[name]
    if "aws_region" in options:
        place["region"] = options["aws_region"]
    return place


def _check(provider: str, options: Mapping[str, Any], *, section: str) -> None:
    for name, value in options.items():
        setting = f"{section}.config.{name}"
        foreign = name.endswith("_base_url") and name != f"{provider.partition('_')[0]}_base_url"
        if foreign or (name == "aws_region" and provider not in {"aws_bedrock", "bedrock"}):
            raise ConfigError(f"{setting} does not go with the provider {provider!r}", setting=setting)
        if name in _NO_COUNTERPART and value != _NO_COUNTERPART[name]:
            raise CapabilityError(
                f"{setting}: it cannot be used; remove it", capability=setting, setting=setting
            )
        if name == "embedding_dims" and section == "llm":
            raise ConfigError(f"unknown setting {setting!r}", setting=setting)
