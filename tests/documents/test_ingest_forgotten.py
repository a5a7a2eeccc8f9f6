"""What was forgotten of a document stays out when its file comes again, until it is asked for."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from polymem import DocumentInput, Memory
from polymem.errors import InputError
from polymem.testing.fakes import WordEmbedder
from tests.documents.library import about, opened, paragraph, texts, write


@pytest.fixture
def memory(tmp_path):
    with opened(tmp_path / "m.db") as memory:
        yield memory


@pytest.fixture
def lib(tmp_path):
    folder = tmp_path / "lib"
    write(folder / "tea.md", "oolong", "sencha", title="Teas")
    write(folder / "茶.md", "红茶", title="茶")
    return folder


@pytest.mark.parametrize(
    ("name", "subject", "other"), [("tea.md", "oolong", "sencha"), ("茶.md", "红茶", "红茶")]
)
class TestStaysOut:
    def test_though_the_file_is_unchanged(self, memory, lib, name, subject, other):
        """Also where it was the last passage, or all, of its document."""
        memory.ingest(lib, user_id="u")
        memory.forget(about(memory, subject), user_id="u")
        done = memory.ingest(lib, user_id="u")
        assert about(memory, subject) == []
        assert (done.added, done.changed, done.n_chunks_added) == ((), (), 0)
        if subject == other:
            # Nothing is kept of it that could say it is known: it is read, and all of it left out.
            assert done.n_chunks_withheld == 1
        assert len(about(memory, other)) == (subject != other)

    def test_though_something_else_changed_in_the_file(self, memory, lib, name, subject, other):
        memory.ingest(lib, user_id="u")
        memory.forget(about(memory, subject), user_id="u")
        write(lib / name, "matcha", subject, other)
        done = memory.ingest(lib, user_id="u")
        assert len(about(memory, "matcha")) == 1
        assert about(memory, subject) == []
        assert done.n_chunks_withheld >= 1

    @pytest.mark.parametrize("how", ["delete", "filters", "delete_all"])
    def test_however_it_was_removed(self, memory, lib, name, subject, other, how):
        memory.ingest(lib, user_id="u")
        (item_id,) = about(memory, subject)
        title = memory.get(item_id).metadata["title"]
        if how == "delete":
            memory.delete(item_id)
        elif how == "filters":
            memory.forget(user_id="u", filters={"title": title})
        else:
            memory.delete_all(user_id="u", filters={"title": title})
        write(lib / name, "matcha", subject)
        memory.ingest(lib, user_id="u")
        assert about(memory, subject) == []
        assert len(about(memory, "matcha")) == 1

    def test_under_another_name_and_with_other_metadata(self, memory, lib, name, subject, other):
        memory.ingest(lib, user_id="u")
        memory.forget(about(memory, subject), user_id="u")
        (lib / name).rename(lib / "copy.md")
        memory.ingest(lib, user_id="u", metadata={"year": 2024})
        assert about(memory, subject) == []

    def test_until_it_is_asked_for(self, memory, lib, name, subject, other):
        memory.ingest(lib, user_id="u")
        memory.forget(about(memory, subject), user_id="u")
        done = memory.ingest(lib / name, user_id="u", restore=True)
        assert (done.n_chunks_added, done.n_chunks_withheld) == (1, 0)
        assert len(about(memory, subject)) == 1
        # It is not withheld any longer.
        write(lib / name, "matcha", subject)
        assert memory.ingest(lib, user_id="u").n_chunks_withheld == 0
        assert len(about(memory, subject)) == 1


class TestAbout:
    def test_a_name_of_which_nothing_is_to_be_left(self, memory, tmp_path):
        """Not in the words, not in a title, not in the file's bytes, whatever is ingested after it."""
        letter = write(tmp_path / "lib" / "letter to Zanzibarra.md", "zanzibarra")
        write(tmp_path / "lib" / "茶.md", "绿茶")
        memory.ingest(tmp_path / "lib", user_id="u")
        receipt = memory.forget(about="zanzibarra", user_id="u")
        assert len(receipt.erased) == 1
        done = memory.ingest(tmp_path / "lib", user_id="u")
        assert (done.n_chunks_withheld, done.unchanged, done.failed) == (1, 1, ())
        assert [document.title for document in memory.documents(user_id="u")] == ["茶"]
        assert memory.verify() == []
        assert memory.verify_erasure(receipt) == []
        memory.close()
        assert letter.exists()
        for file in tmp_path.glob("m.db*"):
            assert b"anzibarra" not in file.read_bytes()

    def test_words_that_stand_elsewhere_in_the_document_stay(self, memory):
        """One of two passages with the same words was forgotten; other metadata make the other one new."""
        twice = [DocumentInput(text=paragraph("oolong"), uri=uri) for uri in ("a", "b")]
        memory.ingest(twice, user_id="u")
        memory.forget(about(memory, "oolong")[:1], user_id="u")
        (left,) = (document.uri for document in memory.documents(user_id="u"))
        same = next(each for each in twice if each.uri == left)
        done = memory.ingest(same, user_id="u", metadata={"year": 2024})
        assert (done.n_chunks_withheld, len(about(memory, "oolong"))) == (0, 1)

    def test_a_passage_that_says_something_else_is_another(self, memory):
        memory.ingest(DocumentInput(text="红茶是发酵的。", uri="x"), user_id="u")
        memory.forget(about(memory, "红茶"), user_id="u")
        memory.ingest(DocumentInput(text=" 红茶是发酵的。\n", uri="x"), user_id="u")
        assert texts(memory) == []
        memory.ingest(DocumentInput(text="红茶是全发酵的。", uri="x"), user_id="u")
        assert texts(memory) == ["红茶是全发酵的。"]


