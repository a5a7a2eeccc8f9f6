"""What a caller names is found, in order; nothing outside of a folder is reached."""

import os
from pathlib import Path

import pytest

from polymem import DocumentInput
from polymem.documents.folders import Absent, absent_from, path_of, refuse_emptied
from polymem.documents.patterns import Pattern, is_pattern, split_pattern
from polymem.documents.sources import Limits, Sources, find_sources, uri_of
from polymem.errors import InputError


@pytest.fixture
def lib(tmp_path):
    folder = tmp_path / "lib"
    for name in (
        "b.md",
        "a.md",
        "笔记/茶.md",
        "笔记/old/x.txt",
        ".hidden.md",
        ".git/config.md",
        "~$a.md",
        "c.bin",
    ):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("text", encoding="utf-8")
    return folder


def names(found, root):
    return [str(origin.path.relative_to(root)) for origin in found.origins]


def known(name):
    return not name.endswith(".bin")


class TestFolders:
    def test_all_files_in_order_but_hidden_ones(self, lib):
        found = find_sources(lib, known=known)
        assert names(found, lib) == ["a.md", "b.md", "笔记/old/x.txt", "笔记/茶.md"]
        assert found.folders == (lib.as_uri(),)
        assert {origin.folder for origin in found.origins} == {lib.as_uri()}
        assert [(skipped.uri, skipped.problem) for skipped in found.skipped] == [
            ((lib / "c.bin").as_uri(), "unsupported")
        ]
        origin = found.origins[0]
        assert (origin.name, origin.size, origin.content) == ("a.md", 4, None)
        assert origin.modified_at is not None
        assert abs(origin.modified_at.timestamp() - (lib / "a.md").stat().st_mtime) < 1e-5

    def test_not_recursive(self, lib):
        assert names(find_sources(lib, recursive=False, known=known), lib) == ["a.md", "b.md"]

    @pytest.mark.parametrize(
        ("include", "expected"),
        [
            ("*.txt", ["笔记/old/x.txt"]),
            (["茶.*", "a.*"], ["a.md", "笔记/茶.md"]),
            ("笔记/*", ["笔记/茶.md"]),
            ("笔记/**/*", ["笔记/old/x.txt", "笔记/茶.md"]),
            ("**/old/*.txt", ["笔记/old/x.txt"]),
            ("*.pdf", []),
        ],
    )
    def test_include(self, lib, include, expected):
        assert names(find_sources(lib, include=include), lib) == expected

    def test_links_are_not_followed(self, lib, tmp_path):
        outside = tmp_path / "outside"
        outside.mkdir()
        (outside / "secret.md").write_text("secret")
        (lib / "link.md").symlink_to(outside / "secret.md")
        (lib / "linked").symlink_to(outside)
        (lib / "loop").symlink_to(lib)
        found = find_sources(lib, known=known)
        assert names(found, lib) == ["a.md", "b.md", "笔记/old/x.txt", "笔记/茶.md"]
        links = {skipped.uri.rpartition("/")[2] for skipped in found.skipped if skipped.problem == "link"}
        assert links == {"link.md", "linked", "loop"}

    def test_a_link_that_is_named_itself_is_meant(self, lib, tmp_path):
        (tmp_path / "link.md").symlink_to(lib / "a.md")
        (origin,) = find_sources(tmp_path / "link.md").origins
        assert origin.uri == (lib / "a.md").as_uri()
        (tmp_path / "folder").symlink_to(lib)
        assert find_sources(tmp_path / "folder").folders == (lib.as_uri(),)

    def test_depth(self, lib):
        found = find_sources(lib, known=known, limits=Limits(depth=2))
        assert names(found, lib) == ["a.md", "b.md", "笔记/茶.md"]
        assert [(s.uri, s.problem) for s in found.skipped if s.problem == "too_deep"] == [
            ((lib / "笔记" / "old").as_uri(), "too_deep")
        ]

    def test_too_many(self, lib):
        assert len(find_sources(lib, known=known, limits=Limits(files=4)).origins) == 4
        with pytest.raises(InputError, match="max_files"):
            find_sources(lib, known=known, limits=Limits(files=3))

    def test_a_folder_that_cannot_be_read_is_reported(self, lib, monkeypatch):
        scan = os.scandir

        # Permissions keep nothing from root, which is who runs the tests in many a container.
        def refuse(folder):
            if Path(folder).name == "笔记":
                raise PermissionError(13, "Permission denied")
            return scan(folder)

        monkeypatch.setattr("os.scandir", refuse)
        found = find_sources(lib, known=known)
        assert [(s.uri, s.problem) for s in found.skipped if s.problem == "unreadable"] == [
            ((lib / "笔记").as_uri(), "unreadable")
        ]
        assert names(found, lib) == ["a.md", "b.md"]

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes in folders")
    def test_what_is_no_file_is_passed_over(self, lib):
        os.mkfifo(lib / "pipe.md")
        assert "pipe.md" not in names(find_sources(lib, known=known), lib)
        with pytest.raises(InputError):
            find_sources(lib / "pipe.md")


