"""mem0's configuration as native settings.

=========================  =============================================================================================
key                        meaning here
=========================  =============================================================================================
``version``                "v1.0" or "v1.1"; results answer to both forms whatever it says
``vector_store``           provider "polymem" (or "sqlite"), config ``{"path": …}``
``graph_store``            provider "polymem" (or "sqlite"): the graph lies in the same file, always
``embedder``               provider "polymem", or "openai" with ``model``, ``api_key``, ``openai_base_url``,
                           ``embedding_dims`` for any server with that interface
``history_db_path``        no effect: the history lies in the same file; said so by a :class:`CompatibilityWarning`
others                     models and instructions to models: a ``CapabilityError`` until they can be used
=========================  =============================================================================================

A key that is None counts as absent. What is not in this table is a ``ConfigError``.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any, Final, NoReturn, cast

from polymem.errors import CapabilityError, ConfigError

__all__ = ["CompatibilityWarning", "native_settings"]

_HERE: Final = ("polymem", "sqlite")
_VERSIONS: Final = ("v1.0", "v1.1")
_KNOWN_DIMS: Final[Mapping[str, int]] = {
    "text-embedding-3-small": 1536,
    "text-embedding-3-large": 3072,
    "text-embedding-ada-002": 1536,
}
_DEFAULT_MODEL: Final = "text-embedding-3-small"
_KEY_VARIABLE: Final = "OPENAI_API_KEY"
_NO_MODEL: Final = "no language model is used yet: remove it; what messages say is derived by rules"
_NOT_YET: Final[Mapping[str, str]] = {
    "llm": _NO_MODEL,
    "custom_prompt": _NO_MODEL,
    "custom_instructions": _NO_MODEL,
    "custom_fact_extraction_prompt": _NO_MODEL,
    "custom_update_memory_prompt": _NO_MODEL,
    "reranker": "no reranker can be used yet: remove it; every search is ranked by all arms together",
}
_KEYS: Final = ("version", "vector_store", "graph_store", "embedder", "history_db_path", *_NOT_YET)


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
    return settings


def _known(config: Mapping[str, Any]) -> dict[str, Any]:
    _check_mapping(config, setting="config")
    given = {key: value for key, value in config.items() if value is not None}
    for key in given:
        if key not in _KEYS:
            raise ConfigError(f"unknown setting {key!r}; known are: {', '.join(_KEYS)}", setting=key)
        if key in _NOT_YET:
            _cannot(key, _NOT_YET[key])
    if given.get("version", _VERSIONS[0]) not in _VERSIONS:
        raise ConfigError(f"version must be one of {', '.join(map(repr, _VERSIONS))}", setting="version")
    return given


def _check_mapping(value: object, *, setting: str) -> None:
    if not isinstance(value, Mapping):
        raise ConfigError(f"{setting} must be a dict, not {type(value).__name__}", setting=setting)


def _cannot(setting: str, reason: str) -> NoReturn:
    raise CapabilityError(f"{setting}: {reason}", capability=setting, setting=setting)


def _section(
    section: object, *, setting: str, keys: tuple[str, ...], others: tuple[str, ...] = ()
) -> tuple[str, dict[str, Any]]:
    """Return provider and options of one section.

    Args:
        section: The section.
        setting: Its name.
        keys: Options that it may have.
        others: Providers that can be used beside the embedded one.
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
    if provider not in (*_HERE, *others):
        choices = " or ".join(map(repr, (_HERE[0], *others)))
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
    keys = ("model", "api_key", "openai_base_url", "embedding_dims")
    provider, options = _section(section, setting="embedder", keys=keys, others=("openai",))
    dim = options.get("embedding_dims")
    if provider != "openai":
        excess = options.keys() - {"embedding_dims"}
        if excess:
            name = f"embedder.config.{min(excess)}"
            raise ConfigError(f"{name} does not go with the provider {provider!r}", setting=name)
        return {"provider": "static", "dim": dim}
    model = options.get("model", _DEFAULT_MODEL)
    if dim is None and model not in _KNOWN_DIMS:
        name = "embedder.config.embedding_dims"
        raise ConfigError(f"{name} is needed for the model {model!r}", setting=name)
    settings: dict[str, Any] = {"provider": "openai", "model": model, "dim": dim or _KNOWN_DIMS[model]}
    url, key = options.get("openai_base_url"), options.get("api_key")
    if url is not None:
        settings["base_url"] = url
    if key is not None:
        settings["api_key"] = key
    elif url is None:
        settings["api_key_env"] = _KEY_VARIABLE
    return settings
