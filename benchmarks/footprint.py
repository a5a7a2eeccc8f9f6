"""Row 6: time to import, memory once open, size once installed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measure import p50
from benchmarks.report import Figure
from benchmarks.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements" / "demo.lock"
NOT_OURS = ("pip", "setuptools", "pkg_resources", "_distutils_hack", "distutils-precedence")
NUMPY = """
import time
begun = time.process_time()
import numpy
print(time.process_time() - begun)
"""
START = """
import sys, time
at = [time.process_time()]
from polymem import Memory
at.append(time.process_time())
with Memory(sys.argv[1]) as memory:
    at.append(time.process_time())
    memory.add("I moved to Lisbon in March and I love hiking.", user_id="u")
    at.append(time.process_time())
    assert memory.search("Where do I live?", user_id="u")
    at.append(time.process_time())
print(*(later - sooner for sooner, later in zip(at, at[1:])))
"""
OPEN = """
import sys
from polymem import Memory
from benchmarks.measure import rss_mb
with Memory(sys.argv[1]) as memory:
    memory.add("I moved to Lisbon in March and I love hiking. 我住在上海，喜欢爬山。", user_id="u")
    hits = memory.search("Where do I live? 我住在哪里？", user_id="u")
    assert hits
    print(rss_mb(), rss_mb("RssAnon"))
"""


def footprint(settings: Settings) -> Iterator[Figure]:
    """Measure fresh processes and fresh environments."""
    with TemporaryDirectory(dir=settings.folder) as made:
        yield from _start(settings, Path(made))
        whole, own = map(float, _run(settings, OPEN, str(Path(made) / "m.db")).split())
        yield Figure("open.rss", whole, f"{own:.0f} MB its own, the rest mapped files and shared libraries")
        if settings.scale >= 1:
            yield from _installed(Path(made))


def _start(settings: Settings, folder: Path) -> Iterator[Figure]:
    """Measure how long a program has to wait, in new processes by turns with ones that import numpy alone."""
    numpy: list[float] = []
    starts: list[list[float]] = []
    for n in range(1 + settings.repeats(15)):
        alone, start = _run(settings, NUMPY), _run(settings, START, str(folder / f"start-{n}.db"))
        if n:  # the first run wrote the byte code that an installed package has
            numpy.append(float(alone))
            starts.append([float(part) for part in start.split()])
    imported = [start[0] for start in starts]
    yield Figure(
        "import.cpu",
        p50(imported),
        f"median of {len(starts)} processes, least {min(imported):.3f}; numpy alone {p50(numpy):.3f}",
    )
    parts = dict(zip(("import", "open", "first add", "first search"), zip(*starts, strict=True), strict=True))
    yield Figure(
        "start.cpu",
        p50([sum(start) for start in starts]),
        ", ".join(f"{name} {p50(list(seconds)):.3f}" for name, seconds in parts.items()),
    )


def _run(settings: Settings, code: str, *arguments: str) -> str:
    """Run code in a fresh process whose byte code is kept, whatever this environment says."""
    environment = os.environ | {
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": str(settings.folder / "bytecode"),
    }
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    return done.stdout


def _installed(folder: Path) -> Iterator[Figure]:
    """Install a wheel of this tree into fresh environments, the packages in the versions of the lock."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-qq"]
    subprocess.run(
        [*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", str(folder), str(ROOT)], check=True
    )
    (wheel,) = folder.glob("polymem-*.whl")
    versions = folder / "versions.txt"
    pins = re.findall(r"(?m)^([A-Za-z0-9._-]+==[^\\\n]+)", LOCK.read_text(encoding="utf-8"))
    versions.write_text("\n".join(pins), encoding="utf-8")
    for extra in ("core", "cli"):
        place = folder / extra
        venv.create(place, with_pip=True)
        wanted = str(wheel) if extra == "core" else f"{wheel}[{extra}]"
        python = place / ("Scripts" if os.name == "nt" else "bin") / "python"
        subprocess.run([str(python), *pip[1:], "install", "-c", str(versions), wanted], check=True)
        (packages,) = (path for path in place.rglob("site-packages") if path.is_dir())
        parts = {
            path.name: _size_mb(path) for path in packages.iterdir() if not path.name.startswith(NOT_OURS)
        }
        largest = sorted(parts.items(), key=lambda part: -part[1])[:4]
        note = "wheel {:.1f} MB; {}".format(
            wheel.stat().st_size / 2**20, ", ".join(f"{name} {size:.0f}" for name, size in largest)
        )
        yield Figure(f"size.{extra}", sum(parts.values()), note)


def _size_mb(path: Path) -> float:
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return (
        sum(
            file.stat().st_blocks * 512 if hasattr(file.stat(), "st_blocks") else file.stat().st_size
            for file in files
        )
        / 2**20
    )
