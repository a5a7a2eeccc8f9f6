"""Names by which a passage may be meant that its title does not say: aliases, and what an untitled text is about.

They are told by the form of its beginning: a heading, "Xanadu, also known as Shangdu", "World Health Organization (WHO)",
"X is a …", 「X是…」, 《…》. A derived name counts less than a title, and nothing where some passage has it as its title.
"""

from __future__ import annotations

from typing import Final

from polymem.text.lazy import lazy
from polymem.text.names_zh import chinese_names
from polymem.text.normalise import fold
from polymem.text.spans import entity_key, no_name

__all__ = ["derived_names"]

HEAD_CHARS: Final = 240
MAX_NAMES: Final = 4
MAX_SUBJECT_CHARS: Final = 60
_MAX_WORDS: Final = 6
_MIN_HAN, _MAX_HAN = 2, 12
_HAN: Final = lazy("[\u3400-\u9fff]")
_HEADING: Final = lazy(r"\s*(?:#{1,6}\s+)?([^\n。！？!?;；]{2,40}?)\s*\n")
_SUBJECT: Final = lazy(
    r"\s*(?:The\s+|An?\s+)?((?:[A-Z][\w'’.\-]*)(?:\s+(?:of|the|de|da|von|van|and|[A-Z0-9][\w'’.\-]*)){0,6})"
    r"(?:\s*\([^)]{0,80}\))?,?\s+(?:is|was|are|were)\s+(?:an?|the|one)\b"
)
_HAN_SUBJECT: Final = lazy(
    "\\s*(?:《([^《》\\n]{1,30})》|([\u3400-\u9fffA-Za-z0-9·]{2,12}?))(?:[（(][^）)]{0,60}[）)])?[，,]?(?:是|为|指)(?:一|由|中|位|我国|指|世界|著名)"
)
_HAN_TOLD_OF: Final = lazy(
    "\\s*([\u3400-\u9fff·]{2,14}?)(?:[（(]|，(?=[^，。]{0,12}(?:\\d{4}年|人，|生于|出生|家，|导演|演员|歌手|作家|医生|教师|教授|工程师|位于|成立|创))"
    "|生于|出生|毕业|曾|早年|自幼|从小|晚年|原名|位于|成立于|建于|始建|建校|创办于|坐落)"
)
"""How a text begins that tells who or what somebody or something is; taken only where that is the form of a name."""
_HAN_WORK: Final = lazy("^[^。！？\\n]{0,30}?《([^《》\\n]{1,30})》")
_ALSO: Final = lazy(
    r"\b(?:also|better|commonly|formerly|previously|originally|sometimes|otherwise)\s+(?:known|called|named|referred\s+to)(?:\s+as)?"
    r"\s+(?:the\s+)?[\"“']?((?:[A-Z0-9][\w'’.\-]*)(?:\s+(?:of|the|[A-Z0-9][\w'’.\-]*)){0,5})"
    r"|\b(?:abbreviated|formerly|alias|a\.k\.a\.|aka)\s+(?:as\s+|the\s+)?[\"“']?((?:[A-Z][\w'’.\-]*)(?:\s+[A-Z0-9][\w'’.\-]*){0,5})"
)
_HAN_ALSO: Final = lazy(
    "(?:又称|又名|也称|亦称|也叫|俗称|简称|别称|别名|原名|旧称|旧名|曾用名|全称)(?:为|作|是|叫)?[“「《]?([\u3400-\u9fffA-Za-z0-9·]{2,12})"
)
_SHORT: Final = lazy(
    r"([A-Z][\w'’\-]*(?:\s+(?:of|for|the|and|on|in|[A-Z][\w'’\-]*)){1,7})\s*\(([A-Z][A-Z0-9&.\-]{1,9})\)"
)
_HAN_SHORT: Final = lazy(
    "^\\s*《?([\u3400-\u9fff]{2,12})》?[（(](?:英[语文][:：]?|简称|缩写)?\\s*([A-Z][A-Za-z0-9&.\\- ]{1,40})"
)

_HINTS: Final = (
    "known",
    "called",
    "named",
    "referred",
    "formerly",
    "abbreviated",
    "alias",
    "a.k.a.",
    "aka ",
    "称",
    "又名",
    "也叫",
    "原名",
    "旧名",
    "别名",
    "用名",
)
_POINTS: Final = frozenset("我你他她它这那该本此其但而如虽当在对从据为")
"""No name of what a text is about begins a sentence with these."""


def derived_names(text: str, title: str) -> tuple[str, ...]:
    """Return the entity keys of names that the beginning of a passage gives to what it is about, each once.

    Args:
        text: Its words.
        title: Its title, "" for none.

    Example:
        >>> derived_names("Kerala Tea Board (KTB), also known as the Tea House, sells tea.", "Kerala Tea Board")
        ('ktb', 'tea house')
        >>> derived_names("Lake Orven is a lake in the north.", "")
        ('lake orven',)
        >>> derived_names("守塔人协会，简称守协，成立于1990年。", "守塔人协会"), derived_names("渔港的灯是一部小说。", "")
        (('守协',), ('渔港的灯',))
    """
    head = text[:HEAD_CHARS]
    found = [] if title else _subjects(head)
    own = entity_key(title)
    about = {own} if title else {entity_key(name) for name in found}
    found += _abbreviated(head, about)
    if (title or found) and any(map(head.__contains__, _HINTS)):
        first = _sentence(head)
        found += [next(filter(None, match.groups())) for match in _ALSO.finditer(first)]
        found += [match[1] for match in _HAN_ALSO.finditer(first)]
    keys = (entity_key(name) for name in found)
    return tuple(dict.fromkeys(key for key in keys if _names(key) and key != own))[:MAX_NAMES]


def _subjects(head: str) -> list[str]:
    """Return what an untitled text is about: its heading, or the subject of its first sentence."""
    if head[:1] in _POINTS:
        return []
    for pattern in (_HEADING, _SUBJECT, _HAN_SUBJECT):
        match = pattern.match(head)
        if match is not None:
            return [name for name in match.groups() if name]
    told = _HAN_TOLD_OF.match(head)
    if told is not None and fold(told[1]) in chinese_names(head[:MAX_SUBJECT_CHARS]):
        return [told[1]]
    work = _HAN_WORK.match(head)
    return [work[1]] if work is not None else []


def _abbreviated(head: str, about: set[str]) -> list[str]:
    """Return short forms in brackets after a name of what the passage is *about*, and its name in the other language."""
    if "(" not in head and "（" not in head:
        return []
    found = [
        match[2] for match in _SHORT.finditer(head) if entity_key(match[1]).removeprefix("the ") in about
    ]
    match = _HAN_SHORT.match(head)
    return [*found, match[2].strip()] if match is not None and entity_key(match[1]) in about else found


def _sentence(head: str) -> str:
    """Return the first sentence: what is called something else further on is another thing."""
    for place, sign in enumerate(head):
        if (
            sign in "。！？\n"
            or (sign in "!?" and place)
            or (sign == "." and head[place + 1 : place + 2] == " ")
        ):
            before = head[:place].rpartition(" ")[2]
            if sign != "." or len(before) > 3:
                return head[: place + 1]
    return head


def _names(key: str) -> bool:
    """Tell whether a key may be a name."""
    if _HAN.search(key):
        return _MIN_HAN <= len(key) <= _MAX_HAN
    words = key.split()
    return 0 < len(words) <= _MAX_WORDS and not all(map(no_name, words))
