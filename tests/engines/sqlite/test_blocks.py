"""Blocks hold what the forward lists say, before and after rows leave them."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polymem.engines.sqlite import blocks
from polymem.engines.sqlite.blocks import RECORD, Block, bucket_of, find, make_blocks, marked, unpack, without
from polymem.engines.sqlite.codec import pack_terms
from polymem.errors import StoreCorruptError

# Few letters, so that one term is often part of another.
WORDS = st.text("ab火 \t\0", min_size=1, max_size=4)
TEXTS = st.dictionaries(st.integers(0, 4_095), st.lists(WORDS, max_size=6), max_size=30)


def inverted(texts: dict[int, list[str]]) -> dict[bytes, list[tuple[int, int]]]:
    lists: dict[bytes, list[tuple[int, int]]] = {}
    for position in sorted(texts):
        for term, count in Counter(texts[position]).items():
            lists.setdefault(term.encode(), []).append((position, min(count, 255)))
    return lists


def made(texts: dict[int, list[str]]) -> dict[int, Block]:
    return dict(make_blocks([(position, pack_terms(texts[position])[0]) for position in sorted(texts)]))


def read(found: dict[int, Block]) -> dict[bytes, list[tuple[int, int]]]:
    """Return what the blocks hold, after a look at where they hold it."""
    lists: dict[bytes, list[tuple[int, int]]] = {}
    for bucket, block in found.items():
        for term, records in unpack(block).items():
            assert bucket_of(term) == bucket
            assert term not in lists
            assert find(marked(term), *block) == records
            lists[term] = np.frombuffer(records, RECORD).tolist()
    return lists


@pytest.fixture(params=[10, 1], ids=["a term to a bucket", "many terms to a bucket"], autouse=True)
def _bits(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "N_BUCKETS", 1 << request.param)


@given(TEXTS)
def test_every_term_has_its_list(texts: dict[int, list[str]]) -> None:
    assert read(made(texts)) == inverted(texts)


@given(TEXTS, st.sets(st.integers(0, 4_095)), st.data())
def test_rows_that_leave_take_their_words_along(
    texts: dict[int, list[str]], others: set[int], data: st.DataObject
) -> None:
    gone = others | data.draw(st.sets(st.sampled_from(sorted(texts)))) if texts else others
    within = np.array(sorted(gone), np.uint16)
    left = {bucket: without(block, within) for bucket, block in made(texts).items()}
    assert read({bucket: block for bucket, block in left.items() if block is not None}) == inverted(
        {position: words for position, words in texts.items() if position not in gone}
    )


@given(TEXTS, WORDS)
def test_a_term_is_not_found_within_another(texts: dict[int, list[str]], word: str) -> None:
    wanted = inverted(texts).get(word.encode(), [])
    block = made(texts).get(bucket_of(word.encode()))
    records = b"" if block is None else find(marked(word.encode()), *block)
    assert np.frombuffer(records, RECORD).tolist() == wanted


def test_more_terms_than_a_word_of_two_bytes_can_number() -> None:
    texts = {position: [f"{position}-{n}" for n in range(70)] for position in range(1_000)}
    found = [unpack(block) for block in made(texts).values()]
    lists = {term: np.frombuffer(r, RECORD).tolist() for block in found for term, r in block.items()}
    assert lists == inverted(texts)


def test_a_count_is_capped_at_a_byte() -> None:
    assert read(made({0: ["a"] * 300})) == {b"a": [(0, 255)]}


def test_a_block_that_nothing_leaves_is_the_same() -> None:
    (block,) = made({3: ["a"], 4: ["a"]}).values()
    assert without(block, np.array([5], np.uint16)) is block
    assert without(block, np.array([3, 4], np.uint16)) is None


@pytest.mark.parametrize(
    "change",
    [
        {"terms": b"\na\nb\n"},
        {"starts": b""},
        {"starts": b"\0" * 8},
        {"starts": b"\0" * 7},
        {"records": b"x"},
    ],
)
def test_a_damaged_block_is_reported(change: dict[str, bytes]) -> None:
    (block,) = made({3: ["a"]}).values()
    with pytest.raises(ValueError, match=r"."):
        unpack(block._replace(**change))


def test_a_term_without_a_list_is_reported() -> None:
    (block,) = made({3: ["a"]}).values()
    with pytest.raises(StoreCorruptError) as caught:
        find(marked(b"a"), *block._replace(starts=b""))
    assert caught.value.facts == {"face": "posting"}
