"""What becomes of a new fact beside the facts that are known; see :mod:`polymem.domain.timeline`."""

from __future__ import annotations

from polymem.domain.timeline import timeline as resolve

__all__ = ["resolve"]
