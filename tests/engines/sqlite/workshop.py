"""What the engine's tests share: a ledger without an event loop, drafts in a line, a toy encoder."""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from polymem.domain.batch import Batch, FactDraft, ItemDraft, Outcome, Removal, Revision
from polymem.domain.scope import Partition, Scope
from polymem.domain.statement import Mention
from polymem.engines.sqlite.encoder import EncoderName
from polymem.engines.sqlite.engine import SqliteLedger
from polymem.ports.ledger import Finding, Record, Snapshot
from polymem.text.indexed import indexed_terms
from polymem.text.keys import index_keys
from polymem.text.normalise import name_key
from polymem.text.tokenise import terms
from polymem.write.resolve import resolve

T = TypeVar("T")
DIM = 16
ENCODER = EncoderName("toy/1", DIM)
OTHER = EncoderName("toy/2", 24)
NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
ALICE = Scope(user_id="alice")
BOB = Scope(user_id="bob")


def vector(text: str, *, dim: int = DIM) -> np.ndarray:
    """Return a unit vector that depends on the text alone; a text without terms has none."""
    out = np.zeros(dim, np.float32)
    for term in terms(text):
        out[hashlib.sha256(term.encode()).digest()[0] % dim] += 1
    norm = float(np.linalg.norm(out))
    return out / norm if norm else out


def encode(texts: list[str]) -> np.ndarray:
    return np.stack([vector(text) for text in texts])


def encode_other(texts: list[str]) -> np.ndarray:
    return np.stack([vector(text, dim=OTHER.dim) for text in texts])


def new_id() -> str:
    return str(uuid.uuid4())


def episode(text: str, **fields: Any) -> ItemDraft:
    """Draft a message."""
    row = vector(text)
    given: dict[str, Any] = {"id": new_id(), "valid_at": NOON, "vector": row if row.any() else None}
    given["message"] = {"role": "user", "content": text}
    given |= fields
    whose = {"role": given.get("role", "user"), "metadata": given.get("metadata", {})}
    words, keys = indexed_terms("episode", text, **whose), index_keys("episode", text, **whose)
    return ItemDraft(kind="episode", text=text, terms=words, keys=keys, **given)


def fact(text: str, predicate: str, thing: str, *, subject: str | None = None, **fields: Any) -> ItemDraft:
    """Draft what the first episode of the batch says about the owner (or about *subject*)."""
    stated = FactDraft(
        subject=subject or "alice",
        subject_type="person",
        is_owner=subject is None,
        predicate=predicate,
        object=thing,
        object_type="",
        slot=name_key(thing),
        positive=fields.pop("positive", True),
    )
    given: dict[str, Any] = {
        "id": new_id(),
        "valid_at": NOON,
        "sources": ((0, 0, len(text)),),
        "kind": "fact",
        "fact": stated,
    }
    given["keys"] = index_keys("fact", text, role="user", metadata={})
    return ItemDraft(text=text, terms=terms(text), vector=vector(text), **(given | fields))


def reworded(draft: ItemDraft, text: str, **fields: Any) -> ItemDraft:
    """Draft a new version of an item."""
    keys = index_keys(draft.kind, text, role=draft.role, metadata=draft.metadata)
    given: dict[str, Any] = {"terms": terms(text), "keys": keys, "vector": vector(text)}
    return replace(draft, text=text, fact=None, sources=(), **(given | fields))


def mention(*names: str) -> tuple[Mention, ...]:
    return tuple(Mention(name, "person") for name in names)


class Workshop:
    """A ledger on one file whose verbs block; time goes on by a second with every batch."""

    def __init__(self, path: Path, *, encoder: EncoderName = ENCODER) -> None:
        self.path = path
        self.ledger = SqliteLedger(path, encoder=encoder, timeout_s=10)
        self.now = NOON

    def commit(self, *drafts: ItemDraft, scope: Scope = ALICE, **fields: Any) -> Outcome:
        self.now += timedelta(seconds=1)
        batch = Batch(scope=scope, now=self.now, drafts=drafts, resolve=resolve)
        return asyncio.run(self.ledger.commit(replace(batch, **fields)))

    def say(self, text: str, *facts: ItemDraft, scope: Scope = ALICE, **fields: Any) -> tuple[str, Outcome]:
        """Commit an episode with facts; return its id and the outcome."""
        said = episode(text, **fields)
        return said.id, self.commit(said, *facts, scope=scope)

    def remove(self, *ids: str, how: Any = "delete", scope: Scope = ALICE) -> Outcome:
        return self.commit(scope=scope, removals=(Removal(ids, how),))

    def revise(self, draft: ItemDraft, *derived: ItemDraft, scope: Scope = ALICE) -> Outcome:
        return self.commit(scope=scope, revisions=(Revision(draft.id, draft, derived),))

    def read(self, job: Callable[[Snapshot], T], *, scope: Scope = ALICE) -> T:
        return asyncio.run(self.ledger.read(scope.partition, job))

    def verify(self, partition: Partition | None = None, *, repair: bool = False) -> list[Finding]:
        return asyncio.run(self.ledger.verify(partition, repair=repair))

    def embed(
        self, partition: Partition | None = None, encode: Callable[[list[str]], Any] | None = None
    ) -> int:
        return asyncio.run(self.ledger.embed(partition, encode))  # type: ignore[arg-type]

    def export(self, scope: Scope | None = None) -> list[Record]:
        async def collect() -> list[Record]:
            return [record async for record in self.ledger.export(scope)]

        return asyncio.run(collect())

    def restore(self, records: Sequence[Record]) -> int:
        return asyncio.run(self.ledger.restore(records))

    def backup(self, path: Path) -> None:
        asyncio.run(self.ledger.backup(path))

    def close(self) -> None:
        asyncio.run(self.ledger.close())

    def sql(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Run SQL past the engine, as a damaged disk or a curious user would."""
        connection = sqlite3.connect(self.path)
        try:
            rows = connection.execute(statement, values).fetchall()
            connection.commit()
        finally:
            connection.close()
        return rows

    def current(self, *, scope: Scope = ALICE) -> list[str]:
        """Return the texts of the open rows, in order of storing."""
        return [
            row[0]
            for row in self.sql(
                "SELECT i.text FROM item i JOIN partition p ON p.no = i.rid >> 24 WHERE p.owner = ? AND i.expired_at IS NULL "
                "AND i.flags & 2 = 0 ORDER BY i.rid",
                scope.partition.owner,
            )
        ]
