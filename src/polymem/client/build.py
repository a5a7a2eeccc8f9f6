"""Configuration → working parts; the only place that joins them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from polymem.client.build_reranker import RerankerInput, reranking_of
from polymem.client.config import Config, load_config
from polymem.client.learned import LearnedWeights
from polymem.client.pool import Pool
from polymem.client.settings import SETTINGS
from polymem.domain.derivation import Instructions
from polymem.domain.quota import Quotas
from polymem.domain.slotted import dataclass
from polymem.engines.sqlite.encoder import EncoderName
from polymem.engines.sqlite.engine import SqliteLedger
from polymem.engines.sqlite.erasures import SqliteErasures
from polymem.engines.sqlite.learning import SqliteFeedback
from polymem.engines.sqlite.queue import SqliteQueue
from polymem.errors import ConfigError
from polymem.forget.noting import NotedUses
from polymem.models.embedders.static.embedder import StaticEmbedder
from polymem.models.embedders.static.lexicon import StaticLexicon
from polymem.models.extractors.rules import RuleExtractor
from polymem.ports.clock import Clock, SystemClock
from polymem.ports.derivations import DerivationQueue
from polymem.ports.embedder import Embedder, EmbedFunction
from polymem.ports.extractor import Extractor
from polymem.ports.forgetting import ErasureLedger
from polymem.ports.ledger import Ledger
from polymem.ports.lexicon import Lexicon
from polymem.ports.llm import LanguageModel
from polymem.ports.summariser import Summariser
from polymem.read.search import DEFAULT_WEIGHTS
from polymem.write.add import Writer
from polymem.write.derive import Deriver, Pace
from polymem.write.judge import Judge

if TYPE_CHECKING:
    from polymem.models.budget import Budget
    from polymem.models.connection import Connection
    from polymem.read.rerank import Reranking
    from polymem.write.redact import RedactFunction, Redactor

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
        learned: Weights of the signals, by tenant.
        llm: The language model, None where none is configured.
        redactor: What takes secrets out first; None for nothing.
        reranking: What reads the first hits again, None where none is configured.
        lexicon: What translates the words of a question, None for nothing.
    """

    config: Config
    ledger: Ledger
    writer: Writer
    erasures: ErasureLedger
    noted: NotedUses
    pool: Pool
    learned: LearnedWeights
    llm: LanguageModel | None = None
    redactor: Redactor | None = None
    reranking: Reranking | None = None
    lexicon: Lexicon | None = None

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
    llm: LanguageModel | None = None,
    reranker: RerankerInput | None = None,
    clock: Clock | None = None,
    redact: RedactFunction | None = None,
) -> Parts:
    """Make the parts.

    Args:
        path: The store's file.
        config: Settings, or a TOML file of settings.
        embedder: Instead of the configured one: an embedder, or a function from texts to vectors.
        extractor: Instead of the rules, or of the language model that is configured.
        llm: A language model, instead of the configured one.
        reranker: Instead of the configured one: a reranker, or a function from a question and texts to scores.
        clock: Instead of the machine's.
        redact: Applied after the configured patterns to every text that is handed in.

    Raises:
        ConfigError: A setting cannot be used.
        StoreError: The store cannot be used.
    """
    settings = load_config(config, path=path)
    chosen = _given(embedder) if embedder is not None else _configured(settings)
    model = (
        _given_model(llm, settings) if llm is not None else _language_model(settings, alone=extractor is None)
    )
    ledger = SqliteLedger(
        settings.path,
        encoder=EncoderName(chosen.name, chosen.dim),
        timeout_s=settings["store.timeout_s"],
        cache_bytes=settings["store.cache_mb"] * 1024 * 1024,
        quotas=_quotas(settings),
    )
    derives = _guarded(extractor or _extractor(settings, model), settings)
    writer = Writer(ledger, chosen, derives, clock or SystemClock(), settings.zone)
    queue = SqliteQueue(read=ledger.job, write=ledger.write)
    weights = replace(DEFAULT_WEIGHTS, fusion=settings["ranking.fusion"]).without(settings["ranking.without"])
    return Parts(
        settings,
        ledger,
        writer,
        SqliteErasures(ledger),
        NotedUses(),
        _pool(settings, writer, queue, model),
        LearnedWeights(SqliteFeedback(ledger), weights),
        model,
        redactor=_redactor(settings, redact),
        reranking=reranking_of(settings, reranker, model),
        lexicon=StaticLexicon(),
    )


