"""``AsyncMemory``: the forms in which programs open, use and close it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from polymem.errors import ClosedError
from polymem.mem0 import AsyncMemory


def configuration(folder: Path) -> dict[str, object]:
    return {"vector_store": {"provider": "polymem", "config": {"path": str(folder / "memory.db")}}}


def test_opened_with_and_without_await(tmp_path: Path) -> None:
    async def main() -> list[str]:
        awaited = await AsyncMemory.from_config(configuration(tmp_path))
        await awaited.add("我喜欢打网球", user_id="alice")
        plain = AsyncMemory.from_config(config_dict=configuration(tmp_path))
        rows = await plain.search("球类运动", user_id="alice")
        await awaited.close()
        plain.close()
        plain.close()
        return [row["memory"] for row in rows["results"]]

    assert asyncio.run(main()) == ["我喜欢打网球"]


def test_as_a_context(tmp_path: Path) -> None:
    async def main() -> None:
        async with AsyncMemory(configuration(tmp_path)) as m:
            (row,) = await m.add("tea", user_id="alice")
            await m.update(row["id"], text="green tea")
            assert [event["event"] for event in await m.history(row["id"])] == ["ADD", "UPDATE"]
            await m.delete(row["id"])
            await m.delete_all(user_id="alice")
            assert await m.get_all(user_id="alice") == []
        with pytest.raises(ClosedError):
            await m.get_all(user_id="alice")

    asyncio.run(main())


def test_closed_without_a_loop(tmp_path: Path) -> None:
    m = AsyncMemory(configuration(tmp_path))
    asyncio.run(m.add("tea", user_id="alice"))
    m.close()
