"""One consistent view of a partition, as four faces; valid only inside the job that got it.

Rows are addressed by **position**: 0 ≤ position < ``snapshot.n``, dense, in order of storing. Every array of a face is
indexed by position or lists positions. Distances never cross these ports: scores are higher-is-better.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from polymem.domain.entity import Entity, Relation
from polymem.domain.query import Visibility
from polymem.domain.slotted import dataclass

F32: TypeAlias = NDArray[np.float32]
I32: TypeAlias = NDArray[np.int32]
I64: TypeAlias = NDArray[np.int64]
U8: TypeAlias = NDArray[np.uint8]
Mask: TypeAlias = NDArray[np.bool_]

FOREVER = np.iinfo(np.int64).max
"""Stands for an open end in the time columns."""

INDEXED, REMOVED, EMBEDDED, SUPERSEDED, PENDING, ARCHIVED = 1, 2, 4, 8, 16, 32
"""Bits of ``Columns.flags``: found by the arms; deleted; has a vector; every derived fact was closed; to be embedded; put away."""


@dataclass(frozen=True, slots=True)
class Columns:
    """What ranking needs of every row, by position. Read-only.

    Attributes:
        kind: uint8[n], place in ``KINDS``.
        flags: uint8[n], the bits above.
        length: int32[n], index terms with repetition.
        importance: float32[n], 0..1.
        speaker: int32[n], label number of the speaker, -1 for none; for a passage ``UNTITLED`` or the number of its
            document, which is less (:mod:`polymem.text.indexed`).
        agent: int32[n], label number of the agent, -1 for none.
        run: int32[n], label number of the run, -1 for none.
        valid: int64[n], microseconds since 1970 UTC.
        invalid: int64[n], ``FOREVER`` while open.
        created: int64[n].
        expired: int64[n], ``FOREVER`` while current.
        expires: int64[n], ``FOREVER`` for never.
    """

    kind: U8
    flags: U8
    length: I32
    importance: F32
    speaker: I32
    agent: I32
    run: I32
    valid: I64
    invalid: I64
    created: I64
    expired: I64
    expires: I64


@dataclass(frozen=True, slots=True)
class Postings:
    """Where a term occurs.

    Attributes:
        positions: int32[m], ascending.
        counts: uint8[m], occurrences, at most 255.
    """

    positions: I32
    counts: U8


class VectorFace(Protocol):
    """What is alike."""

    @property
    def n_rows(self) -> int:
        """Number of indexed rows that have a vector."""
        ...

    def scan(self, query: F32) -> F32:
        """Return float32[n]: cosine of every row with the unit *query* at int8 precision; 0 for rows without a vector."""
        ...

    def near(self, queries: F32, positions: I32) -> F32:
        """Return float32[k, m]: what :meth:`scan` returns for each of float32[k, dim] unit *queries*, of these rows alone."""
        ...

    def exact(self, query: F32, positions: I32) -> F32:
        """Return float32[m]: cosine of the rows at *positions* with *query* from the f16 truth."""
        ...

    def rows(self, positions: I32) -> F32:
        """Return float32[m, dim]: the vectors of the rows at *positions* from the f16 truth; zero for rows without one."""
        ...


class TextFace(Protocol):
    """What shares words. Statistics are the partition's own: every indexed row counts, current or closed."""

    @property
    def n_rows(self) -> int:
        """Number of indexed rows."""
        ...

    @property
    def mean_length(self) -> float:
        """Mean of ``Columns.length`` over the indexed rows; 1.0 when there are none."""
        ...

    def postings(self, term: str) -> Postings:
        """Return where a term, or a key (:mod:`polymem.text.keys`), occurs among the indexed rows."""
        ...

    def look_up(self, terms: Sequence[str]) -> Mapping[str, Postings]:
        """Return the postings of those of *terms* that occur anywhere, in one look where that is faster."""
        ...

    def forward(self, positions: Sequence[int]) -> list[Mapping[str, int]]:
        """Return terms and keys of the rows at *positions* with their counts (at most 255); none for an unindexed row."""
        ...

    def keys(self, positions: Sequence[int]) -> list[list[str]]:
        """Return the keys of the rows at *positions*, without their terms, which are many more."""
        ...


class GraphFace(Protocol):
    """Who relates to what."""

    def find(self, names: Sequence[str]) -> dict[str, int]:
        """Return entity numbers by name key, for the names that are known (names or aliases; exact keys)."""
        ...

    def identify(self, who: str) -> dict[int, str]:
        """Return the ids of the entities with this id, name or alias by number, each as it was written, ascending.

        Several can bear a name; who speaks for each is told by :meth:`root`.
        """
        ...

    def root(self, entity: int) -> int:
        """Return who speaks for *entity*: itself, unless it was merged. The other methods return and take these."""
        ...

    def described(self, numbers: Sequence[int]) -> dict[int, Entity]:
        """Return entities by number, those that are there; who speaks for others has their names and mentions too."""
        ...

    def owner(self) -> int | None:
        """Return the entity number of the partition's owner, None if nothing was stated about it."""
        ...

    def mentions(self, entity: int, *, limit: int) -> I32:
        """Return positions of the items that mention *entity*, newest first."""
        ...

    def neighbours(
        self,
        entities: Sequence[int] | None,
        *,
        visibility: Visibility,
        limit: int,
        predicates: Sequence[str] | None = None,
    ) -> list[Edge]:
        """Return visible edges that touch *entities* (None: all edges), newest first; only of *predicates* if given."""
        ...

    def successors(self, positions: Sequence[int]) -> list[tuple[int, int]]:
        """Return pairs of episodes at *positions* and what replaced a fact derived from them.

        That is the newer fact, and the newest versions of the episodes that state it.
        """
        ...

    def relations(self, edges: Sequence[Edge]) -> list[Relation]:
        """Return the edges with names, in their order."""
        ...

    def entities(
        self, *, limit: int, after: int = -1, within: Mask | None = None
    ) -> list[tuple[int, Entity]]:
        """Return entities with number greater than *after*, by number.

        With *within*, bool[n], those that rows of it mention or relate, and how many of these mention each.
        """
        ...


@dataclass(frozen=True, slots=True)
class Edge:
    """A relation by numbers: ``subject`` and ``object`` are entity numbers, ``position`` the fact's row.

    A negated statement is not ``positive``.
    """

    number: int
    subject: int
    predicate: str
    object: int
    position: int
    positive: bool = True


@dataclass(frozen=True, slots=True)
class KeyValue:
    """One entry of the key-value face: ``key`` → ``value``, backed by the fact at ``position``."""

    key: str
    value: str
    slot: str
    position: int


class KeyFace(Protocol):
    """Details by key."""

    def get(self, key: str | None = None) -> list[KeyValue]:
        """Return the current entries of *key*, or of all keys, in order of key and time."""
        ...

    def stated(self) -> list[KeyValue]:
        """Return the entries as they follow from what is stated about the owner; the same, unless something went wrong."""
        ...

    def progress(self, task: str) -> str:
        """Return how far a long task has come (see :class:`polymem.domain.change.Note`), "" if it was never begun."""
        ...
