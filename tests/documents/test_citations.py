"""Citations are numbered anew, exist, and are supported by what they cite, or are marked."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polymem.documents.citations import check, claims, likeness
from polymem.documents.marks import Renumbered
from polymem.documents.passages import Passage, numbered, place_within
from polymem.domain.document import Place
from polymem.text.sentences import sentence_spans

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
OSLO = "The harbour of Oslo froze in 1658. Ships waited until April. Traders lost 300 barrels of herring."
SHANGHAI = "上海港在1843年开埠。到1853年，它的贸易额超过了广州。货物主要是丝和茶。"


def passage(text: str, *, n: int = 1, title: str = "", place: Place | None = None) -> Passage:
    spans = tuple(sentence_spans(text))
    return Passage(n, f"item-{n}", text, 0.9, title, "", "", NOON, place, spans)


def test_a_quote_is_the_sentence_that_has_the_words():
    checked = check("Traders lost 300 barrels of herring [1].", {1: passage(OSLO)})
    (citation,) = checked.citations
    assert citation.quote == "Traders lost 300 barrels of herring."
    assert OSLO[citation.start : citation.stop] == citation.quote
    assert citation.supported
    assert citation.support == 1.0
    assert checked.text == "Traders lost 300 barrels of herring [1]."


def test_a_chinese_quote_is_the_sentence_that_has_the_words():
    checked = check("1853年上海的贸易额超过了广州【1】。", {1: passage(SHANGHAI)})
    (citation,) = checked.citations
    assert citation.quote == "到1853年，它的贸易额超过了广州。"
    assert citation.supported
    assert checked.text == "1853年上海的贸易额超过了广州[1]。"


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        ("The king of Sweden bought a castle in Bergen [1].", OSLO),
        ("Traders lost 400 barrels of herring [1].", OSLO),
        ("上海的皇帝在北京建造了宫殿[1]。", SHANGHAI),
        ("上海港在1844年开埠[1]。", SHANGHAI),
    ],
)
def test_what_the_passage_does_not_say_is_marked(claim: str, text: str):
    checked = check(claim, {1: passage(text)})
    assert not checked.citations[0].supported
    assert "[1?]" in checked.text


def test_words_and_numbers_of_the_question_need_no_support():
    asked = "What did traders lose in the winter of 1658?"
    checked = check("In the winter of 1658 they lost herring [1].", {1: passage(OSLO)}, question=asked)
    assert checked.citations[0].supported


def test_a_mark_after_the_full_stop_belongs_to_the_sentence_before():
    both = {1: passage(OSLO), 2: passage(SHANGHAI, n=2)}
    checked = check("Ships waited until April. [1] 货物主要是丝和茶。[2]", both)
    assert [(c.n, c.supported) for c in checked.citations] == [(1, True), (2, True)]
    assert checked.n_claims == checked.n_cited == 2


def test_a_sentence_without_a_mark_is_a_claim_that_is_not_cited():
    checked = check("Ships waited until April [1]. It was cold.", {1: passage(OSLO)})
    assert (checked.n_claims, checked.n_cited) == (2, 1)


def test_the_title_supports_a_name():
    place = "The rector was elected for four years. She may be elected again."
    named = passage(place, title="University of Turku")
    assert (
        check("The rector of the University of Turku is elected for four years [1].", {1: named})
        .citations[0]
        .supported
    )


def test_a_quote_has_a_place_in_its_document():
    place = Place("d", "file:///a.txt", "Harbours", 1_000, 1_000 + len(OSLO), page=3, last_page=3)
    (citation,) = check("Ships waited until April [1].", {1: passage(OSLO, place=place)}).citations
    assert citation.place is not None
    assert citation.place.start == 1_000 + OSLO.index("Ships")
    assert citation.place.stop - citation.place.start == len("Ships waited until April.")
    assert citation.place.page == 3


def test_a_text_that_is_not_its_span_has_the_place_of_the_whole():
    place = Place("d", "file:///a.csv", "", 10, 500)
    assert place_within(passage(OSLO, place=place), 3, 9) == place


def test_marks_are_numbered_in_the_order_in_which_they_come():
    stream = Renumbered(12)
    shown = "".join([*stream.feed("甲[11]。乙[2, 11]。丙【3】。丁[99][x]。"), *stream.end()])
    assert shown == "甲[1]。乙[2][1]。丙[3]。丁[x]。"
    assert stream.order == {11: 1, 2: 2, 3: 3}
    assert stream.n_invented == 1


ANSWERS = st.lists(
    st.sampled_from(
        [
            "Oslo ",
            "上海",
            "[1]",
            "[2,3]",
            "【12】",
            "[99]",
            "[",
            "]",
            "[a",
            "1",
            ". ",
            "。",
            "[ 3 ]",
            "`",
            "```",
            "[1-3]",
            "［２］",
            "[^1]",
            "\n",
        ]
    ),
    max_size=20,
).map("".join)


@given(ANSWERS, st.lists(st.integers(1, 7), max_size=30))
def test_pieces_give_what_the_whole_gives(text: str, cuts: list[int]):
    whole = Renumbered(12)
    at_once = "".join([*whole.feed(text), *whole.end()])
    stream, pieces, at = Renumbered(12), list[str](), 0
    for cut in [*cuts, len(text)]:
        pieces += stream.feed(text[at : at + cut])
        at += cut
    pieces += [*stream.feed(text[at:]), *stream.end()]
    assert "".join(pieces) == at_once
    assert stream.order == whole.order


@given(ANSWERS)
def test_any_answer_can_be_checked(text: str):
    passages = {1: passage(OSLO), 2: passage(SHANGHAI, n=2)}
    for citation in check(text, passages).citations:
        held = passages[citation.n].text
        assert held[citation.start : citation.stop] == citation.quote
        assert 0 <= citation.support <= 1


def test_a_sentence_in_the_other_language_is_supported_by_the_likest_passage():
    passages = [passage(SHANGHAI), passage("昨天下雨了。我在家喝茶。", n=2)]
    said = claims("The port of Shanghai opened in 1843 [1]. It rained yesterday [1].")
    near = np.eye(5, dtype=np.float32)
    alike = likeness(said, near[[0, 3]], passages, near)
    checked = check(
        "The port of Shanghai opened in 1843 [1]. It rained yesterday [1].", {1: passages[0]}, alike=alike
    )
    assert [citation.supported for citation in checked.citations] == [True, False]
    assert not check("The port of Shanghai opened in 1843 [1].", {1: passages[0]}).citations[0].supported


def test_texts_without_words_are_no_passages():
    assert numbered([]) == []
