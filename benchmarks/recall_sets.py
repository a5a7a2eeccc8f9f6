"""The sets by which retrieval is measured, and what is asked of it on each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Target:
    """A figure to reach.

    Attributes:
        measure: Which figure.
        least: In percent.
        category: Of which questions.
    """

    measure: str
    least: float
    category: str = "all"


@dataclass(frozen=True, slots=True)
class Measured:
    """One run.

    Attributes:
        name: Of its file of figures.
        files: The questions' file, then those of the passages to search instead.
        targets: What is asked.
        en: What it is, for the English page.
        zh: The same for the Chinese page.
        ablate: Whether each part of the ranking is left out once.
    """

    name: str
    files: tuple[str, ...]
    targets: tuple[Target, ...]
    en: str
    zh: str
    ablate: bool = True


RUNS: Final = (
    Measured(
        "locomo",
        ("locomo.dev.json.gz",),
        (
            Target("R@10", 86),
            Target("R@20", 91),
            Target("R@10", 65, "multi-hop"),
            Target("R@10", 58, "open-domain"),
            Target("R@10", 91, "adversarial"),
        ),
        "LoCoMo: very long chats of two",
        "LoCoMo：两人之间的超长聊天",
    ),
    Measured(
        "realtalk",
        ("realtalk.dev.json.gz",),
        (Target("R@10", 64),),
        "REALTALK: the same between real people",
        "REALTALK：真人之间的长聊天",
    ),
    Measured(
        "zyphra",
        ("zyphra.dev.json.gz",),
        (Target("R@10", 97),),
        "Zyphra: questions that name a time",
        "Zyphra：问题里说了时间",
    ),
    Measured(
        "beam-100k",
        ("beam-100k.dev.json.gz",),
        (
            Target("R@10", 68),
            Target("R@10", 35, "event_ordering"),
            Target("R@10", 35, "summarization"),
        ),
        "BEAM 100k: ten abilities of an assistant's user",
        "BEAM 100k：与助手的长对话，十种能力",
    ),
    Measured(
        "memdaily-zh",
        ("memdaily-zh.dev.json.gz",),
        (Target("R@10", 95),),
        "MemDaily: daily life in Chinese, with noise",
        "MemDaily：中文日常记录，掺有噪声",
        ablate=False,
    ),
    Measured(
        "madial",
        ("madial.dev.json.gz",),
        (Target("R@10", 80),),
        "MADial: the question is a dialogue (Chinese and English)",
        "MADial：以对话为问题（中英文）",
    ),
    Measured(
        "2wiki-101",
        ("2wiki-101.dev.json.gz",),
        (Target("all@10", 97),),
        "2WikiMultihopQA: two hops",
        "2WikiMultihopQA：两跳问题",
    ),
    Measured(
        "musique-100",
        ("musique-100.dev.json.gz",),
        (Target("all@10", 72),),
        "MuSiQue: two to four hops",
        "MuSiQue：两到四跳问题",
    ),
    Measured(
        "hotpot-100",
        ("hotpot-100.dev.json.gz",),
        (Target("all@10", 98),),
        "HotpotQA: two hops",
        "HotpotQA：两跳问题",
    ),
    Measured(
        "financebench",
        ("financebench.dev.json.gz",),
        (Target("R@10", 65),),
        "FinanceBench: pages of all filings",
        "FinanceBench：全部财报的页面",
        ablate=False,
    ),
    Measured(
        "rgb-zh-refine",
        ("rgb-zh-refine.dev.json.gz",),
        (Target("R@10", 78),),
        "RGB refine: Chinese news",
        "RGB refine：中文新闻",
    ),
    Measured(
        "rgb-zh-int",
        ("rgb-zh-int.dev.json.gz",),
        (Target("R@10", 38),),
        "RGB int: Chinese news, two facts",
        "RGB int：中文新闻，需两处事实",
    ),
    Measured(
        "xquad-en-zh",
        ("xquad-en.dev.json.gz", "xquad-zh.dev.json.gz"),
        (Target("R@10", 97),),
        "XQuAD: English questions, Chinese paragraphs",
        "XQuAD：英文问题，中文段落",
        ablate=False,
    ),
    Measured(
        "xquad-zh-en",
        ("xquad-zh.dev.json.gz", "xquad-en.dev.json.gz"),
        (Target("R@10", 97),),
        "XQuAD: Chinese questions, English paragraphs",
        "XQuAD：中文问题，英文段落",
        ablate=False,
    ),
    Measured(
        "xquad-en-zh-among-news",
        ("xquad-en.dev.json.gz", "xquad-zh.dev.json.gz", "rgb-zh-refine.dev.json.gz"),
        (Target("R@10", 88),),
        "XQuAD: English questions, Chinese paragraphs among 7,285 pieces of news",
        "XQuAD：英文问题，中文段落混在 7,285 条新闻中",
        ablate=False,
    ),
)
