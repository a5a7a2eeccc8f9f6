"""English statement rules: one row for each way of saying something, matched where the subject ends.

A row reads: name, predicate, the words that call for it, the pattern, the converter of what ``object`` captured.
"""

from __future__ import annotations

import re
from typing import Final, Unpack

from polymem.text import statements_en_facts as facts
from polymem.text import statements_en_names as names
from polymem.text import statements_en_things as things
from polymem.text import statements_en_words as words
from polymem.text.lazy import lazy
from polymem.text.statement_rules import Converter, How, Rule, by_word

__all__ = ["ADVERB", "BE", "KIN", "RULES", "RULES_BY_WORD"]

ADVERB: Final = (
    "(?:really|also|just|still|actually|absolutely|truly|totally|definitely|personally|especially|particularly|honestly"
    "|simply|currently|now|already|recently|originally|both|all|certainly|genuinely|only|finally|lately|deeply|quite"
    "|of course|very|so|super|completely)"
)
BE: Final = rf"(?:am|'m|is|'s|are|'re|m)\s+(?:{ADVERB}\s+)*"
_NOT: Final = r"(?:(?:do|does|did)\s+not|(?:do|does)n't|dont|doesnt)\s+(?:(?:really|actually|particularly|even|quite)\s+)*"
_BE_NOT: Final = (
    r"(?:(?:am|'m|is|'s|are|'re|m)\s+not|isn't|aren't)\s+(?:(?:really|actually|that|so|very|too|exactly)\s+)*"
)
_HAVE: Final = rf"(?:(?:have|has|own|owns)|(?:'ve|'s|have|has)\s+got)\s+(?:{ADVERB}\s+)*"
_OBJECT: Final = r"(?P<object>.+)"
_ANY_MORE: Final = r"(?:\s+(?:any\s?more|any longer|now).*)?$"

KIN: Final = "|".join(
    sorted((re.escape(word) for word in (*words.FAMILY, *words.PETS)), key=len, reverse=True)
)
"""Nouns for people and animals that belong to somebody, longest first."""


def _row(
    name: str, predicate: str, triggers: str, pattern: str, *, read: Converter, **how: Unpack[How]
) -> Rule:
    """Return one rule of the table."""
    return Rule(name, predicate, tuple(triggers.split()), lazy(pattern, re.IGNORECASE), read, **how)


# A copula or "have" occurs in every other sentence; what follows it calls for the rule instead.
_TRAITS: Final = " ".join(words.TRAITS) + " person owl bird only"
_JOBS: Final = " ".join(words.OCCUPATIONS)
_NAMES: Final = " ".join(words.FIRST_NAMES).lower()
_RELATIVES: Final = " ".join(word for word in words.FAMILY if word.isalpha()) + " law worker"
_PETS: Final = " ".join(f"{pet} {pet}s" for pet in words.PETS) + " puppies kitties bunnies ponies huskies"
_THINGS: Final = " ".join(f"{thing} {thing}s" for thing in words.BELONGINGS if thing.isalpha())
_FIGURES: Final = "1 2 3 4 5 6 7 8 9"
_NUMBERS: Final = "one two three four five six seven eight nine ten eleven twelve"
_COUNTABLE: Final = "|".join(
    sorted(
        {
            form
            for noun in (*words.PETS, *words.FAMILY, *words.BELONGINGS)
            if noun.isalpha()
            for form in (noun, f"{noun}s", f"{noun[:-1]}ies")
        },
        key=len,
        reverse=True,
    )
)
_NOW: Final = r"(?:\s+(?:now|these\s+days|nowadays))?$"
_FIRM: Final = (
    r"(?:(?:the\s+)?(?-i:[A-Z])[\w&.'-]*(?:\s(?-i:[A-Z])[\w&.'-]*)*\s(?:inc|corp|corporation|ltd|llc|gmbh|group|labs|bank|company|university|college|school"
    rf"|institute|hospital)|{'|'.join(sorted(names.EMPLOYERS))})\b(?!'s\b)\.?"
)
"""What is an employer or a school by its name alone."""
_SCHOOL: Final = r"(?-i:[A-Z])[\w&.'-]*(?:\s[\w&.'-]+)*\s(?:university|college|school|institute|academy)\b(?!'s\b|\s(?:hospital|clinic|press|library|choir|museum|shop|gym|staff)\b)"

