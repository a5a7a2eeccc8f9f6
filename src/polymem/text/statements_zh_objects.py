"""Chinese converters: from the words that a rule captured to the objects of its statements."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from polymem.text import statements_zh_words as words
from polymem.text.lazy import lazy
from polymem.text.statement_rules import UNREAD

__all__ = [
    "age",
    "allergens",
    "belongings",
    "birthdate",
    "company",
    "deed",
    "doing",
    "hometown",
    "languages",
    "occupation",
    "only_thing",
    "place",
    "residence",
    "routine",
    "school",
    "state_of",
    "study",
    "things",
    "trait",
    "uneaten",
    "wish",
]

_TAIL = lazy(
    r"(?:了|呢|啊|呀|哦|哈+|啦|嘛|哟|喔|的|噢|耶|哒|滴|哎|唉|嘿嘿|呵呵|什么的|之类的?|等等|等|之一|一起|过|得很|的不得了|得不得了|方面的?工作?|这些|这类|这种)$"
)


# Pictures and their names: 🐶, [笑哭], [doge.
_MARKS = lazy(
    rf"(?:\[[^\[\]]{{1,6}}\]?|[^\w\s《》“”‘’「」『』\"'`.,;:!?~+#&%…，。；：！？、（）()【】\[\]*{UNREAD}·-]+)+$"
)


def trimmed(raw: str) -> str:
    """Return *raw* without particles at its end.

    Example:
        >>> trimmed("爬山什么的呢")
        '爬山'
    """
    text = _MARKS.sub("", raw).strip(words.EDGES)
    for _ in range(4):
        shorter = _TAIL.sub("", text).strip(words.EDGES)
        if shorter == text or not shorter:
            break
        text = shorter
    return text


_DEICTIC = lazy(
    "[你您它吗吧]|(?<!吉)(?<!其)他|她|这|那(?!不勒)|什么|怎么|哪|谁|自己|^(?:东西|事情|地方)|感觉|想法|建议|说法|时候|所有|一切|对方|大家|别人|但|因为|所以|如果|可能|也许|我|是不是|为什么|是因为|一下|一点|不行|里面|其中|[影书片剧]中|^一[件部本场幅张首次道]"
    "|好像|似乎|大概|应该|貌似|估计|或许|^一[个位名只](?!人.)"
)
# What a verb leaves behind where nothing was liked, or something else was said of it: 喜欢就好, 喜欢得不得了, 喜欢过她.
_LEFT_OVER = lazy(
    f"^(?:[了着的极疯惨才]|得(?!克)|死(?!亡)|就(?![业餐职读])|上(?!{words.UP})|过(?!年|节|周末|生日|圣诞|春节|[冬夏]|家家|日子|山车|桥|敏)|不(?:行|好|了|得了?)$)|^(?:人|东西)$"
)
# A second statement in the same breath: 小红不敢说, 吃辣就胃疼; 人不多的地方 is one thing.
_RUN_ON = lazy(
    "(?<=.)(?:[不没](?!.*的.)|(?:很|非常|特别|已经|一直|经常|总是|又|却|能(?=[吃喝看玩做去说跑睡打唱跳写画学聊坐站])|(?<!勇)敢)(?!.*的.)|(?<!成)就(?![业餐职医读诊])|是|个屁)|[很挺真太好不]多了?$|很少$"
)
_RATHER_THAN = lazy("(?<=.)(?:而不是|而非|不是|胜过|多[过于]|超过|甚于|多一[点些])")
_OTHER_TASTE = lazy("(?<=.)(?:但|可|却|而)?(?:[不很]?(?:太|怎么|大|是很)?喜欢|讨厌|不爱)")
_HOW_LONG = lazy(
    r"(?:已经|有)?(?:很久|好久|(?:很|好)?多年|好?几年|[\d一二三四五六七八九十两]+多?(?:年|个月|天)|得(?:要[命死]|不行|慌)|(?<![找该])死)$"
)
# Verbs that add nothing to their object: 打羽毛球 is 羽毛球, 吃火锅 is 火锅.
_LIGHT = lazy(
    r"^(?:去(?=.{2})(?!.+玩$)|打(?=.*(?:球|牌|麻将|游戏|太极|太极拳)$)|踢(?=足?球)|吃(?!饭|苦|亏|醋|香(?![菜蕉肠菇椿草芋瓜辣酥])|素|力|惊|完|得|东西|喝|点|货)|喝(?!完|得|点|彩)"
    r"|玩(?!儿?$|的|得|手机|耍|完|水|具|偶|笑)|弹(?=.*(?:琴|吉他|筝))|拉(?=.*琴|二胡)|练(?!习|得)|做(?=瑜伽|运动)|听(?=.*歌$|音乐$)(?!歌)(?!音乐))(?=.)"
)
_AND = lazy("、|以及|还有|和|与|跟|及(?!其)|,|，")
_WHOLE = lazy(
    "和(?:平|谐|服|牛|睦|风|尚|声)|与(?:众|人)|跟(?:着|团)|.*(?:一起|聊天|相处|交流|玩|之间|打交道|比较|结合|在一起)|在.*"
)


def _listed(raw: str) -> list[str]:
    """Return the members of a list, or *raw* alone where splitting would tear a phrase."""
    if _WHOLE.match(raw) or re.search("[^的]{2}[和与及、][^的、和]+的[^的]+$", raw):
        return [raw]
    return [part.strip(words.EDGES) for part in _AND.split(raw) if part.strip(words.EDGES)]


def _thing(item: str) -> str:
    """Return one liked or disliked thing in its short form, "" where it is none."""
    if UNREAD in item:
        return item if len(item) <= 40 else ""
    item = _LIGHT.sub("", _LIGHT.sub("", trimmed(item)))
    item = re.sub("^(?:一些|各种|所有的?|各类|那种|各式各样的?)", "", item)
    if not 1 <= len(item) <= 14 or _DEICTIC.search(item) or _LEFT_OVER.search(item) or _RUN_ON.search(item):
        return ""
    return item


def things(raw: str) -> Sequence[str]:
    """Return what is liked or disliked.

    Example:
        >>> things("画画和打羽毛球"), things("你的想法")
        (['画画', '羽毛球'], [])
    """
    found = [_thing(item) for item in _listed(_one_taste(trimmed(raw)))]
    return found if found and all(found) else []


def _one_taste(text: str) -> str:
    """Return what comes before a second taste, what it is preferred to, and for how long; "" where that tears it."""
    for begins in (_OTHER_TASTE, _RATHER_THAN, _HOW_LONG):
        found = begins.search(text)
        if found:
            text = (
                ""
                if "的" in text[found.end() :] or text[found.start() - 1] in "和跟与同"
                else text[: found.start()]
            )
    return text


def allergens(raw: str) -> Sequence[str]:
    """Return what somebody is allergic to; work and people are so in jest."""
    return [item for item in things(raw) if not _JEST.search(item)]


_JEST = lazy("周[一二三四五六日末]|[上加]班|工作|学习|数学|考试|开会|早[起晨]|老板|领导|[男女]|人$|钱|穷")


def uneaten(raw: str) -> Sequence[str]:
    """Return food that somebody does not eat."""
    return [
        item
        for item in things(raw)
        if len(item) <= 6 and not re.match("素|饭|早|晚|午|了|完|下|得|起|惯|到|消|药", item)
    ]


_PLACE_END = lazy(
    "[省市县区镇村乡州岛湾国城路街港巷洲]$|(?:小区|公寓|大学|学校|宿舍|郊区|市区|农村|乡下|海边|山区|城里|市中心|附近|花园|家园|胡同|大厦|校区|新区|古镇|老城|景区|开发区|大道|街道|庄园)$"
)
_KNOWN_PLACE = lazy("|".join(sorted(words.PLACES, key=len, reverse=True)))
_NO_PLACE = lazy(
    "[你您他她它我这哪吗吧]|那(?!不勒)|什么|怎么|里面|外面|一起|心里|梦|医院|酒店|宾馆|民宿|附近|隔壁|楼上|楼下|对面|旁边|一个|过|太|很|时|不|没|想|班|朋友|同学"
)


def place(raw: str) -> Sequence[str]:
    """Return a place that begins with a known one.

    Example:
        >>> place("山东青岛呢"), place("华为")
        (['山东青岛'], [])
    """
    text = re.sub("那边$|这边$|市里$|那里$|上$", "", trimmed(raw))
    known = _KNOWN_PLACE.match(text)
    if not known or _NO_PLACE.search(text) or len(text) > 12:
        return []
    rest = text[known.end() :].lstrip("，,、的")
    if rest and not _KNOWN_PLACE.fullmatch(rest) and not _PLACE_END.search(rest):
        return []
    return [text]


def residence(raw: str) -> Sequence[str]:
    """Return where somebody may live."""
    text = re.sub("^(?:一个|一座|一套)", "", re.sub("那边$|这边$|那里$", "", trimmed(raw)))
    text = re.sub("(?:的)?(?:时候|一段时间|很久|多年|好几年|[一二三四五六七八九十两几\\d]+年)$", "", text)
    known = place(text)
    if known:
        return known
    return [text] if 2 <= len(text) <= 14 and _PLACE_END.search(text) and not _NO_PLACE.search(text) else []


def hometown(raw: str) -> Sequence[str]:
    """Return where somebody comes from.

    Example:
        >>> hometown("湖南人"), hometown("好人"), hometown("成都，四川的")
        (['湖南'], [], ['成都'])
    """
    text = trimmed(re.split("[，,]", raw)[0])
    text = re.sub("人$|^(?:地道的?|土生土长的?)", "", text)
    return (
        residence(text)
        if place(text) or (_PLACE_END.search(text) and text[-1] in "省市县区镇村乡州岛")
        else []
    )


_NO_COMPANY = lazy(
    "^给|团队$|[你您他她它我这哪吗]|那(?!不勒)|(?<!宜)家$|外地|外面|国外|国内|线上|网上|路上|一起|努力|认真|(?<!阿)里$|上$|下$|时$|中$|同一|现在|目前|这儿|单位$|^公司|年|月|天|小时|什么|怎么|旁边|附近|床|前|后|不断|的时候|继续|不同|很多|各|尽|加|自己"
    "|拼(?!多多)|埋头|疯狂|玩命|辛苦|辛勤|勤奋|勤恳|踏实|专心|安心|用心|全力|全职|兼职|正常|按时|卖力|使劲|准时|默默|快乐|开心|愉快|轻松|忙|高强度|独立|独自|单独|远程|居家|通宵|熬夜|日夜|昼夜"
    "|白天|夜|晚|早|周末|假|紧张|奋|苦苦|一直|还|正|连[续轴]|超负荷|带病|一边|出差|客厅|卧室|书房|宿舍|房间|阳台|过$"
)


def company(raw: str) -> Sequence[str]:
    """Return an employer.

    Example:
        >>> company("一家医院"), company("家"), company("北京")
        (['医院'], [], [])
    """
    raw = re.split("(?<=.)[和跟与](?=.{1,8}一起)", raw)[0]
    text = re.sub("^(?:.*的)?(?:一[家所个间]|某[家个])", "", re.sub("(?<!阿)里面?$|那边$", "", trimmed(raw)))
    text = re.sub("^叫做?(.{2,12}?)的(?:公司|单位|企业|店|学校|机构|工厂)$", r"\1", text)
    if _NO_EMPLOYER.search(text):
        return []
    if not 2 <= len(text) <= 16 or _NO_COMPANY.search(text) or place(text) or UNREAD in text:
        return []
    return [text]


_NO_EMPLOYER = lazy(f"的(?:(?:公司|单位|地方|企业)$|{'|'.join(words.FAMILY)})")
_SCHOOL = lazy("(?:大学|学院|中学|小学|高中|初中|一中|二中|三中|附中|大|理工|师范|商学院|幼儿园)$")


def school(raw: str) -> Sequence[str]:
    """Return a school by name."""
    text = re.sub("里$", "", trimmed(raw))
    text = re.split("(?<=大学)|(?<=学院)", text)[0] or text
    return (
        [text]
        if 3 <= len(text) <= 14
        and _SCHOOL.search(text)
        and not re.search(
            "[我你他她这那哪某]|一所|一个|^(?:[读念考报]|上(?=大学|小学|初中|高中|中学|幼儿园))|附近|国外|外地|老家|隔壁",
            text,
        )
        else []
    )


_QUALITY = lazy(
    "^(?:一名|一个|一位|名|个|位|一|做|当|干|资深的?|普通的?|专业的?|全职的?|兼职的?|高级|初级|优秀的?|小|自由职业的?)*"
)
_OCCUPATION_END = lazy(f"(?:{'|'.join(sorted(words.OCCUPATIONS, key=len, reverse=True))})$")


def occupation(raw: str) -> Sequence[str]:
    """Return an occupation.

    Example:
        >>> occupation("一名资深的外科医生"), occupation("认真的")
        (['外科医生'], [])
    """
    text = _QUALITY.sub("", re.sub("(?:工作|职业|这一?行)$", "", trimmed(raw)))
    if not _OCCUPATION_END.search(text) or len(text) > 12:
        return []
    return (
        []
        if re.search(
            "^(?:[过了着]|前(?!台))|[年月天]|[我你他她这那哪谁想被跟和的]|不|退休|未来|最|好|喜欢|的$|(?:一直|曾经|应该|以前|合格)",
            text,
        )
        else [text]
    )


_NOUN_TRAIT = frozenset(words.TRAITS)


def trait(raw: str) -> Sequence[str]:
    """Return what somebody is for good."""
    text = re.sub("^(?:一名|一个|一位|个|名|位|典型的|虔诚的)", "", trimmed(raw))
    return [text] if text in _NOUN_TRAIT else []


_DIGITS: Final = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"两": 2}


def age(raw: str) -> Sequence[str]:
    """Return a person's age in figures.

    Example:
        >>> age("二十八"), age("35"), age("十六")
        (['28'], ['35'], ['16'])
    """
    if raw.isdecimal():
        return [str(int(raw))] if int(raw) <= 120 else []
    tens, ten, ones = raw.rpartition("十")
    if not ten:
        tens, ones = "", raw
    if any(part not in _DIGITS for part in (tens, ones) if part):
        return []
    return [str((_DIGITS.get(tens, 1) * 10 if ten else 0) + _DIGITS.get(ones, 0))]


_DATE = lazy(
    r"(?:农历|阴历|阳历|公历)?(?:(?:19|20)\d\d年)?(?:\d{1,2}|[一二三四五六七八九十腊正]{1,2})月(?:\d{1,2}|[一二三四五六七八九十廿初]{1,3})[日号]?$|(?:19|20)\d\d年$|\d{4}[-/.]\d\d?[-/.]\d\d?$"
)


def birthdate(raw: str) -> Sequence[str]:
    """Return a date as written."""
    text = trimmed(raw)
    return [text] if _DATE.match(text) else []


def languages(raw: str) -> Sequence[str]:
    """Return the languages in a list."""
    found = (re.sub("^(?:一点|一些|流利的?|一口)|儿$", "", item) for item in _AND.split(trimmed(raw)))
    return [item for item in found if item in words.LANGUAGES]


def study(raw: str) -> Sequence[str]:
    """Return what is studied."""
    text = re.sub("(?:专业|系|这门课|课程)$", "", trimmed(raw))
    return [
        item for item in things(text) if not re.match("习|会|到|着|校|生|期|好|得|完|做人|新|历|费|了", item)
    ]


def belongings(raw: str) -> Sequence[str]:
    """Return possessions."""
    found = [
        re.sub("^(?:自己的|属于自己的|新的?|旧的?|很?[大小老]的?)+", "", _QUALITY.sub("", trimmed(item)))
        for item in _listed(raw)
    ]
    return [
        item
        for item in found
        if item.endswith(words.BELONGINGS)
        and len(item) <= 8
        and not _DEICTIC.search(item)
        and not re.search(".[一两三几]个", item)
    ]


def _deed(pattern: str, *, least: int, most: int) -> Callable[[str], Sequence[str]]:
    """Return a converter for a deed of *least* to *most* characters that matches nowhere *pattern*."""
    vague = lazy(pattern)

    def read(raw: str) -> Sequence[str]:
        text = trimmed(raw)
        return [text] if least <= len(text) <= most and not vague.search(text) else []

    return read


doing: Final = _deed(
    "[你您它吗吧]|^(?:好|了|工作|开始$|睡|吃[早午晚]?饭|去吃[早午晚]?饭|出门|回家|走|试|问|说|告诉|看看|放弃|尝试|跟|和他|和她|好好|努力|做些|做点|一下|先|再|接受|继续|面对|多|给|向|把|用|按|这|那|去了|怎么|不|起床|离开)|这|那个|什么|一些|一下|试试|看看|自己",
    least=2,
    most=20,
)
wish: Final = _deed("[你您它吗吧]|这|那|什么|一些|一下|更|怎么|如何|点(?!心)|不|问|说", least=2, most=16)
deed: Final = _deed(
    "[你您吗吧]|这(?!周|个月)|那|什么|怎么|觉得|感到|很久|一下|一点|有点|想了|不|没|为了", least=3, most=24
)
routine: Final = _deed(
    "[你您它吗吧]|这|那|什么|怎么|觉得|感到|感觉|很(?!多|早|晚)|担心|忘|想(?!象)|不知|烦|失眠|睡不|被|让|为|会有|累|痛|疼|难|是|把|用着|挺|鼓励|提醒|告诉|出现|遇到|需要|应该|可以|因为",
    least=4,
    most=24,
)


def only_thing(raw: str) -> Sequence[str]:
    """Return the one thing that is named, nothing where there are several.

    Example:
        >>> only_thing("蓝色了"), only_thing("足球和篮球")
        (['蓝色'], [])
    """
    found = things(raw)
    return found if len(found) == 1 else []


_STATE = lazy(r"[\w+%-]{1,10}")


def state_of(raw: str) -> Sequence[str]:
    """Return the state that something is in.

    Example:
        >>> state_of("审稿中了"), state_of("你说的那样")
        (['审稿中'], [])
    """
    text = re.sub("[了啦呢的]+$", "", raw.strip(words.EDGES))
    return [text] if _STATE.fullmatch(text) and not _DEICTIC.search(text) else []
