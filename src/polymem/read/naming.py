"""Which names of passages a question has: titles of documents first, then names that passages mention."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import Final, Protocol, TypeAlias

import numpy as np

from polymem.domain.slotted import dataclass
from polymem.ports.faces import I32, Postings
from polymem.ranking.titles import rarity
from polymem.text.countries import same_as
from polymem.text.keys import CHINESE
from polymem.text.keys_passage import DERIVED, HAN_TITLE, MENTIONS, TITLED
from polymem.text.keys_title import NAME_WORD
from polymem.text.lazy import lazy
from polymem.text.normalise import fold
from polymem.text.spans import MAX_WORDS, Word, find_spans, no_name, split_words
from polymem.text.tokenise import STOP_WORDS, terms

__all__ = ["MAX_HOMES", "Kept", "Lead", "Names", "Place", "named"]

MAX_HOMES: Final = 6
"""A name that titles more passages names none of them."""
MAX_QUESTION_WORDS: Final = 48
"""Names are looked for in the beginning of a longer question only."""
MAX_HAN_RUNS: Final = 4
MAX_HAN: Final = 10
MIN_HAN: Final = 2
"""Chinese titles of so many characters are looked for in so many runs of a question."""
_HAN_RUN: Final = lazy("[\u3400-\u9fff]{2,40}")
COMMON_SHARE: Final = 0.5
"""A single word is a name where passages write it as one in at least half of the places that have it."""
UNSURE: Final = 0.8
"""What the title of a passage is worth that is a common word as well."""
Lead: TypeAlias = tuple[tuple[str, float], ...]
"""A name, and the parts of it that lead on, each with what it counts."""
_NO_ROWS: Final = np.empty(0, dtype=np.int32)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a name leads.

    Attributes:
        homes: int32[h], positions of the passages that it titles.
        mentions: int32[m], positions of the passages that mention it.
        rarity: 0..1, how much it says, see :func:`polymem.ranking.titles.rarity`.
        derived: int32[d], passages that it means though no title says so; empty where it titles any, or means many.
    """

    homes: I32
    mentions: I32
    rarity: float
    derived: I32

    @property
    def is_known(self) -> bool:
        """Whether it leads anywhere."""
        return bool(self.homes.size or self.mentions.size or self.derived.size)

    @property
    def leads_home(self) -> bool:
        """Whether it titles passages, but not too many."""
        return 0 < self.homes.size <= MAX_HOMES


@dataclass(frozen=True, slots=True)
class Kept:
    """What is known of the names of some passages, whatever is asked: where they lead, and which ones a passage has."""

    places: dict[str, Place] = field(default_factory=dict[str, Place])
    leads: dict[int, list[Lead]] = field(default_factory=dict[int, list[Lead]])


class Lists(Protocol):
    """What names are looked up in."""

    def postings(self, term: str) -> Postings:
        """Return where a term, or a key, occurs."""
        ...

    def look_up(self, terms: Sequence[str]) -> Mapping[str, Postings]:
        """Return the postings of those of *terms* that occur anywhere."""
        ...


