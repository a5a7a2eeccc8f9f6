"""A session that has the words of a question speaks for each of its turns a little."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from polymem.domain.query import Selection, Visibility
from polymem.domain.scope import Scope
from polymem.ranking.scoring import Weights
from polymem.read.plan import plan_query
from polymem.read.search import search
from polymem.testing.faces import MemoryRow
from polymem.testing.snapshot import MemorySnapshot

NOW = datetime(2024, 5, 15, 12, tzinfo=UTC)
SCOPE = Scope(user_id="alice")
SAID = {
    "en": ("The harpsichord was tuned at last.", "Nobody came to see it.", "Who tuned the harpsichord?"),
    "zh": ("大键琴终于调好了音。", "没有人来看。", "谁给大键琴调的音？"),
}


def row(name, text, day, *, run, role="user", **given):
    return MemoryRow(
        name,
        text,
        speaker=role,
        role=role,
        run_id=run,
        valid_at=NOW - timedelta(days=day, minutes=given.pop("n", 0)),
        **given,
    )


def session_of(language, *, run: str | None = "r", role="user"):
    """The words in the first turn of a session, six turns between, and one that has none of them; another session has the latter too."""
    found, other, question = SAID[language]
    between = [row(f"b{n}", f"{n}", 3, run=run, n=9 - n) for n in range(6)]
    rows = [
        row("said", found, 3, run=run, role=role, n=20),
        *between,
        row("inside", other, 3, run=run, n=1),
        row("outside", other, 2, run="s" if run else None),
    ]
    return MemorySnapshot(rows, scope=SCOPE), question


def signals(snapshot, question, *, mode="hybrid", weights=None):
    plan = plan_query(question, now=NOW, limit=20, mode=mode)
    selection = Selection(SCOPE, Visibility(now=NOW))
    hits = search(snapshot, plan, selection, explain=True, weights=weights or Weights())
    return {hit.item.id: hit.signals for hit in hits}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_words_of_a_session_speak_for_its_turns(language):
    found = signals(*session_of(language))
    assert found["inside"]["session"] == pytest.approx(found["said"]["session"])
    assert found["inside"]["session"] > 0.2
    assert found["outside"]["session"] == 0
    assert sum(found["inside"].values()) > sum(found["outside"].values())


@pytest.mark.parametrize("language", ["en", "zh"])
def test_without_a_run_a_row_speaks_for_itself(language):
    found = signals(*session_of(language, run=None))
    weights = Weights()
    assert found["inside"]["session"] == found["outside"]["session"] == 0
    assert found["said"]["session"] / weights.session == pytest.approx(
        found["said"]["own"] / weights.own, rel=1e-5
    )


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_document_of_the_run_speaks_for_no_turn(language):
    found = signals(*session_of(language, role="document"))
    assert found["inside"]["session"] == found["outside"]["session"] == 0


@pytest.mark.parametrize("mode", ["keyword", "vector", "time", "graph"])
def test_a_single_arm_looks_at_no_session(mode):
    assert all("session" not in each for each in signals(*session_of("en"), mode=mode).values())


def test_where_no_row_has_a_word_of_the_question_there_is_no_such_signal():
    snapshot, _ = session_of("en")
    assert all("session" not in each for each in signals(snapshot, "zebra").values())


def test_left_out_with_the_neighbours():
    assert Weights().without(["neighbours"]).session == 0
    assert np.isclose(Weights().without(["keyword"]).session, 0)