# fmt: off
_WEAK_PRONOUNS = r"(?!how\b|that\b|it\b|what\b|where\b|you\b|this\b|when\b|him\b|her\b|them\b|us\b)"
_IDENTITY: Final = (
    _row("name_is", "name", "name", rf"(?:'s\s+)?(?:(?:first|full|real|new)\s+)?name\s*(?:is|'s)\s+(?:now\s+)?(?P<object>.+?){_NOW}", read=names.person_name, confidence=0.95),
    _row("name_changed", "name", "changed", r"(?:(?:have|'ve|has)\s+)?(?:just\s+)?(?:legally\s+)?changed\s+(?:my|his|her)\s+name\s+to\s+(?P<object>.+)", read=names.person_name, confidence=0.9),
    _row("called", "name", "called named", rf"{BE}(?:called|named)\s+{_OBJECT}", read=names.person_name, confidence=0.9),
    _row("i_am", "name", _NAMES, rf"{BE}{_OBJECT}$", read=names.given_name, who="self"),
    _row("calls_me", "nickname", "call calls", rf"calls?\s+me\s+{_OBJECT}", read=names.nickname, who="self", confidence=0.85),
    _row("goes_by", "nickname", "by", rf"goe?s?\s+by\s+(?:the\s+(?:nick)?name\s+(?:of\s+)?)?{_OBJECT}", read=names.nickname, confidence=0.9),
    _row("nickname_is", "nickname", "nickname", rf"(?:'s\s+)?nick\s?name\s*(?:is|'s)\s+{_OBJECT}", read=names.nickname, confidence=0.9),
    _row("age_is", "age", "old", rf"{BE}(?:an?\s+)?(?P<object>[a-z]+(?:-[a-z]+)?|\d+)(?:\s+years?|-years?|\s+yrs?)?[\s-]old\b(?!er)", read=facts.number, confidence=0.9),
    _row("age_bare", "age", _FIGURES, rf"{BE}(?P<object>[1-9]\d)(?:\s+(?:now|already|this year))?$", read=facts.number, confidence=0.7),
    _row("turned", "age", "turned", rf"(?:have\s+)?turned\s+(?P<object>[\w-]+)(?![\w-])(?=\s*(?:[,.!]|$|(?:years?\s+old|today|yesterday|recently|now|last|this|on|just|earlier|{_NUMBERS.replace(' ', '|')}|\d+|an?|in\s+(?:(?:19|20)\d\d|(?:jan|febr)uary|march|april|may|june|july|august|(?:septem|octo|novem|decem)ber))\b))(?!.*\bback\s+then)", read=facts.number, confidence=0.8),
    _row("birthday", "birthday", "birthday", rf"(?:'s\s+)?birthday(?:\s+is|'s)\s+(?:on\s+)?{_OBJECT}", read=facts.birthdate, confidence=0.95),
    _row("born_on", "birthday", "born", rf"was\s+born\s+(?:on|in)\s+{_OBJECT}", read=facts.birthdate, confidence=0.9),
    _row("born_in", "from", "born", r"was\s+born(?:\s+and\s+raised)?\s+in\s+(?P<object>(?:the )?[A-Za-z].*)", read=names.place, confidence=0.85),
    _row("gender", "gender", "man woman girl boy guy", rf"{BE}a\s+(?P<object>man|woman|girl|boy|guy)$", read=lambda raw: [{"woman": "female", "girl": "female"}.get(raw.lower(), "male")]),
    _row("trait", "is", _TRAITS, rf"{BE}{_OBJECT}", read=facts.trait),
    _row("role", "is", "the", r"(?:is|'s)\s+the\s+(?P<object>.+)", read=facts.role, who="other", confidence=0.7),
    _row("not_trait", "is", _TRAITS, rf"{_BE_NOT}{_OBJECT}", read=facts.trait, positive=False),
)

