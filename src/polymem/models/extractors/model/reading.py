"""A model's answer becomes statements and mentions; what it should not have said is dropped and counted.

By construction an answer can only add statements to the messages that were shown: it names them by their place, knows no
id, and every field is checked. A message that talks the model into saying something else gains nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from polymem.domain.derivation import Instructions
from polymem.domain.predicates import PREDICATES, Predicate, predicate_named
from polymem.domain.slotted import dataclass
from polymem.domain.statement import SELF, Statement, StatementKind
from polymem.domain.timespan import Timespan
from polymem.errors import InvalidOutputError
from polymem.models.extractors.model.dates import period
from polymem.models.extractors.model.found import (
    MAX_NAME_CHARS,
    ROLE_NAMES,
    SPEAKER_NAMES,
    Found,
    Source,
    is_list,
    is_object,
    line,
)
from polymem.models.extractors.model.grounding import (
    OBJECT_SHARE,
    TEXT_SHARE,
    Evidence,
    clause_of,
    numbers_in,
)
from polymem.models.extractors.model.naming import types_of
from polymem.ports.extractor import ExtractorInput
from polymem.text.language import language
from polymem.text.lazy import lazy
from polymem.text.normalise import fold, name_key
from polymem.text.statement_rules import slot_of

__all__ = ["read_facts"]

MAX_TEXT_CHARS: Final = 500
MAX_OBJECT_CHARS: Final = 200
MAX_FACTS: Final = 12
"""Most facts of one message."""
MAX_ANSWER_CHARS: Final = 80
"""A longer message says itself what it says."""
CONFIDENCE: Final = 0.7

_KINDS: Final[tuple[StatementKind, ...]] = ("fact", "preference", "event", "procedure")
_KIND_OF: Final[Mapping[str, StatementKind]] = {
    "likes": "preference",
    "dislikes": "preference",
    "favourite": "preference",
    "event": "event",
    "plans": "event",
}
_QUALIFIED: Final = frozenset({"favourite", "count", "status"})
"""These mean nothing without a qualifier."""
_MAY_QUALIFY: Final = frozenset({"instruction"})
_AHEAD: Final = frozenset({"plans", "wants", "event", "birthday"})
"""What may lie ahead; anything else holds from now at the latest."""
_YES = lazy(
    r"\s*(?:yes|yeah|yep|yup|yea|right|exactly|correct|true|indeed|sure|of course|absolutely|definitely|still|i do|i am|i did|i have|"
    r"no|nope|not|never)\b|\s*(?:是|对|嗯|没错|当然|确实|好|不|没|还|有)"
)
"""How an answer begins that says what the question did."""
_SPELLINGS: Final = {"favorite": "favourite", "colour": "colour", "color": "colour", "neighbor": "neighbour"}


class _DropError(Exception):
    """A claim is not to be believed; the first argument says why, in one word."""


def read_facts(
    answer: Mapping[str, Any],
    sources: Sequence[Source],
    *,
    instructions: Instructions,
    found: Found,
    most: int = MAX_FACTS,
) -> None:
    """Add the facts of *answer* that the messages bear out to *found*.

    Args:
        answer: What the model said.
        sources: The messages that were shown, in the order of their numbers.
        instructions: Which categories there are.
        found: Takes the statements and counts what was dropped.
        most: Most facts of one message.

    Raises:
        InvalidOutputError: The answer has no list of facts, or none of them has the agreed form.
    """
    facts = answer.get("facts")
    if not is_list(facts):
        raise InvalidOutputError("the answer has no list of facts", field="facts")
    categories = {fold(name): name for name, _ in instructions.categories}
    types = types_of(answer.get("entities"))
    context = _joined(sources)
    seen: set[tuple[object, ...]] = set()
    n_malformed = 0
    for fact in facts:
        try:
            place, statement = _Reader(sources, context, types, categories).read(fact)
        except _DropError as reason:
            found.dropped[str(reason)] += 1
            n_malformed += str(reason) == "malformed"
            continue
        key = (
            (place, statement.subject, statement.predicate, statement.slot, statement.positive)
            if statement.predicate
            else (place, fold(statement.text))
        )
        kept = found.statements.setdefault(place, [])
        if key in seen or len(kept) >= most:
            found.dropped["repeated" if key in seen else "excess"] += 1
            continue
        seen.add(key)
        kept.append(statement)
    if facts and n_malformed == len(facts):
        raise InvalidOutputError("no fact of the answer has the agreed form", field="facts")


def _joined(sources: Iterable[Source]) -> Evidence:
    evidence = Evidence(frozenset(), frozenset(), frozenset(), "")
    for source in sources:
        evidence |= source.evidence
    return evidence


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads one claim."""

    sources: Sequence[Source]
    context: Evidence
    types: Mapping[str, str]
    categories: Mapping[str, str]

    def read(self, fact: object) -> tuple[int, Statement]:
        """Return the place of the message that makes the statement, and the statement."""
        if not is_object(fact) or not (text := line(fact.get("text"))) or len(text) > MAX_TEXT_CHARS:
            raise _DropError("malformed")
        cited = self._cited(fact.get("messages"))
        if all(source.junk for source in cited):
            raise _DropError("junk")
        object_ = line(fact.get("object"))
        subject, main = self._subject(line(fact.get("subject")), cited, claim=object_ or text)
        evidence = _joined(cited)
        predicate = self._predicate(fact.get("predicate"), subject, object_)
        dates = numbers_in(f"{line(fact.get('start'))} {line(fact.get('end'))}".replace("-", " "))
        self._check(text, object_ if predicate else "", evidence, dates=dates)
        if not predicate and _asks(main, text):
            raise _DropError("junk")
        when = self._when(fact, main)
        if predicate and when and predicate.name not in _AHEAD and when.start > main.message.said_at:
            # What is to come does not hold yet: it may not end what does.
            predicate = None
        return main.place, self._statement(
            fact,
            text=text,
            subject=subject,
            predicate=predicate,
            object_=object_,
            when=when,
            cited=cited,
            main=main,
        )

    def _cited(self, numbers: object) -> list[Source]:
        """Return the messages that a claim names; numbers of others are passed over."""
        cited: dict[int, Source] = {}
        for number in numbers if is_list(numbers) else [numbers]:
            n = (
                int(number)
                if isinstance(number, str) and number.isascii() and number.isdigit() and len(number) < 6
                else number
            )
            if isinstance(n, int) and not isinstance(n, bool) and 1 <= n <= len(self.sources):
                cited[n] = self.sources[n - 1]
        if not cited:
            raise _DropError("unsourced")
        return list(cited.values())

    def _subject(self, name: str, cited: Sequence[Source], *, claim: str) -> tuple[str, Source]:
        """Return the subject, SELF for a message's own speaker, and the message that makes the statement.

        Who is said to speak has to say it: nobody's message lends him words that stand in another's, unless he answers
        it. "" stands for a subject of whom the relation cannot be believed.
        """
        key = name_key(name)
        own = [source for source in cited if key and _is_speaker(key, source.message)]
        for source in own:
            earlier = any(other.place < source.place for other in cited)
            if source.evidence.says(claim, share=OBJECT_SHARE) or (earlier and _answers(source)):
                return SELF, source
        first = next((each for each in cited if each.evidence.says(claim, share=OBJECT_SHARE)), None)
        if first is None or first in own:
            raise _DropError("ungrounded")
        if own or not key or key in ROLE_NAMES or len(name) > MAX_NAME_CHARS:
            return "", first
        if not self.context.names(name):
            raise _DropError("ungrounded")
        return name, first

    @staticmethod
    def _predicate(given: object, subject: str, object_: str) -> Predicate | None:
        """Return the relation, None where the fact has none or it cannot be used."""
        if not subject or not object_ or len(object_) > MAX_OBJECT_CHARS or not isinstance(given, str):
            return None
        base, _, qualifier = fold(given).strip().partition(":")
        base = "_".join(base.replace("-", " ").split())
        base = _SPELLINGS.get(base, base)
        qualifier = " ".join(qualifier.replace("_", " ").split())
        qualifier = _SPELLINGS.get(qualifier, qualifier)
        if base in _QUALIFIED and not qualifier:
            return None
        if qualifier and base in _QUALIFIED | _MAY_QUALIFY:
            base = f"{base}:{qualifier}"
        try:
            return predicate_named(base) if base else None
        except ValueError:
            return None

    def _check(self, text: str, object_: str, evidence: Evidence, *, dates: frozenset[str]) -> None:
        """Refuse what the messages do not say; the numbers of its own *dates* need not occur."""
        if object_ and not evidence.says(object_, share=OBJECT_SHARE):
            raise _DropError("ungrounded")
        if object_ and self._translated(text, evidence):
            return
        # With an object that occurs, the words around it may be the model's own.
        around = self.context if object_ else evidence
        share = TEXT_SHARE / 2 if object_ else TEXT_SHARE
        if not around.says(text, share=share, known=dates) or not self.context.has_names(text):
            raise _DropError("ungrounded")

    @staticmethod
    def _translated(text: str, evidence: Evidence) -> bool:
        """Tell whether *text* is in another language than the messages."""
        spoken = language(evidence.text)
        return {language(text), spoken} == {"en", "zh"}

    @staticmethod
    def _when(fact: Mapping[str, Any], main: Source) -> Timespan | None:
        message = main.message
        when = period(fact.get("start"), fact.get("end"), zone=message.zone)
        if when is not None and when.granularity == "day" and when.contains(message.said_at):
            # "Today" says no more than when it was said, and less exactly.
            return None
        return when

    def _statement(
        self,
        fact: Mapping[str, Any],
        *,
        text: str,
        subject: str,
        predicate: Predicate | None,
        object_: str,
        when: Timespan | None,
        cited: Sequence[Source],
        main: Source,
    ) -> Statement:
        name = predicate.name if predicate else ""
        object_ = object_ if predicate else ""
        span = clause_of(main.message.text, [object_ or text, text])
        if self._translated(text, main.evidence):
            # The words of the speaker; a translation is not his.
            text = main.message.text[slice(*span)][:MAX_TEXT_CHARS]
        slot = slot_of(object_, predicate=name) if predicate else ""
        if not slot:
            name = object_ = ""
        return Statement(
            subject or SELF,
            name,
            object_,
            slot,
            _kind(fact.get("kind"), name),
            fact.get("positive") is not False,
            text,
            span,
            when,
            "person" if subject in {SELF, ""} else self._type(subject, predicate, of="subject"),
            self._type(object_, predicate, of="object") if name else "",
            CONFIDENCE,
            _importance(fact.get("importance")),
            self.categories.get(fold(line(fact.get("category"))), ""),
            tuple(sorted({source.place for source in cited} - {main.place})),
        )

    def _type(self, name: str, predicate: Predicate | None, *, of: str) -> str:
        """Return the type of a subject or an object: the predicate's, else what the answer says of the name."""
        stated = self.types.get(name_key(name), "")
        if predicate is None or predicate.name not in PREDICATES:
            return stated
        if of == "object":
            return predicate.object_type or stated
        return stated or ("" if predicate.name in {"is", "has", "event"} else predicate.subject_type)


def _is_speaker(key: str, message: ExtractorInput) -> bool:
    return key in SPEAKER_NAMES or key == name_key(message.speaker) or ROLE_NAMES.get(key) == message.role


def _asks(source: Source, text: str) -> bool:
    """Tell whether the clause that says *text* is a question; who asks states nothing."""
    asked = source.message.text
    return asked[slice(*clause_of(asked, [text]))].endswith(("?", "？"))


def _answers(source: Source) -> bool:
    text = fold(source.message.text)
    return len(text) <= MAX_ANSWER_CHARS and _YES.match(text) is not None


def _kind(given: object, predicate: str) -> StatementKind:
    fallback: StatementKind = _KIND_OF.get(predicate.partition(":")[0], "fact")
    key = fold(given).strip() if isinstance(given, str) else ""
    return key if key in _KINDS else fallback


def _importance(given: object) -> float | None:
    if isinstance(given, bool) or not isinstance(given, int | float) or given != given:  # noqa: PLR0124 - NaN
        return None
    return min(1.0, max(0.0, float(given)))
