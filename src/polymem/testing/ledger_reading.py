"""What a ledger promises to readers: the two time axes, order, paging, history, the wall."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from polymem.domain.filter import parse_filter
from polymem.domain.item import Item
from polymem.domain.query import Visibility
from polymem.domain.scope import Scope
from polymem.ports.faces import Edge
from polymem.ports.ledger import Snapshot
from polymem.read.selecting import carries
from polymem.testing.bench import ALICE, BOB, Bench
from polymem.testing.cases import ODD_IDS
from polymem.testing.clock import NOON
from polymem.testing.drafting import ENCODER, episode_of, fact_of, reworded

__all__ = ["ReadingPromises"]

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Look:
    """One way to look at the history of :func:`moved_house`, and what is to be seen."""

    about: str
    seen: tuple[str, ...]
    now: float = 20
    as_of: float | None = None
    known_at: float | None = None


# Told on day 0: lives in Lyon since day -10. Told on day 5: lives in Nice since day 3.
LOOKS = (
    Look("the present", ("Nice",)),
    Look("between, as known today", ("Lyon",), as_of=2),
    Look("on the day of the move", ("Nice",), as_of=3),
    Look("an instant before it", ("Lyon",), as_of=3 - 1e-6),
    Look("before either began", (), as_of=-11),
    Look("as it was known before the news", ("Lyon",), known_at=4),
    Look("at the instant of the news", ("Nice",), known_at=5),
    Look("before anything was told", (), known_at=-1),
    Look("what was then believed about a later day", ("Lyon",), as_of=4, known_at=4),
    Look("what was then believed about an earlier day", ("Lyon",), as_of=0, known_at=4),
    Look("what is known about a day after the news", ("Nice",), as_of=10),
    Look("known after the news about the time before the move", ("Lyon",), as_of=2, known_at=6),
    Look("a reader's clock that runs behind", ("Nice",), now=-3),
)


def moved_house(bench: Bench) -> None:
    """Store the history that :data:`LOOKS` looks at."""
    for told, town, since in ((0, "Lyon", -10), (5, "Nice", 3)):
        fact = fact_of(f"lives in {town}", "lives_in", town, valid_at=NOON + since * DAY)
        bench.commit(episode_of(f"told {town}", valid_at=NOON + told * DAY), fact, now=NOON + told * DAY)


class ReadingPromises:
    """Snapshots."""

    @pytest.mark.parametrize("look", LOOKS, ids=[look.about for look in LOOKS])
    def test_the_two_axes_of_time(self, bench: Bench, look: Look) -> None:
        """World time says what held, system time what was known; both ways of selecting agree."""
        moved_house(bench)

        def day(number: float | None) -> datetime | None:
            return None if number is None else NOON + timedelta(days=number)

        times: dict[str, Any] = {
            "now": day(look.now),
            "as_of": day(look.as_of),
            "known_at": day(look.known_at),
        }
        expected = [f"lives in {town}" for town in look.seen]
        assert [item.text for item in bench.seen(kinds=("fact",), **times)] == expected
        assert [item.text for item in bench.selected(kinds=("fact",), **times)] == expected

    def test_what_has_expired_is_hidden_at_once(self, bench: Bench) -> None:
        """``expires_at`` is the first instant at which an item is hidden, before any sweep."""
        end = NOON + timedelta(hours=1)
        bench.say("for an hour", expires_at=end)
        instant = timedelta(microseconds=1)
        assert bench.texts(now=end - instant) == ["for an hour"]
        assert bench.texts(now=end) == []
        assert [item.text for item in bench.selected(now=end)] == []
        assert bench.texts(now=end + DAY, known_at=NOON + timedelta(minutes=1)) == []

    def test_what_has_expired_is_swept_by_a_later_write(self, bench: Bench) -> None:
        """The first write after its end takes an expired item and what rests on it out of every face."""
        bench.say("for an hour", fact_of("likes tea", "likes", "tea"), expires_at=NOON + timedelta(hours=1))
        bench.now = NOON + timedelta(hours=2)
        bench.say("later")
        assert bench.words("hour") == []
        assert bench.texts() == ["later"]
        assert bench.verify() == []

    def test_pages_follow_one_another_without_gap_or_repeat(self, bench: Bench) -> None:
        """Newest first by first storing, then by its place; a revision does not move an item, even within its batch."""
        ids = [bench.say(f"note {n}") for n in range(9)]
        together = bench.commit(*(episode_of(f"batch {n}") for n in range(4))).item_ids
        bench.revise(reworded(episode_of("x", id=ids[2]), "note 2 revised"))
        for words in ("batch 1 revised", "batch 1 again"):
            bench.revise(reworded(episode_of("x", id=together[1]), words))
        whole = [item.text for item in bench.seen()]
        batch = ["batch 3", "batch 2", "batch 1 again", "batch 0"]
        assert whole == batch + [f"note {n}" for n in (8, 7, 6, 5, 4, 3)] + [
            "note 2 revised",
            "note 1",
            "note 0",
        ]
        for size in (1, 2, 5, 13, 50):
            assert list(itertools.chain(*self._pages(bench, size))) == whole

    def test_what_is_added_while_paging_does_not_shift_later_pages(self, bench: Bench) -> None:
        """A cursor keeps its place while others write."""
        for n in range(6):
            bench.say(f"note {n}")
        pages = self._pages(bench, 2)
        seen = next(pages)
        bench.say("a newer one")
        seen = [*seen, *itertools.chain(*pages)]
        assert seen == [f"note {n}" for n in (5, 4, 3, 2, 1, 0)]

    def test_what_is_revised_while_paging_is_not_lost(self, bench: Bench) -> None:
        """Items that came in one batch keep their places, whichever of them is revised and however often."""
        ids = bench.commit(*(episode_of(f"笔记 {n}") for n in range(9))).item_ids
        pages = self._pages(bench, 3)
        seen = next(pages)
        for n in (1, 8, 4, 4, 6):
            bench.revise(reworded(episode_of("x", id=ids[n]), f"笔记 {n}"))
        seen = [*seen, *itertools.chain(*pages)]
        assert seen == [f"笔记 {n}" for n in range(8, -1, -1)]

    @staticmethod
    def _pages(bench: Bench, size: int) -> Iterator[list[str]]:
        before: tuple[int, int] | None = None
        while True:
            positions, items = bench.read(_page(bench, size, before))
            if not positions:
                return
            yield [item.text for item in items]
            before = bench.read(_place(items[-1].id))

    def test_what_was_replaced_before_it_begins_is_never_seen(self, bench: Bench) -> None:
        """An old version, or a fact that was closed from its first instant on, does not wait for its time to come."""
        soon = NOON + 9 * DAY
        said = bench.say("the fair opens", valid_at=soon)
        bench.revise(reworded(episode_of("x", id=said), "展会开幕", valid_at=soon))
        for town in ("Lyon", "Nice"):
            bench.say(town, fact_of(f"lives in {town}", "lives_in", town, valid_at=soon))
        for as_of in (None, soon):
            for look in (bench.seen, bench.selected):
                assert sorted(item.text for item in look(as_of=as_of)) == (
                    ["Lyon", "Nice", "lives in Nice", "展会开幕"]
                )
            seen = bench.selection(as_of=as_of).visibility
            edges = bench.read(partial(_edges, seen=seen))
            assert [edge.position for edge in edges] == [bench.read(lambda s: s.n) - 1]

    def test_history_tells_everything_in_order(self, bench: Bench) -> None:
        """Events carry old and new words, grow in number and time, and each has its link in the chain."""
        said = bench.say("first words")
        bench.revise(reworded(episode_of("x", id=said), "second words"))
        bench.remove(said)
        events = bench.history(said)
        assert [event.name for event in events] == ["ADD", "UPDATE", "DELETE"]
        assert [(event.old_text, event.new_text) for event in events] == [
            (None, "first words"),
            ("first words", "second words"),
            ("second words", None),
        ]
        assert [event.n for event in events] == sorted({event.n for event in events})
        assert [event.at for event in events] == sorted(event.at for event in events)
        assert len({event.link for event in events}) == 3

    def test_closing_and_repeating_are_in_the_history(self, bench: Bench) -> None:
        """A fact's history says when it was said again and when it was closed."""
        bench.say("a", fact_of("lives in Lyon", "lives_in", "Lyon"))
        fact = bench.seen(kinds=("fact",))[0].id
        bench.say("b", fact_of("lives in Lyon", "lives_in", "Lyon"))
        bench.say("c", fact_of("lives in Nice", "lives_in", "Nice", valid_at=NOON + DAY))
        assert [event.name for event in bench.history(fact)] == ["ADD", "REPEAT", "SUPERSEDE"]

    def test_a_filter_means_what_the_reference_says(self, bench: Bench) -> None:
        """The engine selects exactly the rows for which the reference evaluator says true."""
        for n, city in enumerate(("Lyon", "里昂", None, "lyon")):
            bench.say(f"note {n}", metadata={} if city is None else {"city": city, "n": n})
        for given, expected in (
            ({"city": "Lyon"}, [0]),
            ({"city": {"ne": "Lyon"}}, [1, 3]),
            ({"city": {"icontains": "LYON"}}, [0, 3]),
            ({"NOT": {"n": {"gt": 0}}}, [0]),
            ({"city": {"exists": False}}, [2]),
            ({"OR": [{"city": "里昂"}, {"n": {"gte": 3}}]}, [1, 3]),
        ):
            assert bench.texts(filters=parse_filter(given)) == [f"note {n}" for n in expected]
            assert sorted(item.text for item in bench.selected(filters=parse_filter(given))) == [
                f"note {n}" for n in expected
            ]

    def test_neighbours_are_those_of_the_same_session(self, bench: Bench) -> None:
        """Before and after are by world time within a run; a late arrival finds its place; facts do not count."""
        monday = Scope(user_id="alice", run_id="monday")
        bench.say("first", valid_at=NOON, scope=monday)
        bench.say(
            "elsewhere",
            fact_of("likes tea", "likes", "tea"),
            valid_at=NOON,
            scope=Scope(user_id="alice", run_id="x"),
        )
        bench.say("third", valid_at=NOON + 2 * DAY, scope=monday)
        bench.say("second", valid_at=NOON + DAY, scope=monday)
        previous, following = bench.neighbours()
        assert previous.tolist() == [-1, -1, -1, 4, 0]
        assert following.tolist() == [4, -1, -1, -1, 3]

    # ------------------------------------------------------------ the wall
    def test_partitions_do_not_know_one_another(self, bench: Bench) -> None:
        """Rows, words, vectors, names, keys and ids of one owner do not exist for any other, whatever the kind of id."""
        scopes = (
            ALICE,
            BOB,
            Scope(agent_id="alice"),
            Scope(run_id="alice"),
            Scope(tenant="t", user_id="alice"),
        )
        ids = {
            scope: bench.say(
                f"secret {n}", fact_of(f"likes thing{n}", "likes", f"thing{n}"), scope=scope, speaker=f"s{n}"
            )
            for n, scope in enumerate(scopes)
        }
        for n, scope in enumerate(scopes):
            assert bench.texts(scope=scope) == [f"likes thing{n}", f"secret {n}"]
            assert bench.read(lambda s: (s.n, s.texts.n_rows), scope=scope) == (2, 2)
            others = [m for m in range(len(scopes)) if m != n]
            for m in others:
                assert bench.words(f"thing{m}", scope=scope) == []
                assert bench.read(_traces(f"thing{m}", f"s{m}", ids[scopes[m]]), scope=scope) == (
                    {},
                    None,
                    None,
                    {},
                    [],
                )

    def test_a_narrower_scope_sees_the_rows_that_carry_all_its_ids(self, bench: Bench) -> None:
        """By user all of the user's rows, by user and run those of the run, never a row without the id."""
        monday = Scope(user_id="alice", run_id="monday")
        cook = Scope(user_id="alice", agent_id="cook", run_id="monday")
        for n, scope in enumerate((ALICE, monday, cook)):
            bench.say(f"note {n}", scope=scope)
        assert bench.texts() == ["note 0", "note 1", "note 2"]
        assert bench.texts(scope=monday) == ["note 1", "note 2"]
        assert bench.texts(scope=cook) == ["note 2"]
        assert bench.texts(scope=Scope(user_id="alice", run_id="tuesday")) == []
        assert [item.text for item in bench.selected(scope=cook)] == ["note 2"]

    def test_a_part_of_the_rows_names_its_own_entities(self, bench: Bench) -> None:
        """Of some rows, what they mention or state is told, and how often they do; what others name is not."""
        monday, tuesday = (Scope(user_id="alice", run_id=day) for day in ("monday", "tuesday"))
        bench.say("one", fact_of("likes tea", "likes", "tea"), mentions=("Lyon",), scope=monday)
        bench.say("二", fact_of("likes tea", "likes", "tea"), mentions=("里昂", "Nice"), scope=tuesday)
        bench.say("三", mentions=("里昂", "Lyon"), scope=tuesday)

        def named(scope: Scope, *, limit: int = 9, after: int = -1) -> list[tuple[str, int]]:
            return bench.read(partial(_named, scope=scope, limit=limit, after=after))

        everything = [("Lyon", 2), ("alice", 0), ("tea", 3), ("里昂", 2), ("Nice", 1)]
        assert sorted(named(ALICE)) == sorted(everything)
        assert sorted(named(monday)) == [("Lyon", 1), ("alice", 0), ("tea", 2)]
        late = named(tuesday)
        assert sorted(late) == sorted([("Lyon", 1), ("tea", 1), ("里昂", 2), ("Nice", 1)])
        assert named(tuesday, limit=2) == late[:2]
        assert named(Scope(user_id="alice", run_id="wednesday")) == []
        number = bench.read(lambda s: s.graph.find(["nice"]))["nice"]
        assert [name for name, _ in named(tuesday, after=number - 1)] == [
            name for name, _ in late[[name for name, _ in late].index("Nice") :]
        ]

    @pytest.mark.parametrize("owner", ODD_IDS)
    def test_odd_ids_are_nobody_elses(self, bench: Bench, owner: str) -> None:
        """No id means another one, matches several, or is changed."""
        bench.say("of alice")
        odd = Scope(user_id=owner, run_id=owner)
        said = bench.say("of the odd one", scope=odd)
        assert bench.texts() == ["of alice"]
        assert bench.texts(scope=odd) == ["of the odd one"]
        found = bench.item(said, scope=odd)
        assert (found.user_id, found.run_id) == (owner, owner)
        assert bench.run(bench.ledger.locate(said)) == odd

    def test_a_snapshot_of_nothing_is_empty(self, bench: Bench) -> None:
        """A scope that nobody wrote to is empty in every face, and reading makes no partition of it."""

        def job(s: Snapshot) -> tuple[object, ...]:
            query = ENCODER.encode(["tea"])[0]
            return (
                s.n,
                s.version,
                s.texts.n_rows,
                s.vectors.scan(query).size,
                s.graph.owner(),
                s.keys.get(),
                s.last_at,
            )

        assert bench.read(job) == (0, 0, 0, 0, None, [], 0)
        assert bench.seen() == []
        assert bench.run(bench.ledger.partitions()) == []

    def test_a_snapshot_stays_at_its_instant(self, bench: Bench) -> None:
        """What is committed while a job runs is not seen by it."""
        bench.say("before")

        def job(s: Snapshot) -> tuple[int, list[str]]:
            n = s.n
            newest = s.rows.items(range(n))
            return n, [item.text for item in newest]

        works = [bench.ledger.read(ALICE.partition, job) for _ in range(5)]
        commits = [bench.ledger.commit(bench.batch(episode_of(f"during {n}"))) for n in range(5)]
        for seen in bench.gather(*(work for pair in zip(works, commits, strict=True) for work in pair))[::2]:
            assert isinstance(seen, tuple)
            assert seen[0] == len(seen[1])


