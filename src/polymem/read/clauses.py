"""What the vectors say of the clauses of a question, each sought on its own.

"When were the Games last held in the country that makes Han Vodka?" asks two things, and the passage that answers the first
is like that clause more than it is like the whole. A clause that only names the title of a passage seeks nothing more.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import numpy as np

from polymem.ports.faces import F32, I32
from polymem.ports.ledger import Snapshot
from polymem.ranking.titles import min_max
from polymem.read.plan import QueryPlan
from polymem.text.tokenise import terms

__all__ = ["with_clauses"]

CLAUSES: Final = 0.5
"""Share of the likeness that the clause which fits a passage best has."""
FEW_AMONG: Final = 16
"""Of so many times fewer rows than there are the cosines are taken alone."""


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
