"""The default encoder: a table of token vectors, summed and normalised."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Final

import numpy as np
from numpy.typing import NDArray

from polymem.errors import ConfigError, InputError
from polymem.models.embedders.static.shipped import load
from polymem.ports.embedder import Purpose

__all__ = ["StaticEmbedder"]

_WIDTHS: Final = (256, 128, 64)
_MAX_CHARS: Final = 8192
_MAX_TOKENS: Final = 512
# Texts whose tokens are looked up at once: more would not stay in the processor's cache.
_AT_ONCE: Final = 16
# Beyond some milliseconds of work a hop to a thread costs less than a held-up event loop.
_MANY_TEXTS: Final = 32


class StaticEmbedder:
    """Embed English and Chinese text in this process, with weights that ship with the package.

    Needs numpy alone, no network and no key. Symmetric: queries and passages are encoded alike. Only the
    first 8,192 characters and the first 512 tokens of a text count, so long texts are better cut first.
    Word order does not matter to it. The weights are mapped into memory on first use and shared by all
    instances of the process; an instance may be used from several threads.

    Args:
        dim: Width of the vectors: 256, 128 or 64. The dimensions are ordered, so 128 and 64 are prefixes of 256.

    Raises:
        ConfigError: `dim` is none of these.

    Example:
        >>> encoder = StaticEmbedder()
        >>> cat, zh, other = encoder.encode(["The cat sat down.", "猫坐下了。", "Interest rates rose."])
        >>> bool(cat @ zh > cat @ other)
        True
        >>> encoder.name
        'polymem-static-en-zh-v1/256'
    """

    in_process: Final = True

    def __init__(self, *, dim: int = 256) -> None:
        if dim not in _WIDTHS:
            raise ConfigError(f"dim must be one of {_WIDTHS!r}, not {dim!r}", setting="dim", value=dim)
        self._dim = dim

    def __repr__(self) -> str:
        return f"{type(self).__name__}(dim={self._dim})"

    @property
    def name(self) -> str:
        """The model, its version and the width: vectors of different names do not mix."""
        return f"polymem-static-en-zh-v1/{self._dim}"

    @property
    def dim(self) -> int:
        """Width of the vectors."""
        return self._dim

    def load(self) -> None:
        """Read the weights now (some 60 ms) and not with the first text.

        Raises:
            ConfigError: The weights are missing or damaged.
        """
        load()

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed texts in the calling thread.

        The vector of a text does not depend on the texts beside it, to the last bit.

        Args:
            texts: Any texts; lone surrogates, NUL and control characters are ignored.

        Returns:
            ``float32[len(texts), dim]``: unit rows in the order of `texts`, and the zero row for a text
            without a known token (blank, only punctuation or emoji).

        Raises:
            InputError: `texts` is one string.
            ConfigError: The weights are missing or damaged.
        """
        if isinstance(texts, str):
            raise InputError("texts must be a sequence of strings, not one string", argument="texts")
        weights = load()
        table = weights.table[:, : self._dim]
        vectors = np.zeros((len(texts), self._dim), np.float32)
        for first in range(0, len(texts), _AT_ONCE):
            found = [
                weights.tokeniser.ids(text[:_MAX_CHARS], limit=_MAX_TOKENS)
                for text in texts[first : first + _AT_ONCE]
            ]
            ids = np.array(found[0] if len(found) == 1 else list(chain.from_iterable(found)), np.intp)
            scale, rows = weights.scale[ids], table[ids].astype(np.float32)
            start = 0
            for row, own in enumerate(found, first):
                stop = start + len(own)
                if own:
                    # Not `@`: BLAS would share a row of 40 tokens out between threads.
                    np.einsum("t,td->d", scale[start:stop], rows[start:stop], out=vectors[row])
                start = stop
        norms = np.sqrt(np.einsum("nd,nd->n", vectors, vectors))
        vectors /= np.maximum(norms, 1e-12)[:, np.newaxis]
        return vectors

    async def embed(self, texts: Sequence[str], *, purpose: Purpose) -> NDArray[np.float32]:
        """Embed texts without holding up the event loop.

        Args:
            texts: As in :meth:`encode`.
            purpose: Makes no difference to this encoder.

        Returns:
            As :meth:`encode`.

        Raises:
            InputError: `texts` is one string.
            ConfigError: The weights are missing or damaged.
        """
        del purpose
        if len(texts) < _MANY_TEXTS:
            return self.encode(texts)
        import asyncio

        return await asyncio.to_thread(self.encode, texts)
