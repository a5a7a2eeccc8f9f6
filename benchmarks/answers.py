"""``python -m benchmarks.answers FOLDER``: answers without a model, and how many questions are told to have none.

Of each set: the share of questions whose answer stands, word for word, in the first one, two or three sentences of the answer, and how
long two of them are. Then, for thresholds of confidence, what is told not to be there: of the questions that have an answer
("refused", a false "not found"), of those whose evidence is kept from the search, with all that resembles it ("removed"), and of those of
another set, or, of a chat, about the wrong person ("other"). Intervals are Wilson's, of 95 %.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks.confidence_cases import Alike
from polymem import Memory
from polymem.evals.cases import ADVERSARIAL, Corpus, Question
from polymem.evals.opening import open_set
from polymem.evals.store import OWNER, Store
from polymem.models.embedders.static import StaticEmbedder
from polymem.ranking.confidence import UNSURE
from polymem.text.normalise import fold

__all__ = ["holds", "share"]

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
THRESHOLDS: Final = (0.2, UNSURE, 0.4, 0.5)
EMBEDDER: Final = StaticEmbedder()
Z: Final = 1.96
_HAN: Final = re.compile("[\u3400-\u9fff]")


@dataclass(slots=True)
class Figures:
    """What was counted over a set: one value for each question."""

    within: list[list[bool]] = field(default_factory=lambda: [[] for _ in range(N_SENTENCES)])
    chars: list[int] = field(default_factory=list[int])
    sure: dict[str, list[float]] = field(
        default_factory=lambda: {kind: [] for kind in ("refused", "removed", "other")}
    )
    seconds: list[float] = field(default_factory=list[float])

    def told(self) -> dict[str, list[float]]:
        """Return all shares, by name: mean and interval."""
        found = {f"within {n}": share(flags) for n, flags in enumerate(self.within, start=1)}
        for threshold in THRESHOLDS:
            found |= {
                f"{kind} at {threshold}": share([value < threshold for value in values])
                for kind, values in self.sure.items()
            }
        return found | {"chars": [_mean(self.chars)], "ms": [1_000 * _mean(self.seconds)]}


def main() -> None:
    """Ask and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sets", nargs="+", default=[*OTHERS], choices=[*OTHERS])
    parser.add_argument("--most", type=int, default=MOST, help="questions of a conversation or file, at most")
    parser.add_argument("--json", type=Path, default=None)
    given = parser.parse_args()
    told: dict[str, dict[str, list[float]]] = {}
    print(f"{'':<15}{'n':>5}{'1 sentence':>20}{'2':>20}{'3':>20}  chars of 2  ms CPU")
    for name in given.sets:
        counted = measured(name, given.folder, given.most)
        told[name] = counted.told()
        cells = "".join(_cell(told[name][f"within {n}"]) for n in range(1, N_SENTENCES + 1))
        last = f"{told[name]['chars'][0]:>12.0f}{told[name]['ms'][0]:>8.1f}"
        print(f"{name:<15}{len(counted.chars):>5}{cells}{last}", flush=True)
    _print_thresholds(told)
    if given.json:
        given.json.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def _print_thresholds(told: Mapping[str, Mapping[str, Sequence[float]]]) -> None:
    kinds = ("refused", "removed", "other")
    print("\nTold not to be there, of a hundred: " + ", ".join(kinds))
    print(f"{'':<15}" + "".join(f"{threshold:>22}" for threshold in THRESHOLDS))
    rows = [*told.items(), ("mean", None)]
    for name, figures in rows:
        cells = [
            [
                figures[f"{kind} at {threshold}"][0]
                if figures
                else _mean([one[f"{kind} at {threshold}"][0] for one in told.values()])
                for kind in kinds
            ]
            for threshold in THRESHOLDS
        ]
        print(
            f"{name:<15}"
            + "".join("    " + "".join(f"{100 * value:6.1f}" for value in cell) for cell in cells)
        )


def _cell(told: Sequence[float]) -> str:
    mean, low, high = (100 * value for value in told)
    return f"{mean:>8.1f} ({low:4.1f}-{high:4.1f})"


