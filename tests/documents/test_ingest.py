"""What ``ingest`` promises: all of a document is stored once, what is unchanged is let be, what is gone is erased."""

import os
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from polymem import DocumentInput
from polymem.client import ingest_steps
from polymem.client.config import SETTINGS
from polymem.documents.chunk import MAX_CHARS
from polymem.documents.worker import ReaderPool
from polymem.errors import InputError, MetadataError, NotFoundError, QuotaError
from polymem.testing.clock import FrozenClock
from tests.documents.library import CONFIG, about, opened, paragraph, texts, write
from tests.documents.paper import pdf, prose


@pytest.fixture
def memory(tmp_path):
    with opened(tmp_path / "m.db") as memory:
        yield memory


@pytest.fixture
def lib(tmp_path):
    folder = tmp_path / "lib"
    write(folder / "tea.md", "oolong", "sencha", title="Teas")
    write(folder / "茶.md", "红茶", "绿茶", title="茶")
    return folder


@pytest.fixture
def parsed(monkeypatch):
    """The names of the documents that were read by a reader."""
    names = []
    read = ReaderPool.read

    def noted(self, path, *, name, **options):
        names.append(name)
        return read(self, path, name=name, **options)

    monkeypatch.setattr(ReaderPool, "read", noted)
    return names


def stat(path, when):
    os.utime(path, (when.timestamp(), when.timestamp()))


