"""Verbs of the graph: entities, relations, hops, paths, merging and splitting, export."""

from __future__ import annotations

from polymem.client.handle import Handle


class Graphing(Handle):
    """The part of the handle for the graph."""
