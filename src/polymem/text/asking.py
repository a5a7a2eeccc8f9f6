"""What a question asks for: the predicates whose facts would answer it, its kind, its topic.

A question may be a dialogue, given as lines that begin with the name of who speaks; what it asks for is then what the
dialogue is about.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final, Literal, TypeAlias, cast

from polymem.text import asking_en, asking_zh
from polymem.text.lazy import lazy
from polymem.text.normalise import fold, fold_aligned
from polymem.text.query_parts import asking
from polymem.text.tokenise import terms

__all__ = ["Asking", "asked_kinds", "asked_predicates", "asked_text", "meant"]

Asking: TypeAlias = Literal["order", "summary", "count", "advice", "latest", "dialogue"]
"""Kinds of question: in what order, a summary of a topic, how many, what to do or choose, what was latest; a dialogue that asks nothing."""

# Predicates, English words, Chinese wordings. The texts are folded, so all is in small letters and simplified. A star
# stands for at least one more letter.
_CUES: Final = (
    (
        ("lives_in",),
        "live|lives|living|home|resid*|move to|moved to|moving to|address|based",
        "住|搬|家在|定居",
    ),
    (("from",), "from|hometown|born in|origin|origin*", "来自|老家|家乡|哪里人|籍贯"),
    (
        ("works_at", "works_in", "works_as"),
        "work|works|working|job|jobs|employ*|company",
        "工作|上班|公司|单位|供职",
    ),
    (("works_as",), "occupation|profession|job|do for a living", "职业|做什么的|岗位"),
    (
        ("studies_at",),
        "school|schools|universit*|college|colleges|study at|studies at|studying at",
        "学校|大学|上学|就读|读书",
    ),
    (
        ("studies", "education"),
        "study|studies|studying|studied|major|degree|degrees|learn|learn*",
        "学习|在学|专业|学历|学位",
    ),
    (("name",), "name|names|called", "名字|叫什么|姓名|姓什么"),
    (("nickname",), "nickname|nicknames|alias|aliases", "小名|外号|昵称|绰号|网名|叫我什么"),
    (("age",), "how old|age", "几岁|多大|年龄|岁数"),
    (("birthday",), "birthday|birthdays|born", "生日|出生"),
    (
        ("likes",),
        "like|likes|love|loves|enjoy|enjoys|hobby|hobbies|favorite|favorites|favourite|favourites|fond|interest|interests|into",
        "喜欢|爱好|兴趣|爱",
    ),
    (
        ("dislikes",),
        "dislike|dislikes|hate|hates|can't stand|cannot stand|doesn't like|don't like",
        "讨厌|不喜欢|厌恶|受不了",
    ),
    (("wants",), "want|wants|wish|wishes|dream|dreams", "想要|愿望|希望|梦想"),
    (("plans",), "plan|plans|planning|going to|intend|intends", "打算|计划|准备"),
    (
        ("habit",),
        "habit|habits|routine|routines|usually|every day|every morning|every week|regularly",
        "习惯|平时|每天|经常",
    ),
    (("has",), "own|owns|owned|possess|possess*|have|has", "拥有|有什么"),
    (("has_pet",), "pet|pets|cat|cats|dog|dogs", "宠物|养|猫|狗"),
    (("speaks",), "speak|speaks|language|languages", "会说|语言"),
    (("allergic_to",), "allerg*", "过敏"),
    (
        ("partner",),
        "partner|wife|husband|spouse|girlfriend|boyfriend|married",
        "妻子|丈夫|老婆|老公|对象|女朋友|男朋友|结婚",
    ),
    (("mother",), "mother|mom|mum", "妈妈|母亲"),
    (("father",), "father|dad", "爸爸|父亲"),
    (("sister", "sibling"), "sister|sisters|sibling|siblings", "姐姐|妹妹|姐妹"),
    (("brother", "sibling"), "brother|brothers|sibling|siblings", "哥哥|弟弟|兄弟"),
    (("son", "child"), "son|sons|kid|kids|child|children", "儿子|孩子"),
    (("daughter", "child"), "daughter|daughters|kid|kids|child|children", "女儿|孩子"),
    (("friend",), "friend|friends", "朋友|好友"),
    (("colleague",), "colleague|colleagues|coworker|coworkers", "同事"),
    (("boss",), "boss|manager", "老板|上司|领导"),
    (("teacher",), "teacher|teachers", "老师"),
    (("roommate",), "roommate|roommates|flatmate|flatmates", "室友"),
)
_Asked: TypeAlias = dict[str, set[str]]
# Looking up takes a fraction of what a pattern of all the words does.
_BY_WORD: Final[_Asked] = {}
_BY_BEGINNING: Final[_Asked] = {}
_BY_PHRASE: Final[_Asked] = {}
_BY_CHARACTER: Final[dict[str, _Asked]] = {}
for _names, _english, _chinese in _CUES:
    for _words in _english.split("|"):
        _table = _BY_PHRASE if " " in _words else _BY_BEGINNING if _words.endswith("*") else _BY_WORD
        _table.setdefault(_words.rstrip("*"), set()).update(_names)
    for _words in _chinese.split("|"):
        _BY_CHARACTER.setdefault(_words[0], {}).setdefault(_words, set()).update(_names)
_BEGINNINGS: Final = tuple(_BY_BEGINNING)
_CHARACTERS: Final = frozenset(_BY_CHARACTER)
_PHRASES: Final = {phrase: lazy(rf"\b{phrase}\b") for phrase in _BY_PHRASE}
_WORD: Final = lazy(r"\w+")


def asked_predicates(folded: str) -> frozenset[str]:
    """Return the predicates that a question is about.

    Args:
        folded: The question as :func:`polymem.text.normalise.fold` gives it.

    Example:
        >>> sorted(asked_predicates("where do i live now?")), sorted(asked_predicates("她住在哪里"))
        (['lives_in'], ['lives_in'])
    """
    asked: set[str] = set()
    for word in _WORD.findall(folded):
        asked.update(_BY_WORD.get(word, ()))
        if word.startswith(_BEGINNINGS):
            asked.update(
                *(names for start, names in _BY_BEGINNING.items() if word[: len(start)] == start != word)
            )
    for phrase, pattern in _PHRASES.items():
        if phrase in folded and pattern.search(folded):
            asked |= _BY_PHRASE[phrase]
    for character in _CHARACTERS.intersection(folded):
        asked.update(*(names for wording, names in _BY_CHARACTER[character].items() if wording in folded))
    # "What does she dislike" is no question about likes, though the words overlap.
    return frozenset(asked - {"likes"} if "dislikes" in asked else asked)


_LABEL: Final = lazy(
    r"<[ \t]*([^<>\n]{1,40}?)[ \t]*>[ \t]*[:：]?|^[ \t]*([^\W\d][\w .'-]{0,29}|[\u4e00-\u9fff]{1,8})[ \t]*[:：](?!//)",
    re.MULTILINE,
)
_MARKS: Final = (":", "：", "<")
"""What a label has; to look for these takes a fraction of the time."""
_QUOTES: Final = " \t\r\n'\"“”‘’「」,，:：.。"


def _utterances(text: str) -> list[tuple[str, str]]:
    """Return who says what, if *text* is a dialogue; else nothing. At least two utterances make one, or one in angle brackets."""
    if not any(mark in text for mark in _MARKS):
        return []
    labels = list(_LABEL.finditer(text))
    if len(labels) < 2 and not (labels and labels[0][1] and labels[0].start() == 0):
        return []
    ends = [label.start() for label in labels[1:]] + [len(text)]
    said = [
        (fold(label[1] or label[2]).strip(), text[label.end() : end].strip(_QUOTES))
        for label, end in zip(labels, ends, strict=True)
    ]
    return [(name, words) for name, words in said if words]


_MEANT: Final = lazy(f"(?:{asking_en.MEANT}|{asking_zh.MEANT})[\\s,，:：]*", re.IGNORECASE)
_FURTHER: Final = lazy(
    r"(?:^|(?<=[。！？!?.;；\n]))\s*(?:另外|此外|还有|顺便(?:问一下)?|also|besides|another thing|by the way)[,，\s]",
    re.IGNORECASE,
)
_ASKED_END: Final = lazy(r"[？?\n]")

_HINTS: Final = (
    *("what i", "question", "i really", "i actually", "i truly", "i meant", "i was going"),
    *("真", "实", "實", "其", "本", "原", "到底", "问题", "問題", "正", "言"),
)


def meant(text: str) -> str:
    """Return what a rambling question says that it means to ask, or *text* if it does not say so.

    All before "what I really wanted to ask is" is by the way, and so is what follows the question mark, up to a further
    question that is begun with "also".

    Example:
        >>> meant("Lovely weather today! Anyway, what I actually wanted to ask is: where did I leave the skis?")
        'where did I leave the skis?'
        >>> meant("今天好累啊。不好意思，我真正想问的是：我的护照放哪了？"), meant("Where is Ann?")
        ('我的护照放哪了？', 'Where is Ann?')
    """
    folded = fold_aligned(text)
    if not any(hint in folded for hint in _HINTS) or not _MEANT.search(folded) or _utterances(text):
        return text
    starts = [0, *(found.start() for found in _FURTHER.finditer(folded)), len(text)]
    said = [_meant(text, folded, start, end) for start, end in pairwise(starts)]
    return " ".join(words for words in said if words) or text


def _meant(text: str, folded: str, start: int, end: int) -> str:
    """Return the question of the stretch from *start* to *end*; all of it where it does not say which it is."""
    marks = list(_MEANT.finditer(folded, start, end))
    if marks:
        start = marks[-1].end()
        close = _ASKED_END.search(folded, start, end)
        end = close.end() if close else end
    return text[start:end].strip()


def asked_kinds(text: str) -> frozenset[Asking]:
    """Return the kinds of a question; none for a plain one. Advice is no kind of what is otherwise one.

    Example:
        >>> sorted(asked_kinds("In what order did I visit the museums?"))
        ['order']
        >>> sorted(asked_kinds("请总结一下我的装修进度")), sorted(asked_kinds("I called in order to complain"))
        (['summary'], [])
    """
    if _utterances(text):
        return frozenset(["dialogue"])
    folded = fold(text)
    tables = asking_en.KINDS if folded.isascii() else (*asking_en.KINDS, *asking_zh.KINDS)
    kinds = {kind for kind, words in tables if words.search(folded)}
    if "latest" in kinds and not _asks_latest(text):
        kinds.discard("latest")
    # "Can you give me a summary" is no request for advice.
    return frozenset(cast("Asking", kind) for kind in (kinds & {"order", "summary"} or kinds))


def asked_text(text: str, kinds: frozenset[Asking]) -> str:
    r"""Return the words of a question that tell what it is about.

    From a dialogue the names of the speakers are taken, from a request for an order, a summary or the latest the words
    of the request. Any other question is returned as it is, and so is one of which nothing would be left.

    Args:
        text: The question.
        kinds: What :func:`asked_kinds` says of it.

    Example:
        >>> asked_text("Can you summarize my garden project?", frozenset({"summary"}))
        'my garden project'
        >>> asked_text("<Ann>: I sold the boat.\n<Assistant>: Oh!", frozenset())
        'I sold the boat\nOh!'
    """
    said = _utterances(text)
    if said:
        return "\n".join(words for _, words in said)
    if not kinds & {"order", "summary"}:
        return _timeless(text) if "latest" in kinds else text
    folded = fold(text)
    for frame in asking_en.FRAMES if folded.isascii() else (*asking_en.FRAMES, *asking_zh.FRAMES):
        folded = frame.sub(" ", folded).strip(" ,.?!，。？！")
    topic = " ".join(folded.split())
    return topic if terms(topic) else text


def _asks_latest(text: str) -> bool:
    """Tell whether what asks in *text* asks for the latest; a talkative question may tell of the last time by the way."""
    folded = fold_aligned(asking(text))
    return any(marks.search(folded) for marks in (asking_en.LATEST, asking_zh.LATEST))


def _timeless(text: str) -> str:
    """Return what asks in *text* without the words for the latest: what is looked for need not say that it is."""
    kept = asking(text)
    folded = fold_aligned(kept)
    for marks in (asking_en.LATEST, asking_zh.LATEST):
        for found in marks.finditer(folded):
            kept = kept[: found.start()] + " " * (found.end() - found.start()) + kept[found.end() :]
    topic = " ".join(kept.split())
    return topic if terms(topic) else text
