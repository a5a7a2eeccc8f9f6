"""``ingest``, ``documents`` and ``remove-document``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Annotated, Any, Final

import typer
from rich.table import Table

from polymem.cli.call import Call, given
from polymem.cli.options import Who, group, metadata_of, time_of
from polymem.cli.remove import YES
from polymem.cli.screen import cells, minute, table
from polymem.cli.show_items import receipt_card
from polymem.domain.document import Document, Failure, Ingested, IngestProgress
from polymem.errors import InputError

EXIT_FAILED: Final = 1
"""Some of the files could not be read; the others are stored."""
_MOST_SHOWN: Final = 50
_MOST_SUFFIXES: Final = 6


@group
@dataclass(frozen=True, slots=True)
class About:
    """What goes with every document of the call."""

    metadata: Annotated[
        str | None, typer.Option("--metadata", metavar="JSON", help="An object to keep with each passage.")
    ] = None
    title: Annotated[str | None, typer.Option("--title", help="The title, of a single document.")] = None
    timestamp: Annotated[
        str | None,
        typer.Option("--timestamp", metavar="TIME", help="From when it holds; by default its own date."),
    ] = None
    expires_at: Annotated[
        str | None, typer.Option("--expires-at", metavar="TIME", help="From when it is hidden.")
    ] = None
    infer: Annotated[
        bool | None,
        typer.Option("--infer/--no-infer", help="Derive facts; by default where a model is configured."),
    ] = None

    @property
    def options(self) -> dict[str, Any]:
        """The options as the verb names them."""
        return given(
            metadata=metadata_of(self.metadata),
            title=self.title,
            timestamp=time_of(self.timestamp),
            expires_at=time_of(self.expires_at),
            infer=self.infer,
        )


def ingest(
    call: Call,
    *,
    who: Who,
    about: About,
    paths: Annotated[
        list[str], typer.Argument(metavar="PATH...", help="Files, folders, or patterns in quotes.")
    ],
    include: Annotated[
        list[str] | None,
        typer.Option("--include", metavar="PATTERN", help="Only such files of a folder; may be repeated."),
    ] = None,
    recursive: Annotated[
        bool, typer.Option("--recursive/--no-recursive", help="Folders within a folder, too.")
    ] = True,
    missing: Annotated[
        str | None,
        typer.Option(
            "--missing",
            metavar="erase|keep",
            help="What becomes of documents whose file is gone from its folder.",
        ),
    ] = None,
    restore: Annotated[
        bool, typer.Option("--restore", help="Take in again what was forgotten or deleted of them.")
    ] = False,
) -> None:
    """Take documents in, or what has changed of them; exit code 1 if some could not be read."""
    options = given(include=include, missing=missing) | about.options
    with call.memory(create=True) as memory, call.screen.progress("reading") as step:

        def told(progress: IngestProgress) -> None:
            step(progress.n_done, total=progress.n_total)

        done = memory.ingest(
            list[str | Path](paths),
            **who.ids,
            **options,
            recursive=recursive,
            restore=restore,
            progress=told,
        )
    if not call.answer(done):
        call.screen.show(_summary(done))
        if done.failed:
            call.screen.show("", _failure_table(done.failed))
    if done.failed:
        raise typer.Exit(EXIT_FAILED)


def _summary(done: Ingested) -> str:
    counts = (
        ("added", len(done.added)),
        ("changed", len(done.changed)),
        ("unchanged", done.unchanged),
        ("moved", len(done.moved)),
        ("removed", len(done.removed)),
        ("failed", len(done.failed)),
        ("skipped", len(done.skipped)),
    )
    documents = ", ".join(f"{n:,} {name}" for name, n in counts if n) or "none"
    passages = [f"{done.n_chunks_added:,} stored"]
    passages += [
        f"{n:,} {name}" for name, n in (("kept", done.n_chunks_kept), ("erased", done.n_chunks_erased)) if n
    ]
    lines = [f"Documents: {documents}.", f"Passages: {', '.join(passages)}."]
    if documents == "none" and not done.n_chunks_withheld:
        lines.append("Nothing that is read lies there, or fits the pattern.")
    if done.stale:
        n = len(done.stale)
        keeps = "1 document keeps" if n == 1 else f"{n:,} documents keep"
        lines.append(f"Out of date: {keeps} what was read before, since the file cannot be read now.")
    if done.n_chunks_withheld:
        lines.append(
            f"Left out because forgotten or deleted: {_counted(done.n_chunks_withheld, 'passage')}; --restore takes them in again."
        )
    if done.skipped:
        lines.append(_passed_over(done.skipped))
    if done.n_redacted:
        lines.append(f"Secrets taken out: {done.n_redacted:,}.")
    if done.n_unembedded:
        lines.append(f"Without a vector until the embedder is back: {done.n_unembedded:,}.")
    if done.pending:
        left = _counted(len(done.pending), "batch", "batches")
        lines.append(f"Left for the model: {left}; `polymem work` derives from them.")
    return "\n".join(lines)


def _counted(n: int, name: str, names: str = "") -> str:
    return f"{n:,} {name if n == 1 else names or f'{name}s'}"


def _passed_over(skipped: Sequence[Failure]) -> str:
    """Return one line on what was passed over in folders: it is there at every call."""
    counts = Counter(each.problem for each in skipped)
    suffixes = sorted(
        {PurePath(each.uri).suffix or "none" for each in skipped if each.problem == "unsupported"}
    )
    named = ", ".join(suffixes[:_MOST_SUFFIXES]) + (" …" if len(suffixes) > _MOST_SUFFIXES else "")
    parts = (_said(problem, n, named) for problem, n in counts.most_common())
    return f"Skipped: {'; '.join(parts)}. --json lists them."


def _said(problem: str, n: int, suffixes: str) -> str:
    """Return how many were passed over for one reason."""
    match problem:
        case "unsupported":
            return f"{n:,} of formats that are not read ({suffixes})"
        case "link":
            return f"{_counted(n, 'link')}, not followed"
        case "empty":
            return _counted(n, "empty file")
        case "too_deep":
            return f"{_counted(n, 'folder')} that {'lies' if n == 1 else 'lie'} too deep"
        case _:
            return f"{n:,} {problem.replace('_', ' ')}"


def _failure_table(failures: Sequence[Failure]) -> Table:
    shown = table("failed", "because", "what to do")
    for failure in failures[:_MOST_SHOWN]:
        shown.add_row(*cells(_place(failure.uri), failure.problem, failure.message))
    if len(failures) > _MOST_SHOWN:
        shown.add_row(*cells(f"and {len(failures) - _MOST_SHOWN:,} more; --json lists all", "", ""))
    return shown


def _place(uri: str) -> str:
    """Return the path of a file, relative where it lies below; other addresses as they are."""
    from polymem.documents.folders import path_of

    path = path_of(uri)
    if path is None:
        return uri
    here = Path.cwd()
    return str(Path(path).relative_to(here)) if Path(path).is_relative_to(here) else path


def documents(
    call: Call,
    *,
    who: Who,
    folder: Annotated[
        str | None, typer.Option("--folder", metavar="PATH", help="Only those that came with this folder.")
    ] = None,
) -> None:
    """List the documents of a scope."""
    with call.memory() as memory:
        found = memory.documents(**who.ids, folder=folder)
    if call.answer(found):
        return
    if found:
        call.screen.show(_document_table(found))
    else:
        call.screen.note("There are no documents.")


def _document_table(found: Sequence[Document]) -> Table:
    shown = table("title", "file", "pages", "passages", "taken in", "id", right=("pages", "passages"))
    for each in found:
        pages = each.n_pages or ""
        shown.add_row(
            *cells(each.title, _place(each.uri), pages, each.n_chunks, minute(each.ingested_at), each.id)
        )
    return shown


def remove_document(
    call: Call,
    *,
    who: Who,
    document_id: Annotated[str | None, typer.Argument(metavar="[ID]", help="Which document.")] = None,
    folder: Annotated[
        str | None,
        typer.Option(
            "--folder", metavar="PATH", help="All that lie in this folder, or fit a pattern in quotes."
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    yes: YES = False,
) -> None:
    """Erase a document, or all of a folder, with all of their passages; the receipt says what went."""
    if not who.ids:
        raise InputError("say whose document it is: --user ID, or --agent ID, or --run ID", argument="--user")
    if (document_id is None) == (folder is None):
        raise InputError("name either a document by its id, or --folder PATH", argument="--folder")
    wanted: dict[str, Any] = {"document_id": document_id, "folder": folder, **who.ids}
    with call.memory() as memory:
        receipt = memory.remove_document(**wanted, dry_run=True)
        if not dry_run:
            documents = _counted(max(receipt.counts.get("documents", 0), 1), "document")
            items = _counted(len(receipt.erased), "item")
            call.agreed(f"Erase {documents} with {items} for good?", yes=yes)
            receipt = memory.remove_document(**wanted)
    if not call.answer(receipt):
        call.screen.show(receipt_card(receipt))
