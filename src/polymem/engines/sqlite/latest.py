"""What is said after everything that it competes with: only what holds has to be looked at, however much was said before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple, TypeAlias

from polymem.domain.slotted import dataclass
from polymem.domain.timeline import Stated, supports
from polymem.domain.timespan import from_micros, to_micros
from polymem.engines.sqlite.codec import id_text, moment
from polymem.engines.sqlite.merges import members
from polymem.engines.sqlite.partition import PartitionWriter
from polymem.ports.faces import REMOVED

ALIVE: Final = (
    f"i.flags & {REMOVED} = 0 AND (i.expired_at IS NULL OR i.superseded_by IS NOT NULL) "
    "AND NOT EXISTS (SELECT 1 FROM item n WHERE n.id = i.id AND n.version > i.version)"
)
Times: TypeAlias = dict[str, tuple[int, int | None, bytes | None]]
"""When items are stored to hold, in microseconds, and what ended them."""

# The first statement of a stretch says what holds. Where an earlier one came late, it does so in other words than the item's.
_HEADED_OTHERWISE: Final = (
    "EXISTS (SELECT 1 FROM evidence v WHERE v.item = r.item AND v.counts_at <= r.counts_at AND v.predicate = r.predicate "
    "AND v.slot = r.slot AND v.positive = r.positive AND v.object <> e.name)"
)
_HIDES_ANOTHER: Final = f"EXISTS (SELECT 1 FROM item s WHERE s.superseded_by = r.item AND s.invalid_at = s.valid_at AND s.flags & {REMOVED} = 0)"
_HOLDS: Final = (
    "SELECT r.rid, r.item, r.predicate, r.slot, r.positive, e.name, r.begins_at, r.said_at, r.counts_at, r.place, "
    "i.valid_at, i.invalid_at, (SELECT max(v.counts_at) FROM evidence v WHERE v.item = r.item), "
    f"{_HEADED_OTHERWISE} OR {_HIDES_ANOTHER}, "
    "EXISTS (SELECT 1 FROM relation a WHERE {} AND a.begins_at > a.counts_at) "
    "FROM relation r JOIN item i ON i.rid = r.fact JOIN entity e ON e.rid = ? + r.object "
    f"WHERE {{}} AND r.expired_at IS NULL AND {ALIVE} ORDER BY r.rid"
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
    sql, values = alone.rows(writer.no)
    known, merged = writer.connection.execute(
        f"SELECT EXISTS (SELECT 1 FROM relation r WHERE {sql}), "
        "EXISTS (SELECT 1 FROM merge m WHERE m.partition = ? AND (m.entity = ? OR m.into_entity = ?))",
        (*values, writer.no, group.subject, group.subject),
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

    It counts from later than everything known; then what is known last is in a stretch that nothing has ended. What was
    ended before *new* begins stays as it is, and so does what ended by its own words by then.

    Returns:
        For each stretch its item's statement from when the stretch holds, and what is stored of it; None where the whole
        group has to be looked at.
    """
    counts_at, valid_at = to_micros(new.counts_at), to_micros(new.valid_at)
    sql, values = where.rows(writer.no)
    ahead, others = where.rows(writer.no, "a")
    rows = writer.connection.execute(_HOLDS.format(ahead, sql), (*others, writer.rid(0), *values)).fetchall()
    found, times = list[Stated](), Times()
    newest, n_ahead = 0, 0
    for (
        rid,
        item,
        predicate,
        slot,
        positive,
        thing,
        _,
        said,
        counts,
        place,
        valid,
        invalid,
        again,
        odd,
        is_ahead,
    ) in rows:
        newest, n_ahead = max(newest, counts, again or counts), is_ahead
        if odd or (invalid is not None and invalid > valid_at):
            return None
        if invalid is not None:
            continue
        key = id_text(item)
        times[key] = (valid, None, None)
        found.append(
            Stated(
                key,
                predicate,
                slot,
                bool(positive),
                thing,
                from_micros(valid),
                moment(said),
                None,
                from_micros(counts),
                place,
                n=rid << 1,
            )
        )
    if not rows or counts_at <= newest or sum(supports(new, each) for each in found) > 1:
        return None
    if (valid_at < newest or n_ahead) and _ended_after(writer, where, valid_at):
        return None
    return found, times


def _ended_after(writer: PartitionWriter, where: Where, at: int) -> bool:
    """Tell whether anything in a group was ended after *at*."""
    sql, values = where.rows(writer.no)
    (found,) = writer.connection.execute(
        f"SELECT EXISTS (SELECT 1 FROM relation r WHERE {sql} AND r.expired_at IS NOT NULL AND r.invalid_at > ?)",
        (*values, at),
    ).fetchone()
    return bool(found)
