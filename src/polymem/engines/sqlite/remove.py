"""Deletion hides and unindexes, history keeps the text; erasure destroys the text in every face."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import field
from typing import Final, Literal, TypeAlias

from polymem.domain.batch import Removal
from polymem.domain.event import EventName
from polymem.domain.item import KINDS
from polymem.domain.scope import Scope
from polymem.domain.slotted import dataclass
from polymem.engines.sqlite.basis import based_on
from polymem.engines.sqlite.codec import id_bytes, id_text, or_forever, unpack_terms
from polymem.engines.sqlite.documents_gone import take_chunk
from polymem.engines.sqlite.erase import (
    destroy_rows,
    drop_labels,
    drop_orphans,
    forget_results,
    unnamed,
)
from polymem.engines.sqlite.facts import mark_superseded
from polymem.engines.sqlite.keys import stated_by, sync_entries
from polymem.engines.sqlite.mark import Row, rescan, row_at, versions_of
from polymem.engines.sqlite.merged import OWN_OTHERS, duplicates_of
from polymem.engines.sqlite.partition import PartitionWriter
from polymem.engines.sqlite.ranges import read_columns
from polymem.engines.sqlite.schema import POSITION_MASK
from polymem.engines.sqlite.segments import scrub
from polymem.engines.sqlite.support import absorb, lose
from polymem.engines.sqlite.timeline import Group, Timelines, groups_of, keep_belief
from polymem.engines.sqlite.withheld import withhold
from polymem.errors import NotFoundError
from polymem.ports.faces import ARCHIVED, EMBEDDED, FOREVER, INDEXED, PENDING, REMOVED

How: TypeAlias = Literal["delete", "erase", "expire"]
EVENT_OF: Final[dict[How, EventName]] = {"delete": "DELETE", "erase": "ERASE", "expire": "EXPIRE"}
NEWEST: Final = "NOT EXISTS (SELECT 1 FROM item n WHERE n.id = i.id AND n.version > i.version)"
RETIRED: Final = "(i.expired_at IS NOT NULL AND i.superseded_by IS NULL)"
"""Of a newest version: nothing replaced it, the words that it rested on were."""
RENEWED: Final = "to be made anew"
"""Reason why what was made of an item ends with it."""


@dataclass(slots=True)
class Remover:
    """Removes items of one scope.

    Attributes:
        writer: The partition.
        scope: Ids that a row must carry to be found.
        counts: Rows removed by face.
        removed: Public ids of the items that went, derived ones included.
        swept: Public ids of the items that this write has swept already.
    """

    writer: PartitionWriter
    scope: Scope
    counts: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    removed: list[str] = field(default_factory=list[str])
    swept: frozenset[str] = frozenset()
    _gone: list[Row] = field(default_factory=list[Row])
    _groups: set[Group] = field(default_factory=set[Group])
    _suspects: set[int] = field(default_factory=set[int])
    _labels: set[int] = field(default_factory=set[int])

    @property
    def timelines(self) -> Timelines:
        """The timelines of the partition."""
        return Timelines(self.writer)

    def find(self, item_id: str) -> list[Row]:
        """Return all versions of an item, newest first.

        Raises:
            NotFoundError: The scope does not hold it; an item of another scope is reported in the same words.
        """
        key = id_bytes(item_id)
        rows = versions_of(self.writer, key) if key else []
        if not rows or not self._carries(rows[0]):
            raise NotFoundError("no such item in this scope", item_id=item_id)
        return rows

    def _carries(self, row: Row) -> bool:
        return self.scope.agent_id in (None, row.agent_id) and self.scope.run_id in (None, row.run_id)

    def remove(self, removal: Removal, *, reason: str) -> None:
        """Remove items and what is derived from them alone.

        An id whose item fell together with an earlier one of the same removal is passed over, and so is one that was
        swept by the same write: it is gone, as was asked.
        """
        gone: set[str] = set()
        for item_id in removal.item_ids:
            if item_id in gone or (item_id in self.swept and removal.how != "erase"):
                continue
            rows = self.find(item_id)
            if rows[0].flags & REMOVED and removal.how != "erase":
                raise NotFoundError("no such item in this scope", item_id=item_id)
            if removal.withheld:
                withhold(self.writer, rows, everywhere=removal.how == "erase")
            before = len(self.removed)
            self._take_duplicates(rows[0].id, how=removal.how, reason=reason)
            self.take(rows, how=removal.how, reason=reason)
            gone.update(self.removed[before:])
        if removal.how == "erase":
            forget_results(self.writer, gone)
            self._suspects |= unnamed(self.writer)
        self.drop_orphans()

    def _take_duplicates(self, item: bytes, *, how: How, reason: str) -> None:
        """Remove what was closed because *item* says the same: whoever removes that does not want to hear it in other words."""
        for key in duplicates_of(self.writer, item):
            self._take_duplicates(key, how=how, reason=reason)
            self.take(versions_of(self.writer, key), how=how, reason=reason)

    def drop_orphans(self) -> None:
        """Let what is left agree, and delete the entities that nothing names any more among those that the removed rows named."""
        self.settle()
        self.counts["entities"] += drop_orphans(self.writer, self._suspects)
        self._suspects.clear()
        drop_labels(self.writer, self._labels)
        self._labels.clear()

    def _note_labels(self, rows: list[Row]) -> None:
        for row in rows:
            columns = read_columns(self.writer.connection, self.writer.no, row.position, row.position + 1)
            self._labels.update(int(columns[name][0]) for name in ("speaker", "agent", "run"))

    def take(self, rows: list[Row], *, how: How, reason: str) -> None:
        """Remove one item, all its versions *rows*, and the facts that rest on it alone."""
        writer, newest, oldest = self.writer, rows[0], rows[-1]
        if KINDS[newest.kind] == "episode":
            self._take_derived(oldest.rid, how=how, reason=reason)
        self._take_resting(newest.id, how=how, reason=reason)
        self._note_gone(newest)
        episodes = [
            rid
            for (rid,) in writer.connection.execute("SELECT episode FROM source WHERE rid = ?", (newest.rid,))
        ]
        self._disconnect(rows)
        self._unindex(rows)
        take_chunk(writer, newest.id, self.counts)
        connection = writer.connection
        for row in rows:
            connection.execute("DELETE FROM evidence WHERE episode = ?", (row.rid,))
            connection.execute("DELETE FROM belief WHERE rid = ?", (row.rid,))
        if how == "erase":
            self._note_labels(rows)
            for face, n in destroy_rows(writer, rows).items():
                self.counts[face] += n
        else:
            self._hide(rows)
        for episode in episodes:
            mark_superseded(writer, episode)
        # The commitment of an erased item is over a throw-away salt and no content: nothing can be guessed from it.
        content = ("", "") if how == "erase" else (newest.text, newest.metadata)
        writer.event(EVENT_OF[how], newest.id, content=content, versions=(newest.version, 0), reason=reason)
        self.counts["items"] += 1
        self.removed.append(id_text(newest.id))

    def _take_derived(self, episode: int, *, how: How, reason: str) -> None:
        for key in self._resting_on(episode, "(? OR i.flags & ? = 0)", how == "erase", REMOVED):
            self.take(versions_of(self.writer, key), how=how, reason=reason)

    def _resting_on(self, episode: int, condition: str, *values: object) -> list[bytes]:
        """Return the ids of the items that rest on *episode* alone, in their own words; the others lose it.

        The former keep their source, so that erasing the episode later finds them.
        """
        connection = self.writer.connection
        self.writer.flush_events()
        found = connection.execute(
            f"SELECT i.id, {OWN_OTHERS} FROM source s JOIN item i ON i.rid = s.rid WHERE s.episode = ? AND {condition} AND {NEWEST}",
            (episode, *values),
        ).fetchall()
        alone: list[bytes] = []
        for key, n_others in found:
            # Where its own words go, what is left states it anew.
            if not n_others or self._loses(versions_of(self.writer, key)[0], episode):
                alone.append(key)
        return alone

    def retire_derived(self, episode: int, *, reason: str) -> None:
        """End what rests on *episode* alone, because its words were replaced: only who looks from before sees it."""
        for key in self._resting_on(episode, f"i.flags & ? = 0 AND NOT {RETIRED}", REMOVED):
            self.retire(key, reason=reason)
        self.settle()

    def lose(self, key: bytes, episodes: Sequence[int], *, reason: str) -> None:
        """Take *episodes* from what an item rests on beside others; what is left states it anew where its words were theirs."""
        for episode in episodes:
            row = versions_of(self.writer, key)[0]
            supports = "SELECT 1 FROM source WHERE rid = ? AND episode = ?"
            if not self.writer.connection.execute(supports, (row.rid, episode)).fetchone():
                continue
            if self._loses(row, episode):
                self.retire(key, reason=reason)
                return

    def _loses(self, row: Row, episode: int) -> bool:
        """Take an episode from what an item rests on beside others; tell whether another item took its place."""
        self._groups |= groups_of(self.writer, row.rid)
        return lose(self.writer, row, episode) is not None

    def retire(self, key: bytes, *, reason: str) -> None:
        """End a derived item, because what it was derived from or by is replaced: only who looks from before sees it."""
        writer, connection = self.writer, self.writer.connection
        fact = versions_of(writer, key)[0]
        keep_belief(writer, fact)
        self._note_gone(fact)
        changed = stated_by(connection, fact.rid, writer.owner_entity)
        connection.execute(
            "UPDATE item SET invalid_at = valid_at, expired_at = ifnull(expired_at, ?), superseded_by = NULL "
            "WHERE rid = ?",
            (writer.at, fact.rid),
        )
        connection.execute(
            "UPDATE relation SET invalid_at = valid_at, expired_at = ifnull(expired_at, ?) WHERE fact = ?",
            (writer.at, fact.rid),
        )
        rescan(writer, fact.position, invalid=fact.valid, expired=or_forever(fact.expired or writer.at))
        sync_entries(connection, writer.no, writer.owner_entity, changed)
        self.removed.append(id_text(key))
        content = (fact.text, fact.metadata)
        writer.event("SUPERSEDE", key, content=content, versions=(fact.version, fact.version), reason=reason)

    def _disconnect(self, rows: list[Row]) -> None:
        """Take the rows out of the graph and key-value faces."""
        writer, connection = self.writer, self.writer.connection
        writer.flush_mentions()
        for row in rows:
            named = connection.execute(
                "SELECT entity FROM mention WHERE partition = ? AND position = ? UNION "
                "SELECT subject FROM relation WHERE fact = ? UNION SELECT object FROM relation WHERE fact = ?",
                (writer.no, row.position, row.rid, row.rid),
            )
            self._suspects.update(number for (number,) in named.fetchall())
            stated = stated_by(connection, row.rid, writer.owner_entity)
            for face, sql, values in (
                (
                    "mentions",
                    "DELETE FROM mention WHERE partition = ? AND position = ?",
                    (writer.no, row.position),
                ),
                ("relations", "DELETE FROM relation WHERE fact = ?", (row.rid,)),
                ("keys", "DELETE FROM key_value WHERE fact = ?", (row.rid,)),
            ):
                self.counts[face] += connection.execute(sql, values).rowcount
            sync_entries(connection, writer.no, writer.owner_entity, stated)

    def _unindex(self, rows: list[Row]) -> None:
        """Take the rows out of the arms' caches and statistics; every face agrees when the transaction ends."""
        writer, connection = self.writer, self.writer.connection
        live = [row for row in rows if row.flags & INDEXED]
        if not live:
            return
        scrub(connection, writer.no, [row.position for row in live])
        marks = ",".join("?" * len(live))
        rids = [row.rid for row in live]
        for (blob,) in connection.execute(f"SELECT list FROM terms WHERE rid IN ({marks})", rids):
            words, _ = unpack_terms(blob)
            self.counts["postings"] += len(words)
        lengths = connection.execute(f"SELECT columns FROM scan WHERE rid IN ({marks})", rids).fetchall()
        writer.n_terms -= sum(int.from_bytes(blob[2:6], "little") for (blob,) in lengths)
        writer.n_indexed -= len(live)
        writer.n_pending -= sum(bool(row.flags & PENDING) for row in live)
        self.counts["vectors"] += sum(bool(row.flags & EMBEDDED) for row in live)
        for table in ("terms", "vector"):
            connection.execute(f"DELETE FROM {table} WHERE rid IN ({marks})", rids)

    def _hide(self, rows: list[Row]) -> None:
        writer = self.writer
        for row in rows:
            flags = row.flags & ~(INDEXED | EMBEDDED | PENDING | ARCHIVED) | REMOVED
            writer.connection.execute(
                "UPDATE item SET flags = ?, expired_at = coalesce(expired_at, ?) WHERE rid = ?",
                (flags, writer.at, row.rid),
            )
            expired = writer.at if row.expired is None else row.expired
            rescan(writer, row.position, flags=flags, expired=min(expired, FOREVER))

    def _note_gone(self, row: Row) -> None:
        """Remember what competed with a row that goes, and that it goes, until :meth:`settle`."""
        connection = self.writer.connection
        self._groups |= groups_of(self.writer, row.rid)
        self._gone.append(row)
        connection.execute("DELETE FROM evidence WHERE item = ? AND +partition = ?", (row.id, self.writer.no))

    def settle(self) -> None:
        """Arrange anew what competed with what is gone, and let go of all else that this had ended."""
        gone, groups = self._gone, self._groups
        if not gone and not groups:
            return
        self._gone, self._groups = [], set()
        self.join(self.timelines.settle(groups).absorbed)
        for row in gone:
            self._reopen(row)
        low = self.writer.rid(0)
        # What is not reopened, being removed or an older version, is over all the same.
        self.writer.connection.executemany(
            "UPDATE item SET superseded_by = NULL WHERE superseded_by = ? AND rid BETWEEN ? AND ? AND NOT EXISTS "
            "(SELECT 1 FROM item b WHERE b.id = item.superseded_by AND b.rid BETWEEN ? AND ?)",
            [(row.id, low, low | POSITION_MASK, low, low | POSITION_MASK) for row in gone],
        )

    def join(self, absorbed: Iterable[tuple[str, str]]) -> None:
        """Let items support others that say the same, as if told while those held: what was between them is gone."""
        for item, owner in absorbed:
            self._join(item, owner)

    def _join(self, item: str, owner: str) -> None:
        writer = self.writer
        rows = versions_of(writer, id_bytes(item) or b"")
        absorb(writer, rows[0], owner)
        self._disconnect(rows)
        self._unindex(rows)
        self._hide(rows)
        content = (rows[0].text, rows[0].metadata)
        writer.event("EXPIRE", rows[0].id, content=content, versions=(rows[0].version, 0), reason="same")
        episodes = writer.connection.execute("SELECT episode FROM source WHERE rid = ?", (rows[0].rid,))
        for (episode,) in episodes.fetchall():
            mark_superseded(writer, episode)

    def _take_resting(self, item: bytes, *, how: How, reason: str) -> None:
        """Let what was made of an item go with it: its text may hold the same words."""
        for key in based_on(self.writer, item):
            if how == "erase":
                self.take(versions_of(self.writer, key), how=how, reason=reason)
            else:
                self.retire(key, reason=RENEWED)

    def retire_based_on(self, item_ids: Iterable[str]) -> None:
        """End what was made of items that are no longer current; it is to be made anew."""
        for item_id in item_ids:
            for key in based_on(self.writer, id_bytes(item_id) or b""):
                self.retire(key, reason=RENEWED)
        self.settle()

    def _reopen(self, row: Row) -> None:
        """Let go of the items that the removed row had ended, as if it had never been there.

        Nothing contradicts them any more, unless the removed fact was itself outdated: then they are by what outdates it.
        """
        writer, connection = self.writer, self.writer.connection
        low = writer.rid(0)
        ended = connection.execute(
            f"SELECT i.rid FROM item i WHERE i.superseded_by = ? AND i.rid BETWEEN ? AND ? AND i.flags & ? = 0 AND {NEWEST}",
            (row.id, low, low | POSITION_MASK, REMOVED),
        ).fetchall()
        times = (row.invalid, row.expired) if row.superseded_by is not None else (None, None)
        for (rid,) in ended:
            fact = row_at(writer, rid & POSITION_MASK)
            connection.execute(
                "UPDATE item SET invalid_at = ?, expired_at = ?, superseded_by = ? WHERE rid = ?",
                (*times, row.superseded_by, rid),
            )
            connection.execute(
                "UPDATE relation SET invalid_at = ?, expired_at = ? WHERE fact = ?", (*times, rid)
            )
            rescan(writer, fact.position, invalid=or_forever(times[0]), expired=or_forever(times[1]))
            changed = stated_by(connection, rid, writer.owner_entity)
            sync_entries(connection, writer.no, writer.owner_entity, changed)
            writer.event(
                "RESTORE" if row.superseded_by is None else "SUPERSEDE",
                fact.id,
                content=(fact.text, fact.metadata),
                versions=(fact.version, fact.version),
                reason="reopened" if row.superseded_by is None else "contradicted",
            )
            for (episode,) in connection.execute(
                "SELECT episode FROM source WHERE rid = ?", (rid,)
            ).fetchall():
                mark_superseded(writer, episode)
