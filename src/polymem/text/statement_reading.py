"""The state of reading one message: who was named so far, and the statements found."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from typing import Final

from polymem.domain.predicates import predicate_named
from polymem.domain.slotted import dataclass
from polymem.domain.statement import SELF, Statement, StatementKind
from polymem.domain.timespan import Timespan
from polymem.text.lazy import lazy
from polymem.text.normalise import name_key
from polymem.text.statement_rules import UNREAD, Rule, slot_of

__all__ = ["Reading", "Subject", "concerns", "relate", "state"]

_KINDS: Final[dict[str, StatementKind]] = {
    "likes": "preference",
    "dislikes": "preference",
    "event": "event",
    "plans": "event",
    "instruction": "preference",
}


@dataclass(frozen=True, slots=True)
class Subject:
    """Who a clause is about.

    Attributes:
        name: The speaker, a name, or a description ("my sister").
        end: Where in the text the subject ends.
        owner: Whose relative the subject is.
        kin: The predicate from *owner*; "" for whoever has a name.
        borrowed: Whether an earlier clause names the subject; its words then belong to the statement.
    """

    name: str
    end: int
    owner: str = SELF
    kin: str = ""
    borrowed: bool = False


@dataclass(slots=True)
class Reading:
    """The state of reading one message.

    Attributes:
        text: The message as the rules see it: quotations masked, for Chinese also folded.
        original: The message as it came, of the same length.
        find_times: Finds its time expressions; called at most once, and only for messages with a statement.
        family: Nouns for people by the predicate that they state; any other noun is a pet.
        now: When the message was said, with its time zone.
        people: People named so far, in order; the key is the name as compared, the value as written.
        found: The statements so far.
        seen: What identifies them.
    """

    text: str
    original: str
    find_times: Callable[[], Sequence[Timespan]]
    family: Mapping[str, str]
    now: datetime
    people: dict[str, str] = field(default_factory=dict[str, str])
    found: list[Statement] = field(default_factory=list[Statement])
    seen: set[tuple[str, str, str, bool]] = field(default_factory=set[tuple[str, str, str, bool]])
    _times: Sequence[Timespan] | None = None

    @property
    def times(self) -> Sequence[Timespan]:
        """The time expressions of the message."""
        if self._times is None:
            self._times = self.find_times()
        return self._times

    def time_within(self, start: int, end: int) -> Timespan | None:
        """Return the first time expression in ``[start, end)``."""
        for span in self.times:
            if start <= span.offset[0] and span.offset[1] <= end:
                return span
        return None

    def predicate_of(self, noun: str) -> str:
        """Return the predicate that a noun for a person or an animal states."""
        return self.family.get(noun, "has_pet")

    def mark(self) -> tuple[int, dict[str, str]]:
        """Return the state to which :meth:`undo` goes back."""
        return len(self.found), self.people.copy()

    def undo(self, mark: tuple[int, dict[str, str]]) -> None:
        """Forget what was read since *mark*."""
        known, people = mark
        for statement in self.found[known:]:
            self.seen.discard((statement.subject, statement.predicate, statement.slot, statement.positive))
        del self.found[known:]
        self.people.clear()
        self.people.update(people)

    def withdraw(self, statement: Statement) -> None:
        """Forget one statement."""
        self.found.remove(statement)
        self.seen.discard((statement.subject, statement.predicate, statement.slot, statement.positive))

    def retract(self, known: int, predicate: str = "", *, denials: bool = False) -> None:
        """Forget what was affirmed since there were *known* statements, of one predicate or of all.

        With *denials* also what was denied.
        """
        for statement in self.found[known:]:
            if (statement.positive or denials) and statement.predicate == (predicate or statement.predicate):
                self.withdraw(statement)

    def take_back(self, known: int, end: int) -> None:
        """Forget what was affirmed before *end*, since there were *known* statements, of what somebody has one of at a time."""
        for statement in self.found[known:]:
            single = predicate_named(statement.predicate).functional
            if single and statement.positive and statement.offset[0] < end:
                self.withdraw(statement)

    def person(self, name: str) -> str:
        """Note that *name* is a person; return the spelling in which the person was first named."""
        return self.people.setdefault(name_key(name), name)

    def add(
        self,
        subject: str,
        predicate: str,
        object_: str,
        *,
        span: tuple[int, int],
        positive: bool = True,
        when: Timespan | None = None,
        confidence: float = 0.8,
        ended: bool = False,
    ) -> None:
        """Keep a statement unless the message made it before."""
        slot = slot_of(object_, predicate=predicate)
        key = (subject, predicate, slot, positive)
        if not slot or key in self.seen or object_ == subject:
            return
        self.seen.add(key)
        start, end = span
        written = self.original[start:end]
        start, end = start + len(written) - len(written.lstrip()), end - len(written) + len(written.rstrip())
        kind = predicate_named(predicate)
        self.found.append(
            Statement(
                subject,
                predicate,
                object_,
                slot,
                _KINDS.get(predicate.partition(":")[0], "fact"),
                positive,
                self.original[start:end],
                (start, end),
                when,
                kind.subject_type,
                kind.object_type,
                confidence,
                ended=ended,
            )
        )


def concerns(rule: Rule, subject: Subject) -> bool:
    """Tell whether *rule* may speak of *subject*."""
    if rule.who == "any":
        return True
    if rule.who == "self":
        return subject.name == SELF
    return bool(subject.kin) if rule.who == "kin" else subject.name != SELF


def relate(reading: Reading, owner: str, noun: str, name: str, *, span: tuple[int, int]) -> None:
    """Add that *owner*'s *noun* is called *name*; of an animal also what it is."""
    name = reading.person(name)
    predicate = reading.predicate_of(noun)
    reading.add(owner, predicate, name, span=span, confidence=0.9)
    if predicate == "has_pet":
        reading.add(name, "is", noun, span=span)


