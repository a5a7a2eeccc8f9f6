"""What passes on when an episode changes: metadata and expiry to derived items, and that a fact was deleted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from polymem.domain.batch import ItemDraft
from polymem.domain.event import EVENT_NAMES
from polymem.domain.item import KINDS
from polymem.domain.timespan import from_micros
from polymem.engines.sqlite.codec import id_text, moment
from polymem.engines.sqlite.partition import PartitionWriter
from polymem.ports.faces import PENDING, REMOVED
from polymem.text.indexed import indexed_terms
from polymem.text.keys import index_keys
from polymem.text.tokenise import terms

_DERIVED: Final = (
    "SELECT i.id, i.kind, i.text, i.importance, i.role, i.speaker, i.valid_at, i.invalid_at, i.flags, i.derived_by, v.f16 "
    "FROM source s JOIN item i ON i.rid = s.rid LEFT JOIN vector v ON v.rid = i.rid "
    "WHERE s.episode = ? AND i.flags & ? = 0 AND (i.expired_at IS NULL OR i.superseded_by IS NOT NULL) "
    "AND i.version = (SELECT max(n.version) FROM item n WHERE n.id = i.id) "
    "AND NOT EXISTS (SELECT 1 FROM source o WHERE o.rid = s.rid AND o.episode <> s.episode)"
)

_DELETED: Final = (
    "SELECT DISTINCT i.text FROM source s JOIN item i ON i.rid = s.rid JOIN event e ON e.item = i.id "
    "WHERE s.episode = ? AND i.flags & ? <> 0 AND e.name = ? AND e.reason <> ?"
)
REVISED: Final = "revised"
"""Reason of a deletion that nobody asked for: the words that a fact rested on were replaced."""


def without_deleted(
    writer: PartitionWriter, episode: int, drafts: Sequence[ItemDraft]
) -> tuple[ItemDraft, ...]:
    """Return *drafts* derived anew from *episode* without those that repeat a fact of it that a caller has deleted."""
    if not drafts:
        return ()
    name = EVENT_NAMES.index("DELETE")
    rows = writer.connection.execute(_DELETED, (episode, REMOVED, name, REVISED)).fetchall()
    deleted = {tuple(terms(text)) for (text,) in rows}
    return tuple(draft for draft in drafts if tuple(draft.terms) not in deleted)


def inheriting_drafts(writer: PartitionWriter, episode: int, draft: ItemDraft) -> list[ItemDraft]:
    """Return the next versions of the items that rest on *episode* alone, with the metadata and expiry of *draft*."""
    rows = writer.connection.execute(_DERIVED, (episode, REMOVED)).fetchall()
    return [
        ItemDraft(
            id=id_text(key),
            kind=KINDS[int(kind)],
            text=text,
            terms=indexed_terms(KINDS[int(kind)], text, role=role, metadata=draft.metadata),
            keys=index_keys(KINDS[int(kind)], text, role=role, metadata=draft.metadata),
            vector=None if f16 is None else np.frombuffer(f16, dtype=np.float16),
            embedded=not flags & PENDING,
            valid_at=from_micros(valid),
            invalid_at=moment(invalid),
            importance=importance,
            metadata=draft.metadata,
            role=role,
            speaker=speaker,
            expires_at=draft.expires_at,
            derived_by=by,
        )
        for key, kind, text, importance, role, speaker, valid, invalid, flags, by, f16 in rows
    ]
