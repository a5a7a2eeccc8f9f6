"""What was forgotten is left out of documents that come again: whole passages, and paragraphs wherever they stand now."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from polymem.client.ingest_steps import Known, Prepared
from polymem.domain.scope import Scope
from polymem.ports.ledger import Snapshot
from polymem.text.paragraphs import PARAGRAPH_BREAK, folded, telling
from polymem.write.messages import Message

__all__ = ["forgotten", "without"]


def forgotten(snapshot: Snapshot, scope: Scope, prepared: Prepared, known: Known | None) -> list[str]:
    """Return the passages and paragraphs of a document that were forgotten.

    What stands in the document as it is kept is not among them: other words may be the same.
    """
    messages = prepared.messages or ()
    units = list(dict.fromkeys(unit for each in messages for unit in (each.text, *telling(each.text))))
    found = snapshot.documents.withheld(units, scope, uri=prepared.document.uri)
    if not found or known is None:
        return [units[n] for n in sorted(found)]
    rows = [snapshot.rows.position(chunk.item_id) for chunk in known[1]]
    texts = [item.text for item in snapshot.rows.items([row for row in rows if row is not None])]
    there = {folded(unit) for text in texts for unit in (text, *telling(text))}
    return [units[n] for n in sorted(found) if folded(units[n]) not in there]


def without(prepared: Prepared, texts: Sequence[str], common: frozenset[str] = frozenset()) -> Prepared:
    """Return a document without passages and paragraphs that were forgotten; what is left of a passage keeps its place.

    Args:
        prepared: The document.
        texts: What was forgotten.
        common: Those of them, folded, that stay beside other paragraphs, see :func:`~.ingest_elsewhere.common_of`.
    """
    if not texts:
        return prepared
    gone = {folded(text) for text in texts}
    left, n_withheld = list[tuple[int, Message, str]](), 0
    messages = prepared.messages or ()
    for n, (message, digest) in enumerate(zip(messages, prepared.digests, strict=True)):
        text = _left(message.text, gone, common)
        if text == message.text:
            left.append((n, message, digest))
            continue
        n_withheld += 1
        if text:
            shorter = hashlib.sha256(f"{digest}\n{text}".encode()).hexdigest()
            left.append((n, replace(message, text=text), shorter))
    return replace(
        prepared,
        messages=tuple(message for _, message, _ in left),
        chunks=tuple(prepared.chunks[n] for n, _, _ in left),
        digests=tuple(digest for _, _, digest in left),
        n_withheld=n_withheld,
    )


def _left(text: str, gone: set[str], common: frozenset[str]) -> str:
    """Return what is left of a passage, "" where nothing is but headings and the like."""
    if folded(text) in gone:
        return ""
    parts = text.split(PARAGRAPH_BREAK)
    kept = [part for part in parts if folded(part) not in gone or folded(part) in common]
    if len(kept) == len(parts):
        return text
    shorter = PARAGRAPH_BREAK.join(kept).strip()
    return shorter if telling(shorter) else ""
