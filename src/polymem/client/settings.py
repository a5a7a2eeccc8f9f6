"""Every setting: its type, default, bounds and purpose. Read by :mod:`.config` alone."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from polymem.domain.slotted import dataclass


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting.

    Attributes:
        kind: Type of its value: str, int, float, bool; list for a list of texts, read as ``tuple[str, ...]``; dict for
            names with what each means, read as ``tuple[tuple[str, str], ...]``. In the environment the last two are JSON.
        default: Its value when nobody sets it, in the form in which it is read; None for "decided when needed".
        about: What it is for, one line.
        secret: Whether it is masked wherever it is shown.
        least: Smallest number allowed.
        most: Largest number allowed.
        choices: Allowed texts; empty for any.
    """

    kind: type[Any]
    default: str | float | tuple[str, ...] | tuple[tuple[str, str], ...] | None
    about: str
    secret: bool = False
    least: float = 0
    most: float = float("inf")
    choices: tuple[str, ...] = ()


SETTINGS: Final[Mapping[str, Setting]] = MappingProxyType(
    {
        "store.path": Setting(str, None, "the store's file; by default memory.db in the user's data folder"),
        "store.timeout_s": Setting(float, 30.0, "longest wait for a write, in seconds", least=0.001),
        "store.cache_mb": Setting(int, 512, "budget of the in-process caches, in MiB", least=1),
        "embedder.provider": Setting(str, "static", "where vectors come from", choices=("static", "openai")),
        "embedder.model": Setting(str, None, "the model as the endpoint names it (openai)"),
        "embedder.dim": Setting(int, None, "width of the vectors; static: 256, 128 or 64", least=1),
        "embedder.base_url": Setting(str, None, "root of an OpenAI-compatible API (openai)"),
        "embedder.api_key": Setting(str, None, "key of that API", secret=True),
        "embedder.api_key_env": Setting(str, None, "name of the environment variable that holds the key"),
        "embedder.timeout_s": Setting(float, 30.0, "longest wait for the endpoint, in seconds", least=0.001),
        "redaction.patterns": Setting(
            list, (), 'what is taken out before anything is stored: names of built-in patterns, or "all"'
        ),
        "redaction.own": Setting(dict, (), "further patterns: names with regular expressions"),
        "quota.items": Setting(int, None, "most searchable items of a scope", least=1),
        "quota.terms": Setting(int, None, "most index terms (about words) of a scope", least=1),
        "quota.per_day": Setting(int, None, "most messages that a scope takes in a day (UTC)", least=1),
        "quota.facts_per_message": Setting(int, None, "most facts derived from one message", least=0),
        "trust.corroborate": Setting(
            list,
            (),
            "sources whose facts count only once others bear them out",
            choices=("user", "assistant", "tool", "system", "document"),
        ),
        "time.zone": Setting(str, "UTC", "IANA zone in which today and 今天 are meant"),
    }
)
