"""Vectors that are there already, so that embedding is not measured. Stands on numpy alone: mem0's side uses it too."""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

BITS: Final = 12
_MASK: Final = (1 << BITS) - 1


class StoredVectors:
    """An embedder whose vectors are sums of a theme and a detail, looked up by the text's checksum.

    A text always has the same vector; texts of one theme (1 in 4,096) have a cosine of about 0.6.
    """

    in_process: Final = True

    def __init__(self, dim: int = 256) -> None:
        self.dim: Final = dim
        self.name: Final = f"stored/{dim}"
        random = np.random.default_rng(1234)
        parts = random.standard_normal((2, 1 << BITS, dim)).astype(np.float32) / np.sqrt(dim)
        self._themes, self._details = parts[0] * np.float32(1.2), parts[1]

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return float32[len(texts), dim], rows of length 1."""
        if len(texts) == 1:
            # Numpy's overhead for a whole batch would count as part of a single add.
            number = zlib.crc32(texts[0].encode())
            row: NDArray[np.float32] = self._themes[number & _MASK] + self._details[number >> BITS & _MASK]
            row *= 1 / math.sqrt(float(row @ row))
            return row[None]
        sums = np.fromiter((zlib.crc32(text.encode()) for text in texts), np.int64, len(texts))
        rows: NDArray[np.float32] = self._themes[sums & _MASK] + self._details[sums >> BITS & _MASK]
        rows /= np.sqrt(np.einsum("nd,nd->n", rows, rows))[:, None]
        return rows

    async def embed(self, texts: Sequence[str], *, purpose: Any) -> NDArray[np.float32]:
        """Do the same for callers that wait."""
        del purpose
        return self.encode(texts)
