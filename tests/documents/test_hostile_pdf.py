"""PDFs that lie, loop and swell: text where there is some, else a failure that has a name; never more than the limits."""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from polymem.documents.readers.building import Source
from polymem.documents.readers.pdf import read
from polymem.documents.worker import ReaderPool, ReadLimits
from polymem.errors import ReadError
from tests.documents import paper
from tests.documents.bombs import (
    FONT,
    SAID,
    chain,
    encrypted,
    page,
    stream,
    swollen,
    with_cross_reference,
)
from tests.documents.library import opened, texts

SWELLING = pytest.mark.skipif(
    sys.platform != "linux", reason="other systems do not hold a process to its memory"
)
LIMITS = ReadLimits(timeout_s=30, memory_mb=192)
SENTENCE = "Marmalade is made of oranges."
GARBAGE = random.Random(7).randbytes(3_000)
IMAGES = (b"JBIG2Decode", b"CCITTFaxDecode", b"JPXDecode", b"DCTDecode", b"LZWDecode", b"RunLengthDecode")


@pytest.fixture(scope="module")
def readers() -> Iterator[ReaderPool]:
    with ReaderPool(LIMITS) as pool:
        yield pool


def problem(readers: ReaderPool, content: bytes) -> str:
    """Read a file; return why it cannot be read, "" if it can be. The next file is read in either case."""
    found = message = ""
    try:
        readers.read(content, name="hostile.pdf")
    except ReadError as error:
        found, message = error.problem, error.message
    assert "armalade" not in message
    assert "Error" not in message
    readers.read("茶".encode(), name="next.txt")
    return found


def text(content: bytes) -> str:
    return read(Source(content)).text


def called(times: int) -> bytes:
    """Return a page with a form that draws itself."""
    own = b"/Resources << /Font << /F1 5 0 R >> /XObject << /X 7 0 R >> >>"
    form = stream(SAID + b"/X Do " * times, b"/Type /XObject /Subtype /Form /BBox [0 0 612 792] " + own)
    return page(SAID + b"/X Do", resources=b"/XObject << /X 7 0 R >>", more=[form])


def pictured(kind: bytes) -> bytes:
    """Return a page with a picture that says it is enormous, and is not even one."""
    entries = b"/Type /XObject /Subtype /Image /Width 2000000000 /Height 2000000000 /BitsPerComponent 1"
    picture = stream(GARBAGE, entries + b" /ColorSpace /DeviceGray /Filter /" + kind)
    return page(SAID + b"/I Do", resources=b"/XObject << /I 7 0 R >>", more=[picture])


@SWELLING
@pytest.mark.parametrize("layers", [1, 3])
def test_streams_that_unpack_to_a_thousand_times_their_size(readers: ReaderPool, layers: int):
    filters = b"/Filter [" + b"/FlateDecode " * layers + b"]"
    bomb = page(swollen(200, layers), entries=filters)
    assert len(bomb) < 1 << 20
    assert problem(readers, bomb) == "memory"


@SWELLING
def test_a_font_that_unpacks_to_far_more(readers: ReaderPool):
    font = b"<< /Type /Font /Subtype /TrueType /BaseFont /X /FontDescriptor 7 0 R >>"
    described = b"<< /Type /FontDescriptor /FontName /X /Flags 4 /FontFile2 8 0 R >>"
    file = stream(swollen(200), b"/Filter /FlateDecode")
    assert problem(readers, page(font=font, more=[described, file])) in {"memory", ""}


@SWELLING
def test_a_page_with_more_text_than_fits(readers: ReaderPool):
    lines = b"BT /F1 1 Tf 1 TL " + b"(word) Tj T* " * 300_000 + b" ET"
    assert problem(readers, page(lines)) in {"memory", "too_large"}


@SWELLING
@pytest.mark.parametrize("times", [1, 2, 10])
def test_a_form_that_draws_itself(readers: ReaderPool, times: int):
    assert problem(readers, called(times)) in {"", "memory", "timeout"}


