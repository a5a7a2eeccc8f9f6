"""Numbers in a text with what they count, in digits and in words, English and Chinese: "1.2 million", "120万", 四十条, "3 %"."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from polymem.domain.slotted import dataclass
from polymem.text.lazy import lazy
from polymem.text.normalise import fold
from polymem.text.numerals import NUMERALS
from polymem.text.stem import stem

__all__ = ["MEASURES", "Quantity", "months", "quantities"]

_WORDS: Final = {word: int(figure) for word, figure in NUMERALS.items() if figure not in {"0", "1"}}
_SCALES: Final = {
    "hundred": 1e2,
    "thousand": 1e3,
    "million": 1e6,
    "mn": 1e6,
    "billion": 1e9,
    "bn": 1e9,
    "trillion": 1e12,
    "千": 1e3,
    "万": 1e4,
    "百万": 1e6,
    "千万": 1e7,
    "亿": 1e8,
    "万亿": 1e12,
}
_UNITS: Final = {
    name: unit
    for unit, names in {
        "%": "% percent 个百分点",
        "km": "km kilometre kilometres kilometer kilometers 公里 千米",
        "mile": "mile miles mi 英里",
        "m": "m metre metres meter meters 米",
        "cm": "cm centimetre centimetres centimeter centimeters 厘米",
        "mm": "mm millimetre millimetres millimeter millimeters 毫米",
        "foot": "ft foot feet 英尺",
        "kg": "kg kilogram kilograms 公斤 千克",
        "g": "gram grams 克",
        "tonne": "tonne tonnes ton tons 吨",
        "pound": "lb lbs 磅",
        "dollar": "dollar dollars usd 美元",
        "euro": "euro euros eur 欧元",
        "sterling": "gbp 英镑",
        "yuan": "yuan cny rmb 元 人民币",
        "yen": "yen jpy 日元",
        "second": "second seconds 秒 秒钟",
        "minute": "minute minutes 分钟",
        "hour": "hour hours 小时",
        "day": "day days 天",
        "week": "week weeks 周 星期",
        "month": "month months 个月",
        "year": "year years",
    }.items()
    for name in names.split()
}
MEASURES: Final = frozenset([*_SCALES, *_UNITS])
"""Names of scales and units."""
_SIGNS: Final = {"$": "dollar", "€": "euro", "£": "sterling", "¥": "yuan", "百分之": "%"}
_MONTHS: Final = "january february march april may june july august september october november december"
_MONTH: Final = {name: n for n, name in enumerate(_MONTHS.split(), start=1)}
_DATED = lazy(
    rf"\b({'|'.join(_MONTHS.split())})\b\.?(?=\s*\d)|(?<=\d)(?:st|nd|rd|th)?\s+({'|'.join(_MONTHS.split())})\b"
)


def _either(names: Iterator[str] | dict[str, float] | dict[str, str] | dict[str, int]) -> str:
    latin = [name for name in names if name.isascii() and name.isalpha()]
    other = [name for name in names if name not in latin]
    by_length = sorted(other, key=len, reverse=True)
    return rf"(?:{'|'.join(by_length)})|(?:{'|'.join(sorted(latin, key=len, reverse=True))})\b"


_WORD: Final = "|".join(sorted(_WORDS, key=len, reverse=True))
_HAN_DIGITS: Final = {sign: n for n, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_HAN_TENS: Final = {"十": 10, "百": 100, "千": 1000}
_HAN: Final = "零〇一二三四五六七八九十百千两"
_COUNTED: Final = "万亿个位名次年岁天月日号只条头艘座家所倍种项元米里公吨斤小分秒层篇章张件台辆国省市县届世周匹棵扇幢栋枚瓶杯碗本册部架颗粒朵株枝根顶套双副批组份封页卷门场趟"
_NUMBER = lazy(
    rf"(?P<sign>百分之|[$€£¥])?\s*(?!百分之)(?:(?P<figures>\d[\d,]*(?:\.\d+)?)|\b(?P<words>(?:{_WORD})(?:[ -](?:{_WORD}|one))?)\b"
    rf"|\b(?P<one>one|an?)(?=\s(?:hundred|thousand|million|billion)\b)"
    rf"|(?<=百分之)(?P<share>[{_HAN}]+)|(?!十分(?![钟之]))(?P<han>[{_HAN}]+)(?=[{_COUNTED}]))"
    rf"[\s-]?(?P<scale>{_either(_SCALES)})?(?P<more>\s?{_either(_SCALES)})?"
    rf"\s*(?P<unit>{_either(_UNITS)})?(?P<noun>[ -]?[a-z]{{3,}}|[\u4e00-\u9fff]{{2,3}})?"
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number in a text.

    Attributes:
        value: With its scale: "1.2 million" and 120万 are the same.
        unit: "%", "km", "dollar" …; "" where none is known.
        noun: The word that follows, which most often is what is counted; "" without one.
    """

    value: float
    unit: str
    noun: str


def quantities(text: str) -> list[Quantity]:
    """Return the numbers of *text*, in order; "one" and 一 alone are none.

    Example:
        >>> quantities("1.2 million tonnes") == quantities("120万吨"), [q.value for q in quantities("四十条船, two goats")]
        (True, [40.0, 2.0])
    """
    found: list[Quantity] = []
    for match in _NUMBER.finditer(fold(text).replace("per cent", "percent")):
        value = _value(match["figures"], match["words"], match["share"] or match["han"])
        if match["han"] == "一" and not match["scale"]:
            continue
        for scale in (match["scale"], match["more"]):
            value *= _SCALES[scale.strip()] if scale else 1.0
        unit = _UNITS.get(match["unit"] or "", "") or _SIGNS.get(match["sign"] or "", "")
        noun = (match["noun"] or "").strip(" -")
        found.append(Quantity(float(f"{value:.9g}"), unit, stem(noun) if noun.isascii() else noun[:2]))
    return found


def months(text: str) -> set[float]:
    """Return the numbers of the months that are named beside a day or a year.

    Example:
        >>> months("on 3 May"), months("May 1871"), months("it may be")
        ({5.0}, {5.0}, set())
    """
    return {float(_MONTH[match[1] or match[2]]) for match in _DATED.finditer(fold(text))}


def _value(figures: str | None, words: str | None, han: str | None) -> float:
    if figures:
        return float(figures.replace(",", "") or 0)
    if words:
        return float(sum(_WORDS.get(word, 1) for word in words.replace("-", " ").split()))
    return _han_value(han) if han else 1.0


def _han_value(text: str) -> float:
    if not any(sign in _HAN_TENS for sign in text):
        return float("".join(str(_HAN_DIGITS[sign]) for sign in text))
    whole = digit = 0
    for sign in text:
        if sign in _HAN_TENS:
            whole, digit = whole + (digit or 1) * _HAN_TENS[sign], 0
        else:
            digit = _HAN_DIGITS[sign]
    return float(whole + digit)
