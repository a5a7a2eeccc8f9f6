"""Configuration → working parts; the only place that joins them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

from polymem.client.config import Config, load_config
from polymem.client.pool import Pool
from polymem.domain.derivation import Instructions
from polymem.domain.slotted import dataclass
from polymem.engines.sqlite.encoder import EncoderName
from polymem.engines.sqlite.engine import SqliteLedger
from polymem.engines.sqlite.erasures import SqliteErasures
from polymem.engines.sqlite.queue import SqliteQueue
from polymem.errors import ConfigError
from polymem.forget.noting import NotedUses
from polymem.models.embedders.static.embedder import StaticEmbedder
from polymem.models.extractors.rules import RuleExtractor
from polymem.ports.clock import Clock, SystemClock
from polymem.ports.derivations import DerivationQueue
from polymem.ports.embedder import Embedder, EmbedFunction
from polymem.ports.extractor import Extractor
from polymem.ports.forgetting import ErasureLedger
from polymem.ports.ledger import Ledger
from polymem.write.add import Writer
from polymem.write.derive import Deriver, Pace

EmbedderInput: TypeAlias = Embedder | EmbedFunction


@dataclass(frozen=True, slots=True)
class Parts:
    """What a handle works with.

    Attributes:
        config: Where the settings came from.
        ledger: The engine.
        writer: The write path.
        erasures: The side of the engine that forgetting needs.
        noted: Uses that wait to be written.
        pool: Derivations under way.
    """

    config: Config
    ledger: Ledger
    writer: Writer
    erasures: ErasureLedger
    noted: NotedUses
    pool: Pool

    @property
    def embedder(self) -> Embedder:
        """Texts to vectors."""
        return self.writer.embedder

    @property
    def clock(self) -> Clock:
        """The present."""
        return self.writer.clock


def build(
    path: str | Path | None = None,
    *,
    config: Mapping[str, Any] | str | Path | None = None,
    embedder: EmbedderInput | None = None,
    extractor: Extractor | None = None,
    clock: Clock | None = None,
) -> Parts:
    """Make the parts.

    Args:
        path: The store's file.
        config: Settings, or a TOML file of settings.
        embedder: Instead of the configured one: an embedder, or a function from texts to vectors.
        extractor: Instead of the rules.
        clock: Instead of the machine's.

    Raises:
        ConfigError: A setting cannot be used.
        StoreError: The store cannot be used.
    """
    settings = load_config(config, path=path)
    chosen = _given(embedder) if embedder is not None else _configured(settings)
    ledger = SqliteLedger(
        settings.path,
        encoder=EncoderName(chosen.name, chosen.dim),
        timeout_s=settings["store.timeout_s"],
        cache_bytes=settings["store.cache_mb"] * 1024 * 1024,
    )
    writer = Writer(ledger, chosen, extractor or RuleExtractor(), clock or SystemClock(), settings.zone)
    queue = SqliteQueue(read=ledger.job, write=ledger.write)
    return Parts(settings, ledger, writer, SqliteErasures(ledger), NotedUses(), _pool(settings, writer, queue))


def _pool(settings: Config, writer: Writer, queue: DerivationQueue) -> Pool:
    named = {name: settings[f"derivation.{name}"] for name in ("categories", "includes", "excludes")}
    pace = Pace(*(settings[f"derivation.{name}"] for name in ("lease_s", "attempts", "retry_s")))
    standing = Instructions(custom=settings["derivation.instructions"], **named)
    return Pool(
        Deriver(writer, queue, pace, standing),
        concurrency=settings["derivation.concurrency"],
        close_s=settings["derivation.close_s"],
    )


def _given(embedder: EmbedderInput) -> Embedder:
    if callable(embedder):
        # It brings asyncio, for functions that are to be awaited or run in a thread.
        from polymem.models.embedders.callable import CallableEmbedder

        return CallableEmbedder(embedder)
    missing = [name for name in ("name", "dim", "embed") if not hasattr(embedder, name)]
    if missing:
        raise ConfigError(
            f"embedder lacks {', '.join(missing)}; give an embedder or a function", argument="embedder"
        )
    return embedder


def _configured(settings: Config) -> Embedder:
    if settings["embedder.provider"] == "static":
        for name in ("model", "base_url", "api_key", "api_key_env", "timeout_s"):
            setting = f"embedder.{name}"
            if settings.given_with(setting, "embedder.provider"):
                raise ConfigError(
                    f"{setting} ({settings.origin(setting)}) does not go with embedder.provider 'static'",
                    setting=setting,
                )
        dim = settings["embedder.dim"] or 256
        if dim not in (256, 128, 64):
            raise ConfigError("embedder.dim of the static encoder is 256, 128 or 64", setting="embedder.dim")
        return StaticEmbedder(dim=dim)
    return _endpoint_embedder(settings)


def _endpoint_embedder(settings: Config) -> Embedder:
    # These bring the HTTP client, and with it a score of modules that the static encoder never needs.
    from polymem.models.embedders.openai import OpenAIEmbedder
    from polymem.models.endpoint import Endpoint

    for name in ("embedder.model", "embedder.dim"):
        if not settings[name]:
            raise ConfigError(f"{name} is needed for an endpoint", setting=name)
    endpoint = Endpoint(
        settings["embedder.base_url"] or Endpoint.base_url,
        api_key=settings.api_key,
        timeout_s=settings["embedder.timeout_s"],
    )
    return OpenAIEmbedder(settings["embedder.model"], dim=settings["embedder.dim"], endpoint=endpoint)
