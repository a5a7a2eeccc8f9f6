"""The closed list of what a statement can say about somebody, and how each kind behaves when it is said again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from polymem.domain.slotted import dataclass

__all__ = [
    "KINSHIP",
    "PREDICATES",
    "REFINABLE",
    "Predicate",
    "forget_predicates",
    "predicate_named",
    "stated",
    "unconfirmed",
]


@dataclass(frozen=True, slots=True)
class Predicate:
    """One predicate.

    Attributes:
        name: Its key in :data:`PREDICATES`.
        functional: Whether a subject has one object at a time, so that a new object closes the older.
        opposite: The predicate that contradicts this one on the same slot.
        profile_key: Where it stands in a profile; several predicates may share a key.
        subject_type: Type of the subject entity.
        object_type: Type of the object entity, "" where it varies or is no entity.
        label_en: For display between subject and object.
        label_zh: The same in Chinese.
    """

    name: str
    functional: bool
    opposite: str | None
    profile_key: str
    subject_type: str
    object_type: str
    label_en: str
    label_zh: str

    @property
    def proper(self) -> bool:
        """Whether the object is a name, in which the endings of words are kept."""
        return self.object_type in {"person", "place", "organisation", "animal"}


FUNCTIONAL: Final = True
MANY: Final = False

# name, functional, opposite, profile key, object type, English label, Chinese label
_ROWS: Final = (
    ("name", FUNCTIONAL, None, "name", "person", "is named", "名叫"),
    ("nickname", MANY, None, "nicknames", "person", "is also called", "又叫"),
    ("age", FUNCTIONAL, None, "age", "", "is aged", "年龄是"),
    ("birthday", FUNCTIONAL, None, "birthday", "", "was born on", "生日是"),
    ("gender", FUNCTIONAL, None, "gender", "", "is of gender", "性别是"),
    ("from", FUNCTIONAL, None, "hometown", "place", "comes from", "来自"),
    ("lives_in", FUNCTIONAL, None, "residence", "place", "lives in", "住在"),
    ("works_at", FUNCTIONAL, None, "employer", "organisation", "works at", "供职于"),
    ("works_in", FUNCTIONAL, None, "workplace", "place", "works in", "工作地点是"),
    ("works_as", FUNCTIONAL, None, "occupation", "", "works as", "职业是"),
    ("studies_at", FUNCTIONAL, None, "school", "organisation", "studies at", "就读于"),
    ("education", FUNCTIONAL, None, "education", "", "has the education", "学历是"),
    ("studies", MANY, None, "studies", "", "studies", "学习"),
    ("likes", MANY, "dislikes", "likes", "", "likes", "喜欢"),
    ("dislikes", MANY, "likes", "dislikes", "", "dislikes", "不喜欢"),
    ("wants", MANY, None, "wishes", "", "wants to", "想要"),
    ("plans", MANY, None, "plans", "", "plans to", "打算"),
    ("habit", MANY, None, "habits", "", "regularly does", "习惯"),
    ("has", MANY, None, "possessions", "", "has", "有"),
    ("has_pet", MANY, None, "pets", "animal", "has pet", "养宠物"),
    ("is", MANY, None, "traits", "", "is", "是"),
    ("speaks", MANY, None, "languages", "", "speaks", "会说"),
    ("allergic_to", MANY, None, "allergies", "", "is allergic to", "过敏于"),
    ("event", MANY, None, "events", "", "did", "做过"),
    # With a qualifier each: "favourite:colour", "count:cats", "status:thesis"; one object at a time for each of them.
    ("favourite", FUNCTIONAL, None, "favourites", "", "has the favourite", "最喜欢的是"),
    ("count", FUNCTIONAL, None, "counts", "", "has this many", "数量是"),
    ("status", FUNCTIONAL, None, "status", "", "has the status", "状态是"),
    # What somebody asks for once and for all; with a qualifier ("instruction:language") the latest holds.
    ("instruction", MANY, None, "instructions", "", "asks to", "要求"),
)

# name, functional, English label, Chinese label: the subject has the object as its …
_KINSHIP_ROWS: Final = (
    ("partner", FUNCTIONAL, "is with", "伴侣是"),
    ("mother", FUNCTIONAL, "has mother", "母亲是"),
    ("father", FUNCTIONAL, "has father", "父亲是"),
    ("sister", MANY, "has sister", "姐妹是"),
    ("brother", MANY, "has brother", "兄弟是"),
    ("sibling", MANY, "has sibling", "兄弟姐妹是"),
    ("son", MANY, "has son", "儿子是"),
    ("daughter", MANY, "has daughter", "女儿是"),
    ("child", MANY, "has child", "孩子是"),
    ("grandmother", MANY, "has grandmother", "祖母是"),
    ("grandfather", MANY, "has grandfather", "祖父是"),
    ("grandchild", MANY, "has grandchild", "孙辈是"),
    ("uncle", MANY, "has uncle", "叔伯舅舅是"),
    ("aunt", MANY, "has aunt", "姑姨婶是"),
    ("cousin", MANY, "has cousin", "表堂亲是"),
    ("nephew", MANY, "has nephew", "侄甥是"),
    ("niece", MANY, "has niece", "侄女甥女是"),
    ("in_law", MANY, "has in-law", "姻亲是"),
    ("friend", MANY, "has friend", "朋友是"),
    ("colleague", MANY, "has colleague", "同事是"),
    ("boss", FUNCTIONAL, "has boss", "上司是"),
    ("subordinate", MANY, "has subordinate", "下属是"),
    ("teacher", MANY, "has teacher", "老师是"),
    ("student", MANY, "has student", "学生是"),
    ("classmate", MANY, "has classmate", "同学是"),
    ("roommate", MANY, "has roommate", "室友是"),
    ("neighbour", MANY, "has neighbour", "邻居是"),
)

KINSHIP: Final = frozenset(row[0] for row in _KINSHIP_ROWS)
"""Predicates between two people."""


def _listed() -> dict[str, Predicate]:
    """Return the rows as predicates by name."""
    listed = {
        name: Predicate(name, functional, opposite, key, "person", object_type, english, chinese)
        for name, functional, opposite, key, object_type, english, chinese in _ROWS
    }
    for name, functional, english, chinese in _KINSHIP_ROWS:
        listed[name] = Predicate(name, functional, None, "people", "person", "person", english, chinese)
    return listed


PREDICATES: Final[Mapping[str, Predicate]] = MappingProxyType(_listed())
"""Every predicate by name.

