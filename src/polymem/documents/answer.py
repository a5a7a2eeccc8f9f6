"""An answer with citations: put together from sentences, or from what a model wrote; and how a model is asked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from polymem.documents.citations import Alike, check
from polymem.documents.extract import Candidates, Sentence, best_sentences
from polymem.documents.marks import Renumbered, marks
from polymem.documents.passages import Passage, cited
from polymem.domain.derivation import NO_USAGE, Usage
from polymem.domain.document import Answer, Citation
from polymem.domain.json_schema import JsonSchema
from polymem.ranking.arrays import F32
from polymem.text.language import language
from polymem.text.normalise import clean
from polymem.text.quoted import quoted

__all__ = [
    "FORM",
    "NOT_FOUND",
    "extracted",
    "not_found",
    "prompt_digest",
    "prompt_for",
    "streaming_system",
    "system_for",
    "written",
]

Language: TypeAlias = Literal["en", "zh"]

NOT_FOUND: Final[Mapping[Language, str]] = {
    "en": "Nothing that is stored answers this.",
    "zh": "已存的内容里没有答案。",
}
"""What an answer says that was not found."""
SENTINEL: Final = "NOT_FOUND"
"""What a model writes first, and alone, when it is asked for plain words and finds no answer."""
FORM: Final[JsonSchema] = {
    "title": "answer",
    "type": "object",
    "properties": {"found": {"type": "boolean"}, "answer": {"type": "string"}},
    "required": ["found", "answer"],
    "additionalProperties": False,
}
"""The form of a model's answer: whether there is one, and its words with marks."""
_STREAMED: Final[Mapping[Language, str]] = {
    "en": f"Write the answer as plain text. If there is none, write {SENTINEL} and nothing else.",
    "zh": f"直接写出答案的文字。如果没有答案，只写 {SENTINEL}，不写别的。",
}
_FORMED: Final[Mapping[Language, str]] = {
    "en": 'Give "found": whether the passages hold the answer; "answer": the answer, or "" if they do not.',
    "zh": "给出 found：段落里是否有答案；answer：答案，没有则为空字符串。",
}
_FILES: Final = Path(__file__).with_name("prompts")


@cache
def _file(name: str) -> str:
    return (_FILES / name).read_text(encoding="utf-8").strip()


def language_of(question: str) -> Language:
    """Return the language in which a question is answered."""
    return "zh" if language(question) in {"zh", "mixed"} else "en"


def system_for(question: str) -> str:
    """Return what the model is to do; it never holds stored text."""
    code = language_of(question)
    return f"{_file(f'answer-1.{code}.txt')}\n- {_FORMED[code]}"


def streaming_system(question: str) -> str:
    """Return the same for an answer in plain words, see :data:`SENTINEL`."""
    code = language_of(question)
    return f"{_file(f'answer-1.{code}.txt')}\n- {_STREAMED[code]}"


def prompt_digest() -> str:
    """Return eight hex digits that change with the prompts."""
    content = json.dumps(
        [_file(f"answer-1.{code}.txt") for code in ("en", "zh")] + [FORM], ensure_ascii=False
    )
    return hashlib.sha256(content.encode()).hexdigest()[:8]


def prompt_for(question: str, passages: Sequence[Passage]) -> str:
    """Return the passages as data, then the question."""
    lines = [_line(passage) for passage in passages]
    return "\n".join([*lines, "", quoted(clean(question))])


def _line(passage: Passage) -> str:
    place = passage.place
    said: dict[str, Any] = {"n": passage.n}
    if passage.title:
        said["title"] = passage.title
    if passage.heading:
        said["heading"] = passage.heading
    if place is not None and place.page is not None:
        said["page"] = place.page
    if place is None and not passage.title:
        said |= {"speaker": passage.speaker or "?", "date": passage.at.strftime("%Y-%m-%d %H:%M")}
    if passage.superseded:
        said["outdated"] = 1
    said["text"] = passage.text
    pairs = (f'"{key}": {value if isinstance(value, int) else quoted(value)}' for key, value in said.items())
    return "{" + ", ".join(pairs) + "}"


