"""Policies of forgetting: what is put away because it was replaced long ago, became weak, or is one too many."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final, Literal, TypeAlias

import numpy as np

from polymem.domain.batch import Batch
from polymem.domain.change import Archive
from polymem.domain.item import KINDS
from polymem.domain.scope import Scope
from polymem.domain.slotted import dataclass
from polymem.domain.timespan import to_micros
from polymem.errors import NotFoundError
from polymem.forget.remove import within
from polymem.ports.clock import Clock
from polymem.ports.faces import ARCHIVED, FOREVER, INDEXED, Mask
from polymem.ports.forgetting import ErasureLedger, Uses
from polymem.ports.ledger import Ledger, Snapshot
from polymem.ranking.arrays import F64
from polymem.ranking.decay import CURVES, CurveName

__all__ = ["Plan", "Policies", "PolicyName", "Report", "apply_policies", "plan_policies"]

PolicyName: TypeAlias = Literal["superseded", "decay", "capacity"]
BLOCK: Final = 500
"""Items of one transaction, so that other writers get their turn."""
DAY_US: Final = 86_400e6
PROTECTED_KINDS: Final = ("profile", "procedure")
PROTECTED_KEY: Final = "instructions"
"""Where standing instructions are found in the key-value face."""


@dataclass(frozen=True, slots=True)
class Policies:
    """What is put away by itself; by default nothing is.

    Profiles, procedures, standing instructions and what is of great importance are never put away.

    Attributes:
        curve: By which strength decays: "fsrs" or "act-r", see :mod:`polymem.ranking.decay`.
        archive_below: Strength, 0 to 1, below which an item is put away; 0 for never.
        capacity: Most current items of a scope that are not put away; the weakest make room. None for any number.
        superseded_days: Days after which a fact that was replaced is put away; None for never.
        min_age_days: Days since it was stored or last used within which an item does not fall to decay.
        protected_importance: From this importance on an item is never put away.
    """

    curve: CurveName = "fsrs"
    archive_below: float = 0.0
    capacity: int | None = None
    superseded_days: float | None = None
    min_age_days: float = 30.0
    protected_importance: float = 0.9


@dataclass(frozen=True, slots=True)
class Plan:
    """What the policies mean for a scope now.

    Attributes:
        archive: Ids of the items to put away, by policy.
        n_items: How many current items there are, those put away not counted.
        n_expired: How many items have expired and wait to be swept.
    """

    archive: Mapping[PolicyName, tuple[str, ...]]
    n_items: int
    n_expired: int


@dataclass(frozen=True, slots=True)
class Report:
    """What the policies did.

    Attributes:
        archived: Ids of the items that were put away, by policy ("superseded", "decay", "capacity").
        n_expired: How many items had expired and were swept.
        n_items: How many current items there were before.
        dry_run: True when nothing was done.
    """

    archived: Mapping[PolicyName, tuple[str, ...]]
    n_expired: int
    n_items: int
    dry_run: bool = False

    @classmethod
    def of(cls, reports: Sequence[Report], *, dry_run: bool) -> Report:
        """Return the reports of several scopes as one."""
        archived: dict[PolicyName, tuple[str, ...]] = {}
        for report in reports:
            for name, ids in report.archived.items():
                archived[name] = (*archived.get(name, ()), *ids)
        n_expired, n_items = (sum(getattr(r, name) for r in reports) for name in ("n_expired", "n_items"))
        return cls(archived, n_expired, n_items, dry_run)

    @property
    def n_archived(self) -> int:
        """How many items were put away."""
        return sum(len(ids) for ids in self.archived.values())


def plan_policies(
    snapshot: Snapshot, scope: Scope, policies: Policies, *, uses: Mapping[str, Uses], now: datetime
) -> Plan:
    """Say what is to be put away.

    Each item falls to one policy: what was replaced long ago first, then what is weak, then the weakest of the rest.
    """
    columns, instant = snapshot.columns, to_micros(now)
    there: Mask = within(snapshot, scope) & (columns.flags & (INDEXED | ARCHIVED) == INDEXED)
    due = there & (columns.expires <= instant)
    there &= ~due
    free = there & ~_protected(snapshot, policies)
    last, strength = _strengths(snapshot, policies.curve, uses=uses, now=instant)
    closed = columns.expired != FOREVER
    current = there & ~closed
    archive: dict[PolicyName, tuple[str, ...]] = {}
    if policies.superseded_days is not None:
        long_ago = np.maximum(columns.expired, last) <= instant - policies.superseded_days * DAY_US
        archive["superseded"] = tuple(_ids(snapshot, np.flatnonzero(free & closed & long_ago).tolist()))
    weak = np.zeros(snapshot.n, dtype=np.bool_)
    if policies.archive_below > 0:
        old = last <= instant - policies.min_age_days * DAY_US
        weak = free & ~closed & old & (strength < policies.archive_below)
        archive["decay"] = tuple(_ids(snapshot, np.flatnonzero(weak).tolist()))
    n_current = int(np.count_nonzero(current))
    if policies.capacity is not None:
        spare = n_current - int(np.count_nonzero(weak)) - policies.capacity
        rest = np.flatnonzero(free & ~closed & ~weak)
        worth = strength[rest] * columns.importance[rest]
        order = np.lexsort((columns.created[rest], worth))
        archive["capacity"] = tuple(_ids(snapshot, rest[order][: max(spare, 0)].tolist()))
    return Plan(archive, n_current, len(_ids(snapshot, np.flatnonzero(due).tolist())))


def _protected(snapshot: Snapshot, policies: Policies) -> Mask:
    columns = snapshot.columns
    kinds = [KINDS.index(kind) for kind in PROTECTED_KINDS]
    protected: Mask = np.isin(columns.kind, kinds)
    # Columns hold importance at single precision.
    protected |= columns.importance >= np.float32(policies.protected_importance)
    protected[[entry.position for entry in snapshot.keys.get(PROTECTED_KEY)]] = True
    return protected


def _strengths(
    snapshot: Snapshot, curve: CurveName, *, uses: Mapping[str, Uses], now: int
) -> tuple[F64, F64]:
    """Return when each row was stored or last used, in microseconds, and how strong it is, both float64[n]."""
    exact, unused = CURVES[curve]
    last = snapshot.columns.created.astype(np.float64)
    strength = unused((now - last) / DAY_US)
    for item_id, used in uses.items():
        position = snapshot.rows.position(item_id)
        if position is None:
            continue
        times = sorted({float(last[position]), *(float(to_micros(at)) for at in used.at)})
        strength[position] = exact([(now - at) / DAY_US for at in times])
        last[position] = times[-1]
    return last, strength


def _ids(snapshot: Snapshot, positions: Sequence[int]) -> list[str]:
    """Return the ids of the items whose newest version is among *positions*, in their order."""
    rows, ids = snapshot.rows, list[str]()
    for start in range(0, len(positions), BLOCK):
        part = positions[start : start + BLOCK]
        for position, item in zip(part, rows.items(part), strict=True):
            if item.expired_at is None or rows.position(item.id) == position:
                ids.append(item.id)
    return ids


async def apply_policies(
    ledger: Ledger,
    erasures: ErasureLedger,
    clock: Clock,
    scope: Scope,
    *,
    policies: Policies,
    now: datetime | None,
    dry_run: bool,
    progress: Callable[[int], None] | None = None,
) -> Report:
    """Carry the policies out in a scope, block by block; who stops in between goes on by starting again.

    Args:
        ledger: The engine.
        erasures: Knows how items were used.
        clock: The present.
        scope: Whose memory.
        policies: What is put away.
        now: The present for which strength and age are reckoned; None for the clock's.
        dry_run: Only say what would be done.
        progress: Called with the number of items put away so far, after each block.
    """
    uses = await erasures.uses(scope.partition)
    moment = now or clock.now()
    plan = await ledger.read(
        scope.partition,
        lambda snapshot: plan_policies(snapshot, scope, policies, uses=uses, now=moment),
    )
    if dry_run:
        return Report(plan.archive, plan.n_expired, plan.n_items, dry_run=True)
    n_expired = await _sweep(ledger, clock, scope) if plan.n_expired else 0
    archived: dict[PolicyName, tuple[str, ...]] = {}
    n = 0
    for name, ids in plan.archive.items():
        done: list[str] = []
        for start in range(0, len(ids), BLOCK):
            done += await _archive(ledger, clock, scope, ids[start : start + BLOCK], reason=name)
            if progress is not None:
                progress(n + len(done))
        archived[name] = tuple(done)
        n += len(done)
    return Report(archived, n_expired, plan.n_items)


async def _sweep(ledger: Ledger, clock: Clock, scope: Scope) -> int:
    """Let go of what has expired; every write takes some along."""
    n = 0
    while True:
        outcome = await ledger.commit(Batch(scope=scope, now=clock.now(), actor="policy", reason="expiry"))
        swept = outcome.counts.get("expired", 0)
        n += swept
        if not swept:
            return n


async def _archive(
    ledger: Ledger, clock: Clock, scope: Scope, ids: Sequence[str], *, reason: str
) -> tuple[str, ...]:
    """Put items away; those that somebody else removed meanwhile are passed over."""
    left: tuple[str, ...] = tuple(ids)
    while left:
        batch = Batch(
            scope=scope, now=clock.now(), actor="policy", reason=reason, changes=(Archive(left, reason),)
        )
        try:
            await ledger.commit(batch)
        except NotFoundError as error:
            left = tuple(item_id for item_id in left if item_id != str(error.item_id))
        else:
            break
    return left
