"""Normal forms of text in both languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polymem.text.normalise import clean, fold, fold_aligned, name_key
from polymem.text.traditional import SIMPLIFIED, TRADITIONAL

anything = st.text(st.characters(), max_size=40)


@given(st.text(st.characters() | st.characters(categories=["Cs"]), max_size=40))
def test_cleaned_text_can_be_stored_and_keeps_its_length(text):
    kept = clean(text)
    kept.encode("utf-8")
    assert "\x00" not in kept
    assert len(kept) == len(text)
    assert all(new in {old, "\ufffd"} for new, old in zip(kept, text, strict=True))


@pytest.mark.parametrize("text", ["I like tea.\n\t", "我喜歡喝茶 🍵", "e\u0301\u200d\ufeff", ""])
def test_clean_changes_nothing_that_can_be_stored(text):
    assert clean(text) == text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("HELLO", "hello"),
        ("Ann\u2019s", "ann's"),
        ("ＡＢＣ１２３", "abc123"),
        ("電腦", "电脑"),
        ("臺灣的龍", "台湾的龙"),
        ("Straße", "STRASSE"),
        ("\ufb01ne", "fine"),
        ("e\u0301t\u00e9", "été"),
        ("co\u00adop\u200b", "coop"),
        ("❤\ufe0f", "❤"),
        ("你好，世界！", "你好,世界!"),
        ("\uf9d1", "六"),
    ],
)
def test_texts_that_are_the_same_fold_to_the_same(one, other):
    assert fold(one) == fold(other)


def test_texts_that_differ_stay_different():
    distinct = ["resume", "résumé", "他", "她", "Лев", "ليف", "東京", "东北", "c++", "c#"]
    assert len({fold(text) for text in distinct}) == len(distinct)


@given(anything)
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)
    assert fold_aligned(fold_aligned(text)) == fold_aligned(text)


@given(anything)
def test_an_aligned_fold_keeps_every_place(text):
    assert fold_aligned(text) == "".join(fold_aligned(c).replace("ς", "σ") for c in text) or "Σ" in text
    assert len(fold_aligned(text)) == len(text)


def test_an_aligned_fold_reads_the_same_words():
    assert fold_aligned("İＡ’s\u3000電腦，２０２３年") == "ia's 电脑,2023年"


def test_the_table_of_characters_is_sound():
    assert len(TRADITIONAL) == len(SIMPLIFIED) == len(set(TRADITIONAL)) > 2_500
    assert not set(TRADITIONAL) & set(SIMPLIFIED)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        (" Ann  Lee ", "ann lee"),
        ("「張偉」", "张伟"),
        ("《三体》", "三体"),
        ("Dr. Who", "dr. who"),
        ("王老师", "王老师"),
        ("列夫・托尔斯泰", "列夫·托尔斯泰"),
        ("Лев Толстой", "лев толстой"),
        ("محمد", "محمد"),
        ("C++", "c++"),
        ("C#", "c#"),
        ("Yahoo!", "yahoo"),
        ("!!!", "!!!"),
        ("O’Brien", "o'brien"),
        ("", ""),
    ],
)
def test_a_name_has_a_key_in_any_script(name, key):
    assert name_key(name) == key


@given(anything)
def test_a_key_is_its_own_key_and_never_lost(name):
    key = name_key(name)
    assert name_key(key) == key
    assert bool(key) == bool(fold(name).strip())