class Names:
    """Names of a partition's passages, each looked up once in a search.

    Args:
        texts: The keyword face, or what knows the passages alone.
        n_passages: Number of passages.
        kept: What is known of the names of the passages, for another search of the same passages.

    Attributes:
        leads: The names of passages that were looked at, by position.
    """

    def __init__(self, texts: Lists, n_passages: int, kept: Kept | None = None) -> None:
        self._texts = texts
        self.n_passages = n_passages
        self._kept = None if kept is None else kept.places
        self.leads: dict[int, list[Lead]] = {} if kept is None else kept.leads
        self._places: dict[str, Place] = {}
        self._words: dict[str, str] = {}
        # Of a name that was looked up, lists that are not here are empty.
        self._lists: dict[str, I32] = {}
        self._looked_up: set[str] = set()
        self._titles: set[str] = set()
        self._nowhere = Place(_NO_ROWS, _NO_ROWS, rarity(0, n_passages), _NO_ROWS)

    @property
    def are_few(self) -> bool:
        """Whether they are names of a few passages beside many other rows, such as the pages of long documents."""
        return self._kept is not None

    @property
    def has_han(self) -> bool:
        """Whether a title, or most of a text, is in Chinese."""
        return any(self._texts.postings(key).positions.size for key in (HAN_TITLE, CHINESE))

    def look_up_titles(self, keys: Iterable[str]) -> None:
        """Get ready for :meth:`homes` of many names at once."""
        new = [form for key in dict.fromkeys(keys) for form in (key, *same_as(key))]
        found = self._texts.look_up([TITLED + form for form in new])
        self._lists |= {key: postings.positions for key, postings in found.items()}
        self._titles.update(new)

    def look_up(self, keys: Iterable[str]) -> None:
        """Get ready for many names at once."""
        if self._kept is not None:
            return
        new = [key for key in dict.fromkeys(keys) if key not in self._looked_up]
        new += [form for key in new for form in same_as(key)]
        found = self._texts.look_up([mark + key for key in new for mark in (TITLED, MENTIONS, DERIVED)])
        self._lists |= {key: postings.positions for key, postings in found.items()}
        self._looked_up.update(new)

    def homes(self, key: str) -> I32:
        """Return int32[h]: the passages that a name titles."""
        place = None if self._kept is None else self._kept.get(key)
        return self._of(TITLED, key) if place is None else place.homes

    def derived(self, key: str) -> I32:
        """Return int32[d]: the few passages that a name means without being a title of any."""
        found = self._list(DERIVED, key)
        return found if 0 < found.size <= MAX_HOMES and not self.homes(key).size else _NO_ROWS

    def place(self, key: str) -> Place:
        """Return where a name leads."""
        found = self._places.get(key)
        if found is None:
            found = None if self._kept is None else self._kept.get(key)
            self._places[key] = found = found or self._place(key)
        return found

    def _place(self, key: str) -> Place:
        homes, mentions, derived = self.homes(key), self._of(MENTIONS, key), self.derived(key)
        # A passage about somebody names him as well.
        frequency = max(mentions.size, homes.size)
        if not frequency and not derived.size:
            return self._nowhere
        found = Place(homes, mentions, rarity(frequency, self.n_passages), derived)
        if self._kept is not None:
            # A name that leads nowhere is the question's alone.
            self._kept[key] = found
        return found

    def _list(self, mark: str, key: str) -> I32:
        """Return int32[m]: rows with a name's key."""
        if key in self._looked_up or (mark == TITLED and key in self._titles):
            return self._lists.get(mark + key, _NO_ROWS)
        return self._texts.postings(mark + key).positions

    def _of(self, mark: str, key: str) -> I32:
        """Return int32[m]: rows with the key of a name, or of another that means the same."""
        others = same_as(key)
        if not others:
            return self._list(mark, key)
        lists = [rows for form in (key, *others) if (rows := self._list(mark, form)).size]
        if len(lists) < 2:
            return lists[0] if lists else _NO_ROWS
        return np.unique(np.concatenate(lists))

    def look_up_words(self, words: Collection[str]) -> None:
        """Get ready for :meth:`titled_with` and :meth:`having` of many words at once."""
        self._words |= {word: "".join(terms(word)[:1]) for word in words}
        if self._kept is None:
            self._texts.look_up([NAME_WORD + word for word in words] + [self._words[word] for word in words])

    def titled_with(self, word: str) -> I32:
        """Return int32[t]: the passages whose titles have the word beside others."""
        return self._texts.postings(NAME_WORD + word).positions

    def having(self, word: str) -> I32:
        """Return int32[h]: the rows that have the word, as a name or not."""
        term = self._words.get(word)
        if term is None:
            term = self._words[word] = "".join(terms(word)[:1])
        return self._texts.postings(term).positions if term else _NO_ROWS

    def is_name(self, key: str) -> bool:
        """Tell whether a single word is a name for most passages that have it."""
        if no_name(key):
            return False
        place = self.place(key)
        seen = place.homes.size + place.mentions.size
        return seen > 0 and seen >= COMMON_SHARE * self.frequency(key)

    def frequency(self, key: str) -> int:
        """Return how many rows have the word, as a name or not."""
        return self.having(key).size


