"""How sure a search is that it found an answer: in English and Chinese, turns and passages."""

import itertools
import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polymem.domain.hit import Hits
from polymem.domain.query import Selection, Visibility
from polymem.domain.scope import Scope
from polymem.models.embedders.static import StaticEmbedder
from polymem.ranking.confidence import PASSAGE, TURN, UNSURE, confidence, parts_of
from polymem.read.plan import plan_query
from polymem.read.search import search
from polymem.testing.faces import MemoryRow
from polymem.testing.snapshot import MemorySnapshot

EMBEDDER = StaticEmbedder()
SCOPE = Scope(user_id="asker")
NOW = datetime(2024, 6, 1, tzinfo=UTC)

TALK = (
    ("Nora", "I finally planted the plum trees behind the shed."),
    ("Igor", "Nice! Did you water them already?"),
    ("Nora", "Yes, and I mixed compost into the soil."),
    ("Igor", "I spent Sunday repairing my grandfather's accordion."),
    ("Nora", "Oh, does it play again?"),
    ("Igor", "Two of the reeds still rattle, but yes."),
    ("Nora", "My cousin Petra is opening a bakery in Ghent."),
    ("Igor", "I would love to taste her rye bread."),
    ("王琳", "周末我带女儿去看了皮影戏。"),
    ("赵强", "听起来不错，我下个月要去敦煌出差。"),
    ("王琳", "敦煌的莫高窟一定要看。"),
    ("赵强", "我已经订好了火车票。"),
)
TURNS = {
    "Where is Nora's cousin Petra opening a bakery?": "Which bank lent Nora money for the submarine?",
    "What did Igor repair on Sunday?": "What did Igor paint on the ceiling of the chapel?",
    "王琳周末带女儿看了什么？": "王琳的律师在法庭上说了什么？",
    "赵强下个月要去哪里出差？": "赵强养的鹦鹉叫什么名字？",
}
"""Questions with an answer, each with one that has none."""
PAGES = (
    ("Salt pans of Guérande", "The salt pans of Guérande have been worked by hand since the ninth century."),
    ("Lighthouse of Vera", "The lighthouse of Vera was built of granite and lit by whale oil."),
    ("Marble frog", "The marble frog lives in mangroves and calls only at high tide."),
    ("云锦", "云锦是南京的一种提花丝织品，用金线织成。"),
    ("都江堰", "都江堰由李冰父子主持修建，至今仍在灌溉成都平原。"),
    ("榫卯", "榫卯不用钉子，靠木构件的凹凸相接。"),
)
PASSAGES = {
    "Which stone was the lighthouse of Vera built of?": "How many students does the veterinary college of Utrecht have?",
    "When does the marble frog call?": "Who composed the anthem of the football club?",
    "都江堰由谁主持修建？": "这家航空公司的总部设在什么地方？",
    "云锦用什么线织成？": "足球队去年的教练是谁？",
}


def explained(hits: Hits) -> Any:
    return hits.explanation


def memory(texts, *, documents=False):
    vectors = EMBEDDER.encode([text for _, text in texts])
    return MemorySnapshot(
        [
            MemoryRow(
                id=f"row-{n}",
                text=text,
                valid_at=NOW - timedelta(hours=40 - n),
                speaker="" if documents else name,
                role="document" if documents else "user",
                metadata={"title": name} if documents else {},
                run_id=None if documents else "r",
                vector=vector,
            )
            for n, ((name, text), vector) in enumerate(zip(texts, vectors, strict=True))
        ],
        scope=SCOPE,
    )


def ask(snapshot, question, *, explain=False, **planned):
    plan = plan_query(question, now=NOW, **planned)
    plan = plan.embedded(EMBEDDER.encode(plan.to_embed))
    return search(snapshot, plan, Selection(SCOPE, Visibility(now=NOW)), explain=explain)


@pytest.fixture(scope="module")
def talk():
    return memory(TALK)


@pytest.fixture(scope="module")
def pages():
    return memory(PAGES, documents=True)


@pytest.mark.parametrize(("with_answer", "without"), TURNS.items())
def test_a_talk_knows_what_it_does_not_hold(talk, with_answer, without):
    assert ask(talk, without).confidence < 0.5 < ask(talk, with_answer).confidence


@pytest.mark.parametrize(("with_answer", "without"), PASSAGES.items())
def test_documents_know_what_they_do_not_hold(pages, with_answer, without):
    assert ask(pages, without).confidence < 0.5 < ask(pages, with_answer).confidence


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("What did Igor repair on Sunday?", "What did Nora repair on Sunday?"),
        ("What did Nora plant behind the shed?", "What did Igor plant behind the shed?"),
        ("王琳周末带女儿看了什么？", "赵强周末带女儿看了什么？"),
    ],
)
def test_the_wrong_person_is_less_sure(talk, right, wrong):
    """What is asked of one was said by the other."""
    one, other = (ask(talk, question, explain=True) for question in (right, wrong))
    assert other.confidence < one.confidence - 0.1
    assert explained(one)["confidence"]["measures"]["rival"] > 0
    assert explained(other)["confidence"]["measures"]["outdone"] < 0


