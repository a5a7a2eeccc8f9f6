"""Verbs of learning from use: whether hits were of use, and weights fitted to it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields
from typing import Final, cast

from polymem.client.arguments import check_bool
from polymem.client.forgetting import Forgetting
from polymem.domain.change import Feedback
from polymem.domain.hit import Hit
from polymem.domain.learning import Learned
from polymem.domain.scope import DEFAULT_TENANT, check_id
from polymem.errors import ConflictError, InputError, ScopeError
from polymem.ranking.learning import learn, unscaled
from polymem.text.lazy import lazy

__all__ = ["LearningFromUse"]

MAX_SIGNALS: Final = 64
_NUMBER: Final = lazy("[0-9]{1,18}")
_SEARCH: Final = lazy("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NAME: Final = lazy("[a-z][a-z0-9_]{0,31}")


class LearningFromUse(Forgetting):
    """The part of the handle that learns which signals matter."""

    async def feedback(self, hit: Hit, *, useful: bool) -> None:
        """Say whether a hit was of use; :meth:`learn` fits the weights of the signals to that.

        Kept are the id of the item, the signals of the hit and a random id of the search: numbers, no words. It goes when
        the item is erased, and is not exported. Said again of the same hit, it replaces what was said.

        Args:
            hit: As :meth:`search` returned it with ``explain=True``, which fills its signals.
            useful: Whether it helped to answer the question.

        Raises:
            InputError: It is no hit, or comes from a search without ``explain=True``.
            NotFoundError: The item is gone, or not in this scope.
            ConflictError: The weights were learned anew too often since the search; search again.
        """
        check_bool(useful, argument="useful")
        no, query, signals = _searched(hit)
        scope, _ = await self._find(hit.item.id)
        if no:
            learned = await self._parts.learned.ledger.learned(scope.tenant, no)
            if learned.no != no:
                raise ConflictError("the weights were learned anew since this search; search again")
            signals = unscaled(signals, learned)
        await self._write_changes(scope, Feedback(hit.item.id, query, useful, signals))

    async def learn(self, *, tenant: object = None) -> Learned:
        """Fit the weights of a tenant's searches to its feedback.

        Factors of 0.5 to 2 on the default weights are fitted to the earlier searches, and are in force from now on if they
        prove themselves on the later ones, which they have not seen: the loss has to be lower and the order no worse.
        If not, the default weights are in force, whatever was learned before. Needs 40 hits of 10 searches.

        Args:
            tenant: Which tenant; "default" where none is named.

        Returns:
            What was found: how much feedback, loss and order before and after, whether it is in force.

        Raises:
            ScopeError: This handle is bound to a scope; weights are the tenant's.
        """
        named = self._tenant(tenant)
        ledger = self._parts.learned.ledger
        found = learn(await ledger.examples(named))
        kept = await ledger.keep(named, found, at=self._parts.clock.now())
        self._parts.learned.forget(named)
        return kept

    async def weights(self, *, tenant: object = None) -> dict[str, float]:
        """Return what the signals weigh in a tenant's searches, by name: the defaults, unless others were learned.

        Args:
            tenant: Which tenant; "default", or that of the scope that this handle is bound to, where none is named.

        Raises:
            ScopeError: This handle is bound to another tenant.
        """
        if self._bound is not None:
            named = self._bound.narrowed(tenant=tenant).tenant
        else:
            named = self._tenant(tenant)
        _, weights = await self._parts.learned.of(named)
        values = {field.name: getattr(weights, field.name) for field in fields(weights)}
        return {name: float(value) for name, value in values.items() if not isinstance(value, str)}

    async def unlearn(self, *, tenant: object = None) -> int:
        """Return to the default weights and delete a tenant's feedback; return of how many hits it was.

        Args:
            tenant: Which tenant; "default" where none is named.

        Raises:
            ScopeError: This handle is bound to a scope; weights are the tenant's.
        """
        named = self._tenant(tenant)
        n = await self._parts.learned.ledger.unlearn(named)
        self._parts.learned.forget(named)
        return n

    def _tenant(self, tenant: object) -> str:
        if self._bound is not None:
            raise ScopeError(
                "weights are the tenant's; call this on the handle that opened the store", argument="scope"
            )
        return DEFAULT_TENANT if tenant is None else check_id(tenant, argument="tenant")


def _searched(hit: Hit) -> tuple[int, str, dict[str, float]]:
    """Return the number of the fit that a hit was found with, the id of the search, and its signals.

    Raises:
        InputError: It is no hit of a search with ``explain=True``.
    """
    if not isinstance(cast("object", hit), Hit):
        raise InputError(f"hit must be a Hit, not {type(hit).__name__}", argument="hit")
    no, _, query = hit.search.partition(".")
    if not hit.signals or not _NUMBER.fullmatch(no) or not _SEARCH.fullmatch(query):
        raise InputError("the hit has no signals; search with explain=True", argument="hit")
    signals = dict(cast("Mapping[object, object]", hit.signals))
    if len(signals) > MAX_SIGNALS or not all(map(_is_signal, signals, signals.values())):
        raise InputError("the signals of the hit are no signals of a search", argument="hit")
    return int(no), query, {str(name): float(cast("float", value)) for name, value in signals.items()}


def _is_signal(name: object, value: object) -> bool:
    """Tell whether it is a number with the name of a signal; no words are kept with feedback."""
    named = isinstance(name, str) and _NAME.fullmatch(name) is not None
    return named and isinstance(value, int | float) and math.isfinite(value)