class TestTakingIn:
    def test_every_word_is_there_and_found(self, memory, lib):
        done = memory.ingest(lib, user_id="u")
        assert [document.title for document in done.added] == ["Teas", "茶"]
        assert (done.n_chunks_added, done.failed, done.skipped, done.unchanged) == (4, (), (), 0)
        for subject in ("oolong", "sencha", "红茶", "绿茶"):
            assert len(about(memory, subject)) == 1
        assert "sencha" in memory.search("sencha", user_id="u", limit=1)[0].item.text.casefold()
        assert "绿茶" in memory.search("绿茶", user_id="u", limit=1)[0].item.text

    def test_a_chunk_knows_its_document(self, memory, lib):
        done = memory.ingest(lib, user_id="u", metadata={"company": "Li & Co", "year": 2020})
        by_title = {document.title: document for document in done.added}
        hit = memory.search("绿茶", user_id="u", limit=1)[0]
        document = by_title["茶"]
        assert hit.item.role == "document"
        assert hit.item.metadata["title"] == "茶"
        assert hit.item.metadata["document"] == document.id
        assert (hit.item.metadata["company"], hit.item.metadata["year"]) == ("Li & Co", 2020)
        assert hit.place is not None
        assert (hit.place.document_id, hit.place.uri) == (document.id, (lib / "茶.md").as_uri())
        assert texts(memory, year={"gt": 2019}) == texts(memory)

    def test_spans_point_into_the_document(self, memory):
        text = "\n\n".join(paragraph(subject) for subject in ("oolong", "绿茶", "sencha"))
        memory.ingest(DocumentInput(text=text, uri="notes"), user_id="u")
        hits = memory.search("oolong sencha 绿茶", user_id="u")
        assert len(hits) == 3
        for hit in hits:
            assert hit.place is not None
            assert text[hit.place.start : hit.place.stop] == hit.item.text

    def test_conversations_and_documents_apart(self, memory, lib):
        memory.add("I drink oolong.", user_id="u")
        memory.ingest(lib, user_id="u")
        assert {hit.item.role for hit in memory.search("oolong", user_id="u")} == {"user", "document"}
        assert {
            hit.item.role for hit in memory.search("oolong", user_id="u", filters={"role": "document"})
        } == {"document"}

    def test_the_wall(self, memory, lib):
        memory.ingest(lib, user_id="u", agent_id="a")
        (document, _) = memory.documents(user_id="u")
        assert document.agent_id == "a"
        assert memory.documents(user_id="v") == []
        assert memory.documents(user_id="u", agent_id="b") == []
        assert memory.document(document.id, user_id="v") is None
        with pytest.raises(NotFoundError):
            memory.remove_document(document.id, user_id="v")
        with pytest.raises(NotFoundError):
            memory.scoped(user_id="u", agent_id="b").remove_document(document.id)

    def test_the_same_content_under_two_addresses_is_two_documents(self, memory):
        text = paragraph("oolong")
        done = memory.ingest([DocumentInput(text=text, uri=uri) for uri in ("a", "b")], user_id="u")
        assert len(done.added) == 2
        assert len(about(memory, "oolong")) == 2

    def test_the_same_file_for_two_agents(self, memory, lib):
        memory.ingest(lib, user_id="u", agent_id="a")
        assert len(memory.ingest(lib, user_id="u", agent_id="b").added) == 2
        (lib / "tea.md").unlink()
        assert len(memory.ingest(lib, user_id="u", agent_id="a").removed) == 1
        assert [document.title for document in memory.documents(user_id="u", agent_id="b")] == ["茶", "Teas"]

    def test_a_long_document_takes_several_commits(self, memory, monkeypatch):
        monkeypatch.setattr(ingest_steps, "MOST_CHUNKS", 3)
        subjects = [f"tea{n}" for n in range(10)]
        text = "\n\n".join(map(paragraph, subjects))
        done = memory.ingest(DocumentInput(text=text, uri="long"), user_id="u")
        assert (len(done.added), done.n_chunks_added) == (1, 10)
        (document,) = memory.documents(user_id="u")
        assert (document.n_chunks, document) == (10, done.added[0])
        assert len(texts(memory)) == 10
        again = memory.ingest(DocumentInput(text=text, uri="long"), user_id="u")
        assert (again.unchanged, again.n_chunks_added) == (1, 0)

    def test_every_format_and_its_pages(self, memory, tmp_path):
        pytest.importorskip("pypdfium2")
        lib = tmp_path / "mixed"
        lib.mkdir()
        pages = [
            prose([f"{name} is grown here."] + [f"Line {n} about {name}, and on it goes." for n in range(12)])
            for name in ("Oolong", "Sencha")
        ]
        (lib / "a.pdf").write_bytes(pdf(pages, fields={"Title": "Two teas", "Author": "Li Hua"}))
        (lib / "b.html").write_text(
            "<html><title>网页</title><body><h1>绿茶</h1><p>绿茶不发酵。</p></body></html>", "utf-8"
        )
        (lib / "c.csv").write_text("tea,year\npuer,2001\nassam,2002\n", "utf-8")
        (lib / "d.eml").write_text(
            "From: ann@example.org\nSubject: Matcha\nDate: Mon, 4 Mar 2019 10:00:00 +0000\n\nMatcha is ground.\n"
        )
        done = memory.ingest(lib, user_id="u")
        assert done.failed == ()
        assert {document.title for document in done.added} >= {"Two teas", "网页", "Matcha"}
        by_title = {document.title: document for document in done.added}
        assert (by_title["Two teas"].n_pages, by_title["Two teas"].metadata["author"]) == (2, "Li Hua")
        hit = next(
            hit
            for hit in memory.search("Sencha is grown here", user_id="u")
            if "Sencha is grown" in hit.item.text
        )
        assert hit.place is not None
        assert (hit.place.page, hit.place.title) == (2, "Two teas")
        assert memory.search("puer", user_id="u", filters={"title": "c"})
        (mail,) = memory.get_all(user_id="u", filters={"title": "Matcha"})
        assert mail.valid_at == datetime(2019, 3, 4, 10, tzinfo=UTC)

    def test_a_model_is_not_needed_and_names_are_in_the_graph(self, memory):
        memory.ingest(
            DocumentInput(text="Marie Curie worked in Paris with Pierre Curie.", uri="c"), user_id="u"
        )
        assert "Marie Curie" in {entity.name for entity in memory.entities(user_id="u")}

    def test_default_of_the_chunker(self):
        assert SETTINGS["documents.chunk_chars"].default == MAX_CHARS


