"""``verify`` finds what is damaged beside the rows of items; ``rebuild`` mends it or lets go of it, and the store is usable."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from polymem import Memory
from polymem.domain.statement import Extraction, Mention, Statement
from polymem.testing.fakes import ScriptedExtractor, WordEmbedder


def said(text: str, town: str) -> Extraction:
    return Extraction(
        (Statement("self", "lives_in", town, town.casefold(), "fact", True, text, (0, 1)),),
        (Mention("Ann"), Mention("小安")),
    )


SCRIPT = {
    "first": said("first", "Lyon"),
    "again": said("again", "Lyon"),
    "新闻": said("新闻", "上海"),
    "late": said("late", "Rome"),
}
DAMAGE = (
    ("derivation", "UPDATE derivation SET state = 7"),
    ("derivation", "UPDATE derivation SET state = 1"),
    ("derivation", "UPDATE derivation SET attempts = -1"),
    ("derivation", "UPDATE derivation SET next_at = 'x'"),
    ("derivation", "UPDATE derivation SET id = x'00'"),
    ("derivation", "UPDATE derivation SET instructions = '{'"),
    ("derivation", "UPDATE derivation SET instructions = '{\"x\": 1}'"),
    ("use", "UPDATE use SET uses = x'0102'"),
    ("use", "UPDATE use SET n = 0"),
    ("use", "UPDATE use SET item = randomblob(16)"),
    ("basis", "INSERT INTO basis SELECT rid, randomblob(16) FROM item LIMIT 1"),
    ("belief", "UPDATE belief SET rid = rid + 4000"),
    ("evidence", "UPDATE evidence SET item = randomblob(16)"),
    ("evidence", "UPDATE evidence SET draft = '{'"),
    ("evidence", "UPDATE evidence SET draft = '{}'"),
    ("evidence", "UPDATE evidence SET vector = x'00'"),
    ("evidence", "UPDATE evidence SET subject = 99"),
    ("evidence", "UPDATE evidence SET counts_at = 0"),
    ("relation", "UPDATE relation SET counts_at = 0"),
    ("item", "UPDATE item SET n_evidence = 0"),
    ("item", "UPDATE item SET superseded_by = randomblob(16) WHERE superseded_by IS NOT NULL"),
    ("merge", "UPDATE merge SET evidence = '{'"),
    ("idempotency", "UPDATE idempotency SET result = '{'"),
    ("progress", "INSERT INTO progress SELECT no, 'x', x'00', 0 FROM partition"),
    ("tombstone", "UPDATE tombstone SET n_items = n_items + 1"),
    ("tombstone", "UPDATE tombstone SET counts = '{'"),
    ("tombstone", "UPDATE tombstone SET last_event = 1"),
    ("tombstone", "UPDATE tombstone SET id = randomblob(16)"),
)


def opened(path: Path, model: ScriptedExtractor) -> Memory:
    return Memory(path, embedder=WordEmbedder(), extractor=model, config={"derivation": {"retry_s": 0.001}})


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store in which each of these tables holds something."""
    path = tmp_path_factory.mktemp("notes") / "m.db"
    model = ScriptedExtractor(SCRIPT, name="notes/1")
    with opened(path, model) as memory:
        gone = memory.add("gone", user_id="u", timestamp="2024-01-01").items[0]
        for text, day in (("first", 1), ("again", 2), ("新闻", 20), ("late", 10)):
            memory.add(text, user_id="u", timestamp=f"2024-02-{day:02}", idempotency_key=text)
        memory.forget(gone.id)
        known = {entity.name: entity.id for entity in memory.entities(user_id="u")}
        memory.merge_entities(known["Ann"], known["小安"], user_id="u")
        memory.reinforce([item.id for item in memory.get_all(user_id="u")], user_id="u")
        model.fail()
        memory.add("waits", user_id="u", prompt="看仔细")
        assert memory.verify() == []
    return path


@pytest.mark.parametrize(("face", "sql"), DAMAGE)
def test_damage_is_found_and_mended(store: Path, tmp_path: Path, face: str, sql: str) -> None:
    path, model = tmp_path / "m.db", ScriptedExtractor(SCRIPT, name="notes/1")
    path.write_bytes(store.read_bytes())
    connection = sqlite3.connect(path)
    assert connection.execute(sql).rowcount
    connection.commit()
    connection.close()
    with opened(path, model) as memory:
        assert face in {finding.face for finding in memory.verify()}
        memory.rebuild()
        assert memory.verify() == []
        memory.retry()
        memory.work()
        assert memory.pending() == []
        memory.apply_policies(user_id="u", policies={"archive_below": 0.5})
        memory.split_entity("小安", user_id="u")
        memory.forget(user_id="u", everything=True)
        assert memory.verify() == []
