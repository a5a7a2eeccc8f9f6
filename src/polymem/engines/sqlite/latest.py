"""What is said after everything that it competes with: only what holds has to be looked at, however much was said before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, NamedTuple, TypeAlias

from polymem.domain.slotted import dataclass
from polymem.domain.timeline import Stated, supports
from polymem.domain.timespan import from_micros, to_micros
from polymem.engines.sqlite.codec import id_text, moment
from polymem.engines.sqlite.merges import members
from polymem.engines.sqlite.partition import PartitionWriter
from polymem.ports.faces import FOREVER, REMOVED

ALIVE: Final = (
    f"i.flags & {REMOVED} = 0 AND (i.expired_at IS NULL OR i.superseded_by IS NOT NULL) "
    "AND NOT EXISTS (SELECT 1 FROM item n WHERE n.id = i.id AND n.version > i.version)"
)
Times: TypeAlias = dict[str, tuple[int, int | None, bytes | None]]
"""When items are stored to hold, in microseconds, and what ended them."""

_ORDER: Final = "({0}.counts_at, {0}.begins_at, coalesce({0}.said_at, {0}.begins_at), {0}.place)"
"""What orders statements, but for what they say; see :attr:`polymem.domain.timeline.Stated.order`."""
# The first statement of a stretch says what holds. Where an earlier one came late, it does so in other words than the item's.
_HEADED_OTHERWISE: Final = (
    f"EXISTS (SELECT 1 FROM evidence v WHERE v.item = r.item AND v.counts_at <= r.counts_at AND {_ORDER.format('v')} <= "
    f"{_ORDER.format('r')} AND v.predicate = r.predicate AND v.slot = r.slot AND v.positive = r.positive AND v.object <> e.name)"
)
_HIDDEN: Final = f"s.invalid_at = s.valid_at AND s.flags & {REMOVED} = 0"
_HOLDS: Final = (
    "SELECT r.rid, r.item, r.predicate, r.slot, r.positive, e.name, r.begins_at, r.said_at, r.counts_at, r.place, "
    "i.valid_at, i.invalid_at, (SELECT max(v.counts_at) FROM evidence v WHERE v.item = r.item), "
    "EXISTS (SELECT 1 FROM evidence v WHERE v.item = r.item AND v.counts_at >= ? AND "
    f"{_ORDER.format('v')} >= (?, ?, ?, ?)) OR {_HEADED_OTHERWISE}, "
    f"EXISTS (SELECT 1 FROM item s WHERE s.superseded_by = r.item AND {_HIDDEN}), "
    "EXISTS (SELECT 1 FROM relation a WHERE {} AND a.begins_at > a.counts_at) "
    "FROM relation r JOIN item i ON i.rid = r.fact JOIN entity e ON e.rid = ? + r.object "
    f"WHERE {{}} AND r.expired_at IS NULL AND {ALIVE} ORDER BY r.rid"
)
_HIDES: Final = (
    "SELECT q.predicate, q.slot, q.positive, e.name FROM item s JOIN relation q ON q.fact = s.rid "
    f"JOIN entity e ON e.rid = ? + q.object WHERE s.superseded_by = ? AND {_HIDDEN}"
)


class Group(NamedTuple):
    """Facts that compete: of one subject, under some predicates, over all slots (None) or on one."""

    subject: int
    names: tuple[str, ...]
    slot: str | None


@dataclass(frozen=True, slots=True)
class Where:
    """Where a group lies.

    Attributes:
        subjects: The subject and all who are the same.
        group: The group.
    """

    subjects: Sequence[int]
    group: Group

    @classmethod
    def of(cls, writer: PartitionWriter, group: Group) -> Where:
        """Return where *group* lies."""
        return cls(members(writer.connection, writer.no, group.subject), group)

    def rows(self, no: int, name: str = "r") -> tuple[str, list[object]]:
        """Return a condition on the rows *name* of ``relation`` in a partition, with its values."""
        marks, names = (",".join("?" * len(each)) for each in (self.subjects, self.group.names))
        sql = f"{name}.partition = ? AND {name}.subject IN ({marks}) AND {name}.predicate IN ({names})"
        values: list[object] = [no, *self.subjects, *self.group.names]
        slot = self.group.slot
        return (sql, values) if slot is None else (f"{sql} AND {name}.slot = ?", [*values, slot])


def touched(writer: PartitionWriter, group: Group) -> Where | None:
    """Return where *group* lies if anything of it is stored, else None."""
    alone = Where((group.subject,), group)
    # The first values are partition and subject. By halves, so that the index leads to the slot in all that is current.
    sql, values = alone.rows(writer.no)
    known, merged = writer.connection.execute(
        f"SELECT EXISTS (SELECT 1 FROM relation r WHERE {sql} AND r.expired_at IS NULL) "
        f"OR EXISTS (SELECT 1 FROM relation r WHERE {sql} AND r.expired_at > -{FOREVER}), "
        "EXISTS (SELECT 1 FROM merge m WHERE m.partition = ?1 AND m.entity = ?2) "
        "OR EXISTS (SELECT 1 FROM merge m WHERE m.partition = ?1 AND m.into_entity = ?2)",
        (*values, *values),
    ).fetchone()
    if not merged:
        return alone if known else None
    where = Where.of(writer, group)
    sql, values = where.rows(writer.no)
    (known,) = writer.connection.execute(
        f"SELECT EXISTS (SELECT 1 FROM relation r WHERE {sql})", values
    ).fetchone()
    return where if known else None


def holding(writer: PartitionWriter, where: Where, new: Stated) -> tuple[list[Stated], Times] | None:
    """Return what holds where *new* begins, one statement a stretch, if *new* can change nothing else.

    It comes after everything known in the order of statements; then what is known last is in a stretch that nothing has
    ended. What was ended before *new* begins stays as it is, and so does what ended by its own words by then.

    Returns:
        For each stretch its item's statement from when the stretch holds, and what is stored of it; None where the whole
        group has to be looked at.
    """
    valid_at, order = to_micros(new.valid_at), _order(new)
    sql, values = where.rows(writer.no)
    ahead, others = where.rows(writer.no, "a")
    rows = writer.connection.execute(
        _HOLDS.format(ahead, sql), (order[0], *order[:4], *others, writer.rid(0), *values)
    ).fetchall()
    found, times = list[Stated](), Times()
    newest, n_ahead = 0, 0
    for rid, item, predicate, slot, positive, thing, begins, said, counts, place, *state in rows:
        valid, invalid, again, odd, hides, n_ahead = state
        newest = max(newest, counts, again or counts)
        own = (counts, begins, begins if said is None else said, place, predicate, slot, not positive, thing)
        if odd or own >= order or (invalid is not None and invalid > valid_at):
            return None
        each = Stated(
            *(id_text(item), predicate, slot, bool(positive), thing, from_micros(valid), moment(said), None),
            *(from_micros(counts), place),
            n=rid << 1,
        )
        if hides and _hides(writer, item, each):
            return None
        if invalid is None:
            times[each.item_id] = (valid, None, None)
            found.append(each)
    if not rows or order[0] < newest or sum(supports(new, each) for each in found) > 1:
        return None
    if (valid_at < newest or n_ahead) and _ended_after(writer, where, valid_at):
        return None
    return found, times


def _order(said: Stated) -> tuple[int, int, int, int, str, str, bool, str]:
    """Return :attr:`polymem.domain.timeline.Stated.order` with times in microseconds."""
    begins = to_micros(said.valid_at)
    return (
        *(to_micros(said.counts_at), begins, begins if said.said_at is None else to_micros(said.said_at)),
        *(said.place, said.predicate, said.slot, not said.positive, said.object),
    )


def _hides(writer: PartitionWriter, item: bytes, head: Stated) -> bool:
    """Tell whether an item never held beside *item* because it says what that one does, and not because that one ended it."""
    rows = writer.connection.execute(_HIDES, (writer.rid(0), item)).fetchall()
    return any(
        supports(replace(head, predicate=predicate, slot=slot, positive=bool(positive), object=thing), head)
        for predicate, slot, positive, thing in rows
    )


def _ended_after(writer: PartitionWriter, where: Where, at: int) -> bool:
    """Tell whether anything in a group was ended after *at*."""
    sql, values = where.rows(writer.no)
    (found,) = writer.connection.execute(
        f"SELECT EXISTS (SELECT 1 FROM relation r WHERE {sql} AND r.expired_at IS NOT NULL AND r.invalid_at > ?)",
        (*values, at),
    ).fetchone()
    return bool(found)
