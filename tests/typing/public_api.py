"""What type checkers must see of the public API; never run, only checked by mypy and pyright."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_type

from polymem import (
    Added,
    AsyncMemory,
    Entity,
    Episode,
    Event,
    Hit,
    Hits,
    Item,
    Memory,
    Page,
    Receipt,
    Relation,
)
from polymem.mem0 import Memory as DropIn
from polymem.read.profile import ProfileValue


def blocking(m: Memory) -> None:
    """Every verb of the blocking handle keeps its arguments and its result."""
    assert_type(m.scoped(user_id="alice"), Memory)
    assert_type(m.add("我喜欢喝茶。", user_id="alice", metadata={"k": 1}, infer=False), Added)
    hits = m.search("tea", user_id="alice", limit=3, kinds=["episode"], explain=True)
    assert_type(hits, Hits)
    assert_type(hits[0], Hit)
    assert_type(hits[0].item.text, str)
    assert_type(hits[0].score, float)
    assert_type(hits[0].episodes, tuple[Episode, ...])
    assert_type(hits.relations, tuple[Relation, ...])
    page = m.get_all(user_id="alice", cursor=None)
    assert_type(page, Page)
    assert_type(page[0], Item)
    assert_type(page.cursor, str | None)
    assert_type(m.get("id"), Item | None)
    assert_type(m.update("id", "new words"), Item)
    assert_type(m.history("id"), list[Event])
    assert_type(m.profile(user_id="alice"), dict[str, ProfileValue])
    assert_type(m.entities(user_id="alice"), list[Entity])
    assert_type(m.relations(user_id="alice"), list[Relation])
    assert_type(m.context("tea", user_id="alice", budget_tokens=200), str)
    assert_type(m.forget("id", dry_run=True), Receipt)
    assert_type(m.delete_all(user_id="alice"), int)
    _: Sequence[Hit] = hits


async def waiting(m: AsyncMemory) -> None:
    """The same verbs, awaited."""
    assert_type(m.scoped(run_id="r"), AsyncMemory)
    assert_type(await m.add([{"role": "user", "content": "hi"}], user_id="alice"), Added)
    assert_type(await m.search("hi", user_id="alice"), Hits)
    assert_type(await m.get("id"), Item | None)


def wrong(m: Memory) -> None:
    """What must not pass; both checkers complain of an ignore that is not needed."""
    m.search("tea", top_k=3)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    m.add(3, user_id="alice")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def drop_in(m: DropIn) -> None:
    """The drop-in's rows are a list of dicts."""
    rows = m.search("tea", user_id="alice")
    _ = rows[0]["memory"], rows["results"]
