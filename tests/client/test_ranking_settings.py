"""Parts of the ranking can be left out by a setting, in a search and in a prompt block."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from polymem import Memory
from polymem.errors import ConfigError
from polymem.ranking.scoring import GROUPS

TEXTS = ("I keep bees behind the house.", "我在阳台种了番茄。", "The car needs new tyres.")


def signals(path: Path, question: str, **ranking: Any) -> dict[str, float]:
    with Memory(path, config={"ranking": ranking}) as memory:
        if not len(memory.get_all(user_id="u")):
            memory.add([{"role": "user", "content": text} for text in TEXTS], user_id="u")
        return dict(memory.search(question, user_id="u", explain=True)[0].signals)


@pytest.mark.parametrize("question", ["Where are the bees?", "阳台上种了什么？"])
def test_a_part_that_is_left_out_adds_nothing(tmp_path: Path, question: str):
    path = tmp_path / "m.db"
    whole = signals(path, question)
    for group, names in (("vector", ["dense"]), ("keyword", ["own", "context"])):
        assert any(whole.get(name) for name in names)
        assert not any(signals(path, question, without=[group]).get(name) for name in names)


def test_ranks_instead_of_values(tmp_path: Path):
    path = tmp_path / "m.db"
    values, ranks = (signals(path, "Where are the bees?", fusion=fusion) for fusion in ("sum", "rrf"))
    assert values["own"] != ranks["own"]


def test_a_prompt_block_is_ranked_alike(tmp_path: Path):
    path = tmp_path / "m.db"
    signals(path, "bees")
    blocks: list[str] = []
    for without in ([], list(GROUPS)):
        with Memory(path, config={"ranking": {"without": without}}) as memory:
            blocks.append(memory.context("Where are the bees?", user_id="u", limit=1, budget_tokens=60))
    assert "bees" in blocks[0]
    assert blocks[0] != blocks[1]


@pytest.mark.parametrize("ranking", [{"without": ["luck"]}, {"without": "vector,"}, {"fusion": "max"}])
def test_what_is_not_known(tmp_path: Path, ranking: dict[str, Any]):
    with pytest.raises(ConfigError):
        Memory(tmp_path / "m.db", config={"ranking": ranking})


@pytest.mark.parametrize("page", ["docs/configuration.md", "docs/zh/configuration.md"])
def test_every_part_is_documented(page: str):
    lines = (Path(__file__).resolve().parents[2] / page).read_text("utf-8").splitlines()
    (line,) = [line for line in lines if line.startswith("| `ranking.without`")]
    assert [group for group in GROUPS if f"`{group}`" not in line] == []
