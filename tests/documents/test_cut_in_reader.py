"""Documents are cut in the process that reads them, under its limits; what it says of the chunks is checked."""

from __future__ import annotations

import json

import pytest

from polymem import DocumentInput
from polymem.documents import chunk as chunk_module
from polymem.documents.ahead import Ahead
from polymem.documents.chunk import chunk, cut
from polymem.documents.describe import describe
from polymem.documents.limits import DEFAULT_LIMITS, ReadLimits
from polymem.documents.readers.building import Source
from polymem.documents.readers.markdown import read as read_markdown
from polymem.documents.readers.text import read as read_text
from polymem.documents.units import units_of
from polymem.documents.wire import WireError, frames_of, max_answer, received
from polymem.documents.worker import ReaderPool
from polymem.domain.document import Block, Chunk, Cut, Parsed
from polymem.errors import InputError, ReadError
from polymem.text.sentences import sentence_spans
from tests.documents.library import opened, paragraph

NOTES = "# 茶 Tea\n\n## 绿茶\n\n绿茶不发酵。\n\n## Oolong\n\n" + "Oolong is half fermented. " * 200


@pytest.fixture(scope="module")
def readers():
    with ReaderPool() as pool:
        yield pool


class TestCutting:
    @pytest.mark.parametrize("max_chars", [200, 1_600])
    def test_what_comes_back_is_what_the_chunker_makes(self, readers, max_chars):
        parsed = read_markdown(Source(NOTES.encode()))
        found = readers.read(NOTES.encode(), name="茶.md", max_chars=max_chars)
        assert list(found.chunks) == chunk(parsed, max_chars=max_chars)
        assert found == cut(parsed, max_chars=max_chars)
        assert found.n_chars == len(parsed.text)

    def test_pages(self, readers):
        text = "Short.\f第二页很短。\f" + "A long page about tea. " * 100
        found = readers.read(text.encode(), name="a.txt")
        assert list(found.chunks) == chunk(read_text(Source(text.encode())))
        assert found.n_pages == 3

    def test_the_size_is_checked_before_anything_is_asked(self, readers):
        with pytest.raises(InputError) as caught:
            readers.read(b"tea", name="a.txt", max_chars=100)
        assert caught.value.argument == "max_chars"

    def test_a_caller_cuts_nothing(self, tmp_path, monkeypatch):
        monkeypatch.setattr(chunk_module, "chunk", lambda *_, **__: pytest.fail("cut here"))
        monkeypatch.setattr(chunk_module, "units_of", lambda *_, **__: pytest.fail("cut here"))
        with opened(tmp_path / "m.db") as memory:
            done = memory.ingest(DocumentInput(text=paragraph("绿茶"), uri="x"), user_id="u")
        assert done.n_chunks_added == 1

    def test_the_time_of_cutting_counts(self):
        text = b"Mr. " * 4_900_000
        with ReaderPool(ReadLimits(timeout_s=1)) as pool:
            with pytest.raises(ReadError) as caught:
                pool.read(text, name="a.txt")
            assert caught.value.problem == "timeout"
            assert pool.read("茶".encode(), name="b.txt").text == "茶"

    @pytest.mark.parametrize("words", ["oolong ", "绿茶 "])
    def test_a_text_in_memory_is_under_the_same_limits(self, tmp_path, words):
        config = {"documents": {"max_bytes": 5_000, "workers": 1}}
        with opened(tmp_path / "m.db", config=config) as memory:
            done = memory.ingest(DocumentInput(text=words * 1_000, uri="x"), user_id="u")
        assert [failure.problem for failure in done.failed] == ["too_large"]


