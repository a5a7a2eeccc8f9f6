"""What lies in folders beside documents, files that were emptied, and addresses that lead nowhere."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from polymem import DocumentInput
from polymem.documents import sources
from polymem.errors import InputError
from tests.documents.library import about, opened


@pytest.fixture
def memory(tmp_path):
    with opened(tmp_path / "m.db") as memory:
        yield memory


@pytest.fixture
def lib(tmp_path):
    lib = tmp_path / "lib"
    lib.mkdir()
    (lib / "tea.md").write_text("# Tea\n\nOolong is half fermented.\n", encoding="utf-8")
    (lib / "茶.md").write_text("# 茶\n\n龙井产于杭州。\n", encoding="utf-8")
    return lib


class TestEmptied:
    @pytest.mark.parametrize("content", ["", " \n\t\n", "\ufeff"])
    @pytest.mark.parametrize(("name", "word"), [("tea.md", "oolong"), ("茶.md", "龙井")])
    def test_what_stood_in_a_file_is_not_found_after_it_was_emptied(self, memory, lib, content, name, word):
        memory.ingest(lib, user_id="u")
        assert about(memory, word)
        (lib / name).write_text(content, encoding="utf-8")
        done = memory.ingest(lib, user_id="u")
        assert [Path(gone.uri).suffix for gone in done.removed] == [".md"]
        assert (done.n_chunks_erased, done.failed, done.skipped) == (1, (), ())
        assert about(memory, word) == []
        again = memory.ingest(lib, user_id="u")
        assert (again.unchanged, again.removed, [each.problem for each in again.skipped]) == (
            1,
            (),
            ["empty"],
        )

    def test_it_stays_if_that_is_wanted(self, memory, lib):
        memory.ingest(lib, user_id="u")
        (lib / "茶.md").write_text("")
        done = memory.ingest(lib, user_id="u", missing="keep")
        assert (done.removed, [each.problem for each in done.skipped]) == ((), ["empty"])
        assert len(about(memory, "龙井")) == 1

    def test_one_in_memory(self, memory):
        memory.ingest(DocumentInput(text="龙井产于杭州。", uri="茶"), user_id="u")
        done = memory.ingest(DocumentInput(text="", uri="茶"), user_id="u")
        assert [gone.uri for gone in done.removed] == ["茶"]
        assert about(memory, "龙井") == []

    def test_an_empty_file_that_is_named_is_a_failure(self, memory, lib):
        (lib / "空.txt").write_text("\n")
        done = memory.ingest(lib / "空.txt", user_id="u")
        assert [(each.problem, each.message) for each in done.failed] == [("empty", "is empty")]
        assert done.skipped == ()


class TestFolders:
    def test_a_folder_that_cannot_be_listed_is_a_failure(self, memory, lib, monkeypatch):
        (lib / "封").mkdir()
        (lib / "封" / "信.md").write_text("红茶全发酵。", encoding="utf-8")
        scandir = os.scandir

        def refused(path):
            if Path(path).name == "封":
                raise PermissionError(13, "Permission denied")
            return scandir(path)

        monkeypatch.setattr(sources.os, "scandir", refused)
        done = memory.ingest(lib, user_id="u")
        assert len(done.added) == 2
        assert [(each.problem, each.message) for each in done.failed] == [("unreadable", "Permission denied")]
        assert done.skipped == ()

    @pytest.mark.parametrize("source", ["nowhere/*.md", "没有/**/*.md"])
    def test_a_pattern_in_a_folder_that_is_not_there(self, memory, tmp_path, source):
        with pytest.raises(InputError, match="there is no folder") as caught:
            memory.ingest(str(tmp_path / source), user_id="u")
        assert caught.value.argument == "source"

    @pytest.mark.parametrize("source", ["https://example.org/tea.html", "https://example.org/?q=茶"])
    def test_an_address_is_not_fetched_and_that_is_said(self, memory, source):
        with pytest.raises(InputError, match="not fetched"):
            memory.ingest(source, user_id="u")
