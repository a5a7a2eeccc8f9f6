"""The ledger's rows inside a snapshot: items, episodes, provenance, pages, history."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any, Final

import numpy as np

from polymem.domain.event import EVENT_NAMES, Event
from polymem.domain.filter import Filter
from polymem.domain.item import KINDS, Episode, Item
from polymem.domain.query import Selection
from polymem.domain.scope import Partition
from polymem.domain.slotted import dataclass
from polymem.domain.timespan import from_micros, to_micros
from polymem.engines.sqlite.beliefs import over_beliefs
from polymem.engines.sqlite.codec import id_bytes, id_text
from polymem.engines.sqlite.filters import to_sql
from polymem.engines.sqlite.schema import POSITION_BITS, POSITION_MASK
from polymem.engines.sqlite.view import PartitionView
from polymem.engines.sqlite.wanted import in_parts, wanted
from polymem.ports.faces import ARCHIVED, INDEXED, REMOVED, Mask
from polymem.ranking.neighbours import Neighbours

_EPISODE: Final = KINDS.index("episode")
_ITEMS: Final = (
    "SELECT i.rid, i.id, i.kind, i.text, i.metadata, i.importance, i.valid_at, i.invalid_at, i.created_at, i.expired_at, "
    "i.expires_at, i.updated_at, i.version, i.agent_id, i.run_id, i.role, i.speaker, i.superseded_by, i.n_evidence, "
    "i.derived_by, i.flags, e.message "
    "FROM wanted w CROSS JOIN item i ON i.rid = w.it LEFT JOIN episode e ON e.rid = i.rid"
)
_EPISODES: Final = (
    "SELECT e.id, e.text, e.said_at, e.recorded_at, e.role, e.speaker, e.agent_id, e.run_id, e.metadata, e.message "
    "FROM wanted w CROSS JOIN item i ON i.id = w.it AND i.version = 1 JOIN episode e ON e.rid = i.rid "
    "WHERE i.rid BETWEEN ? AND ?"
)
_SOURCES: Final = (
    "SELECT s.rid, e.id FROM wanted w CROSS JOIN source s ON s.rid = w.it JOIN item e ON e.rid = s.episode "
    "ORDER BY s.rid, s.episode"
)
_KIND: Final = "(CASE i.kind " + " ".join(f"WHEN {n} THEN '{kind}'" for n, kind in enumerate(KINDS)) + " END)"
_HEX: Final = "lower(hex(i.id))"
_ID: Final = (
    f"(substr({_HEX}, 1, 8) || '-' || substr({_HEX}, 9, 4) || '-' || substr({_HEX}, 13, 4) || '-' || "
    f"substr({_HEX}, 17, 4) || '-' || substr({_HEX}, 21))"
)
_PLACE: Final = (
    "CASE i.version WHEN 1 THEN i.rid ELSE "
    "ifnull((SELECT f.rid FROM item f WHERE f.id = i.id AND f.version = 1), i.rid) END"
)
"""Where an item's first version lies: a revision gives a new row, and must not move the item."""
_PARTITION: Final = f"FROM partition p WHERE p.no = i.rid >> {POSITION_BITS})"
FILTER_COLUMNS: Final = {
    name: f"i.{name}"
    for name in (
        *("text", "metadata", "role", "speaker", "agent_id", "run_id", "importance", "version"),
        *("created_at", "valid_at", "invalid_at", "expired_at", "expires_at", "updated_at"),
    )
} | {
    "id": _ID,
    "kind": _KIND,
    "tenant": f"(SELECT p.tenant {_PARTITION}",
    "user_id": f"(SELECT CASE p.kind WHEN 'user' THEN p.owner END {_PARTITION}",
}


