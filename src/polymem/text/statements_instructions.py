"""Standing instructions: what somebody asks for once and for all ("always answer in German", 以后请用中文回答我).

A sentence counts only if it begins as a request and says that it is meant for good; what concerns one answer alone, advice
and tales do not. What an instruction is about (language, name, tone, length, units) is its qualifier, so that a later one
about the same takes its place; all others stand beside each other.
"""

from __future__ import annotations

import re
from typing import Final

from polymem.domain.statement import SELF
from polymem.text import statements_en_names as en_names
from polymem.text import statements_zh_names as zh_names
from polymem.text.lazy import lazy
from polymem.text.normalise import fold_aligned
from polymem.text.statement_reading import Reading
from polymem.text.statement_rules import UNREAD

__all__ = ["read_instructions"]

_SENTENCE = lazy(r"[^.!?。！？;；\n]+(?:\.(?=\w)[^.!?。！？;；\n]*)*[.!?。！？;；]*")
_CONFIDENCE: Final = 0.9
MAX_SENTENCE: Final = 200
"""Longer ones are no instructions, but tasks."""

# ---------------------------------------------------------------- English

_LEAD: Final = (
    r"\s*(?:(?:hey|hi|hello|ok|okay|so|also|and|but|btw|by the way|one more thing|note|remember|important)[,:]?\s+)?"
    r"(?:(?:can|could|would|will)\s+you\s+)?(?:please,?\s+)?"
)
_GOOD: Final = r"(?:from\s+(?:now|here|today)\s+on(?:wards?)?|in\s+(?:the\s+)?future|going\s+forward|every\s+time|at\s+all\s+times)"
_TONGUES: Final = (
    "(?:(?:simplified|traditional|british|american|mandarin|plain|simple)\\s+)?(?:english|german|french|spanish|chinese|mandarin"
    "|cantonese|italian|japanese|korean|portuguese|russian|dutch|polish|turkish|arabic|hindi|swedish|danish|norwegian|greek)"
)
_TELL: Final = (
    r"(?:answer|reply|respond|write|speak|talk|communicate)(?:\s+(?:to\s+|with\s+)?me)?(?:\s+back)?"
)
_OFTEN: Final = r"(?:(?:remember|make\s+sure|be\s+sure|try)\s+to\s+)?(?:always|only|exclusively)"
_LENGTHS: Final = "brief|concise|short|succinct|detailed|thorough|to\\s+the\\s+point"
_TONES: Final = "formal|informal|casual|friendly|polite|professional|direct|honest|serious|humorous|funny|blunt|kind|gentle"
_MANNER: Final = r"(?:be|stay|keep\s+(?:it|your\s+(?:answers?|replies|responses|messages)))\s+(?:more\s+|very\s+|always\s+)?"
_OF_ANSWERS: Final = (
    r"\b(?:me|my|your\s+(?:answers?|replies|responses|messages)|emojis?|bullet\s+points?|markdown|tables?|jargon|slang"
    r"|exclamation\s+marks?|code\s+blocks?|sources|footnotes|british\s+spelling|american\s+spelling)\b"
)
_NEVER_DO: Final = (
    r"(?:mention|ask|suggest|recommend|talk|bring|remind|call|include|send|share|use|tell|assume)"
)
_ALWAYS_DO: Final = r"(?:include|add|give|explain|cite|show|provide|remind|address|use|tell|start|end|ask)"


def _twice(name: str, words: str) -> str:
    """Return *words*, which capture ``object``, as they may stand at the second or third place of one pattern."""
    return words.replace("(?P<object>", f"(?P<{name}>")


def _rule(words: str) -> re.Pattern[str]:
    """Return the pattern of an instruction; *words* has one group ``object``."""
    first, second, third = (_twice(name, words) for name in ("a", "b", "c"))
    return lazy(
        rf"{_LEAD}(?:{_GOOD},?\s+(?:please\s+)?(?:always\s+)?{first}|{second}[\s,]+{_GOOD}|{_OFTEN}\s+{third})(?:,?\s+please)?\W*$",
        re.IGNORECASE,
    )


