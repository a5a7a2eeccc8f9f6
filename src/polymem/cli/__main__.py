"""Where the command ``polymem`` and ``python -m polymem.cli`` begin."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import cast

from polymem.errors import MissingExtraError

_PACKAGES = {"typer", "rich"}
EXIT_MISSING_EXTRA = 3
EXIT_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: The words after the program's name; by default those of the process.

    Returns:
        The exit code; ``polymem --help`` and ``docs/cli.md`` list them.
    """
    try:
        # Here, so that an interrupt while it loads ends as quietly as any other.
        run = cast("Callable[[Sequence[str]], int]", import_module("polymem.cli.run").run)
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except ModuleNotFoundError as error:
        # Any other module that is missing is a defect, not a missing extra.
        if error.name is None or error.name.partition(".")[0] not in _PACKAGES:
            raise
        print(f"polymem: {MissingExtraError('cli', 'typer')}", file=sys.stderr)
        return EXIT_MISSING_EXTRA
    return run(sys.argv[1:] if arguments is None else list(arguments))


if __name__ == "__main__":
    sys.exit(main())
