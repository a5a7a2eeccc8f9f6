"""``python -m benchmarks.truth [LOCOMO]``: every figure about truth over time, and the page of the documentation from them.

The sets of conflicts, forgetting, names, duplicates and junk are made here; what an add costs with a model is counted on
LoCoMo's conversations where that file is named. Nothing asks a real model: answers are scripted.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np

import polymem
from benchmarks import conflicts, duplicates, entities, extraction, forgetting, junk
from benchmarks.measure import machine
from polymem.write.duplicates import same

ROOT: Final = Path(__file__).resolve().parent.parent
RESULTS: Final = Path(__file__).parent / "results" / "truth"
USERS: Final = (1, 2, 4, 8, 16)

# key, English, Chinese, what is asked
ROWS: Final = (
    ("perfect, single-hop", "conflicts, perfect extraction, one hop", "冲突集，完美抽取，单跳", "≥ 99 %"),
    ("perfect, multi-hop", "the same, two hops through the graph", "同上，经图谱两跳", "≥ 95 %"),
    (
        "other orders, the same",
        "the same answers in other orders of arrival",
        "换到达顺序后答案相同",
        "100 %",
    ),
    (
        "perfect, search",
        "search shows the current fact above the outdated",
        "检索时现行事实排在过时事实之前",
        "",
    ),
    ("rules, covered", "rules alone, histories that they cover", "仅用规则，规则覆盖的历史", "≥ 80 %"),
    ("rules, all", "rules alone, all histories", "仅用规则，全部历史", ""),
    ("rules, multi-hop", "rules alone, two hops", "仅用规则，两跳", ""),
    ("rules, search", "rules alone, search", "仅用规则，检索", ""),
    ("facts found by rules", "facts that the rules find", "规则找到的事实", ""),
    ("unrelated, nothing ended", "unrelated statements that end nothing", "不相干陈述不误关闭", "≥ 99.5 %"),
    ("forgetting", "forgetting: gone everywhere, survivors intact", "遗忘：处处消失，其余完好", "≥ 90 %"),
    ("names, precision", "entities merged rightly", "实体合并的准确率", "≥ 99 %"),
    ("names, recall", "entities found to be the same", "同一实体的召回率", ""),
    ("duplicates, precision", "near-duplicates merged rightly", "近似重复合并的准确率", "≥ 98 %"),
    ("duplicates, recall", "near-duplicates found", "近似重复的召回率", ""),
    ("junk, rules", "junk messages of which rules make no fact", "规则不从废话中得出事实", "≥ 98 %"),
    (
        "junk, model",
        "junk messages of which nothing is kept, with a model that notes everything",
        "模型照单全收时仍不留存的废话",
        "",
    ),
)
COSTS: Final = (
    ("calls", "model calls per add of ten messages", "每次添加十条消息的模型调用", "≤ 1.2"),
    ("tokens", "prompt tokens per add of ten messages", "每次添加十条消息的提示词元", "≤ 3,000"),
)
WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "title": "# Truth over time, measured",
        "made": "Made by `python -m benchmarks.truth` from sets of our own, with scripted answers in the place of a model. Do not "
        "edit it. 中文：[随时间变化的事实：测量](zh/benchmarks-truth.md)",
        "on": "Measured on {date} with Polymem {version} on {cpu}, {cores} cores, Python {python}.",
        "sets": "The sets and the rules were written by the same people, the rules while looking at the sets; expect less on other "
        "words. Intervals are Wilson's, 95 %. Each set has a command of its own: `python -m benchmarks.conflicts`, `.forgetting`, "
        "`.entities`, `.duplicates`, `.junk`, `.extraction FILE`.",
        "head": "| what | asked | measured | of | interval |",
        "costs": "| what | asked | mean | 95th percentile | most |",
        "classes": "## Conflicts by class",
        "classhead": "| class | perfect | rules |",
        "forgetting": "## Forgetting by class",
        "forgethead": "| class | held | of |",
        "users": "Adds per second of several users at a time, with a model that answers after {delay} s: {rates}.",
    },
    "zh": {
        "title": "# 随时间变化的事实：测量",
        "made": "本页由 `python -m benchmarks.truth` 依据自编数据集生成，模型的回答均为脚本，请勿手工修改。"
        "English: [Truth over time, measured](../benchmarks-truth.md)",
        "on": "{date} 测于 Polymem {version}，{cpu}，{cores} 核，Python {python}。",
        "sets": "数据集与规则出自同一批人，规则是看着数据集写的，换成别的说法会低一些。区间为 Wilson 95 %。"
        "每个数据集有自己的命令：`python -m benchmarks.conflicts`、`.forgetting`、`.entities`、`.duplicates`、`.junk`、`.extraction FILE`。",
        "head": "| 项目 | 要求 | 实测 | 总数 | 区间 |",
        "costs": "| 项目 | 要求 | 平均 | 第 95 百分位 | 最多 |",
        "classes": "## 各类冲突",
        "classhead": "| 类别 | 完美抽取 | 规则 |",
        "forgetting": "## 各类遗忘",
        "forgethead": "| 类别 | 成立 | 总数 |",
        "users": "多个用户同时添加时每秒添加数（模型 {delay} 秒后回答）：{rates}。",
    },
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, keep the figures, write the pages."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.truth", description=__doc__)
    parser.add_argument("data", type=Path, nargs="?", help="LoCoMo as conversations/1, gzip'd JSON")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / "conflicts.json"
        conflicts.main(["--json", str(kept)])
        conflict: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
    forgot = forgetting.measure()
    found: dict[str, Any] = {
        "date": datetime.now(UTC).date().isoformat(),
        "version": polymem.__version__,
        "machine": machine(),
        "shares": {name: pair[:2] for name, pair in conflict["sums"].items()} | dict(shares(forgot)),
        "classes": {
            name: {
                way: right_of(conflict[way].get(name, conflict[way].get(f"{name}*", {})))
                for way in ("perfect", "rules")
            }
            for name in conflict["perfect"]
        },
        "forgetting": forgot,
    }
    if given.data is not None:
        found |= cost(given.data)
    out = RESULTS / f"{found['date']}.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    for language, place in (("en", "docs"), ("zh", "docs/zh")):
        (ROOT / place / "benchmarks-truth.md").write_text(page(language, found), encoding="utf-8")
    return 0


def shares(forgot: Mapping[str, tuple[int, int]]) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield how many of how many are right, by name, of every set but the conflicts."""
    yield "forgetting", forgot["all"]
    names = entities.measure()
    merged = names.outcomes.get(("same", "merged"), 0)
    yield "names, precision", (merged, merged + len(names.wrong))
    yield "names, recall", (merged, merged + len(names.missed))
    pairs = duplicates.pairs()
    score = duplicates.score([same(*pair.statements) for pair in pairs], pairs)
    yield "duplicates, precision", (score.n_right, score.n_right + score.n_wrong)
    yield "duplicates, recall", (score.n_right, score.n_right + score.n_missed)
    rates = junk.rates()
    n = sum(rate.n_messages for rate in rates)
    yield "junk, rules", (n - sum(rate.n_by_rules for rate in rates), n)
    yield "junk, model", (n - sum(rate.n_by_model for rate in rates), n)


