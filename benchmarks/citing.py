"""``python -m benchmarks.citing``: what the check of citations passes and marks, over claims made by rules from texts of our own.

Every text is told anew in sound ways (numbers in another form, another order of words, a pronoun, a synonym, the other voice, the other
language) and in wrong ones (a number, year or unit changed, names or years that change places, "all" for "some", a comparison or a
direction turned round, a negation, another person, the wrong passage). A sound claim that is marked is a false mark; a wrong one
that is not is passed.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Final, TypeAlias

from benchmarks.answers import share
from polymem.documents.citations import Alike, check, claims, likeness
from polymem.documents.passages import Passage, sentence_texts
from polymem.models.embedders.static import StaticEmbedder
from polymem.text.language import language
from polymem.text.sentences import sentence_spans

__all__ = ["Case", "cases", "is_supported"]

EMBEDDER: Final = StaticEmbedder()
Claims: TypeAlias = dict[str, list[str]]
"""Claims by what was done to the text."""


@dataclass(frozen=True, slots=True)
class Case:
    """A claim and the text that it cites.

    Attributes:
        lang: Of the text, "en" or "zh".
        kind: What was done to it.
        sound: Whether the text says it.
        claim: What is said.
        text: What is cited.
    """

    lang: str
    kind: str
    sound: bool
    claim: str
    text: str


@dataclass(frozen=True, slots=True)
class _Told:
    """A text, what it says in other words, and what it does not say."""

    lang: str
    text: str
    sound: Claims
    wrong: Claims


@dataclass(frozen=True, slots=True)
class _Words:
    """What the texts of one round speak of: three people, a thing, two places."""

    at: int
    a: str
    b: str
    c: str
    t: str
    p: str
    q: str


PEOPLE: Final = {
    "en": (
        "Ann Holt",
        "Carl Berg",
        "Ida Moe",
        "Tom Reed",
        "Mary Lund",
        "Paul Strand",
        "Nora Vik",
        "Otto Dahl",
    ),
    "zh": ("陈海生", "李明", "王芳", "张建国", "刘小红", "赵志强", "周文", "孙丽"),
}
THINGS: Final = {
    "en": ("cottage", "mill", "warehouse", "boathouse", "chapel", "bakery"),
    "zh": ("小屋", "磨坊", "仓库", "船屋", "教堂", "面包房"),
}
PLACES: Final = {
    "en": ("Skarn", "Arna", "Lomvik", "Hestad", "Torsby", "Solund"),
    "zh": ("青石村", "白马镇", "临江县", "南山镇", "东港市", "云溪村"),
}
N: Final = 6


def cases() -> list[Case]:
    """Return all cases; the same ones each time."""
    makers = (_SALES, _HEIGHTS, _SHARES, _EVENTS, _FIGURES, _BRIDGES, _FAMILIES, _PRICES)
    told = [one for make in makers for at in range(N) for one in make(at)]
    found = [
        Case(one.lang, kind, sound, claim, one.text)
        for one in told
        for sound, group in ((True, one.sound), (False, one.wrong))
        for kind, said in group.items()
        for claim in said
    ]
    # What is said of these people and places, with the text about others.
    for lang in PEOPLE:
        for one, other in pairwise(one for one in told if one.lang == lang):
            claim = next(iter(one.sound.values()))[0]
            found.append(Case(lang, "other passage", sound=False, claim=claim, text=other.text))
    return found


def _pairs(
    english: Callable[[_Words], _Told], chinese: Callable[[_Words], _Told]
) -> Callable[[int], list[_Told]]:
    return lambda at: [make(_words(code, at)) for code, make in (("en", english), ("zh", chinese))]


def _words(code: str, at: int) -> _Words:
    people = PEOPLE[code]
    a, b, c = (people[(at + step) % len(people)] for step in (0, 1, 3))
    return _Words(at, a=a, b=b, c=c, t=THINGS[code][at], p=PLACES[code][at], q=PLACES[code][(at + 2) % N])


def _sale_en(w: _Words) -> _Told:
    year, amount, n = 1871 + 3 * w.at, 1.2 + w.at / 10, 3 + w.at
    plain = f"{amount * 1e6:,.0f}"
    return _Told(
        "en",
        f"{w.a} sold the {w.t} in {w.p} to {w.b} in {year} for {amount:.1f} million dollars. The {w.t} had {n} windows. It stood empty for years.",
        {
            "number form": [
                f"{w.a} sold the {w.t} to {w.b} for ${plain}.",
                f"The {w.t} was sold for {plain} dollars in {year}.",
            ],
            "word order": [f"In {year}, {w.a} sold the {w.t} in {w.p} to {w.b}."],
            "other voice": [
                f"The {w.t} in {w.p} was sold to {w.b} by {w.a}.",
                f"The {w.t} was sold by {w.a} to {w.b} in {year}.",
            ],
            "synonym": [
                f"{w.b} bought the {w.t} in {w.p} from {w.a} in {year}.",
                f"The {w.t} was bought by {w.b} from {w.a}.",
            ],
            "pronoun": [f"It had {n} windows and stood empty for years."],
            "other language": [f"房子{year}年以{amount * 100:.0f}万美元卖出。"],
        },
        {
            "names swapped": [
                f"{w.b} sold the {w.t} in {w.p} to {w.a} in {year}.",
                f"The {w.t} was sold to {w.a} by {w.b}.",
                f"{w.a} bought the {w.t} in {w.p} from {w.b}.",
            ],
            "year": [f"{w.a} sold the {w.t} to {w.b} in {year + 1}."],
            "number": [f"The {w.t} had {n + 9} windows."],
            "scale": [f"{w.a} sold the {w.t} to {w.b} for {amount:.1f} billion dollars."],
            "unit": [f"{w.a} sold the {w.t} to {w.b} for {amount:.1f} million euros."],
            "negation": [
                f"{w.a} never sold the {w.t} in {w.p} to {w.b}.",
                f"{w.a} did not sell the {w.t} to {w.b}.",
            ],
            "other person": [f"{w.c} sold the {w.t} in {w.p} to {w.b} in {year}."],
            "other language": [f"房子{year + 2}年以{amount * 100 + 50:.0f}万美元卖出。"],
        },
    )


def _sale_zh(w: _Words) -> _Told:
    year, amount, n = 1971 + 3 * w.at, 120 + 10 * w.at, 3 + w.at
    digits = "三四五六七八"[w.at]
    return _Told(
        "zh",
        f"{year}年，{w.a}以{amount}万元把{w.p}的{w.t}卖给了{w.b}。{w.t}有{digits}扇窗。它空了很多年。",
        {
            "number form": [f"{w.a}以{amount}0000元把{w.t}卖给了{w.b}。", f"{w.t}有{n}扇窗。"],
            "word order": [f"{w.a}在{year}年把{w.p}的{w.t}卖给了{w.b}。"],
            "other voice": [f"{w.p}的{w.t}被{w.a}卖给了{w.b}。"],
            "synonym": [f"{w.b}从{w.a}那里买下了{w.p}的{w.t}。"],
            "pronoun": [f"它有{digits}扇窗，空了很多年。"],
            "other language": [f"The house was sold for {amount / 100:.1f} million yuan in {year}."],
        },
        {
            "names swapped": [
                f"{w.b}把{w.p}的{w.t}卖给了{w.a}。",
                f"{w.t}被{w.b}卖给了{w.a}。",
                f"{w.a}从{w.b}那里买下了{w.p}的{w.t}。",
            ],
            "year": [f"{year + 1}年，{w.a}把{w.t}卖给了{w.b}。"],
            "number": [f"{w.t}有{n + 9}扇窗。"],
            "scale": [f"{w.a}以{amount}亿元把{w.t}卖给了{w.b}。"],
            "unit": [f"{w.a}以{amount}万美元把{w.t}卖给了{w.b}。"],
            "negation": [f"{w.a}没有把{w.p}的{w.t}卖给{w.b}。"],
            "other person": [f"{w.c}把{w.p}的{w.t}卖给了{w.b}。"],
            "other language": [f"The house was sold for {amount / 10:.1f} million yuan in {year + 2}."],
        },
    )


def _height_en(w: _Words) -> _Told:
    d = 11 + w.at
    return _Told(
        "en",
        f"The tower of {w.p} is {d} metres higher than the tower of {w.q}. Both were built of granite by {w.a}.",
        {
            "word order": [f"Higher than the tower of {w.q} is that of {w.p}, by {d} metres."],
            "shorter": [f"The tower of {w.p} is higher than the tower of {w.q}."],
            "turned and opposite": [f"The tower of {w.q} is lower than the tower of {w.p}."],
            "number form": [f"The tower of {w.p} is {d} m higher than that of {w.q}."],
        },
        {
            "turned": [
                f"The tower of {w.q} is higher than the tower of {w.p}.",
                f"The tower of {w.q} is {d} metres higher than that of {w.p}.",
            ],
            "opposite": [f"The tower of {w.p} is lower than the tower of {w.q}."],
            "unit": [f"The tower of {w.p} is {d} feet higher than the tower of {w.q}."],
        },
    )


def _height_zh(w: _Words) -> _Told:
    d = 11 + w.at
    return _Told(
        "zh",
        f"{w.p}的塔比{w.q}的塔高{d}米。两座塔都由{w.a}用花岗岩建成。",
        {
            "shorter": [f"{w.p}的塔比{w.q}的塔高。"],
            "turned and opposite": [f"{w.q}的塔比{w.p}的塔低。", f"{w.q}的塔比{w.p}的塔矮{d}米。"],
            "number form": [f"{w.p}的塔比{w.q}的高{d} m。"],
        },
        {
            "turned": [f"{w.q}的塔比{w.p}的塔高。", f"{w.q}的塔比{w.p}的塔高{d}米。"],
            "opposite": [f"{w.p}的塔比{w.q}的塔低。"],
            "unit": [f"{w.p}的塔比{w.q}的塔高{d}英尺。"],
        },
    )


def _share_en(w: _Words) -> _Told:
    return _Told(
        "en",
        f"Most boats of {w.p} were painted blue. Some of the keepers kept goats. Every child went to the school of {w.q}.",
        {
            "same": [
                f"Most of the boats of {w.p} were painted blue.",
                f"Every child went to the school of {w.q}.",
            ],
            "weaker": [
                f"Many boats of {w.p} were painted blue.",
                f"Some children went to the school of {w.q}.",
            ],
            "synonym": ["A few of the keepers kept goats.", f"All children went to the school of {w.q}."],
        },
        {
            "stronger": [
                f"All boats of {w.p} were painted blue.",
                "All of the keepers kept goats.",
                "Every keeper kept goats.",
                "Most of the keepers kept goats.",
            ],
            "negation": [f"No boats of {w.p} were painted blue.", "None of the keepers kept goats."],
        },
    )


def _share_zh(w: _Words) -> _Told:
    return _Told(
        "zh",
        f"{w.p}的大多数渔船漆成蓝色。有些看守人养山羊。所有孩子都在{w.q}上学。",
        {
            "same": [f"{w.p}的大部分渔船漆成蓝色。", f"每个孩子都在{w.q}上学。"],
            "weaker": [f"{w.p}的许多渔船漆成蓝色。", f"有些孩子在{w.q}上学。"],
            "synonym": ["一些看守人养山羊。", f"全部孩子都在{w.q}上学。"],
        },
        {
            "stronger": [
                f"{w.p}的所有渔船都漆成蓝色。",
                "所有看守人都养山羊。",
                "每个看守人都养山羊。",
                "大多数看守人养山羊。",
            ],
            "negation": ["看守人都不养山羊。", f"{w.p}的渔船没有漆成蓝色。"],
        },
    )


def _event_en(w: _Words) -> _Told:
    first, last, n = 1871 + w.at, 1902 + 2 * w.at, 21 + w.at
    return _Told(
        "en",
        f"The {w.t} of {w.p} opened in {first} and closed in {last}. {w.a} built it. {w.b} ran it for {n} years and kept bees.",
        {
            "one of two": [f"The {w.t} of {w.p} closed in {last}.", f"The {w.t} opened in {first}."],
            "pronoun": [f"It was opened in {first}.", f"{w.b} ran it for {n} years."],
            "resolved": [f"{w.a} built the {w.t} of {w.p}.", f"{w.b} ran the {w.t} for {n} years."],
        },
        {
            "year of the other event": [
                f"The {w.t} of {w.p} closed in {first}.",
                f"The {w.t} opened in {last}.",
            ],
            "the other person": [
                f"{w.b} built the {w.t} of {w.p}.",
                f"{w.a} ran the {w.t} for {n} years.",
                f"{w.a} kept bees.",
            ],
            "year": [f"The {w.t} of {w.p} closed in {last + 3}."],
        },
    )


def _event_zh(w: _Words) -> _Told:
    first, last, n = 1871 + w.at, 1902 + 2 * w.at, 21 + w.at
    return _Told(
        "zh",
        f"{w.p}的{w.t}{first}年开业，{last}年关闭。{w.a}建造了它。{w.b}经营了{n}年，还养蜂。",
        {
            "one of two": [f"{w.p}的{w.t}{last}年关闭。", f"{w.t}于{first}年开业。"],
            "pronoun": [f"它{first}年开业。", f"{w.b}经营了它{n}年。"],
            "resolved": [f"{w.a}建造了{w.p}的{w.t}。", f"{w.b}经营{w.t}{n}年。"],
        },
        {
            "year of the other event": [f"{w.p}的{w.t}{first}年关闭。", f"{w.t}于{last}年开业。"],
            "the other person": [f"{w.b}建造了{w.p}的{w.t}。", f"{w.a}经营了{n}年。", f"{w.a}养蜂。"],
            "year": [f"{w.p}的{w.t}{last + 3}年关闭。"],
        },
    )


def _figures_en(w: _Words) -> _Told:
    sales, profit, rate, year = 1.2 + w.at / 10, 300_000 + 10_000 * w.at, 12 + w.at, 1990 + w.at
    return _Told(
        "en",
        f"In {year} the {w.p} company had sales of {sales:.1f} million euros and a profit of {profit:,} euros. Profit rose by {rate} percent.",
        {
            "number form": [
                f"Sales of the {w.p} company were {sales * 1e6:,.0f} euros in {year}.",
                f"Its profit was {profit / 1e6:.2f} million euros.",
                f"Profit rose by {rate} %.",
            ],
            "other language": [f"公司的销售额为{sales * 100:.0f}万欧元。"],
        },
        {
            "number of the other thing": [
                f"The {w.p} company had a profit of {sales:.1f} million euros.",
                f"Sales were {profit:,} euros.",
            ],
            "unit": [f"Profit rose by {rate} million euros.", f"The profit was {profit:,} dollars."],
            "scale": [f"The {w.p} company had sales of {sales:.1f} billion euros."],
            "direction": [f"Profit fell by {rate} percent."],
            "other language": [f"公司的销售额为{sales * 1000 + 100:.0f}万欧元。"],
        },
    )


def _figures_zh(w: _Words) -> _Told:
    sales, profit, rate, year = 120 + 10 * w.at, 30 + w.at, 12 + w.at, 1990 + w.at
    return _Told(
        "zh",
        f"{year}年，{w.p}公司的销售额为{sales}万元，利润为{profit}万元。利润上升了{rate}%。",
        {
            "number form": [
                f"{w.p}公司的销售额是{sales / 100:.1f}百万元。",
                f"利润为{profit}0,000元。",
                f"利润上升了百分之{rate}。",
            ],
            "other language": [f"Sales of the company were {sales / 100:.1f} million yuan."],
        },
        {
            "number of the other thing": [f"{w.p}公司的利润为{sales}万元。", f"销售额为{profit}万元。"],
            "unit": [f"利润上升了{rate}万元。", f"利润为{profit}万美元。"],
            "scale": [f"{w.p}公司的销售额为{sales}亿元。"],
            "direction": [f"利润下降了{rate}%。"],
            "other language": [f"Sales of the company were {sales / 10 + 1:.1f} million yuan."],
        },
    )


def _bridge_en(w: _Words) -> _Told:
    return _Told(
        "en",
        f"The bridge of {w.p} was not open to carts. It was built of stone by {w.a}, who could swim.",
        {
            "same": [f"The bridge of {w.p} was not open to carts.", f"{w.a} built the bridge of stone."],
            "contraction": [f"The bridge of {w.p} wasn't open to carts."],
            "synonym": [f"Carts could not use the bridge of {w.p}."],
        },
        {
            "negation": [
                f"The bridge of {w.p} was open to carts.",
                f"The bridge of {w.p} was not built of stone.",
                f"{w.a} could not swim.",
            ]
        },
    )


def _bridge_zh(w: _Words) -> _Told:
    return _Told(
        "zh",
        f"{w.p}的桥没有对马车开放。桥由{w.a}用石头建成，他会游泳。",
        {
            "same": [f"{w.p}的桥没有对马车开放。", f"{w.a}用石头建成了桥。"],
            "contraction": [f"{w.p}的桥未对马车开放。"],
            "synonym": [f"马车不能走{w.p}的桥。"],
        },
        {"negation": [f"{w.p}的桥对马车开放。", f"{w.p}的桥不是用石头建成的。", f"{w.a}不会游泳。"]},
    )


def _family_en(w: _Words) -> _Told:
    return _Told(
        "en",
        f"{w.a} is the mother of {w.b}. {w.b} teaches music in {w.p}. {w.a} met {w.c} in {w.q}.",
        {
            "same": [f"{w.b} teaches music in {w.p}."],
            "other voice": [f"{w.b}'s mother is {w.a}.", f"{w.a} is {w.b}'s mother."],
            "both ways": [f"{w.c} met {w.a} in {w.q}."],
        },
        {
            "names swapped": [f"{w.b} is the mother of {w.a}.", f"{w.a}'s mother is {w.b}."],
            "the other person": [f"{w.a} teaches music in {w.p}."],
            "other person": [f"{w.c} is the mother of {w.b}."],
        },
    )


def _family_zh(w: _Words) -> _Told:
    return _Told(
        "zh",
        f"{w.a}是{w.b}的母亲。{w.b}在{w.p}教音乐。{w.a}在{w.q}遇见了{w.c}。",
        {
            "same": [f"{w.b}在{w.p}教音乐。"],
            "other voice": [f"{w.b}的母亲是{w.a}。"],
            "both ways": [f"{w.c}在{w.q}遇见了{w.a}。"],
        },
        {
            "names swapped": [f"{w.b}是{w.a}的母亲。", f"{w.a}的母亲是{w.b}。"],
            "the other person": [f"{w.a}在{w.p}教音乐。"],
            "other person": [f"{w.c}是{w.b}的母亲。"],
        },
    )


def _price_en(w: _Words) -> _Told:
    return _Told(
        "en",
        f"The price of cod in {w.p} rose after the storm of May. Before it, {w.a} had beaten {w.b} in the race to {w.q}.",
        {
            "same": [f"The price of cod in {w.p} rose after the storm."],
            "synonym": [f"Cod became dearer in {w.p} after the storm: its price rose."],
            "other voice": [f"{w.b} was beaten by {w.a} in the race to {w.q}."],
            "turned and opposite": [f"{w.b} lost the race to {w.q} against {w.a}."],
        },
        {
            "direction": [
                f"The price of cod in {w.p} fell after the storm of May.",
                f"The price of cod in {w.p} rose before the storm of May.",
            ],
            "names swapped": [
                f"{w.b} had beaten {w.a} in the race to {w.q}.",
                f"{w.a} was beaten by {w.b} in the race to {w.q}.",
            ],
        },
    )


def _price_zh(w: _Words) -> _Told:
    return _Told(
        "zh",
        f"五月的风暴之后，{w.p}的鳕鱼价格上涨了。在去{w.q}的比赛中，{w.a}战胜了{w.b}。",
        {
            "same": [f"风暴之后，{w.p}的鳕鱼价格上涨了。"],
            "synonym": [f"风暴过后，{w.p}的鳕鱼价格上升了。"],
            "other voice": [f"{w.b}在去{w.q}的比赛中被{w.a}战胜了。"],
            "turned and opposite": [f"{w.b}在去{w.q}的比赛中输给了{w.a}。"],
        },
        {
            "direction": [
                f"五月的风暴之后，{w.p}的鳕鱼价格下跌了。",
                f"五月的风暴之前，{w.p}的鳕鱼价格上涨了。",
            ],
            "names swapped": [
                f"在去{w.q}的比赛中，{w.b}战胜了{w.a}。",
                f"{w.a}在去{w.q}的比赛中被{w.b}战胜了。",
            ],
        },
    )


_SALES: Final = _pairs(_sale_en, _sale_zh)
_HEIGHTS: Final = _pairs(_height_en, _height_zh)
_SHARES: Final = _pairs(_share_en, _share_zh)
_EVENTS: Final = _pairs(_event_en, _event_zh)
_FIGURES: Final = _pairs(_figures_en, _figures_zh)
_BRIDGES: Final = _pairs(_bridge_en, _bridge_zh)
_FAMILIES: Final = _pairs(_family_en, _family_zh)
_PRICES: Final = _pairs(_price_en, _price_zh)


def is_supported(case: Case) -> bool:
    """Tell whether the check passes the claim of a case."""
    at = datetime(2024, 5, 1, tzinfo=UTC)
    passage = Passage(1, "", case.text, 1.0, "", "", "", at, None, tuple(sentence_spans(case.text)))
    alike = _alike(case.claim, passage) if language(case.claim) != language(case.text) else None
    (citation,) = check(f"{case.claim} [1]", {1: passage}, alike=alike).citations
    return citation.supported


def _alike(claim: str, passage: Passage) -> Alike:
    said = claims(claim)
    vectors = EMBEDDER.encode([*said, *sentence_texts([passage])])
    return likeness(said, vectors[: len(said)], [passage], vectors[len(said) :])


def main() -> None:
    """Check and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, default=None)
    parser.add_argument("--show", action="store_true", help="print every case that went wrong")
    given = parser.parse_args()
    flags: dict[tuple[str, bool, str], list[bool]] = defaultdict(list)
    for case in cases():
        passed = is_supported(case)
        flags[case.lang, case.sound, case.kind].append(passed != case.sound)
        if given.show and passed != case.sound:
            print(f"{'marked' if case.sound else 'passed'} ({case.kind}): {case.claim}\n    {case.text}")
    for lang, sound in ((lang, sound) for lang in ("en", "zh") for sound in (True, False)):
        groups = {
            kind: found
            for (code, is_sound, kind), found in flags.items()
            if (code, is_sound) == (lang, sound)
        }
        print(f"\n{lang}: {'sound claims that are marked' if sound else 'wrong claims that are passed'}")
        for kind, found in [*groups.items(), ("all", [flag for group in groups.values() for flag in group])]:
            mean, low, high = (100 * value for value in share(found))
            print(f"  {kind:<28}{sum(found):>4} of {len(found):<4} {mean:5.1f} % ({low:4.1f}-{high:4.1f})")
    if given.json:
        told: Iterator[tuple[str, list[int]]] = (
            (f"{lang} {'sound' if sound else 'wrong'} {kind}", [sum(found), len(found)])
            for (lang, sound, kind), found in flags.items()
        )
        given.json.write_text(json.dumps(dict(told), indent=1) + "\n", encoding="utf-8")
    counted = Counter(case.sound for case in cases())
    print(f"\n{counted[True]} sound claims, {counted[False]} wrong ones")


if __name__ == "__main__":
    main()
