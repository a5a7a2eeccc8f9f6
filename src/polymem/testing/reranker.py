"""The suite that every reranker passes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import numpy as np
import pytest

from polymem.errors import InputError, ModelError
from polymem.ports.faces import F32
from polymem.ports.reranker import Reranker
from polymem.testing.cases import BLANK_TEXTS, ODD_TEXTS, TALK

__all__ = ["RerankerSuite"]

QUESTION = "Which kettle did I buy?"
QUESTION_ZH = "火锅店的牛肉怎么样？"


class RerankerSuite:
    """Proves the promises of :class:`polymem.ports.reranker.Reranker`; an adapter overrides ``reranker``.

    An adapter that can be made to fail overrides ``broken`` too.
    """

    tolerance = 1e-4
    """How far two scores of one pair may lie apart; raise it for models that compute in low precision."""

    @pytest.fixture
    def reranker(self) -> Reranker:
        """Return the reranker under test."""
        raise NotImplementedError("override reranker")

    @pytest.fixture
    def broken(self) -> Reranker | None:
        """Return a reranker that delivers nothing that could be used; None where that cannot be had."""
        return None

    @staticmethod
    def score(reranker: Reranker, texts: Sequence[str], *, query: str = QUESTION) -> F32:
        """Score and wait, in an event loop of its own."""
        return asyncio.run(reranker.score(query, texts))

    def test_it_has_a_name(self, reranker: Reranker) -> None:
        """What is calibrated holds for it, so it stays the same."""
        assert reranker.name.strip() == reranker.name == reranker.name != ""

    @pytest.mark.parametrize("query", [QUESTION, QUESTION_ZH])
    def test_a_number_for_each_text(self, reranker: Reranker, query: str) -> None:
        """float32[n], finite, in both languages."""
        scores = self.score(reranker, TALK, query=query)
        assert scores.shape == (len(TALK),)
        assert scores.dtype == np.float32
        assert np.isfinite(scores).all()

    def test_no_texts_are_no_numbers(self, reranker: Reranker) -> None:
        """An empty list is not an error."""
        assert self.score(reranker, []).shape == (0,)

    def test_order_is_kept(self, reranker: Reranker) -> None:
        """Number n belongs to text n, in whatever order the model answers."""
        scores = self.score(reranker, TALK)
        assert np.allclose(scores, self.score(reranker, TALK[::-1])[::-1], atol=self.tolerance)

    def test_many_texts_are_all_scored(self, reranker: Reranker) -> None:
        """However they are cut into batches, the same text has the same score."""
        scores = self.score(reranker, TALK * 15)
        assert scores.shape == (15 * len(TALK),)
        assert np.allclose(scores.reshape(15, -1), scores[: len(TALK)], atol=self.tolerance)

    @pytest.mark.parametrize(
        ("query", "near", "far"),
        [
            ("a green kettle", TALK[1], TALK[2]),
            ("night train to Vienna", TALK[2], TALK[3]),
            ("火锅店的牛肉", TALK[5], TALK[4]),
            ("去山里看日出", TALK[6], TALK[7]),
        ],
    )
    def test_what_shares_words_is_higher(self, reranker: Reranker, query: str, near: str, far: str) -> None:
        """The least that a reranker must do, in both languages."""
        close, distant = self.score(reranker, [near, far], query=query)
        assert close > distant

    @pytest.mark.parametrize("text", BLANK_TEXTS)
    def test_a_blank_text_is_no_better_than_an_answer(self, reranker: Reranker, text: str) -> None:
        """It has a finite number too, whatever the server thinks of blanks."""
        answer, blank = self.score(reranker, [TALK[1], text], query="a green kettle")
        assert np.isfinite(blank)
        assert blank <= answer

    @pytest.mark.parametrize("name", ODD_TEXTS)
    def test_no_text_breaks_it(self, reranker: Reranker, name: str) -> None:
        """As a text and as a question."""
        assert np.isfinite(self.score(reranker, [ODD_TEXTS[name], TALK[0]])).all()
        assert np.isfinite(self.score(reranker, [TALK[0]], query=ODD_TEXTS[name])).all()

    def test_calls_at_the_same_time_do_not_mix(self, reranker: Reranker) -> None:
        """Concurrent calls get their own numbers."""

        async def together() -> list[F32]:
            return await asyncio.gather(*(reranker.score(QUESTION, [text]) for text in TALK))

        alone = np.concatenate([self.score(reranker, [text]) for text in TALK])
        assert np.allclose(np.concatenate(asyncio.run(together())), alone, atol=self.tolerance)

    def test_one_string_is_not_a_list_of_texts(self, reranker: Reranker) -> None:
        """Or each character would silently become a text."""
        with pytest.raises(InputError):
            self.score(reranker, "not a list")

    def test_a_broken_model_is_an_error_without_its_words(self, broken: Reranker | None) -> None:
        """Never an empty success; neither the question nor a text is in the error."""
        if broken is None:
            return
        with pytest.raises(ModelError) as caught:
            self.score(broken, ["口令是芝麻开门。"], query="芝麻开什么？")
        assert "芝麻" not in f"{caught.value!r}{caught.value.facts}"
