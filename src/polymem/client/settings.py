"""Every setting: its type, default, bounds and purpose. Read by :mod:`.config` alone."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from polymem.domain.slotted import dataclass
from polymem.ranking.scoring import GROUPS


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


EMBEDDERS: Final = (
    *("openai", "google", "gemini", "bedrock", "aws_bedrock", "ollama"),
    *("vllm", "llamacpp", "lmstudio", "qwen", "together"),
)
PROVIDERS: Final = (*EMBEDDERS, "anthropic", "mistral", "groq", "deepseek", "openrouter", "xai")
"""Providers of models; :mod:`polymem.models.presets` knows more of each."""
RERANK_SERVERS: Final = (
    *("cohere", "jina", "voyage", "qwen", "siliconflow", "together"),
    *("vllm", "infinity", "llamacpp", "tei"),
)
"""Servers that rerank, as :data:`polymem.models.presets.RERANKERS` has them."""

SETTINGS: Final[Mapping[str, Setting]] = MappingProxyType(
    {
        "store.path": Setting(str, None, "the store's file; by default memory.db in the user's data folder"),
        "store.timeout_s": Setting(float, 30.0, "longest wait for a write, in seconds", least=0.001),
        "store.cache_mb": Setting(int, 512, "budget of the in-process caches, in MiB", least=1),
        "llm.provider": Setting(
            str,
            None,
            "whose language model derives what messages say; none by default: rules do",
            choices=PROVIDERS,
        ),
        "llm.model": Setting(str, None, "the model as the provider names it"),
        "llm.base_url": Setting(str, None, "root of the interface, where it is not the provider's own"),
        "llm.api_key": Setting(str, None, "the provider's key", secret=True),
        "llm.api_key_env": Setting(str, None, "name of the environment variable that holds the key"),
        "llm.region": Setting(str, None, "where in the cloud (bedrock)"),
        "llm.temperature": Setting(float, 0.0, "how freely words are picked; 0 for the likeliest", most=2),
        "llm.top_p": Setting(float, None, "share of the likeliest words that are considered", most=1),
        "llm.seed": Setting(int, None, "makes some providers answer the same again"),
        "llm.thinking": Setting(
            bool, default=False, about="whether a model that can leave it may think before it answers"
        ),
        "llm.max_tokens": Setting(int, None, "longest answer; by default what the task needs", least=16),
        "llm.output": Setting(
            str,
            "auto",
            "how a model is brought to the form: grammar of the server, tool, or prompt",
            choices=("auto", "native", "tool", "prompted"),
        ),
        "llm.timeout_s": Setting(float, 60.0, "longest wait for one answer, in seconds", least=0.001),
        "llm.attempts": Setting(int, 4, "how often a request is sent while the provider is busy", least=1),
        "llm.backoff_s": Setting(
            float, 0.5, "seconds before the second attempt, doubled with each further one"
        ),
        "llm.max_wait_s": Setting(float, 60.0, "longest pause that a provider may ask for, in seconds"),
        "llm.concurrency": Setting(int, 8, "most requests at a time", least=1),
        "llm.budget_calls": Setting(int, None, "most calls in the window"),
        "llm.budget_tokens": Setting(int, None, "most tokens, read and written, in the window"),
        "llm.budget_window_s": Setting(float, 0.0, "the window in seconds; 0 for the life of the handle"),
        "resolution.ask_model": Setting(
            str,
            "ties",
            "whether the model is asked about facts that code cannot settle",
            choices=("ties", "never"),
        ),
        "extraction.instructions": Setting(str, "", "standing instructions to the model, in your own words"),
        "extraction.categories": Setting(dict, (), "names that facts are filed under, with what each means"),
        "extraction.includes": Setting(list, (), "topics to keep; empty for all"),
        "extraction.excludes": Setting(list, (), "topics to leave out"),
        "extraction.language": Setting(
            str, "auto", "in which language the model is instructed", choices=("auto", "en", "zh")
        ),
        "extraction.roles": Setting(
            list,
            (),
            "roles that are read though they state nothing about themselves",
            choices=("tool", "function", "system", "developer"),
        ),
        "embedder.provider": Setting(
            str, "static", "where vectors come from", choices=("static", *EMBEDDERS)
        ),
        "embedder.model": Setting(str, None, "the model as the provider names it"),
        "embedder.dim": Setting(int, None, "width of the vectors; static: 256, 128 or 64", least=1),
        "embedder.base_url": Setting(str, None, "root of the interface, where it is not the provider's own"),
        "embedder.api_key": Setting(str, None, "the provider's key", secret=True),
        "embedder.api_key_env": Setting(str, None, "name of the environment variable that holds the key"),
        "embedder.region": Setting(str, None, "where in the cloud (bedrock)"),
        "embedder.timeout_s": Setting(float, 30.0, "longest wait for the endpoint, in seconds", least=0.001),
        "reranker.provider": Setting(
            str,
            None,
            "what reads the first hits together with the question: onnx (on this machine), llm, or a server; none by default",
            choices=("onnx", "llm", *RERANK_SERVERS),
        ),
        "reranker.model": Setting(str, None, "the model as the server names it; onnx: its folder"),
        "reranker.base_url": Setting(str, None, "root of the interface, where it is not the provider's own"),
        "reranker.api_key": Setting(str, None, "the provider's key", secret=True),
        "reranker.api_key_env": Setting(str, None, "name of the environment variable that holds the key"),
        "reranker.depth": Setting(int, 30, "how many of the first hits it reads", least=1, most=1_000),
        "reranker.weight": Setting(float, 0.5, "share of what it says that counts beside the score", most=1),
        "reranker.scale": Setting(
            float, None, "log odds for one unit of its score; by default one standard deviation of the hits"
        ),
        "reranker.offset": Setting(
            float, None, "log odds of a score of 0, beside the scale", least=float("-inf")
        ),
        "reranker.on_failure": Setting(
            str,
            "error",
            "a reranker that fails: an error, or the hits without it, which the explanation says",
            choices=("error", "skip"),
        ),
        "reranker.max_chars": Setting(int, 2_000, "so much of a text it reads", least=1),
        "reranker.batch_size": Setting(int, 32, "most texts at a time", least=1),
        "reranker.timeout_s": Setting(float, 10.0, "longest wait for one answer, in seconds", least=0.001),
        "reranker.attempts": Setting(int, 2, "how often a request is sent while the server is busy", least=1),
        "reranker.max_wait_s": Setting(float, 5.0, "longest pause that a server may ask for, in seconds"),
        "reranker.budget_calls": Setting(int, None, "most requests in the window"),
        "reranker.budget_window_s": Setting(
            float, 0.0, "the window in seconds; 0 for the life of the handle"
        ),
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
        "forgetting.curve": Setting(
            str, "fsrs", "how strength decays between uses", choices=("fsrs", "act-r")
        ),
        "forgetting.archive_below": Setting(
            float, 0.0, "strength, 0 to 1, below which tidying puts an item away; 0 for never", most=1
        ),
        "forgetting.capacity": Setting(
            int, None, "most current items of a scope; tidying puts the weakest away", least=1
        ),
        "forgetting.superseded_days": Setting(
            float, None, "days after which tidying puts a fact away that was replaced"
        ),
        "forgetting.min_age_days": Setting(
            float, 30.0, "days since it was stored or used in which an item does not fall to decay"
        ),
        "forgetting.protected_importance": Setting(
            float, 0.9, "from this importance on nothing is put away", most=1
        ),
        "forgetting.reinforce_on_search": Setting(
            bool, default=False, about="whether what a search shows counts as used"
        ),
        "derivation.background": Setting(
            bool, default=False, about="add returns before a model has read the messages"
        ),
        "derivation.concurrency": Setting(int, 4, "derivations at a time", least=1),
        "derivation.attempts": Setting(
            int, 5, "times that a derivation is tried before it is given up", least=1
        ),
        "derivation.retry_s": Setting(
            float, 30.0, "pause after the first failure; doubled with each, up to an hour", least=0.001
        ),
        "derivation.lease_s": Setting(
            float, 120.0, "without a sign of life for so long, another process takes over", least=0.1
        ),
        "derivation.close_s": Setting(float, 5.0, "for how long close waits for running derivations"),
        "consolidation.messages": Setting(
            int,
            6,
            "messages from which on a session is summed up, and by which it has to grow to be so again",
            least=2,
        ),
        "consolidation.prompt_tokens": Setting(
            int, 3_000, "most tokens of messages in one request for a summary, estimated", least=200
        ),
        "ranking.without": Setting(
            list,
            (),
            "parts of the ranking that count for nothing, to see what each is worth",
            choices=tuple(GROUPS),
        ),
        "ranking.fusion": Setting(
            str, "sum", "how signals become a score: their sum, or reciprocal ranks", choices=("sum", "rrf")
        ),
        "documents.chunk_chars": Setting(
            int,
            1_600,
            "longest passage into which a document is cut, in characters; one of East Asia counts three",
            least=200,
            most=100_000,
        ),
        "documents.max_bytes": Setting(
            int, 100 * 1024 * 1024, "largest file that is read, in bytes", least=1
        ),
        "documents.max_pages": Setting(int, 5_000, "most pages of a document", least=1),
        "documents.timeout_s": Setting(
            float, 60.0, "longest time for reading one file, in seconds", least=0.001
        ),
        "documents.memory_mb": Setting(
            int, 1_024, "memory of a process that reads files, in MiB (Linux)", least=128
        ),
        "documents.workers": Setting(
            int, None, "files read at a time; by default one a core, at most 4", least=1, most=64
        ),
        "documents.max_files": Setting(int, 100_000, "most files of one call", least=1),
        "documents.max_depth": Setting(int, 32, "most folders within one another", least=1, most=1_000),
        "time.zone": Setting(str, "UTC", "IANA zone in which today and 今天 are meant"),
    }
)
