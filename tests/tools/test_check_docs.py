"""Every check of the documents can fail."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tools.check_docs import blocks, check, tracked_files


def found(root: Path, files: dict[str, str]) -> list[tuple[str, int, str]]:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return [(finding.path, finding.line, finding.text) for finding in check(root, list(files))]


def test_sound_documents_pass(tmp_path: Path) -> None:
    files = {
        "README.md": "[docs](docs/a.md#part) [site](https://example.com) [here](#x) [root](/docs/a.md)\n",
        "docs/a.md": "![picture](<../plot.svg>)\n\n```text\n[not](a-link.md)\n```\n`[nor](this.md)`\n",
        "docs/zh/a.md": "[英文](../a.md)\n",
        "docs/adr/0001-one-file.md": "kept in one language\n",
        "docs/plan.md": "the same\n",
        "plot.svg": "<svg/>",
    }
    assert found(tmp_path, files) == []


@pytest.mark.parametrize("target", ["gone.md", "docs/gone.md#part", "/gone.md", "../README.md"])
def test_a_link_that_leads_nowhere(tmp_path: Path, target: str) -> None:
    assert found(tmp_path, {"README.md": f"one\n\n[text]({target})\n"}) == [
        ("README.md", 3, f"the link to {target!r} leads nowhere")
    ]


def test_a_link_after_a_code_block_keeps_its_line(tmp_path: Path) -> None:
    assert found(tmp_path, {"README.md": "```\ncode\n```\n[text](gone.md)\n"})[0][:2] == ("README.md", 4)


@pytest.mark.parametrize(("page", "missing"), [("docs/a.md", "docs/zh/a.md"), ("docs/zh/a.md", "docs/a.md")])
def test_a_page_without_its_counterpart(tmp_path: Path, page: str, missing: str) -> None:
    assert found(tmp_path, {page: "text\n"}) == [(page, 1, f"has no counterpart {missing!r}")]


def test_examples_of_a_page_share_a_namespace_and_a_home(tmp_path: Path) -> None:
    page = "```python\nimport os, pathlib\nx = 1\n```\ntext\n\n  ```py\n  assert x == 1\n  ```\n"
    page += "```python\nassert pathlib.Path(os.environ['POLYMEM_HOME']).samefile('.')\n```\n"
    assert found(tmp_path, {"README.md": page}) == []


def test_an_example_that_fails_names_its_line(tmp_path: Path) -> None:
    [(path, line, text)] = found(
        tmp_path, {"README.md": "text\n```python\nx = 1\n```\ntext\n```python\n\nassert x == 2\n```\n"}
    )
    assert (path, line) == ("README.md", 8)
    assert "AssertionError" in text


def test_an_example_that_warns_fails(tmp_path: Path) -> None:
    [(_, line, _)] = found(tmp_path, {"README.md": "```python\nimport warnings\nwarnings.warn('old')\n```\n"})
    assert line == 3


def test_an_example_that_does_not_run_must_still_be_python(tmp_path: Path) -> None:
    sound = "<!-- no-run -->\n\n```python\nraise SystemExit(1)\n```\n"
    assert found(tmp_path, {"README.md": sound}) == []
    [(_, line, text)] = found(tmp_path, {"README.md": "<!-- no-run -->\n```python\n\nx = = 1\n```\n"})
    assert line == 4
    assert "not Python" in text


def test_the_mark_holds_for_the_next_block_alone(tmp_path: Path) -> None:
    page = "<!-- no-run -->\n```python\nraise SystemExit(1)\n```\n```python\nraise SystemExit(1)\n```\n"
    assert len(found(tmp_path, {"README.md": page})) == 1


@pytest.mark.parametrize("part", ["work", "root", "opt/wheels"])
def test_a_folder_of_one_machine(tmp_path: Path, part: str) -> None:
    assert found(tmp_path, {"a.py": f"path = '/{part}/x'\nurl = 'https://example.com/{part}/x'\n"}) == [
        ("a.py", 1, f"names a folder of one machine: '/{part}/'")
    ]


@pytest.mark.parametrize("host", ["pypi", "files.pythonhosted", "registry.npmjs"])
def test_a_registry(tmp_path: Path, host: str) -> None:
    [(path, line, text)] = found(tmp_path, {"a.lock": f"--index-url https://{host}.org/simple\n"})
    assert (path, line) == ("a.lock", 1)
    assert "registry" in text


def test_files_that_are_not_text_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "weights.npz").write_bytes(b"\xff\xfe\x00")
    assert check(tmp_path, ["weights.npz"]) == []


def test_a_fence_inside_a_longer_fence_is_code() -> None:
    [block] = blocks("````markdown\n```python\nx\n```\n````\n")
    assert (block.language, block.line, block.code) == ("markdown", 2, "```python\nx\n```\n")


def test_only_tracked_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("a", encoding="utf-8")
    (tmp_path / "b.md").write_text("b", encoding="utf-8")
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    subprocess.run(["git", "-C", str(tmp_path), "add", "a.md"], check=True)
    assert tracked_files(tmp_path) == ["a.md"]