_FONDNESS: Final = r"(?:(?:an?\s+)?(?:huge|big|massive|great|avid|lifelong)?\s*(?:fan|lover)\s+of|fond\s+of|into|keen\s+on|crazy\s+about|obsessed\s+with|passionate\s+about|in\s+love\s+with|addicted\s+to|hooked\s+on|mad\s+about)"
_ATTITUDES: Final = (
    _row("love", "likes", "love loves like likes enjoy enjoys adore adores", rf"(?:absolutely\s+)?(?:love|like|enjoy|adore)s?\s+{_WEAK_PRONOUNS}{_OBJECT}", read=things.things),
    _row("prefer", "likes", "prefer prefers", rf"prefers?\s+{_OBJECT}", read=things.preferred),
    _row("always_loved", "likes", "loved liked enjoyed", rf"(?:have|'ve|has|'s)\s+always\s+(?:loved|liked|enjoyed)\s+{_WEAK_PRONOUNS}{_OBJECT}", read=things.things),
    _row("fond_of", "likes", "fan lover fond into keen crazy obsessed passionate love addicted hooked mad", rf"{BE}{_FONDNESS}\s+{_OBJECT}", read=things.things),
    _row("favourite", "likes", "favorite favourite", rf"(?:'s\s+)?(?:(?:new|current|all[- ]time)\s+)*favou?rite\s+[\w' -]{{2,40}}?\s+(?:is|are)\s+(?:(?:probably|definitely|now|currently)\s+)?{_OBJECT}", read=things.things),
    _row("favourite_of", "favourite", "favorite favourite", rf"(?:'s\s+)?(?:(?:new|current|all[- ]time)\s+)*favou?rite\s+(?P<about>[a-z]+(?:\s[a-z]+)?)(?:\s+(?:is|has\s+become|became)|'s)\s+(?:(?:probably|definitely|now|currently)\s+)?{_OBJECT}", read=things.only_thing, shape="about", confidence=0.85),
    _row("hobby", "likes", "hobby hobbies", rf"(?:'s\s+)?(?:main\s+|favou?rite\s+)?hobb(?:y|ies)\s+(?:is|are|include|includes)\s+{_OBJECT}", read=things.things),
    _row("hate", "dislikes", "hate hates dislike dislikes detest detests loathe loathes despise despises", rf"(?:hate|dislike|detest|loathe|despise)s?\s+{_WEAK_PRONOUNS}{_OBJECT}", read=things.things),
    _row("cant_stand", "dislikes", "stand bear", rf"(?:can't|cannot|can\s+not|cant|couldn't)\s+(?:stand|bear)\s+{_WEAK_PRONOUNS}{_OBJECT}", read=things.things),
    _row("dont_like", "dislikes", "like enjoy care", rf"{_NOT}(?:like|enjoy|care\s+for)\s+{_WEAK_PRONOUNS}{_OBJECT}", read=things.things),
    _row("not_fond_of", "dislikes", "fan fond into keen", rf"{_BE_NOT}{_FONDNESS}\s+{_OBJECT}", read=things.things),
    _row("never_liked", "dislikes", "liked enjoyed", rf"(?:have\s+|'ve\s+|has\s+)?never\s+(?:liked|enjoyed)\s+{_WEAK_PRONOUNS}{_OBJECT}", read=things.things),
    _row("dont_hate", "dislikes", "hate dislike", rf"{_NOT}(?:hate|dislike)\s+{_WEAK_PRONOUNS}{_OBJECT}", read=things.things, positive=False),
    _row("used_to_like", "likes", "used", rf"used\s+to\s+(?:love|like|enjoy|adore)\s+{_WEAK_PRONOUNS}{_OBJECT}", read=things.things, positive=False),
    _row("no_longer_like", "likes", "love loves like likes enjoy enjoys liking loving enjoying", rf"(?:no\s+longer\s+(?:love|like|enjoy)s?|(?:(?:have|'ve|has)\s+)?stopped\s+(?:lik|lov|enjoy)ing)\s+{_WEAK_PRONOUNS}{_OBJECT}", read=things.things, positive=False),
    _row("used_to_hate", "dislikes", "used", rf"used\s+to\s+(?:hate|dislike)\s+{_WEAK_PRONOUNS}{_OBJECT}", read=things.things, positive=False),
)

