"""``python -m benchmarks [--only NAME ...] [--quick] [--out FILE]``: print, and keep, what was measured."""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks import (
    contention,
    footprint,
    ingesting,
    parts,
    pipeline,
    searching,
    side_by_side,
    small_scopes,
    writing,
)
from benchmarks.measure import calibration, machine
from benchmarks.report import Report
from benchmarks.settings import Settings

FAMILIES = {
    "add": writing.single_adds,
    "bulk": writing.bulk_adds,
    "search": searching.searches,
    "pipeline": pipeline.pipeline,
    "documents": ingesting.ingesting,
    "scopes": small_scopes.file_sizes,
    "footprint": footprint.footprint,
    "contention": contention.contention,
    "mem0": side_by_side.against_mem0,
    "parts": parts.parts,
}
"""In the order in which they run."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the families named, or all of them."""
    given = _parse(arguments)
    with tempfile.TemporaryDirectory() as made:
        folder = given.store_cache or Path(made)
        folder.mkdir(parents=True, exist_ok=True)
        settings = Settings(folder=folder, quick=given.quick, scale=given.scale, recall=tuple(given.recall))
        report = Report.begun(machine=machine(), calibration=calibration())
        report.heading()
        for name in given.only or FAMILIES:
            for found in FAMILIES[name](settings):
                report.add(found)
        report.end(machine=machine(), calibration=calibration())
    if given.out:
        given.out.parent.mkdir(parents=True, exist_ok=True)
        given.out.write_text(
            json.dumps(report.content(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
        )
    return 1 if report.missed else 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--only", action="append", choices=list(FAMILIES), help="just this family (repeatable)"
    )
    parser.add_argument("--quick", action="store_true", help="leave the stores of a million items out")
    parser.add_argument("--out", type=Path, help="keep the figures in this JSON file")
    parser.add_argument(
        "--store-cache", type=Path, help="keep the stores, and mem0's environment, for the next run"
    )
    parser.add_argument(
        "--scale", type=float, default=1.0, help="multiply all sizes, to try the benchmarks out"
    )
    parser.add_argument(
        "--recall", action="append", default=[], type=Path, help="evaluation data for recall.py"
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main())
