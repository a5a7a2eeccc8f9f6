"""Feedback that is none is refused; damaged feedback and fits are found, told of and mended."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from polymem import Memory
from polymem.domain.hit import Hit
from polymem.errors import InputError, StoreCorruptError
from polymem.ranking.scoring import Weights
from polymem.testing.fakes import WordEmbedder


@pytest.fixture
def memory(path: Path):
    with Memory(path, embedder=WordEmbedder()) as opened:
        opened.add("I keep the kettle in the attic. 水壶在阁楼。", user_id="ann", infer=False)
        yield opened


def found(memory: Memory) -> Hit:
    return memory.search("水壶 kettle", user_id="ann", explain=True)[0]


def sql(path: Path, statement: str, *values: object) -> None:
    connection = sqlite3.connect(path)
    try:
        connection.execute(statement, values)
        connection.commit()
    finally:
        connection.close()


@pytest.mark.parametrize(
    "number", ["", "x", "-1", "1.5", "٣", "9" * 30, "9" * 5_000], ids=lambda number: number[:8]
)
def test_a_search_without_a_number_is_refused(memory: Memory, number: str) -> None:
    hit = found(memory)
    with pytest.raises(InputError, match="explain=True"):
        memory.feedback(replace(hit, search=f"{number}.{hit.search.partition('.')[2]}"), useful=True)


@pytest.mark.parametrize("query", ["", "abc", "茶", "0" * 32, "0" * 36])
def test_a_search_without_an_id_is_refused(memory: Memory, query: str) -> None:
    with pytest.raises(InputError, match="explain=True"):
        memory.feedback(replace(found(memory), search=f"0.{query}"), useful=True)


@pytest.mark.parametrize(
    "signals",
    [
        *({"Ann keeps the kettle": 1.0}, {"水壶": 1.0}, {"x" * 100: 1.0}, {1: 1.0}),
        *({"own": "1"}, {"own": None}, {"own": float("nan")}, {"own": float("inf")}),
    ],
)
def test_signals_are_numbers_by_name(memory: Memory, path: Path, signals: dict[str, float]) -> None:
    with pytest.raises(InputError, match="no signals of a search"):
        memory.feedback(replace(found(memory), signals=signals), useful=True)
    assert memory.verify() == []


@pytest.mark.parametrize(
    "told",
    [
        *("{", "[]", '{"shift": "x"}', '{"accepted": 1}', '{"unheard_of": 1}'),
        *('{"factors": []}', '{"factors": {"own": 0.0}}', '{"factors": {"own": "2"}}', '{"reason": 7}'),
    ],
)
def test_a_damaged_fit_is_told_of_and_let_go_of(memory: Memory, path: Path, told: str) -> None:
    sql(path, "INSERT INTO learned VALUES ('default', 7, 0, ?)", '{"factors": {"own": 2.0}}')
    assert memory.weights()["own"] == pytest.approx(2 * Weights().own)
    memory._memory._parts.learned.forget("default")
    sql(path, "INSERT INTO learned VALUES ('default', 9, 0, ?)", told)
    with pytest.raises(StoreCorruptError, match="rebuild"):
        memory.search("水壶", user_id="ann")
    assert memory.search("水壶", user_id="ann", tenant="other") is not None
    assert [(finding.face, finding.count) for finding in memory.verify()] == [("learned", 1)]
    memory.rebuild()
    assert memory.verify() == []
    # What was in force before it was outdated.
    assert memory.weights()["own"] == pytest.approx(Weights().own)


@pytest.mark.parametrize("signals", ["{", "[1]", '{"own": "x"}', '{"own": [1]}', "3"])
def test_damaged_feedback_is_told_of_and_let_go_of(memory: Memory, path: Path, signals: str) -> None:
    memory.feedback(found(memory), useful=True)
    sql(path, "UPDATE feedback SET signals = ?", signals)
    with pytest.raises(StoreCorruptError, match="rebuild"):
        memory.learn()
    assert [(finding.face, finding.count) for finding in memory.verify()] == [("feedback", 1)]
    memory.rebuild()
    assert memory.verify() == []
    assert memory.learn().n_examples == 0
