"""A state machine for a queue of derivations: several workers and a clock, against a dict."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from polymem.domain.derivation import Lease
from polymem.domain.scope import Scope
from polymem.errors import ConflictError
from polymem.testing.desk import LEASE_S, Desk
from polymem.testing.drafting import fact_of

__all__ = ["DerivationMachine"]

USERS = ("alice", "bob", "小红")
RUNS = (None, "monday", "周二")
scopes = st.builds(Scope, user_id=st.sampled_from(USERS), run_id=st.sampled_from(RUNS))
picks = st.integers(0, 50)


class Known:
    """What is known of one derivation."""

    def __init__(self, key: str, scope: Scope, due: datetime) -> None:
        self.id, self.scope, self.due = key, scope, due
        self.token, self.until = "", due
        self.attempts, self.dead = 0, False

    def held(self, now: datetime) -> bool:
        """Tell whether somebody's lease runs."""
        return bool(self.token) and self.until > now

    def free(self, now: datetime) -> bool:
        """Tell whether it is due and nobody's."""
        return not self.dead and (self.until <= now if self.token else self.due <= now)

    @property
    def state(self) -> str:
        """The state that the queue tells."""
        return "dead" if self.dead else "leased" if self.token else "waiting"


class DerivationMachine(RuleBasedStateMachine):
    """Whoever comes when: each derivation is done once, by one who held it, and none is lost."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = self.open()
        self.known: list[Known] = []
        self.leases: list[Lease] = []
        self.stored: list[str] = []

    def open(self) -> Desk:
        """Return a desk on an empty store."""
        raise NotImplementedError("override open")

    def teardown(self) -> None:
        """Close the store."""
        assert self.desk.verify() == []
        self.desk.close()

    @initialize()
    def begin(self) -> None:
        """Start with something to do."""
        self.ask(Scope(user_id="alice"), hold=False)

    @rule(scope=scopes, hold=st.booleans())
    def ask(self, scope: Scope, *, hold: bool) -> None:
        """Put one in, held by the writer or not."""
        lease = self.desk.ask("我住在青岛。", scope=scope, lease_s=LEASE_S if hold else 0.0)
        made = Known(lease.derivation.id, scope, self.desk.now)
        self.known.append(made)
        if hold:
            self._took(made, lease)

    @rule(limit=st.integers(0, 4), scope=st.none() | scopes, seconds=st.sampled_from((1.0, LEASE_S)))
    def lease(self, limit: int, scope: Scope | None, seconds: float) -> None:
        """Take what is due: the oldest of each session of which no earlier one is held."""
        now = self.desk.now
        expected: list[Known] = []
        for each in self.known:
            earlier = self.known[: self.known.index(each)]
            blocked = any(other.scope == each.scope and other.held(now) for other in earlier)
            inside = scope is None or (
                scope.user_id == each.scope.user_id and scope.run_id in {None, each.scope.run_id}
            )
            first = each.scope not in {other.scope for other in expected}
            if each.free(now) and inside and not blocked and first:
                expected.append(each)
        found = self.desk.lease(limit=limit, scope=scope, lease_s=seconds)
        assert [lease.derivation.id for lease in found] == [each.id for each in expected[:limit]]
        for each, lease in zip(expected, found, strict=False):
            self._took(each, lease)

    def _took(self, each: Known, lease: Lease) -> None:
        each.token, each.until = lease.token, lease.until
        each.attempts += 1
        self.leases.append(lease)

    def _valid(self, lease: Lease) -> Known | None:
        return next((each for each in self.known if each.token == lease.token), None)

    def _use(self, pick: int, use: Any) -> tuple[Lease, Known] | None:
        """Use one of all leases there ever were; one that was lost is refused."""
        if not self.leases:
            return None
        lease = self.leases[pick % len(self.leases)]
        each = self._valid(lease)
        if each is None:
            with pytest.raises(ConflictError):
                use(lease)
            return None
        use(lease)
        return lease, each

    @rule(pick=picks, pause=st.sampled_from((0, 30)), dead=st.booleans(), counted=st.booleans())
    def postpone(self, pick: int, pause: int, *, dead: bool, counted: bool) -> None:
        """Give one back."""
        due = self.desk.now + timedelta(seconds=pause)
        queue, run = self.desk.queue, self.desk.run

        def give_back(lease: Lease) -> None:
            run(queue.postpone(lease, next_at=due, problem="ModelError", dead=dead, counted=counted))

        used = self._use(pick, give_back)
        if used is not None:
            each = used[1]
            each.token, each.due, each.dead = "", due, dead
            each.attempts -= not counted

    @rule(pick=picks)
    def renew(self, pick: int) -> None:
        """Hold one longer."""
        queue, run, now = self.desk.queue, self.desk.run, self.desk.now

        def hold_on(lease: Lease) -> None:
            run(queue.renew(lease, now=now, lease_s=LEASE_S))

        used = self._use(pick, hold_on)
        if used is not None:
            used[1].until = now + timedelta(seconds=LEASE_S)

    @rule(pick=picks)
    def complete(self, pick: int) -> None:
        """Finish one."""
        words = f"事实 {len(self.stored)}"

        def finish(lease: Lease) -> None:
            draft = fact_of(words, "likes", words)
            self.desk.done(lease, draft, scope=lease.derivation.scope)

        used = self._use(pick, finish)
        if used is not None:
            self.known.remove(used[1])
            self.stored.append(words)

    @rule(seconds=st.sampled_from((1, 31, 61)))
    def wait(self, seconds: int) -> None:
        """Let time pass."""
        self.desk.later(seconds)

    @rule(scope=st.none() | scopes)
    def retry(self, scope: Scope | None) -> None:
        """Bring back what was given up or waits for its time."""
        now = self.desk.now
        asleep = [
            each
            for each in self.known
            if (each.dead or (not each.token and each.due > now))
            and (
                scope is None
                or (scope.user_id == each.scope.user_id and scope.run_id in {None, each.scope.run_id})
            )
        ]
        assert self.desk.run(self.desk.queue.retry(scope, now=now)) == len(asleep)
        for each in asleep:
            each.attempts = 0 if each.dead else each.attempts
            each.dead, each.due = False, now

    @invariant()
    def nothing_is_lost(self) -> None:
        """What is not done is in the queue, and what is done is stored once."""
        found = self.desk.pending()
        assert [(each.id, each.state, each.attempts) for each in found] == [
            (each.id, each.state, each.attempts) for each in self.known
        ]
        facts = [
            item.text for user in USERS for item in self.desk.seen(scope=Scope(user_id=user), kinds=("fact",))
        ]
        assert sorted(facts) == sorted(self.stored)
