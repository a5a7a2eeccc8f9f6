"""Keys of a turn of a conversation: what kind of utterance it is.

What an utterance does is told by its form, whatever it is about: what follows a question may answer it, who says "I" tells
of herself, "Wow, congratulations!" repeats what was said before. Marks that stand in most texts of a language are told by
single words, so that no rule needs a grammar; the ranking weighs them lightly and a wrong one costs little.
"""

from __future__ import annotations

from typing import Final

from polymem.text.keys_kinds import kind_keys
from polymem.text.lazy import lazy
from polymem.text.normalise import fold
from polymem.text.tokenise import KEY_MARK

__all__ = [
    "ASKS",
    "CALLS",
    "FIRST_PERSON",
    "REACTS",
    "turn_keys",
]

ASKS: Final = f"{KEY_MARK}a"
"""Asks something towards its end, so that what follows may be the answer."""
FIRST_PERSON: Final = f"{KEY_MARK}i"
"""Speaks of the speaker."""
REACTS: Final = f"{KEY_MARK}r"
"""Begins as a reaction to what was said."""
CALLS: Final = f"{KEY_MARK}@"
"""Begins the key of a name by which somebody is addressed."""

MAX_CHARS: Final = 4_000
"""Of a longer text the beginning counts."""
MAX_CALLS: Final = 3
_END_CHARS: Final = 60
_MARKS: Final = ("?", "？")

_FIRST_PERSON = lazy(r"\b(?:i|my|mine|me|we|our|us)\b|我|咱|俺")
_REACTION = lazy(
    r"\W*(?:thanks|thank you|wow|awesome|that'?s|that (?:sounds|is|was)|sounds|congrat\w*|great|nice|cool|yeah|yep|absolutely"
    r"|haha\w*|lol|sure|ok|okay|no problem|glad|aw+|yay|you'?re|you got|it'?s|good luck|i agree|totally|definitely|exactly"
    r"|amazing|wonderful|same here)\b"
    r"|\W*(?:谢谢|多谢|好的|好啊|嗯|是的|是啊|对啊|没错|哈哈|哇|太好了|太棒了|真棒|恭喜|加油|不客气|当然)"
)
_CALL = lazy(
    r"(?:\b(?:[Hh](?:ey|i|ello)|[Tt]hanks|[Tt]hank you|[Mm]orning|[Cc]ongrats|[Ww]ow|[Yy]es|[Bb]ye|[Yy]eah|[Ss]orry|[Gg]reat|[Ss]ure)"
    r",?\s+|,\s+)([A-Z][a-z]{1,15})\s*(?:[!.?,]|$)"
    r"|(?:^|[。！？!?，,])(?:嗨|嘿|你好|您好|早上好|早安|晚上好|谢谢|多谢|恭喜|喂)[，,\s]?([\u4e00-\u9fff]{2,3}?)[，,！!。？?\s]"
)
# So ends an English name by which somebody is called; most texts have none, and to look for it takes a sixth of the time.
_MAY_CALL = lazy(r"\s[A-Z][a-z]{1,15}\s*(?:[!.?,]|$)")


def turn_keys(text: str, *, role: str) -> tuple[str, ...]:
    """Return the keys of a turn, each once.

    Args:
        text: What was said.
        role: Role of the speaker; an assistant wants nothing for good.

    Example:
        >>> turn_keys("Hey Ann! I moved to Oslo. And you?", role="user")
        ('=a', '=i', '=@ann')
        >>> turn_keys("谢谢小明！我喝茶。", role="user")
        ('=i', '=r', '=@小明')
    """
    said = text[:MAX_CHARS]
    folded = fold(said)
    end = text.rstrip()[-_END_CHARS:]
    keys: list[str] = []
    if any(mark in end for mark in _MARKS):
        keys.append(ASKS)
    if _FIRST_PERSON.search(folded):
        keys.append(FIRST_PERSON)
    if _REACTION.match(folded):
        keys.append(REACTS)
    if role.casefold() not in {"assistant", "system", "tool"}:
        keys += kind_keys(folded)
    if said.isascii() and not _MAY_CALL.search(said):
        return tuple(keys)
    calls = dict.fromkeys(fold(english or chinese) for english, chinese in _CALL.findall(said))
    return (*keys, *(f"{CALLS}{name}" for name in list(calls)[:MAX_CALLS]))
