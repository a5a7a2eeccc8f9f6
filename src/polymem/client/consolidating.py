"""Verbs of consolidation: near-duplicates, profile, summaries."""

from __future__ import annotations

from polymem.client.handle import Handle


class Consolidating(Handle):
    """The part of the handle for consolidation."""
