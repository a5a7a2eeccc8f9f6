"""Passages of documents in a search: likeness, names, one step over names, and turns beside them; English and Chinese."""

from datetime import UTC, datetime

import numpy as np
import pytest

from polymem.domain.filter import parse_filter
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

PAGES = (
    ("The Glass Orchard", "The Glass Orchard is a silent film of 1927 directed by Tomas Verlin in Marbury."),
    ("Tomas Verlin", "Tomas Verlin grew up in Ostby, where his father kept the ferry."),
    ("Ostby", "Ostby is a village on an island. It has a church of wood."),
    ("The Copper Garden", "The Copper Garden is a film of 1931 directed by Olga Rennick, shot in a studio."),
    ("Olga Rennick", "Olga Rennick was a painter before she turned to film; she spent her youth in Lanmoor."),
    ("Marbury", "Marbury has a harbour, two bridges and a market for fish."),
    ("Film stock", "A film is directed, shot, cut and shown; a director grew up somewhere like everybody."),
    ("Orchard", "An orchard is a garden of fruit trees; glass keeps the frost away."),
    ("渔港的灯", "《渔港的灯》是一部小说，讲述一个守塔人的一生。"),
    ("守塔人", "守塔人住在塔里，每晚点灯。"),
    ("山茶", "山茶在冬天开花，花瓣很厚。"),
    ("Tea", "Tea is made of leaves that are dried and rolled."),
)
TALK = ("I grew up near the harbour.", "Did you like the film yesterday?", "我昨天喝了山茶。")


def passage(title, text, **fields):
    metadata = {"title": title} if title else {}
    words = embedded_text("episode", text, role="document", metadata=metadata)
    metadata |= fields.pop("metadata", {})
    (vector,) = ENCODER.encode([words])
    return MemoryRow(id=title or text, text=text, role="document", metadata=metadata, vector=vector, **fields)


def turn(text):
    (vector,) = ENCODER.encode([text])
    return MemoryRow(id=text, text=text, role="user", speaker="Nora", vector=vector)


def ask(snapshot, question, *, limit=10, weights=None, filters=None, mode="hybrid"):
    (vector,) = ENCODER.encode([question])
    plan = plan_query(question, now=NOW, vector=vector, limit=limit, mode=mode)
    selection = Selection(SCOPE, Visibility(now=NOW), filters=filters)
    return search(snapshot, plan, selection, weights=weights or Weights(), explain=True)


def titles(hits):
    return [hit.item.id for hit in hits]


@pytest.fixture(scope="module")
def pages():
    return MemorySnapshot([passage(*page) for page in PAGES], scope=SCOPE)


def test_one_step_leads_from_the_named_film_to_its_director(pages):
    question = "Where did the director of The Glass Orchard grow up?"
    assert set(titles(ask(pages, question))[:2]) == {"The Glass Orchard", "Tomas Verlin"}
    hit = next(hit for hit in ask(pages, question) if hit.item.id == "Tomas Verlin")
    assert hit.signals["bridge"] > 1
    without = ask(pages, question, weights=Weights(bridge=0.0))
    places = [titles(found).index("Tomas Verlin") for found in (ask(pages, question), without)]
    assert places[0] < places[1]


def test_what_a_question_names_leads_nowhere_new(pages):
    hits = ask(pages, "Is Tomas Verlin in The Glass Orchard?")
    assert set(titles(hits)[:2]) == {"The Glass Orchard", "Tomas Verlin"}


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("What is in Marbury?", "Marbury"),
        ("who directed the copper garden?", "The Copper Garden"),
        ("《渔港的灯》讲的是什么？", "渔港的灯"),
        ("渔港的灯是谁写的？", "渔港的灯"),
        ("山茶什么时候开花？", "山茶"),
    ],
)
def test_the_passage_whose_title_is_named_comes_first(pages, question, title):
    hits = ask(pages, question)
    assert titles(hits)[0] == title
    assert hits[0].signals["titled"] > 0


def test_a_title_in_brackets_is_named_without_them():
    rows = [passage("Brine (novel)", "A story of salt."), passage("Salt", "Salt is dug or boiled of brine.")]
    hits = ask(MemorySnapshot(rows, scope=SCOPE), "What happens in Brine?")
    assert titles(hits)[0] == "Brine (novel)"


def test_a_year_agrees_or_not(pages):
    signals = {hit.item.id: hit.signals for hit in ask(pages, "Which film is of 1931?")}
    assert signals["The Copper Garden"]["year"] > 0 > signals["The Glass Orchard"]["year"]
    assert signals["Ostby"].get("year", 0.0) == 0.0


@pytest.mark.parametrize(
    ("question", "title"),
    [("how is tea made", "Tea"), ("冬天开什么花", "山茶"), ("What flowers bloom in winter?", "山茶")],
)
def test_likeness_decides_where_nothing_is_named(pages, question, title):
    assert titles(ask(pages, question))[0] == title


def test_signals_of_passages_add_up_to_the_score(pages):
    for hit in ask(pages, "Where did the director of The Glass Orchard grow up?"):
        odds = sum(hit.signals.values())
        assert hit.score == pytest.approx(1 / (1 + np.exp(-odds)), abs=1e-4)


