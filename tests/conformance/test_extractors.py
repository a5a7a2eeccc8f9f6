"""The rule extractor, and the scripted one that stands for a model, keep the promises of the port."""

import asyncio

import pytest

from polymem.errors import ModelError
from polymem.models.extractors.rules import RuleExtractor
from polymem.testing.cases import STATEMENTS, TALK
from polymem.testing.clock import NOON
from polymem.testing.extractor import ExtractorSuite, said
from polymem.testing.fakes import ScriptedExtractor


class TestRuleExtractor(ExtractorSuite):
    @pytest.fixture
    def extractor(self):
        return RuleExtractor()


class TestScriptedExtractor(ExtractorSuite):
    """With the rules' own answers as its script."""

    @pytest.fixture
    def extractor(self):
        texts = [*TALK, *(text for text, _ in STATEMENTS)]
        return ScriptedExtractor({text: RuleExtractor().derive([said(text)])[0] for text in texts})

    @pytest.mark.parametrize("text", [""])
    def test_times_are_counted_from_when_it_was_said(self, extractor, text):
        """A script has one answer for each text."""

    def test_it_remembers_and_fails_as_told(self, extractor):
        extractor.fail(times=1)
        with pytest.raises(ModelError):
            self.extract(extractor, [said("x")])
        assert asyncio.run(extractor.extract([said("y")]))[0].statements == ()
        assert [message.text for message in extractor.seen] == ["x", "y"]
        assert extractor.seen[0].said_at == NOON