Example:
    >>> PREDICATES["likes"].opposite, PREDICATES["lives_in"].functional
    ('dislikes', True)
"""

REFINABLE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "from": "place",
        "lives_in": "place",
        "works_in": "place",
        "name": "name",
        "birthday": "date",
        "works_as": "kind",
        "education": "kind",
        "works_at": "organisation",
        "studies_at": "organisation",
    }
)
"""Predicates whose object may be told more or less precisely, and by what: a place within a place, a part of a name or of a
date, a kind of a trade, an organisation without what kind it is."""

_OPEN: Final = r"[^\W\d_][\w]{0,47}"
_UNCONFIRMED: Final = "unconfirmed:"
"""Begins the predicate of what somebody says who is not believed yet; see :mod:`polymem.write.trust`."""
_QUALIFIED: Final = r"([a-z_]{1,24}):(\w[\w .-]{0,47})"


@lru_cache(maxsize=4_096)
def predicate_named(name: str) -> Predicate:
    """Return how a predicate behaves.

    Args:
        name: A key of :data:`PREDICATES`; a key with a qualifier, which has a slot of its own ("favourite:colour"); or any
            word of up to 48 letters, digits and underscores, which may have many objects ("invested_in").

    Raises:
        ValueError: It is none of these.

    Example:
        >>> predicate_named("favourite:颜色").functional, predicate_named("invested_in").functional
        (True, False)
    """
    known = PREDICATES.get(name)
    if known is not None:
        return known
    if name.startswith(_UNCONFIRMED):
        said = predicate_named(stated(name))
        return replace(
            said,
            name=name,
            functional=False,
            opposite=None,
            profile_key="unconfirmed",
            label_en=f"is said: {said.label_en}",
            label_zh=f"据说{said.label_zh}",
        )
    qualified = re.fullmatch(_QUALIFIED, name)
    if qualified is not None and qualified[1] in PREDICATES:
        base, qualifier = PREDICATES[qualified[1]], qualified[2]
        return replace(
            base,
            name=name,
            functional=True,
            label_en=f"{base.label_en} ({qualifier})",
            label_zh=f"{base.label_zh}({qualifier})",
        )
    if re.fullmatch(_OPEN, name) is None:
        raise ValueError("not a predicate")
    label = name.replace("_", " ")
    return Predicate(name, MANY, None, "other", "", "", label, label)


def forget_predicates() -> None:
    """Keep no name of a predicate in this process: open ones have words of who said it."""
    predicate_named.cache_clear()


def unconfirmed(predicate: str) -> str:
    """Return the predicate under which something is kept that is not believed yet; it ends nothing and competes with nothing.

    Example:
        >>> unconfirmed("lives_in"), unconfirmed("favourite:colour"), stated("unconfirmed:favourite:colour")
        ('unconfirmed:lives_in', 'unconfirmed:favourite:colour', 'favourite:colour')
    """
    return predicate if predicate.startswith(_UNCONFIRMED) else f"{_UNCONFIRMED}{predicate}"


def stated(predicate: str) -> str:
    """Return the predicate of what is said, believed or not."""
    return predicate.removeprefix(_UNCONFIRMED)
