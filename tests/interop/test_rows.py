"""One result, read by code of every generation."""

from __future__ import annotations

import copy
import json
import pickle

import pytest

from polymem.interop.mem0_rows import Rows

ROW = {"id": "1", "memory": "我喜欢打网球"}
EDGE = {"source": "alice", "relationship": "likes", "destination": "网球"}


@pytest.fixture
def rows() -> Rows:
    return Rows([ROW], relations=[EDGE], extra={"message": "ok"})


def test_read_as_a_list(rows: Rows) -> None:
    assert len(rows) == 1
    assert rows[0] == ROW
    assert rows[-1]["memory"] == "我喜欢打网球"
    assert list(rows) == rows == [ROW]
    assert rows[:1] == [ROW]
    assert ROW in rows
    assert isinstance(rows, list)


@pytest.mark.parametrize("key", ["results", "memories"])
def test_rows_under_the_names_of_later_generations(rows: Rows, key: str) -> None:
    assert rows[key] == [ROW]
    assert rows.get(key) == [ROW]
    assert key in rows


@pytest.mark.parametrize("key", ["relations", "entities"])
def test_relations_under_both_names(rows: Rows, key: str) -> None:
    assert rows[key] == [EDGE]
    assert key in rows


def test_read_as_a_mapping(rows: Rows) -> None:
    assert set(rows.keys()) == {"results", "memories", "relations", "entities", "message"}
    assert dict(rows)["relations"] == [EDGE]
    assert dict(rows.items()) == dict(zip(rows.keys(), rows.values(), strict=True))
    assert rows == {"results": [ROW]}
    assert rows != {"results": []}
    assert rows != {"nothing": [ROW]}
    assert rows.get("nothing", "default") == "default"
    assert "nothing" not in rows
    with pytest.raises(KeyError):
        rows["nothing"]


def test_empty_is_empty_in_every_form() -> None:
    rows = Rows()
    assert rows == []
    assert not rows
    assert rows == {"results": [], "relations": []}
    assert rows["results"] == []
    assert rows["entities"] == []


def test_as_json_and_through_pickle_and_copy(rows: Rows) -> None:
    assert json.loads(json.dumps(rows)) == [ROW]
    assert json.loads(json.dumps(dict(rows)))["relations"] == [EDGE]
    for twin in (copy.deepcopy(rows), pickle.loads(pickle.dumps(rows))):
        assert twin == rows
        assert twin["relations"] == [EDGE]
        assert twin["message"] == "ok"
