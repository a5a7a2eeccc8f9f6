"""The truth: commits batches, lends snapshots."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeAlias, TypeVar

from polymem.domain.batch import Batch, Outcome
from polymem.domain.event import Event
from polymem.domain.filter import Filter
from polymem.domain.item import Episode, Item
from polymem.domain.query import Selection, Visibility
from polymem.domain.scope import Partition, Scope
from polymem.domain.slotted import dataclass
from polymem.ports.documents import DocumentFace
from polymem.ports.faces import Columns, GraphFace, KeyFace, Mask, TextFace, VectorFace
from polymem.ranking.neighbours import Neighbours

T = TypeVar("T")
Record: TypeAlias = dict[str, Any]
"""One line of the exchange format, see ``docs/exchange.md``."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One disagreement that ``verify`` found.

    Attributes:
        face: "item", "episode", "vector", "terms", "segment", "scan", "relation", "key", "event", "file" …
        problem: What is wrong, without any memory text.
        count: How many rows.
        scope: The partition concerned, None for the file.
    """

    face: str
    problem: str
    count: int
    scope: Partition | None = None


@dataclass(frozen=True, slots=True)
class PartitionInfo:
    """Counters of one partition.

    Attributes:
        partition: Which one.
        n_rows: Rows ever stored, removed ones included.
        n_indexed: Rows that the arms can find, older versions included.
        n_pending: Rows that wait for a vector.
        n_entities: Entities ever made.
        n_relations: Relations ever made.
        n_events: Length of the event chain.
        head: The chain's head, hex; "" before the first event.
        n_archived: Items that were put away.
        n_documents: Documents that are kept.
    """

    partition: Partition
    n_rows: int
    n_indexed: int
    n_pending: int
    n_entities: int
    n_relations: int
    n_events: int
    head: str
    n_archived: int = 0
    n_documents: int = 0


class Rows(Protocol):
    """The ledger's rows inside a snapshot."""

    def items(self, positions: Sequence[int]) -> list[Item]:
        """Return the items at *positions*, in that order."""
        ...

    def episodes(self, ids: Sequence[str]) -> dict[str, Episode]:
        """Return episodes by id."""
        ...

    def sources(self, positions: Sequence[int]) -> dict[int, tuple[str, ...]]:
        """Return the episode ids behind each of *positions* (an episode: its own)."""
        ...

    def position(self, item_id: str, *, version: int | None = None) -> int | None:
        """Return where the newest (or the given) version of an item lies, deleted ones included; None if unknown."""
        ...

    def matching(self, filters: Filter, *, now_mask: Mask) -> Mask:
        """Return bool[n]: rows of *now_mask* for which *filters* is true."""
        ...

    def page(self, selection: Selection, *, limit: int, before: tuple[int, int] | None) -> list[int]:
        """Return positions in descending order of the first version's (created_at, position), after the cursor *before*.

        A revision does not move an item, so the order stays while others write.
        """
        ...

    def history(self, item_id: str) -> list[Event]:
        """Return the events of an item, oldest first."""
        ...

    def label(self, name: str) -> int | None:
        """Return the number under which the columns know a speaker, agent or run; None if there is none."""
        ...

    def labels(self) -> dict[str, int]:
        """Return all labels that occur as speakers, by name."""
        ...

    def adjacent(self) -> Neighbours:
        """Return the previous and the next episode of the same session, by position."""
        ...


class Snapshot(Protocol):
    """One partition at one instant."""

    @property
    def n(self) -> int:
        """Number of positions."""
        ...

    @property
    def version(self) -> int:
        """The partition's version, for conditional commits; 0 for a partition without rows."""
        ...

    @property
    def last_at(self) -> int:
        """System time of the last write in microseconds, 0 for none; the present is never before it."""
        ...

    @property
    def columns(self) -> Columns:
        """The arrays by position."""
        ...

    def visible(self, visibility: Visibility) -> Mask:
        """Return bool[n], read-only: the rows that a reader sees, see :func:`polymem.ranking.visibility.visible`."""
        ...

    @property
    def vectors(self) -> VectorFace:
        """What is alike."""
        ...

    @property
    def texts(self) -> TextFace:
        """What shares words."""
        ...

    @property
    def graph(self) -> GraphFace:
        """Who relates to what."""
        ...

    @property
    def keys(self) -> KeyFace:
        """Details by key."""
        ...

    @property
    def rows(self) -> Rows:
        """The rows themselves."""
        ...

    @property
    def kept(self) -> dict[str, object]:
        """What one reader has worked out of this version alone and the next would work out again, by name: few things, and small ones.

        Whoever puts something there leaves it as it is; with the next write all of it is gone.
        """
        ...

    @property
    def documents(self) -> DocumentFace:
        """The documents whose chunks are among the rows."""
        ...


class Ledger(Protocol):
    """An engine: all four faces in one transaction.

    Every method may raise ``StoreUnavailableError``, ``StoreTimeoutError``, ``StoreCorruptError`` or ``ClosedError``.
    """

    async def commit(self, batch: Batch) -> Outcome:
        """Apply *batch* whole or not at all; it is durable when this returns.

        Raises:
            ConflictError: ``if_version`` does not hold, or the idempotency key was used with another payload.
            NotFoundError: A revision or removal names an item that the scope does not hold.
        """
        ...

    async def read(self, partition: Partition, job: Callable[[Snapshot], T]) -> T:
        """Run the pure *job* on one snapshot of *partition*; nothing of the snapshot may outlive it."""
        ...

    async def locate(self, item_id: str) -> Scope | None:
        """Return the scope in which an item lies (deleted ones included), None if no partition has it."""
        ...

    async def partitions(self, *, label: str | None = None) -> list[PartitionInfo]:
        """Return all partitions with their counters, by tenant, kind and owner.

        With *label* only those that know it as the name of an agent, a run or a speaker, at the cost of a lookup each.
        """
        ...

    async def backup(self, path: Path) -> None:
        """Write a consistent copy while in use."""
        ...

    async def verify(self, partition: Partition | None, *, repair: bool) -> list[Finding]:
        """Check the faces against each other; with *repair* rebuild what is wrong from the ledger."""
        ...

    async def embed(self, partition: Partition | None, encode: Callable[[list[str]], Any] | None) -> int:
        """Return how many rows of *partition* (None: of the store) lack a vector.

        With *encode* (texts → float32[n, dim]) they get theirs, and the number of rows that did is returned.
        """
        ...

    def export(self, scope: Scope | None) -> AsyncIterator[Record]:
        """Yield every record of a scope, or of the whole store."""
        ...

    async def restore(self, records: Iterable[Record]) -> int:
        """Store records that :meth:`export` yielded; return how many were new."""
        ...

    async def close(self) -> None:
        """Finish what was queued and let go of the file; further calls raise ``ClosedError``."""
        ...


__all__ = ["Finding", "Ledger", "Record", "Rows", "Snapshot", "Visibility"]
