"""Chinese time expressions: the wordings, in the order in which they claim characters.

The patterns see folded text, in simplified characters; a space in them stands for one that may or may not be there.
"""

from __future__ import annotations

from typing import Final

from polymem.text import times_zh_meaning as meaning
from polymem.text import times_zh_words as words
from polymem.text.lazy import lazy
from polymem.text.times_calendar import Resolver, Rule

__all__ = ["RULES"]

_DIGITS = "零〇○一二三四五六七八九"
_YEAR = (
    rf"(?:(?P<year>(?<![0-9.])(?:1[5-9]|20|21)[0-9]{{2}}|(?<![{_DIGITS}])[一二][{_DIGITS}]{{3}}) 年|(?<![0-9了干共第近约用花每整满这过])(?P<short>[0-9]{{2}}) 年(?= [0-9一二三四五六七八九十]{{1,2}} 月)|"
    r"(?P<rel>大前年|今年|去年|(?<![以之几0-9一二两三四五六七八九十])前年|明年|(?<![以之])后年))"
)
_MONTH = r"(?P<month>(?<![0-9.])[01]?[0-9]|(?<![十一二两三四五六七八九几])(?:十[一二]?|[一二三四五六七八九]))"
_DAY = r"(?P<day>[0-3]?[0-9]|[二三]?十[一二三四五六七八九]?|[一二三四五六七八九]|廿[一二三四五六七八九]?)"
_TO_DAY = _DAY.replace("P<day>", "P<to>")
_TO_MONTH = r"(?P<to>[01]?[0-9]|十[一二]?|[一二三四五六七八九])"
_WEEKDAY_BEHIND = r"(?:[（(]? (?:星期|周|礼拜)[一二三四五六日天][)）]?)?"
_SIDE = r"(?P<side>上上|下下|上|下|这|本)一?个? "
_THIRD = r"(?P<third>初(?![一二三四五六七八九十])|上旬|中旬|中(?![国午学文餐秋间心央])|底|末|下旬)"
_NUMBER = rf"(?P<n>[0-9]{{1,4}}|半|好几|十几|几十|几|数|两三|[{_DIGITS}两十百]{{1,5}})"
_UNIT = r"(?P<unit>分钟|小时|钟头|天|日|周|星期|礼拜|月|年)"
_N_UNITS = rf"(?<![第0-9.{_DIGITS}两十百几])(?:大概|大约|约|差不多)?{_NUMBER} (?P<each>个)?(?P<half>半)?{_UNIT}(?P<plus>半)?(?:多|左右)?"
_SEASON = r"(?P<season>[春夏秋冬])(?:天|季|日)?"
_FESTIVAL = (
    "(?P<festival>元旦|春节|除夕|元宵节?|端午节?|中秋节?|国庆节?|劳动节|五一(?:劳动节)?(?![路广大])|圣诞节?(?![老树礼卡歌])|平安夜|"
    "情人节|妇女节|三八节|儿童节|六一(?:儿童节)?(?![班中小])|教师节|万圣节|感恩节|双十一|双11|跨年夜)"
    "(?!快乐|愉快|晚会|联欢|档|礼物)"
)
_PARTS = "|".join(words.PARTS)
_HOUR = r"(?P<hour>(?<![0-9.:])[0-2]?[0-9]|二十[一二三四]?|十[一二三四五六七八九]?|[零一两二三四五六七八九])"
_MINUTE = r"(?P<minute>[0-5][0-9]|[二三四五]?十[一二三四五六七八九]?|零[一二三四五六七八九]|[0-9一二三四五六七八九](?= 分))"


def _units_and(endings: str) -> str:
    """Return every unit followed by each of the endings."""
    units = ("分钟", "小时", "钟头", "天", "日", "周", "星期", "礼拜", "月", "年", "半", "左右", "以", "之")
    return " ".join(unit + ending for unit in units for ending in endings.split())


