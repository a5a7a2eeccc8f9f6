"""Words of one language to words of the other, from the vectors that come with the package."""

import tracemalloc

import pytest

from polymem.models.embedders.static.lexicon import MAX_WORDS, N_OTHERS, StaticLexicon
from polymem.ports.lexicon import Word
from polymem.text.normalise import fold

LEXICON = StaticLexicon()


def others(text, *, chinese):
    return {word.text: dict(word.others) for word in LEXICON.translate(text, chinese=chinese)}


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("doctor", "医生"),
        ("subway", "地铁"),
        ("telescope", "望远镜"),
        ("parliament", "议会"),
        ("university", "大学"),
    ],
)
def test_words_that_mean_the_same_find_one_another(english, chinese):
    assert chinese in others(f"Where is the {english}?", chinese=False)[english]
    assert english in others(f"那个{chinese}在哪里？", chinese=True)[chinese]


def test_traditional_characters_are_read_as_simplified_and_never_given():
    assert others("醫生在哪裡？", chinese=True)["医生"] == others("医生在哪里？", chinese=True)["医生"]
    found = others("the doctor of the university", chinese=False)
    assert all(fold(word) == word for likes in found.values() for word in likes)


def test_the_likest_come_first_within_bounds():
    for word in LEXICON.translate("Which doctor did my sister see about her allergy?", chinese=False):
        worths = [worth for _, worth in word.others]
        assert worths == sorted(worths, reverse=True)
        assert len(worths) <= N_OTHERS
        assert all(0 < worth <= 1 for worth in worths)


def test_words_that_say_nothing_are_left_out():
    assert others("What is the doctor's?", chinese=False).keys() == {"doctor"}
    assert others("我的医生", chinese=True).keys() == {"医生"}


def test_words_of_the_other_language_are_no_words_of_the_question():
    assert others("Ann 的医生", chinese=True).keys() == {"医生"}
    assert others("Is 医生 a doctor?", chinese=False).keys() == {"doctor"}


@pytest.mark.parametrize("text", ["", "42!", "🎉", "\x00\ud800", "???", "的是了", "the of"])
@pytest.mark.parametrize("chinese", [True, False])
def test_a_text_without_words_has_none(text, chinese):
    assert LEXICON.translate(text, chinese=chinese) == []


def test_nothing_of_a_question_is_kept_and_its_length_is_bounded():
    LEXICON.translate("doctor 医生", chinese=False)
    LEXICON.translate("医生 doctor", chinese=True)
    long = " ".join(f"{first}{second}lle" for first in "bcdfghklmnprst" for second in "aeiou")
    assert len(LEXICON.translate(long * 3, chinese=False)) == MAX_WORDS
    rare = [word for word in long.split() if len(word) > 4]
    tracemalloc.start()
    LEXICON.translate(" ".join(rare[:32]), chinese=False)
    before = tracemalloc.get_traced_memory()[0]
    for first in range(0, len(rare), 8):
        LEXICON.translate(" ".join(rare[first : first + 8]), chinese=False)
    kept = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert kept < 32 * 1024


def test_a_word_is_a_plain_value():
    (word,) = LEXICON.translate("doctor", chinese=False)
    assert word == Word(word.text, word.others)
    assert repr(LEXICON) == "StaticLexicon()"
