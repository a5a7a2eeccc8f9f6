"""Keys of a passage of a document: what its title names, and whom it mentions."""

from __future__ import annotations

__all__ = ["passage_keys"]


def passage_keys(text: str, title: str) -> tuple[str, ...]:  # noqa: ARG001
    """Return the keys of a passage, each once."""
    return ()
