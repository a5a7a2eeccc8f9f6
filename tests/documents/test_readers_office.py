"""PDF, DOCX and XLSX: what is read of them."""

from __future__ import annotations

import datetime as dt

import pytest

from polymem.documents import media
from polymem.documents.readers.building import Source
from polymem.documents.readers.registry import read_content
from polymem.documents.readers.shown import shown
from polymem.domain.document import Parsed
from polymem.errors import ReadError
from tests.documents import paper
from tests.documents.paper import BOLD, CHINESE, line, paragraph, prose, style

LONG = [
    "This is a long line of words that reaches as far as the right margin and inter-",
    "national readers see that the well-known sentence goes on in the next line and",
    "ends here.",
]


def read(content: bytes, media_type: str) -> Parsed:
    return read_content(Source(content, "file"), media_type)


def shape(parsed: Parsed) -> list[tuple[str, int, str]]:
    return [(block.kind, block.level, block.text) for block in parsed.blocks]


def page(n: int) -> list[str]:
    topic = ["pump", "valve", "tank", "motor", "filter"][n]
    return [
        line("Northwind Annual Report 2024", 770, size=9),
        line(f"Page {n + 1} of 5", 30, size=9, x=280),
        line(f"All about the {topic}", 730, size=18),
        *prose(LONG, top=700),
        *prose(
            [
                f"The {topic} is new. A second paragraph begins after a gap and goes on to the right",
                "margin.",
            ],
            top=640,
        ),
        *prose(
            [f"Net {topic} sales $ 34,229 $ 35,355", "Gross profit 12,001 11,204", "Loss (1,204) 5,300"],
            top=590,
        ),
        *prose([f"• First {topic}", "• Second item"], top=530),
        *prose(
            ["数据库的备份每天凌晨进行，备份文件保存三十天，", "超过期限的文件会被删除。"],
            top=480,
            font=CHINESE,
        ),
        *prose([f"Care of the {topic}"], top=440, font=BOLD),
        *prose([f"Keep the {topic} clean and dry, and oil it once a year with a drop of good oil."], top=424),
    ]


PAGES = [page(n) for n in range(5)]


class TestPdf:
    def test_structure_without_running_lines(self):
        parsed = read(paper.pdf(PAGES), media.PDF)
        assert parsed.n_pages == 5
        assert [block.page for block in parsed.blocks] == [n for n in range(1, 6) for _ in range(9)]
        assert shape(parsed)[:9] == [
            ("heading", 1, "All about the pump"),
            (
                "paragraph",
                0,
                (
                    "This is a long line of words that reaches as far as the right margin and international readers see that "
                    "the well-known sentence goes on in the next line and ends here."
                ),
            ),
            (
                "paragraph",
                0,
                "The pump is new. A second paragraph begins after a gap and goes on to the right margin.",
            ),
            ("table", 0, "Net pump sales $ 34,229 $ 35,355\nGross profit 12,001 11,204\nLoss (1,204) 5,300"),
            ("list_item", 1, "• First pump"),
            ("list_item", 1, "• Second item"),
            ("paragraph", 0, "数据库的备份每天凌晨进行，备份文件保存三十天，超过期限的文件会被删除。"),
            ("heading", 2, "Care of the pump"),
            ("paragraph", 0, "Keep the pump clean and dry, and oil it once a year with a drop of good oil."),
        ]

    def test_metadata(self):
        fields = {"Title": "年度报告", "Author": "Li Lei", "CreationDate": "D:20240131120500+08'00'"}
        parsed = read(paper.pdf(PAGES, fields=fields), media.PDF)
        assert parsed.title == "年度报告"
        assert parsed.metadata == {"author": "Li Lei", "date": "2024-01-31T12:05:00+08:00"}

    @pytest.mark.parametrize("title", ["Untitled", "Microsoft Word - draft.doc", "scan.pdf", ""])
    def test_a_title_that_is_none(self, title: str):
        assert read(paper.pdf(PAGES, fields={"Title": title}), media.PDF).title == "All about the pump"

    def test_the_outline_gives_the_levels(self):
        pages = [
            prose(["Part one"], top=700, size=11),
            prose(["1.1 细节"], top=700, font=CHINESE),
            prose(["Words here."], top=600),
        ]
        parsed = read(paper.pdf(pages, outline=[("Part one", 0), ("1.1 细节", 1)]), media.PDF)
        assert shape(parsed) == [
            ("heading", 1, "Part one"),
            ("heading", 1, "1.1 细节"),
            ("paragraph", 0, "Words here."),
        ]

    def test_chinese_headings_by_size(self):
        pages = [
            [
                line("第一章　概述", 730, size=20, font=CHINESE),
                *prose(["本章介绍系统的结构。"], top=690, font=CHINESE),
            ]
        ]
        assert shape(read(paper.pdf(pages), media.PDF)) == [
            ("heading", 1, "第一章 概述"),
            ("paragraph", 0, "本章介绍系统的结构。"),
        ]

    def test_a_page_without_text_is_noted(self):
        parsed = read(paper.pdf([prose(["Words."]), []]), media.PDF)
        assert (parsed.n_pages, parsed.notes) == (2, ("pages_without_text",))

    def test_a_scan_has_no_text(self):
        with pytest.raises(ReadError) as raised:
            read(paper.pdf([[], []]), media.PDF)
        assert raised.value.problem == "no_text"

    def test_encrypted(self):
        trailer = (
            b"trailer\n<< /Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <"
            + b"00" * 32
            + b"> /U <"
            + b"11" * 32
        )
        locked = paper.pdf([prose(["x"])]).replace(b"trailer\n<<", trailer + b"> >> /ID [<00><00>]")
        with pytest.raises(ReadError) as raised:
            read(locked, media.PDF)
        assert raised.value.problem == "encrypted"


