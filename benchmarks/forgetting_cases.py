"""The forgetting set: what was told, what is to be forgotten, which words must be gone and which must stay.

Every told message carries a marker, a made-up word that occurs nowhere else, so that what is left of it can be looked for
without the means by which it was forgotten. English and Chinese stand side by side.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final

__all__ = ["Case", "Told", "cases"]


@dataclass(frozen=True, slots=True)
class Told:
    """One message.

    Attributes:
        text: Its words; ``{m}`` stands for the marker.
        goes: Whether it is to be forgotten.
        run: Its session.
        name: Who says it, "" for nobody in particular.
        metadata: Plain JSON.
        day: Day of the year on which it was said.
    """

    text: str
    goes: bool = False
    run: str = "r1"
    name: str = ""
    metadata: dict[str, Any] = field(default_factory=dict[str, Any])
    day: int = 1


@dataclass(frozen=True, slots=True)
class Case:
    """One history with what is to be forgotten of it.

    Attributes:
        kind: The class.
        told: Messages in order; at least one goes and one stays.
        forget: Arguments of ``forget``; ``"texts": True`` stands for the ids of the messages that go.
        merged: Names of entities that are merged before.
    """

    kind: str
    told: tuple[Told, ...]
    forget: dict[str, Any]
    merged: tuple[str, ...] = ()


# A name, and one that contains or continues it.
_NEAR_NAMES: Final = (
    *(
        ("Ann", "Anna"),
        ("Rob", "Robin"),
        ("Sam", "Samantha"),
        ("Carl", "Carla"),
        ("Joan", "Joanna"),
        ("Eric", "Erica"),
    ),
    *(("Paul", "Paula"), ("Mari", "Marianne"), ("Dan", "Jordan"), ("Lin", "Colin")),
    *(
        ("王芳", "王芳芳"),
        ("李明", "李明华"),
        ("张伟", "张伟伟"),
        ("陈静", "陈静怡"),
        ("刘洋", "刘洋洋"),
        ("赵丽", "赵丽颖"),
    ),
    *(("周杰", "周杰伦"), ("吴敏", "吴敏霞"), ("孙悦", "孙悦然"), ("杨洁", "杨洁篪")),
)
_SAYS: Final = {
    "en": (
        "{n} has the locker {m}.",
        "Yesterday I met {n}, who told me about {m}.",
        "My colleague {n} likes {m}.",
    ),
    "zh": ("我的同事{n}说密码是{m}。", "昨天我和{n}一起去了{m}。", "{n}喜欢{m}。"),
}
# An identifier, and one that begins or ends with it.
_NEAR_CODES: Final = (
    *(
        ("order-1001", "order-10012"),
        ("ID-77", "ID-771"),
        ("B-42", "AB-42"),
        ("user_5", "user_55"),
        ("v2.1", "v2.1.3"),
    ),
    *(
        ("ann@mail.org", "joann@mail.org"),
        ("ann@mail.org", "ann@mail.org.au"),
        ("li@corp.cn", "wangli@corp.cn"),
    ),
    *(("bo.chen@x.io", "bo.chen@x.ioz"), ("k@y.net", "kk@y.net")),
    *(
        ("555-1234", "555-12345"),
        ("13800138000", "138001380001"),
        ("0701 22 33", "0701 22 334"),
        ("+49170555", "+491705551"),
    ),
    *(
        ("DE89370400440532", "DE893704004405321"),
        ("京A12345", "京A123456"),
        ("X7", "X70"),
        ("2024-0017", "2024-00171"),
    ),
    *(("#881", "#8812"), ("INV/2024/5", "INV/2024/55")),
)
_CODE_SAYS: Final = ("The number {n} belongs to {m}.", "请记住{n}，备注是{m}。")
_OLD_NEW: Final = (
    *(("I live in {m}.", "These days home is {m}."), ("I work at {m}.", "I have a new job at {m} now.")),
    *(
        ("My favourite dish is {m}.", "By now I prefer {m} to any other dish."),
        ("I drive a {m}.", "I sold that car and got a {m}."),
    ),
    *(("My doctor is called {m}.", "I changed doctors and see {m} instead."),),
    *(
        ("我住在{m}。", "我后来搬到了{m}。"),
        ("我在{m}上班。", "现在我跳槽去了{m}。"),
        ("我最喜欢的菜是{m}。", "如今我更爱吃{m}。"),
    ),
    *(("我开的车是{m}。", "那辆车卖了，换成了{m}。"), ("我的医生叫{m}。", "我换了医生，现在看{m}。")),
)
_NEGATED: Final = (
    *(("I love {m}.", "I do not love {o} at all."), ("I can't stand {m}.", "I quite like {o}.")),
    *(("I am allergic to {m}.", "I am not allergic to {o}."), ("I never eat {m}.", "I often eat {o}.")),
    *(("I no longer play {m}.", "I still play {o}."),),
    *(
        ("我喜欢{m}。", "我不喜欢{o}。"),
        ("我讨厌{m}。", "我挺喜欢{o}。"),
        ("我对{m}过敏。", "我对{o}不过敏。"),
    ),
    *(("我从来不吃{m}。", "我常吃{o}。"), ("我不再弹{m}了。", "我还在弹{o}。")),
)
_PEOPLE: Final = (
    *(("Nora", "Victor"), ("Oscar", "Helen"), ("Ruth", "Ivan"), ("Clara", "Hugo"), ("Felix", "Greta")),
    *(("林涛", "何雪"), ("郭强", "罗兰"), ("高峰", "梁静"), ("谢军", "宋佳"), ("唐宁", "韩梅")),
)
_ALIASES: Final = (
    *(
        ("Robert Miles", "Bobby"),
        ("Elizabeth Kane", "Liz"),
        ("Margaret Dow", "Peggy"),
        ("William Ash", "Bill"),
    ),
    *(("Catherine Roe", "Kitty"), ("Acme Corporation", "Acme"), ("International Harvest", "IHC")),
    *(("北京大学", "北大"), ("张建国", "老张"), ("中国工商银行", "工行"), ("李晓红", "小红")),
)
_SPEAKERS: Final = (
    *(("Carol", "Caroline"), ("Max", "Maxine"), ("Jo", "Joe"), ("Lee", "Leeroy"), ("Tom", "Tomas")),
    *(
        ("小王", "小王子"),
        ("阿明", "阿明哥"),
        ("王医生", "王医生助理"),
        ("妈妈", "干妈妈"),
        ("李雷", "李雷雷"),
    ),
)

_numbers = count(1)


def _marker(*, chinese: bool) -> str:
    """Return a word that occurs nowhere else."""
    n = next(_numbers)
    if not chinese:
        syllables = ("qua", "zor", "vex", "jil", "bru", "wok", "pfi", "gny")
        return "".join(syllables[n // 8**place % 8] for place in range(4)).capitalize()
    signs = "璇玑翡翠琥珀琉璃"
    return "".join(signs[n // 8**place % 8] for place in range(4))


def _is_chinese(text: str) -> bool:
    return any("\u4e00" <= char <= "\u9fff" for char in text)


def _told(text: str, **fields: Any) -> Told:
    """Return a message whose ``{m}`` is a marker of its own."""
    return Told(text.replace("{m}", _marker(chinese=_is_chinese(text))), **fields)


def cases() -> list[Case]:
    """Return all cases, the same ones at every call in a process' first place; markers differ between calls."""
    makers = (
        *(_substrings, _codes, _supersession, _negation, _compound, _cross_lingual),
        *(_shared, _profiles, _aliases, _speakers, _by_time, _by_filter),
    )
    return [case for make in makers for case in make()]


