"""``add`` and ``update``."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from polymem.cli.call import Call, given
from polymem.cli.derive import EXIT_MODEL
from polymem.cli.messages import messages_of
from polymem.cli.options import Who, group, metadata_of, time_of
from polymem.cli.show_items import item_card, new_items
from polymem.errors import InputError


@group
@dataclass(frozen=True, slots=True)
class Said:
    """What goes with every message of the call."""

    timestamp: Annotated[
        str | None, typer.Option("--timestamp", metavar="TIME", help="When it was said; now by default.")
    ] = None
    metadata: Annotated[
        str | None, typer.Option("--metadata", metavar="JSON", help="An object to keep with it.")
    ] = None
    expires_at: Annotated[
        str | None, typer.Option("--expires-at", metavar="TIME", help="From when it is hidden.")
    ] = None
    infer: Annotated[
        bool, typer.Option("--infer/--no-infer", help="Derive facts, or keep the words alone.")
    ] = True
    role: Annotated[str | None, typer.Option("--role", help="Who speaks a plain text: user, assistant …")] = (
        None
    )
    name: Annotated[str | None, typer.Option("--name", help="The name of who speaks a plain text.")] = None
    background: Annotated[
        bool | None,
        typer.Option("--background/--wait", help="Whether a model reads it after the answer, or before."),
    ] = None
    prompt: Annotated[
        str | None, typer.Option("--prompt", metavar="TEXT", help="Further words to the model that extracts.")
    ] = None
    key: Annotated[
        str | None,
        typer.Option(
            "--idempotency-key", metavar="KEY", help="The same call with the same key is done once."
        ),
    ] = None


def add(
    call: Call,
    *,
    who: Who,
    said: Said,
    text: Annotated[str | None, typer.Argument(help="What to remember; - reads standard input.")] = None,
    file: Annotated[
        Path | None,
        typer.Option(
            "--file", metavar="FILE", exists=True, dir_okay=False, help="Messages: JSON or JSON Lines."
        ),
    ] = None,
    form: Annotated[str, typer.Option("--form", help="What the input holds: auto, json, text.")] = "auto",
) -> None:
    """Remember a text, or messages from a file or standard input, and what they say."""
    if (text is None) == (file is None):
        raise InputError("give a text, - for standard input, or --file FILE", argument="text")
    if file is not None:
        content = messages_of(file.read_bytes(), form=form, where=str(file))
    elif text == "-":
        content = messages_of(sys.stdin.buffer.read(), form=form, where="standard input")
    else:
        content = text or ""
    messages = _spoken(content, said)
    options = given(
        timestamp=time_of(said.timestamp),
        metadata=metadata_of(said.metadata),
        expires_at=time_of(said.expires_at),
        idempotency_key=said.key,
        background=said.background,
        prompt=said.prompt,
    )
    with call.memory(create=True) as memory, call.screen.progress("remembering"):
        added = memory.add(messages, **who.ids, **options, infer=said.infer)
    if not call.answer(added):
        call.screen.show(*new_items(added))
    if added.problem and not added.replayed:
        raise typer.Exit(EXIT_MODEL)


def _spoken(content: Any, said: Said) -> Any:
    """Return a plain text as the message of its speaker; messages name their own."""
    speaker = given(role=said.role, name=said.name)
    if not speaker:
        return content
    if not isinstance(content, str):
        raise InputError(
            "--role and --name are for a plain text; messages carry their own", argument="--role"
        )
    return {"role": "user", "content": content} | speaker


def update(
    call: Call,
    *,
    who: Who,
    item_id: Annotated[str, typer.Argument(metavar="ID", help="Which item.")],
    text: Annotated[str | None, typer.Argument(help="Its new words.")] = None,
    metadata: Annotated[
        str | None, typer.Option("--metadata", metavar="JSON", help="An object in place of its metadata.")
    ] = None,
    importance: Annotated[float | None, typer.Option("--importance", help="0 to 1.")] = None,
    expires_at: Annotated[
        str | None,
        typer.Option("--expires-at", metavar="TIME", help="From when it is hidden; never for not at all."),
    ] = None,
    infer: Annotated[
        bool, typer.Option("--infer/--no-infer", help="Derive facts from the new words.")
    ] = True,
) -> None:
    """Store a new version of an item; the old one stays in its history."""
    options = given(text=text, metadata=metadata_of(metadata), importance=importance)
    if expires_at is not None:
        options["expires_at"] = None if expires_at == "never" else time_of(expires_at)
    with call.memory() as memory:
        item = who.bound(memory).update(item_id, **options, infer=infer)
    if not call.answer(item):
        call.screen.show(item_card(item))
