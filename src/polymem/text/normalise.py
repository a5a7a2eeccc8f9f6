"""Three normal forms of a text: what is stored, what is compared, what names an entity.

``clean`` is for storing and loses nothing readable; ``fold`` is for comparing and indexing; ``fold_aligned`` is a
fold that keeps every character's place, for rules that report offsets; ``name_key`` identifies an entity by name.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

from polymem.text.lazy import lazy
from polymem.text.traditional import SIMPLIFIED, TRADITIONAL

__all__ = ["clean", "fold", "fold_aligned", "forget_names", "lower_aligned", "name_key"]

REPLACEMENT: Final = "\ufffd"
_UNSTORABLE = lazy("[\x00\ud800-\udfff]")

# Invisible, and in the way of comparing: soft hyphen, zero-width space, word joiner, byte order mark, directional
# marks, variation selectors. The zero-width joiners stay: Persian and emoji sequences mean something by them.
_INVISIBLE = lazy("[\xad\u200b\u2060\ufeff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufe00-\ufe0f]")
# NFKC does the same to these, fifteen times slower, and almost every Chinese sentence has one.
_WIDE_PUNCTUATION = tuple(zip("，！？：；（）", ",!?:;()", strict=True))
_HAS_WIDE_PUNCTUATION = lazy("[，！？：；（）]")
_APOSTROPHES = tuple((apostrophe, "'") for apostrophe in "\u2019\u2018\u02bc")
_TRADITIONAL = lazy(f"[{TRADITIONAL}]")
_TO_SIMPLIFIED = {ord(old): new for old, new in zip(TRADITIONAL, SIMPLIFIED, strict=True)}

_ONE_FOR_ONE: dict[int, str] = (
    {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    | dict.fromkeys([0x3000, 0xA0, 0x2007, 0x202F], " ")
    # The only character whose lower case is two characters long.
    | {0x130: "i"}
)
_CHANGES_ONE_FOR_ONE = lazy("[" + "".join(map(chr, _ONE_FOR_ONE)) + "]")

_MAX_KEPT_CHARS: Final = 4_000
"""A longer text is folded each time and not kept until the next one comes."""

_MIDDLE_DOTS = dict.fromkeys(map(ord, "\u2027\u30fb\u2022\u2219\u22c5"), "\u00b7")
# Signs that belong to names (C++, C#, @ann, R&D) are not here.
_AROUND = " \"'`\u201c\u201d\u201e\u00ab\u00bb\u2039\u203a()[]{}<>.,;:!?*_~-\u2013\u2014\u2026\u00b7、。《》〈〉「」『』【】〔〕"


def clean(text: str) -> str:
    r"""Return *text* as it is stored: valid UTF-8 without NUL.

    Lone surrogates and NUL characters, which no store can keep, become U+FFFD one for one; nothing else changes.

    Example:
        >>> clean("caf\u00e9 \ud800\x00 你好")
        'café \ufffd\ufffd 你好'
    """
    return text if text.isascii() and "\x00" not in text else _UNSTORABLE.sub(REPLACEMENT, text)


def fold(text: str) -> str:
    """Return *text* in the form in which texts are compared: case, width and Chinese script do not count.

    Compatibility forms are unified (NFKC), upper case is folded, traditional Chinese becomes simplified character by
    character, curly apostrophes become straight, invisible characters vanish. Folding twice changes nothing.

    Example:
        >>> fold("Ａｎｎ’s 電腦")
        "ann's 电脑"
    """
    if text.isascii():
        return text.lower()
    return _folded(text) if len(text) <= _MAX_KEPT_CHARS else _folded.__wrapped__(text)


# Of a message the terms and several kinds of keys are made, one after the other; a passage has a title and headings as well.
@lru_cache(maxsize=4)
def _folded(text: str) -> str:
    if _HAS_WIDE_PUNCTUATION.search(text):
        text = _replace(text, _WIDE_PUNCTUATION)
    if _INVISIBLE.search(text):
        text = _INVISIBLE.sub("", text)
    # Case folding can undo composition, and folding what NFKC then composes can need it once more.
    for _ in range(2):
        text = unicodedata.normalize("NFKC", text).casefold()
    text = unicodedata.normalize("NFKC", text)
    if _TRADITIONAL.search(text):
        text = text.translate(_TO_SIMPLIFIED)
    return _replace(text, _APOSTROPHES)


def fold_aligned(text: str) -> str:
    """Return *text* folded character for character, so that an offset means the same place in both.

    Lower case, half width, simplified Chinese, straight apostrophes, plain spaces. Weaker than :func:`fold`:
    ligatures and composed forms stay as they are.

    Example:
        >>> fold_aligned("İＡ ２０２３年 電腦"), len("İＡ ２０２３年 電腦")
        ('ia 2023年 电脑', 11)
    """
    if text.isascii():
        return text.lower()
    return _aligned(text) if len(text) <= _MAX_KEPT_CHARS else _aligned.__wrapped__(text)


@lru_cache(maxsize=1)  # names, times and statements are looked for in the same message, one after the other
def _aligned(text: str) -> str:
    if _HAS_WIDE_PUNCTUATION.search(text):
        text = _replace(text, _WIDE_PUNCTUATION)
    text = _replace(text, _APOSTROPHES)
    if _CHANGES_ONE_FOR_ONE.search(text):
        text = text.translate(_ONE_FOR_ONE)
    if _TRADITIONAL.search(text):
        text = text.translate(_TO_SIMPLIFIED)
    return text.lower()


def lower_aligned(text: str) -> str:
    """Return *text* in small letters, character for character: the only longer small letter is shortened.

    Patterns that look at it instead of ignoring case take less than half the time.

    Example:
        >>> lower_aligned("In İzmir I SWIM")
        'in izmir i swim'
    """
    return text.replace("\u0130", "i").lower()


@lru_cache(maxsize=4096)  # a name comes back: in one message several times, and in the next ones
def name_key(name: str) -> str:
    """Return the form in which two spellings of an entity's name are the same.

    Folded, white space collapsed, middle dots unified, surrounding punctuation removed unless there is nothing else.
    Letters of every script survive; titles and honorifics are kept.

    Example:
        >>> name_key("  «Acme  Corp.» "), name_key("「張偉」"), name_key("Лев Толстой"), name_key("C++")
        ('acme corp', '张伟', 'лев толстой', 'c++')
    """
    key = " ".join(fold(name).translate(_MIDDLE_DOTS).split())
    return key.strip(_AROUND) or key


def forget_names() -> None:
    """Keep no name and no text that was met: it may be of what was erased."""
    name_key.cache_clear()
    _folded.cache_clear()
    _aligned.cache_clear()


def _replace(text: str, pairs: tuple[tuple[str, str], ...]) -> str:
    """Replace single characters; for a few pairs this is ten times faster than ``str.translate``."""
    for old, new in pairs:
        text = text.replace(old, new)
    return text