class TestTitleMetadataTime:
    @pytest.mark.parametrize(
        ("given", "title"),
        [
            ({}, "Teas"),
            ({"title": "Given"}, "Given"),
            ({"metadata": {"title": "In metadata"}}, "In metadata"),
            ({"title": "Given", "metadata": {"title": "In metadata"}}, "Given"),
        ],
    )
    def test_title(self, memory, lib, given, title):
        done = memory.ingest(lib / "tea.md", user_id="u", **given)
        assert done.added[0].title == title
        assert "title" not in done.added[0].metadata

    def test_an_untitled_file_is_named_by_itself(self, memory, tmp_path):
        done = memory.ingest(write(tmp_path / "龙井.txt", "oolong"), user_id="u")
        assert done.added[0].title == "龙井"

    def test_a_text_in_memory_may_have_no_title(self, memory):
        memory.ingest(DocumentInput(text=paragraph("oolong"), uri="x"), user_id="u")
        (item,) = memory.get_all(user_id="u")
        assert "title" not in item.metadata

    def test_metadata_by_path_and_by_document(self, memory, lib):
        memory.ingest(lib, user_id="u", metadata=lambda path: {"file": path.name})
        assert len(texts(memory, file="茶.md")) == 2
        own = DocumentInput(text=paragraph("matcha"), uri="m", metadata={"year": 2021, "kind of": "茶"})
        memory.ingest(own, user_id="u", metadata={"year": 2020, "company": "Li"})
        (item,) = memory.get_all(user_id="u", filters={"company": "Li"})
        assert (item.metadata["year"], item.metadata["kind of"]) == (2021, "茶")

    def test_time_is_that_of_the_file_unless_stated(self, memory, lib):
        changed = datetime(2020, 5, 1, tzinfo=UTC)
        stat(lib / "tea.md", changed)
        memory.ingest(lib / "tea.md", user_id="u")
        memory.ingest(lib / "茶.md", user_id="u", timestamp="2019-01-01")
        assert {item.valid_at for item in memory.get_all(user_id="u", filters={"title": "Teas"})} == {changed}
        found = memory.search("红茶 oolong", user_id="u", as_of="2019-06-01")
        assert {hit.item.metadata["title"] for hit in found} == {"茶"}

    def test_a_date_is_the_time_but_never_ahead(self, tmp_path):
        clock = FrozenClock(datetime(2024, 6, 1, tzinfo=UTC))
        with opened(tmp_path / "m.db", clock=clock) as memory:
            for uri, date in (("past", "2021-03"), ("ahead", "2030-01-01"), ("odd", "soon")):
                memory.ingest(
                    DocumentInput(text=paragraph(uri), uri=uri, metadata={"date": date}), user_id="u"
                )
            times = {item.metadata["date"]: item.valid_at for item in memory.get_all(user_id="u")}
            assert times == {
                "2021-03": datetime(2021, 3, 1, tzinfo=UTC),
                "2030-01-01": clock.now(),
                "soon": clock.now(),
            }
            assert len(memory.search("farmers", user_id="u")) == 3

    def test_expires(self, memory, lib):
        memory.ingest(lib, user_id="u", expires_at="2001-01-01")
        assert texts(memory) == []

    def test_secrets(self, tmp_path):
        config = {**CONFIG, "redaction": {"patterns": ["email"]}}
        with opened(tmp_path / "m.db", config=config) as memory:
            document = DocumentInput(
                text=f"Write to ann@example.org. {paragraph('oolong')}\n\n写信给 bob@example.org。{paragraph('绿茶')}",
                uri="x",
                title="About eve@example.org",
                metadata={"author": "eve@example.org"},
            )
            done = memory.ingest(document, user_id="u")
            assert done.n_redacted == 4
            items = memory.get_all(user_id="u")
            (kept,) = memory.documents(user_id="u")
            assert "@" not in repr([(item.text, item.metadata) for item in items])
            assert (kept.title, kept.metadata["author"]) == ("About [email]", "[email]")
            assert any("[email]" in item.text for item in items)

    def test_what_reads_under_other_patterns_reads_anew(self, tmp_path, lib):
        write(lib / "mail.md", "oolong", title="Mail to ann@example.org")
        with opened(tmp_path / "m.db") as memory:
            memory.ingest(lib, user_id="u")
        config = {**CONFIG, "redaction": {"patterns": ["email"]}}
        with opened(tmp_path / "m.db", config=config) as memory:
            memory.ingest(lib, user_id="u")
            assert all("@" not in document.title for document in memory.documents(user_id="u"))