_PLACES: Final = (
    _row("live_in", "lives_in", "live lives living based reside resides", rf"(?:live|lives|reside|resides|{BE}(?:living|based))\s+(?:now\s+|currently\s+)?in\s+{_OBJECT}", read=names.place, confidence=0.9),
    _row("have_lived", "lives_in", "lived living", r"(?:have|'ve|has|'s)\s+(?:lived|been\s+living)\s+in\s+(?P<object>.+?)\s+(?:for|since|all)\b", read=names.place, confidence=0.85),
    _row("moved_to", "lives_in", "moved relocated", rf"(?:(?:have|'ve|has)\s+(?:just\s+)?)?(?:moved|relocated)\s+(?:back\s+)?(?:from\s+.+?\s+)?to\s+(?P<earlier>.+?(?:,|\s)\s*(?:(?:and|but|before)\s+)?(?:(?:then|later|afterwards|eventually|finally|after\s+that)\s+)+(?:on\s+)?(?:back\s+)?(?:to\s+)?)?{_OBJECT}", read=names.place, confidence=0.85),
    _row("not_live", "lives_in", "live lives living", rf"(?:{_NOT}live|no\s+longer\s+lives?|{_BE_NOT}living|{BE}no\s+longer\s+living)\s+in\s+(?P<object>.+?){_ANY_MORE}", read=names.place, positive=False),
    _row("used_to_live", "lives_in", "used", rf"used\s+to\s+live\s+in\s+{_OBJECT}", read=names.place, positive=False),
    _row("moved_away", "lives_in", "moved left", rf"moved\s+(?:away\s+from|out\s+of)\s+{_OBJECT}", read=names.place, positive=False),
    _row("lived_in", "lives_in", "lived living", rf"(?:lived|was\s+living|were\s+living)\s+in\s+{_OBJECT}", read=names.place, timed=True, ended=True, confidence=0.7),
    _row("from", "from", "from", rf"(?:{BE}|comes?\s+){ADVERB}?\s*from\s+{_OBJECT}", read=names.place, confidence=0.85),
    _row("grew_up", "from", "grew", rf"grew\s+up\s+in\s+{_OBJECT}", read=names.place, confidence=0.75),
    _row("hometown", "from", "hometown", rf"(?:'s\s+)?home\s?town\s+is\s+{_OBJECT}", read=names.place, confidence=0.9),
    _row("not_from", "from", "from", rf"{_BE_NOT}from\s+{_OBJECT}", read=names.place, positive=False),
)

