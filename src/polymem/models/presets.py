"""Providers of language models, embeddings and rerankers, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from polymem.domain.slotted import dataclass

__all__ = [
    "ALIASES",
    "EMBEDDING_DIMS",
    "PRESETS",
    "RERANKERS",
    "Preset",
    "RerankPreset",
    "Wire",
    "root_of",
]

Wire: TypeAlias = Literal["openai", "anthropic", "google", "mistral", "groq", "bedrock"]
"""The protocol that a provider speaks."""


@dataclass(frozen=True, slots=True)
class Preset:
    """What has to be known of a provider.

    Attributes:
        wire: Its protocol.
        base_url: Root of its interface; "" where its library knows.
        key_variables: Environment variables in which its key is looked for, in order; none where it needs no key.
        profile: "module:class" of the library's provider that knows what these models can do; "" for the usual.
        embeds: Whether its interface has embeddings.
    """

    wire: Wire
    base_url: str = ""
    key_variables: tuple[str, ...] = ()
    profile: str = ""
    embeds: bool = False


PRESETS: Final[Mapping[str, Preset]] = MappingProxyType(
    {
        "openai": Preset("openai", "https://api.openai.com/v1", ("OPENAI_API_KEY",), embeds=True),
        "anthropic": Preset("anthropic", "https://api.anthropic.com", ("ANTHROPIC_API_KEY",)),
        "google": Preset(
            "google",
            "https://generativelanguage.googleapis.com",
            ("GOOGLE_API_KEY", "GEMINI_API_KEY"),
            embeds=True,
        ),
        "mistral": Preset("mistral", "https://api.mistral.ai", ("MISTRAL_API_KEY",)),
        "groq": Preset("groq", "https://api.groq.com", ("GROQ_API_KEY",)),
        "bedrock": Preset("bedrock", embeds=True),
        "ollama": Preset("openai", "http://localhost:11434/v1", profile="ollama", embeds=True),
        "vllm": Preset("openai", "http://localhost:8000/v1", profile="vllm", embeds=True),
        "llamacpp": Preset("openai", "http://localhost:8080/v1", embeds=True),
        "lmstudio": Preset("openai", "http://localhost:1234/v1", embeds=True),
        "deepseek": Preset("openai", "https://api.deepseek.com", ("DEEPSEEK_API_KEY",), profile="deepseek"),
        "qwen": Preset(
            "openai",
            "https://dashscope.aliyuncs.com/compatible-mode/v1",
            ("DASHSCOPE_API_KEY",),
            profile="alibaba",
            embeds=True,
        ),
        "openrouter": Preset("openai", "https://openrouter.ai/api/v1", ("OPENROUTER_API_KEY",)),
        "together": Preset("openai", "https://api.together.xyz/v1", ("TOGETHER_API_KEY",), embeds=True),
        "xai": Preset("openai", "https://api.x.ai/v1", ("XAI_API_KEY",)),
    }
)

ALIASES: Final[Mapping[str, str]] = MappingProxyType({"gemini": "google", "aws_bedrock": "bedrock"})
"""Other names of providers."""

EMBEDDING_DIMS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "text-embedding-3-small": 1536,
        "text-embedding-3-large": 3072,
        "text-embedding-ada-002": 1536,
        "gemini-embedding-001": 3072,
        "amazon.titan-embed-text-v2:0": 1024,
        "cohere.embed-multilingual-v3": 1024,
        "nomic-embed-text": 768,
        "bge-m3": 1024,
        "text-embedding-v4": 1024,
    }
)
"""Widths of the vectors of well-known models."""


@dataclass(frozen=True, slots=True)
class RerankPreset:
    """How a server that reranks is asked: most speak as Cohere's does, with other names for some fields.

    Attributes:
        base_url: Root of its interface.
        key_variables: Environment variables in which its key is looked for, in order; none where it needs no key.
        path: Appended to the root.
        documents: Name of the texts in the request.
        top: Name of how many results are wanted; "" where all come back.
        more: Further fields of the request.
        results: Name of the results in the answer; "" where the answer is the list.
        score: Name of the score in a result.
        raw: Whether scores are log odds; they are probabilities otherwise.
        needs_model: Whether a model has to be named; a server of one model takes none.
    """

    base_url: str
    key_variables: tuple[str, ...] = ()
    path: str = "/rerank"
    documents: str = "documents"
    top: str = "top_n"
    more: Mapping[str, bool] = field(default_factory=dict[str, bool])
    results: str = "results"
    score: str = "relevance_score"
    raw: bool = False
    needs_model: bool = True


_BARE: Final[Mapping[str, bool]] = MappingProxyType({"return_documents": False})

RERANKERS: Final[Mapping[str, RerankPreset]] = MappingProxyType(
    {
        "cohere": RerankPreset("https://api.cohere.com/v2", ("COHERE_API_KEY", "CO_API_KEY")),
        "jina": RerankPreset("https://api.jina.ai/v1", ("JINA_API_KEY",), more=_BARE),
        "voyage": RerankPreset(
            "https://api.voyageai.com/v1", ("VOYAGE_API_KEY",), top="top_k", more=_BARE, results="data"
        ),
        "qwen": RerankPreset(
            "https://dashscope.aliyuncs.com/compatible-api/v1", ("DASHSCOPE_API_KEY",), path="/reranks"
        ),
        "siliconflow": RerankPreset("https://api.siliconflow.cn/v1", ("SILICONFLOW_API_KEY",), more=_BARE),
        "together": RerankPreset("https://api.together.xyz/v1", ("TOGETHER_API_KEY",), more=_BARE),
        "vllm": RerankPreset("http://localhost:8000/v1"),
        "infinity": RerankPreset("http://localhost:7997", more=_BARE),
        "llamacpp": RerankPreset("http://localhost:8080/v1", raw=True),
        "tei": RerankPreset(
            "http://localhost:8080",
            documents="texts",
            top="",
            more=MappingProxyType({"raw_scores": True, "truncate": True}),
            results="",
            score="score",
            raw=True,
            needs_model=False,
        ),
    }
)
"""Servers that rerank; "cohere" with an address of your own does for any that speaks as Cohere's."""


def root_of(provider: str, url: str | None) -> str:
    """Return the root of a provider's interface: *url*, or its own.

    Example:
        >>> root_of("ollama", "http://gpu:11434"), root_of("groq", None)
        ('http://gpu:11434/v1', 'https://api.groq.com')
    """
    if not url:
        return PRESETS[provider].base_url
    # Ollama's own interface lies at the root of the address that everybody names, the compatible one below it.
    bare = provider == "ollama" and "/" not in url.rstrip("/").partition("://")[2]
    return f"{url.rstrip('/')}/v1" if bare else url
