"""Questions that ask for several things at once are asked once for each."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polymem.text.sides import MAX_QUESTION, MAX_SIDES, sides


@pytest.mark.parametrize(
    ("question", "first", "second"),
    [
        (
            "What was the yield of Orchard Hill and Mill Farm in May?",
            "What was the yield of Orchard Hill in May?",
            "What was the yield of Mill Farm in May?",
        ),
        (
            "Who won the relay, Team Heron or the Otters?",
            "Who won the relay, Team Heron?",
            "Who won the relay, Otters?",
        ),
        (
            "How high were the tides in 2011 and 2012?",
            "How high were the tides in 2011?",
            "How high were the tides in 2012?",
        ),
        (
            "What are the date and venue of the regatta?",
            "What are the date of the regatta?",
            "What are the venue of the regatta?",
        ),
        ("贵阳和昆明的降雨量分别是多少？", "贵阳的降雨量分别是多少？", "昆明的降雨量分别是多少？"),
        ("今年龙舟赛泰国和越南成绩如何", "今年龙舟赛泰国成绩如何", "今年龙舟赛越南成绩如何"),
        ("2011年和2012年的苹果产量", "2011年的苹果产量", "2012年的苹果产量"),
        ("话剧《渡口》的编剧及灯光师是谁？", "话剧《渡口》的编剧是谁？", "话剧《渡口》的灯光师是谁？"),
        ("《和与及》的作者和译者是谁？", "《和与及》的作者是谁？", "《和与及》的译者是谁？"),
        ("2021年龙舟赛男子组和女子组冠军", "2021年龙舟赛男子组冠军", "2021年龙舟赛女子组冠军"),
        ("iPhone和Mate60的售价", "iPhone的售价", "Mate60的售价"),
        ("去年蓝鲸号与白鹭号航程", "去年蓝鲸号航程", "去年白鹭号航程"),
    ],
)
def test_each_of_two_things_is_asked_for_alone(question, first, second):
    assert sides(question) == (first, second)


def test_things_that_are_listed_are_asked_for_one_by_one():
    assert sides("贵阳、昆明和南宁的降雨量") == ("贵阳的降雨量", "昆明的降雨量", "南宁的降雨量")
    many = "、".join(["贵阳"] * MAX_SIDES)
    assert sides(f"{many}和南宁的降雨量") == ()


@pytest.mark.parametrize(
    "question",
    [
        "Where does Ann live?",
        "Who sold the boat and when?",
        "Which is the film 'Salt and Smoke' about?",
        'Who wrote "Salt Road and Smoke House"?',
        "salt and smoke",
        "共和国是哪一年成立的？",
        "谁参与了普及教育？",
        "他和谁一起去的？",
        "话剧《渡口和船》是谁写的？",
        "暖和的天气什么时候来？",
        "除了茶和咖啡还有什么？",
        "野鸭和鸳鸯之间的区别是什么？",
        "野鸭和鸳鸯有什么不同",
        "和",
        "",
    ],
)
def test_a_question_for_one_thing_is_left_whole(question):
    assert sides(question) == ()


def test_a_long_task_is_left_whole():
    asked = "贵阳和昆明的降雨量"
    assert sides(asked)
    assert sides("雨" * MAX_QUESTION + asked) == ()


@given(st.text(alphabet="贵阳昆明和与及、的年2011是谁《》,? AandBortheof", max_size=80))
def test_a_side_has_only_what_the_question_has_in_its_order(question):
    found = sides(question)
    assert not found or 1 < len(found) <= MAX_SIDES
    for side in found:
        rest = iter(question)
        assert len(side) < len(question)
        assert all(character in rest for character in side)
