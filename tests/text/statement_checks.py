"""How the statement tests read their tables."""

from __future__ import annotations

from datetime import UTC, datetime

from polymem.domain.statement import Statement
from polymem.text.statement_rules import slot_of
from polymem.text.statements import find_statements

NOW = datetime(2024, 6, 14, 12, tzinfo=UTC)
Made = tuple[str, str, str, bool]


def found_in(text: str) -> list[Statement]:
    return find_statements(text, now=NOW)


def made(text: str) -> set[Made]:
    """Return what identifies the statements of a text."""
    return {(s.subject, s.predicate, s.slot, s.positive) for s in found_in(text)}


def expected(line: str) -> set[Made]:
    """Read ``subject|predicate|object; !subject|predicate|object``."""
    cases: set[Made] = set()
    for part in line.split("; "):
        subject, predicate, object_ = part.removeprefix("!").split("|")
        cases.add((subject, predicate, slot_of(object_, predicate=predicate), not part.startswith("!")))
    return cases
