"""Lists of a few rows: as the keyword face has them, of these rows alone."""

import numpy as np
import pytest

from polymem.read.few import FewTexts, few_names
from polymem.read.naming import Names
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


def test_names_of_few_passages_are_kept_for_a_version_and_those_of_a_question_are_not():
    snapshot = MemorySnapshot(ROWS)
    rows = np.array([1, 2], dtype=np.int32)
    first, alone = few_names(snapshot, rows), Names(snapshot.texts, 2)
    for name in ("tea", "山茶", "ferries", "asked of nobody"):
        assert few_names(snapshot, rows).homes(name).tolist() == first.place(name).homes.tolist()
    assert first.place("tea").homes.tolist() == alone.place("tea").homes.tolist() == [1]
    assert first.place("ferries").homes.tolist() == []
    kept = snapshot.kept["few"]
    assert isinstance(kept, FewTexts)
    assert set(kept.places) == {"tea", "山茶"}
    again = few_names(snapshot, rows)
    assert snapshot.kept["few"] is kept
    assert again.place("tea") is first.place("tea")
    assert set(kept.look_up(["red", "山茶", "nothing"])) == {"red", "山茶"}
