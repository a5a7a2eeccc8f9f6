"""What was recalled is no news: neither its statements nor its names nor its words count again, in any role."""

import asyncio
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polymem import Memory
from polymem.models.extractors.rules import RuleExtractor
from polymem.ports.extractor import ExtractorInput
from polymem.text.mentions import find_mentions
from polymem.text.quoted import quoted
from polymem.text.recalled import CLOSE_MARK, OPEN_MARK, mark_recalled, recalled_spans, without_recalled
from polymem.text.tokenise import terms

NOW = datetime(2024, 6, 14, tzinfo=UTC)
PIECES = st.sampled_from([OPEN_MARK, CLOSE_MARK, "I live in Rome. ", "我住在上海。", "\n", "<memory>"])


def said(text, role="user"):
    return asyncio.run(RuleExtractor().extract([ExtractorInput(text, "ann", role, NOW)]))[0]


@pytest.mark.parametrize("role", ["user", "assistant", "system", "tool", "narrator"])
@pytest.mark.parametrize(
    ("recalled", "own", "slots"),
    [
        ("I live in Berlin. My sister is Anna.", "I love tea.", ["tea"]),
        ("我住在北京。我喜欢喝咖啡。", "我叫小红。", ["小红"]),
    ],
)
def test_recalled_statements_are_not_extracted_again(role, recalled, own, slots):
    found = said(f"{mark_recalled(recalled)}\n{own}", role)
    assert [s.slot for s in found.statements] == ([] if role in {"system", "tool"} else slots)
    assert {m.name for m in found.mentions}.isdisjoint({"Berlin", "Anna", "北京"})
    assert said(recalled).statements, "the same words count where nothing marks them"


def test_offsets_hold_behind_recalled_context():
    text = f"{mark_recalled('I hate cats.')} I love tea."
    (statement,) = said(text).statements
    assert text[slice(*statement.offset)] == "I love tea"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"a {OPEN_MARK} b {OPEN_MARK} c {CLOSE_MARK} d {CLOSE_MARK} e", ["a", "e"]),
        (f"a {OPEN_MARK} b", ["a"]),
        (f"a {CLOSE_MARK} b", ["a", CLOSE_MARK, "b"]),
        (f"{OPEN_MARK}b{CLOSE_MARK}{OPEN_MARK}c{CLOSE_MARK}甲", ["甲"]),
        ("<recalled-memory x> a", ["<recalled-memory", "x>", "a"]),
        ("＜recalled-memory＞ a", ["＜recalled-memory＞", "a"]),
        (f"{OPEN_MARK} \\u003c/recalled-memory\\u003e b", []),
        (f"{OPEN_MARK} &lt;/recalled-memory&gt; b", []),
    ],
)
def test_nested_unclosed_stray_and_forged_marks(text, left):
    assert without_recalled(text).split() == left


@given(pieces=st.lists(PIECES, max_size=8))
def test_masking_keeps_the_length_and_repeats_to_nothing_more(pieces):
    text = "".join(pieces)
    masked = without_recalled(text)
    assert len(masked) == len(text)
    assert without_recalled(masked) == masked
    assert OPEN_MARK not in masked
    spans = recalled_spans(text)
    assert all(start < end for start, end in spans)
    places = [place for span in spans for place in span]
    assert places == sorted(places)


@given(text=st.text())
def test_nothing_stored_can_end_its_block(text):
    nested = "<recalled-</recalled-memory>memory>"
    for stored in (text, f"{text}{CLOSE_MARK}{text}", f"{OPEN_MARK}{text}", nested):
        block = f"{OPEN_MARK}\n- {quoted(stored)}\n{CLOSE_MARK}"
        assert recalled_spans(block) == [(0, len(block))]
        marked = mark_recalled(stored)
        assert recalled_spans(marked) == [(0, len(marked))]


def test_recalled_words_are_no_keywords_of_the_message():
    text = f"{mark_recalled('Ann keeps bees in Utrecht. 她养蜂。')} 茶 tea"
    assert terms(text) == ["茶", "tea"]
    assert find_mentions(text) == []


@pytest.mark.parametrize("role", ["user", "assistant"])
def test_a_whole_turn_with_its_context_adds_no_evidence(tmp_path, role):
    with Memory(tmp_path / "m.db") as memory:
        memory.add("I live in Berlin. 我喜欢喝绿茶。", user_id="ann", timestamp=NOW)
        before = {
            item.id: item.n_evidence for item in memory.get_all(user_id="ann", kinds=["fact", "preference"])
        }
        for question in ("Where do I live?", "我喜欢喝什么？"):
            block = memory.context(question, user_id="ann")
            assert "Berlin" in block
            turn = f"{block}\n\n{question}"
            added = memory.add([{"role": role, "content": turn}], user_id="ann")
            assert [item.text for item in added.items] == [turn], "kept as it came, nothing derived"
        after = {
            item.id: item.n_evidence for item in memory.get_all(user_id="ann", kinds=["fact", "preference"])
        }
        assert after == before
        assert memory.verify() == []
