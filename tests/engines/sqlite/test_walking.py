"""Hops and paths on the engine, against networkx; what comes out is read by networkx again."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import networkx as nx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from polymem import Subgraph
from polymem.domain.query import Selection, Visibility
from polymem.errors import InputError, MissingExtraError, NotFoundError
from polymem.read.around import around, between, check_predicates, whole
from polymem.read.hops import MAX_OF_ONE, Walk, ball
from tests.engines.sqlite.workshop import ALICE, NOON, Workshop, episode, fact, new_id

DAY = timedelta(days=1)
NAMES = (*(f"n{n}" for n in range(8)), "小王", "北京")


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Workshop]:
    made = Workshop(tmp_path / "store.db")
    yield made
    made.close()


def selection(shop: Workshop, **times: object) -> Selection:
    return Selection(ALICE, Visibility(now=shop.now + DAY, **times))  # type: ignore[arg-type]


def relate(shop: Workshop, *pairs: tuple[str, str], **fields: object) -> None:
    drafts = [fact(f"{a} and {b}", "friend", b, subject=a, **fields) for a, b in pairs]  # type: ignore[arg-type]
    for start in range(0, len(drafts), 500):
        shop.commit(episode(f"told {start}"), *drafts[start : start + 500])


def names(found: Subgraph) -> set[str]:
    return {entity.name for entity in found.entities}


_EDGES = st.lists(
    st.tuples(
        st.sampled_from(NAMES), st.sampled_from(NAMES), st.booleans(), st.integers(0, 4), st.integers(1, 6)
    ),
    min_size=1,
    max_size=24,
    unique_by=lambda edge: frozenset(edge[:2]),
)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(edges=_EDGES, hops=st.integers(1, 4), day=st.integers(0, 6))
def test_hops_and_paths_are_those_of_networkx(
    tmp_path_factory: pytest.TempPathFactory,
    edges: list[tuple[str, str, bool, int, int]],
    hops: int,
    day: int,
):
    shop = Workshop(tmp_path_factory.mktemp("walking") / "store.db")
    graph = nx.Graph()
    for a, b, positive, start, stop in edges:
        until = NOON + stop * DAY if stop > start else None
        relate(shop, (a, b), positive=positive, valid_at=NOON + start * DAY, invalid_at=until)
        if positive and start <= day and (until is None or day < stop):
            graph.add_edge(a, b)
    seen = selection(shop, as_of=NOON + day * DAY)
    source, target = edges[0][0], edges[-1][1]
    graph.add_nodes_from((source, target))
    found = shop.read(lambda s: around(s, seen, source, hops=hops, limit=500))
    ego = nx.ego_graph(graph, source, radius=hops)
    assert names(found) == set(ego.nodes)
    assert {frozenset((r.subject, r.object)) for r in found.relations if r.positive} == {
        frozenset(edge) for edge in ego.edges
    }
    assert not found.truncated
    assert found == shop.read(lambda s: around(s, seen, source, hops=hops, limit=500)), "always the same"
    if source != target:
        paths = shop.read(lambda s: between(s, seen, source, target, max_hops=hops, limit=10_000))
        expected = {tuple(path) for path in nx.all_simple_paths(graph, source, target, cutoff=hops)}
        walked = [nodes_of(path, source) for path in paths]
        assert set(walked) == expected
        assert len(walked) == len(expected)
        assert [len(path) for path in paths] == sorted(len(path) for path in paths)
        assert not paths.truncated
        assert all(relation.positive for path in paths for relation in path)
    shop.close()


def nodes_of(path: tuple[object, ...], source: str) -> tuple[str, ...]:
    nodes = [source]
    for relation in path:
        ends = (relation.subject, relation.object)  # type: ignore[attr-defined]
        nodes.append(ends[1] if ends[0] == nodes[-1] else ends[0])
    return tuple(nodes)


def test_limits_are_kept_and_said(shop: Workshop):
    relate(
        shop, *(("hub", f"leaf {n}") for n in range(MAX_OF_ONE + 50)), ("leaf 0", "far"), ("小王", "leaf 0")
    )
    found = shop.read(lambda s: around(s, selection(shop), "hub", hops=1, limit=10))
    assert (len(found.entities), found.truncated) == (10, True)
    found = shop.read(lambda s: around(s, selection(shop), "hub", hops=1, limit=500))
    assert (len(found.entities), found.truncated) == (MAX_OF_ONE + 1, True), "a hub does not fill the answer"
    found = shop.read(lambda s: around(s, selection(shop), "小王", hops=1, limit=500))
    assert (names(found), found.truncated) == ({"小王", "leaf 0"}, False)
    paths = shop.read(lambda s: between(s, selection(shop), "hub", "小王", max_hops=4, limit=1))
    assert [len(path) for path in paths] == [2]


def test_a_hub_in_a_batch_starves_nobody(shop: Workshop):
    relate(shop, ("start", "quiet"), ("quiet", "小王"), ("start", "hub"))
    relate(shop, *(("hub", f"leaf {n}") for n in range(4_100)))
    found = shop.read(lambda s: around(s, selection(shop), "start", hops=2, limit=500))
    assert "小王" in names(found)
    assert found.truncated


def test_only_some_predicates(shop: Workshop):
    shop.commit(
        episode("told"),
        fact("a", "friend", "b", subject="a"),
        fact("a lives", "lives_in", "上海", subject="a"),
        fact("b invests", "invested_in", "公司", subject="b"),
    )
    found = shop.read(
        lambda s: around(s, selection(shop), "a", hops=2, limit=9, predicates=("friend", "invested_in"))
    )
    assert names(found) == {"a", "b", "公司"}
    for bad in ("", "has space", "*", 3, [], ["friend", None], {"friend"}):
        with pytest.raises(InputError):
            check_predicates(bad)
    assert check_predicates(None) is None
    assert check_predicates(["favourite:颜色", "friend"]) == ("favourite:颜色", "friend")


@pytest.mark.parametrize("bad", [0, -1, 5, True, 1.0, "1", None])
def test_numbers_out_of_range(shop: Workshop, bad: object):
    relate(shop, ("a", "b"))
    with pytest.raises(InputError):
        shop.read(lambda s: around(s, selection(shop), "a", hops=bad, limit=9))  # type: ignore[arg-type]
    with pytest.raises(InputError):
        shop.read(lambda s: between(s, selection(shop), "a", "b", max_hops=bad, limit=9))  # type: ignore[arg-type]
    with pytest.raises(InputError):
        shop.read(lambda s: between(s, selection(shop), "a", "a", max_hops=2, limit=9))
    for who in ("", "*", "%", "c", new_id(), "a' OR 1=1 --"):
        with pytest.raises(NotFoundError):
            shop.read(lambda s, who=who: around(s, selection(shop), who, hops=1, limit=9))


def test_a_part_of_a_memory_sees_its_own(shop: Workshop):
    for run, thing in (("r1", "茶"), ("r2", "secret")):
        scope = type(ALICE)(user_id="alice", run_id=run)
        shop.commit(episode(run), fact(run, "likes", thing, subject="Bob"), scope=scope)
    narrow = Selection(type(ALICE)(user_id="alice", run_id="r1"), Visibility(now=shop.now))
    found = shop.read(lambda s: around(s, narrow, "Bob", hops=4, limit=99))
    assert names(found) == {"Bob", "茶"}
    assert found.entities[0].n_mentions == 2
    with pytest.raises(NotFoundError):
        shop.read(lambda s: around(s, narrow, "secret", hops=1, limit=99))
    with pytest.raises(NotFoundError):
        shop.read(lambda s: between(s, narrow, "茶", "secret", max_hops=4, limit=99))
    assert names(shop.read(lambda s: whole(s, narrow, limit=99))) == {"Bob", "茶"}


NASTY = (
    '"]; n0 -> n0 [label="',
    "</data><evil/>",
    "a\\",
    "小红 & <王>",
    "tab\tnew\nline\r",
    "bell\x07",
    "emoji 👨‍👩‍👧",
)


def test_graphml_is_read_by_networkx_with_all_times(shop: Workshop):
    relate(shop, *(("北京", word) for word in NASTY))
    relate(shop, ("北京", "old"), invalid_at=NOON + DAY / 2)
    found = shop.read(lambda s: whole(s, selection(shop, as_of=NOON), limit=99))
    read = nx.read_graphml(io.BytesIO(found.to_graphml().encode()))
    named = {values["name"] for _, values in read.nodes(data=True)}
    assert named == {entity.name.replace("\x07", "\ufffd") for entity in found.entities}
    assert {entity.id for entity in found.entities} == set(read.nodes)
    edges = {values["item_id"]: values for _, _, values in read.edges(data=True)}
    for relation in found.relations:
        values = edges[relation.item_id]
        assert values["valid_at"] == relation.valid_at.isoformat()
        assert values["created_at"] == relation.created_at.isoformat()
        assert values.get("invalid_at") == (relation.invalid_at and relation.invalid_at.isoformat())
        assert values["positive"] is True
    assert any("invalid_at" in values for values in edges.values())


def test_networkx_and_json(shop: Workshop, monkeypatch: pytest.MonkeyPatch):
    relate(shop, ("小王", "b"), ("b", "小王"))
    found = shop.read(lambda s: whole(s, selection(shop), limit=99))
    made = found.to_networkx()
    assert isinstance(made, nx.MultiDiGraph)
    assert {values["name"] for _, values in made.nodes(data=True)} == {"小王", "b"}
    assert all(values["valid_at"] == NOON for _, _, values in made.edges(data=True))
    plain = json.loads(found.to_json())
    assert [r["subject"] for r in plain["relations"]] == [r.subject for r in found.relations]
    assert plain["truncated"] is False
    monkeypatch.setitem(__import__("sys").modules, "networkx", None)
    with pytest.raises(MissingExtraError, match="graph"):
        found.to_networkx()


_DOT_STRING = r'"(?:[^"\\\n]|\\["\\])*"'


def test_dot_follows_the_grammar(shop: Workshop):
    import re

    relate(shop, *(("小王", word) for word in NASTY))
    lines = shop.read(lambda s: whole(s, selection(shop), limit=99)).to_dot().splitlines()
    assert (lines[0], lines[-1]) == ("digraph polymem {", "}")
    statement = re.compile(rf"  n\d+(?: -> n\d+)? \[label={_DOT_STRING}(?:, style=dashed, color=gray)?\];")
    body = lines[3:-1]
    assert body
    assert all(statement.fullmatch(line) for line in body), body
    assert sum(re.match(r"  n\d+ ->", line) is not None for line in body) == len(NASTY)


def test_the_whole_graph_says_when_it_is_cut(shop: Workshop):
    relate(shop, ("a", "b"), ("b", "c"), ("c", "d"))
    shop.commit(episode("hello 世界", mentions=()))
    assert not shop.read(lambda s: whole(s, selection(shop), limit=3)).truncated
    cut = shop.read(lambda s: whole(s, selection(shop), limit=2))
    assert (len(cut.relations), cut.truncated) == (2, True)


def test_a_negated_relation_joins_nobody(shop: Workshop):
    relate(shop, ("a", "b"), ("b", "小王"))
    relate(shop, ("a", "小王"), ("a", "z"), positive=False)
    found = shop.read(lambda s: around(s, selection(shop), "a", hops=1, limit=99))
    assert names(found) == {"a", "b"}
    found = shop.read(lambda s: around(s, selection(shop), "a", hops=2, limit=99))
    assert names(found) == {"a", "b", "小王"}
    assert [(r.subject, r.object) for r in found.relations if not r.positive] == [("a", "小王")]


def test_an_edge_limit(shop: Workshop, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("polymem.read.hops.MAX_EDGES", 1)
    relate(shop, ("a", "b"), ("b", "c"))
    walked = shop.read(lambda s: _ball(s, selection(shop)))
    assert walked == (3, 1, True)


def _ball(snapshot: object, seen: Selection) -> tuple[int, int, bool]:
    graph = snapshot.graph  # type: ignore[attr-defined]
    walk = Walk(graph, seen.visibility)
    nodes, edges = ball(walk, graph.find(["a"])["a"], hops=4, limit=500)
    return len(nodes), len(edges), walk.truncated
