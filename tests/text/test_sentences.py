"""Where sentences begin and end."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polymem.text.sentences import sentence_spans


def split(text: str) -> list[str]:
    return [text[start:stop] for start, stop in sentence_spans(text)]


@pytest.mark.parametrize(
    "sentences",
    [
        ["The pump runs.", "It is loud!", "Is it safe?", "Yes."],
        ["Dr. Mara Quill met Prof. Lin at 5 p.m. on Friday.", "They spoke for an hour."],
        ["The fee is $3.50 per item, i.e. cheap.", "See Fig. 4 and No. 12 for more."],
        ["J. R. Hobbs and A. Ng wrote it.", "Nobody read it."],
        ["Northwind Ltd. Holdings was sold.", "The buyer was Acme Inc.", "The price is not known."],
        ["She moved to the U.S. in May.", "He stayed."],
        ['"Stop!" she cried.', 'He said: "Why?"', "Nobody knew."],
        ["It ended (at last).", "Then it began again."],
        ["Version 2.0.1 of example.org is out...", "Read on."],
        ["Wait... what is this?"],
        ["Is it done?!", "Not yet."],
    ],
)
def test_english(sentences: list[str]):
    assert split(" ".join(sentences)) == sentences


@pytest.mark.parametrize(
    "sentences",
    [
        ["泵在运行。", "声音很大！", "安全吗？", "安全。"],
        ["他说：“我们走吧。”", "然后关上了门。"],
        ["价格是3.5元，很便宜；", "所以卖得快。"],
        ["她想了很久……", "最后还是答应了。"],
        ["真的吗？！", "是的。"],
        ["（见第二章。）", "以下略。"],
        ["版本2.0已发布。", "Python 3.12也支持。"],
        ["好的!", "我知道了。"],
        ["《论语》说：「学而时习之，不亦说乎？」", "此言得之。"],
    ],
)
def test_chinese(sentences: list[str]):
    assert split("".join(sentences)) == sentences


def test_both_languages_in_one_text():
    assert split("我们用 Postgres。It is fast. 备份在夜里进行。Dr. Wu 负责。") == [
        "我们用 Postgres。",
        "It is fast.",
        "备份在夜里进行。",
        "Dr. Wu 负责。",
    ]


def test_a_quote_in_the_middle_of_a_chinese_sentence_does_not_end_it():
    assert split("“快走！”，他喊道。") == ["“快走！”，他喊道。"]


def test_an_empty_line_ends_a_sentence_and_a_wrapped_line_does_not():
    assert split("A title\n\nIt goes on\nover two lines. End") == [
        "A title",
        "It goes on\nover two lines.",
        "End",
    ]


def test_items_and_rows_of_tables_are_apart():
    assert split("Bring these:\n- a tent\n- a stove\n") == ["Bring these:", "- a tent", "- a stove"]
    assert split("城市 | 人数\n北京 | 12\n上海 | 7") == ["城市 | 人数", "北京 | 12", "上海 | 7"]


def test_a_number_that_counts_items_does_not_end_a_sentence():
    assert split("1. Open the valve. 2. Close it.")[0] == "1. Open the valve."


@given(st.text(alphabet='ab A.!?。！？；…”") \n12、:', max_size=200))
def test_spans_are_in_order_trimmed_and_leave_out_white_space_alone(text: str):
    place = 0
    for start, stop in sentence_spans(text):
        assert place <= start < stop
        assert not text[place:start].strip()
        assert text[start:stop] == text[start:stop].strip()
        place = stop
    assert not text[place:].strip()


@pytest.mark.parametrize(
    "piece", ["a ", "a. ", "A. ", "1. ", "…", ". . ", "\n ", "\"'", "a | b\n", "。”", "Mr. "]
)
def test_time_grows_with_the_length_alone(piece: str):
    text = piece * (200_000 // len(piece))
    began = time.process_time()
    sentence_spans(text)
    assert time.process_time() - began < 5
