"""Make the histories of the conflict set: what is told, in which order it arrives, and what is true then.

Every answer follows from the order in which the things happened that the generator itself laid down; nothing here asks
the code under test.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from benchmarks import conflicts_words as words
from benchmarks.conflicts_words import LANGUAGES, Language, Slot
from polymem.domain.predicates import predicate_named
from polymem.domain.statement import SELF, Statement
from polymem.domain.timespan import Timespan
from polymem.text.statement_rules import slot_of

START: Final = datetime(2023, 1, 15, 12, tzinfo=UTC)
PER_CLASS: Final = 12
"""Histories of a class in one language."""
MULTI_HOP: Final = "multi-hop"


@dataclass(frozen=True, slots=True)
class Said:
    """One message, when it was said, and all that it states."""

    text: str
    at: datetime
    facts: tuple[Statement, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """One question with its exact answer.

    Attributes:
        subject: A name, or :data:`SELF`.
        predicate: What is asked.
        answer: All objects that hold; none for nothing.
        as_of: World time, None for the present.
        known_after: As known after so many messages; None for now.
        via: Whose it is: ask for the object of *predicate* of the *subject*'s object of *via*.
        among: Look only at these objects, of a predicate with many; empty for all.
        question: In words, for the search; "" where there is nothing to find.
        texts: Messages that state the answer.
        outdated: Messages that state what was true before.
    """

    subject: str
    predicate: str
    answer: frozenset[str]
    as_of: datetime | None = None
    known_after: int | None = None
    via: str = ""
    among: frozenset[str] = frozenset()
    question: str = ""
    texts: frozenset[str] = frozenset()
    outdated: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class History:
    """Messages in order of arrival, and what is asked afterwards."""

    name: str
    kind: str
    language: Language
    said: tuple[Said, ...]
    asked: tuple[Asked, ...]


def fact(
    said_text: str,
    subject: str,
    predicate: str,
    value: str,
    *,
    positive: bool = True,
    when: Timespan | None = None,
) -> Statement:
    """Return the statement that a perfect extractor would find."""
    known = predicate_named(predicate)
    return Statement(
        subject,
        predicate,
        value,
        slot_of(value, predicate=predicate),
        "preference" if known.name in {"likes", "dislikes"} else "fact",
        positive,
        said_text,
        (0, len(said_text)),
        when,
        "person",
        known.object_type,
        1.0,
    )


@dataclass(slots=True)
class Maker:
    """Makes the parts of one history."""

    random: random.Random
    language: Language
    at: datetime
    said: list[Said] = field(default_factory=list[Said])

    def pick(self, texts: Sequence[str]) -> str:
        """Return one of *texts*."""
        return self.random.choice(texts)

    def several(self, values: Sequence[str], n: int) -> list[str]:
        """Return *n* different values."""
        return self.random.sample(list(values), n)

    def step(self) -> datetime:
        """Let some weeks pass; return the time."""
        self.at += timedelta(days=self.random.randint(40, 120), minutes=self.random.randint(0, 300))
        return self.at

    def tell(self, text: str, *facts: tuple[str, str, str], positive: bool = True) -> Said:
        """Say something now that states *facts*: subject, predicate, object."""
        found = tuple(fact(text, *each, positive=positive) for each in facts)
        told = Said(text, self.step(), found)
        self.said.append(told)
        return told

    def noise(self, taken: Sequence[str]) -> None:
        """Say something that changes nothing asked for; *taken* are values it had better mention, to mislead."""
        cities, firms = words.CITIES[self.language], words.COMPANIES[self.language]
        city = next((value for value in taken if value in cities), self.pick(cities))
        firm = next((value for value in taken if value in firms), self.pick(firms))
        self.at += timedelta(hours=self.random.randint(5, 50))
        self.said.append(Said(self.pick(words.NOISE[self.language]).format(c=city, w=firm), self.at))

    def stranger(self, predicate: str, values: Sequence[str], *, besides: Sequence[str] = ()) -> None:
        """Say the same of somebody else."""
        person = self.pick([name for name in words.PEOPLE[self.language] if name not in besides])
        if predicate not in words.OTHERS[self.language]:
            predicate, values = "lives_in", words.CITIES[self.language]
        value = self.pick(values)
        text = self.pick(words.OTHERS[self.language][predicate][0]).format(p=person, x=value)
        self.at += timedelta(days=self.random.randint(1, 9))
        self.said.append(Said(text, self.at, (fact(text, person, predicate, value),)))


def middles(told: Sequence[Said], end: datetime) -> list[datetime]:
    """Return a moment well inside each span between messages that follow one another."""
    ends = [*(each.at for each in told[1:]), end]
    return [each.at + (stop - each.at) / 2 for each, stop in zip(told, ends, strict=True)]


def slot_questions(
    told: Sequence[tuple[Said, str]], predicate: str, question: str, *, subject: str = SELF, end: datetime
) -> list[Asked]:
    """Return what to ask of a slot whose values were *told* in the order in which they came to be."""
    values = [value for _, value in told]
    said = [each for each, _ in told]
    now = values[-1]
    asked = [
        Asked(
            subject,
            predicate,
            frozenset({now}),
            question=question,
            texts=frozenset(each.text for each, value in told if value == now),
            outdated=frozenset(each.text for each, value in told if value != now),
        ),
        Asked(subject, predicate, frozenset(), as_of=said[0].at - timedelta(days=20)),
    ]
    for moment, value in zip(middles(said, end), values, strict=True):
        asked.append(Asked(subject, predicate, frozenset({value}), as_of=moment))
    return asked


def known_questions(
    arrived: Sequence[Said], told: Sequence[tuple[Said, str]], predicate: str, *, subject: str = SELF
) -> list[Asked]:
    """Return what was known after each message that states a value: the newest of those that had arrived."""
    values = {id(each): value for each, value in told}
    asked: list[Asked] = []
    newest: Said | None = None
    for n, each in enumerate(arrived, start=1):
        if id(each) in values:
            newest = each if newest is None or each.at > newest.at else newest
            asked.append(Asked(subject, predicate, frozenset({values[id(newest)]}), known_after=n))
    return asked


def _update(make: Maker, slot: Slot, *, returns: bool = False, late: bool = False) -> list[Asked]:
    """A slot that changes; *returns*: A → B → A; *late*: the messages arrive in another order."""
    values = make.several(slot.values, 2 if returns else make.random.randint(2, 3))
    if returns:
        values.append(values[0])
    told: list[tuple[Said, str]] = []
    for n, value in enumerate(values):
        text = make.pick(slot.later if n else slot.first).format(x=value)
        told.append((make.tell(text, (SELF, slot.predicate, value)), value))
        make.noise(values[:-1])
        if make.random.random() < 0.6:
            make.stranger(slot.predicate, slot.values, besides=values)
    asked = slot_questions(told, slot.predicate, slot.question, end=make.at + timedelta(days=60))
    if late:
        make.said = _shuffled(make, [each for each, _ in told])
    return asked + known_questions(make.said, told, slot.predicate)


def _shuffled(make: Maker, important: Sequence[Said]) -> list[Said]:
    """Return the messages in another order of arrival, in which the *important* ones do not come as they were said."""
    while True:
        order = list(make.said)
        make.random.shuffle(order)
        times = [each.at for each in order if any(each is one for one in important)]
        if times != sorted(times):
            return order


def _worded(
    make: Maker,
    predicate: str,
    ways: tuple[tuple[str, ...], tuple[str, ...]],
    values: Sequence[str],
    question: str,
    **given: str,
) -> list[Asked]:
    """A slot whose wording has further gaps (*given*)."""
    told: list[tuple[Said, str]] = []
    for n, value in enumerate(values):
        text = make.pick(ways[1 if n else 0]).format(x=value, **given)
        text = text[0].upper() + text[1:]
        told.append((make.tell(text, (SELF, predicate, value)), value))
        make.noise(())
    asked = slot_questions(told, predicate, question.format(**given), end=make.at + timedelta(days=60))
    return asked + known_questions(make.said, told, predicate)


def age(make: Maker) -> list[Asked]:
    """Birthdays."""
    first = make.random.randint(19, 60)
    values = [str(first + n) for n in range(make.random.randint(2, 3))]
    return _worded(make, "age", words.AGE[make.language], values, words.AGE_QUESTION[make.language])


def favourite(make: Maker) -> list[Asked]:
    """A favourite colour, band …; another favourite beside it does not compete."""
    kinds = words.FAVOURITES[make.language]
    kind, other = make.several(list(kinds), 2)
    text = words.FAVOURITE[make.language][0][0].format(q=other, x=make.pick(kinds[other]))
    value = text.rstrip(".。").replace("是", " is ").rpartition(" is ")[2].strip()
    make.tell(text, (SELF, f"favourite:{other}", value))
    values = make.several(kinds[kind], 2)
    asked = _worded(
        make,
        f"favourite:{kind}",
        words.FAVOURITE[make.language],
        values,
        words.FAVOURITE_QUESTION[make.language],
        q=kind,
    )
    return [*asked, Asked(SELF, f"favourite:{other}", frozenset({value}))]


def status(make: Maker) -> list[Asked]:
    """How far a thing has come."""
    kinds = words.STATES[make.language]
    kind = make.pick(list(kinds))
    n = make.random.randint(2, 3)
    return _worded(
        make,
        f"status:{kind}",
        words.STATUS[make.language],
        kinds[kind][:n],
        words.STATUS_QUESTION[make.language],
        q=kind,
    )


def quantity(make: Maker) -> list[Asked]:
    """So many of something, then more or fewer; something else is counted beside it."""
    thing, other = make.several(words.COUNTED[make.language], 2)
    numbers = make.several([str(n) for n in range(2, 8)], make.random.randint(2, 3))
    told: list[tuple[Said, str]] = []
    for n, value in enumerate(numbers):
        written = value if make.random.random() < 0.5 else words.NUMBERS[make.language][int(value)]
        ways = words.COUNT_LATER if n else words.COUNT_FIRST
        text = make.pick(ways[make.language]).format(n=written, x=thing)
        told.append((make.tell(text, (SELF, counted(thing), value)), value))
        make.noise(())
    text = words.COUNT_FIRST[make.language][0].format(n=words.NUMBERS[make.language][2], x=other)
    make.tell(text, (SELF, counted(other), "2"))
    question = words.COUNT_QUESTION[make.language].format(x=thing)
    asked = slot_questions(told, counted(thing), question, end=make.at)
    return [
        *asked,
        *known_questions(make.said, told, counted(thing)),
        Asked(SELF, counted(other), frozenset({"2"})),
    ]


def counted(thing: str) -> str:
    """Return the predicate under which *thing* ("cats", 只猫) is counted."""
    return f"count:{thing if thing.isascii() else thing[1:]}"


def attitudes(make: Maker) -> list[Asked]:
    """Liked, disliked, perhaps liked again; something else is liked all the time."""
    thing, constant = make.several(words.THINGS[make.language], 2)
    make.tell(make.pick(words.LIKES[make.language]).format(x=constant), (SELF, "likes", constant))
    told: list[tuple[Said, str]] = []
    first = make.random.choice(("likes", "dislikes"))
    ways = {"likes": words.LIKES, "dislikes": words.DISLIKES}
    for n in range(make.random.randint(2, 3)):
        predicate = first if n % 2 == 0 else {"likes": "dislikes", "dislikes": "likes"}[first]
        chosen = ways[predicate][make.language]
        if n and predicate == "likes":
            chosen = words.LIKES_AGAIN[make.language]
        if not n and predicate == "dislikes":
            chosen = chosen[:2]
        text = make.pick(chosen).format(x=thing)
        told.append((make.tell(text, (SELF, predicate, thing)), predicate))
        make.noise(())
    last = told[-1][1]
    asked = [Asked(SELF, "likes", frozenset({constant}), among=frozenset({constant}))]
    for predicate in ("likes", "dislikes"):
        holds = [frozenset({thing}) if each == predicate else frozenset[str]() for _, each in told]
        current = Asked(SELF, predicate, holds[-1], among=frozenset({thing}))
        if predicate == last:
            current = replace(
                current,
                question=words.LIKE_QUESTION[make.language].format(x=thing),
                texts=frozenset(said.text for said, each in told if each == last),
                outdated=frozenset(said.text for said, each in told if each != last),
            )
        asked.append(current)
        for moment, answer in zip(
            middles([said for said, _ in told], make.at + timedelta(days=60)), holds, strict=True
        ):
            asked.append(Asked(SELF, predicate, answer, as_of=moment, among=frozenset({thing})))
    return asked


def negation(make: Maker) -> list[Asked]:
    """Something ends and nothing takes its place; what is told of somebody else, or of another value, stays."""
    slots = {name: slot for name, slot in words.SLOTS[make.language].items() if slot.ends}
    name = make.pick([*slots, "likes"])
    if name == "likes":
        return _no_longer_liked(make)
    slot = slots[name]
    value, other = make.several(slot.values, 2)
    before = make.tell(make.pick(slot.first).format(x=value), (SELF, slot.predicate, value))
    make.noise([value])
    kept = make.pick(words.THINGS[make.language])
    make.tell(make.pick(words.LIKES[make.language]).format(x=kept), (SELF, "likes", kept))
    if make.random.random() < 0.5 and slot.predicate in words.OTHERS[make.language]:
        make.stranger(slot.predicate, [value])
    if make.random.random() < 0.3:
        # What never was cannot end what is.
        make.tell(make.pick(slot.ends).format(x=other), (SELF, slot.predicate, other), positive=False)
    middle = Asked(SELF, slot.predicate, frozenset({value}), as_of=before.at + timedelta(days=10))
    known = Asked(SELF, slot.predicate, frozenset({value}), known_after=len(make.said))
    make.tell(make.pick(slot.ends).format(x=value), (SELF, slot.predicate, value), positive=False)
    after = Asked(SELF, slot.predicate, frozenset(), as_of=make.at + timedelta(days=10))
    make.noise([value])
    return [
        Asked(SELF, slot.predicate, frozenset()),
        middle,
        after,
        known,
        Asked(SELF, "likes", frozenset({kept}), among=frozenset({kept})),
    ]


def _no_longer_liked(make: Maker) -> list[Asked]:
    thing, kept = make.several(words.THINGS[make.language], 2)
    among = frozenset({thing})
    first = make.tell(make.pick(words.LIKES[make.language]).format(x=thing), (SELF, "likes", thing))
    make.tell(make.pick(words.LIKES[make.language]).format(x=kept), (SELF, "likes", kept))
    make.tell(
        make.pick(words.NOT_LIKES[make.language]).format(x=thing), (SELF, "likes", thing), positive=False
    )
    return [
        Asked(SELF, "likes", frozenset(), among=among),
        Asked(SELF, "likes", frozenset({thing}), as_of=first.at + timedelta(days=10), among=among),
        Asked(SELF, "likes", frozenset({kept}), among=frozenset({kept})),
    ]


def past(make: Maker) -> list[Asked]:
    """Whoever tells of a year that is over does not change his present, whether he tells it before or after."""
    slots = [slot for slot in words.SLOTS[make.language].values() if slot.past]
    slot = make.random.choice(slots)
    now, then, older = make.several(slot.values, 3)
    year = make.random.randint(2012, 2020)

    def tell_past(value: str, year: int) -> None:
        text = make.pick(slot.past).format(x=value, y=year)
        span = Timespan(datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC), "year")
        told = fact(text, SELF, slot.predicate, value, when=span)
        make.said.append(Said(text, make.step(), (replace(told, **_over()),)))

    early = make.random.random() < 0.5
    if early:
        tell_past(then, year)
    told = make.tell(make.pick(slot.first).format(x=now), (SELF, slot.predicate, now))
    make.noise([then])
    if not early:
        tell_past(then, year)
    asked = [
        Asked(
            SELF,
            slot.predicate,
            frozenset({now}),
            question=slot.question,
            texts=frozenset({told.text}),
            outdated=frozenset(each.text for each in make.said if then in each.text and each.facts),
        ),
        Asked(SELF, slot.predicate, frozenset({now}), as_of=told.at + timedelta(days=5)),
        Asked(SELF, slot.predicate, frozenset({then}), as_of=datetime(year, 7, 1, tzinfo=UTC)),
    ]
    if make.random.random() < 0.4:
        tell_past(older, year - 3)
        asked.append(
            Asked(SELF, slot.predicate, frozenset({older}), as_of=datetime(year - 3, 7, 1, tzinfo=UTC))
        )
    return asked


def _over() -> dict[str, bool]:
    """Return the field of a statement that says it ended with the time that it names, where there is one."""
    return {"ended": True} if "ended" in Statement.__dataclass_fields__ else {}


def others(make: Maker) -> list[Asked]:
    """Somebody else moves or changes work; the owner does not."""
    names = {"lives_in": "residence", "works_at": "employer", "works_as": "job"}
    predicate = make.pick(list(names))
    slot, ways = words.SLOTS[make.language][names[predicate]], words.OTHERS[make.language][predicate]
    own, *values = make.several(slot.values, 3)
    person = make.pick(words.PEOPLE[make.language])
    mine = make.tell(make.pick(slot.first).format(x=own), (SELF, predicate, own))
    told: list[tuple[Said, str]] = []
    for n, value in enumerate([*values, own] if make.random.random() < 0.4 else values):
        text = make.pick(ways[1 if n else 0]).format(p=person, x=value)
        told.append((make.tell(text, (person, predicate, value)), value))
        make.noise([own])
    question = words.OTHER_QUESTION[make.language][predicate].format(p=person)
    asked = slot_questions(told, predicate, question, subject=person, end=make.at + timedelta(days=60))
    return [
        *asked,
        Asked(
            SELF,
            predicate,
            frozenset({own}),
            question=slot.question,
            texts=frozenset({mine.text}),
            outdated=frozenset(each.text for each, _ in told),
        ),
        Asked(SELF, predicate, frozenset({own}), as_of=make.at),
    ]


def multi_hop(make: Maker) -> list[Asked]:
    """Where the spouse, the sister, the boss lives after a move; sometimes the spouse or boss is another one meanwhile."""
    kin = make.pick(list(words.KIN[make.language]))
    first, second, stranger = make.several(words.PEOPLE[make.language], 3)
    cities = make.several(words.CITIES[make.language], 6)
    ways = words.OTHERS[make.language]["lives_in"]
    truth: list[tuple[datetime, str]] = []

    def lives(person: str, city: str, *, moved: bool) -> Said:
        return make.tell(make.pick(ways[moved]).format(p=person, x=city), (person, "lives_in", city))

    make.tell(
        make.pick(words.SLOTS[make.language]["residence"].first).format(x=cities[5]),
        (SELF, "lives_in", cities[5]),
    )
    related = make.pick(words.KIN[make.language][kin]).format(p=first)
    make.tell(related, (SELF, kin, first))
    texts = [lives(first, cities[0], moved=False)]
    truth.append((make.at + timedelta(days=10), cities[0]))
    lives(stranger, cities[4], moved=True)
    texts.append(lives(first, cities[1], moved=True))
    truth.append((make.at + timedelta(days=10), cities[1]))
    make.noise([cities[0]])
    if kin in {"partner", "boss"} and make.random.random() < 0.4:
        slot = words.SLOTS[make.language][kin]
        lives(second, cities[2], moved=False)
        text = make.pick(slot.later).format(x=second)
        make.tell(text, (SELF, kin, second))
        truth.append((make.at + timedelta(days=10), cities[2]))
        texts.append(lives(second, cities[3], moved=True))
        truth.append((make.at + timedelta(days=10), cities[3]))
    asked = [
        Asked(
            SELF,
            "lives_in",
            frozenset({truth[-1][1]}),
            via=kin,
            question=words.HOP_QUESTION[make.language][kin],
            texts=frozenset({texts[-1].text}),
            outdated=frozenset(each.text for each in texts[:-1]),
        )
    ]
    asked += [Asked(SELF, "lives_in", frozenset({city}), as_of=at, via=kin) for at, city in truth]
    return [*asked, Asked(SELF, "lives_in", frozenset({cities[5]}))]


def _of_slot(name: str) -> Callable[[Maker], list[Asked]]:
    return lambda make: _update(make, words.SLOTS[make.language][name])


def returns(make: Maker) -> list[Asked]:
    """A → B → A."""
    name = make.pick(["residence", "employer", "job", "school", "partner", "boss"])
    return _update(make, words.SLOTS[make.language][name], returns=True)


def back_dated(make: Maker) -> list[Asked]:
    """Messages with times of their own that arrive in another order."""
    name = make.pick(list(words.SLOTS[make.language]))
    return _update(make, words.SLOTS[make.language][name], late=True)


def back_dated_returns(make: Maker) -> list[Asked]:
    """A → B → A, arriving in another order."""
    name = make.pick(["residence", "employer", "job", "school", "partner", "boss"])
    return _update(make, words.SLOTS[make.language][name], returns=True, late=True)


CLASSES: Final[dict[str, Callable[[Maker], list[Asked]]]] = {
    **{name: _of_slot(name) for name in words.SLOTS["en"]},
    "age": age,
    "favourite": favourite,
    "status": status,
    "quantity": quantity,
    "attitudes": attitudes,
    "negation": negation,
    "past": past,
    "back-dated": back_dated,
    "returns": returns,
    "late returns": back_dated_returns,
    "others": others,
    MULTI_HOP: multi_hop,
}


def histories(*, seed: int = 1, per_class: int = PER_CLASS) -> Iterator[History]:
    """Yield *per_class* histories of each class in each language, always the same for the same *seed*."""
    for kind, build in CLASSES.items():
        for language in LANGUAGES:
            for n in range(per_class):
                name = f"{kind}/{language}/{n}"
                chance = random.Random(f"{seed}/{name}")
                make = Maker(chance, language, START + timedelta(days=chance.randint(0, 90)))
                asked = build(make)
                yield History(name, kind, language, tuple(make.said), tuple(asked))


def rearranged(history: History, *, seed: int) -> History:
    """Return the same messages in another order of arrival, and what is asked of them now or of a world time."""
    said = list(history.said)
    random.Random(f"{seed}/{history.name}").shuffle(said)
    asked = tuple(each for each in history.asked if each.known_after is None)
    return replace(history, name=f"{history.name}~{seed}", said=tuple(said), asked=asked)
