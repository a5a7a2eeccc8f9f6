"""Exports from before facts told their own times, and what derived them, are read; what competes in them is arranged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from polymem import Memory
from polymem.engines.sqlite.exchange import ADDED
from polymem.errors import InputError
from polymem.testing.fakes import WordEmbedder

SAID = (
    ("I live in Paris.", "2023-01-01"),
    ("I moved to London.", "2023-05-01"),
    ("我喜欢喝茶。", "2023-06-01"),
)


def exported(tmp_path: Path) -> tuple[Path, list[dict[str, object]]]:
    path = tmp_path / "new.jsonl"
    with Memory(tmp_path / "new.db", embedder=WordEmbedder()) as memory:
        for text, day in SAID:
            memory.add(text, user_id="u", timestamp=day)
        memory.export(path)
    return path, [json.loads(line) for line in path.read_text().splitlines()]


def write(path: Path, records: list[dict[str, object]]) -> None:
    path.write_text("".join(json.dumps(record) + "\n" for record in records))


def test_an_older_export_is_read(tmp_path: Path) -> None:
    path, records = exported(tmp_path)
    n = 0
    for record in records:
        for name in ADDED.get(str(record["type"]), {}):
            del record[name]
            n += 1
    assert n > 2
    write(path, records)
    with Memory(tmp_path / "old.db", embedder=WordEmbedder()) as memory:
        assert memory.import_(path) == len([r for r in records if r["type"] == "item" and r["version"] == 1])
        assert memory.verify() == []
        memory.add("I moved to Oslo.", user_id="u", timestamp="2023-03-01")
        assert [fact.object for fact in memory.relations(user_id="u", predicate="lives_in")] == ["London"]
        then = memory.relations(user_id="u", predicate="lives_in", as_of="2023-04-01")
        assert [fact.object for fact in then] == ["Oslo"]
        assert memory.verify() == []


@pytest.mark.parametrize("name", ["begins_at", "place"])
def test_a_record_has_all_of_the_new_fields_or_none(tmp_path: Path, name: str) -> None:
    path, records = exported(tmp_path)
    next(record for record in records if record["type"] == "relation").pop(name)
    write(path, records)
    with (
        Memory(tmp_path / "old.db", embedder=WordEmbedder()) as memory,
        pytest.raises(InputError, match=name),
    ):
        memory.import_(path)
