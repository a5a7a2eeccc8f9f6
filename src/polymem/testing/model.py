"""What a ledger has to say after any history, in plain Python lists: the oracle of suites for ledgers.

Written from the ports' promises, not from any engine. Everything is done in the slowest and plainest way.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from polymem.domain.batch import ItemDraft
from polymem.domain.change import StoreDocument
from polymem.domain.item import JsonObject, Kind
from polymem.domain.timeline import Stated, Stretch, competing, counts_from, timeline
from polymem.ports.faces import F32
from polymem.testing.documents import Kept
from polymem.testing.faces import MemoryRow

__all__ = ["LedgerModel", "Version"]


@dataclass(frozen=True)
class Belief:
    """The times that a version was believed to have before a system time."""

    until: datetime
    invalid_at: datetime | None
    expired_at: datetime | None


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
    role: str = "user"
    metadata: JsonObject = field(default_factory=dict[str, Any])
    vector: F32 | None = None
    importance: float = 0.5
    sources: list[str] = field(default_factory=list[str])
    mentions: list[str] = field(default_factory=list[str])
    relation: tuple[str, str, str] | None = None
    stated: Stated | None = None
    beliefs: list[Belief] = field(default_factory=list[Belief])

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
        invalid_at, expired_at = self.believed(known_at)
        end_unknown = expired_at is not None and expired_at > (known_at or now)
        held = invalid_at is None or max(as_of or now, self.valid_at) < invalid_at
        begun = as_of is None or self.valid_at <= as_of
        return begun and (end_unknown or held)

    def believed(self, known_at: datetime | None) -> tuple[datetime | None, datetime | None]:
        """Return when it was believed to end at a system time, and since when that was known."""
        then = [belief for belief in self.beliefs if known_at is not None and belief.until > known_at]
        times = min(then, key=lambda belief: belief.until, default=self)
        return times.invalid_at, times.expired_at

    def believe(self, at: datetime) -> None:
        """Keep what was believed until *at*, where its times alone do not tell that any more; the first of a write stays."""
        if self.invalid_at is not None and all(belief.until != at for belief in self.beliefs):
            self.beliefs.append(Belief(at, self.invalid_at, self.expired_at))


class LedgerModel:
    """One partition's rows by position.

    Args:
        owner: Name of the partition's owner.
    """

    def __init__(self, owner: str) -> None:
        self.owner = owner
        self.rows: list[Version] = []
        self.documents: dict[str, Kept] = {}
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
            # Ledgers know an unnamed speaker by the role.
            speaker=row.speaker or row.role,
            role=row.role,
            metadata=row.metadata,
            run_id=row.run_id,
            importance=row.importance,
            vector=None if row.removed else row.vector,
            sources=tuple(row.sources),
            mentions=() if row.removed else tuple(row.mentions),
            relation=None if row.removed else row.relation,
            removed=row.removed,
            superseded=row.kind == "episode" and row is self.newest(row.id) and self._outdated(row.id),
            superseded_by=row.superseded_by,
            beliefs=tuple((one.until, one.invalid_at, one.expired_at) for one in row.beliefs),
        )

    def _outdated(self, episode: str) -> bool:
        facts = [row for row in self.alive("fact") if episode in row.sources and not row.retired]
        return bool(facts) and all(fact.expired_at is not None for fact in facts)

    def document(self, uri: str, run_id: str | None) -> Kept | None:
        """Return the document at an address in a run, with what is left of it."""
        found = (kept for kept in self.documents.values() if (kept[0].uri, kept[0].run_id) == (uri, run_id))
        return next(found, None)

    # ------------------------------------------------------------ writing
    def keep(self, now: datetime, change: StoreDocument, *, run_id: str | None = None) -> None:
        """Keep a document and the order of its chunks."""
        kept = replace(
            change.document, run_id=run_id, n_chunks=len(change.chunks), ingested_at=self._tick(now)
        )
        self.documents[kept.id] = kept, change.chunks

    def drop(self, document_id: str) -> None:
        """Keep nothing of a document."""
        self.documents.pop(document_id, None)

    def _leave(self, item_id: str) -> None:
        """Take a removed item out of its document; with its last chunk the document goes."""
        for name, (document, chunks) in list(self.documents.items()):
            left = tuple(chunk for chunk in chunks if chunk.item_id != item_id)
            if len(left) < len(chunks):
                self.documents[name] = replace(document, n_chunks=len(left)), left
                if not left:
                    self.drop(name)

    def commit(self, now: datetime, drafts: Sequence[ItemDraft], *, run_id: str | None = None) -> None:
        """Store drafts whose facts rest on the first of them; each states something new."""
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
                role=draft.role,
                metadata=draft.metadata,
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
        row.relation = (subject, fact.predicate, fact.object)
        row.sources, row.mentions = [episode], named
        row.stated = Stated(
            item_id=row.id,
            predicate=fact.predicate,
            slot=fact.slot,
            positive=fact.positive,
            object=fact.object,
            valid_at=draft.valid_at,
            said_at=fact.said_at,
            ends_at=draft.invalid_at,
            counts_at=counts_from(draft.valid_at, fact.said_at),
        )
        self._mention(episode, named)
        self.rows.append(row)
        self._arrange(late=True)

    def states(self, subject: str, predicate: str, slot: str) -> bool:
        """Tell whether something that holds, or has been ended by what contradicts it, says so."""
        return any(
            (row.relation or ("",))[0] == subject
            and (row.stated.predicate, row.stated.slot) == (predicate, slot)
            for row in self._facts()
            if row.stated
        )

    def _facts(self) -> list[Version]:
        return [row for row in self.alive("fact") if row.stated is not None and not row.retired]

    def _arrange(self, *, late: bool) -> None:
        """Give all facts the times that follow from all that is stated, group by group."""
        groups: dict[tuple[str, str, str], list[Version]] = {}
        for row in self._facts():
            assert row.stated is not None
            assert row.relation is not None
            names, everywhere = competing(row.stated.predicate)
            key = (row.relation[0], min(names), "" if everywhere else row.stated.slot)
            groups.setdefault(key, []).append(row)
        for rows in groups.values():
            known = {row.id: row for row in rows}
            for stretch in timeline(row.stated for row in rows if row.stated):
                assert len(stretch.statements) == 1, "histories say everything once"
                self._end(known[stretch.head.item_id], stretch, late=late)

    def _end(self, row: Version, stretch: Stretch, *, late: bool) -> None:
        assert self.last_at is not None
        by = None if stretch.by is None else stretch.by.head.item_id
        if (row.invalid_at, row.superseded_by) == (stretch.invalid_at, by):
            return
        if late:
            row.believe(self.last_at)
        else:
            row.beliefs.clear()
        if by is None:
            row.expired_at = None
        elif row.superseded_by is None or not (late or by == row.superseded_by):
            since = self.last_at if late else next(one for one in self.rows if one.id == by).created_at
            row.expired_at = max(row.created_at, since)
        row.invalid_at, row.superseded_by = stretch.invalid_at, by

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
        self._arrange(late=False)
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
                role=draft.role,
                metadata=draft.metadata,
                vector=draft.vector,
                importance=draft.importance,
            )
        )

    def remove(self, now: datetime, item_id: str, *, erase: bool) -> None:
        """Remove an item and what rests on it alone."""
        self._tick(now)
        self._take(item_id, erase=erase)
        self._arrange(late=False)
        erased = {row.id for row in self.rows if row.erased}
        for row in self.rows:
            if row.superseded_by in erased:
                # It was removed before what had ended it, and is over all the same.
                row.superseded_by = None

    def _take(self, item_id: str, *, erase: bool) -> None:
        versions = [row for row in self.rows if row.id == item_id]
        newest = versions[-1]
        if newest.kind == "episode":
            # What went with the episode when it was deleted has its text in the history, and is erased with it.
            for fact in [row for row in self.rows if row.kind == "fact" and item_id in row.sources]:
                if (erase or not fact.removed) and not fact.erased:
                    self._take(fact.id, erase=erase)
        assert self.last_at is not None
        self._leave(item_id)
        for row in versions:
            row.removed, row.erased = True, row.erased or erase
            row.expired_at = row.expired_at or self.last_at

    def _retire(self, fact: Version, episode: str, at: datetime) -> None:
        """End a fact whose words were replaced."""
        assert fact.sources == [episode]
        fact.believe(at)
        fact.invalid_at, fact.expired_at, fact.superseded_by = fact.valid_at, fact.expired_at or at, None

    def _tick(self, now: datetime) -> datetime:
        self.last_at = now if self.last_at is None else max(now, self.last_at)
        return self.last_at
