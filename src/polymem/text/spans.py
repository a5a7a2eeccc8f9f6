"""Names as a text writes them: runs of capitalised words, quoted words, 《titles》; no list of names is needed.

Made for passages of documents, where a name is worth finding by its form alone and a wrong one costs little: it
leads nowhere unless another passage has it too.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final, NamedTuple

from polymem.text.lazy import lazy
from polymem.text.names_zh import chinese_names
from polymem.text.normalise import name_key
from polymem.text.statement_rules import word_set

__all__ = ["MAX_WORDS", "Word", "entity_key", "find_spans", "no_name", "split_words", "title_forms"]

MAX_WORDS: Final = 10
"""A longer run is no name but a heading."""
MAX_KEY_CHARS: Final = 60

_WORD: Final = lazy(r"[A-Za-z0-9]+(?:'[A-Za-z]{1,2}\b)?|[^\W\d_A-Za-z\u3400-\u9fff]+")
_PIECE: Final = lazy(r"[A-Za-z0-9]+(?:'[a-z]{1,2}\b)?|[^\W_]+")
_FOREIGN: Final = str.maketrans("øØłŁđßæÆı’‘`", "oOlLdsaAi'''")
_HAS_FOREIGN: Final = lazy("[øØłŁđßæÆı’‘`]")
_WITHIN: Final = word_set("of the de la le du des van von der den di da del al el ibn bin")
"""Words in small letters that stand inside names: the Duchy of Milan, Leonardo da Vinci."""
_NO_NAME: Final = word_set("""he she it they his her its their this that these those the a an in on at by for from with as
    after before during when while where who whom whose which what how why is are was were be been being do does did has have
    had and or but if there here we you i my our your not no also however although since until upon under over both each some
    many most all other such one two three first new following despite due according born within among about into between same
    then than so to of located january february march april may june july august september october november december jan feb
    mar apr jun jul aug sep sept oct nov dec monday tuesday wednesday thursday friday saturday sunday""")
_CALENDAR: Final = word_set("""january february march april may june july august september october november december jan feb
    mar apr jun jul aug sep sept oct nov dec monday tuesday wednesday thursday friday saturday sunday""")
_ARTICLE: Final = lazy("^(?:the|an?) (?=[^ ]{2})")
_ABBREVIATED: Final = word_set("mr mrs ms dr st jr sr mt ft lt col gen capt sgt rev prof hon fr no vol")
_BRACKETS: Final = lazy(r"\s*[\(（][^)）]*[\)）]\s*$")
_QUOTED: Final = lazy(r"《([^《》\n]{1,30})》|“([^“”\n]{2,30})”|「([^「」\n]{2,20})」")
_JOINED: Final = lazy(r"(?:'s?|\.)?[\s\-]{0,2}|\. ?")
_SPACED: Final = lazy(r"[\s\-]{1,2}")


# Where decomposed text has none of these, which is all scripts but the commonest, nothing in it combines.
_MAY_COMBINE: Final = lazy(
    "[^\x00-\u02ff\u1e00-\u1fff\u2010-\u20cf\u3001-\u3029\u3041-\u3096\u30a0-\u30fe\u3400-\u9fff\uff00-\uff9d]"
)


class Word(NamedTuple):
    """A word of a text: in small letters, whether it is written with a capital or a digit, and where."""

    key: str
    capital: bool
    start: int
    end: int


def _plain(text: str) -> str:
    """Return *text* without diacritics."""
    if text.isascii():
        return text
    if _HAS_FOREIGN.search(text):
        text = text.translate(_FOREIGN)
    decomposed = unicodedata.normalize("NFKD", text)
    if not _MAY_COMBINE.search(decomposed):
        return decomposed
    return "".join(filter(lambda letter: not unicodedata.combining(letter), decomposed))


def split_words(text: str) -> tuple[str, list[Word]]:
    """Return *text* without diacritics, and its words but for Chinese ones, without apostrophes and possessives."""
    plain = _plain(text)
    return plain, [_word(match) for match in _WORD.finditer(plain)]


def _word(match: re.Match[str]) -> Word:
    word, start = match[0], match.start()
    if "'" in word:
        word = word[:-2] if word[-2:] in {"'s", "'S"} else word.replace("'", "")
    first = word[0]
    return Word(word.lower(), first.isupper() or first.isdigit(), start, start + len(word))


def _words_of_names(plain: str) -> list[Word]:
    """Return the words of *plain* that :func:`find_spans` looks at: most are in small letters, and neither in a name nor beside one."""
    return [
        _word(match)
        for match in _WORD.finditer(plain)
        if not (word := match[0])[0].islower() or word in _WITHIN or "'" in word or word.lower() in _WITHIN
    ]


def entity_key(name: str) -> str:
    """Return the form in which two spellings of a name in a document are the same.

    The name key (:func:`polymem.text.normalise.name_key`) without diacritics, possessives and signs; a name without
    letters keeps its signs.

    Example:
        >>> entity_key("Nguyễn Huệ’s"), entity_key("The A-Team"), entity_key("《電腦》")
        ('nguyen hue', 'the a team', '电脑')
    """
    key = _plain(name_key(name))
    pieces = [piece[:-2] if piece.endswith("'s") else piece.replace("'", "") for piece in _PIECE.findall(key)]
    return " ".join(pieces)[:MAX_KEY_CHARS] or key[:MAX_KEY_CHARS]


def title_forms(title: str) -> tuple[str, ...]:
    """Return the keys of a title: in full, without a last part in brackets, without its article, and before the first comma.

    Example:
        >>> title_forms("Springfield, Ohio (city)")
        ('springfield ohio city', 'springfield ohio', 'springfield')
    """
    base = _BRACKETS.sub("", title)
    forms = [entity_key(title), entity_key(base)]
    forms += [_ARTICLE.sub("", forms[1])]
    head = entity_key(base.partition(",")[0])
    if len(head) > 3 or (head and not head.isascii()):
        forms.append(head)
    return tuple(dict.fromkeys(form for form in forms if form))


def no_name(key: str) -> bool:
    """Tell whether a single word is none that names anything: a letter, a number, a small word, a month, a day."""
    return len(key) < 2 or key in _NO_NAME or key.isdigit()


def find_spans(text: str) -> list[str]:
    """Return the keys of the names in *text*, each once; a single word that begins a sentence must stand elsewhere too.

    Example:
        >>> find_spans("She was born in Milan, a town of the Duchy of Milan. Then Ann Lee moved.")
        ['milan', 'duchy of milan', 'ann lee']
        >>> find_spans("他读过《平凡的世界》。")
        ['平凡的世界']
    """
    plain = _plain(text)
    words = _words_of_names(plain)
    found: list[str] = []
    openers: list[str] = []
    n, place = len(words), 0
    while place < n:
        if not words[place].capital or words[place].key[0].isdigit():
            place += 1
            continue
        stop = _end(plain, words, place)
        first = place
        while first < stop and words[first].key in _NO_NAME:
            first += 1
        keys = [word.key for word in words[first:stop]]
        if len(keys) == 1:
            if not no_name(keys[0]):
                (openers if first == place and _opens(plain, words[first].start) else found).append(keys[0])
        elif (
            keys and len(keys) <= MAX_WORDS and not all(key in _CALENDAR or key[0].isdigit() for key in keys)
        ):
            found.append(" ".join(keys))
        place = stop
    inside = {key for name in found for key in name.split()}
    found += [key for key in openers if key in inside]
    found += [entity_key(next(filter(None, quoted.groups()))) for quoted in _QUOTED.finditer(text)]
    if not text.isascii():
        found += map(entity_key, chinese_names(text))
    return [key[:MAX_KEY_CHARS] for key in dict.fromkeys(found) if key]


def _end(plain: str, words: list[Word], first: int) -> int:
    """Return where the run of capitalised words ends that begins at *first*; small words inside names belong to it."""
    n, stop = len(words), first + 1
    while stop < n:
        if not _adjoins(plain, words[stop - 1], words[stop]):
            break
        if words[stop].capital:
            stop += 1
            continue
        after = stop
        while (
            after < n
            and after - stop < 2
            and words[after].key in _WITHIN
            and _SPACED.fullmatch(plain, words[after - 1].end, words[after].start)
        ):
            after += 1
        if not (
            stop < after < n
            and words[after].capital
            and _SPACED.fullmatch(plain, words[after - 1].end, words[after].start)
        ):
            break
        stop = after + 1
    return stop


def _adjoins(plain: str, word: Word, following: Word) -> bool:
    """Tell whether two words may be of one name; a full stop and a space between them end what is no abbreviation."""
    if not _JOINED.fullmatch(plain, word.end, following.start):
        return False
    return (
        plain[word.end] != "."
        or following.start - word.end == 1
        or len(word.key) == 1
        or word.key in _ABBREVIATED
    )


def _opens(plain: str, start: int) -> bool:
    """Tell whether a sentence begins at *start*."""
    before = plain[max(start - 3, 0) : start].rstrip(" \"'“‘(")
    return not before or before[-1] in ".!?。！？:;\n"
