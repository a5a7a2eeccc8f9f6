"""Drafts in a line, as suites and tests of ledgers need them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from polymem.domain.batch import FactDraft, ItemDraft
from polymem.domain.statement import Mention
from polymem.ports.faces import F32
from polymem.testing.clock import NOON
from polymem.testing.fakes import WordEmbedder
from polymem.text.indexed import indexed_terms
from polymem.text.keys import index_keys
from polymem.text.normalise import name_key
from polymem.text.tokenise import terms

__all__ = ["ENCODER", "episode_of", "fact_of", "mentions_of", "new_id", "vector_of"]

ENCODER: Final = WordEmbedder()
"""What the suites embed with; the adapter opens its store for this name and width."""


def new_id() -> str:
    """Return a fresh public id."""
    return str(uuid.uuid4())


def vector_of(text: str) -> F32 | None:
    """Return float32[dim] of unit length, None for a text without words."""
    row: F32 = ENCODER.encode([text])[0]
    return row if row.any() else None


def mentions_of(names: Iterable[str]) -> tuple[Mention, ...]:
    """Return names as mentions of people."""
    return tuple(Mention(name, "person") for name in names)


def episode_of(text: str, *, mentions: Sequence[str] = (), **fields: Any) -> ItemDraft:
    """Draft a message; *fields* are those of ``ItemDraft``."""
    given: dict[str, Any] = {"id": new_id(), "valid_at": NOON, "vector": vector_of(text)} | fields
    keys = _keys("episode", text, given)
    return ItemDraft(
        kind="episode",
        text=text,
        terms=_words("episode", text, given),
        keys=keys,
        mentions=mentions_of(mentions),
        **given,
    )


def _keys(kind: str, text: str, fields: dict[str, Any]) -> tuple[str, ...]:
    return index_keys(kind, text, role=fields.get("role", "user"), metadata=fields.get("metadata", {}))


def _words(kind: str, text: str, fields: dict[str, Any]) -> list[str]:
    return indexed_terms(kind, text, role=fields.get("role", "user"), metadata=fields.get("metadata", {}))


def fact_of(
    text: str, predicate: str, thing: str, *, subject: str = "", valid_at: datetime = NOON, **fields: Any
) -> ItemDraft:
    """Draft what the first episode of a batch says about *subject*, or about the partition's owner."""
    stated = FactDraft(
        subject=subject or "me",
        subject_type="person",
        is_owner=not subject,
        predicate=predicate,
        object=thing,
        object_type="",
        slot=name_key(thing),
        positive=True,
    )
    given: dict[str, Any] = {
        "id": new_id(),
        "sources": ((0, 0, len(text)),),
        "vector": vector_of(text),
        "keys": _keys("fact", text, fields),
    } | fields
    return ItemDraft(kind="fact", text=text, terms=terms(text), valid_at=valid_at, fact=stated, **given)


def reworded(draft: ItemDraft, text: str, **fields: Any) -> ItemDraft:
    """Draft a new version of an item."""
    given: dict[str, Any] = {"text": text, "vector": vector_of(text), "mentions": ()}
    changed = given | {"fact": None, "sources": ()} | fields
    given = {"role": draft.role, "metadata": draft.metadata} | changed
    return replace(
        draft, **changed, terms=_words(draft.kind, text, given), keys=_keys(draft.kind, text, given)
    )
