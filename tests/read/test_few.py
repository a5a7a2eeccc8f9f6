"""Lists of a few rows: as the keyword face has them, of these rows alone."""

import numpy as np
import pytest

from polymem.read.bridge import bridge
from polymem.read.few import FewTexts, few_names
from polymem.read.naming import Kept, Names
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
    assert set(kept.names.places) == {"tea", "山茶"}
    again = few_names(snapshot, rows)
    assert snapshot.kept["few"] is kept
    assert again.place("tea") is first.place("tea")
    assert set(kept.look_up(["red", "山茶", "nothing"])) == {"red", "山茶"}


def test_passages_lead_where_they_led_before():
    snapshot = MemorySnapshot(
        [
            MemoryRow(
                id="0",
                text="The ferry was built by Ann Lee in Oslo.",
                role="document",
                metadata={"title": "Ferry"},
            ),
            MemoryRow(
                id="1", text="Ann Lee was born in 1901.", role="document", metadata={"title": "Ann Lee"}
            ),
            MemoryRow(
                id="2", text="《雾灯》的作者是《山茶》的作者。", role="document", metadata={"title": "雾灯"}
            ),
            MemoryRow(id="3", text="山茶很红。", role="document", metadata={"title": "山茶"}),
        ]
    )
    rows = np.arange(4, dtype=np.int32)
    keys = dict(enumerate(snapshot.texts.keys(rows.tolist())))
    seed, anchors = np.array([1, 0.2, 0.9, 0.1], dtype=np.float32), np.array([0, 2], dtype=np.int32)

    def reached(names: Names, asked: dict[str, float]) -> list[float]:
        return bridge(names, keys, seed, anchors, fits=seed, asked=asked).tolist()

    for asked in ({}, {"ann lee": 1.0}, {"山茶": 1.0}, {}):
        found = reached(few_names(snapshot, rows), asked)
        assert found == reached(Names(FewTexts(snapshot.texts, rows), 4, Kept()), asked)
        assert (found[1] > 0.5) == ("ann lee" not in asked)
        assert (found[3] > 0.5) == ("山茶" not in asked)


@pytest.mark.parametrize(("few", "leads"), [(False, True), (True, False)])
def test_beside_pages_a_word_of_a_name_leads_nowhere(few, leads):
    pages = [
        ("Ferry", "The ferry was built by Ann Lee."),
        ("Lee the Elder", "Born in 1901."),
        ("雾灯", "雾灯很亮。"),
    ]
    snapshot = MemorySnapshot(
        [
            MemoryRow(id=str(n), text=text, role="document", metadata={"title": title})
            for n, (title, text) in enumerate(pages)
        ]
    )
    rows = np.arange(3, dtype=np.int32)
    names = few_names(snapshot, rows) if few else Names(snapshot.texts, 3)
    keys = dict(enumerate(snapshot.texts.keys([0])))
    seed = np.array([1, 0, 0], dtype=np.float32)
    reached = bridge(names, keys, seed, rows[:1], fits=seed, asked={})
    assert (reached[1] > 0) == leads
    assert reached[2] == 0
