"""A fact that is said again while it holds: what says so becomes further evidence of it."""

from __future__ import annotations

from collections.abc import Sequence

from polymem.domain.batch import FactDraft, ItemDraft
from polymem.domain.timeline import Stated
from polymem.engines.sqlite.archive import said_again
from polymem.engines.sqlite.codec import id_bytes, micros
from polymem.engines.sqlite.evidence import keep, note_again
from polymem.engines.sqlite.facts import FactWriter
from polymem.engines.sqlite.mark import versions_of


def repeat(
    facts: FactWriter,
    item_id: str,
    draft: ItemDraft,
    sources: Sequence[tuple[int, int, int]],
    *,
    stated: tuple[int, FactDraft, Stated],
) -> list[int]:
    """Count further evidence for a fact that is known; it stays as long as any of it.

    Args:
        facts: The graph face.
        item_id: The fact.
        draft: What says it again.
        sources: Positions and spans of the episodes behind *draft*.
        stated: Number of the subject's entity, and what *draft* states.

    Returns:
        The ``rid`` of the episodes behind *draft*, if the fact has ended.
    """
    writer = facts.writer
    row = versions_of(writer, id_bytes(item_id) or b"")[0]
    expires = micros(draft.expires_at)
    if row.expires is not None and (expires is None or expires > row.expires):
        facts.prolong(row, expires)
    writer.connection.execute("UPDATE item SET n_evidence = n_evidence + 1 WHERE rid = ?", (row.rid,))
    for n, source in enumerate(sources):
        episode, start, stop = source
        new = writer.connection.execute(
            "INSERT OR IGNORE INTO source VALUES (?, ?, ?, ?)", (row.rid, writer.rid(episode), start, stop)
        ).rowcount
        if not n:
            subject, fact, said = stated
            keep(writer, row.id, source, subject=subject, draft=draft, fact=fact, stated=said)
            if not new:
                note_again(writer, row)
        facts.copy_mentions(row.position, episode)
    content = (row.text, row.metadata)
    writer.event("REPEAT", row.id, content=content, versions=(row.version, row.version), reason="same")
    said_again(writer, row)
    return [] if row.expired is None else [writer.rid(episode) for episode, _, _ in sources]