def cost(data: Path) -> dict[str, Any]:
    """Return what adds cost with a model, and how adds of several users overlap."""
    counted = asyncio.run(extraction.cost_of(list(extraction.conversations(data)), per_add=10))
    users = {str(n): round(asyncio.run(extraction.together(n))[0], 1) for n in USERS}
    return {"costs": {"calls": spread(counted.calls), "tokens": spread(counted.tokens)}, "users": users}


def spread(values: Sequence[int]) -> list[float]:
    """Return mean, 95th percentile and maximum."""
    return [round(float(np.mean(values)), 2), float(np.percentile(values, 95)), max(values)]


def right_of(ways: Mapping[str, Sequence[int]]) -> list[int]:
    """Return how many of how many answers are right over the ways that are scored."""
    scored = [tuple(pair[:2]) for way, pair in ways.items() if way.removesuffix("*") in conflicts.SCORED]
    return [sum(pair[0] for pair in scored), sum(pair[1] for pair in scored)]


def page(language: str, found: Mapping[str, Any]) -> str:
    """Return the page in one language."""
    words = WORDS[language]
    about = found["machine"] | {"date": found["date"], "version": found["version"]}
    column = 1 if language == "en" else 2
    lines = [words["title"], "", words["made"], "", words["on"].format(**about), "", words["sets"], ""]
    lines += [words["head"], "|---|---|---|---|---|"]
    for row in ROWS:
        right, n = found["shares"][row[0]]
        low, high = conflicts.wilson(right, n)
        lines.append(f"| {row[column]} | {row[3]} | {right / n:.2%} | {n:,} | {low:.1%}–{high:.1%} |")
    if "costs" in found:
        lines += ["", words["costs"], "|---|---|---|---|---|"]
        for row in COSTS:
            mean, high, most = found["costs"][row[0]]
            lines.append(f"| {row[column]} | {row[3]} | {mean:,.2f} | {high:,.0f} | {most:,.0f} |")
        rates = ", ".join(f"{n}: {rate}" for n, rate in found["users"].items())
        lines += ["", words["users"].format(delay=extraction.DELAY_S, rates=rates)]
    lines += ["", words["classes"], "", words["classhead"], "|---|---|---|"]
    for name, each in found["classes"].items():
        lines.append(f"| {name} | {_share(each['perfect'])} | {_share(each['rules'])} |")
    lines += ["", words["forgetting"], "", words["forgethead"], "|---|---|---|"]
    lines += [
        f"| {name} | {right} | {n} |" for name, (right, n) in found["forgetting"].items() if name != "all"
    ]
    return "\n".join(lines) + "\n"


def _share(pair: Sequence[int]) -> str:
    return f"{pair[0] / pair[1]:.2%}" if pair[1] else "–"


if __name__ == "__main__":
    raise SystemExit(main())
