"""Several memories that are searched as one are as sure as the surest of them."""

from __future__ import annotations

import asyncio
from pathlib import Path

from polymem.interop.mem0_owners import Owners
from polymem.interop.mem0_store import Store


def test_one_memory_that_holds_the_answer_is_enough(tmp_path: Path) -> None:
    async def confidences() -> tuple[float, list[float], float]:
        store: Owners = Store(tmp_path / "owners.db")
        try:
            await store.add("The tandem bicycle is chained to the lighthouse.", user_id="vera", run_id="trip")
            await store.add("今天的会议推迟到下午。", user_id="ming", run_id="trip")
            scopes = await store.readable({"run_id": "trip"})
            question = "Where is the tandem bicycle chained?"
            joined = await store.search_in(scopes, question, limit=5, explain=False, filters=None)
            alone = [
                await store.search_in([scope], question, limit=5, explain=False, filters=None)
                for scope in scopes
            ]
            nowhere = await store.readable({"run_id": "another"})
            empty = await store.search_in(
                [*nowhere, *nowhere], question, limit=5, explain=False, filters=None
            )
            return joined.confidence, [hits.confidence for hits in alone], empty.confidence
        finally:
            await store.close()

    joined, alone, empty = asyncio.run(confidences())
    assert joined == max(alone) > 0.5
    assert len(set(alone)) > 1
    assert empty == 0.0
