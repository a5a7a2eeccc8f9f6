"""Zones, sides, edges of the calendar, and properties that hold for any text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polymem.domain.timespan import Timespan
from polymem.text.times import find_times

NOW = datetime(2023, 5, 10, 14, 30, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")
PIECES = [
    *(
        "last Saturday",
        "May 7th",
        "in 2021",
        "two weeks ago",
        "tonight",
        "at 3 pm",
        "in three days",
        "the 90s",
    ),
    *(
        "since",
        "until",
        "before",
        "after",
        "between",
        "and",
        "to",
        "every",
        "early",
        "last",
        "Christmas",
        "Feb 29",
    ),
    *(
        "上周六",
        "去年夏天",
        "三天前",
        "五月七日",
        "2月29日",
        "下午三点",
        "春节",
        "大前年",
        "上世纪90年代",
        "最近三个月",
    ),
    *(
        "以前",
        "以来",
        "到",
        "从",
        "每",
        "半",
        "年",
        "月",
        "我",
        "9999年",
        "0001-01-01",
        "9999-12-31",
        "一",
        "2023",
        "😀",
        " ",
    ),
]
phrases = st.lists(st.sampled_from(PIECES), max_size=8).flatmap(
    lambda parts: st.sampled_from([" ".join(parts), "".join(parts)])
)
texts = phrases | st.text(max_size=60)
moments = (
    st.datetimes(timezones=st.sampled_from([UTC, SHANGHAI, NEW_YORK, timezone(timedelta(hours=-12))]))
    | st.datetimes()
)
zones = st.sampled_from([UTC, SHANGHAI, NEW_YORK, timezone(timedelta(hours=14))])
sides = st.sampled_from(["past", "future"])


def one(text: str, **options) -> Timespan:
    (found,) = find_times(text, **{"now": NOW, **options})
    return found


def day(text: str, **options) -> str:
    return one(text, **options).start.date().isoformat()


@pytest.mark.parametrize("text", ["today", "今天"])
def test_today_is_the_authors_day(text):
    late = datetime(2023, 5, 10, 22, tzinfo=UTC)
    assert one(text, now=late, zone=SHANGHAI).start == datetime(2023, 5, 10, 16, tzinfo=UTC)
    assert one(text, now=late, zone=NEW_YORK).start == datetime(2023, 5, 10, 4, tzinfo=UTC)


@pytest.mark.parametrize("text", ["today", "今天"])
@pytest.mark.parametrize(("date", "hours"), [("2023-03-12", 23), ("2023-11-05", 25), ("2023-05-10", 24)])
def test_a_day_on_which_clocks_change_has_its_own_length(text, date, hours):
    span = one(text, now=datetime.fromisoformat(f"{date}T18:00+00:00"), zone=NEW_YORK)
    assert span.end - span.start == timedelta(hours=hours)


@pytest.mark.parametrize("text", ["today at 2:59 am", "今天凌晨两点五十九分"])
def test_an_hour_that_the_change_of_clocks_skips_is_not_empty(text):
    span = one(text, now=datetime(2023, 3, 12, 18, tzinfo=UTC), zone=NEW_YORK)
    assert span.end - span.start == timedelta(minutes=1)


def test_a_naive_now_is_utc():
    assert find_times("昨天 and last week", now=NOW.replace(tzinfo=None)) == find_times(
        "昨天 and last week", now=NOW
    )


@pytest.mark.parametrize(
    ("text", "past", "future"),
    [
        ("May 7", "2023-05-07", "2024-05-07"),
        ("May 10", "2023-05-10", "2023-05-10"),
        ("5月12日", "2022-05-12", "2023-05-12"),
        ("on Friday", "2023-05-05", "2023-05-12"),
        ("周三", "2023-05-03", "2023-05-17"),
        ("in September", "2022-09-01", "2023-09-01"),
        ("九月", "2022-09-01", "2023-09-01"),
        ("at Christmas", "2022-12-25", "2023-12-25"),
        ("中秋节", "2022-09-10", "2023-09-29"),
        ("Feb 29", "2020-02-29", "2024-02-29"),
        ("2月29日", "2020-02-29", "2024-02-29"),
        ("over the weekend", "2023-05-06", "2023-05-13"),
    ],
)
def test_what_may_lie_on_either_side_lies_on_the_preferred_one(text, past, future):
    assert day(text, prefer="past") == past
    assert day(text, prefer="future") == future


@pytest.mark.parametrize(
    ("text", "expected"),
    [("last winter", "2021-12-01"), ("this winter", "2022-12-01"), ("上个冬天", "2021-12-01")],
)
def test_winter_in_february(text, expected):
    assert day(text, now=datetime(2023, 2, 1, tzinfo=UTC)) == expected


@pytest.mark.parametrize(
    "text", ["from November 3, 2022 to January 5", "从2022年11月3日到1月5日", "from Nov 3 to January 5, 2023"]
)
def test_the_ends_of_a_range_share_a_year_and_keep_their_order(text):
    span = one(text)
    assert (span.start.date().isoformat(), span.end.date().isoformat()) == ("2022-11-03", "2023-01-06")


def test_a_month_back_from_a_long_one_ends_with_the_short_one():
    assert day("一个月前", now=datetime(2023, 3, 31, tzinfo=UTC)) == "2023-02-01"
    assert day("a month ago", now=datetime(2023, 3, 31, tzinfo=UTC)) == "2023-02-01"


@pytest.mark.parametrize(
    "text", ["2023-02-30", "April 31", "2月30日", "13月5日", "at 25:00", "9999年", "0000-01-01"]
)
def test_what_the_calendar_lacks_is_no_time(text):
    assert find_times(text, now=NOW) == []


@pytest.mark.parametrize(
    "text", ["ten years ago", "十年前", "tomorrow", "明天", "last winter", "明年", "since 2019"]
)
@pytest.mark.parametrize("year", [1, 9999])
def test_the_edges_of_the_calendar_raise_nothing(text, year):
    for moment in (datetime(year, 1, 1, tzinfo=UTC), datetime(year, 12, 31, 23, 59, tzinfo=UTC)):
        for zone in (UTC, timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))):
            assert all(span.start < span.end for span in find_times(text, now=moment, zone=zone))


@given(text=texts, now=moments, zone=zones, prefer=sides)
@settings(max_examples=200, deadline=None)
def test_spans_are_sound_and_do_not_overlap(text, now, zone, prefer):
    spans = find_times(text, now=now, zone=zone, prefer=prefer)
    place = 0
    for span in spans:
        assert span.start < span.end
        assert span.start.tzinfo is UTC
        assert span.end.tzinfo is UTC
        begin, stop = span.offset
        assert place <= begin < stop <= len(text)
        assert text[begin:stop] == span.text == span.text.strip()
        place = stop


@given(
    text=st.sampled_from(
        [
            "last Saturday",
            "May 7th, 2023",
            "上周六",
            "二〇二三年五月七日",
            "去年夏天",
            "three weeks ago",
            "半年前",
        ]
    ),
    before=st.sampled_from(["", "Ann said: ", "他说：", "😀 ", "(", "a b c. "]),
    after=st.sampled_from(["", ".", "，我们去了海边。", " we met Bob", ")", "！"]),
)
def test_neutral_words_around_change_nothing_but_the_place(text, before, after):
    alone, inside = one(text), one(before + text + after)
    assert (inside.start, inside.end, inside.granularity, inside.text) == (
        alone.start,
        alone.end,
        alone.granularity,
        alone.text,
    )
    assert inside.offset == (len(before), len(before) + len(text))


@given(text=phrases)
def test_width_and_script_do_not_count(text):
    wide = (
        "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)
        .replace("后", "後")
        .replace("个", "個")
    )
    assert [span.offset for span in find_times(wide, now=NOW)] == [
        span.offset for span in find_times(text, now=NOW)
    ]


@pytest.mark.parametrize(
    "piece", ["last ", "1 ", "一", "上", "in 2021 to ", "May ", "三天", " \n", "每天", "from 3 pm to ", "5月"]
)
def test_long_texts_take_time_in_proportion(piece):
    assert isinstance(find_times(piece * (20_000 // len(piece)), now=NOW), list)
