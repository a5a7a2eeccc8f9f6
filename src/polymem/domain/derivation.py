"""What is still to be derived from episodes, how it is to be done, and what it cost."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeAlias

from polymem.domain.scope import Scope
from polymem.domain.slotted import dataclass

__all__ = [
    "NO_USAGE",
    "PLAIN",
    "Derivation",
    "DerivationState",
    "Instructions",
    "Lease",
    "Reextraction",
    "Usage",
    "Worked",
]

DerivationState: TypeAlias = Literal["waiting", "leased", "dead"]


@dataclass(frozen=True, slots=True)
class Instructions:
    """What a caller asks of extraction beyond its default.

    Attributes:
        prompt: Further words for this call, "" for none.
        custom: Standing instructions of the configuration, "" for none.
        categories: Names that a fact may be filed under, with what each means.
        includes: Topics to keep; empty for all.
        excludes: Topics to leave out.
        memory_type: "procedural_memory" asks for one procedure instead of facts; "" for facts.
    """

    prompt: str = ""
    custom: str = ""
    categories: tuple[tuple[str, str], ...] = ()
    includes: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    memory_type: Literal["", "procedural_memory"] = ""


PLAIN = Instructions()


@dataclass(frozen=True, slots=True)
class Usage:
    """What language models were asked and answered.

    Attributes:
        calls: Requests that were answered, retries after an answer included.
        prompt_tokens: Tokens read.
        completion_tokens: Tokens written.
        n_estimated: Of the calls, those whose tokens are an estimate, since the provider did not count them.
    """

    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    n_estimated: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.calls + other.calls,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            self.n_estimated + other.n_estimated,
        )


NO_USAGE = Usage()


@dataclass(frozen=True, slots=True)
class Derivation:
    """A batch of episodes from which something is still to be derived.

    Attributes:
        id: Public id.
        scope: Where the episodes lie, with the agent and run of their rows.
        episode_ids: In order.
        instructions: How.
        state: "waiting", "leased" while somebody is at it, "dead" once it was tried often enough.
        attempts: How often it was begun.
        next_at: Not before this.
        created_at: When it was asked for.
        problem: Class of the last error, of a plain ModelError with the status that the provider answered ("ModelError 401"), ""
            for none; never a word of memory.
        reextract: Whether what these episodes gave before is retired when it succeeds.
    """

    id: str
    scope: Scope
    episode_ids: tuple[str, ...]
    instructions: Instructions
    state: DerivationState
    attempts: int
    next_at: datetime
    created_at: datetime
    problem: str = ""
    reextract: bool = False


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to carry out one derivation, until somebody else may take it over.

    Attributes:
        derivation: Which one.
        token: Proof; a commit that completes the derivation names it and fails once the lease was lost. "" where the
            derivation was made, and nobody holds it.
        until: When it ends.
    """

    derivation: Derivation
    token: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Worked:
    """What became of the derivations that were tried.

    Attributes:
        n_done: Done: what they gave is stored.
        n_failed: Put off, to be tried again later.
        n_dead: Given up: tried often enough, or asked for what cannot be done.
        usage: What models were asked for those that are done.
        problems: How often each class of error came, by name.
    """

    n_done: int = 0
    n_failed: int = 0
    n_dead: int = 0
    usage: Usage = NO_USAGE
    problems: tuple[tuple[str, int], ...] = ()

    def __add__(self, other: Worked) -> Worked:
        problems = dict(self.problems)
        for name, n in other.problems:
            problems[name] = problems.get(name, 0) + n
        return Worked(
            self.n_done + other.n_done,
            self.n_failed + other.n_failed,
            self.n_dead + other.n_dead,
            self.usage + other.usage,
            tuple(sorted(problems.items())),
        )


@dataclass(frozen=True, slots=True)
class Reextraction:
    """What deriving anew comes to.

    Attributes:
        n_episodes: Episodes of which something is to be derived anew.
        n_derivations: Calls of the extractor that this takes.
        worked: What became of them, as far as they were carried out.
    """

    n_episodes: int = 0
    n_derivations: int = 0
    worked: Worked = Worked()