class TestParagraphs:
    def test_one_that_stands_in_another_passage_now_is_cut_out_of_it(self, tmp_path):
        """What is left of the passage stays, and keeps its place."""
        with opened(tmp_path / "m.db", config={"documents": {"workers": 1}}) as memory:
            one, two, three = (paragraph(subject) for subject in ("oolong", "绿茶", "sencha"))
            memory.ingest(DocumentInput(text=f"# Teas\n\n{one}\n\n{two}", uri="a", name="a.md"), user_id="u")
            memory.forget(about(memory, "绿茶"), user_id="u")
            source = DocumentInput(text=f"{three}\n\n{two}\n\nSee above.", uri="b")
            done = memory.ingest(source, user_id="u")
            assert (done.n_chunks_added, done.n_chunks_withheld) == (1, 1)
            assert texts(memory) == [f"{three}\n\nSee above."]
            (hit,) = memory.search("sencha", user_id="u")
            assert hit.place is not None
            assert (hit.place.start, hit.place.stop) == (0, len(source.text or ""))
            # Read again under other metadata it is cut out again, and under the same nothing is to be done.
            assert memory.ingest(source, user_id="u").unchanged == 1
            assert memory.ingest(source, user_id="u", restore=True).n_chunks_withheld == 0
            assert "绿茶" in texts(memory)[0]
            assert memory.verify() == []

    def test_what_was_deleted_stays_out_of_its_own_document_alone(self, memory):
        for uri in ("a", "b"):
            memory.ingest(DocumentInput(text=paragraph("oolong"), uri=uri), user_id="u")
        gone = about(memory, "oolong")[0]
        document = memory.get(gone).metadata["document"]
        uri = memory.document(document, user_id="u").uri
        memory.delete(gone)
        for name, n in ((uri, 0), ("another", 1)):
            source = DocumentInput(text=f"{paragraph('oolong')}\n\n{paragraph('绿茶')}", uri=name)
            before = len(about(memory, "oolong"))
            memory.ingest(source, user_id="u")
            assert len(about(memory, "oolong")) - before == n

    def test_a_heading_is_not_what_was_forgotten(self, memory):
        text = f"# Teas\n\n{paragraph('oolong')}"
        memory.ingest(DocumentInput(text=text, uri="a", name="a.md"), user_id="u")
        memory.forget(about(memory, "oolong"), user_id="u")
        memory.ingest(DocumentInput(text=f"# Teas\n\n{paragraph('绿茶')}", uri="b", name="b.md"), user_id="u")
        assert texts(memory) == [f"Teas\n\n{paragraph('绿茶')}"]


class TestWhatIsNotMeant:
    def test_removing_a_document_is_not_forgetting_its_words(self, memory, lib):
        for document in memory.ingest(lib, user_id="u").added:
            memory.remove_document(document.id, user_id="u")
        assert memory.ingest(lib, user_id="u").n_chunks_added == 3

    def test_nor_is_a_file_that_was_gone_for_a_while(self, memory, lib):
        memory.ingest(lib, user_id="u")
        words = (lib / "tea.md").read_bytes()
        (lib / "tea.md").unlink()
        memory.ingest(lib, user_id="u")
        (lib / "tea.md").write_bytes(words)
        assert memory.ingest(lib, user_id="u").n_chunks_added == 2

    @pytest.mark.parametrize("how", ["forget", "delete_all"])
    def test_who_forgets_everything_begins_anew(self, memory, lib, how, tmp_path):
        memory.ingest(lib, user_id="u")
        memory.forget(about(memory, "红茶"), user_id="u")
        if how == "forget":
            memory.forget(user_id="u", everything=True)
        else:
            memory.delete_all(user_id="u")
        with sqlite3.connect(tmp_path / "m.db") as connection:
            assert connection.execute("SELECT count(*) FROM withheld").fetchone() == (0,)
        assert memory.ingest(lib, user_id="u").n_chunks_added == 3

    def test_the_wall(self, memory, lib):
        """Another user, agent or session has not forgotten it."""
        for scope in ({"user_id": "u"}, {"user_id": "v"}, {"user_id": "u", "agent_id": "厨师"}):
            memory.ingest(lib, **scope)
        (item_id,) = (
            item.id for item in memory.get_all(user_id="u", filters={"title": "茶"}) if item.agent_id is None
        )
        memory.forget(item_id, user_id="u")
        for scope, n in (
            ({"user_id": "u"}, 1),
            ({"user_id": "v"}, 0),
            ({"user_id": "u", "agent_id": "厨师"}, 0),
        ):
            assert memory.ingest(lib, **scope, metadata={"n": 1}).n_chunks_withheld == n

    def test_a_dry_run(self, memory, lib):
        memory.ingest(lib, user_id="u")
        memory.forget(about(memory, "oolong"), user_id="u", dry_run=True)
        write(lib / "tea.md", "oolong", "matcha")
        assert memory.ingest(lib, user_id="u").n_chunks_withheld == 0

    @pytest.mark.parametrize("restore", ["yes", 1, None])
    def test_arguments(self, memory, restore):
        with pytest.raises(InputError) as caught:
            memory.ingest(DocumentInput(text="tea", uri="x"), user_id="u", restore=restore)
        assert caught.value.argument == "restore"


