"""Read English statements: sentence, clause, subject, then the rules that the clause's words call for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from polymem.text.lazy import lazy
from polymem.text.statement_reading import Reading, Subject, concerns, state
from polymem.text.statements_en_clauses import SUBORDINATE, Clause, clauses_of
from polymem.text.statements_en_passing import CORRECTED, corrected_at, has_died, is_passing
from polymem.text.statements_en_rules import ADVERB, RULES_BY_WORD
from polymem.text.statements_en_subjects import subject_of
from polymem.text.statements_en_voice import (
    COMMAND,
    REMEMBER,
    TRANSCRIPT,
    comment_on_neighbour,
    end_of_own_words,
    hands_over,
    is_no_longer,
    is_not_own,
)

__all__ = ["read_english"]


_END: Final = r"[.!?。！？\n]+[\"'”’)\]]*"
_SENTENCE_END = lazy(_END)
_MOCKED_END = lazy(rf"{_END}(?P<mocked>(?:\s*[🙄🙃]|[ \t]+/s(?!\S))+)?")
"""A mark of irony belongs to the sentence before it; few texts have one, and the other pattern is quicker."""
_ABBREVIATED = lazy(r"\b(?:Mr|Mrs|Ms|Dr|St|vs|[A-Za-z])$")
_SKIP = lazy(rf"\s*(?:,\s*)?(?:{ADVERB}\s+)*")
_WORD = lazy("[a-z]+|[1-9]")
_CALLING: Final = frozenset(RULES_BY_WORD)
_DEEDS: Final = frozenset(word for word, rules in RULES_BY_WORD.items() if all(rule.timed for rule in rules))
_WEAK: Final = _DEEDS | {"the"}
"""Words too common to call for a rule alone: verbs in the past need a time, a role needs its copula."""
_ROLE = lazy("(?:is|'s) the ")
_TIME_HINT = lazy(
    r"\d|\b(?:yesterday|today|tonight|last|ago|this|morning|other day|week|month|year|summer|winter|spring|fall|(?:mon|tues|wednes|thurs|fri|satur|sun)day"
    r"|january|february|march|april|may|june|july|august|september|october|november|december|christmas|thanksgiving|easter|night|weekend|recently)",
    re.IGNORECASE,
)


def read_english(reading: Reading) -> None:
    """Add the English statements of a message to *reading*."""
    text = reading.text
    known, first, mocked = len(reading.found), True, False
    for start, end, behind in _sentences(text, end_of_own_words(text)):
        if first or len(reading.found) > known:
            comment = comment_on_neighbour(text, start, end)
            if comment:
                # "Yeah right!" may also stand in front of what it makes fun of.
                mocked, first = first and comment == "mocked", False
                reading.retract(known, denials=comment == "mocked")
                continue
            corrected = CORRECTED.match(text, start, end)
            if corrected:
                reading.take_back(known, end)
        else:
            corrected = None
        known, first = len(reading.found), False
        question = behind is not None and ("?" in behind[0] or "？" in behind[0])
        if not _read_sentence(reading, corrected.end() if corrected else start, end, question=question):
            return
        if mocked or (behind is not None and behind.lastgroup):
            reading.retract(known, denials=True)
        mocked = False


def _sentences(text: str, stop: int) -> Iterator[tuple[int, int, re.Match[str] | None]]:
    """Yield the sentences of ``text[:stop]``: where one begins, where it ends, and the match of the marks behind it."""
    start = 0
    pattern = _SENTENCE_END if text.isascii() and "/s" not in text else _MOCKED_END
    for match in pattern.finditer(text, 0, stop):
        end = match.end()
        if match[0] == "." and (
            text[end : end + 1].islower()
            or text[end : end + 1].isdigit()
            or _ABBREVIATED.search(text, max(start, end - 5), end - 1)
        ):
            continue
        yield start, match.start(), match
        start = end
    if start < stop:
        yield start, stop, None


def _read_sentence(reading: Reading, start: int, end: int, *, question: bool) -> bool:
    """Read one sentence; return False where the rest of the message is not the speaker's own either."""
    text = reading.text
    while start < end and text[start].isspace():
        start += 1
    remember = REMEMBER.match(text, start, end)
    if remember:
        start = remember.end()
    command = COMMAND.match(text, start, end) is not None
    if hands_over(text, start, end, question=question, command=command):
        return False
    if question or command or not _promising(text[start:end]):
        return True
    if not remember and TRANSCRIPT.match(text, start, end):
        return True
    mark = reading.mark()
    _read_clauses(reading, start, end)
    # Few sentences get here with a statement, so the costly questions are asked last.
    if len(reading.found) > mark[0]:
        sentence = text[start:end].lower()
        if is_not_own(sentence):
            reading.undo(mark)
        elif is_no_longer(sentence):
            reading.retract(mark[0])
        else:
            _weigh(reading, mark[0], start, end)
    return True


