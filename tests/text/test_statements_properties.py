"""What holds for any text, and for every sentence of the tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polymem.domain.predicates import PREDICATES, predicate_named
from polymem.domain.statement import SELF
from polymem.text.statement_rules import masked
from polymem.text.statements import MAX_CHARS, find_statements
from polymem.text.statements_en_rules import RULES as EN_RULES
from polymem.text.statements_zh_rules import RULES as ZH_RULES
from polymem.text.times import find_times
from tests.text import cases_statements_en, cases_statements_zh
from tests.text.statement_checks import NOW, found_in, made

ENGLISH = [text for text, _ in cases_statements_en.POSITIVE]
CHINESE = [text for text, _ in cases_statements_zh.POSITIVE]
SENTENCES = ENGLISH + CHINESE + cases_statements_en.NEGATIVE + cases_statements_zh.NEGATIVE
# Ends of sentences are cut off, since marks inside a quotation would close it or begin a new sentence.
PLAIN_ENGLISH = [text for text in ENGLISH if not set('".!?').intersection(text[:-1])]
PLAIN_CHINESE = [text for text in CHINESE if not set("《“").intersection(text)]

pieces = st.one_of(
    st.sampled_from(SENTENCES),
    st.sampled_from(
        [
            "I ",
            "my sister ",
            "我",
            "我妹妹",
            "他",
            '"',
            "'",
            "“",
            "」",
            "```",
            ": ",
            "\n> ",
            "if ",
            "如果",
            "，",
            "。",
            "?",
        ]
    ),
    st.text(max_size=12),
)
texts = st.lists(pieces, max_size=6).map("".join)


@given(texts)
@settings(max_examples=300, deadline=None)
def test_any_text_gives_sound_statements(text):
    for statement in found_in(text):
        start, end = statement.offset
        assert 0 <= start < end <= len(text)
        assert statement.text == text[start:end]
        assert all((statement.subject, statement.object, statement.slot))
        assert predicate_named(statement.predicate).name == statement.predicate
        assert 0 < statement.confidence <= 1
        assert statement.object_type == predicate_named(statement.predicate).object_type


@given(texts)
@settings(max_examples=100, deadline=None)
def test_the_same_text_gives_the_same(text):
    assert found_in(text) == found_in(text)


@given(texts)
@settings(max_examples=100, deadline=None)
def test_masking_keeps_every_place(text):
    assert len(masked(text)) == len(text)


ENGLISH_FRAMES = [
    '"{}"',
    'She said "{}"',
    "He wrote “{}” yesterday",
    "> {}",
    "```\n{}\n```",
    "`{}`",
    "Bob: {}",
]
CHINESE_FRAMES = ["“{}”", "他说“{}”", "她说：「{}」", "> {}", "```\n{}\n```", "小明：{}", "翻译：{}"]


@pytest.mark.parametrize("sentence", PLAIN_ENGLISH)
def test_quoting_takes_the_statements_away(sentence):
    assert {frame: made(frame.format(sentence.rstrip("."))) for frame in ENGLISH_FRAMES} == {
        key: set() for key in ENGLISH_FRAMES
    }


@pytest.mark.parametrize("sentence", PLAIN_CHINESE)
def test_quoting_in_chinese_takes_the_statements_away(sentence):
    assert {frame: made(frame.format(sentence)) for frame in CHINESE_FRAMES} == {
        key: set() for key in CHINESE_FRAMES
    }


@pytest.mark.parametrize("sentence", [text for text in PLAIN_ENGLISH if "," not in text])
def test_a_question_states_nothing(sentence):
    assert made(sentence.rstrip(".") + "?") == set()
    assert made("Do you think that " + sentence.rstrip(".") + "?") == set()


@pytest.mark.parametrize("sentence", PLAIN_CHINESE)
def test_a_chinese_question_states_nothing(sentence):
    assert made(sentence.rstrip("。了") + "吗") == set()
    assert made(sentence.rstrip("。") + "？") == set()


@pytest.mark.parametrize("sentence", [text for text in PLAIN_ENGLISH if text.startswith("I ")])
def test_a_condition_states_nothing(sentence):
    assert made("If " + sentence) == set()
    assert made("I would be glad if " + sentence) == set()


@pytest.mark.parametrize("sentence", [text for text in PLAIN_CHINESE if text.startswith("我")])
def test_a_chinese_condition_states_nothing(sentence):
    assert made("如果" + sentence) == set()


def test_what_is_remembered_on_request_is_stated():
    assert made("Remember that I like tea.") == made("I like tea.") == {(SELF, "likes", "tea", True)}


def test_the_time_of_a_clause_is_its_own():
    (moved,) = found_in("I moved to Lyon last month.")
    assert moved.object == "Lyon"
    assert moved.when is not None
    assert moved.when.start == datetime(2024, 5, 1, tzinfo=UTC)
    (bought,) = found_in("昨天我买了一台电脑")
    assert bought.when is not None
    assert bought.when.start == datetime(2024, 6, 13, tzinfo=UTC)


def test_the_zone_gives_yesterday_its_meaning():
    late = datetime(2024, 6, 14, 20, tzinfo=UTC)
    (statement,) = find_statements("I bought a bike yesterday", now=late, zone=ZoneInfo("Asia/Shanghai"))
    assert statement.when is not None
    assert statement.when.start == datetime(2024, 6, 13, 16, tzinfo=UTC)


def test_times_that_the_caller_has_are_used():
    text = "I bought a bike yesterday"
    times = find_times(text, now=NOW - timedelta(days=100))
    (statement,) = find_statements(text, now=NOW, times=times)
    assert statement.when == times[0]


def test_a_pronoun_stands_for_the_only_person_named():
    assert ("Anna", "likes", "tea", True) in made("My sister Anna lives in Rome. She loves tea.")
    assert not any("likes" in what for what in made("My sister Anna met my aunt Clara. She loves tea."))
    assert ("Tom", "likes", "tea", True) not in made("My brother Tom lives in Rome. She loves tea.")
    assert made("She loves tea.") == set()


def test_a_clause_without_a_subject_keeps_the_words_of_the_one_before():
    *_, hates = found_in("I like painting but hate running.")
    assert hates.text == "I like painting but hate running"


def test_pasted_documents_are_left_alone():
    assert found_in("I like tea. " * (MAX_CHARS // 12 + 1)) == []


@pytest.mark.parametrize("rules", [EN_RULES, ZH_RULES])
def test_rules_have_names_of_their_own_and_known_predicates(rules):
    names = [rule.name for rule in rules]
    assert len(set(names)) == len(names)
    assert {rule.predicate for rule in rules} <= PREDICATES.keys()
    assert all(rule.words for rule in rules)
    assert all("object" in rule.pattern.groupindex for rule in rules)


@pytest.mark.parametrize(("rules", "table"), [(EN_RULES, ENGLISH), (ZH_RULES, CHINESE)])
def test_every_predicate_of_the_rules_occurs_in_the_tables(rules, table):
    # "count:cats" is a use of "count".
    stated = {statement.predicate.partition(":")[0] for text in table for statement in found_in(text)}
    assert {rule.predicate for rule in rules} <= stated
