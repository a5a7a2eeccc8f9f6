"""Growth curves as SVG: both axes logarithmic, one colour a line, small enough to be kept in the repository."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from benchmarks.report import Point

WIDTH, HEIGHT = 560, 340
LEFT, RIGHT, TOP, BOTTOM = 62, 18, 40, 44
COLOURS = ("#0969da", "#bc4c00", "#1a7f37", "#8250df")
STYLE = (
    "text{font:12px system-ui,sans-serif;fill:#57606a}.title{font-size:14px;font-weight:600;fill:#24292f}"
    ".grid{stroke:#d0d7de;stroke-width:1}.line{fill:none;stroke-width:2}.asked{fill:none;stroke:#cf222e;stroke-dasharray:5 4}"
)


@dataclass(frozen=True, slots=True)
class Axis:
    """A logarithmic axis from a power of ten to another."""

    low: int
    high: int
    begin: float
    end: float

    @classmethod
    def around(cls, values: Iterable[float], *, begin: float, end: float) -> Axis:
        """Return the axis that just holds *values*, all above zero."""
        known = list(values)
        low = math.floor(math.log10(min(known)))
        return cls(low, max(low + 1, math.ceil(math.log10(max(known)) - 1e-9)), begin, end)

    def at(self, value: float) -> float:
        """Return where a value lies on the page."""
        share = (math.log10(value) - self.low) / (self.high - self.low)
        return round(self.begin + share * (self.end - self.begin), 1)

    def ticks(self) -> list[float]:
        """Return the powers of ten."""
        return [10.0**power for power in range(self.low, self.high + 1)]


def chart(
    title: str, lines: Mapping[str, Sequence[Point]], *, across: str, up: str, asked: Sequence[Point] = ()
) -> str:
    """Return an SVG of *lines*.

    Args:
        title: Stands above it.
        lines: Name → points (x, y), all above zero.
        across: What x counts.
        up: What y counts.
        asked: Bounds to draw beside the lines.
    """
    points = [point for line in lines.values() for point in line] + list(asked)
    x = Axis.around((point[0] for point in points), begin=LEFT, end=WIDTH - RIGHT)
    y = Axis.around((point[1] for point in points), begin=HEIGHT - BOTTOM, end=TOP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">',
        f"<style>{STYLE}</style>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text class="title" x="{LEFT}" y="18">{escape(title)}</text>',
        *_grid(x, y),
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 8}" text-anchor="middle">{escape(across)}</text>',
        f'<text transform="translate(14 {HEIGHT / 2}) rotate(-90)" text-anchor="middle">{escape(up)}</text>',
    ]
    for n, (name, line) in enumerate(lines.items()):
        parts += _line(
            name,
            [(x.at(a), y.at(b)) for a, b in line],
            values=line,
            colour=COLOURS[n % len(COLOURS)],
            place=n,
        )
    if asked:
        parts.append(f'<polyline class="asked" points="{_path([(x.at(a), y.at(b)) for a, b in asked])}"/>')
        parts += [f'<circle cx="{x.at(a)}" cy="{y.at(b)}" r="3" fill="#cf222e"/>' for a, b in asked]
    return "\n".join([*parts, "</svg>", ""])


def _grid(x: Axis, y: Axis) -> list[str]:
    across = [
        f'<path class="grid" d="M{x.at(tick)} {TOP}V{HEIGHT - BOTTOM}"/>'
        f'<text x="{x.at(tick)}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{_short(tick)}</text>'
        for tick in x.ticks()
    ]
    up = [
        f'<path class="grid" d="M{LEFT} {y.at(tick)}H{WIDTH - RIGHT}"/>'
        f'<text x="{LEFT - 6}" y="{y.at(tick) + 4}" text-anchor="end">{_short(tick)}</text>'
        for tick in y.ticks()
    ]
    return across + up


def _line(name: str, places: list[Point], *, values: Sequence[Point], colour: str, place: int) -> list[str]:
    marks = [
        f'<circle cx="{a}" cy="{b}" r="3.5" fill="{colour}"><title>{value[0]:,.0f}: {value[1]:.3g}</title></circle>'
        for (a, b), value in zip(places, values, strict=True)
    ]
    legend = f'<text x="{LEFT + 130 * place}" y="33" style="fill:{colour}">● {escape(name)}</text>'
    return [f'<polyline class="line" stroke="{colour}" points="{_path(places)}"/>', *marks, legend]


def _path(places: Iterable[Point]) -> str:
    return " ".join(f"{a},{b}" for a, b in places)


def _short(value: float) -> str:
    for size, name in ((1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:g}{name}"
    return f"{value:g}"
