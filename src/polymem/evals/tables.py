"""The figures of a report as tables, and those as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, cast

from polymem.domain.slotted import dataclass
from polymem.evals.measures import MEASURES
from polymem.evals.report import ALL, Cell
from polymem.evals.retrieval import BM25, HYBRID, OURS

__all__ = ["Table", "heading", "markdown", "tables"]

_PLAIN: Final = (BM25, HYBRID)
_FEW: Final = ("R@10", "all@10", "nDCG@10")


@dataclass(frozen=True, slots=True)
class Table:
    """One table.

    Attributes:
        title: Stands above it.
        header: Names of the columns.
        rows: As many cells each.
    """

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def heading(report: Mapping[str, Any]) -> str:
    """Return one line that says when, with what and on what was measured."""
    on, asked = report["machine"], report["settings"]
    said = ", ".join(
        f"{name} {_said(value)}" for name, value in asked.items() if value not in ([], "", 0, None)
    )
    return (
        f"Polymem {report['version']}, {report['date']}, seed {report['seed']}; {said}; "
        f"{on['cpu']}, {on['cores']} cores, load {on['load']}, Python {on['python']}, numpy {on['numpy']}, "
        f"SQLite {on['sqlite']}"
    )


def tables(report: Mapping[str, Any], *, full: bool) -> Iterator[Table]:
    """Yield the tables of each set, and of the means over all sets where there are several.

    Args:
        report: What was measured.
        full: Whether every figure has its interval; else that of R@10 alone has, so that a table fits a terminal.
    """
    for found in report["sets"]:
        if found["systems"]:
            yield _rankings(found, full=full)
            yield _cost(found)
            yield from _categories(found, full=full)
            yield from _ablation(found, full=full)
            yield from _abstention(found)
    if report["macro"]:
        rows = ((name, *_shown(cells, MEASURES, full=full)) for name, cells in report["macro"].items())
        yield Table("mean over the sets", ("ranking", *_header(MEASURES, full=full)), tuple(rows))


def markdown(report: Mapping[str, Any]) -> str:
    """Return the report as a Markdown document."""
    lines = ["# Retrieval", "", heading(report), "", _NOTE, ""]
    for made in tables(report, full=True):
        lines += [
            f"## {made.title}",
            "",
            _line(made.header),
            _line(["---"] + ["---:"] * (len(made.header) - 1)),
        ]
        lines += [*map(_line, made.rows), ""]
    return "\n".join(lines)


_NOTE: Final = (
    "Shares in percent; in brackets intervals of 95 % (bootstrap by question; behind a slash by conversation, where there "
    "are at least five). Questions without evidence are in no average, adversarial ones are apart. tokens: of the first ten "
    "hits, estimated. ms CPU: of a search, its embedding included, median."
)


def _rankings(found: Mapping[str, Any], *, full: bool) -> Table:
    rows = (
        (name, *_shown(system["recall"].get(ALL, {}), MEASURES, full=full))
        for name, system in found["systems"].items()
        if name == OURS or name in _PLAIN
    )
    title = (
        f"{found['name']}: {found['n_questions'][ALL]:,} questions, {found['n_rows']:,} rows in "
        f"{found['n_conversations']:,} scopes"
    )
    return Table(title, ("ranking", *_header(MEASURES, full=full)), tuple(rows))


def _cost(found: Mapping[str, Any]) -> Table:
    rows = (
        (name, f"{speed['tokens']:.0f}", f"{speed['cpu_ms_median']:.2f}", f"{speed['cpu_ms_p95']:.2f}")
        for name, speed in ((name, system["speed"]) for name, system in found["systems"].items())
        if speed
    )
    title = f"{found['name']}, what a search costs; to add a row takes {found['add_ms']:.2f} ms CPU"
    return Table(title, ("ranking", "tokens", "ms CPU", "95 % within"), tuple(rows))


def _categories(found: Mapping[str, Any], *, full: bool) -> Iterator[Table]:
    names = [name for name in found["systems"][OURS]["recall"] if name != ALL]
    if not names:
        return
    rows: list[tuple[str, ...]] = []
    for category in names:
        row = [category, f"{found['n_questions'][category]:,}"]
        for plain in _PLAIN:
            cells = found["systems"].get(plain, {}).get("recall", {}).get(category)
            row.append(f"{cells['R@10']['mean']:.1f}" if cells else "")
        ours = found["systems"][OURS]["recall"][category]
        rows.append((*row, *_shown(ours, _FEW, full=full)))
    header = ("category", "n", *_PLAIN, *_header(_FEW, full=full))
    yield Table(f"{found['name']}, by category; R@10 of {' and '.join(_PLAIN)}", header, tuple(rows))


def _ablation(found: Mapping[str, Any], *, full: bool) -> Iterator[Table]:
    rows = [
        (name, *_shown(system["less"], MEASURES, full=full, signed=True))
        for name, system in found["systems"].items()
        if name != OURS and system["less"]
    ]
    if rows:
        title = f"{found['name']}, more or less than {OURS} as it is, question by question"
        yield Table(title, ("ranking", *_header(MEASURES, full=full)), tuple(rows))


def _abstention(found: Mapping[str, Any]) -> Iterator[Table]:
    rows = [
        (name, kind, f"{cell['n']:.0f}", f"{cell['mean']:.3f} [{cell['low']:.3f}, {cell['high']:.3f}]")
        for name, system in found["systems"].items()
        if name == OURS or name in _PLAIN
        for kind, cell in system["abstention"].items()
    ]
    if rows:
        yield Table(f"{found['name']}, what has no answer", ("ranking", "told", "n", "AUC"), tuple(rows))


def _header(measures: Sequence[str], *, full: bool) -> Iterator[str]:
    for name in measures:
        yield name
        if not full and name == "R@10":
            yield "95 %"


def _shown(
    cells: Mapping[str, Cell], measures: Sequence[str], *, full: bool, signed: bool = False
) -> Iterator[str]:
    """Yield the cells of one row; those without a figure are empty."""
    sign = "+" if signed else ""
    for name in measures:
        cell = cells.get(name)
        mean = f"{cell['mean']:{sign}.1f}" if cell else ""
        yield f"{mean} {_interval(cell)}" if full and cell else mean
        if not full and name == "R@10":
            yield f"{cell['low']:.1f}…{cell['high']:.1f}" if cell else ""


def _interval(cell: Cell) -> str:
    ends = f"{cell['low']:.1f}, {cell['high']:.1f}"
    if "talk_low" in cell:
        ends += f" / {cell['talk_low']:.1f}, {cell['talk_high']:.1f}"
    return f"[{ends}]"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _said(value: object) -> str:
    return (
        " ".join(map(str, cast("Sequence[object]", value)))
        if isinstance(value, (list, tuple))
        else str(value)
    )
