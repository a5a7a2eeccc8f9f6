"""Tell the speaker's own statements from another's words, a game, irony and a text that is only handed over."""

from __future__ import annotations

import re
from typing import Final, Literal

from polymem.text.lazy import lazy
from polymem.text.statement_rules import phrase_set, word_set

__all__ = [
    "COMMAND",
    "REMEMBER",
    "TRANSCRIPT",
    "comment_on_neighbour",
    "end_of_own_words",
    "hands_over",
    "is_no_longer",
    "is_not_own",
]

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
    r"as if\b|\bin (?:my|the|a|this) (?:story|novel|dream|game|movie|film|scenario|script|dreams|head|imagination|mind)\b"
)
_WORD = lazy("[a-z]+")

# What nobody loves but in mockery.
_UNLOVED: Final = (
    r"being (?:ignored|interrupted|insulted|mocked|cheated|robbed|lied to|yelled at|shouted at|laughed at|talked down to|stood up|stuck|put on hold|on hold|woken(?: up)?)"
    r"|(?:waiting|standing|sitting|being) (?:in|on|for) (?:(?:long|endless) )?(?:line|lines|queues?|traffic|hold|hours)|(?:doing|paying|filing) (?:my |the )?(?:taxes|rent|bills|fines)"
)
_IRONIC = lazy(
    rf"🙄|🙃|(?<!\S)/s(?!\S)|\byeah,? right\b|\boh,? (?:great|joy|goody|the joys?)\b|\bjust what i needed\b|[,.…–—-]\s*not$|\b(?:love|enjoy|adore)s? (?:{_UNLOVED})\b"
)
_IRONIC_WORDS: Final = ("🙄", "🙃", "/s", "right", "oh", "just what", "not", "love", "enjoy", "adore")
"""One of these is in every sentence that the pattern finds; they are quicker to look for."""
# A sentence that makes fun of the one beside it, or ends what that affirms.
_FILLING: Final = r"(?:(?:lol|haha+|well|no|so|yes|ok)\b\W*)*"
_BESIDE = lazy(
    rf"""(?P<mocked>\W*{_FILLING}(?:yeah,?\ right|sarcasm|said\ no\s?(?:one|body)(?:\ ever)?|(?:just\ |only\ )?kidding|just\ joking|joking|jk|as\ if|i\ wish|psych|not)\b\W*{_FILLING}$
        | [\s🙄🙃]*[🙄🙃][\s🙄🙃]*$ | \s*/s\s*$)
    | \s*(?:had|was|did)(?:,?\ i\ mean|,?\ actually)?$
    | \s*(?:well,?\ )?(?:not\ any\ ?more|no\ longer|or\ rather\b.*|(?:or\ )?at\ least,?\ i\ (?:did|was|used)\b.*|or\ so\ i\b.*)$""",
    re.IGNORECASE | re.VERBOSE,
)
_NO_LONGER = lazy(
    r"\bor rather\b|\bat least,? i (?:did|was|used)\b|\bor so i (?:thought|hoped)\b"
    r"|(?:,|\bbut|\bwell,?)\s+(?:not any ?more|no longer|not now)$"
)

_NO_LONGER_WORDS: Final = ("or rather", "at least", "or so i", "not any", "no longer", "not now")

COMMAND = lazy(
    r"^\s*(?:(?:please|now|ok(?:ay)?|so|and|then|hey|hi|can you|could you|just)[\s,]+)*(?:say|write|translate|rewrite|rephrase|paraphrase|proofread"
    r"|correct|fix|repeat|summari[sz]e|complete|continue|generate|create|compose|draft|make up|act as|act like|play the role|respond"
    r"|reply|tell|ask|explain|describe|analy[sz]e|classify|give|list|convert|parse|read|sing|type|print|output|check|edit|finish|answer"
    r"|improve|polish|review|revise|critique|shorten|grade|rate|evaluate|look over"
    r"|format|let's (?:play|pretend|imagine)|you are|you're|be a|if|unless|had i|were i|even if|as long as|in case|suppose|once|until)\b",
    re.IGNORECASE,
)
REMEMBER = lazy(
    r"\s*(?:(?:please|also|and|so|just|ok|hey)[\s,]+)*(?:remember|note|keep in mind|don't forget|do not forget|be aware|you should know|just so you know"
    r"|for the record|fun fact|fyi|update|ps|p\.s\.|btw|by the way|reminder|about me|quick update|good news|(?:it )?turns out|edit(?=:)|a bit about me)(?:\s+that\b|[:,]|\s+-)?\s+",
    re.IGNORECASE,
)
# A line such as "John: I live in Boston" quotes a conversation.
TRANSCRIPT = lazy(
    r"\s*(?!(?:update|ps|note|fyi|btw|edit|reminder|me|about me|fun fact|remember)\b)[A-Za-z][\w .'-]{0,24}:\s",
    re.IGNORECASE,
)

