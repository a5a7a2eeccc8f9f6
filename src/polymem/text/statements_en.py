"""Read English statements: sentence, clause, subject, then the rules that the clause's words call for."""

from __future__ import annotations

import re
from typing import Final

from polymem.text.lazy import lazy
from polymem.text.statement_reading import Reading, Subject, concerns, state
from polymem.text.statement_rules import phrase_set, word_set
from polymem.text.statements_en_clauses import SUBORDINATE, Clause, clauses_of
from polymem.text.statements_en_rules import ADVERB, RULES_BY_WORD
from polymem.text.statements_en_subjects import subject_of

__all__ = ["read_english"]


_SENTENCE_END = lazy(r"[.!?。！？\n]+[\"'”’)\]]*")
_ABBREVIATED = lazy(r"\b(?:Mr|Mrs|Ms|Dr|St|vs|[A-Za-z])$")
# Another's words, a game, a text to work on: nothing in the sentence is the speaker's own statement.
_NOT_OWN_WORDS: Final = word_set(
    """says said saying told tells asks asked thinks believe believes believed claim claims claimed wrote writes heard quote quotes
    quoted sang sings lyric lyrics shouted yelled replied answered whispered insists insisted reckons suspects assumes pretend
    pretends pretending imagine imagining suppose supposing hypothetically roleplay roleplaying"""
)
_NOT_OWN_PHRASES: Final = phrase_set(
    "let's say|let us say|what if|if only|once upon a time|as though|just kidding|j/k|role-play"
)
_NOT_OWN_WORLD = lazy(
    r"as if\b|\bin (?:my|the|a|this) (?:story|novel|dream|game|movie|film|scenario|script)\b"
)
_COMMAND = lazy(
    r"^\s*(?:(?:please|now|ok(?:ay)?|so|and|then|hey|hi|can you|could you|just)[\s,]+)*(?:say|write|translate|rewrite|rephrase|paraphrase|proofread"
    r"|correct|fix|repeat|summari[sz]e|complete|continue|generate|create|compose|draft|make up|act as|act like|play the role|respond as"
    r"|reply|tell|ask|explain|describe|analy[sz]e|classify|give|list|convert|parse|read|sing|type|print|output|check|edit|finish|answer"
    r"|format|let's (?:play|pretend|imagine)|you are|you're|be a|if|unless|had i|were i|even if|as long as|in case|suppose|once|until)\b",
    re.IGNORECASE,
)
_REMEMBER = lazy(
    r"\s*(?:(?:please|also|and|so|just|ok|hey)[\s,]+)*(?:remember|note|keep in mind|don't forget|do not forget|be aware|you should know|just so you know"
    r"|for the record|fun fact|fyi|update|ps|p\.s\.|btw|by the way|reminder|about me|quick update|good news|edit|a bit about me)(?:\s+that\b|[:,]|\s+-)?\s+",
    re.IGNORECASE,
)
# A line such as "John: I live in Boston" quotes a conversation.
_TRANSCRIPT = lazy(
    r"\s*(?!(?:update|ps|note|fyi|btw|edit|reminder|me|about me|fun fact|remember)\b)[A-Za-z][\w .'-]{0,24}:\s",
    re.IGNORECASE,
)

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
    start, text = 0, reading.text
    for match in _SENTENCE_END.finditer(text):
        end = match.end()
        if match[0] == "." and (
            text[end : end + 1].islower()
            or text[end : end + 1].isdigit()
            or _ABBREVIATED.search(text, max(start, end - 5), end - 1)
        ):
            continue
        if not _read_sentence(reading, start, match.start(), question="?" in match[0] or "？" in match[0]):
            return
        start = end
    _read_sentence(reading, start, len(text), question=False)


def _read_sentence(reading: Reading, start: int, end: int, *, question: bool) -> bool:
    """Read one sentence; return False where the rest of the message is not the speaker's own either."""
    text = reading.text
    while start < end and text[start].isspace():
        start += 1
    remember = _REMEMBER.match(text, start, end)
    if remember:
        start = remember.end()
    if _COMMAND.match(text, start, end):
        return ":" not in text[start:end]
    if question or not _promising(text[start:end]) or (not remember and _TRANSCRIPT.match(text, start, end)):
        return True
    mark = reading.mark()
    _read_clauses(reading, start, end)
    # Few sentences get here with a statement, so the costly question is asked last.
    if len(reading.found) > mark[0] and _is_not_own(text[start:end].lower()):
        reading.undo(mark)
    return True


def _is_not_own(sentence: str) -> bool:
    """Tell whether a sentence in lower case gives another's words or an imagined world."""
    return (
        not _NOT_OWN_WORDS.isdisjoint(_WORD.findall(sentence))
        or any(phrase in sentence for phrase in _NOT_OWN_PHRASES)
        or _NOT_OWN_WORLD.search(sentence) is not None
    )


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
    for clause in clauses_of(reading.text, start, end):
        subject = None if clause.intro in SUBORDINATE else subject_of(reading, clause, previous)
        if subject is not None:
            known = len(reading.found)
            _apply(reading, Clause(start, clause.end, "") if subject.borrowed else clause, subject, lead)
            previous = subject if len(reading.found) > known else None
        lead = clause.start if subject is None and clause.end - clause.start < _LEAD_CHARS else clause.end


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
