"""Whether two statements say the same in other words, decided by normal forms.

What is left of both after fillers, endings and spelling must be the same words. Vectors are not asked: to them "cats" and
"dogs" are closer than many a paraphrase. Numbers, negations and names are words like any other here, so they must agree.
"""

from __future__ import annotations

from typing import Final

from polymem.text.lazy import lazy
from polymem.text.normalise import fold
from polymem.text.numerals import NUMERALS
from polymem.text.statement_rules import word_set
from polymem.text.stem import stem

__all__ = ["normal_form", "numbers_said", "speaks_of_self", "told_times"]

_TOKEN = lazy(r"[^\W\d_]+(?:'[a-z]+)?|\d+(?:[.,:]\d+)*|%")
_HAN = lazy("[\u3400-\u9fff]")

# ---------------------------------------------------------------- English

_FILLERS: Final = word_set(
    "a an the really very truly totally absolutely definitely actually honestly simply just also too still so quite "
    "especially particularly personally certainly genuinely deeply super currently now nowadays presently already my "
    "lot lots much most best probably"
)
"""Words that change nothing about what is stated; "never", "only" and "not" are not among them."""
_PHRASES: Final = (
    (lazy(r"\b(?:at the moment|these days|at present|right now|of course|as well|a bit)\b"), " "),
    (lazy(r"\ba (?:lot|bunch|number) of\b|\blots of\b"), " "),
    (lazy(r"\b(?:go|goes|going|gone|went) (?=[a-z]{2,}ing\b)"), ""),
    (
        lazy(r"\b(?:drink|drinks|drinking) (?=(?:[a-z]+ )?(?:tea|coffee|beer|wine|milk|juice|water|cola)\b)"),
        "",
    ),
    (lazy(r"\bscience[- ]fiction\b"), "scifi"),
    (lazy(r"\bsci-fi\b"), "scifi"),
    (lazy(r"\b(?:united states of america|united states|u\.s\.a\.|u\.s\.|the us)\b"), "usa"),
    (lazy(r"\b(?:united kingdom|great britain|u\.k\.)\b"), "uk"),
    (lazy(r"\bnew york city\b"), "nyc"),
    (lazy(r"\b(?:artificial intelligence|a\.i\.)\b"), "ai"),
    (lazy(r"\bvideogames?\b"), "video games"),
    (lazy(r"\btv (?:show|series|program|programme)s?\b"), "tvshow"),
    (lazy(r"\bphd student\b|\bdoctoral student\b"), "phdstudent"),
    (lazy(r"\bcan't\b|\bcannot\b"), "can not"),
    (lazy(r"\bwon't\b"), "will not"),
    (lazy(r"n't\b"), " not"),
    (lazy(r"\bno longer\b|\bnot any ?more\b"), "nolonger"),
)
_SAME: Final[dict[str, str]] = {
    word: words.split()[0]
    for words in (
        "movie film films movies",
        "bicycle bike bikes bicycles",
        "cycle cycling biking bicycling",
        "car cars automobile automobiles",
        "child kid kids children child",
        "mother mom mum mommy mummy mothers",
        "father dad daddy papa",
        "sofa couch sofas couches",
        "photo photograph photos photographs",
        "television tv",
        "math maths mathematics",
        "physician doctor doctors physicians",
        "lawyer attorney lawyers attorneys",
        "buy purchase buying purchasing bought purchased",
        "vegetable veggie veggies vegetables veg",
        "refrigerator fridge",
        "cellphone cellphones smartphone",
        "color colour colours colors",
        "favorite favourite favourites favorites",
        "theater theatre theatres theaters",
        "gray grey",
        "neighbor neighbour neighbours neighbors",
        "center centre centers centres",
        "jewelry jewellery",
        "traveling travelling travel",
        "woman women woman",
        "man men man",
        "person people person",
        "mouse mice mouse",
        "foot feet",
        "plane airplane aeroplane airplanes planes",
        "usa us america",
        "barbecue bbq barbecues",
        "husband hubby",
        "grandmother grandma granny grandmothers",
        "grandfather grandpa grandad granddad",
        "cannot unable",
    )
    for word in words.split()
} | NUMERALS
_LINKS: Final = word_set("in at on")
"""Between the parts of a thing that may also stand as a compound: "mountain hikes", "hikes in the mountains"."""
_ORDER: Final = word_set(
    "of to from with than over by before after without not nolonger never no into through about for under behind 's "
    "instead rather versus vs against between until till since like as who that which while"
)
"""Where one of these stands, the order of the words says who does what to whom."""

# ---------------------------------------------------------------- Chinese

