"""``python -m benchmarks.rag_all FOLDER --out DIR``: ``polymem eval rag`` on every set of documents, then the pages about it.

FOLDER holds the evaluation data; sets that are not there are left out, and one whose figures are there already is not run
again unless ``--anew`` is said. With ``--costs FILE``, what ``python -m benchmarks.documents --out FILE`` measured goes
into the pages as well.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks.report import shown
from benchmarks.targets import TARGETS
from polymem.evals.opening import open_set
from polymem.evals.rag import RagOptions, ask_rag
from polymem.evals.rag_report import rag_content, rag_markdown

ROOT: Final = Path(__file__).resolve().parent.parent
SETS: Final[tuple[tuple[str, str, str, float], ...]] = (
    ("2wiki-101", "2WikiMultiHopQA", "all evidence", 97),
    ("musique-100", "MuSiQue", "all evidence", 72),
    ("hotpot-100", "HotpotQA", "all evidence", 98),
    ("financebench", "FinanceBench", "context recall", 65),
    ("rgb-zh-refine", "RGB refine (zh)", "context recall", 78),
    ("rgb-zh-int", "RGB int (zh)", "context recall", 38),
)
"""Name of the file, name of the set, figure that is asked for and how much, in percent, of ten hits."""
MANY_TOKENS: Final = 1_000_000
"""Ten hits whatever their length: pages of filings are long."""
SEED: Final = 0
WORDS: Final[Mapping[str, Mapping[str, Any]]] = {
    "en": {
        "title": "Documents: figures",
        "other": "中文：[文档：测量结果](zh/benchmarks-documents.md)",
        "made": "Made by `python -m benchmarks.rag_all FOLDER --out DIR`. Do not edit it.",
        "how": "Passages are stored by `ingest` and asked through `search` and `ask`, ten hits a question, no language model. Passages of one title are the pages of one document. "
        "By evidence ids: *faithfulness* is the share of an answer's citations that are evidence, *answer relevance* the cosine of question and answer, *context precision* "
        "Σ P@k·v_k / Σ v_k over the hits, *context recall* the share of the evidence among the hits, *all evidence* that none is missing. In brackets intervals of 95 % "
        "(bootstrap by question). The four figures are those of the HybridRAG paper (arXiv 2408.04948), which has them from a model's judgement; `polymem eval rag --model` does that.",
        "asked": "What was asked, and what is found",
        "head": "| set | figure | asked | vector | graph | concat | hybrid | met | precision over concat | met |",
        "met": ("yes", "**no**"),
        "modes": "Modes side by side",
        "costs": "Cost",
        "costs_head": "| figure | asked | measured | met |",
    },
    "zh": {
        "title": "文档：测量结果",
        "other": "English: [Documents: figures](../benchmarks-documents.md)",
        "made": "本页由 `python -m benchmarks.rag_all FOLDER --out DIR` 生成，请勿手工修改。",
        "how": "段落用 `ingest` 存入，用 `search` 和 `ask` 提问，每题十条结果，不调用语言模型。同一标题的段落是同一文档的各页。按证据编号计算："
        "*faithfulness* 为答案的引用中属于证据的比例，*answer relevance* 为问题与答案的余弦，*context precision* 为各条结果的 Σ P@k·v_k / Σ v_k，"
        "*context recall* 为结果中包含的证据比例，*all evidence* 表示证据一条不缺。方括号内为 95 % 区间（按问题自助抽样）。四项指标出自 HybridRAG 论文"
        "（arXiv 2408.04948），论文由模型评判；`polymem eval rag --model` 也可以这样做。",
        "asked": "目标与结果",
        "head": "| 数据集 | 指标 | 目标 | vector | graph | concat | hybrid | 达到 | 精确率相对 concat | 达到 |",
        "met": ("是", "**否**"),
        "modes": "各种方式对比",
        "costs": "开销",
        "costs_head": "| 指标 | 目标 | 测得 | 达到 |",
    },
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is there, and write the pages."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rag_all", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the evaluation data are")
    parser.add_argument("--out", type=Path, required=True, help="where the figures go")
    parser.add_argument("--docs", type=Path, default=ROOT / "docs", help="where the pages go")
    parser.add_argument("--costs", type=Path, help="what benchmarks.documents wrote")
    parser.add_argument("--anew", action="store_true", help="run what has figures already, too")
    parser.add_argument("--only", action="append", help="just this set (repeatable)")
    given = parser.parse_args(arguments)
    given.out.mkdir(parents=True, exist_ok=True)
    for name, *_ in SETS:
        if not given.only or name in given.only:
            _run(name, given)
    files = {name: given.out / f"{name}.json" for name, *_ in SETS}
    found = {
        name: json.loads(file.read_text(encoding="utf-8")) for name, file in files.items() if file.exists()
    }
    if not found:
        raise SystemExit(f"{given.out} holds no figures")
    costs = json.loads(given.costs.read_text(encoding="utf-8")) if given.costs else {}
    for language, folder in (("en", given.docs), ("zh", given.docs / "zh")):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "benchmarks-documents.md").write_text(page(language, found, costs), encoding="utf-8")
    return 0


def _run(name: str, given: argparse.Namespace) -> None:
    out, file = given.out / f"{name}.json", given.folder / f"{name}.dev.json.gz"
    if not file.exists() or (out.exists() and not given.anew):
        print(f"{name}: {'there already' if file.exists() else 'no file'}", flush=True)
        return
    begun = time.perf_counter()
    options = RagOptions(budget_tokens=MANY_TOKENS)
    report = rag_content([ask_rag(open_set(file), options)], options, judged="", seed=SEED)
    out.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    modes = report["sets"][0]["modes"]
    told = ", ".join(f"{mode} {cells['context recall']['mean']:.1f}" for mode, cells in modes.items())
    print(f"{name}: context recall {told}; {time.perf_counter() - begun:.0f} s", flush=True)


def page(language: str, found: Mapping[str, Any], costs: Mapping[str, Any]) -> str:
    """Return the page in one language."""
    words = WORDS[language]
    first = next(iter(found.values()))
    on = first["machine"]
    lines = [f"# {words['title']}", "", f"{words['made']} {words['other']}", "", words["how"], ""]
    lines += [
        (
            f"Polymem {first['version']}, {first['date']}; {first['settings']['encoder']}; {on['cpu']}, {on['cores']} cores, "
            f"load {on['load']}, Python {on['python']}, numpy {on['numpy']}, SQLite {on['sqlite']}"
        ),
        "",
        f"## {words['asked']}",
        "",
        *_head(words["head"]),
        *_targets(found, words),
        "",
        f"## {words['modes']}",
        "",
    ]
    for report in found.values():
        lines += [line.replace("## ", "### ") for line in rag_markdown(report).splitlines()[4:]]
    if costs:
        lines += ["", f"## {words['costs']}", "", *_head(words["costs_head"]), *_costs(costs, language)]
    return "\n".join(lines) + "\n"


def _head(header: str) -> list[str]:
    return [header, "|" + "---|" * (header.count("|") - 1)]


def _targets(found: Mapping[str, Any], words: Mapping[str, Any]) -> Iterator[str]:
    for name, title, measure, least in SETS:
        if name not in found:
            continue
        modes = found[name]["sets"][0]["modes"]
        values = {mode: cells[measure]["mean"] for mode, cells in modes.items()}
        recalls = {mode: cells["context recall"]["mean"] for mode, cells in modes.items()}
        best = recalls["hybrid"] >= max(recalls["vector"], recalls["graph"])
        met = words["met"][0 if values["hybrid"] >= least and best else 1]
        ratio = modes["hybrid"]["context precision"]["mean"] / max(
            modes["concat"]["context precision"]["mean"], 1e-9
        )
        gain = f"{100 * (ratio - 1):+.0f} %"
        others = [f"{values[mode]:.1f}" for mode in ("vector", "graph", "concat")]
        cell = modes["hybrid"][measure]
        ours = f"**{cell['mean']:.1f}** [{cell['low']:.1f}–{cell['high']:.1f}]"
        cells = (
            title,
            measure,
            f"{least:g}",
            *others,
            ours,
            met,
            gain,
            words["met"][0 if ratio >= 1.1 else 1],
        )
        yield f"| {' | '.join(cells)} |"


def _costs(costs: Mapping[str, Any], language: str) -> Iterator[str]:
    words = WORDS[language]
    for one in costs["figures"]:
        target = TARGETS[one["key"]]
        met = target.met(one["value"])
        name = target.en if language == "en" else target.zh
        cells = (
            name,
            target.asked,
            f"{shown(one['value'])} {target.unit}",
            "" if met is None else words["met"][not met],
        )
        yield f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    raise SystemExit(main())
