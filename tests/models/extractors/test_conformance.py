"""The extractor that asks a model keeps the promises of the port; the rules give the model its answers."""

import asyncio

import pytest

from polymem.domain.statement import SELF
from polymem.models.extractors.model import ModelExtractor
from polymem.models.extractors.rules import RuleExtractor
from polymem.testing.clock import NOON
from polymem.testing.extractor import ExtractorSuite
from polymem.testing.models import ScriptedModel
from tests.models.extractors.conftest import answer, fact, lines_of, message


def by_rules(asked):
    """Answer as a model would that found what the rules find."""
    claims = []
    for line in lines_of(asked.prompt):
        (found,) = RuleExtractor().derive([message(line["text"], at=NOON)])
        claims += [
            fact(
                f"{line['who']}: {statement.text}",
                line["who"] if statement.subject == SELF else statement.subject,
                statement.predicate,
                statement.object,
                messages=[line["n"]],
                positive=statement.positive,
            )
            for statement in found.statements
        ]
    return answer(*claims)


class TestModelExtractor(ExtractorSuite):
    @pytest.fixture
    def extractor(self):
        return ModelExtractor(ScriptedModel(by_rules))

    def test_what_the_rules_find_is_believed(self, extractor):
        """Every statement of the rules about plain talk passes the checks, with the same slot and place."""
        texts = [
            "My sister Anna loves tea.",
            "I moved to Utrecht in May 2021.",
            "我妹妹叫小美，她在深圳上班。",
            "我不喜欢香菜。",
        ]
        messages = [message(text, "Dora", at=NOON) for text in texts]
        found = asyncio.run(extractor.extract(messages))
        for given, expected in zip(found, RuleExtractor().derive(messages), strict=True):
            key = {(s.subject, s.predicate, s.slot, s.positive) for s in expected.statements}
            assert {(s.subject, s.predicate, s.slot, s.positive) for s in given.statements} == key
            assert key
        assert dict(found[0].dropped) == {}
