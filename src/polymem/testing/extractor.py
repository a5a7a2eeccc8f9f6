"""The suite that every extractor passes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest

from polymem.domain.predicates import predicate_named
from polymem.domain.statement import SELF, Extraction
from polymem.ports.extractor import Extractor, ExtractorInput, derives_in_process
from polymem.testing.cases import BLANK_TEXTS, ODD_TEXTS, STATEMENTS, TALK
from polymem.testing.clock import NOON

__all__ = ["ExtractorSuite"]


def said(text: str, *, role: str = "user", speaker: str = "") -> ExtractorInput:
    """Return a message of noon."""
    return ExtractorInput(text, speaker, role, NOON)


class ExtractorSuite:
    """Proves the promises of :class:`polymem.ports.extractor.Extractor`; an adapter overrides ``extractor``."""

    @pytest.fixture
    def extractor(self) -> Extractor:
        """Return the extractor under test."""
        raise NotImplementedError("override extractor")

    @staticmethod
    def extract(extractor: Extractor, messages: Sequence[ExtractorInput]) -> list[Extraction]:
        """Extract and wait."""
        return asyncio.run(extractor.extract(messages))

    def test_it_has_a_name(self, extractor: Extractor) -> None:
        """What derives is recorded with its version."""
        assert extractor.name.strip() == extractor.name != ""

    def test_an_extraction_for_each_message_in_order(self, extractor: Extractor) -> None:
        """Extraction n belongs to message n, silent ones included."""
        texts = ["", *(text for text, _ in STATEMENTS), " ", *TALK]
        found = self.extract(extractor, [said(text) for text in texts])
        assert len(found) == len(texts)
        for text, extraction in zip(texts, found, strict=True):
            for statement in extraction.statements:
                assert text[slice(*statement.offset)].strip()

    def test_no_messages_are_no_extractions(self, extractor: Extractor) -> None:
        """An empty list is not an error."""
        assert self.extract(extractor, []) == []

    @pytest.mark.parametrize("text", BLANK_TEXTS)
    def test_nothing_says_nothing(self, extractor: Extractor, text: str) -> None:
        """A blank text has neither statements nor mentions nor times."""
        assert self.extract(extractor, [said(text)]) == [Extraction()]

    @pytest.mark.parametrize(("text", "word"), STATEMENTS)
    def test_plain_statements_about_oneself(self, extractor: Extractor, text: str, word: str) -> None:
        """The simplest statements of both languages are found, about whoever speaks, and name what they are about."""
        (extraction,) = self.extract(extractor, [said(text)])
        assert any(word in statement.object for statement in extraction.statements)
        assert SELF in {statement.subject for statement in extraction.statements}

    @pytest.mark.parametrize("text", [*ODD_TEXTS.values(), *TALK, *(text for text, _ in STATEMENTS)])
    def test_what_is_found_fits_the_ledger(self, extractor: Extractor, text: str) -> None:
        """Known predicates, non-empty slots, spans inside the text, confidence within 0..1; no text breaks it."""
        (extraction,) = self.extract(extractor, [said(text)])
        for statement in extraction.statements:
            assert predicate_named(statement.predicate).name == statement.predicate
            assert statement.slot.strip()
            assert statement.object.strip()
            assert statement.text.strip()
            assert 0 <= statement.confidence <= 1
            assert 0 <= statement.offset[0] < statement.offset[1] <= len(text)
        for mention in extraction.mentions:
            assert mention.name.strip()
            assert 0 <= mention.offset[0] <= mention.offset[1] <= len(text)
        for span in extraction.times:
            assert span.start < span.end

    @pytest.mark.parametrize("text", ["I went to Rome last year.", "我去年去了罗马。"])
    def test_times_are_counted_from_when_it_was_said(self, extractor: Extractor, text: str) -> None:
        """The same words a year later mean another year."""
        now, later = (
            self.extract(extractor, [ExtractorInput(text, "", "user", moment)])[0].times
            for moment in (NOON, NOON + timedelta(days=366))
        )
        assert [span.start.year for span in now] == [2023]
        assert [span.start.year for span in later] == [2024]

    def test_the_same_message_says_the_same(self, extractor: Extractor) -> None:
        """Whatever stands beside it in the batch, and however often it is asked."""
        messages = [said(text) for text, _ in STATEMENTS]
        together = self.extract(extractor, messages)
        assert together == self.extract(extractor, messages)

    def test_called_directly_it_says_the_same(self, extractor: Extractor) -> None:
        """An extractor that declares ``in_process`` derives what ``extract`` derives."""
        if derives_in_process(extractor):
            messages = [said(text) for text, _ in STATEMENTS]
            assert extractor.derive(messages) == self.extract(extractor, messages)
