"""A snapshot in plain Python, built from a list of rows: the reference for readers and for engines.

It holds no state but the rows and does everything in the simplest way, so that it can be trusted where an engine is
compared with it, and reading can be tested without one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

import numpy as np

from polymem.domain.event import Event
from polymem.domain.filter import Filter
from polymem.domain.filter_eval import matches
from polymem.domain.item import KINDS, NO_DOCUMENT, Episode, Item
from polymem.domain.query import Selection, Visibility
from polymem.domain.scope import Scope
from polymem.domain.timespan import EPOCH, from_micros, to_micros
from polymem.ports.faces import EMBEDDED, FOREVER, I32, I64, INDEXED, REMOVED, SUPERSEDED, Columns, Mask
from polymem.ranking.neighbours import Neighbours, link
from polymem.ranking.visibility import visible
from polymem.testing.documents import Kept, MemoryDocuments
from polymem.testing.faces import (
    MemoryGraph,
    MemoryKeys,
    MemoryRow,
    MemoryTexts,
    MemoryVectors,
    believed,
    words_of,
)
from polymem.text.indexed import document_number
from polymem.text.keys import is_passage
from polymem.text.tokenise import terms

__all__ = ["MemoryRow", "MemorySnapshot"]

NO_SCOPE: Final = Scope(user_id="someone")


class MemorySnapshot:
    """A complete :class:`polymem.ports.ledger.Snapshot` over rows in memory.

    Args:
        rows: By position.
        scope: Scope of the partition, for the items' ids.
        owner: Name of the entity that stands for the partition's owner.
        tokenise: Splits texts into index terms.
        last_at: When the last write was; by default long ago, so that there may be rows that a reader cannot know yet.
        documents: The documents whose chunks are among the rows.
    """

    def __init__(
        self,
        rows: Sequence[MemoryRow],
        *,
        scope: Scope = NO_SCOPE,
        owner: str | None = None,
        tokenise: Callable[[str], list[str]] = terms,
        last_at: datetime = EPOCH,
        documents: Iterable[Kept] = (),
    ) -> None:
        self._rows = MemoryRows(rows, scope)
        self._rows.last_at = to_micros(last_at)
        self._columns = _columns(rows, self._rows, [len(words_of(row, tokenise)) for row in rows])
        self._texts = MemoryTexts(rows, self._columns, tokenise)
        self._vectors = MemoryVectors(rows, self._columns)
        self._graph = MemoryGraph(rows, self._columns, owner=owner)
        self._keys = MemoryKeys(rows, self._columns)
        self._documents = self._rows.documents = MemoryDocuments(documents)
        self._rows.columns, self._rows.vectors = self._columns, self._vectors
        self.kept: dict[str, object] = {}

    @property
    def n(self) -> int:
        """Number of positions."""
        return len(self._rows.stored)

    @property
    def version(self) -> int:
        """One for each row."""
        return self.n

    @property
    def last_at(self) -> int:
        """System time of the last write in microseconds."""
        return self._rows.last_at

    @property
    def columns(self) -> Columns:
        """The arrays by position."""
        return self._columns

    def visible(self, visibility: Visibility) -> Mask:
        """Return bool[n]: the rows that a reader sees."""
        return visible(believed(self._rows.stored, self.columns, visibility), visibility)

    @property
    def vectors(self) -> MemoryVectors:
        """What is alike."""
        return self._vectors

    @property
    def texts(self) -> MemoryTexts:
        """What shares words."""
        return self._texts

    @property
    def graph(self) -> MemoryGraph:
        """Who relates to what."""
        return self._graph

    @property
    def keys(self) -> MemoryKeys:
        """Details by key."""
        return self._keys

    @property
    def documents(self) -> MemoryDocuments:
        """The documents whose chunks are among the rows."""
        return self._documents

    @property
    def rows(self) -> MemoryRows:
        """The rows themselves."""
        return self._rows


class MemoryRows:
    """The ledger's rows."""

    columns: Columns
    vectors: MemoryVectors
    documents: MemoryDocuments
    last_at: int = 0

    def __init__(self, stored: Sequence[MemoryRow], scope: Scope) -> None:
        self.stored = list(stored)
        self._scope = scope
        self._numbers: dict[str, int] = {}
        self._links: Neighbours | None = None
        for row in stored:
            for name in (row.speaker, row.agent_id, row.run_id):
                if name:
                    self._numbers.setdefault(name, len(self._numbers))
        self._versions: dict[str, list[int]] = defaultdict(list)
        for position, row in enumerate(stored):
            self._versions[row.id].append(position)

    def number(self, name: str | None) -> int:
        """Return the label number of a name, -1 for none."""
        return self._numbers.get(name, -1) if name else -1

    def items(self, positions: Sequence[int]) -> list[Item]:
        """Return the items at *positions*."""
        return [self._item(int(position)) for position in positions]

    def _item(self, position: int) -> Item:
        row = self.stored[position]
        versions = self._versions[row.id]
        return Item(
            id=row.id,
            kind=row.kind,
            text=row.text,
            metadata=row.metadata,
            importance=row.importance,
            valid_at=row.valid_at,
            invalid_at=row.invalid_at,
            created_at=row.stored_at,
            expired_at=row.expired_at,
            expires_at=row.expires_at,
            updated_at=self.stored[versions[-1]].stored_at,
            version=versions.index(position) + 1,
            tenant=self._scope.tenant,
            user_id=self._scope.user_id,
            agent_id=row.agent_id,
            run_id=row.run_id,
            role=row.role,
            speaker=row.speaker,
            superseded_by=row.superseded_by,
            n_evidence=max(len(row.sources), 1),
            episode_ids=row.sources or (row.id,),
        )

    def episodes(self, ids: Sequence[str]) -> dict[str, Episode]:
        """Return episodes by id."""
        found: dict[str, Episode] = {}
        for name in ids:
            rows = [self.stored[position] for position in self._versions.get(name, ())]
            if rows and rows[0].kind == "episode":
                row = rows[0]
                found[name] = Episode(
                    id=row.id,
                    text=row.text,
                    role=row.role,
                    speaker=row.speaker,
                    said_at=row.valid_at,
                    recorded_at=row.stored_at,
                    agent_id=row.agent_id,
                    run_id=row.run_id,
                    metadata=row.metadata,
                    message={"role": row.role, "content": row.text},
                )
        return found

    def sources(self, positions: Sequence[int]) -> dict[int, tuple[str, ...]]:
        """Return the episode ids behind each of *positions*."""
        return {int(place): self.stored[place].sources or (self.stored[place].id,) for place in positions}

    def position(self, item_id: str, *, version: int | None = None) -> int | None:
        """Return where a version of an item lies."""
        versions = self._versions.get(item_id, [])
        if version is None:
            return versions[-1] if versions else None
        return versions[version - 1] if 1 <= version <= len(versions) else None

    def matching(self, filters: Filter, *, now_mask: Mask) -> Mask:
        """Return bool[n]: rows of *now_mask* for which *filters* is true."""
        found = np.zeros(len(self.stored), dtype=np.bool_)
        for position in np.flatnonzero(now_mask).tolist():
            found[position] = matches(filters, self._item(position)) is True
        return found

    def page(self, selection: Selection, *, limit: int, before: tuple[int, int] | None) -> list[int]:
        """Return positions newest first by the items' first versions, after the cursor *before*."""
        now = max(selection.visibility.now, from_micros(self.last_at))
        seen = visible(
            believed(self.stored, self.columns, selection.visibility), replace(selection.visibility, now=now)
        )
        for label, column in (
            (selection.scope.agent_id if selection.scope.user_id else None, self.columns.agent),
            (selection.scope.run_id if selection.scope.partition.kind != "run" else None, self.columns.run),
        ):
            if label is not None:
                seen &= column == self.number(label)
        if selection.kinds:
            seen &= np.isin(self.columns.kind, [KINDS.index(kind) for kind in selection.kinds])
        if selection.filters is not None:
            seen = self.matching(selection.filters, now_mask=seen)
        places = {position: self._place(position) for position in np.flatnonzero(seen).tolist()}
        newest = sorted(places, key=places.__getitem__, reverse=True)
        return [position for position in newest if before is None or places[position] < before][:limit]

    def _place(self, position: int) -> tuple[int, int]:
        first = self._versions[self.stored[position].id][0]
        return to_micros(self.stored[first].stored_at), first

    def history(self, item_id: str) -> list[Event]:
        """Return one event for each version of an item."""
        versions = self._versions.get(item_id, [])
        return [
            Event(
                n=position + 1,
                item_id=item_id,
                name="UPDATE" if place else "ADD",
                at=self.stored[position].stored_at,
                actor="user",
                reason="",
                old_text=self.stored[versions[place - 1]].text if place else None,
                new_text=self.stored[position].text,
                old_version=place,
                new_version=place + 1,
                link="",
            )
            for place, position in enumerate(versions)
        ]

    def label(self, name: str) -> int | None:
        """Return the number of a speaker, agent or run."""
        return self._numbers.get(name)

    def labels(self) -> dict[str, int]:
        """Return the labels that occur as speakers."""
        said = [row for row in self.stored if not is_passage(row.kind, row.role)]
        return {row.speaker: self._numbers[row.speaker] for row in said if row.speaker}

    def adjacent(self) -> Neighbours:
        """Return the previous and the next episode of the same session by position."""
        if self._links is None:
            self._links = self._link()
        return self._links

    def _link(self) -> Neighbours:
        columns = self.columns
        found = (columns.kind == KINDS.index("episode")) & (columns.flags & REMOVED == 0)
        found &= columns.expired == FOREVER
        episodes = np.flatnonzero(found).astype(np.int32)
        links = link(episodes, columns.run, self._times(), columns.speaker, n=len(self.stored))
        return Neighbours.of(*links, self.vectors.shrink(*links))

    def _times(self) -> I64:
        """Return the times by which episodes follow one another: of a document whose chunks are in another order, their places."""
        valid, speaker = self.columns.valid, self.columns.speaker
        times = valid.copy()
        for document, chunks in self.documents.kept:
            number = document_number("episode", role="document", metadata={"document": document.id})
            positions = [self._versions[one.item_id][-1] for one in chunks if one.item_id in self._versions]
            if positions != sorted(positions, key=lambda position: (valid[position], position)):
                for place, position in enumerate(positions):
                    times[position] = place if speaker[position] == number else valid[position]
        return times