@pytest.mark.parametrize("kind", IMAGES)
def test_pictures_that_are_none(readers: ReaderPool, kind: bytes):
    assert text(pictured(kind)) == SENTENCE
    assert problem(readers, page(GARBAGE, entries=b"/Filter /" + kind)) in {"no_text", "damaged"}


@pytest.mark.parametrize("n", [-5, 0, 2_147_483_647])
def test_pages_that_are_not_there(n: int):
    content = page().replace(b"/Count 1", b"/Count %d" % n)
    assert text(content) == SENTENCE


def test_pages_that_are_missing_are_told():
    parsed = read(Source(page().replace(b"/Count 1", b"/Count 400")))
    assert (parsed.text, parsed.notes) == (SENTENCE, ("damaged_pages",))


def test_a_page_far_below_and_one_below_itself(readers: ReaderPool):
    assert text(chain(100, circle=False)) == SENTENCE
    assert problem(readers, chain(20_000, circle=False)) in {"", "no_text", "damaged"}
    assert problem(readers, chain(40, circle=True)) in {"no_text", "damaged"}


@pytest.mark.parametrize("size", [8, 2_000_000_000])
@pytest.mark.parametrize("widths", [b"[1 4 2]", b"[99999999 99999999 9999999]", b"[-1 4 2]"])
def test_tables_of_objects_that_point_at_themselves(readers: ReaderPool, size: int, widths: bytes):
    entries = b"/Size %d /Index [0 %d] /W %s" % (size, size, widths)
    found = problem(readers, with_cross_reference(entries))
    assert found in {"", "no_text", "damaged"}
    if (size, widths) == (8, b"[1 4 2]"):
        assert found == ""


def test_a_table_before_that_is_the_same(readers: ReaderPool):
    content = page()
    table = content.rindex(b"xref\n0")
    assert problem(readers, content.replace(b"/Info", b"/Prev %d /Info" % table)) in {"", "damaged"}
    assert text(content.replace(b"startxref\n%d" % table, b"startxref\n7")) == SENTENCE
    assert problem(readers, content[:table]) == "damaged", "no table at all"
    length = b"/Length %d" % len(SAID)
    assert problem(readers, content.replace(length, b"/Length 4 0 R")) in {"", "no_text", "damaged"}


@pytest.mark.parametrize("inner", [b"[", b"<< /A "])
def test_what_is_nested_without_end(readers: ReaderPool, inner: bytes):
    assert problem(readers, page(catalog=b"/X " + inner * 200_000)) in {"", "no_text", "damaged"}
    assert problem(readers, page(SAID + inner * 200_000 + b" TJ")) in {"", "no_text", "damaged"}


def test_a_password_that_is_none_and_one_that_nobody_knows(readers: ReaderPool):
    assert text(encrypted(SAID, password=b"")) == SENTENCE
    assert problem(readers, encrypted(SAID, password=b"unknown")) == "encrypted"


def test_metadata_that_is_no_text():
    """Halves of characters in what a document says of itself cost no document."""
    said = b"<< /Title <FEFF8336D8000041> /Author <FEFFDC00> /CreationDate (D:99999999999999) /Keywords <FEFF41> >>"
    parsed = read(Source(page(said=said)))
    assert (parsed.text, parsed.title) == (SENTENCE, "茶\ufffdA")
    assert parsed.metadata["author"] == "\ufffd"


def test_an_outline_with_a_title_that_is_no_text_keeps_the_others():
    outline = b"<< /First 8 0 R /Last 9 0 R /Count 2 >>"
    first = b"<< /Title <FEFFD800> /Parent 7 0 R /Next 9 0 R /Dest [3 0 R /Fit] >>"
    other = b"<< /Title (Marmalade is made of oranges.) /Parent 7 0 R /Prev 8 0 R /Dest [3 0 R /Fit] >>"
    parsed = read(Source(page(catalog=b"/Outlines 7 0 R", more=[outline, first, other])))
    assert [(block.kind, block.text) for block in parsed.blocks] == [("heading", SENTENCE)]