_AT: Final = r"(?:at|for|with)"
_WORK: Final = (
    _row("work_at", "works_at", "work works working employed", rf"(?:works?|{BE}(?:working|employed))\s+(?:(?:full|part)[- ]time\s+)?(?:at|for|by)\s+{_OBJECT}", read=names.organisation, confidence=0.85),
    _row("work_as_at", "works_at", "work works working", rf"(?:works?|{BE}working)\s+as\s+.+?\s+(?:at|for)\s+{_OBJECT}", read=names.organisation, confidence=0.85),
    _row("work_as", "works_as", "work works working employed", rf"(?:works?|{BE}working|{BE}employed)\s+(?:(?:full|part)[- ]time\s+)?as\s+(?P<object>an?\s+.+)", read=facts.occupation, confidence=0.85),
    _row("work_in", "works_in", "work works working", rf"(?:works?|{BE}working)\s+in\s+{_OBJECT}", read=names.place, confidence=0.8),
    _row("is_a", "works_as", _JOBS, rf"{BE}(?P<object>an?\s+.+)", read=facts.occupation),
    _row("is_a_at", "works_at", _JOBS, rf"{BE}an?\s+(?:[\w-]+\s+){{0,3}}(?:{'|'.join(sorted(words.OCCUPATIONS))})\s+(?:at|for)\s+{_OBJECT}", read=names.organisation),
    _row("job_is", "works_as", "job profession occupation", rf"(?:'s\s+)?(?:job|profession|occupation)\s+is\s+(?:being\s+|as\s+)?{_OBJECT}", read=facts.occupation),
    _row("got_job", "works_at", "job working joined", rf"(?:(?:have|'ve|has)\s+)?(?:just\s+)?(?:got|landed|started|took|accepted|found)\s+(?:an?\s+|my\s+)?(?:[\w-]+\s+){{0,2}}(?:job|position|working)\s+{_AT}\s+{_OBJECT}", read=names.organisation),
    _row("joined", "works_at", "joined", rf"(?:(?:have|'ve|has)\s+)?(?:just\s+|recently\s+)?joined\s+(?P<object>{_FIRM}|.+(?=\s+as\s+(?:an?|their|its)\s))(?=\s+(?:as|in|on|last|this|yesterday|today|recently)\b|[,.]|$)", read=names.organisation),
    _row("became", "works_as", "became become", r"(?:(?:have|'ve|has)\s+(?:just\s+|recently\s+)?become|became)\s+(?P<object>an?\s+.+)", read=facts.occupation),
    _row("worked_at", "works_at", "worked working", r"(?:worked|was\s+working)\s+(?:at|for)\s+(?P<object>(?-i:[A-Z]).*)", read=names.organisation, timed=True, ended=True, confidence=0.7),
    _row("worked_as", "works_as", "worked working " + _JOBS, r"(?:(?:worked|was\s+working)\s+as|was)\s+(?P<object>an?\s+.+)", read=facts.occupation, timed=True, ended=True, confidence=0.7),
    _row("studied_at", "studies_at", "studied studying student attended", rf"(?:studied\s+(?:(?!at\b)[\w-]+\s+){{0,3}}at|attended|was\s+(?:studying|an?\s+student)\s+at)\s+(?P<object>{_SCHOOL})", read=names.organisation, timed=True, ended=True, confidence=0.7),
    _row("no_longer_work", "works_at", "work works working", rf"(?:{_NOT}work|no\s+longer\s+works?|used\s+to\s+work|{_BE_NOT}working|{BE}no\s+longer\s+working)\s+(?:at|for)\s+(?P<object>.+?){_ANY_MORE}", read=names.undivided, positive=False),
    _row("quit", "works_at", "quit left resigned", rf"(?:quit|left|resigned\s+from)\s+(?:my|his|her)\s+(?:job|position)\s+(?:at|with)\s+{_OBJECT}", read=names.organisation, positive=False),
    _row("left_firm", "works_at", "left", rf"(?:(?:have|'ve|has)\s+)?(?:just\s+|recently\s+)?left\s+(?P<object>{_FIRM})(?=\s+(?:in|on|for|last|this|yesterday|today|recently|and|because)\b|[,.]|$)", read=names.organisation, positive=False),
    _row("dismissed", "works_at", "fired laid let sacked redundant", r"(?:got|was|were|have\s+been|'ve\s+been|has\s+been)\s+(?:just\s+)?(?:fired|laid\s+off|sacked|let\s+go|made\s+redundant)\s+(?:from|by|at)\s+(?P<object>(?-i:[A-Z]).*)", read=names.organisation, positive=False),
    _row("left_long_ago", "works_at", "left", r"(?:have\s+|'ve\s+|has\s+)?left\s+(?P<object>(?-i:[A-Z])[\w&.'-]*(?:\s(?-i:[A-Z])[\w&.'-]*)*)(?=\s+(?:last\s+(?:month|year|spring|summer|fall|autumn|winter)|in\s+(?:19|20)\d\d|(?:\w+\s+){1,2}(?:months?|years?)\s+ago)\b)", read=names.left, positive=False),
    _row("no_longer_work_as", "works_as", "work works working", rf"(?:{_NOT}work|no\s+longer\s+works?|{_BE_NOT}working|{BE}no\s+longer\s+working)\s+as\s+(?P<object>an?\s+.+?){_ANY_MORE}", read=facts.occupation, positive=False),
    _row("used_to_be", "works_as", "used", r"used\s+to\s+(?:be|work\s+as)\s+(?!.*\s(?:in|at|for|with|on)\s)(?P<object>an?\s+.+)", read=facts.occupation, positive=False),
    _row("not_a", "works_as", _JOBS, rf"(?:{_BE_NOT}|{BE}no\s+longer\s+)(?P<object>an?\s+.+)", read=facts.occupation, positive=False),
    _row("study_at", "studies_at", "study studies studying student attend attends attending", rf"(?:(?:study|studies|{BE}studying)\s+(?:(?!at\b)[\w-]+\s+){{0,3}}at|(?:attends?|{BE}attending)|{BE}(?:an?\s+)?(?:[\w-]+\s+){{0,2}}student\s+(?:at|of))\s+(?P<object>(?:the\s+)?(?-i:[A-Z]).*)", read=names.organisation),
    _row("transferred", "studies_at", "transferred switched", rf"(?:(?:have|'ve|has)\s+)?(?:just\s+)?(?:transferred|switched)\s+to\s+(?P<object>{_SCHOOL})", read=names.organisation),
    _row("no_longer_study", "studies_at", "study studies studying attend attends", rf"(?:(?:{_NOT}study|no\s+longer\s+stud(?:y|ies)|{_BE_NOT}studying|{BE}no\s+longer\s+studying)\s+at|(?:{_NOT}attend|no\s+longer\s+attends?))\s+(?P<object>(?-i:[A-Z]).+?){_ANY_MORE}", read=names.organisation, positive=False),
    _row("study", "studies", "study studies studying learning majoring major", rf"(?:study|studies|{BE}(?:studying|learning|majoring\s+in)|majors?\s+in)\s+{_OBJECT}", read=things.subject_of_study),
    _row("major_is", "studies", "major", rf"(?:'s\s+)?major\s+is\s+{_OBJECT}", read=things.subject_of_study),
)

