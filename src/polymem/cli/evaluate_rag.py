"""``eval rag``: vectors, graph, both joined and both fused, over documents that are ingested."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from polymem.cli.call import Common
from polymem.cli.evaluate import settings_in
from polymem.cli.options import group
from polymem.cli.screen import Screen, cells, table
from polymem.errors import InputError

if TYPE_CHECKING:
    from polymem.evals.rag import RagRun
    from polymem.evals.rag_kept import Ledger
    from polymem.ports.llm import LanguageModel


@group
@dataclass(frozen=True, slots=True)
class Reading:
    """What is asked, and how much is read."""

    modes: Annotated[str, typer.Option("--modes", metavar="NAME,...", help="Modes of search to compare.")] = (
        "vector,graph,concat,hybrid"
    )
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="Most hits in a context.")] = 10
    budget: Annotated[int, typer.Option("--budget", min=1, help="Most tokens of a context.")] = 4_000
    sentences: Annotated[
        int, typer.Option("--sentences", min=1, max=20, help="Of an answer without a model.")
    ] = 2
    sample: Annotated[
        int, typer.Option("--sample", metavar="N", min=0, help="The first N questions of each set alone.")
    ] = 0
    model: Annotated[
        bool, typer.Option("--model", help="Let the configured model answer and judge, not evidence ids.")
    ] = False
    judge: Annotated[
        Path | None,
        typer.Option("--judge", metavar="FILE", help="With --model: settings of another model to judge."),
    ] = None


@group
@dataclass(frozen=True, slots=True)
class Told:
    """What is written."""

    answers: Annotated[
        Path | None,
        typer.Option(
            "--answers",
            metavar="FILE",
            help="With --model: keep answers with their judgements, as JSON Lines; a run goes on from it.",
        ),
    ] = None
    json: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="The figures as JSON.")] = None
    markdown: Annotated[
        Path | None, typer.Option("--markdown", metavar="FILE", help="The tables as Markdown.")
    ] = None
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the intervals.")] = 0
    config: Annotated[
        Path | None, typer.Option("--config", metavar="FILE", help="A TOML file of settings.")
    ] = None
    debug: Annotated[bool, typer.Option("--debug", help="Show where an error comes from.")] = False


def rag(
    context: typer.Context,
    *,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="passages/1; gzip'd or not.")],
    reading: Reading,
    told: Told,
) -> None:
    """Measure faithfulness, answer relevance, context precision and recall of each mode over documents."""
    from polymem.domain.query import MODES
    from polymem.evals.opening import open_set
    from polymem.evals.rag import RagOptions, ask_rag
    from polymem.evals.rag_report import rag_content, rag_markdown, rag_notes, rag_tables

    common: Common = context.obj
    screen = Screen(json=common.json)
    modes = tuple(name.strip() for name in reading.modes.split(",") if name.strip())
    if not modes or not set(modes) <= set(MODES):
        raise InputError(f"--modes must be some of {', '.join(MODES)}", argument="--modes")
    file_of_settings = told.config or common.config
    config = settings_in(file_of_settings)
    options = RagOptions(
        config, modes, reading.limit, reading.budget, sentences=reading.sentences, sample=reading.sample
    )
    answering, judge = _models(reading, told, file_of_settings)
    runs: list[RagRun] = []
    for file in files:
        data = open_set(file)
        ledger = _ledger(data.name, told, answering, judge)
        with screen.progress(data.name, total=data.size) as step:
            runs.append(ask_rag(data, options, model=judge, ledger=ledger, step=step))
    report = rag_content(runs, options, judged=judge.name if judge else "", seed=told.seed)
    if told.json:
        told.json.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if told.markdown:
        told.markdown.write_text(rag_markdown(report), encoding="utf-8")
    if common.json:
        screen.document(report, indent=1)
        return
    shown_sets = [found for found in report["sets"] if found["modes"]]
    for found, made in zip(shown_sets, rag_tables(report, full=False), strict=True):
        shown = table(*made.header, title=made.title, right=made.header[1:])
        for row in made.rows:
            shown.add_row(*cells(*row))
        screen.show("", shown, *rag_notes(found))


def _models(
    reading: Reading, told: Told, config: Path | None
) -> tuple[LanguageModel | None, LanguageModel | None]:
    """Return the models that answer and that judge, None for evidence ids."""
    from polymem.client.build import model_of

    if not reading.model:
        for name, given in (("--judge", reading.judge), ("--answers", told.answers)):
            if given:
                raise InputError(f"{name} needs --model", argument=name)
        return None, None
    answering = model_of(config)
    return answering, model_of(reading.judge) if reading.judge else answering


def _ledger(
    name: str, told: Told, answering: LanguageModel | None, judge: LanguageModel | None
) -> Ledger | None:
    """Return where answers are kept, if they are to be."""
    from polymem.evals.rag_kept import Ledger, fingerprint

    if told.answers is None or answering is None or judge is None:
        return None
    return Ledger(told.answers, fingerprint(name, answering=answering.name, judging=judge.name))