@pytest.mark.parametrize("question", TURNS)
def test_without_the_evidence_it_is_less_sure(talk, question):
    best = ask(talk, question)[0].item.text
    rest = memory([row for row in TALK if row[1] != best])
    assert ask(rest, question).confidence < ask(talk, question).confidence


@pytest.mark.parametrize(
    "question",
    ["What is the lighthouse of Vera built of?", "都江堰由谁主持修建？", "Where does the marble frog live?"],
)
def test_a_question_in_another_language_is_open(question):
    """No word can be covered then, which says nothing: neither sure that the answer is there, nor that it is not."""
    chinese = "都" in question
    rest = memory([page for page in PAGES if ("\u4e00" <= page[0][0] <= "\u9fff") != chinese], documents=True)
    hits = ask(rest, question, explain=True)
    assert explained(hits)["confidence"]["measures"]["foreign"] == 1.0
    assert 0.2 < hits.confidence < 0.8


@pytest.mark.parametrize(
    ("notes", "known", "unknown"),
    [
        (
            [
                "Ines plays the cello on Tuesdays.",
                "I am allergic to hazelnuts.",
                "We moved to Ghent in March.",
            ],
            ["我对什么过敏？", "我们什么时候搬家的？"],
            ["沙发花了多少钱？", "蒙古的首都是哪里？"],
        ),
        (
            ["伊内斯每周二练大提琴。", "我对榛子过敏。", "三月份我们搬到了根特。"],
            ["What am I allergic to?", "Who plays the cello?"],
            ["What did I pay for the sofa?", "Who won the football match?"],
        ),
    ],
)
def test_notes_in_another_language_know_what_they_do_not_hold(notes, known, unknown):
    rest = memory([("Vera", note) for note in notes])
    yes, no = ([ask(rest, one).confidence for one in asked] for asked in (known, unknown))
    assert min(yes) > max(no)
    assert sum(yes) / len(yes) > sum(no) / len(no) + 0.2


@pytest.mark.parametrize("question", ["😀", "?!", "…", "♪♪♪"])
def test_a_question_without_words_is_in_no_language(question):
    """It once passed for a foreign one, of which one cannot be sure: nothing was asked that could be answered."""
    rest = memory([("薇拉", "请以后一直用公制单位回答我。"), ("薇拉", "我对榛子过敏。")])
    assert ask(rest, question).confidence < 0.2


def test_without_hits_it_is_nought(talk):
    assert ask(memory([]), "anything").confidence == 0.0
    empty = ask(talk, "zzzz", mode="keyword", explain=True)
    assert (len(empty), empty.confidence) == (0, 0.0)
    assert explained(empty)["confidence"] == {"parts": {}, "measures": {}}
    hidden = search(
        talk,
        plan_query("plum trees", now=NOW),
        Selection(SCOPE, Visibility(now=NOW, as_of=datetime(1990, 1, 1, tzinfo=UTC))),
    )
    assert hidden.confidence == 0.0


@pytest.mark.parametrize("mode", ["hybrid", "vector", "keyword", "graph", "time"])
def test_every_mode_has_one(talk, mode):
    assert 0.0 <= ask(talk, "Where did Nora plant plum trees last week?", mode=mode).confidence < 1.0


def test_it_does_not_depend_on_how_many_hits_are_wanted(talk):
    """Nor on whether it is explained: the same question of the same memory has one answer."""
    question = "What did Igor repair on Sunday?"
    values = {
        ask(talk, question, limit=limit, explain=e).confidence for limit in (1, 3, 10) for e in (True, False)
    }
    assert len(values) == 1


def test_it_is_explained(talk):
    hits = ask(talk, "What did Igor repair on Sunday?", explain=True)
    told = explained(hits)["confidence"]
    assert told["parts"].keys() == TURN.keys()
    assert TURN.keys() - {"base"} <= told["measures"].keys()
    odds = math.log(hits.confidence / (1 - hits.confidence))
    assert sum(told["parts"].values()) == pytest.approx(odds)
    assert 0 < told["measures"]["covered"] <= 1
    assert "confidence" not in ask(talk, "What did Igor repair on Sunday?").explanation


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.sampled_from([*TURNS, *TURNS.values(), "?", "the of", "我", "Nora", "Nora Igor"]), max_size=6)
)
def test_any_question_has_a_probability(questions):
    snapshot = memory(TALK[:5])
    for question in questions:
        value = ask(snapshot, question).confidence
        assert 0.0 < value < 1.0
        assert value == ask(snapshot, question).confidence


