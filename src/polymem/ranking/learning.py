"""Weights of signals from what was of use: small factors on the defaults, kept only where they prove themselves.

The log odds of a hit are a sum of contributions, so a factor on each weight makes them linear, and the logistic loss with
a pull to the defaults is convex: one minimum, found by projected Newton steps in a few milliseconds.

Source: Le Cessie and van Houwelingen, Ridge Estimators in Logistic Regression (1992), here pulled to one instead of
nought; Bertsekas, Projected Newton Methods (1982).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from polymem.domain.learning import Example, Learned
from polymem.domain.slotted import dataclass
from polymem.ranking.scoring import Weights

__all__ = ["BOUNDS", "LEARNABLE", "MIN_EXAMPLES", "MIN_QUERIES", "learn", "unscaled", "with_factors"]

F64 = NDArray[np.float64]

BOUNDS: Final = (0.5, 2.0)
"""A weight is never less than half of its default, nor more than twice."""
PULL: Final = 20.0
"""So many examples' worth of evidence is asked before a factor moves far from one."""
HELD_OUT: Final = 0.3
"""Share of the questions, the last ones, on which factors have to prove themselves."""
MIN_EXAMPLES: Final = 40
MIN_QUERIES: Final = 10
MIN_PAIRS: Final = 5
"""Pairs of a useful and a useless hit of one question that must be held out."""
_KEPT_BACK: Final = frozenset({"base", "crowd", "importance", "recency", "half_life_days", "superseded"})
LEARNABLE: Final = tuple(
    field.name
    for field in fields(Weights)
    if field.name not in _KEPT_BACK and isinstance(field.default, float)
)
"""Weights that have factors; the others are no weights of relevance."""
_STEPS: Final = 60
_HALVINGS: Final = 20
_ENOUGH: Final = 1e-10


@dataclass(frozen=True, slots=True)
class _Part:
    """Examples as arrays: contributions float64[n, f] of the learnable signals, the rest float64[n], labels float64[n]."""

    signals: F64
    rest: F64
    useful: F64
    queries: tuple[str, ...]

    def odds(self, factors: F64, bias: float) -> F64:
        return self.rest + self.signals @ factors + bias


def learn(examples: Sequence[Example]) -> Learned:
    """Fit factors on the weights of the signals, and accept them only where they prove themselves.

    The last questions are held out. The factors are accepted if there both the logistic loss is lower and the share of
    pairs in the right order is not lower than with the default weights; otherwise they are all one.

    Args:
        examples: Hits that were of use or not, with the contributions of the default weights.

    Returns:
        What was found; ``factors`` is empty unless they were accepted.
    """
    ordered = _by_time(examples)
    queries = list(dict.fromkeys(example.query for example in ordered))
    told = Learned(n_examples=len(ordered), n_queries=len(queries))
    if len(ordered) < MIN_EXAMPLES or len(queries) < MIN_QUERIES:
        return replace(told, reason=f"needs {MIN_EXAMPLES} hits of {MIN_QUERIES} searches")
    late = frozenset(queries[math.ceil(len(queries) * (1 - HELD_OUT)) :])
    names = [name for name in LEARNABLE if any(example.signals.get(name) for example in ordered)]
    known = _part([example for example in ordered if example.query not in late], names)
    held = _part([example for example in ordered if example.query in late], names)
    told = replace(told, n_held_out=held.useful.size)
    if known.useful.min() == known.useful.max() or len(_pairs(held)) < MIN_PAIRS:
        return replace(told, reason="needs useful and useless hits of the same searches")
    ones = np.ones(len(names))
    factors, bias = _fit(known)
    _, plain = _fit(known, free=False)
    told = replace(
        told,
        loss_before=_loss(held, ones, plain),
        loss_after=_loss(held, factors, bias),
        order_before=_order(held, ones),
        order_after=_order(held, factors),
    )
    if told.loss_after >= told.loss_before or told.order_after < told.order_before:
        return replace(told, reason="was not better than the defaults on what was held out")
    return replace(
        told,
        accepted=True,
        factors=dict(zip(names, factors.tolist(), strict=True)),
        shift=float(((1 - factors) * known.signals.mean(0)).sum()),
    )


