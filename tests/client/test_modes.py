"""One arm alone, all of them fused, or two set one after the other: ``search(mode=)``."""

from __future__ import annotations

from pathlib import Path

import pytest

from polymem import Hits, Memory
from polymem.errors import InputError

PAGES = {
    "The Salt Road (film)": "The Salt Road is a 1957 drama film directed by Maren Holt. It was shot in black and white.",
    "Maren Holt": "Maren Holt was a film director. She was born in Tromvik.",
    "Tromvik": "Tromvik is a fishing village with a wooden church.",
    "Birth": "Where people are born and what they are born into is told in many films by their directors.",
    "盐路（电影）": "《盐路》是1957年的剧情片，改编自小说《雾港》。",
    "雾港": "《雾港》写一个渔村，作者是马仁·霍尔特。",
    "电影杂谈": "很多影片改编自小说，小说的作者是谁常常没人知道。",
}
BORN = "Where was the director of The Salt Road born?"
WHERE = "《盐路》改编自谁的小说？"


@pytest.fixture
def memory(tmp_path: Path):
    with Memory(tmp_path / "m.db") as memory:
        memory.add(
            [
                {"role": "document", "content": text, "metadata": {"title": title}}
                for title, text in PAGES.items()
            ],
            user_id="ann",
            infer=False,
        )
        memory.add("I was born in Bergen, says the director.", user_id="ann", infer=False)
        yield memory


def titles(hits: Hits) -> list[str]:
    return [str(hit.item.metadata.get("title", "")) for hit in hits]


@pytest.mark.parametrize(
    ("question", "named", "led_to", "alike"),
    [
        (BORN, "The Salt Road (film)", "Maren Holt", "Birth"),
        (WHERE, "盐路（电影）", "雾港", "电影杂谈"),
    ],
)
def test_the_graph_goes_from_names_to_names(
    memory: Memory, question: str, named: str, led_to: str, alike: str
):
    found = titles(memory.search(question, user_id="ann", mode="graph"))
    assert {named, led_to} <= set(found[:3])
    assert alike not in found


def test_where_nothing_is_named_the_graph_has_nothing(memory: Memory):
    assert not memory.search("what is it made of, and by what means?", user_id="ann", mode="graph")
    assert not memory.search("那是用什么做的？", user_id="ann", mode="graph")


@pytest.mark.parametrize("question", [BORN, WHERE])
@pytest.mark.parametrize("limit", [1, 2, 3, 4, 7, 20])
def test_concat_is_half_vectors_then_half_graph(memory: Memory, question: str, limit: int):
    near = [hit.item.id for hit in memory.search(question, user_id="ann", mode="vector", limit=limit)]
    linked = [hit.item.id for hit in memory.search(question, user_id="ann", mode="graph", limit=limit)]
    both = [hit.item.id for hit in memory.search(question, user_id="ann", mode="concat", limit=limit)]
    half = max(limit - limit // 2, limit - len(linked))
    assert both[: min(half, len(near))] == near[:half]
    rest = [name for name in (*linked, *near) if name not in near[:half]]
    assert both == list(dict.fromkeys([*near[:half], *rest]))[:limit]
    assert len(set(both)) == len(both)


@pytest.mark.parametrize("question", [BORN, WHERE])
def test_what_is_fused_stands_above_what_is_only_alike(memory: Memory, question: str):
    wanted = "Maren Holt" if question == BORN else "雾港"
    fused = titles(memory.search(question, user_id="ann"))
    joined = titles(memory.search(question, user_id="ann", mode="concat"))
    assert fused.index(wanted) <= joined.index(wanted)


@pytest.mark.parametrize("mode", ["vector", "graph", "concat", "keyword", "hybrid"])
def test_every_mode_keeps_to_the_filter_and_the_scope(memory: Memory, mode: str):
    hits = memory.search(BORN, user_id="ann", mode=mode, filters={"title": {"ne": "Maren Holt"}})
    assert "Maren Holt" not in titles(hits)
    assert not memory.search(BORN, user_id="bob", mode=mode)


def test_concat_tells_what_it_did(memory: Memory):
    hits = memory.search(BORN, user_id="ann", mode="concat", explain=True)
    assert hits.explanation["plan"] == {"mode": "concat"}
    assert len(hits.explanation["parts"]) == 2  # type: ignore[arg-type]
    assert hits[0].signals
    assert hits[0].search


def test_concat_keeps_to_a_budget(memory: Memory):
    assert len(memory.search(BORN, user_id="ann", mode="concat", budget_tokens=30)) < 3


@pytest.mark.parametrize("mode", ["both", "", None, 3, "CONCAT"])
def test_no_other_mode_is_known(memory: Memory, mode: object):
    with pytest.raises(InputError):
        memory.search(BORN, user_id="ann", mode=mode)  # type: ignore[arg-type]


def test_a_question_that_names_a_document_narrows_every_mode(tmp_path: Path):
    with Memory(tmp_path / "m.db") as memory:
        memory.add(
            [
                {
                    "role": "document",
                    "content": f"Revenue of part {n} grew by {n} %.",
                    "metadata": {"title": title},
                }
                for title in ("ACMEWATER_2021_10K", "BRIGHTFOODS_2021_10K")
                for n in range(12)
            ],
            user_id="ann",
            infer=False,
        )
        for mode in ("vector", "graph", "concat", "hybrid"):
            found = titles(
                memory.search("How did the revenue of Acme Water grow in 2021?", user_id="ann", mode=mode)
            )
            assert found[:6] == ["ACMEWATER_2021_10K"] * 6, mode
