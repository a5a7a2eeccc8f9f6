"""Read English statements: sentence, clause, subject, then the rules that the clause's words call for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from polymem.domain.statement import SELF
from polymem.text import statements_en_words as words
from polymem.text.normalise import name_key
from polymem.text.statement_reading import Reading, Subject, concerns, relate, state
from polymem.text.statements_en_rules import ADVERB, KIN, RULES_BY_WORD

__all__ = ["read_english"]


@dataclass(frozen=True, slots=True)
class _Clause:
    """A stretch of text that may hold one statement, and the conjunction that introduces it."""

    start: int
    end: int
    intro: str


# ---------------------------------------------------------------- what is not read at all

_SENTENCE_END = re.compile(r"[.!?。！？\n]+[\"'”’)\]]*")
_ABBREVIATED = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|St|vs|[A-Za-z])$")
# Another's words, a game, a text to work on: nothing in the sentence is the speaker's own statement.
_NOT_OWN_WORDS = re.compile(
    r"\b(?:says|said|saying|told|tells|asks|asked|thinks|believes?d?|claims?|claimed|wrote|writes|heard|quotes?|quoted|sang|sings"
    r"|lyrics?|shouted|yelled|replied|answered|whispered|insists|insisted|reckons|suspects|assumes|pretend(?:s|ing)?|imagine"
    r"|imagining|suppose|supposing|hypothetically|role-?play(?:ing)?|let's say|let us say|what if|if only|once upon a time"
    r"|in (?:my|the|a|this) (?:story|novel|dream|game|movie|film|scenario|script)|as if|as though|just kidding|j/k)\b",
    re.IGNORECASE,
)
_COMMAND = re.compile(
    r"^\s*(?:(?:please|now|ok(?:ay)?|so|and|then|hey|hi|can you|could you|just)[\s,]+)*(?:say|write|translate|rewrite|rephrase|paraphrase|proofread"
    r"|correct|fix|repeat|summari[sz]e|complete|continue|generate|create|compose|draft|make up|act as|act like|play the role|respond as"
    r"|reply|tell|ask|explain|describe|analy[sz]e|classify|give|list|convert|parse|read|sing|type|print|output|check|edit|finish|answer"
    r"|format|let's (?:play|pretend|imagine)|you are|you're|be a|if|unless|had i|were i|even if|as long as|in case|suppose|once|until)\b",
    re.IGNORECASE,
)
_REMEMBER = re.compile(
    r"\s*(?:(?:please|also|and|so|just|ok|hey)[\s,]+)*(?:remember|note|keep in mind|don't forget|do not forget|be aware|you should know|just so you know"
    r"|for the record|fun fact|fyi|update|ps|p\.s\.|btw|by the way|reminder|about me|quick update|good news|edit|a bit about me)(?:\s+that\b|[:,]|\s+-)?\s+",
    re.IGNORECASE,
)
# A line such as "John: I live in Boston" quotes a conversation.
_TRANSCRIPT = re.compile(
    r"\s*(?!(?:update|ps|note|fyi|btw|edit|reminder|me|about me|fun fact|remember)\b)[A-Za-z][\w .'-]{0,24}:\s",
    re.IGNORECASE,
)

# ---------------------------------------------------------------- clauses

_THIRD_VERB: Final = (
    r"(?:loves|likes|hates|enjoys|adores|prefers|dislikes|lives|works|studies|speaks|has|owns|is|was|wants|plans|plays|moved|grew|used\sto"
    r"|can't\sstand|doesn't|does\snot|isn't|usually|always|often|went|visited|bought|got|goes)"
)
_CARRIED_ON: Final = (
    rf"(?:{ADVERB}\s+)*(?:(?:{words.ATTITUDES})s?\b|can't\s+stand|don't\s+(?:like|enjoy|have|speak|live|work)|doesn't|works?\s+(?:at|as|for|in)\b"
    r"|lives?\s+in\b|moved\s+to\b|(?:have|has|own|owns)\s+(?:an?|two|three|four)\b|(?:am|'m|is)\s+(?:an?\b|allergic|from|into|married|fluent)"
    r"|stud(?:y|ies)\b|speaks?\s+[A-Z])"
)
_SUBJECT_AHEAD: Final = (
    rf"(?:(?:I|i|we|my|our|he|she|his|her|it|they|you|there|this|that|these|those|their|your|the|who|let's|what|how)\b(?:'|\s)"
    rf"|[A-Z]\w+(?:'s\s+\w+)?\s+(?:{ADVERB}\s+)?{_THIRD_VERB}\b|[a-z]+\s+{_THIRD_VERB}\b)"
)
_BOUNDARY = re.compile(
    rf"""[;()\[\]—…]\s* | :(?=\s)\s* | \.\.+\s*
    | [,\s]\s*(?:[-–—]+\s\s*
        | (?P<c>but|because|cause|cuz|although|though|however|while|whereas|yet|which|who|where|when|whenever|if|unless|until|whether|so\ that
            |since(?=\s+(?:I|he|she|we|they|it|my)\b))\s+
        | (?P<d>and|or|so|then|plus)\s+(?=(?:also\s+|now\s+|then\s+)?{_SUBJECT_AHEAD}|{_CARRIED_ON}))
    | ,\s*(?P<e>)(?={_SUBJECT_AHEAD}|(?!like\b|love\b){_CARRIED_ON})
    """,
    re.VERBOSE,
)
_SUBORDINATE: Final = frozenset(
    (
        "which",
        "who",
        "where",
        "when",
        "whenever",
        "if",
        "unless",
        "until",
        "whether",
        "so that",
        "or",
        "while",
    )
)
_LEAD = re.compile(
    rf"""(?:(?:well|yeah|yes|yep|yup|no|nah|nope|oh|ah|wow|hey|hi|hello|hi\ there|hey\ there|so|and|but|also|plus|btw|by\ the\ way|ok|okay|lol|haha
    |honestly|personally|to\ be\ honest|tbh|as\ you\ know|you\ know|as\ for\ me|for\ me|in\ fact|of\ course|sure|thanks|thank\ you|anyway
    |these\ days|nowadays|right\ now|at\ the\ moment|recently|lately|because|although|even\ though|though|however|luckily|sadly|unfortunately
    |in\ my\ (?:free|spare)\ time|for\ fun|too|then|yet|good\ morning|good\ evening|nice|great|cool|awesome|true|same\ here|me\ too|on\ weekends
    |every\ \w+|on\ \w+days?|in\ the\ (?:morning|evening|afternoon)s?|after\ (?:work|dinner|school)|before\ (?:bed|work)
    |(?:this|last|next|past)\ (?:past\ )?(?:week|weekend|month|year|summer|winter|spring|fall|autumn|night|time|morning|afternoon|evening|(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:mon|tues?|wed|thurs?|fri|sat|sun)|january|february|march|april|may|june|july|august|september|october|november|december|christmas)(?:\ (?:morning|night|evening|afternoon))?|yesterday(?:\ (?:morning|afternoon|evening|night))?|today|tonight|tomorrow|\w+\ (?:days?|weeks?|months?|years?)\ ago
    |in\ (?:\w+\ )?(?:19|20)\d\d|in\ (?:january|february|march|april|may|june|july|august|september|october|november|december)
    |on\ (?:monday|tuesday|wednesday|thursday|friday|saturday|sunday)|a\ (?:few|couple\ of)\ \w+\ ago|as\ a\ \w+|my\ friends|{ADVERB})[\s,!]+)*""",
    re.VERBOSE | re.IGNORECASE,
)

# ---------------------------------------------------------------- subjects

_QUALITY: Final = (
    r"(?:(?:best|old|dear|older|younger|elder|eldest|oldest|youngest|little|big|new|good|close|closest|baby|beloved|lovely|first|second|only"
    r"|twin|former|ex|maternal|paternal|great|sweet|cute)[\s-])*"
)
_NAME: Final = r"[A-Z][\w’]*(?:-[A-Z]\w+)?(?:\s[A-Z][a-z]+){0,2}"
_OWN: Final = (
    r"(?:name|full\sname|first\sname|real\sname|job|profession|occupation|birthday|hobby|hobbies|main\shobby|hometown|home\stown|major|all[-\s]time"
    r"|favou?rite|dream|goal|(?:big|biggest|long-term|ultimate)\s(?:dream|goal)|native\slanguage|first\slanguage|mother\stongue|native\stongue)"
)
_SUBJECT = re.compile(
    rf"""(?P<self>I|i|we|We)(?=[\s']|m\s)
    | (?:my|My|our|Our)\s+(?:{_QUALITY}(?P<kin>{KIN})\b(?:'s\s+(?P<kin2>{KIN})\b)?(?:,?\s+(?P<named>(?:{_NAME})(?=[\s,']))(?!\s+and\b),?
        |\s+(?P<lower>[a-z]+)(?=\s+(?:is|loves|likes|hates|has|lives|works|enjoys|studies|plays|speaks)\b))?(?=[\s',]|$)
        | (?P<own>(?={_OWN}\b)))
    | (?P<call>(?:[Ee]veryone|[Ee]verybody|[Pp]eople|[Ff]riends|[Tt]hey|[Yy]ou\s+can|[Pp]lease|[Jj]ust)?\s*)(?=[Cc]alls?\s+me\s)
    | (?P<he>[Hh]e|[Ss]he)(?=[\s'])
    | (?P<his>[Hh]is|[Hh]er)\s+{_QUALITY}(?P<his_kin>{KIN})\b(?=[\s'])
    | (?P<name>{_NAME})(?:'s\s+{_QUALITY}(?P<name_kin>{KIN})\b)?(?=\s|'s)
    | (?P<plain>[a-z]+)(?:'s\s+{_QUALITY}(?P<plain_kin>{KIN})\b)?(?=\s+(?:{ADVERB}\s+)?{_THIRD_VERB}\b)
    """,
    re.VERBOSE,
)
_SKIP = re.compile(rf"\s*(?:,\s*)?(?:{ADVERB}\s+)*")
# After a name that no list knows, only verbs of which a person is the subject.
_VERB_OF_A_PERSON = re.compile(
    r"\s*(?:'s|is) (?:my|allergic|married|from)\b|\s*(?:loves|hates|enjoys|adores|dislikes|detests|lives in|works (?:at|as|for)|studies|speaks|can't stand)\b"
)
_VERB_OF_ANOTHER = re.compile(
    rf"\s*(?:{ADVERB}\s+)*(?:{_THIRD_VERB}\b|'s\b|[a-z]+s\b|[a-z]+ed\b|can\b|met\b|took\b|ran\b|won\b|saw\b)"
)
_FEMALE: Final = frozenset(("mother", "sister", "daughter", "grandmother", "aunt", "niece"))
_MALE: Final = frozenset(("father", "brother", "son", "grandfather", "uncle", "nephew"))
_KIN_WORD = re.compile(rf"\b(?:{KIN})\b", re.IGNORECASE)
_CAPITALISED = re.compile(r"\b[A-Z][a-z]+\b")
_WORD = re.compile("[a-z]+|[1-9]")
_CALLING: Final = frozenset(RULES_BY_WORD)
_DEEDS: Final = frozenset(word for word, rules in RULES_BY_WORD.items() if all(rule.timed for rule in rules))
_WEAK: Final = _DEEDS | {"the"}
"""Words too common to call for a rule alone: verbs in the past need a time, a role needs its copula."""
_ROLE = re.compile("(?:is|'s) the ")
_TIME_HINT = re.compile(
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
    if len(reading.found) > mark[0] and _NOT_OWN_WORDS.search(text, start, end):
        reading.undo(mark)
    return True


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
    for clause in _clauses(reading.text, start, end):
        subject = None if clause.intro in _SUBORDINATE else _subject(reading, clause, previous)
        if subject is not None:
            known = len(reading.found)
            _apply(reading, _Clause(start, clause.end, "") if subject.borrowed else clause, subject, lead)
            previous = subject if len(reading.found) > known else None
        lead = clause.start if subject is None and clause.end - clause.start < _LEAD_CHARS else clause.end


_LEAD_CHARS: Final = 30
"""A longer clause without a subject is more than the time of the next one."""


def _clauses(text: str, start: int, end: int) -> Iterator[_Clause]:
    """Cut a sentence into clauses; one that hangs on a following "if" is left out."""
    intro, supposed = "", False
    for match in _BOUNDARY.finditer(text, start, end):
        following = match["c"] or match["d"] or ""
        comma = match[0].startswith(",")
        if not supposed and (comma or following not in _SUPPOSING):
            yield _Clause(start, match.start(), intro)
        # What hangs on an "if" goes on until a comma.
        supposed = following in _SUPPOSING or (supposed and not comma)
        start, intro = match.end(), following
    if not supposed:
        yield _Clause(start, end, intro)


_SUPPOSING: Final = frozenset(("if", "unless"))
_CARRY = re.compile(_CARRIED_ON)
_CARRY_ATTITUDE = re.compile(
    rf"(?:{ADVERB}\s+)*(?:(?:{words.ATTITUDES})s?\b|can't\s+stand|don't\s+(?:like|enjoy))"
)
_INFINITIVES: Final = frozenset(("wants", "plans", "likes", "dislikes", "habit"))


def _subject(reading: Reading, clause: _Clause, previous: Subject | None) -> Subject | None:
    """Return who the clause is about, None where that is nobody, unclear, or not a person."""
    text = reading.text
    lead = _LEAD.match(text, clause.start, clause.end)
    start = lead.end() if lead else clause.start
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
    if match["own"] is not None or match["call"] is not None:
        return Subject(SELF, match.end())
    if match["he"] or match["his"]:
        return _pronoun_subject(reading, match)
    return _named_subject(reading, match, clause)


def _kin_subject(reading: Reading, match: re.Match[str], clause: _Clause) -> Subject | None:
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
        relate(reading, SELF, noun, named, (clause.start, clause.end))
        return Subject(reading.person(named), match.end())
    if lower and lower not in words.NOT_A_NAME and noun in words.FAMILY:
        relate(reading, SELF, noun, lower, (clause.start, clause.end))
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
    if others - set(name.split()) - {match["his"]} or len(set(_KIN_WORD.findall(before))) > 1:
        return None
    relation = next(
        (s.predicate for s in reading.found if s.object == name),
        reading.predicate_of(name.removeprefix("my ")),
    )
    female = (match["he"] or match["his"]).lower() in {"she", "her"}
    if relation in (_MALE if female else _FEMALE):
        return None
    if match["he"]:
        return Subject(name, match.end(), borrowed=True)
    return Subject(
        f"{name}'s {match['his_kin'].lower()}", match.end(), name, reading.predicate_of(match["his_kin"])
    )


def _named_subject(reading: Reading, match: re.Match[str], clause: _Clause) -> Subject | None:
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


# ---------------------------------------------------------------- predicates


def _apply(reading: Reading, clause: _Clause, subject: Subject, lead: int) -> None:
    """Try the rules that the clause's words call for."""
    skip = _SKIP.match(reading.text, subject.end, clause.end)
    start = skip.end() if skip else subject.end
    called = dict.fromkeys(_WORD.findall(reading.text[start : clause.end].lower()))
    for word in called:
        for rule in RULES_BY_WORD.get(word, ()):
            match = rule.pattern.match(reading.text, start, clause.end) if concerns(rule, subject) else None
            if match:
                state(reading, subject, rule, match, span=(clause.start, clause.end), lead=lead)
