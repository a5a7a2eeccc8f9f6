"""Predicates as people say them, in the language of what they join."""

from __future__ import annotations

import re
from typing import Final

from polymem.domain.entity import Relation
from polymem.domain.predicates import Predicate, predicate_named

_CHINESE: Final = re.compile("[\u3400-\u9fff\uf900-\ufaff]")


def label(relation: Relation) -> str:
    """Return the words between subject and object, with the negation of a negative statement."""
    predicate = _named(relation.predicate)
    chinese = _CHINESE.search(relation.subject + relation.object) is not None
    if relation.predicate == "event":
        # Its object is a whole predicate of its own: "went hiking with Ines".
        words = "事件" if chinese else "event"
    elif predicate is None:
        words = relation.predicate.replace("_", " ")
    else:
        words = predicate.label_zh if chinese else predicate.label_en
    if relation.positive:
        return words
    return f"并非{words}" if chinese else f"not: {words}"


def predicate_label(name: str) -> str:
    """Return a predicate in English words, as it is written where this version does not know it.

    Example:
        >>> predicate_label("count:cats"), predicate_label("invested_in")
        ('has this many (cats)', 'invested in')
    """
    predicate = _named(name)
    return name.replace("_", " ") if predicate is None else predicate.label_en


def _named(name: str) -> Predicate | None:
    """Return how a predicate is labelled, None for one that this version does not know."""
    try:
        return predicate_named(name)
    except ValueError:
        return None


def sentence(relation: Relation) -> str:
    """Return a relation as a short sentence."""
    return f"{relation.subject} {label(relation)} {relation.object}"
