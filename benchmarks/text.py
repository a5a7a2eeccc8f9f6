"""CPU time of text processing: microseconds a text for terms and find_times, on sentences made up here.

Run it with ``python benchmarks/text.py``. The best of several rounds is shown, since other processes disturb the rest.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

from polymem.text import tokenise
from polymem.text.language import language
from polymem.text.normalise import fold
from polymem.text.times import find_times

NOW = datetime(2023, 5, 10, 14, 30, tzinfo=UTC)
ROUNDS = 15

PLAIN_ENGLISH = [
    "I went to the beach with my sister and we had so much fun watching the waves that we forgot lunch!",
    "My brother plays the violin in a small orchestra, and he practises almost as much as his teacher does.",
    "Do you know a good place for dumplings near the station, one where we can also bring the children?",
    "She adopted two cats from the shelter, and they’re already fighting over the warm spot by the window.",
]
DATED_ENGLISH = [
    "We moved to Lisbon in March 2021, and last Saturday we finally unpacked the last boxes in the kitchen.",
    "Two weeks ago I started to paint again, so tomorrow at 3 pm I am going to buy some proper brushes.",
    "On May 7th my sister graduated, and we spent the whole evening looking at photos of the summer of 2019.",
    "I have been learning to cook since last Christmas, and the other day I made my first decent curry.",
]
PLAIN_CHINESE = [
    "我和朋友在海边散步，聊了很多关于工作和家庭的事情，心情好多了。",
    "我弟弟在一个小乐团里拉小提琴，他练琴的时间比老师还要长。",
    "你知道车站附近有什么好吃的饺子馆吗？最好能带孩子一起去。",
    "她从收容所领养了两只猫，它们老是抢窗边那块暖和的地方。",
]
DATED_CHINESE = [
    "我们2021年3月搬到了上海，上周六才把厨房里的箱子拆完。",
    "两个星期以前我又开始画画了，明天下午三点要去买几支好画笔。",
    "五月七日妹妹毕业，我们一晚上都在看2019年夏天的照片。",
    "去年春节以来我一直在学做饭，前几天终于做出了像样的红烧肉。",
]
SAMPLES = {
    "English, no dates": PLAIN_ENGLISH,
    "English, two dates each": DATED_ENGLISH,
    "Chinese, no dates": PLAIN_CHINESE,
    "Chinese, two dates each": DATED_CHINESE,
}


def best(work: Callable[[str], object], texts: list[str]) -> float:
    """Return the fewest CPU microseconds a text took on average in any round."""
    times: list[float] = []
    for _ in range(ROUNDS):
        started = time.process_time_ns()
        for _ in range(100):
            for text in texts:
                work(text)
        times.append((time.process_time_ns() - started) / 1000 / 100 / len(texts))
    return min(times)


def main() -> None:
    """Print one row for each sample."""
    columns: dict[str, Callable[[str], object]] = {
        "fold": fold,
        "language": language,
        "terms": tokenise.terms,
        "find_times": lambda text: find_times(text, now=NOW),
    }
    print(f"{'CPU µs a text':<26}{'chars':>7}" + "".join(f"{name:>12}" for name in columns))
    for name, texts in SAMPLES.items():
        chars = sum(map(len, texts)) / len(texts)
        row = "".join(f"{best(work, texts):>12.1f}" for work in columns.values())
        print(f"{name:<26}{chars:>7.0f}{row}")
    for name, text in {
        "1 MB of English": " ".join(PLAIN_ENGLISH) * 2500,
        "1 MB of Chinese": "".join(PLAIN_CHINESE) * 2800,
    }.items():
        started = time.process_time()
        tokenise.terms(text)
        middle = time.process_time()
        find_times(text, now=NOW)
        print(f"{name:<26}terms {middle - started:.2f} s, find_times {time.process_time() - middle:.2f} s")


if __name__ == "__main__":
    main()
