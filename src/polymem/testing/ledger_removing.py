"""What a ledger promises about removal: what goes along, what opens again, what remains nowhere."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Literal

import numpy as np
import pytest

from polymem.domain.filter import parse_filter
from polymem.domain.scope import Scope
from polymem.errors import NotFoundError
from polymem.ports.faces import INDEXED, REMOVED
from polymem.ports.ledger import Snapshot
from polymem.testing.bench import ALICE, BOB, Bench
from polymem.testing.clock import NOON
from polymem.testing.drafting import ENCODER, episode_of, fact_of, new_id, reworded

__all__ = ["RemovingPromises"]

LATER = NOON + timedelta(hours=1)


class RemovingPromises:
    """Deletion and erasure."""

    def test_a_deleted_item_is_in_no_face(self, bench: Bench) -> None:
        """Deletion unindexes words, vector, names, relations and keys; history keeps the text."""
        said = bench.say("I live in Lyon", fact_of("lives in Lyon", "lives_in", "Lyon"), mentions=("Lyon",))
        bench.say("I drink tea")
        bench.remove(said)
        assert bench.texts() == ["I drink tea"]
        assert bench.words("lyon") == []
        query = ENCODER.encode(["I live in Lyon"])[0]
        assert bench.read(lambda s: s.vectors.scan(query)[:2].tolist()) == [0, 0]
        assert bench.read(lambda s: s.graph.find(["lyon"])) == {}
        assert bench.read(lambda s: s.keys.get()) == []
        assert (
            bench.read(lambda s: s.graph.neighbours(None, visibility=bench.selection().visibility, limit=9))
            == []
        )
        assert bench.history(said)[-1].old_text == "I live in Lyon"
        assert bench.texts(known_at=bench.now - timedelta(seconds=1)) == ["I drink tea"]
        assert bench.verify() == []

    def test_what_rests_on_it_alone_goes_along(self, bench: Bench) -> None:
        """A fact goes with its only episode; where another one supports it, that states it anew in its own words."""
        one = bench.say("one", fact_of("likes tea", "likes", "tea"), fact_of("likes rain", "likes", "rain"))
        two = bench.say("two", fact_of("does like tea", "likes", "tea"))
        assert len(bench.remove(one).removed) == 3
        assert sorted(bench.texts()) == ["does like tea", "two"]
        assert bench.seen(kinds=("fact",))[0].episode_ids == (two,)
        bench.remove(two)
        assert bench.texts() == []
        assert bench.verify() == []

    def test_what_it_had_ended_is_open_again(self, bench: Bench) -> None:
        """Deleting a fact, or the episode behind it, reopens the facts that it had closed."""
        bench.say("a", fact_of("lives in Lyon", "lives_in", "Lyon"))
        second = bench.say("b", fact_of("lives in Nice", "lives_in", "Nice", valid_at=LATER))
        assert [item.text for item in bench.seen(kinds=("fact",), now=LATER)] == ["lives in Nice"]
        bench.remove(second)
        (open_again,) = bench.seen(kinds=("fact",), now=LATER)
        assert (open_again.text, open_again.invalid_at, open_again.superseded_by) == (
            "lives in Lyon",
            None,
            None,
        )
        assert [entry.value for entry in bench.read(lambda s: s.keys.get("residence"))] == ["Lyon"]
        assert bench.verify() == []

    def test_a_link_in_a_row_of_endings_can_go(self, bench: Bench) -> None:
        """When the middle one of three values goes, the first is ended by the last."""
        bench.say("a", fact_of("lives in Lyon", "lives_in", "Lyon"))
        middle = bench.say("b", fact_of("lives in Nice", "lives_in", "Nice", valid_at=LATER))
        bench.say("c", fact_of("lives in Metz", "lives_in", "Metz", valid_at=LATER + timedelta(hours=1)))
        bench.remove(middle)
        assert [item.text for item in bench.seen(kinds=("fact",), now=LATER + timedelta(days=1))] == [
            "lives in Metz"
        ]
        assert bench.verify() == []

    def test_an_episode_whose_facts_are_all_closed_is_marked(self, bench: Bench) -> None:
        """Superseded is a flag of the episode, and follows its facts in both directions."""
        superseded = 8
        first = bench.say("a", fact_of("lives in Lyon", "lives_in", "Lyon"))
        second = bench.say("b", fact_of("lives in Nice", "lives_in", "Nice", valid_at=LATER))

        def flag(item_id: str) -> bool:
            return bool(bench.read(lambda s: s.columns.flags[s.rows.position(item_id)] & superseded))

        assert (flag(first), flag(second)) == (True, False)
        bench.remove(second)
        assert flag(first) is False

    @pytest.mark.parametrize("how", ["delete", "erase"])
    def test_removing_what_is_not_there_is_an_error(self, bench: Bench, how: str) -> None:
        """Unknown and foreign ids are not found, in the same words, and nothing of the call is done."""
        said = bench.say("mine")
        run = Scope(user_id="alice", run_id="other")
        messages = set[str]()
        for ids, scope in (
            ((said, new_id()), ALICE),
            ((said,), BOB),
            ((said,), run),
            (("not an id",), ALICE),
        ):
            with pytest.raises(NotFoundError) as caught:
                bench.remove(*ids, how="delete" if how == "delete" else "erase", scope=scope)
            messages.add(str(caught.value))
        assert len(messages) == 1
        assert bench.texts() == ["mine"]

    def test_deleting_twice_is_an_error_and_erasing_after_it_is_not(self, bench: Bench) -> None:
        """What was deleted is gone for deletion; its text can still be erased, with what fell along."""
        said = bench.say("mine", fact_of("likes tea", "likes", "tea"))
        fact = bench.seen(kinds=("fact",))[0].id
        bench.remove(said)
        with pytest.raises(NotFoundError):
            bench.remove(said)
        assert set(bench.remove(said, how="erase").removed) == {said, fact}
        assert bench.read(lambda s: s.rows.position(fact)) is None

    def test_a_filter_is_true_of_deleted_rows_too(self, bench: Bench) -> None:
        """Whoever asks about deleted rows, to erase them say, gets them by the same conditions; others do not."""
        gone, kept = (bench.say(text, metadata={"place": "里昂"}) for text in ("one", "two"))
        bench.say("three")
        bench.remove(gone)
        condition = parse_filter({"place": "里昂"})
        assert condition is not None

        def found(snapshot: Snapshot, flags: int) -> list[str]:
            mask = snapshot.columns.flags & flags != 0
            positions = np.flatnonzero(snapshot.rows.matching(condition, now_mask=mask))
            return [item.id for item in snapshot.rows.items(positions.tolist())]

        assert bench.read(lambda s: found(s, INDEXED | REMOVED)) == [gone, kept]
        assert bench.read(lambda s: found(s, INDEXED)) == [kept]
        assert bench.read(lambda s: found(s, REMOVED)) == [gone]

    @pytest.mark.parametrize("how", ["delete", "erase"])
    def test_what_the_same_write_sweeps_can_be_removed(
        self, bench: Bench, how: Literal["delete", "erase"]
    ) -> None:
        """An item whose end has come just before it is to be removed is no error: it is gone, as was asked."""
        short, kept = bench.say("short", expires_at=LATER), bench.say("kept")
        bench.now = LATER
        bench.remove(short, kept, how=how)
        assert bench.texts() == []
        assert bench.history(short)[-1].name == ("ERASE" if how == "erase" else "EXPIRE")
        assert bench.verify() == []

    def test_erasing_leaves_no_byte(self, bench: Bench, raw_bytes: Callable[[], bytes] | None) -> None:
        """No word of an erased item remains in any face, log, cache or free page, of any of its versions."""
        word = "xylofonkvartett"
        said = bench.say(
            f"the {word} plays",
            fact_of(f"likes {word}", "likes", word),
            mentions=(word,),
            speaker=f"{word} fan",
            metadata={"about": word},
            message={"role": "user", "content": [{"text": word}]},
        )
        bench.revise(
            reworded(episode_of("x", id=said), f"the {word} rests"),
            fact_of(f"hates {word}", "dislikes", word),
        )
        bench.commit(episode_of(f"keyed {word}", id=(keyed := new_id())), idempotency=(word, "digest"))
        bench.say("the band plays")
        bench.remove(said, keyed, how="erase")
        assert bench.texts() == ["the band plays"]
        assert bench.words(word) == []
        assert bench.read(lambda s: (s.rows.position(said), s.rows.episodes([said]))) == (None, {})
        assert all(event.old_text is None and event.new_text is None for event in bench.history(said))
        assert bench.verify() == []
        if raw_bytes is not None:
            # The caller's own key is no memory text; it stays, so that a repetition is refused.
            bytes_left = raw_bytes().replace(word.encode() + b"{", b"")
            assert bytes_left.count(word.encode()) <= 1

    def test_an_erased_key_does_not_store_again(self, bench: Bench) -> None:
        """After erasure an idempotency key is a tombstone: nothing is stored a second time, nothing comes back."""
        outcome = bench.commit(episode_of("once"), idempotency=("key", "digest"))
        bench.remove(outcome.item_ids[0], how="erase")
        again = bench.commit(episode_of("once"), idempotency=("key", "digest"))
        assert (again.replayed, again.item_ids) == (True, ())
        assert bench.texts() == []

    def test_erasing_reopens_and_closes_the_chain(self, bench: Bench) -> None:
        """Erasing in the midst keeps the other facts right and the hash chain whole."""
        bench.say("a", fact_of("lives in Lyon", "lives_in", "Lyon"))
        second = bench.say("b", fact_of("lives in Nice", "lives_in", "Nice", valid_at=LATER))
        bench.remove(second, how="erase")
        assert [item.text for item in bench.seen(kinds=("fact",), now=LATER)] == ["lives in Lyon"]
        assert [event.name for event in bench.history(second)] == ["ADD", "ERASE"]
        assert bench.verify() == []
        bench.reopen()
        assert bench.verify() == []