STYLES = (
    style("T", "Title")
    + style("Heading1", "heading 1")
    + style("H2", "标题 2")
    + style("Own", "My own", based_on="Heading1")
    + style("Round", "Round", based_on="Trip")
    + style("Trip", "Trip", based_on="Round")
    + style("Lvl", "Outline", '<w:outlineLvl w:val="2"/>')
)
NUMBERED = '<w:numPr><w:ilvl w:val="1"/><w:numId w:val="3"/></w:numPr>'


class TestDocx:
    def test_structure(self):
        revised = "<w:p><w:ins><w:r><w:t>kept</w:t></w:r></w:ins><w:del><w:r><w:delText>gone</w:delText></w:r></w:del></w:p>"
        body = (
            paragraph("员工手册", style="T")
            + paragraph("第一章　总则", style="Heading1")
            + paragraph("本手册适用于全体员工，“请”认真阅读。")
            + paragraph("Section", style="H2")
            + paragraph("inner item", properties=NUMBERED)
            + paragraph("Derived", style="Own")
            + paragraph("Level three", style="Lvl")
            + paragraph("circle", style="Round")
            + revised
            + f"<w:sdt><w:sdtContent>{paragraph('in a control')}</w:sdtContent></w:sdt>"
        )
        assert shape(read(paper.docx(body, styles=STYLES), media.DOCX)) == [
            ("heading", 1, "员工手册"),
            ("heading", 1, "第一章 总则"),
            ("paragraph", 0, "本手册适用于全体员工，“请”认真阅读。"),
            ("heading", 2, "Section"),
            ("list_item", 2, "inner item"),
            ("heading", 1, "Derived"),
            ("heading", 3, "Level three"),
            ("paragraph", 0, "circle"),
            ("paragraph", 0, "kept"),
            ("paragraph", 0, "in a control"),
        ]

    def test_tables(self):
        merged = '<w:tcPr><w:vMerge w:val="restart"/></w:tcPr>' + paragraph("研发")
        below = "<w:tcPr><w:vMerge/></w:tcPr>" + paragraph("")
        wide = '<w:tcPr><w:gridSpan w:val="2"/></w:tcPr>' + paragraph("人数")
        inner = paper.table([["x", "y"]]) + paragraph("after")
        body = paper.table([["部门", wide], [merged, "12", "a"], [below, "7", inner]]) + paper.table(
            [["only a frame"]]
        )
        parsed = read(paper.docx(body), media.DOCX)
        assert parsed.blocks[0].rows == (
            ("部门", "人数", "人数"),
            ("研发", "12", "a"),
            ("研发", "7", "x y after"),
        )
        assert shape(parsed)[1] == ("paragraph", 0, "only a frame")

    def test_properties_and_notes(self):
        notes = f'<w:footnotes xmlns:w="{paper.W}"><w:footnote w:type="separator">{paragraph("no")}</w:footnote><w:footnote>{paragraph("脚注。")}</w:footnote></w:footnotes>'
        core = "<dc:title>手册</dc:title><dc:creator>王芳</dc:creator><dcterms:created>2024-03-01T00:00:00Z</dcterms:created>"
        more = {"word/footnotes.xml": notes, "word/header1.xml": "<x>header</x>", "word/media/a.png": "x"}
        parsed = read(paper.docx(paragraph("Body."), core=core, more=more), media.DOCX)
        assert parsed.title == "手册"
        assert parsed.metadata == {"author": "王芳", "date": "2024-03-01T00:00:00Z"}
        assert parsed.text == "Body.\n\n脚注。"
        assert parsed.notes == ("images",)


