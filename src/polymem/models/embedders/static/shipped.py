"""The weights that lie beside this package: read once per process, on first use."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from polymem.domain.slotted import dataclass
from polymem.errors import ConfigError
from polymem.models.embedders.static.tokeniser import FIRST_PIECE, Runs, Tokeniser

__all__ = ["FOLDER", "Weights", "load"]

FOLDER: Final = Path(__file__).parent / "weights"
"""Where the shipped files lie; their card is the ``README.md`` among them."""


@dataclass(frozen=True, slots=True)
class Weights:
    """A token table with its tokeniser.

    Attributes:
        table: ``int8[vocabulary, 256]``, mapped from the file and not copied into memory.
        scale: ``float32[vocabulary]``; a token's vector is ``scale[id] * table[id]``.
        tokeniser: Text to ids.
    """

    table: NDArray[np.int8]
    scale: NDArray[np.float32]
    tokeniser: Tokeniser


@cache
def load(folder: Path = FOLDER) -> Weights:
    """Read the weights of a folder, once per process.

    Threads that come first together may each read; one result is kept, so no lock is needed (and none is
    left locked in a child after a fork).

    Args:
        folder: A folder with the files of ``tools/import_weights.py``.

    Raises:
        ConfigError: A file is missing, unreadable or does not fit the others.
    """
    try:
        # The base array: indexing a numpy.memmap costs twice as much.
        table: NDArray[np.int8] = np.asarray(np.load(folder / "table.npy", mmap_mode="r"))
        scale: NDArray[np.float32] = np.load(folder / "scale.npy")
        scores: NDArray[np.int16] = np.load(folder / "scores.npy")
        # Tabs mark pieces that are less likely than their own parts, so that no text yields them.
        pieces = (folder / "pieces.txt").read_bytes().decode().split("\n")[:-1]
        runs = Runs(**_read_classes(folder / "classes.txt"))
    except (OSError, ValueError, TypeError) as error:
        raise ConfigError(
            f"the weights of the default encoder cannot be read from {str(folder)!r}: reinstall polymem",
            path=str(folder),
        ) from error
    if not len(table) == len(scale) == FIRST_PIECE + len(pieces) == FIRST_PIECE + len(scores):
        raise ConfigError(
            f"the weights of the default encoder in {str(folder)!r} do not fit together: reinstall polymem",
            path=str(folder),
        )
    # Kept as integers in thousandths: the division gives exactly the doubles of the original decimals.
    return Weights(table, scale, Tokeniser(pieces, scores=(scores / 1000).tolist(), runs=runs))


def _read_classes(path: Path) -> dict[str, str]:
    """Read lines of ``name ranges``."""
    lines = path.read_text(encoding="ascii").splitlines()
    return {name: ranges for name, _, ranges in (line.partition(" ") for line in lines)}
