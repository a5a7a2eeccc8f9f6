"""How well each row fits a question by what it names: kinds of things, forms of an answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from polymem.ports.faces import F32
from polymem.ports.ledger import Snapshot
from polymem.ranking.bm25 import idf
from polymem.read.plan import QueryPlan
from polymem.text.keys_members import FORMS, asked_member_keys

__all__ = ["kinship_scores"]

MAX_ASKED_CHARS: Final = 1_000
"""Of a longer question the beginning tells what kinds it asks for."""
LEAST_WEIGHT: Final = 4.0
"""A question of fewer and commoner words than this counts as one of this weight."""


def kinship_scores(snapshot: Snapshot, plan: QueryPlan, weight: float) -> dict[str, F32]:
    """Return float32[n] by signal: how many of the asked kinds, and of the asked forms, a row has, the rarer the more.

    A key counts as one more term of the question: by its rarity, over the root of the question's weight.

    Args:
        snapshot: The partition.
        plan: The question.
        weight: Sum of the rarity of the question's terms.
    """
    if plan.mode != "hybrid":
        return {}
    asked = asked_member_keys(plan.text[:MAX_ASKED_CHARS])
    scale = max(weight, LEAST_WEIGHT) ** -0.5
    found: dict[str, F32] = {}
    for name, keys in (
        ("kind", [key for key in asked if key not in FORMS]),
        ("form", [key for key in asked if key in FORMS]),
    ):
        scores = _key_scores(snapshot, keys, scale)
        if scores is not None:
            found[name] = scores
    return found


def _key_scores(snapshot: Snapshot, keys: Sequence[str], scale: float) -> F32 | None:
    """Return float32[n], rarity of the *keys* that each row has, by the root of their number; None where no row has any."""
    texts = snapshot.texts
    lists = [positions for key in keys if (positions := texts.postings(key).positions).size]
    if not lists:
        return None
    rarity = idf(np.array([positions.size for positions in lists], dtype=np.int64), texts.n_rows)
    rarity *= np.float32(scale * len(lists) ** -0.5)
    scores = np.zeros(snapshot.n, dtype=np.float32)
    for positions, worth in zip(lists, rarity, strict=True):
        scores[positions] += worth
    return scores
