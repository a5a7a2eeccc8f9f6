"""Opens a file of evaluation data, whichever of the known formats it has; joins files of passages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from importlib import resources
from pathlib import Path

from polymem.errors import DatasetError
from polymem.evals.cases import Corpus, EvalSet, Question, Row, Session
from polymem.evals.files import begins_with, elements
from polymem.evals.node import Node
from polymem.evals.official import LOCOMO, form_of, locomo, longmemeval
from polymem.evals.own import PASSAGES, Content

__all__ = ["built_in", "open_set"]


def open_set(path: Path, *, over: Sequence[Path] = ()) -> EvalSet:
    """Open a file.

    Args:
        path: A file of one of our two formats, of LoCoMo or of LongMemEval; packed with gzip or not.
        over: Files of passages to search instead of those of *path*, all of them together. Evidence is carried over to the
            first of them: to the same id, or to the one whose number after ``-p`` is the same.

    Raises:
        DatasetError: It is of no known format, or something in it is not as the format says.
        OSError: It cannot be read.
    """
    first = begins_with(path)
    if first == "{":
        content = Content(path)
        if over:
            return _over(content, path, over)
        return EvalSet(content.name, content.form, content.corpora, content.size)
    if first != "[":
        raise DatasetError(f"{path.name} is neither a JSON object nor an array", path=str(path), where="")
    if over:
        raise _no_passages(path)
    for element in elements(path):
        form = form_of(Node(element, path, "[0]"))
        read: Callable[[Path], Iterator[Corpus]] = locomo if form == LOCOMO else longmemeval
        return EvalSet(path.name.partition(".")[0], form, partial(read, path))
    raise DatasetError(f"{path.name} is an empty array", path=str(path), where="")


def built_in() -> list[EvalSet]:
    """Return the sets that come with the package."""
    folder = resources.files("polymem.evals") / "sets"
    with resources.as_file(folder) as place:
        return [open_set(file) for file in sorted(place.glob("*.json"))]


def _over(content: Content, path: Path, over: Sequence[Path]) -> EvalSet:
    if content.form != PASSAGES:
        raise _no_passages(path)
    asked = content.passages()
    names: list[str] = []
    rows: dict[str, Row] = {}
    carriers: dict[str, str] = {}
    for n, other in enumerate(over):
        searched = Content(other)
        if searched.form != PASSAGES:
            raise _no_passages(other)
        names.append(searched.name)
        for row in searched.passages().rows:
            if row.id in rows:
                raise DatasetError(
                    f"{other.name} has a passage of an id that is there already", path=str(other), where=""
                )
            rows[row.id] = row
            if n == 0:
                carriers[row.id] = row.id
                carriers[_number(row.id) or row.id] = row.id
    questions = tuple(_carried(question, carriers, path) for question in asked.questions)
    name = f"{content.name} over {' + '.join(names)}"
    joined = Corpus(name, (Session(None, tuple(rows.values())),), questions, documents=True)
    return EvalSet(name, PASSAGES, lambda: iter([joined]), len(rows) + len(questions))


def _carried(question: Question, carriers: dict[str, str], path: Path) -> Question:
    found = {carriers.get(name) or carriers.get(_number(name)) for name in question.evidence}
    if None in found:
        raise DatasetError(
            f"{path.name}: evidence of a question is not among the passages to search",
            path=str(path),
            where=question.id,
        )
    return replace(question, evidence=frozenset(name for name in found if name))


def _number(name: str) -> str:
    """Return what joins passages that say the same in two languages, "" for none."""
    found = re.search(r"-p(\d+)$", name)
    return f"-p{found[1]}" if found else ""


def _no_passages(path: Path) -> DatasetError:
    return DatasetError(f"{path.name} is not of the format {PASSAGES}", path=str(path), where="format")
