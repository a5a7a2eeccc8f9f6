"""Where sentences begin and end, in English and Chinese."""

from __future__ import annotations

import re
from typing import Final

from polymem.text.lazy import lazy

__all__ = ["sentence_spans"]

_CLOSERS: Final = "\"'”’»)\\]」』）》】〉〕"
_STOP: Final = lazy(
    # The end of a sentence with what closes after it; an empty line; a line break.
    rf"(?P<stop>[.!?。！？；…．｡]+)(?P<close>[{_CLOSERS}]*)(?P<gap>\s*)|\n[^\S\n]*\n\s*|\n"
)
_EAST_ASIAN: Final = frozenset("。！？；…｡")
_WIDE: Final = lazy(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef“‘「『《【（]")
_GOES_ON: Final = frozenset("，、,；;：:）)」』”’》】")
_ITEM: Final = lazy(
    r"\s*(?:[-*•·‣◦▪●○■□◆]\s|\(?\d{1,3}[.)、）]\s*\D|[(（][\d一二三四五六七八九十]{1,3}[)）])"
)
_LAST_WORD: Final = lazy(r"[^\s(\[\"'“‘（《]*$")
_LOOK_BACK: Final = 24
_ALWAYS: Final = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "dr",
        "prof",
        "rev",
        "hon",
        "st",
        "sr",
        "jr",
        "gen",
        "col",
        "capt",
        "lt",
        "sgt",
        "gov",
        "sen",
        "rep",
        "pres",
        "fig",
        "figs",
        "eq",
        "eqs",
        "no",
        "nos",
        "vol",
        "vols",
        "pp",
        "p",
        "ch",
        "chap",
        "sec",
        "art",
        "ed",
        "eds",
        "cf",
        "vs",
        "v",
        "e.g",
        "i.e",
        "eg",
        "ie",
        "ca",
        "approx",
        "al",
        "tel",
        "ext",
        "mt",
        "ft",
        "messrs",
        "mme",
        "mlle",
        "dept",
        "est",
        "min",
        "max",
    ]
)
"""After these a sentence goes on."""
_SOMETIMES: Final = frozenset(
    [
        "inc",
        "ltd",
        "co",
        "corp",
        "llc",
        "plc",
        "bros",
        "etc",
        "u.s",
        "u.k",
        "u.n",
        "e.u",
        "u.s.a",
        "d.c",
        "a.m",
        "p.m",
        "ph.d",
        "m.d",
        "b.a",
        "m.a",
        "b.c",
        "a.d",
        "jan",
        "feb",
        "mar",
        "apr",
        "jun",
        "jul",
        "aug",
        "sep",
        "sept",
        "oct",
        "nov",
        "dec",
        "mon",
        "tue",
        "wed",
        "thu",
        "fri",
        "sat",
        "sun",
        "ave",
        "blvd",
        "rd",
        "bldg",
    ]
)
"""After these a sentence may end; it does if a word follows with which sentences begin."""
_STARTERS: Final = frozenset(
    [
        "the",
        "a",
        "an",
        "it",
        "its",
        "he",
        "she",
        "they",
        "we",
        "you",
        "i",
        "his",
        "her",
        "their",
        "our",
        "this",
        "that",
        "these",
        "those",
        "there",
        "in",
        "on",
        "at",
        "for",
        "from",
        "to",
        "with",
        "by",
        "as",
        "if",
        "when",
        "while",
        "after",
        "before",
        "since",
        "during",
        "but",
        "and",
        "or",
        "so",
        "yet",
        "however",
        "although",
        "though",
        "because",
        "what",
        "who",
        "where",
        "why",
        "how",
        "no",
        "not",
        "all",
        "some",
        "many",
        "most",
        "each",
        "both",
        "such",
        "under",
        "over",
        "our",
        "your",
        "my",
        "one",
        "two",
    ]
)
_WORD: Final = lazy(r"[\"'“‘(\[]*([A-Za-z]+)")
_INITIAL: Final = lazy(r"(?:[A-Z]\.?-?)*[A-Z]")
_NUMBER: Final = lazy(r"\(?\d{1,3}")


