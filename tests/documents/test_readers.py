"""Text, Markdown, HTML, tables and messages: what is read of them."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from polymem.documents import media
from polymem.documents.media import media_type_of
from polymem.documents.readers.building import Source, tidy
from polymem.documents.readers.encodings import decode
from polymem.documents.readers.headers import n_header_rows
from polymem.documents.readers.registry import read_content
from polymem.domain.document import Block, Parsed
from polymem.errors import ReadError
from tests.documents import paper

CHINESE = "数据库的备份每天凌晨进行，备份文件保存三十天。超过期限的文件会被自动删除，恢复时请联系管理员。"


def read(content: str | bytes, media_type: str) -> Parsed:
    content = content.encode() if isinstance(content, str) else content
    return read_content(Source(content, "file"), media_type)


def shape(parsed: Parsed) -> list[tuple[str, int, str]]:
    return [(block.kind, block.level, block.text) for block in parsed.blocks]


class TestMedia:
    @pytest.mark.parametrize(
        ("name", "head", "expected"),
        [
            ("a.txt", b"words", media.TEXT),
            ("README", b"words", media.TEXT),
            ("a.MD", b"# x", media.MARKDOWN),
            ("报告.pdf", b"%PDF-1.4", media.PDF),
            ("a.bin", b"\n\n%PDF-1.4", media.PDF),
            ("a.txt", b"<!DOCTYPE html><p>x", media.HTML),
            ("page", b"\xef\xbb\xbf <html lang=en>", media.HTML),
            ("a.md", b"<html> is a tag", media.MARKDOWN),
            ("a.csv", "姓名,年龄".encode("gb18030"), media.CSV),
            ("a.tsv", b"a\tb", media.TSV),
            ("mail", b"From: a@b.org\nSubject: x\nDate: y\n\nhello", media.EML),
            ("a.eml", b"hello", media.EML),
            ("a", paper.docx(""), media.DOCX),
            ("a.docx", b"PK\x03\x04....", media.DOCX),
            ("a", paper.zipped({"xl/workbook.xml": "<x/>"}), media.XLSX),
            ("a.zip", paper.zipped({"b.txt": "x"}), None),
            ("a.txt", "你好".encode("utf-16"), media.TEXT),
            ("a.txt", "hello there".encode("utf-16-le"), media.TEXT),
            ("a.txt", b"\x00\x01\x02\x03", None),
            ("a.png", b"\x89PNG\r\n", None),
            ("a.py", b"import os", None),
        ],
    )
    def test_by_content_then_by_name(self, name: str, head: bytes, expected: str | None):
        assert media_type_of(name, head) == expected


class TestEncodings:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "utf-32"])
    def test_chinese(self, encoding: str):
        assert decode(CHINESE.encode(encoding))[0] == CHINESE

    def test_traditional_japanese_korean_european(self):
        for text, encoding in (
            ("資料庫的備份每天凌晨進行，備份檔案保存三十天，過期的會被刪除。", "big5"),
            ("データベースのバックアップは毎日行われます。古いファイルは消えます。", "shift_jis"),
            ("データベースのバックアップは毎日行われます。古いファイルは消えます。", "euc_jp"),
            ("데이터베이스 백업은 매일 새벽에 진행됩니다.", "euc_kr"),
            ("Die Größe der Räume überrascht; schöne Gärten gehören dazu, für fünf Häuser.", "cp1252"),
        ):
            assert decode(text.encode(encoding))[0] == text, encoding

    def test_what_is_declared_counts_if_it_fits(self):
        assert decode("café".encode("latin-1"), declared="iso-8859-1")[0] == "café"
        assert decode("你好".encode("gbk"), declared="GB2312")[0] == "你好"
        assert decode("你好".encode(), declared="ascii")[0] == "你好"
        assert decode(b"plain", declared="no-such")[0] == "plain"
        assert decode(b"plain", declared="rot13")[0] == "plain"

    def test_a_sequence_cut_off_at_the_end_is_no_other_encoding(self):
        assert decode("数据库备份".encode()[:-1])[0] == "数据库备"


class TestText:
    def test_paragraphs_headings_and_lists(self):
        parsed = read(
            "第一章 总则\n\n本手册适用于全体员工。\n请认真阅读。\n\n- first\n- 第二\n  goes on\n\nEnd.\n",
            media.TEXT,
        )
        assert shape(parsed) == [
            ("heading", 1, "第一章 总则"),
            ("paragraph", 0, "本手册适用于全体员工。\n请认真阅读。"),
            ("list_item", 1, "- first"),
            ("list_item", 1, "- 第二\ngoes on"),
            ("paragraph", 0, "End."),
        ]
        assert parsed.title == "第一章 总则"
        assert parsed.n_pages == 0

    def test_form_feeds_part_pages(self):
        parsed = read("One.\n\fTwo.\n\n第二页。\f\n", media.TEXT)
        assert [(block.page, block.text) for block in parsed.blocks] == [
            (1, "One."),
            (2, "Two."),
            (2, "第二页。"),
        ]
        assert parsed.n_pages == 2
        with pytest.raises(ReadError) as raised:
            read("x\f" * 6_000 + "x", media.TEXT)
        assert raised.value.problem == "too_many_pages"

    def test_gb18030_with_full_width_signs(self):
        assert read(f"　　{CHINESE}".encode("gb18030"), media.TEXT).text == CHINESE

    def test_what_cannot_be_seen_or_stored_is_gone(self):
        assert tidy("a\x00b\u200bc\ufeff \x07d") == "abc d"


class TestMarkdown:
    TEXT = (
        "---\ntitle: 我的笔记\nauthor: [王芳, Bob]\ntags:\n  - one\n  - 二\n---\n# 一 **重要**\n\n正文 `code` [link](http://x)。\n"
        "下一行\n\n1. one\n2. two\n   - 内\n\n| 甲 | b |\n|---|---|\n| 1 | 2 |\n\n```py\nx = 1\n\ny = 2\n```\n<div>raw</div>\n"
    )

    def test_structure(self):
        parsed = read(self.TEXT, media.MARKDOWN)
        assert shape(parsed) == [
            ("heading", 1, "一 重要"),
            ("paragraph", 0, "正文 code link。\n下一行"),
            ("list_item", 1, "1. one"),
            ("list_item", 1, "2. two"),
            ("list_item", 2, "内"),
            ("table", 0, "甲 | b\n1 | 2"),
            ("code", 0, "x = 1\ny = 2"),
            ("paragraph", 0, "raw"),
        ]
        assert (parsed.blocks[5].rows, parsed.blocks[5].n_header) == ((("甲", "b"), ("1", "2")), 1)

    def test_front_matter_is_metadata(self):
        parsed = read(self.TEXT, media.MARKDOWN)
        assert parsed.title == "我的笔记"
        assert parsed.metadata == {"author": "王芳, Bob", "keywords": ["one", "二"]}

    def test_a_rule_is_no_front_matter(self):
        assert read("---\n\nHello\n\n---\nWorld", media.MARKDOWN).text.split() == ["Hello", "World"]


PAGE = """<!doctype html><html lang="zh"><head><title>安装指南 | Site</title><meta name="author" content="李雷">
<meta property="article:published_time" content="2024-03-01"><style>p{color:red}</style><script>evil()</script></head><body>
<nav>Home About</nav><header>Site header</header><div class="sidebar">Links</div>
<h1>安装<b>指南</b></h1><p>第一行
第二行，then
<b>bold</b> text<br>new line<script>evil()</script>.</p>
<ul><li>one<ul><li>内</li></ul></li><li><p>two</p></li></ul>
<table><caption>Sales</caption><tr><th colspan="2">2023</th><th>n</th></tr><tr><td rowspan="2">华东</td><td>Q1</td><td>1</td></tr>
<tr><td>Q2</td><td>2</td></tr></table>
<table><tr><td><h2>Layout</h2></td><td>beside</td></tr></table>
<pre>if x:
    y</pre><p hidden>unseen</p><p style="display: none">unseen</p><footer>© footer</footer></body></html>"""


class TestHtml:
    def test_structure(self):
        assert shape(read(PAGE, media.HTML)) == [
            ("heading", 1, "安装指南"),
            ("paragraph", 0, "第一行第二行，then bold text\nnew line."),
            ("list_item", 1, "one"),
            ("list_item", 2, "内"),
            ("list_item", 1, "two"),
            ("paragraph", 0, "Sales"),
            ("table", 0, "2023 | 2023 | n\n华东 | Q1 | 1\n华东 | Q2 | 2"),
            ("heading", 2, "Layout"),
            ("paragraph", 0, "beside"),
            ("code", 0, "if x:\n    y"),
        ]

    def test_metadata(self):
        parsed = read(PAGE, media.HTML)
        assert parsed.title == "安装指南 | Site"
        assert parsed.metadata == {"author": "李雷", "date": "2024-03-01", "language": "zh"}

    def test_the_declared_encoding(self):
        page = f'<html><head><meta charset="gb2312"></head><body><p>{CHINESE}</p></body></html>'
        assert read(page.encode("gb18030"), media.HTML).text == CHINESE

    def test_the_main_part_alone(self):
        page = f"<body><div>Menu</div><main><p>{'Words. ' * 60}</p></main><div>Related</div></body>"
        assert set(read(page, media.HTML).text.split()) == {"Words."}

    def test_broken_pages(self):
        assert read("<p>one<div>two<td>three</b></i><p>four", media.HTML).text.split() == [
            "one",
            "two",
            "three",
            "four",
        ]


class TestDelimited:
    @pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
    def test_delimiters(self, sign: str):
        rows = [["姓名", "age", "city"], ["张三", "30", "北京"], ["李四", "25", "New York"]]
        parsed = read("\n".join(sign.join(row) for row in rows), media.CSV)
        assert parsed.blocks == (
            Block(
                "table",
                "姓名 | age | city\n张三 | 30 | 北京\n李四 | 25 | New York",
                0,
                None,
                tuple(map(tuple, rows)),
                1,
            ),
        )
        assert parsed.title == ""

    def test_quotes_and_gb18030(self):
        parsed = read('名称,"说明"\n泵,"第一行\n第二行, ""好"""\n'.encode("gb18030"), media.CSV)
        assert parsed.blocks[0].rows == (("名称", "说明"), ("泵", '第一行 第二行, "好"'))

    def test_a_title_above_the_table(self):
        parsed = read("2024 年销售\n\n地区,金额\n华东,12\n", media.CSV)
        assert parsed.title == "2024 年销售"
        assert shape(parsed) == [("paragraph", 0, "2024 年销售"), ("table", 0, "地区 | 金额\n华东 | 12")]

    @pytest.mark.parametrize(
        ("rows", "expected"),
        [
            ([["a", "b"], ["1", "2"]], 1),
            ([["1", "2"], ["3", "4"]], 0),
            ([["name", "2022", "2023"], ["x", "1", "2"]], 1),
            ([["2022", "2023"], ["1", "2"]], 0),
            ([["甲", "甲"], ["乙", "丙"]], 0),
            ([["only"]], 0),
        ],
    )
    def test_headers(self, rows: list[list[str]], expected: int):
        assert n_header_rows(rows) == expected


