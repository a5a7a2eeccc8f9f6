"""Documents: what it costs to take them in, to look at them again, to search them; and the memory of a large library.

``python -m benchmarks.documents [--scale S] [--out FILE]`` runs these alone, ``python -m benchmarks --only documents`` with the
report of all.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from benchmarks.documents import Documents
from benchmarks.measure import Times, p50, quantile, rss_mb
from benchmarks.report import Figure
from benchmarks.settings import Settings
from polymem import DocumentInput, Memory

ROOT: Final = Path(__file__).resolve().parent.parent
N_FILES: Final = 1_000
N_PAGES: Final = 300
PAGES_A_FILE: Final = 30
LINES_A_PAGE: Final = 42
LINE_CHARS: Final = 88
N_SEARCHED: Final = 10_000
N_LARGE: Final = 100_000
PASSAGES_A_DOCUMENT: Final = 50
ONE_PASSAGE: Final = {"documents": {"chunk_chars": 700}}
"""Under this each passage of :class:`Documents` is a chunk of its own."""
N_WARM: Final = 20
N_QUERIES: Final = 100


def ingesting(settings: Settings) -> Iterator[Figure]:
    """Measure folders of text, PDF pages, searches among passages, and the memory of a library."""
    with TemporaryDirectory(dir=settings.folder) as made:
        yield from _folder(settings, Path(made))
        yield _pages(settings, Path(made))
        yield from _library(settings, Path(made))


def _folder(settings: Settings, folder: Path) -> Iterator[Figure]:
    """Take a folder of Markdown files in, and then again, unchanged."""
    lib, documents = folder / "lib", Documents(7)
    for n in range(settings.n(N_FILES)):
        passages = documents.passages(4)
        path = lib / f"{n % 20:02}" / f"{n:05}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        text = "\n\n".join([f"# {passages[0]['metadata']['title']}", *(each["content"] for each in passages)])
        path.write_text(text, encoding="utf-8")
    n_bytes = sum(path.stat().st_size for path in lib.rglob("*.md"))
    with Memory(folder / "files.db") as memory:
        wall, cpu, done = _timed(lambda: memory.ingest(lib, user_id="u"))
        note = f"{len(done.added)} files, {n_bytes / 1e6:.1f} MB, {done.n_chunks_added} passages; wall {wall:.1f} s"
        yield Figure("documents.files", cpu, note)
        again = [_timed(lambda: memory.ingest(lib, user_id="u")) for _ in range(3)]
        walls = [wall for wall, _, _ in again]
        yield Figure("documents.again", p50(walls), f"CPU {p50([cpu for _, cpu, _ in again]):.2f} s")


def _pages(settings: Settings, folder: Path) -> Figure:
    """Take PDF files of several hundred pages in."""
    n_pages, lib = settings.n(N_PAGES), folder / "pdf"
    lib.mkdir()
    for n, first in enumerate(range(0, n_pages, PAGES_A_FILE)):
        (lib / f"{n}.pdf").write_bytes(_pdf(min(PAGES_A_FILE, n_pages - first), seed=n))
    with Memory(folder / "pages.db") as memory:
        wall, cpu, done = _timed(lambda: memory.ingest(lib, user_id="u"))
    if done.failed:
        raise RuntimeError(f"{len(done.failed)} files failed: {done.failed[0].message}")
    note = f"{n_pages} pages, {done.n_chunks_added} passages; CPU {cpu:.1f} s, readers included; wall {wall:.1f} s"
    return Figure("documents.pages", n_pages * 60 / cpu, note)


def _library(settings: Settings, folder: Path) -> Iterator[Figure]:
    """Fill libraries in processes of their own, and search them."""
    searched = _in_new_process(folder / "searched.db", settings.n(N_SEARCHED), settings.n(N_QUERIES))
    n = searched["n"]
    note = f"p95 {searched['p95']:.1f}; {n:,.0f} passages of {searched['documents']:,.0f} documents"
    yield Figure("documents.search", searched["p50"], note)
    if settings.quick:
        return
    large = _in_new_process(folder / "large.db", settings.n(N_LARGE), settings.n(N_QUERIES))
    note = (
        f"{large['n']:,.0f} passages; {large['filled']:.0f} MB while they were taken in ({large['cpu']:.0f} s CPU), "
        f"search p50 {large['p50']:.1f} ms CPU"
    )
    yield Figure("documents.memory", large["peak"], note)


def _in_new_process(path: Path, n: int, n_queries: int) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.ingesting", str(path), str(n), str(n_queries)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    result: dict[str, float] = json.loads(done.stdout)
    return result


def measure(path: Path, n: int, n_queries: int) -> dict[str, float]:
    """Take *n* passages in, and search them."""
    documents = Documents(n)
    with Memory(path, config=ONE_PASSAGE) as memory:
        begun, n_stored, n_documents = time.process_time(), 0, 0
        while n_stored < n:
            batch = [_document(documents, n_documents + place) for place in range(10)]
            done = memory.ingest(batch, user_id="u")
            n_stored, n_documents = n_stored + done.n_chunks_added, n_documents + len(done.added)
        cpu, filled = time.process_time() - begun, rss_mb("VmHWM")
        questions, times = documents.questions(N_WARM + n_queries), Times()
        for question in questions[:N_WARM]:
            memory.search(question, user_id="u")
        for question in questions[N_WARM:]:
            times.call(memory.search, question, user_id="u")
    return {
        "n": n_stored,
        "documents": n_documents,
        "cpu": cpu,
        "filled": filled,
        "peak": rss_mb("VmHWM"),
        "p50": p50(times.cpu),
        "p95": quantile(times.cpu, 0.95),
    }


def _document(documents: Documents, n: int) -> DocumentInput:
    passages = documents.passages(PASSAGES_A_DOCUMENT)
    text = "\n\n".join(each["content"] for each in passages)
    return DocumentInput(text=text, uri=f"document {n}", title=passages[0]["metadata"]["title"])


def _timed(work: Callable[[], Any]) -> tuple[float, float, Any]:
    """Return seconds of wall and of CPU, that of the processes it started included, and what came of *work*."""
    before, begun = os.times(), time.perf_counter()
    result = work()
    wall, after = time.perf_counter() - begun, os.times()
    return wall, sum(after[:4]) - sum(before[:4]), result


def _pdf(n_pages: int, *, seed: int) -> bytes:
    """Return a PDF of English pages with headings, as a word processor makes it."""
    documents = Documents(seed)
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"", b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"]
    kids = []
    for n in range(n_pages):
        words = " ".join(each["content"] for each in documents.passages(18)[::2]).split()
        content = _page(f"Section {n + 1}", words)
        objects.append(b"<</Length %d>>stream\n%s\nendstream" % (len(content), content))
        kids.append(len(objects) + 1)
        objects.append(
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Resources<</Font<</F1 3 0 R>>>>/Contents %d 0 R>>"
            % len(objects)
        )
    objects[1] = b"<</Type/Pages/Count %d/Kids[%s]>>" % (n_pages, b" ".join(b"%d 0 R" % kid for kid in kids))
    return _file(objects)


def _page(heading: str, words: Sequence[str]) -> bytes:
    lines, line = list[str](), ""
    for word in words:
        if len(line) + len(word) > LINE_CHARS:
            lines.append(line.strip())
            line = ""
        line += f" {word}"
    text = b" T* ".join(b"(%s) Tj" % each.encode("latin-1", "replace") for each in lines[:LINES_A_PAGE])
    head = f"({heading}) Tj".encode()
    return b"BT /F1 16 Tf 54 740 Td %s /F1 10 Tf 0 -30 Td 14 TL %s ET" % (head, text)


def _file(objects: Sequence[bytes]) -> bytes:
    body, places = b"%PDF-1.7\n", list[int]()
    for n, each in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (n, each)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    head = b"xref\n0 %d\n0000000000 65535 f \n" % size
    return (
        body + head + table + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, len(body))
    )


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))
