"""The extractor that asks a language model: one call for a batch of messages."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Final, Literal

from polymem.domain.derivation import NO_USAGE, PLAIN, Instructions, Usage
from polymem.domain.statement import SELF, Extraction, Mention, Statement
from polymem.errors import InvalidOutputError
from polymem.models.extractors.model.found import Found, Source
from polymem.models.extractors.model.grounding import evidence_of, times_in, words_of
from polymem.models.extractors.model.naming import read_mentions
from polymem.models.extractors.model.passages import read_passages
from polymem.models.extractors.model.prompting import (
    FACTS,
    PROCEDURE,
    VERSION,
    Language,
    Shown,
    batches,
    fingerprint,
    language_of,
    messages_block,
    system_prompt,
)
from polymem.models.extractors.model.reading import read_facts
from polymem.ports.extractor import ExtractorInput
from polymem.ports.llm import LanguageModel
from polymem.text.boilerplate import boilerplate
from polymem.text.keys import is_passage
from polymem.text.mentions import find_mentions
from polymem.text.normalise import clean, name_key
from polymem.text.recalled import without_recalled

__all__ = ["ModelExtractor"]

ROLES: Final = frozenset({"system", "developer", "tool", "function"})
"""Roles whose messages are instructions and results; nobody states anything about himself there."""
PROMPT_ROLES: Final = frozenset({"system", "developer"})
MAX_ANSWER_TOKENS: Final = 4_000
MAX_PROCEDURE_CHARS: Final = 20_000
PROCEDURE_SHARE: Final = 0.4
"""So much of the words of a procedure has to occur in the run; the rest is headings and joints."""
PROCEDURE_IMPORTANCE: Final = 0.7


class ModelExtractor:
    """Derives what messages say by asking a language model.

    What it may say is checked by code: facts name the messages they come from, their words and numbers must occur there,
    predicates and dates must be usable. Recalled context, courtesies, machine output and the roles "system",
    "developer", "tool" and "function" are asked for nothing; a batch of nothing else costs no call. Passages of documents
    (role "document") are read in two calls, see :mod:`.passages`.

    Args:
        llm: The model.
        defaults: Standing instructions; those of a call are added.
        language: In which language the model is instructed; "auto" goes by the messages.
        roles: Of the roles that are left out, those which are to be read all the same ("tool").

    Example:
        >>> from datetime import UTC, datetime
        >>> from polymem.ports.llm import Reply
        >>> class Parrot:
        ...     name = "parrot/1"
        ...
        ...     async def generate(self, prompt, *, system, schema, max_tokens=2_000):
        ...         fact = {"text": "Ann likes tea.", "subject": "Ann", "predicate": "likes", "object": "tea", "messages": [1]}
        ...         return Reply({"facts": [fact], "entities": []}, Usage(calls=1))
        >>> import asyncio
        >>> message = ExtractorInput("I like tea.", "Ann", "user", datetime(2024, 5, 1, tzinfo=UTC))
        >>> [found] = asyncio.run(ModelExtractor(Parrot()).extract([message]))
        >>> found.statements[0].subject, found.statements[0].predicate, found.statements[0].slot
        ('self', 'likes', 'tea')
    """

    def __init__(
        self,
        llm: LanguageModel,
        *,
        defaults: Instructions = PLAIN,
        language: Literal["auto", "en", "zh"] = "auto",
        roles: Collection[str] = (),
    ) -> None:
        self.llm = llm
        self.defaults = defaults
        self._language: Literal["auto", "en", "zh"] = language
        self._left_out = ROLES - frozenset(roles)

    @property
    def name(self) -> str:
        """Model, version of the prompts, and a hash over all that they say: "openai:gpt-4o-mini/extract-1/1f0c9a77"."""
        return f"{self.llm.name}/{VERSION}/{fingerprint(self.defaults)}"

    async def extract(
        self, messages: Sequence[ExtractorInput], *, instructions: Instructions = PLAIN
    ) -> list[Extraction]:
        """Derive; see :meth:`polymem.ports.extractor.Extractor.extract`."""
        asked = _together(self.defaults, instructions)
        shown = self._shown(messages, asked)
        if asked.memory_type:
            return await self._procedure(messages, shown, asked)
        found = Found()
        passages = [each for each in shown if is_passage("episode", each.message.role)]
        usage = await self._passages(passages, asked, found)
        for batch in batches([each for each in shown if each not in passages] if passages else shown):
            sources = [_source(each) for each in batch]
            if all(source.junk for source in sources):
                continue
            reply = await self.llm.generate(
                messages_block(batch),
                system=system_prompt(self._code(batch), asked),
                schema=FACTS,
                max_tokens=MAX_ANSWER_TOKENS,
            )
            usage += reply.usage
            read_facts(reply.value, sources, instructions=asked, found=found)
            read_mentions(reply.value, sources, found=found)
        return _extractions(messages, found, usage)

    async def _passages(self, passages: Sequence[Shown], asked: Instructions, found: Found) -> Usage:
        """Read what documents say: people speak for themselves, documents of others."""
        if not passages:
            return NO_USAGE
        # What looks like a machine's output in a talk is a table in a document.
        sources = {each.place: replace(_source(each), junk=False) for each in passages}
        return await read_passages(
            self.llm, passages, sources, code=self._code(passages), instructions=asked, found=found
        )

    def _code(self, shown: Sequence[Shown]) -> Language:
        chosen = self._language
        return language_of(shown) if chosen == "auto" else chosen

    def _shown(self, messages: Sequence[ExtractorInput], instructions: Instructions) -> list[Shown]:
        """Return the messages that the model sees: of a run also the results of tools, of talk what people say."""
        left_out = self._left_out & PROMPT_ROLES if instructions.memory_type else self._left_out
        shown: list[Shown] = []
        for place, message in enumerate(messages):
            text = _collapsed(message.text)
            if message.role in left_out or not text:
                continue
            own = is_passage("episode", message.role)
            if not own and not instructions.memory_type and boilerplate(text) in {"machine", "prompt"}:
                continue
            shown.append(Shown(place, text, message))
        return shown

    async def _procedure(
        self, messages: Sequence[ExtractorInput], shown: Sequence[Shown], instructions: Instructions
    ) -> list[Extraction]:
        """Return one procedure for the whole run, at its last message."""
        found = Found()
        usage = NO_USAGE
        texts: list[str] = []
        for batch in batches(shown):
            sources = [_source(each) for each in batch]
            reply = await self.llm.generate(
                messages_block(batch),
                system=system_prompt(self._code(batch), instructions),
                schema=PROCEDURE,
                max_tokens=MAX_ANSWER_TOKENS,
            )
            usage += reply.usage
            texts.append(_procedure_text(reply.value.get("procedure"), sources))
            read_mentions(reply.value, sources, found=found)
        if texts:
            last = shown[-1]
            found.statements[last.place] = [
                Statement(
                    SELF,
                    "",
                    "",
                    "",
                    "procedure",
                    positive=True,
                    text="\n\n".join(texts),
                    offset=(0, len(last.message.text)),
                    importance=PROCEDURE_IMPORTANCE,
                    also_in=tuple(sorted({each.place for each in shown} - {last.place})),
                )
            ]
        return _extractions(messages, found, usage)


def _together(defaults: Instructions, given: Instructions) -> Instructions:
    """Return the standing instructions with those of a call."""
    if given == PLAIN:
        return defaults
    custom = dict.fromkeys(filter(None, (defaults.custom, given.custom)))
    return replace(
        given,
        custom="\n".join(custom),
        categories=given.categories or defaults.categories,
        includes=given.includes or defaults.includes,
        excludes=tuple(dict.fromkeys((*defaults.excludes, *given.excludes))),
    )


def _collapsed(text: str) -> str:
    """Return what of a message is its own, without the lines that recalled context left empty."""
    own = without_recalled(text)
    return text.strip() if own == text else "\n".join(line for line in own.splitlines() if line.strip())


def _source(shown: Shown) -> Source:
    times = times_in(shown.message)
    kind = boilerplate(shown.text)
    return Source(shown.place, shown.message, evidence_of(shown.message, times), times, bool(kind))


def _procedure_text(value: object, sources: Sequence[Source]) -> str:
    """Return the procedure of an answer.

    Raises:
        InvalidOutputError: There is none, or the messages do not bear it out.
    """
    text = clean(without_recalled(value)).strip() if isinstance(value, str) else ""
    if not text or len(text) > MAX_PROCEDURE_CHARS:
        raise InvalidOutputError("the answer has no usable procedure", field="procedure")
    evidence = sources[0].evidence
    for source in sources[1:]:
        evidence |= source.evidence
    wanted = words_of(text)
    if len(wanted & evidence.words) < PROCEDURE_SHARE * len(wanted):
        raise InvalidOutputError("the procedure speaks of something else", field="procedure")
    return text


def _extractions(messages: Sequence[ExtractorInput], found: Found, usage: Usage) -> list[Extraction]:
    """Return what was found, message by message; cost and count of the batch stand at its first one."""
    extractions: list[Extraction] = []
    for place, message in enumerate(messages):
        statements = sorted(found.statements.get(place, []), key=lambda statement: statement.offset)
        extractions.append(
            Extraction(
                tuple(statements),
                tuple(_merged(found.mentions.get(place, []), find_mentions(message.text))),
                tuple(times_in(message)) if message.role not in ROLES else (),
                NO_USAGE if place else usage,
                () if place else tuple(sorted(found.dropped.items())),
            )
        )
    return extractions


def _merged(given: Sequence[Mention], rules: Sequence[Mention]) -> list[Mention]:
    """Return what the model named, and what the rules found beside it."""
    kept: dict[str, Mention] = {}
    for mention in (*given, *rules):
        start, end = mention.offset
        inside = (
            any(start < other.offset[1] and other.offset[0] < end for other in given) and mention not in given
        )
        if not inside:
            kept.setdefault(name_key(mention.name), mention)
    return sorted(kept.values(), key=lambda mention: mention.offset)
