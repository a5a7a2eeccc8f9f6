"""What is wrong with a path or a file is said by type, with what to do; nothing is damaged, nothing left behind."""

import os
import sqlite3

import pytest

from polymem import Memory
from polymem.engines.sqlite import connection as connections
from polymem.engines.sqlite.schema import SCHEMA_VERSION
from polymem.errors import (
    EncoderMismatchError,
    InputError,
    SchemaVersionError,
    StoreCorruptError,
    StoreFullError,
    StoreReadOnlyError,
    StoreUnavailableError,
)
from polymem.testing.fakes import FailingEmbedder, WordEmbedder


def open_(path, embedder=None, **settings):
    return Memory(config={"store": {"path": str(path), **settings}}, embedder=embedder or WordEmbedder())


@pytest.fixture
def stocked(path):
    with open_(path) as memory:
        memory.add("I like tea and live in Lyon", user_id="a")
        memory.add("我喜欢喝茶", user_id="a")
    return path


def sql(path, *statements):
    with sqlite3.connect(path) as connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


def ask(path):
    with open_(path) as memory:
        return memory.search("tea", user_id="a"), memory.verify(), memory.add("x", user_id="a")


# ---------------------------------------------------------------- paths
def test_a_folder_is_no_store(tmp_path):
    with pytest.raises(StoreUnavailableError) as caught:
        open_(tmp_path)
    assert caught.value.path == str(tmp_path)


def test_a_folder_is_made_for_a_new_store(tmp_path):
    with open_(tmp_path / "a" / "深" / "c.db") as memory:
        memory.add("x", user_id="a")


def test_a_file_in_the_place_of_the_folder(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreUnavailableError):
        open_(tmp_path / "file" / "memory.db")


@pytest.mark.parametrize(
    "name", ["a b.db", "深.db", "100%.db", "q?mode=memory.db", "h#ash.db", "file:x.db", "quote'.db", ";.db"]
)
def test_odd_names_are_files_of_that_name(tmp_path, name):
    with open_(tmp_path / name) as memory:
        memory.add("x", user_id="a")
    assert (tmp_path / name).stat().st_size > 0
    with open_(tmp_path / name) as memory:
        assert len(memory.get_all(user_id="a")) == 1


@pytest.mark.parametrize("name", ["a\0b.db", "\ud800.db"], ids=ascii)
def test_a_name_that_no_file_can_have(stocked, tmp_path, name):
    with pytest.raises(StoreUnavailableError):
        open_(tmp_path / name)
    with open_(stocked) as memory:
        for verb in (memory.backup, memory.export, memory.import_):
            with pytest.raises(InputError) as caught:
                verb(tmp_path / name)
            assert caught.value.argument == "path"


@pytest.fixture
def without_root(tmp_path):
    """Permissions bind no root: run as somebody else for a while."""
    if os.geteuid() != 0:
        yield
        return
    for folder in (tmp_path, *tmp_path.parents):
        if not folder.stat().st_mode & 0o001:
            folder.chmod(folder.stat().st_mode | 0o711)
    os.chown(tmp_path, 65534, 65534)
    for file in tmp_path.iterdir():
        os.chown(file, 65534, 65534)
    os.seteuid(65534)
    yield
    os.seteuid(0)


def test_a_read_only_folder(tmp_path, without_root):
    tmp_path.chmod(0o555)
    try:
        with pytest.raises(StoreUnavailableError):
            open_(tmp_path / "memory.db")
        with pytest.raises(StoreReadOnlyError):
            open_(tmp_path / "new" / "memory.db")
    finally:
        tmp_path.chmod(0o755)


def test_a_read_only_file(stocked, without_root):
    stocked.chmod(0o444)
    with pytest.raises(StoreReadOnlyError), open_(stocked) as memory:
        memory.add("lost", user_id="a")
    stocked.chmod(0o644)
    with open_(stocked) as memory:
        assert len(memory.get_all(user_id="a", kinds=["episode"])) == 2


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "fuse.sshfs", "9p"])
def test_a_network_file_system_is_refused_before_anything_is_made(path, monkeypatch, kind):
    mounts = path.with_name("mounts")
    mounts.write_text(f"/dev/root / ext4 rw 0 0\nserver:/x {path.parent} {kind} rw 0 0\n")
    monkeypatch.setattr(connections.file_system_of, "__kwdefaults__", {"mounts": mounts})
    with pytest.raises(StoreUnavailableError) as caught:
        open_(path)
    assert caught.value.file_system == kind
    assert not path.exists()


