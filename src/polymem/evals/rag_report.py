"""What was read in every mode, as figures with intervals, as JSON and as tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

import polymem
from polymem.client.build import embedder_of
from polymem.domain.derivation import NO_USAGE
from polymem.evals.bootstrap import bounds, mean_draws
from polymem.evals.rag import RAG_MEASURES, RagOptions, RagRun, Read
from polymem.evals.report import machine
from polymem.evals.tables import Table

__all__ = ["rag_content", "rag_markdown", "rag_notes", "rag_tables"]

F64: TypeAlias = NDArray[np.float64]
SHORT: Final = ("faithful", "relevant", "precision", "recall", "all")
"""The same, for a terminal."""
HYBRID: Final = "hybrid"
CONCAT: Final = "concat"


def rag_content(runs: Sequence[RagRun], options: RagOptions, *, judged: str, seed: int) -> dict[str, Any]:
    """Return everything that was measured, as JSON holds it; no words of a set are in it.

    Args:
        runs: The sets.
        options: How they were asked.
        judged: The model that judged, "" where evidence ids did.
        seed: Of the intervals.
    """
    return {
        "version": polymem.__version__,
        "date": datetime.now(UTC).date().isoformat(),
        "machine": machine(),
        "seed": seed,
        "settings": {
            "limit": options.limit,
            "budget_tokens": options.budget_tokens,
            "sentences": options.sentences,
            "sample": options.sample,
            "encoder": embedder_of(options.config or None).name,
            "judged": judged or "by evidence ids",
        },
        "sets": [_summary(run, seed=seed, judged=bool(judged)) for run in runs],
    }


def _summary(run: RagRun, *, seed: int, judged: bool) -> dict[str, Any]:
    modes = list(run.asked[0][1]) if run.asked else []
    reads = {mode: [read[mode] for _, read in run.asked] for mode in modes}
    values = {mode: _values(reads[mode]) for mode in modes}
    return {
        "name": run.name,
        "n_documents": run.n_documents,
        "n_chunks": run.n_chunks,
        "ingest_ms": round(run.ingest_ms, 3),
        "n_questions": len(run.asked),
        "modes": {
            mode: _cells(values[mode], seed=seed)
            | {
                "tokens": round(float(np.mean([read.tokens for read in reads[mode]])), 1),
                "hits": round(float(np.mean([len(read.contexts) for read in reads[mode]])), 2),
                "cpu_ms": round(float(np.median([read.cpu_ms for read in reads[mode]])), 3),
            }
            | (_by_model(reads[mode]) if judged else {})
            for mode in modes
        },
        "less_than_hybrid": {
            mode: _cells(values[mode] - values[HYBRID], seed=seed)
            for mode in modes
            if mode != HYBRID and HYBRID in modes
        },
    }


def _by_model(reads: Sequence[Read]) -> dict[str, Any]:
    """Return what models cost, and how often which figure could not be judged, and why."""
    why = Counter((name, problem) for read in reads for name, problem in read.problems.items())
    return {
        "answering": asdict(sum((read.answering for read in reads), NO_USAGE)),
        "judging": asdict(sum((read.judging for read in reads), NO_USAGE)),
        "not_judged": {
            name: {problem: n for (one, problem), n in sorted(why.items()) if one == name}
            for name in RAG_MEASURES
            if any(one == name for one, _ in why)
        },
    }


def _values(reads: Sequence[Read]) -> F64:
    return 100 * np.array([read.figures for read in reads], dtype=np.float64)


def _cells(values: F64, *, seed: int) -> dict[str, Any]:
    return {name: _cell(column, seed=seed) for name, column in zip(RAG_MEASURES, values.T, strict=True)}


def _cell(column: F64, *, seed: int) -> dict[str, float | None]:
    """Return the mean of what could be judged with its interval; nothing of nothing."""
    known = column[~np.isnan(column)]
    if not known.size:
        return {"mean": None, "low": None, "high": None}
    low, high = bounds(mean_draws(known[:, None], seed=seed))[:, 0]
    return {"mean": round(float(known.mean()), 2), "low": round(float(low), 2), "high": round(float(high), 2)}


def rag_tables(content: Mapping[str, Any], *, full: bool) -> list[Table]:
    """Return a table for each set: modes below each other.

    Args:
        content: What was measured.
        full: Whether every figure has its interval.
    """
    return [_table(found, full=full) for found in content["sets"] if found["modes"]]


def _table(found: Mapping[str, Any], *, full: bool) -> Table:
    def shown(cell: Mapping[str, float | None]) -> str:
        if cell["mean"] is None:
            return "–"
        mean = f"{cell['mean']:.1f}"
        return f"{mean} [{cell['low']:.1f}, {cell['high']:.1f}]" if full else mean

    rows = tuple(
        (
            mode,
            *(shown(cells[name]) for name in RAG_MEASURES),
            f"{cells['tokens']:.0f}",
            f"{cells['cpu_ms']:.1f}",
        )
        for mode, cells in found["modes"].items()
    )
    title = (
        f"{found['name']}: {found['n_questions']:,} questions, {found['n_documents']:,} documents, "
        f"{found['n_chunks']:,} chunks{_gain(found['modes'])}"
    )
    return Table(title, ("mode", *(RAG_MEASURES if full else SHORT), "tokens", "ms CPU"), rows)


def _gain(modes: Mapping[str, Any]) -> str:
    """Return by how much the precision of hybrid passes that of concat, relative."""
    if not {HYBRID, CONCAT} <= modes.keys():
        return ""
    ours, theirs = (modes[mode]["context precision"]["mean"] for mode in (HYBRID, CONCAT))
    if ours is None or not theirs:
        return ""
    return f"; precision of hybrid over concat {100 * (ours / theirs - 1):+.0f} %"


def rag_notes(found: Mapping[str, Any]) -> list[str]:
    """Return, for a set that a model judged, what it cost, and what could not be judged, in lines.

    Args:
        found: One of the sets in what was measured.
    """
    modes = {mode: cells for mode, cells in found["modes"].items() if "judging" in cells}
    costs = [_cost(mode, cells) for mode, cells in modes.items()]
    lost = [
        f"{mode}: {name} of {sum(why.values())} of {found['n_questions']} not judged, left out of its mean "
        f"({', '.join(f'{problem} {n}' for problem, n in why.items())})"
        for mode, cells in modes.items()
        for name, why in cells["not_judged"].items()
    ]
    return [*costs, *lost]


def _cost(mode: str, cells: Mapping[str, Any]) -> str:
    def told(name: str) -> str:
        spent = cells[name]
        about = "about " if spent["n_estimated"] else ""
        return (
            f"{name} {spent['calls']:,} calls, {about}{spent['prompt_tokens']:,} tokens read and "
            f"{spent['completion_tokens']:,} written"
        )

    return f"{mode}: {told('answering')}; {told('judging')}"


def rag_markdown(content: Mapping[str, Any]) -> str:
    """Return the tables as a Markdown document."""
    on, asked = content["machine"], content["settings"]
    lines = [
        "# Documents: vectors, graph, both",
        "",
        (
            f"Polymem {content['version']}, {content['date']}; {asked['judged']}; at most {asked['limit']} hits and "
            f"{asked['budget_tokens']:,} tokens; {asked['encoder']}; {on['cpu']}, {on['cores']} cores, Python {on['python']}. "
            "Percent, intervals of 95 % (bootstrap by question)."
        ),
    ]
    shown = [found for found in content["sets"] if found["modes"]]
    for found, made in zip(shown, rag_tables(content, full=True), strict=True):
        lines += ["", f"## {made.title}", "", f"| {' | '.join(made.header)} |"]
        lines += ["|---|" + "---:|" * (len(made.header) - 1)]
        lines += [f"| {' | '.join(row)} |" for row in made.rows]
        notes = rag_notes(found)
        lines += ["", *(f"- {note}" for note in notes)] if notes else []
    return "\n".join(lines) + "\n"
