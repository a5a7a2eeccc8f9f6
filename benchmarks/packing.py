"""How much of the evidence stands in what ``context()`` packs: ``python -m benchmarks.packing FILE [--budget N ...]``.

The share of an evidence's text that is in the block is counted in runs of five words or, in Chinese, characters, so that a
long passage that was cut counts for what is left of it.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from polymem.evals.cases import ADVERSARIAL, Corpus
from polymem.evals.opening import open_set
from polymem.evals.store import stored
from polymem.ranking.budget import estimate_tokens

RUN = 5
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_WORD = re.compile("[\u3400-\u9fff]|[^\\W_]+")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the share for each budget, with the tokens and the milliseconds that a block takes."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.packing", description=__doc__)
    parser.add_argument("file", type=Path, help="evaluation data in any form that polymem eval reads")
    parser.add_argument("--budget", type=int, nargs="+", default=[1_000, 2_000])
    parser.add_argument("--first", type=int, help="only so many conversations")
    given = parser.parse_args(arguments)
    found: dict[int, list[tuple[float, int, float]]] = {budget: [] for budget in given.budget}
    for n, corpus in enumerate(open_set(given.file).corpora()):
        if given.first is None or n < given.first:
            for budget, measured in _measure(corpus, given.budget).items():
                found[budget] += measured
    for budget, measured in found.items():
        share, tokens, ms = (sum(column) / len(measured) for column in zip(*measured, strict=True))
        print(
            f"budget {budget}: evidence {100 * share:.1f} % of {len(measured)} questions, {tokens:.0f} tokens, {ms:.1f} ms"
        )
    return 0


def _measure(corpus: Corpus, budgets: Iterable[int]) -> dict[int, list[tuple[float, int, float]]]:
    """Return share, tokens and milliseconds of each question by budget."""
    texts = {row.id: row.text for row in corpus.rows}
    found: dict[int, list[tuple[float, int, float]]] = {budget: [] for budget in budgets}
    with stored(corpus, None) as store:
        store.fill({}, infer=True, step=lambda _: None)
        with store.packed({}) as pack:
            for question in store.in_order(corpus.questions):
                evidence = [texts[name] for name in question.evidence if texts[name].strip()]
                if not evidence or question.category == ADVERSARIAL:
                    continue
                for budget, measured in found.items():
                    begun = time.process_time()
                    block = pack(question, budget)
                    ms = 1_000 * (time.process_time() - begun)
                    share = sum(share_in(block, text) for text in evidence) / len(evidence)
                    measured.append((share, estimate_tokens(block), ms))
    return found


def share_in(block: str, text: str) -> float:
    """Return the share 0..1 of the runs of *text* that stand within one quotation of *block*."""
    there = {run for quotation in _QUOTED.findall(block) for run in _runs(json.loads(quotation))}
    wanted = _runs(text)
    return sum(run in there for run in wanted) / len(wanted) if wanted else 0.0


def _runs(text: str) -> set[tuple[str, ...]]:
    words = _WORD.findall(text.lower())
    size = min(RUN, len(words))
    return {tuple(words[n : n + size]) for n in range(len(words) - size + 1)} if words else set()


if __name__ == "__main__":
    raise SystemExit(main())
