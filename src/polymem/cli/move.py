"""``export``, ``import`` and ``backup``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from polymem.cli.call import Call
from polymem.cli.options import Who


def export(
    call: Call,
    *,
    who: Who,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", dir_okay=False, help="An existing one is replaced.")
    ],
) -> None:
    """Write everything of a scope, or of the whole store, as JSON Lines."""
    with call.memory() as memory, call.screen.progress("exporting") as step:
        n = memory.export(file, **who.ids, progress=step)
    if not call.answer({"n_records": n, "file": file}):
        call.screen.note(f"Wrote {n:,} records to {file}.")


def import_(
    call: Call,
    *,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="What `export` wrote.")
    ],
) -> None:
    """Read what `export` wrote; what is already there is skipped."""
    with file.open("rb") as lines:
        total = sum(1 for _ in lines)
    with call.memory(create=True) as memory, call.screen.progress("importing", total=total) as step:
        n = memory.import_(file, progress=step)
    if not call.answer({"n_new": n, "n_records": total}):
        call.screen.note(f"Read {total:,} records; items that are new: {n:,}.")


def backup(
    call: Call,
    *,
    file: Annotated[Path, typer.Argument(metavar="FILE", dir_okay=False, help="Must not exist yet.")],
) -> None:
    """Write a consistent copy of the store while it is in use."""
    with call.memory() as memory, call.screen.progress("copying"):
        memory.backup(file)
    if not call.answer({"file": file, "bytes": file.stat().st_size}):
        call.screen.note(f"Copied to {file}.")
