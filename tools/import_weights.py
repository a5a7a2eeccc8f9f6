"""Make the files of the default encoder from the model that its training wrote.

usage: python tools/import_weights.py MODEL_FOLDER [TARGET_FOLDER]

MODEL_FOLDER holds ``model.npz`` (``table`` int8[V, 256], ``scale`` float32[V]) and ``tokenizer.json`` (a
Unigram model of the ``tokenizers`` library). The same input gives the same bytes. Needs the development
requirements, for ``tokenizers`` is asked what its own splitter does.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer

TARGET = Path(__file__).parents[1] / "src/polymem/models/embedders/static/weights"
FIRST_PIECE = 257
SURROGATES = range(0xD800, 0xE000)


def marked_pieces(tokenizer: Any, *, vocabulary: list[list[Any]]) -> list[str]:
    """List the pieces from the first past the bytes on, with a tab before those that no text can yield.

    A piece that is less likely than its own parts is on no best path. Without these, a run that is found in
    the vocabulary needs no search.
    """
    pieces = [str(piece) for piece, _ in vocabulary[FIRST_PIECE:]]
    return [
        piece
        if [token.id for token in tokenizer.model.tokenize(piece)] == [FIRST_PIECE + n]
        else f"\t{piece}"
        for n, piece in enumerate(pieces)
    ]


def members(tokenizer: Any, *, companion: str) -> list[int]:
    """List the code points that the splitter joins with `companion` into one run."""
    points = [point for point in range(sys.maxunicode + 1) if point not in SURROGATES]
    found: list[int] = []
    for begin in range(0, len(points), 50_000):
        part = points[begin : begin + 50_000]
        text = "".join(f"{companion}{chr(point)}\n" for point in part)
        ends = {low: high for _, (low, high) in tokenizer.pre_tokenizer.pre_tokenize_str(text)}
        found += [point for n, point in enumerate(part) if ends.get(3 * n) == 3 * n + 2]
    return found


def ranges(points: Iterable[int]) -> str:
    """Write sorted code points as ranges in hexadecimal.

    Example:
        >>> ranges([0x61, 0x62, 0x64])
        '61-62 64-64'
    """
    bounds: list[list[int]] = []
    for point in points:
        if bounds and bounds[-1][1] == point - 1:
            bounds[-1][1] = point
        else:
            bounds.append([point, point])
    return " ".join(f"{low:X}-{high:X}" for low, high in bounds)


def main(source: Path, target: Path) -> None:
    """Write the five files and print their sizes and digests."""
    target.mkdir(parents=True, exist_ok=True)
    model = np.load(source / "model.npz")
    np.save(target / "table.npy", model["table"])
    np.save(target / "scale.npy", model["scale"])

    tokenizer: Any = Tokenizer.from_file(str(source / "tokenizer.json"))
    vocabulary = json.loads((source / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]
    thousandths = [round(score * 1000) for _, score in vocabulary]
    if thousandths != [float(f"{score * 1000:.6f}") for _, score in vocabulary]:
        sys.exit("a score has more than three decimals: scores.npy cannot hold it")
    np.save(target / "scores.npy", np.array(thousandths[FIRST_PIECE:], np.int16))
    pieces = marked_pieces(tokenizer, vocabulary=vocabulary)
    (target / "pieces.txt").write_bytes("".join(f"{piece}\n" for piece in pieces).encode())
    classes = {
        "han": members(tokenizer, companion="一"),
        "number": members(tokenizer, companion="1"),
        "letter": members(tokenizer, companion="a"),
    }
    lines = "".join(f"{name} {ranges(points)}\n" for name, points in classes.items())
    (target / "classes.txt").write_bytes(lines.encode("ascii"))

    for name in ("table.npy", "scale.npy", "scores.npy", "pieces.txt", "classes.txt"):
        content = (target / name).read_bytes()
        print(f"| `{name}` | {len(content):,} | `{hashlib.sha256(content).hexdigest()}` |")


if __name__ == "__main__":
    if not 2 <= len(sys.argv) <= 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) == 3 else TARGET)
