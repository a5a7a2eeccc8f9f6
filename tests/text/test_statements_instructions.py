"""Standing instructions are found, and nothing else is taken for one."""

from __future__ import annotations

import pytest

from polymem.testing.clock import NOON
from polymem.text.statements import find_statements

FOUND = [
    ("Always answer in German.", "instruction:language", "German", True),
    ("From now on, please reply in simple English", "instruction:language", "simple English", True),
    ("Can you always reply in Spanish?", "instruction:language", "Spanish", True),
    ("Reply to me in French from now on.", "instruction:language", "French", True),
    ("Stop answering in German.", "instruction:language", "German", False),
    ("You can answer in English again.", "instruction:language", "English", True),
    ("Please go back to answering me in English again", "instruction:language", "English", True),
    ("You don't have to answer in German any more.", "instruction:language", "German", False),
    ("Please call me Bob from now on.", "instruction:name", "Bob", True),
    ("From now on, be concise.", "instruction:length", "concise", True),
    ("Keep your answers short from now on", "instruction:length", "short", True),
    ("In future, stay formal.", "instruction:tone", "formal", True),
    ("Going forward, use metric units.", "instruction:units", "metric", True),
    ("Never mention my ex again.", "instruction", "never mention my ex", True),
    ("Don't ever ask me about work.", "instruction", "never ask me about work", True),
    ("From now on don't recommend horror films.", "instruction", "never recommend horror films", True),
    ("You can mention my ex again.", "instruction", "never mention my ex", False),
    ("以后请用中文回答我。", "instruction:language", "中文", True),
    ("從現在起請用英文跟我說話", "instruction:language", "英文", True),
    ("请一律用英语回复", "instruction:language", "英语", True),
    ("不用再用英文回答我了", "instruction:language", "英文", False),
    ("以后请叫我王姐", "instruction:name", "王姐", True),
    ("今后请称呼我李工就好", "instruction:name", "李工", True),
    ("从现在起回答简短一点", "instruction:length", "简短", True),
    ("今后说话正式一些", "instruction:tone", "正式", True),
    ("以后不要再提我前男友了", "instruction", "不要提我前男友", True),
    ("以后别给我推荐恐怖片", "instruction", "不要给我推荐恐怖片", True),
]

NOT_FOUND = [
    "Please reply in French.",
    "Call me tomorrow.",
    "Call me maybe",
    "Never mind.",
    "Never say never!",
    "Always use sunscreen.",
    "I always answer in German.",
    "She told me to always answer in German.",
    "He never mentions his ex.",
    "Should I always answer in English?",
    '"Always answer in German" was on the sign.',
    "My friends call me from time to time.",
    "They never ask me anything.",
    "I want to learn German in future.",
    "You never answer in German",
    "我以后用中文回答他",
    "以后再说吧",
    "以后别叫我起床",
    "叫我去吃饭",
    "他让我以后用中文回答",
    "以后我想学英语",
    "请用英文回答这个问题",
    "以后要不要用中文回答你？",
    "老师说以后请用中文回答",
]


@pytest.mark.parametrize(("text", "predicate", "thing", "positive"), FOUND)
def test_a_standing_instruction_is_found(text, predicate, thing, positive):
    found = [
        (each.predicate, each.object, each.positive)
        for each in find_statements(text, now=NOON)
        if each.predicate.startswith("instruction")
    ]
    assert found == [(predicate, thing, positive)]


@pytest.mark.parametrize("text", NOT_FOUND)
def test_what_is_no_standing_instruction_is_not_taken_for_one(text):
    assert not [s for s in find_statements(text, now=NOON) if s.predicate.startswith("instruction")]


def test_who_says_what_he_is_called_is_not_noted_twice():
    for text in ("You can call me Al.", "叫我小李就行"):
        assert [s.predicate for s in find_statements(text, now=NOON)] == ["nickname"]


def test_an_instruction_is_a_preference_and_has_its_place_in_the_message():
    text = "I live in Rome. Always answer in German. Thanks!"
    (found,) = [s for s in find_statements(text, now=NOON) if s.predicate == "instruction:language"]
    assert (found.kind, found.subject) == ("preference", "self")
    assert text[slice(*found.offset)] == found.text == "Always answer in German."
