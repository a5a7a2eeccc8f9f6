"""Office files whose archive or whose tables lie: a failure that has a name, or what there is; soon, and in little memory."""

from __future__ import annotations

import io
import struct
import sys
import time
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from polymem.documents.limits import ReadLimits
from polymem.documents.media import media_type_of
from polymem.documents.readers.building import Building, Source
from polymem.documents.readers.registry import read_content
from polymem.documents.worker import ReaderPool
from polymem.domain.document import Parsed
from polymem.errors import ReadError
from tests.documents import paper

LIMITS = ReadLimits(timeout_s=30, memory_mb=300)
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
SENTENCE = "Marmalade is made of oranges. 橙子酱。"
WORDS = paper.docx(paper.paragraph(SENTENCE))
BOOK = paper.xlsx({"S": [["city", "tons"], ["Oslo", 3], ["北京", 4]]})
HEADER, ENTRY, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"


@pytest.fixture(scope="module")
def readers() -> Iterator[ReaderPool]:
    with ReaderPool(LIMITS) as pool:
        yield pool


def problem(readers: ReaderPool, content: bytes, name: str = "a.docx") -> str:
    """Read a file; return why it cannot be read, "" if it can be. The next file is read in either case."""
    began, found, message = time.monotonic(), "", ""
    try:
        readers.read(content, name=name)
    except ReadError as error:
        found, message = error.problem, error.message
    assert time.monotonic() - began < 25
    assert "armalade" not in message
    assert "Error" not in message
    readers.read("茶".encode(), name="next.txt")
    return found


def read(content: bytes, name: str) -> Parsed:
    return read_content(Source(content, name), media_type_of(name, content[:4096]) or "")


def parts_of(content: bytes) -> dict[str, Any]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def sheet(rows: str, shared: str = "") -> bytes:
    """Return a workbook with these rows as they are, and these shared strings."""
    parts = parts_of(BOOK)
    kinds = parts["[Content_Types].xml"].decode()
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    more = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/></Types>'
    parts["[Content_Types].xml"] = kinds.replace("</Types>", more)
    parts["xl/sharedStrings.xml"] = f"<sst {MAIN} uniqueCount='4294967295'>{shared}</sst>"
    parts["xl/worksheets/sheet1.xml"] = f"<worksheet {MAIN}><sheetData>{rows}</sheetData></worksheet>"
    return paper.zipped(parts)


def lying(content: bytes, place: int, value: int, *, of: bytes = ENTRY) -> bytes:
    """Return an archive each of whose entries of a kind says *value* at a place."""
    out = bytearray(content)
    at = out.find(of)
    while at >= 0:
        out[at + place : at + place + 4] = struct.pack("<I", value)
        at = out.find(of, at + 4)
    return bytes(out)


# ---------------------------------------------------------------- archives
def test_sizes_that_are_lies(readers: ReaderPool):
    swollen = paper.zipped({**parts_of(WORDS), "word/document.xml": b"<a>" + b" " * (64 << 20)})
    assert problem(readers, lying(swollen, 24, 100)) == "damaged", "it says that it is small"
    assert problem(readers, lying(WORDS, 24, 0xFFFF_FFFE)) == "expands"
    assert problem(readers, lying(WORDS, 20, 0xFFFF_FFF0)) in {"damaged", ""}
    assert problem(readers, lying(WORDS, 42, 0x7FFF_FFFF)) == "damaged", "its parts lie behind its end"
    for content, name in ((lying(BOOK, 16, 1), "a.xlsx"), (lying(WORDS, 16, 1), "a.docx")):
        assert problem(readers, content, name) == "damaged", "a sum that is wrong"


def test_parts_that_lie_over_one_another(readers: ReaderPool):
    """All entries are one and the same: what each says it holds counts."""
    with io.BytesIO() as out:
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for n in range(100):
                archive.writestr(f"word/{n:03}.xml", b" " * (1 << 20))
        many = out.getvalue()
    assert problem(readers, lying(many, 42, 0)) == "expands"
    assert problem(readers, lying(WORDS, 42, 0)) == "damaged"