class TestComingAgain:
    def test_unchanged_files_are_not_even_opened(self, memory, lib, parsed, monkeypatch):
        memory.ingest(lib, user_id="u")
        n, head = len(parsed), memory.chain_head(user_id="u")
        monkeypatch.setattr(Path, "open", lambda *_, **__: pytest.fail("opened"))
        done = memory.ingest(lib, user_id="u")
        assert (done.unchanged, done.added, done.changed, len(parsed)) == (2, (), (), n)
        assert memory.chain_head(user_id="u") == head

    def test_a_touched_file_is_hashed_once(self, memory, lib, parsed):
        memory.ingest(lib, user_id="u")
        n, before = len(parsed), texts(memory)
        stat(lib / "tea.md", datetime(2022, 1, 1, tzinfo=UTC))
        assert memory.ingest(lib, user_id="u").unchanged == 2
        assert (len(parsed), texts(memory)) == (n, before)
        (tea,) = (each for each in memory.documents(user_id="u") if each.title == "Teas")
        assert tea.modified_at == datetime(2022, 1, 1, tzinfo=UTC)

    def test_only_what_changed_is_stored(self, memory, lib):
        memory.ingest(lib, user_id="u")
        kept, gone = about(memory, "oolong"), about(memory, "sencha")
        others = about(memory, "茶")
        write(lib / "tea.md", "matcha", "oolong", title="Teas")
        done = memory.ingest(lib, user_id="u")
        assert [document.title for document in done.changed] == ["Teas"]
        assert (done.n_chunks_added, done.n_chunks_kept, done.n_chunks_erased) in {(2, 0, 2), (1, 1, 1)}
        assert about(memory, "sencha") == []
        assert len(about(memory, "matcha")) == 1
        assert about(memory, "茶") == others
        assert memory.get(gone[0]) is None
        assert len(kept) == 1
        assert memory.verify() == []

    def test_a_chunk_that_moved_stays_the_same_item(self, memory):
        def take(*subjects):
            text = "\n\n".join(map(paragraph, subjects))
            return memory.ingest(DocumentInput(text=text, uri="x"), user_id="u")

        take("oolong", "绿茶", "sencha")
        before = {subject: about(memory, subject) for subject in ("oolong", "绿茶", "sencha")}
        done = take("matcha", "绿茶", "oolong", "sencha")
        assert (done.n_chunks_added, done.n_chunks_kept, done.n_chunks_erased) == (1, 3, 0)
        assert {subject: about(memory, subject) for subject in before} == before
        hit = memory.search("oolong", user_id="u", limit=1)[0]
        assert hit.place is not None
        text = "\n\n".join(map(paragraph, ("matcha", "绿茶", "oolong", "sencha")))
        assert text[hit.place.start : hit.place.stop] == hit.item.text

    def test_the_id_stays_and_the_record_follows(self, memory, lib):
        first = memory.ingest(lib / "tea.md", user_id="u").added[0]
        write(lib / "tea.md", "matcha", title="Green")
        second = memory.ingest(lib / "tea.md", user_id="u").changed[0]
        assert (second.id, second.title, second.n_chunks) == (first.id, "Green", 1)
        assert memory.document(first.id, user_id="u") == second
        assert second.digest != first.digest

    def test_other_metadata_is_a_change(self, memory, lib):
        memory.ingest(lib, user_id="u", metadata={"year": 2020})
        done = memory.ingest(lib, user_id="u", metadata={"year": 2021})
        assert len(done.changed) == 2
        assert len(texts(memory, year=2021)) == 4
        assert texts(memory, year=2020) == []
        assert memory.ingest(lib, user_id="u", metadata={"year": 2021}).unchanged == 2

    def test_what_was_deleted_is_not_brought_back(self, memory, lib):
        memory.ingest(lib, user_id="u")
        memory.delete(about(memory, "oolong")[0])
        memory.ingest(lib, user_id="u")
        assert about(memory, "oolong") == []

    def test_a_document_in_memory(self, memory, parsed):
        memory.ingest(DocumentInput(data="# 茶\n\n绿茶。".encode(), name="茶.md"), user_id="u")
        done = memory.ingest(DocumentInput(data="# 茶\n\n绿茶。".encode(), name="茶.md"), user_id="u")
        assert (done.unchanged, parsed) == (1, ["茶.md"])


