"""Which entities of a scope are the same: names bring candidates, evidence decides, in code and the same every time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from polymem.domain.entity import Entity, Resolved, Same
from polymem.domain.slotted import dataclass
from polymem.ports.ledger import Snapshot
from polymem.text.names import Alike, alike, forget_parts, parts_of, search_keys
from polymem.text.names_known import known_as
from polymem.text.normalise import name_key
from polymem.write.acquaintance import Person, people

__all__ = ["MERGED_FROM", "Evidence", "Person", "find_same", "judge"]

MERGED_FROM: Final = 0.8
"""Score from which two entities are merged."""
REPORTED_FROM: Final = 0.5
"""Score from which a pair is reported as perhaps the same."""
MAX_ENTITIES: Final = 20_000
MAX_PAIRS: Final = 50_000
MAX_ALIKE: Final = 200
"""Entities that share a search key; where there are more, the key says nothing."""
_ROUNDS: Final = 3

# What the likeness of two names is worth; none of them reaches MERGED_FROM alone.
_NAMES: Final[Mapping[Alike, float]] = {
    "spelling": 0.7,
    "known": 0.7,
    "title": 0.6,
    "short": 0.45,
    "acronym": 0.45,
    "initials": 0.4,
    "part": 0.3,
    "surname": 0.3,
}
_STATED, _TYPE, _TABLE, _ONLY = 0.85, 0.1, 0.15, 0.1
_NEIGHBOURS, _CONTEXT, _CONFLICT = 0.4, 0.1, -0.3
_STRONG: Final[frozenset[Alike]] = frozenset(("spelling", "known", "title"))


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is said for and against two entities being the same.

    Attributes:
        score: 0..1.
        parts: By name, with weight.
    """

    score: float
    parts: tuple[tuple[str, float], ...]


def judge(a: Person, b: Person, *, only: bool = True) -> Evidence:
    """Weigh what speaks for two entities being the same.

    Args:
        a: The one.
        b: The other.
        only: Whether no third entity could be meant by the weaker name as well.

    Returns:
        A score from 0 to 1, ``MERGED_FROM`` and more for what is merged; 0 where types clash or nothing is alike.
    """
    stated = _stated(a, b)
    likeness = alike(a.name, b.name)
    if not stated and not likeness:
        return Evidence(0.0, ())
    if a.type and b.type and a.type != b.type:
        return Evidence(0.0, (("clash", 1.0),))
    found: list[tuple[str, float]] = [("stated", _STATED)] if stated else []
    if likeness:
        found.append((likeness, _NAMES[likeness]))
    found += _circumstances(a, b, likeness)
    if likeness and likeness not in _STRONG:
        found.append(("only", _ONLY) if only else ("others", 0.0))
    score = sum(weight for _, weight in found)
    if not stated and not only:
        score = min(score, MERGED_FROM - 0.01)
    if not stated and all(weight <= 0 for name, weight in found if name not in (likeness, "only")):
        # A name alone is never enough, however alike.
        score = min(score, MERGED_FROM - 0.01)
    return Evidence(round(min(max(score, 0.0), 1.0), 3), tuple(found))


def _stated(a: Person, b: Person) -> bool:
    """Tell whether one was said to have the other's name."""
    return bool(
        name_key(a.name) in {name_key(alias) for alias in b.aliases}
        or name_key(b.name) in {name_key(alias) for alias in a.aliases}
    )


def _circumstances(a: Person, b: Person, likeness: Alike) -> Iterator[tuple[str, float]]:
    """Yield what is known beside the names."""
    if a.type and a.type == b.type:
        yield "type", _TYPE
    if likeness == "known":
        known = known_as(name_key(a.name))
        if known is not None and {a.type, b.type} <= {known[1], ""}:
            yield "table", _TABLE
    shared = a.neighbours & b.neighbours
    if shared:
        # One thing in common may be chance; a fact of the same kind about the same thing weighs more than a place beside it.
        weight = sum(1.0 if predicate else 0.5 for predicate, _ in shared)
        yield "neighbours", round(_NEIGHBOURS * min(weight / 2, 1.0), 3)
    if a.context is not None and b.context is not None:
        cosine = float(a.context @ b.context)
        if cosine > 0.5:
            yield "context", round(_CONTEXT * min((cosine - 0.5) / 0.4, 1.0), 3)
    one, other = a.single or {}, b.single or {}
    if any(one[predicate] != other[predicate] for predicate in one.keys() & other.keys()):
        yield "conflict", _CONFLICT


# ---------------------------------------------------------------- a scope
def find_same(snapshot: Snapshot) -> Resolved:
    """Return which entities of a partition are surely the same, and which may be."""
    try:
        return _find_same(snapshot)
    finally:
        forget_parts()


def _find_same(snapshot: Snapshot) -> Resolved:
    entities = dict(snapshot.graph.entities(limit=MAX_ENTITIES))
    owner = snapshot.graph.owner()
    pairs = _pairs(entities)
    if not pairs:
        return Resolved()
    meant = {number: entities[number] for number in sorted({number for pair in pairs for number in pair})}
    known = people(snapshot, meant, n_entities=len(entities))
    rivals = _rivals(pairs, entities)
    chosen, heads = Resolved(), dict[int, int]()
    for _ in range(_ROUNDS):
        found: list[tuple[Evidence, int, int]] = []
        for a, b in pairs:
            one, other = _with_heads(known[a], heads), _with_heads(known[b], heads)
            if owner not in (a, b) or _stated(one, other):
                evidence = judge(one, other, only=(a, b) not in rivals)
                if evidence.score >= REPORTED_FROM:
                    found.append((evidence, a, b))
        found.sort(key=lambda each: (-each[0].score, each[1], each[2]))
        before, (chosen, heads) = heads, _chosen(snapshot, entities, found, owner)
        # Who lives in Beijing and who lives in 北京 live in one place, once that is known.
        if heads == before:
            break
    return chosen


