"""Keys beside the words of a row: they follow from the row alone, and no word is taken for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polymem.domain.item import KINDS
from polymem.engines.sqlite.codec import pack_terms, unpack_terms
from polymem.text.keys import CHINESE, PASSAGE, index_keys, is_passage
from polymem.text.tokenise import KEY_MARK, terms


@given(st.text())
def test_no_word_is_taken_for_a_key(text):
    assert not any(term.startswith(KEY_MARK) for term in terms(text))


@pytest.mark.parametrize("text", ["=p", "== =t:oslo", "=p 你好", "a=b"])
def test_what_looks_like_a_key_is_none(text):
    assert not any(term.startswith(KEY_MARK) for term in terms(text))


@given(
    st.text(),
    st.sampled_from(KINDS),
    st.sampled_from(["user", "document", "assistant"]),
    st.text(max_size=40),
)
def test_a_key_bears_the_mark_and_stands_once(text, kind, role, title):
    keys = index_keys(kind, text, role=role, metadata={"title": title})
    assert all(key.startswith(KEY_MARK) and len(key) > 1 and "\n" not in key for key in keys)
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize(
    ("kind", "role", "passage"),
    [
        ("episode", "document", True),
        ("episode", "Document", True),
        ("chunk", "user", True),
        ("episode", "user", False),
        ("episode", "web page", False),
        ("fact", "document", False),
    ],
)
@pytest.mark.parametrize("text", ["Oslo is the capital of Norway.", "奥斯陆是挪威的首都。"])
def test_what_is_a_passage(kind, role, passage, text):
    assert is_passage(kind, role) is passage
    assert (PASSAGE in index_keys(kind, text, role=role, metadata={})) is passage


@pytest.mark.parametrize("kind", ["fact", "preference", "event", "procedure", "summary", "profile"])
def test_what_was_derived_has_no_keys_but_that_of_its_language(kind):
    fields = {"role": "user", "metadata": {"title": "茶"}}
    assert index_keys(kind, "I always drink tea (奥斯陆)", **fields) == ()
    assert index_keys(kind, "我住在奥斯陆 I always drink tea", **fields) == (CHINESE,)


def test_keys_do_not_count_for_the_length():
    words = terms("the cat saw the cat 猫")
    blob, length = pack_terms(words, ("=p", "=t:cat"))
    assert length == len(words)
    assert unpack_terms(blob) == ([*dict.fromkeys(words), "=p", "=t:cat"], bytes([2, 1, 1, 1, 1]))
