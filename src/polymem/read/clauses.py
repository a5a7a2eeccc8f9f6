"""What the vectors say of the clauses of a question, each sought on its own.

"When were the Games last held in the country that makes Han Vodka?" asks two things, and the passage that answers the first
is like that clause more than it is like the whole. A clause that only names the title of a passage seeks nothing more.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import numpy as np

from polymem.ports.faces import F32, I32, Mask
from polymem.ports.ledger import Snapshot
from polymem.ranking.titles import min_max
from polymem.read.naming import Names
from polymem.read.plan import QueryPlan
from polymem.text.tokenise import terms

__all__ = ["turned_away", "with_clauses"]

CLAUSES: Final = 0.5
"""Share of the likeness that the clause which fits a passage best has."""
FEW_AMONG: Final = 16
"""Of so many times fewer rows than there are the cosines are taken alone."""
TURNED_AWAY: Final = 0.3
"""Share of its likeness to a passage whose title the question has that its vector loses: that passage is found, and others are
sought."""


def with_clauses(
    snapshot: Snapshot, plan: QueryPlan, rows: I32, cosines: F32, *, known: Collection[str]
) -> F32:
    """Return float32[n]: *cosines* mixed with those of the clause that fits each row best; as they are where there are none.

    Args:
        snapshot: The partition.
        plan: The question.
        rows: int32[p], positions of the passages.
        cosines: float32[n], cosine of each row with the question.
        known: Names of the question that title passages.
    """
    vectors = plan.clause_vectors
    if vectors is None or not rows.size:
        return cosines
    titled = {term for name in known for term in terms(name)}
    sought = [
        vector
        for clause, vector in zip(plan.clauses, vectors, strict=True)
        if not titled.issuperset(terms(clause)) and vector.any()
    ]
    if not sought:
        return cosines
    best = np.zeros(rows.size, dtype=np.float32)
    few = rows.size <= snapshot.n // FEW_AMONG
    whole = (snapshot.vectors.scan(vector)[rows] for vector in sought)
    for found in snapshot.vectors.near(np.array(sought, dtype=np.float32), rows) if few else whole:
        np.maximum(best, min_max(found), out=best)
    mixed = np.zeros(cosines.size, dtype=np.float32)
    mixed[rows] = np.float32(1 - CLAUSES) * min_max(cosines[rows]) + np.float32(CLAUSES) * best
    return mixed


def turned_away(
    snapshot: Snapshot,
    plan: QueryPlan,
    names: Names,
    rows: I32,
    *,
    titles: Collection[str],
    cosines: F32,
    shown: Mask,
) -> F32:
    """Return float32[n]: the cosines of *rows* with the question's vector turned away from the passages whose titles it has.

    Args:
        snapshot: The partition.
        plan: The question.
        names: Names of the passages.
        rows: int32[p], positions of the passages.
        titles: Names of the question that title passages.
        cosines: float32[n], cosine of each row with the question.
        shown: bool[n], which rows may be returned.
    """
    homes = [names.homes(name) for name in titles]
    meant = sorted(
        {int(row) for found in homes if 0 < found.size <= 2 for row in found.tolist() if shown[row]}
    )[:4]
    if plan.vector is None or not meant:
        return cosines
    vector = plan.vector
    for title in snapshot.vectors.rows(np.array(meant, dtype=np.int32)):
        vector = vector - np.float32(TURNED_AWAY * float(vector @ title)) * title
    length = float(np.sqrt(vector @ vector))
    if length <= 0:
        return cosines
    turned = np.asarray(vector / length, dtype=np.float32)
    if rows.size > snapshot.n // FEW_AMONG:
        return snapshot.vectors.scan(turned)
    found = np.zeros(snapshot.n, dtype=np.float32)
    found[rows] = snapshot.vectors.near(turned[None], rows)[0]
    return found