class TestElsewhere:
    def test_in_an_export_and_a_backup(self, memory, lib, tmp_path):
        memory.ingest(lib, user_id="u")
        memory.forget(about(memory, "红茶"), user_id="u")
        memory.export(tmp_path / "all.jsonl")
        memory.backup(tmp_path / "backup.db")
        assert "红茶" not in (tmp_path / "all.jsonl").read_text(encoding="utf-8")
        for name, filled in (("backup.db", False), ("twin.db", True)):
            with opened(tmp_path / name) as twin:
                if filled:
                    twin.import_(tmp_path / "all.jsonl")
                assert twin.ingest(lib, user_id="u").n_chunks_withheld == 1
                assert about(twin, "红茶") == []
                assert twin.verify() == []

    def test_what_a_session_forgot_is_not_told_of_another(self, memory, lib, tmp_path):
        memory.ingest(lib, user_id="u", run_id="周一")
        memory.delete_all(user_id="u", run_id="周一", filters={"title": "茶"})
        memory.export(tmp_path / "run.jsonl", user_id="u", run_id="周一")
        kinds = [json.loads(line)["type"] for line in (tmp_path / "run.jsonl").read_text().splitlines()]
        assert "withheld" not in kinds
        memory.export(tmp_path / "all.jsonl", user_id="u")
        records = [json.loads(line) for line in (tmp_path / "all.jsonl").read_text().splitlines()]
        assert [record for record in records if record["type"] == "withheld"] != []
        assert "周一" not in json.dumps([r for r in records if r["type"] == "withheld"], ensure_ascii=False)

    @pytest.mark.parametrize(
        "wrong", [{"salt": "00"}, {"words": "zz" * 16}, {"agent": 5}, {"more": 1}], ids=repr
    )
    def test_a_record_that_makes_no_sense(self, memory, lib, tmp_path, wrong):
        memory.ingest(lib, user_id="u")
        memory.forget(about(memory, "红茶"), user_id="u")
        memory.export(tmp_path / "all.jsonl")
        lines = (tmp_path / "all.jsonl").read_text().splitlines()
        records = [json.loads(line) for line in lines]
        records = [record | (wrong if record["type"] == "withheld" else {}) for record in records]
        (tmp_path / "bad.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
        with opened(tmp_path / "twin.db") as twin, pytest.raises(InputError):
            twin.import_(tmp_path / "bad.jsonl")

    def test_damage_is_found_and_mended(self, memory, lib, tmp_path):
        memory.ingest(lib, user_id="u")
        memory.forget(about(memory, "红茶"), user_id="u")
        memory.close()
        with sqlite3.connect(tmp_path / "m.db") as connection:
            connection.execute("UPDATE OR REPLACE withheld SET words = 'x'")
        with Memory(tmp_path / "m.db", embedder=WordEmbedder()) as again:
            assert [finding.face for finding in again.verify()] == ["withheld"]
            again.rebuild()
            assert again.verify() == []


def test_a_long_document_of_which_much_was_forgotten(tmp_path, monkeypatch):
    """Its commits end, though some of what is new is never stored."""
    from polymem.client import ingest_steps

    monkeypatch.setattr(ingest_steps, "MOST_CHUNKS", 2)
    subjects = [f"tea{n}" for n in range(7)]
    source = DocumentInput(text="\n\n".join(map(paragraph, subjects)), uri="long")
    with opened(Path(tmp_path) / "m.db") as memory:
        memory.ingest(source, user_id="u")
        memory.forget([about(memory, f"tea{n}")[0] for n in (0, 3, 6)], user_id="u")
        done = memory.ingest(source, user_id="u", metadata={"year": 2024})
        assert (done.n_chunks_added, done.n_chunks_withheld) == (4, 3)
        assert [len(about(memory, subject)) for subject in subjects] == [0, 1, 1, 0, 1, 1, 0]
        assert memory.verify() == []
