"""What the best passages lead to by words of names, and from how many of them: names are not written alike everywhere."""

from datetime import UTC, datetime

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
    ("Slate", "Slate is split by hand along its grain."),
    ("山茶", "山茶在冬天开花，花瓣很厚。"),
    ("渡船", "渡船每年上一次漆。"),
)
QUEEN = ("Asa Thorn", "Asa Thorn was the queen of King Orvald for two winters.")
KING = ("Orvald the Stout", "He fell in a skirmish beside the northern fords.")


def scope_of(*pages):
    rows = []
    for title, text in (*pages, *NOISE):
        metadata = {"title": title}
        (vector,) = ENCODER.encode([embedded_text("episode", text, role="document", metadata=metadata)])
        rows.append(MemoryRow(id=text, text=text, role="document", metadata=metadata, vector=vector))
    return MemorySnapshot(rows, scope=SCOPE)


def bridge(pages, question, goal, mode="hybrid"):
    """Return what leads to the passage *goal*."""
    plan = plan_query(question, now=NOW, limit=20, mode=mode)
    how = Selection(SCOPE, Visibility(now=NOW))
    vectors = ENCODER.encode(plan.to_embed)
    hits = search(scope_of(*pages), plan.embedded(vectors), how, weights=Weights(), explain=True)
    return next((hit.signals.get("bridge", 0.0) for hit in hits if hit.item.text == goal[1]), 0.0)


@pytest.mark.parametrize("mode", ["hybrid", "graph"])
def test_a_rare_word_of_a_name_leads_to_the_passage_whose_title_has_it(mode):
    question = "Where did the husband of Asa Thorn die?"
    other = ("Asa Thorn", QUEEN[1].replace("Orvald", "Sigmar"))
    assert bridge((QUEEN, KING), question, KING, mode) > 0.5
    assert bridge((other, KING), question, KING, mode) == 0


def test_a_word_that_passages_share_without_a_title_leads_less():
    question = "Where did the husband of Asa Thorn die?"
    told = ("Northern fords", "At the fords an arrow hit Orvald, who was stout.")
    assert 0.1 < bridge((QUEEN, told), question, told) < bridge((QUEEN, KING), question, KING)


@pytest.mark.parametrize("n", [3, 4])
def test_a_word_of_many_titles_leads_to_none(n):
    question = "Where did the husband of Asa Thorn die?"
    kin = [(f"Orvald of the {place}", f"He built the {place}.") for place in ("Mill", "Weir", "Barn", "Kiln")]
    found = bridge((QUEEN, *kin[:n]), question, kin[0])
    assert found > 0.5 if n == 3 else found == 0


@pytest.mark.parametrize(
    ("first", "second", "goal", "question"),
    [
        (
            (
                "Winter Lamp",
                "Winter Lamp is a silent film about two lamp makers who race to town by Bo Halm.",
            ),
            ("Grey Tide", "Grey Tide is by Ina Roe."),
            ("Ina Roe", "She was born in a lighthouse."),
            "Which film about lamp makers racing to town is silent, Winter Lamp or Grey Tide?",
        ),
        (
            ("冬灯", "《冬灯》是一部讲两个灯匠赛跑进城的默片，改编自《灯匠》。"),
            ("灰潮", "《灰潮》改编自《海边的人》。"),
            ("海边的人", "这本书写于灯塔里。"),
            "讲灯匠赛跑进城的默片是《冬灯》还是《灰潮》？",
        ),
    ],
)
def test_both_that_a_question_names_lead_on_however_much_better_one_fits(first, second, goal, question):
    assert bridge((first, second, goal), question, goal) > 1.2


def test_who_has_a_passage_leads_to_the_only_other_one_that_mentions_him():
    about = ("Ulf Brand", "Ulf Peder Brand, a keeper of bees, was born in the town of Halmvik.")
    record = ("Hum", "Hum is a record that was made with Ulf Brand.")
    other = ("Hum", "Hum is a record that was made with others.")
    question = "What did the keeper of bees who was born in Halmvik make?"
    assert bridge((about, record), question, record) > bridge((about, other), question, other) + 0.9


@pytest.mark.parametrize(
    ("pages", "goal", "like", "question"),
    [
        (
            [("Asa Thorn", f"Asa Thorn ruled for {n} winters beside Bo Halm.") for n in range(2, 6)],
            ("Bo Halm", "Ropes and tar."),
            "Who knows of what winters the first marriage of Asa Thorn {} was?",
            "Of what winters was the first marriage of Asa Thorn?",
        ),
        (
            [("冬灯", f"《冬灯》放映了{n}个冬天，改编自《海边的人》。") for n in "二三四五"],
            ("海边的人", "绳子和焦油。"),
            "《冬灯》第一次放映的那个冬天谁第{}个来的？",
            "《冬灯》第一次放映的那个冬天谁来的？",
        ),
    ],
)
def test_what_names_lead_to_firmly_keeps_one_of_ten_places(pages, goal, like, question):
    others = [("", like.format(word)) for word in "一二三四五六七八九十"]
    plan = plan_query(question, now=NOW, limit=10)
    how = Selection(SCOPE, Visibility(now=NOW))
    plan = plan.embedded(ENCODER.encode(plan.to_embed))
    hits = search(scope_of(*pages, goal, *others), plan, how, weights=Weights())
    assert goal[1] in [hit.item.text for hit in hits]


@pytest.mark.parametrize("name", ["", " ", "Of The", "ø", "李"])
def test_names_without_words_to_look_for_do_no_harm(name):
    page = ("Asa Thorn", f"Asa Thorn was the queen of {name} for two winters.")
    assert bridge((page, KING), "Where did the husband of Asa Thorn die?", KING) == 0
