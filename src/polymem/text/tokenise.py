"""Split a text into the terms that keyword search counts.

English words are stemmed and rid of stop words; Chinese gives single characters and pairs of neighbours, which
measured better than a dictionary of words; scripts without spaces give pairs; every other script gives whole words.
"""

from __future__ import annotations

import operator
import re
from typing import Final

from polymem.text.lazy import lazy
from polymem.text.normalise import fold, forget_names
from polymem.text.recalled import without_recalled
from polymem.text.stem import stem

__all__ = ["KEY_MARK", "TOKENISER_VERSION", "forget_words", "terms"]

TOKENISER_VERSION: Final = 4
"""Recorded in a store: postings of another version cannot be searched with these terms."""

KEY_MARK: Final = "="
"""No term of a text begins with it; what does is a key, see :mod:`.keys`."""

MAX_TERM_CHARS: Final = 64
_MAX_CACHED_WORDS: Final = 32_768

_STOP_WORDS = """
    a an the and or but if then so of to in on at by for with about from into as is are was were be been
    being am do does did doing done have has had having i me my mine you your yours he him his she her hers
    it its we us our ours they them their theirs this that these those there here what which who whom whose
    when where why how not no nor can could will would shall should may might must just also very too up out
    off over such than some any all each cannot dont im ive s t d m o re ve ll
"""
STOP_WORDS: Final = frozenset(_STOP_WORDS.split())
STOP_CHARACTERS: Final = frozenset("的了是在我你他她它们吗呢吧啊嗯哦这那和与就也都很有不什么哪谁怎")

_HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af"
_KANA = "\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"
_SPACELESS = "\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ece\u1000-\u1049\u1780-\u17d3\uac00-\ud7a3"
# Vowel signs and accents, which Python's \w leaves out: without them Hindi and pointed Arabic words fall to pieces.
_MARKS = "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0963\u0981-\u0dff"
_EMOJI = "\u2600-\u27bf\u2b50\u2b55\U0001f300-\U0001f3fa\U0001f400-\U0001faff"
_RUNS = _HAN + _KANA + _SPACELESS

_ENGLISH = "[a-z]++(?:'[a-z]++){0,3}+"
_NUMBER = "[0-9]++(?:[.,:][0-9]++)*+(?:(?:st|nd|rd|th)(?![a-z]))?"
_ASCII_TOKEN = lazy(f"{_ENGLISH}|{_NUMBER}")
_TOKEN = lazy(
    rf"""
    {_ENGLISH}(?![^\W\d_{_RUNS}]|[{_MARKS}])         # "café" is left to the last line
    | [{_HAN}{_KANA}]++
    | {_NUMBER}
    | [{_SPACELESS}]++
    | [\U0001f1e6-\U0001f1ff]{{2}}                    # a flag
    | [{_EMOJI}]
    | (?:[^\W_0-9{_RUNS}]|[{_MARKS}])++
    """,
    re.VERBOSE,
)
_IN_RUN = lazy(f"[{_RUNS}]")
_HAN_CHARACTER = lazy(f"[{_HAN}]")
_NOT_HAN = lazy(f"[^{_HAN}]")
_ENDING = lazy(r"'(?:s|re|ve|ll|d|m|t)$")

_known: dict[str, tuple[str, ...]] = {}


def terms(text: str) -> list[str]:
    """Return the terms of *text*, with repetition, in order.

    A text of nothing but stop words keeps them, so that every text with a letter, digit or emoji can be found. What is
    marked as recalled (:mod:`.recalled`) is no text of its own and gives none.

    Example:
        >>> terms("Ann's dogs were barking at 10:30 on the 7th 🎉")
        ['ann', 'dog', 'bark', '10:30', '7', '🎉']
        >>> terms("我喜歡北京")
        ['喜', '欢', '北', '京', '我喜', '喜欢', '欢北', '北京']
        >>> terms("who is it"), terms("谁")
        (['who', 'is', 'it'], ['谁'])
    """
    folded = fold(without_recalled(text))
    pieces = (_ASCII_TOKEN if folded.isascii() else _TOKEN).findall(folded)
    found: list[str] = []
    for piece in pieces:
        known = _known.get(piece)
        found += _terms_of(piece) if known is None else known
    return found or [term for piece in pieces for term in _split(piece, filtered=False)]


def forget_words() -> None:
    """Keep no word that was met in a text or in a name: it may be of what was erased."""
    _known.clear()
    forget_names()


def _terms_of(piece: str) -> tuple[str, ...]:
    """Return the terms of one piece and remember them; runs without spaces seldom come back and are not kept."""
    result = _split(piece, filtered=True)
    if len(piece) <= MAX_TERM_CHARS and piece < "\u0e00":
        if len(_known) >= _MAX_CACHED_WORDS:
            _known.clear()
        _known[piece] = result
    return result


def _split(piece: str, *, filtered: bool) -> tuple[str, ...]:
    """Return the terms of one piece, without the stop words if *filtered*."""
    first = piece[0]
    if "0" <= first <= "9":
        return (piece.rstrip("stndrh")[:MAX_TERM_CHARS],)
    if first > "z" and _IN_RUN.match(first):
        return _run(piece, filtered=filtered)
    return _word(piece, filtered=filtered)


def _word(piece: str, *, filtered: bool) -> tuple[str, ...]:
    """Return the stem of a word written with letters."""
    word = _ENDING.sub("", piece) if "'" in piece else piece
    if filtered and (word in STOP_WORDS or piece.endswith("n't")):
        return ()
    word = word.replace("'", "")[:MAX_TERM_CHARS]
    return (stem(word) if word.isascii() else word,)


def _run(piece: str, *, filtered: bool) -> tuple[str, ...]:
    """Return the terms of a run of characters without spaces: Han characters, and every pair of neighbours."""
    pairs = tuple(map(operator.add, piece, piece[1:]))
    singles = _HAN_CHARACTER.findall(piece) if _NOT_HAN.search(piece) else list(piece)
    if filtered:
        singles = [character for character in singles if character not in STOP_CHARACTERS]
    if not pairs and not _HAN_CHARACTER.match(piece):  # a single kana, Thai letter or Korean syllable
        return (piece,)
    return (*singles, *pairs)
