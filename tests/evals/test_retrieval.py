"""A run: what is stored, what is asked when, and what is kept of the answers."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from polymem.errors import ConfigError, DatasetError
from polymem.evals.cases import Corpus, Question, Row, Session
from polymem.evals.gate import GATED, MEAN, fallen, recorded, records
from polymem.evals.opening import open_set
from polymem.evals.plot import plot
from polymem.evals.report import ALL, content, lines_of
from polymem.evals.retrieval import BM25, HYBRID, OURS, Answer, Asked, Options, Run, ask_set, variants
from polymem.evals.store import ids_of, stored
from polymem.evals.tables import markdown, tables


@pytest.fixture
def run_of(talks: Path) -> Run:
    return ask_set(open_set(talks), Options())


def test_every_question_is_asked_of_every_ranking(run_of: Run):
    assert (run_of.n_corpora, run_of.n_rows, run_of.n_unlabelled) == (2, 8, 0)
    assert len(run_of.asked) == 7
    for asked in run_of.asked:
        assert list(asked.answers) == [OURS, BM25, HYBRID]
        assert set(asked.answers[OURS].ids) <= {"t0", "t1", "t2", "t3"}
        assert asked.answers[OURS].tokens > 0
        assert asked.answers[OURS].cpu_ms > 0
    by_id = {asked.question.id: asked for asked in run_of.asked}
    for name in ("en/0", "zh/0", "zh/1"):
        assert by_id[name].answers[OURS].ids[0] in by_id[name].question.evidence


def test_no_scope_sees_another(run_of: Run):
    english = [asked for asked in run_of.asked if asked.corpus == "en"]
    assert all(len(set(asked.answers[OURS].ids)) == len(asked.answers[OURS].ids) <= 4 for asked in english)


def test_passages_are_found_by_their_title(papers: Path):
    (asked,) = ask_set(open_set(papers), Options()).asked
    assert asked.answers[OURS].ids[0] == "p1"
    assert asked.answers[BM25].ids[0] == "p1"


def test_a_question_is_asked_at_its_time_or_a_day_after_the_last_row():
    rows = tuple(
        Row(f"r{n}", "I went swimming.", speaker="Ann", at=datetime(2024, 5, n, 9, tzinfo=UTC))
        for n in range(1, 9)
    )
    questions = (
        Question(
            "later", "What did I do ten days ago?", "", frozenset(), at=datetime(2024, 5, 15, tzinfo=UTC)
        ),
        Question("at the end", "What did I do two days ago?", "", frozenset()),
    )
    corpus = Corpus("c", (Session("s", rows),), questions)
    with stored(corpus, None) as store:
        store.fill({}, infer=True, step=lambda _: None)
        assert store.end == datetime(2024, 5, 9, 9, tzinfo=UTC)
        with store.asked({}) as ask:
            found = {question.id: ids_of(ask(question, 1)) for question in store.in_order(questions)}
    assert found == {"later": ("r5",), "at the end": ("r7",)}


def test_empty_rows_are_left_out_and_roles_are_roles(talks: Path):
    rows = (
        Row("r1", "Please answer in French.", speaker="user"),
        Row("r2", " "),
        Row("r3", "D'accord.", speaker="assistant"),
    )
    with stored(Corpus("c", (Session("s", rows),), ()), None) as store:
        done: list[int] = []
        store.fill({}, infer=True, step=done.append)
        assert sum(done) == 2
        with store.asked({}) as ask:
            hits = ask(Question("q", "French", "one", frozenset()), 5)
    said = {episode.metadata["turn_id"]: episode for hit in hits for episode in hit.episodes}
    assert {name: (episode.role, episode.speaker) for name, episode in said.items()}.items() >= {
        ("r1", ("user", "")),
    }


def test_a_sample_and_what_is_not_labelled(talks: Path):
    data = open_set(talks)
    assert {asked.corpus for asked in ask_set(data, Options(sample=1)).asked} == {"en"}

    def unlabelled() -> Any:
        for corpus in data.corpora():
            yield replace(corpus, questions=tuple(replace(q, labelled=False) for q in corpus.questions))

    run = ask_set(replace(data, corpora=unlabelled), Options(sample=1))
    assert (run.n_unlabelled, run.asked) == (4, ())


def test_progress_counts_rows_and_questions(talks: Path):
    seen: list[int] = []
    data = open_set(talks)
    ask_set(data, Options(), step=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == data.size


class TestAblation:
    def test_each_part_that_weighs_anything_is_left_out_once(self):
        chosen = variants(Options(ablate=True, without=("graph",)))
        assert next(iter(chosen)) == OURS
        assert chosen[OURS]["ranking"]["without"] == ["graph"]
        assert chosen["without time"]["ranking"]["without"] == ["graph", "time"]
        assert "without graph" not in chosen
        assert chosen["fusion rrf"]["ranking"] == {"without": ["graph"], "fusion": "rrf"}
        assert set(variants(Options())) == {OURS}

    def test_it_changes_what_is_found(self, talks: Path):
        run = ask_set(open_set(talks), Options(ablate=True, config={"time": {"zone": "Asia/Shanghai"}}))
        first = run.asked[0].answers
        assert len(first) > 5
        scores = {name: answer.score for name, answer in first.items()}
        assert scores["without keyword"] != scores[OURS]
        assert scores["without vector"] != scores[OURS]

    def test_a_part_that_is_unknown(self, talks: Path):
        with pytest.raises(ConfigError, match=r"ranking\.without"):
            ask_set(open_set(talks), Options(without=("luck",)))


def answer(*ids: str, score: float = 0.5, confidence: float | None = None) -> Answer:
    return Answer(ids, score, confidence, 10, 1.0)


def made_run(n_talks: int = 6) -> Run:
    """Answers known beforehand: ours finds the first, BM25 finds it fifteenth; unanswerable ones score lower with ours."""
    asked: list[Asked] = []
    late = tuple(f"x{n}" for n in range(14))
    for n in range(4 * n_talks):
        kind = ("one", "two", "adversarial", "none")[n % 4]
        evidence = frozenset[str]() if kind == "none" else frozenset({"e"})
        score = 0.2 if kind == "none" else 0.9
        asked.append(
            Asked(
                f"c{n // 4}",
                Question(str(n), "?", kind, evidence),
                {
                    OURS: answer("e", *late, score=score, confidence=score),
                    BM25: answer(*late, "e"),
                    "without time": answer(*late[:3], "e"),
                },
            )
        )
    return Run("made", "conversations/1", n_talks, 100, 0, 0.5, tuple(asked))


class TestReport:
    def test_averages_hold_what_is_answerable_alone(self):
        (found,) = content([made_run()], Options(), seed=0)["sets"]
        assert found["n_questions"] == {ALL: 12, "one": 6, "two": 6, "adversarial": 6}
        assert found["n_unanswerable"] == 6
        ours, plain = found["systems"][OURS]["recall"], found["systems"][BM25]["recall"]
        assert ours[ALL]["R@10"]["mean"] == ours["adversarial"]["MRR"]["mean"] == 100
        assert (plain[ALL]["R@10"]["mean"], plain[ALL]["R@20"]["mean"]) == (0, 100)
        assert plain["one"]["MRR"]["mean"] == pytest.approx(100 / 15, abs=0.01)

    def test_differences_are_paired(self):
        (found,) = content([made_run()], Options(), seed=0)["sets"]
        less = found["systems"]["without time"]["less"]
        assert less["MRR"] == {
            "mean": -75.0,
            "low": -75.0,
            "high": -75.0,
            "talk_low": -75.0,
            "talk_high": -75.0,
        }
        assert less["R@5"]["mean"] == 0
        assert "less" not in found["systems"][OURS]

    def test_conversations_are_drawn_where_there_are_five(self):
        for n, there in ((4, False), (5, True)):
            (found,) = content([made_run(n)], Options(), seed=0)["sets"]
            assert ("talk_low" in found["systems"][OURS]["recall"][ALL]["R@10"]) is there

    def test_abstention(self):
        (found,) = content([made_run()], Options(), seed=0)["sets"]
        told = found["systems"][OURS]["abstention"]
        assert told["unanswerable by score"]["mean"] == told["unanswerable by confidence"]["mean"] == 1
        assert told["adversarial by score"]["mean"] == 0.5
        assert found["systems"][BM25]["abstention"].keys() == {
            "unanswerable by score",
            "adversarial by score",
        }

    def test_the_mean_over_sets_counts_each_the_same(self):
        large, small = made_run(20), made_run(2)
        worse = replace(
            small, asked=tuple(replace(a, answers={**a.answers, OURS: answer("x")}) for a in small.asked)
        )
        macro = content([large, worse], Options(), seed=0)["macro"]
        assert macro[OURS]["R@10"]["mean"] == 50
        assert content([large], Options(), seed=0)["macro"] == {}

    def test_a_set_without_answerable_questions(self):
        run = made_run()
        none = replace(run, asked=tuple(asked for asked in run.asked if not asked.question.evidence))
        report = content([none, replace(run, asked=())], Options(), seed=0)
        assert report["sets"][0]["systems"][OURS]["recall"] == {}
        assert markdown(report)
        assert list(tables(report, full=False))
        ET.fromstring(plot(report))

    def test_it_says_when_with_what_and_on_what(self):
        report = content([made_run()], Options(without=("time",), sample=3), seed=7)
        assert report["seed"] == 7
        assert report["settings"]["without"] == ["time"]
        assert report["settings"]["encoder"].startswith("polymem-static")
        assert report["date"] == datetime.now(UTC).date().isoformat()
        assert {"cpu", "cores", "python", "numpy", "sqlite"} <= report["machine"].keys()
        head = markdown(report).splitlines()[2]
        assert all(word in head for word in ("seed 7", "without time", "sample 3", report["version"]))
        json.dumps(report)

    def test_lines_hold_no_words_of_the_set(self, talks: Path):
        run = ask_set(open_set(talks), Options())
        text = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines_of([run]))
        assert "过敏" not in text
        assert "Lisbon" not in text
        assert '"en/0"' in text

    def test_tables_and_markdown(self):
        report = content([made_run()], Options(), seed=0)
        for full in (True, False):
            for made in tables(report, full=full):
                assert all(len(row) == len(made.header) for row in made.rows), made.title
        text = markdown(report)
        assert "| polymem | 100.0 [100.0, 100.0 / 100.0, 100.0] |" in text
        assert "| without time |" in text
        widths = {line.count("|") for line in text.split("## ")[1].splitlines() if line.startswith("|")}
        assert len(widths) == 1

    def test_a_name_cannot_break_a_table_or_a_plot(self):
        run = replace(made_run(), name='<b>&"|')
        report = content([run], Options(), seed=0)
        root = ET.fromstring(plot(report))
        assert any("<b>" in (node.text or "") for node in root.iter())

    def test_the_plot_puts_values_where_they_belong(self):
        root = ET.fromstring(plot(content([made_run()], Options(), seed=0)))
        marks = [
            (node[0].text, float(node.attrib["cy"]), float(node.attrib["cx"]))
            for node in root.iter("{http://www.w3.org/2000/svg}circle")
        ]
        curves = [(name, y) for name, y, x in marks if x < 400]
        heights = {(name or "").split()[-1]: y for name, y in curves}
        assert (heights["100.0"], heights["0.0"]) == (58, 248)
        bars = {name: x for name, _, x in marks if x > 400}
        assert bars["Polymem 100.0"] == 800
        assert bars["BM25 0.0"] == 530


class TestGate:
    def test_a_fall_beyond_the_tolerance_is_told(self):
        before = {"a": dict.fromkeys(GATED, 80.0), "b": dict.fromkeys(GATED, 60.0)}
        assert fallen(before, before) == []
        almost = {"a": before["a"] | {"MRR": 78.1}, "b": before["b"]}
        assert fallen(almost, before) == []
        assert [
            (f.name, f.measure, f.now) for f in fallen({**before, "a": before["a"] | {"MRR": 76.9}}, before)
        ] == [
            ("a", "MRR", 76.9),
            (MEAN, "MRR", pytest.approx(68.45)),
        ]
        both = {name: {m: value - 1.5 for m, value in figures.items()} for name, figures in before.items()}
        assert {f.name for f in fallen(both, before)} == {MEAN}
        assert {f.name for f in fallen({"a": before["a"]}, before)} == {"b", MEAN}

    def test_what_is_recorded_is_read_again(self, tmp_path: Path):
        kept = records(content([made_run()], Options(), seed=0))
        assert kept == {"made": dict.fromkeys(GATED, 100.0)}
        file = tmp_path / "recorded.json"
        file.write_text(json.dumps(kept), encoding="utf-8")
        assert recorded(file) == kept
        for wrong in ("[]", "x", '{"a": {}}', '{"a": 1}', '{"a": {"R@10": "1"}}'):
            file.write_text(wrong, encoding="utf-8")
            with pytest.raises(DatasetError):
                recorded(file)


def test_scores_that_are_equal_keep_the_order_of_the_rows(talks: Path):
    run = ask_set(open_set(talks), Options(sample=1))
    again = ask_set(open_set(talks), Options(sample=1))
    for one, two in zip(run.asked, again.asked, strict=True):
        for name in one.answers:
            assert one.answers[name].ids == two.answers[name].ids
            assert np.isclose(one.answers[name].score, two.answers[name].score)
