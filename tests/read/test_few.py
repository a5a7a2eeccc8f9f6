"""Lists of a few rows: as the keyword face has them, of these rows alone."""

import numpy as np
import pytest

from polymem.read.few import FewTexts, few_texts
from polymem.testing.faces import MemoryRow
from polymem.testing.snapshot import MemorySnapshot
from polymem.text.keys_passage import TITLED

ROWS = [
    MemoryRow(id=str(n), text=text, role="document", metadata={"title": title})
    for n, (title, text) in enumerate(
        [("Ferries", "red ferry"), ("Tea", "red tea"), ("山茶", "山茶很红"), ("Boats", "red boat, red sail")]
    )
]


@pytest.mark.parametrize("term", ["red", "山茶", f"{TITLED}tea", f"{TITLED}山茶", "nothing", ""])
@pytest.mark.parametrize("places", [[], [0, 1], [1, 2, 3], [3]])
def test_the_lists_are_those_of_the_face_within_the_rows(term, places):
    texts = MemorySnapshot(ROWS).texts
    few = FewTexts(texts, np.array(places, dtype=np.int32))
    few.look_up([term])
    whole, found = texts.postings(term), few.postings(term)
    inside = np.isin(whole.positions, places)
    assert found.positions.tolist() == whole.positions[inside].tolist()
    assert found.counts.tolist() == whole.counts[inside].tolist()
    assert found.positions.dtype == np.int32
    assert found.counts.dtype == np.uint8


def test_the_lists_are_made_once_for_a_version():
    snapshot = MemorySnapshot(ROWS)
    rows = np.array([1, 2], dtype=np.int32)
    first = few_texts(snapshot, rows)
    assert few_texts(snapshot, rows) is first
    assert few_texts(MemorySnapshot(ROWS), rows) is not first
    assert set(first.look_up(["red", "山茶", "nothing"])) == {"red", "山茶"}