def _page(
    bench: Bench, size: int, before: tuple[int, int] | None
) -> Callable[[Snapshot], tuple[list[int], list[Item]]]:
    def job(s: Snapshot) -> tuple[list[int], list[Item]]:
        positions = s.rows.page(bench.selection(), limit=size, before=before)
        return positions, s.rows.items(positions)

    return job


def _place(item_id: str) -> Callable[[Snapshot], tuple[int, int]]:
    def job(s: Snapshot) -> tuple[int, int]:
        first = s.rows.position(item_id, version=1)
        assert first is not None
        return int(s.columns.created[first]), first

    return job


def _edges(s: Snapshot, *, seen: Visibility) -> list[Edge]:
    return s.graph.neighbours(None, visibility=seen, limit=9)


def _named(s: Snapshot, *, scope: Scope, limit: int, after: int) -> list[tuple[str, int]]:
    found = s.graph.entities(limit=limit, after=after, within=carries(s, scope))
    assert [number for number, _ in found] == sorted(number for number, _ in found)
    return [(entity.name, entity.n_mentions) for _, entity in found]


def _traces(name: str, speaker: str, item_id: str) -> Callable[[Snapshot], tuple[object, ...]]:
    """Return a job that looks for an entity, a speaker and an item by all the ways there are."""

    def job(s: Snapshot) -> tuple[object, ...]:
        rows = s.rows
        return (
            s.graph.find([name]),
            rows.label(speaker),
            rows.position(item_id),
            rows.episodes([item_id]),
            rows.history(item_id),
        )

    return job
