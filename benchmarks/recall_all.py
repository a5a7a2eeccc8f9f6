"""``python -m benchmarks.recall_all FOLDER --out DIR``: retrieval on every set of evaluation data, then the pages about it.

FOLDER holds the files that ``benchmarks/recall_sets.py`` names; those that are not there are left out. Each run becomes a
file of figures in DIR, and one that is there already is not run again unless ``--anew`` is said, so that an interrupted
run goes on. The pages are written at the end, see ``benchmarks/recall_page.py``.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks import recall_page
from benchmarks.recall_sets import RUNS, Measured
from polymem.evals.opening import open_set
from polymem.evals.report import content
from polymem.evals.retrieval import Options, ask_set

SEED = 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is asked for, and write the pages."""
    given = _parse(arguments)
    given.out.mkdir(parents=True, exist_ok=True)
    for measured in RUNS:
        if given.only and measured.name not in given.only:
            continue
        run(measured, given)
    recall_page.main([str(given.out), "--docs", str(given.docs)] if given.docs else [str(given.out)])
    return 0


def run(measured: Measured, given: argparse.Namespace) -> None:
    """Measure one set, unless its data are missing or its figures are there."""
    out = given.out / f"{measured.name}.json"
    files = [given.folder / name for name in measured.files]
    missing = [file.name for file in files if not file.exists()]
    if missing or (out.exists() and not given.anew):
        print(f"{measured.name}: {'no ' + ', '.join(missing) if missing else 'there already'}", flush=True)
        return
    options = Options(ablate=measured.ablate and not given.quick, sample=given.sample)
    begun = time.perf_counter()
    found = ask_set(open_set(files[0], over=files[1:]), options)
    report = content([found], options, seed=SEED)
    out.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    ours = report["sets"][0]["systems"].get("polymem", {}).get("recall", {}).get("all", {})
    figures = ", ".join(f"{name} {ours[name]['mean']:.1f}" for name in ("R@10", "R@20", "all@10") if ours)
    print(f"{measured.name}: {figures}; {time.perf_counter() - begun:.0f} s", flush=True)


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recall_all", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the evaluation data are")
    parser.add_argument("--out", type=Path, required=True, help="where the figures go")
    parser.add_argument("--docs", type=Path, help="the folder of the pages, instead of docs/")
    parser.add_argument("--only", action="append", help="just this set (repeatable)")
    parser.add_argument("--anew", action="store_true", help="run what has figures already, too")
    parser.add_argument("--quick", action="store_true", help="without the ablations")
    parser.add_argument("--sample", type=int, default=0, help="the first N conversations alone")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main())
