"""Hits with their score and signals; relations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from polymem import Hit, Hits, Relation
from polymem.cli.labels import sentence
from polymem.cli.screen import Screen, cells, day, one_line, table
from polymem.ranking.confidence import UNSURE

SCALE: Final = 2.5
"""A signal's contribution to the log odds that fills its bar."""

NARROW: Final = 40
"""Cells below which the words need the room of the bars."""

_NEGLIGIBLE: Final = 0.005


def hit_table(hits: Hits | Sequence[Hit], screen: Screen, *, ids: bool = True) -> Table:
    """Return hits, best first: score, words, origin, and the signals where they were asked for.

    Args:
        hits: Best first.
        screen: Where it will be shown.
        ids: Whether to show the items' ids.
    """
    narrow = screen.out.width < NARROW
    shown = table("score", "memory") if narrow else table("#", "score", "", "memory", right=("#",))
    for column in shown.columns[:-1]:
        column.no_wrap = True
    for n, hit in enumerate(hits, start=1):
        parts: list[RenderableType] = [_words(hit), _origin(hit, ids=ids)]
        if hit.signals:
            parts.append(signal_grid(hit.signals, screen))
        bar = Text(screen.bar(hit.score), style="cyan")
        before = (f"{hit.score:.2f}",) if narrow else (str(n), f"{hit.score:.2f}", bar)
        shown.add_row(*before, Group(*parts))
    return shown


def certainty(confidence: float) -> str:
    """Return how likely it is that the answer is among the hits, in words.

    Example:
        >>> certainty(0.214)
        'confidence 0.21: the answer may well not be among these'
    """
    doubt = ": the answer may well not be among these" if confidence < UNSURE else ""
    return f"confidence {confidence:.2f}{doubt}"


def _words(hit: Hit) -> Text:
    item = hit.item
    words = (
        Text(f"{one_line(item.speaker)}: ", style="bold")
        if item.kind == "episode" and item.speaker
        else Text()
    )
    return words.append(one_line(item.text), style="strike" if hit.superseded else "not bold")


def _origin(hit: Hit, *, ids: bool) -> Text:
    item = hit.item
    words = [item.kind, day(item.valid_at)]
    if item.invalid_at is not None:
        words[-1] += f" to {day(item.invalid_at)}"
    if hit.superseded or item.superseded_by is not None:
        words.append("out of date")
    if ids:
        words.append(item.id)
    return Text(" ".join(words), style="dim")


def signal_grid(signals: Mapping[str, float], screen: Screen) -> Table:
    """Return the signals that say anything, two in a row, each with a bar; ``base`` is the same for all and last."""
    grid = Table.grid(padding=(0, 2))
    told = [(name, value) for name, value in signals.items() if abs(value) >= _NEGLIGIBLE and name != "base"]
    told.sort(key=lambda signal: -abs(signal[1]))
    shown = [_signal(name, value, screen) for name, value in told]
    shown.append(Text(f"{'base':<10} {signals.get('base', 0.0):+.2f}", style="dim"))
    for n in range(0, len(shown), 2):
        grid.add_row(*shown[n : n + 2])
    return grid


def _signal(name: str, value: float, screen: Screen) -> Text:
    text = Text(f"{name:<10} {value:+.2f} ", style="dim")
    return text.append(screen.bar(abs(value) / SCALE, width=6), style="green" if value > 0 else "red")


def left_out(explanation: Mapping[str, object]) -> Text:
    """Return what each arm brought and what was left out, in two lines."""
    return Text(
        f"candidates: {_counts(explanation.get('n_candidates'))}\nleft out: {_counts(explanation.get('left_out'))}",
        style="dim",
    )


def _counts(value: object) -> str:
    counts: Mapping[str, Any] = (
        cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else dict[str, Any]()
    )
    return ", ".join(f"{name.replace('_', ' ')} {n}" for name, n in counts.items() if n) or "nothing"


def relation_table(relations: Sequence[Relation]) -> Table:
    """Return relations with the time for which they hold."""
    shown = table("relation", "since", "until", right=("since", "until"))
    for relation in relations:
        shown.add_row(*cells(sentence(relation), day(relation.valid_at), day(relation.invalid_at)))
    return shown
