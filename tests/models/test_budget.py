"""A budget is kept over time, threads and forks."""

from __future__ import annotations

import os
import threading

import pytest

from polymem.domain.derivation import NO_USAGE, Usage
from polymem.errors import BudgetError
from polymem.models.budget import Budget


def budget(
    *, calls: int | None = None, tokens: int | None = None, window_s: float = 0, at: list[float]
) -> Budget:
    return Budget(calls=calls, tokens=tokens, window_s=window_s, model="m", clock=lambda: at[0])


def test_a_window_moves_on() -> None:
    at = [100.0]
    limited = budget(tokens=100, window_s=60, at=at)
    for _ in range(2):
        limited.begin()
        limited.end(Usage(1, 40, 10))
        at[0] += 20
    with pytest.raises(BudgetError) as caught:
        limited.begin()
    assert (caught.value.budget, caught.value.limit, caught.value.retry_after_s) == ("tokens", 100, 20)
    at[0] += 20
    limited.begin()
    limited.end(NO_USAGE)
    assert limited.spent == Usage(1, 40, 10)


def test_without_a_window_it_never_comes_back() -> None:
    at = [0.0]
    limited = budget(calls=1, at=at)
    limited.begin()
    limited.end(Usage(1, 1, 1))
    at[0] = 1e9
    with pytest.raises(BudgetError) as caught:
        limited.begin()
    assert caught.value.retry_after_s is None


def test_nothing_may_be_asked_with_a_budget_of_nothing() -> None:
    for limited in (budget(calls=0, at=[0.0]), budget(tokens=0, at=[0.0])):
        with pytest.raises(BudgetError):
            limited.begin()


def test_threads_share_it() -> None:
    limited = budget(calls=100, at=[0.0])
    refused: list[int] = []

    def spend() -> None:
        for _ in range(50):
            try:
                limited.begin()
            except BudgetError:
                refused.append(1)
            else:
                limited.end(Usage(1, 0, 0))

    threads = [threading.Thread(target=spend) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (limited.spent.calls, len(refused)) == (100, 100)


def test_a_fork_starts_without_calls_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    limited = budget(calls=2, at=[0.0])
    limited.begin()
    limited.begin()
    held = limited._lock
    held.acquire()
    monkeypatch.setattr(os, "getpid", lambda: -1)
    limited.begin()
    assert limited._lock is not held