@dataclass(slots=True)
class SqliteRows:
    """Implements :class:`polymem.ports.ledger.Rows` over one read transaction.

    Attributes:
        connection: Inside the transaction.
        view: The partition's arrays at the same version.
        partition: Which partition.
        no: Its number, -1 when it has no rows yet.
        last_at: System time of the partition's last write in microseconds.
    """

    connection: sqlite3.Connection
    view: PartitionView
    partition: Partition
    no: int
    last_at: int
    _items: dict[int, Item] = field(default_factory=dict[int, Item])
    _first_versions: dict[str, tuple[Item, str | None]] = field(default_factory=dict[str, Any])

    def _rid(self, position: int) -> int:
        return self.no << POSITION_BITS | int(position)

    def items(self, positions: Sequence[int]) -> list[Item]:
        """Return the items at *positions*, in that order."""
        low = self._rid(0)
        rids = [low | int(position) for position in positions]
        known = self._items
        missing = [rid for rid in rids if rid not in known]
        for part in in_parts(missing):
            self._remember(self.connection.execute(wanted(len(part)) + _ITEMS, part).fetchall())
        return [known[rid] for rid in rids if rid in known]

    def _remember(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Make items of *rows*, and keep them: what stands for a derived item is often a hit itself."""
        derived = [row[0] for row in rows if row[2] != _EPISODE]
        sources = self._sources(derived) if derived else {}
        for row in rows:
            self._items[row[0]] = self._item(row, sources)

    def _item(self, row: tuple[Any, ...], sources: Mapping[int, tuple[str, ...]]) -> Item:
        rid, key, code, text, metadata, importance, valid, invalid, created, expired, *rest = row
        (
            expires,
            updated,
            version,
            agent,
            run,
            role,
            speaker,
            superseded,
            n_evidence,
            derived_by,
            flags,
            message,
        ) = rest
        public, partition = id_text(key), self.partition
        created_at = from_micros(created)
        item = Item(
            public,
            KINDS[int(code)],
            text,
            {} if metadata == "{}" else json.loads(metadata),
            importance,
            created_at if valid == created else from_micros(valid),
            None if invalid is None else from_micros(invalid),
            created_at,
            None if expired is None else from_micros(expired),
            None if expires is None else from_micros(expires),
            created_at if updated == created else from_micros(updated),
            version,
            partition.tenant,
            partition.owner if partition.kind == "user" else None,
            agent,
            run,
            role,
            speaker,
            None if superseded is None else id_text(superseded),
            n_evidence,
            (public,) if code == _EPISODE else sources.get(rid, ()),
            derived_by,
            bool(flags & ARCHIVED),
        )
        if version == 1 and code == _EPISODE:
            # The raw episode says the same as its first version, so that a hit need not be read twice.
            self._first_versions[public] = (item, message)
        return item

    def _sources(self, rids: Sequence[int]) -> dict[int, tuple[str, ...]]:
        out: dict[int, list[str]] = {}
        for part in in_parts(rids):
            for rid, key in self.connection.execute(wanted(len(part)) + _SOURCES, part):
                out.setdefault(rid, []).append(id_text(key))
        return {rid: tuple(ids) for rid, ids in out.items()}

    def sources(self, positions: Sequence[int]) -> dict[int, tuple[str, ...]]:
        """Return the episode ids behind each of *positions* (an episode: its own)."""
        kinds = self.view.columns.kind
        episode = KINDS.index("episode")
        own = [int(p) for p in positions if kinds[p] == episode]
        derived = [int(p) for p in positions if kinds[p] != episode]
        out: dict[int, tuple[str, ...]] = dict.fromkeys(derived, ())
        for part in in_parts([self._rid(p) for p in own]):
            sql = wanted(len(part)) + "SELECT i.rid, i.id FROM wanted w CROSS JOIN item i ON i.rid = w.it"
            for rid, key in self.connection.execute(sql, part):
                out[rid & POSITION_MASK] = (id_text(key),)
        if derived:
            found = self._sources([self._rid(p) for p in derived])
            out.update({rid & POSITION_MASK: ids for rid, ids in found.items()})
        return out

    def episodes(self, ids: Sequence[str]) -> dict[str, Episode]:
        """Return episodes by id."""
        known = self._first_versions
        out = {name: _episode(*known[name]) for name in ids if name in known}
        keys = [key for key in (id_bytes(name) for name in ids if name not in known) if key]
        low = self._rid(0)
        for part in in_parts(keys):
            sql = wanted(len(part)) + _EPISODES
            for row in self.connection.execute(sql, (*part, low, low | POSITION_MASK)):
                key, text, said, recorded, role, speaker, agent, run, metadata, message = row
                public = id_text(key)
                out[public] = Episode(
                    public,
                    text,
                    role,
                    speaker,
                    from_micros(said),
                    from_micros(recorded),
                    agent,
                    run,
                    {} if metadata == "{}" else json.loads(metadata),
                    json.loads(message) if message else _plain_message(role, text, speaker),
                )
        return out

    def position(self, item_id: str, *, version: int | None = None) -> int | None:
        """Return where the newest (or the given) version of an item lies, deleted ones included; None if unknown."""
        key = id_bytes(item_id)
        low = self._rid(0)
        row = self.connection.execute(
            "SELECT rid FROM item WHERE id = ? AND rid BETWEEN ? AND ? AND (? IS NULL OR version = ?) "
            "ORDER BY version DESC LIMIT 1",
            (key, low, low | POSITION_MASK, version, version),
        ).fetchone()
        return None if row is None else row[0] & POSITION_MASK

    def matching(self, filters: Filter, *, now_mask: Mask) -> Mask:
        """Return bool[n]: rows of *now_mask* for which *filters* is true."""
        mask = np.zeros(len(now_mask), dtype=np.bool_)
        if self.no < 0 or not now_mask.any():
            return mask
        wanted = np.flatnonzero(now_mask)
        condition, values = to_sql(filters, columns=FILTER_COLUMNS)
        low, high = self._rid(int(wanted[0])), self._rid(int(wanted[-1]))
        # The condition is tried on every row between: not on deleted ones, unless such are asked about.
        flags = int(np.bitwise_or.reduce(self.view.columns.flags[wanted])) & (INDEXED | REMOVED)
        rids = self.connection.execute(
            f"SELECT i.rid FROM item i WHERE i.rid BETWEEN ? AND ? AND i.flags & ? AND ({condition})",
            (low, high, flags, *values),
        ).fetchall()
        positions = np.fromiter((rid & POSITION_MASK for (rid,) in rids), dtype=np.int64, count=len(rids))
        mask[positions] = True
        return mask & now_mask

    def page(self, selection: Selection, *, limit: int, before: tuple[int, int] | None) -> list[int]:
        """Return positions in descending order of the first version's (created_at, position), after *before*."""
        low = self._rid(0)
        seen = selection.visibility
        # A clock that was set back must neither hide what was stored nor bring back what was closed.
        now = max(to_micros(seen.now), self.last_at)
        known = now if seen.known_at is None else to_micros(seen.known_at)
        world = now if seen.as_of is None else to_micros(seen.as_of)
        sql = [
            f"SELECT i.rid, {_PLACE} AS place FROM item i WHERE i.rid BETWEEN ? AND ? AND i.flags & ? = 0",
            "AND (? IS NULL OR i.created_at <= ?) AND (i.expires_at IS NULL OR i.expires_at > ?)",
        ]
        asked = seen.known_at is not None
        times = (
            "((i.expired_at IS NOT NULL AND ? < i.expired_at AND ?) OR i.invalid_at IS NULL "
            "OR max(?, i.valid_at) < i.invalid_at)"
        )
        if seen.as_of is not None:
            times += " AND i.valid_at <= ?"
        times = over_beliefs(self.connection, self.no, seen, rule=times, column="i.rid", world=world)
        sql.append(f"AND {times}")
        values: list[object] = [
            low,
            low | POSITION_MASK,
            REMOVED if seen.archived else REMOVED | ARCHIVED,
            known if asked else None,
            known,
            now,
            known,
            asked,
            world,
            *(() if seen.as_of is None else (world,)),
        ]
        for condition, value in (
            ("AND i.agent_id = ?", selection.scope.agent_id),
            ("AND i.run_id = ?", selection.scope.run_id),
        ):
            if value is not None:
                sql.append(condition)
                values.append(value)
        if selection.kinds:
            sql.append(f"AND i.kind IN ({','.join('?' * len(selection.kinds))})")
            values += [KINDS.index(kind) for kind in selection.kinds]
        if selection.filters is not None:
            condition, bound = to_sql(selection.filters, columns=FILTER_COLUMNS)
            sql.append(f"AND ({condition})")
            values += bound
        if before is not None:
            # One batch has one time; only where that is the cursor's does the place matter, which costs a lookup.
            sql.append(f"AND i.first_at <= ? AND (i.first_at < ? OR {_PLACE} < ?)")
            values += [before[0], before[0], self._rid(before[1])]
        sql.append("ORDER BY i.first_at DESC, place DESC LIMIT ?")
        rows = self.connection.execute(" ".join(sql), (*values, limit)).fetchall()
        return [rid & POSITION_MASK for rid, _ in rows]

    def history(self, item_id: str) -> list[Event]:
        """Return the events of an item, oldest first."""
        key = id_bytes(item_id)
        texts = dict(
            self.connection.execute(
                "SELECT version, text FROM item WHERE id = ? AND rid BETWEEN ? AND ?",
                (key, self._rid(0), self._rid(POSITION_MASK)),
            ).fetchall()
        )
        rows = self.connection.execute(
            "SELECT n, name, at, actor, reason, old_version, new_version, link FROM event "
            # With a plus sign, so that it is found by its item: SQLite would walk through all events of the partition.
            "WHERE item = ? AND +partition = ? ORDER BY n",
            (key, self.no),
        )
        return [
            Event(
                n,
                item_id,
                EVENT_NAMES[int(name)],
                from_micros(at),
                actor,
                reason,
                texts.get(old),
                texts.get(new),
                old,
                new,
                link.hex(),
            )
            for n, name, at, actor, reason, old, new, link in rows.fetchall()
        ]

    def label(self, name: str) -> int | None:
        """Return the number under which the columns know a speaker, agent or run; None if there is none."""
        row = self.connection.execute(
            "SELECT no FROM label WHERE partition = ? AND name = ?", (self.no, name)
        ).fetchone()
        return None if row is None else row[0]

    def labels(self) -> dict[str, int]:
        """Return all labels that occur as speakers, by name."""
        known = self.view.speakers
        if known is None:
            # All runs and agents have labels too, so this can take long; at one version it is always the same.
            known = self.view.speakers = dict(
                self.connection.execute(
                    "SELECT name, no FROM label WHERE partition = ? AND speaks = 1 ORDER BY no LIMIT 1000",
                    (self.no,),
                ).fetchall()
            )
        return known

    def adjacent(self) -> Neighbours:
        """Return the previous and the next episode of the same session, by position."""
        return self.view.adjacent(self.connection)


def _episode(item: Item, message: str | None) -> Episode:
    """Return the episode of an item's first version."""
    return Episode(
        item.id,
        item.text,
        item.role,
        item.speaker,
        item.valid_at,
        item.created_at,
        item.agent_id,
        item.run_id,
        dict(item.metadata),
        json.loads(message) if message else _plain_message(item.role, item.text, item.speaker),
    )


def _plain_message(role: str, text: str, speaker: str) -> dict[str, str]:
    """Return the message of an episode whose columns say it all, so that it was not stored a second time."""
    if speaker:
        return {"role": role, "content": text, "name": speaker}
    return {"role": role, "content": text}
