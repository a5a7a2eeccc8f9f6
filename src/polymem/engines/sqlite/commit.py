"""One batch inside one write transaction: all faces or none."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from polymem.domain.batch import (
    Batch,
    Completion,
    FactDraft,
    ItemDraft,
    Outcome,
    Revision,
)
from polymem.domain.change import DropDocument
from polymem.domain.item import Item
from polymem.domain.quota import Quotas
from polymem.domain.timeline import Stated
from polymem.domain.timespan import from_micros, to_micros
from polymem.engines.sqlite import changes, completing, enqueue, erase
from polymem.engines.sqlite.archive import bring_back
from polymem.engines.sqlite.basis import rest_on
from polymem.engines.sqlite.codec import id_bytes, id_text, micros, moment
from polymem.engines.sqlite.corroborate import believe, borne_out
from polymem.engines.sqlite.derive import EPISODE
from polymem.engines.sqlite.documents_order import note_revised
from polymem.engines.sqlite.facts import FactWriter, mark_superseded
from polymem.engines.sqlite.inherit import REVISED, inheriting_drafts, without_deleted
from polymem.engines.sqlite.insert import RowBuffer, Stored, to_json
from polymem.engines.sqlite.latest import touched
from polymem.engines.sqlite.mark import Row, rescan
from polymem.engines.sqlite.partition import PartitionWriter
from polymem.engines.sqlite.quotas import check, held
from polymem.engines.sqlite.remove import Remover
from polymem.engines.sqlite.repeat import repeat
from polymem.engines.sqlite.replay import remember, replayed
from polymem.engines.sqlite.schema import POSITION_MASK, SEGMENT_BITS
from polymem.engines.sqlite.segments import pack_full_segments
from polymem.engines.sqlite.sweep import sweep
from polymem.engines.sqlite.timeline import (
    Group,
    Timelines,
    group_of,
    groups_of,
    keep_belief,
    restate_begin,
    stated_in,
)
from polymem.errors import ConflictError, NotFoundError
from polymem.ports.faces import REMOVED


def erases(batch: Batch) -> bool:
    """Tell whether *batch* is to destroy something."""
    erasing = any(removal.how == "erase" for removal in batch.removals)
    return not batch.dry_run and (
        erasing or any(isinstance(change, DropDocument) for change in batch.changes)
    )


def commit(
    connection: sqlite3.Connection, batch: Batch, *, dim: int, quotas: Quotas | None = None
) -> Outcome:
    """Apply *batch* in the open transaction of *connection*.

    Raises:
        ConflictError: ``if_version`` does not hold, or the idempotency key was used with another payload.
        NotFoundError: A revision or removal names an item that the scope does not hold.
        QuotaError: The scope would hold more than it may.
    """
    if not batch.dry_run:
        return _commit(connection, batch, dim=dim, quotas=quotas)
    connection.execute("SAVEPOINT dry_run")
    try:
        return _commit(connection, batch, dim=dim, quotas=quotas)
    finally:
        connection.execute("ROLLBACK TO dry_run")
        connection.execute("RELEASE dry_run")


def _commit(connection: sqlite3.Connection, batch: Batch, *, dim: int, quotas: Quotas | None) -> Outcome:
    writer = PartitionWriter.open(connection, batch.scope.partition, now=batch.now, actor=batch.actor)
    # A retry of what succeeded is no conflict, although the version has moved on.
    replay = replayed(writer, batch)
    if replay is not None:
        return replay
    if batch.if_version is not None and batch.if_version != writer.version:
        raise ConflictError("the scope changed in the meantime; read again and retry", version=writer.version)
    job = _Commit(writer, batch, RowBuffer(writer, batch.scope, dim))
    job.remover.swept = frozenset(sweep(writer))
    before = held(writer)
    n_events = writer.n_events
    for removal in batch.removals:
        job.remover.remove(removal, reason=batch.reason)
        if removal.tombstone_id:
            erase.record(writer, job.remover, removal.tombstone_id, since=n_events)
    for revision in batch.revisions:
        job.revise(revision)
    if batch.completes is None:
        job.add(batch.drafts)
    else:
        job.complete(batch.completes)
    if batch.changes:
        changes.apply(writer, job.remover, job.facts, batch.changes)
    if quotas is not None:
        check(writer, quotas, batch, before=before)
    if writer.next_position >> SEGMENT_BITS > writer.n_packed:
        writer.n_packed = pack_full_segments(
            connection, writer.no, next_position=writer.next_position, n_packed=writer.n_packed, dim=dim
        )
    writer.finish()
    outcome = job.outcome()
    remember(writer, batch, outcome)
    return outcome if batch.enqueue is None else enqueue.enqueued(writer, batch, outcome, job.ids)


@dataclass(slots=True)
class _Commit:
    """The state of one batch while it is applied."""

    writer: PartitionWriter
    batch: Batch
    buffer: RowBuffer
    facts: FactWriter = field(init=False)
    remover: Remover = field(init=False)
    timelines: Timelines = field(init=False)
    items: list[Item] = field(default_factory=list[Item])
    ids: dict[int, str] = field(default_factory=dict[int, str])
    superseded: list[str] = field(default_factory=list[str])
    repeated: list[str] = field(default_factory=list[str])
    stated_here: set[str] = field(default_factory=set[str])
    outdated: set[int] = field(default_factory=set[int])

    def __post_init__(self) -> None:
        self.facts = FactWriter(self.writer)
        self.timelines = Timelines(self.writer)
        self.remover = Remover(self.writer, self.batch.scope)

    def outcome(self) -> Outcome:
        counts = dict(self.remover.counts)
        if self.remover.swept:
            counts["expired"] = len(self.remover.swept)
        return Outcome(
            version=self.writer.version,
            item_ids=tuple(item.id for item in self.items),
            items=tuple(self.items),
            superseded=tuple(self.superseded),
            repeated=tuple(self.repeated),
            removed=tuple(self.remover.removed),
            counts=counts,
            last_event=self.writer.n_events,
            link=self.writer.head.hex(),
            n_pending=self.writer.n_pending,
        )

    def add(self, drafts: tuple[ItemDraft, ...], *, episodes: Sequence[int] | None = None) -> None:
        """Store new items; ``sources`` of a draft count the drafts, or the positions *episodes* where these are given."""
        positions: list[int] = []
        for draft in drafts:
            known = positions if episodes is None else episodes
            sources = [(known[n], start, stop) for n, start, stop in draft.sources]
            stored = (
                self._add_fact(draft, draft.fact, sources) if draft.fact else self._add_plain(draft, sources)
            )
            positions.append(-1 if stored is None else stored.position)
        # Only now is it known what else the same message says.
        self.buffer.flush()
        for rid in self.outdated:
            mark_superseded(self.writer, rid)
        self.outdated.clear()
        if self.superseded:
            self.remover.retire_based_on(self.superseded)

    def complete(self, done: Completion) -> None:
        """Store what a derivation gave; it ends with that."""
        episodes = completing.begin(self.writer, self.remover, done)
        positions = [rid & POSITION_MASK for rid in episodes]
        # What they gave before may be gone.
        self.outdated.update(episodes)
        self.ids |= dict(zip(positions, done.lease.derivation.episode_ids, strict=True))
        self.add(completing.permitted(self.writer, self.batch.drafts, episodes), episodes=positions)
        completing.end(self.writer, self.facts, done, episodes, outcome=self.outcome())

    def _add_plain(self, draft: ItemDraft, sources: list[tuple[int, int, int]]) -> Stored:
        stored = self.buffer.add(draft)
        self._finish_row(draft, stored, sources)
        return stored

    def _finish_row(self, draft: ItemDraft, stored: Stored, sources: list[tuple[int, int, int]]) -> None:
        for episode, start, stop in sources:
            self.buffer.add_source(stored.position, episode, start=start, stop=stop)
        if draft.basis:
            rest_on(self.writer, stored.position, draft.basis)
        if draft.mentions:
            completing.note_names(self.facts, draft.mentions, stored.position)
        content = (draft.text, to_json(draft.metadata))
        self.writer.event(
            "ADD",
            stored.id,
            content=content,
            versions=(stored.version - 1, stored.version),
            reason=self.batch.reason,
        )
        self._note(draft, stored, sources)

    def _note(self, draft: ItemDraft, stored: Stored, sources: list[tuple[int, int, int]]) -> None:
        """Keep the item for the outcome."""
        self.ids[stored.position] = draft.id
        episodes = (draft.id,) if draft.kind == "episode" else tuple(self.ids[n] for n, _, _ in sources)
        self.stated_here.add(draft.id)
        self.items.append(self.buffer.item(draft, stored, episode_ids=episodes))

    def _add_fact(
        self, draft: ItemDraft, fact: FactDraft, sources: list[tuple[int, int, int]]
    ) -> Stored | None:
        source = sources[0][0] if sources else self.writer.next_position
        subject = self.facts.subject(fact, source=source)
        self.facts.part_namesakes(fact, subject=subject, source=source)
        episodes = [episode for episode, _, _ in sources]
        draft = borne_out(self.writer, self.buffer, draft, subject=subject, episodes=episodes)
        fact = draft.fact or fact
        said = self._stated(draft, fact)
        group = group_of(subject, fact.predicate, fact.slot)
        by: bytes | None = None
        where = touched(self.writer, group)
        if where is not None:
            # What is known is read by joins, so it has to be in the tables.
            self.buffer.flush()
            known, times = self.timelines.known(where, said)
            stretches = self.batch.resolve([*known, said])
            settled = self.timelines.arrange(stretches, new=said, late=True, stored=times)
            self.superseded += settled.closed
            if not self.stated_here.isdisjoint(settled.closed):
                # What it ended may come from the same message.
                self.outdated.update(self.writer.rid(episode) for episode in episodes)
            if settled.owner != draft.id and settled.owner is not None:
                self.outdated.update(
                    repeat(self.facts, settled.owner, draft, sources, stated=(subject, fact, said))
                )
                self.repeated.append(settled.owner)
                self.stated_here.add(settled.owner)
                return None
            if settled.stretch is not None:
                held = settled.stretch
                draft = replace(draft, valid_at=held.valid_at, invalid_at=held.invalid_at)
            by = None if settled.by is None else id_bytes(settled.by)
        stored = self.buffer.add(draft, superseded_by=by)
        self._finish_row(draft, stored, sources)
        entities = self.facts.relate(draft, fact, stored, subject=subject, current=by is None, stated=said)
        for episode, _, _ in sources:
            self.facts.mention([n for n in entities if n != self.writer.owner_entity], episode)
        if by is not None:
            self.outdated.update(self.writer.rid(episode) for episode, _, _ in sources)
        self.superseded += believe(self.writer, self.buffer, fact, subject=subject, stored=stored)
        return stored

    def _stated(self, draft: ItemDraft, fact: FactDraft) -> Stated:
        said = stated_in(draft, fact)
        unstated = self.batch.unstated_at
        if unstated is not None and fact.said_at == unstated and to_micros(unstated) <= self.writer.last_at:
            # The partition's time stands still meanwhile; its history goes on.
            after = from_micros(self.writer.at + 1 + self.writer.n_events)
            said = replace(said, said_at=after, counts_at=after)
        return said

    def revise(self, revision: Revision) -> None:
        """Store a new version of an item; the old one stays for ``known_at``, what was derived from it is retired."""
        rows = self._revisable(revision)
        old, writer = rows[0], self.writer
        expired = writer.at if old.expired is None else old.expired
        groups = groups_of(writer, old.rid) if old.kind != EPISODE else set[Group]()
        keep_belief(writer, old)
        # An empty world interval: once replaced, the version is seen only by those who look from before.
        writer.connection.execute(
            "UPDATE item SET expired_at = ?, invalid_at = valid_at WHERE rid = ?", (expired, old.rid)
        )
        rescan(writer, old.position, expired=expired, invalid=old.valid)
        draft = revision.draft
        if old.superseded_by is not None and draft.invalid_at is None:
            draft = replace(draft, invalid_at=moment(old.invalid))
        # Whoever asks for it, the item stays in its session.
        self.buffer.scope = replace(self.batch.scope, agent_id=old.agent_id, run_id=old.run_id)
        stored = self.buffer.add(
            draft,
            version=old.version + 1,
            first_at=old.first_at,
            superseded_by=old.superseded_by,
            expired=old.expired,
            n_evidence=old.n_evidence,
        )
        self.buffer.flush()
        self._carry_over(old.rid, writer.rid(stored.position), stated=not revision.restated)
        if revision.restated and draft.fact is not None:
            self._restate(draft, draft.fact, stored, current=old.expired is None)
        if groups or draft.fact is not None:
            self._rearrange(old, writer.rid(stored.position), groups, draft)
        if old.text == draft.text or draft.kind != "episode":
            self.facts.copy_mentions(old.position, stored.position)
        self.facts.mention(
            [self.facts.entity(m.name, kind=m.type, source=stored.position) for m in draft.mentions],
            stored.position,
        )
        writer.event(
            "UPDATE",
            stored.id,
            content=(draft.text, to_json(draft.metadata)),
            versions=(old.version, stored.version),
            reason=self.batch.reason,
        )
        self._note(draft, stored, self._sources_of(old.rid))
        if revision.derived or old.text != draft.text:
            first = rows[-1].rid
            derived = without_deleted(writer, first, revision.derived)
            self.remover.retire_derived(first, reason=REVISED)
            writer.connection.execute("DELETE FROM derived WHERE episode = ?", (first,))
            self.ids[rows[-1].position] = draft.id
            self.add(derived, episodes=[rows[-1].position])
        elif (old.metadata, old.expires) != (to_json(draft.metadata), micros(draft.expires_at)):
            for heir in inheriting_drafts(writer, rows[-1].rid, draft):
                self.revise(Revision(heir.id, heir))
        self.buffer.scope = self.batch.scope
        if draft.kind == "episode":
            mark_superseded(writer, rows[-1].rid)
            note_revised(writer, old.id)

    def _revisable(self, revision: Revision) -> list[Row]:
        """Return the versions of the item to be revised, newest first; one that was put away comes back."""
        rows = self.remover.find(revision.item_id)
        if rows[0].flags & REMOVED:
            raise NotFoundError("no such item in this scope", item_id=revision.item_id)
        if revision.version not in {None, rows[0].version}:
            raise ConflictError("the item changed meanwhile; read it again", version=rows[0].version)
        back = bring_back(self.writer, rows, reason="updated")
        return self.remover.find(revision.item_id) if back else rows

    def _sources_of(self, rid: int) -> list[tuple[int, int, int]]:
        """Return the sources of a stored row as :meth:`add` takes them."""
        rows = self.writer.connection.execute(
            "SELECT s.episode, s.start, s.stop, e.id FROM source s JOIN item e ON e.rid = s.episode WHERE s.rid = ?",
            (rid,),
        ).fetchall()
        self.ids |= {episode & POSITION_MASK: id_text(key) for episode, _, _, key in rows}
        return [(episode & POSITION_MASK, start, stop) for episode, start, stop, _ in rows]

    def _restate(self, draft: ItemDraft, fact: FactDraft, stored: Stored, *, current: bool) -> None:
        """Let the new version of a fact state what its new words say."""
        subject = self.facts.subject(fact, source=stored.position)
        said = self._stated(draft, fact)
        self.facts.relate(draft, fact, stored, subject=subject, current=current, stated=said)

    def _rearrange(self, old: Row, new: int, groups: set[Group], draft: ItemDraft) -> None:
        """Let what competes with a revised fact agree with its new words and times."""
        if to_micros(draft.valid_at) != old.valid:
            restate_begin(self.writer, new, draft.valid_at)
        elif groups == groups_of(self.writer, new):
            return
        self.superseded += self.timelines.settle(groups | groups_of(self.writer, new), late=True).closed

    def _carry_over(self, old: int, new: int, *, stated: bool) -> None:
        """Let what rests on the old version of a fact rest on the new one; what it *stated*, too, unless its words were read anew."""
        connection = self.writer.connection
        connection.execute(
            "INSERT INTO source SELECT ?, episode, start, stop FROM source WHERE rid = ?", (new, old)
        )
        if not stated:
            self.facts.retire(old)
            return
        connection.execute(
            "UPDATE relation SET fact = ?, (valid_at, invalid_at, expired_at, expires_at) = "
            "(SELECT valid_at, invalid_at, expired_at, expires_at FROM item WHERE rid = ?) WHERE fact = ?",
            (new, new, old),
        )
        connection.execute("UPDATE key_value SET fact = ? WHERE fact = ?", (new, old))
        # What was believed of the version before is what its relation was believed to be.
        connection.execute(
            "INSERT OR IGNORE INTO belief SELECT ?, until_at, valid_at, invalid_at, expired_at FROM belief WHERE rid = ?",
            (new, old),
        )