def message(**headers: str) -> EmailMessage:
    made = EmailMessage()
    for name, value in headers.items():
        made[name] = value
    return made


class TestEml:
    def test_headers_text_and_attachments(self):
        mail = message(
            From="王芳 <a@example.org>",
            To="b@example.org",
            Subject="会议纪要",
            Date="Mon, 04 Mar 2024 10:00:00 +0800",
        )
        mail.set_content("第一段。\n\nSecond paragraph.")
        mail.add_alternative("<p>html</p>", subtype="html")
        mail.add_attachment(
            "地区,金额\n华东,12\n".encode(), maintype="text", subtype="csv", filename="表.csv"
        )
        mail.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="x.png")
        parsed = read(mail.as_bytes(), media.EML)
        assert parsed.title == "会议纪要"
        assert parsed.metadata == {
            "from": "王芳 <a@example.org>",
            "to": "b@example.org",
            "author": "王芳 <a@example.org>",
            "date": "2024-03-04T10:00:00+08:00",
        }
        assert shape(parsed) == [
            ("heading", 1, "会议纪要"),
            ("paragraph", 0, "第一段。"),
            ("paragraph", 0, "Second paragraph."),
            ("heading", 1, "表.csv"),
            ("table", 0, "地区 | 金额\n华东 | 12"),
        ]
        assert parsed.notes == ("attachment",)

    def test_html_where_there_is_no_text(self):
        mail = message(Subject="Hi")
        mail.set_content("<title>no</title><p>Only <b>this</b>.</p><script>x</script>", subtype="html")
        parsed = read(mail.as_bytes(), media.EML)
        assert (parsed.title, parsed.text) == ("Hi", "Hi\n\nOnly this.")

    def test_a_forwarded_message_is_read_one_level_deep(self):
        innermost, inner, outer = message(Subject="C"), message(Subject="B"), message(Subject="A")
        innermost.set_content("third")
        inner.set_content("second")
        inner.add_attachment(innermost)
        outer.set_content("first")
        outer.add_attachment(inner)
        parsed = read(outer.as_bytes(), media.EML)
        assert "first" in parsed.text
        assert "second" in parsed.text
        assert "third" not in parsed.text
        assert parsed.notes == ("attachment",)

    def test_gb2312_body_and_broken_headers(self):
        head = b"From: a@example.org\nSubject: =?bogus?Q?=FF?=\nDate: someday\nContent-Type: text/plain; charset=gb2312\n\n"
        parsed = read(head + CHINESE.encode("gbk"), media.EML)
        assert parsed.blocks[-1].text == CHINESE
        assert parsed.metadata["date"] == "someday"