_KEEPS_TIME: Final = frozenset(("habit", "age", "birthday", "name", "nickname"))
_NAMING: Final = frozenset(("name", "nickname"))
_TO_COME: Final = frozenset(("plans", "wants"))
_DATED: Final = frozenset(("birthday", "event"))
"""What has a time of its own beside the time that the clause names."""


def state(
    reading: Reading, subject: Subject, rule: Rule, match: re.Match[str], *, span: tuple[int, int], lead: int
) -> None:
    """Turn the match of a rule into statements.

    Args:
        reading: Takes the statements.
        subject: Who they are about.
        rule: The rule that matched.
        match: Its match.
        span: The clause.
        lead: From where a time expression counts for the clause.
    """
    told = reading.time_within(_lead_of(match, lead), span[1])
    if rule.timed and told is None:
        return
    if rule.shape == "role":
        _play_role(reading, subject, rule, match, span=span)
        return
    when = _fitting(told, rule, reading.now)
    if when is None and told is not None and rule.predicate not in _TO_COME | _DATED:
        return
    if rule.predicate == "age" and when is not None and when.end > reading.now:
        when = None
    if rule.ended and (when is None or when.end > reading.now):
        return
    raw = match["object"] if rule.predicate in _KEEPS_TIME else _without_time(match, told)
    for found in rule.read(raw):
        object_ = _as_written(reading, found, match.start("object"))
        if rule.shape == "named":
            relate(reading, subject.name, match["noun"].lower(), object_, span=span)
        elif rule.predicate in _NAMING and subject.kin:
            reading.people.pop(name_key(subject.name), None)
            relate(reading, subject.owner, _noun_in(reading, subject.name), object_, span=span)
        elif object_:
            reading.add(
                subject.name,
                _qualified(rule, match),
                object_,
                span=span,
                positive=rule.positive,
                when=when,
                confidence=rule.confidence,
                ended=rule.ended,
            )


_SPELLINGS: Final = {"color": "colour", "child": "children", "kid": "kids"}


def _qualified(rule: Rule, match: re.Match[str]) -> str:
    """Return the predicate of a rule, with its qualifier if it has one; what is counted stands in the plural."""
    if rule.shape != "about":
        return rule.predicate
    about = match["about"] or match["of"]
    about = " ".join(about.lower().split())
    about = _SPELLINGS.get(about, about)
    if rule.predicate == "count" and about.isascii() and not about.endswith("s") and about != "children":
        about = f"{about[:-1]}ies" if about.endswith("y") else f"{about}s"
    return f"{rule.predicate}:{about}"


def _play_role(
    reading: Reading, subject: Subject, rule: Rule, match: re.Match[str], *, span: tuple[int, int]
) -> None:
    """Add that *subject* is the speaker's relative, or is so no longer."""
    noun = match["noun"].lower()
    role = reading.predicate_of(noun)
    if not rule.positive:
        reading.add(SELF, role, subject.name, span=span, positive=False, confidence=rule.confidence)
    elif _may_be(role, subject):
        relate(reading, SELF, noun, subject.name, span=span)


def _may_be(role: str, subject: Subject) -> bool:
    """Tell whether *subject* plays the role: whoever is known by kinship alone ("my mom") can only be a friend besides."""
    return not subject.kin or (role == "friend" and subject.kin not in {"friend", "has_pet"})


def _lead_of(match: re.Match[str], lead: int) -> int:
    """Return from where a time counts: behind the first of two moves in one clause."""
    earlier = match.end("earlier") if "earlier" in match.re.groupindex else -1
    return max(earlier, lead)


def _fitting(told: Timespan | None, rule: Rule, now: datetime) -> Timespan | None:
    """Return the time of a statement; None where it contradicts the rule: a plan in the past, a state in the future."""
    if told is None or (told.end > now if rule.predicate in _TO_COME else told.start <= now):
        return told
    return None


def _noun_in(reading: Reading, description: str) -> str:
    """Return the noun at the end of "my twin brother" or 我妹妹, the longest that is known."""
    for start in range(len(description)):
        if description[start:] in reading.family:
            return description[start:]
    return description.removeprefix("我的").rpartition(" ")[2]


_DANGLING = lazy(
    r"[\s,]+(?:(?:in|on|at|since|from|during|by|this|for|around|until|back|early|late|the)\s*)*$",
    re.IGNORECASE,
)


def _without_time(match: re.Match[str], when: Timespan | None) -> str:
    """Return the captured object without the time expression in it."""
    raw, start = match["object"], match.start("object")
    if when is None or when.offset[0] < start or when.offset[1] > match.end("object"):
        return raw
    before = _DANGLING.sub("", raw[: when.offset[0] - start] + " ").rstrip()
    after = raw[when.offset[1] - start :]
    after = "" if before and after.startswith((",", "，")) else after.lstrip(" ,，的")
    return (f"{before} {after}".strip() if raw.isascii() else before + after) or raw


_QUOTES: Final = "\"'“”‘’«»《》「」『』"


def _as_written(reading: Reading, found: str, start: int) -> str:
    """Return an object as the message writes it; "" where it is a quotation too long for a title."""
    at = reading.text.find(found, start)
    if at < 0:
        return "" if UNREAD in found else found
    written = reading.original[at : at + len(found)]
    if UNREAD not in found:
        return written
    quoted = found[0] in _QUOTES and found[-1] in _QUOTES
    title = written[1:-1] if quoted else written
    return title if title.count(" ") < 8 else ""
