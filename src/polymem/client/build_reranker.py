"""Configuration → reranker; the part of :mod:`.build` that few stores need."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, cast

from polymem.client.config import Config
from polymem.client.settings import RERANK_SERVERS, SETTINGS
from polymem.errors import ConfigError
from polymem.ports.llm import LanguageModel
from polymem.ports.reranker import Reranker, RerankFunction

if TYPE_CHECKING:
    from polymem.read.rerank import Reranking

RerankerInput: TypeAlias = Reranker | RerankFunction


def reranking_of(
    settings: Config, given: RerankerInput | None, model: LanguageModel | None
) -> Reranking | None:
    """Return the reranker and how it is used, None where there is none."""
    if given is None and settings["reranker.provider"] is None:
        for name in SETTINGS:
            if name.startswith("reranker.") and settings.given_with(name, "reranker.provider"):
                raise ConfigError(
                    f"{name} ({settings.origin(name)}) needs a reranker: set reranker.provider", setting=name
                )
        return None
    from polymem.ranking.blend import Blend
    from polymem.read.rerank import Reranking

    blend = Blend(*(settings[f"reranker.{name}"] for name in ("weight", "scale", "offset")))
    if blend.scale is None and blend.offset is not None:
        raise ConfigError("reranker.offset needs reranker.scale", setting="reranker.offset")
    chosen = _configured_reranker(settings, model) if given is None else _given_reranker(given)
    return Reranking(
        chosen, blend, settings["reranker.depth"], skips=settings["reranker.on_failure"] == "skip"
    )


def _given_reranker(reranker: RerankerInput) -> Reranker:
    if hasattr(reranker, "name") and hasattr(reranker, "score"):
        return cast("Reranker", reranker)
    if not callable(reranker):
        raise ConfigError("reranker lacks name or score; give a reranker or a function", argument="reranker")
    from polymem.models.rerankers.callable import CallableReranker

    return CallableReranker(reranker)


def _configured_reranker(settings: Config, model: LanguageModel | None) -> Reranker:
    provider = settings["reranker.provider"]
    if provider not in RERANK_SERVERS:
        return _reranker_here(settings, model)
    from polymem.models.budget import Budget
    from polymem.models.endpoint import Endpoint
    from polymem.models.presets import RERANKERS
    from polymem.models.rerankers.endpoint import EndpointReranker

    preset, url, named = RERANKERS[provider], settings["reranker.base_url"], settings["reranker.model"] or ""
    if preset.needs_model and not named:
        raise ConfigError(f"reranker.model is needed for the provider {provider!r}", setting="reranker.model")
    limits = {name: settings[f"reranker.{name}"] for name in ("timeout_s", "max_wait_s")}
    # A key that was meant for the provider itself is sent to nobody else.
    key = settings.key("reranker", usual=() if url else preset.key_variables)
    at = Endpoint(url or preset.base_url, api_key=key, max_attempts=settings["reranker.attempts"], **limits)
    calls, window_s = settings["reranker.budget_calls"], settings["reranker.budget_window_s"]
    budget = None if calls is None else Budget(calls=calls, tokens=None, window_s=window_s, model=provider)
    sizes = {name: settings[f"reranker.{name}"] for name in ("batch_size", "max_chars")}
    return EndpointReranker(provider, named, endpoint=at, budget=budget, **sizes)


def _reranker_here(settings: Config, model: LanguageModel | None) -> Reranker:
    """Return the configured reranker that is no server: a model on this machine, or the language model."""
    provider = settings["reranker.provider"]
    for name in ("base_url", "api_key", "api_key_env", *(("model",) if provider == "llm" else ())):
        setting = f"reranker.{name}"
        if settings.given_with(setting, "reranker.provider"):
            raise ConfigError(
                f"{setting} ({settings.origin(setting)}) does not go with reranker.provider {provider!r}",
                setting=setting,
            )
    if provider == "llm":
        if model is None:
            raise ConfigError(
                "reranker.provider 'llm' needs a language model: set llm.provider", setting="llm.provider"
            )
        from polymem.models.rerankers.prompted import PromptedReranker

        return PromptedReranker(model, max_chars=settings["reranker.max_chars"])
    if not settings["reranker.model"]:
        raise ConfigError("reranker.model must name the folder of the model", setting="reranker.model")
    from polymem.models.rerankers.onnx import OnnxReranker

    return OnnxReranker(settings["reranker.model"], batch_size=settings["reranker.batch_size"])
