"""Runs a command and turns what went wrong into one line with advice, and an exit code."""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Sequence
from typing import Final, TypeVar

import typer

from polymem.cli.app import app
from polymem.cli.screen import safe, safe_json
from polymem.errors import (
    ConfigError,
    EncoderMismatchError,
    ModelError,
    NotFoundError,
    PolymemError,
    SchemaVersionError,
    ScopeError,
    StoreCorruptError,
    StoreError,
    StoreFullError,
    StoreReadOnlyError,
    StoreTimeoutError,
    StoreUnavailableError,
)

T = TypeVar("T")
EXIT_INTERRUPTED: Final = 130
_USAGE: Final[type[Exception]] = next(
    kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException"
)
"""The root of what the parser raises; typer does not export it."""

# The first that fits counts.
_CODES: Final[tuple[tuple[type[Exception], int], ...]] = (
    (NotFoundError, 1),
    (ConfigError, 3),
    (StoreError, 4),
    (ModelError, 5),
    (PolymemError, 2),
    (OSError, 4),
)
_WHERE: Final = (
    ("item_id", "`polymem list` and `polymem search` show ids."),
    ("derivation_id", "`polymem pending` shows ids."),
    ("document_id", "`polymem documents` shows ids."),
    ("folder", "`polymem documents` shows what lies where."),
    ("tombstone_id", "`polymem forget` shows it, in the receipt."),
    ("argument", "`polymem entities` shows names."),
)
"""Where to find what was not found, by the fact of the error that says what it was."""
_ADVICE: Final[tuple[tuple[type[Exception], str], ...]] = (
    (ScopeError, "Say whose memory is meant: --user ID, or --agent ID, or --run ID."),
    (EncoderMismatchError, "`polymem rebuild` embeds everything anew with the encoder that is configured."),
    (SchemaVersionError, "Upgrade Polymem to open it."),
    (StoreCorruptError, "Restore a backup, or export what can still be read."),
    (StoreTimeoutError, "Another process is writing; try again, or raise the setting store.timeout_s."),
    (StoreFullError, "Make room and try again; nothing of this write was kept."),
    (StoreReadOnlyError, "The file and its folder must be writable."),
    (StoreUnavailableError, "`polymem add` makes a store; --store FILE names another one."),
    (ConfigError, "`polymem config` shows every setting and where its value comes from."),
)


def run(arguments: Sequence[str]) -> int:
    """Run the command that *arguments* name.

    Returns:
        The exit code.
    """
    try:
        code = app(list(arguments), prog_name="polymem", standalone_mode=False)
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except typer.Abort:
        return EXIT_INTERRUPTED
    except _USAGE as error:
        return _report(error, 2, _usage(error), arguments)
    except (PolymemError, OSError) as error:
        return _report(error, _first(_CODES, error, 2), _advice(error), arguments)
    return code if isinstance(code, int) else 0


def _first(table: Sequence[tuple[type[Exception], T]], error: Exception, otherwise: T) -> T:
    return next((value for kind, value in table if isinstance(error, kind)), otherwise)


def _advice(error: Exception) -> str:
    facts = error.facts if isinstance(error, PolymemError) else {}
    if isinstance(error, NotFoundError):
        return next((where for name, where in _WHERE if name in facts), "")
    if isinstance(error, ScopeError) and facts.get("argument") in {"run_id", "scope"}:
        # The ids are there, more of them than can be used.
        return ""
    return _first(_ADVICE, error, "")


def _usage(error: Exception) -> str:
    """Return where the usage of the command in question is explained."""
    context = getattr(error, "ctx", None)
    path = getattr(context, "command_path", "polymem")
    return f"`{path} --help` explains it."


def _report(error: Exception, code: int, advice: str, arguments: Sequence[str]) -> int:
    message = _message(error)
    if not message:
        # The parser has shown the help instead of an error.
        return code
    if "--debug" in arguments:
        traceback.print_exception(error)
    if "--json" in arguments:
        facts = error.facts if isinstance(error, PolymemError) else {}
        content = {"type": type(error).__name__, "message": message, "advice": advice, "exit_code": code}
        told = json.dumps({"error": content | {"facts": _facts(facts)}}, ensure_ascii=False)
        print(safe_json(told), file=sys.stderr)
    else:
        print(safe(" ".join(f"polymem: {message}. {advice}".replace("..", ".").split())), file=sys.stderr)
    return code


def _message(error: Exception) -> str:
    if isinstance(error, OSError) and not isinstance(error, PolymemError):
        return f"{error.filename or 'a file'}: {error.strerror or type(error).__name__}"
    form = getattr(error, "format_message", None)
    return str(form() if callable(form) else error).strip().rstrip(".")


def _facts(facts: dict[str, object]) -> dict[str, object]:
    return {
        name: value if isinstance(value, (str, int, float, bool, type(None))) else str(value)
        for name, value in facts.items()
    }
