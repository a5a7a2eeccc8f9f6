"""New rows: drafts become item, episode, forward list, vector, ranking columns and event, buffered for speed."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from polymem.domain.batch import ItemDraft
from polymem.domain.item import KINDS, NO_DOCUMENT, Item
from polymem.domain.scope import Scope
from polymem.domain.slotted import dataclass
from polymem.domain.timespan import from_micros
from polymem.engines.sqlite.codec import (
    id_bytes,
    id_text,
    micros,
    moment,
    or_forever,
    pack_scan,
    pack_terms,
    voice,
)
from polymem.engines.sqlite.partition import PartitionWriter
from polymem.errors import DimensionError, InputError
from polymem.ports.faces import EMBEDDED, INDEXED, PENDING
from polymem.text.indexed import document_number

INSERTS: Final = {
    "item": "INSERT INTO item VALUES (" + ", ".join("?" * 22) + ")",
    "episode": "INSERT INTO episode VALUES (" + ", ".join("?" * 11) + ")",
    "source": "INSERT INTO source VALUES (?, ?, ?, ?)",
    "terms": "INSERT INTO terms VALUES (?, ?)",
    "vector": "INSERT INTO vector VALUES (?, ?)",
    "scan": "INSERT INTO scan VALUES (?, ?)",
}


def to_json(value: Mapping[str, Any]) -> str:
    """Return compact JSON text; keys keep their order so that what was given comes back."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False) if value else "{}"


class Stored(NamedTuple):
    """A row that was just written.

    Attributes:
        id: The item's 16 bytes.
        position: Where it lies.
        version: Its version.
        first_at: When its first version was stored, in microseconds.
        superseded_by: The item that had replaced it before it came, if any.
        expired: When that became known, in microseconds.
        n_evidence: How many statements support it.
    """

    id: bytes
    position: int
    version: int
    first_at: int
    superseded_by: bytes | None
    expired: int | None
    n_evidence: int