class TestBounds:
    def test_a_long_list_of_headings_is_no_list_of_chapters(self):
        blocks = [Block("heading", f"第 {n} 条", 1) for n in range(12_000)]
        assert {unit.seam for unit in units_of(Parsed(tuple(blocks)), Parsed(tuple(blocks)).text, 1_600)} <= {
            "",
            "soft",
        }
        assert len(chunk(Parsed(tuple(blocks)))) < 1_000
        few = Parsed(tuple(blocks[:10]))
        assert [unit.seam for unit in units_of(few, few.text, 1_600)].count("hard") == 0
        parts = Parsed(tuple(block for head in blocks[:10] for block in (head, Block("paragraph", "说明。"))))
        assert len(chunk(parts)) == 10

    def test_headings_are_kept_as_far_as_they_help(self):
        deep = [Block("heading", "标题" * 500, level) for level in range(1, 40)]
        (found,) = chunk(Parsed((*deep, Block("paragraph", "Words."))))[-1:]
        assert (len(found.headings), max(map(len, found.headings))) == (8, 200)

    @pytest.mark.parametrize("row", ["a | b", "茶 | 山"])
    def test_a_long_table_of_short_rows_is_few_units(self, row):
        text = "\n".join(["x | y", *[row] * 200_000])
        parsed = Parsed((Block("table", text, n_header=1),))
        units = units_of(parsed, text, 1_600)
        assert len(units) < 30_000
        covered = "\n".join(text[unit.start : unit.stop] for unit in units)
        assert covered == text
        assert all(unit.header == "x | y" for unit in units[1:])

    def test_signs_that_end_nothing_are_not_all_looked_at(self):
        text = "Mr. " * 50
        assert sentence_spans(text, least=64) == [(0, len(text) - 1)]

    def test_what_a_document_says_of_itself_is_inherited_within_bounds(self):
        long = {f"key{n}": "茶" * 500 for n in range(30)}
        said = describe(Cut((), metadata=long), name="a.md", given={"year": 2024, "title": "Tea"})
        assert (said.title, said.metadata, said.notes) == ("Tea", {"year": 2024}, ("metadata",))
        assert describe(Cut((), metadata={"author": "李"}), name="a.md", given={}).metadata == {
            "author": "李"
        }

    def test_long_files_are_not_read_ahead_together(self):
        begun = []

        def do(size):
            begun.append(size)
            return size

        ahead = Ahead([5, 6, 7, 100, 1], do, n=2, weigh=lambda size: size, most=12)
        assert ahead.take() == 5
        assert 100 not in begun
        assert [ahead.take() for _ in range(5)] == [6, 7, 100, 1, None]
        ahead.close()


def answer(*frames: object) -> Cut:
    """Receive what *frames* say."""
    said = iter(json.dumps(frame).encode() if not isinstance(frame, bytes) else frame for frame in frames)

    def receiving(limit: int) -> bytes:
        frame = next(said)
        if len(frame) > limit:
            raise WireError("too long")
        return frame

    return received(receiving, DEFAULT_LIMITS)


HEAD = {"title": "", "metadata": {}, "media_type": "", "n_pages": 0, "n_chars": 3, "notes": [], "n_chunks": 1}
PART = ["tea", 0, 3, None, None, [], []]


class TestAnswers:
    def test_there_and_back(self):
        page_starts = ((3, 40), (5, 90))
        whole = Cut(
            (Chunk("一" * 700_000, 0, 700_000), Chunk("b" * 700_000, 1, 2, 2, 5, ("A", "甲"), page_starts))
            * 2,
            "题",
            {"author": "李"},
            "text/markdown",
            5,
            9,
            ("images",),
        )
        frames = list(frames_of(whole))
        assert len(frames) == 3
        assert answer(*frames) == whole
        assert answer({**HEAD, "n_chunks": 0}).chunks == ()

    @pytest.mark.parametrize(
        "frames",
        [
            (b"[" * 100_000,),
            (b"{",),
            ([],),
            ("x",),
            ({**HEAD, "n_chunks": -1},),
            ({**HEAD, "n_chunks": True},),
            ({**HEAD, "n_chunks": 0, "title": 5},),
            ({**HEAD, "n_chunks": 0, "metadata": []},),
            ({**HEAD, "n_chunks": 0, "notes": "x"},),
            (HEAD, []),
            (HEAD, {}),
            (HEAD, [PART, PART]),
            (HEAD, [[*PART, 1]]),
            (HEAD, [["tea", -1, 3, None, None, [], []]]),
            (HEAD, [["tea", 0, 3, "1", None, [], []]]),
            (HEAD, [["tea", 0, 3, 1, 2, [1], []]]),
            (HEAD, [["tea", 0, 3, 1, 2, [], [[2]]]]),
            (HEAD, [["tea", 0, 3, 1, 2, [], [[2, "x"]]]]),
            (HEAD, [[5, 0, 3, None, None, [], []]]),
        ],
        ids=lambda frames: repr(frames)[:60],
    )
    def test_what_makes_no_sense_is_refused(self, frames):
        with pytest.raises(WireError):
            answer(*frames)

    @pytest.mark.parametrize("before", [(), (HEAD,)])
    def test_a_problem_may_come_late(self, before):
        with pytest.raises(ReadError) as caught:
            answer(*before, {"problem": "memory", "message": "no room"})
        assert caught.value.problem == "memory"

    def test_an_answer_is_far_shorter_than_it_was_allowed_to_be(self):
        assert max_answer(DEFAULT_LIMITS) <= 180 << 20

    def test_a_long_answer_ends_somewhere(self):
        def receiving(limit: int) -> bytes:
            frame = json.dumps({**HEAD, "n_chunks": 10**9} if not got else [PART] * 10_000).encode()
            got.append(len(frame))
            if len(frame) > limit:
                raise WireError("too long")
            return frame

        got: list[int] = []
        limits = ReadLimits(max_chars=1_000)
        with pytest.raises(WireError):
            received(receiving, limits)
        assert sum(got) <= max_answer(limits) + max(got)
