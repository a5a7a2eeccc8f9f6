"""Weights are learned from use only where they prove themselves."""

import math
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polymem.domain.learning import Example, Learned
from polymem.ranking.learning import (
    BOUNDS,
    LEARNABLE,
    MIN_EXAMPLES,
    MIN_QUERIES,
    learn,
    unscaled,
    with_factors,
)
from polymem.ranking.scoring import Weights

NAMES = ("own", "context", "dense", "speaker")
START = datetime(2024, 1, 1, tzinfo=UTC)


def examples(n_queries, *, factors, seed=0, noise=0.0, per_query=6, base=-4.0):
    """Return feedback of a world in which the default weights times *factors* tell what is of use."""
    chance = np.random.default_rng(seed)
    made = []
    for query in range(n_queries):
        for item in range(per_query):
            parts = chance.normal(1, 1, len(NAMES))
            useful = chance.random() < 1 / (1 + np.exp(-(base + parts @ np.array(factors))))
            if chance.random() < noise:
                useful = chance.random() < 0.5
            signals = dict(zip(NAMES, parts.tolist(), strict=True)) | {"base": base}
            made.append(
                Example(f"i{item}", f"q{query}", START + timedelta(minutes=query), bool(useful), signals)
            )
    return made


def loss(part, factors, bias):
    """Return the mean logistic loss, written down a second time."""
    total = 0.0
    for example in part:
        odds = bias + math.fsum(value * factors.get(name, 1.0) for name, value in example.signals.items())
        p = 1 / (1 + math.exp(-odds))
        total -= math.log(p if example.useful else 1 - p)
    return total / len(part)


def order(part, factors):
    """Return the share of pairs in the right order, written down a second time."""
    odds = [math.fsum(v * factors.get(name, 1.0) for name, v in e.signals.items()) for e in part]
    pairs = [
        (a > b) + (a == b) / 2
        for e, a in zip(part, odds, strict=True)
        for o, b in zip(part, odds, strict=True)
        if e.useful and not o.useful and e.query == o.query
    ]
    return sum(pairs) / len(pairs)


def held_out(made):
    queries = list(dict.fromkeys(example.query for example in made))
    late = set(queries[math.ceil(len(queries) * 0.7) :])
    return [example for example in made if example.query in late]


def test_what_matters_to_a_tenant_is_found():
    made = examples(150, factors=(1.9, 0.6, 1, 1), seed=3)
    learned = learn(made)
    assert learned.accepted
    assert learned.factors["own"] > 1.2
    assert learned.factors["context"] < 0.9
    assert learned.loss_after < learned.loss_before
    assert learned.order_after >= learned.order_before
    assert (learned.n_examples, learned.n_queries, learned.n_held_out) == (900, 150, 270)


@pytest.mark.parametrize("seed", range(4))
def test_where_the_defaults_are_right_little_changes(seed):
    learned = learn(examples(300, factors=(1, 1, 1, 1), seed=seed))
    assert all(0.75 < factor < 1.35 for factor in learned.factors.values())


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    n=st.integers(8, 40),
    factors=st.tuples(*[st.floats(-3, 4)] * 4),
    noise=st.floats(0, 1),
    lies=st.booleans(),
)
def test_never_below_the_default_on_what_was_held_out(seed, n, factors, noise, lies):
    """Whatever the feedback says, noise and lies included: what is in force is no worse there, in loss and in order."""
    made = examples(n, factors=factors, seed=seed, noise=noise)
    if lies:
        # The first part says the opposite of the last.
        cut = {f"q{query}" for query in range(int(n * 0.7))}
        made = [Example(e.item, e.query, e.at, e.useful != (e.query in cut), e.signals) for e in made]
    learned = learn(made)
    low, high = BOUNDS
    assert all(low <= factor <= high for factor in learned.factors.values())
    if not learned.accepted:
        assert not learned.factors
        assert learned.reason
        assert with_factors(Weights(), learned) == Weights()
        return
    part = held_out(made)
    grid = np.linspace(-8, 8, 161)
    assert order(part, learned.factors) >= order(part, {}) - 1e-12
    assert learned.loss_after < learned.loss_before
    # The figures told are those of the parts: with the best bias of all neither can be lower.
    assert min(loss(part, learned.factors, bias) for bias in grid) <= learned.loss_after + 1e-3
    assert min(loss(part, {}, bias) for bias in grid) <= learned.loss_before + 1e-3