def measured(name: str, folder: Path, most: int) -> Figures:
    """Return the figures of a set."""
    counted, chance = Figures(), random.Random(7)
    strange = next(iter(_corpora(folder, OTHERS[name]))).questions if OTHERS[name] else ()
    for corpus in _corpora(folder, name):
        own = [question for question in corpus.questions if _asked(name, question)]
        none = [*strange, *(question for question in corpus.questions if question.category == ADVERSARIAL)]
        alike = Alike(corpus)
        key = "passage_id" if corpus.documents else "turn_id"
        with TemporaryDirectory(prefix="polymem-answers-") as place:
            path = Path(place, "m.db")
            Store(corpus, path, EMBEDDER).fill({}, infer=False, step=lambda _: None)
            with Memory(path, embedder=EMBEDDER) as memory:
                for question in chance.sample(own, min(most, len(own))):
                    _ask(memory, question, counted)
                    gone = sorted({row for evidence in question.evidence for row in alike.to(evidence)})
                    hits = memory.search(question.text, user_id=OWNER, limit=12, filters={key: {"nin": gone}})
                    counted.sure["removed"].append(hits.confidence)
                for question in chance.sample(none, min(most, len(none))):
                    hits = memory.search(question.text, user_id=OWNER, limit=12)
                    counted.sure["other"].append(hits.confidence)
    return counted


def _asked(name: str, question: Question) -> bool:
    """Tell whether the answer of a question may stand in the text as it is."""
    chosen = question.category == "single-hop" if name == "locomo" else True
    plain = question.answer.strip().lower() not in {"yes", "no"}
    return (
        bool(question.evidence and question.answer) and plain and chosen and question.category != ADVERSARIAL
    )


def _corpora(folder: Path, name: str) -> Iterator[Corpus]:
    return open_set(folder / f"{name}.dev.json.gz").corpora()


def _ask(memory: Memory, question: Question, counted: Figures) -> None:
    began = time.process_time()
    answer = memory.ask(
        question.text, user_id=OWNER, sentences=N_SENTENCES, min_confidence=0, use_model=False
    )
    counted.seconds.append(time.process_time() - began)
    counted.sure["refused"].append(answer.confidence)
    quotes = [citation.quote for citation in answer.citations]
    counted.chars.append(sum(map(len, quotes[:2])))
    for n, flags in enumerate(counted.within, start=1):
        flags.append(holds(question.answer, quotes[:n]))


def holds(answer: str, texts: Sequence[str]) -> bool:
    """Tell whether *texts* have an answer: of a JSON list each member, or of a list in it one. "35" does not stand in "1935"."""
    needed: list[str | list[str]] = json.loads(answer) if answer.startswith("[") else [answer]
    return all(
        any(_has(text, str(form)) for form in (each if isinstance(each, list) else [each]) for text in texts)
        for each in needed
    )


def _has(text: str, answer: str) -> bool:
    squeezed, wanted = _squeezed(text, answer), _squeezed(answer, answer)
    if not wanted:
        return False
    edges = [rf"(?<!{_like(wanted[0])})", rf"(?!{_like(wanted[-1])})"]
    return re.search(f"{edges[0]}{re.escape(wanted)}{edges[1]}", squeezed) is not None


def _like(sign: str) -> str:
    """Return the signs that make another word or number of one that begins or ends with *sign*."""
    return r"[\d.]" if sign.isdigit() else "[a-z]" if sign.isascii() and sign.isalpha() else r"[^\s\S]"


def _squeezed(text: str, answer: str) -> str:
    """Return a text without quotes, currency signs, commas in numbers and noughts after a point; of Chinese without blanks."""
    plain = re.sub(r"[\"'“”‘’$《》]", "", fold(text))
    plain = re.sub(r"(?<=\d),(?=\d{3})", "", plain)
    plain = re.sub(r"(\d)\.0+(?!\d)", r"\1", plain)
    blank = "" if _HAN.search(answer) or _HAN.search(text) else " "
    return blank.join(plain.split()).strip(" .。")


def share(flags: Sequence[bool]) -> list[float]:
    """Return mean and interval of 95 % (Wilson 1927); zeros of nothing."""
    n = len(flags)
    if not n:
        return [0.0, 0.0, 0.0]
    mean = sum(flags) / n
    middle = (mean + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z * sqrt(mean * (1 - mean) / n + Z * Z / (4 * n * n)) / (1 + Z * Z / n)
    return [mean, middle - half, middle + half]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / max(len(values), 1)


if __name__ == "__main__":
    main()
