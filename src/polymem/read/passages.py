"""What speaks for a passage of a document."""

from __future__ import annotations

from polymem.ports.faces import F32, I32
from polymem.ranking.scoring import Weights
from polymem.read.arms import Scene
from polymem.read.turns import turn_odds

__all__ = ["passage_odds"]


def passage_odds(scene: Scene, positions: I32, weights: Weights) -> dict[str, F32]:
    """Return what each signal adds to the log odds, float32[m], of the passages at *positions*.

    Args:
        scene: What the faces say.
        positions: int32[m], candidates, all of them passages.
        weights: What the signals weigh.
    """
    return turn_odds(scene, positions, weights)