_ENGLISH: Final = (
    ("instruction:language", _rule(rf"{_TELL}\s+in\s+(?P<object>{_TONGUES})(?:,?\s+please)?")),
    (
        "instruction:language",
        # "You can answer in English again" takes the place of another language.
        lazy(
            rf"{_LEAD}(?:you\s+(?:can|may)\s+|(?:go|switch)\s+back\s+to\s+)(?:now\s+)?(?:{_TELL}|(?:answering|replying|responding|writing|speaking)(?:\s+(?:to\s+)?me)?)"
            rf"\s+in\s+(?P<object>{_TONGUES})\s+again(?:,?\s+please)?\W*$",
            re.IGNORECASE,
        ),
    ),
    ("instruction:length", _rule(rf"{_MANNER}(?P<object>{_LENGTHS})")),
    ("instruction:tone", _rule(rf"{_MANNER}(?P<object>{_TONES})")),
    (
        "instruction:units",
        _rule(r"(?:use|give\s+me)\s+(?P<object>metric|imperial|celsius|fahrenheit)(?:\s+units)?"),
    ),
)
_NAME = lazy(
    rf"(?i:{_LEAD}(?:{_GOOD},?\s+)?(?:please\s+)?(?:you\s+(?:can|may|should)\s+)?(?:just\s+)?(?:always\s+)?(?:call|address)\s+me\s+(?:as\s+)?)"
    rf"(?P<object>(?:(?:Dr|Mr|Mrs|Ms|Prof)\.?\s+)?[A-Z][\w'-]+(?:\s+[A-Z][\w'-]+)?)(?i:,?\s+(?:please|instead|{_GOOD}))*\W*$"
)
_NOT_NAMES: Final = frozenset(
    [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "tomorrow",
        "tonight",
        "today",
        "later",
        "back",
        "maybe",
        "now",
        "when",
        "if",
        "at",
        "on",
        "asap",
        "crazy",
        "old-fashioned",
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ]
)
_FREE = lazy(
    rf"{_LEAD}(?:{_GOOD},?\s+)?(?P<object>(?:never|don't\s+ever|do\s+not\s+ever)\s+{_NEVER_DO}\b.+?|always\s+{_ALWAYS_DO}\b.+?)"
    rf"(?:,?\s+(?:again|any\s?more|please|{_GOOD}))*\W*$",
    re.IGNORECASE,
)
_FREE_FROM_NOW = lazy(
    rf"{_LEAD}{_GOOD},?\s+(?:please\s+)?(?P<object>(?:don't|do\s+not|never)\s+{_NEVER_DO}\b.+?|{_ALWAYS_DO}\b.+?)\W*$",
    re.IGNORECASE,
)
_ABOUT_ANSWERS = lazy(_OF_ANSWERS, re.IGNORECASE)
_NO_MORE_TONGUE = lazy(
    rf"{_LEAD}(?:you\s+(?:don't|do\s+not)\s+(?:have|need)\s+to|no\s+need\s+to|stop)\s+(?:always\s+)?(?:answer|reply|respond|writ|speak|talk)"
    rf"(?:e|ing)?(?:\s+(?:to\s+)?me)?\s+in\s+(?P<object>{_TONGUES})(?:\s+any\s?more|\s+now|,?\s+please)*\W*$",
    re.IGNORECASE,
)
_ALLOWED = lazy(
    rf"{_LEAD}(?:you\s+(?:can|may)|it's\s+(?:fine|ok|okay)\s+to)\s+(?P<object>{_NEVER_DO}\b.+?)\s+again\W*$",
    re.IGNORECASE,
)

# ---------------------------------------------------------------- Chinese

_HAN_GOOD: Final = "(?:从(?:现在|今天|今)(?:起|开始|以后|往后)|(?:以|今|往)后|每次|永远|始终)"
_HAN_LEAD: Final = "\\s*(?:你好|对了|另外|还有|记住|请记住|麻烦你?|好的)?[,，:：]?"
_HAN_ASK: Final = (
    "(?:请你?|你|麻烦你?|都|就|一律|总是|务必|一定要?|尽量|要|在|跟我说话时?|和我聊天时?|回答我?时?|[,，])*"
)
_HAN_TONGUES: Final = "(?:简体|繁体)?(?:中文|英文|英语|汉语|普通话|德语|德文|法语|法文|日语|日文|韩语|韩文|西班牙语|俄语|粤语|意大利语|葡萄牙语)"
_HAN_TELL: Final = "(?:来)?(?:回答|回复|答复|跟我(?:说话?|聊天?|交流)|和我(?:说话?|聊天?|交流)|交流|沟通|写)(?:我|问题|我的问题)?"
_HAN_TAIL: Final = "(?:吧|哦|啊|呀|了|就行|就好|即可|可以吗|好吗|谢谢|[,，\\s])*$"
_HAN_LENGTHS: Final = "简短|简洁|简单|精简|详细|具体"
_HAN_TONES: Final = "正式|随意|轻松|幽默|直接|礼貌|客气|温柔|严肃|口语化"
_HAN_MANNER: Final = "(?:(?:你的)?(?:回答|回复|说话|语气)(?:我)?(?:时|得|都|要|请|更|保持)*)"
_CHINESE: Final = (
    (
        "instruction:language",
        lazy(
            f"{_HAN_LEAD}{_HAN_GOOD}{_HAN_ASK}(?:用|使用|以|说)(?P<object>{_HAN_TONGUES})(?:{_HAN_TELL})?{_HAN_TAIL}"
        ),
    ),
    (
        "instruction:language",
        lazy(
            f"{_HAN_LEAD}(?:请你?)?(?:一直|总是|始终|永远|一律|只|都)(?:要)?(?:用|使用)(?P<object>{_HAN_TONGUES}){_HAN_TELL}{_HAN_TAIL}"
        ),
    ),
    (
        "instruction:length",
        lazy(
            f"{_HAN_LEAD}{_HAN_GOOD}{_HAN_ASK}{_HAN_MANNER}(?P<object>{_HAN_LENGTHS})(?:一?[点些])?{_HAN_TAIL}"
        ),
    ),
    (
        "instruction:tone",
        lazy(
            f"{_HAN_LEAD}{_HAN_GOOD}{_HAN_ASK}{_HAN_MANNER}(?P<object>{_HAN_TONES})(?:一?[点些])?{_HAN_TAIL}"
        ),
    ),
)
_HAN_NAME = lazy(
    f"{_HAN_LEAD}(?:{_HAN_GOOD}{_HAN_ASK}|请(?:你)?)(?:叫|称呼|喊)我(?:为|做)?(?P<object>[^,，\\s]{{1,6}}?)(?:吧|就行|就好|就可以了?|即可|好了|谢谢|[,，\\s])*$"
)
_HAN_NAME_ENOUGH = lazy(
    f"{_HAN_LEAD}(?:你)?(?:可以|直接|就)*(?:叫|称呼)我(?P<object>[^,，\\s]{{1,6}}?)(?:就行|就好|就可以了?|即可)[了啦]?$"
)
_HAN_FREE = lazy(
    f"{_HAN_LEAD}{_HAN_GOOD}{_HAN_ASK}(?P<object>(?:不要|不许|别|不准|禁止)(?:再)?(?:向我|跟我|对我|给我|和我)?"
    f"(?:提起|提到|提及|提|问起|问|推荐|使用|用|发|说)[^,，]{{1,24}}?)(?:了)?(?:吧|哦|啊|[,，\\s])*$"
)
_HAN_NO_MORE = lazy(
    f"{_HAN_LEAD}(?:以后|现在)?(?:你)?(?:不用|不必|不需要|别|不要)(?:再|总是|一直)*用(?P<object>{_HAN_TONGUES})(?:来)?(?:回答|回复|跟我说|和我说)(?:我)?(?:了)?{_HAN_TAIL}"
)