@pytest.mark.parametrize(("passage", "weights"), [(False, TURN), (True, PASSAGE)])
def test_the_parts_add_up(passage, weights):
    measures = dict.fromkeys(weights, 1.0)
    assert parts_of(measures, passage=passage) == weights
    assert confidence({"a": 1.0, "b": -1.0}) == 0.5
    expected = 1 / (1 + math.exp(-sum(weights.values())))
    assert confidence(parts_of(measures, passage=passage)) == pytest.approx(expected)
    for low, high in itertools.pairwise([-1e9, -40, -1, 0, 2]):
        assert 0 < confidence({"a": low}) <= confidence({"a": high}) < 1


def measured(snapshot, question):
    return explained(ask(snapshot, question, explain=True))["confidence"]["measures"]


def test_words_that_only_ask_need_not_be_covered():
    """ "Many" and "多少" stand in no answer."""
    rows = memory([("Vera", "We bought six chairs."), ("Vera", "我们养了三只山羊。")])
    assert measured(rows, "How many chairs are there?")["covered"] == 1.0
    assert measured(rows, "养了多少只山羊？")["covered"] > 0.5
    assert measured(rows, "How many tables are there?")["covered"] == 0.0


@pytest.mark.parametrize(
    ("question", "fit", "unfit"),
    [
        ("How many goats does Vera keep?", "Vera keeps seven goats.", "Vera keeps goats on the hill."),
        ("薇拉养了多少只山羊？", "薇拉养了七只山羊。", "薇拉养了山羊，在山坡上。"),
        ("When did Vera sell the boat?", "Vera did sell the boat in March.", "Vera did sell the boat."),
        ("薇拉什么时候卖船？", "薇拉三月卖船。", "薇拉卖船了。"),
        (
            "Who helped Vera with the boat?",
            "Vera and Otto: he helped with the boat.",
            "Vera got helped with the boat.",
        ),
    ],
)
def test_an_answer_of_the_asked_form_is_surer(question, fit, unfit):
    yes, no = (memory([("", text)]) for text in (fit, unfit))
    assert (measured(yes, question)["fits"], measured(no, question)["fits"]) == (1.0, 0.0)
    assert ask(yes, question).confidence > ask(no, question).confidence


@pytest.mark.parametrize(
    ("question", "kinds"),
    [
        ("Summarize the trip to Ghent.", {"wide"}),
        ("总结一下去根特的旅行。", {"wide"}),
        ("Did we go to Ghent?", {"yes_or_no"}),
        ("我们去过根特吗？", {"yes_or_no"}),
        ("What was the mood in Ghent?", {"open"}),
        ("根特的气氛怎么样？", {"open"}),
        ("How many days were we in Ghent?", {"count"}),
    ],
)
def test_the_kind_of_question_counts(question, kinds):
    found = measured(
        memory([("Vera", "The trip to Ghent began."), ("Vera", "去根特的旅行开始了。")]), question
    )
    assert {name for name in ("wide", "yes_or_no", "open", "count") if found[name]} == kinds


def test_a_word_that_no_row_has_is_lost():
    rows = memory([("Vera", f"The barge sails north, day {n}.") for n in range(20)])
    known, rare, unknown = (
        measured(rows, question)["lost"]
        for question in (
            "Does the barge sail north?",
            "Does the barge sail north on day 7?",
            "Does the barge sail to Antwerp?",
        )
    )
    assert known == 0.0
    assert unknown == 1.0
    assert rare <= unknown


def test_what_two_passages_cover_together_counts():
    rows = memory(
        [
            ("Grey Heron", "The film Grey Heron was directed by Olga Brandt."),
            ("Olga Brandt", "Olga Brandt was born in a village near Tartu."),
            *PAGES,
        ],
        documents=True,
    )
    found = measured(rows, "In which village was the director of the film Grey Heron born?")
    assert found["together"] > 0.2
    alone = measured(memory(PAGES, documents=True), "When does the marble frog call?")
    assert alone["together"] == 0.0


def test_a_best_passage_far_above_the_others_is_surer(pages):
    found = measured(pages, "When does the marble frog call?")
    assert found["ahead"] > 1.0
    same = memory([(f"Frog {n}", "The marble frog calls at high tide.") for n in range(6)], documents=True)
    assert measured(same, "When does the marble frog call?")["ahead"] < found["ahead"]
    one = memory(PAGES[2:3], documents=True)
    assert 0.0 < ask(one, "When does the marble frog call?").confidence < 1.0


@pytest.mark.parametrize(("with_answer", "without"), [*PASSAGES.items()][:2] + [*PASSAGES.items()][3:])
def test_the_threshold_parts_what_documents_hold_from_what_they_do_not(pages, with_answer, without):
    assert ask(pages, with_answer).confidence > UNSURE > ask(pages, without).confidence


@pytest.mark.parametrize("question", TURNS)
def test_what_a_talk_holds_is_above_the_threshold(talk, question):
    assert ask(talk, question).confidence > UNSURE


def test_a_tiny_memory_is_not_sure_of_everything():
    rows = memory([("Vera", "The barge sails north.")])
    assert ask(rows, "Where does the barge sail?").confidence > ask(rows, "Who cooked the soup?").confidence
    assert ask(rows, "Who cooked the soup?").confidence < UNSURE
