"""Verbs that name an agent or a run and no user: they mean the rows that carry those ids, whoever's memory they lie in.

Rows that name a user lie in that user's partition, so one verb may have to look into many. It looks only into those that
know the name, and never into another tenant's.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import chain
from typing import Any, Final, TypeAlias, cast

from polymem.client.aio import AsyncMemory
from polymem.domain.entity import Relation
from polymem.domain.hit import Hits, Page
from polymem.domain.item import Item
from polymem.domain.query import Selection
from polymem.domain.scope import ID_NAMES, Scope
from polymem.domain.timespan import to_micros
from polymem.errors import InputError
from polymem.interop.mem0_filters import Condition
from polymem.ports.ledger import Snapshot
from polymem.read.listing import encode_cursor, list_items
from polymem.read.search import search

__all__ = ["MAX_OWNERS", "Owners", "ids_of"]

_Place: TypeAlias = tuple[int, int]
MAX_OWNERS: Final = 256
"""Memories that one verb reads together at most."""


class Owners(AsyncMemory):
    """The native memory, with verbs that take several scopes as one."""

    async def scopes(self, ids: Mapping[str, Any]) -> list[Scope]:
        """Return the scopes whose rows carry all of *ids*: one where a user is named.

        Raises:
            ScopeError: No id is given, or one cannot be used.
        """
        asked = Scope.of(**ids)
        # What a user's rows say of agents and runs stands in his memory, what an agent's say of runs in the agent's.
        above = ("user", "agent", "run").index(asked.partition.kind)
        if above == 0:
            return [asked]
        infos = await self._parts.ledger.partitions(label=asked.run_id or asked.agent_id)
        places = [info.partition for info in infos]
        others = [
            Scope.of(**{**ids, f"{place.kind}_id": place.owner}, tenant=place.tenant)
            for place in places
            if place.tenant == asked.tenant and place.kind in ("user", "agent")[:above]
        ]
        return [asked, *others]

    async def readable(self, ids: Mapping[str, Any]) -> list[Scope]:
        """Return the scopes as :meth:`scopes` does, where one verb can read them all.

        Raises:
            ScopeError: No id is given, or one cannot be used.
            InputError: They are too many.
        """
        found = await self.scopes(ids)
        if len(found) > MAX_OWNERS:
            raise InputError(
                f"these ids occur in more than {MAX_OWNERS} memories; name user_id as well",
                argument="user_id",
            )
        return found

    async def search_in(
        self,
        scopes: Sequence[Scope],
        query: str,
        *,
        limit: int,
        explain: bool,
        filters: Condition | None,
    ) -> Hits:
        """Search several scopes as one; their scores are comparable. The question is embedded once."""
        if len(scopes) == 1:
            ids = ids_of(scopes[0])
            return await self.search(query, **ids, limit=limit, explain=explain, filters=filters)
        plan = await self._plan(query, now=self._parts.clock.now(), mode="hybrid", limit=limit)
        found: list[Hits] = []
        for scope in scopes:
            selection = self._selection(scope, filters=filters, kinds=None, as_of=None, known_at=None)
            job = partial(search, plan=plan, selection=selection, explain=explain)
            found.append(await self._parts.ledger.read(scope.partition, job))
        hits = sorted(chain.from_iterable(found), key=lambda hit: -hit.score)
        relations = tuple(chain.from_iterable(each.relations for each in found))
        told = [each.explanation for each in found if each.explanation]
        # One memory that holds the answer is enough.
        sure = max((each.confidence for each in found), default=0.0)
        return Hits(tuple(hits[:limit]), relations, {"memories": told} if told else {}, confidence=sure)

    async def relations_in(self, scopes: Sequence[Scope], *, limit: int) -> list[Relation]:
        """Return the relations of several scopes, newest first."""
        found = [await self.relations(**ids_of(scope), limit=limit) for scope in scopes]
        if len(found) == 1:
            return found[0]
        return sorted(chain.from_iterable(found), key=lambda each: each.created_at, reverse=True)[:limit]

    async def list_in(
        self, scopes: Sequence[Scope], *, limit: int, cursor: str | None, filters: Condition | None
    ) -> tuple[list[Item], str | None]:
        """Return a page of the items of several scopes, newest first, and the cursor of the next one.

        Raises:
            InputError: *limit* is out of range, or *cursor* is not one that these scopes gave.
        """
        ways = [(scope, None) for scope in scopes] if cursor is None else _opened(cursor, scopes)
        pages: list[tuple[Page, list[_Place], int]] = []
        for scope, after in ways:
            selection = self._selection(scope, filters=filters, kinds=None, as_of=None, known_at=None)
            job = partial(_page, selection=selection, limit=limit, cursor=after)
            pages.append(await self._parts.ledger.read(scope.partition, job))
        listed = [
            (place[0], n, item)
            for n, (page, places, _) in enumerate(pages)
            for item, place in zip(page, places, strict=True)
        ]
        # Each page is in order already, and stays so: of two rows of one time the earlier scope's goes first.
        listed.sort(key=lambda each: -each[0])
        taken = listed[:limit]
        n_taken = Counter(n for _, n, _ in taken)
        rest: dict[str, str] = {}
        for n, ((scope, after), (page, places, end)) in enumerate(zip(ways, pages, strict=True)):
            if n_taken[n] < len(page):
                # Where nothing was taken yet, what is newer than this page must not come on the next.
                fresh = after or encode_cursor((taken[-1][0], end), scope)
                rest[_name(scope)] = encode_cursor(places[n_taken[n] - 1], scope) if n_taken[n] else fresh
            elif page.cursor is not None:
                rest[_name(scope)] = page.cursor
        return [item for _, _, item in taken], _closed(rest) if rest else None


def ids_of(scope: Scope) -> dict[str, Any]:
    """Return the ids of *scope* as the verbs name them."""
    return {name: getattr(scope, name) for name in ID_NAMES}


def _page(
    snapshot: Snapshot, *, selection: Selection, limit: int, cursor: str | None
) -> tuple[Page, list[_Place], int]:
    """Return a page, the place of each item in the order of its partition, and the position after the last one of all."""
    page = list_items(snapshot, selection, limit=limit, cursor=cursor)
    created = snapshot.columns.created
    firsts = [snapshot.rows.position(item.id, version=1) for item in page]
    places = [
        (to_micros(item.created_at), 0) if first is None else (int(created[first]), first)
        for item, first in zip(page, firsts, strict=True)
    ]
    return page, places, snapshot.n


def _name(scope: Scope) -> str:
    return f"{scope.partition.kind}:{scope.partition.owner}"


def _closed(rest: Mapping[str, str]) -> str:
    """Return one cursor for several scopes: how far each was read."""
    return base64.urlsafe_b64encode(json.dumps(rest).encode()).decode()


def _opened(cursor: object, scopes: Sequence[Scope]) -> list[tuple[Scope, str | None]]:
    """Return those of *scopes* that are not read to the end, and how far each was read.

    Raises:
        InputError: *cursor* is not one that :func:`_closed` made for such scopes.
    """
    try:
        content = base64.b64decode(cursor, altchars=b"-_", validate=True) if isinstance(cursor, str) else b""
        rest = json.loads(content)
    except (binascii.Error, ValueError, RecursionError):
        rest = None
    if isinstance(rest, dict):
        read = cast("dict[str, object]", rest)
        ways = [(scope, read.get(_name(scope))) for scope in scopes]
        left: list[tuple[Scope, str | None]] = [(scope, at) for scope, at in ways if isinstance(at, str)]
        if left:
            return left
    raise InputError("cursor is not one that this scope gave", argument="cursor")