def with_factors(weights: Weights, learned: Learned) -> Weights:
    """Return *weights* times the factors; ``base`` makes up for what they add, so that scores keep their meaning."""
    if not learned.factors:
        return weights
    changed: dict[str, Any] = {
        name: getattr(weights, name) * factor for name, factor in learned.factors.items() if name in LEARNABLE
    }
    return replace(weights, **changed, base=weights.base + learned.shift)


def _by_time(examples: Sequence[Example]) -> list[Example]:
    """Return the examples question by question, those that were asked about first before others."""
    first: dict[str, Any] = {}
    for example in examples:
        first[example.query] = min(first.get(example.query, example.at), example.at)
    return sorted(
        examples, key=lambda example: (first[example.query], example.query, example.at, example.item)
    )


def _part(examples: Sequence[Example], names: Sequence[str]) -> _Part:
    signals = [[example.signals.get(name, 0.0) for name in names] for example in examples]
    rest = [math.fsum(v for name, v in example.signals.items() if name not in names) for example in examples]
    return _Part(
        np.array(signals, dtype=np.float64).reshape(len(examples), len(names)),
        np.array(rest, dtype=np.float64),
        np.array([example.useful for example in examples], dtype=np.float64),
        tuple(example.query for example in examples),
    )


def _fit(part: _Part, *, free: bool = True) -> tuple[F64, float]:
    """Return factors within ``BOUNDS`` and the bias, which says how often shown hits are of use; *free*: not all one."""
    n = part.signals.shape[1]
    inputs = np.hstack([part.signals, np.ones((len(part.rest), 1))])
    low, high = np.r_[np.full(n, BOUNDS[0]), -30.0], np.r_[np.full(n, BOUNDS[1]), 30.0]
    centre, pull = np.r_[np.ones(n), 0.0], np.r_[np.full(n, PULL), 1e-3]
    if not free:
        low[:n] = high[:n] = 1.0

    def height(at: F64) -> float:
        odds = part.rest + inputs @ at
        return float(np.logaddexp(0, odds).sum() - part.useful @ odds + (pull * (at - centre) ** 2).sum() / 2)

    found = centre.copy()
    value = height(found)
    for _ in range(_STEPS):
        guessed = _logistic(part.rest + inputs @ found)
        slope = inputs.T @ (guessed - part.useful) + pull * (found - centre)
        bound = ((found <= low) & (slope > 0)) | ((found >= high) & (slope < 0))
        curve = (inputs * (guessed * (1 - guessed))[:, None]).T @ inputs + np.diag(pull)
        curve[bound] = curve[:, bound] = 0.0
        curve[bound, bound] = 1.0
        step = np.linalg.solve(curve, np.where(bound, 0.0, slope))
        # The longest of these steps that leads down; none does at the minimum.
        tried = (np.clip(found - step * 0.5**k, low, high) for k in range(_HALVINGS))
        moved = next((at for at in tried if height(at) < value), None)
        if moved is None:
            break
        gained, found = value - height(moved), moved
        value -= gained
        if gained < _ENOUGH * max(abs(value), 1.0):
            break
    return found[:n], float(found[n])


def _logistic(odds: F64) -> F64:
    values: F64 = 1 / (1 + np.exp(-np.clip(odds, -36, 36)))
    return values


def _loss(part: _Part, factors: F64, bias: float) -> float:
    """Return the mean logistic loss."""
    odds = part.odds(factors, bias)
    return float((np.logaddexp(0, odds) - part.useful * odds).mean())


def _pairs(part: _Part) -> list[tuple[int, int]]:
    """Return the places of pairs of a useful and a useless hit of the same question."""
    groups: dict[str, tuple[list[int], list[int]]] = {}
    for place, (query, useful) in enumerate(zip(part.queries, part.useful, strict=True)):
        groups.setdefault(query, ([], []))[0 if useful else 1].append(place)
    return [(one, other) for good, bad in groups.values() for one in good for other in bad]


def _order(part: _Part, factors: F64) -> float:
    """Return the share of pairs in which the useful hit stands above the useless one; a tie is half of that."""
    odds = part.odds(factors, 0.0)
    better = np.array([odds[one] - odds[other] for one, other in _pairs(part)])
    return float(((better > 0) + (better == 0) / 2).mean())


def unscaled(signals: Mapping[str, float], learned: Learned) -> dict[str, float]:
    """Return contributions as the default weights would have given them, where *learned* was in force."""
    plain = {name: value / learned.factors.get(name, 1.0) for name, value in signals.items()}
    if "base" in plain:
        plain["base"] -= learned.shift
    return plain
