"""Plots of a report as SVG: recall by depth, and by category, with intervals of 95 %."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any, Final

from polymem.evals.measures import DEPTHS
from polymem.evals.report import ALL, Cell
from polymem.evals.retrieval import BM25, HYBRID, OURS

__all__ = ["plot"]

_COLOURS: Final = {OURS: "#0969da", HYBRID: "#bc4c00", BM25: "#1a7f37"}
_NAMES: Final = {OURS: "Polymem", HYBRID: "plain hybrid", BM25: "BM25"}
_WIDTH: Final = 820
_CURVES: Final = (58, 316)
"""From where to where the curves go, in pixels."""
_BARS: Final = (530, 800)
_TOP: Final = 58
_LEAST_HEIGHT: Final = 190
_BAR: Final = 24
_FOOT: Final = 46
_STYLE: Final = (
    "text{font:12px system-ui,sans-serif;fill:#57606a}.title{font-size:14px;font-weight:600;fill:#24292f}"
    ".grid{stroke:#d0d7de;stroke-width:1}.line{fill:none;stroke-width:2}"
)


def plot(report: Mapping[str, Any]) -> str:
    """Return an SVG with a row of two plots for each set: recall at 5, 10 and 20, and recall at 10 by category.

    Args:
        report: What was measured, see :func:`polymem.evals.report.content`.
    """
    rows: list[str] = []
    height = 0
    for found in report["sets"]:
        if ALL in found["systems"].get(OURS, {}).get("recall", {}):
            inner = max(_LEAST_HEIGHT, _BAR * len(_categories(found)))
            rows += [f'<g transform="translate(0 {height})">', *_set(found, inner), "</g>"]
            height += _TOP + inner + _FOOT
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="Recall">',
            f"<style>{_STYLE}</style>",
            f'<rect width="{_WIDTH}" height="{height}" fill="#fff"/>',
            *rows,
            "</svg>",
            "",
        ]
    )


def _set(found: Mapping[str, Any], inner: int) -> Iterator[str]:
    """Yield the two plots of one set, *inner* pixels high between their axes."""
    title = f"{found['name']}: {found['n_questions'][ALL]:,} questions, {found['n_rows']:,} rows"
    yield f'<text class="title" x="{_CURVES[0]}" y="20">{escape(title)}</text>'
    systems = [name for name in _COLOURS if name in found["systems"]]
    for n, name in enumerate(systems):
        yield f'<text x="{_CURVES[0] + 110 * n}" y="42" style="fill:{_COLOURS[name]}">● {_NAMES[name]}</text>'
    yield from _curves({name: found["systems"][name]["recall"][ALL] for name in systems}, inner)
    yield from _bars(found, systems, inner)


def _curves(cells: Mapping[str, Mapping[str, Cell]], inner: int) -> Iterator[str]:
    bottom = _TOP + inner
    left, right = _CURVES
    floor = _floor([cell["low"] for system in cells.values() for cell in (system[f"R@{k}"] for k in DEPTHS)])

    def up(value: float) -> float:
        return round(bottom - (value - floor) / (100 - floor) * inner, 1)

    for tick in _ticks(floor):
        yield f'<path class="grid" d="M{left} {up(tick)}H{right}"/>'
        yield f'<text x="{left - 6}" y="{up(tick) + 4}" text-anchor="end">{tick}</text>'
    places = [left + (right - left) * share for share in (0.12, 0.5, 0.88)]
    for place, depth in zip(places, DEPTHS, strict=True):
        yield f'<text x="{place:.1f}" y="{bottom + 18}" text-anchor="middle">{depth}</text>'
    yield f'<text x="{(left + right) / 2}" y="{bottom + 36}" text-anchor="middle">recall (%) among the first k</text>'
    for n, (name, system) in enumerate(cells.items()):
        # Beside one another, so that intervals can be told apart.
        points = [(place + 5 * (n - 1), system[f"R@{k}"]) for place, k in zip(places, DEPTHS, strict=True)]
        path = " ".join(f"{x:.1f},{up(cell['mean'])}" for x, cell in points)
        yield f'<polyline class="line" stroke="{_COLOURS[name]}" points="{path}"/>'
        for x, cell in points:
            yield (
                f'<path stroke="{_COLOURS[name]}" d="M{x:.1f} {up(cell["low"])}V{up(cell["high"])}"/>'
                f'<circle cx="{x:.1f}" cy="{up(cell["mean"])}" r="3.5" fill="{_COLOURS[name]}">'
                f"<title>{_NAMES[name]} {cell['mean']:.1f}</title></circle>"
            )


def _bars(found: Mapping[str, Any], systems: Sequence[str], inner: int) -> Iterator[str]:
    left, right = _BARS
    bottom = _TOP + inner

    def across(value: float) -> float:
        return round(left + value / 100 * (right - left), 1)

    for tick in (0, 25, 50, 75, 100):
        yield f'<path class="grid" d="M{across(tick)} {_TOP}V{bottom}"/>'
        yield f'<text x="{across(tick)}" y="{bottom + 18}" text-anchor="middle">{tick}</text>'
    yield f'<text x="{(left + right) / 2}" y="{bottom + 36}" text-anchor="middle">recall (%) among the first 10</text>'
    for n, category in enumerate(_categories(found)):
        y = _TOP + _BAR * n + _BAR / 2
        name = f"{category} ({found['n_questions'][category]:,})"
        yield f'<text x="{left - 8}" y="{y + 4}" text-anchor="end">{escape(name)}</text>'
        ours = found["systems"][OURS]["recall"][category]["R@10"]
        yield (
            f'<rect x="{left}" y="{y - 6}" width="{across(ours["mean"]) - left:.1f}" height="12" '
            f'fill="{_COLOURS[OURS]}" opacity=".25"/>'
        )
        for system in reversed(systems):
            mean = found["systems"][system]["recall"][category]["R@10"]["mean"]
            yield (
                f'<circle cx="{across(mean)}" cy="{y}" r="3.5" fill="{_COLOURS[system]}">'
                f"<title>{_NAMES[system]} {mean:.1f}</title></circle>"
            )
        ends = f"M{across(ours['low'])} {y}H{across(ours['high'])}"
        yield f'<path stroke="{_COLOURS[OURS]}" stroke-width="2" d="{ends}"/>'


def _categories(found: Mapping[str, Any]) -> list[str]:
    names = list(found["systems"][OURS]["recall"])
    return [*(name for name in names if name != ALL), ALL]


def _floor(values: Sequence[float]) -> int:
    """Return where the axis begins: at a multiple of twenty below all *values*."""
    return min(int(min(values) // 20 * 20), 80)


def _ticks(floor: int) -> range:
    return range(floor, 101, 20 if floor < 60 else 10)
