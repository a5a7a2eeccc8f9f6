"""Members of what a question asks for by its kind, and replies joined with what they reply to.

"What sports does she do?" is answered by "I went surfing", which shares no word with it: the key of the kind, written when
the row was (:mod:`polymem.text.keys_members`), counts as one more term of the question. "They said six" is found by the
question that somebody else asked just before.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from polymem.ports.faces import F32, I32
from polymem.ranking.select import one_of, top
from polymem.read.arms import Scene
from polymem.text.keys_turn import ASKS

__all__ = ["member_candidates", "member_signals"]

MAX_MENTIONS: Final = 64
"""So many rows, the newest, speak of a relative."""
SHARES: Final = (1.0, 0.8, 0.6)
"""What a question counts for the next turn, for the one after, and for the third."""
_SHARES: Final = np.array(SHARES, dtype=np.float32)
TYPICAL_REPLY: Final = 40.0
"""A reply of so many terms gets half of what its question says; a longer one speaks for itself."""


def member_signals(scene: Scene, positions: I32) -> dict[str, F32]:
    """Return raw signals float32[m] of the turns at *positions*, each named as the weight that it has.

    Args:
        scene: What the faces say.
        positions: int32[m], candidates, none of them a passage.
    """
    signals: dict[str, F32] = {}
    for name, scores in scene.kinship.items():
        signals[name] = scores[positions]
    if scene.graph.relatives:
        signals["relative"] = _of_relatives(scene)[positions]
    replied, share = _replied_to(scene, positions)
    if share.any():
        weight = float(scene.matches.weights.sum())
        if weight:
            signals["reply"] = scene.own[replied] * share * np.float32(weight**-0.5)
        if scene.cosines is not None:
            signals["reply_alike"] = np.maximum(scene.alone(scene.cosines[replied]), 0) * share
    return signals


def member_candidates(scene: Scene, limit: int) -> dict[str, I32]:
    """Return rows that name what the question asks for, int32[<= limit], ascending, as those of the arm "members".

    Those of a speaker whom the question means come first.

    Args:
        scene: What the faces say.
        limit: At most so many.
    """
    if scene.plan.mode != "hybrid":
        return {}
    kinship = scene.kinship.get("kind")
    if kinship is None:
        return {}
    if scene.speakers:
        kinship = kinship + (kinship > 0) * one_of(scene.columns.speaker, scene.speakers)
    return {"members": top(kinship, limit, among=scene.mask, above=0.0)}


def _of_relatives(scene: Scene) -> F32:
    """Return float32[n], 0..1: rows that mention somebody whom the question means by a relation alone."""
    n = scene.snapshot.n
    tied = np.zeros(n, dtype=np.float32)
    for entity in scene.graph.relatives:
        rows = scene.snapshot.graph.mentions(entity, limit=MAX_MENTIONS)
        tied[rows] = np.maximum(tied[rows], np.float32(math.log1p(n / max(rows.size, 1)) / math.log1p(n)))
    return tied


def _replied_to(scene: Scene, positions: I32) -> tuple[I32, F32]:
    """Return int32[m] and float32[m]: the turn in which somebody else asked something just before, and its share.

    Where nobody did the share is 0, and the position any.
    """
    speaker, previous = scene.columns.speaker, scene.near.previous
    asks = np.zeros(scene.snapshot.n + 1, dtype=np.bool_)  # a position of -1 asks nothing
    asks[scene.snapshot.texts.postings(ASKS).positions] = True
    before = np.empty((len(SHARES), positions.size), dtype=np.int32)
    step = positions
    for row in before:
        row[:] = previous[step]
        row[step < 0] = -1
        step = row
    fits = asks[before]
    fits &= speaker[before] != speaker[positions]
    nearest = fits.argmax(axis=0)
    here = np.arange(positions.size)
    replied, found = before[nearest, here], fits[nearest, here]
    replied[~found] = -1
    share = np.where(found, _SHARES[nearest], np.float32(0))
    share *= 1 / (1 + scene.columns.length[positions] / np.float32(TYPICAL_REPLY))
    return replied, share
