"""``verify`` finds derivations that name what is not there; ``rebuild`` takes them out."""

import sqlite3

import pytest

from polymem import Memory
from polymem.testing.fakes import ScriptedExtractor, WordEmbedder


@pytest.mark.parametrize(
    ("sql", "n"),
    [
        ("UPDATE derivation_episode SET episode = episode + 7 WHERE n = 0", 1),
        ("UPDATE derivation_episode SET derivation = 99", 3),
        ("DELETE FROM derivation_episode", 1),
        ("DELETE FROM derivation", 2),
        ("INSERT INTO derived SELECT max(episode) + 9, 'x' FROM derivation_episode", 1),
    ],
)
def test_what_is_lost_is_found_and_taken_out(tmp_path, sql, n):
    model = ScriptedExtractor()
    model.fail()
    with Memory(tmp_path / "m.db", embedder=WordEmbedder(), extractor=model) as memory:
        memory.add([{"content": "我住在青岛。"}, {"content": "hello"}], user_id="ann")
        assert memory.verify() == []
    with sqlite3.connect(tmp_path / "m.db") as connection:
        connection.execute(sql)
    connection.close()
    with Memory(tmp_path / "m.db", embedder=WordEmbedder(), extractor=model) as memory:
        found = memory.verify()
        assert {finding.face for finding in found} == {"derivation"}
        assert sum(finding.count for finding in found) == n
        assert memory.rebuild() == found
        assert memory.verify() == []
        model.recover()
        memory.retry()
        memory.work()
        assert memory.pending() == []
