"""Passages of documents to remember and questions about them, English and Chinese, made from a seed.

Every passage has a title of its own, which is a name, and mentions names that are titles of others, a person and a year, as
an encyclopaedia does; the words between are those of :mod:`.corpus`.

Run as a module, it measures documents: :mod:`.ingesting`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from benchmarks.corpus import NAMES_EN, NAMES_ZH, PLACES_EN, PLACES_ZH, Corpus

N_SENTENCES: Final = 5
QUESTIONS_EN: Final = (
    "Where was the {thing} of {name} in {year}?",
    "Who told {person} about {name} and the {thing}?",
    "which {thing} did {person} bring to {place}?",
)
QUESTIONS_ZH: Final = (
    "{name}的{thing}在哪里？",
    "{year}年{person}和{name}有什么{thing}？",
    "{person}为什么把{thing}带到{place}？",
)


@dataclass(slots=True)
class Documents:
    """A stream of passages, every other one Chinese; the same seed gives the same ones."""

    seed: int
    titles: tuple[list[str], list[str]] = field(init=False, default_factory=lambda: ([], []))
    _random: Random = field(init=False)
    _corpus: Corpus = field(init=False)

    def __post_init__(self) -> None:
        self._random = Random(self.seed)
        self._corpus = Corpus(self.seed)

    def passages(self, n: int) -> list[dict[str, Any]]:
        """Return n messages, each one passage with a title."""
        return [self._passage(chinese=bool(i % 2)) for i in range(n)]

    def questions(self, n: int) -> list[str]:
        """Return n questions about the passages made so far, every other one Chinese."""
        return [self._question(chinese=bool(i % 2)) for i in range(n)]

    def _passage(self, *, chinese: bool) -> dict[str, Any]:
        title = self._title(chinese=chinese)
        known = self.titles[chinese]
        known.append(title)
        sentences = [self._sentence(title, chinese=chinese)]
        sentences += [
            self._sentence(self._random.choice(known), chinese=chinese) for _ in range(N_SENTENCES - 1)
        ]
        text = ("" if chinese else " ").join(sentences)
        return {"role": "document", "content": text, "metadata": {"title": title}}

    def _title(self, *, chinese: bool) -> str:
        words = [self._corpus.thing(chinese=chinese) for _ in range(2)]
        return "".join(words) if chinese else " ".join(words).title()

    def _sentence(self, name: str, *, chinese: bool) -> str:
        before, after = (self._corpus.words(n, chinese=chinese) for n in (4, 8))
        person = self._random.choice(NAMES_ZH if chinese else NAMES_EN)
        year = self._random.randint(1900, 2020)
        if chinese:
            return f"{name}{''.join(before)}《{name}》，{year}年{person}{''.join(after)}。"
        return f"{name} {' '.join(before)} {person} {' '.join(after)} in {year}."

    def _question(self, *, chinese: bool) -> str:
        return self._random.choice(QUESTIONS_ZH if chinese else QUESTIONS_EN).format(
            name=self._random.choice(self.titles[chinese]),
            thing=self._corpus.thing(chinese=chinese),
            person=self._random.choice(NAMES_ZH if chinese else NAMES_EN),
            place=self._random.choice(PLACES_ZH if chinese else PLACES_EN),
            year=self._random.randint(1900, 2020),
        )


if __name__ == "__main__":
    import sys

    from benchmarks.__main__ import main

    raise SystemExit(main(["--only", "documents", *sys.argv[1:]]))
