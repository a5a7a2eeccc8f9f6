"""The latest: of what fits a question equally well the newest comes first, where the question asks for it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polymem.domain.filter import parse_filter
from polymem.domain.query import Selection, Visibility
from polymem.domain.scope import Scope
from polymem.ranking.scoring import Weights
from polymem.read.plan import plan_query
from polymem.read.search import search
from polymem.testing.faces import MemoryRow
from polymem.testing.snapshot import MemorySnapshot

NOW = datetime(2024, 5, 15, 12, tzinfo=UTC)
SCOPE = Scope(user_id="alice")
ROOF, OTHER = np.eye(2, dtype=np.float32)
SAID = {
    "en": "The roof leaks again, {} buckets are full.",
    "zh": "屋顶又漏水了，接满了{}个桶。",
}
LATEST = {
    "en": (
        "What did I last say about the roof?",
        "What is the most recent news of the roof?",
        "What's the latest on the roof?",
        "What did I say the last time the roof leaked?",
        "Which leak of the roof was mentioned most recently?",
    ),
    "zh": (
        "我最近一次说屋顶是什么情况？",
        "屋顶的最新情况是什么",
        "上次屋顶漏水是什么情况？",
        "我最後一次提到屋頂說了什麼？",
    ),
}
PLAIN = {
    "en": (
        "What did I say about the roof?",
        "What did I say about the roof last week?",
        "How long did the roof last?",
    ),
    "zh": ("我说过屋顶什么？", "我上周说屋顶什么了？"),
}
ASKED = [(language, question) for language, questions in LATEST.items() for question in questions]


def snapshot_of(language, days, *, noise=30):
    """The same said about the roof so many *days* ago, in a session each, among later talk of other things."""
    roof = [
        MemoryRow(
            f"roof{n}",
            SAID[language].format(n),
            speaker="user",
            vector=ROOF,
            valid_at=NOW - timedelta(days=day),
            run_id=f"r{n}",
            metadata={"n": n},
        )
        for n, day in enumerate(days)
    ]
    rest = [
        MemoryRow(
            f"x{n}",
            f"Train {n} was late, 火车晚点{n}分钟",
            speaker="user",
            vector=OTHER,
            valid_at=NOW - timedelta(hours=n),
            run_id=f"x{n}",
        )
        for n in range(noise)
    ]
    return MemorySnapshot([*roof, *rest], scope=SCOPE)


def ask(snapshot, question, *, weights=None, selection=None, embed=True, mode="hybrid"):
    plan = plan_query(question, now=NOW, limit=10, mode=mode)
    plan = plan.embedded(ROOF) if embed else plan
    selection = selection or Selection(SCOPE, Visibility(now=NOW))
    return search(snapshot, plan, selection, explain=True, weights=weights or Weights())


def ids(hits):
    return [hit.item.id for hit in hits]


@pytest.mark.parametrize("embed", [True, False])
@pytest.mark.parametrize(("language", "question"), ASKED)
def test_the_newest_of_what_fits_equally_well_comes_first(language, question, embed):
    days = [40, 5, 90, 2, 60, 20]
    hits = ask(snapshot_of(language, days), question, embed=embed)
    newest_first = [f"roof{n}" for n in sorted(range(len(days)), key=lambda n: days[n])]
    assert ids(hits)[: len(days)] == newest_first
    assert hits[0].signals["latest"] > hits[len(days) - 1].signals["latest"] + 1


@pytest.mark.parametrize(
    ("language", "question"), [(language, text) for language, texts in PLAIN.items() for text in texts]
)
def test_a_question_without_such_words_is_ranked_as_before(language, question):
    snapshot = snapshot_of(language, [40, 5, 90, 2])
    hits = ask(snapshot, question)
    assert all("latest" not in hit.signals for hit in hits)
    silent = ask(snapshot, question, weights=Weights(latest=0.0))
    assert [(hit.item.id, hit.score) for hit in hits] == [(hit.item.id, hit.score) for hit in silent]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_as_of_a_day_the_latest_until_then_comes_first(language):
    snapshot = snapshot_of(language, [40, 5, 90, 2])
    past = Selection(SCOPE, Visibility(now=NOW, as_of=NOW - timedelta(days=10)))
    hits = ask(snapshot, LATEST[language][0], selection=past)
    assert ids(hits)[:2] == ["roof0", "roof2"]
    assert not {"roof1", "roof3"} & set(ids(hits))


@pytest.mark.parametrize(("language", "question"), ASKED)
def test_what_is_newer_and_about_something_else_stays_below(language, question):
    hits = ask(snapshot_of(language, [400, 300]), question)
    assert ids(hits)[:2] == ["roof1", "roof0"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_filter_takes_rows_away_and_changes_no_score(language):
    snapshot = snapshot_of(language, [40, 5, 90, 2])
    whole = Selection(SCOPE, Visibility(now=NOW))
    scores = {hit.item.id: hit.score for hit in ask(snapshot, LATEST[language][0], selection=whole)}
    narrowed = replace(whole, filters=parse_filter({"n": {"lte": 2}}))
    found = ask(snapshot, LATEST[language][0], selection=narrowed)
    assert ids(found)[0] == "roof1"
    assert {hit.item.id: hit.score for hit in found} == {hit.item.id: scores[hit.item.id] for hit in found}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_newest_is_found_among_more_than_the_arms_bring(language):
    hits = ask(snapshot_of(language, list(range(200, 0, -1)), noise=0), LATEST[language][0])
    assert ids(hits)[0] == "roof199"


@pytest.mark.parametrize("mode", ["keyword", "vector", "time", "graph"])
def test_a_single_arm_does_not_ask_for_the_latest(mode):
    hits = ask(snapshot_of("en", [40, 5]), LATEST["en"][0], mode=mode)
    assert all("latest" not in hit.signals for hit in hits)


def test_a_scope_in_which_nothing_fits_has_no_latest():
    rows = [MemoryRow("a", "Trains are late.", speaker="user", valid_at=NOW - timedelta(days=1))]
    hits = ask(MemorySnapshot(rows, scope=SCOPE), "我最近一次说屋顶是什么情况？", embed=False)
    assert ids(hits) == ["a"]


@given(
    days=st.lists(st.integers(1, 1000), min_size=2, max_size=12, unique=True),
    language=st.sampled_from(["en", "zh"]),
)
def test_of_the_same_words_the_order_is_that_of_time(days, language):
    hits = ask(snapshot_of(language, days, noise=5), LATEST[language][0])
    roof = [name for name in ids(hits) if name.startswith("roof")]
    assert roof == [f"roof{n}" for n in sorted(range(len(days)), key=lambda n: days[n])][: len(roof)]
