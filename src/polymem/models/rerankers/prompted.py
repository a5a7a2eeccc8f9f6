"""Reranking by a language model: one request for all texts, numbers for names, the answer checked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from polymem.domain.slotted import dataclass
from polymem.errors import InputError, InvalidOutputError
from polymem.ports.llm import JsonSchema, LanguageModel
from polymem.ports.reranker import checked_scores
from polymem.text.language import language
from polymem.text.normalise import clean
from polymem.text.quoted import quoted

__all__ = ["VERSION", "PromptedReranker"]

Language: TypeAlias = Literal["en", "zh"]

VERSION: Final = "rerank-1"
MAX_TEXTS: Final = 100
"""Most texts in one request."""
MAX_QUERY_CHARS: Final = 2_000
ODDS: Final = (-3.0, -1.0, 1.0, 3.0)
"""Log odds of the grades 0 to 3."""
_TOKENS_A_GRADE: Final = 16
_FILES: Final = Path(__file__).with_name("prompts")


@cache
def _file(code: Language) -> str:
    return (_FILES / f"rerank-1.{code}.txt").read_text(encoding="utf-8").strip()


def _form(n: int) -> JsonSchema:
    """Return the form of an answer about *n* texts. What may be wrong and still be read is left open."""
    grade = {
        "type": "object",
        "properties": {
            "n": {"type": "integer"},
            "grade": {"type": "integer", "minimum": 0, "maximum": len(ODDS) - 1},
        },
        "required": ["n", "grade"],
    }
    return {
        "title": "grades",
        "type": "object",
        "properties": {"grades": {"type": "array", "items": grade, "maxItems": 2 * n}},
        "required": ["grades"],
    }


@dataclass(frozen=True, slots=True)
class PromptedReranker:
    """Implements :class:`polymem.ports.reranker.Reranker`.

    A text that the model does not name has the grade 0; of one that it names twice the lower grade counts; a number that no text has is
    passed over. An answer that names texts, but none that there is, is an error.

    Attributes:
        llm: The model.
        max_chars: So much of one text is shown.
    """

    llm: LanguageModel
    max_chars: int = 1_000

    @property
    def name(self) -> str:
        """Model, version and hash of the prompts."""
        content = json.dumps([_file("en"), _file("zh"), self.max_chars], ensure_ascii=False)
        return f"{self.llm.name}/{VERSION}/{hashlib.sha256(content.encode()).hexdigest()[:8]}"

    async def score(self, query: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """Score with one request for every ``MAX_TEXTS`` texts; see :meth:`polymem.ports.reranker.Reranker.score`.

        Raises:
            InputError: `texts` is one string.
            InvalidOutputError: The answer is not of the form, or is about other texts.
            ModelError: The model did not answer.
        """
        if isinstance(texts, str):
            raise InputError("texts must be a sequence of strings, not one string", argument="texts")
        grades: list[int] = []
        for begin in range(0, len(texts), MAX_TEXTS):
            grades += await self._grades(query, texts[begin : begin + MAX_TEXTS])
        return checked_scores([ODDS[grade] for grade in grades], n=len(texts), reranker=self.name)

    async def _grades(self, query: str, texts: Sequence[str]) -> list[int]:
        code: Language = "zh" if language(query) in {"zh", "mixed"} else "en"
        reply = await self.llm.generate(
            "\n".join(self._lines(query, texts)),
            system=_file(code),
            schema=_form(len(texts)),
            max_tokens=64 + _TOKENS_A_GRADE * len(texts),
        )
        return self._read(reply.value, n=len(texts))

    def _lines(self, query: str, texts: Sequence[str]) -> Iterator[str]:
        """Yield the question and the texts as lines of JSON that nothing in them can end."""
        yield f'{{"question": {quoted(clean(query)[:MAX_QUERY_CHARS])}}}'
        for n, text in enumerate(texts, start=1):
            yield f'{{"n": {n}, "text": {quoted(clean(text)[: self.max_chars])}}}'

    def _read(self, answer: Mapping[str, Any], *, n: int) -> list[int]:
        try:
            named = [(entry["n"], entry["grade"]) for entry in answer["grades"]]
        except (KeyError, TypeError):
            named = None
        if named is None or not all(type(grade) is int and 0 <= grade < len(ODDS) for _, grade in named):
            raise InvalidOutputError(f"{self.name!r} did not answer in grades", reranker=self.name)
        known = [(place, grade) for place, grade in named if type(place) is int and 1 <= place <= n]
        if named and not known:
            raise InvalidOutputError(f"{self.name!r} graded none of the texts", reranker=self.name)
        grades: dict[int, int] = {}
        for place, grade in known:
            grades[place] = min(grade, grades.get(place, grade))
        return [grades.get(place, 0) for place in range(1, n + 1)]
