"""What is measured, and what was asked of it. A figure without a bound is told, not judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Target:
    """One row of the table.

    Attributes:
        en: What is measured.
        zh: The same in Chinese.
        unit: Of the figure.
        at_most: The figure may not be above this.
        at_least: The figure may not be below this.
    """

    en: str
    zh: str
    unit: str
    at_most: float | None = None
    at_least: float | None = None

    def met(self, value: float) -> bool | None:
        """Tell whether a figure is good enough, None where nothing was asked."""
        if self.at_most is not None:
            return value <= self.at_most
        return None if self.at_least is None else value >= self.at_least

    @property
    def asked(self) -> str:
        """The bound in words."""
        if self.at_most is not None:
            return f"≤ {self.at_most:,g} {self.unit}".rstrip()
        return "" if self.at_least is None else f"≥ {self.at_least:,g} {self.unit}".rstrip()


TARGETS: Final[dict[str, Target]] = {
    "add.cpu": Target(
        "durable single add, all faces, one transaction", "单条持久写入，四面同一事务", "ms CPU", at_most=0.6
    ),
    "add.wall": Target(
        "its wall time against a bare fsync'd 4 KiB write", "其耗时与单纯 fsync 写 4 KiB 之比", "x", at_most=4
    ),
    "add.rules": Target(
        "the same with rules (a sentence, 1 in 3 a statement)", "同上，并用规则提取", "ms CPU"
    ),
    "bulk.plain": Target(
        "bulk add, 1,000 messages a call, `infer=False`",
        "批量写入，每次 1,000 条，`infer=False`",
        "messages/s",
        at_least=5_000,
    ),
    "bulk.rules": Target(
        "the same with rules, 30 % of them statements",
        "同上并用规则，三成为陈述句",
        "messages/s",
        at_least=2_000,
    ),
    "bulk.zipf": Target(
        "the same with rules, random words", "同上并用规则，随机词", "messages/s", at_least=2_000
    ),
    "search.1k": Target("search, all arms, scope of 1k", "全路检索，范围 1 千条", "ms CPU", at_most=0.6),
    "search.20k": Target("scope of 20k", "范围 2 万条", "ms CPU", at_most=3),
    "search.100k": Target("scope of 100k", "范围 10 万条", "ms CPU", at_most=12),
    "search.1M": Target("scope of 1M", "范围 100 万条", "ms CPU", at_most=60),
    "pipeline.1k": Target(
        "search with the default encoder, scope of 1k", "含默认编码器的检索，范围 1 千条", "ms CPU", at_most=4
    ),
    "pipeline.20k": Target("the same, scope of 20k", "同上，范围 2 万条", "ms CPU", at_most=15),
    "pipeline.100k": Target("the same, scope of 100k", "同上，范围 10 万条", "ms CPU", at_most=40),
    "pipeline.passages": Target(
        "the same, 10k passages of documents", "同上，1 万个文档段落", "ms CPU", at_most=20
    ),
    "pipeline.add_turns": Target(
        "add of 1,000 turns with the default encoder", "含默认编码器写入 1,000 条对话", "s CPU", at_most=2
    ),
    "pipeline.add_passages": Target(
        "the same, 1,000 passages of documents", "同上，1,000 个文档段落", "s CPU", at_most=1.5
    ),
    "documents.files": Target(
        "1,000 Markdown files taken in, readers included", "读入 1,000 个 Markdown 文件，含读取进程", "s CPU"
    ),
    "documents.again": Target("the same folder, unchanged", "同一文件夹，没有变化", "s", at_most=2),
    "documents.pages": Target(
        "pages of PDF taken in, graph and vectors included",
        "读入 PDF 页，含图和向量",
        "pages/min/core",
        at_least=300,
    ),
    "documents.search": Target(
        "search among 10k passages that were taken in", "在读入的 1 万个段落中检索", "ms CPU", at_most=20
    ),
    "documents.memory": Target(
        "most memory of a process that takes 100k passages in and searches them",
        "读入并检索 10 万个段落的进程的最大内存",
        "MB",
        at_most=1024,
    ),
    "cold.1k": Target("first search in a new process, scope of 1k", "新进程首次检索，范围 1 千条", "ms CPU"),
    "cold.20k": Target("the same, 20k", "同上，2 万条", "ms CPU"),
    "cold.100k": Target("the same, 100k", "同上，10 万条", "ms CPU", at_most=400),
    "cold.1M": Target("the same, 1M", "同上，100 万条", "ms CPU"),
    "cache.1M": Target("caches after the searches at 1M", "100 万条检索后的缓存", "MB", at_most=512),
    "rss.1M": Target("memory of that process", "该进程内存", "MB"),
    "scopes.ratio": Target(
        "scope of 100: largest file against 10k items",
        "范围 100 条：最大文件与 1 万条文件之比",
        "x",
        at_most=1.3,
    ),
    "import.cpu": Target("import", "导入", "s CPU", at_most=0.25),
    "start.cpu": Target(
        "import, open a new file, first add and first search", "导入、新建文件、首次写入与首次检索", "s CPU"
    ),
    "open.rss": Target(
        "memory after opening and a search, encoder loaded", "打开并检索后的内存，含编码器", "MB", at_most=120
    ),
    "size.core": Target(
        "installed, with numpy and the weights", "安装体积，含 numpy 与权重", "MB", at_most=125
    ),
    "size.cli": Target("installed with the extra `cli`", "安装体积，含 `cli`", "MB", at_most=125),
    "contention.errors": Target(
        "4 processes x 500 adds and searches: errors", "4 进程各 500 次写入与检索：错误", "", at_most=0
    ),
    "contention.lost": Target("of these adds lost", "丢失的写入", "", at_most=0),
    "contention.p99": Target("their p99 add, wall", "写入耗时 p99", "ms", at_most=250),
    "mem0.search": Target(
        "search at 20k items: mem0 against Polymem", "2 万条检索：mem0 与 Polymem 之比", "x CPU", at_least=100
    ),
    "mem0.add": Target(
        "add at 20k items: mem0 against Polymem", "2 万条写入：mem0 与 Polymem 之比", "x CPU", at_least=5
    ),
    "encoder.batch": Target(
        "default encoder, short texts in a batch", "默认编码器，批量短文本", "texts/s", at_least=2_000
    ),
    "text.terms": Target("terms of a sentence", "一句的词项", "µs CPU"),
    "text.statements": Target("statements of a sentence", "一句的陈述", "µs CPU"),
    "view.cold": Target("cold load of a partition of 100k rows", "冷加载 10 万行分区", "ms CPU"),
    "recall.r10": Target("evidence among the first ten", "前十条中的证据", "%"),
}
