"""The timelines of facts inside the write transaction: what competes is read, arranged, and stored as it must be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import field
from datetime import datetime
from typing import Final, NamedTuple

from polymem.domain.batch import FactDraft, ItemDraft
from polymem.domain.event import EVENT_NAMES
from polymem.domain.slotted import dataclass
from polymem.domain.timeline import Stated, Stretch, Verdict, competing, counts_from, timeline
from polymem.domain.timespan import from_micros, to_micros
from polymem.engines.sqlite.codec import id_bytes, id_text, micros, moment, or_forever
from polymem.engines.sqlite.evidence import further, hand_over, promote
from polymem.engines.sqlite.facts import mark_superseded
from polymem.engines.sqlite.keys import stated_by, sync_entries
from polymem.engines.sqlite.latest import ALIVE, Group, Times, Where, holding
from polymem.engines.sqlite.mark import Row, rescan, versions_of
from polymem.engines.sqlite.partition import PartitionWriter
from polymem.engines.sqlite.schema import POSITION_MASK
from polymem.engines.sqlite.wanted import in_parts, wanted
from polymem.ports.faces import REMOVED

SPREAD: Final = 1 << 20
"""More than the characters of a message: what stands in a later message of a batch was said after."""
_STATED: Final = (
    "SELECT r.rid, r.item, r.predicate, r.slot, r.positive, e.name, r.begins_at, r.said_at, r.ends_at, r.counts_at, r.place, "
    "i.superseded_by FROM relation r JOIN item i ON i.rid = r.fact JOIN entity e ON e.rid = ? + r.object WHERE {} AND "
    f"{ALIVE} {{}} ORDER BY r.rid"
)
_MERGE, _SUPERSEDE, _RESTORE = (EVENT_NAMES.index(name) for name in ("MERGE", "SUPERSEDE", "RESTORE"))
_RIVAL: Final = (
    "AND (i.superseded_by IS NULL OR (SELECT v.name FROM event v WHERE v.item = i.id AND v.name IN "
    f"({_MERGE}, {_SUPERSEDE}, {_RESTORE}) ORDER BY v.n DESC LIMIT 1) IS NOT {_MERGE})"
)
"""Not closed as a near-duplicate: that was no contradiction."""
_IN_PLACE: Final = (
    f"SELECT EXISTS (SELECT 1 FROM item b WHERE b.id = ? AND b.rid BETWEEN ? AND ? AND b.flags & {REMOVED} = 0 "
    "AND (b.expired_at IS NULL OR b.superseded_by IS NOT NULL))"
)
"""Neither removed nor retired."""


MANY: Final = 8
"""From so many statements on their times are read at once."""
_TIMES: Final = (
    "SELECT i.id, i.valid_at, i.invalid_at, i.superseded_by FROM wanted w CROSS JOIN item i ON i.id = w.it "
    "WHERE NOT EXISTS (SELECT 1 FROM item n WHERE n.id = i.id AND n.version > i.version)"
)


def group_of(subject: int, predicate: str, slot: str) -> Group:
    """Return the group in which a fact competes."""
    names, everywhere = competing(predicate)
    return Group(subject, tuple(sorted(names)), None if everywhere else slot)


def groups_of(writer: PartitionWriter, fact: int) -> set[Group]:
    """Return the groups of what the row *fact* states."""
    rows = writer.connection.execute("SELECT subject, predicate, slot FROM relation WHERE fact = ?", (fact,))
    return {group_of(*row) for row in rows.fetchall()}


def stated_in(draft: ItemDraft, fact: FactDraft) -> Stated:
    """Return what a draft states."""
    n, start = draft.sources[0][:2] if draft.sources else (0, 0)
    return Stated(
        item_id=draft.id,
        predicate=fact.predicate,
        slot=fact.slot,
        positive=fact.positive,
        object=fact.object,
        valid_at=draft.valid_at,
        said_at=fact.said_at,
        ends_at=draft.invalid_at,
        counts_at=counts_from(draft.valid_at, fact.said_at),
        place=n * SPREAD + start,
    )


@dataclass(slots=True)
class Settled:
    """What became of a group.

    Attributes:
        owner: The item that holds the drafted statement, None where nothing was drafted.
        stretch: The stretch in which that stands.
        by: Id of the item that ends the stretch.
        closed: Ids of the items that ended.
        absorbed: Ids of items that say what another does in the same stretch, with that one's id.
    """

    owner: str | None = None
    stretch: Stretch | None = None
    by: str | None = None
    closed: list[str] = field(default_factory=list[str])
    absorbed: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])


@dataclass(slots=True)
class Timelines:
    """The timelines of one partition while it is written.

    Attributes:
        writer: The partition.
    """

    writer: PartitionWriter

    # ---------------------------------------------------------------- reading
    def known(self, where: Where, new: Stated) -> tuple[list[Stated], Times]:
        """Return what *new* can change or be changed by, with the times that are stored of it if these are known."""
        return holding(self.writer, where, new) or (self.members(where), {})

    def members(self, where: Where) -> list[Stated]:
        """Return all that is stated in a group; what something else than a rival has ended takes no part."""
        writer = self.writer
        sql, values = where.rows(writer.no)
        writer.flush_events()
        rows = writer.connection.execute(_STATED.format(sql, _RIVAL), (writer.rid(0), *values)).fetchall()
        ids = {row[1] for row in rows}
        rows = [row for row in rows if row[-1] is None or row[-1] in ids or not self._in_place(row[-1])]
        found = [
            Stated(
                id_text(key),
                predicate,
                slot,
                bool(positive),
                thing,
                from_micros(begins),
                moment(said),
                moment(ends),
                from_micros(counts),
                place,
                n=rid << 1,
            )
            for rid, key, predicate, slot, positive, thing, begins, said, ends, counts, place, _ in rows
        ]
        return [*found, *further(writer, [row[1] for row in rows])]

    def _in_place(self, item: bytes) -> bool:
        low = self.writer.rid(0)
        (found,) = self.writer.connection.execute(_IN_PLACE, (item, low, low | POSITION_MASK)).fetchone()
        return bool(found)

    def disagrees(self, group: Group) -> bool:
        """Tell whether an interval in *group* is another than the one that follows from what is stated."""
        stretches = timeline(self.members(Where.of(self.writer, group)))
        for stretch in stretches:
            own = [s.item_id for s in stretch.statements if s.own]
            rows = [versions_of(self.writer, id_bytes(item) or b"")[0] for item in own]
            invalid = micros(stretch.invalid_at)
            right = [
                row for row in rows if (row.valid, row.invalid) == (to_micros(stretch.valid_at), invalid)
            ]
            # What another item says in the same stretch never held beside that.
            rest = [row for row in rows if row not in right[:1]]
            by = right[0].superseded_by if right else None
            if not right or (by is not None) != (stretch.by is not None):
                return True
            if by is not None and not self._in_place(by):
                return True
            if any(row.invalid != row.valid or row.superseded_by is None for row in rest):
                return True
        return False

    # ---------------------------------------------------------------- writing
    def settle(self, groups: Iterable[Group], *, late: bool = False) -> Settled:
        """Arrange *groups* anew, after something of them is gone or, *late*, has changed."""
        done = Settled()
        for group in sorted(set(groups), key=repr):
            settled = self.arrange(timeline(self.members(Where.of(self.writer, group))), late=late)
            done.closed += settled.closed
            done.absorbed += settled.absorbed
        return done

    def arrange(
        self,
        stretches: Sequence[Stretch],
        *,
        new: Stated | None = None,
        late: bool,
        stored: Times | None = None,
    ) -> Settled:
        """Store *stretches*, made of what is known and perhaps a *new* statement whose item is still to be stored.

        Args:
            stretches: How it is to be.
            new: The drafted statement.
            late: Keep what was believed of an item for those who look from before; else it was never right.
            stored: The times that items have, as far as these are known.
        """
        settled = Settled()
        owners = {id(stretch): self._owner(stretch, late=late) for stretch in stretches}
        born = {item for item, promoted in owners.values() if promoted}
        stored = stored or self._stored(
            [s.item_id for stretch in stretches for s in stretch.statements if s.own]
        )
        for stretch in stretches:
            owner = owners[id(stretch)][0]
            by = None if stretch.by is None else owners[id(stretch.by)][0]
            # By the id, since to compare statements field by field takes ten times as long.
            if new is not None and new.item_id in [said.item_id for said in stretch.statements]:
                settled.owner, settled.stretch, settled.by = owner, stretch, by
            for item in dict.fromkeys([owner, *(s.item_id for s in stretch.statements if s.own)]):
                if new is not None and item == new.item_id:
                    continue
                if item != owner and not late and self._told_of_one(item, owner):
                    settled.absorbed.append((item, owner))
                    continue
                times = (
                    _Times(to_micros(stretch.valid_at), micros(stretch.invalid_at), by, stretch.verdict)
                    if item == owner
                    else _Times(None, None, owner, "same")
                )
                if item in stored and stored[item] == times.stored:
                    continue
                if self._apply(item, times, late=late and item not in born):
                    settled.closed.append(item)
        return settled

    def _told_of_one(self, item: str, other: str) -> bool:
        """Tell whether two items were told of the same entity; of two that are merged each keeps its item, to part again."""
        (n,) = self.writer.connection.execute(
            "SELECT count(DISTINCT r.subject) FROM item i JOIN relation r ON r.fact = i.rid WHERE i.id IN (?, ?)",
            (id_bytes(item), id_bytes(other)),
        ).fetchone()
        return bool(n == 1)

    def _stored(self, items: Sequence[str]) -> Times:
        """Return the times of many items and what ended them, so that those that stay need not be looked at one by one."""
        if len(items) < MANY:
            return {}
        found = Times()
        for part in in_parts([id_bytes(item) or b"" for item in items]):
            rows = self.writer.connection.execute(f"{wanted(len(part))} {_TIMES}", part).fetchall()
            found |= {id_text(key): (valid, invalid, by) for key, valid, invalid, by in rows}
        return found

    def _owner(self, stretch: Stretch, *, late: bool) -> tuple[str, bool]:
        """Return the item that speaks for *stretch*, and whether it was made of further evidence just now."""
        head = stretch.head
        if head.own and len(stretch.statements) == 1:
            return head.item_id, False
        says = [
            s
            for s in stretch.statements
            if (s.predicate, s.slot, s.positive) == (head.predicate, head.slot, head.positive)
        ]
        own = [s for s in says if s.own]
        stored = [s for s in own if s.n]
        promoted = False
        if stored or own:
            owner = min(stored or own, key=lambda s: s.n).item_id
        else:
            owner = promote(self.writer, min(says, key=lambda s: s.n).n >> 1, known_since_now=late)
            promoted = True
        for said in stretch.statements:
            if not said.own and said.item_id != owner:
                hand_over(self.writer, said.n >> 1, owner)
        return owner, promoted

    def _apply(self, item: str, times: _Times, *, late: bool) -> bool:
        """Give an item its times; return whether it ended by that."""
        writer = self.writer
        found = versions_of(writer, id_bytes(item) or b"")
        if not found:
            return False
        row = found[0]
        by = None if times.by is None else id_bytes(times.by)
        valid = row.valid if times.valid is None else times.valid
        invalid = valid if times.valid is None else times.invalid
        if (row.valid, row.invalid, row.superseded_by) == (valid, invalid, by):
            return False
        expired = self._expired(row, by, late=late)
        # An end by its own words is a time of its own, not one that became known: the row cannot tell that it was open.
        if late and (row.valid != valid or row.invalid is not None or by is None):
            keep_belief(writer, row, always=True)
        if not late:
            writer.connection.execute("DELETE FROM belief WHERE rid = ?", (row.rid,))
        store_times(writer, row, valid=valid, invalid=invalid, expired=expired, by=by)
        if by != row.superseded_by or (by is not None and row.invalid != invalid):
            writer.event(
                "RESTORE" if by is None else "SUPERSEDE",
                row.id,
                content=(row.text, row.metadata),
                versions=(row.version, row.version),
                reason="reopened" if by is None else times.verdict,
            )
        return by is not None and row.superseded_by is None

    def _expired(self, row: Row, by: bytes | None, *, late: bool) -> int | None:
        """Return since when it is known that *row* ends."""
        if by is None:
            return None
        if row.superseded_by is not None and (late or by == row.superseded_by):
            return row.expired
        if late:
            return self.writer.at
        (since,) = self.writer.connection.execute(
            "SELECT min(first_at) FROM item WHERE id = ?", (by,)
        ).fetchone()
        return max(row.first_at, self.writer.at if since is None else since)


class _Times(NamedTuple):
    """When an item holds; without ``valid`` it never held beside what stands for it."""

    valid: int | None
    invalid: int | None
    by: str | None
    verdict: Verdict

    @property
    def stored(self) -> tuple[int, int | None, bytes | None] | None:
        """What is stored where an item has these times already; None where that is not told."""
        by = None if self.by is None else id_bytes(self.by)
        return None if self.valid is None else (self.valid, self.invalid, by)


def keep_belief(writer: PartitionWriter, row: Row, *, always: bool = False) -> None:
    """Keep what was believed of a row until now where the row cannot tell it once it changes; *always* if its begin does."""
    if always or row.invalid is not None:
        writer.connection.execute(
            "INSERT OR IGNORE INTO belief VALUES (?, ?, ?, ?, ?)",
            (row.rid, writer.at, row.valid, row.invalid, row.expired),
        )


def restate_begin(writer: PartitionWriter, fact: int, begins_at: datetime) -> None:
    """Let a fact say itself that it begins at another time."""
    for rid, said in writer.connection.execute(
        "SELECT rid, said_at FROM relation WHERE fact = ?", (fact,)
    ).fetchall():
        writer.connection.execute(
            "UPDATE relation SET begins_at = ?, counts_at = ? WHERE rid = ?",
            (to_micros(begins_at), to_micros(counts_from(begins_at, moment(said))), rid),
        )


def store_times(
    writer: PartitionWriter,
    row: Row,
    *,
    valid: int,
    invalid: int | None,
    expired: int | None,
    by: bytes | None,
) -> None:
    """Write the times of a row into every face."""
    connection = writer.connection
    connection.execute(
        "UPDATE item SET valid_at = ?, invalid_at = ?, expired_at = ?, superseded_by = ? WHERE rid = ?",
        (valid, invalid, expired, by, row.rid),
    )
    connection.execute(
        "UPDATE relation SET valid_at = ?, invalid_at = ?, expired_at = ? WHERE fact = ?",
        (valid, invalid, expired, row.rid),
    )
    rescan(writer, row.position, valid=valid, invalid=or_forever(invalid), expired=or_forever(expired))
    changed = stated_by(connection, row.rid, writer.owner_entity)
    sync_entries(connection, writer.no, writer.owner_entity, changed)
    for (episode,) in connection.execute("SELECT episode FROM source WHERE rid = ?", (row.rid,)).fetchall():
        mark_superseded(writer, episode)


__all__ = [
    "ALIVE",
    "Group",
    "Settled",
    "Timelines",
    "group_of",
    "groups_of",
    "keep_belief",
    "restate_begin",
    "stated_in",
    "store_times",
]
