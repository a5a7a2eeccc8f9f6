"""A state machine for the whole memory: random histories through the public client, against a dict."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule

from polymem.client.sync import Memory
from polymem.domain.hit import Page
from polymem.domain.item import Item
from polymem.errors import NotFoundError
from polymem.testing.cases import ODD_METADATA, ODD_TEXTS, STATEMENTS, TALK
from polymem.testing.clock import FrozenClock
from polymem.testing.fakes import WordEmbedder
from polymem.testing.oracle import Kept, Oracle

__all__ = ["MemoryMachine"]

USERS = ("alice", "bob", "小红")
RUNS = (None, None, "monday", "周二")
EVENTS = {"ADD", "UPDATE", "DELETE", "EXPIRE", "ERASE"}

texts = st.sampled_from((*TALK, *(text for text, _ in STATEMENTS), *list(ODD_TEXTS.values())[:12]))
metadata = st.sampled_from(({}, {"n": 1}, {"n": 2, "城市": "青岛"}, ODD_METADATA[1]))
users = st.sampled_from(USERS)
runs = st.sampled_from(RUNS)
hours = st.sampled_from((None, None, None, 1, 5))


class MemoryMachine(RuleBasedStateMachine):
    """Everything that the public verbs promise, after any history.

    Subclass it and override :meth:`open` to run it on another engine or through a wrapper::

        class TestMine(MemoryMachine.TestCase): ...
    """

    ids = Bundle("ids")
    embedder: ClassVar[WordEmbedder] = WordEmbedder()

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.clock = FrozenClock()
        self.oracle = Oracle()
        self.memory = self.open(self.path("memory.db"))
        self.n_exports = 0

    def open(self, path: Path) -> Memory:
        """Open the store at *path*."""
        return Memory(path, embedder=self.embedder, clock=self.clock)

    def path(self, name: str) -> Path:
        """Return a path that lives as long as the machine."""
        return Path(self.folder.name) / name

    def teardown(self) -> None:
        """Close everything."""
        self.memory.close()
        self.folder.cleanup()

    def _visible(self, item_id: str) -> bool:
        return self.oracle.sees(item_id, self.clock.now())

    # ------------------------------------------------------------ writing
    @initialize(target=ids, text=texts)
    def begin(self, text: str) -> Any:
        """Say one thing, so that there is something."""
        return self.add("alice", [text], None, metadata={}, infer=True, hours=None, form="text")

    @rule(
        target=ids,
        user=users,
        said=st.lists(texts, min_size=1, max_size=3),
        run=runs,
        metadata=metadata,
        infer=st.booleans(),
        hours=hours,
        form=st.sampled_from(("text", "message", "list")),
    )
    def add(
        self,
        user: str,
        said: Sequence[str],
        run: str | None,
        *,
        metadata: Mapping[str, Any],
        infer: bool,
        hours: int | None,
        form: str,
    ) -> Any:
        """Add messages in one of the accepted forms."""
        said = said if form == "list" else said[:1]
        messages: Any = [{"role": "user", "content": text} for text in said]
        if form != "list":
            messages = said[0] if form == "text" else messages[0]
        expires_at = None if hours is None else self.clock.now() + timedelta(hours=hours)
        added = self.memory.add(
            messages, user_id=user, run_id=run, metadata=metadata, infer=infer, expires_at=expires_at
        )
        self.oracle.write(user, self.clock.now())
        episodes = [item for item in added.items if item.kind == "episode"]
        assert [item.text for item in episodes] == list(said)
        assert infer or len(added.items) == len(episodes)
        for item in episodes:
            one = self.oracle.add(item.id, user=user, run=run, text=item.text, metadata=metadata)
            one.expires_at = expires_at
            # What had ended before it was said is swept by the next write, but hidden at once.
            assert self.memory.get(item.id) == (item if self._visible(item.id) else None)
        return multiple(*(item.id for item in episodes))

    @rule(item_id=ids, text=texts, infer=st.booleans())
    def update_words(self, item_id: str, text: str, *, infer: bool) -> None:
        """Give an item new words."""
        self._update(item_id, {"text": text, "infer": infer}, text=text)

    @rule(item_id=ids, metadata=metadata)
    def update_metadata(self, item_id: str, metadata: Mapping[str, Any]) -> None:
        """Give an item new metadata; its words stay."""
        self._update(item_id, {"metadata": metadata}, metadata=metadata)

    @rule(item_id=ids, hours=hours)
    def update_end(self, item_id: str, hours: int | None) -> None:
        """Move the end of an item, or take it away."""
        end = None if hours is None else self.clock.now() + timedelta(hours=hours)
        self._update(item_id, {"expires_at": end}, expires_at=end)

    def _update(self, item_id: str, arguments: dict[str, Any], **changes: Any) -> None:
        one = self.oracle.kept[item_id]
        if not self._visible(item_id):
            with pytest.raises(NotFoundError):
                self.memory.update(item_id, **arguments)
            return
        updated = self.memory.update(item_id, **arguments)
        self.oracle.write(one.user, self.clock.now())
        one.texts.append(changes.pop("text", one.text))
        for name, value in changes.items():
            setattr(one, name, value)
        one.events.append("UPDATE")
        self._same(updated, one)

    @rule(item_id=ids)
    def delete(self, item_id: str) -> None:
        """Delete an item."""
        one = self.oracle.kept[item_id]
        if not self._visible(item_id):
            with pytest.raises(NotFoundError):
                self.memory.delete(item_id)
            return
        self.memory.delete(item_id)
        self.oracle.write(one.user, self.clock.now())
        one.state = "deleted"
        one.events.append("DELETE")

    @rule(user=users, run=runs, n=st.sampled_from((None, 1, 2)))
    def delete_all(self, user: str, run: str | None, n: int | None) -> None:
        """Delete what a filter matches in a scope."""
        gone = self.oracle.visible(
            user,
            self.clock.now(),
            run=run,
            where=None if n is None else lambda one: one.metadata.get("n") == n,
        )
        before = self.memory.stats(user_id=user)["n_events"]
        self.memory.delete_all(user_id=user, run_id=run, filters=None if n is None else {"n": n})
        # Derived items may match where no message does; any write sweeps.
        if self.memory.stats(user_id=user)["n_events"] != before:
            self.oracle.write(user, self.clock.now())
        for one in gone:
            one.state = "deleted"
            one.events.append("DELETE")

    @rule(item_id=consumes(ids))
    def forget(self, item_id: str) -> None:
        """Erase an item, deleted or not; nothing of it comes back."""
        one = self.oracle.kept[item_id]
        receipt = self.memory.forget(item_id)
        assert item_id in receipt.erased
        assert receipt.dry_run is False
        self.oracle.write(one.user, self.clock.now())
        one.state = "erased"
        assert self.memory.get(item_id) is None
        with pytest.raises(NotFoundError):
            self.memory.history(item_id)

    # ------------------------------------------------------------ time and place
    @rule(minutes=st.sampled_from((0, 1, 30, 90, 400, -1, -45, -300)))
    def move_clock(self, minutes: int) -> None:
        """Let time go on, or set the clock back."""
        self.clock.move(seconds=60 * minutes)

    @rule()
    def reopen(self) -> None:
        """Close the store and open it again."""
        self.memory.close()
        self.memory = self.open(self.path("memory.db"))

    # ------------------------------------------------------------ reading
    @rule(item_id=ids)
    def get(self, item_id: str) -> None:
        """An item is what it was last made, or it is not there."""
        found = self.memory.get(item_id)
        assert (found is not None) == self._visible(item_id)
        if found is not None:
            self._same(found, self.oracle.kept[item_id])

    @rule(user=users, run=runs, n=st.sampled_from((None, 1, 2)), limit=st.sampled_from((1, 2, 7, 1_000)))
    def get_all(self, user: str, run: str | None, n: int | None, limit: int) -> None:
        """Pages hold exactly the visible messages, newest first, whatever the size of a page."""
        expected = self.oracle.visible(
            user,
            self.clock.now(),
            run=run,
            where=None if n is None else lambda one: one.metadata.get("n") == n,
        )
        found: list[Item] = []
        cursor: str | None = None
        while True:
            page: Page = self.memory.get_all(
                user_id=user,
                run_id=run,
                kinds=["episode"],
                filters=None if n is None else {"n": n},
                limit=limit,
                cursor=cursor,
            )
            assert len(page) <= limit
            found += page
            cursor = page.cursor
            if cursor is None:
                break
        assert [item.id for item in found] == [one.id for one in expected]
        for item, one in zip(found, expected, strict=True):
            self._same(item, one)

    @rule(user=users)
    def derived_rests_on_messages(self, user: str) -> None:
        """Whatever was derived names messages of the same user that are still there."""
        kept = {one.id for one in self.oracle.kept.values() if one.user == user and one.state == "kept"}
        for item in self.memory.get_all(user_id=user, limit=1_000):
            assert item.user_id == user
            assert item.episode_ids
            assert set(item.episode_ids) <= kept

    @rule(user=users, run=runs, query=texts, limit=st.sampled_from((1, 3, 50)))
    def search(self, user: str, run: str | None, query: str, limit: int) -> None:
        """Search brings only visible messages of the scope, as many as there are up to the limit, best first."""
        visible = {one.id for one in self.oracle.visible(user, self.clock.now(), run=run)}
        hits = self.memory.search(query, user_id=user, run_id=run, kinds=["episode"], limit=limit)
        ids = [hit.item.id for hit in hits]
        assert set(ids) <= visible
        assert len(ids) == len(set(ids)) == min(limit, len(visible))
        scores = [hit.score for hit in hits]
        assert scores == sorted(scores, reverse=True)
        assert all(0 <= score <= 1 for score in scores)
        for hit in self.memory.search(query, user_id=user, run_id=run, limit=limit):
            assert hit.item.user_id == user
            assert run in {None, hit.item.run_id}
            assert {episode.id for episode in hit.episodes} <= {
                one.id for one in self.oracle.kept.values() if one.user == user and one.state != "erased"
            }

    @rule(item_id=ids)
    def history(self, item_id: str) -> None:
        """History tells every step in order; only erasure takes the words."""
        one = self.oracle.kept[item_id]
        events = [event for event in self.memory.history(item_id) if event.name in EVENTS]
        assert [event.name for event in events] == one.events
        words = [event.new_text for event in events if event.name in {"ADD", "UPDATE"}]
        assert words == one.texts
        assert [event.at for event in events] == sorted(event.at for event in events)

    @rule()
    def counts(self) -> None:
        """Figures are those of the messages."""
        for user in USERS:
            n_kept = sum(one.user == user and one.state == "kept" for one in self.oracle.kept.values())
            figures = self.memory.stats(user_id=user)
            assert figures["n_pending"] == 0
            assert figures["kinds"].get("episode", 0) >= n_kept

    @rule()
    def export_and_import(self) -> None:
        """A second store made of an export shows the same, and verifies."""
        self.n_exports += 1
        file, copy = self.path(f"{self.n_exports}.jsonl"), self.path(f"{self.n_exports}.db")
        self.memory.export(file)
        with self.open(copy) as twin:
            twin.import_(file)
            assert twin.verify() == []
            for user in USERS:
                mine = list(self.memory.get_all(user_id=user, limit=1_000))
                assert list(twin.get_all(user_id=user, limit=1_000)) == mine
                assert twin.profile(user_id=user) == self.memory.profile(user_id=user)
                question = TALK[self.n_exports % len(TALK)]
                here, there = (m.search(question, user_id=user, limit=50) for m in (self.memory, twin))
                assert {hit.item.id for hit in here} == {hit.item.id for hit in there}

    @invariant()
    def sound(self) -> None:
        """The faces agree after every step."""
        assert self.memory.verify() == []

    def _same(self, item: Item, one: Kept) -> None:
        assert (item.id, item.text, item.metadata) == (one.id, one.text, one.metadata)
        assert (item.user_id, item.run_id, item.kind) == (one.user, one.run, "episode")
        assert item.expires_at == one.expires_at
        assert item.version == len(one.texts)
