"""``python -m benchmarks.ragas_check --python PYTHON``: our judge of answers from documents beside the package ragas.

PYTHON is that of an environment of ``requirements/ragas.lock``; ragas is never imported here. Both are told the same verdicts on
the same cases, each in the form that its own prompts ask for, and have the same embedder; what is left to differ is
what they make of verdicts. With ``--config FILE`` both ask the language model of these settings instead (one with an
OpenAI-compatible interface), which compares the prompts.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import os
import subprocess
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeAlias
from unicodedata import east_asian_width

import numpy as np

from benchmarks.ragas_cases import Case, cases
from polymem.client.build import embedder_of, model_of
from polymem.evals.rag_judge import FIGURES, JUDGE_TOKENS, Judged, judge
from polymem.evals.retrieval import vectors_of
from polymem.ports.embedder import Embedder, Purpose
from polymem.ports.faces import F32
from polymem.ports.llm import LanguageModel
from polymem.testing.models import Asked, ScriptedModel

ROOT: Final = Path(__file__).resolve().parent.parent
SIDES: Final = ("metrics", "collections")
ENOUGH: Final = 1e-6
SHORT_DIM: Final = 6
DIGITS: Final = 4
Figures: TypeAlias = Mapping[str, float | str]
NO_WORDS: Final = "?!"
"""The only question of the cases without a word, which our encoder has no vector for."""


class Short:
    """The first numbers of another embedder's vectors, so few that they can be written down.

    Args:
        embedder: The other one.
    """

    name, dim, in_process = "short", SHORT_DIM, True

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def encode(self, texts: Sequence[str]) -> F32:
        """Return float32[n, 6] of unit rows, and the zero row for a text without words."""
        rows = np.round(vectors_of(self._embedder, texts, purpose="query")[:, :SHORT_DIM], DIGITS)
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        return np.asarray(rows / np.where(lengths > 0, lengths, 1), dtype=np.float32)

    async def embed(self, texts: Sequence[str], *, purpose: Purpose) -> F32:
        """Embed; queries and passages alike."""
        del purpose
        return self.encode(texts)


def script(case: Case) -> ScriptedModel:
    """Return a model that answers our prompts from the verdicts of a case."""

    def told(asked: Asked) -> dict[str, Any]:
        if asked.schema["title"] == "questions":
            # One answer stands for the three that ragas asks for; those call the answer evasive where all of them do.
            evasive = bool(case.made) and all(noncommittal for _, noncommittal in case.made)
            return {"questions": [question for question, _ in case.made], "evasive": evasive}
        if asked.schema["title"] == "verdicts":
            numbered = enumerate(case.contexts, start=1)
            return {"verdicts": [{"passage": n, "verdict": verdict} for n, (_, verdict) in numbered]}
        said = case.sentences if "Reference answer: " in asked.prompt else case.statements
        return {"statements": [{"statement": text, "verdict": verdict} for text, verdict in said]}

    return ScriptedModel(told)


async def ours(case: Case, embedder: Embedder, model: LanguageModel) -> Judged:
    """Let our judge measure one case."""
    return await judge(
        model,
        embedder,
        question=case.question,
        answer=case.answer,
        reference=case.reference,
        texts=[text for text, _ in case.contexts],
    )


def by_name(judged: Judged) -> dict[str, float | str]:
    """Return the figures by their names."""
    values = (judged.faithfulness, judged.relevance, judged.precision, judged.recall)
    return dict(zip(FIGURES, values, strict=True))


def theirs(
    python: Path, asked: Sequence[Case], embedder: Embedder, model: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Return the version of ragas, and its figures of each case by implementation.

    Args:
        python: Of ragas's environment.
        asked: The cases.
        embedder: Gives the vectors.
        model: A model at a server instead of the verdicts: "model", "base_url", "api_key" and "max_tokens".
    """
    own = {"RAGAS_DO_NOT_TRACK": "true", "OPENAI_API_KEY": "unused", "PYTHONWARNINGS": "ignore"}
    process = subprocess.Popen(
        [str(python), "-m", "benchmarks.ragas_driver"],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | own,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps({"cases": [asdict(case) for case in asked], "model": model}) + "\n")
    process.stdin.flush()
    for line in process.stdout:
        told: dict[str, Any] = json.loads(line)
        if "embed" not in told:
            process.communicate()
            return told
        (vector,) = vectors_of(embedder, [told["embed"]], purpose="query")
        process.stdin.write(json.dumps(vector.tolist()) + "\n")
        process.stdin.flush()
    raise SystemExit("ragas's process ended without an answer; see above")


def reason(case: Case, figure: str, side: str) -> str:
    """Return why ragas and we say different things of a case, "" where we should not."""
    if figure == "answer relevance":
        if any(question == NO_WORDS for question, _ in case.made):
            return "a question without a vector: ragas divides by its length, 0; here it is like nothing"
        if not case.made and side == "collections":
            return "no questions: 0 in ragas.metrics.collections, not judged in ragas.metrics and here"
        return ""
    if not case.contexts and side == "collections":
        return "no contexts: refused by ragas.metrics.collections; here and in ragas.metrics nothing supports, helps or holds"
    return ""


def difference(one: float | str, other: float | str) -> float:
    """Return how far two figures lie apart; 0 if neither is a number, infinite if only one is."""
    numbers = [value for value in (one, other) if isinstance(value, float) and not math.isnan(value)]
    if len(numbers) == 2:
        return abs(numbers[0] - numbers[1])
    return math.inf if numbers else 0.0


