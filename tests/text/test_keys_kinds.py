"""Standing instructions and preferences are told by the form of a sentence."""

import pytest

from polymem.text.keys_kinds import CHOOSES, STANDING, kind_keys
from polymem.text.keys_turn import turn_keys
from polymem.text.normalise import fold


@pytest.mark.parametrize(
    "text",
    [
        "Always give prices in euros when I ask about train tickets.",
        "Please never suggest restaurants with loud music.",
        "From now on, answer in short sentences.",
        "Whenever I ask about a recipe, list the calories.",
        "Thanks! And going forward please write dates as day and month.",
        "I want you to always cite your sources.",
        "Mention the weather every time I ask about hiking.",
        "以后请用欧元报价。",
        "每次我问起菜谱，都要写上热量",
        "从现在开始，回答都用短句",
        "請你始終用攝氏度",
    ],
)
def test_what_is_asked_for_good_is_a_standing_instruction(text):
    assert STANDING in kind_keys(fold(text))


@pytest.mark.parametrize(
    "text",
    [
        "It always rains when I go hiking.",
        "I never ask about tickets.",
        "She always gives me a hard time.",
        "How do I make sure the list is never empty?",
        "Use euros here, please.",
        "以后我可以请你帮忙吗",
        "他每次都迟到",
        "这条路一直很堵",
        "",
    ],
)
def test_a_tale_and_a_request_for_once_are_none(text):
    assert STANDING not in kind_keys(fold(text))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("I prefer trains to planes", True),
        ("I'd rather sit by the window", True),
        ("I've decided against a dog", True),
        ("我平时更喜欢坐火车", True),
        ("我寧願走路", True),
        ("我选择了靠窗的座位", True),
        ("The preferred stock fell", False),
        ("She prefers planes", False),
        ("他喜欢坐飞机", False),
    ],
)
def test_what_its_speaker_would_rather_have_is_a_choice(text, found):
    assert (CHOOSES in kind_keys(fold(text))) is found


@pytest.mark.parametrize(
    "text", ["Always use euros when I ask about prices.", "以后请用欧元报价，我更喜欢欧元"]
)
def test_an_assistant_neither_instructs_nor_prefers(text):
    assert {STANDING, CHOOSES} & {*turn_keys(text, role="user")}
    assert not {STANDING, CHOOSES} & {*turn_keys(text, role="assistant")}