def _speaker(row: MemoryRow, ledger: MemoryRows) -> int:
    document = document_number(row.kind, role=row.role, metadata=row.metadata)
    return ledger.number(row.speaker) if document == NO_DOCUMENT else document


def _columns(rows: Sequence[MemoryRow], ledger: MemoryRows, lengths: Sequence[int]) -> Columns:
    def times(pick: Callable[[MemoryRow], datetime | None]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        moments = [pick(row) for row in rows]
        return np.array([FOREVER if at is None else to_micros(at) for at in moments], dtype=np.int64)

    def numbers(pick: Callable[[MemoryRow], str | None]) -> I32:
        return np.array([ledger.number(pick(row)) for row in rows], dtype=np.int32)

    flags = [
        (REMOVED if row.removed else INDEXED)
        | (EMBEDDED if row.vector is not None else 0)
        | (SUPERSEDED if row.superseded else 0)
        for row in rows
    ]
    return Columns(
        kind=np.array([KINDS.index(row.kind) for row in rows], dtype=np.uint8),
        flags=np.array(flags, dtype=np.uint8),
        length=np.array(lengths, dtype=np.int32),
        importance=np.array([row.importance for row in rows], dtype=np.float32),
        speaker=np.array([_speaker(row, ledger) for row in rows], dtype=np.int32),
        agent=numbers(lambda row: row.agent_id),
        run=numbers(lambda row: row.run_id),
        valid=times(lambda row: row.valid_at),
        invalid=times(lambda row: row.invalid_at),
        created=times(lambda row: row.stored_at),
        expired=times(lambda row: row.expired_at),
        expires=times(lambda row: row.expires_at),
    )
