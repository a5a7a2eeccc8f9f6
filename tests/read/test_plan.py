"""What is read out of a question, in English and Chinese."""

from datetime import UTC, datetime

import pytest

from polymem.domain.query import MAX_LIMIT, MODES
from polymem.errors import InputError
from polymem.read.plan import MAX_NAMES, MAX_QUERY_CHARS, MAX_TERMS, plan_query

NOW = datetime(2024, 5, 15, 12, tzinfo=UTC)


def plan(text, **given):
    return plan_query(text, now=NOW, **given)


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("Who is Spiderman?", "spiderman"),
        ("tell me about tommy", "tommy"),
        ("What is New York City like?", "new york city"),
        ("my friend's dog Rex", "rex"),
        ("张伟住在哪里？", "张伟"),
        ("你知道北京大学吗", "北京大学"),
        ("這是電腦嗎", "电脑"),
    ],
)
def test_names_hold_what_may_be_an_entity(question, name):
    assert name in plan(question).names


def test_capitals_come_before_the_rest():
    assert plan("what did the cheerful people of Paris eat").names[0] == "paris"


@pytest.mark.parametrize("question", ["a b c d e f " * 500, "春眠不觉晓处处闻啼鸟" * 50, "x" * 100_000])
def test_plans_are_bounded(question):
    found = plan(question)
    assert len(found.names) <= MAX_NAMES
    assert len(found.terms) <= MAX_TERMS
    assert len(found.text) <= MAX_QUERY_CHARS


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Where do I live?", True),
        ("what is my name", True),
        ("我住在哪里", True),
        ("Where does Kim live?", False),
        ("他住在哪里", False),
        ("mint tea", False),
    ],
)
def test_the_first_person_is_noticed(question, expected):
    assert plan(question).first_person is expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("When did Ann paint?", True),
        ("what year was it", True),
        ("你什么时候去上海", True),
        ("她的生日是几月几号", True),
        ("whenever", False),
        ("他喜欢什么", False),
    ],
)
def test_a_question_for_a_time_is_noticed(question, expected):
    assert plan(question).asks_when is expected


def test_times_in_the_question_are_spans():
    (span,) = plan("What happened on 3 May 2024?").spans
    assert (span.start, span.granularity) == (datetime(2024, 5, 3, tzinfo=UTC), "day")
    (span,) = plan("2024年5月3日发生了什么").spans
    assert span.start == datetime(2024, 5, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "expected"), [("ann", True), ("an", False), ("anna", False), ("张伟", True), ("李", False)]
)
def test_a_name_is_looked_up_as_whole_words_or_as_chinese(name, expected):
    assert plan("did Ann's friend 张伟 call?").named(name) is expected


@pytest.mark.parametrize("text", ["", "  \n", "\u3000", None, 7, b"x"])
def test_a_query_that_says_nothing_is_refused(text):
    with pytest.raises(InputError) as caught:
        plan(text)
    assert caught.value.argument == "query"


@pytest.mark.parametrize("limit", [0, -1, MAX_LIMIT + 1, 10**30, True, False, 1.0, "3", None])
def test_a_limit_that_cannot_be_used_is_refused(limit):
    with pytest.raises(InputError) as caught:
        plan("茶", limit=limit)
    assert caught.value.argument == "limit"


@pytest.mark.parametrize("mode", ["", "graphs", None, 3])
def test_an_unknown_mode_is_refused(mode):
    with pytest.raises(InputError) as caught:
        plan("茶", mode=mode)
    assert caught.value.argument == "mode"


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_and_both_ends_of_the_limit_are_accepted(mode):
    assert plan("?", mode=mode, limit=1).mode == mode
    assert plan("🎉", mode=mode, limit=MAX_LIMIT).limit == MAX_LIMIT
