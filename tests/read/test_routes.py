"""Routes: what a kind of question asks for is found though it shares no word with it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from polymem.domain.filter import parse_filter
from polymem.domain.query import Selection, Visibility
from polymem.domain.scope import Scope
from polymem.ranking.scoring import Weights
from polymem.read.plan import plan_query
from polymem.read.routes import COUNTED, DIALOGUE, KEPT, TIMES, WHOLE_TOPIC, route_weights
from polymem.read.search import search
from polymem.testing.faces import MemoryRow
from polymem.testing.snapshot import MemorySnapshot

NOW = datetime(2024, 5, 15, 12, tzinfo=UTC)
SCOPE = Scope(user_id="alice")
TRAVEL, COOKING, OTHER = np.eye(3, dtype=np.float32)
SILENT = Weights(standing=0.0, choice=0.0)


def near(topic, share=0.8):
    """A unit vector that is mostly *topic*."""
    vector = share * topic + (1 - share) * OTHER
    return (vector / np.linalg.norm(vector)).astype(np.float32)


def scope_of(*said, run="r"):
    """Rows (name, speaker, text, vector), each in a session of its own unless *run* is None, among others of no matter."""
    rows = [
        MemoryRow(
            name,
            text,
            speaker=speaker,
            vector=vector,
            valid_at=NOW - timedelta(days=40 - n),
            run_id=f"{run}{n}",
        )
        for n, (name, speaker, text, vector) in enumerate(said)
    ]
    rest = [
        MemoryRow(
            f"x{n}",
            f"Row {n} tells of the ticket of train {n}, 第{n}张车票",
            speaker="user",
            vector=near(TRAVEL, 0.95 if n % 2 else 0.4),
            valid_at=NOW - timedelta(days=90 - n),
            run_id=f"x{n}",
        )
        for n in range(40)
    ]
    return MemorySnapshot([*rest, *rows], scope=SCOPE)


def ask(snapshot, question, *, embed=True, weights=None, **given):
    plan = plan_query(question, now=NOW, limit=5, **given)
    plan = plan.embedded(TRAVEL) if embed else plan
    selection = Selection(SCOPE, Visibility(now=NOW))
    return search(snapshot, plan, selection, explain=True, weights=weights or Weights())


def ids(hits):
    return [hit.item.id for hit in hits]


INSTRUCTED = {
    "en": (
        ("s", "user", "Always quote fares in euros when I ask about journeys.", near(TRAVEL)),
        ("c", "user", "Always name the calories when I ask about dishes.", near(COOKING)),
        ("a", "assistant", "Always quote fares in pounds when I ask about journeys.", near(TRAVEL)),
    ),
    "zh": (
        ("s", "用户", "以后请用欧元报价。", near(TRAVEL)),
        ("c", "用户", "每次我问起做菜，都要写上热量。", near(COOKING)),
        ("a", "助手", "以后请一律用英镑报价。", near(TRAVEL)),
    ),
}


@pytest.mark.parametrize(
    ("language", "question"), [("en", "When does the ticket run out?"), ("zh", "车票几号到期")]
)
def test_the_standing_instruction_that_applies_is_found(language, question):
    said = INSTRUCTED[language]
    if language == "zh":
        said = tuple(
            (name, who, text.replace("以后我问起旅行，都", "以后"), vector)
            for name, who, text, vector in said
        )
    snapshot = scope_of(*said)
    hits = ask(snapshot, question)
    signals = {hit.item.id: hit.signals for hit in hits}
    assert signals["s"]["standing"] > 2
    assert signals.get("c", {}).get("standing", 0.0) < signals["s"]["standing"] / 2
    assert "standing" not in signals.get("a", {}) or signals["a"]["standing"] == 0
    assert ids(hits)[0] == "s"
    silent = {hit.item.id: hit.score for hit in ask(snapshot, question, weights=SILENT)}
    assert 5 * silent.get("s", 0.0) < hits[0].score


def test_without_vectors_the_newest_instructions_apply():
    hits = ask(scope_of(*INSTRUCTED["en"]), "When does the ticket run out?", embed=False)
    assert {"s", "c"} <= set(ids(hits))


@pytest.mark.parametrize("mode", ["keyword", "vector", "time", "graph"])
def test_a_single_arm_brings_no_instructions(mode):
    hits = ask(scope_of(*INSTRUCTED["en"]), "When does the ticket run out?", mode=mode)
    assert all("standing" not in hit.signals for hit in hits)
    brought: Any = hits.explanation["n_candidates"]
    assert "routes" not in brought


@pytest.mark.parametrize(
    ("said", "advice", "plain"),
    [
        (
            "I prefer seats at the window.",
            "Which ticket would you recommend?",
            "When does the ticket run out?",
        ),
        ("我更喜欢靠窗的座位。", "你推荐买哪种车票？", "车票哪天到期"),
    ],
)
def test_a_preference_counts_where_advice_is_asked_for(said, advice, plain):
    snapshot = scope_of(("p", "user", said, near(TRAVEL)))
    assert ids(ask(snapshot, advice))[0] == "p"
    assert ask(snapshot, advice)[0].signals["choice"] > 1
    assert all("choice" not in hit.signals for hit in ask(snapshot, plain))


@pytest.mark.parametrize(
    ("asked", "replied", "request_", "plain"),
    [
        (
            "How do I seal the pond?",
            "With clay, in three layers.",
            "Summarise my pond.",
            "Where is the pond?",
        ),
        ("池塘怎么防水？", "铺三层黏土。", "请总结一下池塘的事", "池塘在哪里"),
    ],
)
def test_a_summary_brings_the_reply_with_what_it_replies_to(asked, replied, request_, plain):
    said = [("q", "user", asked, near(OTHER)), ("r", "assistant", replied, near(COOKING))]
    rows = [
        MemoryRow(
            name, text, speaker=who, vector=vector, valid_at=NOW - timedelta(hours=9 - n), run_id="pond"
        )
        for n, (name, who, text, vector) in enumerate(said)
    ]
    snapshot = MemorySnapshot([*scope_of().rows.stored, *rows], scope=SCOPE)
    hits = ask(snapshot, request_)
    assert set(ids(hits)[:2]) == {"q", "r"}
    assert hits[0].score == pytest.approx(hits[1].score, abs=1e-4)
    assert all("exchange" not in hit.signals for hit in ask(snapshot, plain))


def plan(question):
    return plan_query(question, now=NOW)


TABLE = {"own": 0.2, "dense": 0.3, "words_around": 2.0, "date": 3.0, "key": 1.5, "alone": 0.1}


@pytest.mark.parametrize(
    ("question", "weights"),
    [
        ("Summarise my pond.", TABLE | {"own": 1.0, "dense": 0.5, "words_around": 0.0, "alone": 0.0}),
        ("我按什么顺序挖的池塘", TABLE | {"own": 1.0, "dense": 0.5, "words_around": 0.0, "alone": 0.0}),
        ("How many ponds did I dig?", TABLE | {"own": 1.2, "dense": 0.8}),
        ("我一共挖了几个池塘？", TABLE | {"own": 1.2, "dense": 0.8}),
        (
            "<Ann>: I dug a pond yesterday.\n<Bot>: Nice!",
            TABLE | {"own": 1.0, "alone": 0.5, "dense": 0.0, "words_around": 0.0, "date": 0.0},
        ),
        ("Where is the pond?", TABLE),
        ("池塘在哪里", TABLE),
    ],
)
def test_signals_weigh_by_the_kind_of_question(question, weights):
    assert dict(route_weights(plan(question), TABLE)) == pytest.approx(weights)


@pytest.mark.parametrize(
    "question", ["Summarise my pond.", "How many ponds?", "<Ann>: Hi.\n<Bob>: Hi.", "Why?"]
)
def test_a_signal_that_was_left_out_stays_out(question):
    nought = dict.fromkeys(TABLE, 0.0)
    assert dict(route_weights(plan(question), nought)) == nought


def test_the_tables_name_signals_that_there_are():
    known = set(Weights.__dataclass_fields__)
    assert {*WHOLE_TOPIC, *DIALOGUE, *COUNTED, *KEPT, *TIMES} <= known


@pytest.mark.parametrize("kind", ["standing", "choice"])
@pytest.mark.parametrize("embed", [True, False])
@pytest.mark.parametrize(
    "said", ["Always quote fares in euros, I prefer number {}.", "以后请用欧元报价，我更喜欢第{}种。"]
)
def test_a_filter_takes_instructions_away_and_changes_none(kind, embed, said):
    rows = [
        MemoryRow(
            f"s{n}",
            said.format(n),
            speaker="user",
            vector=near(TRAVEL, 0.9 - n / 20),
            valid_at=NOW - timedelta(days=n),
            run_id=f"r{n % 2}",
            metadata={"n": n},
        )
        for n in range(7)
    ]
    snapshot = MemorySnapshot(rows, scope=SCOPE)
    plan = plan_query("Which ticket do you recommend? 你推荐哪张票？", now=NOW, limit=20)
    plan = plan.embedded(TRAVEL) if embed else plan
    whole = Selection(SCOPE, Visibility(now=NOW))
    every = search(snapshot, plan, whole, explain=True)
    scores = {hit.item.id: hit.score for hit in every}
    assert len([hit for hit in every if hit.signals.get(kind)]) == 4
    for narrowed in (
        replace(whole, filters=parse_filter({"n": {"gte": 2}})),
        replace(whole, scope=replace(SCOPE, run_id="r1")),
        replace(whole, filters=parse_filter({"n": 6})),
    ):
        found = search(snapshot, plan, narrowed, explain=True)
        assert found
        assert {hit.item.id: hit.score for hit in found} == {
            hit.item.id: scores[hit.item.id] for hit in found
        }
    assert [hit.score for hit in every] == sorted(scores.values(), reverse=True)
