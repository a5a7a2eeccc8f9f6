"""What a question asks about somebody: the predicates whose facts would answer it."""

from __future__ import annotations

from typing import Final

from polymem.text.lazy import lazy

__all__ = ["asked_predicates"]

# predicates, English words, Chinese words; the texts are folded, so all is in small letters and simplified
_CUES: Final = (
    (("lives_in",), r"liv(?:e|es|ing)|home|resid\w+|mov(?:e|ed|ing) to|address|based", "住|搬|家在|定居"),
    (("from",), r"from|hometown|born in|origin\w*", "来自|老家|家乡|哪里人|籍贯"),
    (
        ("works_at", "works_in", "works_as"),
        r"works?|working|jobs?|employ\w+|company",
        "工作|上班|公司|单位|供职",
    ),
    (("works_as",), r"occupation|profession|job|do for a living", "职业|做什么的|岗位"),
    (("studies_at",), r"schools?|universit\w+|colleges?|stud(?:y|ies|ying) at", "学校|大学|上学|就读|读书"),
    (("studies", "education"), r"stud(?:y|ies|ying|ied)|major|degrees?|learn\w*", "学习|在学|专业|学历|学位"),
    (("name",), r"names?|called", "名字|叫什么|姓名|姓什么"),
    (("age",), r"how old|age", "几岁|多大|年龄|岁数"),
    (("birthday",), r"birthdays?|born", "生日|出生"),
    (
        ("likes",),
        r"likes?|loves?|enjoys?|hobb(?:y|ies)|favou?rites?|fond|interests?|into",
        "喜欢|爱好|兴趣|爱",
    ),
    (
        ("dislikes",),
        r"dislikes?|hates?|(?:can't|cannot) stand|doesn't like|don't like",
        "讨厌|不喜欢|厌恶|受不了",
    ),
    (("wants",), r"wants?|wish(?:es)?|dreams?", "想要|愿望|希望|梦想"),
    (("plans",), r"plans?|planning|going to|intends?", "打算|计划|准备"),
    (("habit",), r"habits?|routines?|usually|every (?:day|morning|week)|regularly", "习惯|平时|每天|经常"),
    (("has",), r"own(?:s|ed)?|possess\w*|have|has", "拥有|有什么"),
    (("has_pet",), r"pets?|cats?|dogs?", "宠物|养|猫|狗"),
    (("speaks",), r"speaks?|languages?", "会说|语言"),
    (("allergic_to",), r"allerg\w+", "过敏"),
    (
        ("partner",),
        r"partner|wife|husband|spouse|girlfriend|boyfriend|married",
        "妻子|丈夫|老婆|老公|对象|女朋友|男朋友|结婚",
    ),
    (("mother",), r"mother|mom|mum", "妈妈|母亲"),
    (("father",), r"father|dad", "爸爸|父亲"),
    (("sister", "sibling"), r"sisters?|siblings?", "姐姐|妹妹|姐妹"),
    (("brother", "sibling"), r"brothers?|siblings?", "哥哥|弟弟|兄弟"),
    (("son", "child"), r"sons?|kids?|child(?:ren)?", "儿子|孩子"),
    (("daughter", "child"), r"daughters?|kids?|child(?:ren)?", "女儿|孩子"),
    (("friend",), r"friends?", "朋友|好友"),
    (("colleague",), r"colleagues?|coworkers?", "同事"),
    (("boss",), r"boss|manager", "老板|上司|领导"),
    (("teacher",), r"teachers?", "老师"),
    (("roommate",), r"roommates?|flatmates?", "室友"),
)
_PATTERNS: Final = tuple((names, lazy(rf"\b(?:{english})\b|{chinese}")) for names, english, chinese in _CUES)
_ANY: Final = lazy("|".join(rf"\b(?:{english})\b|{chinese}" for _, english, chinese in _CUES))


def asked_predicates(folded: str) -> frozenset[str]:
    """Return the predicates that a question is about.

    Args:
        folded: The question as :func:`polymem.text.normalise.fold` gives it.

    Example:
        >>> sorted(asked_predicates("where do i live now?")), sorted(asked_predicates("她住在哪里"))
        (['lives_in'], ['lives_in'])
    """
    if not _ANY.search(folded):
        return frozenset()
    asked = {name for names, pattern in _PATTERNS if pattern.search(folded) for name in names}
    # "What does she dislike" is no question about likes, though the words overlap.
    return frozenset(asked - {"likes"} if "dislikes" in asked else asked)
