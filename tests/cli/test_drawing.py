"""What is drawn is safe: nothing that was remembered can command the terminal, the page or Graphviz."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polymem import Relation
from polymem.cli.graph_layout import layout
from polymem.cli.graph_page import page
from polymem.cli.screen import safe
from polymem.cli.show_graph import relation_tree
from polymem.cli.show_history import difference
from polymem.read.graph_forms import dot
from tests.cli.conftest import Run

NASTY = (
    "\x1b[31mred",
    "[bold]mark[/bold]",
    '"]; n0 -> n0 [label="',
    "<script>alert(1)</script>",
    "</text></svg><img src=x onerror=alert(1)>",
    "a\\",
    "\u202egnp.exe",
    "小红\r\n的猫",
)


def relation(subject: str, thing: str, predicate: str = "likes", *, ended: bool = False) -> Relation:
    at = datetime(2025, 1, 1, tzinfo=UTC)
    return Relation(
        subject, predicate, thing, True, "id", at, at if ended else None, at, at if ended else None
    )


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attrs}


def test_a_page_holds_no_foreign_element():
    made = page([relation(one, other) for one in NASTY for other in NASTY])
    tags = Tags()
    tags.feed(made)
    assert not tags.seen & {"script", "img", "iframe", "link"}
    assert not {name for name in tags.attributes if name.startswith("on") or name in {"href", "src"}}
    assert "http" not in made.replace("http-equiv", "")
    svg = made[made.index("<svg") : made.index("</svg>") + 6]
    assert len(ET.fromstring(svg).findall("g")) == len(NASTY) + len(NASTY) ** 2


def test_a_page_without_relations():
    assert "There are no relations." in page([])


def test_dot_strings_cannot_end_early():
    made = dot([relation("ada", word, ended=True) for word in NASTY])
    for line in made.splitlines()[3:-1]:
        assert re.fullmatch(
            r'  n\d+(?: -> n\d+)? \[label="(?:[^"\\]|\\.)*"(?:, style=dashed, color=gray)?\];', line
        ), line


def test_the_terminal_gets_no_command(run: Run):
    for words in NASTY:
        assert run("add", f"I love {words}.", "--user", "ada").code == 0
    for command in (
        ["list", "--all"],
        ["search", "love"],
        ["graph"],
        ["entities"],
        ["profile"],
        ["context", "love"],
    ):
        shown = run(*command, "--user", "ada").out
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", shown), command
    assert "[bold]mark[/bold]" in run("list", "--user", "ada").out


def test_a_tree_with_a_circle_and_a_long_chain_ends():
    circle = [relation("a", "b"), relation("b", "a"), relation("c", "c")]
    assert len(relation_tree(circle).renderables) == 2
    chain = [relation(f"n{n}", f"n{n + 1}") for n in range(3000)]
    assert len(relation_tree(chain).renderables) == 1


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("abcdefgh")), max_size=20))
def test_every_node_has_a_place_of_its_own(edges: list[tuple[str, str]]):
    places = layout(edges)
    assert places.keys() == {name for edge in edges for name in edge}
    assert len({(round(x), round(y)) for x, y in places.values()}) == len(places)


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_difference_holds_both_texts(old: str, new: str):
    shown = difference(old, new, colours=True)
    removed = "".join(shown.plain[span.start : span.end] for span in shown.spans if "red" in str(span.style))
    assert len(shown.plain) - len(removed) == len(safe(new))


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        ("I live in Lisbon", "I live in Porto", "I live in [-Lisbon-]{+Porto+}"),
        ("我住在上海", "我住在杭州", "我住在[-上海-]{+杭州+}"),
        ("我用Python写代码", "我用Rust写代码", "我用[-Python-]{+Rust+}写代码"),
        ("same", "same", "same"),
        ("", "new", "{+new+}"),
    ],
)
def test_a_difference_reads_by_words_and_by_characters(old: str, new: str, shown: str):
    assert difference(old, new, colours=False).plain == shown
