"""The history of an item, with the differences between its versions, word by word and 逐字."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Final

from rich.text import Text

from polymem import Event, Item
from polymem.cli.screen import minute, safe

_CJK: Final = "\u2e80-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
_PIECE: Final = re.compile(rf"[{_CJK}]|(?:(?![{_CJK}])\w)+|\s+|.", re.DOTALL)
_NAMES: Final = {
    "ADD": "added",
    "UPDATE": "updated",
    "SUPERSEDE": "superseded",
    "EXPIRE": "expired",
    "DELETE": "deleted",
    "ERASE": "erased",
    "REPEAT": "said again",
    "RESTORE": "restored",
}


def difference(old: str, new: str, *, colours: bool) -> Text:
    """Return *new* with what was taken away and added: ``[-…-]`` and ``{+…+}``, and colours where there are any.

    Latin words are compared as words, Chinese as characters.

    Example:
        >>> difference("I live in Lisbon", "I live in Porto", colours=False).plain
        'I live in [-Lisbon-]{+Porto+}'
        >>> difference("我住在上海", "我住在杭州", colours=False).plain
        '我住在[-上海-]{+杭州+}'
    """
    before, after = _PIECE.findall(safe(old)), _PIECE.findall(safe(new))
    text = Text()
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            text.append("".join(before[a:b]))
            continue
        for pieces, marks, style in ((before[a:b], "[--]", "red strike"), (after[c:d], "{++}", "green")):
            if pieces:
                words = "".join(pieces)
                text.append(words if colours else f"{marks[:2]}{words}{marks[2:]}", style=style)
    return text


def history_text(
    events: Sequence[Event], *, item: Item | None = None, successor: Item | None = None, colours: bool = False
) -> list[Text]:
    """Return the events, oldest first, each with what it changed.

    Args:
        events: Of one item.
        item: The item as it is now, if it is still to be seen.
        successor: What replaced it in the world.
        colours: Whether colours can be shown.
    """
    lines: list[Text] = []
    for event in events:
        line = Text(minute(event.at), style="dim").append(f"  {_NAMES[event.name]}", style="bold not dim")
        reason = ", ".join(word for word in (event.actor, event.reason) if word)
        lines.append(line.append(f"  ({safe(reason)})" if reason else ""))
        lines.append(Text("    ").append_text(_change(event, colours=colours)))
    if item is not None and item.invalid_at is not None:
        lines.append(Text(f"It held from {minute(item.valid_at)} until {minute(item.invalid_at)}."))
    if successor is not None:
        lines.append(
            Text("Replaced by: ").append(safe(successor.text)).append(f"  {successor.id}", style="dim")
        )
    return lines


def _change(event: Event, *, colours: bool) -> Text:
    old, new = event.old_text, event.new_text
    if new is None:
        return Text("(the words are gone)", style="dim") if old is None else Text(safe(old), style="strike")
    if old is None or old == new:
        return Text(safe(new))
    return difference(old, new, colours=colours)
