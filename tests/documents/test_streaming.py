"""An answer is shown while it is written, but for the word that says there is none."""

from __future__ import annotations

import pytest

from polymem.documents.streaming import Streamed


def shown(*pieces: str, n: int = 5) -> tuple[str, str]:
    stream = Streamed(n)
    told = [text for piece in pieces for text in stream.feed(piece)]
    return "".join([*told, *stream.end()]), stream.written


@pytest.mark.parametrize(
    "pieces", [("NOT_FOUND",), ("NO", "T_", "FOUND", "\n"), (" **NOT_FOUND**.",), ("",), ("  ", "\n")]
)
def test_that_there_is_none_is_never_shown(pieces: tuple[str, ...]):
    assert shown(*pieces) == ("", "")


@pytest.mark.parametrize(
    "text", ["NOTHING is known [2].", "N", "不知道[3]。", "No [1]", "NOT_FOUNDED in 1901 [2]."]
)
def test_an_answer_is_shown_whole(text: str):
    told, written = shown(*text)
    assert written == text
    assert told.replace("[1]", "") == text.replace("[2]", "").replace("[3]", "").replace("[1]", "")


def test_it_is_shown_before_it_ends():
    stream = Streamed(5)
    assert "".join(stream.feed("上海港开埠于")) == "上海港开埠于"
    assert "".join(stream.feed("1843年[")) == "1843年"
    assert "".join(stream.feed("4]。")) == "[1]。"
