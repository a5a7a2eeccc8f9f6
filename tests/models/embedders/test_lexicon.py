"""Words of one language to words of the other, from the vectors that come with the package."""

import re
import shutil
import subprocess
import sys
import tracemalloc

import numpy as np
import pytest

from polymem.errors import ConfigError
from polymem.models.embedders.static.lexicon import FILE, LEAST, MAX_WORDS, N_OTHERS, StaticLexicon, load_near
from polymem.models.embedders.static.shipped import FOLDER, load
from polymem.models.embedders.static.tokeniser import FIRST_PIECE
from polymem.ports.lexicon import Word
from polymem.text.normalise import fold
from polymem.text.tokenise import STOP_CHARACTERS, STOP_WORDS
from tools.make_lexicon import asked, nearest, words

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


@pytest.mark.parametrize("chinese", [False, True])
def test_the_file_says_what_the_vectors_say(chinese):
    weights, pieces = load(), load().tokeniser.pieces
    tokens, others = asked(pieces, chinese=chinese), words(pieces, chinese=not chinese)
    unit = weights.table[others].astype(np.float64)
    unit /= np.sqrt((unit * unit).sum(axis=1, keepdims=True)) + 1e-9
    for token in tokens[7 :: len(tokens) // 40]:
        vector = weights.table[token].astype(np.float64)
        likes = dict(zip(others, (unit @ vector / (np.sqrt(vector @ vector) + 1e-9)).tolist(), strict=True))
        best = sorted((like for like in likes.values() if like > LEAST), reverse=True)[:N_OTHERS]
        assert [likes[int(one)] for one in load_near().of(token)] == pytest.approx(best, abs=1e-6)


@pytest.mark.parametrize("chinese", [False, True])
def test_the_tool_makes_what_is_shipped(chinese):
    pieces = load().tokeniser.pieces
    sample = asked(pieces, chinese=chinese)[3::1_500]
    found = nearest(load(), sample, words(pieces, chinese=not chinese))
    assert [one.tolist() for one in found] == [load_near().of(token).tolist() for token in sample]


def test_only_words_that_a_text_has_as_terms_are_given():
    pieces = load().tokeniser.pieces
    given = {pieces[token - FIRST_PIECE] for token in np.unique(load_near().ids).tolist()}
    assert len(given) > 30_000
    assert not given & STOP_WORDS
    for word in given:
        assert re.fullmatch("[a-z]{2,24}|[\u3400-\u4dbf\u4e00-\u9fff]{1,8}", word)
        assert fold(word) == word
        assert not STOP_CHARACTERS.issuperset(word)


def test_a_word_of_several_tokens_is_like_what_its_tokens_are_like():
    doctor = others("the doctor", chinese=False)["doctor"]
    assert next(iter(others("the doctor's", chinese=False)["doctor"])) == next(iter(doctor)) == "医生"
    assert load().tokeniser.ids("kuechlyford", limit=9)[1:]
    assert len(others("kuechlyford", chinese=False)["kuechlyford"]) <= N_OTHERS


def test_a_missing_or_damaged_file_is_named(tmp_path):
    with pytest.raises(ConfigError) as caught:
        load_near(tmp_path)
    assert caught.value.path == str(tmp_path)
    (tmp_path / FILE).write_bytes(b"nothing of use")
    with pytest.raises(ConfigError):
        load_near(tmp_path)
    shutil.copy(FOLDER / FILE, tmp_path)
    with np.load(FOLDER / FILE) as read:
        counts, ids = read["counts"], read["ids"]
    for kept in ({"counts": counts[:-1], "ids": ids}, {"counts": counts, "ids": ids[1:]}, {"ids": ids}):
        np.savez(tmp_path / FILE, **kept)
        with pytest.raises(ConfigError):
            load_near(tmp_path)


def test_the_file_is_read_with_the_first_question_that_needs_it():
    code = (
        "from polymem.models.embedders.static.lexicon import StaticLexicon, load_near\n"
        "lexicon = StaticLexicon()\n"
        "assert lexicon.translate('42', chinese=False) == []\n"
        "assert load_near.cache_info().currsize == 0\n"
        "assert lexicon.translate('doctor', chinese=False)\n"
        "assert load_near.cache_info().currsize == 1\n"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
