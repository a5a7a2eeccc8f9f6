"""Places for the nodes of a graph: around what is connected most, ring by ring."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

RING: Final = 220.0
"""Distance between two rings."""

NODE: Final = 190.0
"""Room along a ring that a node is given at least."""

Places: TypeAlias = dict[str, tuple[float, float]]


def layout(edges: Sequence[tuple[str, str]]) -> Places:
    """Return where each node lies.

    Each group of connected nodes is a tree from its most connected node outwards; a branch has as much of the circle as
    it has ends. Several groups stand side by side.

    Args:
        edges: Pairs of nodes.
    """
    near: dict[str, dict[str, None]] = {}
    for one, other in edges:
        near.setdefault(one, {})[other] = None
        near.setdefault(other, {})[one] = None
    places: Places = {}
    right = 0.0
    for centre in sorted(near, key=lambda name: -len(near[name])):
        if centre not in places:
            group = _around(centre, near)
            reach = max(abs(x) for x, _ in group.values()) + NODE
            places |= {name: (x + right + reach, y) for name, (x, y) in group.items()}
            right += 2 * reach
    return places


def _around(centre: str, near: Mapping[str, Mapping[str, None]]) -> Places:
    rings, parents = _rings(centre, near)
    ends = dict.fromkeys(parents, 0)
    children: dict[str, list[str]] = {name: [] for name in parents}
    for ring in reversed(rings):
        for name in ring:
            ends[name] = ends[name] or 1
            if name != centre:
                ends[parents[name]] += ends[name]
                children[parents[name]].insert(0, name)
    sectors = {centre: (0.0, 2 * math.pi)}
    places: Places = {centre: (0.0, 0.0)}
    radius = 0.0
    for ring in rings[1:]:
        radius = max(radius + RING, len(ring) * NODE / (2 * math.pi))
        for parent in dict.fromkeys(parents[name] for name in ring):
            start, width = sectors[parent]
            for name in children[parent]:
                share = width * ends[name] / ends[parent]
                angle = start + share / 2
                sectors[name] = (start, share)
                places[name] = (radius * math.cos(angle), radius * math.sin(angle))
                start += share
    return places


def _rings(centre: str, near: Mapping[str, Mapping[str, None]]) -> tuple[list[list[str]], dict[str, str]]:
    """Return the nodes by their distance from *centre*, and through which node each is reached."""
    parents = {centre: centre}
    rings = [[centre]]
    while rings[-1]:
        rings.append([])
        for name in rings[-2]:
            for other in near[name]:
                if other not in parents:
                    parents[other] = name
                    rings[-1].append(other)
    return rings[:-1], parents
