from __future__ import annotations

import json

import pytest

from benchmarks import __main__ as command
from benchmarks import page
from benchmarks.corpus import Corpus
from benchmarks.documents import Documents
from benchmarks.plot import chart
from benchmarks.targets import TARGETS, Target
from benchmarks.vectors import StoredVectors


@pytest.mark.slow
def test_a_tiny_run_measures_every_family_but_mem0_and_makes_the_pages(tmp_path, capsys):
    out = tmp_path / "figures.json"
    families = ["add", "bulk", "search", "pipeline", "documents", "scopes", "footprint", "contention"]
    command.main(
        [
            "--quick",
            "--scale",
            "0.004",
            "--out",
            str(out),
            *(word for name in families for word in ("--only", name)),
        ]
    )
    result = json.loads(out.read_text(encoding="utf-8"))
    measured = {figure["key"]: figure["value"] for figure in result["figures"]}
    assert {
        "add.cpu",
        "bulk.rules",
        "search.100k",
        "pipeline.100k",
        "pipeline.passages",
        "pipeline.add_turns",
        "documents.again",
        "documents.pages",
        "documents.search",
        "cold.100k",
        "scopes.ratio",
        "import.cpu",
        "start.cpu",
        "contention.p99",
    } <= set(measured)
    assert all(
        value > 0 for key, value in measured.items() if key not in {"contention.errors", "contention.lost"}
    )
    assert measured["contention.errors"] == measured["contention.lost"] == 0
    assert "durable single add" in capsys.readouterr().out
    drawn = [name for name in page.PLOTS if page.draw(name, result, tmp_path)]
    assert {"search", "file", "cold", "add"} == set(drawn)
    for language in ("en", "zh"):
        text = page.page(language, result, "figures.json", drawn)
        assert text.count("\n| ") == len(measured) + 1
        assert text.count(".svg)") == 4


def test_the_corpus_is_the_same_each_time_and_in_both_languages():
    texts = Corpus(3).texts(200)
    assert texts == Corpus(3).texts(200)
    assert texts != Corpus(4).texts(200)
    assert sum(any("\u4e00" <= c <= "\u9fff" for c in text) for text in texts) == 100
    assert all(5 <= len(query.split()) <= 8 for query in Corpus(3).queries(40)[::2])


def test_passages_have_titles_that_others_mention_and_questions_name():
    documents, again = Documents(3), Documents(3)
    passages = documents.passages(60)
    assert passages == again.passages(60)
    assert documents.questions(20) == again.questions(20)
    titles = [passage["metadata"]["title"] for passage in passages]
    assert sum(any("\u4e00" <= c <= "\u9fff" for c in title) for title in titles) == 30
    mentioned = [sum(title in other["content"] for other in passages) for title in titles]
    assert min(mentioned) >= 1
    assert max(mentioned) > 2
    assert any(title in question for question in documents.questions(40) for title in titles)


def test_vectors_do_not_depend_on_the_texts_beside_them():
    vectors = StoredVectors()
    texts = Corpus(5).texts(50)
    together = vectors.encode(texts)
    assert abs((together * together).sum(1) - 1).max() < 1e-5
    for n, text in enumerate(texts):
        assert abs(vectors.encode([text])[0] - together[n]).max() < 1e-6


def test_targets_are_judged_in_their_direction():
    assert Target("", "", "ms", at_most=2).met(2)
    assert Target("", "", "ms", at_most=2).met(2.1) is False
    assert Target("", "", "x", at_least=5).met(4.9) is False
    assert Target("", "", "x").met(1) is None
    assert TARGETS["bulk.plain"].asked == "≥ 5,000 messages/s"


def test_a_chart_holds_every_point():
    svg = chart(
        "Search <now>",
        {"warm": [(1_000, 0.5), (1_000_000, 50.0)]},
        across="items",
        up="ms",
        asked=[(1_000, 0.6)],
    )
    assert svg.count("<circle") == 3
    assert "Search &lt;now&gt;" in svg
    assert 'points="62.0,' in svg
