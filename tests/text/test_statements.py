"""Every sentence of the tables, exact on subject, predicate, slot and sign; and the held-out sentences, measured."""

from __future__ import annotations

import re

import pytest

from polymem.text.statement_rules import slot_of
from polymem.text.statements_en_rules import RULES as EN_RULES
from polymem.text.statements_zh_rules import RULES as ZH_RULES
from tests.text import (
    cases_statements_en,
    cases_statements_zh,
    heldout_statements_en,
    heldout_statements_zh,
)
from tests.text.statement_checks import Made, expected, made

POSITIVE = cases_statements_en.POSITIVE + cases_statements_zh.POSITIVE
NEGATIVE = cases_statements_en.NEGATIVE + cases_statements_zh.NEGATIVE


@pytest.mark.parametrize(("text", "line"), POSITIVE)
def test_exactly_these_statements(text, line):
    assert made(text) == expected(line)


@pytest.mark.parametrize("text", NEGATIVE)
def test_no_statement(text):
    assert made(text) == set()


@pytest.mark.parametrize(("table", "least"), [(cases_statements_en, 150), (cases_statements_zh, 150)])
def test_tables_are_large_and_hold_no_sentence_twice(table, least):
    for sentences in ([text for text, _ in table.POSITIVE], table.NEGATIVE):
        assert len(set(sentences)) == len(sentences) >= least


@pytest.mark.parametrize("table", [heldout_statements_en, heldout_statements_zh])
def test_precision_and_recall_on_sentences_the_rules_were_not_made_for(table):
    right = wrong = missed = 0
    for text, wanted in [*table.POSITIVE, *((text, []) for text in table.NEGATIVE)]:
        want: set[Made] = {(s, p, slot_of(o, predicate=p), sign) for s, p, o, sign in wanted}
        got = made(text)
        right, wrong, missed = right + len(got & want), wrong + len(got - want), missed + len(want - got)
    assert right / (right + wrong) >= 0.95
    assert right / (right + missed) >= 0.95


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("I like to play badminton", "I like playing badminton"),
        ("I like to hike", "I like hiking"),
        ("I like badminton", "I like to play badminton a lot"),
        ("I like Tea", "I like tea very much!"),
        ("我喜欢打羽毛球", "我很喜欢羽毛球"),
        ("我喜歡爬山", "我喜欢去爬山"),
        ("I live in BERLIN", "I live in Berlin now"),
    ],
)
def test_two_ways_of_saying_it_share_a_slot(one, other):
    assert made(one) == made(other) != set()


def test_names_keep_their_endings():
    assert slot_of("James", predicate="friend") == "james"
    assert slot_of("the Spiderman", predicate="is") == slot_of("spiderman", predicate="is")


@pytest.mark.parametrize(
    ("rules", "table"),
    [(EN_RULES, cases_statements_en), (ZH_RULES, cases_statements_zh)],
    ids=["english", "chinese"],
)
def test_no_rule_can_break_unnoticed(rules, table):
    never = re.compile("(?!)")
    wanted = [(text, expected(line)) for text, line in table.POSITIVE]
    unnoticed = []
    for rule in rules:
        pattern = rule.pattern
        object.__setattr__(rule, "pattern", never)
        try:
            if all(made(text) == want for text, want in wanted):
                unnoticed.append(rule.name)
        finally:
            object.__setattr__(rule, "pattern", pattern)
    assert unnoticed == []
