"""What says more than, or the opposite of, what it cites: "all" for "some", a comparison turned round, "fell" for "rose".

Each rule asks for the same words on both sides, so that it seldom fires on what is right; what is said in quite other words it does not see.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Final

from polymem.text.lazy import lazy
from polymem.text.normalise import fold
from polymem.text.statement_rules import word_set
from polymem.text.stem import stem
from polymem.text.tokenise import terms

__all__ = ["is_opposed", "is_stronger", "is_turned_comparison"]

_RANKS: Final = {
    word: rank
    for rank, words in enumerate(
        (
            "few some several 有些 一些 部分 少数 几个 个别",
            "many 许多 很多 不少",
            "most 大多数 大部分 绝大多数 多数",
            "all every each 所有 全部 全体 每 每个 每位 每名 每只 每座 每家 每条 每艘",
        )
    )
    for word in words.split()
}
_LEAST_STRONG: Final = _RANKS["most"]
_HAN_RANKS: Final = "|".join(sorted((word for word in _RANKS if not word.isascii()), key=len, reverse=True))
_AMOUNT = lazy(
    r"\b(all|every|each|most|many|some|several|few)\s(?:of\s)?(?:(?:the|its|his|her|their|our|these|those)\s)?([a-z]{3,})"
)
_HAN_AMOUNT = lazy(rf"({_HAN_RANKS})的?([\u4e00-\u9fff]{{2}})")
_IRREGULAR: Final = {"children": "child", "men": "man", "women": "woman", "people": "person"}

_COMPARED = lazy(
    r"^(?P<left>.*)\b(?P<how>more|less|fewer|better|worse|[a-z]{2,}er)\b(?P<of>[^,;.]*?)\sthan\b(?P<right>[^,;.]*)"
)
_HAN_COMPARED = lazy(
    r"(?P<right>.{1,24}?)(?:更|还|要)?(?P<how>[高低矮大小多少早晚快慢长短贵重轻老好差强弱深浅宽窄]|便宜|年轻)"
)
_HAN_CLAUSE = lazy(r"[，。；：,;]")


def _sides(pairs: str) -> dict[str, frozenset[str]]:
    """Return the opposites of each word; "a b / c d" says that a and b are each the opposite of c and d."""
    found: dict[str, frozenset[str]] = {}
    for pair in pairs.split(";"):
        left, right = (frozenset(side.split()) for side in pair.split("/"))
        found |= dict.fromkeys(left, right) | dict.fromkeys(right, left)
    return found


_CONVERSES: Final = _sides(
    "higher taller / lower shorter; longer / shorter; larger bigger greater / smaller; more / less fewer; older / younger newer"
    "; earlier / later; faster quicker / slower; better / worse; richer / poorer; heavier / lighter; stronger / weaker; deeper / shallower"
    "; wider / narrower; warmer hotter / colder cooler; cheaper / dearer; nearer closer / farther further"
    "; 高 / 低 矮; 大 / 小; 多 / 少; 早 / 晚; 快 / 慢; 长 / 短; 贵 / 便宜; 重 / 轻; 老 / 年轻; 好 / 差; 强 / 弱; 深 / 浅; 宽 / 窄"
)
_OPPOSITES: Final = _sides(
    "rise rises rose risen rising increase increased increases grow grows grew grown climbed"
    " / fall falls fell fallen falling decrease decreased decreases decline declined drop dropped shrink shrank"
    "; improved improve / worsened worsen; expanded / contracted; succeeded success / failed failure; accepted approved / rejected"
    "; allowed permitted / forbidden prohibited banned; supported / opposed; highest / lowest; largest biggest / smallest"
    "; oldest / youngest; longest / shortest; earliest / latest; best / worst; maximum / minimum; legal / illegal"
    "; mother / father; summer / winter; morning / evening; positive / negative"
    "; 上升 上涨 增加 增长 提高 升高 / 下降 下跌 减少 降低 下滑 跌落; 成功 / 失败; 允许 / 禁止; 支持 赞成 / 反对; 最高 / 最低; 最大 / 最小; 最多 / 最少"
    "; 最早 / 最晚; 最长 / 最短; 合法 / 非法; 母亲 / 父亲; 夏天 / 冬天; 上午 / 下午; 扩大 / 缩小; 改善 / 恶化"
)
_WORD = lazy(r"[a-z]+")
_TIMED = lazy(
    r"\b(before|after)\s(?:the\s|a\s|an\s)?([a-z]{3,})|([\u4e00-\u9fff]{2})(?:之|以|过)?([前后])(?![a-z])"
)
_BEFORE: Final = word_set("before 前")


def is_stronger(said: str, quote: str) -> bool:
    """Tell whether a claim says of most or all of some things what the quote says of fewer of them.

    Example:
        >>> is_stronger("All keepers kept goats.", "Some of the keepers kept goats.")
        True
        >>> is_stronger("所有看守人都养山羊。", "有些看守人养山羊。"), is_stronger("Some keepers swim.", "All keepers swim.")
        (True, False)
    """
    told = _amounts(quote)
    return any(rank >= _LEAST_STRONG and told.get(noun, rank) < rank for noun, rank in _amounts(said).items())


def _amounts(text: str) -> dict[str, int]:
    """Return of which things a text says how many, by their noun: the most where it says it twice."""
    found: dict[str, int] = {}
    folded = fold(text)
    pairs: Iterable[tuple[str, str]] = chain(_AMOUNT.findall(folded), _HAN_AMOUNT.findall(folded))
    for amount, noun in pairs:
        key = stem(_IRREGULAR.get(noun, noun)) if noun.isascii() else noun
        found[key] = max(found.get(key, 0), _RANKS[amount])
    return found


def is_turned_comparison(said: str, sentences: Iterable[str]) -> bool:
    """Tell whether a claim turns a comparison of one of *sentences* round: by its sides, or by the opposite word.

    Both at once say the same again.

    Example:
        >>> is_turned_comparison("Vik is higher than Arna.", ["Arna is 3 m higher than Vik."])
        True
        >>> is_turned_comparison("Vik is lower than Arna.", ["Arna is 3 m higher than Vik."])
        False
        >>> is_turned_comparison("乙岛比甲岛大。", ["甲岛比乙岛大。"]), is_turned_comparison("乙岛比甲岛小。", ["甲岛比乙岛大。"])
        (True, False)
    """
    claim = _comparison(said)
    return claim is not None and any(
        _is_turned(claim, quote) for sentence in sentences if (quote := _comparison(sentence))
    )


_Compared = tuple[frozenset[str], str, frozenset[str]]


def _comparison(text: str) -> _Compared | None:
    """Return what only the left side names, the word that compares, and what only the right side names."""
    folded = fold(text)
    found = _COMPARED.search(folded)
    if found is not None:
        of = found["of"].rstrip() if found["how"] in {"more", "less"} else ""
        return _parted(found["left"], f"{found['how']}{of}", found["right"])
    for clause in _HAN_CLAUSE.split(folded):
        left, _, rest = clause.partition("比")
        found = _HAN_COMPARED.match(rest)
        if left and found is not None:
            return _parted(left, found["how"], found["right"])
    return None


def _parted(left: str, how: str, right: str) -> _Compared:
    own, other = frozenset(terms(left)), frozenset(terms(right))
    return own - other, how, other - own


def _is_turned(claim: _Compared, quote: _Compared) -> bool:
    left, how, right = claim
    other_left, other_how, other_right = quote
    straight = min(len(left & other_left), len(right & other_right))
    crossed = min(len(left & other_right), len(right & other_left))
    if how == other_how:
        return crossed > straight
    return other_how in _CONVERSES.get(how, frozenset()) and straight > crossed


def is_opposed(said: str, quote: str, near: str) -> bool:
    """Tell whether a claim has the opposite of a word of the quote, which itself is nowhere near it.

    Args:
        said: The claim.
        quote: What it cites.
        near: The quote with the sentences beside it.

    Example:
        >>> is_opposed("The price of cod fell.", "The price of cod rose.", "The price of cod rose.")
        True
        >>> is_opposed("鳕鱼价格下跌了。", "鳕鱼价格上涨了。", "鳕鱼价格上涨了。")
        True
    """
    claim, quote, near = fold(said), fold(quote), fold(near)
    own, held, around = _opposable(claim), _opposable(quote), _opposable(near)
    for word in own:
        against = _OPPOSITES[word]
        alike = _OPPOSITES[next(iter(against))]
        if not against.isdisjoint(held) and against.isdisjoint(own) and alike.isdisjoint(around):
            return True
    times, other = _times(claim), _times(quote)
    return any(thing in other and ways.isdisjoint(other[thing]) for thing, ways in times.items())


def _opposable(text: str) -> frozenset[str]:
    latin = frozenset(_WORD.findall(text)) & _OPPOSITES.keys()
    return latin | {word for word in _HAN_OPPOSITES if word in text}


_HAN_OPPOSITES: Final[Sequence[str]] = [word for word in _OPPOSITES if not word.isascii()]


def _times(text: str) -> dict[str, set[bool]]:
    """Return what a text says is before or after which thing: True for before."""
    found: dict[str, set[bool]] = {}
    for way, thing, han, han_way in _TIMED.findall(text):
        found.setdefault(stem(thing) if thing else han, set()).add((way or han_way) in _BEFORE)
    return found
