"""Write ``lexicon.npz`` beside the weights of the default encoder: the nearest words of the other language, token by token.

usage: python tools/make_lexicon.py [TARGET_FOLDER]

What a word is like follows from the weights alone; it is worked out ahead since 30,000 words of the other language would have to
be looked at for each word of a question. Parts of words have their nearest words, too: those of a word of several tokens are looked
for among them. The same weights give the same bytes but where two words are as near to the last
digit. Takes about a minute.
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from polymem.models.embedders.static.lexicon import FILE, LEAST, N_OTHERS
from polymem.models.embedders.static.shipped import FOLDER, Weights, load
from polymem.models.embedders.static.tokeniser import FIRST_PIECE
from polymem.text.normalise import fold
from polymem.text.tokenise import STOP_CHARACTERS, STOP_WORDS

HAN: Final = "[\u3400-\u4dbf\u4e00-\u9fff]"
BLOCK: Final = 512


def words(pieces: Sequence[str], *, chinese: bool) -> list[int]:
    """List the tokens that a word of the other language may be translated by: what a text may have as a term of its own."""
    fits = re.compile(f"{HAN}{{1,8}}" if chinese else "[a-z]{2,24}").fullmatch
    # Terms are folded: of a word in traditional characters no text keeps them.
    return [
        FIRST_PIECE + place
        for place, text in enumerate(pieces)
        if fits(text)
        and text not in STOP_WORDS
        and not STOP_CHARACTERS.issuperset(text)
        and fold(text) == text
    ]


def asked(pieces: Sequence[str], *, chinese: bool) -> list[int]:
    """List the tokens that words of a question are made of."""
    fits = re.compile(HAN if chinese else "[a-z]").search
    return [FIRST_PIECE + place for place, text in enumerate(pieces) if fits(text)]


def nearest(weights: Weights, tokens: Sequence[int], others: Sequence[int]) -> list[NDArray[np.uint16]]:
    """Return for each of *tokens* the nearest of *others*, the likest first, as far as they have anything to do with it."""
    targets, ids = _units(weights, others).T, np.array(others, dtype=np.uint16)
    found: list[NDArray[np.uint16]] = []
    for first in range(0, len(tokens), BLOCK):
        likes = _units(weights, tokens[first : first + BLOCK]) @ targets
        best = np.argpartition(-likes, N_OTHERS, axis=1)[:, :N_OTHERS]
        for row, places in zip(likes, best, strict=True):
            kept = places[row[places] > LEAST]
            found.append(ids[kept[np.lexsort((kept, -row[kept]))]])
    return found


def _units(weights: Weights, tokens: Sequence[int]) -> NDArray[np.float32]:
    """Return the vectors of *tokens* at unit length; their scale does not matter."""
    rows = weights.table[list(tokens)].astype(np.float32)
    rows /= np.maximum(np.sqrt(np.einsum("nd,nd->n", rows, rows)), np.float32(1e-6))[:, None]
    return rows


def table(weights: Weights) -> dict[str, NDArray[Any]]:
    """Return uint8[vocabulary] how many words each token has, and uint16[sum] all of them, token by token."""
    pieces = weights.tokeniser.pieces
    near: dict[int, NDArray[np.uint16]] = {}
    for chinese in (False, True):
        tokens = asked(pieces, chinese=chinese)
        near |= dict(zip(tokens, nearest(weights, tokens, words(pieces, chinese=not chinese)), strict=True))
    counts = np.zeros(weights.scale.size, dtype=np.uint8)
    counts[list(near)] = [found.size for found in near.values()]
    return {"counts": counts, "ids": np.concatenate([near[token] for token in sorted(near)])}


def main(folder: Path) -> None:
    """Write the file and print its size and digest, a line of the model card."""
    made = table(load())
    np.savez(folder / FILE, counts=made["counts"], ids=made["ids"])
    content = (folder / FILE).read_bytes()
    print(f"| `{FILE}` | {len(content):,} | `{hashlib.sha256(content).hexdigest()}` |")


if __name__ == "__main__":
    if len(sys.argv) > 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]) if len(sys.argv) == 2 else FOLDER)
