"""mem0's configuration as native settings.

=========================  =============================================================================================
key                        meaning here
=========================  =============================================================================================
``version``                "v1.0" or "v1.1"; results answer to both forms whatever it says
``vector_store``           provider "polymem" (or "sqlite"), config ``{"path": …}``
``graph_store``            provider "polymem" (or "sqlite"): the graph lies in the same file, always
``embedder``               provider "polymem", or "openai", "gemini", "aws_bedrock", "ollama", "lmstudio", "together" with
                           ``model``, ``api_key``, ``…_base_url``, ``embedding_dims``
``llm``                    provider "openai", "anthropic", "gemini", "groq", "mistral", "aws_bedrock", "ollama", "vllm",
                           "lmstudio", "deepseek", "together", "xai" … with ``model``, ``api_key``, ``temperature``,
                           ``max_tokens``, ``top_p``, ``…_base_url``, ``aws_region``
``custom_instructions``    standing instructions to that model, as are ``custom_fact_extraction_prompt`` and
                           ``custom_prompt``
``history_db_path``        no effect: the history lies in the same file; said so by a :class:`CompatibilityWarning`
others                     ``reranker``, ``custom_update_memory_prompt``: a ``CapabilityError``
=========================  =============================================================================================

A key that is None counts as absent. What is not in this table is a ``ConfigError``.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any, Final, NoReturn, cast

from polymem.errors import CapabilityError, ConfigError
from polymem.interop.mem0_models import (
    EMBEDDERS,
    LANGUAGE_MODELS,
    OPTIONS,
    embedder_settings,
    model_settings,
)

__all__ = ["CompatibilityWarning", "native_settings"]

_HERE: Final = ("polymem", "sqlite")
_VERSIONS: Final = ("v1.0", "v1.1")
_INSTRUCTIONS: Final = ("custom_instructions", "custom_fact_extraction_prompt", "custom_prompt")
_NOT_YET: Final[Mapping[str, str]] = {
    "custom_update_memory_prompt": "what replaces what is settled without a prompt: remove it",
    "reranker": "no reranker can be used yet: remove it; every search is ranked by all arms together",
}
_KEYS: Final = (
    "version",
    "vector_store",
    "graph_store",
    "embedder",
    "llm",
    "history_db_path",
    *_INSTRUCTIONS,
    *_NOT_YET,
)


class CompatibilityWarning(UserWarning):
    """Something was accepted that has no effect here."""


def native_settings(config: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return *config* as settings of the native client.

    Raises:
        ConfigError: A key is unknown, or a value is not of the agreed form.
        CapabilityError: A key names a server or a model that cannot be used yet; ``error.setting`` says which.
    """
    if config is None:
        return {}
    given = _known(config)
    if "history_db_path" in given:
        message = "history_db_path has no effect: the history lies in the store's own file"
        warnings.warn(message, CompatibilityWarning, stacklevel=4)
    if "graph_store" in given:
        _section(given["graph_store"], setting="graph_store", keys=())
    settings: dict[str, Any] = {}
    if "vector_store" in given:
        _, options = _section(given["vector_store"], setting="vector_store", keys=("path",))
        if "path" in options:
            settings["store"] = {"path": options["path"]}
    if "embedder" in given:
        settings["embedder"] = _embedder(given["embedder"])
    if "llm" in given:
        provider, options = _section(
            given["llm"], setting="llm", keys=OPTIONS, others=tuple(LANGUAGE_MODELS), here=()
        )
        settings["llm"] = model_settings(provider, options)
    told = [_text(given[name], setting=name) for name in _INSTRUCTIONS if name in given]
    if told:
        settings["extraction"] = {"instructions": "\n\n".join(told)}
    return settings


def _text(value: object, *, setting: str) -> str:
    if not isinstance(value, str):
        raise ConfigError(f"{setting} must be a text, not {type(value).__name__}", setting=setting)
    return value


def _known(config: Mapping[str, Any]) -> dict[str, Any]:
    _check_mapping(config, setting="config")
    given = {key: value for key, value in config.items() if value is not None}
    for key in given:
        if key not in _KEYS:
            raise ConfigError(f"unknown setting {key!r}; known are: {', '.join(_KEYS)}", setting=key)
        if key in _NOT_YET:
            _cannot(key, _NOT_YET[key])
        if key in _INSTRUCTIONS and "llm" not in given:
            _cannot(key, "it instructs a language model: configure llm, or remove it")
    if given.get("version", _VERSIONS[0]) not in _VERSIONS:
        raise ConfigError(f"version must be one of {', '.join(map(repr, _VERSIONS))}", setting="version")
    return given


def _check_mapping(value: object, *, setting: str) -> None:
    if not isinstance(value, Mapping):
        raise ConfigError(f"{setting} must be a dict, not {type(value).__name__}", setting=setting)


def _cannot(setting: str, reason: str) -> NoReturn:
    raise CapabilityError(f"{setting}: {reason}", capability=setting, setting=setting)


def _section(
    section: object,
    *,
    setting: str,
    keys: tuple[str, ...],
    others: tuple[str, ...] = (),
    here: tuple[str, ...] = _HERE,
) -> tuple[str, dict[str, Any]]:
    """Return provider and options of one section.

    Args:
        section: The section.
        setting: Its name.
        keys: Options that it may have.
        others: Providers that can be used beside the embedded one.
        here: Names of the embedded one.
    """
    _check_mapping(section, setting=setting)
    parts = cast("Mapping[str, Any]", section)
    unknown = parts.keys() - {"provider", "config"}
    if unknown:
        name = f"{setting}.{min(unknown)}"
        raise ConfigError(f"unknown setting {name!r}", setting=name)
    provider = parts.get("provider")
    if not isinstance(provider, str):
        raise ConfigError(f"{setting}.provider is needed", setting=f"{setting}.provider")
    if provider not in (*here, *others):
        choices = " or ".join(map(repr, (*here[:1], *others)))
        _cannot(
            f"{setting}.provider", f"{provider!r} cannot be used yet; use {choices}, or leave {setting} out"
        )
    return provider, _options(parts.get("config"), setting=setting, keys=keys)


def _options(config: object, *, setting: str, keys: tuple[str, ...]) -> dict[str, Any]:
    if config is None:
        return {}
    _check_mapping(config, setting=f"{setting}.config")
    options = {key: value for key, value in cast("Mapping[str, Any]", config).items() if value is not None}
    for key in options:
        if key not in keys:
            known = f"known are: {', '.join(keys)}" if keys else "it has none"
            name = f"{setting}.config.{key}"
            raise ConfigError(f"unknown setting {name!r}; {known}", setting=name)
    return options


def _embedder(section: object) -> dict[str, Any]:
    keys = tuple(
        name for name in OPTIONS if name not in {"temperature", "max_tokens", "top_p", "seed", "top_k"}
    )
    provider, options = _section(section, setting="embedder", keys=keys, others=tuple(EMBEDDERS))
    if provider in EMBEDDERS:
        return embedder_settings(provider, options)
    excess = options.keys() - {"embedding_dims"}
    if excess:
        name = f"embedder.config.{min(excess)}"
        raise ConfigError(f"{name} does not go with the provider {provider!r}", setting=name)
    return {"provider": "static", "dim": options.get("embedding_dims")}