def embedder_of(config: Mapping[str, Any] | str | Path | None = None) -> Embedder:
    """Return the embedder that *config* asks for.

    Raises:
        ConfigError: A setting cannot be used.
    """
    return _configured(load_config(config))


def model_of(config: Mapping[str, Any] | str | Path | None = None) -> LanguageModel:
    """Return the language model that *config* asks for.

    Raises:
        ConfigError: A setting cannot be used, or no model is configured.
    """
    model = _language_model(load_config(config), alone=True)
    if model is None:
        raise ConfigError("this needs a language model: set llm.provider", setting="llm.provider")
    return model


def summariser_of(parts: Parts) -> Summariser | None:
    """Return what sums sessions up, None where no language model is configured."""
    if parts.llm is None:
        return None
    from polymem.models.summarisers.prompted import PromptedSummariser

    return PromptedSummariser(parts.llm, max_tokens=parts.config["consolidation.prompt_tokens"])


def _quotas(settings: Config) -> Quotas | None:
    quotas = Quotas(settings["quota.items"], settings["quota.terms"], settings["quota.per_day"])
    return quotas if quotas.any else None


def _redactor(settings: Config, function: RedactFunction | None) -> Redactor | None:
    names, own = settings["redaction.patterns"], settings["redaction.own"]
    if not names and not own and function is None:
        return None
    # The patterns are loaded where they are asked for.
    from polymem.write.redact import make_redactor

    return make_redactor(names, own, function)


def _guarded(extractor: Extractor, settings: Config) -> Extractor:
    limit, sources = settings["quota.facts_per_message"], settings["trust.corroborate"]
    if limit is None and not sources:
        return extractor
    from polymem.write.trust import GuardedExtractor

    return GuardedExtractor(extractor, limit, frozenset(sources))


