"""Keys of what somebody wants for good: standing instructions, and preferences that were stated or shown by a choice.

They are told by the form of a sentence, as in :mod:`.statements_instructions`, but more generously: a key only lets a row be
found by the requests that it applies to, it states nothing.
"""

from __future__ import annotations

from typing import Final

from polymem.text.lazy import lazy
from polymem.text.tokenise import KEY_MARK

__all__ = ["CHOOSES", "STANDING", "kind_keys"]

STANDING: Final = f"{KEY_MARK}S"
"""Says how requests are to be answered from now on."""
CHOOSES: Final = f"{KEY_MARK}L"
"""States what the speaker would rather have, or chose."""

_DO: Final = (
    r"(?:please\s+)?(?:use|include|add|give|explain|cite|show|provide|remind|address|tell|start|end|ask|format|report|confirm|verify"
    r"|mention|highlight|specify|suggest|prioriti[sz]e|combine|write|answer|reply|respond|speak|call|keep|list|put|check|make sure|be"
    r"|offer|describe|note|state|present|refer|quote|convert|round|summari[sz]e|translate|sign|send|share|assume|bring up|talk"
    r"|name|recommend|compare|avoid|link|attach|warn|ignore|skip|stick|pick|choose|spell|sort|group|phrase|consider|begin|finish|repeat|double-check|back up"
    r"|calculate|estimate|discuss|focus|provide|return|print|draw|walk me|let me)"
)
_STANDING = lazy(
    rf"(?:^|(?<=[.!?;:\n]))\W*(?:(?:ok|okay|so|also|and|but|btw|note|remember|important|one more thing)[,:]?\s+)?(?:(?:can|could|would|will)\s+you\s+)?(?:please\s+)?"
    rf"(?:(?:always|never)\s+{_DO}\b"
    rf"|(?:from\s+(?:now|here|today)\s+on(?:wards?)?|going\s+forward|in\s+(?:the\s+)?future|every\s+time\b[^.!?]{{0,60}}|when(?:ever)?\s+i\s+(?:ask|talk|mention|say|send|want|need)\b[^.!?,]{{0,80}})"
    rf",?\s+(?:you\s+(?:should|must|need\s+to|can)\s+)?(?:please\s+)?(?:always\s+|never\s+|don't\s+|do\s+not\s+)?{_DO}\b"
    rf"|(?:do\s+not|don't)\s+ever\s+{_DO}\b)"
    rf"|\b(?:i(?:'d|\s+would)?\s+(?:want|like|need|expect)|remember|make\s+sure|be\s+sure)\s+(?:you\s+)?to\s+(?:always|never)\s+{_DO}\b"
    rf"|\b{_DO}\b[^.!?\n]{{0,120}}\b(?:when(?:ever)?|every\s+time|each\s+time|any\s*time)\s+i\s+(?:ask|talk|mention|say|send|want|need)\b"
)
_HAN_STANDING = lazy(
    "(?:从(?:现在|今天|今)(?:起|开始|以后|往后)|(?:以|今|往)后|下次)(?!我)[^。！？!?\\n]{0,20}(?:请|都|要|别|不要|不许|一律|务必|用|给我|提醒)"
    "|(?:每次|每当|只要|凡是|当)我?[^。！？!?\\n]{0,16}(?:问|说|提|要|让你|请你|谈)[^。！？!?\\n]{0,24}(?:请|都|就要|要|务必|一律|别|不要|必须)"
    "|(?:请|你|务必|一定)(?:要|务必|一定)?(?:始终|总是|永远|一直|一律)(?:要|用|给|提|说|写|附|注明|标|使用|回|保持|包括|列|提醒|提供|解释)"
)
_CHOICE = lazy(
    r"\bi(?:'d|\s+would|'ve\s+always)?\s+(?:really\s+|generally\s+|usually\s+|always\s+|much\s+|still\s+|definitely\s+|also\s+|tend\s+to\s+|strongly\s+)?prefer(?:red)?\b"
    r"|\bi(?:'d|\s+would)\s+(?:much\s+)?rather\b|\bmy\s+preferences?\b|\bi\s+(?:like|love|tend)\s+to\b|\bi(?:'m|\s+am)\s+(?:more\s+)?(?:partial\s+to|a\s+(?:big\s+)?fan\s+of|not\s+a\s+fan\s+of)"
    r"|\bi(?:'ve|\s+have)?\s+(?:chose|chosen|decided\s+(?:to|on|against)|opted|settled\s+on|picked|prioriti[sz]ed?|avoid|can't\s+stand|hate|dislike|don't\s+like)\b"
    r"|\bi\s+(?:enjoy|favou?r|value|always\s+\w+|usually\s+\w+)\b|\bmy\s+favou?rite\b"
)
_HAN_CHOICE = lazy(
    "我(?:还是|一直|平时|通常|一般|更|比较|最|特别|很|其实|也|都|真的)*(?:喜欢|偏好|偏爱|倾向|爱吃|爱喝|爱看|爱听|讨厌|不喜欢|受不了|习惯)|我(?:宁愿|宁可|情愿|选了|选择了?|决定|打算用)|我的(?:最爱|偏好|喜好)"
)
# One of these stands in all that _STANDING finds, and seldom elsewhere; to look for them takes a tenth of its time.
_MAY_STAND = lazy(
    r"always|never|from\s+(?:now|here|today)\s|going\s+forward|future|every\s+time|each\s+time|any\s*time|when(?:ever)?\s+i\s"
    r"|not\s+ever|n't\s+ever"
)
_MAX_CHARS: Final = 1_500
"""Who wants something for good says so early in a message; of a longer one the beginning counts."""


def kind_keys(folded: str) -> tuple[str, ...]:
    """Return the keys of what its speaker wants for good.

    Args:
        folded: A text of somebody who is no assistant, as :func:`polymem.text.normalise.fold` gives it.

    Example:
        >>> kind_keys("always give me the price in euros when i ask about tickets.")
        ('=S',)
        >>> kind_keys("我平时更喜欢坐靠窗的位置"), kind_keys("it always rains here")
        (('=L',), ())
    """
    said = folded[:_MAX_CHARS]
    english = _MAY_STAND.search(said) is not None and _STANDING.search(said) is not None
    han = not said.isascii()
    found = [STANDING] if english or (han and _HAN_STANDING.search(said)) else []
    if _CHOICE.search(said) or (han and _HAN_CHOICE.search(said)):
        found.append(CHOOSES)
    return tuple(found)
