"""What it costs to have a partition in memory: cold load, warm get, refresh after one row, term lookup, packing.

Run it with the numbers of rows wanted, ``python -m benchmarks.cold_load 1000 20000 100000``; CPU time in one thread,
synthetic rows of 15 Zipf-distributed terms (half of them Chinese) and 256 dimensions.
"""

from __future__ import annotations

import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np

from polymem.engines.sqlite.cache import ViewCache
from polymem.engines.sqlite.codec import pack_scan, pack_terms
from polymem.engines.sqlite.connection import connect, prepare
from polymem.engines.sqlite.faces import SqliteVectorFace
from polymem.engines.sqlite.schema import POSITION_BITS
from polymem.engines.sqlite.segments import pack_full_segments
from polymem.ports.faces import EMBEDDED, FOREVER, INDEXED

DIM: Final = 256
N_TERMS: Final = 15
VOCABULARY: Final = 60_000
RUN_ROWS: Final = 20


def cpu(job: Callable[[], object], *, times: int = 1) -> float:
    """Return the CPU seconds that one call takes, the best of three rounds."""
    best = float("inf")
    for _ in range(3 if times > 1 else 1):
        start = time.process_time()
        for _ in range(times):
            job()
        best = min(best, (time.process_time() - start) / times)
    return best


def words(rng: np.random.Generator, n: int) -> list[list[str]]:
    """Return the terms of n rows."""
    numbers = np.minimum(rng.zipf(1.25, (n, N_TERMS)), VOCABULARY).tolist()
    return [[f"w{number}" if number % 2 else f"词{number}" for number in row] for row in numbers]


def append(connection: sqlite3.Connection, rng: np.random.Generator, *, first: int, n: int) -> None:
    """Insert n rows of partition 1 and log the change."""
    vectors = rng.standard_normal((n, DIM)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    halves = vectors.astype("<f2")
    rids = range((1 << POSITION_BITS) + first, (1 << POSITION_BITS) + first + n)
    scans = [
        pack_scan(0, INDEXED | EMBEDDED, N_TERMS, 0.5, 0, -1, p // RUN_ROWS, p, FOREVER, p, FOREVER, FOREVER)
        for p in range(first, first + n)
    ]
    lists = [pack_terms(terms)[0] for terms in words(rng, n)]
    connection.executemany("INSERT INTO scan VALUES (?, ?)", zip(rids, scans, strict=True))
    connection.executemany("INSERT INTO terms VALUES (?, ?)", zip(rids, lists, strict=True))
    connection.executemany(
        "INSERT INTO vector VALUES (?, ?)", zip(rids, [h.tobytes() for h in halves], strict=True)
    )
    connection.execute(
        "INSERT INTO change SELECT no, version + 1, ?, ? FROM partition WHERE no = 1", (first, first + n - 1)
    )
    connection.execute(
        "UPDATE partition SET version = version + 1, next_position = ?, n_indexed = ?, n_terms = ? WHERE no = 1",
        (first + n, first + n, (first + n) * N_TERMS),
    )


def fill(connection: sqlite3.Connection, rng: np.random.Generator, n: int) -> float:
    """Write a partition of n rows and return the CPU seconds that packing took."""
    connection.execute("INSERT INTO partition (no, tenant, kind, owner) VALUES (1, 't', 'user', 'u')")
    packing, packed = 0.0, 0
    for first in range(0, n, 5_000):
        connection.execute("BEGIN IMMEDIATE")
        stop = min(first + 5_000, n)
        append(connection, rng, first=first, n=stop - first)
        start = time.process_time()
        packed = pack_full_segments(connection, 1, next_position=stop, n_packed=packed, dim=DIM)
        packing += time.process_time() - start
        connection.execute("COMMIT")
    return packing


def cold_ms(n: int, folder: Path) -> float:
    """Return the CPU milliseconds that the cold load of a partition of n rows takes."""
    path = folder / f"{n}.db"
    prepare(path)
    connection = connect(path)
    fill(connection, np.random.default_rng(n), n)
    connection.execute("BEGIN")
    found = min(cpu(lambda: ViewCache().get(connection, 1)) for _ in range(3)) * 1e3
    connection.close()
    return found


def measure(n: int, folder: Path) -> None:
    """Print the figures of a partition of n rows."""
    rng = np.random.default_rng(n)
    path = folder / f"{n}.db"
    prepare(path)
    writer, reader = connect(path), connect(path)
    packing = fill(writer, rng, n)
    cache = ViewCache()
    reader.execute("BEGIN")
    cold = cpu(lambda: cache.get(reader, 1))
    view = cache.get(reader, 1)
    held = cache.nbytes
    warm = cpu(lambda: cache.get(reader, 1), times=2_000)

    refreshes: list[float] = []
    for extra in range(30):
        reader.execute("ROLLBACK")
        writer.execute("BEGIN IMMEDIATE")
        append(writer, rng, first=n + extra, n=1)
        writer.execute("COMMIT")
        # The transaction's own start, which empties SQLite's page cache after a write, is every reader's cost.
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM setting").fetchone()
        refreshes.append(cpu(lambda: cache.get(reader, 1)))
    view = cache.get(reader, 1)

    common, rare = "词2", "w20001"
    first_lookup = cpu(lambda: view.postings(reader, common))
    lookup = cpu(lambda: view.postings(reader, common), times=2_000)
    view.postings(reader, rare)
    neighbours = cpu(lambda: view.adjacent(reader))
    query = rng.standard_normal(DIM).astype(np.float32)
    scan = cpu(lambda: SqliteVectorFace(reader, view).scan(query), times=5)
    few = rng.integers(0, n, 500).astype(np.int32)
    exact = cpu(lambda: SqliteVectorFace(reader, view).exact(query, few), times=5)
    print(
        f"{n:>9,} rows: cold {cold * 1e3:7.1f} ms | get {warm * 1e6:5.1f} µs | refresh {np.median(refreshes) * 1e6:5.0f} µs | "
        f"term first {first_lookup * 1e6:6.0f} µs, then {lookup * 1e6:4.1f} µs | neighbours {neighbours * 1e3:6.2f} ms | "
        f"scan {scan * 1e3:6.2f} ms | exact(500) {exact * 1e3:5.2f} ms | pack {packing / n * 1e6:4.1f} µs/row | "
        f"{held / 2**20:6.1f} MB in memory, {path.stat().st_size / n:5.0f} B/row on disk",
        flush=True,
    )
    writer.close()
    reader.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        for count in [int(argument) for argument in sys.argv[1:]] or [1_000, 20_000, 100_000]:
            measure(count, Path(made))
