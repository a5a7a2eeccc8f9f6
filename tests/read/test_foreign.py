"""Questions in one language over rows in the other; rows in the question's own language rank as ever."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polymem.domain.query import Selection, Visibility
from polymem.domain.scope import Scope
from polymem.models.embedders.static import StaticEmbedder
from polymem.models.embedders.static.lexicon import StaticLexicon, load_near
from polymem.models.embedders.static.shipped import load
from polymem.models.embedders.static.tokeniser import FIRST_PIECE
from polymem.ports.lexicon import Lexicon, Word
from polymem.read.foreign import _known_keys  # pyright: ignore[reportPrivateUsage]
from polymem.read.plan import plan_query
from polymem.read.search import search
from polymem.testing.faces import MemoryRow
from polymem.testing.snapshot import MemorySnapshot
from polymem.text.indexed import embedded_text
from polymem.text.tokenise import terms

ENCODER, LEXICON = StaticEmbedder(), StaticLexicon()
SCOPE = Scope(user_id="asker")
NOW = datetime(2024, 6, 1, tzinfo=UTC)

EN = (
    "The lighthouse keeper lost his telescope in the storm.",
    "My sister is allergic to peanuts.",
    "The subway was closed because of a flood.",
    "Our dentist moved to another city.",
    "We bought a second-hand camera at the market.",
    "The parliament voted on a new tax.",
)
ZH = (
    "灯塔看守人在暴风雨中丢了望远镜。",
    "我姐姐对花生过敏。",
    "地铁因为洪水停运了。",
    "我们的牙医搬到了别的城市。",
    "我们在市场上买了一台二手相机。",
    "议会对一项新税进行了表决。",
)
TRADITIONAL = (
    "燈塔看守人在暴風雨中丟了望遠鏡。",
    "我姐姐對花生過敏。",
    "地鐵因為洪水停運了。",
    "我們的牙醫搬到了別的城市。",
    "我們在市場上買了一台二手相機。",
    "議會對一項新稅進行了表決。",
)
ASKED_EN = (
    "Tell me about the lost telescope.",
    "What is my sister allergic to?",
    "Why was the subway closed?",
    "Any news of our dentist?",
    "Where was the camera bought?",
    "Any news of the parliament and the tax?",
)
ASKED_ZH = (
    "说说丢了的望远镜。",
    "我姐姐对什么过敏？",
    "地铁为什么停运？",
    "我们的牙医怎么样了？",
    "相机是在哪里买的？",
    "议会的新税怎么样了？",
)


def rows(texts, *, role="user", vectors=True):
    found = []
    for n, text in enumerate(texts):
        (vector,) = ENCODER.encode([embedded_text("episode", text, role=role, metadata={})])
        at = NOW - timedelta(days=40 - n)
        speaker = "Ann" if role == "user" else ""
        found.append(
            MemoryRow(text, text, role=role, valid_at=at, vector=vector if vectors else None, speaker=speaker)
        )
    return MemorySnapshot(found, scope=SCOPE)


def ask(snapshot, question, *, lexicon: Lexicon | None = LEXICON, mode="hybrid", limit=20):
    plan = plan_query(question, now=NOW, limit=limit, mode=mode)
    plan = replace(plan.embedded(ENCODER.encode(plan.to_embed)), lexicon=lexicon)
    return search(snapshot, plan, Selection(SCOPE, Visibility(now=NOW)), explain=True)


def found(hits):
    return [hit.item.id for hit in hits]


class Untouched:
    """A lexicon that nobody may ask."""

    def translate(self, text, *, chinese):
        raise AssertionError(text)


@pytest.mark.parametrize("role", ["user", "document"])
@pytest.mark.parametrize(
    ("texts", "questions"),
    [(ZH, ASKED_EN), (EN, ASKED_ZH), (TRADITIONAL, ASKED_EN)],
    ids=["zh", "en", "hant"],
)
def test_words_are_found_in_the_other_language_without_any_vector(texts, questions, role):
    snapshot = rows(texts, role=role, vectors=False)
    assert [found(ask(snapshot, question))[0] for question in questions] == list(texts)


@pytest.mark.parametrize("role", ["user", "document"])
@pytest.mark.parametrize(("texts", "questions"), [(ZH, ASKED_EN), (EN, ASKED_ZH)], ids=["zh", "en"])
def test_translated_words_and_vectors_together(texts, questions, role):
    snapshot = rows(texts, role=role)
    assert [found(ask(snapshot, question))[0] for question in questions] == list(texts)


@pytest.mark.parametrize(
    ("texts", "questions"),
    [(TRADITIONAL, ASKED_ZH), (ZH, ASKED_ZH), (EN, ASKED_EN)],
    ids=["hant", "zh", "en"],
)
def test_one_language_needs_no_lexicon(texts, questions):
    snapshot = rows(texts)
    for question in questions:
        assert ask(snapshot, question, lexicon=Untouched()) == ask(snapshot, question, lexicon=None)


@pytest.mark.parametrize("mode", ["vector", "keyword", "time"])
def test_an_arm_that_is_asked_alone_translates_nothing(mode):
    ask(rows(ZH), ASKED_EN[0], lexicon=Untouched(), mode=mode)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.sampled_from(EN), unique=True, min_size=1),
    st.lists(st.sampled_from(ZH), unique=True),
    st.sampled_from(ASKED_EN),
    st.sampled_from(["user", "document"]),
)
def test_rows_in_the_language_of_the_question_keep_their_scores(native, foreign, question, role):
    snapshot = rows([*native, *foreign], role=role)
    ours = {hit.item.id: hit.score for hit in ask(snapshot, question)}
    plain = {hit.item.id: hit.score for hit in ask(snapshot, question, lexicon=None)}
    assert {text: ours[text] for text in native} == {text: plain[text] for text in native}


@pytest.mark.parametrize("role", ["user", "document"])
@pytest.mark.parametrize(
    ("native", "foreign", "questions"), [(EN, ZH, ASKED_EN), (ZH, EN, ASKED_ZH)], ids=["en", "zh"]
)
def test_in_a_scope_of_both_languages_what_answers_comes_first_in_either(native, foreign, questions, role):
    for n, question in enumerate(questions):
        others = [*native[:n], *native[n + 1 :], *foreign]
        assert found(ask(rows(others, role=role), question))[0] == foreign[n]
        assert found(ask(rows([*native, *foreign], role=role), question))[:2] in (
            [native[n], foreign[n]],
            [foreign[n], native[n]],
        )


@pytest.mark.parametrize("question", ["Which telescope?", "哪个望远镜？"])
def test_a_scope_of_three_rows(question):
    three = ("灯塔里有一台望远镜。", "The harbour has two bridges.", "猫睡着了。")
    assert found(ask(rows(three), question))[0] == three[0]


def test_a_name_in_latin_letters_is_found_in_a_chinese_row():
    texts = ("Ottoline 丢了钥匙。", "Bruno 丢了钥匙。", "没有人丢了什么。")
    assert found(ask(rows(texts, role="document"), "What did Ottoline lose?"))[0] == texts[0]


def test_a_word_that_the_lexicon_does_not_know_is_no_harm():
    class Silent:
        def translate(self, text, *, chinese):
            return [Word("telescope", ())]

    snapshot = rows(ZH)
    assert found(ask(snapshot, ASKED_EN[0], lexicon=Silent())) == found(
        ask(snapshot, ASKED_EN[0], lexicon=None)
    )


def test_contributions_still_add_up():
    for role in ("user", "document"):
        for hit in ask(rows([*EN, *ZH], role=role), ASKED_EN[1]):
            assert 0 < hit.score < 1
            assert all(abs(value) < 100 for value in hit.signals.values())


def test_terms_of_words_of_the_lexicon_are_those_of_texts():
    pieces = load().tokeniser.pieces
    given = [pieces[token - FIRST_PIECE] for token in np.unique(load_near().ids).tolist()]
    for word in [*given[::17], "Libraries", "the", "圖書館", "的", "c++", "電", "u.s.", "图书 馆"]:
        found = terms(word)
        pairs = [term for term in found if len(term) > 1] or found
        assert _known_keys(word) == (found[:1] if found[0].isascii() else pairs)
    assert _known_keys("!") == _known_keys("") == []


def test_a_lexicon_may_give_what_is_no_word():
    class Odd:
        def translate(self, text, *, chinese):
            return [Word("doctor", (("!", 0.9), ("", 0.8), ("医生", 0.7)))]

    snapshot = rows([*ZH, "医生说没事。"])
    assert found(ask(snapshot, "What did the doctor say?", lexicon=Odd()))[0] == "医生说没事。"
