"""How much the configured reranker should count, found out on examples; see :class:`~polymem.client.aio.AsyncMemory`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, cast

import numpy as np

from polymem.client.reading import Reading
from polymem.errors import ConfigError, InputError

if TYPE_CHECKING:
    from polymem.ranking.blend import Fitted


class Calibrating(Reading):
    """The part of the handle that calibrates."""

    async def calibrate_reranker(
        self,
        examples: Sequence[tuple[str, Iterable[str]]],
        *,
        user_id: object = None,
        agent_id: object = None,
        run_id: object = None,
        tenant: object = None,
    ) -> Fitted:
        """Find out from a few questions with known answers how much the configured reranker should count.

        Nothing is stored: what comes back is put into the configuration, ``{"reranker": {"scale": …, "offset": …, "weight": …}}``. A weight of 0
        says that the reranker does not pay on these questions.

        Args:
            examples: Questions, each with the ids of the items (or of the messages behind them) that help to answer it. At least five
                of them have to be found, with others, among the first ``reranker.depth`` hits.
            user_id: Whose memory.
            agent_id: Narrow to this agent.
            run_id: Narrow to this run.
            tenant: Which tenant.

        Returns:
            Scale, offset and weight as ``.settings``, and the loss without and with the reranker.

        Raises:
            InputError: The examples cannot be used, or too few of them tell useful hits from others.
            ConfigError: No reranker is configured.
            ModelError: The embedder or the reranker failed.
        """
        from polymem.ranking.blend import MIN_EXAMPLES, Example, fit_blend, log_odds_of
        from polymem.read.rerank import scores_of

        how = self._reranking(rerank=True)
        if how is None:
            raise ConfigError("no reranker is configured", setting="reranker.provider")
        selection = self._selection(
            self._scope(user_id, agent_id, run_id, tenant),
            filters=None,
            kinds=None,
            as_of=None,
            known_at=None,
        )
        told: list[Example] = []
        for query, useful in _checked(examples):
            plan = await self._plan(query, now=selection.visibility.now, mode="hybrid", limit=how.depth)
            hits = (await self._found(plan, selection, depth=how.depth)).hits.hits[: how.depth]
            helps = [bool(useful & {hit.item.id, *(one.id for one in hit.episodes)}) for hit in hits]
            if any(helps) and not all(helps):
                scores = await scores_of(hits, plan.text, how.reranker)
                told.append(Example(log_odds_of([hit.score for hit in hits]), scores, np.array(helps)))
        fitted = fit_blend(told)
        if fitted is None:
            raise InputError(
                f"{len(told)} examples tell useful hits from others; {MIN_EXAMPLES} are needed",
                argument="examples",
            )
        return fitted


def _checked(examples: object) -> list[tuple[str, frozenset[str]]]:
    """Return the examples as questions with sets of ids."""
    if isinstance(examples, (str, bytes)) or not isinstance(examples, Sequence):
        raise InputError("examples must be a list of (question, ids)", argument="examples")
    read: list[tuple[str, frozenset[str]]] = []
    for one in cast("Sequence[object]", examples):
        pair = cast("Sequence[object]", one) if isinstance(one, (tuple, list)) else ()
        query, ids = pair if len(pair) == 2 else (None, None)
        named = (
            []
            if isinstance(ids, (str, bytes)) or not isinstance(ids, Iterable)
            else list(cast("Iterable[object]", ids))
        )
        if not isinstance(query, str) or not named or not all(isinstance(name, str) for name in named):
            raise InputError(
                "an example must be a question and the ids of what helps to answer it", argument="examples"
            )
        read.append((query, frozenset(cast("list[str]", named))))
    return read
