"""``python -m benchmarks.recall_page DIR``: the pages and plots about retrieval from the figures of ``recall_all``."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks.recall_sets import RUNS, Measured
from polymem.evals.plot import plot
from polymem.evals.tables import heading

ROOT: Final = Path(__file__).resolve().parent.parent
WORDS: Final[dict[str, dict[str, Any]]] = {
    "en": {
        "title": "Retrieval: figures",
        "other": "中文：[检索：测量结果](zh/benchmarks-recall.md)",
        "made": "Made by `python -m benchmarks.recall_all FOLDER --out DIR`. Do not edit it.",
        "how": "Each conversation is a scope of its own and each turn one message; passages carry their title. One configuration, no "
        "language model. R@k is the share of the evidence among the first k hits, all@10 says that all of it is among the first "
        "ten. In brackets: intervals of 95 % (bootstrap by question; behind a slash by conversation, where there are at least "
        "five). BM25 (k1 1.5, b 0.75) and the plain hybrid (half BM25, half cosine of the same encoder, both brought to 0..1) rank "
        "the same texts. Questions without evidence are in no average; adversarial ones are apart.",
        "targets": "What was asked, and what is found",
        "targets_head": "| set | questions | figure | asked | BM25 | hybrid | Polymem | met |",
        "met": ("yes", "**no**"),
        "categories": "By category, R@10",
        "categories_head": "| set | category | n | BM25 | hybrid | Polymem |",
        "ablation": "What each part is worth",
        "ablation_text": "How much R@10 (all@10 for questions of several hops) changes without a part, in points. In bold: the "
        "interval of the difference, question by question, does not hold zero.",
        "without": "without",
        "rrf": "reciprocal ranks",
        "speed": "Cost",
        "speed_head": "| set | rows | ms CPU to add a row | ms CPU a search | 95 % within | BM25 | hybrid | tokens of ten hits |",
        "abstention": "What has no answer",
        "abstention_text": "How well a number tells questions without an answer (or adversarial ones) from the others: area under the curve, "
        "0.5 by chance.",
        "abstention_head": "| set | told | n | Polymem | BM25 | hybrid |",
        "plots": "Plots",
    },
    "zh": {
        "title": "检索：测量结果",
        "other": "English: [Retrieval: figures](../benchmarks-recall.md)",
        "made": "本页由 `python -m benchmarks.recall_all FOLDER --out DIR` 生成，请勿手工修改。",
        "how": "每段对话是一个独立的作用域，每轮发言是一条消息；段落带标题。同一套默认配置，不调用语言模型。R@k 为证据中进入前 k 条的比例，all@10 "
        "表示全部证据都在前十条内。方括号内为 95 % 区间（按问题自助抽样；至少五段对话时，斜线后为按对话抽样）。BM25（k1 1.5，b 0.75）与朴素混合"
        "（BM25 与同一编码器的余弦各占一半，先归一到 0..1）对同样的文本排序。没有证据的问题不计入平均，对抗性问题另列。",
        "targets": "目标与结果",
        "targets_head": "| 数据集 | 问题数 | 指标 | 目标 | BM25 | 混合 | Polymem | 达到 |",
        "met": ("是", "**否**"),
        "categories": "按类别，R@10",
        "categories_head": "| 数据集 | 类别 | 问题数 | BM25 | 混合 | Polymem |",
        "ablation": "各部分的价值",
        "ablation_text": "去掉某一部分后 R@10（多跳问题为 all@10）的变化，单位为百分点。粗体：逐题差值的区间不含零。",
        "without": "去掉",
        "rrf": "倒数排名融合",
        "speed": "开销",
        "speed_head": "| 数据集 | 行数 | 添加一行，CPU 毫秒 | 一次检索，CPU 毫秒 | 95 % 在此之内 | BM25 | 混合 | 十条结果的词元数 |",
        "abstention": "没有答案的问题",
        "abstention_text": "一个数能多好地区分没有答案（或对抗性）的问题与其他问题：ROC 曲线下面积，随机为 0.5。",
        "abstention_head": "| 数据集 | 依据 | 问题数 | Polymem | BM25 | 混合 |",
        "plots": "图",
    },
}
HOPS: Final = frozenset({"2wiki-101", "musique-100", "hotpot-100"})


def main(arguments: Sequence[str] | None = None) -> None:
    """Write both pages and the plots."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recall_page", description=__doc__)
    parser.add_argument("figures", type=Path, help="the folder that recall_all wrote")
    parser.add_argument("--docs", type=Path, default=ROOT / "docs", help="where the pages go")
    given = parser.parse_args(arguments)
    found = {
        measured.name: json.loads((given.figures / f"{measured.name}.json").read_text(encoding="utf-8"))
        for measured in RUNS
        if (given.figures / f"{measured.name}.json").exists()
    }
    if not found:
        raise SystemExit(f"{given.figures} holds no figures")
    for folder in ("plots", "zh"):
        (given.docs / folder).mkdir(parents=True, exist_ok=True)
    for name, report in found.items():
        (given.docs / "plots" / f"recall-{name}.svg").write_text(plot(report), encoding="utf-8")
    for language, folder in (("en", given.docs), ("zh", given.docs / "zh")):
        (folder / "benchmarks-recall.md").write_text(page(language, found), encoding="utf-8")


