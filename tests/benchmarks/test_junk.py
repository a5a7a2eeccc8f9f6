"""Nothing is made of messages that state nothing: by the rules, and by what stands around a model that notes everything."""

import pytest

from benchmarks.junk import GOAL, rates
from benchmarks.junk_messages import CLASSES
from polymem.text.boilerplate import boilerplate

RATES = {rate.name: rate for rate in rates()}


def test_the_fixture_is_large_enough_and_in_both_languages():
    texts = [text for name in CLASSES if name != "pasted" for text in CLASSES[name]]
    assert len(set(texts)) >= 120
    assert sum(not text.isascii() for text in texts) >= 40


def test_the_rules_make_next_to_nothing_of_junk():
    n = sum(rate.n_messages for rate in RATES.values())
    assert sum(rate.n_by_rules for rate in RATES.values()) <= GOAL * n


@pytest.mark.parametrize("name", ["greetings", "system prompts", "tool output", "code", "logs"])
def test_what_nobody_says_is_not_even_shown_to_a_model(name):
    assert (RATES[name].n_shown, RATES[name].n_by_model) == (0, 0)


def test_most_of_what_is_pasted_is_seen_through():
    assert RATES["pasted"].n_by_model <= 0.2 * RATES["pasted"].n_messages


@pytest.mark.parametrize(
    "text",
    [
        "Hi, I'm Anna.",
        "Thanks! I moved to Rome.",
        "hello from Berlin, where I live now",
        "ok my guy",
        "Yes, I love it",
        "You are my best friend and I am glad",
        "Your task is clear, but I am a vegetarian.",
        "I work as an assistant.",
        "你好，我叫小红。",
        "谢谢，我住在上海",
        "好的，我不吃辣",
        "你是我最好的朋友",
        "My cats: Tom, Mia and Bo",
        "42",
        "Rome",
        "",
    ],
)
def test_what_somebody_states_is_no_boilerplate(text):
    assert boilerplate(text) == ("machine" if text == "42" else "")
