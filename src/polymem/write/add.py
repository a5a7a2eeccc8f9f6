"""The write path: record → extract → resolve → commit, in one transaction where no model is asked.

Where one is, the first transaction stores the messages and lets the rest be derived; see :mod:`.derive`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import datetime, tzinfo
from typing import Final

import numpy as np

from polymem.domain.batch import Batch, Enqueue, ItemDraft, Revision
from polymem.domain.derivation import PLAIN, Lease
from polymem.domain.hit import Added
from polymem.domain.item import Item, JsonObject
from polymem.domain.scope import Scope
from polymem.domain.slotted import dataclass
from polymem.domain.statement import Extraction
from polymem.errors import (
    CapabilityError,
    ConflictError,
    DimensionError,
    InputError,
    ModelError,
    NotFoundError,
)
from polymem.ports.clock import Clock
from polymem.ports.embedder import Embedder, runs_in_process
from polymem.ports.extractor import Extractor, ExtractorInput, derives_in_process
from polymem.ports.faces import F32, REMOVED
from polymem.ports.ledger import Ledger, Snapshot
from polymem.text.indexed import embedded_text, indexed_terms, title_of
from polymem.text.keys import index_keys, is_passage
from polymem.text.mentions import find_mentions
from polymem.text.normalise import clean
from polymem.write.drafts import Vectors, episode_draft, fact_draft, fact_of
from polymem.write.messages import MAX_TEXT_CHARS, Message, check_title
from polymem.write.resolve import resolve
from polymem.write.trust import impersonal

MAX_KEY_CHARS: Final = 256
MAX_TRIES: Final = 16
"""Times that a revision is made anew because somebody else was faster."""
NOTHING: Final = Extraction()


@dataclass(frozen=True, slots=True)
class Writer:
    """Everything that writing needs.

    Attributes:
        ledger: The truth.
        embedder: Texts to vectors.
        extractor: Messages to statements.
        clock: The present.
        zone: What "today" means to the speaker.
    """

    ledger: Ledger
    embedder: Embedder
    extractor: Extractor
    clock: Clock
    zone: tzinfo

    async def add(
        self,
        scope: Scope,
        messages: Sequence[Message],
        *,
        infer: bool,
        expires_at: datetime | None,
        unstated_at: datetime | None,
        idempotency_key: str | None,
        enqueue: Enqueue | None = None,
    ) -> tuple[Added, Lease | None]:
        """Remember *messages*; all or nothing.

        Args:
            scope: Whose memory.
            messages: In order.
            infer: Derive statements.
            expires_at: From when they are hidden.
            unstated_at: The time of those messages whose time nobody stated; None where the call states one.
            idempotency_key: Makes a repeated call return the first result.
            enqueue: Leave it to a derivation to say what is in them.

        Returns:
            What was stored, and the derivation that is still to be carried out; of a repeated call the first one's, held
            by nobody, if it is not done yet.

        Raises:
            ConflictError: The idempotency key was used with another payload.
            StoreError: The store failed; nothing was kept.
        """
        derived_now = infer and enqueue is None
        drafts, failed = await self.drafts(scope, messages, infer=derived_now, expires_at=expires_at)
        rest: list[object] = [infer, expires_at, scope.agent_id, scope.run_id]
        if enqueue is not None and (asked := replace(enqueue.instructions, custom="")) != PLAIN:
            rest.append(asdict(asked))
        batch = Batch(
            scope=scope,
            now=self.clock.now(),
            drafts=drafts,
            resolve=resolve,
            idempotency=_idempotency(idempotency_key, messages, unstated_at=unstated_at, rest=rest),
            unstated_at=unstated_at,
            enqueue=enqueue,
        )
        outcome = await self.ledger.commit(batch)
        items = outcome.items
        if outcome.replayed:
            items = tuple(await read_items(self.ledger, scope, outcome.item_ids))
        if outcome.n_pending and not failed:
            await self.embed_pending(scope)
        added = Added(
            items=items,
            superseded=outcome.superseded,
            repeated=outcome.repeated,
            replayed=outcome.replayed,
            n_unembedded=len(items) if failed and not outcome.replayed else 0,
        )
        return added, outcome.lease

    async def drafts(
        self, scope: Scope, messages: Sequence[Message], *, infer: bool, expires_at: datetime | None
    ) -> tuple[tuple[ItemDraft, ...], bool]:
        """Return the episodes, in the order of *messages*, then what is derived from them; and whether embedding failed.

        Args:
            scope: Whose memory.
            messages: In order.
            infer: Derive statements, in this process.
            expires_at: From when they are hidden.
        """
        extractions = self._derive(messages) if infer else list(map(_names, messages))
        said = [(n, statement) for n, found in enumerate(extractions) for statement in found.statements]
        vectors = await self.embed(
            [embedded_text("episode", m.text, role=m.role, metadata=m.metadata) for m in messages]
            + [statement.text for _, statement in said]
        )
        episodes = [
            episode_draft(message, extraction, vector=vectors.fields(n), expires_at=expires_at)
            for n, (message, extraction) in enumerate(zip(messages, extractions, strict=True))
        ]
        facts = [
            fact_draft(
                messages[n],
                statement,
                vector=vectors.fields(len(messages) + place),
                episode=n,
                scope=scope,
                expires_at=expires_at,
                derived_by=self.extractor.name,
            )
            for place, (n, statement) in enumerate(said)
        ]
        return (*episodes, *facts), vectors.rows is None

    async def embed_pending(self, scope: Scope) -> None:
        """Give what was stored without a vector before its vector, if the embedder delivers now."""
        # That it fails again is no fault of the call that asks for it, which is done.
        with suppress(ModelError, DimensionError):
            await self.ledger.embed(scope.partition, encode_with(self.embedder))

    async def update(
        self,
        scope: Scope,
        item: Item,
        *,
        text: str | None,
        metadata: JsonObject | None,
        changes: JsonObject,
        infer: bool,
        enqueue: Enqueue | None = None,
    ) -> tuple[Item, Lease | None]:
        """Store a new version of *item*; return it and the derivation that is still to be carried out.

        Args:
            scope: Where the item lies.
            item: Its newest version.
            text: New words, None to keep them.
            metadata: New metadata, None to keep it.
            changes: Further fields of the draft by name (``expires_at``, ``importance``, ``valid_at``).
            infer: Derive statements from the new words.
            enqueue: Leave it to a derivation to say what is in the new words, where the item is an episode.

        Raises:
            ConflictError: It changed again and again in the meantime.
            NotFoundError: It was deleted in the meantime.
            ModelError: The item was derived itself, and the model could not say what its new words state; nothing was
                changed.
        """
        for _ in range(MAX_TRIES):
            later = infer and item.kind == "episode" and text is not None and _checked(text) != item.text
            queued = enqueue if later else None
            revision = await self._revision(
                scope, item, text=text, metadata=metadata, changes=changes, infer=infer and queued is None
            )
            # Whoever revises it, the item stays in its session.
            batch = Batch(
                scope=replace(scope, agent_id=item.agent_id, run_id=item.run_id),
                now=self.clock.now(),
                revisions=(revision,),
                resolve=resolve,
                enqueue=queued,
            )
            try:
                outcome = await self.ledger.commit(batch)
            except ConflictError:
                # Somebody else revised it: what this call does not name is theirs to say.
                newer = await read_items(self.ledger, scope, [item.id])
                if not newer:
                    raise NotFoundError("no such item in this scope", item_id=item.id) from None
                (item,) = newer
                continue
            (updated,) = await read_items(self.ledger, scope, outcome.item_ids[:1])
            return updated, outcome.lease
        raise ConflictError("the item is being changed by others all the time; try again", item_id=item.id)

    async def _revision(
        self,
        scope: Scope,
        item: Item,
        *,
        text: str | None,
        metadata: JsonObject | None,
        changes: JsonObject,
        infer: bool,
    ) -> Revision:
        words = item.text if text is None else _checked(text)
        message = Message(
            item.role, item.speaker, words, item.valid_at, item.metadata if metadata is None else metadata, {}
        )
        extraction = NOTHING if words == item.text else _names(message)
        if is_passage(item.kind, item.role):
            check_title(message.metadata, argument="metadata")
        if infer and words != item.text:
            (extraction,) = await self._extract([message])
        said = extraction.statements
        is_episode = item.kind == "episode"
        own = embedded_text(item.kind, words, role=item.role, metadata=message.metadata)
        vectors = await self.embed([own, *(statement.text for statement in said if is_episode)])
        row_scope = replace(scope, agent_id=item.agent_id, run_id=item.run_id)
        # An item that states a fact states one; of several, or of none, nothing is known that would be its own.
        fact = fact_of(said[0], message, scope=row_scope) if len(said) == 1 and not is_episode else None
        draft = replace(
            episode_draft(message, extraction, vector=vectors.fields(0), expires_at=item.expires_at),
            id=item.id,
            kind=item.kind,
            terms=indexed_terms(item.kind, words, role=item.role, metadata=message.metadata),
            keys=index_keys(item.kind, words, role=item.role, metadata=message.metadata),
            invalid_at=item.invalid_at,
            message=None,
            fact=fact,
            derived_by=item.derived_by,
            **{"importance": item.importance, **changes},
        )
        derived = [
            fact_draft(
                message,
                statement,
                vector=vectors.fields(n),
                episode=0,
                scope=row_scope,
                expires_at=draft.expires_at,
                derived_by=self.extractor.name,
            )
            for n, statement in enumerate(said if is_episode else (), start=1)
        ]
        restated = not is_episode and words != item.text
        return Revision(item.id, draft, tuple(derived), version=item.version, restated=restated)

    def _inputs(self, messages: Sequence[Message]) -> list[ExtractorInput]:
        return [
            ExtractorInput(
                m.text,
                m.speaker,
                m.role,
                m.said_at,
                self.zone,
                title_of("episode", role=m.role, metadata=m.metadata),
            )
            for m in messages
        ]

    def _derive(self, messages: Sequence[Message]) -> list[Extraction]:
        if not derives_in_process(self.extractor):
            raise CapabilityError(
                "this extractor has to be waited for; leave it to a derivation", capability="in_process"
            )
        said = self._inputs(messages)
        return impersonal(said, self.extractor.derive(said))

    async def _extract(self, messages: Sequence[Message]) -> list[Extraction]:
        if derives_in_process(self.extractor):
            return self._derive(messages)
        said = self._inputs(messages)
        return impersonal(said, await self.extractor.extract(said))

    async def embed(self, texts: list[str]) -> Vectors:
        """Return the vectors of passages, none of them where the embedder failed."""
        try:
            if runs_in_process(self.embedder):
                rows: F32 = self.embedder.encode(texts)
            else:
                rows = await self.embedder.embed(texts, purpose="passage")
        except (ModelError, DimensionError):
            # The memory itself must not be lost for want of a vector: the other arms find it, and it is retried.
            return Vectors(None)
        return Vectors(rows, np.any(rows, axis=1).tolist())


def encode_with(embedder: Embedder) -> Callable[[list[str]], F32]:
    """Return a plain function that embeds passages, for a thread that has no event loop."""
    if runs_in_process(embedder):
        return embedder.encode

    def encode(texts: list[str]) -> F32:
        import asyncio

        return asyncio.run(embedder.embed(texts, purpose="passage"))

    return encode


def _names(message: Message) -> Extraction:
    """Return the names in a message alone: what is stored verbatim has its place in the graph too."""
    return Extraction(mentions=tuple(find_mentions(message.text)))


async def read_items(ledger: Ledger, scope: Scope, ids: Sequence[str]) -> list[Item]:
    """Return the newest versions of items by id; those that were removed are left out."""

    def job(snapshot: Snapshot) -> list[Item]:
        flags = snapshot.columns.flags
        positions = [p for p in map(snapshot.rows.position, ids) if p is not None and not flags[p] & REMOVED]
        return snapshot.rows.items(positions)

    return await ledger.read(scope.partition, job)


def _checked(text: object) -> str:
    if not isinstance(text, str):
        raise InputError(f"text must be a string, not {type(text).__name__}", argument="text")
    if not text.strip():
        raise InputError("text is empty; use delete to remove a memory", argument="text")
    if len(text) > MAX_TEXT_CHARS:
        raise InputError(f"text is longer than {MAX_TEXT_CHARS} characters", argument="text")
    return clean(text)


def _idempotency(
    key: object, messages: Sequence[Message], *, unstated_at: datetime | None, rest: Sequence[object]
) -> tuple[str, str] | None:
    """Return the key with a digest of what it stands for: the messages and the *rest* of what was asked for."""
    if key is None:
        return None
    if not isinstance(key, str) or not key.strip() or len(key) > MAX_KEY_CHARS:
        raise InputError(
            f"idempotency_key must be a text of 1 to {MAX_KEY_CHARS} characters", argument="idempotency_key"
        )
    # The default time of a message is the call's own and differs between a call and its repetition.
    payload = [
        [m.role, m.speaker, m.text, m.metadata, m.raw, None if m.said_at == unstated_at else m.said_at]
        for m in messages
    ]
    digest = hashlib.sha256(
        json.dumps([payload, rest], ensure_ascii=False, sort_keys=True, default=str).encode()
    )
    return clean(key), digest.hexdigest()
