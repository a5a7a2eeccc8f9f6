"""Whatever a text and a title hold, keys are keys and words are words, and both survive the forward list."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polymem.engines.sqlite.codec import pack_terms, unpack_terms
from polymem.text.indexed import MAX_TITLE_CHARS, embedded_text, indexed_terms, title_of
from polymem.text.keys import index_keys
from polymem.text.tokenise import KEY_MARK

PIECES = (
    *("Ann", "Mr.", "O'Neil", "New York", "Hey Ann,", "the", "of", "FY2021Q2", "10-K", "=p", "=", "==S"),
    *(
        "CONSOLIDATED STATEMENTS OF CASH FLOWS",
        "小明",
        "谢谢，小明！",
        "《沼泽》",
        "（",
        "以后请用欧元",
        "“",
        '"',
        "_",
    ),
    *(
        "\n",
        "\r\n",
        "\t",
        "\x0b",
        "\x1c",
        "\x85",
        "\u2028",
        "\u3000",
        "\u200b",
        "İ",
        "ß",
        "E\u0301",
        "🙂",
        " ",
    ),
    *("a" * 50, "沼" * 50),
)
TEXTS = st.lists(st.sampled_from(PIECES), max_size=30).map("".join) | st.text(max_size=60)


@settings(max_examples=300, deadline=None)
@given(text=TEXTS, title=TEXTS, role=st.sampled_from(["user", "assistant", "document", "Document"]))
def test_keys_begin_with_the_mark_and_words_do_not(text, title, role):
    metadata = {"title": title}
    keys = index_keys("episode", text, role=role, metadata=metadata)
    words = indexed_terms("episode", text, role=role, metadata=metadata)
    assert len(keys) == len(set(keys))
    assert all(key.startswith(KEY_MARK) and "\n" not in key for key in keys)
    assert not any(word.startswith(KEY_MARK) or "\n" in word for word in words)
    blob, length = pack_terms(words, keys)
    stored, counts = unpack_terms(blob)
    assert set(stored) == {*words, *keys}
    assert length == len(words)
    assert all(dict(zip(stored, counts, strict=True))[key] == 1 for key in keys)


@pytest.mark.parametrize("title", [12, None, True, ["Fens"], {"en": "Fens"}, "", " \n "])
def test_what_is_no_title_makes_a_passage_without_one(title):
    """Such a title is refused when a passage is added; older stores and files may hold one."""
    given_ = {"role": "document", "metadata": {"title": title}}
    bare = {"role": "document", "metadata": {}}
    text = "In 2001 the Fens froze. 沼泽结冰。"
    assert title_of("episode", **given_) == ""
    assert index_keys("episode", text, **given_) == index_keys("episode", text, **bare)
    assert indexed_terms("episode", text, **given_) == indexed_terms("episode", text, **bare)
    assert embedded_text("episode", text, **given_) == text


@pytest.mark.parametrize("word", ["Fens 2021 ", "沼泽"])
def test_a_title_that_is_too_long_is_cut_in_words_and_in_keys(word):
    long = {"role": "document", "metadata": {"title": word * 100_000}}
    cut = {"role": "document", "metadata": {"title": (word * 100_000)[:MAX_TITLE_CHARS]}}
    assert index_keys("episode", "x", **long) == index_keys("episode", "x", **cut)
    assert indexed_terms("episode", "x", **long) == indexed_terms("episode", "x", **cut)
    assert len(index_keys("episode", "x", **long)) < 200