_HAN_FILLERS = lazy(
    "真的|真心|非常|特别|超级|十分|格外|比较|其实|目前|现在|一直|一向|确实|已经|平时|当然|就是|而且|还是|最为"
    "|[的了着很超挺蛮也都还就呢吧啊呀嘛哦啦在]"
)
_HAN_SAME: Final = tuple(
    (lazy(old), new)
    for old, new in (
        ("影片", "电影"),
        ("老妈|妈妈|母亲|妈(?!的)", "母亲"),
        ("老爸|爸爸|父亲|爸", "父亲"),
        ("单车|脚踏车", "自行车"),
        ("西红柿", "番茄"),
        ("马铃薯|洋芋", "土豆"),
        ("老公", "丈夫"),
        ("老婆|太太(?!极)", "妻子"),
        ("猫咪|猫猫", "猫"),
        ("狗狗", "狗"),
        ("登山", "爬山"),
        ("冰激凌|冰淇凌", "冰淇淋"),
        ("计算机(?!科学|专业|系)", "电脑"),
        ("礼拜|星期", "周"),
        ("天天|每日", "每天"),
        ("早晨|清晨", "早上"),
        ("夜里|夜晚", "晚上"),
        ("旅游", "旅行"),
        ("大夫", "医生"),
        ("教师", "老师"),
        ("电视机", "电视"),
        ("喝(?=咖啡|茶|啤酒|红酒|牛奶|果汁|可乐|奶茶)", ""),
        ("(?<![零一二三四五六七八九十百第])一[个只条位名辆台套部把家本张件杯]", ""),
        ("两|俩", "二"),
    )
)
_HAN_DIGITS: Final = {character: str(n) for n, character in enumerate("零一二三四五六七八九十")}
_MEASURED = lazy("([零一二三四五六七八九十])(?=[个只条位名辆台套部把家本张件杯岁年月天次号点])")
_HAN_SELF = lazy("我|俺|咱")
_SELF = lazy(r"\b(?:i|me|my|mine|we|us|our|i'm|i've|myself)\b")
_NUMBER = lazy(r"\d+(?:[.,:]\d+)*")
_HAN_NUMBER = lazy("[零一二三四五六七八九十百千万两]+")
_TIMES = lazy(
    r"\b(?:yesterday|today|tonight|tomorrow|ago|last|next|this|recently|earlier|later|soon|morning|evening|week|weekend|month"
    r"|year|(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april|june|july|august|september|october"
    r"|november|december|spring|summer|autumn|winter)\b|昨|今[天年早晚]|明[天年]|去年|前[天年]|上[个周月]|下[个周月]|本[周月]|最近|刚"
)


def normal_form(text: str, *, ordered: bool = True) -> tuple[str, ...]:
    """Return what is left of a statement when the way of saying it is taken away; statements with the same form say the same.

    Args:
        text: A clause, or the object of a relation.
        ordered: Whether the order of the words counts everywhere; else a thing may be named as a compound ("mountain hikes")
            as well as with "in", "at" or "on".

    Returns:
        Words in a normal form; empty where nothing is left.

    Example:
        >>> normal_form("hiking in the mountains", ordered=False) == normal_form("mountain hikes", ordered=False)
        True
        >>> normal_form("喜欢喝咖啡") == normal_form("很喜欢咖啡"), normal_form("2 cats") == normal_form("three cats")
        (True, False)
    """
    folded = fold(text)
    for pattern, instead in _PHRASES:
        folded = pattern.sub(instead, folded)
    tokens: list[str] = []
    free = not ordered
    original = {word.casefold() for word in _capitals(text)}
    for token in _TOKEN.findall(folded):
        if _HAN.search(token):
            tokens.append(_chinese(token))
            continue
        word: str = token.removesuffix("'s")
        if word != token:
            free = False
        if word in _FILLERS:
            continue
        free = free and word not in _ORDER
        word = _SAME.get(word, word)
        tokens.append(word if word in original or not word.isascii() else stem(word.replace("'", "")))
    if _HAN.search(folded):
        # Where a number or a Latin word parts the characters says nothing.
        return ("".join(tokens),)
    if not free:
        # Apart from the forms without order.
        return ("", *tokens) if tokens else ()
    return tuple(sorted(token for token in tokens if token not in _LINKS))


def _chinese(run: str) -> str:
    """Return the normal form of a run of Chinese characters."""
    for pattern, instead in _HAN_SAME:
        run = pattern.sub(instead, run)
    run = _MEASURED.sub(lambda found: _HAN_DIGITS[found[1]], run)
    short = _HAN_FILLERS.sub("", run)
    return short or run


def _capitals(text: str) -> list[str]:
    """Return the words of *text* that are written as names: with a capital, and not at its beginning."""
    found = [match for match in _TOKEN.finditer(text) if match.start() and match[0][:1].isupper()]
    return [match[0] for match in found if match[0] != "I"]


def numbers_said(text: str) -> tuple[str, ...]:
    """Return the numbers in *text*, in digits or in letters, in order of value.

    Example:
        >>> numbers_said("I have two cats and 1 dog"), numbers_said("养了两只猫")
        (('1', '2'), ('2',))
    """
    folded = fold(text)
    found = _NUMBER.findall(folded)
    spelt = (number.replace("两", "二") for number in _HAN_NUMBER.findall(folded))
    found += [_HAN_DIGITS.get(number, number) for number in spelt if number not in {"一", "万"}]
    words = (_SAME.get(word, "") for word in _TOKEN.findall(folded))
    found += [word for word in words if word.isdigit() and word != "1"]
    return tuple(sorted(found))


def speaks_of_self(text: str) -> bool:
    """Tell whether *text* speaks in the first person."""
    return _HAN_SELF.search(text) is not None or _SELF.search(fold(text)) is not None


def told_times(text: str) -> bool:
    """Tell whether *text* names a time that is meant from when it was said."""
    return _TIMES.search(fold(text)) is not None