def not_found(
    question: str,
    passages: Sequence[Passage],
    *,
    confidence: float,
    model: str = "",
    usage: Usage = NO_USAGE,
    signals: Mapping[str, float] | None = None,
) -> Answer:
    """Return the answer that there is none."""
    return Answer(
        NOT_FOUND[language_of(question)],
        found=False,
        confidence=confidence,
        item_ids=tuple(passage.item_id for passage in passages),
        model=model,
        usage=usage,
        signals=signals or {},
    )


def extracted(
    found: Candidates, passages: Sequence[Passage], likeness: F32 | None, *, limit: int, confidence: float
) -> Answer:
    """Return the best sentences as an answer, word for word, each with its citation.

    Args:
        found: The sentences to choose from, and the question.
        passages: What was read, best first.
        likeness: float32[n], cosine with the question of each of these sentences, or None.
        limit: Most sentences.
        confidence: That of the hits.
    """
    chosen = best_sentences(found, likeness, limit=limit)
    if not chosen:
        return not_found(found.question, passages, confidence=confidence)
    order = {n: shown for shown, n in enumerate(dict.fromkeys(s.passage.n for s in chosen), start=1)}
    return Answer(
        _marked([(sentence.shown, order[sentence.passage.n]) for sentence in chosen]),
        found=True,
        confidence=confidence,
        citations=tuple(_word_for_word(sentence, order[sentence.passage.n]) for sentence in chosen),
        item_ids=tuple(passage.item_id for passage in passages),
        signals={"best": chosen[0].worth},
    )


def _marked(sentences: Sequence[tuple[str, int]]) -> str:
    """Return sentences with the numbers that they cite; where code begins in one that would hide these, it is shown as words."""
    text = " ".join(f"{_unmarked(words)} [{n}]" for words, n in sentences)
    if [mark.numbers for mark in marks(text)] == [(n,) for _, n in sentences]:
        return text
    return " ".join(f"{_unmarked(words.replace('`', chr(39)))} [{n}]" for words, n in sentences)


def _unmarked(text: str) -> str:
    """Return a sentence whose own marks, as of footnotes, cannot be taken for citations of the answer: in round brackets."""
    done, at = "", 0
    for mark in marks(text):
        done += f"{text[at : mark.start]}({text[mark.start + 1 : mark.stop - 1]})"
        at = mark.stop
    return done + text[at:]


def _word_for_word(sentence: Sentence, n: int) -> Citation:
    return cited(sentence.passage, n, (sentence.start, sentence.stop), support=1.0, supported=True)


def written(
    text: str,
    question: str,
    passages: Sequence[Passage],
    *,
    confidence: float,
    model: str,
    usage: Usage,
    alike: Alike | None = None,
) -> Answer:
    """Return what a model wrote as an answer, its citations numbered anew and checked.

    Args:
        text: What it wrote, with the numbers of *passages*.
        question: The question.
        passages: What it was given.
        confidence: That of the hits.
        model: Its name.
        usage: What it cost.
        alike: See :func:`polymem.documents.citations.check`.
    """
    marks = Renumbered(len(passages))
    shown = "".join([*marks.feed(clean(text).strip()), *marks.end()])
    by_number = {n: passages[given - 1] for given, n in marks.order.items()}
    checked = check(shown, by_number, question=question, alike=alike)
    n_supported = sum(citation.supported for citation in checked.citations)
    return Answer(
        checked.text,
        found=True,
        confidence=confidence,
        citations=checked.citations,
        item_ids=tuple(passage.item_id for passage in passages),
        model=f"{model}/answer-1/{prompt_digest()}",
        usage=usage,
        signals={
            "claims": checked.n_claims,
            "cited": checked.n_cited,
            "citations": len(checked.citations),
            "supported": n_supported,
            "invented": marks.n_invented,
        },
    )
