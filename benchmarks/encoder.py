"""What the default encoder costs: texts a second, seconds to load, memory.

Run `python benchmarks/encoder.py`. CPU time of this process, so a busy machine does not falsify it; the
sample texts are made here and stand in no evaluation set.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

NAMES = ["Marta", "Tom", "Aisha", "Kenji", "Lucía", "Oleg", "Priya", "Sam"]
PLACES = ["the old library", "a café near the harbour", "my sister's flat", "the climbing gym", "Lisbon"]
DOINGS = [
    "finally repaired the red bicycle",
    "signed up for a pottery course",
    "baked two loaves of rye bread",
]
REASONS = [
    "it had rained all week",
    "nobody else wanted to",
    "we had promised it to the kids",
    "I'd been ill",
]
WHO = ["我", "我姐姐", "老王", "小李的同事", "邻居张阿姨"]
WHERE = ["在图书馆", "在上海的一家咖啡店", "去年夏天在杭州", "昨天晚上在家", "在公司楼下"]
WHAT = ["修好了那辆红色自行车", "报名学习做陶艺", "烤了两个面包", "认识了一位新朋友", "弄丢了钥匙"]
WHY = ["因为下了一整周的雨", "所以今天特别高兴", "大家都没想到", "打算下个月再去一次"]


def english(random_: random.Random) -> str:
    """Make a turn of a chat, about 35 words."""
    pick = random_.choice
    return (
        f"{pick(NAMES)}: Hey {pick(NAMES)}! So on {random_.randint(1, 28)} May we met at {pick(PLACES)} and I "
        f"{pick(DOINGS)}, because {pick(REASONS)}. Then {pick(NAMES)} said she {pick(DOINGS)} at {pick(PLACES)}, "
        f"can you believe it?"
    )


def chinese(random_: random.Random) -> str:
    """Make a sentence, about 30 characters."""
    pick = random_.choice
    return f"{pick(WHO)}{pick(WHERE)}{pick(WHAT)}，{pick(WHY)}，{pick(WHO)}说{random_.randint(2, 12)}月再告诉大家。"


def rss_mb() -> float:
    """Read the resident memory of this process in MB; NaN where the system has no /proc."""
    status = Path("/proc/self/status")
    if not status.exists():
        return float("nan")
    line = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def cpu_s(work: Callable[[], object]) -> float:
    """Measure the CPU seconds of a call."""
    begin = time.process_time()
    work()
    return time.process_time() - begin


def one_by_one(encoder: Any, texts: list[str]) -> None:
    """Encode each text in a call of its own."""
    for text in texts:
        encoder.encode([text])


def main() -> None:
    """Print the figures."""
    bare = rss_mb()
    begin = time.process_time()
    import numpy as np

    numpy_s, numpy_mb = time.process_time() - begin, rss_mb()
    begin = time.process_time()
    from polymem.models.embedders.static import StaticEmbedder

    import_s = time.process_time() - begin
    encoder = StaticEmbedder()
    load_s = cpu_s(encoder.load)
    print(
        f"memory: Python {bare:.0f} MB, with numpy {np.__version__} {numpy_mb:.0f} MB, loaded {rss_mb():.0f} MB"
    )
    print(f"CPU: import numpy {numpy_s:.3f} s, import encoder {import_s:.3f} s, load {load_s:.3f} s")
    random_ = random.Random(7)
    n = 5_000
    for label, make in (("English turns", english), ("Chinese sentences", chinese)):
        texts = [make(random_) for _ in range(n)]
        mean = sum(map(len, texts)) / n
        batch = n / cpu_s(partial(encoder.encode, texts))
        single = cpu_s(partial(one_by_one, encoder, texts)) / n
        print(
            f"{label} of {mean:.0f} characters: {batch:,.0f} texts/s in a batch, {single * 1e6:.0f} µs one by one"
        )
    print(f"memory after {2 * n:,} texts, each twice: {rss_mb():.0f} MB (the mapped table is part of it)")


if __name__ == "__main__":
    main()