def page(language: str, found: Mapping[str, Any]) -> str:
    """Return the page in one language."""
    words = WORDS[language]
    plots = "plots" if language == "en" else "../plots"
    runs = [(measured, found[measured.name]) for measured in RUNS if measured.name in found]
    sets = [(measured, report["sets"][0]) for measured, report in runs]
    lines = [f"# {words['title']}", "", f"{words['made']} {words['other']}", "", words["how"], ""]
    lines += [heading(runs[0][1]), "", f"## {words['targets']}", "", *_head(words["targets_head"])]
    lines += [row for measured, one in sets for row in _targets(measured, one, language)]
    lines += ["", f"## {words['categories']}", "", *_head(words["categories_head"])]
    lines += [row for measured, one in sets for row in _categories(measured, one, language)]
    parts = _ablation(sets, words)
    if parts:
        lines += ["", f"## {words['ablation']}", "", words["ablation_text"], "", *parts]
    lines += ["", f"## {words['speed']}", "", *_head(words["speed_head"])]
    lines += [_speed(measured, one, language) for measured, one in sets]
    told = [row for measured, one in sets for row in _abstention(measured, one, language)]
    if told:
        lines += ["", f"## {words['abstention']}", "", words["abstention_text"], ""]
        lines += [*_head(words["abstention_head"]), *told]
    lines += ["", f"## {words['plots']}", ""]
    lines += [
        line
        for measured, _ in sets
        for line in (f"![{_name(measured, language)}]({plots}/recall-{measured.name}.svg)", "")
    ]
    return "\n".join(lines)


def _head(header: str) -> list[str]:
    return [header, "|" + "---|" * (header.count("|") - 1)]


def _name(measured: Measured, language: str) -> str:
    return measured.en if language == "en" else measured.zh


def _cell(one: Mapping[str, Any], system: str, category: str, measure: str) -> dict[str, float]:
    cell: dict[str, float] = (
        one["systems"].get(system, {}).get("recall", {}).get(category, {}).get(measure, {})
    )
    return cell


def _mean(cell: Mapping[str, float]) -> str:
    return f"{cell['mean']:.1f}" if cell else ""


def _with_interval(cell: Mapping[str, float]) -> str:
    if not cell:
        return ""
    talk = f" / {cell['talk_low']:.1f}–{cell['talk_high']:.1f}" if "talk_low" in cell else ""
    return f"**{cell['mean']:.1f}** [{cell['low']:.1f}–{cell['high']:.1f}{talk}]"


def _targets(measured: Measured, one: Mapping[str, Any], language: str) -> Iterator[str]:
    for target in measured.targets:
        place = (target.category, target.measure)
        ours = _cell(one, "polymem", *place)
        if not ours:
            continue
        plain = (_mean(_cell(one, system, *place)) for system in ("bm25", "hybrid"))
        figure = target.measure if target.category == "all" else f"{target.measure}, {target.category}"
        met = WORDS[language]["met"][0 if ours["mean"] >= target.least else 1]
        n = f"{one['n_questions'][target.category]:,}"
        cells = (_name(measured, language), n, figure, f"{target.least:g}", *plain, _with_interval(ours), met)
        yield f"| {' | '.join(cells)} |"


def _categories(measured: Measured, one: Mapping[str, Any], language: str) -> Iterator[str]:
    for category in one["systems"]["polymem"]["recall"]:
        if category != "all":
            plain = (_mean(_cell(one, system, category, "R@10")) for system in ("bm25", "hybrid"))
            ours = _with_interval(_cell(one, "polymem", category, "R@10"))
            n = f"{one['n_questions'][category]:,}"
            yield f"| {' | '.join((_name(measured, language), category, n, *plain, ours))} |"


def _ablation(sets: Sequence[tuple[Measured, Any]], words: Mapping[str, Any]) -> list[str]:
    """Return a table of parts by sets; nothing where no set was asked without them."""
    asked = [(m, one) for m, one in sets if any(name.startswith("without ") for name in one["systems"])]
    if not asked:
        return []
    names = list(dict.fromkeys(name for _, one in asked for name in one["systems"]))
    rows = _head(f"| | {' | '.join(measured.name for measured, _ in asked)} |")
    for name in names:
        if name in {"polymem", "bm25", "hybrid"}:
            continue
        shown = (
            words["rrf"] if name == "fusion rrf" else f"{words['without']} `{name.removeprefix('without ')}`"
        )
        cells = (
            _difference(
                one["systems"].get(name, {}).get("less", {}).get("all@10" if m.name in HOPS else "R@10", {})
            )
            for m, one in asked
        )
        rows.append(f"| {shown} | {' | '.join(cells)} |")
    return rows


def _difference(cell: Mapping[str, float]) -> str:
    if not cell:
        return ""
    text = f"{cell['mean']:+.1f}"
    return f"**{text}**" if cell["low"] > 0 or cell["high"] < 0 else text


def _speed(measured: Measured, one: Mapping[str, Any], language: str) -> str:
    speed = {name: one["systems"][name]["speed"] for name in ("polymem", "bm25", "hybrid")}
    ours = speed["polymem"]
    cells = (
        _name(measured, language),
        f"{one['n_rows']:,}",
        f"{one['add_ms']:.2f}",
        f"{ours['cpu_ms_median']:.1f}",
        f"{ours['cpu_ms_p95']:.1f}",
        *(f"{speed[name]['cpu_ms_median']:.1f}" for name in ("bm25", "hybrid")),
        f"{ours['tokens']:,.0f}",
    )
    return f"| {' | '.join(cells)} |"


def _abstention(measured: Measured, one: Mapping[str, Any], language: str) -> Iterator[str]:
    systems = ("polymem", "bm25", "hybrid")
    for told, ours in one["systems"]["polymem"]["abstention"].items():
        cells = [one["systems"][name]["abstention"].get(told) for name in systems]
        shown = [
            f"{cell['mean']:.2f} [{cell['low']:.2f}–{cell['high']:.2f}]" if cell else "" for cell in cells
        ]
        yield f"| {' | '.join((_name(measured, language), told, str(int(ours['n'])), *shown))} |"


if __name__ == "__main__":
    main()
