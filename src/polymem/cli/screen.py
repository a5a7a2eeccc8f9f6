"""What is written where: results to standard output, progress and errors to standard error; plain in a pipe."""

from __future__ import annotations

import json
import sys
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime
from io import TextIOWrapper
from typing import Any, Final, NoReturn, TextIO

from rich.box import SIMPLE_HEAD
from rich.console import Console, RenderableType
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from polymem.cli.plain import plain
from polymem.text.display import day, one_line, safe, safe_json

__all__ = ["Screen", "Step", "cells", "day", "minute", "one_line", "safe", "safe_json", "table"]

_EIGHTHS: Final = "▏▎▍▌▋▊▉█"


def minute(moment: datetime | None) -> str:
    """Return *moment* to the minute (UTC), "" for None."""
    return "" if moment is None else moment.strftime("%Y-%m-%d %H:%M")


class _Console(Console):
    def on_broken_pipe(self) -> NoReturn:
        """Let the caller end quietly; rich would end the process with a code of its own."""
        raise BrokenPipeError


class Screen:
    """The two streams of one command.

    Args:
        json: Whether results are for machines; then nothing but JSON goes to standard output.
    """

    def __init__(self, *, json: bool) -> None:
        self.json = json
        _tolerate(sys.stdout)
        _tolerate(sys.stderr)
        self.out = _Console(file=sys.stdout, highlight=False, markup=False, emoji=False)
        self.err = _Console(file=sys.stderr, highlight=False, markup=False, emoji=False)

    @property
    def colours(self) -> bool:
        """Whether standard output shows colours."""
        return self.out.color_system is not None and self.out.is_terminal and not self.out.no_color

    def show(self, *parts: RenderableType) -> None:
        """Write *parts* below one another; a str as it is, not wrapped, with control characters made visible."""
        for part in parts:
            self.out.print(
                Text(safe(part)) if isinstance(part, str) else part, soft_wrap=isinstance(part, str)
            )

    def piece(self, text: str) -> None:
        """Write a piece of a text that is still being written."""
        self.out.print(Text(safe(text)), end="", soft_wrap=True)

    def note(self, text: str) -> None:
        """Write a remark to standard error, unless the output is for machines."""
        if not self.json:
            self.err.print(Text(safe(text)))

    def document(self, value: object, *, indent: int | None = 2) -> None:
        """Write *value* as one JSON document; without *indent* as one line of JSON Lines."""
        sys.stdout.write(safe_json(json.dumps(plain(value), ensure_ascii=False, indent=indent)) + "\n")

    def bar(self, fraction: float, *, width: int = 8) -> str:
        """Return a bar of *width* cells, *fraction* (0..1) of it filled."""
        eighths = round(max(0.0, min(1.0, fraction)) * width * 8)
        if not self.out.encoding.startswith("utf"):
            return ("#" * round(eighths / 8)).ljust(width, ".")
        full, rest = divmod(eighths, 8)
        return ("█" * full + (_EIGHTHS[rest - 1] if rest else "")).ljust(width)

    @contextmanager
    def progress(self, label: str, *, total: int | None = None) -> Generator[Step]:
        """Show progress on standard error while the block runs, if somebody is looking."""
        if self.json or not self.err.is_terminal:
            yield Step()
            return
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=None))
        count = TextColumn("{task.completed:,.0f}")
        with Progress(*columns, count, TimeElapsedColumn(), console=self.err, transient=True) as progress:
            yield Step(progress, label, total)


class Step:
    """Takes the count of what is done; does nothing where nobody is looking.

    Args:
        shown: Where it is shown.
        label: What is being done.
        total: How much there is to do; None where that is not known.
    """

    def __init__(self, shown: Progress | None = None, label: str = "", total: int | None = None) -> None:
        self._shown = shown
        self._task = None if shown is None else shown.add_task(label, total=total)

    def __call__(self, n: int, *, total: int | None = None) -> None:
        """Say that *n* are done, of *total* if that is known now."""
        if self._shown is not None and self._task is not None:
            self._shown.update(self._task, completed=n, total=total)


def table(*columns: str, title: str | None = None, right: tuple[str, ...] = ()) -> Table:
    """Return an empty table that folds long cells and never cuts them; *right* names columns of numbers."""
    made = Table(box=SIMPLE_HEAD, title=title, title_justify="left", pad_edge=False, show_edge=False)
    for name in columns:
        made.add_column(
            name, overflow="fold", justify="right" if name in right else "left", no_wrap=name in right
        )
    return made


def cells(*values: Any) -> list[Text]:
    """Return *values* as cells: safe, on one line, and never read as markup."""
    return [value if isinstance(value, Text) else Text(one_line(str(value))) for value in values]


def _tolerate(stream: TextIO) -> None:
    """Let a stream of another encoding write what it can and escape the rest, rather than fail."""
    if isinstance(stream, TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
