"""Whether the messages say what a model claims they say: small models invent.

Words are compared as keyword search compares them (stems of English words, characters of Chinese ones), so another form
of a word passes and another word does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from polymem.domain.slotted import dataclass
from polymem.domain.timespan import Timespan
from polymem.ports.extractor import ExtractorInput
from polymem.text.lazy import lazy
from polymem.text.mentions import find_mentions
from polymem.text.normalise import fold
from polymem.text.recalled import without_recalled
from polymem.text.statement_rules import word_set
from polymem.text.times import find_times
from polymem.text.tokenise import terms

__all__ = ["Evidence", "clause_of", "evidence_of", "numbers_in", "times_in", "words_of"]

OBJECT_SHARE: Final = 0.5
"""So much of an object's words has to occur."""
TEXT_SHARE: Final = 0.5
"""So much of the words of a fact that relates nothing."""

_DIGITS = lazy(r"\d+(?:[.,:]\d+)*")
_SPELT: Final = {
    word: str(n)
    for words in (
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen",
        "零 一 二 三 四 五 六 七 八 九 十 十一 十二",
    )
    for n, word in enumerate(words.split())
} | {"once": "1", "twice": "2", "dozen": "12", "couple": "2", "pair": "2", "两": "2", "俩": "2", "仨": "3"}
_WORDS = lazy(r"[a-z]+|[零一二三四五六七八九十两俩仨]")
_CLAUSE = lazy(r"(?:[^.!?。！？；;\n]|[.](?=\S))+[.!?。！？；;]*")
_HAN: Final = ("\u3400", "\u9fff")
_NOBODY: Final = word_set("user users assistant speaker person people someone they he she")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What messages say, ready to be compared with.

    Attributes:
        words: Their words in the form of :func:`words_of`.
        speakers: The words of their speakers' names and roles.
        numbers: The numbers that they name, in digits or letters, and those of the dates that they mean.
        text: All of it, folded.
    """

    words: frozenset[str]
    speakers: frozenset[str]
    numbers: frozenset[str]
    text: str

    def __or__(self, other: Evidence) -> Evidence:
        return Evidence(
            self.words | other.words,
            self.speakers | other.speakers,
            self.numbers | other.numbers,
            f"{self.text}\n{other.text}",
        )

    def says(self, text: str, *, share: float, known: frozenset[str] = frozenset()) -> bool:
        """Tell whether at least *share* of the words of *text* occur, and all its numbers but those that are *known*.

        That somebody speaks says nothing yet: his name counts only where it is said.
        """
        numbers = numbers_in(text)
        if not numbers <= self.numbers | known:
            return False
        wanted = {word for word in words_of(text) if word.isalpha() or not numbers}
        wanted -= self.speakers - self.words
        if not wanted and words_of(text) & self.speakers:
            return False
        if wanted:
            return len(wanted & self.words) >= share * len(wanted)
        key = fold(text).strip()
        return bool(numbers) or (bool(key) and key in self.text)

    def names(self, name: str) -> bool:
        """Tell whether half of a name or a description occurs, or is that of a speaker."""
        wanted = words_of(name)
        if not wanted:
            return self.says(name, share=1)
        return len(wanted & (self.words | self.speakers)) >= OBJECT_SHARE * len(wanted)

    def has_names(self, text: str) -> bool:
        """Tell whether every name in *text* occurs, if only in part."""
        for mention in find_mentions(text):
            words = {word for word in words_of(mention.name) if word.isalpha()} - _NOBODY
            if words and not words & (self.words | self.speakers):
                return False
        return True


def words_of(text: str) -> frozenset[str]:
    """Return the words of *text*: stems without stop words, and single Chinese characters.

    Example:
        >>> sorted(words_of("Hiking with 小红")), sorted(words_of("hikes"))
        (['hike', '小', '红'], ['hike'])
    """
    found = terms(text)
    return frozenset(word for word in found if not (len(word) == 2 and _HAN[0] <= word[0] <= _HAN[1]))


def evidence_of(message: ExtractorInput, times: Iterable[Timespan]) -> Evidence:
    """Return what a message says; *times* are the time expressions in it."""
    text = without_recalled(message.text)
    numbers = set(numbers_in(text))
    folded = fold(text)
    numbers |= {_SPELT[word] for word in _WORDS.findall(folded) if word in _SPELT}
    local = message.said_at.astimezone(message.zone)
    dates = [local, *(end.astimezone(message.zone) for span in times for end in (span.start, span.end))]
    for date in dates:
        numbers |= {str(part) for part in (date.year, date.month, date.day, date.hour, date.minute)}
    numbers |= {str(local.year - 1), str(local.year + 1)}
    speakers = words_of(message.speaker) | words_of(message.role)
    if message.title:
        # A passage speaks of what its document is about without naming it again.
        folded = f"{fold(message.title)}\n{folded}"
        numbers |= numbers_in(message.title)
    return Evidence(words_of(text) | words_of(message.title), speakers, frozenset(numbers), folded)


def numbers_in(text: str) -> frozenset[str]:
    """Return the numbers in *text* that are written in digits, without leading zeros; those of dates and times apart."""
    found: set[str] = set()
    for match in _DIGITS.findall(fold(text)):
        plain = match.replace(",", "")
        pieces = plain.split(":") if ":" in plain else [plain]
        found |= {piece.lstrip("0") or "0" for piece in pieces}
    return frozenset(found)


def times_in(message: ExtractorInput) -> list[Timespan]:
    """Return the time expressions of a message."""
    return find_times(without_recalled(message.text), now=message.said_at, zone=message.zone)


def clause_of(text: str, claims: Sequence[str]) -> tuple[int, int]:
    """Return where in *text* the clause stands that says most of *claims*; all of it where none says any.

    The first of the claims (a fact's object) counts twice.

    Example:
        >>> text = "It rained. I love green tea! 你呢？"
        >>> text[slice(*clause_of(text, ["green tea", "Ann loves green tea."]))]
        'I love green tea!'
    """
    wanted = [words_of(claim) for claim in claims]
    best, span = 0, _stripped(text, 0, len(text))
    for match in _CLAUSE.finditer(without_recalled(text)):
        words = words_of(match[0])
        score = sum(len(words & claim) for claim in wanted) + (len(words & wanted[0]) if wanted else 0)
        if score > best:
            best, span = score, _stripped(text, *match.span())
    return span


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), end - len(piece) + len(piece.rstrip())
