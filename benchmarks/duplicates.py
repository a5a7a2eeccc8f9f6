"""Pairs of statements that say the same, and that do not: what consolidation would merge, and what vectors would.

Run: ``python -m benchmarks.duplicates``. The pairs are in ``duplicates.tsv``: whether both say the same, the predicate of both
("" for a fact that relates nothing), and the two objects or texts.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple

from polymem.models.embedders.static.embedder import StaticEmbedder
from polymem.testing.clock import NOON
from polymem.write.duplicates import Statement, same

PAIRS: Final = Path(__file__).with_suffix(".tsv")


class Pair(NamedTuple):
    """Two statements, and whether they say the same."""

    same: bool
    predicate: str
    one: str
    other: str

    @property
    def statements(self) -> tuple[Statement, Statement]:
        """Both, as consolidation sees them."""
        subject = 1 if self.predicate else None
        one, other = (
            Statement(text, "fact", NOON, subject, self.predicate, text) for text in (self.one, self.other)
        )
        return one, other


def pairs() -> list[Pair]:
    """Return the pairs."""
    rows = [line.split("\t") for line in PAIRS.read_text(encoding="utf-8").splitlines()[1:]]
    return [Pair(said == "1", predicate, one, other) for said, predicate, one, other in rows]


class Score(NamedTuple):
    """How well pairs are told apart."""

    n_right: int
    n_wrong: int
    n_missed: int

    @property
    def precision(self) -> float:
        """Share of the merged that say the same."""
        return self.n_right / max(1, self.n_right + self.n_wrong)

    @property
    def recall(self) -> float:
        """Share of those that say the same that are merged."""
        return self.n_right / max(1, self.n_right + self.n_missed)


def score(chosen: list[bool], given: list[Pair]) -> Score:
    """Compare a decision with the truth."""
    both = list(zip(chosen, given, strict=True))
    return Score(
        sum(merged and pair.same for merged, pair in both),
        sum(merged and not pair.same for merged, pair in both),
        sum(not merged and pair.same for merged, pair in both),
    )


def main() -> None:
    """Print precision and recall, and every pair that was decided wrongly."""
    given = pairs()
    chosen = [same(*pair.statements) for pair in given]
    found = score(chosen, given)
    print(f"{len(given)} pairs, {sum(pair.same for pair in given)} say the same")
    print(f"normal forms: precision {found.precision:.3f}, recall {found.recall:.3f}")
    encoder = StaticEmbedder()
    rows = encoder.encode([text for pair in given for text in (pair.one, pair.other)])
    cosines = [float(rows[2 * n] @ rows[2 * n + 1]) for n in range(len(given))]
    for least in (0.8, 0.9, 0.95):
        alike = score([cosine >= least for cosine in cosines], given)
        print(f"vectors, cosine {least}: precision {alike.precision:.3f}, recall {alike.recall:.3f}")
    for merged, pair in zip(chosen, given, strict=True):
        if merged != pair.same:
            print("merged" if merged else "missed", pair.predicate, "|", pair.one, "|", pair.other)


if __name__ == "__main__":
    main()
