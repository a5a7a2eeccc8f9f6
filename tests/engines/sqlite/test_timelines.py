"""What held when does not depend on the order in which it was told, nor on what was told and erased."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from polymem.domain.batch import ItemDraft
from polymem.domain.query import Selection, Visibility
from polymem.domain.scope import Scope
from polymem.domain.timeline import counts_from
from polymem.errors import NotFoundError
from polymem.ports.ledger import Snapshot
from polymem.read.graph import list_relations
from polymem.read.profile import read_profile
from polymem.read.selecting import select
from tests.engines.sqlite.workshop import ALICE, NOON, Workshop, episode, fact

DAY = timedelta(days=1)
LATER = NOON + 4_000 * DAY
SLOW = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


class Told(NamedTuple):
    """One message with one fact: said on a day, about something that began some days before."""

    said: int
    ago: int
    predicate: str
    thing: str
    positive: bool = True
    until: int | None = None

    @property
    def valid_at(self) -> datetime:
        return NOON + (self.said - self.ago) * DAY

    @property
    def said_at(self) -> datetime:
        return NOON + self.said * DAY

    @property
    def ends_at(self) -> datetime | None:
        return None if self.until is None else self.valid_at + self.until * DAY


def drafts(told: Told) -> tuple[ItemDraft, ItemDraft]:
    words = (
        f"{'is' if told.positive else 'no longer'} {told.predicate} {told.thing} as told on day {told.said}"
    )
    stated = fact(
        words,
        told.predicate,
        told.thing,
        positive=told.positive,
        valid_at=told.valid_at,
        invalid_at=told.ends_at,
    )
    assert stated.fact is not None
    said = replace(stated, fact=replace(stated.fact, said_at=told.said_at))
    return episode(words, valid_at=told.said_at), said


def tell(shop: Shelf, told: Sequence[Told]) -> list[str]:
    """Return the ids of the episodes."""
    ids: list[str] = []
    for one in told:
        said, stated = drafts(one)
        shop.shop.commit(said, stated, scope=shop.scope)
        ids.append(said.id)
    return ids


def values(shop: Shelf, **times: Any) -> list[tuple[Any, ...]]:
    """Return what is visible: relations with their interval, in a stable order."""

    def job(snapshot: Snapshot) -> list[tuple[Any, ...]]:
        selection = Selection(shop.scope, Visibility(now=LATER, **times))
        found = list_relations(snapshot, selection, limit=1_000)
        return sorted((r.predicate, r.object, r.positive, r.valid_at, r.invalid_at or LATER) for r in found)

    return shop.read(job)


def facts_seen(shop: Shelf, **times: Any) -> int:
    """Return how many facts the arms may bring: they must agree with the relations."""

    def job(snapshot: Snapshot) -> int:
        return int(
            select(snapshot, Selection(shop.scope, Visibility(now=LATER, **times), kinds=("fact",))).sum()
        )

    return shop.read(job)


def everything(shop: Shelf) -> list[tuple[Any, ...]]:
    """Return all facts ever visible now or at a time, with evidence and words."""

    def job(snapshot: Snapshot) -> list[tuple[Any, ...]]:
        rows = [
            p
            for p in range(snapshot.n)
            if not snapshot.columns.flags[p] & 2 and snapshot.columns.kind[p] != 0
        ]
        return sorted(
            (i.text, i.valid_at, i.invalid_at or LATER, i.n_evidence, len(i.episode_ids))
            for i in snapshot.rows.items(rows)
            if i.invalid_at is None or i.invalid_at > i.valid_at
        )

    return shop.read(job)


def profile(shop: Shelf, **times: Any) -> dict[str, Any]:
    def job(snapshot: Snapshot) -> dict[str, Any]:
        found = read_profile(snapshot, Selection(shop.scope, Visibility(now=LATER, **times)))
        return {
            key: str(value) if not isinstance(value, tuple) else sorted(map(str, value))
            for key, value in found.items()
        }

    return shop.read(job)


@dataclass
class Shelf:
    """A scope of its own in a store that all examples share."""

    shop: Workshop
    scope: Scope

    def verify(self) -> list[Any]:
        return self.shop.verify(self.scope.partition)

    def read(self, job: Callable[[Snapshot], Any]) -> Any:
        return self.shop.read(job, scope=self.scope)


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Shelf]]:
    shop = Workshop(tmp_path_factory.mktemp("timelines") / "memory.db")
    numbers = itertools.count()
    yield lambda: Shelf(shop, Scope(user_id=f"user {next(numbers)}"))
    shop.close()


SLOTS = st.one_of(
    st.tuples(st.sampled_from(("lives_in", "favourite:颜色")), st.sampled_from(("Paris", "里昂", "Oslo"))),
    st.tuples(st.just("lives_in"), st.sampled_from(("France", "Lyon, France", "里昂"))),
    st.tuples(st.sampled_from(("likes", "dislikes")), st.sampled_from(("tea", "茶"))),
    st.tuples(st.just("count:cats"), st.sampled_from(("2", "3"))),
)
TOLD = st.lists(
    st.builds(
        lambda said, ago, slot, positive, until: Told(said, ago, slot[0], slot[1], positive, until),
        st.integers(0, 300),
        st.sampled_from((0, 0, 0, 3, 20, 40, 200)),
        SLOTS,
        st.sampled_from((True, True, True, False)),
        st.sampled_from((None, None, None, 30)),
    ),
    min_size=2,
    max_size=6,
    unique_by=lambda told: told.said,
)


def oracle(told: Sequence[Told], day: datetime) -> set[tuple[str, str, bool]]:
    """Return what held on a day, from the statements alone: each holds from when it begins to the first that ends it."""

    def key(one: Told) -> tuple[Any, ...]:
        return counts_from(one.valid_at, one.said_at), one.valid_at, one.said_at

    def ends(new: Told, old: Told) -> bool:
        if new.predicate != old.predicate:
            return (
                {new.predicate, old.predicate} == {"likes", "dislikes"}
                and new.thing == old.thing
                and new.positive
                and old.positive
            )
        if new.positive and old.positive:
            return new.thing != old.thing and new.predicate not in {"likes", "dislikes"}
        return new.positive != old.positive and new.thing == old.thing

    held: set[tuple[str, str, bool]] = set()
    order = sorted(told, key=key)
    for n, one in enumerate(order):
        rivals = [later for later in order[n + 1 :] if ends(later, one)]
        end = min((later.valid_at for later in rivals), default=LATER)
        if one.valid_at <= day < max(one.valid_at, end):
            held.add((one.predicate, one.thing, one.positive))
    return held


@SLOW
@given(told=TOLD, data=st.data())
def test_the_order_of_arrival_changes_nothing(
    make: Callable[[], Shelf], told: list[Told], data: st.DataObject
) -> None:
    one, other = make(), make()
    tell(one, told)
    tell(other, data.draw(st.permutations(told)))
    assert one.verify() == other.verify() == []
    assert values(one) == values(other)
    assert profile(one) == profile(other)
    for day in data.draw(st.lists(st.integers(-250, 400), max_size=4)):
        moment = NOON + day * DAY
        assert values(one, as_of=moment) == values(other, as_of=moment)
        assert facts_seen(one, as_of=moment) == len(values(one, as_of=moment))
        assert profile(one, as_of=moment) == profile(other, as_of=moment)


@SLOW
@given(told=TOLD, data=st.data())
def test_what_held_is_what_the_statements_alone_say(
    make: Callable[[], Shelf], told: list[Told], data: st.DataObject
) -> None:
    told = [one._replace(until=None) for one in told if "France" not in one.thing]
    shop = make()
    tell(shop, told)
    for day in data.draw(st.lists(st.integers(-250, 400), min_size=1, max_size=6)):
        moment = NOON + day * DAY
        assert {v[:3] for v in values(shop, as_of=moment)} == oracle(told, moment)


@SLOW
@given(told=TOLD, data=st.data())
def test_what_is_told_later_changes_no_earlier_knowledge(
    make: Callable[[], Shelf], told: list[Told], data: st.DataObject
) -> None:
    shop = make()
    days = data.draw(st.lists(st.integers(-250, 400), min_size=1, max_size=3))
    before: dict[tuple[datetime, int], Any] = {}
    for one in told:
        tell(shop, [one])
        for day in days:
            moment = NOON + day * DAY
            before[shop.shop.now, day] = (
                [v[:3] for v in values(shop, as_of=moment)],
                facts_seen(shop, as_of=moment),
                profile(shop, as_of=moment),
            )
    for (known, day), then in before.items():
        times = {"as_of": NOON + day * DAY, "known_at": known}
        assert (
            [v[:3] for v in values(shop, **times)],
            facts_seen(shop, **times),
            profile(shop, **times),
        ) == then
        single = [
            v[0] for v in values(shop, **times) if (v[2] and ":" in v[0]) or (v[0] == "lives_in" and v[2])
        ]
        assert len(single) == len(set(single)), "of a single value one at most is visible"


@SLOW
@given(told=TOLD, data=st.data())
def test_what_was_erased_was_never_told(
    make: Callable[[], Shelf], told: list[Told], data: st.DataObject
) -> None:
    one, other = make(), make()
    ids = tell(one, told)
    n = data.draw(st.integers(0, len(told) - 1))
    tell(other, told[:n] + told[n + 1 :])
    how = data.draw(st.sampled_from(("erase", "delete")))
    one.shop.remove(ids[n], how=how, scope=one.scope)
    assert one.verify() == other.verify() == []
    assert values(one) == values(other)
    assert everything(one) == everything(other)
    assert profile(one) == profile(other)
    for day in data.draw(st.lists(st.integers(-250, 400), max_size=3)):
        moment = NOON + day * DAY
        assert values(one, as_of=moment) == values(other, as_of=moment)


def test_a_broken_interval_is_found_and_mended(tmp_path: Path) -> None:
    shop = Workshop(tmp_path / "one.db")
    for day, town in enumerate(("Oslo", "里昂")):
        shop.commit(*drafts(Told(day, 0, "lives_in", town)))
    shop.sql("UPDATE item SET invalid_at = NULL, expired_at = NULL, superseded_by = NULL")
    shop.sql("UPDATE relation SET invalid_at = NULL, expired_at = NULL")
    shop.verify(repair=True)
    assert shop.verify() == []
    assert [text.split()[2] for text in shop.current() if "is lives_in" in text].count("Oslo") == 1
    shop.close()


def test_what_is_imported_contradicts_what_was_there(tmp_path: Path) -> None:
    one, other = Workshop(tmp_path / "one.db"), Workshop(tmp_path / "other.db")
    one.commit(*drafts(Told(0, 0, "lives_in", "Oslo")))
    other.commit(*drafts(Told(9, 0, "lives_in", "里昂")))
    one.restore(other.export())
    assert one.verify() == []
    shelf = Shelf(one, ALICE)
    assert [v[1] for v in values(shelf)] == ["里昂"]
    assert [v[1] for v in values(shelf, as_of=NOON + 5 * DAY)] == ["Oslo"]
    one.close()
    other.close()


@pytest.mark.parametrize("how", ["delete", "erase"])
def test_what_was_made_of_a_fact_goes_with_it(tmp_path: Path, how: str) -> None:
    shop = Workshop(tmp_path / "one.db")
    said, tea = drafts(Told(0, 0, "likes", "茶"))
    shop.commit(said, tea)
    made = replace(episode("she likes 茶"), kind="summary", keys=(), message=None, basis=(tea.id,))
    shop.commit(made)
    shop.remove(tea.id, how=how)
    assert "she likes 茶" not in shop.current()
    assert (("she likes 茶",) in shop.sql("SELECT text FROM item")) == (how == "delete")
    assert shop.verify() == []
    shop.close()


def test_what_was_made_of_a_fact_ends_when_that_is_closed(tmp_path: Path) -> None:
    shop = Workshop(tmp_path / "one.db")
    said, oslo = drafts(Told(0, 0, "lives_in", "Oslo"))
    shop.commit(said, oslo)
    shop.commit(replace(episode("lives in Oslo 总结"), kind="summary", message=None, basis=(oslo.id,)))
    shop.commit(*drafts(Told(9, 0, "lives_in", "里昂")))
    assert "lives in Oslo 总结" not in shop.current()
    with pytest.raises(NotFoundError):
        shop.commit(replace(episode("of nothing"), kind="summary", message=None, basis=(said.id[::-1],)))
    shop.close()


@pytest.mark.parametrize(
    ("vague", "precise", "predicate"),
    [
        ("France", "Lyon, France", "lives_in"),
        ("法国", "法国里昂", "lives_in"),
        ("1990", "3 May 1990", "birthday"),
        ("engineer", "software engineer", "works_as"),
    ],
)
def test_a_more_precise_value_refines_a_vaguer_one(
    make: Callable[[], Shelf], vague: str, precise: str, predicate: str
) -> None:
    shelf = make()
    tell(shelf, [Told(0, 0, predicate, vague), Told(5, 0, predicate, precise), Told(9, 0, predicate, vague)])
    assert [v[1] for v in values(shelf)] == [precise]
    assert [v[1] for v in values(shelf, as_of=NOON + 2 * DAY)] == [vague]


@pytest.mark.parametrize(("one", "other"), [("York", "New York"), ("Manager", "assistant manager")])
def test_what_only_shares_a_word_is_another_value(make: Callable[[], Shelf], one: str, other: str) -> None:
    shelf = make()
    predicate = "works_as" if "anager" in one else "lives_in"
    tell(shelf, [Told(0, 0, predicate, other), Told(5, 0, predicate, one)])
    assert [v[1].casefold() for v in values(shelf)] == [one.casefold()]
