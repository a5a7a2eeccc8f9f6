"""The suite that every adapter to language models passes."""

from __future__ import annotations

import asyncio
from typing import Any, Final

import pytest

from polymem.domain.json_schema import JsonSchema, problems
from polymem.errors import InputError, ModelError
from polymem.ports.llm import LanguageModel, Reply
from polymem.testing.cases import ODD_TEXTS

__all__ = ["CITY", "LanguageModelSuite"]

CITY: Final[JsonSchema] = {
    "type": "object",
    "title": "city",
    "description": "Where somebody lives.",
    "properties": {
        "city": {"type": "string", "maxLength": 40},
        "sure": {"type": "boolean"},
    },
    "required": ["city", "sure"],
    "additionalProperties": False,
}
"""What the suite asks for."""


class LanguageModelSuite:
    """Proves the promises of :class:`polymem.ports.llm.LanguageModel`; an adapter overrides ``model``.

    The model answers any prompt with an object of the form :data:`CITY`. An adapter that can be made to fail overrides
    ``broken`` too.
    """

    @pytest.fixture
    def model(self) -> LanguageModel:
        """Return the model under test."""
        raise NotImplementedError("override model")

    @pytest.fixture
    def broken(self) -> LanguageModel | None:
        """Return a model that answers nothing that could be used; None where that cannot be had."""
        return None

    @staticmethod
    def ask(model: LanguageModel, prompt: str, **options: Any) -> Reply:
        """Ask and wait, in an event loop of its own."""
        return asyncio.run(model.generate(prompt, system="Name the city.", schema=CITY, **options))

    def test_it_has_a_name(self, model: LanguageModel) -> None:
        """It is part of the provenance of what the model derives, and stays the same."""
        assert model.name.strip() == model.name == model.name != ""

    @pytest.mark.parametrize("prompt", ["Anna lives in Berlin.", "小红住在上海。", "", "「上海」\n\n\t"])
    def test_an_answer_has_the_form(self, model: LanguageModel, prompt: str) -> None:
        """In both languages, and where there is nothing to answer."""
        assert problems(dict(self.ask(model, prompt).value), CITY) == []

    @pytest.mark.parametrize("name", ODD_TEXTS)
    def test_no_text_breaks_it(self, model: LanguageModel, name: str) -> None:
        """Whatever is asked, the answer has the form."""
        assert problems(dict(self.ask(model, ODD_TEXTS[name]).value), CITY) == []

    def test_its_cost_is_told(self, model: LanguageModel) -> None:
        """At least one call, and tokens read and written."""
        usage = self.ask(model, "Anna lives in Berlin.").usage
        assert usage.calls >= 1
        assert usage.prompt_tokens >= 1
        assert usage.completion_tokens >= 1
        assert 0 <= usage.n_estimated <= usage.calls

    def test_it_serves_one_event_loop_after_another(self, model: LanguageModel) -> None:
        """Whoever asks need not keep a loop alive."""
        for _ in range(3):
            assert self.ask(model, "小红住在上海。").usage.calls >= 1

    def test_calls_at_the_same_time_do_not_mix(self, model: LanguageModel) -> None:
        """Each has its own answer and its own cost."""

        async def together() -> list[Reply]:
            asked = (model.generate(f"Anna lives in city {n}.", system="", schema=CITY) for n in range(6))
            return await asyncio.gather(*asked)

        replies = asyncio.run(together())
        assert all(problems(dict(reply.value), CITY) == [] and reply.usage.calls >= 1 for reply in replies)

    def test_a_form_that_cannot_be_checked_is_refused(self, model: LanguageModel) -> None:
        """Or an answer would be taken for what it is not."""
        with pytest.raises(InputError):
            asyncio.run(model.generate("", system="", schema={"type": "object", "patternProperties": {}}))

    def test_a_broken_model_is_an_error_without_its_words(self, broken: LanguageModel | None) -> None:
        """Never an empty success; neither the prompt nor the answer is in the error."""
        if broken is None:
            return
        with pytest.raises(ModelError) as caught:
            self.ask(broken, "口令是芝麻开门。")
        assert "芝麻" not in f"{caught.value!r}{caught.value.facts}"
