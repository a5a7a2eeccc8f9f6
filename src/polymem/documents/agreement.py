"""Whether a sentence of an answer contradicts what it cites: numbers, names, quotes and negations that are not there.

All is told from signs: nothing here knows what a sentence means.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Final

from polymem.documents.contraries import is_opposed, is_stronger, is_turned_comparison
from polymem.documents.passages import Passage
from polymem.documents.quantities import Quantity, months, quantities
from polymem.documents.roles import has_other_number, has_other_subject, has_swapped_names
from polymem.text.language import language
from polymem.text.lazy import lazy
from polymem.text.normalise import fold
from polymem.text.statement_rules import word_set
from polymem.text.statements_zh_words import NOT_A_NAME, SURNAMES
from polymem.text.stem import stem
from polymem.text.times import find_times
from polymem.text.tokenise import terms

__all__ = ["Source", "agrees"]

_BESIDE: Final = 1
"""Numbers may stand so many sentences before or after the quote."""
_LONGEST: Final = 600
"""Of a longer sentence the words are not put together: it says many things."""
_YEARS: Final = (1000, 2100)
_ALIKE, _INFLECTED = 4, 6
_NOT_NAMES: Final = word_set(
    "i january february march april may june july august september october november december monday tuesday wednesday "
    "thursday friday saturday sunday"
)
_MONTH_STEMS: Final = frozenset(
    stem(month)
    for month in "january february march april may june july august september october november december".split()  # noqa: SIM905
)
_DATED: Final = frozenset(["", *"年月日号"])
_CAPITALS = lazy(r"(?<!\w)[A-Z][\w'’&.-]*(?:\s+[A-Z][\w'’&.-]*)*")
_WORD = lazy(r"[A-Za-z][\w&]*")
_ENDS = lazy(r"(?:^|[.!?:;\"“”\n*•-])\s*$")
_HAN_NAME = lazy(rf"(?=([{SURNAMES}][\u4e00-\u9fff]))")
_HAN_PLACE = lazy(
    r"([\u4e00-\u9fff]{2})(?<![城都本该全各农乡同邻山渔省])(?<![这那每]个)[市县镇村省](?![长民场委级政])"
)
_QUOTED = lazy(r'"([^"\n]+)"|“([^”\n]+)”|「([^」\n]+)」|『([^』\n]+)』')
_LEAST_WORDS, _LEAST_HAN = 3, 6
_SPACE = lazy(r"[\s\W_]+")
_NOT = lazy(
    r"\b(?:not(?! only| just| least| until)|never|cannot|neither|nor|without|no longer|nobody|none|no one|no(?=\s(?!doubt|matter|sooner)[a-z]))\b|n['’]t\b"
    r"|不(?![仅但只过少同断久论管])|没有|没(?!有)|未(?!来)|并非|从未|无法"
)
_HELPS: Final = frozenset("是能会被可要")
_NEXT = lazy(r"\W*([a-z]+|[\u4e00-\u9fff]{1,2})")


class Source:
    """A passage as sentences of an answer are held against it; what is worked out is kept.

    Args:
        passage: The passage.
    """

    def __init__(self, passage: Passage) -> None:
        self.passage = passage

    @cached_property
    def words(self) -> list[frozenset[str]]:
        """The words of each sentence."""
        return [frozenset(terms(self._sentence(at))) for at in range(len(self.passage.sentences))]

    @cached_property
    def sentences(self) -> list[str]:
        """Its sentences."""
        return [self._sentence(at) for at in range(len(self.passage.sentences))]

    @cached_property
    def frame(self) -> frozenset[str]:
        """The words of title, heading and speaker."""
        return frozenset(terms(self._frame))

    @cached_property
    def numbers(self) -> list[list[Quantity]]:
        """The numbers of each sentence."""
        return [
            quantities(sentence) + [Quantity(month, "", "") for month in months(sentence)]
            for sentence in map(self._sentence, range(len(self.passage.sentences)))
        ]

    @cached_property
    def around(self) -> frozenset[float]:
        """The numbers of title, heading and date, and of a message those of the times that it names ("yesterday")."""
        passage = self.passage
        days = [passage.at]
        if self.is_message:
            days += [span.start for span in find_times(passage.text, now=passage.at)]
        dated = {float(part) for day in days for part in (day.year, day.month, day.day)}
        return frozenset(dated | {number.value for number in quantities(self._frame)})

    @cached_property
    def squeezed(self) -> str:
        """Its words without any space or sign between them."""
        return _SPACE.sub("", fold(f"{self._frame} {self.passage.text}"))

    @cached_property
    def known(self) -> str:
        """All that may have a name, folded."""
        return fold(f"{self._frame} {self.passage.text}")

    @cached_property
    def names(self) -> frozenset[str]:
        """Its Latin words, folded."""
        return frozenset(_WORD.findall(self.known))

    @cached_property
    def initials(self) -> str:
        """The initials of what is written with capitals, in order."""
        words = _WORD.findall(f"{self._frame} {self.passage.text}")
        return "".join(word[0] for word in words if word[0].isupper())

    @property
    def is_message(self) -> bool:
        """Whether it was said, at a time, rather than stands in a document."""
        return self.passage.place is None and not self.passage.title

    @property
    def _frame(self) -> str:
        return f"{self.passage.title} {self.passage.heading} {self.passage.speaker}"

    def _sentence(self, at: int) -> str:
        start, stop = self.passage.sentences[at]
        return self.passage.text[start:stop]


def agrees(said: str, source: Source, window: tuple[int, int], *, question: str) -> bool:
    """Tell whether nothing in what is said speaks against the quote: neither numbers nor names, quotes or negations.

    Args:
        said: A sentence of an answer, without marks.
        source: What it cites.
        window: First and last sentence of the quote.
        question: What it has may be said.
    """
    return (
        _numbers_agree(said, source, window, question)
        and _names_agree(said, source, question)
        and _quotes_agree(said, source, question)
        and _negations_agree(said, source, window)
        and _meanings_agree(said, source, window)
    )


def _meanings_agree(said: str, source: Source, window: tuple[int, int]) -> bool:
    """Tell whether no sign says that the claim joins the words of the quote otherwise, or says more or the opposite."""
    if {language(said), language(source.passage.text)} == {"en", "zh"} or len(said) > _LONGEST:
        return True
    first, last = max(window[0] - _BESIDE, 0), window[1] + _BESIDE + 1
    quoted, near = (
        [sentence for sentence in source.sentences[start:stop] if len(sentence) <= _LONGEST]
        for start, stop in ((window[0], window[1] + 1), (first, last))
    )
    return not (
        is_stronger(said, " ".join(near))
        or is_turned_comparison(said, quoted)
        or is_opposed(said, " ".join(quoted), " ".join(near))
        or has_swapped_names(said, quoted)
        or has_other_number(said, quoted)
        or has_other_subject(said, near, source.passage.text)
    )


def _numbers_agree(said: str, source: Source, window: tuple[int, int], question: str) -> bool:
    asked = {number.value for number in quantities(question)}
    told = [number for number in quantities(said) if number.value not in asked]
    if not told:
        return True
    near = [
        number
        for numbers in source.numbers[max(window[0] - _BESIDE, 0) : window[1] + _BESIDE + 1]
        for number in numbers
    ]
    return all(_is_told(number, near) or _is_around(number, source) for number in told)


def _is_around(number: Quantity, source: Source) -> bool:
    dated = number.noun in _MONTH_STEMS or number.noun[:1] in _DATED
    return not number.unit and dated and number.value in source.around


def _is_told(number: Quantity, near: Sequence[Quantity]) -> bool:
    """Tell whether *number* is among those of the quote, with its unit and of the same things."""
    same = [other for other in near if other.value == number.value]
    if not any(not number.unit or not other.unit or number.unit == other.unit for other in same):
        return False
    if not number.noun or _YEARS[0] <= number.value < _YEARS[1]:
        return True
    counted = {other.value for other in near if other.noun == number.noun}
    return not counted or number.value in counted


def _names_agree(said: str, source: Source, question: str) -> bool:
    if language(said) != language(source.passage.text):
        return True
    if language(said) == "zh":
        known = f"{source.known}{fold(question)}"
        claim = fold(said)
        names = [match[1] for match in _HAN_NAME.finditer(claim) if match[1] not in NOT_A_NAME]
        places = [match[1] for match in _HAN_PLACE.finditer(claim)]
        return all(any(sign in known for sign in name) for name in names) and all(
            place in known for place in places
        )
    asked = _WORD.findall(fold(question))
    return all(
        _is_named(run[0], source, asked)
        for run in _CAPITALS.finditer(said)
        if not _begins(said, run.start(), run[0])
    )


def _begins(said: str, start: int, run: str) -> bool:
    """Tell whether a single capital only begins a sentence."""
    return " " not in run and _ENDS.search(said[:start]) is not None


def _is_named(run: str, source: Source, asked: Sequence[str]) -> bool:
    words = [word for word in _WORD.findall(run) if len(word) > 1 and word.lower() not in _NOT_NAMES]
    if fold("".join(word[0] for word in words)) in source.names:
        return True
    known = source.names.union(asked)
    for word in words:
        like = fold(word)[:_ALIKE]
        inflected = len(word) >= _INFLECTED and any(other.startswith(like) for other in known)
        if not (fold(word) in known or inflected or (word.isupper() and word in source.initials)):
            return False
    return True


def _quotes_agree(said: str, source: Source, question: str) -> bool:
    asked = _SPACE.sub("", fold(question))
    for groups in _QUOTED.findall(said):
        quote = "".join(groups)
        long_enough = len(quote.split()) >= _LEAST_WORDS or (
            language(quote) == "zh" and len(quote) >= _LEAST_HAN
        )
        words = _SPACE.sub("", fold(quote))
        if long_enough and words not in source.squeezed and words not in asked:
            return False
    return True


def _negations_agree(said: str, source: Source, window: tuple[int, int]) -> bool:
    passage = source.passage
    if {language(said), language(passage.text)} == {"en", "zh"}:
        return True
    first, last = max(window[0] - _BESIDE, 0), min(window[1] + _BESIDE, len(passage.sentences) - 1)
    near = [fold(sentence) for sentence in source.sentences[first : last + 1]]
    claim = fold(said)
    negations = list(_NOT.finditer(claim))
    if negations:
        return all(_is_denied(claim, negation.end(), near) for negation in negations)
    quote = fold(passage.text[passage.sentences[window[0]][0] : passage.sentences[window[1]][1]])
    return not any(_is_affirmed(quote, negated.end(), claim) for negated in _NOT.finditer(quote))


def _is_denied(claim: str, at: int, near: Sequence[str]) -> bool:
    """Tell whether a sentence with the word that the claim negates there is negated, too; without that word, any sentence."""
    follows = _NEXT.match(claim, at)
    word = follows[1] if follows else ""
    if word[:1] in _HELPS and not any(word in sentence for sentence in near):
        word = claim[follows.end() - 1 : follows.end() + 1] if follows else ""
    having = [
        sentence
        for sentence in near
        if word
        and (
            word in sentence if not word.isascii() else not frozenset(terms(word)).isdisjoint(terms(sentence))
        )
    ]
    return any(_NOT.search(sentence) for sentence in having or near)


def _is_affirmed(quote: str, at: int, claim: str) -> bool:
    """Tell whether a claim without any negation has the word that the quote negates there, and the quote has it nowhere else."""
    follows = _NEXT.match(quote, at)
    if follows is None:
        return False
    word = follows[1]
    if not word.isascii():
        return len(word) > 1 and word in claim and quote.count(word) == 1
    negated = frozenset(terms(word))
    return bool(negated) and negated <= frozenset(terms(claim)) and list(terms(quote)).count(*negated) == 1
