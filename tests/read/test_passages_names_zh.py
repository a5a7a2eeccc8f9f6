"""Names in running Chinese text lead from one passage to another, and a question finds what it names."""

from __future__ import annotations

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
    ("", "山茶在冬天开花，花瓣很厚。"),
    ("", "渡船每年上一次漆，由两个人完成。"),
    ("", "学校的操场换了新的草皮。"),
    ("", "茶叶晒干以后要揉捻。"),
    ("", "邮局在上午九点开门。"),
    ("", "The harbour is dredged every spring."),
)


def ask(question, *pages):
    rows = []
    for title, text in (*pages, *NOISE):
        metadata = {"title": title} if title else {}
        (vector,) = ENCODER.encode([embedded_text("episode", text, role="document", metadata=metadata)])
        rows.append(MemoryRow(id=text, text=text, role="document", metadata=metadata, vector=vector))
    snapshot = MemorySnapshot(rows, scope=SCOPE)
    plan = plan_query(question, now=NOW, limit=12)
    how = Selection(SCOPE, Visibility(now=NOW))
    return search(
        snapshot, plan.embedded(ENCODER.encode(plan.to_embed)), how, weights=Weights(), explain=True
    )


def bridge(hits, text):
    return next((hit.signals.get("bridge", 0.0) for hit in hits if hit.item.text == text), 0.0)


FILM = ("雾港来信", "《雾港来信》讲述守塔人一家，由陆远舟执导。")
QUESTION = "《雾港来信》的导演是哪里人？"


@pytest.mark.parametrize(
    ("title", "goal"),
    [
        ("陆远舟", "生于白沙镇，早年在造船厂当学徒。"),
        ("", "陆远舟，1969年生于白沙镇，早年在造船厂当学徒。"),
        ("", "白沙镇的学徒里后来有一位名人，就是导演陆远舟。"),
    ],
)
def test_a_name_leads_to_a_passage_about_it_and_to_one_that_has_it(title, goal):
    led = bridge(ask(QUESTION, FILM, (title, goal)), goal)
    other = (FILM[0], FILM[1].replace("陆远舟", "谢明烛"))
    assert led > bridge(ask(QUESTION, other, (title, goal)), goal) + 0.5


@pytest.mark.parametrize(
    ("anchor", "goal", "question"),
    [
        (
            ("", "云帆集团由海东航运学院的校友创办。"),
            ("海东航运学院", "有一艘三桅实习船。"),
            "云帆集团的创办人读什么学校？",
        ),
        (
            ("", "小说《青瓦巷》在深圳市南山区写成。"),
            ("南山区", "多海湾，渔民很多。"),
            "《青瓦巷》写成的地方有什么人？",
        ),
        (
            ("", "缓释肥料由安德烈·科瓦廖夫提出。"),
            ("安德烈·科瓦廖夫", "爱下象棋。"),
            "提出缓释肥料的人爱好什么？",
        ),
        (
            ("", "新耳机用了iPhone 15的芯片。"),
            ("iPhone 15", "芯片在九月发布。"),
            "新耳机的零件什么时候发布？",
        ),
        (
            ("", "The film was made by Edda Morrow."),
            ("Edda Morrow", "出生在奎尔比镇。"),
            "Where was the maker of the film born?",
        ),
    ],
)
def test_organisations_places_and_foreign_names_lead_too(anchor, goal, question):
    assert bridge(ask(question, anchor, goal), goal[1]) > 0.5


def test_what_the_question_names_itself_leads_nowhere_new():
    own = "陆远舟小时候在船上长大，爱吃鱼，后来当了导演。"
    other = "白沙镇的老人都记得导演陆远舟。"
    hits = ask("导演陆远舟爱吃什么？", ("", own), ("", other))
    assert {hit.item.text for hit in hits[:2]} == {own, other}
    assert bridge(hits, other) == 0
