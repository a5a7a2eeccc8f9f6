"""The end of a derivation, in the transaction that stores what it gave."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from polymem.domain.batch import Completion, ItemDraft, Outcome
from polymem.domain.change import Retire
from polymem.domain.item import KINDS
from polymem.domain.statement import Mention
from polymem.engines.sqlite.codec import id_bytes, id_text
from polymem.engines.sqlite.facts import FactWriter
from polymem.engines.sqlite.inherit import without_deleted
from polymem.engines.sqlite.partition import PartitionWriter
from polymem.engines.sqlite.queue import lost
from polymem.engines.sqlite.remove import NEWEST, RETIRED, Remover
from polymem.engines.sqlite.schema import POSITION_MASK
from polymem.errors import ConflictError
from polymem.ports.faces import REMOVED

REEXTRACTED: Final = "reextracted"
_MADE: Final = tuple(KINDS.index(kind) for kind in ("fact", "preference", "event", "procedure"))
"""What extraction makes; summaries and profiles are others' to keep."""


def begin(writer: PartitionWriter, remover: Remover, completion: Completion) -> list[int]:
    """Check that the derivation is still what was carried out; return the ``rid`` of its episodes, in order.

    What its episodes gave before ends, where that was asked for.

    Raises:
        ConflictError: The lease was lost (``error.lost``), or an episode was revised or removed since it was read.
    """
    connection, derivation = writer.connection, completion.lease.derivation
    row = connection.execute(
        "SELECT no, reextract FROM derivation WHERE id = ? AND token = ? AND partition = ?",
        (id_bytes(derivation.id), bytes.fromhex(completion.lease.token), writer.no),
    ).fetchone()
    if row is None:
        raise lost(completion.lease)
    no, again = row
    found = connection.execute(
        "SELECT e.episode, i.id, n.version, n.flags & ? OR ifnull(n.expires_at <= ?, 0) FROM derivation_episode e JOIN item i ON i.rid = e.episode "
        "JOIN item n ON n.id = i.id AND n.version = (SELECT max(v.version) FROM item v WHERE v.id = i.id) "
        "WHERE e.derivation = ? ORDER BY e.n",
        (REMOVED, writer.at, no),
    ).fetchall()
    ids = tuple(id_text(key) for _, key, _, _ in found)
    versions = tuple(0 if gone else version for _, _, version, gone in found)
    if (ids, versions) != (derivation.episode_ids, completion.versions):
        raise ConflictError("an episode was changed or removed meanwhile; derive anew", lost=False)
    episodes = [rid for rid, _, _, _ in found]
    if again:
        _retire_all(writer, remover, episodes)
    return episodes


def permitted(
    writer: PartitionWriter, drafts: Sequence[ItemDraft], episodes: Sequence[int]
) -> tuple[ItemDraft, ...]:
    """Return *drafts* without those that repeat a fact of one of their episodes that a caller has deleted."""
    refused: set[str] = set()
    for place, rid in enumerate(episodes):
        mine = [draft for draft in drafts if any(n == place for n, _, _ in draft.sources)]
        kept = {draft.id for draft in without_deleted(writer, rid, mine)}
        refused |= {draft.id for draft in mine} - kept
    return tuple(draft for draft in drafts if draft.id not in refused)


def note_names(facts: FactWriter, names: Sequence[Mention], position: int) -> None:
    """Note what the row at *position* names, each under all the names that its message gives it."""
    numbers = [facts.entity(each.name, kind=each.type, source=position) for each in names]
    for number, each in zip(numbers, names, strict=True):
        for alias in each.aliases:
            facts.alias(number, alias, source=position)
    facts.mention(numbers, position)


def end(
    writer: PartitionWriter,
    facts: FactWriter,
    completion: Completion,
    episodes: Sequence[int],
    *,
    outcome: Outcome,
) -> None:
    """Note what the episodes name, and that the derivation is done.

    Args:
        writer: The partition.
        facts: Of the batch.
        completion: What was carried out.
        episodes: From :func:`begin`.
        outcome: Of the batch; it belongs to the result of the ``add``, too.
    """
    connection = writer.connection
    for rid, version, names in zip(
        episodes, completion.versions, completion.names or ((),) * len(episodes), strict=True
    ):
        if version:
            (newest,) = connection.execute(
                "SELECT rid FROM item WHERE id = (SELECT id FROM item WHERE rid = ?) AND version = ?",
                (rid, version),
            ).fetchone()
            note_names(facts, names, newest & POSITION_MASK)
            connection.execute("INSERT OR REPLACE INTO derived VALUES (?, ?)", (rid, completion.by))
    key = id_bytes(completion.lease.derivation.id)
    (no, result_key) = connection.execute(
        "SELECT no, result_key FROM derivation WHERE id = ?", (key,)
    ).fetchone()
    connection.execute("DELETE FROM derivation_episode WHERE derivation = ?", (no,))
    connection.execute("DELETE FROM derivation WHERE no = ?", (no,))
    if result_key is not None:
        _extend_result(writer, result_key, outcome)


def _extend_result(writer: PartitionWriter, key: str, outcome: Outcome) -> None:
    """Let a repetition of the ``add`` return what was derived from it, too."""
    row = writer.connection.execute(
        "SELECT digest, result FROM idempotency WHERE partition = ? AND key = ?", (writer.no, key)
    ).fetchone()
    # An empty digest is the tombstone of an erased result.
    if row is None or not row[0]:
        return
    more = {"items": outcome.item_ids, "superseded": outcome.superseded, "repeated": outcome.repeated}
    result = {name: list(dict.fromkeys([*ids, *more[name]])) for name, ids in json.loads(row[1]).items()}
    writer.connection.execute(
        "UPDATE idempotency SET result = ? WHERE partition = ? AND key = ?",
        (json.dumps(result), writer.no, key),
    )


def _retire_all(writer: PartitionWriter, remover: Remover, episodes: Sequence[int]) -> None:
    """End what rests on *episodes* alone; what others say, too, loses them as its sources."""
    connection, marks = writer.connection, ",".join("?" * len(episodes))
    kinds = ",".join(map(str, _MADE))
    rows = connection.execute(
        f"SELECT i.id, i.rid, (SELECT count(*) FROM source o WHERE o.rid = i.rid AND o.episode NOT IN ({marks})) "
        f"FROM item i WHERE i.rid IN (SELECT s.rid FROM source s WHERE s.episode IN ({marks})) AND i.kind IN ({kinds}) "
        f"AND i.flags & ? = 0 AND NOT {RETIRED} AND {NEWEST} ORDER BY i.rid",
        (*episodes, *episodes, REMOVED),
    ).fetchall()
    for key, _rid, n_others in rows:
        if not n_others:
            remover.retire(key, reason=REEXTRACTED)
            continue
        remover.lose(key, episodes, reason=REEXTRACTED)
    remover.settle()


def retire(writer: PartitionWriter, remover: Remover, facts: FactWriter, change: Retire) -> None:
    """Apply :class:`~polymem.domain.change.Retire`; what has ended already is passed over.

    Raises:
        NotFoundError: The scope does not hold an item.
    """
    del writer, facts
    for item_id in change.item_ids:
        row = remover.find(item_id)[0]
        if not row.flags & REMOVED and (row.expired is None or row.superseded_by is not None):
            remover.retire(row.id, reason=change.reason)
    remover.settle()
