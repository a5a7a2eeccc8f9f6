"""Routes: rows that a kind of question asks for, however few words they share with it."""

from __future__ import annotations

from polymem.ports.faces import F32, I32
from polymem.read.arms import Scene

__all__ = ["route_signals"]


def route_signals(scene: Scene, positions: I32) -> dict[str, F32]:  # noqa: ARG001
    """Return raw signals float32[m] of the turns at *positions*, each named as the weight that it has.

    Args:
        scene: What the faces say.
        positions: int32[m], candidates, none of them a passage.
    """
    return {}
