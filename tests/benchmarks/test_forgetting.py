"""The forgetting set is large enough, and its cases hold."""

from __future__ import annotations

from collections import Counter

from benchmarks.forgetting import measure
from benchmarks.forgetting_cases import cases


def test_there_are_enough_cases_of_every_class_and_each_has_a_survivor() -> None:
    made = cases()
    kinds = Counter(case.kind for case in made)
    assert len(made) >= 200
    assert len(kinds) == 12
    assert min(kinds.values()) >= 10
    for case in made:
        assert any(told.goes for told in case.told)
        assert not all(told.goes for told in case.told)


def test_one_of_each_dozen_holds() -> None:
    good, n = measure(every=13)["all"]
    assert n == len(cases()[::13])
    assert good >= 0.9 * n