def _rule(name: str, needs: str, pattern: str, resolve: Resolver) -> Rule:
    """Return a rule; *needs* holds the wordings that a text must have one of, with spaces between them."""
    return Rule(name, frozenset(needs.split()), lazy(pattern.replace(" ", r"\s{0,2}")), resolve)


RULES: Final = (
    # 5月3日到5日
    _rule(
        "days of a month",
        "月",
        rf"(?:{_YEAR} 的? )?{_MONTH} 月 {_DAY} [日号]? (?:到|至|[-~—–]) {_TO_DAY} [日号]",
        meaning.solar(meaning.days),
    ),
    # 2023年5月7日; 五月七号; 去年5月7日星期六
    _rule(
        "day",
        "月",
        rf"(?:{_YEAR} 的? )?{_MONTH} 月份? {_DAY} [日号]{_WEEKDAY_BEHIND}",
        meaning.solar(meaning.day),
    ),
    # 上个月五号
    _rule("day of a month", "月", rf"{_SIDE}月的? {_DAY} [日号]", meaning.day_of_month),
    # 2023年5月到7月
    _rule(
        "months",
        "月",
        rf"(?:{_YEAR} 的? )?{_MONTH} 月?份? (?:到|至|[-~—–]) {_TO_MONTH} 月(?:份|底)?(?! [0-9一二三四五六七八九十]{{1,3}} [日号])",
        meaning.solar(meaning.months),
    ),
    # 二〇二三年五月; 5月; 五月初
    _rule(
        "month",
        "月",
        rf"(?:{_YEAR} 的? )?{_MONTH} 月份?(?:{_THIRD})?(?![球亮饼]|怀胎|初[一二三四五六七八九十]|廿|天[^气]|[一二两三四五几]次|[0-9])",
        meaning.solar(meaning.month),
    ),
    # 去年国庆; 中秋节
    _rule(
        "festival",
        "元旦 春节 除夕 元宵 端午 中秋 国庆 劳动节 五一 圣诞 平安夜 情人节 妇女节 三八节 儿童节 六一 教师节 万圣 感恩节 双十一 双11 跨年夜",
        rf"(?:{_YEAR} 的? )?{_FESTIVAL}",
        meaning.festival,
    ),
    # 2023年第二季度; 第三季度
    _rule("quarter", "季度", rf"(?:{_YEAR} 的? )?第? ?(?P<n>[一二三四1-4]) ?季度", meaning.quarter),
    _rule("year, quarter", "年q", rf"{_YEAR}q(?P<n>[1-4])(?![0-9])", meaning.quarter),
    # 去年夏天; 今春
    _rule("season of a year", "春 夏 秋 冬", rf"{_YEAR} 的? {_SEASON}", meaning.season),
    _rule("season", "春 夏 秋 冬", rf"(?P<side>上|这|下)一?个{_SEASON}", meaning.season_beside),
    _rule(
        "season in short",
        "春 夏 秋 冬",
        r"(?P<short_rel>[今去])(?P<season>[春夏秋冬])(?![天季日])",
        meaning.season,
    ),
    # 今年上半年; 去年年底
    _rule("half a year", "半年", rf"(?:{_YEAR} 的? )?(?P<half>[上下])半年(?![度报级])", meaning.half_year),
    # 90年代; 上世纪八十年代
    _rule(
        "decade",
        "年代",
        r"(?:(?P<century>上个?|[12][0-9]|十[七八九]|二十一?) ?世纪)?(?P<decade>[12][0-9][0-9]0|(?<![0-9])[1-9]0|[二三四五六七八九]十)"
        r" ?年代(?P<third>初期?|中期|末期?|后期)?",
        meaning.decade,
    ),
    # 去年今天; 上个月的今天
    _rule(
        "this day of another year",
        "年今 年的今 周今 周的今 月今 月的今 期今 期的今 拜今 拜的今",
        rf"(?:(?P<rel>大前年|去年|前年|明年|后年)|{_SIDE}(?P<unit>周|星期|礼拜|月)) 的? 今[天日]",
        meaning.this_day,
    ),
    # 2019年; 去年年底
    _rule(
        "year",
        "年",
        rf"{_YEAR}(?:的?年?{_THIRD})?(?![轻龄级代少青薪假纪迈]|[一二两三四五几]次)",
        meaning.year,
    ),
    # 大前天; 今晚; 昨天
    _rule(
        "named day",
        "今天 今日 今儿 昨天 昨日 昨儿 前天 明天 明日 明儿 后天",
        r"(?P<name>大前天|大后天|今[天日儿](?!头条)|(?<!聪)明[天日儿](?!方舟)|昨[天日儿]|(?<![以之提空眼目面生支从日年月周天期拜跟])前天(?![气空])|"
        r"(?<![以之背今日年月周天期拜时])后天(?![性形培努习养赋空气]|的(?:努力|培养|教育|学习)))",
        meaning.named_day,
    ),
    _rule(
        "part of a day",
        "今早 今晚 今夜 昨晚 昨夜 昨早 明早 明晚 明夜",
        r"(?P<name>[今昨]|(?<![聪光文])明)(?P<part>早(?![已就])|晚(?![年])|夜(?![宵]))",
        meaning.day_part,
    ),
    # 上周末; 上周六; 周三; 上上周
    _rule("weekend", "周末", rf"{_SIDE}周末", meaning.weekend),
    _rule(
        "weekday",
        "周 星期 礼拜",
        rf"(?P<every>每一?个?|逢)?(?:{_SIDE})?(?:(?<![一二两三四五六七八九十几半0-9每])周(?P<weekday>[一二三四五六日])|(?<![个到至])?(?:星期|礼拜)(?P<weekday2>[一二三四五六日天]))"
        r"(?![次遍篇回倍])",
        meaning.weekday_named,
    ),
    _rule(
        "week",
        "周 星期 礼拜",
        rf"{_SIDE}(?:周|星期|礼拜)(?![一二三四五六日天末围岁边长期刊转])",
        meaning.week,
    ),
    # 上个月; 下月初
    _rule("month beside", "月", rf"{_SIDE}月份?(?:{_THIRD})?(?![球亮饼台])", meaning.month_beside),
    # 三天前; 两个星期以前; 半年前; 几天前
    _rule("ago", _units_and("前 多前"), rf"{_N_UNITS} ?(?:以前|之前|前)(?![后面往方景途])", meaning.ago),
    _rule(
        "a few days ago",
        "前几 前两 前些",
        r"(?<![以之眼目提天])前(?:几|两|些|两三)(?P<unit>天|年|个月|周)",
        meaning.few_ago,
    ),
    # 三天后; 过两天
    _rule(
        "ahead", _units_and("后 多后"), rf"{_N_UNITS} ?(?:以后|之后|后)(?![悔面方来背期续])", meaning.ahead
    ),
    _rule("in some units", "过", rf"(?<![不超经通路])再?过{_N_UNITS}(?![前了的])", meaning.ahead),
    # 最近三个月; 未来两周; 这几天
    _rule(
        "some units",
        "最近 过去 近 未来 接下来 今后",
        rf"(?P<side>最近|过去|(?<![最附接靠将])近|未来|接下来|今后)的?这? ?{_N_UNITS}(?!前|后|以前|以后)",
        meaning.some_units,
    ),
    _rule(
        "these days", "这几 这两", r"这(?P<n>几|两|两三) ?(?:个)?(?P<unit>天|周|月|年)", meaning.these_units
    ),
    # 下午三点半; 晚上八点
    _rule("part", " ".join(words.PARTS), rf"(?P<part>{_PARTS})", meaning.part),
    _rule(
        "clock",
        "点",
        rf"(?<![十有第几差半两三四五六七八九])(?<![一二](?=十)){_HOUR} ?点(?:钟|整)?(?:(?P<past>半)|(?P<quarters>[一三])刻|{_MINUTE} ?分?)?(?![儿点都也不没就])",
        meaning.clock,
    ),
    _rule(
        "clock, formal",
        "分",
        rf"{_HOUR} ?时 ?{_MINUTE} ?分",
        meaning.clock,
    ),
)
