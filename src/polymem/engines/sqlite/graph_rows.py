"""What the graph face reads, and the values that it makes of the rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from polymem.domain.entity import Entity, Relation
from polymem.domain.timespan import from_micros
from polymem.engines.sqlite.codec import id_text, moment
from polymem.engines.sqlite.schema import POSITION_MASK

_NEWEST: Final = "(SELECT n.rid FROM item n WHERE n.id = {} ORDER BY n.version DESC LIMIT 1)"
SUCCESSORS: Final = (
    f"SELECT o.rid, {_NEWEST.format('f.superseded_by')}, {_NEWEST.format('e.id')} FROM item o "
    "JOIN item first ON first.id = o.id AND first.version = 1 JOIN source s ON s.episode = first.rid "
    "JOIN item f ON f.rid = s.rid AND f.superseded_by IS NOT NULL "
    "LEFT JOIN item b ON b.id = f.superseded_by LEFT JOIN source t ON t.rid = b.rid LEFT JOIN item e ON e.rid = t.episode"
)
_ENTITY: Final = (
    "SELECT e.rid, e.id, e.name, e.type, (SELECT group_concat(a.name, char(10)) FROM alias a "
    f"WHERE a.partition = ? AND a.entity = e.rid & {POSITION_MASK})"
)
COUNTED: Final = f"{_ENTITY}, (SELECT count(*) FROM mention m WHERE m.partition = ? AND m.entity = e.rid & {POSITION_MASK})"
ENTITIES: Final = f"{COUNTED} FROM entity e WHERE e.rid BETWEEN ? AND ? ORDER BY e.rid LIMIT ?"
MENTIONED: Final = "SELECT m.entity, count(*) FROM wanted w CROSS JOIN mention m ON m.partition = ? AND m.position = w.it GROUP BY m.entity"
MENTIONS: Final = (
    "SELECT m.position, m.entity FROM wanted w CROSS JOIN mention m ON m.partition = ? AND m.position = w.it"
)
RELATIONS: Final = (
    "SELECT r.rid, r.subject, r.object, r.predicate, r.positive, r.item, s.id, s.name, o.id, o.name, "
    "r.valid_at, r.invalid_at, r.created_at, r.expired_at FROM wanted w CROSS JOIN relation r ON r.rid = w.it "
    "JOIN entity s ON s.rid = ? + r.subject JOIN entity o ON o.rid = ? + r.object"
)
RELATED: Final = "SELECT r.subject, r.object FROM wanted w CROSS JOIN relation r ON r.fact = ? + w.it"


def plain_entity(row: Sequence[Any], n_mentions: int) -> Entity:
    """Return an entity of which nothing was merged."""
    _, key, name, kind, aliases = row
    return Entity(
        id_text(key), name, kind, tuple(alias for alias in names_in(aliases) if alias != name), n_mentions
    )


def names_in(aliases: str | None) -> list[str]:
    """Return the names of a joined list."""
    return [alias for alias in (aliases or "").split("\n") if alias]


def relation_of(
    subject: int, thing: int, rest: Sequence[Any], spoken: Mapping[int, tuple[int, bytes, str]]
) -> Relation:
    """Return a relation; *spoken* are number, id and name of who speaks for those ends that were merged."""
    predicate, positive, item, *ends, valid, invalid, created, expired = rest
    subject_key, subject_name, object_key, object_name = ends
    head = spoken.get(subject)
    if head is not None:
        subject, subject_key, subject_name = head
    head = spoken.get(thing)
    if head is not None:
        # What an entity calls itself keeps its words: "Bob is also called Bobby".
        object_name = object_name if head[0] == subject else head[2]
        object_key = head[1]
    return Relation(
        subject_name,
        predicate,
        object_name,
        bool(positive),
        id_text(item),
        from_micros(valid),
        moment(invalid),
        from_micros(created),
        moment(expired),
        id_text(subject_key),
        id_text(object_key),
    )
