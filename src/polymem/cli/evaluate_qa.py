"""``eval qa``: let the configured model answer from what is found, and judge the answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from polymem.cli.call import Common
from polymem.cli.evaluate import settings_in
from polymem.cli.options import group
from polymem.cli.screen import Screen
from polymem.errors import InputError

if TYPE_CHECKING:
    from polymem.domain.derivation import Usage
    from polymem.evals.cases import EvalSet
    from polymem.evals.qa import Answered, QaOptions
    from polymem.evals.qa_contexts import System
    from polymem.evals.qa_prompts import Protocol
    from polymem.evals.qa_report import Ledger
    from polymem.ports.llm import LanguageModel


@group
@dataclass(frozen=True, slots=True)
class Asking:
    """What is asked, and from what."""

    systems: Annotated[
        str,
        typer.Option(
            "--systems", metavar="NAME,...", help="Contexts: polymem, full (all rows), naive (plain vectors)."
        ),
    ] = "polymem,full,naive"
    protocol: Annotated[
        str | None, typer.Option("--protocol", help="Rules of judging: locomo or longmemeval.")
    ] = None
    budget: Annotated[
        int, typer.Option("--budget", min=1, help="Tokens of a context of polymem and naive.")
    ] = 2_000
    full_tokens: Annotated[int, typer.Option("--full-tokens", min=1, help="Tokens of a full context.")] = (
        120_000
    )
    sample: Annotated[
        int, typer.Option("--sample", metavar="N", min=0, help="The first N conversations alone.")
    ] = 0
    questions: Annotated[
        int, typer.Option("--questions", metavar="N", min=0, help="The first N questions of each alone.")
    ] = 0
    infer: Annotated[
        bool, typer.Option("--infer", help="Derive facts from the rows, by the model if one is configured.")
    ] = False
    concurrency: Annotated[
        int, typer.Option("--concurrency", min=1, help="Questions answered at a time.")
    ] = 4


@group
@dataclass(frozen=True, slots=True)
class Kept:
    """Who judges, and what is written."""

    judge: Annotated[
        Path | None,
        typer.Option(
            "--judge", metavar="FILE", help="Settings of another model to judge; the same if not given."
        ),
    ] = None
    answers: Annotated[
        Path | None,
        typer.Option("--answers", metavar="FILE", help="Keep answers, as JSON Lines; a run goes on from it."),
    ] = None
    json: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="The figures as JSON.")] = None
    markdown: Annotated[
        Path | None, typer.Option("--markdown", metavar="FILE", help="The tables as Markdown.")
    ] = None
    config: Annotated[
        Path | None, typer.Option("--config", metavar="FILE", help="A TOML file of settings.")
    ] = None
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the intervals.")] = 0
    debug: Annotated[bool, typer.Option("--debug", help="Show where an error comes from.")] = False


def qa(
    context: typer.Context,
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="LoCoMo, LongMemEval, conversations/1 or passages/1."),
    ],
    *,
    asking: Asking,
    kept: Kept,
) -> None:
    """Answer questions with the configured model from several contexts, in the same words, and judge the answers."""
    from polymem.client.build import model_of
    from polymem.evals.opening import open_set
    from polymem.evals.qa_report import Ledger, markdown, qa_content

    common: Common = context.obj
    screen = Screen(json=common.json)
    config = kept.config or common.config
    model = model_of(config)
    judge = model_of(kept.judge) if kept.judge else model
    answers: dict[str, tuple[list[Answered], Usage]] = {}
    settings: dict[str, Any] = {}
    for file in files:
        data = open_set(file)
        options = _options(asking, data, config)
        ledger = Ledger(kept.answers, f"{data.name}/{options.fingerprint(model, judge)}")
        answers[data.name] = _answer(data, options, ledger, models=(model, judge), screen=screen)
        settings = {
            "model": model.name,
            "judge": judge.name,
            "protocol": options.protocol,
            "budget_tokens": options.budget_tokens,
            "full_tokens": options.full_tokens,
            "infer": options.infer,
        }
    report = qa_content(answers, settings=settings, seed=kept.seed)
    _write(report, kept)
    if screen.json:
        screen.document(report, indent=1)
    else:
        typer.echo(markdown(report), nl=False)


def _options(asking: Asking, data: EvalSet, config: Path | None) -> QaOptions:
    from polymem.evals.qa import QaOptions, protocol_of

    return QaOptions(
        config=settings_in(config),
        protocol=_protocol(asking.protocol) or protocol_of(data),
        systems=_systems(asking.systems),
        budget_tokens=asking.budget,
        full_tokens=asking.full_tokens,
        concurrency=asking.concurrency,
        sample=asking.sample,
        questions=asking.questions,
        infer=asking.infer,
    )


def _protocol(name: str | None) -> Protocol | None:
    from polymem.evals.qa_prompts import PROTOCOLS

    for protocol in PROTOCOLS:
        if name == protocol:
            return protocol
    if name is None:
        return None
    raise InputError(f"--protocol must be one of {', '.join(PROTOCOLS)}", argument="--protocol")


def _systems(names: str) -> tuple[System, ...]:
    from polymem.evals.qa_contexts import SYSTEMS

    wanted = [name.strip() for name in names.split(",") if name.strip()]
    if not wanted or not set(wanted) <= set(SYSTEMS):
        raise InputError(f"--systems must name some of {', '.join(SYSTEMS)}", argument="--systems")
    return tuple(system for system in SYSTEMS if system in wanted)


def _answer(
    data: EvalSet,
    options: QaOptions,
    ledger: Ledger,
    *,
    models: tuple[LanguageModel, LanguageModel],
    screen: Screen,
) -> tuple[list[Answered], Usage]:
    import asyncio

    from polymem.evals.qa import answer_set

    known = ledger.known()
    done: list[str] = []
    with screen.progress(data.name, total=None) as step:

        def keep(answered: Answered) -> None:
            ledger.keep(answered)
            done.append(answered.question)
            step(len(done))

        model, judge = models
        return asyncio.run(answer_set(data, options, model=model, judge=judge, known=known, keep=keep))


def _write(report: Mapping[str, Any], kept: Kept) -> None:
    from polymem.evals.qa_report import markdown

    if kept.json:
        kept.json.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if kept.markdown:
        kept.markdown.write_text(markdown(report), encoding="utf-8")