# What follows is made up: "Imagine this.", "Suppose I live on Mars.", "Let's play a game."
_MAKE_BELIEVE = lazy(
    r"""\s*(?:(?:now|so|ok|okay|hey|well|please|just)[\s,]+)*(?:
    (?:imagine|picture|suppose|supposing|assume|assuming|pretend|consider|hypothetically|let(?:'s|\sus)\s(?:say|pretend|imagine|suppose|assume|role-?play))
    (?:(?:\s(?:speaking|this|the\sfollowing|that|it|with\sme|together|for\sa\s(?:second|moment|minute)|(?:a|the|this)\s(?:\w+\s)?(?:scenario|situation|case|world|story)))*\s*(?::|$)
        )
    | (?:imagine|pretend|suppose|hypothetically|let(?:'s|\sus)\s(?:say|pretend|imagine|suppose)),?\s(?:that\s)?(?:i|my|we|our)\b(?!\shave\sto\b)
    | let(?:'s|\sus)\s(?:play\s(?:a\s(?:\w+\s)?(?:game|role)|pretend|make-believe)|role-?play|do\s(?:a|some)\srole-?play)\b
    | (?:here(?:'s|\sis)|this\sis)\s(?:a|the|my)\s(?:\w+\s)?(?:scenario|riddle|joke|thought\sexperiment)\b)""",
    re.VERBOSE | re.IGNORECASE,
)
_ON_TEXTS: Final = (
    r"improv(?:e|ing)|edit(?:ing)?|check(?:ing)?|rat(?:e|ing)|review(?:ing)?|polish(?:ing)?|proofread(?:ing)?|correct(?:ing)?|fix(?:ing)?"
    r"|rewrit(?:e|ing)|reword|rephras(?:e|ing)|paraphras(?:e|ing)|translat(?:e|ing)|summari[sz](?:e|ing)|critique|shorten|grad(?:e|ing)|revis(?:e|ing)"
)
_DOCUMENT = lazy(
    rf"\b(?:(?P<work>{_ON_TEXTS}|evaluate|analy[sz]e|format|answer|reply to|respond to|complete|finish|continue|convert|classify|expand|make|look over)"
    r"|think (?:of|about)|thoughts on|feedback on|opinion (?:of|on|about)|look at|here(?:'s| is| are)|this is|below is)\b"
    r".*?\b(?:this|these|(?:the )?following|below|my|the|an?|our|his|her)\s+(?:[\w'-]+\s+){0,3}?"
    r"(?:letter|e-?mail|mail|message|text|essay|paragraph|bio|biography|story|article|draft|post|tweet|caption|speech|poem|passage|sentence"
    r"|resume|résumé|cv|statement|summary|profile|report|transcript|conversation|dialogue?|chat|excerpt|snippet|introduction|intro"
    r"|application|abstract|blurb|self-introduction)s?\b"
)
_WORK_ON_THIS = lazy(
    rf"\b(?:{_ON_TEXTS})\s+(?:this|these|it|the following|my (?:grammar|english|spelling|writing))\b"
)
_JUDGED = lazy(
    r"\b(?:is|are|does|do|sounds?)\s+(?:this|these|the following)\s+(?:\w+\s+)?(?:sentence|text|phrase|paragraph|wording|e-?mail|letter)s?\b"
    r".*\b(?:correct|right|okay|ok|good|fine|grammatical|natural|polite|wrong|sound|make sense)\b"
)
_HERE = lazy(r"\s*(?:here(?:'s| is| are)|below is)\b", re.IGNORECASE)
# A letter goes on to the end of the message.
_SALUTATION = lazy(
    r"^[ \t]*(?:dear (?!diary\b|chat\s?gpt\b|claude\b|ai\b|assistant\b|bot\b|friends?\b|all\b)[a-z][\w .'/-]{0,40},|to whom it may concern)",
    re.IGNORECASE | re.MULTILINE,
)