def _substrings() -> Iterator[Case]:
    for near, far in _NEAR_NAMES:
        says = _SAYS["zh" if _is_chinese(near) else "en"]
        for n in (0, 1):
            first, second = (_told(says[(n + k) % 3].replace("{n}", near), goes=True) for k in (0, 1))
            other = _told(says[n].replace("{n}", far))
            yield Case("substring", (first, other, second), {"about": near})


def _codes() -> Iterator[Case]:
    for near, far in _NEAR_CODES:
        for says in _CODE_SAYS:
            told = (_told(says.replace("{n}", near), goes=True), _told(says.replace("{n}", far)))
            yield Case("prefix", told, {"about": near})


def _supersession() -> Iterator[Case]:
    for old, new in _OLD_NEW:
        for goes_old in (True, False):
            told = (_told(old, goes=goes_old, day=1), _told(new, goes=not goes_old, day=90))
            yield Case("supersession", told, {"texts": True})


def _negation() -> Iterator[Case]:
    for stated, other in _NEGATED:
        for goes_first in (True, False):
            told = (
                _told(stated, goes=goes_first),
                _told(other.replace("{o}", "{m}"), goes=not goes_first),
            )
            yield Case("negation", told, {"texts": True})


def _compound() -> Iterator[Case]:
    for one, other in _PEOPLE:
        chinese = _is_chinese(one)
        kept = _marker(chinese=chinese)
        both = (
            f"我的同事{one}喜欢{{m}}，{other}喜欢{kept}。"
            if chinese
            else f"{one} likes {{m}} and {other} likes {kept}."
        )
        again = f"我的同事{other}喜欢{kept}。" if chinese else f"My friend {other} likes {kept}."
        for run in ("r1", "r2"):
            told = (_told(both, goes=True), Told(again, run=run))
            yield Case("compound", told, {"about": one})


