"""Names that a passage is meant by though no title says so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polymem.text.keys import index_keys
from polymem.text.keys_derived import HEAD_CHARS, MAX_NAMES, derived_names
from polymem.text.keys_passage import DAY, DERIVED, TITLED, passage_keys


@pytest.mark.parametrize(
    ("text", "title", "found"),
    [
        ("Kerala Tea Board (KTB) buys leaves.", "Kerala Tea Board", ("ktb",)),
        ("The Kerala Tea Board (KTB) is an agency that buys leaves.", "", ("kerala tea board", "ktb")),
        ("Mount Ard, formerly known as Saint Olaf's Peak, is high.", "Mount Ard", ("saint olaf peak",)),
        ("Mount Ard, also called the Old Tooth.", "Mount Ard", ("old tooth",)),
        ("守塔人协会（简称KTX）成立很早。", "守塔人协会", ("ktx",)),
        ("阿德山，又称老牙峰，终年积雪。", "阿德山", ("老牙峰",)),
        ("# Care of ferries\nPaint them every year.", "", ("care of ferries",)),
        ("渡船的保养\n每年上一次漆。", "", ("渡船的保养",)),
        ("Lake Orven is a lake.", "", ("lake orven",)),
        ("山茶是一种花。", "", ("山茶",)),
        ("昨天上映的《渔港的灯》口碑不错。", "", ("渔港的灯",)),
    ],
)
def test_names_are_told_by_the_form_of_the_beginning(text, title, found):
    assert derived_names(text, title) == found


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("", ""),
        ("It is a lake.", ""),
        ("This is the end.", ""),
        ("我是一个渔夫。", ""),
        ("这是一座塔。", ""),
        ("Lake Orven is a lake.", "Lake Orven"),
        ("Ann Lee met the World Ferry Union (WFU) in May.", "Ann Lee"),
        ("Ann Lee lived by the lake. Olaf Berg was also known as Red Olaf.", "Ann Lee"),
        ("李安住在湖边。那座山又称老牙峰。", "李安"),
    ],
)
def test_what_is_said_of_another_thing_is_no_name_of_this(text, title):
    assert derived_names(text, title) == ()


def test_keys_of_a_passage_tell_derived_names_from_titles():
    keys = passage_keys("Lake Orven is a lake.", "")
    assert f"{DERIVED}lake orven" in keys
    assert not any(key.startswith(TITLED) for key in keys)


@pytest.mark.parametrize(
    "text",
    ["It opened on May 3.", "opened 3 May 1990", "It opened on the 21st of June", "3月8日开幕", "12 月 1 号"],
)
def test_a_day_is_a_key(text):
    assert DAY in passage_keys(text, "")


@pytest.mark.parametrize(
    "text", ["It opened in May 1990.", "in 1990", "3月开幕", "room 12", "marched 5 miles", ""]
)
def test_a_month_or_a_year_is_no_day(text):
    assert DAY not in passage_keys(text, "")


def test_turns_have_no_derived_names():
    keys = index_keys("episode", "Lake Orven is a lake. 3月8日", role="user", metadata={})
    assert not any(key.startswith((DERIVED, DAY)) for key in keys)


@given(st.text(max_size=400), st.text(max_size=30))
def test_any_text_gives_few_short_keys(text, title):
    names = derived_names(text, title)
    assert len(names) <= MAX_NAMES
    assert all(names)
    assert len(set(names)) == len(names)


def test_only_the_beginning_counts():
    assert derived_names("x" * HEAD_CHARS + ", also known as Red Olaf", "Ann Lee") == ()


def test_a_long_run_of_capitals_costs_no_time():
    assert len(derived_names("Aa " * 2_000, "")) <= MAX_NAMES
    assert derived_names("(" * 5_000, "Ann Lee") == ()