def test_an_outline_that_goes_in_a_circle(readers: ReaderPool):
    outline = b"<< /First 8 0 R /Last 8 0 R /Count 1 >>"
    entry = b"<< /Title (x) /Parent 7 0 R /Next 8 0 R /First 8 0 R /Dest (a) >>"
    names = b"<< /Kids [9 0 R 9 0 R] /Limits [(a) (z)] >>"
    catalog = b"/Outlines 7 0 R /Names << /Dests 9 0 R >> /PageLabels 9 0 R"
    assert problem(readers, page(catalog=catalog, more=[outline, entry, names])) == ""


def test_scripts_and_attachments_are_left_alone():
    script = b"<< /S /JavaScript /JS (while\\(1\\);) >>"
    files = b"/EmbeddedFiles << /Names [(a.exe) << /Type /Filespec /F (a.exe) /EF << /F 4 0 R >> >>] >>"
    names = b"/Names << %s /JavaScript << /Names [(x) %s] >> >>" % (files, script)
    launched = b"/OpenAction << /S /Launch /F (/bin/sh) >> /AA << /WC %s >> " % script
    assert text(page(catalog=launched + names)) == SENTENCE


@pytest.mark.parametrize(
    "font",
    [
        FONT.replace(b"/Type1", b"/Type3 /FontMatrix [0 0 0 0 0 0] /CharProcs << /M 4 0 R >>"),
        b"<< /Type /Font /Subtype /TrueType /BaseFont /X /FirstChar 0 /LastChar 2147483647 /Widths [1] >>",
        b"<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding 4 0 R /DescendantFonts [5 0 R] >>",
        FONT.replace(b">>", b"/ToUnicode 5 0 R >>"),
        b"null",
    ],
    ids=["itself", "endless", "descendant", "unicode", "none"],
)
def test_fonts_that_are_none(readers: ReaderPool, font: bytes):
    assert problem(readers, page(font=font)) in {"", "no_text", "damaged"}


def test_numbers_beyond_measure(readers: ReaderPool):
    drawn = b"BT /F1 1e38 Tf 1e38 0 0 -1e38 1e38 -1e38 Tm (x y) Tj 0 0 0 0 nan inf Tm (z) ' ET " + SAID
    assert problem(readers, page(drawn).replace(b"[0 0 612 792]", b"[1e38 nan -1e38 0]")) in {"", "no_text"}


@pytest.mark.skipif(os.name == "nt", reason="the limits are those of Linux and macOS")
def test_a_folder_of_them_is_taken_in_as_far_as_it_goes(tmp_path: Path):
    """What the reader dies of takes nothing along: the files before and after are stored, and nothing by halves."""
    folder = tmp_path / "lib"
    folder.mkdir()
    sound = paper.pdf([paper.prose(["Sencha is steamed."])])
    files = {
        "a.pdf": sound,
        "b.pdf": page(swollen(200, 2), entries=b"/Filter [/FlateDecode /FlateDecode]"),
        "c.pdf": encrypted(SAID, password=b"unknown"),
        "d.pdf": page(GARBAGE),
        "e.pdf": chain(40, circle=True),
        "f.pdf": sound.replace(b"Sencha", b"Bancha"),
    }
    for name, content in files.items():
        (folder / name).write_bytes(content)
    config = {"documents": {"memory_mb": 192, "timeout_s": 20.0, "workers": 1}}
    with opened(tmp_path / "m.db", config=config) as memory:
        done = memory.ingest(folder, user_id="u")
        assert texts(memory) == ["Bancha is steamed.", "Sencha is steamed."]
        assert {failure.uri[-5:] for failure in done.failed} == {"b.pdf", "c.pdf", "d.pdf", "e.pdf"}
        assert memory.verify() == []