class TestGone:
    def test_a_file_that_is_gone_is_erased_with_its_words(self, memory, lib, tmp_path):
        memory.ingest(lib, user_id="u")
        (lib / "tea.md").unlink()
        done = memory.ingest(lib, user_id="u")
        assert [document.title for document in done.removed] == ["Teas"]
        assert done.n_chunks_erased == 2
        assert about(memory, "oolong") == []
        assert len(memory.documents(user_id="u")) == 1
        assert memory.verify() == []
        memory.close()
        for file in tmp_path.glob("m.db*"):
            assert b"oolong" not in file.read_bytes()
            assert b"Teas" not in file.read_bytes()

    def test_keep(self, memory, lib):
        memory.ingest(lib, user_id="u")
        (lib / "tea.md").unlink()
        assert memory.ingest(lib, user_id="u", missing="keep").removed == ()
        assert len(about(memory, "oolong")) == 1

    def test_an_empty_folder_may_be_a_disk_that_is_not_there(self, memory, lib):
        memory.ingest(lib, user_id="u")
        for file in lib.iterdir():
            file.unlink()
        with pytest.raises(InputError, match="erase") as caught:
            memory.ingest(lib, user_id="u")
        assert caught.value.argument == "missing"
        assert len(texts(memory)) == 4
        assert memory.ingest(lib, user_id="u", missing="keep").removed == ()
        assert len(memory.ingest(lib, user_id="u", missing="erase").removed) == 2
        assert texts(memory) == []

    def test_what_is_passed_over_is_not_gone(self, memory, lib):
        memory.ingest(lib, user_id="u")
        assert memory.ingest(lib, user_id="u", include="*.txt").removed == ()
        assert memory.ingest(lib / "tea.md", user_id="u").removed == ()
        assert len(texts(memory)) == 4

    def test_what_came_by_itself_or_from_elsewhere_stays(self, memory, lib, tmp_path):
        alone = write(lib / "alone.md", "matcha", title="Alone")
        memory.ingest(alone, user_id="u")
        memory.ingest(DocumentInput(text=paragraph("puer"), uri=(lib / "not-there.md").as_uri()), user_id="u")
        write(tmp_path / "library" / "other.md", "darjeeling")
        memory.ingest(tmp_path / "library", user_id="u")
        alone.unlink()
        (tmp_path / "library" / "other.md").unlink()
        assert memory.ingest(lib, user_id="u").removed == ()
        assert (
            len(about(memory, "matcha"))
            == len(about(memory, "puer"))
            == len(about(memory, "darjeeling"))
            == 1
        )

    def test_a_file_named_alone_joins_its_folder(self, memory, lib):
        memory.ingest(lib / "tea.md", user_id="u")
        assert memory.documents(user_id="u", folder=lib) == []
        memory.ingest(lib, user_id="u")
        assert len(memory.documents(user_id="u", folder=lib)) == 2
        assert memory.documents(user_id="u", folder=lib.as_uri()) == memory.documents(
            user_id="u", folder=str(lib)
        )
        (lib / "tea.md").unlink()
        assert len(memory.ingest(lib, user_id="u").removed) == 1

    def test_a_folder_within_a_folder(self, memory, lib):
        write(lib / "old" / "puer.md", "puer")
        write(lib / "old" / "kept.md", "kept")
        memory.ingest(lib, user_id="u")
        (lib / "old" / "puer.md").unlink()
        assert len(memory.ingest(lib / "old", user_id="u").removed) == 1
        assert about(memory, "puer") == []
        assert memory.ingest(lib, user_id="u").unchanged == 3


