"""Tables of sentences: what is read in each, and that nothing is read where nothing is said."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from polymem.text.times import find_times

NOW = datetime(2023, 5, 10, 14, 30, tzinfo=UTC)
HERE = Path(__file__).parent


def table(language: str) -> list[tuple[str, list[str]]]:
    lines = (HERE / f"times_{language}.tsv").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return [(sentence, times) for sentence, *times in rows]


ROWS = [*table("en"), *table("zh")]


def written(moment: datetime) -> str:
    text = moment.strftime("%Y-%m-%dT%H:%M")
    return text.removesuffix("T00:00")


@pytest.mark.parametrize(("sentence", "times"), ROWS, ids=[sentence for sentence, _ in ROWS])
def test_a_sentence_says_these_times_and_no_others(sentence: str, times: list[str]) -> None:
    found = find_times(sentence, now=NOW)
    assert [f"{one.text}|{written(one.start)}|{written(one.end)}|{one.granularity}" for one in found] == times
    assert all(sentence[one.offset[0] : one.offset[1]] == one.text for one in found)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_tables_are_as_large_as_promised(language: str) -> None:
    rows = table(language)
    assert sum(bool(times) for _, times in rows) >= 80
    assert sum(not times for _, times in rows) >= 40
    assert len({sentence for sentence, _ in rows}) == len(rows)
