"""The keys of a profile: which there are, in which order they are shown, and under which one a relation is found."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from polymem.domain.predicates import PREDICATES, predicate_named

__all__ = ["PROFILE_GROUPS", "PROFILE_KEYS", "SINGLE_KEYS", "about_of", "key_order", "profile_place"]

PROFILE_GROUPS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "instructions": ("instructions",),
        "identity": ("name", "nicknames", "age", "birthday", "gender", "languages"),
        "places": ("residence", "hometown", "workplace"),
        "work": ("occupation", "employer", "school", "education", "studies"),
        "people": ("people", "pets"),
        "preferences": ("likes", "dislikes", "favourites"),
        "goals": ("wishes", "plans"),
        "health": ("allergies",),
        "life": ("habits", "possessions", "counts", "status", "traits", "events"),
        "other": ("other",),
    }
)
"""Every key of a profile, by group, in the order in which they are shown: what the reader is to obey comes first."""

PROFILE_KEYS: Final = tuple(key for keys in PROFILE_GROUPS.values() for key in keys)
_PLACE_OF_KEY: Final = {key: n for n, key in enumerate(PROFILE_KEYS)}
_QUALIFIED: Final = {"favourite", "count", "status", "instruction"}
"""Predicates that are used with a qualifier, so that several of them hold at a time."""
SINGLE_KEYS: Final = (
    frozenset(predicate.profile_key for predicate in PREDICATES.values() if predicate.functional)
    - frozenset(predicate.profile_key for predicate in PREDICATES.values() if not predicate.functional)
    - frozenset(PREDICATES[name].profile_key for name in _QUALIFIED if name in PREDICATES)
)
"""Keys under which a person has one value at a time."""


def profile_place(predicate: str, slot: str) -> tuple[str, str]:
    """Return the key under which a relation of the owner is found, and its place there; one place has one value.

    Several predicates share a key (mother and father are people), so the predicate is part of the place.

    Example:
        >>> profile_place("lives_in", "paris"), profile_place("likes", "hike"), profile_place("favourite:colour", "blue")
        (('residence', 'lives_in'), ('likes', 'likes:hike'), ('favourites', 'favourite:colour'))
    """
    try:
        known = predicate_named(predicate)
    except ValueError:
        # Of a store that a newer version wrote: found under its own name.
        return predicate, f"{predicate}:{slot}"
    if known.functional:
        return known.profile_key, predicate
    # Two colons, so that it is not taken for a qualifier.
    return known.profile_key, f"{predicate}::{slot}" if predicate in _QUALIFIED else f"{predicate}:{slot}"


def about_of(key: str, place: str) -> str:
    """Return what a value under *key* is about: who a person is to the owner, or the qualifier; "" where the key says it.

    Example:
        >>> about_of("people", "sister:anna"), about_of("favourites", "favourite:colour"), about_of("likes", "likes:hike")
        ('sister', 'colour', '')
    """
    head, _, rest = place.partition(":")
    if key in {"people", "other"}:
        return head.replace("_", " ")
    if head in _QUALIFIED and not rest.startswith(":"):
        return rest
    return ""


def key_order(key: str) -> tuple[int, str]:
    """Return where *key* stands in a profile; unknown ones at the end, by name."""
    return _PLACE_OF_KEY.get(key, len(_PLACE_OF_KEY)), key
