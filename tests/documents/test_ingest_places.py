"""Files that moved, folders that are gone, files that cannot be read any more, and pages inside of passages."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from polymem import DocumentInput
from polymem.documents import ahead
from polymem.documents.worker import ReaderPool
from polymem.errors import InputError, NotFoundError
from tests.documents.library import about, opened, paragraph, texts, write

OLD = datetime(2020, 5, 1, tzinfo=UTC).timestamp()


@pytest.fixture
def memory(tmp_path):
    with opened(tmp_path / "m.db") as memory:
        yield memory


@pytest.fixture
def lib(tmp_path):
    folder = tmp_path / "lib"
    write(folder / "tea.md", "oolong", "sencha", title="Teas")
    write(folder / "old" / "茶.md", "红茶", title="茶")
    return folder


class TestMoved:
    @pytest.mark.parametrize("where", ["new/tea.md", "new/春天/茶.md"])
    def test_a_file_that_moved_keeps_its_passages(self, memory, lib, where):
        before = {document.title: document.id for document in memory.ingest(lib, user_id="u").added}
        name, subject = ("tea.md", "oolong") if "tea" in where else ("old/茶.md", "红茶")
        ids = about(memory, subject)
        (lib / where).parent.mkdir(parents=True)
        (lib / name).rename(lib / where)
        done = memory.ingest(lib, user_id="u")
        assert [document.uri for document in done.moved] == [(lib / where).as_uri()]
        assert (done.added, done.removed, done.stale, done.failed) == ((), (), (), ())
        assert (done.n_chunks_added, done.n_chunks_erased) == (0, 0)
        assert about(memory, subject) == ids
        assert {document.title: document.id for document in memory.documents(user_id="u")} == before
        hit = memory.search(subject, user_id="u", limit=1)[0]
        assert hit.place is not None
        assert hit.place.uri == (lib / where).as_uri()
        assert memory.ingest(lib, user_id="u").unchanged == 2
        assert memory.verify() == []

    def test_a_folder_that_was_renamed(self, memory, lib, tmp_path):
        memory.ingest(lib, user_id="u")
        ids = about(memory, "红茶")
        lib.rename(tmp_path / "图书馆")
        done = memory.ingest(tmp_path / "图书馆", user_id="u")
        assert (len(done.moved), done.added, about(memory, "红茶")) == (2, (), ids)
        assert len(memory.documents(user_id="u", folder=tmp_path / "图书馆")) == 2

    def test_a_title_that_is_the_name_of_the_file_changes_with_it(self, memory, tmp_path):
        write(tmp_path / "lib" / "龙井.txt", "oolong")
        write(tmp_path / "lib" / "b.txt", "绿茶")
        memory.ingest(tmp_path / "lib", user_id="u")
        (tmp_path / "lib" / "龙井.txt").rename(tmp_path / "lib" / "Oolong.txt")
        done = memory.ingest(tmp_path / "lib", user_id="u")
        assert [document.title for document in done.moved] == ["Oolong"]
        assert len(about(memory, "oolong")) == 1
        assert memory.get(about(memory, "oolong")[0]).metadata["title"] == "Oolong"

    def test_a_copy_is_another_document(self, memory, lib):
        memory.ingest(lib, user_id="u")
        (lib / "copy.md").write_bytes((lib / "tea.md").read_bytes())
        (lib / "further.md").write_bytes((lib / "tea.md").read_bytes())
        done = memory.ingest(lib, user_id="u")
        assert (len(done.added), done.moved) == (2, ())
        (lib / "tea.md").rename(lib / "again.md")
        done = memory.ingest(lib, user_id="u")
        assert (len(done.moved), done.added, len(about(memory, "oolong"))) == (1, (), 3)

    def test_though_missing_files_are_kept(self, memory, lib):
        memory.ingest(lib, user_id="u")
        (lib / "tea.md").rename(lib / "绿.md")
        assert len(memory.ingest(lib, user_id="u", missing="keep").moved) == 1
        assert len(memory.documents(user_id="u")) == 2


class TestChangedAtOnce:
    def test_a_file_of_the_same_size_and_time_is_looked_at_if_it_was_read_just_then(self, memory, lib):
        memory.ingest(lib, user_id="u")
        state = (lib / "tea.md").stat()
        write(lib / "tea.md", "matcha", "sencha", title="Teas")
        os.utime(lib / "tea.md", ns=(state.st_atime_ns, state.st_mtime_ns))
        assert (lib / "tea.md").stat().st_size == state.st_size
        assert len(memory.ingest(lib, user_id="u").changed) == 1
        assert len(about(memory, "matcha")) == 1

    def test_an_old_one_is_not_opened_again(self, memory, lib, monkeypatch):
        for path in lib.rglob("*.md"):
            os.utime(path, (OLD, OLD))
        memory.ingest(lib, user_id="u")
        assert {document.modified_at for document in memory.documents(user_id="u")} == {
            datetime.fromtimestamp(OLD, UTC)
        }
        monkeypatch.setattr(ahead, "_content", lambda *_: pytest.fail("opened"))
        assert memory.ingest(lib, user_id="u").unchanged == 2

    def test_one_that_was_new_is_opened_once_more(self, memory, lib, monkeypatch):
        memory.ingest(lib, user_id="u")
        monkeypatch.setattr(ahead, "_TICK", ahead._TICK * 0)
        monkeypatch.setattr(ReaderPool, "read", lambda *_, **__: pytest.fail("parsed"))
        assert memory.ingest(lib, user_id="u").unchanged == 2
        monkeypatch.setattr(ahead, "_content", lambda *_: pytest.fail("opened"))
        assert memory.ingest(lib, user_id="u").unchanged == 2


class TestStale:
    @pytest.mark.parametrize(("name", "subject"), [("tea.md", "oolong"), ("old/茶.md", "红茶")])
    def test_what_cannot_be_read_any_more_is_told_and_stays(self, memory, lib, name, subject):
        memory.ingest(lib, user_id="u")
        (lib / name).write_bytes(b"%PDF-1.7 nothing more")
        for _ in range(2):
            done = memory.ingest(lib, user_id="u")
            assert [document.uri for document in done.stale] == [(lib / name).as_uri()]
            assert [failure.problem for failure in done.failed] == ["damaged"]
            assert (done.removed, done.skipped, done.unchanged) == ((), (), 1)
            assert len(about(memory, subject)) == 1
        write(lib / name, "matcha")
        done = memory.ingest(lib, user_id="u")
        assert (done.stale, len(done.changed), about(memory, subject)) == ((), 1, [])

    @pytest.mark.skipif(os.name == "nt", reason="links need a right there")
    @pytest.mark.parametrize("dangles", [False, True])
    def test_a_link_in_its_place_or_above_it(self, memory, lib, tmp_path, dangles):
        memory.ingest(lib, user_id="u")
        for name in ("tea.md", "old"):
            (lib / name).rename(tmp_path / name)
            (lib / name).symlink_to(tmp_path / ("nowhere" if dangles else name))
        (lib / "other.md").write_text(paragraph("matcha"))
        done = memory.ingest(lib, user_id="u")
        assert {Path(document.uri).name for document in done.stale} == {"tea.md", "%E8%8C%B6.md"}
        assert done.removed == ()
        assert len(texts(memory)) == 4
        assert {failure.problem for failure in (*done.failed, *done.skipped)} == {"link"}

    def test_a_folder_within_that_is_empty_may_be_a_disk_that_is_not_there(self, memory, lib):
        memory.ingest(lib, user_id="u")
        (lib / "old" / "茶.md").unlink()
        done = memory.ingest(lib, user_id="u")
        assert (done.removed, [document.title for document in done.stale]) == ((), ["茶"])
        assert [(failure.uri, failure.problem) for failure in done.failed] == [
            ((lib / "old").as_uri(), "emptied")
        ]
        assert "erase" in done.failed[0].message
        assert len(about(memory, "红茶")) == 1
        assert len(memory.ingest(lib, user_id="u", missing="erase").removed) == 1

    def test_a_folder_within_that_is_gone_was_removed(self, memory, lib):
        memory.ingest(lib, user_id="u")
        (lib / "old" / "茶.md").unlink()
        (lib / "old").rmdir()
        done = memory.ingest(lib, user_id="u")
        assert ([document.title for document in done.removed], done.stale) == (["茶"], ())


class TestFolders:
    def test_all_of_a_folder_are_removed_at_once(self, memory, lib, tmp_path):
        memory.ingest(lib, user_id="u")
        memory.ingest(write(lib / "alone.md", "matcha"), user_id="u")
        memory.ingest(DocumentInput(text=paragraph("绿茶"), uri="memory"), user_id="u")
        write(tmp_path / "library" / "a.md", "puer")
        memory.ingest(tmp_path / "library", user_id="u")
        memory.ingest(lib, user_id="v")
        plan = memory.remove_document(folder=lib, user_id="u", dry_run=True)
        assert (len(plan.erased), plan.counts["documents"], plan.dry_run) == (4, 3, True)
        lib.rename(tmp_path / "elsewhere")
        receipt = memory.remove_document(folder=str(lib), user_id="u")
        assert (len(receipt.erased), receipt.counts["documents"]) == (4, 3)
        assert memory.verify_erasure(receipt) == []
        assert len(memory.documents(user_id="u")) == 2
        assert len(memory.documents(user_id="v")) == 3
        with pytest.raises(NotFoundError):
            memory.remove_document(folder=lib, user_id="u")

    def test_many_take_several_transactions_and_have_one_receipt(self, memory, tmp_path, monkeypatch):
        from polymem.forget import documents

        monkeypatch.setattr(documents, "MOST_TOGETHER", 2)
        for n in range(5):
            write(tmp_path / "lib" / f"{n}.md", f"tea{n}")
        memory.ingest(tmp_path / "lib", user_id="u")
        receipt = memory.remove_document(folder=tmp_path / "lib", user_id="u")
        assert (len(receipt.erased), receipt.counts["documents"]) == (5, 5)
        assert memory.verify_erasure(receipt) == []

    @pytest.mark.parametrize(
        ("pattern", "left"),
        [
            ("**/*.md", []),
            ("*.md", ["茶"]),
            ("old/茶.*", ["Teas"]),
            ("old", ["Teas"]),
            ("./old/../old", ["Teas"]),
        ],
    )
    def test_a_folder_within_or_a_pattern(self, memory, lib, pattern, left):
        memory.ingest(lib, user_id="u")
        memory.remove_document(folder=f"{lib}/{pattern}", user_id="u")
        assert [document.title for document in memory.documents(user_id="u")] == left

    def test_by_its_address(self, memory, lib):
        memory.ingest(lib, user_id="u")
        memory.remove_document(folder=(lib / "old").as_uri(), user_id="u")
        assert about(memory, "红茶") == []

    @pytest.mark.parametrize(
        "arguments",
        [{}, {"document_id": "x", "folder": "y"}, {"folder": ""}, {"folder": 5}, {"folder": "a\0b"}],
        ids=repr,
    )
    def test_what_cannot_be_used(self, memory, arguments):
        with pytest.raises(InputError):
            memory.remove_document(**arguments, user_id="u")

    @pytest.mark.parametrize("named", ["folder", "pattern", "file"])
    def test_what_is_gone_is_not_erased_and_it_is_said_what_to_do(self, memory, lib, named, tmp_path):
        memory.ingest(lib, user_id="u")
        lib.rename(tmp_path / "elsewhere")
        source = {"folder": str(lib), "pattern": f"{lib}/*.md", "file": str(lib / "tea.md")}[named]
        for missing in (None, "erase"):
            with pytest.raises(InputError, match="remove_document") as caught:
                memory.ingest(source, user_id="u", missing=missing)
            assert caught.value.argument == "source"
        assert len(texts(memory)) == 3
        with pytest.raises(InputError) as caught:
            memory.ingest(str(tmp_path / "never"), user_id="u")
        assert "remove_document" not in str(caught.value)


class TestPages:
    def test_a_citation_names_the_page_on_which_it_stands(self, tmp_path):
        """Pages that are all but empty are one passage; what is cited of it stands on one of them."""
        pages = [
            "Sencha is steamed after it was picked.",
            "绿茶在杭州的山里采摘。",
            "Oolong is bruised in bamboo baskets.",
        ]
        with opened(tmp_path / "m.db", config={"documents": {"workers": 1}}) as memory:
            memory.ingest(DocumentInput(text="\f".join(pages), uri="a", title="Teas"), user_id="u")
            (item,) = memory.get_all(user_id="u")
            for question, page in (
                ("What is done to sencha after it was picked?", 1),
                ("绿茶在哪里采摘？", 2),
                ("In what is oolong bruised?", 3),
            ):
                citation = memory.ask(question, user_id="u", min_confidence=0.0).citations[0]
                assert citation.place is not None
                assert citation.quote in pages[page - 1]
                assert (citation.place.page, citation.place.last_page) == (page, page)
            (hit,) = memory.search("oolong", user_id="u", limit=1)
            assert hit.place is not None
            assert (hit.place.page, hit.place.last_page) == (1, 3)
            starts = [(2, len(pages[0]) + 2), (3, len(pages[0]) + len(pages[1]) + 4)]
            assert list(hit.place.page_starts) == starts
            memory.export(tmp_path / "all.jsonl")
            assert item.text == "\n\n".join(pages)
        with opened(tmp_path / "twin.db") as twin:
            twin.import_(tmp_path / "all.jsonl")
            (hit,) = twin.search("oolong", user_id="u", limit=1)
            assert hit.place is not None
            assert list(hit.place.page_starts) == starts
            assert twin.verify() == []

    def test_a_part_of_a_place(self, memory):
        from polymem.domain.document import Place

        place = Place("d", "u", "t", 100, 900, 3, 6, ((4, 300), (6, 700)))
        for start, stop, pages in (
            (100, 200, (3, 3)),
            (250, 300, (3, 3)),
            (250, 301, (3, 4)),
            (300, 700, (4, 4)),
            (300, 701, (4, 6)),
            (700, 900, (6, 6)),
            (100, 900, (3, 6)),
        ):
            part = place.within(start, stop)
            assert (part.page, part.last_page, part.start, part.stop) == (*pages, start, stop)
        before = Place("d", "u", "t", 100, 900, 3, 6).within(150, 200)
        assert (before.page, before.last_page) == (3, 6)
