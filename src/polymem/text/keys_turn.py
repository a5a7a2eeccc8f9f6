"""Keys of a turn of a conversation: what kind of utterance it is."""

from __future__ import annotations

__all__ = ["turn_keys"]


def turn_keys(text: str, *, role: str) -> tuple[str, ...]:  # noqa: ARG001
    """Return the keys of a turn, each once."""
    return ()
