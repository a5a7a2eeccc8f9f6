"""Small files of every kind, written by hand: PDF, DOCX, XLSX, archives."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
LATIN, BOLD, CHINESE = "F1", "F2", "F3"


def line(text: str, y: float, *, x: float = 72, size: float = 11, font: str = LATIN) -> str:
    """Return the operators that draw one line."""
    if font == CHINESE:
        shown = "<" + text.encode("utf-16-be").hex() + ">"
    else:
        shown = "(" + text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)") + ")"
    return f"BT /{font} {size} Tf 1 0 0 1 {x} {y} Tm {shown} Tj ET"


def prose(words: Sequence[str], *, top: float = 720, step: float = 14, **kind: Any) -> list[str]:
    """Return the operators that draw lines below one another."""
    return [line(text, top - step * n, **kind) for n, text in enumerate(words)]


def pdf(
    pages: Sequence[Sequence[str]],
    *,
    fields: Mapping[str, str] | None = None,
    outline: Sequence[tuple[str, int]] = (),
    count: int | None = None,
) -> bytes:
    """Return a PDF of pages, each the operators on it.

    Args:
        pages: The operators, page by page.
        fields: "Title", "Author" …
        outline: Words and page (from 0) of its entries.
        count: How many pages it says it has.
    """
    objects: list[bytes] = []

    def add(content: str | bytes) -> int:
        objects.append(content.encode("latin-1") if isinstance(content, str) else content)
        return len(objects)

    catalog, tree = add(""), add("")
    plain = add("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
    bold = add("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>")
    system = "/CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >>"
    inner = add(f"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light {system} /DW 1000 >>")
    wide = add(
        f"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [{inner} 0 R] >>"
    )
    fonts = f"/F1 {plain} 0 R /F2 {bold} 0 R /F3 {wide} 0 R"
    kids: list[int] = []
    for operators in pages:
        stream = "\n".join(operators).encode("cp1252")
        drawn = add(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
        kids.append(
            add(
                f"<< /Type /Page /Parent {tree} 0 R /MediaBox [0 0 612 792] /Contents {drawn} 0 R "
                f"/Resources << /Font << {fonts} >> >> >>"
            )
        )
    entries = _outline(add, outline, kids, len(objects)) if outline else 0
    said = add("<< " + " ".join(f"/{key} {_text(value)}" for key, value in (fields or {}).items()) + " >>")
    root = f"<< /Type /Catalog /Pages {tree} 0 R" + (f" /Outlines {entries} 0 R" if entries else "") + " >>"
    objects[catalog - 1] = root.encode()
    listed = " ".join(f"{kid} 0 R" for kid in kids)
    objects[tree - 1] = (
        f"<< /Type /Pages /Kids [{listed}] /Count {len(pages) if count is None else count} >>".encode()
    )
    return _file(objects, catalog, said)


def _outline(add: Any, outline: Sequence[tuple[str, int]], kids: Sequence[int], n_before: int) -> int:
    root = n_before + 1
    first, last = root + 1, root + len(outline)
    add(f"<< /Type /Outlines /First {first} 0 R /Last {last} 0 R /Count {len(outline)} >>")
    for n, (words, page) in enumerate(outline, start=first):
        after = f"/Next {n + 1} 0 R" if n < last else ""
        before = f"/Prev {n - 1} 0 R" if n > first else ""
        add(f"<< /Title {_text(words)} /Parent {root} 0 R {after} {before} /Dest [{kids[page]} 0 R /Fit] >>")
    return root


def _text(value: str) -> str:
    return "<" + (b"\xfe\xff" + value.encode("utf-16-be")).hex() + ">"


def _file(objects: Sequence[bytes], catalog: int, said: int) -> bytes:
    out = io.BytesIO()
    out.write(b"%PDF-1.7\n")
    places: list[int] = []
    for n, content in enumerate(objects, start=1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (n, content))
    table = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    for place in places:
        out.write(b"%010d 00000 n \n" % place)
    trailer = f"trailer\n<< /Size {len(objects) + 1} /Root {catalog} 0 R /Info {said} 0 R >>\nstartxref\n{table}\n%%EOF\n"
    out.write(trailer.encode())
    return out.getvalue()


def paragraph(text: str, *, style: str = "", properties: str = "") -> str:
    """Return a paragraph of a Word document."""
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    return f'<w:p><w:pPr>{named}{properties}</w:pPr><w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'


def table(rows: Sequence[Sequence[str]]) -> str:
    """Return a table of a Word document; each cell is text, or XML if it begins with "<"."""

    def cell(content: str) -> str:
        return f"<w:tc>{content if content.startswith('<') else paragraph(content)}</w:tc>"

    return "<w:tbl>" + "".join("<w:tr>" + "".join(map(cell, row)) + "</w:tr>" for row in rows) + "</w:tbl>"


def docx(
    body: str, *, core: str = "", styles: str = "", before: str = "", more: Mapping[str, str] | None = None
) -> bytes:
    """Return a Word document.

    Args:
        body: The XML of its blocks.
        core: The XML of its core properties.
        styles: The XML of its styles.
        before: What stands before the root element.
        more: Further files in the archive.
    """
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "word/document.xml": f'{before}<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>',
        "word/styles.xml": f'<w:styles xmlns:w="{W}">{styles}</w:styles>',
        "docProps/core.xml": (
            '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
            'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/">'
            f"{core}</cp:coreProperties>"
        ),
        **(more or {}),
    }
    return zipped(parts)


def style(name: str, words: str, properties: str = "", *, based_on: str = "") -> str:
    """Return a style of a Word document."""
    based = f'<w:basedOn w:val="{based_on}"/>' if based_on else ""
    return (
        f'<w:style w:styleId="{name}"><w:name w:val="{words}"/>{based}<w:pPr>{properties}</w:pPr></w:style>'
    )


def zipped(parts: Mapping[str, str | bytes]) -> bytes:
    """Return an archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def xlsx(
    sheets: Mapping[str, Sequence[Sequence[Any]]], *, formats: Mapping[str, str] | None = None, **fields: str
) -> bytes:
    """Return a workbook; *formats* are number formats by cell of the first sheet, *fields* its properties."""
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    for cell, code in (formats or {}).items():
        book.worksheets[0][cell].number_format = code
    for field, value in fields.items():
        setattr(book.properties, field, value)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
