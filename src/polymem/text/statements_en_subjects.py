"""Find who an English clause is about."""

from __future__ import annotations

import re
from typing import Final

from polymem.domain.statement import SELF
from polymem.text import statements_en_words as words
from polymem.text.lazy import lazy
from polymem.text.normalise import lower_aligned, name_key
from polymem.text.statement_reading import Reading, Subject, relate
from polymem.text.statements_en_clauses import CARRIED_ON, THIRD_VERB, Clause
from polymem.text.statements_en_rules import ADVERB, KIN

__all__ = ["subject_of"]

_LEAD = lazy(
    rf"""(?:(?:well|yeah|yes|yep|yup|no|nah|nope|oh|ah|wow|hey|hi|hello|hi\ there|hey\ there|so|and|but|also|plus|btw|by\ the\ way|ok|okay|lol|haha
    |honestly|personally|to\ be\ honest|tbh|as\ you\ know|you\ know|as\ for\ me|for\ me|in\ fact|of\ course|sure|thanks|thank\ you|anyway
    |these\ days|nowadays|right\ now|at\ the\ moment|recently|lately|because|although|even\ though|though|however|luckily|sadly|unfortunately
    |in\ my\ (?:free|spare)\ time|for\ fun|too|then|yet|good\ morning|good\ evening|nice|great|cool|awesome|true|same\ here|me\ too|on\ weekends
    |every\ \w+|on\ \w+days?|in\ the\ (?:morning|evening|afternoon)s?|after\ (?:work|dinner|school)|before\ (?:bed|work)
    |(?:this|last|next|past)\ (?:past\ )?(?:week|weekend|month|year|summer|winter|spring|fall|autumn|night|time|morning|afternoon|evening|(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:mon|tues?|wed|thurs?|fri|sat|sun)|january|february|march|april|may|june|july|august|september|october|november|december|christmas)(?:\ (?:morning|night|evening|afternoon))?|yesterday(?:\ (?:morning|afternoon|evening|night))?|today|tonight|tomorrow|\w+\ (?:days?|weeks?|months?|years?)\ ago
    |in\ (?:\w+\ )?(?:19|20)\d\d|in\ (?:january|february|march|april|may|june|july|august|september|october|november|december)
    |on\ (?:monday|tuesday|wednesday|thursday|friday|saturday|sunday)|a\ (?:few|couple\ of)\ \w+\ ago|as\ a\ \w+|my\ friends|{ADVERB})[\s,!]+)*""",
    re.VERBOSE,
)

