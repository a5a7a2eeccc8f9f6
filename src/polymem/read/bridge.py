"""One step over shared names: from the passages that fit a question to those about whom they name.

"Where was the director of that film born?" names the film; its passage names the director, and the passage about the
director says it. Personalised PageRank over the same names finds no more, and cannot be explained.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Final

import numpy as np

from polymem.ports.faces import F32, I32
from polymem.ranking.titles import rarity, stretch
from polymem.read.naming import Lead, Names, Place
from polymem.text.countries import same_as
from polymem.text.keys_passage import MENTIONS, TITLED
from polymem.text.spans import MAX_WORDS
from polymem.text.tokenise import STOP_WORDS

__all__ = ["N_ANCHORS", "bridge"]

N_ANCHORS: Final = 10
POWER: Final = 4.0
"""An anchor with 0.8 of the best score counts 0.4 of the best."""
LEAST: Final = 0.06
"""An anchor that counts less leads nowhere that would be seen."""
MAX_MENTIONS: Final = 50
"""A name that more passages mention is a hub, and leads anywhere."""
OWN_TITLE: Final = 0.5
"""What the name that titles an anchor itself counts."""
DERIVED_HOME: Final = 0.5
"""What leads to a passage by a derived name counts, where 1 is what leads to one by its title."""
HOME_RELEVANCE: Final = 0.2
MENTION_RELEVANCE: Final = 0.8
"""How far what a name leads to must fit the question itself: a passage about it little, one that mentions it much."""
MAX_PARTED: Final = 8
"""A name of more words is a heading, and is not taken apart."""
RARITY_POWER: Final = 2
MEANT: Final = 0.8
"""What the passage counts at least that a rare name of the question titles, be another much better."""
MIN_LETTERS: Final = 3
MAX_WORD_TITLES: Final = 3
MAX_HAVING: Final = 4
"""A word of a name that more titles have, or more passages, tells nobody."""
TITLE_WORD: Final = 0.4
RARE_WORD: Final = 0.3
"""What it counts that a title, or a passage, has such a word."""
RARE_SHARE: Final = 4
"""A word that more than one passage in so many has is common there, however few the passages are."""
_FIRST_HAN: Final = "\u3400"


def bridge(
    names: Names,
    keys: Mapping[int, Collection[str]],
    seed: F32,
    anchors: I32,
    *,
    fits: F32,
    asked: Mapping[str, float],
    is_story: bool = False,
) -> F32:
    """Return float32[n]: how strongly the best passages lead to each passage, at most 1 by a name and 0.7 by words of names.

    Args:
        names: Names of the passages.
        keys: Keys of the anchors by position.
        seed: float32[n], what speaks for each passage of itself.
        anchors: int32[k], positions of the best, best first.
        fits: float32[n], likeness of each passage to the question.
        asked: Names that the question has itself, with what their titles are worth; what they lead to is known.
        is_story: Whether the best passages tell one story: then Chinese names, which no capital marks, lead to passages about
            them, and to none that mentions them as well, which would be another story.
    """
    forces = stretch(anchors, seed, power=POWER)
    # Beside pages, what a few short passages share by a word leads away from the pages.
    if not names.are_few:
        forces = np.maximum(forces, _meant(names, asked, anchors, seed))
    anchors, forces = anchors[forces >= LEAST], forces[forces >= LEAST]
    names.look_up(
        name for at in anchors.tolist() for name in _names_of(keys.get(at, ())) if name not in asked
    )
    active: dict[str, float] = {}
    for position, force in zip(anchors.tolist(), forces.tolist(), strict=True):
        for name, share in _of_anchor(names, position, keys.get(position, ()), asked):
            active[name] = max(active.get(name, 0.0), force * share)
    reached = np.zeros(seed.size, dtype=np.float32)
    for name, force in active.items():
        _lead(names.place(name), force, fits, reached, home_only=is_story and name[0] >= _FIRST_HAN)
    return reached if names.are_few else reached + _by_words(names, active, seed.size)


def _meant(names: Names, asked: Mapping[str, float], anchors: I32, seed: F32) -> F32:
    """Return float32[k]: what each anchor counts at least, being the best passage that a name of the question titles.

    "Is A or B older?" asks about both, however much better A fits.
    """
    least = np.zeros(anchors.size, dtype=np.float32)
    for name, worth in asked.items():
        place = names.place(name)
        if place.leads_home:
            here = anchors == place.homes[seed[place.homes].argmax()]
            least[here] = np.maximum(least[here], np.float32(MEANT * worth))
    return least


def _by_words(names: Names, active: Mapping[str, float], n: int) -> F32:
    """Return float32[n]: which passages have a rare word of an active name, in their titles or at all.

    Nobody is called alike everywhere: who is "King Olaf" here has a passage of his own as "Olaf the Stout". Chinese names
    have no words.
    """
    words: dict[str, float] = {}
    for name, force in active.items():
        for word in name.split() if name.isascii() else ():
            if len(word) >= MIN_LETTERS and word not in STOP_WORDS:
                words[word] = max(words.get(word, 0.0), force)
    names.look_up_words(words)
    titled, shared = np.zeros(n, dtype=np.float32), np.zeros(n, dtype=np.float32)
    for word, force in words.items():
        having = names.having(word)
        if not 0 < having.size <= MAX_MENTIONS:
            continue
        homes = names.titled_with(word)
        if 0 < homes.size <= MAX_WORD_TITLES:
            worth = np.float32(TITLE_WORD * force * rarity(having.size, names.n_passages))
            titled[homes] = np.maximum(titled[homes], worth)
        if 1 < having.size <= min(MAX_HAVING, names.n_passages // RARE_SHARE):
            worth = np.float32(RARE_WORD * force * (1 - having.size / (2 * MAX_HAVING)))
            shared[having] = np.maximum(shared[having], worth)
    return titled + shared


def _lead(place: Place, force: float, fits: F32, reached: F32, *, home_only: bool) -> None:
    """Raise what a name of an active passage leads to."""
    if place.leads_home:
        homes = place.homes
        there = np.float32(force) * (
            np.float32(1 - HOME_RELEVANCE) + np.float32(HOME_RELEVANCE) * fits[homes]
        )
        reached[homes] = np.maximum(reached[homes], there)
    elif place.derived.size:
        homes = place.derived
        fit = np.float32(1 - HOME_RELEVANCE) + np.float32(HOME_RELEVANCE) * fits[homes]
        reached[homes] = np.maximum(reached[homes], np.float32(force * DERIVED_HOME) * fit)
    # The only passage that mentions what has none of its own is where the name was found.
    if (place.homes.size == 0) < place.mentions.size <= MAX_MENTIONS and not home_only:
        others = place.mentions
        worth = np.float32(force * place.rarity**RARITY_POWER)
        there = worth * (np.float32(1 - MENTION_RELEVANCE) + np.float32(MENTION_RELEVANCE) * fits[others])
        reached[others] = np.maximum(reached[others], there)


def _names_of(keys: Collection[str]) -> Iterator[str]:
    """Yield the names among the keys of a passage."""
    for key in keys:
        if key.startswith((TITLED, MENTIONS)):
            yield key[len(MENTIONS) :]


def _of_anchor(
    names: Names, position: int, keys: Collection[str], asked: Collection[str]
) -> Iterator[tuple[str, float]]:
    """Yield the names of an anchor that the question does not have, with what they count."""
    known = frozenset(asked)
    leads = names.leads.get(position)
    if leads is None:
        leads = names.leads[position] = list(_leads(names, keys))
    for lead in leads:
        name = lead[0][0]
        if name not in asked and known.isdisjoint(same_as(name)):
            yield from (each for each in lead if each[0] not in asked)


def _leads(names: Names, keys: Collection[str]) -> Iterator[Lead]:
    """Yield each name of a passage, and the parts of it that lead on, with what they count."""
    for key in keys:
        if key.startswith(TITLED):
            name, share = key[len(TITLED) :], OWN_TITLE
        elif key.startswith(MENTIONS):
            name, share = key[len(MENTIONS) :], 1.0
        else:
            continue
        if " " in name or not name.isascii():
            apart = share == 1.0 and " " in name and not names.homes(name).size
            yield ((name, share), *((part, 1.0) for part in (_parts(names, name) if apart else ())))
        elif names.is_name(name):
            yield ((name, share),)


def _parts(names: Names, name: str) -> Iterator[str]:
    """Yield the longest parts of a name that title passages: of "Senator Ann Lee of Ohio" that is "Ann Lee"."""
    words = name.split()
    if len(words) > MAX_PARTED:
        return
    first = 0
    while first < len(words) - 1:
        for stop in range(min(len(words), first + MAX_WORDS), first + 1, -1):
            if stop - first == len(words) or words[first] in STOP_WORDS or words[stop - 1] in STOP_WORDS:
                continue
            part = " ".join(words[first:stop])
            if names.homes(part).size:
                yield part
                first = stop - 1
                break
        first += 1
