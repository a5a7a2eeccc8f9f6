"""Rows, in the order and as of the version asked for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from polymem.ports.ledger import Snapshot
from tests.engines.sqlite.workshop import Workshop, episode, vector


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Workshop]:
    made = Workshop(tmp_path / "store.db")
    yield made
    made.close()


def test_more_rows_than_one_statement_takes_come_in_the_order_asked(shop: Workshop):
    ids = shop.commit(*(episode(f"message {n}") for n in range(1_002))).item_ids
    positions = [1_001, *range(1_001), 7]

    def look(s: Snapshot) -> None:
        items = s.rows.items(positions)
        assert [item.id for item in items] == [ids[position] for position in positions]
        assert [item.text for item in s.rows.items([3, 3, 2_000])] == ["message 3"] * 2
        assert s.rows.sources(positions) == {position: (ids[position],) for position in range(1_002)}
        exact = s.vectors.exact(vector("message 7"), np.array(positions, np.int32))
        assert exact.shape == (1_003,)
        assert exact[[8, -1]] == pytest.approx([1, 1], abs=1e-3)

    shop.read(look)
    # In a snapshot that has seen no items, so that the episodes are read on their own.
    episodes = shop.read(lambda s: s.rows.episodes(ids))
    assert {name: said.text for name, said in episodes.items()} == {
        name: f"message {n}" for n, name in enumerate(ids)
    }


def test_who_speaks_for_the_first_time_is_known_at_once(shop: Workshop):
    for names in (["Ann"], ["Ann", "小红"]):
        shop.commit(episode("Hello there", speaker=names[-1]))
        assert list(shop.read(lambda s: s.rows.labels())) == names