_PEOPLE: Final = (
    _row("has_named", "has", "named called", rf"{_HAVE}(?:an?|one|the)\s+(?:[\w-]+\s+){{0,3}}?(?P<noun>{KIN})\s*,?\s*(?:who\s+is\s+|who's\s+|whose\s+name\s+is\s+)?(?:named|called)\s+{_OBJECT}", read=names.person_name, shape="named", confidence=0.9),
    _row("has_pet", "has_pet", _PETS, rf"(?:{_HAVE}|(?:have\s+|'ve\s+)?(?:just\s+)?(?:got|adopted)\s+){_OBJECT}", read=facts.pet),
    _row("has_no_pet", "has_pet", _PETS, rf"(?:{_NOT}(?:have|own)\s+|{_HAVE}no\s+){_OBJECT}", read=facts.pet, positive=False),
    _row("role_of", "friend", _RELATIVES + " " + _PETS, rf"(?:is|'s)\s+(?:now\s+)?my\s+(?:best\s+|good\s+|old\s+|older\s+|younger\s+|big\s+|little\s+|elder\s+|new\s+|close\s+|dear\s+)*(?P<noun>{KIN})(?P<object>){_NOW}", read=lambda _: [""], shape="role", who="other", confidence=0.9),
    _row("role_over", "friend", _RELATIVES, rf"(?:(?:is|'s)\s+no\s+longer|(?:isn't|is\s+not|'s\s+not)(?=.*\bany\s?(?:more|longer)$))\s+my\s+(?P<noun>{KIN})(?P<object>)(?:\s+any\s?(?:more|longer))?$", read=lambda _: [""], shape="role", who="other", positive=False),
    _row("kin_is", "name", _RELATIVES + " " + _NAMES, r"(?:is|'s)\s+(?:now\s+)?(?P<object>(?-i:[A-Z])\w+(?: \w+)?)$", read=names.given_name, who="kin", confidence=0.7),
    _row("married_to", "partner", "married engaged dating", rf"(?:{BE}(?:married|engaged)\s+to|{BE}dating|(?:have\s+)?got\s+(?:married|engaged)\s+to|married)\s+(?P<object>(?-i:[A-Z]).*?){_NOW}", read=names.person_name),
    _row("broke_up", "partner", "broke divorced dating married engaged", rf"(?:broke\s+up\s+with|divorced|(?:{BE}no\s+longer|{_BE_NOT})\s*(?:dating|married\s+to|engaged\s+to))\s+(?P<object>(?-i:[A-Z]).*?){_ANY_MORE}", read=names.person_name, positive=False),
)