def test_the_fit_is_the_minimum():
    """No point near the answer is lower: the loss is convex, so that is the minimum."""
    from polymem.ranking import learning

    part = learning._part(examples(80, factors=(1.8, 0.4, 1, 2.5), seed=5), NAMES)
    factors, bias = learning._fit(part)
    inputs = np.hstack([part.signals, np.ones((len(part.rest), 1))])
    centre, pull = np.r_[np.ones(4), 0.0], np.r_[np.full(4, learning.PULL), 1e-3]

    def height(at):
        at = np.clip(at, [*[BOUNDS[0]] * 4, -30], [*[BOUNDS[1]] * 4, 30])
        odds = part.rest + inputs @ at
        losses = np.log1p(np.exp(np.where(part.useful > 0, -odds, odds)))
        return losses.sum() + (pull * (at - centre) ** 2).sum() / 2

    lowest = height(np.r_[factors, bias])
    chance = np.random.default_rng(0)
    for size in (1e-3, 1e-2, 0.1, 1.0):
        for _ in range(50):
            assert height(np.r_[factors, bias] + chance.normal(0, size, 5)) >= lowest - 1e-6


def test_too_little_is_told():
    few = examples(MIN_QUERIES - 1, factors=(1, 1, 1, 1))
    assert not learn(few).accepted
    assert str(MIN_EXAMPLES) in learn(few).reason
    assert learn([]).reason == learn(few).reason
    praise = [Example(e.item, e.query, e.at, True, e.signals) for e in examples(30, factors=(1, 1, 1, 1))]
    assert "useful and useless" in learn(praise).reason
    alone = examples(60, factors=(1, 1, 1, 1), per_query=1)
    assert "of the same searches" in learn(alone).reason


def test_the_order_of_telling_does_not_matter():
    made = examples(40, factors=(2, 0.5, 1, 1), seed=2)
    shuffled = [made[n] for n in np.random.default_rng(1).permutation(len(made))]
    one, other = learn(made), learn(shuffled)
    assert one.accepted is other.accepted
    assert one.factors == pytest.approx(other.factors)


def test_scores_keep_their_meaning():
    """The mean log odds of what the factors were fitted to stay where they were."""
    made = examples(100, factors=(1.9, 0.6, 1, 1), seed=3)
    learned = learn(made)
    plain, fitted = Weights(), with_factors(Weights(), learned)
    early = made[: len(made) - learned.n_held_out]

    def mean(factors, shift):
        return np.mean([sum(v * factors.get(k, 1) for k, v in e.signals.items()) + shift for e in early])

    assert mean(learned.factors, fitted.base - plain.base) == pytest.approx(mean({}, 0.0), abs=1e-6)


def test_signals_are_told_by_the_default_weights():
    learned = Learned(accepted=True, factors={"own": 2.0, "dense": 0.5}, shift=0.25)
    weights = with_factors(Weights(), learned)
    assert (weights.own, weights.dense) == (2 * Weights().own, Weights().dense / 2)
    assert weights.base == Weights().base + 0.25
    assert unscaled({"own": 3.0, "dense": 1.0, "base": -4.0, "rerank": 1.0}, learned) == {
        "own": 1.5,
        "dense": 2.0,
        "base": -4.25,
        "rerank": 1.0,
    }


def test_what_is_no_relevance_is_not_learned():
    assert not {"base", "crowd", "importance", "recency", "superseded", "fusion"} & set(LEARNABLE)
    made = [
        Example(e.item, e.query, e.at, e.useful, {**e.signals, "recency": float(e.useful), "of old": 1.0})
        for e in examples(60, factors=(1, 1, 1, 1))
    ]
    assert not {"recency", "of old", "base"} & learn(made).factors.keys()
    assert with_factors(Weights(), Learned(factors={"fusion": 2.0, "gone": 2.0})) == Weights()
