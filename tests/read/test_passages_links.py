"""What passages are found by beside their words: clauses, nationalities, aliases, derived names, days."""

from datetime import UTC, datetime

import numpy as np
import pytest

from polymem.domain.query import Selection, Visibility
from polymem.domain.scope import Scope
from polymem.models.embedders.static import StaticEmbedder
from polymem.ranking.scoring import Weights
from polymem.read.plan import plan_query
from polymem.read.search import search
from polymem.testing.faces import MemoryRow
from polymem.testing.snapshot import MemorySnapshot
from polymem.text.indexed import embedded_text

ENCODER = StaticEmbedder()
SCOPE = Scope(user_id="asker")
NOW = datetime(2024, 6, 1, tzinfo=UTC)
NOISE = (
    ("Tea", "Tea is made of leaves that are dried and rolled."),
    ("Ferries", "Ferries carry carts and cattle over the sound."),
    ("Harbours", "Harbours silt up unless they are dredged every spring."),
    ("山茶", "山茶在冬天开花，花瓣很厚。"),
    ("渡船", "渡船每年上一次漆。"),
)


def scope_of(*pages):
    rows = []
    for title, text in (*pages, *NOISE):
        metadata = {"title": title} if title else {}
        (vector,) = ENCODER.encode([embedded_text("episode", text, role="document", metadata=metadata)])
        rows.append(MemoryRow(id=text, text=text, role="document", metadata=metadata, vector=vector))
    return MemorySnapshot(rows, scope=SCOPE)


def ask(snapshot, question, *, whole=False):
    plan = plan_query(question, now=NOW, limit=10)
    vectors = ENCODER.encode([plan.asked] if whole else plan.to_embed)
    how = Selection(SCOPE, Visibility(now=NOW))
    return search(snapshot, plan.embedded(vectors), how, weights=Weights(), explain=True)


def signal(hits, text, name):
    return next((hit.signals.get(name, 0.0) for hit in hits if hit.item.text == text), 0.0)


@pytest.mark.parametrize(
    ("anchor", "goal", "question"),
    [
        (
            ("Sool Peak", "Sool Peak is a spirit that a South Korean company makes."),
            ("South Korea", "The peninsula has hosted two summer meetings."),
            "Where is Sool Peak made?",
        ),
        (
            ("Sool Peak", "Sool Peak is a spirit that a Norwegian company makes."),
            ("挪威", "峡湾很深，冬天很长。"),
            "Where is Sool Peak made?",
        ),
    ],
)
def test_a_nationality_leads_to_the_country(anchor, goal, question):
    led = signal(ask(scope_of(anchor, goal), question), goal[1], "bridge")
    other = (anchor[0], anchor[1].replace("South Korean", "local").replace("Norwegian", "local"))
    assert led > signal(ask(scope_of(other, goal), question), goal[1], "bridge") + 0.5


@pytest.mark.parametrize(
    ("title", "text", "question"),
    [
        ("Kerala Tea Board", "Kerala Tea Board (KTB) buys leaves from growers.", "What does the KTB buy?"),
        ("", "Lake Orven is a lake that freezes late.", "How late does Lake Orven freeze?"),
        ("阿德山", "阿德山，又称老牙峰，终年积雪。", "老牙峰上有雪吗？"),
        ("", "守塔人是一种海边的职业。", "守塔人住在哪里？"),
    ],
)
def test_a_passage_is_named_by_an_alias_or_by_what_it_is_about(title, text, question):
    assert signal(ask(scope_of((title, text)), question), text, "titled") > 0.1


def test_a_true_title_wins_over_a_derived_one():
    derived, true = "Lake Orven is a lake that freezes late.", "It freezes late, and the ice is thin."
    hits = ask(scope_of(("", derived), ("Lake Orven", true)), "How late does Lake Orven freeze?")
    assert signal(hits, true, "titled") > 1
    assert signal(hits, derived, "titled") == 0


@pytest.mark.parametrize(
    ("dated", "undated", "question"),
    [
        (
            "The old pier was opened on May 3 by the mayor.",
            "The old pier was opened by the mayor.",
            "When was the pier opened?",
        ),
        ("旧码头于5月3日开放。", "旧码头由市长开放。", "旧码头什么时候开放的？"),
    ],
)
def test_a_day_counts_where_one_asks_when(dated, undated, question):
    hits = ask(scope_of(("", dated), ("", undated)), question)
    assert signal(hits, dated, "year") > 0.5
    assert signal(hits, undated, "year") == 0
    other = ask(
        scope_of(("", dated), ("", undated)), question.replace("When", "Why").replace("什么时候", "为什么")
    )
    assert signal(other, dated, "year") == 0


def test_a_clause_finds_what_the_whole_question_hides():
    goal = "Rowing regattas take place on the lake every autumn."
    near = "Which spirit a country makes is told by the label of the distillery."
    question = "Which distillery makes the spirit of the country, and the label is told where the rowing regatta is held?"
    snapshot = scope_of(("Regattas", goal), ("Labels", near))
    assert plan_query(question, now=NOW).clauses
    alone, whole = (
        signal(ask(snapshot, question, whole=whole), goal, "passage_dense") for whole in (False, True)
    )
    assert alone > whole + 0.1


def test_clauses_are_left_out_where_they_were_not_embedded():
    plan = plan_query("What is the main airport in the birth place of the director of Winter Light?", now=NOW)
    vectors = np.asarray(ENCODER.encode(plan.to_embed), dtype=np.float32)
    assert plan.embedded(vectors[0]).clause_vectors is None
    assert plan.embedded(vectors[:1]).clause_vectors is None
    given = plan.embedded(vectors).clause_vectors
    assert given is not None
    assert len(given) == len(plan.clauses) == 3