def _pool(settings: Config, writer: Writer, queue: DerivationQueue, model: LanguageModel | None) -> Pool:
    named = {name: settings[f"extraction.{name}"] for name in ("categories", "includes", "excludes")}
    pace = Pace(*(settings[f"derivation.{name}"] for name in ("lease_s", "attempts", "retry_s")))
    standing = Instructions(custom=settings["extraction.instructions"], **named)
    judge = Judge(model) if model is not None and settings["resolution.ask_model"] == "ties" else None
    return Pool(
        Deriver(writer, queue, pace, standing, judge),
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


def _extractor(settings: Config, model: LanguageModel | None) -> Extractor:
    if model is None:
        return RuleExtractor()
    from polymem.models.extractors.model import ModelExtractor

    return ModelExtractor(model, language=settings["extraction.language"], roles=settings["extraction.roles"])


def _given_model(model: LanguageModel, settings: Config) -> LanguageModel:
    missing = [name for name in ("name", "generate") if not hasattr(model, name)]
    if missing:
        raise ConfigError(f"llm lacks {', '.join(missing)}; give a language model", argument="llm")
    if settings["llm.budget_calls"] is None and settings["llm.budget_tokens"] is None:
        return model
    from polymem.models.budget import BudgetedModel

    return BudgetedModel(model, _budget(settings, model.name))


def _budget(settings: Config, model: str) -> Budget:
    from polymem.models.budget import Budget

    return Budget(
        calls=settings["llm.budget_calls"],
        tokens=settings["llm.budget_tokens"],
        window_s=settings["llm.budget_window_s"],
        model=model,
    )


def _language_model(settings: Config, *, alone: bool) -> LanguageModel | None:
    """Return the configured model, None where none is.

    Args:
        settings: The configuration.
        alone: Nobody else derives: what is said about extraction is meant for this model.
    """
    if settings["llm.provider"] is None:
        for name in SETTINGS:
            section = name.partition(".")[0]
            if section in {"llm", *(("extraction",) if alone else ())} and settings.given_with(
                name, "llm.provider"
            ):
                raise ConfigError(
                    f"{name} ({settings.origin(name)}) needs a language model: set llm.provider", setting=name
                )
        return None
    # These bring asyncio; the library itself is loaded at the first request.
    from polymem.models.llms.chat import ChatModel, Sampling
    from polymem.models.patience import Patience

    at = _connection(settings, "llm")
    given = {name: settings[f"llm.{name}"] for name in ("timeout_s", "attempts", "backoff_s", "max_wait_s")}
    return ChatModel(
        at,
        patience=Patience(**given, concurrency=settings["llm.concurrency"]),
        sampling=Sampling(
            **{name: settings[f"llm.{name}"] for name in ("temperature", "top_p", "seed", "thinking")}
        ),
        budget=_budget(settings, at.name),
        output=settings["llm.output"],
        max_tokens=settings["llm.max_tokens"],
    )


def _connection(settings: Config, section: str) -> Connection:
    """Return where the model of a section is."""
    from polymem.models.connection import Connection
    from polymem.models.presets import ALIASES, PRESETS, root_of

    named = settings[f"{section}.provider"]
    provider = ALIASES.get(named, named)
    model, url = settings[f"{section}.model"], settings[f"{section}.base_url"]
    if not model:
        raise ConfigError(f"{section}.model is needed for the provider {named!r}", setting=f"{section}.model")
    # A key that was meant for the provider itself is sent to nobody else.
    usual = () if url else PRESETS[provider].key_variables
    return Connection(
        provider,
        model,
        root_of(provider, url),
        api_key=settings.key(section, usual=usual),
        region=settings[f"{section}.region"],
        timeout_s=settings[f"{section}.timeout_s"],
    )


def _configured(settings: Config) -> Embedder:
    if settings["embedder.provider"] == "static":
        for name in ("model", "base_url", "api_key", "api_key_env", "region", "timeout_s"):
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
    if settings["embedder.provider"] in {"google", "gemini", "bedrock", "aws_bedrock"}:
        return _remote_embedder(settings)
    return _endpoint_embedder(settings)


def _dim(settings: Config) -> int:
    """Return the width of an endpoint's vectors: as configured, or as everybody knows it."""
    from polymem.models.presets import EMBEDDING_DIMS

    if not settings["embedder.model"]:
        raise ConfigError("embedder.model is needed for an endpoint", setting="embedder.model")
    dim: int | None = settings["embedder.dim"] or EMBEDDING_DIMS.get(settings["embedder.model"])
    if dim is None:
        raise ConfigError("embedder.dim is needed for this model", setting="embedder.dim")
    return dim


def _remote_embedder(settings: Config) -> Embedder:
    from polymem.models.embedders.remote import RemoteEmbedder

    return RemoteEmbedder(_connection(settings, "embedder"), dim=_dim(settings))


def _endpoint_embedder(settings: Config) -> Embedder:
    # These bring the HTTP client, and with it a score of modules that the static encoder never needs.
    from polymem.models.embedders.openai import OpenAIEmbedder
    from polymem.models.endpoint import Endpoint
    from polymem.models.presets import PRESETS, root_of

    dim = _dim(settings)
    provider, url = settings["embedder.provider"], settings["embedder.base_url"]
    # A key that was meant for the provider itself is sent to nobody else.
    usual = () if url else PRESETS[provider].key_variables
    endpoint = Endpoint(
        root_of(provider, url),
        api_key=settings.key("embedder", usual=usual),
        timeout_s=settings["embedder.timeout_s"],
    )
    model = settings["embedder.model"]
    return OpenAIEmbedder(model, dim=dim, endpoint=endpoint, name=f"{provider}:{model}/{dim}")
