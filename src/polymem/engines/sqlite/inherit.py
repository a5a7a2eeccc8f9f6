"""What a derived item takes over when its episode changes in anything but the words: metadata and expiry."""

from __future__ import annotations

from typing import Final

import numpy as np

from polymem.domain.batch import ItemDraft
from polymem.domain.item import KINDS
from polymem.domain.timespan import from_micros
from polymem.engines.sqlite.codec import id_text, moment
from polymem.engines.sqlite.partition import PartitionWriter
from polymem.ports.faces import PENDING, REMOVED
from polymem.text.tokenise import terms

_DERIVED: Final = (
    "SELECT i.id, i.kind, i.text, i.importance, i.role, i.speaker, i.valid_at, i.invalid_at, i.flags, v.f16 "
    "FROM source s JOIN item i ON i.rid = s.rid LEFT JOIN vector v ON v.rid = i.rid "
    "WHERE s.episode = ? AND i.flags & ? = 0 "
    "AND i.version = (SELECT max(n.version) FROM item n WHERE n.id = i.id) "
    "AND NOT EXISTS (SELECT 1 FROM source o WHERE o.rid = s.rid AND o.episode <> s.episode)"
)


def inheriting_drafts(writer: PartitionWriter, episode: int, draft: ItemDraft) -> list[ItemDraft]:
    """Return the next versions of the items that rest on *episode* alone, with the metadata and expiry of *draft*."""
    rows = writer.connection.execute(_DERIVED, (episode, REMOVED)).fetchall()
    return [
        ItemDraft(
            id=id_text(key),
            kind=KINDS[int(kind)],
            text=text,
            terms=terms(text),
            vector=None if f16 is None else np.frombuffer(f16, dtype=np.float16),
            embedded=not flags & PENDING,
            valid_at=from_micros(valid),
            invalid_at=moment(invalid),
            importance=importance,
            metadata=draft.metadata,
            role=role,
            speaker=speaker,
            expires_at=draft.expires_at,
        )
        for key, kind, text, importance, role, speaker, valid, invalid, flags, f16 in rows
    ]