def read_instructions(reading: Reading) -> None:
    """Add the standing instructions of a message to *reading*."""
    for match in _SENTENCE.finditer(reading.text):
        sentence = match[0].rstrip()
        if len(sentence) > MAX_SENTENCE or UNREAD in sentence or _asks(sentence):
            continue
        span = (match.start(), match.start() + len(sentence))
        _english(reading, sentence, span)
        _chinese(reading, fold_aligned(sentence).rstrip("。！;；!."), span)


def _asks(sentence: str) -> bool:
    """Tell whether a sentence is a question and no request put as one."""
    return sentence.endswith(("?", "？")) and not re.match(
        r"\s*(?:can|could|would|will) you\b", sentence, re.IGNORECASE
    )


def _english(reading: Reading, sentence: str, span: tuple[int, int]) -> None:
    for predicate, pattern in _ENGLISH:
        match = pattern.match(sentence)
        if match:
            _add(reading, predicate, next(word for word in match.groups() if word), span)
            return
    match = _NAME.match(sentence)
    if (
        match
        and match["object"].casefold().split()[0] not in _NOT_NAMES
        and en_names.nickname(match["object"])
    ):
        _add(reading, "instruction:name", match["object"], span)
        return
    match = _NO_MORE_TONGUE.match(sentence)
    if match:
        _add(reading, "instruction:language", match["object"], span, positive=False)
        return
    match = _ALLOWED.match(sentence)
    if match:
        _add(reading, "instruction", f"never {match['object']}", span, positive=False)
        return
    match = _FREE_FROM_NOW.match(sentence)
    if match is None:
        match = _FREE.match(sentence)
        if match is None or not _ABOUT_ANSWERS.search(match["object"]):
            return
    _add(reading, "instruction", _plain_never(match["object"]), span)


def _plain_never(words: str) -> str:
    """Return "don't mention" and "do not ever mention" as "never mention", so that they are one."""
    words = words[:1].lower() + words[1:]
    return re.sub(r"^(?:don't\s+ever|do\s+not\s+ever|don't|do\s+not)\s", "never ", words, flags=re.IGNORECASE)


def _chinese(reading: Reading, sentence: str, span: tuple[int, int]) -> None:
    for predicate, pattern in _CHINESE:
        match = pattern.match(sentence)
        if match:
            _add(reading, predicate, match["object"], span)
            return
    match = _HAN_NAME.match(sentence) or _HAN_NAME_ENOUGH.match(sentence)
    if match and zh_names.nickname(match["object"]):
        _add(reading, "instruction:name", match["object"], span)
        return
    match = _HAN_NO_MORE.match(sentence)
    if match:
        _add(reading, "instruction:language", match["object"], span, positive=False)
        return
    match = _HAN_FREE.match(sentence)
    if match:
        _add(
            reading,
            "instruction",
            match["object"].replace("别", "不要", 1).replace("不要再", "不要", 1),
            span,
        )


def _add(
    reading: Reading, predicate: str, object_: str, span: tuple[int, int], *, positive: bool = True
) -> None:
    said = object_.strip()
    if predicate == "instruction:name" and any(
        each.predicate in {"name", "nickname"} and each.object == said for each in reading.found
    ):
        # "You can call me Al" is a nickname already.
        return
    reading.add(SELF, predicate, said, span=span, positive=positive, confidence=_CONFIDENCE)