class TestXlsx:
    def test_sheets_are_tables_under_their_names(self):
        rows = [
            ["2024 年销售"],
            ["地区", "金额", "日期", "占比"],
            ["华东", 1234567.5, dt.datetime(2024, 3, 1), 0.125],  # noqa: DTZ001 (a sheet knows no zones)
            ["华南", -20, dt.date(2024, 4, 2), 1],
            [],
            ["x", "y"],
            [1, True],
        ]
        content = paper.xlsx(
            {"销售": rows, "空": []}, formats={"B3": "#,##0.00", "D3": "0.0%"}, title="报表", creator="王芳"
        )
        parsed = read(content, media.XLSX)
        assert shape(parsed) == [
            ("heading", 1, "销售"),
            ("paragraph", 0, "2024 年销售"),
            (
                "table",
                0,
                "地区 | 金额 | 日期 | 占比\n华东 | 1,234,567.50 | 2024-03-01 | 12.5%\n华南 | -20 | 2024-04-02 | 1",
            ),
            ("table", 0, "x | y\n1 | TRUE"),
        ]
        assert [block.n_header for block in parsed.blocks] == [0, 0, 1, 1]
        assert parsed.title == "报表"
        assert parsed.metadata["author"] == "王芳"

    @pytest.mark.parametrize("title", ["", "  "])
    def test_the_name_of_a_sheet_is_no_title(self, title: str):
        sheets = {"泵 2024": [["编号", "单价"], ["P-1", 7]], "Valves": [["id", "price"], ["V-1", 9]]}
        assert read(paper.xlsx(sheets, title=title), media.XLSX).title == ""

    def test_an_empty_workbook(self):
        with pytest.raises(ReadError) as raised:
            read(paper.xlsx({"Sheet": []}), media.XLSX)
        assert raised.value.problem == "no_text"

    @pytest.mark.parametrize(
        ("value", "code", "expected"),
        [
            (0.125, "0.0%", "12.5%"),
            (1234.5, "#,##0", "1,234"),
            (1234.5, "General", "1234.5"),
            (3.0, "General", "3"),
            (0.1 + 0.2, "General", "0.3"),
            (-5, '"¥"#,##0;[Red]("¥"#,##0)', "-¥5"),
            (7.5, "[$€-407]#,##0.00", "€7.50"),
            (2, '0"年"', "2年"),
            (1500000, '0.0,,"M"', "1.5M"),
            (2.5, "0.##", "2.5"),
            (0.5, "# ?/?", "0.5"),
            (dt.time(9, 30), "h:mm", "09:30"),
            (dt.datetime(2024, 1, 2, 9, 30), "yyyy-mm-dd hh:mm", "2024-01-02 09:30"),  # noqa: DTZ001
            (False, "General", "FALSE"),
            ("文字", "@", "文字"),
        ],
    )
    def test_values_as_they_are_shown(self, value: object, code: str, expected: str):
        assert shown(value, code) == expected
