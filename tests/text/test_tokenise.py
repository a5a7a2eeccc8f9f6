"""Terms of English, Chinese and other texts."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polymem.text.normalise import fold
from polymem.text.tokenise import MAX_TERM_CHARS, TOKENISER_VERSION, terms


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The dogs were barking", ["dog", "bark"]),
        ("Ann's dog", ["ann", "dog"]),
        ("Ann’s Dog", ["ann", "dog"]),
        ("I don't like O'Brien", ["like", "obrien"]),
        ("running runs ran", ["run", "run", "ran"]),
        ("at 10:30 on 7th, 1,000.50 and v2.3.1.", ["10:30", "7", "1,000.50", "v", "2.3.1"]),
        ("Don won, I won't", ["don", "won"]),
        ("vitamin C", ["vitamin", "c"]),
        ("snake_case foo@bar.com", ["snake", "case", "foo", "bar", "com"]),
        ("café naïve", ["café", "naïve"]),
        ("我喜歡北京", ["喜", "欢", "北", "京", "我喜", "喜欢", "欢北", "北京"]),
        ("北京，上海", ["北", "京", "北京", "上", "海", "上海"]),
        ("用Python写", ["用", "python", "写"]),
        ("他是谁", ["他是", "是谁"]),
        ("ＡＢＣ１２", ["abc", "12"]),
        ("食べる", ["食", "食べ", "べる"]),
        ("カメラ", ["カメ", "メラ"]),
        ("한국어", ["한국", "국어"]),
        ("나", ["나"]),
        ("Привет, мир", ["привет", "мир"]),
        ("مرحبا بالعالم", ["مرحبا", "بالعالم"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("party 🎉🎉 ❤️ 🇨🇳", ["parti", "🎉", "🎉", "❤", "🇨🇳"]),
        ("", []),
        (" \n\t.,!?。，", []),
    ],
)
def test_a_text_has_these_terms(text, expected):
    assert terms(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("who is it", ["who", "is", "it"]), ("谁", ["谁"]), ("don't", ["don"])]
)
def test_a_text_of_stop_words_keeps_them(text, expected):
    assert terms(text) == expected


@pytest.mark.parametrize(
    "word", ["organization", "happily", "generously", "skies", "dying", "cats", "studies"]
)
def test_stems_are_those_that_stores_hold(word):
    """A change here makes old postings unsearchable: raise TOKENISER_VERSION with it."""
    expected = {"organization": "organiz", "happily": "happili", "generously": "generous", "skies": "sky"}
    expected |= {"dying": "die", "cats": "cat", "studies": "studi"}
    assert (terms(word), TOKENISER_VERSION) == ([expected[word]], 4)


@given(st.text(max_size=80))
def test_terms_depend_on_the_folded_text_alone(text):
    assert terms(text) == terms(fold(text)) == terms(text.upper() if text.isascii() else text)
    assert all(0 < len(term) <= MAX_TERM_CHARS for term in terms(text))


@given(st.text(st.characters(categories=["L", "Nd"]), min_size=1, max_size=20))
def test_every_text_with_a_letter_can_be_found(text):
    assert terms(text)


@given(st.text(st.sampled_from("我爱北京天安门的了hello "), max_size=30))
def test_parts_between_signs_are_independent(text):
    joined = terms(f"{text}。dog")
    assert joined == [*(terms(text) if _kept(text) else []), "dog"]


def _kept(text: str) -> bool:
    return len(terms(f"{text}。dog")) > 1


@pytest.mark.parametrize(
    "text",
    [
        "a" * 10**6,
        "a'" * 500_000 + "é",
        "我" * 300_000,
        "1." * 500_000,
        "aé" * 300_000,
        "hello world 你好 " * 60_000,
    ],
    ids=lambda text: text[:6],
)
def test_a_megabyte_is_no_trouble(text):
    started = time.process_time()
    assert max(map(len, terms(text))) <= MAX_TERM_CHARS
    assert time.process_time() - started < 5


def test_threads_find_the_same_terms():
    words = [
        f"{stem}{ending}"
        for stem in ("walk", "jump", "nation", "relat")
        for ending in ("ing", "ed", "al", "ion", "s")
    ]
    texts = [f"{word}x{n} {word} 我喜欢{n}" for n in range(200) for word in words]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(terms, texts))
    assert found == [terms(text) for text in texts]