def test_large_archives_of_the_other_form(readers: ReaderPool):
    at = WORDS.rindex(END)
    locator = b"PK\x06\x07" + struct.pack("<LQL", 0, 2**63 - 1, 1)
    assert problem(readers, WORDS[:at] + locator + WORDS[at:]) in {"damaged", ""}
    there = b"PK\x06\x06" + struct.pack("<QHHLLQQQQ", 44, 45, 45, 0, 0, 2**62, 2**62, 2**62, 2**62)
    locator = b"PK\x06\x07" + struct.pack("<LQL", 0, at, 1)
    assert problem(readers, WORDS[:at] + there + locator + WORDS[at:]) in {"damaged", ""}


def test_names_that_lead_elsewhere_are_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Nothing is unpacked to the disk, so that no name and no link leads anywhere."""
    monkeypatch.chdir(tmp_path)
    link = zipfile.ZipInfo("word/media/link.png")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    out = io.BytesIO(WORDS)
    with zipfile.ZipFile(out, "a") as archive:
        for name in ("../../evil.xml", "/etc/evil", "C:\\evil", "word/../../x", "a\\..\\b", "", "\n.xml"):
            archive.writestr(zipfile.ZipInfo(name or "."), "<a/>")
        archive.writestr(link, "/etc/passwd")
    assert read(out.getvalue(), "a.docx").text == SENTENCE
    assert list(tmp_path.iterdir()) == []


def test_two_parts_of_one_name_are_one(readers: ReaderPool):
    out = io.BytesIO(WORDS)
    with warnings.catch_warnings(), zipfile.ZipFile(out, "a") as archive:
        warnings.simplefilter("ignore")
        archive.writestr(
            "word/document.xml", parts_of(paper.docx(paper.paragraph("other")))["word/document.xml"]
        )
    assert read(out.getvalue(), "a.docx").text == "other", "as everywhere, the last one counts"


@pytest.mark.parametrize("method", [1, 9, 12, 14, 97])
def test_ways_of_packing_that_office_files_do_not_use(readers: ReaderPool, method: int):
    content = bytearray(WORDS)
    for sign, place in ((HEADER, 8), (ENTRY, 10)):
        at = content.find(sign)
        while at >= 0:
            content[at + place : at + place + 2] = struct.pack("<H", method)
            at = content.find(sign, at + 4)
    assert problem(readers, bytes(content)) == "damaged"


def test_an_archive_within_an_archive_is_not_opened(readers: ReaderPool):
    inner = paper.zipped({"word/document.xml": b" " * (8 << 20)})
    assert problem(readers, paper.zipped({**parts_of(WORDS), "word/embeddings/a.docx": inner})) == ""


# ---------------------------------------------------------------- tables
@pytest.mark.parametrize("number", [2_147_483_647, 10**18])
def test_a_row_far_beyond_all_rows(readers: ReaderPool, number: int):
    """Who walks to it through all that would lie before it does not come back."""
    began = time.monotonic()
    far = f'<row r="1"><c t="inlineStr"><is><t>v</t></is></c></row><row r="{number}"><c t="n"><v>1</v></c></row>'
    assert problem(readers, sheet(far), "a.xlsx") == "too_large"
    assert time.monotonic() - began < 20


def test_one_wide_row_and_many_short_ones():
    """They are a rectangle, all but a little of which is empty."""
    wide = ",".join(f"c{n}" for n in range(6_000))
    content = "\n".join([wide, *(f"{n},茶" for n in range(6_000))]).encode()
    began = time.process_time()
    with pytest.raises(ReadError) as raised:
        read(content, "a.csv")
    assert raised.value.problem == "too_large"
    assert time.process_time() - began < 2


def test_breaks_of_a_table_count_before_it_is_made(monkeypatch: pytest.MonkeyPatch):
    building = Building(ReadLimits(max_chars=100))
    spent: list[int] = []
    monkeypatch.setattr(building, "spend", spent.append)
    building.table([["a"] * 10, *([["b"]] * 10)])
    assert spent[0] == 3 * 9 * 11


@pytest.mark.parametrize("column", ["XFE1", "ZZZ1", "AAAAAAAA1", "A0", "A-1", "1A", "É1", "A1:B2"])
def test_cells_that_are_nowhere(readers: ReaderPool, column: str):
    rows = f'<row r="1"><c r="{column}"><v>1</v></c><c r="B1"><v>2</v></c></row>'
    assert problem(readers, sheet(rows), "a.xlsx") in {"", "damaged", "no_text"}


def test_strings_that_are_shared_by_all_cells(readers: ReaderPool):
    shared = f"<si><t>{'marmalade ' * 20_000}</t></si>"
    row = '<row><c t="s"><v>0</v></c><c t="s"><v>0</v></c></row>'
    assert problem(readers, sheet(row, shared), "a.xlsx") == ""
    assert problem(readers, sheet(row * 400, shared), "a.xlsx") == "too_large"
    for place in ("99999999999", "-1", "x", ""):
        cell = f'<row><c t="s"><v>{place}</v></c><c><v>7</v></c></row>'
        assert problem(readers, sheet(cell, shared), "a.xlsx") in {"", "damaged", "no_text"}


def test_formulas_are_not_worked_out():
    """What a cell showed last is read; what it would fetch or run is not."""
    rows = (
        '<row r="1"><c r="A1" t="str"><f>WEBSERVICE("http://127.0.0.1:9/x")</f><v>kept 留</v></c>'
        '<c r="B1"><f>cmd|"/c calc"!A1</f></c><c r="C1" t="n"><f>1+1</f><v>2</v></c></row>'
        '<row r="2"><c r="A2"><v>1e999</v></c><c r="B2"><v>-nan</v></c></row>'
    )
    try:
        found = read(sheet(rows), "a.xlsx").text
    except ReadError as error:
        found = error.problem
    assert found.startswith("S\n\nkept 留 | 2") or found == "damaged"
    assert "WEBSERVICE" not in found


@pytest.mark.parametrize("entity", ["&a9;", "&secret;"])
@pytest.mark.parametrize(
    "name", ["xl/sharedStrings.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml", "[Content_Types].xml"]
)
def test_entities_in_any_part_of_a_workbook(readers: ReaderPool, tmp_path: Path, entity: str, name: str):
    (tmp_path / "secret").write_text("marmalade", encoding="utf-8")
    many = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    evil = f'<!DOCTYPE x [<!ENTITY a0 "ha">{many}<!ENTITY secret SYSTEM "{(tmp_path / "secret").as_uri()}">]>'
    content = paper.zipped({**parts_of(BOOK), name: f"{evil}<sst {MAIN}><si><t>{entity}</t></si></sst>"})
    assert problem(readers, content, "a.xlsx") == "damaged"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not hold a process to its memory")
def test_cells_that_span_a_thousand_columns(readers: ReaderPool):
    cell = f'<w:tc><w:tcPr><w:gridSpan w:val="1000"/></w:tcPr>{paper.paragraph("x")}</w:tc>'
    table = "<w:tbl>" + ("<w:tr>" + cell * 200 + "</w:tr>") * 300 + "</w:tbl>"
    assert problem(readers, paper.docx(table)) in {"memory", "too_large", ""}


def test_styles_that_rest_on_one_another_in_a_circle():
    styles = paper.style("A", "one", based_on="B") + paper.style("B", "two", based_on="A")
    content = paper.docx(paper.paragraph("words", style="A"), styles=styles)
    assert read(content, "a.docx").text == "words"
