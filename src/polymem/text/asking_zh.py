"""Chinese: by what words a question tells its kind, and which of its words are about the asking alone."""

from __future__ import annotations

from typing import Final

from polymem.text.lazy import lazy

__all__ = ["FRAMES", "KINDS", "LATEST", "MEANT", "QUESTION_WORDS"]

_SUMMARISE: Final = "(?:总结|概括|概述|归纳|梳理|回顾|小结|综述)"
_BEFORE: Final = "(?:^|[,，。!！?？;；:：\\s]|请|帮我?|帮忙|能否?|可以|给我|你|想|来|再)(?:再|做|写|来|简要|简单|大致|全面|完整|详细|[个份下地]|一[个份下])*"

MEANT: Final = (
    "(?:我?(?:真正|实际上?|其实|本来|原本|原来|到底)(?:上)?(?:我)?(?:真正|是|就是|只是)?(?:想|要|想要)(?:问|说|了解|知道|弄清楚?|弄明白|搞清楚?|搞明白|确认|请教|打听|咨询)(?:你|您|一下)*(?:的)?(?:问题)?(?:就?是)?(?:这个|这样)?"
    "|我?(?:真正|实际|本来)的?问题(?:就?是)|言归正传|回到正题|说回正题)"
)
"""What tells that all before it was by the way, and that the question follows."""

LATEST: Final = lazy(
    "(?:最近|最后|最晚)的?(?:这|那)?一?[次回趟场遍](?:的时候)?|(?:最近|最后)的?一[条封份个件顿篇部本位届轮版]|最新的?|上一?[次回趟](?:的时候)?"
)
"""What in a folded question asks for the latest; 最近 alone means "lately" and names a time."""

KINDS: Final = (
    (
        "order",
        lazy(
            "(?:什么|哪种|怎样的|按照?.{0,6}|先后|时间|的)顺序|依次(?:是|有|提|说|讲|列)|先后(?:提|说|讲|做|去|聊|参加)|按时间(?:先后)?(?:列|排)|时间线"
        ),
    ),
    (
        "summary",
        lazy(
            f"{_BEFORE}{_SUMMARISE}(?:一?下|我|你|这|那|关于|有关|出|说|[,，。!！?？]|$)|来龙去脉|的(?:总结|概述|小结)(?:[。!！?？]|$)"
        ),
    ),
    ("latest", LATEST),
    ("count", lazy("多少|几[个次种位本家天场项人件条只部张篇]|一共|总共|总计")),
    (
        "advice",
        lazy(
            "推荐|(?:有(?:什么|没有|啥)|给我?(?:一?些|点|个)?|提(?:一?些|点|个)?)(?:好的?)?建议|建议我|我(?:们)?(?:应该|该|要不要)|(?:应该|该)(?:怎么|如何|选|用)"
            "|帮我|教我|(?:怎么|如何)(?:做|写|办|才能|选|安排|规划|准备|处理)|有什么好|你觉得"
        ),
    ),
)
"""Kinds, by the words of a folded question."""

FRAMES: Final = (
    lazy("只(?:要|需|用)?(?:说|提|列|写)[^。!！?？]*"),
    lazy(
        "(?:在|从)?(?:我们|咱们|之前|以前|过去|所有|这些)的?(?:所有|全部|历次|每次)?的?(?:对话|聊天|谈话|交流|讨论)(?:记录)?(?:中|里|当中|过程中)?的?"
    ),
    lazy(
        "^\\W*(?:请|麻烦|劳驾)?(?:你|您)?(?:能不能|能否|可不可以|可以|能)?(?:请)?(?:帮我|帮忙|给我|为我|替我)?"
    ),
    lazy(
        "按照?(?:时间)?(?:的)?(?:先后)?(?:的)?顺序|(?:是)?(?:按照?)?(?:什么|怎样的|哪种)(?:先后)?顺序|依次|先后"
    ),
    lazy(
        f"^\\W*(?:再|做|写|来|简要|简单|大致|全面|完整|详细|地|个|份|一个|一份)*(?:列出|列举|列一下|说说|讲讲|告诉我|{_SUMMARISE})(?:一?下|出)?(?:关于|有关)?"
    ),
    lazy("(?:我|我们)?(?:都)?(?:提到|提起|提及|谈到|聊到|说到|说起|讲到|问到|问起)(?:过)?(?:的|了)?"),
    lazy(
        "(?:的)?(?:各个|不同|各种|主要|哪些)(?:的)?(?:方面|话题|内容|部分|要点|事情)|的?(?:总结|概述|小结|来龙去脉|顺序)\\W*$"
    ),
)
"""What of a folded request for an order or a summary is about the asking and names no topic; taken out one after another."""

QUESTION_WORDS: Final = lazy(
    "是什么|什么时候|什么时间|什么|是谁|有谁|谁|哪一年|哪一天|哪些|哪个|哪里|哪儿|哪|多少|几个|几|为何|为什么|怎么样|怎么|如何|是否|吗|呢"
    "|请问|分别"
)
"""Words that ask and name nothing."""
