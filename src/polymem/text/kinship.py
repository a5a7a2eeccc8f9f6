"""What is a kind of what: surfing is a sport, a violin an instrument, 火锅 a food.

The table in :mod:`.kinship_table` is made by ``tools/make_kinship.py`` from WordNet 3.1 and from lists of this project. It holds index
terms as :func:`polymem.text.tokenise.terms` gives them, alone or two that follow one another, so that "hiked" and "hiking"
are one entry and a Chinese word of three characters is two pairs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final, TypeAlias

from polymem.text.kinship_table import LINES
from polymem.text.lazy import lazy
from polymem.text.normalise import fold
from polymem.text.tokenise import terms

__all__ = ["asked_kinds_of_things", "kinds_of_things"]

# By term: its kinds, and those of the pairs that it begins, by their second term.
_Entry: TypeAlias = tuple[tuple[str, ...], Mapping[str, tuple[str, ...]]]
_Table: TypeAlias = Mapping[str, _Entry]

# Words that ask, which are no index terms.
_ASKING: Final = (
    (lazy(r"\bwhere\b|哪里|哪儿|什么地方"), ("place",)),
    (lazy(r"\bwho(?:m|se)?\b|谁"), ("friend", "relative")),
    (lazy(r"\bwhy\b|为什么"), ("reason",)),
    (lazy(r"\bhow (?:many|much|old|often|far|tall|big)\b|\bnumber of\b"), ("number",)),
    (lazy(r"\bhow long\b"), ("duration",)),
)


def kinds_of_things(found: Sequence[str]) -> frozenset[str]:
    """Return the kinds of what a text names.

    Args:
        found: Its index terms, in order.

    Example:
        >>> sorted(kinds_of_things(["cello"])), sorted(kinds_of_things(["火锅"]))
        (['instrument', 'music'], ['food'])
    """
    return _looked_up(found, _members())


def asked_kinds_of_things(question: str) -> frozenset[str]:
    """Return the kinds of what a question may ask for.

    Example:
        >>> sorted(asked_kinds_of_things("Which instruments does she have?"))
        ['instrument', 'music']
        >>> sorted(asked_kinds_of_things("谁送的乐器？"))
        ['friend', 'instrument', 'relative']
    """
    kinds = set(_looked_up(terms(question), _asked()))
    folded = fold(question)
    for pattern, asked in _ASKING:
        if pattern.search(folded):
            kinds.update(asked)
    return frozenset(kinds)


def _looked_up(found: Sequence[str], table: _Table) -> frozenset[str]:
    kinds: set[str] = set()
    before: Mapping[str, tuple[str, ...]] | None = None  # what may follow the last term
    for term in found:
        if before is not None and term in before:
            kinds.update(before[term])
        entry = table.get(term)
        if entry is None:
            before = None
        else:
            alone, before = entry
            kinds.update(alone)
    return frozenset(kinds)


@lru_cache(maxsize=1)
def _members() -> _Table:
    return _inverted([(name, members) for name, _, members in LINES])


@lru_cache(maxsize=1)
def _asked() -> _Table:
    return _inverted([(name, asked) for name, asked, _ in LINES])


def _inverted(lists: Sequence[tuple[str, str]]) -> _Table:
    """Return the kinds by entry."""
    alone: dict[str, list[str]] = defaultdict(list)
    pairs: dict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)
    for name, entries in lists:
        for entry in entries.split(","):
            first, _, second = entry.partition(" ")
            if second:
                pairs[first][second] = (*pairs[first].get(second, ()), name)
            else:
                alone[first].append(name)
    return {term: (tuple(alone.get(term, ())), pairs.get(term, {})) for term in alone.keys() | pairs.keys()}
