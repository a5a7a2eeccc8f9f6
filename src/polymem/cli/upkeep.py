"""``stats``, ``verify``, ``rebuild`` and ``config``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, cast

import typer
from rich.table import Table

from polymem.cli.call import Call
from polymem.cli.options import Who
from polymem.cli.screen import cells, table
from polymem.client.config import config_file
from polymem.domain.event import ChainHead
from polymem.errors import InputError
from polymem.ports.ledger import Finding


def stats(call: Call, who: Who) -> None:
    """Show figures about a scope, or about the whole store."""
    with call.memory() as memory:
        figures = memory.stats(**who.ids)
    if call.answer(figures):
        return
    shown = table("figure", "value")
    for name, value in figures.items():
        shown.add_row(*cells(name, _figure(value)))
    call.screen.show(shown)


def _figure(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {n:,}" for name, n in cast("dict[str, int]", value).items())
    return f"{value:,}" if isinstance(value, int) else str(value)


def verify(
    call: Call,
    *,
    who: Who,
    erasure: Annotated[
        str | None,
        typer.Option(
            "--erasure",
            metavar="FILE|ID",
            help="Check this receipt (JSON) or tombstone instead of the faces.",
        ),
    ] = None,
    head: Annotated[
        str | None,
        typer.Option("--head", metavar="N:LINK", help="The chain must go through this; `stats` shows it."),
    ] = None,
) -> None:
    """Check the faces, the caches and the hash chain, or an erasure; exit code 1 if anything disagrees."""
    with call.memory() as memory, call.screen.progress("verifying"):
        if erasure is None:
            findings = memory.verify(**who.ids, expected_head=None if head is None else _head(head))
        else:
            findings = who.bound(memory).verify_erasure(_receipt(erasure))
    if not call.answer(findings):
        if findings:
            call.screen.show(_finding_table(findings))
        if erasure is not None:
            call.screen.note("Something of it is left." if findings else "Nothing of it is left.")
        elif not findings:
            call.screen.note("All faces agree.")
        elif all(finding.face == "event" for finding in findings):
            call.screen.note("The history was changed from outside; compare with a backup.")
        else:
            call.screen.note("`polymem rebuild` makes the faces anew from the ledger.")
    if findings:
        raise typer.Exit(1)


def _head(text: str) -> ChainHead:
    n, _, link = text.partition(":")
    if not n.isdecimal():
        raise InputError("--head must be N:LINK", argument="--head")
    return ChainHead(int(n), link)


def _receipt(named: str) -> dict[str, Any] | str:
    """Return the receipt in the file *named*, or the id of a tombstone as it is."""
    path = Path(named)
    if not path.is_file():
        return named
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise InputError(f"{named!r} holds no receipt", argument="--erasure")
    return cast("dict[str, Any]", value)


def rebuild(call: Call) -> None:
    """Make every face anew from the ledger, with new vectors if the encoder changed."""
    with call.memory() as memory, call.screen.progress("rebuilding"):
        findings = memory.rebuild()
    if call.answer(findings):
        return
    if findings:
        call.screen.show(_finding_table(findings))
        call.screen.note("This was wrong, and is repaired as far as the ledger tells.")
    else:
        call.screen.note("Nothing was wrong.")


def config(call: Call) -> None:
    """Show every setting with its value and where that comes from; secrets are masked."""
    settings = call.settings
    rows = [{"setting": name, "value": value, "origin": origin} for name, value, origin in settings.shown()]
    file = call.common.config or config_file()
    if call.answer({"file": file, "store": settings.path, "settings": rows}):
        return
    shown = table("setting", "value", "from")
    for row in rows:
        shown.add_row(*cells(row["setting"], _value(row["value"]), row["origin"]))
    call.screen.show(shown, "", f"store  {settings.path}", f"file   {file or 'none'}")


def _value(value: object) -> object:
    """Return the value of a setting for a person: lists in one line, nothing as a dash."""
    if not isinstance(value, tuple):
        return "–" if value is None or value == "" else value
    parts = cast("tuple[str | tuple[str, str], ...]", value)
    named = (one if isinstance(one, str) else ": ".join(filter(None, one)) for one in parts)
    return ", ".join(named) or "–"


def _finding_table(findings: Sequence[Finding]) -> Table:
    shown = table("face", "problem", "rows", "scope", right=("rows",))
    for found in findings:
        scope = "" if found.scope is None else f"{found.scope.tenant}/{found.scope.kind}/{found.scope.owner}"
        shown.add_row(*cells(found.face, found.problem, f"{found.count:,}", scope))
    return shown
