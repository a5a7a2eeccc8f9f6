"""English: by what words a question tells its kind, and which of its words are about the asking alone."""

from __future__ import annotations

from typing import Final

from polymem.text.lazy import lazy

__all__ = ["FRAMES", "KINDS", "LATEST", "MEANT"]

_TALK: Final = r"(?:conversations?|discussions?|chats?|sessions?|talks?|messages|history|exchanges)"

MEANT: Final = (
    r"(?:\bwhat\s+i(?:'m|\s+am)?\s+(?:(?:really|actually|truly)\s+)?(?:(?:want(?:ed)?|need(?:ed)?|meant|try(?:ing)?|tried|would\s+like|wish(?:ed)?)\s+)?(?:to\s+)?(?:ask|know|find\s+out|say)(?:ing)?\s+(?:you\s+)?(?:is|was)\b"
    r"|\b(?:my\s+)?(?:real|actual|true)\s+question\s+(?:is|was)\b"
    r"|\bi\s+(?:really|actually|truly)\s+(?:want(?:ed)?|meant|need(?:ed)?)\s+to\s+(?:ask|know)\b|\bi\s+(?:meant|was\s+going)\s+to\s+ask\b)(?:\s+(?:is|was|this))?"
)
"""What tells that all before it was by the way, and that the question follows."""

_NO_LAST: Final = (
    r"(?:night|evening|weeks?|weekends?|days?|months?|years?|spring|summer|autumn|fall|winter|season|semester|term|century|decade"
    r"|quarter|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|january|february|march|april|may|june|july|august|september|october"
    r"|november|december|christmas|easter|yesterday|today|hours?|names?|minute|resort|straw|chance|but|for|in|on|at|until|till|longer"
    r"|long|and|or|of|as|than|to|if|when|while|because|after|before|through|all|about|over|only|more|less|around|forever"
    r"|few|couple|several|two|three|four|five|six|seven|eight|nine|ten|twelve|dozen|\d+)\b"
)
LATEST: Final = lazy(
    r"\b(?:the\s+)?most\s+recent(?:ly)?\b|(?<!at the )\b(?:latest|newest)\b|(?<!for the )\blast\s+time\b"
    rf"|(?<!\bat )(?<!\bto )\blast\s+(?!{_NO_LAST})(?=[^\W\d])"
)
"""What in a folded question asks for the latest: "what did I last say", "her last job". "Last week" is a time, and so is no such thing."""

KINDS: Final = (
    (
        "order",
        lazy(
            r"\border (?:in which|that)\b|\b(?:what|which) order\b|\bin (?:(?!no\b)\w+ )?order(?=\s*(?:[.,?!;:]|$|(?:of|how|when|where|in which)\b))|\bchronolog"
            r"|\b(?:the )?sequence (?:of|in which)\b|\btimeline of\b|\bfrom (?:first|earliest|oldest) to (?:last|latest|newest)\b"
        ),
    ),
    (
        "summary",
        lazy(
            r"\bsummar(?:y|ies|i[sz]e|i[sz]ing)\b|\b(?:overview|recap) of\b|\brecap (?:of|for|my|our|how|what|the)\b"
            r"|\bsum (?:(?:it|this|that) )?up\b|\bbring me up to (?:date|speed)\b|\bcatch me up\b"
        ),
    ),
    ("latest", LATEST),
    ("count", lazy(r"\bhow (?:many|much|often)\b|\bin total\b|\b(?:total|overall) (?:number|amount|cost)\b")),
    (
        "advice",
        lazy(
            r"\b(?:suggest|recommend|advise)\b|\b(?:suggestions?|recommendations?|advice|tips)\b|\bshould (?:i|we)\b"
            r"|\bhow (?:do|can|could|might|would) i\b|\b(?:can|could|would) you (?:please )?(?:help|show|explain|walk|guide|give|write|make"
            r"|create|draft|plan|design|teach|find)\b|\bi'?m (?:looking (?:to|for)|planning|thinking (?:of|about)|about to)\b"
            r"|\b(?:good|best) (?:options?|ideas?|ways?)\b|\bwhat (?:do|would) you think\b"
        ),
    ),
)
"""Kinds, by the words of a folded question."""

FRAMES: Final = (
    lazy(
        rf"\b(?:throughout|across|during|in|from|through|over|based on)\s+(?:the course of\s+)?(?:all\s+)?(?:of\s+)?(?:our|the|these|my|past|previous)\s+(?:\w+\s+)?{_TALK}\b"
    ),
    lazy(r"(?:^|(?<=[.?!]))\s*(?:please\s+)?(?:mention|name|list|give|include)\s+only\b[^.?!]*"),
    lazy(
        r"^\W*(?:please\s+)?(?:(?:can|could|would|will)\s+you\s+)?(?:please\s+)?(?:help\s+me\s+(?:to\s+)?)?"
    ),
    lazy(
        r"^\W*(?:list|walk\s+me\s+through|tell\s+me|give\s+me|provide(?:\s+me)?(?:\s+with)?|show\s+me|remind\s+me(?:\s+of)?|recall|outline"
        r"|describe|explain|summari[sz]e|recap|sum\s+up|bring\s+me\s+up\s+to\s+(?:date|speed)(?:\s+on)?|catch\s+me\s+up(?:\s+on)?"
        r"|understand)\b(?:\s+for\s+me\b)?"
    ),
    lazy(
        r"^\W*(?:an?|the|your)\s+(?:[\w-]+\s+){0,3}?(?:summary|overview|recap|account|outline|timeline)\s+(?:of|on)\b"
    ),
    lazy(
        r"\b(?:in\s+(?:what|which)\s+order|(?:the|what|which)?\s*(?:chronological\s+)?(?:order|sequence)\s+(?:in\s+which|that|of))"
        r"\s+(?:(?:did\s+)?(?:i|we)\s+(?:first\s+)?(?:br(?:ought|ing)\s+up|mention(?:ed)?|discuss(?:ed)?|raised?|talk(?:ed)?\s+about|ask(?:ed)?\s+about|told\s+you\s+about))?"
    ),
    lazy(
        r"\b(?:(?:all|some)\s+(?:of\s+)?)?(?:the\s+)?(?:different|various|specific|main|key|several)\s+(?:\w+\s+)?(?:aspects|topics|parts|things|elements|points|subjects|matters)"
        r"\s+(?:of|about|related\s+to|around|in|concerning|regarding|on|with)\b"
    ),
    lazy(r"\bin\s+(?:chronological\s+)?order\b|\bso\s+far\b|\bover\s+time\b|\bchronologically\b"),
)
"""What of a folded request for an order or a summary is about the asking and names no topic; taken out one after another."""
