"""Text to piece ids: normalise, split into runs of one script, find the likeliest pieces.

The ids are those of the ``tokenizers`` library with the tokenizer that the weights were trained on:
NFKC, lower case, runs of Han, of digits, of other letters (with marks and an ``'s``), everything else
dropped; then a Unigram model with byte fallback. They differ in one corner only: Python's Unicode tables
are not of the same year as that library's, so some 130 characters that Unicode added or gave a
decomposition after version 11 (``㋿``, segmented digits, the modifier letters of U+10780) are normalised
by the newer rule here.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import count
from operator import itemgetter

__all__ = ["FIRST_PIECE", "Runs", "Tokeniser", "normalise"]

FIRST_PIECE = 257
"""Id of the first piece; 0 is the unknown token (never produced) and ``1 + b`` stands for the byte ``b``."""

_FIRST_BYTE = 1
# The lowest score of the vocabulary (-30) less the library's penalty for an unknown character (10).
_UNKNOWN_SCORE = -40.0
_UNREACHED = float("-inf")

# Characters past U+FFFF that may belong to a run. The emoji blocks in between hold none but U+1F100..1F10C,
# and leaving them out lets text with emoji use the pattern that is six times faster.
_WIDE = re.compile("[\U00010000-\U0001efff\U0001f100-\U0001f10c\U0001fb00-\U0010ffff]")


def normalise(text: str) -> str:
    """Bring a text into the one spelling that the vocabulary is written in.

    Args:
        text: Any text; lone surrogates are kept (no run holds one, so they are dropped later).

    Returns:
        The text in NFKC and lower case, with ``'`` for ``’``.

    Example:
        >>> normalise("Ｐython’s ΟΔΟΣ")
        "python's οδοσ"
    """
    if text.isascii():
        return text.lower()
    # str.lower writes a sigma at the end of a word as ς; the vocabulary was counted without that rule.
    return unicodedata.normalize("NFKC", text).replace("Σ", "σ").lower().replace("’", "'")


class Runs:
    """Split normalised text into runs of one kind of character.

    The classes come with the weights instead of from :mod:`unicodedata`, so that the same text has the
    same runs under every Python.

    Args:
        han: Ranges of the script Han, as ``"3400-4DBF 4E00-9FFF"``.
        number: Ranges of the category N.
        letter: Ranges of the categories L and M outside Han.

    Example:
        >>> runs = Runs(han="4E00-9FFF", number="30-39", letter="61-7A")
        >>> runs.split("john's 2只狗 :)")
        ["john's", '2', '只狗']
    """

    def __init__(self, *, han: str, number: str, letter: str) -> None:
        self._han, self._number, self._letter = han, number, letter

    def split(self, text: str) -> list[str]:
        """List the runs of a normalised text in order."""
        pattern = self._full if _WIDE.search(text) else self._basic
        found: list[str] = pattern.findall(text)
        return found

    @cached_property
    def _basic(self) -> re.Pattern[str]:
        return self._compile(highest=0xFFFF)

    @cached_property
    def _full(self) -> re.Pattern[str]:
        return self._compile(highest=0x10FFFF)

    def _compile(self, *, highest: int) -> re.Pattern[str]:
        han, number, letter = (
            _class(ranges, highest=highest) for ranges in (self._han, self._number, self._letter)
        )
        return re.compile(f"{han}+|{number}+|{letter}+(?:'[a-z]+)?")


def _class(ranges: str, *, highest: int) -> str:
    bounds = [[int(bound, 16) for bound in part.split("-")] for part in ranges.split()]
    return "[" + "".join(f"\\U{low:08x}-\\U{high:08x}" for low, high in bounds if high <= highest) + "]"


class Tokeniser:
    """Turn texts into ids of pieces with a Unigram model and byte fallback.

    There is no cache of seen words on purpose: the vocabulary itself answers most words with one look-up,
    and a cache would keep words of erased texts in memory. Instances are immutable and safe to share
    between threads.

    Args:
        pieces: The piece of id ``FIRST_PIECE + n`` at position ``n``; with a tab in it, or empty, where the id is
            never produced, for no run holds such. A whole run that is a piece must be its own best segmentation.
        scores: Log probability of each piece, aligned with `pieces`.
        runs: The splitter.

    Example:
        >>> runs = Runs(han="4E00-9FFF", number="30-39", letter="61-7A")
        >>> tokeniser = Tokeniser(["dog", "s", "狗"], scores=[-5.0, -9.0, -6.0], runs=runs)
        >>> tokeniser.ids("Dogs, dog 狗!", limit=512)
        [257, 258, 257, 259]
    """

    def __init__(self, pieces: Sequence[str], *, scores: Sequence[float], runs: Runs) -> None:
        # Without a loop over the pieces: there are 65,000, and a process waits for them before its first text.
        self._ids = dict(zip(pieces, count(FIRST_PIECE)))
        self._scores = [0.0] * FIRST_PIECE + list(scores)
        self._runs = runs
        by_length = sorted(pieces, key=len)
        # By the first two characters of a piece, of which the longest is written last.
        self._longest = dict(zip(map(itemgetter(slice(2)), by_length), map(len, by_length), strict=True))
        single = by_length[bisect_left(by_length, 1, key=len) : bisect_right(by_length, 1, key=len)]
        self._single = {piece: self._scores[self._ids[piece]] for piece in single}

    @cached_property
    def pieces(self) -> tuple[str, ...]:
        """The piece of id ``FIRST_PIECE + n`` at place ``n``, "" where the id is never produced."""
        found = [""] * (len(self._scores) - FIRST_PIECE)
        for piece, number in self._ids.items():
            found[number - FIRST_PIECE] = "" if "\t" in piece else piece
        return tuple(found)

    def runs(self, text: str) -> Iterator[tuple[str, list[int]]]:
        """Yield the runs of a text in order, each with the ids of its pieces.

        Args:
            text: Any text.
        """
        for run in self._runs.split(normalise(text)):
            whole = self._ids.get(run)
            yield run, self._segment(run) if whole is None else [whole]

    def ids(self, text: str, *, limit: int) -> list[int]:
        """List the ids of a text's pieces.

        Args:
            text: Any text.
            limit: Most ids returned; what follows in the text is left out.

        Returns:
            Ids in the order of the text; empty where the text has no letter, digit or Han character.
        """
        found: list[int] = []
        known = self._ids.get
        for run in self._runs.split(normalise(text)):
            whole = known(run)
            if whole is None:
                found += self._segment(run)
            else:
                found.append(whole)
            if len(found) >= limit:
                break
        return found[:limit]

    def _segment(self, run: str) -> list[int]:
        """Find the likeliest pieces of a run (Viterbi, the first of equals wins)."""
        known, scores, longest, single = self._ids.get, self._scores, self._longest.get, self._single.get
        n = len(run)
        best = [0.0] + [_UNREACHED] * n
        begins = [0] * (n + 1)
        for start, character in enumerate(run):
            so_far, end = best[start], start + 1
            score = so_far + single(character, _UNKNOWN_SCORE)
            if score > best[end]:
                best[end], begins[end] = score, start
            part = run[start : start + 2]
            reach = longest(part)
            if reach is None:
                continue
            # Counted by hand, and no part is cut out twice: this is a tenth of what a message costs.
            end, stop = start + 2, min(start + reach, n)
            while end <= stop:
                piece = known(part)
                if piece is not None:
                    score = so_far + scores[piece]
                    if score > best[end]:
                        best[end], begins[end] = score, start
                end += 1
                part = run[start:end]
        return self._walk_back(run, begins=begins)

    def _walk_back(self, run: str, *, begins: Sequence[int]) -> list[int]:
        """Collect the ids of the best path; a character that is no piece becomes its bytes."""
        found: list[int] = []
        end = len(run)
        while end:
            part = run[begins[end] : end]
            piece = self._ids.get(part)
            if piece is None:
                found += [_FIRST_BYTE + byte for byte in reversed(part.encode())]
            else:
                found.append(piece)
            end = begins[end]
        found.reverse()
        return found
