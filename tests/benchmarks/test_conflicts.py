"""A slice of the conflict set keeps its goals; the generator makes the same histories every time, in both languages."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

import pytest

from benchmarks import conflicts
from benchmarks.conflicts import SCORED, closings, run, total, wilson
from benchmarks.conflicts_made import CLASSES, MULTI_HOP, histories, rearranged
from benchmarks.conflicts_unrelated import unrelated


@pytest.fixture(scope="module")
def made():
    return list(histories(per_class=1))


def test_the_set_is_as_large_as_promised_and_half_chinese():
    names = Counter((history.kind, history.language) for history in histories())
    assert sum(names.values()) >= 400
    assert set(names.values()) == {12}
    assert {kind for kind, _ in names} == set(CLASSES)


def test_the_same_seed_makes_the_same_histories(made):
    assert made == list(histories(per_class=1))
    assert made != list(histories(per_class=1, seed=2))
    assert list(unrelated(100)) == list(unrelated(100))


def test_unrelated_statements_differ_and_are_of_all_kinds():
    statements = list(unrelated(2_000))
    assert len({each.text for each in statements}) == 2_000
    assert len(Counter(each.kind for each in statements)) >= 8
    assert Counter(each.language for each in statements)["zh"] in range(980, 1_021)


def test_what_is_asked_names_its_messages(made):
    for history in made:
        texts = {said.text for said in history.said}
        assert all(asked.texts | asked.outdated <= texts for asked in history.asked)
        assert any(asked.as_of for asked in history.asked)


def test_another_order_of_arrival_asks_the_same(made):
    for history in made[:10]:
        other = rearranged(history, seed=3)
        assert sorted(other.said, key=lambda said: said.at) == sorted(history.said, key=lambda said: said.at)


def test_perfect_extraction_is_answered_whatever_the_order(made):
    scores, _, same = run(made, rules=False, orders=1)
    assert total(scores, SCORED, hop=False).share >= 0.99
    assert total(scores, SCORED, hop=True).share >= 0.95
    assert same.wrong == []


def test_rules_alone_answer_what_they_cover(made):
    scores, coverage, _ = run(made, rules=True, orders=0)
    assert total(scores, SCORED, hop=False, mark="*").share >= 0.95
    assert total(scores, SCORED, hop=False).share >= 0.80
    found = sum(each.right for each in coverage.values()) / sum(each.total for each in coverage.values())
    assert found >= 0.80


def test_unrelated_statements_end_nothing():
    ended = closings(list(unrelated(200)))
    assert [text for each in ended.values() for text in each.wrong] == []


def test_a_wrong_answer_is_counted_as_wrong(made):
    history = next(each for each in made if each.kind == "residence")
    wrong = replace(
        history, asked=tuple(replace(asked, answer=frozenset({"Atlantis"})) for asked in history.asked)
    )
    scores, _, _ = run([wrong], rules=False, orders=0)
    assert total(scores, SCORED, hop=False).right == 0


def test_the_goals_of_more_than_one_hop_are_their_own(made):
    assert {history.kind for history in made if any(asked.via for asked in history.asked)} == {MULTI_HOP}


@pytest.mark.parametrize(
    ("right", "n", "low", "high"),
    [(0, 0, 0.0, 1.0), (10, 10, 0.722, 1.0), (5, 10, 0.237, 0.763), (0, 10, 0.0, 0.278)],
)
def test_intervals(right, n, low, high):
    assert wilson(right, n) == (pytest.approx(low, abs=1e-3), pytest.approx(high, abs=1e-3))


def test_the_command_prints_a_table_and_keeps_it(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(conflicts, "histories", lambda per_class: histories(per_class=1))
    out = tmp_path / "found.json"
    assert conflicts.main(["--quick", "--json", str(out)]) == 0
    printed = capsys.readouterr().out
    assert "rules, covered" in printed
    assert "all goals met" in printed
    kept = json.loads(out.read_text(encoding="utf-8"))
    assert {"perfect", "rules", "sums", "machine", "date"} <= kept.keys()
