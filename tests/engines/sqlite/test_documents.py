"""Documents in the embedded engine: older files, older exports, damage, erasure down to the bytes, indexes."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from polymem import Memory
from polymem.domain.batch import Removal
from polymem.domain.change import DropDocument, Release, StoreDocument
from polymem.domain.document import Document
from polymem.domain.scope import Scope
from polymem.engines.sqlite import documents
from polymem.engines.sqlite.encoder import EncoderName
from polymem.engines.sqlite.engine import SqliteLedger
from polymem.engines.sqlite.schema import MIGRATIONS, SCHEMA_VERSION
from polymem.engines.sqlite.wanted import wanted
from polymem.errors import InputError, StoreCorruptError
from polymem.ports.ledger import Record
from polymem.testing.bench import ALICE, BOB, Bench
from polymem.testing.documents import chunk_of, document_of, parts_of
from polymem.testing.drafting import ENCODER, new_id
from polymem.testing.fakes import WordEmbedder
from polymem.testing.shelf import at, chunk_ids, found, ingest, listed, places

RUN = Scope(user_id="alice", run_id="secret")
WORD, HAN = "quetzalwords", "琥珀翡翠"


def open_at(folder: Path) -> Bench:
    encoder = EncoderName(ENCODER.name, ENCODER.dim)
    return Bench(lambda name: SqliteLedger(folder / f"{name}.db", encoder=encoder, timeout_s=20))


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = open_at(tmp_path)
    yield made
    made.close()


def sql(path: Path, statement: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as connection, connection:
        return connection.execute(statement).fetchall()


# ---------------------------------------------------------------- older files
def test_a_file_of_the_schema_before_is_brought_up_to_date(tmp_path: Path) -> None:
    """What it holds stays, and documents can be kept in it."""
    bench = open_at(tmp_path)
    said = bench.say("我住在青岛", role="document", metadata={"title": "青岛"})
    bench.close()
    path = tmp_path / "one.db"
    for table in ("document", "chunk", "withheld"):
        sql(path, f"DROP TABLE {table}")
    sql(path, "PRAGMA user_version = 3")
    fresh = sqlite3.connect(":memory:")
    for script in MIGRATIONS[:3]:
        fresh.executescript(script)
    tables = "SELECT name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name"
    assert sql(path, tables) == fresh.execute(tables).fetchall(), "this is what the schema before was"
    bench = open_at(tmp_path)
    assert sql(path, "PRAGMA user_version") == [(SCHEMA_VERSION,)]
    assert bench.texts() == ["我住在青岛"]
    document = document_of("file:///a")
    bench.commit(changes=(StoreDocument(document, (chunk_of(said, "我住在青岛"),)),))
    assert chunk_ids(bench, document) == [said]
    assert bench.verify() == []
    bench.close()


def test_a_file_of_the_schema_before_pages_were_kept_is_brought_up_to_date(tmp_path: Path) -> None:
    """Its documents stay as they are; pages can be kept and passages forgotten in it."""
    bench = open_at(tmp_path)
    document, (first, second) = ingest(bench, "file:///a", "one", "二")
    bench.close()
    path = tmp_path / "one.db"
    sql(path, "ALTER TABLE chunk DROP COLUMN page_starts")
    sql(path, "DROP TABLE withheld")
    sql(path, "PRAGMA user_version = 4")
    fresh = sqlite3.connect(":memory:")
    for script in MIGRATIONS[:4]:
        fresh.executescript(script)
    tables = "SELECT sql FROM sqlite_schema WHERE name = 'document' OR name = 'chunk_item' ORDER BY name"
    assert sql(path, tables) == fresh.execute(tables).fetchall(), "this is what the schema before was"
    bench = open_at(tmp_path)
    assert sql(path, "PRAGMA user_version") == [(SCHEMA_VERSION,)]
    assert chunk_ids(bench, document) == [first, second]
    assert bench.read(lambda s: s.documents.places([first])[first].page_starts) == ()
    assert not bench.read(lambda s: s.documents.withholds(ALICE))
    bench.commit(removals=(Removal((second,), "erase", withheld=True),))
    paged = replace(chunk_of(first, "one"), page=1, last_page=3, page_starts=((2, 1), (3, 2)))
    bench.commit(changes=(StoreDocument(document, (paged,)),))
    assert bench.read(lambda s: s.documents.chunks(document.id)) == [paged]
    assert bench.verify() == []
    bench.close()


def test_an_export_from_before_pages_were_kept_is_read(tmp_path: Path, bench: Bench) -> None:
    ingest(bench, "file:///a", "two", "二")
    records = bench.export()
    records[0] |= {"format": 2}
    for record in records:
        record.pop("page_starts", None)
    twin = open_at(tmp_path / "twin")
    try:
        assert twin.restore(records) == 2
        assert (listed(twin), twin.verify()) == (["file:///a"], [])
    finally:
        twin.close()


@pytest.mark.parametrize("wrong", [5, [[1]], [[0, 1]], [[1, -1]], [["1", 2]], [1, 2]], ids=repr)
def test_pages_that_make_no_sense_are_refused(tmp_path: Path, bench: Bench, wrong: object) -> None:
    ingest(bench, "file:///a", "two")
    records = bench.export()
    first(records, "chunk")["page_starts"] = wrong
    twin = open_at(tmp_path / "twin")
    try:
        with pytest.raises(InputError) as caught:
            twin.restore(records)
        assert caught.value.field == "page_starts"
    finally:
        twin.close()


def test_what_is_withheld(bench: Bench) -> None:
    """Of the words of the file, in their scope, wherever they stand if they were erased; and until they are let go."""
    long = "Oolong is half fermented and comes from Fujian."
    cook = Scope(user_id="alice", agent_id="cook")
    document, (first_id, second, third) = ingest(bench, "file:///茶", f"Tea\n\n{long}", "红茶", "绿茶")
    bench.commit(removals=(Removal((first_id,), "erase", withheld=True),))
    bench.commit(removals=(Removal((second,), "delete", withheld=True),))
    bench.commit(removals=(Removal((third,), "erase"),))
    texts = [f"tea {long}", long.upper(), "Tea", "红茶", "绿茶", "other"]

    def out(uri: str, scope: Scope = ALICE) -> set[int]:
        return set(bench.read(lambda s: s.documents.withheld(texts, scope, uri=uri), scope=scope))

    assert out("file:///茶") == {0, 1, 3}
    assert out("file:///other") == {0, 1}
    assert out("file:///茶", cook) == out("file:///茶", Scope(user_id="bob")) == set()
    assert bench.read(lambda s: s.documents.withholds(ALICE))
    bench.commit(changes=(Release((long,), document.uri),))
    assert out("file:///茶") == {0, 3}
    bench.commit(scope=cook, changes=(Release(),))
    assert out("file:///茶") == {0, 3}
    bench.commit(changes=(Release(),))
    assert out("file:///茶") == set()
    assert not bench.read(lambda s: s.documents.withholds(ALICE))
    assert bench.verify() == []


def test_an_export_from_before_documents_is_read(tmp_path: Path, bench: Bench) -> None:
    said = bench.say("一")
    ingest(bench, "file:///a", "two")
    records = [r for r in bench.export() if r["type"] not in {"document", "chunk"}]
    records[0] |= {"format": 1}
    records[-1] |= {"n_records": len(records) - 1}
    twin = open_at(tmp_path / "twin")
    try:
        assert twin.restore(records) == 2
        assert twin.texts() == ["two", "一"]
        assert (listed(twin), twin.verify()) == ([], [])
        assert twin.item(said).text == "一"
    finally:
        twin.close()


# ---------------------------------------------------------------- bad exports
def first(records: list[Record], kind: str) -> Record:
    return next(record for record in records if record["type"] == kind)


BAD: dict[str, tuple[str, dict[str, Any]]] = {
    "a document's id": ("document", {"id": "沼"}),
    "no uri": ("document", {"uri": None}),
    "metadata of another kind": ("document", {"metadata": []}),
    "notes of another kind": ("document", {"notes": [1]}),
    "negative size": ("document", {"size": -1}),
    "a time without an offset": ("document", {"modified_at": "2024-05-01T12:00:00"}),
    "stored in the far future": ("document", {"ingested_at": "9999-06-01T12:00:00+00:00"}),
    "of another agent": ("document", {"agent_id": "cook"}),
    "an unknown document": ("chunk", {"document": new_id()}),
    "an unknown item": ("chunk", {"item": new_id()}),
    "no digest": ("chunk", {"digest": "ab"}),
    "page zero": ("chunk", {"page": 0}),
    "backwards": ("chunk", {"start": 99, "stop": 3}),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_record_names_its_line_and_leaves_nothing(tmp_path: Path, bench: Bench, case: str) -> None:
    ingest(bench, "file:///沼泽", "one", "二")
    records = bench.export()
    kind, wrong = BAD[case]
    line = records.index(first(records, kind)) + 1
    first(records, kind).update(wrong)
    twin = open_at(tmp_path / "twin")
    try:
        with pytest.raises(InputError) as caught:
            twin.restore(records)
        assert caught.value.line == (line if case != "of another agent" else line + 1)
        assert "沼泽" not in str(caught.value)
        assert (twin.texts(), listed(twin), twin.verify()) == ([], [], [])
    finally:
        twin.close()


def test_records_that_come_twice_are_refused(tmp_path: Path, bench: Bench) -> None:
    ingest(bench, "file:///a", "one")
    records = bench.export()
    for kind in ("document", "chunk"):
        again = first(records, kind)
        at_ = records.index(again)
        twin = open_at(tmp_path / kind)
        with pytest.raises(InputError):
            twin.restore([*records[:at_], again, *records[at_:]])
        twin.close()


def test_an_import_passes_over_what_is_known(tmp_path: Path, bench: Bench) -> None:
    """A document whose address is kept here under another id stays as it is here."""
    document, _ = ingest(bench, "file:///a", "here")
    twin = open_at(tmp_path / "twin")
    ingest(twin, "file:///a", "there")
    other, ids = ingest(twin, "file:///b", "beside")
    bench.restore(twin.export())
    twin.close()
    assert listed(bench) == ["file:///a", "file:///b"]
    assert found(bench, document.id) == at(bench, "file:///a")
    assert chunk_ids(bench, other) == ids
    assert bench.texts() == ["beside", "here", "there"]
    assert bench.verify() == []


# ---------------------------------------------------------------- copies
def test_a_backup_holds_the_documents(tmp_path: Path, bench: Bench) -> None:
    document, ids = ingest(bench, "file:///沼泽", "one", "二")
    bench.backup(tmp_path / "copy" / "one.db")
    copy = open_at(tmp_path / "copy")
    assert found(copy, document.id) == found(bench, document.id)
    assert (chunk_ids(copy, document), copy.verify()) == (ids, [])
    copy.close()


# ---------------------------------------------------------------- damage
DAMAGE = (
    ("document", "UPDATE document SET n_chunks = n_chunks + 1"),
    ("document", "UPDATE document SET metadata = '{'"),
    ("document", "UPDATE document SET metadata = '[1]'"),
    ("document", "UPDATE document SET notes = '{}'"),
    ("document", "UPDATE document SET notes = 'x'"),
    ("document", "UPDATE document SET id = x'00' WHERE n_chunks"),
    ("document", "UPDATE document SET title = x'00ff'"),
    ("document", "UPDATE document SET ingested_at = 'x'"),
    ("document", "UPDATE document SET modified_at = 'x'"),
    ("chunk", "DELETE FROM document WHERE n_chunks > 0"),
    ("chunk", "UPDATE chunk SET item = randomblob(16) WHERE n = 0"),
    ("chunk", "UPDATE chunk SET document = 99 WHERE n = 0"),
    ("chunk", "UPDATE chunk SET digest = x'00' WHERE n = 0"),
    ("chunk", "UPDATE chunk SET page = 'x' WHERE n = 0"),
    ("chunk", "UPDATE chunk SET stop = -1 WHERE n = 0"),
    ("chunk", "UPDATE item SET flags = 2 WHERE rid IN (SELECT max(rid) FROM item)"),
    ("chunk", "UPDATE item SET run_id = 'r' WHERE rid IN (SELECT max(rid) FROM item)"),
    ("document", "DELETE FROM chunk WHERE n = 0"),
)


@pytest.mark.parametrize(("face", "damage"), DAMAGE, ids=lambda value: value)
def test_damage_is_found_and_mended(tmp_path: Path, bench: Bench, face: str, damage: str) -> None:
    ingest(bench, "file:///empty", metadata={"年": 1})
    ingest(bench, "file:///沼泽", "one", "二", metadata={"年": 1}, notes=("images",))
    sql(tmp_path / "one.db", damage)
    assert face in {finding.face for finding in bench.verify()}
    bench.run(bench.ledger.verify(None, repair=True))
    assert bench.verify() == []
    assert len(bench.read(lambda s: s.documents.listed(ALICE))) == len(listed(bench))
    ingest(bench, "file:///new", "three")
    assert bench.verify() == []


def test_an_order_that_is_not_told_is_found(tmp_path: Path, bench: Bench) -> None:
    document, ids = ingest(bench, "file:///a", "one", "二")
    order = (chunk_of(ids[1], "二"), chunk_of(ids[0], "one"))
    bench.commit(changes=(StoreDocument(document, order),))
    sql(tmp_path / "one.db", "UPDATE document SET moved = 0")
    assert {finding.face for finding in bench.verify()} == {"document"}
    bench.run(bench.ledger.verify(None, repair=True))
    assert bench.verify() == []
    following = bench.read(lambda s: s.rows.adjacent().following.tolist())
    assert following == [-1, 0]


def test_unreadable_rows_are_told_by_type(tmp_path: Path, bench: Bench) -> None:
    ingest(bench, "file:///a", "one")
    sql(tmp_path / "one.db", "UPDATE document SET metadata = '{'")
    with pytest.raises(StoreCorruptError):
        listed(bench)


def test_rows_of_no_partition_are_found(tmp_path: Path, bench: Bench) -> None:
    ingest(bench, "file:///a", "one")
    sql(tmp_path / "one.db", "UPDATE document SET partition = 77")
    sql(tmp_path / "one.db", "UPDATE chunk SET partition = 77")
    found_ = {(finding.face, finding.problem) for finding in bench.verify()}
    assert found_ == {("document", "belongs to no partition"), ("chunk", "belongs to no partition")}


# ---------------------------------------------------------------- erasure
def left_in(folder: Path) -> list[str]:
    content = b"".join(file.read_bytes() for file in sorted(folder.iterdir()) if file.is_file())
    return [word for word in (WORD, HAN) if word.encode() in content.lower()]


def fill(bench: Bench, *, bare: bool) -> tuple[list[str], Document]:
    """Keep a secret document in a run, changed once; return the ids of its chunks, and another that is to stay."""
    secret, (first_id, second_id) = ingest(
        bench,
        f"file:///{WORD}/{HAN}.md",
        f"the {WORD} fly",
        f"{HAN}在此",
        scope=RUN,
        folder=f"file:///{WORD}",
        title=f"{WORD} {HAN}",
        metadata={"about": WORD, "topic": "secret"},
        notes=(WORD,),
    )
    new = parts_of(secret, f"{WORD} again")[0]
    order = (chunk_of(new.id, f"{WORD} again"), chunk_of(first_id, f"the {WORD} fly"))
    changed = replace(secret, title=f"{HAN} anew", metadata={**secret.metadata, HAN: 1})
    removals = (Removal((second_id,), "erase"),)
    bench.commit(new, scope=RUN, removals=removals, changes=(StoreDocument(changed, order),))
    if bare:
        ingest(bench, f"file:///bare/{HAN}", scope=RUN, title=WORD)
    kept, _ = ingest(bench, "file:///kept", "kept 保留", title="Kept")
    return [first_id, new.id], kept


WAYS: dict[str, dict[str, Any]] = {
    "ids": {},
    "run": {"run_id": "secret", "everything": True},
    "filter": {"filters": {"topic": "secret"}},
    "title": {"filters": {"role": "document", "metadata.about": WORD}},
    "everything": {"everything": True},
}


@pytest.mark.parametrize("way", WAYS)
def test_no_byte_of_a_forgotten_document_is_left(tmp_path: Path, way: str) -> None:
    folder = tmp_path / "store"
    folder.mkdir()
    bench = open_at(folder)
    ids, kept = fill(bench, bare=way in {"run", "everything"})
    bench.close()
    assert left_in(folder) == [WORD, HAN]
    asked = WAYS[way] or {"item_ids": ids}
    with Memory(folder / "one.db", embedder=WordEmbedder()) as memory:
        planned = memory.forget(user_id="alice", **asked, dry_run=True)
        assert WORD in repr(memory.search("fly", user_id="alice"))
        receipt = memory.forget(user_id="alice", **asked)
        assert set(ids) <= set(receipt.erased) == set(planned.erased)
        assert receipt.counts == planned.counts
        assert receipt.status == "complete"
        assert memory.verify_erasure(receipt) == []
        assert memory.verify() == []
        target = folder / "export.jsonl"
        memory.export(target)
        exported = [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]
        assert [r["uri"] for r in exported if r["type"] == "document"] == (
            [] if way == "everything" else [kept.uri]
        )
    assert left_in(folder) == []


def test_erasing_one_chunk_leaves_none_of_its_words(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    folder.mkdir()
    bench = open_at(folder)
    document, ids = ingest(bench, "file:///a", f"the {WORD} fly", "二")
    bench.close()
    with Memory(folder / "one.db", embedder=WordEmbedder()) as memory:
        assert memory.verify_erasure(memory.forget(ids[0])) == []
    bench = open_at(folder)
    assert chunk_ids(bench, document) == ids[1:]
    bench.close()
    assert left_in(folder) == []


def test_a_row_that_is_left_is_found(tmp_path: Path) -> None:
    bench = open_at(tmp_path)
    _, ids = ingest(bench, "file:///a", "one", "two")
    path = tmp_path / "one.db"
    (row,) = sql(path, "SELECT quote(item), quote(digest) FROM chunk WHERE n = 0")
    bench.close()
    with Memory(path, embedder=WordEmbedder()) as memory:
        receipt = memory.forget(ids[0])
        sql(
            path,
            f"INSERT INTO chunk SELECT partition, document, 7, {row[0]}, {row[1]}, 0, 1, 1, 1, '' FROM chunk",
        )
        assert "chunk" in {finding.face for finding in memory.verify_erasure(receipt)}


@pytest.mark.parametrize("verb", ["delete_all", "forget"])
def test_a_run_takes_its_own_documents_along(tmp_path: Path, verb: str) -> None:
    """And no others, those without a chunk included."""
    bench = open_at(tmp_path)
    for scope in (ALICE, RUN, Scope(user_id="alice", run_id="周二"), BOB):
        ingest(bench, "file:///a", "same", scope=scope)
        ingest(bench, "file:///empty", scope=scope)
    bench.close()
    with Memory(tmp_path / "one.db", embedder=WordEmbedder()) as memory:
        if verb == "forget":
            assert memory.forget(user_id="alice", run_id="secret", everything=True).counts["documents"] == 2
        else:
            assert memory.delete_all(user_id="alice", run_id="secret") == 1
        assert memory.verify() == []
        assert memory.delete_all(user_id="alice", filters={"text": "none"}) == 0
    bench = open_at(tmp_path)
    assert [len(listed(bench, scope)) for scope in (ALICE, RUN, BOB)] == [4, 0, 2]
    bench.close()


def test_a_scope_of_documents_without_chunks_can_be_emptied(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    folder.mkdir()
    bench = open_at(folder)
    ingest(bench, f"file:///{HAN}", title=WORD)
    bench.close()
    with Memory(folder / "one.db", embedder=WordEmbedder()) as memory:
        assert memory.forget(user_id="alice", everything=True, dry_run=True).counts["documents"] == 1
        receipt = memory.forget(user_id="alice", everything=True)
        assert (receipt.erased, receipt.counts["documents"], receipt.status) == ((), 1, "complete")
    assert left_in(folder) == []


def test_the_chain_of_events_knows_nothing_of_documents(bench: Bench) -> None:
    bench.say("one")
    before = bench.run(bench.ledger.partitions())[0]
    document, _ = ingest(bench, "file:///a")
    bench.commit(changes=(DropDocument(document.id),))
    after = bench.run(bench.ledger.partitions())[0]
    assert (after.head, after.n_events) == (before.head, before.n_events)


# ---------------------------------------------------------------- many
def test_more_than_one_statement_holds(bench: Bench) -> None:
    """Chunks, addresses and places are asked for in parts."""
    document, ids = ingest(bench, "file:///long", *(f"part {n} 第{n}节" for n in range(1_203)))
    bench.commit(
        changes=tuple(StoreDocument(document_of(f"file:///{n}"), ()) for n in range(1_201)),
    )
    assert chunk_ids(bench, document) == ids
    assert list(places(bench, *ids)) == ids
    uris = [f"file:///{n}" for n in range(1_300)]
    assert len(bench.read(lambda s: s.documents.by_uri(uris, ALICE))) == 1_201
    assert len(listed(bench)) == 1_202
    bench.remove(*ids, how="erase")
    assert chunk_ids(bench, document) == []
    assert bench.verify() == []


@pytest.mark.parametrize(
    ("statement", "n_values"),
    [
        (wanted(3) + documents._PLACES, 4),
        (wanted(3) + documents._BY_URI, 6),
        (documents._CHUNKS, 2),
        (documents._GET, 4),
        (documents._LISTED + " AND d.folder = ?4", 4),
    ],
)
def test_no_question_reads_all_documents(tmp_path: Path, bench: Bench, statement: str, n_values: int) -> None:
    """Each is answered through an index, whatever the number of documents."""
    assert bench.verify() == []
    with closing(sqlite3.connect(tmp_path / "one.db")) as connection:
        plan = connection.execute(f"EXPLAIN QUERY PLAN {statement}", (1,) * n_values).fetchall()
    steps = [step for *_, step in plan if re.search(r"\b(d|c)\b", step)]
    assert steps
    assert all(step.startswith("SEARCH") for step in steps), steps