def told(value: float | str) -> str:
    """Return a figure as the table has it."""
    return value if isinstance(value, str) else "-" if math.isnan(value) else f"{value:.3f}"


def _padded(text: str, width: int) -> str:
    """Return a text in so many columns, of which a Chinese character takes two."""
    return text + " " * (width - sum(1 + (east_asian_width(sign) in "WF") for sign in text))


def compare(asked: Sequence[Case], mine: Sequence[Figures], scores: Sequence[Mapping[str, Figures]]) -> int:
    """Print all figures side by side and what differs; return how many differences there is no reason for."""
    print(f"{'case':46}" + "".join(f"{figure:>30}" for figure in FIGURES))
    print(f"{'':46}" + f"{'ours':>10}{'metrics':>10}{'collect.':>10}" * len(FIGURES))
    greatest = dict.fromkeys(((figure, side) for figure in FIGURES for side in SIDES), 0.0)
    known: dict[str, list[str]] = {}
    unknown: list[str] = []
    for case, own, found in zip(asked, mine, scores, strict=True):
        cells = [
            value for figure in FIGURES for value in (own[figure], *(found[side][figure] for side in SIDES))
        ]
        print(_padded(case.name, 46) + "".join(f"{told(value)[:9]:>10}" for value in cells))
        for figure, side in greatest:
            apart = difference(own[figure], found[side][figure])
            why = reason(case, figure, side)
            if apart > ENOUGH and why:
                known.setdefault(why, []).append(f"{case.name} ({figure})")
            elif apart > ENOUGH:
                unknown.append(f"{case.name}: {figure}: {own[figure]} here, {found[side][figure]} in {side}")
            else:
                greatest[figure, side] = max(greatest[figure, side], apart)
    print(f"\n{len(asked)} cases; greatest difference where there is no reason for one:")
    for (figure, side), apart in greatest.items():
        print(f"  {figure:20}{side:14}{apart:.1e}")
    for why, places in known.items():
        print(f"differs: {why}\n  " + "\n  ".join(places))
    for line in unknown:
        print(f"DIFFERS: {line}")
    return len(unknown)


def record(
    file: Path, version: str, asked: Sequence[Case], scores: Sequence[Any], embedder: Embedder
) -> None:
    """Write cases, vectors and what ragas says of them."""
    found: list[dict[str, Any]] = []
    for case, score in zip(asked, scores, strict=True):
        texts = [case.question, *(question for question, _ in case.made)]
        vectors = vectors_of(embedder, texts, purpose="query")
        written = {side: {figure: _plain(value) for figure, value in score[side].items()} for side in SIDES}
        reasons = {
            side: {figure: why for figure in FIGURES if (why := reason(case, figure, side))} for side in SIDES
        }
        found.append(
            asdict(case)
            | {"vectors": [[round(float(x), 9) for x in row] for row in vectors]}
            | {"ragas": written, "differs": reasons}
        )
    head = {
        "about": "Made by `python -m benchmarks.ragas_check --record`; null is not a number.",
        "ragas": version,
        "date": datetime.now(UTC).date().isoformat(),
    }
    rows = ",\n".join(json.dumps(one, ensure_ascii=False) for one in found)
    file.write_text(f'{json.dumps(head)[:-1]}, "cases": [\n{rows}\n]}}\n', encoding="utf-8")


def _plain(value: float | str) -> float | str | None:
    return value if isinstance(value, str) else None if math.isnan(value) else round(value, 9)


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare; 1 if figures differ without a reason."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ragas_check", description=__doc__)
    parser.add_argument("--python", type=Path, required=True, help="the Python of ragas's environment")
    parser.add_argument("--record", type=Path, help="write what ragas says, for tests/evals")
    parser.add_argument("--config", type=Path, help="settings of a language model that both ask")
    parser.add_argument("--sample", type=int, default=0, help="the first cases alone")
    given = parser.parse_args(arguments)
    asked = cases()[: given.sample or None]
    full = embedder_of(None)
    embedder = Short(full) if given.record else full
    model = model_of(given.config) if given.config else None

    async def judged() -> list[Judged]:
        return [await ours(case, embedder, model or script(case)) for case in asked]

    mine = asyncio.run(judged())
    found = theirs(given.python, asked, embedder, _server(given.config) if given.config else None)
    print(f"ragas {found['ragas']}, {embedder.name}")
    n_unknown = compare(asked, [by_name(one) for one in mine], found["scores"])
    for case, one in zip(asked, mine, strict=True):
        if one.problems and model is not None:
            print(f"{case.name}: {dict(one.problems)}")
    if given.record:
        record(given.record, found["ragas"], asked, found["scores"], embedder)
    return int(n_unknown > 0 and model is None)


def _server(config: Path) -> dict[str, Any]:
    """Return where the model of a file of settings is, and how long its answers may be."""
    llm = tomllib.loads(config.read_text(encoding="utf-8"))["llm"]
    given = {"model": llm["model"], "base_url": llm["base_url"], "api_key": llm.get("api_key", "unused")}
    return given | {"max_tokens": llm.get("max_tokens", JUDGE_TOKENS)}


if __name__ == "__main__":
    raise SystemExit(main())