class TestRemoving:
    def test_the_receipt_is_proof(self, memory, lib, tmp_path):
        done = memory.ingest(lib, user_id="u")
        tea = next(document for document in done.added if document.title == "Teas")
        deleted = about(memory, "oolong")[0]
        memory.delete(deleted)
        plan = memory.remove_document(tea.id, user_id="u", dry_run=True)
        assert (len(plan.erased), plan.dry_run, len(texts(memory))) == (2, True, 3)
        receipt = memory.remove_document(tea.id, user_id="u")
        assert deleted in receipt.erased
        assert len(receipt.erased) == 2
        assert receipt.counts["documents"] == 1
        assert memory.verify_erasure(receipt) == []
        assert memory.document(tea.id, user_id="u") is None
        assert [document.title for document in memory.documents(user_id="u")] == ["茶"]
        with pytest.raises(NotFoundError):
            memory.remove_document(tea.id, user_id="u")
        memory.close()
        assert all(b"oolong" not in file.read_bytes() for file in tmp_path.glob("m.db*"))

    def test_it_comes_again_with_its_file(self, memory, lib):
        done = memory.ingest(lib, user_id="u")
        memory.remove_document(done.added[0].id, user_id="u")
        assert len(memory.ingest(lib, user_id="u").added) == 1

    @pytest.mark.parametrize("name", ["", None, 3])
    def test_an_id_is_needed(self, memory, name):
        with pytest.raises(InputError) as caught:
            memory.document(name, user_id="u")
        assert caught.value.argument == "document_id"


