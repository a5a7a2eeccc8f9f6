"""The blocks of a document as they are read, within the limits."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib import import_module
from typing import Any, Final

from polymem.documents.limits import DEFAULT_LIMITS, ReadLimits
from polymem.domain.document import BLOCK_BREAK, Block, BlockKind, Parsed
from polymem.domain.slotted import dataclass
from polymem.errors import MissingExtraError, ReadError
from polymem.text.lazy import lazy
from polymem.text.normalise import clean

__all__ = ["CELL_BREAK", "Building", "Source", "one_line", "third_party", "tidy"]

CELL_BREAK: Final = " | "
_MAX_TITLE: Final = 300
_MAX_VALUE: Final = 1_000
_MAX_BLOCKS: Final = 500_000
"""Far more than a document of the most characters has whose paragraphs say anything; each costs this process and its parent memory."""
_CONTROLS: Final = lazy(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\u2060\ufeff\ufffe\uffff\U000e0000-\U000e007f]"
)
_SPACES: Final = lazy(r"[^\S\n]+")
_BREAKS: Final = lazy(r" ?\n(?:\s*\n)? ?")


@dataclass(frozen=True, slots=True)
class Source:
    """A file as its reader gets it.

    Attributes:
        content: Its bytes.
        name: Its name, for the reports of what is in it.
        limits: What it may ask for.
        depth: In how many files it lies: 1 for what is attached to a message.
    """

    content: bytes
    name: str = ""
    limits: ReadLimits = DEFAULT_LIMITS
    depth: int = 0


def third_party(package: str, module: str) -> Any:
    """Import a module of a package that belongs to the extra ``documents``.

    Raises:
        MissingExtraError: It is not installed.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise MissingExtraError("documents", package) from error


def tidy(text: str) -> str:
    r"""Return prose as it is kept: runs of blanks are one, line breaks stay, what cannot be seen is gone.

    Example:
        >>> tidy("  two \t words \r\n\n next\x00 ")
        'two words\nnext'
    """
    if text.isprintable() and "  " not in text:
        return clean(text).strip()
    text = clean(_CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))
    return _BREAKS.sub("\n", _SPACES.sub(" ", text)).strip()


def one_line(text: str) -> str:
    r"""Return *text* with every run of white space as one blank.

    Example:
        >>> one_line("Annual\n  report")
        'Annual report'
    """
    return " ".join((text if text.isprintable() else tidy(text)).split())


class Building:
    """Collects the blocks of one document.

    Args:
        limits: What it may ask for.
    """

    def __init__(self, limits: ReadLimits) -> None:
        self.blocks: list[Block] = []
        self.metadata: dict[str, Any] = {}
        self.notes: dict[str, None] = {}
        self.title = ""
        self._limits = limits
        self._n_chars = 0
        self._n_gathered = 0

    def spend(self, n_chars: int) -> None:
        """Count characters that are kept.

        Raises:
            ReadError: There are more than the limit.
        """
        self._n_chars += n_chars
        if self._n_chars > self._limits.max_chars:
            raise ReadError(
                "too_large", f"has more than {self._limits.max_chars} characters; raise max_chars to read it"
            )

    def check(self, n_chars: int) -> None:
        """Count characters that are gathered before they are kept; they may be counted again then.

        Raises:
            ReadError: There are more than the limit.
        """
        self._n_gathered += n_chars
        if self._n_gathered > self._limits.max_chars:
            self.spend(self._n_gathered)

    def add(self, kind: BlockKind, text: str, *, level: int = 0, page: int | None = None) -> None:
        """Append a block of words, if there are any."""
        text = one_line(text) if kind == "heading" else _code(text) if kind == "code" else tidy(text)
        if text:
            self.spend(len(text) + len(BLOCK_BREAK))
            self.append(Block(kind, text, level, page))

    def append(self, block: Block) -> None:
        """Append a block whose characters are counted.

        Raises:
            ReadError: There are too many.
        """
        if len(self.blocks) >= _MAX_BLOCKS:
            raise ReadError("too_large", f"has more than {_MAX_BLOCKS} headings, paragraphs and items")
        self.blocks.append(block)

    def table(self, rows: Sequence[Sequence[str]], *, n_header: int = 0, page: int | None = None) -> None:
        """Append a table, without its empty rows and the columns that are empty throughout."""
        filled = [row for row in ([one_line(cell) for cell in row] for row in rows) if any(row)]
        if not filled:
            return
        used = sorted({n for row in filled for n, cell in enumerate(row) if cell})
        # A few wide rows among many short ones make a rectangle that is far larger than the file.
        n_breaks = len(CELL_BREAK) * (len(used) - 1) * len(filled)
        if n_breaks > self._limits.max_chars:
            self.spend(n_breaks)
        kept = [[row[n] if n < len(row) else "" for n in used] for row in filled]
        n_header = min(n_header, len(kept) - 1)
        lines = [CELL_BREAK.join(row) for row in kept]
        self.spend(sum(map(len, lines)) + len(lines) + len(BLOCK_BREAK))
        cells = tuple(tuple(row) for row in kept)
        self.append(Block("table", "\n".join(lines), 0, page, cells, n_header))

    def found(self, key: str, value: object) -> None:
        """Keep a piece of metadata; the first word on a key stands."""
        if isinstance(value, str):
            value = one_line(value)[:_MAX_VALUE]
        if value and key not in self.metadata:
            self.metadata[key] = value

    def note(self, code: str) -> None:
        """Say that something was left out."""
        self.notes[code] = None

    def parsed(self, media_type: str, *, n_pages: int = 0) -> Parsed:
        """Return the document.

        Raises:
            ReadError: There are no words in it.
        """
        if not self.blocks:
            hint = "; a scan needs character recognition first" if n_pages else ""
            raise ReadError("no_text", f"has no text that can be read{hint}")
        headings = (block for block in self.blocks if block.kind == "heading")
        title = one_line(self.title) or next((block.text for block in headings), "")
        blocks, notes = tuple(self.blocks), tuple(self.notes)
        return Parsed(blocks, title[:_MAX_TITLE], self.metadata, media_type, n_pages, notes)


def _code(text: str) -> str:
    """Return code as it is kept: its blanks count, blank lines would look like the end of the block."""
    if text.isprintable() and "  " not in text:
        return clean(text).strip()
    text = clean(_CONTROLS.sub("", text.expandtabs(4)))
    return re.sub(r"\n(?:[^\S\n]*\n)+", "\n", "\n".join(line.rstrip() for line in text.splitlines())).strip(
        "\n"
    )
