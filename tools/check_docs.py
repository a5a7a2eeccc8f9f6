"""Check the documents: links, translations, examples, and that no text names a registry or a folder of one machine.

Every fenced `python` block of a file runs, in order and in one namespace, in an empty folder with `POLYMEM_HOME` set to it.
A block after a line `<!-- no-run -->` is only compiled.

Example:
    `python tools/check_docs.py` prints one line for each finding and exits with 1 if there is any.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE_TIMEOUT_S = 120
# Records of how the project came about; they are kept in one language.
UNTRANSLATED = ("docs/adr/", "docs/plan.md")
LINK = re.compile(r"!?\[[^\]\[]*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
CODE_SPAN = re.compile(r"`[^`\n]*`")
FENCE = re.compile(r"^(?P<indent> *)(?P<mark>`{3,}|~{3,}) *(?P<language>[\w+-]*)")
ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|#")
FOREIGN = {
    "names a package registry": re.compile(
        r"\b(?:pypi\.org|pythonhosted\.org|npmjs\.(?:org|com)|deb\.debian\.org|crates\.io)\b"
    ),
    "names a folder of one machine": re.compile(r"(?<![\w./-])/(?:work|root|opt/(?:wheels|pypi))/"),
}


@dataclass(frozen=True)
class Finding:
    """One mistake: the file below the root, the line counted from 1, and what is wrong."""

    path: str
    line: int
    text: str

    def __str__(self) -> str:
        """Give the form that editors turn into a link."""
        return f"{self.path}:{self.line}: {self.text}"


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, the line of its first line of code, the code, and whether it runs."""

    language: str
    line: int
    code: str
    runs: bool


def tracked_files(root: Path) -> list[str]:
    """List the files that git knows, relative to the root."""
    command = ["git", "-C", str(root), "ls-files", "-z"]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [name for name in listed.split("\0") if name and (root / name).is_file()]


def blocks(text: str) -> Iterator[Block]:
    """Find the fenced blocks of a Markdown text."""
    start, language, indent, close = 0, "", 0, ""
    last_words, runs = "", True
    lines = text.splitlines()
    for number, line in enumerate(lines, start=1):
        if close:
            if line.strip().startswith(close) and not line.strip().strip(close[0]):
                code = "\n".join(each[indent:] for each in lines[start : number - 1]) + "\n"
                yield Block(language, start + 1, code, runs)
                close, last_words = "", ""
        elif fence := FENCE.match(line):
            start, language = number, fence["language"]
            indent, close = len(fence["indent"]), fence["mark"]
            runs = last_words != "<!-- no-run -->"
        elif line.strip():
            last_words = line.strip()


def prose(text: str) -> str:
    """Blank out code, so that what is left keeps its line numbers."""
    lines = text.splitlines()
    for block in blocks(text):
        for number in range(block.line - 1, block.line - 1 + block.code.count("\n")):
            lines[number] = ""
    return "\n".join(CODE_SPAN.sub("", line) for line in lines)


def check_links(root: Path, names: Sequence[str]) -> Iterator[Finding]:
    """Find relative links that lead to no file."""
    for name in names:
        for number, line in enumerate(prose(_read(root, name)).splitlines(), start=1):
            for target in LINK.findall(line):
                if not ELSEWHERE.match(target) and not _exists(root, name, target.partition("#")[0]):
                    yield Finding(name, number, f"the link to {target!r} leads nowhere")


def check_translations(names: Sequence[str]) -> Iterator[Finding]:
    """Find pages of `docs/` without their Chinese counterpart, and the other way round."""
    pages = [name for name in names if name.startswith("docs/") and not name.startswith(UNTRANSLATED)]
    for page in pages:
        chinese = page.startswith("docs/zh/")
        counterpart = (
            page.replace("docs/zh/", "docs/", 1) if chinese else page.replace("docs/", "docs/zh/", 1)
        )
        if counterpart not in names:
            yield Finding(page, 1, f"has no counterpart {counterpart!r}")


def check_examples(root: Path, names: Sequence[str]) -> Iterator[Finding]:
    """Compile and run the Python blocks of each file."""
    for name in names:
        found = [block for block in blocks(_read(root, name)) if block.language in {"python", "py"}]
        runnable: list[Block] = []
        for block in found:
            try:
                compile(block.code, name, "exec")
            except SyntaxError as error:
                line = block.line + (error.lineno or 1) - 1
                yield Finding(name, line, f"the example is not Python: {error.msg}")
            else:
                runnable += [block] if block.runs else []
        if runnable:
            yield from _run(name, runnable)


def check_foreign(root: Path, names: Sequence[str]) -> Iterator[Finding]:
    """Find text that ties the repository to one registry or one machine."""
    for name in names:
        try:
            text = _read(root, name)
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), start=1):
            for what, pattern in FOREIGN.items():
                if found := pattern.search(line):
                    yield Finding(name, number, f"{what}: {found[0]!r}")


def check(root: Path, names: Sequence[str]) -> list[Finding]:
    """Apply all checks to the named files of a folder."""
    pages = [name for name in names if name.endswith(".md")]
    findings = [*check_links(root, pages), *check_translations(pages), *check_foreign(root, names)]
    return findings + list(check_examples(root, pages))


def _read(root: Path, name: str) -> str:
    return (root / name).read_text(encoding="utf-8")


def _exists(root: Path, page: str, target: str) -> bool:
    base = root if target.startswith("/") else (root / page).parent
    return (base / target.lstrip("/")).exists()


def _run(name: str, found: Sequence[Block]) -> Iterator[Finding]:
    # Blank lines stand for the prose between the blocks, so a traceback shows the line of the page.
    script = ""
    for block in found:
        script += "\n" * (block.line - 1 - script.count("\n")) + block.code
    with tempfile.TemporaryDirectory(prefix="polymem-docs-") as folder:
        page = Path(folder, "example.py")
        page.write_text(script, encoding="utf-8")
        environment = {**os.environ, "POLYMEM_HOME": folder, "PYTHONWARNINGS": "error", "PYTHONUTF8": "1"}
        command = [sys.executable, page.name]
        try:
            done = subprocess.run(
                command,
                check=False,
                cwd=folder,
                env=environment,
                capture_output=True,
                text=True,
                timeout=EXAMPLE_TIMEOUT_S,
            )
        except subprocess.TimeoutExpired:
            yield Finding(name, found[0].line, f"the examples ran longer than {EXAMPLE_TIMEOUT_S} s")
            return
    if done.returncode:
        raised = re.findall(r'File ".*example\.py", line (\d+)', done.stderr)
        line = int(raised[-1]) if raised else found[0].line
        yield Finding(name, line, f"the example failed:\n{done.stderr.strip()}")


def main() -> int:
    """Check this repository.

    Returns:
        The exit status: 1 if anything was found.
    """
    names = tracked_files(ROOT)
    findings = check(ROOT, names)
    for finding in findings:
        print(finding)
    pages = [name for name in names if name.endswith(".md")]
    n_examples = sum(
        block.language in {"python", "py"} for name in pages for block in blocks(_read(ROOT, name))
    )
    print(f"docs: {len(pages)} pages, {n_examples} examples, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