@dataclass(slots=True)
class RowBuffer:
    """Rows of one batch on their way into the tables.

    Attributes:
        writer: The partition being written.
        scope: Ids that go onto every row.
        dim: Size of the store's vectors.
    """

    writer: PartitionWriter
    scope: Scope
    dim: int
    _rows: dict[str, list[tuple[object, ...]]] = field(default_factory=lambda: {name: [] for name in INSERTS})
    _vectors: list[tuple[int, NDArray[np.float32]]] = field(
        default_factory=list[tuple[int, NDArray[np.float32]]]
    )
    _now: datetime | None = None

    def add(
        self,
        draft: ItemDraft,
        *,
        version: int = 1,
        first_at: int | None = None,
        superseded_by: bytes | None = None,
        expired: int | None = None,
        n_evidence: int = 1,
    ) -> Stored:
        """Buffer a draft as a new row version; the caller appends the event.

        Args:
            draft: What to store.
            version: Its version, from 1.
            first_at: When version 1 was stored; this write's time when absent.
            superseded_by: What outdates it already.
            expired: When that became known; this write's time when absent.
            n_evidence: How many statements support it.
        """
        writer = self.writer
        key = id_bytes(draft.id)
        if key is None:
            raise InputError("id is not a UUID", argument="id")
        position = writer.take_position()
        rid = writer.rid(position)
        blob, length = pack_terms(draft.terms, draft.keys)
        flags = self._add_vector(rid, draft)
        metadata = to_json(draft.metadata)
        valid, invalid, expires = micros(draft.valid_at), micros(draft.invalid_at), micros(draft.expires_at)
        # Closed at birth: an older statement that arrived after the one that replaced it.
        if superseded_by is not None and expired is None:
            expired = writer.at
        kind = KINDS.index(draft.kind)
        agent, run = self.scope.agent_id, self.scope.run_id
        what = (rid, key, version, kind, draft.text, metadata, draft.importance)
        whose = (draft.role, draft.speaker, agent, run)
        when = (valid, invalid, writer.at, expired, expires, writer.at, first_at or writer.at)
        self._rows["item"].append((*what, *whose, *when, superseded_by, n_evidence, flags, draft.derived_by))
        if draft.kind == "episode" and version == 1:
            message = to_json(draft.message) if draft.message else None
            said = (rid, key, draft.text, valid, writer.at)
            self._rows["episode"].append((*said, *whose, metadata, message))
        self._rows["terms"].append((rid, blob))
        speaker = document_number(draft.kind, role=draft.role, metadata=draft.metadata)
        if speaker == NO_DOCUMENT:
            speaker = writer.label(voice(draft.speaker, draft.role), speaks=True)
        labels = (speaker, writer.label(agent), writer.label(run))
        times = (valid, or_forever(invalid), writer.at, or_forever(expired), or_forever(expires))
        self._rows["scan"].append((rid, pack_scan(kind, flags, length, draft.importance, *labels, *times)))
        writer.n_indexed += 1
        writer.n_terms += length
        writer.expect_expiry(expires)
        return Stored(key, position, version, first_at or writer.at, superseded_by, expired, n_evidence)

    def _add_vector(self, rid: int, draft: ItemDraft) -> int:
        """Buffer the vector, if there is one; return the flags of the row."""
        if draft.vector is not None:
            self._vectors.append((rid, checked_vector(draft.vector, dim=self.dim)))
            return INDEXED | EMBEDDED
        if draft.embedded:
            return INDEXED
        self.writer.n_pending += 1
        return INDEXED | PENDING

    def add_source(self, position: int, episode: int, *, start: int, stop: int) -> None:
        """Buffer the provenance of the derived row at *position*: the episode at another position, with the span."""
        self._rows["source"].append((self.writer.rid(position), self.writer.rid(episode), start, stop))

    def item(self, draft: ItemDraft, stored: Stored, *, episode_ids: tuple[str, ...]) -> Item:
        """Return the item that was made of *draft*, as a reader would see it now."""
        partition, scope = self.writer.partition, self.scope
        if self._now is None:
            self._now = from_micros(self.writer.at)
        # By place: so many names would take as long as all the rest, and this runs for every row.
        return Item(
            draft.id,
            draft.kind,
            draft.text,
            draft.metadata,
            draft.importance,
            draft.valid_at,
            draft.invalid_at,
            self._now,
            moment(stored.expired),
            draft.expires_at,
            self._now,
            stored.version,
            partition.tenant,
            partition.owner if partition.kind == "user" else None,
            scope.agent_id,
            scope.run_id,
            draft.role,
            draft.speaker,
            None if stored.superseded_by is None else id_text(stored.superseded_by),
            stored.n_evidence,
            episode_ids,
            draft.derived_by,
        )

    def flush(self) -> None:
        """Write what is buffered.

        Raises:
            DimensionError: A vector holds NaN or infinity.
        """
        if self._vectors:
            rids, vectors = zip(*self._vectors, strict=True)
            self._rows["vector"] += zip(rids, halves(vectors), strict=True)
            self._vectors.clear()
        for name, rows in self._rows.items():
            if rows:
                self.writer.connection.executemany(INSERTS[name], rows)
                rows.clear()


def half_precision(vector: Any, *, dim: int) -> bytes:
    """Return a vector as it is stored.

    Raises:
        DimensionError: It has another size than the store's vectors, or holds NaN or infinity.
    """
    (half,) = halves([checked_vector(vector, dim=dim)])
    return half


def checked_vector(vector: Any, *, dim: int) -> NDArray[np.float32]:
    """Return a vector as float32[dim].

    Raises:
        DimensionError: It has another size than the store's vectors.
    """
    row: NDArray[np.float32] = np.asarray(vector, dtype=np.float32)
    if row.shape != (dim,):
        raise DimensionError(
            f"a vector of shape {row.shape} does not fit a store of dimension {dim}", argument="vector"
        )
    return row


def halves(vectors: Sequence[NDArray[np.float32]]) -> list[bytes]:
    """Return vectors of one size as they are stored; many at once take half the time.

    Raises:
        DimensionError: One holds NaN or infinity.
    """
    if len(vectors) > 1:
        rows = np.stack(vectors)
        with np.errstate(invalid="ignore", over="ignore"):
            total = rows.sum()
    else:
        (rows,) = vectors
        total = rows.dot(rows)
    # A sum costs a third of the full check; where it is finite, so is every value.
    if not math.isfinite(total) and not np.isfinite(rows).all():
        raise DimensionError("a vector holds NaN or infinity", argument="vector")
    stored = rows.astype(np.float16).tobytes()
    size = len(stored) // len(vectors)
    return [stored[n * size : (n + 1) * size] for n in range(len(vectors))]
