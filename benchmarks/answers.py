"""``python -m benchmarks.answers FOLDER``: answers without a model, by what their cited sentences say.

Of each set: the share of questions whose answer stands, word for word, in the first one, two or three sentences cited; the share of
these questions that is refused ("not in the documents"); the share of questions caught that nothing answers: those of another
set, or, of a chat, those about the wrong person. Intervals are Wilson's, of 95 %.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import sqrt
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from polymem import Memory
from polymem.evals.cases import ADVERSARIAL, Corpus, Question
from polymem.evals.opening import open_set
from polymem.evals.store import OWNER, Store
from polymem.models.embedders.static import StaticEmbedder
from polymem.ranking.confidence import UNSURE
from polymem.text.normalise import fold

OTHERS: Final = {
    "xquad-en": "hotpot-100",
    "xquad-zh": "rgb-zh-refine",
    "hotpot-100": "xquad-en",
    "musique-100": "xquad-en",
    "rgb-zh-refine": "xquad-zh",
    "rgb-zh-int": "xquad-zh",
    "financebench": "hotpot-100",
    "locomo": "",
}
"""The sets, and whose questions nothing in them answers."""
MOST: Final = 200
N_SENTENCES: Final = 3
EMBEDDER: Final = StaticEmbedder()
Z: Final = 1.96


@dataclass(slots=True)
class Figures:
    """What was counted over a set: one flag for each question."""

    within: list[list[bool]] = field(default_factory=lambda: [[] for _ in range(N_SENTENCES)])
    refused: list[bool] = field(default_factory=list[bool])
    caught: list[bool] = field(default_factory=list[bool])
    seconds: list[float] = field(default_factory=list[float])


def main() -> None:
    """Ask and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sets", nargs="+", default=[*OTHERS], choices=[*OTHERS])
    parser.add_argument("--most", type=int, default=MOST, help="questions of a conversation or file, at most")
    parser.add_argument("--json", type=Path, default=None)
    given = parser.parse_args()
    print(f"{'':<15}{'n':>5}{'1 sentence':>20}{'2':>20}{'3':>20}{'refused':>20}{'caught':>20}  ms CPU")
    told: dict[str, dict[str, list[float]]] = {}
    for name in given.sets:
        counted = measured(name, given.folder, given.most)
        rows = {f"within {n}": flags for n, flags in enumerate(counted.within, start=1)}
        told[name] = {
            key: share(flags)
            for key, flags in {**rows, "refused": counted.refused, "caught": counted.caught}.items()
        }
        cells = "".join(
            f"{100 * mean:>8.1f} ({100 * low:4.1f}-{100 * high:4.1f})"
            for mean, low, high in told[name].values()
        )
        cost = 1_000 * sum(counted.seconds) / max(len(counted.seconds), 1)
        told[name]["ms"] = [cost]
        print(f"{name:<15}{len(counted.refused):>5}{cells}  {cost:.1f}", flush=True)
    if given.json:
        given.json.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def measured(name: str, folder: Path, most: int) -> Figures:
    """Return the figures of a set."""
    counted, chance = Figures(), random.Random(7)
    strange = next(iter(_corpora(folder, OTHERS[name]))).questions if OTHERS[name] else ()
    for corpus in _corpora(folder, name):
        own = [question for question in corpus.questions if _asked(name, question)]
        none = [*strange, *(question for question in corpus.questions if question.category == ADVERSARIAL)]
        with TemporaryDirectory(prefix="polymem-answers-") as place:
            path = Path(place, "m.db")
            Store(corpus, path, EMBEDDER).fill({}, infer=False, step=lambda _: None)
            with Memory(path, embedder=EMBEDDER) as memory:
                for question in chance.sample(own, min(most, len(own))):
                    _ask(memory, question, counted)
                for question in chance.sample(none, min(most, len(none))):
                    hits = memory.search(question.text, user_id=OWNER, limit=12)
                    counted.caught.append(hits.confidence < UNSURE)
    return counted


def _asked(name: str, question: Question) -> bool:
    """Tell whether the answer of a question may stand in the text as it is."""
    chosen = question.category == "single-hop" if name == "locomo" else True
    return bool(question.evidence and question.answer) and chosen and question.category != ADVERSARIAL


def _corpora(folder: Path, name: str) -> Iterator[Corpus]:
    return open_set(folder / f"{name}.dev.json.gz").corpora()


def _ask(memory: Memory, question: Question, counted: Figures) -> None:
    began = time.process_time()
    answer = memory.ask(
        question.text, user_id=OWNER, sentences=N_SENTENCES, min_confidence=0, use_model=False
    )
    counted.seconds.append(time.process_time() - began)
    counted.refused.append(answer.confidence < UNSURE)
    for n, flags in enumerate(counted.within, start=1):
        flags.append(holds(question.answer, " ".join(citation.quote for citation in answer.citations[:n])))


def holds(answer: str, text: str) -> bool:
    """Tell whether *text* has an answer; of a JSON list each member, or of a list in it one."""
    needed: list[str | list[str]] = json.loads(answer) if answer.startswith("[") else [answer]
    squeezed = _squeezed(text)
    return all(
        any(_squeezed(str(form)) in squeezed for form in (each if isinstance(each, list) else [each]))
        for each in needed
    )


def _squeezed(text: str) -> str:
    return "".join(sign for sign in fold(text) if not sign.isspace() and sign not in "\"'“”$,")


def share(flags: Sequence[bool]) -> list[float]:
    """Return mean and interval of 95 % (Wilson 1927); zeros of nothing."""
    n = len(flags)
    if not n:
        return [0.0, 0.0, 0.0]
    mean = sum(flags) / n
    middle = (mean + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z * sqrt(mean * (1 - mean) / n + Z * Z / (4 * n * n)) / (1 + Z * Z / n)
    return [mean, middle - half, middle + half]


if __name__ == "__main__":
    main()
