"""A store of the schema before, opened by several at once of which one is killed: it is of either schema, and whole."""

import random
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from polymem.engines.sqlite import connection as connections
from polymem.engines.sqlite.schema import APPLICATION_ID, MIGRATIONS, SCHEMA_VERSION
from polymem.errors import SchemaVersionError, StoreFullError
from tests.documents.library import opened, write

MIGRATOR = Path(__file__).with_name("migrator.py")
ROOT = Path(__file__).parents[2]
BEFORE = 3
N_SAID = 40


def sql(path, *statements):
    connection = sqlite3.connect(path)
    try:
        found = [connection.execute(statement).fetchall() for statement in statements]
        connection.commit()
    finally:
        connection.close()
    return found[-1]


@pytest.fixture
def old(tmp_path):
    """Return a store as the schema before documents was, with messages in it."""
    new, path = tmp_path / "new.db", tmp_path / "old.db"
    with opened(new) as memory:
        for n in range(N_SAID):
            memory.add(f"I drink tea number {n}. 第{n}杯茶。", user_id="u", infer=False)
    connection = sqlite3.connect(path, isolation_level=None)
    for script in MIGRATIONS[:BEFORE]:
        connection.executescript(script)
    connection.execute("ATTACH ? AS new", (str(new),))
    for (table,) in connection.execute("SELECT name FROM main.sqlite_schema WHERE type = 'table'").fetchall():
        names = ", ".join(row[1] for row in connection.execute(f"PRAGMA main.table_info({table})"))
        connection.execute(f"INSERT OR REPLACE INTO main.{table} ({names}) SELECT {names} FROM new.{table}")
    connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version={BEFORE}")
    connection.close()
    return path


def begun(store, name):
    process = subprocess.Popen(
        [sys.executable, str(MIGRATOR), str(store), name],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "PATH": "/usr/bin:/bin"},
    )
    assert process.stdout is not None
    assert process.stdout.read(1) == b"."
    return process


@pytest.mark.crash
@pytest.mark.slow
def test_killed_while_three_migrate(tmp_path, old, rounds):
    rng = random.Random(20261124)
    n_killed = 0
    for n in range(max(rounds // 5, 3)):
        store = shutil.copy(old, tmp_path / f"{n}.db")
        processes = [begun(store, f"user{k}") for k in range(3)]
        for process in processes:
            assert process.stdin is not None
            process.stdin.write(b"\n")
            process.stdin.flush()
        time.sleep(rng.random() * 0.04)
        processes[0].kill()
        told = [process.communicate(timeout=60)[0] for process in processes]
        n_killed += processes[0].returncode != 0
        assert [process.returncode for process in processes[1:]] == [0, 0]
        assert told[1:] == [b"%d" % N_SAID] * 2
        assert sql(store, "PRAGMA user_version") == [(SCHEMA_VERSION,)]
        with opened(store) as memory:
            assert memory.verify() == []
            assert len(memory.get_all(user_id="u", limit=1_000)) == N_SAID
            assert memory.ingest(write(tmp_path / "a.md", "tea", "茶"), user_id="u").added
            assert memory.verify() == []
    assert n_killed


def test_a_newer_polymem_that_came_first_is_not_undone(tmp_path, old, monkeypatch):
    """Who waits for the lock to migrate may find the file of a schema that he does not know."""
    begin = sqlite3.connect

    class Waiting(sqlite3.Connection):
        def execute(self, statement, *parameters):
            if statement == "BEGIN IMMEDIATE":
                sql(old, f"PRAGMA user_version={SCHEMA_VERSION + 1}")
            return super().execute(statement, *parameters)

    def connect(*arguments, **options):
        return begin(*arguments, **options, factory=Waiting)

    monkeypatch.setattr(connections.sqlite3, "connect", connect)
    with pytest.raises(SchemaVersionError):
        opened(old)
    monkeypatch.undo()
    assert sql(old, "PRAGMA user_version") == [(SCHEMA_VERSION + 1,)]


def test_a_disk_that_is_full_is_told_as_such(tmp_path, old, monkeypatch):
    """SQLite takes the transaction back by itself then; what is raised is what happened."""
    begin = sqlite3.connect

    class Full(sqlite3.Connection):
        def execute(self, statement, *parameters):
            if statement.startswith("PRAGMA user_version="):
                super().execute("ROLLBACK")
                error = sqlite3.OperationalError("database or disk is full")
                error.sqlite_errorcode = sqlite3.SQLITE_FULL
                raise error
            return super().execute(statement, *parameters)

    monkeypatch.setattr(connections.sqlite3, "connect", lambda *a, **k: begin(*a, **k, factory=Full))
    with pytest.raises(StoreFullError):
        opened(old)
    monkeypatch.undo()
    assert sql(old, "PRAGMA user_version") == [(BEFORE,)]
    with opened(old) as memory:
        assert memory.verify() == []