class TestPatterns:
    def test_a_pattern_is_no_folder(self, lib):
        found = find_sources(f"{lib}/**/*.md")
        assert names(found, lib) == ["a.md", "b.md", "笔记/茶.md"]
        assert found.folders == ()
        assert {origin.folder for origin in found.origins} == {""}
        assert names(find_sources(f"{lib}/*.md"), lib) == ["a.md", "b.md"]
        assert names(find_sources(str(lib / "笔记" / "[茶水].md")), lib) == ["笔记/茶.md"]

    def test_relative_to_where_one_is(self, lib, monkeypatch):
        monkeypatch.chdir(lib)
        assert names(find_sources("笔记/*.md"), lib) == ["笔记/茶.md"]
        assert names(find_sources("*.md"), lib) == ["a.md", "b.md"]

    def test_a_file_of_such_a_name_goes_first(self, lib):
        (lib / "a[1].md").write_text("x")
        assert names(find_sources(lib / "a[1].md"), lib) == ["a[1].md"]

    @pytest.mark.parametrize(
        ("pattern", "path", "fits"),
        [
            ("*.md", "a/b/c.md", True),
            ("*.md", "a/b/c.txt", False),
            ("a/*.md", "a/c.md", True),
            ("a/*.md", "a/b/c.md", False),
            ("**/*.md", "c.md", True),
            ("a/**/b/**/c", "a/x/b/y/b/z/c", True),
            ("a/**/b/**/c", "a/x/y/c", False),
            ("**/**/**", "a/b/c", True),
            ("笔?/[茶水].md", "笔记/茶.md", True),
            ("A/*.md", "a/c.md", False),
        ],
    )
    def test_fits(self, pattern, path, fits):
        assert Pattern.of(pattern).fits(path.split("/")) is fits

    def test_many_stars_take_no_time(self):
        assert not Pattern(("**", "a*") * 40 + ("z",)).fits(["ab"] * 200)

    def test_split(self):
        assert is_pattern("a?")
        assert not is_pattern("a/茶")
        assert split_pattern("/*.md") == ("/", Pattern(("*.md",)))
        assert split_pattern("*.md") == (".", Pattern(("*.md",)))
        assert split_pattern("a/b*/c") == ("a", Pattern(("b*", "c")))


class TestMemory:
    def test_text_and_data(self):
        text, data = find_sources(
            [DocumentInput(text="茶\ud800", uri="x"), DocumentInput(data=b"\x00", name="r.pdf", uri="a/r")]
        ).origins[::-1]
        assert (text.uri, text.name, text.content, text.path) == ("x", "", "茶\ufffd".encode(), None)
        assert (data.uri, data.name, data.content, data.size) == ("a/r", "r.pdf", b"\x00", 1)

    def test_the_name_is_the_address_and_the_address_tells_the_name(self):
        assert find_sources(DocumentInput(data=b"x", name="a.pdf")).origins[0].uri == "a.pdf"
        assert find_sources(DocumentInput(data=b"x", uri="https://x/b.pdf")).origins[0].name == "b.pdf"

    def test_once_is_enough(self, lib):
        found = find_sources([lib / "a.md", lib, str(lib / "a.md")], known=known)
        assert names(found, lib) == ["a.md", "b.md", "笔记/old/x.txt", "笔记/茶.md"]
        assert found.origins[0].folder == lib.as_uri()


class TestGone:
    def test_uri_and_path(self, tmp_path):
        for name in ("茶 1.md", "a%20b.md", "#?.md"):
            path = tmp_path / name
            assert path_of(uri_of(path)) == str(path)
        assert path_of("https://example.org/a") is None

    def test_none_of_none(self):
        assert absent_from(Sources(), []) == Absent()
        refuse_emptied(Sources(folders=("file:///lib",)), [])
