"""Hostile files give failures within the limits, and the next file is read."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from polymem.documents.worker import ReaderPool, ReadLimits
from polymem.errors import ClosedError, DocumentError, InputError, PolymemError, ReadError
from tests.documents import paper

HELLO = "# 你好\n\n早上好。 Good morning.\n".encode()
ENTITIES = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
LAUGHS = f'<!DOCTYPE x [<!ENTITY a0 "ha">{ENTITIES}]>'
LIMITS = ReadLimits(timeout_s=30, max_bytes=40 << 20)


@pytest.fixture(scope="module")
def readers() -> Iterator[ReaderPool]:
    with ReaderPool(LIMITS) as pool:
        yield pool


def problem(readers: ReaderPool, content: bytes | Path, name: str) -> str:
    """Read what must fail; say how, and that the next file is read."""
    began = time.monotonic()
    with pytest.raises(ReadError) as raised:
        readers.read(content, name=name)
    assert time.monotonic() - began < LIMITS.timeout_s + 20
    assert raised.value.message
    assert readers.read(HELLO, name="hello.md").title == "你好"
    return raised.value.problem


def eml(depth: int, kind: str) -> bytes:
    content = b"Subject: innermost\n\nhello\n"
    for n in range(depth):
        if kind == "message":
            content = b"Subject: s\nFrom: a@example.org\nContent-Type: message/rfc822\n\n" + content
        else:
            edge = b"b%d" % n
            content = b"Content-Type: multipart/mixed; boundary=%s\n\n--%s\n%s\n--%s--\n" % (
                edge,
                edge,
                content,
                edge,
            )
    return b"From: a@example.org\n" + content


def sheet(*cells: tuple[str, int]) -> bytes:
    """Return a workbook of a few cells that says that it has all there can be."""
    rows = "".join(f'<row r="{r}"><c r="{c}{r}" t="inlineStr"><is><t>v</t></is></c></row>' for c, r in cells)
    with zipfile.ZipFile(io.BytesIO(paper.xlsx({"S": [["a"]]}))) as archive:
        parts: dict[str, str | bytes] = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/worksheets/sheet1.xml"] = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f'<dimension ref="A1:XFD1048576"/><sheetData>{rows}</sheetData></worksheet>'
    )
    return paper.zipped(parts)


class TestReading:
    def test_bytes_and_files(self, readers: ReaderPool, tmp_path: Path):
        path = tmp_path / "问候.md"
        path.write_bytes(HELLO)
        assert readers.read(path, name=path.name) == readers.read(HELLO, name="a.md")

    def test_the_kind_can_be_named(self, readers: ReaderPool):
        assert readers.read(HELLO, name="x.unknown", media_type="text/markdown").title == "你好"
        with pytest.raises(ReadError) as raised:
            readers.read(HELLO, name="x.md", media_type="image/png")
        assert raised.value.problem == "unsupported"

    def test_one_process_reads_many_files(self, readers: ReaderPool):
        pids = {process_of(readers).pid for _ in range(3) if readers.read(HELLO, name="a.md")}
        assert len(pids) == 1

    def test_several_threads(self):
        found: list[str] = []
        with ReaderPool(n_workers=2) as pool:
            threads = [
                threading.Thread(target=lambda: found.append(pool.read(HELLO, name="a.md").title))
                for _ in range(6)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert found == ["你好"] * 6


def process_of(pool: ReaderPool) -> subprocess.Popen[bytes]:
    kept = pool._free.get()
    pool._free.put(kept)
    assert kept is not None
    return kept._process


class TestHostile:
    def test_an_archive_that_unpacks_to_far_more(self, readers: ReaderPool):
        bomb = paper.zipped({"word/document.xml": b" " * (100 << 20)})
        assert len(bomb) < 1 << 20
        assert problem(readers, bomb, "bomb.docx") == "expands"
        assert (
            problem(readers, paper.zipped({"xl/workbook.xml": b" " * (100 << 20)}), "bomb.xlsx") == "expands"
        )

    @pytest.mark.parametrize(
        "before", [LAUGHS, LAUGHS.encode("utf-16").decode("latin-1")], ids=["utf8", "utf16"]
    )
    def test_a_billion_laughs(self, readers: ReaderPool, before: str):
        body = paper.paragraph("X").replace("X", "&a9;")
        assert problem(readers, paper.docx(body, before=before), "laughs.docx") == "damaged"

    def test_a_file_of_the_machine_is_not_drawn_in(self, readers: ReaderPool, tmp_path: Path):
        secret = tmp_path / "secret.txt"
        secret.write_text("the secret word", encoding="utf-8")
        before = f'<!DOCTYPE x [<!ENTITY a SYSTEM "{secret.as_uri()}">]>'
        body = paper.paragraph("X").replace("X", "&a;")
        assert problem(readers, paper.docx(body, before=before), "x.docx") == "damaged"
        page = (
            f'{before}<html><body><p>Hi &a; there</p><iframe src="{secret.as_uri()}"></iframe></body></html>'
        )
        assert "secret" not in readers.read(page.encode(), name="x.html").text

    def test_elements_nested_deeply(self, readers: ReaderPool):
        deep = "<w:sdt><w:sdtContent>" * 20_000 + paper.paragraph("x") + "</w:sdtContent></w:sdt>" * 20_000
        assert problem(readers, paper.docx(deep), "deep.docx") in {"damaged", "too_deep"}
        assert problem(readers, b"<p>x" + b"<div>" * 50_000 + b"y", "deep.html") == "too_deep"
        assert problem(readers, b"<table><tr><td>" * 3_000 + b"y", "deep.htm") == "too_deep"
        lists = b"".join(b" " * (2 * n) + b"- x\n" for n in range(200))
        assert problem(readers, lists, "deep.md") == "too_deep"

    @pytest.mark.parametrize("kind", ["message", "multipart"])
    def test_messages_in_messages(self, readers: ReaderPool, kind: str):
        assert problem(readers, eml(100, kind), "deep.eml") == "too_deep"
        assert problem(readers, eml(700, kind), "deep.eml") == "too_deep"

    def test_a_pdf_that_says_it_has_a_million_pages(self, readers: ReaderPool):
        content = paper.pdf([paper.prose(["x"])], count=1_000_000)
        assert problem(readers, content, "many.pdf") == "too_many_pages"

    def test_a_pdf_whose_pages_go_in_a_circle(self, readers: ReaderPool):
        content = paper.pdf([paper.prose(["first page"])]).replace(b"/Kids [", b"/Kids [2 0 R ")
        assert "first page" in readers.read(content, name="circle.pdf").text

    def test_a_workbook_that_says_it_is_as_large_as_can_be(self, readers: ReaderPool):
        assert readers.read(sheet(("A", 1), ("B", 2)), name="a.xlsx").text.split() == ["S", "v", "v"]
        assert "v" in readers.read(sheet(("XFD", 1048576)), name="far.xlsx").text
        assert problem(readers, sheet(*(("XFD", n) for n in range(1, 1_000))), "wide.xlsx") == "too_large"

    def test_one_line_of_ten_megabytes(self, readers: ReaderPool):
        cut = readers.read("字".encode() * 3_500_000, name="line.txt")
        assert "".join(chunk.text for chunk in cut.chunks) == "字" * 3_500_000

    def test_a_cell_of_ten_megabytes(self, readers: ReaderPool):
        cut = readers.read(b'a,b\n1,"' + b"x" * 10_000_000 + b'"', name="cell.csv")
        assert sum(chunk.text.count("x") for chunk in cut.chunks) == 10_000_000

    def test_a_stretch_at_which_a_parser_would_stop_is_not_left_out(self, readers: ReaderPool):
        assert problem(readers, b"<p>" + b"x" * 11_000_000 + b"</p><p>after</p>", "a.html") == "too_large"

    def test_too_many_characters(self):
        with ReaderPool(ReadLimits(max_chars=1_000)) as pool:
            for content, name in (
                (b"word " * 300, "a.txt"),
                (b"a,b\n" * 600, "a.csv"),
                (b"- item\n" * 300, "a.md"),
            ):
                with pytest.raises(ReadError) as raised:
                    pool.read(content, name=name)
                assert raised.value.problem == "too_large"

    def test_what_takes_too_long_is_ended(self):
        # Every bracket may begin a link, and each is tried to the end.
        slow = b"[" * 1_000_000
        with ReaderPool(ReadLimits(timeout_s=1)) as pool:
            began = time.monotonic()
            with pytest.raises(ReadError) as raised:
                pool.read(slow, name="slow.md")
            assert raised.value.problem == "timeout"
            assert time.monotonic() - began < 30
            assert pool.read(HELLO, name="hello.txt").text

    @pytest.mark.skipif(sys.platform == "win32", reason="processes are not stopped there")
    def test_what_takes_no_time_of_the_processor_is_ended_by_the_clock(self):
        with ReaderPool(ReadLimits(timeout_s=1)) as pool:
            pool.read(HELLO, name="a.md")
            os.kill(process_of(pool).pid, signal.SIGSTOP)
            with pytest.raises(ReadError) as raised:
                pool.read(HELLO, name="a.md")
            assert raised.value.problem == "timeout"
            assert pool.read(HELLO, name="a.md").title == "你好"

    @pytest.mark.skipif(sys.platform != "linux", reason="other systems do not hold a process to its memory")
    def test_what_takes_too_much_memory(self):
        content = b"".join(b"<p>%d</p>" % n for n in range(1_500_000))
        with ReaderPool(ReadLimits(memory_mb=200)) as pool:
            with pytest.raises(ReadError) as raised:
                pool.read(content, name="large.html")
            assert raised.value.problem == "memory"
            assert pool.read(HELLO, name="hello.md").title == "你好"

    def test_a_process_that_dies_is_replaced(self, readers: ReaderPool):
        readers.read(HELLO, name="a.md")
        process_of(readers).kill()
        process_of(readers).wait()
        assert readers.read(HELLO, name="a.md").title == "你好"

    def test_a_process_that_dies_while_it_reads(self):
        with ReaderPool(ReadLimits(timeout_s=60)) as pool:
            pool.read(HELLO, name="a.md")
            dying = process_of(pool)
            threading.Timer(1.0, dying.kill).start()
            with pytest.raises(ReadError) as raised:
                pool.read(b"[" * 1_000_000, name="slow.md")
            assert raised.value.problem in {"memory", "damaged"}
            assert pool.read(HELLO, name="a.md").title == "你好"


class TestFiles:
    @pytest.mark.skipif(sys.platform == "win32", reason="no such files there")
    def test_links_pipes_and_devices_are_not_opened(self, readers: ReaderPool, tmp_path: Path):
        target = tmp_path / "target.txt"
        target.write_text("words", encoding="utf-8")
        link = tmp_path / "link.txt"
        link.symlink_to(target)
        pipe = tmp_path / "pipe.txt"
        os.mkfifo(pipe)
        for path in (link, pipe, Path("/dev/zero"), tmp_path, tmp_path / "missing.txt"):
            assert problem(readers, path, "a.txt") == "unreadable"

    @pytest.mark.skipif(sys.platform == "win32", reason="no such files there")
    def test_the_process_looks_for_itself(self, tmp_path: Path):
        """What was a file when the parent looked may be a pipe when it is opened."""
        pipe = tmp_path / "pipe.txt"
        os.mkfifo(pipe)
        with ReaderPool(ReadLimits(timeout_s=5)) as pool:
            pool._check_file = lambda path: None  # type: ignore[method-assign]
            assert problem(pool, pipe, "a.txt") == "unreadable"
            assert problem(pool, Path("/dev/zero"), "a.txt") == "unreadable"

    def test_a_file_that_is_too_large_is_not_opened(self, tmp_path: Path):
        path = tmp_path / "a.txt"
        path.write_bytes(b"x" * 2_000)
        with ReaderPool(ReadLimits(max_bytes=1_000)) as pool:
            for content in (path, b"x" * 2_000):
                with pytest.raises(ReadError) as raised:
                    pool.read(content, name="a.txt")
                assert raised.value.problem == "too_large"

    @pytest.mark.parametrize(
        "content", [b"\x89PNG\r\n\x1a\n", bytes(range(256)) * 8, b"\x7fELF" + b"\0" * 60]
    )
    def test_other_kinds(self, readers: ReaderPool, content: bytes):
        assert problem(readers, content, "notes.txt") == "unsupported"

    @pytest.mark.parametrize("name", ["a.pdf", "a.docx", "a.xlsx"])
    def test_junk_under_a_good_name(self, readers: ReaderPool, name: str):
        head = b"%PDF-1.7\n" if name == "a.pdf" else b"PK\x03\x04"
        assert problem(readers, head + bytes(range(256)) * 40, name) == "damaged"
        assert problem(readers, b"", name) in {"damaged", "no_text"}

    def test_an_encrypted_office_file(self, readers: ReaderPool):
        assert problem(readers, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "a.docx") == "encrypted"

    @pytest.mark.parametrize("content", [b"", b" \n\t\n", b"\xef\xbb\xbf"])
    def test_nothing_to_read(self, readers: ReaderPool, content: bytes):
        assert problem(readers, content, "a.txt") == "no_text"


class TestConfinement:
    SCRIPT = (
        "from polymem.documents.confinement import confine; from polymem.documents.limits import ReadLimits\n"
        "confine(ReadLimits(memory_mb=400))\n"
        "import socket, subprocess, sys\n"
        "def refused(act, kind):\n"
        "    try: act()\n"
        "    except kind: return True\n"
        "    return False\n"
        "assert refused(lambda: socket.create_connection(('127.0.0.1', 9), 1), PermissionError)\n"
        "assert refused(lambda: subprocess.Popen(['true']), PermissionError)\n"
        "assert sys.platform != 'linux' or refused(lambda: bytearray(500 << 20), MemoryError)\n"
    )

    def test_no_network_no_processes_little_memory(self):
        subprocess.run([sys.executable, "-c", self.SCRIPT], check=True, timeout=60)

    def test_the_reading_process_knows_neither_store_nor_model(self):
        script = (
            "import sys; import polymem.documents.worker as w, polymem.documents.readers.eml\n"
            "rooms = {name.split('.')[1] for name in sys.modules if name.startswith('polymem.')}\n"
            "assert rooms <= {'documents', 'domain', 'errors', 'text'}, rooms\n"
            "assert not {'lxml', 'openpyxl', 'pypdfium2', 'markdown_it', 'numpy'} & set(sys.modules)\n"
        )
        subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


class TestThePool:
    def test_closed(self):
        pool = ReaderPool()
        pool.read(HELLO, name="a.md")
        process = process_of(pool)
        pool.close()
        pool.close()
        assert process.poll() is not None
        with pytest.raises(ClosedError):
            pool.read(HELLO, name="a.md")

    @pytest.mark.parametrize(
        "limits",
        [
            {"timeout_s": 0},
            {"max_bytes": -1},
            {"memory_mb": 10},
            {"timeout_s": float("inf")},
            {"max_pages": True},
        ],
    )
    def test_limits_that_make_no_sense(self, limits: dict[str, float]):
        with pytest.raises(InputError) as raised:
            ReaderPool(ReadLimits(**limits))  # type: ignore[arg-type]
        assert raised.value.argument == next(iter(limits))
        with pytest.raises(InputError):
            ReaderPool(n_workers=0)

    def test_no_python_to_start(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(
            sys, "executable", "/bin/false" if sys.platform != "win32" else sys.executable + ".none"
        )
        with ReaderPool() as pool, pytest.raises((DocumentError, OSError)):
            pool.read(HELLO, name="a.md")

    def test_a_missing_package_is_named(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(sys, "path", [p for p in sys.path if "site-packages" not in p])
        src = Path(__file__).parents[2] / "src"
        sys.path.insert(0, str(src))
        with ReaderPool() as pool:
            with pytest.raises(ReadError) as raised:
                pool.read(HELLO, name="a.md")
            assert raised.value.problem == "missing_extra"
            assert 'pip install "polymem[documents]"' in raised.value.message
            assert pool.read(HELLO, name="a.txt").text

    def test_errors_can_be_sent_between_processes(self):
        import pickle

        error = pickle.loads(pickle.dumps(ReadError("timeout", "takes long")))
        assert (error.problem, error.message, isinstance(error, PolymemError)) == (
            "timeout",
            "takes long",
            True,
        )
