"""Cutting is complete, and an edit in one place moves no cuts in another."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from polymem.documents.chunk import MAX_CHARS, MAX_PAGE_CHARS, chunk
from polymem.documents.width import width
from polymem.domain.document import Block, Parsed

SENTENCES = st.sampled_from(
    [
        "The lake froze early that year.",
        "Dr. Ode measured 3.5 cm of ice on 4 Nov. and wrote it down!",
        "Who would have thought so?",
        "湖面那年很早就结了冰。",
        "测量的结果是三点五厘米，记录在册；没有人想到会这样。",
        "“真的吗？”她问。",
        "unbroken" * 40,
    ]
)
TEXTS = st.lists(SENTENCES, min_size=1, max_size=15).map(" ".join)
ROWS = st.lists(
    st.lists(st.sampled_from(["12", "Oslo", "上海", "x" * 30]), min_size=2, max_size=2),
    min_size=2,
    max_size=40,
)


def made_table(rows: list[list[str]], n_header: int) -> Block:
    text = "\n".join(" | ".join(row) for row in rows)
    return Block("table", text, 0, None, tuple(map(tuple, rows)), n_header)


BLOCKS = st.one_of(
    st.builds(lambda text: Block("paragraph", text), TEXTS),
    st.builds(lambda text: Block("list_item", text, 1), SENTENCES),
    st.builds(
        lambda n, level: Block("heading", f"Part {n} 部分", level), st.integers(0, 99), st.integers(1, 4)
    ),
    st.builds(lambda text: Block("code", text.replace(". ", ".\n")), TEXTS),
    st.builds(made_table, ROWS, st.integers(0, 1)),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(BLOCKS, max_size=12), st.sampled_from([200, 500, MAX_CHARS]), st.data())
def test_chunks_cover_the_text_once_and_keep_to_their_size(
    blocks: list[Block], max_chars: int, data: st.DataObject
):
    pages = sorted(data.draw(st.lists(st.integers(1, 4), min_size=len(blocks), max_size=len(blocks))))
    paged = (
        Block(b.kind, b.text, b.level, page, b.rows, b.n_header)
        for b, page in zip(blocks, pages, strict=True)
    )
    document = Parsed(tuple(paged), n_pages=data.draw(st.sampled_from([0, 4])))
    limit = MAX_PAGE_CHARS if document.n_pages and max_chars == MAX_CHARS else max_chars
    text, place = document.text, 0
    for each in chunk(document, max_chars=max_chars):
        assert place <= each.start < each.stop
        assert not text[place : each.start].strip()
        assert width(each.text) <= limit
        assert each.text.endswith(text[each.start : each.stop])
        if each.text != text[each.start : each.stop]:
            header = each.text.removesuffix(text[each.start : each.stop]).removesuffix("\n")
            assert any(b.kind == "table" and b.text.startswith(f"{header}\n") for b in blocks)
        assert each.page is not None
        assert each.last_page is not None
        assert each.page <= each.last_page
        place = each.stop
    assert not text[place:].strip()


SECTION = st.lists(TEXTS, min_size=1, max_size=8)


@settings(max_examples=100, deadline=None)
@given(st.lists(SECTION, min_size=2, max_size=6), TEXTS, st.data())
def test_a_new_paragraph_changes_the_chunks_of_its_section_alone(
    sections: list[list[str]], new: str, data: st.DataObject
):
    changed = data.draw(st.integers(0, len(sections) - 1))
    where = data.draw(st.integers(0, len(sections[changed])))
    after = [list(texts) for texts in sections]
    after[changed].insert(where, new)
    for n, (old_chunks, new_chunks) in enumerate(zip(by_section(sections), by_section(after), strict=True)):
        if n != changed:
            assert old_chunks == new_chunks


def by_section(sections: list[list[str]]) -> list[list[str]]:
    blocks: list[Block] = [Block("heading", "A title", 1)]
    for n, texts in enumerate(sections):
        blocks.append(Block("heading", f"Section {n}", 2))
        blocks.extend(Block("paragraph", text) for text in texts)
    chunks = chunk(Parsed(tuple(blocks)))
    return [
        [each.text for each in chunks if each.headings == ("A title", f"Section {n}")]
        for n in range(len(sections))
    ]


def test_without_headings_an_edit_changes_the_chunks_near_it():
    # Of one length: packed from the front, no cut after the edit would fall where it was.
    paragraphs = [f"Note {n:03}. " + "The lake froze early that year. " * 9 for n in range(300)]
    old = chunk(Parsed(tuple(Block("paragraph", text.strip()) for text in paragraphs)))
    paragraphs.insert(20, "湖面那年很早就结了冰。" * 4)
    new = chunk(Parsed(tuple(Block("paragraph", text.strip()) for text in paragraphs)))
    kept = {each.text for each in old} & {each.text for each in new}
    assert len(kept) >= 0.9 * len(old)