def _weigh(reading: Reading, known: int, start: int, end: int) -> None:
    """Forget what a sentence says only for a while, or takes back; who died is no pet any more."""
    sentence = reading.text.lower() if len(reading.text.lower()) == len(reading.text) else reading.text
    corrected = corrected_at(sentence[start:end])
    if corrected >= 0:
        reading.take_back(known, start + corrected)
    for statement in reading.found[known:]:
        if is_passing(statement, sentence, end):
            reading.withdraw(statement)
        elif has_died(statement, sentence[start:end]):
            reading.withdraw(statement)
            reading.add(statement.subject, "has_pet", statement.object, span=statement.offset, positive=False)


def _promising(sentence: str) -> bool:
    """Tell whether the words of a sentence call for a rule; most sentences end here."""
    called = _CALLING & set(_WORD.findall(sentence.lower()))
    if not called:
        return False
    return (
        bool(called - _WEAK)
        or (bool(called & _DEEDS) and bool(_TIME_HINT.search(sentence)))
        or _ROLE.search(sentence) is not None
    )


def _read_clauses(reading: Reading, start: int, end: int) -> None:
    """Read the clauses of one sentence."""
    previous: Subject | None = None
    lead = start
    first = len(reading.found)
    for clause in clauses_of(reading.text, start, end):
        subject = None if clause.intro in SUBORDINATE else subject_of(reading, clause, previous)
        known = len(reading.found)
        if subject is not None:
            _apply(reading, Clause(start, clause.end, "") if subject.borrowed else clause, subject, lead)
            previous = subject if len(reading.found) > known else None
        if len(reading.found) == known > first and _moved_on(reading.text, start, clause):
            # Whoever moved on lives elsewhere, even if where is not understood.
            reading.retract(first, "lives_in")
        lead = clause.start if subject is None and clause.end - clause.start < _LEAD_CHARS else clause.end


_MOVED = lazy(r"\b(?:moved|relocated)\b")
_MOVED_ON = lazy(
    r"""\s*(?:(?:then|later|soon|also|now|i|we|he|she|'ve|have|had\ to|just|since|finally|eventually|after\ that)\s+)*
    (?:(?:moved?|relocated)\s+(?:back|again|on|away|out|home|from|elsewhere|somewhere
            |to(?!\s(?:an?|the|our|my|another)\s(?:[\w-]+\s){0,3}(?:flat|apartment|house|place|room|office|building|neighbou?rhood)\b))\b
        |(?:went|came|gone|got|flew|go|come)\s+(?:back|home)\b|returned\b|left\s+(?:again|it|there|after|in|last)\b
        |(?:am|'m|are|'re)\s+(?:(?:now|already)\s+)?back\b)""",
    re.IGNORECASE | re.VERBOSE,
)


def _moved_on(text: str, start: int, clause: Clause) -> bool:
    """Tell whether a clause tells of a further move after one that the sentence has told before."""
    return (
        _MOVED_ON.match(text, clause.start, clause.end) is not None
        and _MOVED.search(text, start, clause.start) is not None
    )


_LEAD_CHARS: Final = 30
"""A longer clause without a subject is more than the time of the next one."""


def _apply(reading: Reading, clause: Clause, subject: Subject, lead: int) -> None:
    """Try the rules that the clause's words call for."""
    skip = _SKIP.match(reading.text, subject.end, clause.end)
    start = skip.end() if skip else subject.end
    called = dict.fromkeys(_WORD.findall(reading.text[start : clause.end].lower()))
    for word in called:
        for rule in RULES_BY_WORD.get(word, ()):
            match = rule.pattern.match(reading.text, start, clause.end) if concerns(rule, subject) else None
            if match:
                state(reading, subject, rule, match, span=(clause.start, clause.end), lead=lead)
