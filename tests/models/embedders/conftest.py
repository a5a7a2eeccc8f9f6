"""The reference that the shipped encoder is compared with, built from the shipped files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

from polymem.models.embedders.static.shipped import FOLDER


@pytest.fixture(scope="session")
def weights_folder() -> Path:
    return FOLDER


@pytest.fixture(scope="session")
def reference() -> Tokenizer:
    """The tokenizer as it was trained, unused pieces included."""
    pieces = (FOLDER / "pieces.txt").read_bytes().decode().split("\n")[:-1]
    scores = np.load(FOLDER / "scores.npy")
    vocabulary = [("<unk>", -30.0)]
    vocabulary += [(f"<0x{byte:02X}>", -25.0) for byte in range(256)]
    vocabulary += [
        (piece.removeprefix("\t"), float(f"{score / 1000:.3f}"))
        for piece, score in zip(pieces, scores.tolist(), strict=True)
    ]
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=0, byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Lowercase(), normalizers.Replace("’", "'")]
    )
    words = Regex(r"\p{Han}+|\p{N}+|[\p{L}\p{M}&&[^\p{Han}]]+(?:'[a-z]+)?")
    tokenizer.pre_tokenizer = pre_tokenizers.Split(words, "removed", invert=True)
    return tokenizer
