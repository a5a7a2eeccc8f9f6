"""Merging and splitting of entities inside the transaction of a batch."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Final

from polymem.domain.change import MergeEntities, SplitEntity
from polymem.domain.event import EventName
from polymem.engines.sqlite import merges
from polymem.engines.sqlite.codec import id_bytes, id_text
from polymem.engines.sqlite.facts import FactWriter
from polymem.engines.sqlite.keys import derive_entries
from polymem.engines.sqlite.parting import part
from polymem.engines.sqlite.partition import PartitionWriter
from polymem.engines.sqlite.remove import Remover
from polymem.engines.sqlite.schema import POSITION_MASK
from polymem.engines.sqlite.timeline import Group, Timelines, group_of
from polymem.engines.sqlite.wanted import in_parts, wanted
from polymem.errors import NotFoundError

_NO_CONTENT: Final = ("", "")
"""What an event of an entity commits to: that it happened, and to whom, is in the link."""


def merge_entities(
    writer: PartitionWriter, remover: Remover, facts: FactWriter, change: MergeEntities
) -> None:
    """Let entities be one. Who is the same already stays as it is; the owner speaks for all that are merged with it.

    Raises:
        NotFoundError: The scope does not hold one of them.
    """
    del remover, facts
    keep = _number(writer, change.keep)
    evidence = json.dumps(dict(change.evidence), separators=(",", ":"))
    for gone in change.gone:
        join(writer, keep, _number(writer, gone), evidence=evidence, reason=_reason(change.evidence))


def split_entity(writer: PartitionWriter, remover: Remover, facts: FactWriter, change: SplitEntity) -> None:
    """Take a merge back.

    Raises:
        NotFoundError: The scope does not hold the entity, or it was not merged.
    """
    del facts
    number = _number(writer, change.entity)
    head = merges.root(writer.connection, writer.no, number)
    if not merges.detach(writer.connection, writer.no, number):
        raise NotFoundError("this entity was not merged into another", entity=change.entity)
    _note(writer, "SPLIT", number, reason=f"from {_public(writer, head)}")
    settle(writer, remover, head, number)


def join(writer: PartitionWriter, keep: int, gone: int, *, evidence: str, reason: str) -> bool:
    """Let two entities be one, by number; tell whether they were two."""
    connection, no = writer.connection, writer.no
    head, other = merges.root(connection, no, keep), merges.root(connection, no, gone)
    if head == other:
        return False
    direct = keep
    if other == writer.owner_entity:
        direct, head, other = gone, other, head
    groups = _groups(writer, head) & _groups(writer, other)
    merges.attach(connection, no, entity=other, direct=direct, at=writer.at, evidence=evidence)
    _note(writer, "MERGE", other, reason=f"into {_public(writer, direct)}{reason}")
    _arrange(writer, [head], groups)
    return True


def settle(writer: PartitionWriter, remover: Remover, one: int, other: int) -> None:
    """Bring what follows from who is one up to date after two have parted."""
    groups = _groups(writer, one) & _groups(writer, other)
    part(writer, one, other, groups)
    _arrange(writer, [one, other], groups, parted=remover)


def _groups(writer: PartitionWriter, entity: int) -> set[Group]:
    """Return the groups in which the facts of an entity and of all that are the same compete, whoever it is."""
    everybody = merges.members(writer.connection, writer.no, entity)
    found = set[Group]()
    for some in in_parts(everybody):
        rows = writer.connection.execute(
            f"{wanted(len(some))} SELECT DISTINCT r.predicate, r.slot FROM wanted w CROSS JOIN relation r "
            "ON r.partition = ? AND r.subject = w.it",
            (*some, writer.no),
        )
        found.update(group_of(-1, predicate, slot) for predicate, slot in rows.fetchall())
    return found


def _arrange(
    writer: PartitionWriter,
    entities: Sequence[int],
    groups: Iterable[Group],
    *,
    parted: Remover | None = None,
) -> None:
    """Let what now competes, or does so no more, have its timelines, and the owner the details."""
    connection, no, owner = writer.connection, writer.no, writer.owner_entity
    timelines = Timelines(writer)
    for entity in entities:
        # After a merge who looks from before keeps what was believed; after a split it was never otherwise.
        settled = timelines.settle({group._replace(subject=entity) for group in groups}, late=parted is None)
        if parted is not None:
            # What the other's facts had torn apart is one again.
            parted.join(settled.absorbed)
    # A merge may change no row, but readers have to see that the partition changed.
    if writer.next_position:
        writer.touch(writer.next_position - 1)
    if owner is None or owner not in entities:
        return
    connection.execute("DELETE FROM key_value WHERE partition = ?", (no,))
    connection.executemany(
        "INSERT INTO key_value VALUES (?, ?, ?, ?, ?)",
        [(no, *place, *entry) for place, entry in derive_entries(connection, no, owner).items()],
    )


def _note(writer: PartitionWriter, name: EventName, number: int, *, reason: str) -> None:
    key = id_bytes(_public(writer, number)) or b""
    writer.event(name, key, content=_NO_CONTENT, versions=(0, 0), reason=reason)


def _reason(evidence: Iterable[tuple[str, float]]) -> str:
    names = ", ".join(name for name, _ in evidence)
    return f": {names}" if names else ""


def _public(writer: PartitionWriter, number: int) -> str:
    (key,) = writer.connection.execute(
        "SELECT id FROM entity WHERE rid = ?", (writer.rid(number),)
    ).fetchone()
    return id_text(key)


def _number(writer: PartitionWriter, entity: str) -> int:
    low = writer.rid(0)
    row = writer.connection.execute(
        "SELECT rid FROM entity WHERE id = ? AND rid BETWEEN ? AND ?",
        (id_bytes(entity), low, low | POSITION_MASK),
    ).fetchone()
    if row is None:
        raise NotFoundError("no such entity in this scope", entity=entity)
    return int(row[0]) & POSITION_MASK
