"""CPU and wall time, memory, and how fast the machine is just now."""

from __future__ import annotations

import os
import platform
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import numpy as np

P = ParamSpec("P")
R = TypeVar("R")
STATUS = Path("/proc/self/status")


@dataclass(slots=True)
class Times:
    """CPU and wall milliseconds of calls, in order. CPU time is that of all threads of the process."""

    cpu: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)

    def call(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call *work*, note what it took, and return its result."""
        cpu, wall = time.process_time_ns(), time.perf_counter_ns()
        result = work(*args, **kwargs)
        self.wall.append((time.perf_counter_ns() - wall) / 1e6)
        self.cpu.append((time.process_time_ns() - cpu) / 1e6)
        return result


def timed(calls: Iterable[Callable[[], Any]]) -> Times:
    """Return the times of all *calls*."""
    times = Times()
    for work in calls:
        times.call(work)
    return times


def p50(values: list[float]) -> float:
    """Return the median."""
    return statistics.median(values)


def quantile(values: list[float], share: float) -> float:
    """Return the value that *share* of the values do not pass."""
    return float(np.quantile(values, share, method="higher"))


def rss_mb(name: str = "VmRSS") -> float:
    """Return a memory figure of this process in MiB; NaN where the system has no /proc."""
    if not STATUS.exists():
        return float("nan")
    for line in STATUS.read_text(encoding="ascii").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    return float("nan")


def calibration() -> dict[str, float]:
    """Return CPU milliseconds of fixed work, so that runs on different machines, or under load, can be compared.

    ``python_ms``: 200,000 rounds of a loop. ``sort_ms``: numpy sorts 500,000 floats. ``memory_ms``: numpy sums 256 MB.
    """
    values = np.random.default_rng(1).random(500_000, np.float32)
    wide = np.ones(64 << 20, np.float32)

    def loop() -> int:
        total = 0
        for n in range(200_000):
            total += n & 7
        return total

    jobs: dict[str, Callable[[], object]] = {
        "python_ms": loop,
        "sort_ms": lambda: np.sort(values),
        "memory_ms": wide.sum,
    }
    return {name: round(p50(timed([job] * 9).cpu), 2) for name, job in jobs.items()}


def machine() -> dict[str, Any]:
    """Return what the figures were measured on; nothing that names the machine."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = [
            line for line in cpuinfo.read_text(encoding="utf-8").splitlines() if line.startswith("model name")
        ]
        model = lines[0].partition(":")[2].strip() if lines else model
    return {
        "cpu": model,
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
        "system": platform.system(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "sqlite": sqlite3.sqlite_version,
    }
