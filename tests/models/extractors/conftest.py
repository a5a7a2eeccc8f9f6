"""Messages and answers for tests of the extractor that asks a model."""

import asyncio
import json
from datetime import UTC, datetime, tzinfo
from typing import Any

from polymem.domain.derivation import PLAIN
from polymem.models.extractors.model import ModelExtractor
from polymem.ports.extractor import ExtractorInput
from polymem.testing.models import ScriptedModel

NOW = datetime(2024, 6, 14, 9, 30, tzinfo=UTC)


def message(text: str, speaker: str = "", role: str = "user", at: datetime = NOW, zone: tzinfo = UTC):
    return ExtractorInput(text, speaker, role, at, zone)


def fact(text, subject="", predicate="", obj="", *, messages=(1,), **more):
    return {
        "text": text,
        "subject": subject,
        "predicate": predicate,
        "object": obj,
        "messages": list(messages),
        **more,
    }


def answer(*facts, entities=()):
    return {"facts": list(facts), "entities": list(entities)}


def derived(messages, *answers, instructions=PLAIN, checked=True, **options):
    """Return what is extracted where the model gives *answers* in turn, and the model."""
    model = ScriptedModel(list(answers), checked=checked)
    extractor = ModelExtractor(model, **options)
    return asyncio.run(extractor.extract(list(messages), instructions=instructions)), model


def one(
    text, claim, *, speaker="Ann", role="user", entities=(), checked=True, **options
) -> tuple[Any, dict[str, int]]:
    """Return the only statement of a message, or None, and why claims were dropped."""
    found, _ = derived(
        [message(text, speaker, role)], answer(claim, entities=entities), checked=checked, **options
    )
    statements = found[0].statements
    assert len(statements) <= 1
    return (statements[0] if statements else None), dict(found[0].dropped)


def lines_of(prompt):
    """Return the messages as the model reads them."""
    return [json.loads(line) for line in prompt.split("\n")]
