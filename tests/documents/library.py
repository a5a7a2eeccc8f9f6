"""A folder of small documents, English and Chinese, whose paragraphs are chunks of their own."""

from __future__ import annotations

from pathlib import Path

from polymem import Memory
from polymem.testing.fakes import WordEmbedder

CONFIG = {"documents": {"chunk_chars": 200, "workers": 1}}


def paragraph(subject: str) -> str:
    """Return a paragraph about *subject* that fills a chunk."""
    if subject.isascii():
        farmers = f" Farmers speak of {subject} in the long winter." * 3
        return f"{subject.capitalize()} is grown in the hills.{farmers}"
    return f"{subject}长在山里。" + f"冬天农民常常说起{subject}。" * 4


def write(path: Path, *subjects: str, title: str = "") -> Path:
    """Write a Markdown file with a paragraph about each of *subjects*."""
    path.parent.mkdir(parents=True, exist_ok=True)
    head = [f"# {title}"] if title else []
    path.write_text("\n\n".join([*head, *map(paragraph, subjects)]), encoding="utf-8")
    return path


def opened(path: Path, **options: object) -> Memory:
    """Return a memory with an encoder that costs nothing."""
    return Memory(path, **{"embedder": WordEmbedder(), "config": CONFIG, **options})  # type: ignore[arg-type]


def texts(memory: Memory, **filters: object) -> list[str]:
    """Return the words of all passages."""
    condition = {"role": "document", **filters}
    return sorted(item.text for item in memory.get_all(user_id="u", filters=condition, limit=1_000))


def about(memory: Memory, subject: str) -> list[str]:
    """Return the ids of the passages that speak of *subject*."""
    found = memory.get_all(user_id="u", filters={"role": "document"}, limit=1_000)
    return [item.id for item in found if subject in item.text.casefold()]