def _cross_lingual() -> Iterator[Case]:
    for near, far in _NEAR_CODES:
        if "@" in near or near[0].isdigit():
            told = (
                _told(f"我的联系方式是{near}，暗号{{m}}。", goes=True),
                _told(f"Write to {near} and mention {{m}}.", goes=True),
                _told(f"他的联系方式是{far}，暗号{{m}}。"),
                _told(f"Her contact is {far}; say {{m}}."),
            )
            yield Case("cross-lingual", told, {"about": near})
            yield Case("cross-lingual", told[::-1], {"about": near.upper()})


def _shared() -> Iterator[Case]:
    for said in ("I love hiking in {s}.", "My sister lives in {s}.", "我喜欢在{s}散步。", "我妹妹住在{s}。"):
        for n in range(5):
            chinese = _is_chinese(said)
            fact, note = said.replace("{s}", _marker(chinese=chinese)), _marker(chinese=chinese)
            first = Told(fact, goes=True, run="r1", metadata={"note": note}, day=1 + n)
            again = Told(fact, run="r2", day=100 + n)
            yield Case("shared", (first, again), {"run_id": "r1", "everything": True})


def _profiles() -> Iterator[Case]:
    pairs = (
        *(
            ("My name is {m}.", "I live in {m}."),
            ("I live in {m}.", "I work at {m}."),
            ("I work at {m}.", "I love {m}."),
        ),
        *(
            ("I am allergic to {m}.", "I speak {m}."),
            ("My sister is called {m}.", "My brother is called {m}."),
        ),
        *(
            ("我叫{m}。", "我住在{m}。"),
            ("我住在{m}。", "我喜欢{m}。"),
            ("我在{m}工作。", "我养了一只叫{m}的猫。"),
        ),
        *(("我对{m}过敏。", "我会说{m}。"), ("我妹妹叫{m}。", "我哥哥叫{m}。")),
    )
    for gone, kept in pairs:
        for way in ({"texts": True}, {"filters": {"topic": "gone"}}):
            told = (
                _told(gone, goes=True, metadata={"topic": "gone"}),
                _told(kept, metadata={"topic": "kept"}),
            )
            yield Case("profile", told, way)


def _aliases() -> Iterator[Case]:
    for name, alias in _ALIASES:
        says = _SAYS["zh" if _is_chinese(name) else "en"]
        other = "何雪" if _is_chinese(name) else "Greta Lund"
        told = (
            _told(says[1].replace("{n}", name), goes=True),
            _told(says[2].replace("{n}", other)),
            _told(says[1].replace("{n}", alias), goes=True),
        )
        for asked in (name, alias):
            yield Case("alias", told, {"about": asked}, merged=(name, alias))


def _speakers() -> Iterator[Case]:
    for near, far in _SPEAKERS:
        text = "我最近在忙{m}。" if _is_chinese(near) else "I am busy with {m} these days."
        told = (_told(text, goes=True, name=near), _told(text, name=far), _told(text, goes=True, name=near))
        yield Case("speaker", told, {"about": near})


def _by_time() -> Iterator[Case]:
    for text in ("I love {m}.", "Remember {m}.", "I went to {m}.", "我喜欢{m}。", "记住{m}。", "我去了{m}。"):
        for n in range(3):
            told: Sequence[Told] = (_told(text, goes=True, day=10 + n), _told(text, day=60 + n))
            yield Case("time", tuple(told if n != 1 else told[::-1]), {"before": "2024-02-15"})


def _by_filter() -> Iterator[Case]:
    for text in (
        "I love {m}.",
        "My neighbour is {m}.",
        "I plan to visit {m}.",
        "我喜欢{m}。",
        "我的邻居是{m}。",
        "我打算去{m}。",
    ):
        for value in ("health", "健康"):
            told = (
                _told(text, goes=True, metadata={"topic": value}),
                _told(text, metadata={"topic": value + "y"}),
            )
            yield Case("filter", told, {"filters": {"topic": value}})
