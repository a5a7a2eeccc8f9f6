"""``eval``: measure what a search finds, on evaluation data or on the sets that come with the package."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from polymem.cli.call import Common
from polymem.cli.options import group
from polymem.cli.screen import Screen, cells, table
from polymem.client.config import load_config
from polymem.errors import InputError

if TYPE_CHECKING:
    from polymem.evals.cases import EvalSet
    from polymem.evals.retrieval import Options, Run

_OUTPUT: Final = Path("-")


@group
@dataclass(frozen=True, slots=True)
class What:
    """The sets."""

    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[FILE]...", help="conversations/1, passages/1, LoCoMo or LongMemEval; gzip'd or not."
        ),
    ] = None
    built_in: Annotated[
        bool, typer.Option("--built-in", help="Measure the sets that come with the package.")
    ] = False
    over: Annotated[
        list[Path] | None,
        typer.Option(
            "--over", metavar="FILE", help="Search the passages of this file instead; may be repeated."
        ),
    ] = None
    sample: Annotated[
        int, typer.Option("--sample", metavar="N", min=0, help="The first N conversations alone.")
    ] = 0


@group
@dataclass(frozen=True, slots=True)
class How:
    """What is asked."""

    without: Annotated[
        str, typer.Option("--without", metavar="PART,...", help="Leave parts of the ranking out.")
    ] = ""
    fusion: Annotated[
        str, typer.Option("--fusion", help="How signals become a score: sum, or rrf for reciprocal ranks.")
    ] = "sum"
    ablate: Annotated[
        bool, typer.Option("--ablate", help="Ask without each part of the ranking, too, one by one.")
    ] = False
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="Hits asked for.")] = 20
    verbatim: Annotated[bool, typer.Option("--verbatim", help="Store rows without deriving facts.")] = False
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the intervals.")] = 0
    config: Annotated[
        Path | None, typer.Option("--config", metavar="FILE", help="A TOML file of settings.")
    ] = None


@group
@dataclass(frozen=True, slots=True)
class Where:
    """What is written."""

    json: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Everything as JSON; - for the output.")
    ] = None
    markdown: Annotated[
        Path | None, typer.Option("--markdown", metavar="FILE", help="The tables as Markdown.")
    ] = None
    plot: Annotated[
        Path | None, typer.Option("--plot", metavar="FILE.svg", help="Recall by depth and by category.")
    ] = None
    questions: Annotated[
        Path | None,
        typer.Option("--questions", metavar="FILE", help="What each question found, as JSON Lines."),
    ] = None
    record: Annotated[
        Path | None,
        typer.Option("--record", metavar="FILE", help="The few figures that --against compares, as JSON."),
    ] = None
    against: Annotated[
        Path | None,
        typer.Option("--against", metavar="FILE", help="Fail if figures recorded there have fallen."),
    ] = None
    debug: Annotated[bool, typer.Option("--debug", help="Show where an error comes from.")] = False


def retrieval(context: typer.Context, *, what: What, how: How, where: Where) -> None:
    """Measure how much of the evidence a search finds, beside BM25 and a plain hybrid of the same texts."""
    from polymem.evals.report import content
    from polymem.evals.retrieval import ask_set

    common: Common = context.obj
    screen = Screen(json=common.json or where.json == _OUTPUT)
    options = _options(how, what.sample, how.config or common.config)
    runs: list[Run] = []
    for data in _sets(what):
        with screen.progress(data.name, total=data.size) as step:
            runs.append(ask_set(data, options, step=step))
    report = content(runs, options, seed=how.seed)
    for file, text in _written(report, runs, where):
        file.write_text(text, encoding="utf-8")
    if screen.json:
        screen.document(report, indent=1)
    else:
        _show(report, screen)
    if where.against:
        _gate(report, where.against, screen)


COMMANDS: Final[tuple[tuple[str, Callable[..., None]], ...]] = (("retrieval", retrieval),)
"""Commands of the group, by name."""


def _sets(what: What) -> list[EvalSet]:
    from polymem.evals.opening import built_in, open_set

    found = [open_set(file, over=what.over or ()) for file in what.files or ()]
    found += built_in() if what.built_in else []
    if not found:
        raise InputError("name a FILE, or say --built-in", argument="files")
    return found


def _options(how: How, sample: int, config: Path | None) -> Options:
    from polymem.evals.retrieval import FUSIONS, Options

    if how.fusion not in FUSIONS:
        raise InputError(f"--fusion must be one of {', '.join(FUSIONS)}", argument="--fusion")
    return Options(
        config=settings_in(config),
        without=tuple(name.strip() for name in how.without.split(",") if name.strip()),
        fusion=FUSIONS[how.fusion],
        ablate=how.ablate,
        limit=how.limit,
        sample=sample,
        infer=not how.verbatim,
    )


def settings_in(file: Path | None) -> dict[str, Any]:
    """Return the settings that *file* holds, to be laid under those of the measurement."""
    import tomllib

    if file is None:
        return {}
    load_config(file)
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _written(report: dict[str, Any], runs: list[Run], where: Where) -> Iterator[tuple[Path, str]]:
    """Yield the files that are asked for with what goes into each."""
    from polymem.evals.gate import records
    from polymem.evals.plot import plot
    from polymem.evals.report import lines_of
    from polymem.evals.tables import markdown

    if where.json and where.json != _OUTPUT:
        yield where.json, json.dumps(report, indent=1, ensure_ascii=False) + "\n"
    if where.markdown:
        yield where.markdown, markdown(report)
    if where.plot:
        yield where.plot, plot(report)
    if where.record:
        yield where.record, json.dumps(records(report), indent=1, ensure_ascii=False) + "\n"
    if where.questions:
        yield where.questions, "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines_of(runs))


def _gate(report: dict[str, Any], file: Path, screen: Screen) -> None:
    """Tell which figures have fallen.

    Raises:
        Exit: One has.
    """
    from polymem.evals.gate import fallen, recorded, records

    falls = fallen(records(report), recorded(file))
    for fall in falls:
        screen.note(f"{fall.name}: {fall.measure} fell from {fall.before:.1f} to {fall.now:.1f}")
    if falls:
        raise typer.Exit(1)


def _show(report: dict[str, Any], screen: Screen) -> None:
    from polymem.evals.tables import heading, tables

    screen.note(heading(report))
    for made in tables(report, full=False):
        shown = table(*made.header, title=made.title, right=made.header[1:])
        for row in made.rows:
            shown.add_row(*cells(*row))
        screen.show("", shown)