_LIFE: Final = (
    _row("have", "has", _THINGS, rf"{_HAVE}{_OBJECT}", read=facts.belongings),
    _row("counted", "count", f"{_NUMBERS.removeprefix('one ')} {_FIGURES} left", rf"{_HAVE}(?!(?:one|1)\s(?!.*\sleft$))(?P<object>\d{{1,3}}|{_NUMBERS.replace(' ', '|')})\s+(?P<about>{_COUNTABLE})(?:\s+(?:now|left|at\s+home|in\s+total|these\s+days))*$", read=facts.number, shape="about", confidence=0.85),
    _row("status_of", "status", "status", rf"(?:status\s+of\s+(?:my|our)\s+(?P<about>[a-z]+(?:\s[a-z]+){{0,2}}?)\s+(?:is|(?:has\s+)?changed\s+to|became)|(?:current\s+)?(?P<of>[a-z]+(?:\s[a-z]+)?)\s+status\s+is)\s+(?:(?:now|currently|still)\s+)?{_OBJECT}", read=things.state_of, shape="about", confidence=0.85),
    _row("own", "has", "own owns", r"owns?\s+(?P<object>an?\s+.+|two\s+.+|three\s+.+)", read=things.owned),
    _row("sold", "has", "sold", r"(?:have\s+|'ve\s+|has\s+)?(?:just\s+|finally\s+)?sold\s+(?:my|our|his|her)\s+(?P<object>(?:(?!(?:and|but|to|for|last|in|on|yesterday|because|today|so)\b)[\w-]+\s?){1,3})", read=lambda raw: facts.belongings(f"a {raw}"), positive=False),
    _row("not_have", "has", _THINGS, rf"{_NOT}(?:have|own)\s+(?P<object>(?:an?|any)\s+.+)", read=facts.belongings, positive=False),
    _row("allergic", "allergic_to", "allergic", rf"{BE}(?:[\w]+ly\s+)?allergic\s+to\s+{_OBJECT}", read=things.allergens, confidence=0.95),
    _row("allergy", "allergic_to", "allergy", rf"{_HAVE}(?:an?\s+)?(?:(?:severe|bad|mild|serious|strong)\s+)?(?:allergy\s+to\s+(?P<object>.+))", read=things.things, confidence=0.95),
    _row("named_allergy", "allergic_to", "allergy", rf"{_HAVE}(?:an?\s+)?(?:(?:severe|bad|mild|serious|strong)\s+)?(?P<object>\w+)\s+allergy$", read=things.things, confidence=0.95),
    _row("intolerant", "allergic_to", "intolerant", rf"{BE}(?P<object>\w+)[\s-]intolerant", read=things.things),
    _row("not_allergic", "allergic_to", "allergic", rf"{_BE_NOT}allergic\s+to\s+{_OBJECT}", read=things.things, positive=False),
    _row("speak", "speaks", "speak speaks fluent", rf"(?:(?:can\s+)?speaks?|{BE}fluent\s+in)\s+{_OBJECT}", read=facts.languages, confidence=0.9),
    _row("mother_tongue", "speaks", "language tongue", rf"(?:'s\s+)?(?:native|first)\s+(?:language|tongue)\s+is\s+{_OBJECT}", read=facts.languages, confidence=0.9),
    _row("not_speak", "speaks", "speak", rf"(?:{_NOT}|can't\s+|cannot\s+)speak\s+{_OBJECT}", read=facts.languages, positive=False),
    _row("want", "wants", "want wants", rf"wants?\s+to\s+{_OBJECT}", read=facts.wish, confidence=0.6),
    _row("dream", "wants", "dream goal", r"(?:'s\s+)?(?:big\s+|biggest\s+|long-term\s+|ultimate\s+)?(?:dream|goal)\s+is\s+to\s+(?P<object>.+)", read=facts.wish, confidence=0.7),
    _row("plan", "plans", "plan plans planning intend intends", rf"(?:(?:plan|intend)s?\s+to|{BE}planning\s+(?:to|on)|{BE}intending\s+to)\s+{_OBJECT}", read=facts.doing, confidence=0.7),
    _row("no_plan", "plans", "planning plan", rf"(?:(?:{_BE_NOT}|{BE}no\s+longer\s+)planning\s+(?:to|on)|{_NOT}plan\s+to|no\s+longer\s+plan\s+to)\s+(?P<object>.+?){_ANY_MORE}", read=facts.doing, positive=False, confidence=0.7),
    _row("going_to", "plans", "going gonna", rf"{BE}(?:going\s+to|gonna)\s+(?P<object>(?:visit|buy|learn|start|move|travel|fly|study|apply|marry|adopt|run|quit|sell|build|open|attend|celebrate|join|spend|host|take|climb|paint|write|launch|retire|train|drive|go|meet|propose|renovate|teach|volunteer|compete|perform)\b.+)", read=facts.doing, confidence=0.7),
    _row("moving", "plans", "moving getting flying travelling traveling", rf"{BE}(?P<object>(?:moving\s+to|flying\s+to|travell?ing\s+to|getting\s+married)\b.*)", read=facts.doing, confidence=0.7),
)

