"""Chinese names: what one looks like, and the converters of what somebody is called."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from polymem.text import statements_zh_words as words
from polymem.text.lazy import lazy

__all__ = ["NAME", "NAME_BEGINS", "nickname", "person_name"]

_LONG_SURNAMES: Final = "欧阳|司马|上官|诸葛|夏侯|皇甫|尉迟|公孙|慕容|司徒|东方|独孤|南宫"
_SURNAME: Final = f"[{words.SURNAMES}]"
NAME: Final = (
    f"(?:(?:{_LONG_SURNAMES}){'[一-鿿]'}{{1,2}}?|{_SURNAME}{'[一-鿿]'}{{1,2}}?"
    f"|[小老阿]{'[一-鿿]'}{{1,2}}?|{_SURNAME}(?:老师|医生|教授|先生|女士|阿姨|叔叔|经理|总|师傅|律师|主任|同学|姐|哥|工))"
)
"""A Chinese person's name; the shortest reading comes first, so that a look-ahead decides on its end."""
NAME_BEGINS: Final = "小老阿" + words.SURNAMES + "".join(surname[0] for surname in _LONG_SURNAMES.split("|"))
"""The characters with which a name can begin."""
_GIVEN = lazy(r"[一-鿿]{1,4}(?:·[一-鿿]{1,6})?$|[a-z][a-z]{1,14}(?: [a-z]{2,14})?$")
_NO_NAME = lazy(
    "外卖|[你我他她它您]|来|去|车|什么|谁|哪|不|说|人|起来|做|个|一|这|那|醒|救|停|得|过|帮|错|吃|喝|好|名字|板|是|有|没|在|很|太|都|就|快递|滴滴|出租|代驾|医生来|保安|服务|客服|家长|"
    "的|了|吗|呢|啥|苦|板|座|号|场|嚷|卖|技术|阿姨来|师傅来"
)


def person_name(raw: str) -> Sequence[str]:
    """Return what somebody is called.

    Example:
        >>> person_name("陈晓东"), person_name("外卖了"), person_name("他来帮忙")
        (['陈晓东'], [], [])
    """
    text = raw.strip(words.EDGES)
    text = (
        re.sub("(?:就行|就好|就可以|即可|吧|啊|呀|哦|哈|啦|呢|的|了)+$", "", text) if len(text) > 2 else text
    )
    # Nobody is called something "by now": 我妈叫早睡了.
    if (
        re.search("(?<![行好以])[了啦]$", raw.strip(words.EDGES))
        or not _GIVEN.match(text)
        or _NO_NAME.search(text)
    ):
        return []
    return (
        [text] if not _DOES.match(text) and text not in words.OCCUPATIONS and text not in words.FAMILY else []
    )


# 我妈叫起床, 我的猫叫春: what somebody calls for, or how an animal calls.
_DOES = lazy(
    "[回滚喊唤骂哭睡洗催赶]|别|再|先|快[点来去]|早点|起床|加班|关[灯门窗]|开[会门灯车饭]|小[心声]|老实|安[静排]|冷静|解释|准备|买[菜单东]|写|交[作钱费]|打[车扫电]|闭嘴|减肥|出[门去来]|上[台班课学车]|下[楼班课车]|春$|声|[半两几]|整|疯|累|嗷"
)
_SURELY_CALLED = lazy(
    rf"[小老阿](?:[一-鿿]){{1,2}}$|大?(?![{words.VERB_SURNAMES}])[{words.SURNAMES[:120]}][一-鿿]{{0,2}}$|([一-鿿])\1$|[a-z]|[一-鿿]{{1,3}}[哥姐总爷叔姨嫂妹弟仔宝酱]$"
)


def nickname(raw: str) -> Sequence[str]:
    """Return what others call somebody; what they may call somebody to do is none.

    Example:
        >>> nickname("老王"), nickname("豆豆"), nickname("包饺子"), nickname("唱歌")
        (['老王'], ['豆豆'], [], [])
    """
    return [name for name in person_name(raw) if _SURELY_CALLED.match(name)]
