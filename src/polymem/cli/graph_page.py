"""Relations as a page of their own: no script, no network, every word escaped."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import Final

from polymem import Relation
from polymem.cli.graph_layout import Places, layout
from polymem.cli.labels import label
from polymem.cli.screen import day, one_line

_STYLE: Final = """
:root { color-scheme: light dark; --line: #8a94a6; --word: #5b6474; --node: #eef3ff; --edge: #4166d5; --text: #16181d; }
@media (prefers-color-scheme: dark) {
  :root { --line: #6c7689; --word: #a5afc0; --node: #1d2740; --edge: #7f9cf5; --text: #eceff4; }
}
body { font: 15px/1.5 system-ui, "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif; margin: 2rem; color: var(--text); }
svg { width: 100%; max-height: 85vh; }
line { stroke: var(--line); stroke-width: 1.3; }
.ended { stroke-dasharray: 5 5; opacity: .55; }
rect { fill: var(--node); stroke: var(--edge); }
text { fill: var(--text); text-anchor: middle; dominant-baseline: central; font-size: 14px; }
.word { fill: var(--word); font-size: 11px; paint-order: stroke; stroke: Canvas; stroke-width: 4px; }
table { border-collapse: collapse; margin-top: 2rem; }
td, th { padding: .25rem 1rem .25rem 0; text-align: left; }
""".strip()
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"
_MARGIN: Final = 110


def page(relations: Sequence[Relation]) -> str:
    """Return a page with the graph drawn and the relations listed; what has ended is dashed."""
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>Polymem: {len(relations)} relations</title><style>{_STYLE}</style></head><body>",
            _drawing(relations),
            _listing(relations),
            "</body></html>\n",
        ]
    )


def _drawing(relations: Sequence[Relation]) -> str:
    places = layout([(relation.subject, relation.object) for relation in relations])
    if not places:
        return "<p>There are no relations.</p>"
    xs, ys = [x for x, _ in places.values()], [y for _, y in places.values()]
    left, top = min(xs) - _MARGIN, min(ys) - _MARGIN
    box = f"{left:.0f} {top:.0f} {max(xs) - left + _MARGIN:.0f} {max(ys) - top + _MARGIN:.0f}"
    lines = [f'<svg viewBox="{box}" role="img" aria-label="Graph of relations">']
    lines += [_edge(ends, told, places) for ends, told in _by_ends(relations).items()]
    lines += [_node(name, *place) for name, place in places.items()]
    return "\n".join([*lines, "</svg>"])


def _by_ends(relations: Sequence[Relation]) -> dict[tuple[str, str], list[Relation]]:
    """Return the relations by the two nodes that they join, since their words would lie on one another."""
    found: dict[tuple[str, str], list[Relation]] = {}
    for relation in relations:
        found.setdefault((relation.subject, relation.object), []).append(relation)
    return found


def _edge(ends: tuple[str, str], told: Sequence[Relation], places: Places) -> str:
    (x1, y1), (x2, y2) = places[ends[0]], places[ends[1]]
    ended = all(relation.invalid_at is not None for relation in told)
    words = ", ".join(dict.fromkeys(label(relation) for relation in told))
    # Off the middle towards the object, so that the words of opposite relations do not meet.
    x, y = x1 + 0.55 * (x2 - x1), y1 + 0.55 * (y2 - y1)
    if math.isclose(x1, x2) and math.isclose(y1, y2):
        y -= 30
    dashes = ' class="ended"' if ended else ""
    line = f'<line x1="{x1:.0f}" y1="{y1:.0f}" x2="{x2:.0f}" y2="{y2:.0f}"{dashes}/>'
    title = "; ".join(
        f"{relation.subject} {label(relation)} {relation.object} {_period(relation)}" for relation in told
    )
    return f'<g><title>{_text(title)}</title>{line}<text class="word" x="{x:.0f}" y="{y:.0f}">{_text(words)}</text></g>'


def _node(name: str, x: float, y: float) -> str:
    shown = name if len(name) <= 20 else name[:19] + "…"
    # A Chinese character is about as wide as two Latin letters.
    width = 24 + 8 * sum(1 if ord(character) < 0x2E80 else 1.8 for character in shown)
    box = f'<rect x="{x - width / 2:.0f}" y="{y - 15:.0f}" width="{width:.0f}" height="30" rx="8"/>'
    return f'<g><title>{_text(name)}</title>{box}<text x="{x:.0f}" y="{y:.0f}">{_text(shown)}</text></g>'


def _listing(relations: Sequence[Relation]) -> str:
    head = "<tr><th>subject</th><th></th><th>object</th><th>holds</th></tr>"
    rows = (
        "".join(
            f"<td>{_text(cell)}</td>"
            for cell in (relation.subject, label(relation), relation.object, _period(relation))
        )
        for relation in relations
    )
    return "<table>" + head + "".join(f"\n<tr>{row}</tr>" for row in rows) + "</table>"


def _period(relation: Relation) -> str:
    until = day(relation.invalid_at)
    return f"{day(relation.valid_at)} to {until}" if until else f"since {day(relation.valid_at)}"


def _text(text: str) -> str:
    return escape(one_line(text), quote=True)