class TestFailures:
    def test_one_bad_file_and_the_rest_goes_on(self, memory, lib):
        (lib / "broken.pdf").write_bytes(b"%PDF-1.7 nothing more")
        (lib / "blank.txt").write_text(" \n ")
        (lib / "picture.png").write_bytes(b"\x89PNG\r\n")
        steps = []
        done = memory.ingest(lib, user_id="u", progress=steps.append)
        assert [(failure.uri.rpartition("/")[2], failure.problem) for failure in done.failed] == [
            ("broken.pdf", "damaged")
        ]
        assert [(skipped.uri.rpartition("/")[2], skipped.problem) for skipped in done.skipped] == [
            ("blank.txt", "empty"),
            ("picture.png", "unsupported"),
        ]
        assert len(done.added) == 2
        assert [step.n_done for step in steps] == [1, 2, 3, 4]
        assert {step.n_total for step in steps} == {4}

    def test_a_file_that_breaks_later_keeps_what_is_known(self, memory, lib):
        memory.ingest(lib, user_id="u")
        (lib / "tea.md").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(1, 32)) * 9)
        done = memory.ingest(lib, user_id="u")
        assert (done.removed, [failure.problem for failure in done.failed]) == ((), ["unsupported"])
        assert [(document.title, document.n_chunks) for document in done.stale] == [("Teas", 2)]
        assert len(about(memory, "oolong")) == 1

    def test_too_large(self, tmp_path, lib):
        config = {"documents": {**CONFIG["documents"], "max_bytes": 300}}
        write(lib / "small.md", "oolong")
        with opened(tmp_path / "m.db", config=config) as memory:
            done = memory.ingest(lib, user_id="u")
            assert {failure.problem for failure in done.failed} == {"too_large"}
            assert len(done.failed) == 2
            assert len(done.added) == 1

    def test_a_named_file_of_unknown_format_is_a_failure(self, memory, tmp_path):
        picture = tmp_path / "picture.png"
        picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
        done = memory.ingest(picture, user_id="u")
        assert [failure.problem for failure in done.failed] == ["unsupported"]

    def test_a_callback_that_fails_ends_it_and_what_was_stored_stays(self, memory, lib):
        def progress(_):
            raise RuntimeError("enough")

        with pytest.raises(RuntimeError, match="enough"):
            memory.ingest(lib, user_id="u", progress=progress)
        memory.ingest(lib, user_id="u")
        assert len(texts(memory)) == 4

    def test_quota(self, tmp_path, lib):
        config = {**CONFIG, "quota": {"items": 3}}
        with opened(tmp_path / "m.db", config=config) as memory:
            with pytest.raises(QuotaError):
                memory.ingest(lib, user_id="u")
            assert len(texts(memory)) <= 3
            assert memory.verify() == []

    @pytest.mark.parametrize(
        ("given", "argument"),
        [
            ({"source": "/no/such/folder"}, "source"),
            ({"source": ""}, "source"),
            ({"source": b"bytes"}, "source"),
            ({"source": []}, "source"),
            ({"source": 5}, "source"),
            ({"source": "a\0b"}, "source"),
            ({"source": DocumentInput()}, "source"),
            ({"source": DocumentInput(text="a", data=b"a", uri="x")}, "source"),
            ({"source": DocumentInput(text="a")}, "source.uri"),
            ({"source": DocumentInput(text="a", uri="x", title=" ")}, "source.title"),
            (
                {"source": DocumentInput(text="a", uri="x", metadata={"document": "1"})},
                "source.metadata.document",
            ),
            ({"source": [DocumentInput(text="a", uri="x"), DocumentInput(text="b", uri="x")]}, "source"),
            (
                {
                    "source": [DocumentInput(text="a", uri="x"), DocumentInput(text="b", uri="y")],
                    "title": "T",
                },
                "title",
            ),
            ({"metadata": {"heading": "x"}}, "metadata.heading"),
            ({"metadata": {"title": 5}}, "metadata.title"),
            ({"title": ""}, "title"),
            ({"missing": "delete"}, "missing"),
            ({"recursive": 1}, "recursive"),
            ({"infer": "no"}, "infer"),
            ({"include": []}, "include"),
            ({"include": [""]}, "include"),
            ({"timestamp": "then"}, "timestamp"),
            ({"expires_at": "then"}, "expires_at"),
            ({"progress": 5}, "progress"),
        ],
    )
    def test_arguments(self, memory, given, argument):
        with pytest.raises(InputError) as caught:
            memory.ingest(**{"source": DocumentInput(text="tea", uri="x"), "user_id": "u", **given})
        assert caught.value.argument == argument
        assert memory.documents(user_id="u") == []

    @pytest.mark.parametrize("metadata", [5, {"a": object()}, lambda _: 5])
    def test_metadata_is_json(self, memory, lib, metadata):
        with pytest.raises(MetadataError):
            memory.ingest(lib, user_id="u", metadata=metadata)

    def test_a_text_is_not_a_path(self, memory):
        with pytest.raises(InputError, match="DocumentInput"):
            memory.ingest("Tea grows in the hills.", user_id="u")


@pytest.mark.slow
def test_an_unchanged_thousand(tmp_path):
    """1,000 files that are unchanged take 2 s at most, here with a margin for a busy machine."""
    lib = tmp_path / "lib"
    for n in range(1_000):
        write(lib / f"{n % 10}" / f"{n}.txt", f"tea{n}")
    with opened(tmp_path / "m.db", config={"documents": {"chunk_chars": 200}}) as memory:
        assert len(memory.ingest(lib, user_id="u").added) == 1_000
        begun = time.process_time()
        assert memory.ingest(lib, user_id="u").unchanged == 1_000
        assert time.process_time() - begun < 1.0
