"""Passages of documents become relations in two passes: refined so that each sentence stands alone, then typed triples.

Source: Sarmah et al., HybridRAG (arXiv 2408.04948), section 3.1, for the two passes. What the model says is checked against
the passages themselves, not against what it made of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from polymem.domain.derivation import NO_USAGE, Instructions, Usage
from polymem.errors import InvalidOutputError
from polymem.models.extractors.model.found import Found, Source, is_list, is_object, line
from polymem.models.extractors.model.grounding import clause_of
from polymem.models.extractors.model.naming import read_mentions
from polymem.models.extractors.model.prompting import NAMED, Language, Shown, batches, further, prompt
from polymem.models.extractors.model.reading import read_facts
from polymem.ports.llm import JsonSchema, LanguageModel
from polymem.text.lazy import lazy
from polymem.text.normalise import clean
from polymem.text.quoted import quoted
from polymem.text.recalled import without_recalled

__all__ = ["REFINED", "TRIPLES", "read_passages"]

MAX_ANSWER_TOKENS: Final = 6_000
MAX_TRIPLES: Final = 60
"""Most of one passage, which may be a page of tables."""
REFINED_SHARE: Final = 0.6
"""So much of the words of a refined passage has to occur in the passage or its title; else the passage is read as it is."""
_TYPES: Final = frozenset(("person", "place", "organisation", "animal", "activity", "thing"))
_SNAKE: Final = lazy(r"[^\w]+")
_MAYBE: Final[JsonSchema] = {"type": ["string", "null"]}
REFINED: Final[JsonSchema] = {
    "title": "refined",
    "type": "object",
    "properties": {
        "passages": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"n": {"type": "integer"}, "text": {"type": "string"}},
                "required": ["n", "text"],
            },
        }
    },
    "required": ["passages"],
}
TRIPLES: Final[JsonSchema] = {
    "title": "triples",
    "type": "object",
    "properties": {
        "triples": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "head": {"type": "string"},
                    "head_type": _MAYBE,
                    "relation": {"type": "string"},
                    "tail": {"type": "string"},
                    "tail_type": _MAYBE,
                    "text": _MAYBE,
                    "positive": {"type": "boolean"},
                    "start": _MAYBE,
                    "end": _MAYBE,
                    "passages": {"type": "array", "items": {"type": "integer"}},
                },
                "required": ["head", "relation", "tail", "passages"],
            },
        },
        "entities": {"type": "array", "items": NAMED},
    },
    "required": ["triples", "entities"],
}


async def read_passages(
    llm: LanguageModel,
    shown: Sequence[Shown],
    sources: Mapping[int, Source],
    *,
    code: Language,
    instructions: Instructions,
    found: Found,
) -> Usage:
    """Add what passages state to *found*.

    Args:
        llm: The model; asked twice for each batch.
        shown: The passages.
        sources: What each says, by its place.
        code: In which language the model is instructed.
        instructions: What the application asks.
        found: Takes statements and mentions.

    Returns:
        What it cost.

    Raises:
        ModelError: The model did not deliver.
    """
    usage = NO_USAGE
    for batch in batches(shown):
        asked = [sources[each.place] for each in batch]
        refined = await llm.generate(
            _block(batch, [each.text for each in batch]),
            system=prompt("refine", code),
            schema=REFINED,
            max_tokens=MAX_ANSWER_TOKENS,
        )
        texts = _refined(refined.value, batch, asked)
        reply = await llm.generate(
            _block(batch, texts),
            system="\n".join([prompt("triples", code), *further(instructions, code)]),
            schema=TRIPLES,
            max_tokens=MAX_ANSWER_TOKENS,
        )
        usage += refined.usage + reply.usage
        answer = {"facts": list(_facts(reply.value, asked)), "entities": _entities(reply.value)}
        read_facts(answer, asked, instructions=instructions, found=found, most=MAX_TRIPLES)
        read_mentions(answer, asked, found=found)
    return usage


def _block(batch: Sequence[Shown], texts: Sequence[str]) -> str:
    """Return passages as data, one JSON object a line; those that were refined to nothing are left out."""
    return "\n".join(
        f'{{"n":{n},"title":{quoted(each.message.title)},"text":{quoted(text)}}}'
        for n, (each, text) in enumerate(zip(batch, texts, strict=True), start=1)
        if text
    )


def _refined(answer: Mapping[str, Any], batch: Sequence[Shown], sources: Sequence[Source]) -> list[str]:
    """Return the refined texts; in place of one that is missing or says something else, the passage."""
    texts = [each.text for each in batch]
    given = answer.get("passages")
    for one in given if is_list(given) else ():
        n = one.get("n") if is_object(one) else None
        if not is_object(one) or not isinstance(n, int) or not 1 <= n <= len(texts):
            continue
        text = clean(without_recalled(str(one.get("text") or ""))).strip()
        if not text or sources[n - 1].evidence.says(text, share=REFINED_SHARE):
            texts[n - 1] = text
    return texts


def _facts(answer: Mapping[str, Any], sources: Sequence[Source]) -> Iterator[object]:
    """Yield triples in the form of facts; the words are those of the passage that names the tail."""
    triples = answer.get("triples")
    if not is_list(triples):
        raise InvalidOutputError("the answer has no list of triples", field="triples")
    for triple in triples:
        if not is_object(triple):
            yield triple
            continue
        head, tail, numbers = line(triple.get("head")), line(triple.get("tail")), triple.get("passages")
        first = numbers[0] if is_list(numbers) and numbers else None
        known = isinstance(first, int) and not isinstance(first, bool) and 1 <= first <= len(sources)
        text = sources[first - 1].message.text if known and isinstance(first, int) else ""
        own = text[slice(*clause_of(text, [tail, head]))].strip() if text else ""
        yield {
            "text": line(triple.get("text")) or " ".join(own.split()) or f"{head} {tail}",
            "subject": head,
            "predicate": _SNAKE.sub("_", line(triple.get("relation")).strip()).strip("_"),
            "object": tail,
            "positive": triple.get("positive"),
            "kind": "fact",
            "start": triple.get("start"),
            "end": triple.get("end"),
            "messages": numbers,
        }


def _entities(answer: Mapping[str, Any]) -> list[object]:
    """Return the entities, with the ends of triples whose type the graph knows."""
    given = answer.get("entities")
    named: list[object] = list(given) if is_list(given) else []
    triples = answer.get("triples")
    ends = (
        (line(triple.get(end)), line(triple.get(f"{end}_type")))
        for triple in (triples if is_list(triples) else ())
        if is_object(triple)
        for end in ("head", "tail")
    )
    named += ({"name": name, "type": kind} for name, kind in ends if kind in _TYPES)
    return named
