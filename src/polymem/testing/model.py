"""What a ledger has to say after any history, in plain Python lists: the oracle of suites for ledgers.

Written from the ports' promises, not from any engine. Everything is done in the slowest and plainest way.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from polymem.domain.batch import ItemDraft
from polymem.domain.item import Kind
from polymem.domain.predicates import predicate_named
from polymem.ports.faces import F32
from polymem.testing.faces import MemoryRow

__all__ = ["LedgerModel", "Version"]


@dataclass
class Version:
    """One version of an item as the model knows it."""

    id: str
    number: int
    kind: Kind
    text: str
    valid_at: datetime
    created_at: datetime
    invalid_at: datetime | None = None
    expired_at: datetime | None = None
    expires_at: datetime | None = None
    superseded_by: str | None = None
    removed: bool = False
    erased: bool = False
    run_id: str | None = None
    speaker: str = ""
    vector: F32 | None = None
    importance: float = 0.5
    sources: list[str] = field(default_factory=list[str])
    mentions: list[str] = field(default_factory=list[str])
    relation: tuple[str, str, str] | None = None
    slot: str = ""

    @property
    def retired(self) -> bool:
        """Whether it ended because the words that it rested on were replaced."""
        return self.expired_at is not None and self.superseded_by is None

    def visible(self, now: datetime, as_of: datetime | None, known_at: datetime | None) -> bool:
        """Tell whether a reader sees this version; the rule of ``Visibility``, word by word."""
        if self.removed or self.erased or self.created_at > (known_at or now):
            return False
        if self.expires_at is not None and self.expires_at <= now:
            return False
        end_unknown = self.expired_at is not None and self.expired_at > (known_at or now)
        held = self.invalid_at is None or max(as_of or now, self.valid_at) < self.invalid_at
        begun = as_of is None or self.valid_at <= as_of
        return begun and (end_unknown or held)


class LedgerModel:
    """One partition's rows by position.

    Args:
        owner: Name of the partition's owner.
    """

    def __init__(self, owner: str) -> None:
        self.owner = owner
        self.rows: list[Version] = []
        self.last_at: datetime | None = None

    # ------------------------------------------------------------ looking
    def visible(
        self, now: datetime, *, as_of: datetime | None = None, known_at: datetime | None = None
    ) -> list[Version]:
        """Return what a reader sees, by position; the present is never before the last write."""
        present = now if self.last_at is None else max(now, self.last_at)
        return [row for row in self.rows if row.visible(present, as_of, known_at)]

    def newest(self, item_id: str) -> Version:
        """Return the newest version of an item."""
        return [row for row in self.rows if row.id == item_id][-1]

    def alive(self, *kinds: Kind) -> list[Version]:
        """Return the newest versions of the items that were not removed."""
        newest = {row.id: row for row in self.rows}
        return [row for row in newest.values() if row.kind in kinds and not row.removed and not row.erased]

    def memory_rows(self) -> list[MemoryRow]:
        """Return the same rows for a :class:`polymem.testing.snapshot.MemorySnapshot`."""
        return [self._memory_row(row) for row in self.rows]

    def _memory_row(self, row: Version) -> MemoryRow:
        if row.erased:
            return MemoryRow(f"erased {id(row)}", "", removed=True)
        return MemoryRow(
            id=row.id,
            text="" if row.removed else row.text,
            kind=row.kind,
            valid_at=row.valid_at,
            created_at=row.created_at,
            invalid_at=row.invalid_at,
            expired_at=row.expired_at,
            expires_at=row.expires_at,
            # Ledgers know an unnamed speaker by the role, which the histories leave at its default.
            speaker=row.speaker or "user",
            run_id=row.run_id,
            importance=row.importance,
            vector=None if row.removed else row.vector,
            sources=tuple(row.sources),
            mentions=() if row.removed else tuple(row.mentions),
            relation=None if row.removed else row.relation,
            removed=row.removed,
            superseded=row.kind == "episode" and row is self.newest(row.id) and self._outdated(row.id),
            superseded_by=row.superseded_by,
        )

    def _outdated(self, episode: str) -> bool:
        facts = [row for row in self.alive("fact") if episode in row.sources and not row.retired]
        return bool(facts) and all(fact.expired_at is not None for fact in facts)

    # ------------------------------------------------------------ writing
    def commit(self, now: datetime, drafts: Sequence[ItemDraft], *, run_id: str | None = None) -> None:
        """Store drafts whose facts rest on the first of them and are resolved by ``later_wins``."""
        at = self._tick(now)
        for draft in drafts:
            row = Version(
                id=draft.id,
                number=1,
                kind=draft.kind,
                text=draft.text,
                valid_at=draft.valid_at,
                created_at=at,
                invalid_at=draft.invalid_at,
                expires_at=draft.expires_at,
                run_id=run_id,
                speaker=draft.speaker,
                vector=draft.vector,
                importance=draft.importance,
                mentions=[mention.name for mention in draft.mentions],
            )
            if draft.fact is None:
                self.rows.append(row)
            else:
                self._state(row, draft, episode=drafts[0].id)

    def _state(self, row: Version, draft: ItemDraft, *, episode: str) -> None:
        fact = draft.fact
        assert fact is not None
        subject = self.owner if fact.is_owner else fact.subject
        named = [name for name in (subject, fact.object) if name != self.owner]
        rivals = [
            other
            for other in self.alive("fact")
            if other.expired_at is None and other.relation and other.relation[:2] == (subject, fact.predicate)
        ]
        for other in rivals:
            if other.slot == fact.slot:
                other.sources += [] if episode in other.sources else [episode]
                self._mention(episode, other.mentions)
                return
        row.relation, row.slot = (subject, fact.predicate, fact.object), fact.slot
        row.sources, row.mentions = [episode], named
        if predicate_named(fact.predicate).functional:
            later = [other for other in rivals if other.valid_at > row.valid_at]
            for other in rivals:
                if other.valid_at <= row.valid_at:
                    other.invalid_at, other.expired_at, other.superseded_by = (
                        row.valid_at,
                        row.created_at,
                        row.id,
                    )
            if later:
                first = min(later, key=lambda other: other.valid_at)
                row.invalid_at, row.expired_at, row.superseded_by = first.valid_at, row.created_at, first.id
        self._mention(episode, named)
        self.rows.append(row)

    def _mention(self, episode: str, names: Iterable[str]) -> None:
        first = next(row for row in self.rows if row.id == episode)
        first.mentions += [name for name in names if name not in first.mentions]

    def revise(self, now: datetime, draft: ItemDraft) -> None:
        """Store a new version of an episode's item from which nothing is derived."""
        at = self._tick(now)
        old = self.newest(draft.id)
        old.expired_at, old.invalid_at = at, old.valid_at
        for fact in self.alive("fact"):
            if draft.id in fact.sources and not fact.retired:
                self._retire(fact, draft.id, at)
        self.rows.append(
            Version(
                id=draft.id,
                number=old.number + 1,
                kind=old.kind,
                text=draft.text,
                valid_at=draft.valid_at,
                created_at=at,
                expires_at=draft.expires_at,
                run_id=old.run_id,
                speaker=draft.speaker,
                vector=draft.vector,
                importance=draft.importance,
            )
        )

    def remove(self, now: datetime, item_id: str, *, erase: bool) -> None:
        """Remove an item and what rests on it alone."""
        self._tick(now)
        self._take(item_id, erase=erase)

    def _take(self, item_id: str, *, erase: bool) -> None:
        versions = [row for row in self.rows if row.id == item_id]
        newest = versions[-1]
        if newest.kind == "episode":
            # What went with the episode when it was deleted has its text in the history, and is erased with it.
            for fact in [row for row in self.rows if row.kind == "fact" and item_id in row.sources]:
                if (erase or not fact.removed) and not fact.erased:
                    self._let_go(fact, item_id, erase=erase)
        self._reopen(newest)
        assert self.last_at is not None
        for row in versions:
            row.removed, row.erased = True, row.erased or erase
            row.expired_at = row.expired_at or self.last_at

    def _reopen(self, gone: Version) -> None:
        for row in self.rows:
            if row.superseded_by == gone.id and not row.removed and not row.erased:
                # Nothing ends it any more, unless what is gone was itself outdated: then it is by what outdates that.
                outdated = gone.superseded_by is not None
                row.invalid_at = gone.invalid_at if outdated else None
                row.expired_at = gone.expired_at if outdated else None
                row.superseded_by = gone.superseded_by

    def _let_go(self, fact: Version, episode: str, *, erase: bool = False) -> None:
        others = [source for source in fact.sources if source != episode]
        if others:
            fact.sources[:] = others
        else:
            self._take(fact.id, erase=erase)

    def _retire(self, fact: Version, episode: str, at: datetime) -> None:
        """End a fact whose words were replaced, unless another episode says the same."""
        if fact.sources != [episode]:
            fact.sources.remove(episode)
            return
        self._reopen(fact)
        fact.invalid_at, fact.expired_at, fact.superseded_by = fact.valid_at, fact.expired_at or at, None

    def _tick(self, now: datetime) -> datetime:
        self.last_at = now if self.last_at is None else max(now, self.last_at)
        return self.last_at
