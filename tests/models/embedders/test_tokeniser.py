"""The same ids as the `tokenizers` library, whatever the text."""

from __future__ import annotations

import random
import re
import sys
import unicodedata

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from polymem.models.embedders.static import tokeniser as module
from polymem.models.embedders.static.shipped import load
from polymem.models.embedders.static.tokeniser import Runs, Tokeniser, normalise

NO_LIMIT = 10**9

# Characters that Unicode added, or gave a decomposition or a lower case, after version 11: the reference's table of
# compatibility forms is older than that, its table of cases newer than Python 3.11's.
NEWER = (
    "1C89 32FF A7CB-A7DF A7F1-A7F4 AB69 105C9 105E4 10781-107BA 10D50-10D65 11382-113C8 11938 16121-16128 16D68-16D6A"
    " 16EA0-16EB8 1CCD6-1CCF9 1E030-1E06D 1F16C 1FBF0-1FBF9"
)

TEXTS = [
    "The cat sat on the mat.",
    "Melanie's pottery workshop isn't on 8 May, 2023 at 1:56 pm!",
    "rock’n’roll, l'été, o'neil, x86_64, C++ and GPT-4o",
    "一只猫坐在垫子上。",
    "我昨天在北京大学参加了周杰伦的演唱会，用Python写代码。",
    "繁體中文測試：２０２３年５月，ＡＢＣ",
    "〇一二〇〇8 3〇",
    "𠮷野家 𪚥 㐂",
    "안녕하세요 저는 학생입니다",
    "Привет, как дела? ΟΔΥΣΣΕΥΣ και ΣΑΣ",
    "こんにちは、コーヒーを飲みました",
    "مرحبا بالعالم שלום עולם नमस्ते",
    "e\u0301te\u0301 n\u0303 Z\u0351\u036b\u0343\u032a\u0348a\u030dl\u0360g\u033do",
    "naïve ﬁancée ½ ² Ⅷ ㎏ ℌ 𝓱𝓮𝓵𝓵𝓸 𝟙𝟚",
    "👍🏽 👨‍👩‍👧‍👦 🇨🇳 1️⃣ ❤️ ok🎉好",
    "a\x00b\x00中\x00文",
    "\ufeff\u200bzero\u200dwidth\u00ad \u202eabc",
    "İstanbul ISTANBUL ıI ẞß ǅ",
    "\t\r\n \u3000\u2028",
    "",
    "!!! … —— ？",
    "qlj'cnavtvrowkpin zzzzzzzzzzzzzzzzzzzz",
    "'s 's's it's's",
    "00 007 1999 20231105 3.14159",
]


@pytest.fixture(scope="module")
def tokeniser() -> Tokeniser:
    return load().tokeniser


def assert_same_ids(tokeniser: Tokeniser, reference: Tokenizer, texts: list[str]) -> None:
    encodings = reference.encode_batch(texts, add_special_tokens=False)
    wrong = [
        text
        for text, encoding in zip(texts, encodings, strict=True)
        if tokeniser.ids(text, limit=NO_LIMIT) != encoding.ids
        and normalise(text) == reference.normalizer.normalize_str(text)
    ]
    assert wrong == []


def ranges(text: str) -> set[int]:
    bounds = [[int(bound, 16) for bound in part.split("-")] for part in text.split()]
    return {point for bound in bounds for point in range(bound[0], bound[-1] + 1)}


@pytest.mark.parametrize("text", TEXTS)
def test_ids_equal_the_reference(tokeniser, reference, text):
    assert tokeniser.ids(text, limit=NO_LIMIT) == reference.encode(text, add_special_tokens=False).ids


def test_every_piece_alone_equals_the_reference(tokeniser, reference):
    pieces = list(reference.get_vocab())
    assert len(pieces) == 64_852
    assert_same_ids(tokeniser, reference, pieces)


def test_thousands_of_mixed_words_equal_the_reference(tokeniser, reference):
    random_ = random.Random(1)
    pieces = sorted(reference.get_vocab())
    chinese = [piece for piece in pieces if "一" <= piece[0] <= "鿿"]
    texts = ["".join(random_.choices(pieces, k=random_.randint(1, 8))) for _ in range(8_000)]
    texts += [" ".join(random_.choices(pieces, k=random_.randint(1, 8))) for _ in range(4_000)]
    texts += ["".join(random_.choices(chinese, k=random_.randint(1, 12))) for _ in range(8_000)]
    texts += [
        "".join(random_.choices("aeiounrstlkdqxz'éß的一是", k=random_.randint(1, 30))) for _ in range(8_000)
    ]
    assert_same_ids(tokeniser, reference, texts)


def test_thousands_of_texts_of_odd_blocks_equal_the_reference(tokeniser, reference):
    random_ = random.Random(2)
    blocks = ranges(
        "20 A0 300 370 400 590 900 E00 1100 1E00 2000 2100 3000 3100 4E00 AC00 F900 FF00 1D400 1F1E0 20000"
    )
    texts = [
        "".join(chr(random_.choice(some) + random_.randrange(0x80)) for _ in range(random_.randint(1, 40)))
        for some in (random_.sample(sorted(blocks), 3) for _ in range(12_000))
    ]
    assert_same_ids(tokeniser, reference, texts)


