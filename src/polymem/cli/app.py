"""All commands under one name, in the order in which they are needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Final

import typer

from polymem import __version__
from polymem.cli import (
    ask,
    consolidate,
    demo,
    derive,
    evaluate,
    evaluate_qa,
    evaluate_rag,
    find,
    ingest,
    know,
    learn,
    look,
    move,
    remember,
    remove,
    tidy,
    upkeep,
)
from polymem.cli.call import Common
from polymem.cli.options import command

EXIT_CODES: Final = (
    (0, "done"),
    (1, "no such item, a file could not be read, verify found something, or you said no"),
    (2, "the call cannot be understood, or an argument cannot be used"),
    (3, "a setting is wrong, or an extra is not installed"),
    (4, "the store failed or is not there"),
    (5, "a model failed"),
    (130, "interrupted"),
    (141, "nobody reads the output any more"),
)
_EPILOG: Final = "Exit codes: " + "; ".join(f"{code} {meaning}" for code, meaning in EXIT_CODES) + "."

COMMANDS: Final[dict[str, tuple[tuple[str, Callable[..., None]], ...]]] = {
    "Remember and find": (
        ("add", remember.add),
        ("search", find.search),
        ("context", find.context),
        ("ask", ask.ask),
        ("ingest", ingest.ingest),
        ("demo", demo.demo),
    ),
    "Look": (
        ("list", look.list_),
        ("documents", ingest.documents),
        ("get", look.get),
        ("history", look.history),
        ("profile", know.profile),
        ("entities", know.entities),
        ("graph", know.graph),
        ("merge", know.merge),
        ("split", know.split),
        ("resolve", know.resolve),
    ),
    "Change and forget": (
        ("update", remember.update),
        ("delete", remove.delete),
        ("delete-all", remove.delete_all),
        ("forget", remove.forget),
        ("remove-document", ingest.remove_document),
        ("archive", tidy.archive),
        ("restore", tidy.restore),
        ("reinforce", tidy.reinforce),
        ("tidy", tidy.tidy),
    ),
    "Learn from use": (
        ("feedback", learn.feedback),
        ("learn", learn.learn),
        ("weights", learn.weights),
        ("unlearn", learn.unlearn),
    ),
    "Look after the store": (
        ("consolidate", consolidate.consolidate),
        ("work", derive.work),
        ("pending", derive.pending),
        ("reextract", derive.reextract),
        ("export", move.export),
        ("import", move.import_),
        ("backup", move.backup),
        ("stats", upkeep.stats),
        ("verify", upkeep.verify),
        ("rebuild", upkeep.rebuild),
        ("config", upkeep.config),
    ),
}


def _version(value: bool) -> None:
    if value:
        typer.echo(f"polymem {__version__}")
        raise typer.Exit


def _root(
    context: typer.Context,
    common: Common,
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            help="Show the version.",
            callback=_version,
            is_eager=True,
        ),
    ] = False,
) -> None:
    """Long-term memory for language-model applications."""
    del version
    context.obj = common


app = typer.Typer(
    name="polymem",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=_EPILOG,
)
app.callback(epilog=_EPILOG)(command(_root))
for _panel, _commands in COMMANDS.items():
    for _name, _function in _commands:
        app.command(_name, rich_help_panel=_panel)(command(_function))
_measuring = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="rich",
    help="Measure it on evaluation data, see `polymem eval retrieval --help`.",
)
MEASURING: Final[tuple[tuple[str, Callable[..., None]], ...]] = (
    *evaluate.COMMANDS,
    ("qa", evaluate_qa.qa),
    ("rag", evaluate_rag.rag),
)
for _name, _function in MEASURING:
    _measuring.command(_name)(command(_function))
app.add_typer(_measuring, name="eval", rich_help_panel="Measure")
