"""Verbs of forgetting: archive, restore, policies, erasure."""

from __future__ import annotations

from polymem.client.handle import Handle


class Forgetting(Handle):
    """The part of the handle for forgetting."""
