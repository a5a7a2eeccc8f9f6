"""What a ledger promises about commits: all or nothing, once, in order, free of races."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from polymem.domain.batch import ItemDraft, Outcome, Removal, Revision
from polymem.domain.scope import Scope
from polymem.domain.timeline import Stated, Stretch, timeline
from polymem.domain.timespan import to_micros
from polymem.errors import ConflictError, DimensionError, NotFoundError
from polymem.ports.faces import INDEXED
from polymem.testing.bench import ALICE, BOB, Bench
from polymem.testing.cases import ODD_METADATA, ODD_TEXTS
from polymem.testing.clock import NOON
from polymem.testing.drafting import ENCODER, episode_of, fact_of, new_id, reworded

__all__ = ["WritingPromises"]


class WritingPromises:
    """Commits."""

    def test_what_was_committed_is_there_with_all_four_faces(self, bench: Bench) -> None:
        """One commit feeds items, vectors, words, relations and keys."""
        said = bench.say("I live in Lyon", fact_of("lives in Lyon", "lives_in", "Lyon"), mentions=("Lyon",))
        assert bench.texts() == ["I live in Lyon", "lives in Lyon"]
        assert bench.words("lyon") == [0, 1]
        assert bench.nearest("I live in Lyon") == 0
        assert bench.read(lambda s: s.graph.find(["lyon"])).keys() == {"lyon"}
        assert [(e.key, e.value) for e in bench.read(lambda s: s.keys.get("residence"))] == [
            ("residence", "Lyon")
        ]
        assert bench.item(said).episode_ids == (said,)

    def test_it_is_there_after_reopening(self, bench: Bench) -> None:
        """A commit that returned is durable."""
        said = bench.say("我住在里昂", fact_of("住在里昂", "lives_in", "里昂"))
        before = bench.item(said)
        bench.reopen()
        assert bench.item(said) == before
        assert bench.texts() == ["住在里昂", "我住在里昂"]

    @pytest.mark.parametrize("name", ODD_TEXTS)
    def test_texts_come_back_as_they_went_in(self, bench: Bench, name: str) -> None:
        """No text is changed, whatever its script or signs."""
        text = ODD_TEXTS[name]
        said = bench.say(text, speaker=text[:20], message={"role": "user", "content": text})
        bench.reopen()
        assert bench.item(said).text == text
        assert bench.item(said).speaker == text[:20]
        assert bench.read(lambda s: s.rows.episodes([said]))[said].message["content"] == text

    @pytest.mark.parametrize("metadata", ODD_METADATA, ids=range(len(ODD_METADATA)))
    def test_metadata_comes_back_with_its_types(self, bench: Bench, metadata: dict[str, Any]) -> None:
        """Metadata survives down to the type of a number."""
        back = bench.item(bench.say("a note", metadata=metadata)).metadata
        assert back == metadata
        assert repr(back) == repr(metadata)

    @pytest.mark.parametrize("place", range(3))
    def test_a_failing_batch_leaves_nothing(self, bench: Bench, place: int) -> None:
        """All or nothing: one draft that cannot be stored takes back the whole batch, and no event remains."""
        kept = bench.say("kept")
        events = bench.run(bench.ledger.partitions())[0].n_events
        drafts = [episode_of(f"lost {n}") for n in range(3)]
        drafts[place] = replace(drafts[place], vector=ENCODER.encode(["x"])[0][:-1])
        with pytest.raises(DimensionError):
            bench.commit(*drafts)
        with pytest.raises(NotFoundError):
            bench.commit(episode_of("lost"), removals=(Removal((kept, new_id()), "delete"),))
        assert bench.texts() == ["kept"]
        assert bench.words("lost") == []
        assert bench.run(bench.ledger.partitions())[0].n_events == events
        assert bench.verify() == []

    def test_a_failing_resolver_leaves_nothing(self, bench: Bench) -> None:
        """The resolver runs inside the transaction; when it fails nothing was written."""

        def broken(stated: Sequence[Stated]) -> list[Stretch]:
            raise ArithmeticError(f"{len(stated)}")

        bench.say("kept", fact_of("likes tea", "likes", "tea"))
        before = bench.texts()
        with pytest.raises(ArithmeticError):
            bench.commit(episode_of("lost"), fact_of("lost", "likes", "tea"), resolve=broken)
        assert bench.texts() == before

    def test_a_failure_takes_back_no_neighbour(self, bench: Bench) -> None:
        """Batches that wait together fail apart."""
        good = [bench.batch(episode_of(f"good {n}")) for n in range(20)]
        bad = bench.batch(episode_of("bad"), if_version=999)
        works = [bench.ledger.commit(batch) for batch in (*good[:10], bad, *good[10:])]
        outcomes = bench.gather(*works)
        assert [n for n, outcome in enumerate(outcomes) if isinstance(outcome, BaseException)] == [10]
        assert len(bench.texts()) == 20

    def test_an_id_is_given_once(self, bench: Bench) -> None:
        """A second item under a known id is a conflict, in its own scope and in another."""
        draft = episode_of("first")
        bench.commit(draft)
        for scope in (ALICE, BOB):
            with pytest.raises(ConflictError):
                bench.commit(replace(draft, text="second"), scope=scope)
        assert bench.texts() == ["first"]
        assert bench.texts(scope=BOB) == []

    # ------------------------------------------------------------ conditions
    def test_a_condition_on_the_version_is_checked_inside_the_transaction(self, bench: Bench) -> None:
        """Of many writers that read the same version one succeeds; the others get a conflict and leave nothing."""
        bench.say("first")
        version = bench.read(lambda s: s.version)
        batches = [bench.batch(episode_of(f"racer {n}"), if_version=version) for n in range(8)]
        outcomes = bench.gather(*(bench.ledger.commit(batch) for batch in batches))
        assert sum(isinstance(outcome, Outcome) for outcome in outcomes) == 1
        assert sum(isinstance(outcome, ConflictError) for outcome in outcomes) == 7
        assert len(bench.texts()) == 2

    def test_versions_only_grow_and_are_a_partitions_own(self, bench: Bench) -> None:
        """Every change raises the version of its partition, and of no other."""
        versions = [bench.read(lambda s: s.version)]
        said = bench.say("one")
        versions.append(bench.read(lambda s: s.version))
        bench.say("elsewhere", scope=BOB)
        assert bench.read(lambda s: s.version) == versions[-1]
        bench.revise(reworded(episode_of("x", id=said), "two"))
        versions.append(bench.read(lambda s: s.version))
        bench.remove(said)
        versions.append(bench.read(lambda s: s.version))
        assert versions[0] == 0
        assert all(left < right for left, right in itertools.pairwise(versions))

    def test_the_same_key_and_payload_are_stored_once(self, bench: Bench) -> None:
        """A repeated call returns the first result, also after reopening, and stores nothing."""
        first = bench.commit(episode_of("once"), idempotency=("key", "digest"))
        bench.reopen()
        second = bench.commit(episode_of("once"), idempotency=("key", "digest"))
        assert (first.replayed, second.replayed) == (False, True)
        assert second.item_ids == first.item_ids
        assert bench.texts() == ["once"]

    def test_a_key_is_bound_to_its_payload_and_partition(self, bench: Bench) -> None:
        """The same key with another payload is a conflict; in another partition it is another key."""
        bench.commit(episode_of("once"), idempotency=("key", "digest"))
        with pytest.raises(ConflictError):
            bench.commit(episode_of("other"), idempotency=("key", "another digest"))
        assert (
            bench.commit(episode_of("other"), idempotency=("key", "another digest"), scope=BOB).replayed
            is False
        )
        assert (bench.texts(), bench.texts(scope=BOB)) == (["once"], ["other"])

    def test_a_key_of_a_failed_batch_is_free(self, bench: Bench) -> None:
        """What was taken back does not block its own retry."""
        with pytest.raises(ConflictError):
            bench.commit(episode_of("x"), idempotency=("key", "digest"), if_version=99)
        assert bench.commit(episode_of("x"), idempotency=("key", "digest")).replayed is False

    def test_keys_race_to_one_row(self, bench: Bench) -> None:
        """Of many calls with one key at the same time one stores."""
        batches = [bench.batch(episode_of("once"), idempotency=("key", "digest")) for _ in range(8)]
        outcomes = bench.gather(*(bench.ledger.commit(batch) for batch in batches))
        assert (
            sorted(isinstance(outcome, Outcome) and outcome.replayed for outcome in outcomes)
            == [False] + [True] * 7
        )
        assert bench.texts() == ["once"]

    # ------------------------------------------------------------ resolving
    def test_the_resolver_sees_the_current_facts_it_may_touch(self, bench: Bench) -> None:
        """They are facts of the same subject under the same or the opposite predicate, and no others."""
        seen: list[set[tuple[str, str]]] = []

        def spy(stated: Sequence[Stated]) -> list[Stretch]:
            seen.append({(fact.predicate, fact.slot) for fact in stated})
            return timeline(stated)

        def likes(thing: str, predicate: str = "likes", **fields: Any) -> ItemDraft:
            return fact_of(f"{predicate} {thing}", predicate, thing, **fields)

        bench.say("a", likes("tea"), likes("rain"), fact_of("lives in Lyon", "lives_in", "Lyon"))
        bench.say("b", likes("tea", subject="Harry"))
        bench.say("c", likes("tea"), scope=BOB)
        bench.commit(episode_of("d"), likes("tea", "dislikes"), resolve=spy)
        bench.commit(episode_of("e"), fact_of("lives in Nice", "lives_in", "Nice"), resolve=spy)
        assert seen == [{("likes", "tea"), ("dislikes", "tea")}, {("lives_in", "lyon"), ("lives_in", "nice")}]

    def test_the_resolver_is_free_of_races(self, bench: Bench) -> None:
        """Of single values stored at the same time exactly one stays current."""
        batches = [
            bench.batch(
                episode_of(f"move {n}"),
                fact_of(f"lives in town {n}", "lives_in", f"town {n}", valid_at=NOON + timedelta(hours=n)),
            )
            for n in (3, 0, 4, 1, 2)
        ]
        bench.gather(*(bench.ledger.commit(batch) for batch in batches))
        current = [item.text for item in bench.seen(kinds=("fact",), now=bench.now + timedelta(days=1))]
        assert current == ["lives in town 4"]
        assert bench.verify() == []

    def test_a_later_value_closes_an_earlier_one(self, bench: Bench) -> None:
        """A contradicted fact is closed on both axes and names what replaced it; its keys and relations follow."""
        bench.say("a", fact_of("lives in Lyon", "lives_in", "Lyon"))
        old = bench.seen(kinds=("fact",))[0].id
        later = NOON + timedelta(days=2)
        outcome = bench.commit(episode_of("b"), fact_of("lives in Nice", "lives_in", "Nice", valid_at=later))
        assert outcome.superseded == (old,)
        closed = bench.item(old)
        assert (closed.invalid_at, closed.expired_at) == (later, bench.now)
        assert closed.superseded_by == outcome.item_ids[1]
        assert [entry.value for entry in bench.read(lambda s: s.keys.get("residence"))] == ["Nice"]

    def test_an_earlier_value_that_arrives_late_is_closed_at_once(self, bench: Bench) -> None:
        """World time decides, not the order of arrival."""
        bench.say("a", fact_of("lives in Nice", "lives_in", "Nice", valid_at=NOON))
        before = NOON - timedelta(days=9)
        outcome = bench.commit(episode_of("b"), fact_of("lives in Lyon", "lives_in", "Lyon", valid_at=before))
        late = bench.item(outcome.item_ids[1])
        assert (late.valid_at, late.invalid_at) == (before, NOON)
        assert late.expired_at is not None
        assert [entry.value for entry in bench.read(lambda s: s.keys.get("residence"))] == ["Nice"]

    def test_a_repeated_fact_gains_evidence(self, bench: Bench) -> None:
        """Saying the same again stores the episode and no second fact."""
        bench.say("a", fact_of("likes tea", "likes", "tea"))
        known = bench.seen(kinds=("fact",))[0].id
        outcome = bench.commit(episode_of("b"), fact_of("likes tea", "likes", "tea"))
        assert outcome.repeated == (known,)
        assert len(outcome.item_ids) == 1
        fact = bench.item(known)
        assert fact.n_evidence == 2
        assert set(fact.episode_ids) == {item.id for item in bench.seen(kinds=("episode",))}

    # ------------------------------------------------------------ revisions
    def test_a_revision_is_a_new_version_of_the_same_item(self, bench: Bench) -> None:
        """The id stays, the number grows, the old words stay for those who look from before."""
        said = bench.say("the old words", speaker="Ann", metadata={"n": 1})
        before = bench.now
        bench.revise(reworded(episode_of("x", id=said, speaker="Ann"), "the new words"))
        new, old = bench.item(said), bench.item(said, version=1)
        assert (new.version, new.text, old.version, old.text) == (2, "the new words", 1, "the old words")
        assert old.expired_at == new.created_at == new.updated_at == bench.now
        assert bench.texts() == ["the new words"]
        assert bench.texts(known_at=before) == ["the old words"]
        assert bench.read(lambda s: s.rows.episodes([said]))[said].text == "the old words"

    def test_what_rested_on_the_old_words_is_retired(self, bench: Bench) -> None:
        """A revised episode's facts go, those derived anew come, and what they had ended is open again."""
        bench.say("a", fact_of("lives in Lyon", "lives_in", "Lyon"))
        said = bench.say(
            "b", fact_of("lives in Nice", "lives_in", "Nice", valid_at=NOON + timedelta(hours=1))
        )
        bench.revise(reworded(episode_of("x", id=said), "likes tea"), fact_of("likes tea", "likes", "tea"))
        assert bench.texts(now=NOON + timedelta(days=1)) == ["a", "likes tea", "likes tea", "lives in Lyon"]
        assert bench.verify() == []

    def test_a_revision_of_nothing_is_refused(self, bench: Bench) -> None:
        """Unknown, removed and other scopes' items are not found, in the same words."""
        said, gone = bench.say("mine"), bench.say("gone")
        bench.remove(gone)
        messages = set[str]()
        for item_id, scope in ((new_id(), ALICE), (gone, ALICE), (said, BOB)):
            with pytest.raises(NotFoundError) as caught:
                bench.revise(reworded(episode_of("x", id=item_id), "new"), scope=scope)
            messages.add(str(caught.value))
        assert len(messages) == 1
        assert bench.texts() == ["mine"]

    def test_a_row_stays_in_its_run_when_revised(self, bench: Bench) -> None:
        """Whoever revises an item, it keeps the agent and the run that it was stored with."""
        run = Scope(user_id="alice", agent_id="cook", run_id="monday")
        said = bench.say("in a run", scope=run)
        bench.commit(revisions=(Revision(said, reworded(episode_of("x", id=said), "still in a run")),))
        assert (bench.item(said).agent_id, bench.item(said).run_id) == ("cook", "monday")
        assert bench.texts(scope=run) == ["still in a run"]

    # ------------------------------------------------------------ together
    def test_commits_at_the_same_time_are_all_there(self, bench: Bench) -> None:
        """Concurrent commits to one and to several partitions lose nothing and share no row."""
        scopes = (ALICE, BOB, Scope(agent_id="helper"))
        batches = [bench.batch(episode_of(f"note {n}"), scope=scopes[n % 3]) for n in range(60)]
        outcomes = bench.gather(*(bench.ledger.commit(batch) for batch in batches))
        assert all(isinstance(outcome, Outcome) for outcome in outcomes)
        for place, scope in enumerate(scopes):
            assert bench.texts(scope=scope) == sorted(f"note {n}" for n in range(60) if n % 3 == place)
        assert bench.verify() == []

    def test_a_reader_sees_a_batch_whole_or_not_at_all(self, bench: Bench) -> None:
        """While batches of seven are committed, every snapshot holds a multiple of seven, in every face."""

        async def counts() -> tuple[int, int, int]:
            return await bench.ledger.read(
                ALICE.partition,
                lambda s: (
                    s.n,
                    int((s.columns.flags & INDEXED > 0).sum()),
                    s.texts.postings("note").positions.size,
                ),
            )

        works: list[Any] = []
        for n in range(12):
            works.append(bench.ledger.commit(bench.batch(*(episode_of(f"note {n} {m}") for m in range(7)))))
            works += [counts(), counts()]
        results: list[Any] = bench.gather(*works)
        for seen in (result for n, result in enumerate(results) if n % 3):
            n, n_indexed, n_found = seen
            assert n == n_indexed == n_found
            assert n % 7 == 0

    def test_system_time_never_runs_backwards(self, bench: Bench) -> None:
        """A clock that was set back puts no row before an older one, and hides nothing that was just stored."""
        first = bench.say("first")
        bench.now -= timedelta(days=30)
        second = bench.say("second")
        assert bench.item(second).created_at >= bench.item(first).created_at
        assert bench.read(lambda s: s.last_at) == to_micros(bench.item(first).created_at)
        assert bench.texts() == ["first", "second"]
        assert sorted(item.text for item in bench.selected()) == ["first", "second"]
