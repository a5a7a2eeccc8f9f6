"""Graphs, merging and splitting from the command line."""

from __future__ import annotations

import io
import json
from pathlib import Path

import networkx as nx
import pytest

from tests.cli.conftest import Run


@pytest.fixture
def filled(run: Run) -> Run:
    for text in (
        "My friend Bob works at Acme.",
        "My friend Bobby speaks French.",
        "我朋友小王住在北京。",
        "I live in Beijing.",
    ):
        assert run("add", text, "--user", "ada").code == 0
    return run


def relations(run: Run, *options: str) -> list[tuple[str, str, str]]:
    found = json.loads(run("graph", *options, "--user", "ada", "--json").out)
    return [(r["subject"], r["predicate"], r["object"]) for r in found]


def test_merge_split_and_resolve(filled: Run):
    assert json.loads(filled("merge", "Bob", "Bobby", "--user", "ada", "--json").out)["aliases"] == ["Bobby"]
    assert ("Bob", "speaks", "French") in relations(filled, "--entity", "Bobby")
    assert json.loads(filled("split", "Bobby", "--user", "ada", "--json").out)["name"] == "Bobby"
    assert ("Bobby", "speaks", "French") in relations(filled)
    would = filled("resolve", "--user", "ada", "--dry-run")
    assert "would merge" in would.out
    assert "北京" in would.out
    found = json.loads(filled("resolve", "--user", "ada", "--json").out)
    assert {found["merged"][0]["name"], found["merged"][0]["keep_name"]} == {"北京", "Beijing"}
    assert filled("split", "Bob", "--user", "ada").code == 2
    assert filled("merge", "Bob", "nobody", "--user", "ada").code == 1
    assert filled("merge", "Bob", "Bobby", "--user", "ada", "--run", "r").code == 2


def test_parts_of_a_graph(filled: Run):
    assert relations(filled, "--entity", "Bob", "--predicate", "works_at") == [("Bob", "works_at", "Acme")]
    near = relations(filled, "--entity", "Acme", "--hops", "2")
    assert ("Bob", "works_at", "Acme") in near
    assert not any("French" in told for told in near)
    assert [told[1] for told in relations(filled, "--path", "Acme", "小王")] == [
        "works_at",
        "friend",
        "friend",
    ]
    for wrong in (
        ("--hops", "2"),
        ("--entity", "Bob", "--hops", "5"),
        ("--path", "Bob", "Bobby", "--entity", "Bob"),
        ("--out", "x"),
        ("--format", "pdf"),
    ):
        assert filled("graph", *wrong, "--user", "ada").code == 2, wrong
    assert filled("graph", "--path", "Bob", "nobody", "--user", "ada").code == 1


def test_forms(filled: Run, tmp_path: Path):
    for form in ("html", "dot", "graphml", "json"):
        file = tmp_path / f"graph.{form}"
        assert filled("graph", "--user", "ada", "--format", form, "--out", str(file)).code == 0
        text = file.read_text(encoding="utf-8")
        assert "小王" in text
        if form != "html":
            assert filled("graph", "--user", "ada", "--format", form).out == text
    read = nx.read_graphml(io.BytesIO((tmp_path / "graph.graphml").read_bytes()))
    plain = json.loads((tmp_path / "graph.json").read_text(encoding="utf-8"))
    assert read.number_of_edges() == len(plain["relations"])
    assert {r["subject_id"] for r in plain["relations"]} <= set(read.nodes)
