"""The answer to a search."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from typing import overload

from polymem.domain.derivation import NO_USAGE, Usage
from polymem.domain.document import Place
from polymem.domain.entity import Relation
from polymem.domain.item import Episode, Item
from polymem.domain.slotted import dataclass


@dataclass(frozen=True, slots=True)
class Hit:
    """An item that was found.

    Attributes:
        item: The item.
        score: 0..1, higher is better, comparable between queries.
        signals: Contribution of each signal by name; empty unless ``explain`` was asked for.
        episodes: The raw messages that the item comes from, those of the scope that was asked.
        superseded: True for an episode of which every derived fact was closed.
        search: Which search found it, for :meth:`~polymem.client.aio.AsyncMemory.feedback`; "" unless ``explain`` was
            asked for.
        place: Where a chunk stands in its document: page and span; None for what is of no document.
    """

    item: Item
    score: float
    signals: Mapping[str, float] = field(default_factory=dict[str, float])
    episodes: tuple[Episode, ...] = ()
    superseded: bool = False
    search: str = ""
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Hits(Sequence[Hit]):
    """Hits in order of score, with the relations between the things asked about.

    Attributes:
        hits: Best first.
        relations: Relations of the entities in the question.
        explanation: What was planned, how many candidates each arm brought, what was left out and why;
            empty unless ``explain`` was asked for.
        confidence: 0..1, how likely it is that the hits hold an answer, where half of all questions have one: of the
            answers at 0.5 as many are there as are not. 0.0 without hits. Calibrated for the default mode and encoder.
    """

    hits: tuple[Hit, ...] = ()
    relations: tuple[Relation, ...] = ()
    explanation: Mapping[str, object] = field(default_factory=dict[str, object])
    confidence: float = 0.0

    @overload
    def __getitem__(self, index: int) -> Hit: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Hit, ...]: ...
    def __getitem__(self, index: int | slice) -> Hit | tuple[Hit, ...]:
        return self.hits[index]

    def __len__(self) -> int:
        return len(self.hits)

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.hits)


@dataclass(frozen=True, slots=True)
class Page(Sequence[Item]):
    """Items in a stable order, newest first, with the way to the next page.

    Attributes:
        items: The page.
        cursor: Pass it as ``cursor=`` for the next page; None at the end.
    """

    items: tuple[Item, ...] = ()
    cursor: str | None = None

    @overload
    def __getitem__(self, index: int) -> Item: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Item, ...]: ...
    def __getitem__(self, index: int | slice) -> Item | tuple[Item, ...]:
        return self.items[index]

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Item]:
        return iter(self.items)


@dataclass(frozen=True, slots=True)
class Added:
    """What one ``add`` stored.

    Attributes:
        items: The items made, episodes first, in the order of the messages.
        superseded: Ids of the facts that were closed by it.
        repeated: Ids of facts that were already known and gained evidence.
        replayed: True when the idempotency key was seen before and nothing was written.
        n_unembedded: Items stored without a vector because the embedder failed; retried later.
        n_redacted: Secrets taken out before anything was stored, see ``redaction.patterns``.
        usage: What language models were asked for it.
        pending: Id of what is still to be derived from the messages, which are stored and found; None when nothing is.
        problem: Why it is, where a model failed: as in :class:`~polymem.domain.derivation.Derivation`, "" for none.
    """

    items: tuple[Item, ...] = ()
    superseded: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()
    replayed: bool = False
    n_unembedded: int = 0
    n_redacted: int = 0
    usage: Usage = NO_USAGE
    pending: str | None = None
    problem: str = ""

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of the items made."""
        return tuple(item.id for item in self.items)