# ---------------------------------------------------------------- files
def test_a_newer_schema(stocked):
    sql(stocked, f"PRAGMA user_version={SCHEMA_VERSION + 1}")
    before = stocked.read_bytes()
    with pytest.raises(SchemaVersionError) as caught:
        open_(stocked)
    assert (caught.value.found, caught.value.known) == (SCHEMA_VERSION + 1, SCHEMA_VERSION)
    assert stocked.read_bytes() == before


def test_a_database_of_another_program_is_left_alone(path):
    sql(path, "CREATE TABLE precious (x)", "INSERT INTO precious VALUES (1)")
    before = path.read_bytes()
    with pytest.raises(StoreCorruptError):
        open_(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "content",
    [b"not a database, and longer than a header " * 40, b"SQLite format 3\x00" + b"\xff" * 5_000],
    ids=["text", "half a header"],
)
def test_bytes_that_are_no_database(path, content):
    path.write_bytes(content)
    with pytest.raises(StoreCorruptError):
        open_(path)
    assert path.read_bytes() == content


def test_an_empty_file_becomes_a_store(path):
    path.touch()
    with open_(path) as memory:
        memory.add("x", user_id="a")


def test_damaged_pages_are_an_error_not_an_answer(stocked):
    size = stocked.stat().st_size
    with stocked.open("r+b") as file:
        for page in range(1, size // 8192):
            file.seek(page * 8192)
            file.write(os.urandom(8192))
    with pytest.raises((StoreCorruptError, StoreUnavailableError)):
        ask(stocked)


def test_a_file_cut_short(stocked):
    with stocked.open("r+b") as file:
        file.truncate(stocked.stat().st_size // 3)
    with pytest.raises((StoreCorruptError, StoreUnavailableError)):
        ask(stocked)


def test_a_full_disk_takes_back_the_write_alone(stocked, monkeypatch):
    plain = connections.connect

    def small(path, **options):
        connection = plain(path, **options)
        (n_pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count={max(n_pages, 1) + 6}")
        return connection

    monkeypatch.setattr("polymem.engines.sqlite.writer.connect", small)
    with open_(stocked) as memory:
        before = memory.get_all(user_id="a")
        for _ in range(2):
            with pytest.raises(StoreFullError):
                memory.add([{"content": f"note {n} " * 200} for n in range(500)], user_id="a")
        assert memory.get_all(user_id="a") == before
        assert memory.search("tea", user_id="a")
        assert memory.verify() == []
        memory.forget(before[0].id)
    monkeypatch.undo()
    with open_(stocked) as memory:
        memory.add("space again", user_id="a")
        assert memory.verify() == []


# ---------------------------------------------------------------- copies
def test_a_backup_is_a_store_and_overwrites_nothing(stocked, tmp_path):
    with open_(stocked) as memory:
        memory.backup(tmp_path / "copy.db")
        with pytest.raises(InputError):
            memory.backup(tmp_path / "copy.db")
        memory.add("after the copy", user_id="a")
        expected = [item for item in memory.get_all(user_id="a") if item.text != "after the copy"]
    with open_(tmp_path / "copy.db") as copy:
        assert list(copy.get_all(user_id="a")) == expected
        assert copy.verify() == []


@pytest.fixture
def no_large_files():
    """Refuse to write further than 16 KB into any file, as a full disk or a quota would."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (16_384, before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("verb", ["backup", "export"])
def test_a_copy_that_cannot_be_written_leaves_nothing(stocked, tmp_path, no_large_files, verb):
    folder = tmp_path / "copies"
    folder.mkdir()
    with open_(stocked) as memory:
        memory.add("a long story " * 5_000, user_id="a", infer=False)
        no_large_files()
        with pytest.raises(StoreUnavailableError):
            getattr(memory, verb)(folder / "copy")
        assert list(folder.iterdir()) == []


def test_an_export_that_is_broken_off_leaves_what_was_there(stocked, tmp_path):
    file = tmp_path / "x.jsonl"
    file.write_text("before")

    def enough(n):
        raise BrokenPipeError(n)

    with open_(stocked) as memory:
        memory.add([{"content": f"note {n}"} for n in range(300)], user_id="b", infer=False)
        with pytest.raises(BrokenPipeError):
            memory.export(file, progress=enough)
    assert file.read_text() == "before"
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize(
    "content",
    [
        *(
            "not json\n",
            '{"format": "other"}\n',
            "[]\n",
            "",
            '{"a": 1\n',
            "\ud800".encode(errors="surrogatepass"),
        ),
        *("[" * 100_000 + "]" * 100_000, '{"type": ' + "9" * 5_000 + "}"),
    ],
    ids=lambda content: ascii(content)[:30],
)
def test_what_is_no_export_is_refused_and_nothing_kept(stocked, tmp_path, content):
    file = tmp_path / "x.jsonl"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with open_(stocked) as memory:
        before = memory.get_all(user_id="a")
        with pytest.raises(InputError):
            memory.import_(file)
        assert memory.get_all(user_id="a") == before
        assert memory.verify() == []


def test_a_broken_line_keeps_nothing_of_the_file(stocked, tmp_path):
    file = tmp_path / "x.jsonl"
    with open_(stocked) as memory:
        memory.export(file)
    lines = file.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join([*lines[:-1], lines[-1][: len(lines[-1]) // 2]]), encoding="utf-8")
    with open_(tmp_path / "new.db") as memory:
        with pytest.raises(InputError):
            memory.import_(file)
        assert memory.stats()["n_rows"] == 0


# ---------------------------------------------------------------- encoders
def test_another_encoder_is_refused_until_rebuild(stocked):
    with open_(stocked, WordEmbedder(48, name="words/2")) as memory:
        for verb in (lambda: memory.add("lost", user_id="a"), lambda: memory.search("tea", user_id="a")):
            with pytest.raises(EncoderMismatchError) as caught:
                verb()
            assert (caught.value.stored, caught.value.given) == ("words/1", "words/2")
            assert "rebuild" in str(caught.value)
        assert [
            hit.item.text for hit in memory.search("喝茶", user_id="a", mode="keyword", kinds=["episode"])
        ] == ["我喜欢喝茶"]
        assert len(memory.get_all(user_id="a", kinds=["episode"])) == 2
        memory.rebuild()
        assert memory.search("喝茶", user_id="a")[0].item.text == "我喜欢喝茶"
        memory.add("now it fits", user_id="a")
        assert memory.verify() == []
    with open_(stocked) as memory, pytest.raises(EncoderMismatchError):
        memory.search("tea", user_id="a")


def test_an_import_embeds_anew_when_the_encoder_differs(stocked, tmp_path):
    with open_(stocked) as memory:
        memory.export(tmp_path / "x.jsonl")
    with open_(tmp_path / "other.db", WordEmbedder(48, name="words/2")) as memory:
        memory.import_(tmp_path / "x.jsonl")
        assert memory.stats()["n_pending"] == 0
        assert memory.search("喝茶", user_id="a", mode="vector")[0].item.text == "我喜欢喝茶"
        assert memory.verify() == []


def test_an_embedder_that_fails_loses_nothing_and_is_retried(path):
    embedder = FailingEmbedder()
    with open_(path, embedder) as memory:
        embedder.fail(times=1)
        added = memory.add("I like tea in Lyon", user_id="a")
        assert added.n_unembedded == len(added.items) > 0
        assert memory.search("tea", user_id="a", mode="keyword")[0].item.id == added.ids[0]
        assert memory.stats()["n_pending"] == len(added.items)
        assert memory.verify() == []
        memory.add("something else", user_id="a")
        assert memory.stats()["n_pending"] == 0
        assert memory.search("tea in Lyon", user_id="a", mode="vector")[0].item.id == added.ids[0]


def test_rebuild_retries_what_waits(path):
    embedder = FailingEmbedder()
    with open_(path, embedder) as memory:
        embedder.fail()
        memory.add("I like tea", user_id="a")
        memory.add("我喜欢喝茶", user_id="b")
        embedder.recover()
        memory.rebuild()
        assert memory.stats()["n_pending"] == 0
        assert memory.search("喝茶", user_id="b", mode="vector")


def test_one_rebuild_makes_lost_vectors_again(path):
    with open_(path) as memory:
        memory.add("I like tea", user_id="a")
        memory.add("我喜欢喝茶", user_id="a")
        before = [hit.item.id for hit in memory.search("喝茶", user_id="a", mode="vector")]
    with sqlite3.connect(path) as connection:
        connection.execute("DELETE FROM vector")
    connection.close()
    with open_(path) as memory:
        assert {finding.face for finding in memory.rebuild()} == {"vector"}
        assert memory.stats()["n_pending"] == 0
        assert [hit.item.id for hit in memory.search("喝茶", user_id="a", mode="vector")] == before
        assert memory.verify() == []


def test_an_update_that_cannot_be_embedded_keeps_the_words(path):
    embedder = FailingEmbedder()
    with open_(path, embedder) as memory:
        item = memory.add("old words", user_id="a", infer=False).ids[0]
        embedder.fail(times=1)
        assert memory.update(item, "new words").text == "new words"
        assert memory.search("new", user_id="a", mode="keyword")[0].item.id == item
        memory.rebuild()
        assert memory.search("new words", user_id="a", mode="vector")[0].item.id == item
        assert memory.verify() == []
