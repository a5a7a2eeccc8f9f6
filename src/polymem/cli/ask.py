"""``ask``: an answer with its citations, and the source of the first one opened."""

from __future__ import annotations

import webbrowser
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Final
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

import typer
from rich.table import Table
from rich.text import Text

from polymem import Memory
from polymem.cli.call import Call, given
from polymem.cli.options import When, Who, filter_of, group
from polymem.cli.screen import Screen, one_line, table
from polymem.cli.show_hits import certainty
from polymem.domain.document import Answer, Citation, Place
from polymem.errors import InputError

NOTHING_READ: Final = "nothing was found to read: `polymem stats` tells what is stored for whom, `polymem ingest` takes documents in"
NOT_SURE: Final = "`polymem search` shows what was read; --min-confidence 0 answers from it all the same"
MODEL_FOUND_NONE: Final = "`polymem search` shows what the model was given; --no-model quotes the best of it"
NO_ANSWER: Final = Answer("", found=False, confidence=0.0)
SHOWN: Final = frozenset(
    [
        ".csv",
        ".docx",
        ".eml",
        ".htm",
        ".html",
        ".log",
        ".markdown",
        ".md",
        ".pdf",
        ".rst",
        ".text",
        ".tsv",
        ".txt",
        ".xlsx",
    ]
)
"""Files that are opened: what is stored may name others, which would be run."""
OPENED: Final = ("file", "http", "https")
"""Kinds of addresses that are opened: what is stored may name others, which run something."""


@group
@dataclass(frozen=True, slots=True)
class Read:
    """What is read for the answer."""

    mode: Annotated[
        str, typer.Option("--mode", help="hybrid, concat, or one arm: vector, keyword, graph, time.")
    ] = "hybrid"
    limit: Annotated[int | None, typer.Option("--limit", "-n", help="Most hits that are read.")] = None
    filter: Annotated[
        str | None, typer.Option("--filter", metavar="JSON", help="A condition, see docs/filters.md.")
    ] = None
    kind: Annotated[
        list[str] | None, typer.Option("--kind", metavar="KIND", help="Only this kind; may be repeated.")
    ] = None

    @property
    def options(self) -> dict[str, Any]:
        """The options as the verb names them."""
        filters = filter_of(self.filter)
        return {"mode": self.mode, **given(limit=self.limit, filters=filters, kinds=self.kind or None)}


@group
@dataclass(frozen=True, slots=True)
class Say:
    """How the answer is made."""

    sentences: Annotated[
        int | None, typer.Option("--sentences", help="Most sentences of an answer without a model.")
    ] = None
    model: Annotated[
        bool | None, typer.Option("--model/--no-model", help="With or without the language model.")
    ] = None
    sure: Annotated[
        float | None,
        typer.Option("--min-confidence", metavar="0..1", help="Below this the answer is that there is none."),
    ] = None

    @property
    def options(self) -> dict[str, Any]:
        """The options as the verb names them."""
        return given(sentences=self.sentences, use_model=self.model, min_confidence=self.sure)


def ask(
    call: Call,
    *,
    who: Who,
    read: Read,
    when: When,
    question: Annotated[str, typer.Argument(help="The question, in any language.")],
    say: Say,
    open_: Annotated[bool, typer.Option("--open", help="Open the source of the first citation.")] = False,
) -> None:
    """Answer a question, with numbered citations that say where it stands."""
    options: dict[str, Any] = {**who.ids, **read.options, **when.times, **say.options}
    with call.memory() as memory:
        answer = _told(call, memory, question, options)
    if not call.answer(answer):
        show_answer(call.screen, answer)
    if open_:
        open_source(answer.citations)


def _told(call: Call, memory: Memory, question: str, options: dict[str, Any]) -> Answer:
    """Return the answer; where somebody is looking its words are shown as they come."""
    screen, answer = call.screen, NO_ANSWER
    if call.common.json or not screen.out.is_terminal:
        return memory.ask(question, **options)
    for piece in memory.ask_stream(question, **options):
        if isinstance(piece, Answer):
            answer = piece
        else:
            screen.piece(piece)
    return answer


def show_answer(screen: Screen, answer: Answer) -> None:
    """Show an answer with its citations, how sure it is, and what to do where it is not."""
    if screen.out.is_terminal:
        screen.show("")
    else:
        screen.show(answer.text)
    if answer.citations:
        screen.show("", citation_table(answer.citations))
    if not all(citation.supported for citation in answer.citations):
        screen.note("[n?]: what is cited does not bear the sentence out; look for yourself.")
    n_claims, n_cited = (int(answer.signals.get(name, 0)) for name in ("claims", "cited"))
    if n_cited < n_claims:
        screen.note(f"{n_claims - n_cited} of {n_claims} sentences cite nothing; nothing speaks for them.")
    screen.note(certainty(answer.confidence) if answer.item_ids else NOTHING_READ)
    if not answer.found and answer.item_ids:
        screen.note(MODEL_FOUND_NONE if answer.model else NOT_SURE)


def citation_table(citations: Sequence[Citation]) -> Table:
    """Return citations: number, where, and the words."""
    shown = table("", "source", "words")
    for citation in citations:
        mark = f"[{citation.n}]" if citation.supported else f"[{citation.n}?]"
        shown.add_row(
            Text(mark, style="cyan" if citation.supported else "red"),
            Text(one_line(where(citation))),
            Text(one_line(citation.quote)),
        )
    return shown


def where(citation: Citation) -> str:
    """Return where a citation points to: document, page and characters; or who said it and when; or the item."""
    place = citation.place
    if place is not None:
        parts = [place.title or place.uri, _page(place), f"{place.start}–{place.stop}"]
    else:
        # Who added a document that way said when, too; a title says more.
        said = citation.at.date().isoformat() if citation.at and not citation.title else ""
        parts = [citation.title or citation.speaker, said]
    return ", ".join(part for part in parts if part) or citation.item_id


def _page(place: Place) -> str:
    if place.page is None:
        return ""
    several = place.last_page not in {None, place.page}
    return f"pp. {place.page}–{place.last_page}" if several else f"p. {place.page}"


def open_source(citations: Sequence[Citation]) -> None:
    """Open the source of the first citation that is of a document, a PDF at its page.

    Raises:
        InputError: None is, its address is of a kind that is not opened, its file is gone, or nothing can show it.
    """
    place = next((citation.place for citation in citations if citation.place is not None), None)
    if place is None:
        raise InputError("no citation is of a document; there is nothing to open", argument="--open")
    address = urlsplit(place.uri)
    path = unquote(address.path)
    if address.scheme not in OPENED or (address.scheme == "file" and not _is_shown(address.netloc, path)):
        raise InputError("the document is no file and no web page; it cannot be opened", argument="--open")
    if address.scheme == "file" and not Path(url2pathname(address.path)).is_file():
        raise InputError("the file of the document is not there any more", argument="--open")
    page = f"#page={place.page}" if place.page is not None and path.lower().endswith(".pdf") else ""
    if webbrowser.open(place.uri + page) is False:
        raise InputError("nothing on this computer could open the document", argument="--open")


def _is_shown(host: str, path: str) -> bool:
    """Tell whether a file is here and of a format that is ingested: to open any other may run it."""
    # Two slashes are a machine's name to Windows.
    here = host in {"", "localhost"} and not path.replace("\\", "/").startswith("//")
    return here and PurePosixPath(path).suffix.lower() in SHOWN