def test_every_character_equals_the_reference(tokeniser, reference):
    newer = ranges(NEWER)
    points = [p for p in range(sys.maxunicode + 1) if not 0xD800 <= p < 0xE000 and p not in newer]
    texts = [" ".join(map(chr, points[begin : begin + 256])) for begin in range(0, len(points), 256)]
    encodings = reference.encode_batch(texts, add_special_tokens=False)
    wrong = [
        hex(ord(text[0]))
        for text, encoding in zip(texts, encodings, strict=True)
        if tokeniser.ids(text, limit=NO_LIMIT) != encoding.ids
    ]
    assert wrong == []


@given(st.text())
@settings(max_examples=1_000, deadline=None)
def test_any_text_equals_the_reference(tokeniser, reference, text):
    assume(normalise(text) == reference.normalizer.normalize_str(text))
    assert tokeniser.ids(text, limit=NO_LIMIT) == reference.encode(text, add_special_tokens=False).ids


@given(st.text(st.sampled_from("aAbSstT'’éΣσß0１九〇中文的了猫國 ,。👍\u0301\x00한ж")))
@settings(max_examples=1_000, deadline=None)
def test_any_text_of_tricky_characters_equals_the_reference(tokeniser, reference, text):
    assert tokeniser.ids(text, limit=NO_LIMIT) == reference.encode(text, add_special_tokens=False).ids


def test_characters_newer_than_the_reference_are_the_only_corner(reference):
    assert normalise("㋿1年") == "令和1年" != reference.normalizer.normalize_str("㋿1年")
    points = [p for p in range(sys.maxunicode + 1) if not 0xD800 <= p < 0xE000 and p != ord("\n")]
    lines = "\n".join(map(chr, points))
    theirs, ours = reference.normalizer.normalize_str(lines).split("\n"), normalise(lines).split("\n")
    differing = {p for p, a, b in zip(points, theirs, ours, strict=True) if a != b}
    assert differing
    assert differing <= ranges(NEWER)


@pytest.mark.parametrize("text", ["\ud800", "a\ud83db", "猫\udc00狗", "\ud83d\ude00", "\udfff\ud800 ok 好"])
def test_lone_surrogates_part_words_and_are_dropped(tokeniser, text):
    without = re.sub("[\ud800-\udfff]", " ", text)
    assert tokeniser.ids(text, limit=NO_LIMIT) == tokeniser.ids(without, limit=NO_LIMIT)


def test_no_more_ids_than_the_limit(tokeniser):
    for text in ("the cat " * 100, "猫坐在垫子上" * 100, "한" * 300):
        everything = tokeniser.ids(text, limit=NO_LIMIT)
        assert len(everything) > 50
        assert tokeniser.ids(text, limit=50) == everything[:50]


def test_a_long_run_without_spaces_takes_no_quadratic_time(tokeniser):
    for run in ("abcdefgh" * 4_000, "猫坐在垫子上" * 5_000):
        assert len(tokeniser.ids(run, limit=NO_LIMIT)) > 8_000


def test_characters_past_the_basic_plane_choose_the_full_pattern(weights_folder):
    lines = (weights_folder / "classes.txt").read_text(encoding="ascii").splitlines()
    members = set().union(*(ranges(line.partition(" ")[2]) for line in lines))
    wide = {chr(point) for point in members if point > 0xFFFF}
    assert len(wide) > 50_000
    assert [hex(ord(c)) for c in wide if not module._WIDE.search(c)] == []
    assert not module._WIDE.search("👍🎉🏽🫶🇨")


def test_classes_agree_with_unicodedata_where_python_knows_the_character(weights_folder):
    lines = (weights_folder / "classes.txt").read_text(encoding="ascii").splitlines()
    classes = {name: ranges(points) for name, _, points in (line.partition(" ") for line in lines)}
    # Han also holds numerals (〇) and symbols (radicals), so of Han only its letters are asked for.
    runs = classes["letter"] | classes["han"]
    wrong = []
    for point in range(sys.maxunicode + 1):
        category = unicodedata.category(chr(point))
        known, number, letter = category != "Cn", category[0] == "N", category[0] in "LM"
        if known and (number != (point in classes["number"]) or (letter and point not in runs)):
            wrong.append(hex(point))
        if known and point in classes["letter"] and not letter:
            wrong.append(hex(point))
    assert wrong == []


def test_bytes_stand_for_what_no_piece_covers():
    runs = Runs(han="4E00-9FFF", number="30-39", letter="61-7A")
    tiny = Tokeniser(["猫", "ab", "b"], scores=[-1.0, -2.0, -3.0], runs=runs)
    assert tiny.ids("猫狗", limit=9) == [257, *(1 + byte for byte in "狗".encode())]
    assert tiny.ids("abba", limit=9) == [258, 259, 1 + ord("a")]
