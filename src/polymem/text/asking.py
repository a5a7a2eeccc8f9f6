"""What a question asks about somebody: the predicates whose facts would answer it."""

from __future__ import annotations

from typing import Final, TypeAlias

from polymem.text.lazy import lazy

__all__ = ["asked_predicates"]

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
