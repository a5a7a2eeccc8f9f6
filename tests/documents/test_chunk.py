"""Cutting documents: structure, size, places, headings."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest

from polymem.documents.chunk import MAX_CHARS, MAX_PAGE_CHARS, chunk
from polymem.documents.width import width
from polymem.domain.document import Block, BlockKind, Chunk, Parsed
from polymem.errors import InputError

EN = "The {n}th valve opens when the pressure in the tank rises above the mark. "
ZH = "第{n}个阀门在罐内压力超过刻度时打开，随后自动关闭。"


def words(n: int, pattern: str = EN) -> str:
    return "".join(pattern.format(n=k) for k in range(n)).strip()


def heading(text: str, level: int = 1, page: int | None = None) -> Block:
    return Block("heading", text, level, page)


def block(text: str, kind: BlockKind = "paragraph", page: int | None = None) -> Block:
    return Block(kind, text, 0, page)


def table(rows: list[list[str]], n_header: int = 1) -> Block:
    text = "\n".join(" | ".join(row) for row in rows)
    return Block("table", text, 0, None, tuple(map(tuple, rows)), n_header)


def parsed(*blocks: Block) -> Parsed:
    return Parsed(blocks)


def check(document: Parsed, chunks: list[Chunk], max_chars: int = MAX_CHARS) -> None:
    """Every character but white space is in just one chunk, in order, and none is too large."""
    text, place = document.text, 0
    for each in chunks:
        assert place <= each.start < each.stop
        assert not text[place : each.start].strip()
        assert each.text.endswith(text[each.start : each.stop])
        assert width(each.text) <= max_chars
        place = each.stop
    assert not text[place:].strip()


def test_a_small_document_is_one_chunk():
    document = parsed(heading("Pumps"), block("They move water."), block("水泵输送水。"))
    assert chunk(document) == [
        Chunk("Pumps\n\nThey move water.\n\n水泵输送水。", 0, len(document.text), None, None, ("Pumps",))
    ]


def test_nothing_gives_nothing():
    assert chunk(parsed()) == []


@pytest.mark.parametrize("pattern", [EN, ZH])
def test_paragraphs_are_packed(pattern: str):
    document = parsed(*(block(words(3, pattern)) for _ in range(40)))
    chunks = chunk(document)
    check(document, chunks)
    assert all(width(each.text) >= 0.4 * MAX_CHARS for each in chunks[:-1])
    assert all(each.text.startswith(pattern.format(n=0).strip()) for each in chunks)


@pytest.mark.parametrize(("pattern", "ends"), [(EN, "."), (ZH, "。")])
def test_a_long_paragraph_is_cut_between_sentences(pattern: str, ends: str):
    document = parsed(block(words(200, pattern)))
    chunks = chunk(document)
    check(document, chunks)
    assert len(chunks) > 5
    assert all(each.text.endswith(ends) for each in chunks)


def test_a_chinese_chunk_has_a_third_of_the_characters():
    english = chunk(parsed(block(words(300))))
    chinese = chunk(parsed(block(words(300, ZH))))
    assert max(len(each.text) for each in english) > 1_000
    assert 350 < max(len(each.text) for each in chinese) <= 600


def test_chunks_do_not_cross_a_top_heading_however_short():
    document = parsed(
        heading("Rules"), heading("One", 2), block("Short."), heading("Two", 2), block("也很短。")
    )
    assert [each.text for each in chunk(document)] == ["Rules\n\nOne\n\nShort.", "Two\n\n也很短。"]


def test_headings_above_a_chunk():
    long = words(30)
    document = parsed(
        heading("Manual"),
        heading("安装", 2),
        block(long),
        heading("Wiring", 3),
        block(long),
        heading("Use", 2),
        block(long),
    )
    chunks = chunk(document)
    check(document, chunks)
    paths = [path for path, after in pairwise([*(each.headings for each in chunks), ()]) if path != after]
    assert paths == [("Manual", "安装"), ("Manual", "安装", "Wiring"), ("Manual", "Use")]


def test_small_sections_under_one_heading_are_packed_and_have_the_headings_they_share():
    sections = [part for n in range(4) for part in (heading(f"Step {n}", 3), block("Turn it."))]
    document = parsed(heading("A", 1), block("x" * 20), heading("B", 1), *sections)
    chunks = chunk(document)
    assert [each.headings for each in chunks] == [("A",), ("B",)]
    assert chunks[1].text.count("Turn it.") == 4


def test_a_heading_stays_with_what_follows():
    sections = [
        (heading(f"Top {n}"), block(words(2)), heading(f"Part {n}", 4), block(words(19 + n % 4)))
        for n in range(9)
    ]
    document = parsed(*(part for section in sections for part in section))
    chunks = chunk(document)
    check(document, chunks)
    assert not any(each.text.split("\n\n")[-1].startswith(("Part ", "Top ")) for each in chunks)


def test_a_lead_in_stays_with_its_list():
    lists = [
        part
        for n in range(30)
        for part in (block(words(5)), block("提示如下："), block("• first", "list_item"))
    ]
    document = parsed(*lists)
    chunks = chunk(document)
    check(document, chunks)
    assert not any(each.text.endswith("提示如下：") for each in chunks)


ROWS = [["地区", "Amount", "Note"], *([f"区{n}", f"{n * 37:,}", "paid in full"] for n in range(400))]


class TestTables:
    def test_one_that_fits_is_whole(self):
        document = parsed(block(words(12)), table(ROWS[:20]), block(words(12)))
        chunks = chunk(document)
        check(document, chunks)
        assert any(document.blocks[1].text in each.text for each in chunks)

    def test_a_large_one_is_split_by_rows_with_its_header(self):
        document = parsed(heading("Sales"), block("All of 2024:"), table(ROWS), block("That is all."))
        chunks = chunk(document)
        check(document, chunks)
        header = "地区 | Amount | Note"
        assert len(chunks) > 5
        assert chunks[0].text.startswith(f"Sales\n\nAll of 2024:\n\n{header}\n区0 | 0")
        for each in chunks[1:]:
            first, *rows = each.text.split("\n")
            assert first == header
            assert rows == document.text[each.start : each.stop].split("\n")
        assert chunks[-1].text.endswith("区399 | 14,763 | paid in full\n\nThat is all.")
        assert all(each.headings == ("Sales",) for each in chunks)

    def test_without_a_header_none_is_repeated(self):
        document = parsed(table(ROWS[1:], n_header=0))
        chunks = chunk(document)
        check(document, chunks)
        assert all(document.text[each.start : each.stop] == each.text for each in chunks)

    def test_a_row_too_wide_for_a_chunk_is_cut(self):
        document = parsed(table([["key", "value"], ["a", words(80)], ["b", "end"]]))
        check(document, chunk(document))

    def test_a_header_that_would_fill_every_chunk_is_not_repeated(self):
        wide = [f"column {n}" for n in range(120)]
        document = parsed(table([wide, *([str(n)] * 120 for n in range(60))]))
        chunks = chunk(document)
        check(document, chunks)
        assert sum("column 3 " in each.text for each in chunks) == 1


def test_code_is_cut_between_lines():
    document = parsed(block("\n".join(f"    value_{n} = read({n})" for n in range(300)), "code"))
    chunks = chunk(document)
    check(document, chunks)
    assert all(each.text.lstrip().startswith("value_") and each.text.endswith(")") for each in chunks)


class TestPages:
    def test_a_page_ends_a_chunk_where_a_sentence_ends(self):
        document = parsed(block(words(8), page=1), block(words(8), page=2), block(words(8, ZH), page=3))
        assert [(each.page, each.last_page) for each in chunk(document)] == [(1, 1), (2, 2), (3, 3)]

    @pytest.mark.parametrize("n", range(6))
    def test_a_sentence_that_goes_on_holds_two_pages_together(self, n: int):
        first = [block(words(5), page=1), block(words(6)[:-1] + " and", page=1)]
        second = [
            block(f"then closes for the {n}th time. " + words(4), page=2),
            block(words(6), page=2),
            block(words(6), page=2),
        ]
        document = parsed(*first, *second)
        chunks = chunk(document)
        check(document, chunks)
        assert (chunks[0].page, chunks[0].last_page) == (1, 2)

    def test_tiny_pages_are_joined(self):
        document = parsed(*(block(f"Slide {n}.", page=n) for n in range(1, 6)))
        assert [(each.page, each.last_page) for each in chunk(document)] == [(1, 5)]


class TestDocumentsWithPages:
    def test_a_page_is_a_chunk(self):
        pages = [
            block(words(30), page=1),
            heading("次级", 3, page=1),
            block(words(8, ZH), page=1),
            block(words(30)[:-1] + " and", page=2),
        ]
        document = Parsed((*pages, block("then it ends. " + words(9), page=3)), n_pages=3)
        chunks = chunk(document)
        check(document, chunks, MAX_PAGE_CHARS)
        assert [(each.page, each.last_page) for each in chunks] == [(1, 1), (2, 2), (3, 3)]

    def test_a_heading_does_not_part_a_page(self):
        document = Parsed(
            (heading("甲", 1, 1), block(words(9), page=1), heading("B", 1, 1), block("x", page=1)), n_pages=1
        )
        assert [each.text for each in chunk(document)] == [document.text]

    def test_a_long_page_is_cut_and_tiny_ones_are_joined(self):
        long = Parsed((block(words(300), page=1),), n_pages=1)
        check(long, chunk(long), MAX_PAGE_CHARS)
        assert len(chunk(long)) > 2
        slides = Parsed(tuple(block(f"Slide {n}.", page=n) for n in range(1, 6)), n_pages=5)
        assert [(each.page, each.last_page) for each in chunk(slides)] == [(1, 5)]

    def test_with_a_size_of_ones_own_pages_are_cut_like_all_else(self):
        document = Parsed(tuple(block(words(60), page=n) for n in range(1, 5)), n_pages=4)
        check(document, chunk(document, max_chars=800), 800)


@pytest.mark.parametrize("text", ["x" * 50_000, "字" * 20_000, "word " * 10_000, "a,b" * 9_000, "😀" * 9_000])
def test_what_has_no_sentences_is_cut_all_the_same(text: str):
    document = parsed(block(text.strip()))
    check(document, chunk(document))
    check(document, chunk(document, max_chars=200), 200)


def test_the_size_can_be_chosen():
    document = parsed(block(words(100)))
    assert len(chunk(document, max_chars=400)) > 3 * len(chunk(document))
    check(document, chunk(document, max_chars=400), 400)


@pytest.mark.parametrize("max_chars", [199, 0, -1])
def test_a_size_too_small_is_refused(max_chars: int):
    with pytest.raises(InputError) as raised:
        chunk(parsed(block("x")), max_chars=max_chars)
    assert raised.value.argument == "max_chars"


@pytest.mark.parametrize(
    "document",
    [
        parsed(block("word " * 400_000)),
        parsed(block("字" * 700_000)),
        parsed(table([["a", "b"], *([str(n), "x"] for n in range(150_000))])),
        parsed(*(block("Short one.") for _ in range(60_000))),
        parsed(*(heading(f"H{n}", n % 6 + 1) for n in range(60_000))),
    ],
    ids=["line", "characters", "rows", "paragraphs", "headings"],
)
def test_time_grows_with_the_length_alone(document: Parsed):
    began = time.process_time()
    chunks = chunk(document)
    assert time.process_time() - began < 10
    check(document, chunks)
