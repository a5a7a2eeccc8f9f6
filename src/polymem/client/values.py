"""Values of settings: what was given, checked and brought into one form."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, cast

from polymem.client.settings import SETTINGS, Setting
from polymem.errors import ConfigError

__all__ = ["checked", "flat"]

_FLAGS: Final[Mapping[str, bool]] = {"true": True, "1": True, "false": False, "0": False}
_OTHER_NAMES: Final[Mapping[str, str]] = {
    "aws_region": "region",
    "custom_instructions": "instructions",
    "embedding_dims": "dim",
    **{
        f"{provider}_base_url": "base_url"
        for provider in ("openai", "ollama", "deepseek", "vllm", "lmstudio")
    },
}
"""Keys of a ``config`` that go by another name here."""


def flat(nested: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``{"store": {"path": …}}`` as ``{"store.path": …}``.

    Dotted keys pass as they are; ``{"llm": {"provider": …, "config": {"model": …}}}`` means the same as
    ``{"llm": {"provider": …, "model": …}}``.

    Raises:
        ConfigError: A setting is there twice.

    Example:
        >>> flat({"llm": {"provider": "openai", "config": {"model": "m"}}, "time.zone": "UTC"})
        {'llm.provider': 'openai', 'llm.model': 'm', 'time.zone': 'UTC'}
    """
    out: dict[str, Any] = {}
    for name, value in _named(nested, prefix="", folded=False):
        if name in out:
            raise ConfigError(f"setting {name!r} is given twice", setting=name)
        out[name] = value
    return out


def _named(nested: Mapping[str, Any], *, prefix: str, folded: bool) -> Iterator[tuple[str, Any]]:
    for key, value in nested.items():
        name = f"{prefix}{_OTHER_NAMES.get(key, key) if folded else key}"
        if not isinstance(value, Mapping) or name in SETTINGS:
            yield name, value
            continue
        inner = cast("Mapping[str, Any]", value)
        into_parent = key == "config" and prefix != ""
        yield from _named(inner, prefix=prefix if into_parent else f"{name}.", folded=into_parent)


def checked(name: str, value: Any, *, origin: str) -> Any:
    """Return the value of a setting in its form: a list as ``tuple[str, ...]``, a table as ``tuple[tuple[str, str], ...]``.

    Args:
        name: Which setting.
        value: What was given; a text where it comes from the environment.
        origin: Where it was given.

    Raises:
        ConfigError: There is no such setting, or the value cannot be used. Its text does not hold the value.
    """
    setting = SETTINGS.get(name)
    if setting is None:
        known = ", ".join(SETTINGS)
        raise ConfigError(
            f"unknown setting {name!r} ({origin}); known are: {known}", setting=name, origin=origin
        )
    if value is None:
        return setting.default
    if origin == "environment" and setting.kind is not str:
        value = _read(name, value, kind=setting.kind)
    formed = _formed(value, kind=setting.kind)
    if formed is None:
        wanted = _WORDS.get(setting.kind, setting.kind.__name__)
        raise ConfigError(f"setting {name!r} must be {wanted} ({origin})", setting=name, origin=origin)
    problem = _problem(setting, formed)
    if problem:
        raise ConfigError(f"setting {name!r} must be {problem} ({origin})", setting=name, origin=origin)
    return formed


_WORDS: Final[Mapping[type[Any], str]] = {
    list: "a list of texts",
    dict: "a table of texts, or a list of texts",
}


def _formed(value: Any, *, kind: type[Any]) -> Any:
    """Return the value in the form of its kind, None if it is of another."""
    if kind is list:
        return _texts(value)
    if kind is dict:
        return _table(value)
    if kind is str:
        return str(value) if isinstance(value, (str, Path)) else None
    if isinstance(value, bool) != (kind is bool):
        return None
    return value if isinstance(value, (int, float) if kind is float else kind) else None


def _texts(value: object) -> tuple[str, ...] | None:
    if not isinstance(value, Sequence) or isinstance(value, (str, bytes)):
        return None
    parts = cast("Sequence[object]", value)
    return tuple(part for part in parts if isinstance(part, str)) if _all_texts(parts) else None


def _all_texts(parts: Sequence[object]) -> bool:
    return all(isinstance(part, str) and part.strip() for part in parts)


def _table(value: object) -> tuple[tuple[str, str], ...] | None:
    """Read names with what each means: a mapping, a list of names, or a list of mappings."""
    if isinstance(value, Mapping):
        pairs = tuple(cast("Mapping[object, object]", value).items())
    elif isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        parts = cast("Sequence[object]", value)
        lists = [
            list(cast("Mapping[object, object]", part).items()) if isinstance(part, Mapping) else [(part, "")]
            for part in parts
        ]
        pairs = tuple(pair for one in lists for pair in one)
    else:
        return None
    read: list[tuple[str, str]] = []
    for name, meaning in pairs:
        if not isinstance(name, str) or not isinstance(meaning, str) or not name.strip():
            return None
        read.append((name, meaning))
    return tuple(read) if len({name for name, _ in read}) == len(read) else None


def _problem(setting: Setting, value: Any) -> str:
    """Return what is wrong with a value of the right kind, "" for nothing."""
    numeric = setting.kind in {int, float}
    if numeric and not setting.least <= value < float("inf"):
        return f"at least {setting.least}"
    if numeric and not value <= setting.most:
        return f"at most {setting.most}"
    if setting.choices and any(
        one not in setting.choices for one in (value if setting.kind is list else [value])
    ):
        return f"one of {', '.join(map(repr, setting.choices))}"
    return ""


def _read(name: str, text: str, *, kind: type[Any]) -> Any:
    """Read what an environment variable says: a number, true or false, or JSON."""
    variable = f"POLYMEM__{name.upper().replace('.', '__')}"
    if kind is bool:
        if text.strip().lower() not in _FLAGS:
            raise ConfigError(f"{variable} is not true or false", setting=name)
        return _FLAGS[text.strip().lower()]
    if kind in {list, dict}:
        try:
            return json.loads(text)
        except ValueError:
            # Without its cause, which holds the text.
            raise ConfigError(f"{variable} is not JSON", setting=name) from None
    try:
        return kind(text)
    except ValueError:
        raise ConfigError(f"{variable} is not a number", setting=name) from None
