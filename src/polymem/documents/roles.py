"""Who does what to whom, and which number belongs to what: claims that take their words from the quote and join them otherwise.

"Ann sold it to Bob" and "Bob sold it to Ann" have the same words. What tells them apart is read from signs: the order of two names,
prepositions, the passive, pairs of verbs such as buy and sell. Where signs are missing nothing is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Final

from polymem.documents.quantities import MEASURES, quantities
from polymem.domain.slotted import dataclass
from polymem.text.lazy import lazy
from polymem.text.normalise import fold
from polymem.text.statement_rules import word_set
from polymem.text.statements_zh_words import NOT_A_NAME, SURNAMES
from polymem.text.stem import stem
from polymem.text.tokenise import terms

__all__ = ["has_other_number", "has_other_subject", "has_swapped_names"]

_NAME = lazy(r"[A-Z][\w’'-]*?(?=['’]s\b|[^\w’'-]|$)(?:\s+[A-Z][\w-]*)*")
_NO_NAME: Final = word_set(
    "The A An I It He She They We You This That These Those In On At By From After Before When While During Since Until As If Both Each Every All"
    " Most Some Many No None There Then But And Or His Her Its Their Our My Of For To With Not Although However"
)
_BEFORE_NAME = lazy(r"([a-z]+)\s+(?:the\s)?$")
_ARGUMENTS: Final = word_set("to from against of over than by")
_ADJUNCTS: Final = word_set(
    "in at on near within outside inside around during for since until under through across via about between among and or with as"
)
_SYMMETRIC = lazy(
    r"\b(?:met|meets?|marr\w+|fought|knew|knows?|together|each other|both|resembl\w+|played|talk\w*|argu\w+|agree\w*|neighbou?r\w*|friends?"
    r"|cousins?|siblings?|brothers?|sisters?|colleagues?|between|equal\w*|same)\b|遇见|见面|结婚|认识|[和与跟同]|互相|之间|朋友|邻居|兄弟|姐妹|同学|同事"
)
_CONVERSE: Final = (
    ("sold sell sells selling", "bought buy buys buying purchased"),
    ("beat beats beaten defeated won", "lost lose loses"),
    ("gave give gives given lent", "received receive receives got borrowed"),
    ("taught teaches teach", "learned learns learnt studied"),
    ("卖", "买"),
    ("战胜 击败 打败 赢", "输"),
    ("借给 送给", "收到"),
)
_LATIN_STOPS: Final = word_set(
    "be is are was were been had has have did do does it its that this who whom which"
)
_LITTLE: Final = frozenset([*_LATIN_STOPS, *_ARGUMENTS, *_ADJUNCTS, *"的了是在于以把被给由从向对将"])
_OTHER_HAN = lazy(r"(?:给了?|从|向|对|[胜败]了?|了)$")
_AGENT_HAN = lazy(r"[被由]$")
_HAN_NAME = lazy(rf"(?=[{SURNAMES}](?![的了在是把被给和与从向说年月])[\u4e00-\u9fff])")
_STOPS_CLAUSE = lazy(
    r"[,;:()，；：。（）“”\"、]|\b(?:who|which|whose|where|when|while|because|although|that)\b"
)
_CLAUSE = lazy(r"[;；，。]|,(?!\d{3}(?!\d))|[:：](?!\d)|\s(?:and|but|while|whereas)\s|而且|但是")
_HAN = lazy("[\u4e00-\u9fff]")
_NOT_IN_NAMES: Final = frozenset("的了在是把被给和与从向说年月，。、；：！？0123456789")
_HAN_RUN = lazy("[\u4e00-\u9fff]+")
_WHERE = lazy(r"^在[\u4e00-\u9fff]{2,3}[省市县区镇村]")
_TOKEN = lazy(r"[a-z]+|[\u4e00-\u9fff]{2}|\d[\d,.]*")
_MAX_NAMES: Final = 12
"""Of a text with more nothing is told."""
_YEARS: Final = (1000, 2100)
_ENOUGH: Final = 0.4


@dataclass(frozen=True, slots=True)
class _Named:
    """A name in a sentence.

    Attributes:
        key: Its words, folded; of a Chinese name itself.
        start: Where it begins.
        stop: Where it ends.
    """

    key: frozenset[str]
    start: int
    stop: int


def has_swapped_names(said: str, sentences: Sequence[str]) -> bool:
    """Tell whether two names of a claim change places in a sentence that says the same of them.

    Example:
        >>> has_swapped_names("Bob sold the boat to Ann.", ["Ann sold the boat to Bob in May."])
        True
        >>> has_swapped_names("Bob bought the boat from Ann.", ["Ann sold the boat to Bob in May."])
        False
        >>> has_swapped_names("船被李明卖给了王芳。", ["王芳把船卖给了李明。"])
        True
    """
    if _SYMMETRIC.search(fold(said)):
        return False
    return any(_swaps(said, sentence) for sentence in sentences)


def _swaps(said: str, sentence: str) -> bool:
    own, other = _names(said, sentence), _names(sentence, said)
    few = all(2 <= len(names) <= _MAX_NAMES for names in (own, other))
    if not few or _SYMMETRIC.search(fold(sentence)):
        return False
    pairs = [(a, b, *found) for a, b in combinations(own, 2) if (found := _both(a, b, other)) is not None]
    pairs = [pair for pair in pairs if _are_joined(said, sentence, pair[:2], pair[2:])]
    converse = _is_converse(fold(said), fold(sentence))
    if not pairs or not (converse or _same_words(said, sentence, own)):
        return False
    agents = [
        (here, there)
        for a, b, there_a, there_b in pairs
        if (here := _is_first_agent(said, a, b)) is not None
        and (there := _is_first_agent(sentence, there_a, there_b)) is not None
    ]
    turned = [here != there for here, there in agents]
    return bool(turned) and (not any(turned) if converse else any(turned))


def _names(text: str, other: str) -> list[_Named]:
    """Return the names of *text* that may be in *other*, in order; of Chinese text what begins with a surname and is in both."""
    if not _HAN.search(text):
        return [
            _Named(frozenset(fold(match[0]).split()), match.start(), match.end())
            for match in _NAME.finditer(text)
            if match[0] not in _NO_NAME
        ]
    found: list[_Named] = []
    for match in _HAN_NAME.finditer(text):
        start = match.start()
        name = next(
            (text[start : start + n] for n in (3, 2) if _may_be_name(text[start : start + n], other)), ""
        )
        if name and (not found or start >= found[-1].stop):
            found.append(_Named(frozenset([name]), start, start + len(name)))
    return found


def _may_be_name(name: str, other: str) -> bool:
    return name in other and name[-1] not in _NOT_IN_NAMES and name[:2] not in NOT_A_NAME


def _both(a: _Named, b: _Named, other: Sequence[_Named]) -> tuple[_Named, _Named] | None:
    """Return where the two names stand in the other text: each once, and not the same."""
    found_a, found_b = (
        [one for one in other if one.key <= name.key or name.key <= one.key] for name in (a, b)
    )
    if len(found_a) != 1 or len(found_b) != 1 or found_a[0] is found_b[0]:
        return None
    return found_a[0], found_b[0]


def _are_joined(said: str, sentence: str, here: Sequence[_Named], there: Sequence[_Named]) -> bool:
    """Tell whether two names stand in one clause in both texts, with a word in common between them where there are words."""
    between = [
        text[min(one.stop for one in pair) : max(one.start for one in pair)]
        for text, pair in ((said, here), (sentence, there))
    ]
    if any(_STOPS_CLAUSE.search(words) for words in between):
        return False
    own, other = (frozenset(terms(words)) - _LITTLE for words in between)
    return not own or not other or not own.isdisjoint(other) or _is_converse(fold(said), fold(sentence))


def _same_words(said: str, sentence: str, names: Sequence[_Named]) -> bool:
    """Tell whether the sentence has most of the words of a claim beside its names."""
    known = {term for name in names for word in name.key for term in terms(word)}
    wanted = frozenset(terms(said)) - known - _LATIN_STOPS
    if not wanted:
        return False
    held = frozenset(terms(sentence))
    return len(wanted & held) >= _ENOUGH * len(wanted)


def _is_converse(claim: str, quote: str) -> bool:
    """Tell whether one has "sell" where the other has "buy"."""
    for sides in _CONVERSE:
        left, right = ((_has_word(claim, words.split()), _has_word(quote, words.split())) for words in sides)
        if (left[0], right[1]) == (True, True) and not left[1] and not right[0]:
            return True
        if (right[0], left[1]) == (True, True) and not right[1] and not left[0]:
            return True
    return False


def _has_word(text: str, words: Sequence[str]) -> bool:
    return any(re.search(rf"\b{word}\b", text) if word.isascii() else word in text for word in words)


def _is_first_agent(text: str, a: _Named, b: _Named) -> bool | None:
    """Tell whether of two names in a sentence the first given is the one that acts; None where no sign tells."""
    first, second = (a, b) if a.start < b.start else (b, a)
    agent = _han_agent(text, first, second) if _HAN.search(text) else _latin_agent(text, first, second)
    return None if agent is None else agent is a


def _latin_agent(text: str, first: _Named, second: _Named) -> _Named | None:
    roles = [_role(text, name) for name in (first, second)]
    if any(role in _ADJUNCTS for role in roles):
        return None
    if "by" in roles:
        return first if roles[0] == "by" else second
    if (roles[0] == "") != (roles[1] == ""):
        return first if roles[0] == "" else second
    if roles[0] == "" or (roles[0], roles[1]) in {("of", "of"), ("from", "to")}:
        # "Higher than Arna is Vik" is told of elsewhere.
        return None if " than " in text else first
    return second if (roles[0], roles[1]) == ("to", "from") else None


def _role(text: str, name: _Named) -> str:
    """Return the preposition before a name, "of" for one that owns, "" for a subject or an object."""
    if text[name.stop : name.stop + 2] in {"'s", "’s"}:
        return "of"
    found = _BEFORE_NAME.search(text[: name.start])
    word = found[1] if found else ""
    return word if word in _ARGUMENTS or word in _ADJUNCTS else ""


def _han_agent(text: str, first: _Named, second: _Named) -> _Named | None:
    for name in (first, second):
        if _AGENT_HAN.search(text[: name.start]):
            return name
    owned = [text[name.stop : name.stop + 1] == "的" for name in (first, second)]
    told = [text[: name.start].endswith("是") for name in (first, second)]
    if told[1]:
        # 甲是乙的母亲; 乙的母亲是甲
        return first if owned[1] else second if owned[0] else None
    other = [_OTHER_HAN.search(text[: name.start]) is not None for name in (first, second)]
    if other[0] == other[1]:
        return None
    return second if other[0] else first


def has_other_subject(said: str, sentences: Sequence[str], text: str) -> bool:
    """Tell whether a claim says of one name what the only sentence with that word says of another.

    Args:
        said: The claim.
        sentences: What it cites, with the sentences beside it.
        text: The whole passage, which names both.

    Example:
        >>> has_other_subject("Carl built the mill.", ["Ann Holt built it."], "Ann Holt built it. Carl ran it.")
        True
        >>> has_other_subject("李明建造了磨坊。", ["陈海生建造了它。"], "陈海生建造了它。李明经营了二十年。")
        True
    """
    own = next(iter(_names(said, text)), None)
    if (
        own is None
        or own.start > 0
        or said[own.stop : own.stop + 2] in {"'s", "’s"}
        or said[own.stop : own.stop + 1] == "的"
    ):
        return False
    verb = _first_word(said[own.stop :])
    having = [sentence for sentence in sentences if verb and verb in _words(sentence)]
    if len(having) != 1:
        return False
    # The verb stands in the sentence; its subject may be named in the clause before.
    found = _names(having[0], having[0])
    if _HAN.search(having[0]):
        subject = bool(found) and found[0].start == 0 and len(_han_key(found[0])) > 1
        return subject and not any(key in having[0] for key in own.key) and _is_person(having[0])
    if not found or found[0].start > 0:
        return False
    return all(not (one.key & own.key) for one in found) and " by " not in having[0] + said


def _han_key(name: _Named) -> str:
    return next(iter(name.key))


def _is_person(sentence: str) -> bool:
    """Tell whether the Chinese sentence begins with a name: a surname, and then a verb or sign that follows names."""
    return (
        re.match(
            rf"[{SURNAMES}][\u4e00-\u9fff]{{1,2}}(?=[在是把被以将从给和与，的]|[\u4e00-\u9fff]{{1,3}}了|[教建造经营卖买])",
            sentence,
        )
        is not None
    )


def _words(text: str) -> frozenset[str]:
    return frozenset(terms(text))


def _first_word(rest: str) -> str:
    """Return the first word after the subject that says something."""
    if _HAN.search(rest):
        if rest.startswith("是"):  # of 甲是乙的母亲 the last word says what
            return "".join(_HAN_RUN.findall(rest))[-2:]
        return _WHERE.sub("", rest).lstrip("也还曾就")[:2]
    return next((word for word in terms(rest) if word not in _LATIN_STOPS and word.isalpha()), "")


def has_other_number(said: str, sentences: Sequence[str]) -> bool:
    """Tell whether a number of a claim stands beside a word that the quote puts beside another number of the same kind.

    Example:
        >>> has_other_number("The mill closed in 1871.", ["The mill opened in 1871 and closed in 1902."])
        True
        >>> has_other_number("磨坊1871年开业。", ["磨坊1871年开业，1902年关闭。"])
        False
    """
    quoted = [clause for sentence in sentences for clause in _numbered(sentence)]
    return len(quoted) > 1 and any(_is_elsewhere(clause, quoted) for clause in _numbered(said))


@dataclass(frozen=True, slots=True)
class _Clause:
    """A clause with numbers: what kind each is of, the kinds with repetition, and its words, those nearest to the first number first."""

    numbers: dict[float, str]
    kinds: tuple[str, ...]
    near: tuple[str, ...]


def _numbered(text: str) -> Iterator[_Clause]:
    for part in _CLAUSE.split(fold(text)):
        found = [(one.value, kind) for one in quantities(part) if (kind := _kind(one.value, one.unit))]
        if found:
            yield _Clause(dict(found), tuple(kind for _, kind in found), tuple(_by_distance(part)))


def _kind(value: float, unit: str) -> str:
    """Return a unit, "year", or "" for what is counted, which is known by its noun."""
    return "year" if not unit and _YEARS[0] <= value < _YEARS[1] else unit


def _by_distance(clause: str) -> Iterator[str]:
    """Walk the words of a clause, those nearest to its first number first, the ones before it before those after it."""
    tokens = [match[0] for match in _TOKEN.finditer(_pairs(clause))]
    at = next((n for n, token in enumerate(tokens) if token[0].isdigit()), 0)
    # 1871年开业: of Chinese years what follows says what was then.
    after_first = any(token[0] == "年" for token in tokens[at + 1 : at + 2] if at)
    order = sorted(
        range(len(tokens)), key=lambda n: ((n < at) if after_first else False, abs(n - at), n > at)
    )
    for n in order:
        token = tokens[n]
        if token[0].isdigit() or token in MEASURES or token[0] in "年月":
            continue
        word = stem(token) if token.isascii() else token
        if word in _LATIN_STOPS or len(word) < 2 or (token.isascii() and not terms(token)):
            continue
        yield word


def _pairs(clause: str) -> str:
    """Return a clause with its Chinese words as overlapping pairs of characters."""
    return re.sub(
        r"[\u4e00-\u9fff]{2,}",
        lambda run: " ".join([""] + [run[0][n : n + 2] for n in range(len(run[0]) - 1)] + [""]),
        clause,
    )


def _is_elsewhere(claim: _Clause, quoted: Sequence[_Clause]) -> bool:
    for value, kind in claim.numbers.items():
        if any(clause.kinds.count(kind) > 1 for clause in (claim, *quoted)):
            continue
        own = {word for clause in quoted if value in clause.numbers for word in clause.near}
        other = {
            word
            for clause in quoted
            if value not in clause.numbers and kind in clause.numbers.values()
            for word in clause.near
        }
        nearest = next((word for word in claim.near if (word in own) != (word in other)), "")
        if own and nearest in other - own:
            return True
    return False
