"""Texts to remember and to ask for, English and Chinese, made from a seed.

Random text draws real words with their real frequencies (the word list of the default encoder, which is in the order
of frequency and carries log probabilities), so that posting lists have the lengths they have in life: the commonest
word that is searched for stands in every twentieth text. Statements are sentences that the rules understand.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Final

import numpy as np

import polymem.models.embedders.static as static_encoder

WEIGHTS: Final = Path(static_encoder.__file__).parent / "weights"
STATEMENT_SHARE: Final = 0.3

NAMES_EN: Final = [
    "Marta",
    "Tom",
    "Aisha",
    "Kenji",
    "Lucia",
    "Oleg",
    "Priya",
    "Sam",
    "Nora",
    "Felix",
    "Ines",
    "Hugo",
    "Clara",
    "Boris",
    "Yusuf",
    "Greta",
]
NAMES_ZH: Final = [
    "小红",
    "老王",
    "李明",
    "张伟",
    "王芳",
    "刘洋",
    "陈静",
    "赵磊",
    "孙丽",
    "周强",
    "吴敏",
    "郑洁",
]
PLACES_EN: Final = [
    "Paris",
    "Lisbon",
    "Toronto",
    "Berlin",
    "Osaka",
    "Nairobi",
    "Lima",
    "Dublin",
    "Oslo",
    "Chicago",
]
PLACES_ZH: Final = ["上海", "北京", "广州", "杭州", "成都", "南京", "西安", "武汉", "重庆", "苏州"]
FRAMES_EN: Final = (
    "I live in {place} now.",
    "I love {thing}.",
    "I really hate {thing}.",
    "My sister {name} works at a {thing} company in {place}.",
    "{name} loves {thing} as well.",
    "My dog is called {name}.",
    "I moved to {place} last year because of the {thing}.",
    "{name} lives in {place}.",
    "My favourite food is {thing}.",
    "I am going to visit {name} in {place} next Saturday.",
)
FRAMES_ZH: Final = (
    "我现在住在{place}。",
    "我很喜欢{thing}。",
    "我讨厌{thing}。",
    "我姐姐{name}在{place}工作。",
    "{name}也喜欢{thing}。",
    "我的狗叫{name}。",
    "去年我因为{thing}搬到了{place}。",
    "{name}住在{place}。",
    "我最喜欢的东西是{thing}。",
    "下周六我要去{place}看{name}。",
)
ROLES: Final = ("user", "user", "assistant")


@cache
def word_lists() -> tuple[list[str], list[str], np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return English and Chinese words, commonest first, with the cumulated shares by which they are drawn."""
    pieces = (WEIGHTS / "pieces.txt").read_text(encoding="utf-8").split("\n")[:-1]
    shares = np.exp(np.load(WEIGHTS / "scores.npy").astype(np.float64) / 1000)
    english = [n for n, piece in enumerate(pieces) if re.fullmatch("[a-z]{2,}|a|i", piece)]
    chinese = [n for n, piece in enumerate(pieces) if re.fullmatch("[\u4e00-\u9fff]{1,4}", piece)]
    cumulated = [np.cumsum(shares[chosen]) / shares[chosen].sum() for chosen in (english, chinese)]
    return [pieces[n] for n in english], [pieces[n] for n in chinese], cumulated[0], cumulated[1]


@dataclass(slots=True)
class Corpus:
    """A stream of texts; the same seed gives the same texts."""

    seed: int
    _random: Random = field(init=False)
    _rng: np.random.Generator = field(init=False)

    def __post_init__(self) -> None:
        self._random = Random(self.seed)
        self._rng = np.random.default_rng(self.seed)

    def texts(self, n: int, *, statements: float = STATEMENT_SHARE) -> list[str]:
        """Return n texts, every other one Chinese, of which the share *statements* states something."""
        return [
            self.statement(chinese=bool(i % 2))
            if self._random.random() < statements
            else self.chatter(chinese=bool(i % 2))
            for i in range(n)
        ]

    def chatter(self, *, chinese: bool) -> str:
        """Return 8 to 25 random words."""
        words = self.words(self._random.randint(8, 25), chinese=chinese)
        return "".join(words) + "。" if chinese else " ".join(words).capitalize() + "."

    def statement(self, *, chinese: bool) -> str:
        """Return a sentence that states something about the speaker or someone else."""
        frame = self._random.choice(FRAMES_ZH if chinese else FRAMES_EN)
        name = self._random.choice(NAMES_ZH if chinese else NAMES_EN)
        place = self._random.choice(PLACES_ZH if chinese else PLACES_EN)
        return frame.format(name=name, place=place, thing=self.thing(chinese=chinese))

    def query(self, *, chinese: bool) -> str:
        """Return a question of 5 to 8 words: common ones as they come, one rarer, sometimes a name."""
        words = self.words(self._random.randint(4, 6), chinese=chinese)
        words.insert(self._random.randint(0, 3), self.thing(chinese=chinese))
        if self._random.random() < 0.3:
            words.append(self._random.choice(NAMES_ZH if chinese else NAMES_EN))
        return "".join(words) + "？" if chinese else " ".join(words) + "?"

    def queries(self, n: int) -> list[str]:
        """Return n questions, every other one Chinese."""
        return [self.query(chinese=bool(i % 2)) for i in range(n)]

    def messages(self, n: int, *, statements: float = STATEMENT_SHARE) -> list[dict[str, Any]]:
        """Return n messages of a conversation."""
        return [
            {"role": ROLES[i % len(ROLES)], "content": text}
            for i, text in enumerate(self.texts(n, statements=statements))
        ]

    def words(self, n: int, *, chinese: bool) -> list[str]:
        """Return n words as often as they occur."""
        english_words, chinese_words, english_shares, chinese_shares = word_lists()
        shares = chinese_shares if chinese else english_shares
        pool = chinese_words if chinese else english_words
        return [pool[n] for n in np.searchsorted(shares, self._rng.random(n)).tolist()]

    def thing(self, *, chinese: bool) -> str:
        """Return a rarer word."""
        pool = word_lists()[1 if chinese else 0]
        return pool[self._random.randint(500, 8_000)]
