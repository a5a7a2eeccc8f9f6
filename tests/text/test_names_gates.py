"""What is looked at before the long way is gone lets pass all that the long way finds."""

from __future__ import annotations

import re
import sys
import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from polymem.text import keys_passage, names_zh, normalise, spans

_PIECES = st.sampled_from(
    [
        *"AZaz0248GK.%年月日 -",
        *(
            "iPhone 15",
            "eBay",
            "xAI",
            "5G",
            "4K",
            "Pro Max",
            "在",
            "的",
            "手机",
            "，",
            "Ann",
            "de la",
            "of",
            "the",
            "Duchy",
        ),
        *(
            "’s",
            "'s",
            "don't",
            "OF",
            "Of",
            "é",
            "É",
            "ﬁ",
            "ǅ",
            "ß",
            "Ł",
            "ا",
            "१",
            "２",
            "Ⅳ",
            "\n",
            ". ",
            "? ",
            "“",
            "”",
        ),
    ]
)
_TEXTS = st.lists(_PIECES, max_size=16).map("".join)


def test_every_character_that_combines_is_looked_for():
    passed_over = [
        character
        for character in map(chr, range(sys.maxunicode + 1))
        if unicodedata.combining(character) and not spans._MAY_COMBINE.search(character)
    ]
    assert not passed_over


def test_common_text_goes_the_short_way():
    for text in (
        "What’s new, “they” said: 100 €…",
        "他在北京工作，喜欢《活着》（小说）。",
        "カタカナ",
        "ＡＢＣ１２３",
    ):
        assert not spans._MAY_COMBINE.search(unicodedata.normalize("NFKD", text)), text


@given(st.text(max_size=30) | _TEXTS)
@settings(max_examples=300, deadline=None)
def test_the_short_way_leads_to_the_same_text(text):
    decomposed = unicodedata.normalize("NFKD", text.translate(spans._FOREIGN))
    expected = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    assert spans._plain(text) == (text if text.isascii() else expected)


@given(_TEXTS)
@settings(max_examples=500, deadline=None)
def test_what_may_be_of_mixed_case_is_looked_for(text):
    if names_zh._MIXED.search(text):
        assert names_zh._MAY_BE_MIXED.search(text)


@given(_TEXTS)
@settings(max_examples=500, deadline=None)
def test_words_that_are_passed_over_are_in_no_name(text):
    plain, every = spans.split_words(text)
    kept = spans._words_of_names(plain)
    assert [word for word in every if word in kept] == kept
    passed_over = [word for word in every if word not in kept]
    assert not any(word.capital or word.key in spans._WITHIN for word in passed_over)


def test_an_alternative_is_found_wherever_it_stands():
    listed = "大学|大|北京|北京市|上海|管理着?"
    plain = re.compile("|".join(sorted(listed.split("|"), key=len, reverse=True)))
    for text in ("北京市大学", "大大学", "他管理着上海", "北方", ""):
        for made in (names_zh._either(listed), names_zh._any(listed)):
            assert re.findall(made, text) == plain.findall(text), text


_DATES = st.lists(
    st.sampled_from(
        [
            *"0129１ .:-年月日号",
            *(
                "jan",
                "february",
                "march",
                "apr",
                "may",
                "june",
                "jul",
                "aug",
                "sept",
                "october",
                "nov",
                "dec",
            ),
            *("1st", "22nd", "of ", "th", " 3 ", " 19", "20", "16", "159", "1999", "the", "日", "\n"),
        ]
    ),
    max_size=8,
).map("".join)


@given(_DATES)
@settings(max_examples=1500, deadline=None)
def test_what_may_be_a_day_is_looked_for(text):
    if keys_passage._DAY.search(text):
        assert keys_passage._MAY_BE_DAY.search(text)


def test_each_month_is_looked_for_before_and_behind_the_day():
    months = "jan january feb february mar march apr april may jun june jul july aug august sep sept september oct october nov november dec december"
    for month in months.split():
        for text in (f"{month} 3", f"{month}. 3", f"3 {month}", f"3rd of {month}", f"21st {month}"):
            assert keys_passage._DAY.search(text), text
            assert keys_passage._MAY_BE_DAY.search(text), text
    assert keys_passage._MAY_BE_DAY.search("3月 5日")
    assert not keys_passage._MAY_BE_DAY.search("room 12 has 30 chairs in 2010, 第3章")


@given(_DATES)
@settings(max_examples=1500, deadline=None)
def test_a_year_is_four_digits_alone(text):
    expected = re.findall(r"(?<!\d)(?:1[6-9]|20)\d\d(?!\d)", text)
    assert keys_passage._YEAR.findall(text) == expected


@given(_TEXTS)
@settings(max_examples=500, deadline=None)
def test_what_may_be_a_town_is_looked_for(text):
    town = "".join(sorted(names_zh.words.TOWNS))[:1]
    for each in (text, f"{text}在青石{town}", f"青石{town}的{text}"):
        if names_zh._TOWN.search(each):
            assert names_zh._MAY_BE_TOWN.search(each)


@given(st.text(st.sampled_from("在于到从往青石a1，\n𠀀"), max_size=12))
@settings(max_examples=500, deadline=None)
def test_boundaries_are_where_no_chinese_stands_before_or_a_word_of_place(text):
    han = names_zh._HAN
    expected = {m.end() for m in re.finditer(f"(?:(?<![{han}])|(?<=[在于到从往]))(?=[{han}])", text)}
    found = {m.end() for m in names_zh._BOUNDARY.finditer(text)}
    assert found | ({0} if re.match(f"[{han}]", text) else set()) == expected


def test_no_text_that_was_folded_is_kept_once_it_is_to_be_forgotten():
    for text in ("沼泽", "会被淹。", "Ａｎｎ", "電腦", "Łódź"):
        assert normalise.fold(text) == normalise._folded.__wrapped__(text)
        normalise.fold_aligned(text)
    assert 1 < normalise._folded.cache_info().currsize <= 4
    normalise.forget_names()
    assert normalise._folded.cache_info().currsize == 0
    assert normalise._aligned.cache_info().currsize == 0