def test_turns_beside_them_change_little_for_passages(pages):
    both = MemorySnapshot([passage(*page) for page in PAGES] + [turn(text) for text in TALK], scope=SCOPE)
    question = "Where did the director of The Glass Orchard grow up?"
    alone = {hit.item.id: hit.score for hit in ask(pages, question)}
    beside = {hit.item.id: hit.score for hit in ask(both, question, limit=15)}
    for title, _ in PAGES[:6]:
        assert beside[title] == pytest.approx(alone[title], abs=0.03)
    assert {*TALK} <= {*titles(ask(both, question, limit=15))}


def test_turns_are_ranked_as_if_there_were_no_passages_signals():
    both = MemorySnapshot([passage(*page) for page in PAGES] + [turn(text) for text in TALK], scope=SCOPE)
    hits = ask(both, "Who grew up near the harbour?", limit=15)
    said = next(hit for hit in hits if hit.item.id == TALK[0])
    assert said.signals["own"] > 0
    assert all(said.signals.get(name, 0.0) == 0.0 for name in ("titled", "bridge", "passage_words"))


def test_a_filter_takes_away_and_changes_no_score_but_of_what_the_hidden_lead_to():
    rows = [passage(*page, metadata={"n": n % 2}) for n, page in enumerate(PAGES)]
    snapshot = MemorySnapshot(rows, scope=SCOPE)
    question = "Where did the director of The Glass Orchard grow up?"
    everything = ask(snapshot, question, limit=20)
    narrowed = ask(snapshot, question, limit=20, filters=parse_filter({"n": 1}))
    alone = ("passage_words", "titled", "mentioned", "year", "trust", "base")
    before = {hit.item.id: [hit.signals.get(name) for name in alone] for hit in everything}
    assert {hit.item.id for hit in narrowed} == {
        hit.item.id for hit in everything if hit.item.metadata["n"] == 1
    }
    assert all([hit.signals.get(name) for name in alone] == before[hit.item.id] for hit in narrowed)


def test_what_was_removed_leads_nowhere():
    rows = [passage(*page, removed=page[0] == "The Glass Orchard") for page in PAGES]
    hits = ask(MemorySnapshot(rows, scope=SCOPE), "Where did the director of The Glass Orchard grow up?")
    assert "The Glass Orchard" not in titles(hits)
    verlin = next(hit for hit in hits if hit.item.id == "Tomas Verlin")
    assert verlin.signals.get("bridge", 0.0) < 1


@pytest.mark.parametrize(("mode", "silent"), [("vector", "passage_words"), ("keyword", "passage_dense")])
def test_a_mode_hears_its_own_arm_alone(pages, mode, silent):
    hits = ask(pages, "How is tea made?", mode=mode)
    assert titles(hits)[0] == "Tea"
    assert not any(hit.signals.get(silent) or hit.signals.get("bridge") for hit in hits)


@pytest.mark.parametrize("mode", ["graph", "time"])
def test_other_modes_bring_no_passage_by_likeness(pages, mode):
    assert titles(ask(pages, "How is tea made?", mode=mode)) == []


@pytest.mark.parametrize("question", ["?", "的", "🎉", "The", "Zzyx Qwrt Vbnm", "什么"])
def test_odd_questions_are_answered(pages, question):
    assert all(0 <= hit.score <= 1 for hit in ask(pages, question))


def test_one_passage_is_found():
    snapshot = MemorySnapshot([passage("", "Tea is made of leaves.")], scope=SCOPE)
    assert len(ask(snapshot, "How is tea made?")) == 1


def test_best_passages_that_tell_one_story_bring_the_rest_of_it():
    story = [
        passage("", f"The bridge at Wenlow fell into the river in the storm {end}")
        for end in (
            "on Monday night.",
            "and no one was hurt.",
            "after forty years.",
            "that came from the sea.",
        )
    ]
    rest = passage("", "The storm from the sea broke the river bridge; nobody was hurt on Monday.")
    other = passage("", "Wenlow has a school, a library and a bakery near the station.")
    hits = ask(MemorySnapshot([*story, rest, other], scope=SCOPE), "What happened at wenlow?")
    assert hits[0].signals["story"] > 0
    assert titles(hits).index(rest.id) < titles(hits).index(other.id)


@pytest.mark.parametrize(
    ("said", "question", "form"),
    [
        (
            "The gate code is on a slip below the mat.",
            "Where is the gate code?",
            "{} is a village of {} houses by a lake.",
        ),
        ("我把大门密码写在垫子下面了。", "大门密码在哪里？", "{}村在湖边，有{}座房子。"),
    ],
)
def test_pages_that_are_alike_do_not_stand_above_a_turn_for_it(said, question, form):
    """The best of them tell one story, and name one another's names, whatever is asked."""
    pages = [passage(f"V{n}", form.format(f"V{n}", n)) for n in range(60)]
    hits = ask(MemorySnapshot([*pages, turn(said)], scope=SCOPE), question)
    assert hits[0].item.text == said
    assert hits[1].score < 0.5
    assert hits[1].signals["unsure"] < 0