# An old boss is a boss no more, as is whoever is called ex-, former or late; an old friend still is one.
_OF_A_TIME: Final = (
    "boss|manager|supervisor|teacher|professor|coach|tutor|mentor|roommate|flatmate|housemate|neighbou?r|colleague|coworker|co-worker"
    "|wife|husband|girlfriend|boyfriend|fianc[ée]e?|partner|spouse"
)
_QUALITY: Final = (
    rf"(?!(?:old|first|second)\s(?:{_OF_A_TIME})\b)"
    r"(?:(?:best|old|dear|older|younger|elder|eldest|oldest|youngest|little|big|new|good|close|closest|baby|beloved|lovely|first|second|only"
    r"|twin|maternal|paternal|great|sweet|cute)[\s-])*"
)
_NAME: Final = r"[A-Z][\w’]*(?:-[A-Z]\w+)?(?:\s[A-Z][a-z]+){0,2}"
_OWN: Final = (
    r"(?:name|nick\s?name|full\sname|first\sname|real\sname|job|profession|occupation|birthday|hobby|hobbies|main\shobby|hometown|home\stown|major|all[-\s]time"
    r"|(?:(?:new|current)\s)?favou?rite|(?:current\s)?(?:[a-z]+\s){1,2}?status(?=\sis\b)|dream|goal|(?:big|biggest|long-term|ultimate)\s(?:dream|goal)|native\slanguage|first\slanguage|mother\stongue|native\stongue)"
)
_SUBJECT = lazy(
    rf"""(?P<self>I|i|we|We)(?=[\s']|m\s)
    | (?:my|My|our|Our)\s+(?:{_QUALITY}(?P<kin>{KIN})\b(?:'s\s+(?P<kin2>{KIN})\b)?(?:,?\s+(?P<named>(?:{_NAME})(?=[\s,']))(?!\s+and\b),?
        |\s+(?P<lower>[a-z]+)(?=\s+(?:is|loves|likes|hates|has|lives|works|enjoys|studies|plays|speaks)\b))?(?=[\s',]|$)
        | (?P<own>(?={_OWN}\b)))
    | (?P<status>[Tt]he\s+(?:current\s+)?(?=status\s+of\s+(?:my|our)\b))
    | (?P<call>(?:[Ee]veryone|[Ee]verybody|[Pp]eople|[Ff]riends|[Tt]hey|[Yy]ou\s+can|[Pp]lease|[Jj]ust)?\s*)(?=[Cc]alls?\s+me\s)
    | (?P<he>[Hh]e|[Ss]he)(?=[\s'])
    | (?P<his>[Hh]is|[Hh]er)\s+{_QUALITY}(?P<his_kin>{KIN})\b(?=[\s'])
    | (?P<name>{_NAME})(?:'s\s+{_QUALITY}(?P<name_kin>{KIN})\b)?(?=\s|'s)
    | (?P<plain>[a-z]+)(?:'s\s+{_QUALITY}(?P<plain_kin>{KIN})\b)?(?=\s+(?:{ADVERB}\s+)?{THIRD_VERB}\b)
    """,
    re.VERBOSE,
)
# After a name that no list knows, only verbs of which a person is the subject.
_VERB_OF_A_PERSON = lazy(
    r"\s*(?:'s|is) (?:my|allergic|married|from)\b|\s*(?:loves|hates|enjoys|adores|dislikes|detests|lives in|works (?:at|as|for)|studies|speaks|can't stand)\b"
)
_VERB_OF_ANOTHER = lazy(
    rf"\s*(?:{ADVERB}\s+)*(?:{THIRD_VERB}\b|'s\b|[a-z]+s\b|[a-z]+ed\b|can\b|met\b|took\b|ran\b|won\b|saw\b)"
)
_FEMALE: Final = frozenset(("mother", "sister", "daughter", "grandmother", "aunt", "niece"))
_MALE: Final = frozenset(("father", "brother", "son", "grandfather", "uncle", "nephew"))
_KIN_WORD = lazy(rf"\b(?:{KIN})\b", re.IGNORECASE)
_CAPITALISED = lazy(r"\b[A-Z][a-z]+\b")
_CARRY = lazy(CARRIED_ON)
_CARRY_ATTITUDE = lazy(rf"(?:{ADVERB}\s+)*(?:(?:{words.ATTITUDES})s?\b|can't\s+stand|don't\s+(?:like|enjoy))")
_INFINITIVES: Final = frozenset(("wants", "plans", "likes", "dislikes", "habit"))


def subject_of(reading: Reading, clause: Clause, previous: Subject | None) -> Subject | None:
    """Return who the clause is about, None where that is nobody, unclear, or not a person."""
    text = reading.text
    lead = _LEAD.match(lower_aligned(text[clause.start : clause.end]))
    start = clause.start + (lead.end() if lead else 0)
    if previous is not None and _CARRY.match(text, start, clause.end):
        open_ended = not reading.found or reading.found[-1].predicate in _INFINITIVES
        if open_ended and not _CARRY_ATTITUDE.match(text, start, clause.end):
            return None
        return Subject(previous.name, start, previous.owner, previous.kin, borrowed=True)
    match = _SUBJECT.match(text, start, clause.end)
    if match is None:
        return None
    if match["self"]:
        return Subject(SELF, match.end())
    if match["kin"]:
        return _kin_subject(reading, match, clause)
    if match["own"] is not None or match["call"] is not None or match["status"]:
        return Subject(SELF, match.end())
    if match["he"] or match["his"]:
        return _pronoun_subject(reading, match)
    return _named_subject(reading, match, clause)


