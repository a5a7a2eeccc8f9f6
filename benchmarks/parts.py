"""Row 8: what the parts cost by themselves; the scripts beside this one tell more."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import cold_load
from benchmarks import text as texts
from benchmarks.corpus import Corpus
from benchmarks.measure import Times, p50
from benchmarks.report import Figure
from benchmarks.settings import Settings
from polymem.models.embedders.static import StaticEmbedder
from polymem.text.statements import find_statements
from polymem.text.tokenise import terms

ROOT = Path(__file__).resolve().parent.parent
NOW = datetime(2024, 5, 10, tzinfo=UTC)


def parts(settings: Settings) -> Iterator[Figure]:
    """Measure encoder, text rules, cold load and, where there is data, recall."""
    encoder = StaticEmbedder()
    encoder.load()
    n = settings.n(2_000)
    sample = Corpus(8).texts(n)
    encoder.encode(sample)
    times = Times()
    for _ in range(settings.repeats(5)):
        times.call(lambda: encoder.encode(sample))
    yield Figure("encoder.batch", n / p50(times.cpu) * 1e3, "more: python benchmarks/encoder.py")
    sentences = [sentence for group in texts.SAMPLES.values() for sentence in group]
    yield Figure(
        "text.terms", texts.best(terms, sentences), "English and Chinese; more: python benchmarks/text.py"
    )
    yield Figure("text.statements", texts.best(lambda text: find_statements(text, now=NOW), sentences))
    if settings.scale >= 1:
        with TemporaryDirectory(dir=settings.folder) as made:
            yield Figure(
                "view.cold", cold_load.cold_ms(100_000, Path(made)), "more: python -m benchmarks.cold_load"
            )
    for path in settings.recall:
        yield _recall(path, settings.folder / "recall.json")


def _recall(path: Path, out: Path) -> Figure:
    subprocess.run(
        [sys.executable, "-m", "benchmarks.recall", str(path), "--json", str(out)],
        cwd=ROOT,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    (found,) = json.loads(out.read_text(encoding="utf-8"))["sets"]
    ours, plain = (found["systems"][name]["recall"]["all"]["R@10"] for name in ("polymem", "bm25"))
    note = f"{path.name}, interval of 95 % {ours['low']:.1f} to {ours['high']:.1f}; plain BM25 {plain['mean']:.1f}"
    return Figure("recall.r10", ours["mean"], note)
