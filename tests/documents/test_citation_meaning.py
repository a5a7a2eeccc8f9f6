"""A citation is marked where the claim has the words of the quote but joins them otherwise, says more, or says the opposite."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polymem.documents.citations import check
from polymem.documents.contraries import is_opposed, is_stronger, is_turned_comparison
from polymem.documents.passages import Passage
from polymem.documents.roles import has_other_number, has_other_subject, has_swapped_names
from polymem.text.sentences import sentence_spans

SALE = "Ann Holt sold the mill in Skarn to Carl Berg in May. It stood empty for years."
SALE_ZH = "五月，陈海生把磨坊卖给了李明。它空了很多年。"
HEIGHT = "The tower of Skarn is 11 metres higher than the tower of Arna."
HEIGHT_ZH = "青石岛的塔比白马岛的塔高11米。"
BOATS = "Most boats of Skarn were painted blue. Some of the keepers kept goats. Every child went to school."
BOATS_ZH = "青石村的大多数渔船漆成蓝色。有些看守人养山羊。所有孩子都上学。"
MILL = "The mill opened in 1871 and closed in 1902. Ann Holt built it. Carl Berg ran it and kept bees."
MILL_ZH = "磨坊1871年开业，1902年关闭。陈海生建造了它。李明经营了二十年，还养蜂。"
TRADE = "The company had sales of 1.2 million euros and a profit of 300,000 euros. The price of cod rose after the storm."
TRADE_ZH = "公司的销售额为120万元，利润为30万元。风暴之后，鳕鱼的价格上涨了。"


def supported(claim: str, text: str) -> bool:
    noon = datetime(2024, 5, 8, 12, tzinfo=UTC)
    cited = Passage(1, "item-1", text, 0.9, "", "", "", noon, None, tuple(sentence_spans(text)))
    (citation,) = check(f"{claim} [1]", {1: cited}).citations
    return citation.supported


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        ("Carl Berg bought the mill in Skarn from Ann Holt.", SALE),
        ("The mill was sold to Carl Berg by Ann Holt.", SALE),
        ("In Skarn, Ann Holt sold the mill to Carl Berg.", SALE),
        ("The mill was sold by Ann Holt to Carl Berg.", SALE),
        ("五月，李明从陈海生那里买下了磨坊。", SALE_ZH),
        ("磨坊被陈海生卖给了李明。", SALE_ZH),
        ("The tower of Arna is lower than the tower of Skarn.", HEIGHT),
        ("白马岛的塔比青石岛的塔矮11米。", HEIGHT_ZH),
        ("Many boats of Skarn were painted blue.", BOATS),
        ("Some children went to school.", BOATS),
        ("青石村的许多渔船漆成蓝色。", BOATS_ZH),
        ("The mill closed in 1902.", MILL),
        ("磨坊1902年关闭。", MILL_ZH),
        ("Carl Berg kept bees.", MILL),
        ("李明养蜂。", MILL_ZH),
        ("Sales were 1,200,000 euros.", TRADE),
        ("利润为30万元。", TRADE_ZH),
        ("The price of cod rose after the storm.", TRADE),
        # Who met whom is the same either way, and so is what two did together.
        ("Carl Berg met Ann Holt in Skarn.", "Ann Holt met Carl Berg in Skarn."),
        ("王芳在上海遇见了李明。", "李明在上海遇见了王芳。"),
        ("Carl Berg and Ann Holt built the mill.", "Ann Holt and Carl Berg built the mill."),
    ],
)
def test_the_same_in_other_words_is_supported(claim: str, text: str):
    assert supported(claim, text)


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        # Names that change places.
        ("Carl Berg sold the mill in Skarn to Ann Holt.", SALE),
        ("Ann Holt bought the mill in Skarn from Carl Berg.", SALE),
        ("The mill was sold to Ann Holt by Carl Berg.", SALE),
        ("李明把磨坊卖给了陈海生。", SALE_ZH),
        ("陈海生从李明那里买下了磨坊。", SALE_ZH),
        ("磨坊被李明卖给了陈海生。", SALE_ZH),
        ("Ida Moe is the mother of Ann Holt.", "Ann Holt is the mother of Ida Moe."),
        ("王芳是李明的母亲。", "李明是王芳的母亲。"),
        # Comparisons.
        ("The tower of Arna is higher than the tower of Skarn.", HEIGHT),
        ("The tower of Skarn is lower than the tower of Arna.", HEIGHT),
        ("白马岛的塔比青石岛的塔高。", HEIGHT_ZH),
        ("青石岛的塔比白马岛的塔低。", HEIGHT_ZH),
        # How many of them.
        ("All boats of Skarn were painted blue.", BOATS),
        ("Every keeper kept goats.", BOATS),
        ("No boats of Skarn were painted blue.", BOATS),
        ("青石村的所有渔船都漆成蓝色。", BOATS_ZH),
        ("每个看守人都养山羊。", BOATS_ZH),
        ("看守人都不养山羊。", BOATS_ZH),
        # Of another event, thing or person.
        ("The mill closed in 1871.", MILL),
        ("磨坊1871年关闭。", MILL_ZH),
        ("Carl Berg built the mill.", MILL),
        ("李明建造了磨坊。", MILL_ZH),
        ("The company had a profit of 1.2 million euros.", TRADE),
        ("公司的利润为120万元。", TRADE_ZH),
        # Opposites.
        ("The price of cod fell after the storm.", TRADE),
        ("The price of cod rose before the storm.", TRADE),
        ("风暴之后，鳕鱼的价格下跌了。", TRADE_ZH),
        ("风暴之前，鳕鱼的价格上涨了。", TRADE_ZH),
        # A negation beside what another sentence negates.
        ("The bridge was not built of stone.", "The bridge was not open to carts. It was built of stone."),
        ("桥不是用石头建成的。", "桥没有对马车开放。桥是用石头建成的。"),
        # A place that is not there.
        ("东港市的桥对马车开放。", "临江县的桥对马车开放。"),
    ],
)
def test_the_same_words_joined_otherwise_are_marked(claim: str, text: str):
    assert not supported(claim, text)


@pytest.mark.parametrize(
    "text", [SALE, SALE_ZH, HEIGHT, HEIGHT_ZH, BOATS, BOATS_ZH, MILL, MILL_ZH, TRADE, TRADE_ZH]
)
def test_what_is_quoted_word_for_word_is_supported(text: str):
    assert all(supported(text[start:stop], text) for start, stop in sentence_spans(text))


PARTS = st.sampled_from(
    [
        "Ann Holt",
        "Carl Berg",
        "陈海生",
        "李明",
        " sold ",
        "卖给了",
        " is higher than ",
        "比",
        "高",
        "1871年",
        " in 1902",
        ", and ",
        "，",
        "所有",
        " all of the ",
        "keepers",
        "看守人",
        "rose",
        "下跌",
        "'s",
        "是",
        "的",
        "。",
        "120万元",
        " by ",
    ]
)
TEXTS = st.lists(PARTS, min_size=1, max_size=14).map("".join)


@settings(max_examples=300, deadline=None)
@given(TEXTS, TEXTS)
def test_whatever_is_said_something_is_told(said: str, quote: str):
    for tell in (has_swapped_names, has_other_number, is_turned_comparison):
        assert tell(said, [quote]) in {True, False}
        assert not tell(said, [])
    assert is_stronger(said, quote) in {True, False}
    assert not is_stronger(said, said)
    assert not is_opposed(said, said, said)
    assert not is_turned_comparison(said, [said])
    assert has_other_subject(said, [quote], quote) in {True, False}


@pytest.mark.parametrize(
    "sign", ["A ", "李明", "1871年", "a 1 ", "比", " than ", "er ", "Ann's ", "all ", "，1"]
)
def test_a_long_claim_costs_little(sign: str):
    text = sign * (590 // len(sign))
    began = time.process_time()
    supported(text, text)
    supported(sign * 5_000, sign * 5_000)
    assert time.process_time() - began < 3