def is_not_own(sentence: str) -> bool:
    """Tell whether a sentence in lower case gives another's words, an imagined world, or the opposite of what is meant."""
    return (
        not _NOT_OWN_WORDS.isdisjoint(_WORD.findall(sentence))
        or any(phrase in sentence for phrase in _NOT_OWN_PHRASES)
        or _NOT_OWN_WORLD.search(sentence) is not None
        or (any(word in sentence for word in _IRONIC_WORDS) and _IRONIC.search(sentence) is not None)
    )


def is_no_longer(sentence: str) -> bool:
    """Tell whether a sentence in lower case withdraws at its end what it has stated: "or rather I did"."""
    return any(word in sentence for word in _NO_LONGER_WORDS) and _NO_LONGER.search(sentence) is not None


def comment_on_neighbour(text: str, start: int, end: int) -> Literal["mocked", "ended"] | None:
    """Tell what the sentence ``text[start:end]`` says of the one beside it: that it is not meant, or holds no longer.

    Example:
        >>> [comment_on_neighbour(text, 0, len(text)) for text in ("just kidding", "Well, not anymore", "Not bad")]
        ['mocked', 'ended', None]
    """
    found = _BESIDE.match(text, start, end) if end - start < _SHORT else None
    if found is None:
        return None
    return "ended" if found["mocked"] is None else "mocked"


_SHORT: Final = 40


def hands_over(text: str, start: int, end: int, *, question: bool, command: bool) -> bool:
    """Tell whether the sentence ``text[start:end]`` introduces a text or a game, so that the rest is nobody's statement.

    Example:
        >>> hands_over("Is this text right? I live in Oslo.", 0, 18, question=True, command=False)
        True
    """
    opening = text[start : start + 3].lower() in _OPENINGS
    if opening and _MAKE_BELIEVE.match(text, start, end):
        return True
    colon = text.find(":", start, end)
    if command and colon >= 0:
        return True
    here = opening and _HERE.match(text, start, end) is not None
    if not (here or colon >= 0 or ((question or command) and len(text) > end + _MARKS_CHARS)):
        return False
    head = text[start : colon if colon >= 0 else end].lower()
    if _CUES.isdisjoint(head.split()):
        return False
    apart = colon >= 0 or text[end:].lstrip(" \t.!?")[:1] == "\n"
    found = _DOCUMENT.search(head)
    if found is None:
        return _JUDGED.search(head) is not None or (apart and _WORK_ON_THIS.search(head) is not None)
    pointed = not _POINTING.isdisjoint(found[0].split())
    return apart or here or (pointed and found["work"] is not None)


_OPENINGS: Final = phrase_set(
    "ima|pic|sup|ass|pre|con|hyp|let|her|bel|thi|now|so |so,|ok |ok,|oka|wel|ple|jus|hey"
)
"""How a sentence begins that may introduce a game or a text; most begin otherwise."""
_MARKS_CHARS: Final = 3
"""No text follows within so few characters."""
_CUES: Final = word_set(
    """improve improving edit editing check checking rate rating review reviewing polish polishing proofread proofreading correct
    correcting fix fixing rewrite rewriting reword rephrase rephrasing paraphrase paraphrasing translate translating summarize
    summarise summarizing summarising critique shorten grade grading revise revising evaluate analyze analyse format answer reply
    respond complete finish continue convert classify expand make look think thoughts feedback opinion here here's below this these"""
)
"""One of these is in every sentence that hands over a text."""
_POINTING: Final = frozenset(("this", "these", "following", "below"))


def end_of_own_words(text: str) -> int:
    """Return where a letter begins in *text*, else its length."""
    if "dear" not in text and "Dear" not in text and "om it may concern" not in text:
        return len(text)
    found = _SALUTATION.search(text)
    return found.start() if found else len(text)
