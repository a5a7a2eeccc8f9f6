"""What a message says about somebody, before it is resolved against what is already known."""

from __future__ import annotations

from typing import Literal, TypeAlias

from polymem.domain.derivation import NO_USAGE, Usage
from polymem.domain.slotted import dataclass
from polymem.domain.timespan import Timespan

SELF = "self"
"""Subject of a first-person statement: whoever speaks."""

StatementKind: TypeAlias = Literal["fact", "preference", "event", "procedure"]


@dataclass(frozen=True, slots=True)
class Statement:
    """One subject–predicate–object statement found in a message.

    Attributes:
        subject: :data:`SELF`, or the name as written ("Harry", "他妹妹" resolved to its canonical wording).
        predicate: A key of :data:`polymem.domain.predicates.PREDICATES`, alone or with a qualifier ("favourite:colour"), or an
            open one, see :func:`polymem.domain.predicates.predicate_named`; "" for a fact that relates nothing.
        object: The object for display ("badminton", "上海").
        slot: The object in the form in which two mentions are the same thing (folded case and width, no article,
            stemmed); with subject and predicate it identifies the statement.
        kind: What kind of item it becomes.
        positive: False for a negated statement ("I don't live in Paris any more").
        text: The clause as written, for display.
        offset: Where in the message it stands, in characters ``[start, end)``.
        when: When it holds or happened, where the clause says so.
        subject_type: Type of the subject entity ("person", "" when unknown).
        object_type: Type of the object entity ("person", "place", "organisation", "animal", "activity", "" …).
        confidence: 0..1, by the rule that fired.
        importance: 0..1, None where nobody judged it.
        category: What it is filed under, "" for nothing.
        also_in: Places, in the batch of messages, of further ones that say or complete it.
        ended: Whether it is over with the time that it names: "in 2019 I lived in Rome".
    """

    subject: str
    predicate: str
    object: str
    slot: str
    kind: StatementKind
    positive: bool
    text: str
    offset: tuple[int, int]
    when: Timespan | None = None
    subject_type: str = ""
    object_type: str = ""
    confidence: float = 0.8
    importance: float | None = None
    category: str = ""
    also_in: tuple[int, ...] = ()
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Mention:
    """A name of a person, place, organisation or thing that occurs in a message.

    Attributes:
        name: As written.
        type: "person", "place", "organisation", "thing" or "" when unknown.
        offset: Where it stands, in characters.
        aliases: Further names under which the same messages speak of it.
    """

    name: str
    type: str = ""
    offset: tuple[int, int] = (0, 0)
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Extraction:
    """All that was derived from one message.

    Attributes:
        statements: In order of their place in the text.
        mentions: Entities named, each name once.
        times: Time expressions, resolved against the message's own time.
        usage: What models were asked for it; that of a whole batch stands at its first message.
        dropped: How many claims of a model were not believed, by reason ("ungrounded": its words do not occur in the
            messages; "unsourced", "malformed", "junk", "repeated", "excess"); of a whole batch, at its first message.
    """

    statements: tuple[Statement, ...] = ()
    mentions: tuple[Mention, ...] = ()
    times: tuple[Timespan, ...] = ()
    usage: Usage = NO_USAGE
    dropped: tuple[tuple[str, int], ...] = ()