def named(names: Names, question: str) -> tuple[dict[str, float], list[str]]:
    """Return the names of the question that are known, with what their titles are worth, and all that it may have.

    The longest come first and no two share a word. A run of small letters counts only as a whole title, so that one
    may ask in small letters.

    Args:
        names: Those of the passages.
        question: As it was asked.
    """
    words = split_words(question)[1][:MAX_QUESTION_WORDS]
    spans = [words[first:stop] for first, stop in _runs(words)]
    written = [any(word.capital for word in span) for span in spans]
    keys = [" ".join(word.key for word in span) for span in spans]
    names.look_up(key for key, capital in zip(keys, written, strict=True) if capital)
    names.look_up_titles(
        key for key, capital in zip(keys, written, strict=True) if not capital and " " in key
    )
    found: dict[str, float] = {}
    used = [False] * len(words)
    for first, stop in _runs(words):
        if any(used[first:stop]):
            continue
        key = " ".join(word.key for word in words[first:stop])
        worth = _worth(names, words[first:stop], key, opens=first == 0)
        if worth > 0:
            found[key] = worth
            used[first:stop] = [True] * (stop - first)
    found |= _han_names(names, question)
    spoken = find_spans(question)
    dotted = [name for name in spoken if " " in name and not name.isascii() and name not in found]
    names.look_up(dotted)
    found |= {name: names.place(name).rarity for name in dotted if names.place(name).is_known}
    return found, list(dict.fromkeys([*found, *spoken]))


def _han_names(names: Names, question: str) -> dict[str, float]:
    """Return the Chinese titles and names that stand in the question, the longest, with what they are worth."""
    if not names.has_han:
        return {}
    found: dict[str, float] = {}
    for run in _HAN_RUN.findall(fold(question))[:MAX_HAN_RUNS]:
        spans = [
            (first, first + size)
            for size in range(min(MAX_HAN, len(run)), MIN_HAN - 1, -1)
            for first in range(len(run) - size + 1)
        ]
        names.look_up(run[first:stop] for first, stop in spans)
        used = [False] * len(run)
        for first, stop in spans:
            if not any(used[first:stop]) and names.place(run[first:stop]).is_known:
                found[run[first:stop]] = names.place(run[first:stop]).rarity
                used[first:stop] = [True] * (stop - first)
    return found


def _runs(words: list[Word]) -> Iterator[tuple[int, int]]:
    """Yield the runs of words that may be names, longest first."""
    edge = [word.capital or word.key not in STOP_WORDS for word in words]
    for size in range(min(MAX_WORDS, len(words)), 0, -1):
        for first in range(len(words) - size + 1):
            if edge[first] and edge[first + size - 1]:
                yield first, first + size


def _worth(names: Names, words: list[Word], key: str, *, opens: bool) -> float:
    """Return what it is worth that the question has these words, 0 if they are no name."""
    capital = any(word.capital for word in words)
    if len(words) > 1:
        if all(no_name(word.key) for word in words):
            return 0.0
        if not capital:
            return names.place(key).rarity if names.homes(key).size else 0.0
        place = names.place(key)
        return place.rarity if place.is_known else 0.0
    if not capital or no_name(key):
        return 0.0
    if names.is_name(key):
        return names.place(key).rarity
    if opens or not 0 < names.homes(key).size <= MAX_HOMES:
        return 0.0
    return UNSURE * min(names.place(key).rarity, rarity(names.frequency(key), names.n_passages))
