"""Verbs of derivation: what waits for a model, working it off, deriving anew."""

from __future__ import annotations

from polymem.client.handle import Handle


class Deriving(Handle):
    """The part of the handle for derivation."""
