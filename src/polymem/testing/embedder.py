"""The suite that every embedder passes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import numpy as np
import pytest

from polymem.errors import InputError
from polymem.ports.embedder import Embedder, Purpose, runs_in_process
from polymem.ports.faces import F32
from polymem.testing.cases import BLANK_TEXTS, ODD_TEXTS, TALK

__all__ = ["EmbedderSuite"]


class EmbedderSuite:
    """Proves the promises of :class:`polymem.ports.embedder.Embedder`; an adapter overrides ``embedder``."""

    tolerance = 1e-5
    """How far two embeddings of one text may lie apart; raise it for models that compute in low precision."""

    @pytest.fixture
    def embedder(self) -> Embedder:
        """Return the embedder under test."""
        raise NotImplementedError("override embedder")

    @staticmethod
    def embed(embedder: Embedder, texts: Sequence[str], *, purpose: Purpose = "passage") -> F32:
        """Embed and wait."""
        return asyncio.run(embedder.embed(texts, purpose=purpose))

    def test_it_has_a_name_and_a_width(self, embedder: Embedder) -> None:
        """Both are recorded in the store, and stay the same."""
        assert embedder.name.strip() == embedder.name != ""
        assert embedder.dim >= 1
        assert (embedder.name, embedder.dim) == (embedder.name, embedder.dim)

    @pytest.mark.parametrize("purpose", ["query", "passage"])
    def test_a_row_for_each_text(self, embedder: Embedder, purpose: Purpose) -> None:
        """float32[n, dim], C-contiguous or not, finite, for both purposes."""
        rows = self.embed(embedder, TALK, purpose=purpose)
        assert rows.shape == (len(TALK), embedder.dim)
        assert rows.dtype == np.float32
        assert np.isfinite(rows).all()

    def test_rows_have_length_one(self, embedder: Embedder) -> None:
        """So that their product is the cosine."""
        assert np.allclose(np.linalg.norm(self.embed(embedder, TALK), axis=1), 1, atol=1e-3)

    def test_no_texts_are_no_rows(self, embedder: Embedder) -> None:
        """An empty list is not an error and asks no model."""
        assert self.embed(embedder, []).shape == (0, embedder.dim)

    @pytest.mark.parametrize("text", BLANK_TEXTS)
    def test_a_blank_text_is_a_unit_row_or_zero(self, embedder: Embedder, text: str) -> None:
        """Never NaN from a division by a length of nothing."""
        (row,) = self.embed(embedder, [text])
        norm = float(np.linalg.norm(row))
        assert norm == pytest.approx(1, abs=1e-3) or norm == 0

    def test_order_is_kept(self, embedder: Embedder) -> None:
        """Row n belongs to text n, however texts are grouped."""
        rows = self.embed(embedder, TALK)
        backwards = self.embed(embedder, TALK[::-1])
        assert np.allclose(rows, backwards[::-1], atol=self.tolerance)
        alone = np.concatenate([self.embed(embedder, [text]) for text in TALK])
        assert np.allclose(rows, alone, atol=self.tolerance)

    def test_the_same_text_has_the_same_vector(self, embedder: Embedder) -> None:
        """Twice in a call, and in two calls."""
        rows = self.embed(embedder, [TALK[0], TALK[5], TALK[0]])
        assert np.allclose(rows[0], rows[2], atol=self.tolerance)
        assert np.allclose(rows, self.embed(embedder, [TALK[0], TALK[5], TALK[0]]), atol=self.tolerance)

    def test_texts_are_told_apart_in_both_languages(self, embedder: Embedder) -> None:
        """No two sentences share a vector; Chinese is not one unknown character after another."""
        cosines = self.embed(embedder, TALK) @ self.embed(embedder, TALK).T
        assert (cosines - np.eye(len(TALK)) * 2).max() < 0.999

    @pytest.mark.parametrize(
        ("question", "near", "far"),
        [
            ("a green kettle", TALK[1], TALK[2]),
            ("night train to Vienna", TALK[2], TALK[3]),
            ("火锅店的牛肉", TALK[5], TALK[4]),
            ("去山里看日出", TALK[6], TALK[7]),
        ],
    )
    def test_what_shares_words_is_nearer(
        self, embedder: Embedder, question: str, near: str, far: str
    ) -> None:
        """The least that a vector must do, in both languages."""
        query = self.embed(embedder, [question], purpose="query")[0]
        close, distant = self.embed(embedder, [near, far]) @ query
        assert close > distant

    @pytest.mark.parametrize("name", ODD_TEXTS)
    def test_no_text_breaks_it(self, embedder: Embedder, name: str) -> None:
        """Every text has a finite row."""
        assert np.isfinite(self.embed(embedder, [ODD_TEXTS[name]])).all()

    def test_one_string_is_not_a_list_of_texts(self, embedder: Embedder) -> None:
        """Or each character would silently become a text."""
        with pytest.raises((InputError, TypeError)):
            self.embed(embedder, "not a list")

    def test_calls_at_the_same_time_do_not_mix(self, embedder: Embedder) -> None:
        """Concurrent calls get their own rows."""

        async def together() -> list[F32]:
            return await asyncio.gather(*(embedder.embed([text], purpose="passage") for text in TALK))

        rows = self.embed(embedder, TALK)
        assert np.allclose(np.concatenate(asyncio.run(together())), rows, atol=self.tolerance)

    def test_called_directly_it_says_the_same(self, embedder: Embedder) -> None:
        """An embedder that declares ``in_process`` gives passages and queries the vectors that ``embed`` gives."""
        if runs_in_process(embedder):
            rows = embedder.encode(TALK)
            for purpose in ("query", "passage"):
                assert np.allclose(
                    rows, asyncio.run(embedder.embed(TALK, purpose=purpose)), atol=self.tolerance
                )
