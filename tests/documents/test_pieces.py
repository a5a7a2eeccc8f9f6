"""What of a passage is quoted: sentences, rows with the headers of their cells, never a greeting; whole words."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polymem.documents.answer import extracted
from polymem.documents.extract import best_sentences, candidates
from polymem.documents.passages import Passage
from polymem.documents.pieces import LONGEST, PieceKind, pieces
from polymem.documents.width import width
from polymem.text.sentences import sentence_spans

STATEMENT = (
    "Skarn Fishing Co.\nSTATEMENT OF OPERATIONS\n(in crowns)\nYear ended 31 May,\n1901 1902\nCod sold $ 4,200 $ 5,310\n"
    "Expenses:\nCost of nets 950 (1,040)\nNet income 3,250 4,270\nSee the notes on the next page.\n17"
)
STATEMENT_ZH = "斯卡恩渔业公司\n利润表\n2022年 2023年\n营业收入 1,200 1,100\n净利润 300 (20)\n请参阅附注。"
CATCH = "year | boats | nets\n1902 | 40 | 210\n1903 | 41 | 200\nThe boats were painted blue."
CATCH_ZH = "年份 | 渔船 | 渔网\n1902 | 40 | 210\n1903 | 41 | 200\n渔船漆成蓝色。"
LETTER = "Dear Mr Holt,\nthe pump of the lighthouse broke on 3 May. We ask for a new one.\n\nKind regards,\nAnn Berg"
LETTER_ZH = "尊敬的李先生：\n灯塔的水泵5月3日坏了。我们想要一个新的。\n\n此致\n敬礼"


def read(*texts: str) -> list[Passage]:
    noon = datetime(2024, 5, 1, 12, tzinfo=UTC)
    return [
        Passage(n, f"item-{n}", text, 0.9, "", "", "", noon, None, tuple(sentence_spans(text)))
        for n, text in enumerate(texts, start=1)
    ]


def kinds(text: str) -> dict[str, PieceKind]:
    return {text[one.start : one.stop]: one.kind for one in pieces(text, sentence_spans(text))}


def shown(question: str, *texts: str, limit: int = 1) -> list[str]:
    return [one.shown for one in best_sentences(candidates(question, read(*texts)), None, limit=limit)]


@pytest.mark.parametrize(
    ("question", "text", "wanted"),
    [
        ("What was the net income of 1902?", STATEMENT, "Net income | 1901: 3,250 | 1902: 4,270"),
        ("What did the nets cost in 1902?", STATEMENT, "Cost of nets | 1901: 950 | 1902: (1,040)"),
        ("What was FY1902 cod sold?", STATEMENT, "Cod sold | 1901: $ 4,200 | 1902: $ 5,310"),
        ("2023年的净利润是多少？", STATEMENT_ZH, "净利润 | 2022年: 300 | 2023年: (20)"),
        ("How many nets were there in 1902?", CATCH, "year: 1902 | boats: 40 | nets: 210"),
        ("1903年有多少张渔网？", CATCH_ZH, "年份: 1903 | 渔船: 41 | 渔网: 200"),
        (
            "How high is the mast?",
            "Thing | Measure\nMast | 30 m\nTower | 41 m",
            "Mast | Measure: 30 m",
        ),
        ("What colour were the boats painted?", CATCH, "The boats were painted blue."),
    ],
)
def test_a_row_is_quoted_with_what_its_cells_are(question: str, text: str, wanted: str):
    assert shown(question, text) == [wanted]


def test_the_citation_of_a_row_is_the_row_itself():
    found = candidates("How many nets were there in 1902?", read(CATCH))
    answer = extracted(found, read(CATCH), None, limit=1, confidence=0.9)
    (citation,) = answer.citations
    assert answer.text == "year: 1902 | boats: 40 | nets: 210 [1]"
    assert citation.quote == CATCH[citation.start : citation.stop] == "1902 | 40 | 210"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Skarn\nAs of June 30, 1902 1901\nNets 40 52\nBoats — 7", ["1902: 40", "1901: 52"]),
        ("Skarn\nMay 28, 1902 May 29, 1901\nNets 40 52\nBoats 1 7", ["May 28, 1902: 40", "May 29, 1901: 52"]),
        ("Skarn | 1901 | 1902\nNets | 40 | 52 thousand\nBoats | 1 | 7", ["1901: 40", "1902: 52 thousand"]),
        ("项目 | 2024年 | 2025年\n渔船 | 12艘 | 15艘\n渔网 | 3 | 4", ["2024年: 12艘", "2025年: 15艘"]),
        ("Skarn | Q1 2024 | FY24\nNets | 40 | 52", ["Q1 2024: 40", "FY24: 52"]),
        # Without a header: what is below are years as well, or no figures at all, or the first row has other figures.
        ("Ann | 1871 | 1902\nCarl | 1902 | 1950", ["Ann | 1871 | 1902"]),
        ("Ann | in 1871 | Leith\nCarl | unknown | Skarn", ["Ann | in 1871 | Leith"]),
        ("安娜 | 1871年 | 12岁\n卡尔 | 30艘 | 15岁", ["安娜 | 1871年 | 12岁"]),
        # As many cells as columns, or the row is left as it is.
        ("Skarn\n1900 1901 1902\nNets 40 52\nBoats 1 7", ["Nets 40 52"]),
        # These are no headers: they say when somebody lived.
        ("Keepers\nAnn 1871 1902\nCarl 1902 1950", ["Ann 1871 1902"]),
    ],
)
def test_columns_are_named_by_years_and_dates(text: str, wanted: list[str]):
    rows = [one.shown(text) for one in pieces(text, sentence_spans(text)) if one.kind == "row"]
    assert all(cell in rows[0] for cell in wanted)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (LETTER, ["Dear Mr Holt,", "Kind regards,", "Ann Berg"]),
        (LETTER_ZH, ["尊敬的李先生：", "此致", "敬礼"]),
    ],
)
def test_greetings_are_known(text: str, wanted: list[str]):
    assert [words for words, kind in kinds(text).items() if kind == "letter"] == wanted


@pytest.mark.parametrize(
    ("question", "text", "never"),
    [
        ("What did Ann Berg write to Mr Holt?", LETTER, {"Dear Mr Holt,", "Ann Berg", "Kind regards,"}),
        ("给李先生写了什么？", LETTER_ZH, {"尊敬的李先生：", "此致", "敬礼"}),
        ("What boats and nets were there in which year?", CATCH, {"year | boats | nets"}),
        ("斯卡恩渔业公司的利润表", STATEMENT_ZH, {"斯卡恩渔业公司 利润表", "2022年 2023年"}),
    ],
)
def test_a_frame_is_never_quoted_where_there_is_more(question: str, text: str, never: set[str]):
    assert never.isdisjoint(shown(question, text, limit=3))


def test_a_number_alone_answers_where_it_is_all_that_was_said():
    assert kinds("42") == {"42": "sentence"}
    assert kinds(STATEMENT)["17"] == "caption"


@pytest.mark.parametrize(
    "sentence",
    [
        "The keeper wrote that "
        + ", ".join(f"gull number {n} sat on the pier of Skarn" for n in range(60))
        + ".",
        "看守人写道：" + "，".join(f"第{n}只海鸥落在斯卡恩的码头上" for n in range(60)) + "。",
    ],
)
def test_a_long_sentence_is_cut_between_words_and_shown_as_a_part(sentence: str):
    found = pieces(sentence, [(0, len(sentence))])
    assert len(found) > 2
    assert all(width(sentence[one.start : one.stop]) <= LONGEST for one in found)
    assert all(sentence[one.stop - 1] in ",，.。" for one in found)
    parts = [one.shown(sentence) for one in found]
    assert [part.startswith("… ") for part in parts] == [False] + [True] * (len(parts) - 1)
    assert [part.endswith(" …") for part in parts] == [True] * (len(parts) - 1) + [False]


LINES = st.sampled_from(
    [
        "Cod 40 52",
        "1901 1902",
        "a | b | c",
        "1 | 2",
        "Dear Sir,",
        "敬礼",
        "It rained. It snowed!",
        "下雨了。风很大",
        "17",
        "",
        "— —",
        "$ 5 %",
        "x" * 700,
        "好" * 700,
        " | ",
        "Total: (3) 4%",
    ]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(LINES, max_size=12).map("\n".join))
def test_nothing_is_lost_and_nothing_told_twice(text: str):
    found = pieces(text, sentence_spans(text))
    assert all(one.start < other.start and one.stop <= other.start for one, other in pairwise(found))
    assert "".join("".join(text[one.start : one.stop].split()) for one in found) == "".join(text.split())
    assert all(one.shown(text) for one in found)


@pytest.mark.parametrize(
    "line", ["1 " * 50_000, "a 1 " * 25_000, "- " * 50_000, "$ " * 50_000, "| " * 50_000, "\n1 2" * 20_000]
)
def test_odd_lines_cost_little(line: str):
    began = time.process_time()
    pieces(line, sentence_spans(line))
    assert time.process_time() - began < 5
