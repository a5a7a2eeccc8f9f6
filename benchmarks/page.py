"""``python -m benchmarks.page [FILE]``: the pages and plots of the documentation from the figures of a run."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Final

from benchmarks.plot import chart
from benchmarks.report import shown
from benchmarks.targets import TARGETS

ROOT: Final = Path(__file__).resolve().parent.parent
RESULTS: Final = Path(__file__).parent / "results"
PLOTS: Final = {
    "search": ("Search in a scope, all arms, warm", "items in the scope", "ms CPU"),
    "cold": ("First search of a new process", "items in the scope", "ms CPU"),
    "file": ("Search in a scope of 100", "items in the file", "ms CPU"),
    "add": ("One durable add", "items in the file", "ms CPU"),
}
WORDS: Final = {
    "en": {
        "title": "Benchmarks",
        "other": "中文：[基准测试](zh/benchmarks.md)",
        "made": "Made by `python -m benchmarks.page` from `benchmarks/results/{file}`. Do not edit it.",
        "run": "`make bench` measures everything anew (`--quick` leaves the stores of a million items out, `--only NAME` "
        "takes one family, `--store-cache FOLDER` keeps the stores for the next run). Embedding is left out, but where the default encoder is "
        "named: the vectors are there already. CPU time is that of all threads of the process, so another program's work falsifies little; medians "
        "unless the note says otherwise. Every figure is of the whole public call.",
        "on": "Measured on {date} with Polymem {version} on {cpu}, {cores} cores, load {load} at the beginning and {after} at "
        "the end, Python {python}, numpy {numpy}, SQLite {sqlite}.",
        "calibration": "How fast the machine was, in CPU ms (beginning, end): a loop of 200,000 rounds {python_ms[0]}, "
        "{python_ms[1]}; numpy sorts 500,000 floats {sort_ms[0]}, {sort_ms[1]}; numpy sums 256 MB {memory_ms[0]}, {memory_ms[1]}.",
        "head": "| what | asked | measured | met | note |",
        "met": ("yes", "**no**", ""),
        "curves": "Growth",
        "dashed": "Red, dashed: what was asked.",
        "mem0": "mem0 runs in an environment of its own (`benchmarks/mem0.lock`), in a process beside ours, in alternate rounds, "
        "as a default installation does: local Qdrant, semantic search alone; its store was filled in batches with the payload "
        "that its own `add` writes, its embedder replaced by the same stored vectors, its telemetry off.",
    },
    "zh": {
        "title": "基准测试",
        "other": "English: [Benchmarks](../benchmarks.md)",
        "made": "本页由 `python -m benchmarks.page` 依据 `benchmarks/results/{file}` 生成，请勿手工修改。",
        "run": "`make bench` 重新测量全部项目（`--quick` 略去一百万条的库，`--only NAME` 只测一组，`--store-cache FOLDER` 保留测试库供下次使用）。"
        "除注明含默认编码器者外，不含向量编码：向量事先备好。CPU 时间为进程全部线程之和，其他程序影响很小；除非另注，均取中位数。每个数字都是一次完整的公开调用。",
        "on": "{date} 测于 Polymem {version}，{cpu}，{cores} 核，开始时负载 {load}、结束时 {after}，Python {python}，numpy {numpy}，SQLite {sqlite}。",
        "calibration": "机器当时的速度，CPU 毫秒（开始、结束）：20 万次循环 {python_ms[0]}、{python_ms[1]}；numpy 排序 50 万个浮点数 "
        "{sort_ms[0]}、{sort_ms[1]}；numpy 求和 256 MB {memory_ms[0]}、{memory_ms[1]}。",
        "head": "| 项目 | 要求 | 实测 | 达到 | 说明 |",
        "met": ("是", "**否**", ""),
        "curves": "增长曲线",
        "dashed": "红色虚线为要求。",
        "mem0": "mem0 在自己的环境（`benchmarks/mem0.lock`）和单独的进程中运行，与 Polymem 轮流进行，配置同默认安装：本地 Qdrant，只做语义检索；"
        "其库按它自己 `add` 写入的内容分批填充，编码器换成同一套现成向量，关闭遥测。",
    },
}


def main() -> None:
    """Write the pages from the file named, or the newest one."""
    source = Path(sys.argv[1]) if len(sys.argv) > 1 else max(RESULTS.glob("*.json"))
    result = json.loads(source.read_text(encoding="utf-8"))
    docs = ROOT / "docs"
    (docs / "plots").mkdir(parents=True, exist_ok=True)
    drawn = [name for name in PLOTS if draw(name, result, docs / "plots")]
    (docs / "benchmarks.md").write_text(page("en", result, source.name, drawn), encoding="utf-8")
    (docs / "zh" / "benchmarks.md").write_text(page("zh", result, source.name, drawn), encoding="utf-8")


def draw(name: str, result: dict[str, Any], folder: Path) -> bool:
    """Write one plot; tell whether the run has its figures."""
    lines = {
        curve["line"]: curve["points"]
        for curve in result["curves"]
        if curve["plot"] == name and len(curve["points"]) > 1
    }
    if not lines:
        return False
    points = next(iter(lines.values()))
    figures = [figure["key"] for figure in result["figures"] if figure["key"].partition(".")[0] == name]
    bounds = [TARGETS[key].at_most for key in figures] if len(figures) == len(points) else []
    if name == "add":
        bounds = [TARGETS["add.cpu"].at_most] * len(points)
    asked = [(point[0], bound) for point, bound in zip(points, bounds, strict=False) if bound]
    title, across, up = PLOTS[name]
    (folder / f"{name}.svg").write_text(
        chart(title, lines, across=across, up=up, asked=asked), encoding="utf-8"
    )
    return True


def page(language: str, result: dict[str, Any], source: str, drawn: list[str]) -> str:
    """Return the page in one language."""
    words: dict[str, Any] = WORDS[language]
    after = result["after"]
    speed = {name: (value, after[name]) for name, value in result["calibration"].items()}
    machine = result["machine"] | {
        "date": result["date"],
        "version": result["version"],
        "after": after["load"],
    }
    folder = "plots" if language == "en" else "../plots"
    lines = [
        f"# {words['title']}",
        "",
        f"{words['made'].format(file=source)} {words['other']}",
        "",
        words["run"],
        "",
        words["on"].format(**machine),
        words["calibration"].format(**speed),
        "",
        words["head"],
        "|---|---|---|---|---|",
        *(_row(figure, language) for figure in result["figures"]),
        "",
        words["mem0"],
        "",
    ]
    if drawn:
        lines += [f"## {words['curves']}", "", words["dashed"], ""]
        lines += [line for name in drawn for line in (f"![{PLOTS[name][0]}]({folder}/{name}.svg)", "")]
    return "\n".join(lines)


def _row(figure: dict[str, Any], language: str) -> str:
    target = TARGETS[figure["key"]]
    words: dict[str, Any] = WORDS[language]
    what = target.en if language == "en" else target.zh
    met = words["met"][{True: 0, False: 1, None: 2}[target.met(figure["value"])]]
    note = figure["note"].replace("|", "\\|")
    return f"| {what} | {target.asked} | {shown(figure['value'])} {target.unit} | {met} | {note} |"


if __name__ == "__main__":
    main()
