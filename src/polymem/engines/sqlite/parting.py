"""What a split undoes: facts of one that facts of the other had ended, and evidence that the other's facts had taken."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from polymem.engines.sqlite.codec import id_text
from polymem.engines.sqlite.evidence import hand_over, promote
from polymem.engines.sqlite.facts import mark_superseded
from polymem.engines.sqlite.mark import rescan
from polymem.engines.sqlite.merges import members
from polymem.engines.sqlite.partition import PartitionWriter
from polymem.engines.sqlite.schema import POSITION_MASK
from polymem.engines.sqlite.timeline import Group
from polymem.ports.faces import FOREVER

_SUBJECTS: Final = "SELECT value FROM json_each({})"
_ENDED: Final = (
    "SELECT i.rid FROM relation r JOIN item i ON i.rid = r.fact WHERE r.partition = :no "
    f"AND r.subject IN ({_SUBJECTS.format(':own')}) AND r.predicate IN ({_SUBJECTS.format(':names')}) "
    "AND i.superseded_by IS NOT NULL AND EXISTS (SELECT 1 FROM relation b WHERE b.partition = :no "
    f"AND b.item = i.superseded_by AND b.subject IN ({_SUBJECTS.format(':others')}))"
)
_TAKEN: Final = (
    "SELECT e.no, (SELECT min(own.item) FROM relation own JOIN item i ON i.rid = own.fact WHERE own.partition = :no "
    f"AND own.subject IN ({_SUBJECTS.format(':own')}) AND own.predicate = e.predicate AND own.slot = e.slot "
    "AND own.positive = e.positive) FROM evidence e "
    f"WHERE e.partition = :no AND e.subject IN ({_SUBJECTS.format(':own')}) AND EXISTS (SELECT 1 FROM relation b "
    f"WHERE b.partition = :no AND b.item = e.item AND b.subject IN ({_SUBJECTS.format(':others')})) ORDER BY e.no"
)


def part(writer: PartitionWriter, one: int, other: int, groups: Iterable[Group]) -> None:
    """Let the facts of two entities that have parted rest on what was said about each; their times are still to be arranged."""
    names = sorted({name for group in groups for name in group.names})
    for mine, theirs in ((one, other), (other, one)):
        keys: dict[str, object] = {
            "no": writer.no,
            "own": _json(members(writer.connection, writer.no, mine)),
            "others": _json(members(writer.connection, writer.no, theirs)),
            "names": "[" + ",".join(f'"{name}"' for name in names) + "]",
        }
        _give_back(writer, keys)
        _reopen(writer, keys)


def _give_back(writer: PartitionWriter, keys: dict[str, object]) -> None:
    for no, item in writer.connection.execute(_TAKEN, keys).fetchall():
        if item is None:
            promote(writer, no, known_since_now=False)
        else:
            hand_over(writer, no, id_text(item))


def _reopen(writer: PartitionWriter, keys: dict[str, object]) -> None:
    connection = writer.connection
    for (rid,) in connection.execute(_ENDED, keys).fetchall():
        connection.execute(
            "UPDATE item SET invalid_at = NULL, expired_at = NULL, superseded_by = NULL WHERE rid = ?", (rid,)
        )
        connection.execute("UPDATE relation SET invalid_at = NULL, expired_at = NULL WHERE fact = ?", (rid,))
        rescan(writer, rid & POSITION_MASK, invalid=FOREVER, expired=FOREVER)
        for (episode,) in connection.execute("SELECT episode FROM source WHERE rid = ?", (rid,)).fetchall():
            mark_superseded(writer, episode)


def _json(numbers: Sequence[int]) -> str:
    return "[" + ",".join(map(str, numbers)) + "]"