def sentence_spans(text: str, *, least: int = 0) -> list[tuple[int, int]]:
    r"""Return the sentences of a text as (start, stop), white space around them left out.

    A sentence ends at ``. ! ?`` before white space, at ``。！？；…``, each with the quotes and brackets that close after it, at an
    empty line, and at a line break before an item of a list or after a row of a table. It does not end after an abbreviation, an
    initial, a number that counts items, or where a small letter follows.

    Args:
        text: The text.
        least: No sentence but the last ends before so many characters; shorter ones go with what comes next.

    Example:
        >>> text = 'Dr. Li paid $3.50. "Why?" he asked. 他说：“走吧。”然后就走了。'
        >>> [text[start:stop] for start, stop in sentence_spans(text)]
        ['Dr. Li paid $3.50.', '"Why?" he asked.', '他说：“走吧。”', '然后就走了。']
    """
    spans: list[tuple[int, int]] = []
    start = 0
    found = _STOP.search(text, least)
    while found is not None:
        stop, after = _end(text, start, found), found.end() + least // 4
        if stop is not None:
            _append(spans, text, start, stop)
            start, after = found.end(), found.end() + least
        found = _STOP.search(text, after)
    _append(spans, text, start, len(text))
    return spans


def _append(spans: list[tuple[int, int]], text: str, start: int, stop: int) -> None:
    words = text[start:stop]
    kept = words.lstrip()
    if kept:
        start += len(words) - len(kept)
        spans.append((start, start + len(kept.rstrip())))


def _end(text: str, start: int, found: re.Match[str]) -> int | None:
    """Return where the sentence ends if it ends at *found*; else None."""
    sign = found["stop"]
    if sign is None:
        blank = found[0].count("\n") > 1
        return found.start() if blank or _is_line(text, start, found) else None
    stop, gap, after = found.end("close"), found["gap"], text[found.end() : found.end() + 16]
    if not after:
        return stop
    if "\n" in gap and (gap.count("\n") > 1 or _ITEM.match(after)):
        return stop
    if after[0] in _GOES_ON:
        return None
    if sign[-1] in _EAST_ASIAN:
        # Dots that trail off end nothing before a small letter.
        return (
            None
            if sign[-1] == "…" and (after[0].islower() or (gap == "" and not _WIDE.match(after)))
            else stop
        )
    if not gap:
        return stop if sign[-1] in "!?" and _WIDE.match(after) else None
    return stop if _ends(text, start, found, after) else None


def _ends(text: str, start: int, found: re.Match[str], after: str) -> bool:
    """Tell whether ``. ! ?`` before white space ends the sentence."""
    first = after.lstrip("\"'“‘([")[:1]
    if first.islower():
        return False
    if found["stop"] != "." or found["close"]:
        return True
    last = _LAST_WORD.search(text, max(start, found.start() - _LOOK_BACK), found.start())
    word = last[0] if last else ""
    folded = word.lower()
    if folded in _ALWAYS:
        # "No." before a name or a number counts; "No." by itself is an answer.
        return folded in {"no", "p", "v", "min", "max"} and not (first.isdigit() or folded in {"p", "v"})
    if folded in _SOMETIMES or _INITIAL.fullmatch(word):
        next_word = _WORD.match(after)
        return (
            bool(next_word) and next_word[1].lower() in _STARTERS and next_word[1] != "I"
            if next_word
            else False
        )
    return not (_NUMBER.fullmatch(word) and not text[start : found.start() - len(word)].strip())


def _is_line(text: str, start: int, found: re.Match[str]) -> bool:
    """Tell whether a line break ends something: a row of a table, or the lead-in of an item."""
    if _ITEM.match(text, found.end()):
        return True
    line = text.rfind("\n", start, found.start()) + 1
    return " | " in text[max(line, start) : found.start()]