_NOT_ANY_MORE = lazy(
    r"\s*,?\s*(?:(?:is|'s)(?:n't|\s+not|\s+no\s+longer)|wasn't|was|used\s+to\s+be)\s+(?:really\s+)?my\b"
)


def _kin_subject(reading: Reading, match: re.Match[str], clause: Clause) -> Subject | None:
    """Return "my sister", "my sister's husband", or the name that follows."""
    noun = match["kin"].lower()
    if match["kin2"]:
        return Subject(
            f"my {noun}'s {match['kin2'].lower()}",
            match.end("kin2"),
            f"my {noun}",
            reading.predicate_of(match["kin2"]),
        )
    named, lower = match["named"], match["lower"]
    if (
        named
        and not words.COMMON_CAPITALISED.intersection(named.split())
        and named.lower() not in words.LANGUAGES
    ):
        if _NOT_ANY_MORE.match(reading.text, match.end(), clause.end):
            return None
        relate(reading, SELF, noun, named, span=(clause.start, clause.end))
        return Subject(reading.person(named), match.end())
    if lower and lower not in words.NOT_A_NAME and noun in words.FAMILY:
        relate(reading, SELF, noun, lower, span=(clause.start, clause.end))
        return Subject(reading.person(lower), match.end())
    if named or lower:
        return (
            None
            if named
            else Subject(f"my {noun}", match.start("lower") - 1, SELF, reading.predicate_of(noun))
        )
    return Subject(reading.person(f"my {noun}"), match.end("kin"), SELF, reading.predicate_of(noun))


def _pronoun_subject(reading: Reading, match: re.Match[str]) -> Subject | None:
    """Return the only person spoken of so far; None where there are several, or none of that gender."""
    before = reading.text[: match.start()]
    others = {word for word in _CAPITALISED.findall(before) if word in words.FIRST_NAMES}
    if len(reading.people) != 1:
        return None
    name = next(iter(reading.people.values()))
    if others - set(name.split()) - {match["his"]}:
        return None
    relation = next(
        (s.predicate for s in reading.found if s.object == name),
        reading.predicate_of(name[3:]) if name.startswith("my ") else "",
    )
    # Somebody else may be meant where a noun for a person was said of whom it is not known to be the same one.
    kin = set(_KIN_WORD.findall(before))
    kin -= {
        word
        for s in reading.found
        if s.subject == name and s.predicate in {"is", "works_as"}
        for word in s.object.split()
    }
    if len(kin) > 1 or any(reading.predicate_of(noun.lower()) != relation for noun in kin):
        return None
    female = (match["he"] or match["his"]).lower() in {"she", "her"}
    if relation in (_MALE if female else _FEMALE):
        return None
    if match["he"]:
        return Subject(name, match.end(), borrowed=True)
    return Subject(
        f"{name}'s {match['his_kin'].lower()}", match.end(), name, reading.predicate_of(match["his_kin"])
    )


def _named_subject(reading: Reading, match: re.Match[str], clause: Clause) -> Subject | None:
    """Return a person by name, or somebody of that person's."""
    name, kin = match["name"] or match["plain"], match["name_kin"] or match["plain_kin"]
    known = name_key(name) in reading.people or (name.split()[0] in words.FIRST_NAMES)
    if not known and (match["plain"] or words.COMMON_CAPITALISED.intersection(name.split())):
        return None
    test = _VERB_OF_ANOTHER if known else _VERB_OF_A_PERSON
    if not kin and not test.match(reading.text, match.end(), clause.end):
        return None
    name = reading.person(name)
    if kin:
        return Subject(f"{name}'s {kin.lower()}", match.end(), name, reading.predicate_of(kin))
    return Subject(name, match.end())
