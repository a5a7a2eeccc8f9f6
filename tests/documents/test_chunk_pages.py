"""Of a document with pages each is a chunk; pages that are all but empty go with the one before them."""

import pytest

from polymem.documents.chunk import chunk
from polymem.domain.document import Block, Parsed

FULL = "Wells were dug in the valley. " * 40
FULL_ZH = "山谷里挖了几口井。" * 60


def pages(*texts):
    blocks = tuple(Block("paragraph", text.strip(), 0, n) for n, text in enumerate(texts, start=1))
    return [(each.page, each.last_page) for each in chunk(Parsed(blocks, n_pages=len(texts)))]


@pytest.mark.parametrize("full", [FULL, FULL_ZH])
def test_a_page_keeps_its_head_beside_one_that_is_all_but_empty(full):
    assert pages(full, "7", full) == [(1, 2), (3, 3)]
    assert pages(full, "7", "8", full, full, "9") == [(1, 3), (4, 4), (5, 6)]
    assert pages("1", full, full) == [(1, 1), (2, 2), (3, 3)]


@pytest.mark.parametrize("slide", ["Wells and pumps, in short. " * 5, "井与水泵的简述。" * 7])
def test_pages_of_few_words_are_together_until_they_are_long_enough(slide):
    assert pages(*[slide] * 6) == [(1, 2), (3, 4), (5, 6)]
    assert pages(slide, slide, FULL, slide) == [(1, 2), (3, 4)]


def test_a_document_of_one_page_is_one_chunk():
    assert pages("7") == [(1, 1)]
