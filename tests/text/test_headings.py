"""A passage is found by the headings above it, and documents are told apart by their id."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polymem.domain.item import NO_DOCUMENT, UNTITLED
from polymem.text.indexed import (
    HEADING_BREAK,
    MAX_EMBEDDED_CHARS,
    MAX_TITLE_CHARS,
    document_number,
    embedded_text,
    headings_of,
    indexed_terms,
)
from polymem.text.tokenise import terms


def row(**metadata):
    return {"role": "document", "metadata": metadata}


@pytest.mark.parametrize(
    ("metadata", "text", "words", "embedded"),
    [
        (
            {"title": "Fens", "heading": "Floods › In winter"},
            "They froze.",
            ["fen", "flood", "winter", "froze"],
            "Fens. Floods. In winter. They froze.",
        ),
        (
            {"title": "沼泽", "heading": "洪水"},
            "结冰。",
            ["沼", "泽", "沼泽", "洪", "水", "洪水", "结", "冰", "结冰"],
            "沼泽. 洪水. 结冰。",
        ),
        ({"heading": "Floods"}, "x", ["flood", "x"], "Floods. x"),
    ],
)
def test_headings_stand_between_title_and_words(metadata, text, words, embedded):
    assert indexed_terms("episode", text, **row(**metadata)) == words
    assert embedded_text("episode", text, **row(**metadata)) == embedded


@pytest.mark.parametrize("title", ["The Fens", " the  FENS", "沼澤"])
def test_a_heading_that_is_the_title_counts_once(title):
    metadata = {"title": title, "heading": HEADING_BREAK.join(("The Fens", "沼泽", "Floods"))}
    left = {"The Fens", "沼泽", "Floods"} - ({"沼泽"} if title == "沼澤" else {"The Fens"})
    assert set(headings_of("episode", **row(**metadata))) == left


@pytest.mark.parametrize("heading", [None, 7, ["Floods"], {"a": 1}, True, "", "  ", " ›  › "])
def test_what_is_no_heading_is_passed_over(heading):
    for metadata in ({"title": "The Fens"}, {}):
        plain, given_ = row(**metadata), row(**metadata, heading=heading)
        assert headings_of("episode", **given_) == ()
        assert indexed_terms("episode", "茶", **given_) == indexed_terms("episode", "茶", **plain)
        assert embedded_text("episode", "茶", **given_) == embedded_text("episode", "茶", **plain)


@pytest.mark.parametrize("kind", ["episode", "fact", "summary"])
def test_turns_and_facts_have_no_headings(kind):
    metadata = {"title": "The Fens", "heading": "Floods", "document": "d"}
    assert indexed_terms(kind, "tea", role="user", metadata=metadata) == ["tea"]
    assert embedded_text(kind, "tea", role="user", metadata=metadata) == "tea"
    assert document_number(kind, role="user", metadata=metadata) == NO_DOCUMENT


def test_a_long_heading_is_cut():
    metadata = {"heading": "沼 › " * 10_000}
    assert len("".join(headings_of("episode", **row(**metadata)))) <= MAX_TITLE_CHARS
    assert len(embedded_text("episode", "x" * 9_000, **row(**metadata))) == MAX_EMBEDDED_CHARS


@given(title=st.text(max_size=30), text=st.text(max_size=60))
def test_without_headings_all_is_as_before(title, text):
    """The words of a passage are those of its title and its own, what is embedded both with a stop between."""
    name = " ".join(title.split())
    assert indexed_terms("episode", text, **row(title=title)) == terms(name) + terms(text)
    shown = name.replace("_", " ")
    assert embedded_text("episode", text, **row(title=title)) == (f"{shown}. {text}" if shown else text)


def test_documents_of_one_title_are_told_apart():
    def number(**metadata):
        return document_number("episode", **row(**metadata))

    one, other = number(title="Notes", document="a"), number(title="Notes", document="b")
    assert len({one, other, number(title="Notes"), number(title="a"), number(document="甲")}) == 5
    assert one == number(title="Other title", document="a") < UNTITLED
    assert one >= -(2**31)
    for nothing in (None, "", 7, ["a"]):
        assert number(title="Notes", document=nothing) == number(title="Notes")
        assert number(document=nothing) == UNTITLED
