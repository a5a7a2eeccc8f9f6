"""Keys of turns: what an utterance does is told by its form, in English and in Chinese."""

import pytest

from polymem.text.keys_turn import ASKS, CALLS, FIRST_PERSON, MAX_CHARS, REACTS, turn_keys


def keys(text):
    return turn_keys(text, role="user")


@pytest.mark.parametrize(
    ("key", "has", "lacks"),
    [
        (
            ASKS,
            "The kiln is hot. Is it ready?",
            "Is it ready? " + "The kiln has to cool down for a day. " * 3,
        ),
        (
            ASKS,
            "窑还很烫，可以开了吗？哈哈",
            "可以开了吗？" + "窑要凉一整天才能打开，大家都在外面等着呢。" * 4,
        ),
        (FIRST_PERSON, "Yesterday I fired the kiln", "The kiln was fired yesterday"),
        (FIRST_PERSON, "昨天我烧了窑", "昨天窑烧好了"),
        (REACTS, "Wow, that glaze is bright", "The glaze made us say wow"),
        (REACTS, "太棒了，颜色真亮", "颜色很亮，大家都说太棒了"),
    ],
)
def test_the_form_of_an_utterance_is_told(key, has, lacks):
    assert key in keys(has)
    assert key not in keys(lacks)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Hey Pippa! How was the fair?", ["pippa"]),
        ("That is kind of you, Otto!", ["otto"]),
        ("谢谢小梅！周末见。", ["小梅"]),
        ("The fair in Lund was fun", []),
        ("小梅去了集市", []),
    ],
)
def test_who_is_addressed_has_a_key(text, names):
    assert [key.removeprefix(CALLS) for key in keys(text) if key.startswith(CALLS)] == names


@pytest.mark.parametrize("text", ["", "?", "？", "!!!", "🎉", "\x00", "=i =a"])
def test_any_text_has_keys_or_none(text):
    assert all(key.startswith("=") for key in keys(text))


def test_of_a_long_text_the_beginning_counts_for_words_and_the_end_for_questions():
    text = "窑" * MAX_CHARS + " I fired it. 好了吗？"
    assert FIRST_PERSON not in keys(text)
    assert ASKS in keys(text)