def _with_heads(person: Person, heads: Mapping[int, int]) -> Person:
    """Return what is known of somebody in terms of those who speak for the others."""
    if not heads:
        return person
    return replace(
        person,
        neighbours=frozenset((way, _head(heads, other)) for way, other in person.neighbours),
        single={name: _head(heads, thing) for name, thing in (person.single or {}).items()},
    )


def _pairs(entities: Mapping[int, Entity]) -> list[tuple[int, int]]:
    """Return the pairs whose names can mean the same, or of which one was said to have the other's name."""
    by_key: dict[str, set[int]] = defaultdict(set)
    for number, entity in entities.items():
        for key in search_keys(entity.name):
            by_key[key].add(number)
        for name in (entity.name, *entity.aliases):
            by_key[f"n {name_key(name)}"].add(number)
    found: set[tuple[int, int]] = set()
    for key, numbers in sorted(by_key.items()):
        if len(numbers) > MAX_ALIKE:
            continue
        ordered = sorted(numbers)
        for place, a in enumerate(ordered):
            for b in ordered[place + 1 :]:
                if key[0] == "n" or alike(entities[a].name, entities[b].name):
                    found.add((a, b))
        if len(found) > MAX_PAIRS:
            break
    return sorted(found)[:MAX_PAIRS]


def _rivals(pairs: Sequence[tuple[int, int]], entities: Mapping[int, Entity]) -> set[tuple[int, int]]:
    """Return the pairs of which the weaker name could mean a third entity as well, one that is not the same as either."""
    others: dict[int, set[int]] = defaultdict(set)
    strong: set[tuple[int, int]] = set()
    for a, b in pairs:
        if alike(entities[a].name, entities[b].name) in _STRONG:
            strong |= {(a, b), (b, a)}
        else:
            others[a].add(b)
            others[b].add(a)
    return {
        (a, b)
        for a, b in pairs
        if (a, b) not in strong
        and any(
            third not in (a, b) and (third, end) not in strong
            for here, end in ((a, b), (b, a))
            if _weaker(entities[here].name, entities[end].name)
            for third in others[here]
        )
    }


def _weaker(name: str, other: str) -> bool:
    """Tell whether *name* says less than *other*."""
    a, b = parts_of(name), parts_of(other)
    return a.loose or len(a.bare) < len(b.bare)


def _chosen(
    snapshot: Snapshot,
    entities: Mapping[int, Entity],
    found: Sequence[tuple[Evidence, int, int]],
    owner: int | None,
) -> tuple[Resolved, dict[int, int]]:
    """Return what is merged, and who speaks for whom then: surest first; who was merged already speaks for no second one that clashes."""
    merged: list[Same] = []
    ambiguous: list[Same] = []
    kinds = {number: entity.type for number, entity in entities.items()}
    heads: dict[int, int] = {}
    for evidence, a, b in found:
        keep, gone = _keep(entities, a, b, owner)
        one, other = _head(heads, keep), _head(heads, gone)
        same = _same(entities, evidence, keep, gone)
        if one == other:
            continue
        clash = kinds[one] and kinds[other] and kinds[one] != kinds[other]
        if evidence.score < MERGED_FROM or clash or (other == owner and one == owner):
            ambiguous.append(same)
        elif _was_split(snapshot, entities[keep], entities[gone]):
            ambiguous.append(
                Same(
                    same.keep_id,
                    same.keep_name,
                    same.id,
                    same.name,
                    same.score,
                    (*same.evidence, ("split", 0.0)),
                )
            )
        else:
            heads[other] = one
            kinds[one] = kinds[one] or kinds[other]
            merged.append(same)
    return Resolved(tuple(merged), tuple(ambiguous)), heads


def _head(heads: Mapping[int, int], number: int) -> int:
    while number in heads:
        number = heads[number]
    return number


def _keep(entities: Mapping[int, Entity], a: int, b: int, owner: int | None) -> tuple[int, int]:
    """Return who speaks for both: the owner, else the fuller name, else who is named more, else who came first."""
    if owner in (a, b):
        return (a, b) if a == owner else (b, a)
    one, other = (
        (not parts_of(entities[n].name).loose, entities[n].n_mentions, len(entities[n].name), -n)
        for n in (a, b)
    )
    return (a, b) if one >= other else (b, a)


def _same(entities: Mapping[int, Entity], evidence: Evidence, keep: int, gone: int) -> Same:
    kept, other = entities[keep], entities[gone]
    return Same(kept.id, kept.name, other.id, other.name, evidence.score, evidence.parts)


def _was_split(snapshot: Snapshot, one: Entity, other: Entity) -> bool:
    """Tell whether somebody took a merge of one of them back; that is not done again by itself."""
    for entity in (one, other):
        names = [event.name for event in snapshot.rows.history(entity.id) if event.name in {"MERGE", "SPLIT"}]
        if names and names[-1] == "SPLIT":
            return True
    return False
