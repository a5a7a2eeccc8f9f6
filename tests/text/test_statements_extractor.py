"""The rule extractor: what it joins, and which roles state nothing."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from polymem.domain.statement import SELF
from polymem.models.extractors.rules import RuleExtractor
from polymem.ports.extractor import ExtractorInput, derives_in_process

NOW = datetime(2024, 6, 14, tzinfo=UTC)


def derived(text, role="user"):
    (extraction,) = RuleExtractor().derive([ExtractorInput(text, "ann", role, NOW)])
    return extraction


def test_statements_mentions_and_times_come_together():
    extraction = derived("My sister Anna moved to Berlin last month.")
    assert [(s.subject, s.predicate, s.object) for s in extraction.statements] == [
        (SELF, "sister", "Anna"),
        ("Anna", "lives_in", "Berlin"),
    ]
    assert [mention.name for mention in extraction.mentions] == ["Anna", "Berlin"]
    assert [span.text for span in extraction.times] == ["last month"]
    assert extraction.statements[1].when == extraction.times[0]


def test_people_whom_only_a_statement_names_are_mentioned():
    mentions = derived("My friend name is john and john has a dog named tommy").mentions
    assert [(mention.name, mention.type) for mention in mentions] == [("john", "person")]


@pytest.mark.parametrize("role", ["system", "tool", "developer"])
def test_instructions_and_results_state_nothing(role):
    extraction = derived("I live in Berlin.", role)
    assert extraction.statements == ()
    assert [mention.name for mention in extraction.mentions] == ["Berlin"]


def test_an_assistant_speaks_of_itself():
    assert derived("I love chess.", "assistant").statements[0].subject == SELF


def test_one_extraction_a_message_also_for_empty_ones():
    inputs = [ExtractorInput(text, "", "user", NOW) for text in ("", "我住在上海", " ")]
    extractor = RuleExtractor()
    assert derives_in_process(extractor)
    found = asyncio.run(extractor.extract(inputs))
    assert found == extractor.derive(inputs)
    assert [len(extraction.statements) for extraction in found] == [0, 1, 0]
