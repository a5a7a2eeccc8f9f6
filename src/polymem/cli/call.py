"""What every command needs: where the store is, how to answer, and whether it may go on."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from polymem import Memory
from polymem.cli.screen import Screen
from polymem.client.config import Config, load_config
from polymem.errors import InputError, StoreUnavailableError


@dataclass(frozen=True, slots=True)
class Common:
    """Options that every command has; they may stand before it as well."""

    store: Annotated[Path | None, typer.Option("--store", metavar="FILE", help="The store's file.")] = None
    config: Annotated[
        Path | None, typer.Option("--config", metavar="FILE", help="A TOML file of settings.")
    ] = None
    json: Annotated[bool, typer.Option("--json", help="Answer in JSON; errors too.")] = False
    debug: Annotated[bool, typer.Option("--debug", help="Show where an error comes from.")] = False

    def over(self, earlier: Common | None) -> Common:
        """Return these options, completed by those that stood before the command."""
        if earlier is None:
            return self
        return Common(
            self.store or earlier.store,
            self.config or earlier.config,
            self.json or earlier.json,
            self.debug or earlier.debug,
        )


class Call:
    """One run of one command.

    Args:
        common: The options that every command has.
    """

    def __init__(self, common: Common) -> None:
        self.common = common
        self.screen = Screen(json=common.json)

    @property
    def settings(self) -> Config:
        """The settings that apply to this call.

        Raises:
            ConfigError: A setting is unknown or cannot be used.
        """
        return load_config(self.common.config, path=self.common.store)

    @contextmanager
    def memory(self, *, create: bool = False) -> Generator[Memory]:
        """Open the store.

        Args:
            create: Whether a store that is not there yet is made; a command that only reads says instead that there
                is none, since a mistyped path would look like an empty memory.

        Raises:
            ConfigError: A setting is unknown or cannot be used.
            StoreError: The store is not there or cannot be used.
        """
        path = self.settings.path
        if not create and not path.exists():
            raise StoreUnavailableError(f"there is no store at {str(path)!r}", path=str(path))
        with Memory(self.common.store, config=self.common.config) as memory:
            yield memory

    def answer(self, value: object) -> bool:
        """Write *value* if the answer is to be JSON, and tell whether it was."""
        if self.common.json:
            self.screen.document(value)
        return self.common.json

    def agreed(self, question: str, *, yes: bool) -> None:
        """Go on only if ``--yes`` was given or the person at the terminal agrees.

        Raises:
            InputError: Nobody is there to be asked.
            Exit: The answer was no; nothing was done.
        """
        if yes:
            return
        if not sys.stdin.isatty():
            raise InputError("this cannot be undone; say --yes where nobody can be asked", argument="--yes")
        if not typer.confirm(question, err=True):
            self.screen.note("Nothing was done.")
            raise typer.Exit(1)


def given(**options: Any) -> dict[str, Any]:
    """Return the options that were given, so that the verbs' own defaults hold for the rest."""
    return {name: value for name, value in options.items() if value is not None}