_DAILY: Final = r"(?:run|jog|swim|go|walk|cook|drink|eat|read|write|meditate|play|practi[cs]e|exercise|work\s+out|wake\s+up|get\s+up|do|train|cycle|bike|ride|watch|listen|visit|call|sleep|drive|commute|study|bake|paint|draw|dance|sing|attend|volunteer|skip|order|have|take|teach|knit|garden|surf|hike|ski|fish)(?:e?s)?"
_HABITS: Final = (
    _row("usually", "habit", "usually often normally typically regularly generally always", rf"(?:usually|often|normally|typically|regularly|generally|always)\s+(?P<object>{_DAILY}\s+.+)", read=facts.routine, confidence=0.7),
    _row("every", "habit", "every daily once twice times weekends mondays tuesdays wednesdays thursdays fridays saturdays sundays weekly mornings evenings", rf"(?P<object>{_DAILY}\b.*\s{things.FREQUENCY}(?:\s+(?:with|at|in|before|after|to)\b.*)?)$", read=facts.routine, confidence=0.7),
)

_PAST: Final = "went|visited|bought|met|saw|watched|started|finished|attended|joined|took|ran|won|lost|made|cooked|ate|read|played|celebrated|graduated|travelled|traveled|adopted|signed|got|flew|drove|hiked|climbed|painted|wrote|published|opened|sold|quit|completed|passed|performed|hosted|organized|organised|participated|volunteered|gave|built|planted|learned|learnt|tried|baked|swam|camped|broke|injured|ordered|sent|received|registered|enrolled|retired|married|proposed|launched|recorded|competed|entered|explored|discovered|created|set|held|spent|hired|donated|checked|booked|applied|interviewed|presented|submitted|released|upgraded|repaired|fixed|cleaned|found|left|rode|took|taught|studied|walked|worked|danced|sang|surfed|skied|fished|came|returned|arrived|helped|called|picked"
_EVENTS: Final = (
    _row("did", "event", _PAST.replace("|", " "), rf"(?P<object>(?:{_PAST})\b.+)", read=facts.deed, timed=True, confidence=0.7),
)
# fmt: on

RULES: Final = (*_IDENTITY, *_ATTITUDES, *_PLACES, *_WORK, *_PEOPLE, *_LIFE, *_HABITS, *_EVENTS)
RULES_BY_WORD: Final = by_word(RULES)
