"""``python -m benchmarks.junk``: how many facts come out of messages that state none.

The rules read every message of the fixture. Then a model that is as noisy as can be makes a fact of every message that it
is shown; what is left of those facts is what the code around it lets through (roles, courtesies, machine output, prompts).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from benchmarks.junk_messages import CLASSES, ROLES
from polymem.models.extractors.model import ModelExtractor
from polymem.models.extractors.rules import RuleExtractor
from polymem.ports.extractor import Extractor, ExtractorInput
from polymem.testing.models import Asked, ScriptedModel

SAID_AT: Final = datetime(2024, 5, 1, tzinfo=UTC)
GOAL: Final = 0.02


@dataclass(frozen=True)
class Rate:
    """What came out of one class of junk: messages, facts by the rules, facts of the noisy model, messages it was shown."""

    name: str
    n_messages: int
    n_by_rules: int
    n_by_model: int
    n_shown: int


def noisy(asked: Asked) -> Mapping[str, Any]:
    """Make a fact of every message, in its own words, so that it cannot be refused for saying something else."""
    shown = [json.loads(line) for line in asked.prompt.split("\n")]
    return {
        "facts": [
            {
                "text": each["text"][:400],
                "subject": each["who"],
                "predicate": "",
                "object": "",
                "messages": [each["n"]],
            }
            for each in shown
        ],
        "entities": [],
    }


def messages_of(name: str) -> list[ExtractorInput]:
    """Return a class of junk as messages."""
    return [ExtractorInput(text, "", ROLES.get(name, "user"), SAID_AT) for text in CLASSES[name]]


def n_facts(extractor: Extractor, messages: Sequence[ExtractorInput]) -> int:
    """Return how many statements an extractor makes of messages, each in a call of its own."""
    return sum(
        len(found.statements) for message in messages for found in asyncio.run(extractor.extract([message]))
    )


def rates() -> list[Rate]:
    """Return the figures of every class."""
    found: list[Rate] = []
    for name in CLASSES:
        messages = messages_of(name)
        model = ScriptedModel(noisy)
        kept = n_facts(ModelExtractor(model), messages)
        found.append(Rate(name, len(messages), n_facts(RuleExtractor(), messages), kept, model.n_calls))
    return found


def main() -> int:
    """Print a table; fail where the rules make too much of junk."""
    found = rates()
    print(f"{'class':20} {'messages':>8} {'rules':>6} {'noisy model':>12} {'shown to it':>12}")
    for rate in found:
        print(
            f"{rate.name:20} {rate.n_messages:8} {rate.n_by_rules:6} {rate.n_by_model:12} {rate.n_shown:12}"
        )
    n_messages, n_by_rules = sum(r.n_messages for r in found), sum(r.n_by_rules for r in found)
    n_by_model = sum(r.n_by_model for r in found)
    print(f"rules: {n_by_rules / n_messages:.1%} facts per message (goal: at most {GOAL:.0%})")
    print(f"a model that notes every message: {n_by_model / n_messages:.1%}")
    return int(n_by_rules > GOAL * n_messages)


if __name__ == "__main__":
    raise SystemExit(main())
