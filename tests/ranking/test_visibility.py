"""Who sees what: the rule on columns against the rule in words."""

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polymem.domain.query import Visibility
from polymem.domain.timespan import EPOCH, to_micros
from polymem.ports import faces
from polymem.ports.faces import Columns
from polymem.ranking import visibility as rule
from polymem.ranking.visibility import FOREVER, INDEXED, REMOVED, present, visible

HOURS = st.integers(0, 6)
ENDS = st.none() | HOURS


def at(hour):
    return EPOCH + timedelta(hours=hour)


def micros(hour):
    return FOREVER if hour is None else to_micros(at(hour))


def columns(**given_columns):
    n = len(given_columns["valid"])
    times = {
        name: np.array([micros(hour) for hour in given_columns.get(name, [None] * n)], dtype=np.int64)
        for name in ("valid", "invalid", "created", "expired", "expires")
    }
    zeros = np.zeros(n, dtype=np.int32)
    flags = np.array(given_columns.get("flags", [INDEXED] * n), dtype=np.uint8)
    return Columns(
        kind=zeros.astype(np.uint8),
        flags=flags,
        length=zeros,
        importance=zeros.astype(np.float32),
        speaker=zeros,
        agent=zeros,
        run=zeros,
        **times,
    )


def sees(row, *, now, as_of, known_at):
    """The docstring of Visibility, word for word."""
    valid, invalid, created, expired, expires, flags = row
    known = now if known_at is None else known_at
    if not flags & INDEXED or flags & REMOVED or created > known:
        return False
    if expires is not None and expires <= now:
        return False
    end_not_yet_known = expired is not None and known < expired
    still_held = invalid is None or max(now if as_of is None else as_of, valid) < invalid
    return (end_not_yet_known or still_held) and (as_of is None or valid <= as_of)


@given(
    rows=st.lists(st.tuples(HOURS, ENDS, HOURS, ENDS, ENDS, st.integers(0, 3)), min_size=1, max_size=20),
    now=HOURS,
    as_of=ENDS,
    known_at=ENDS,
)
def test_columns_follow_the_rule_in_words(rows, now, as_of, known_at):
    names = ("valid", "invalid", "created", "expired", "expires", "flags")
    table = columns(**{name: [row[place] for row in rows] for place, name in enumerate(names)})
    asked = Visibility(
        now=at(now),
        as_of=None if as_of is None else at(as_of),
        known_at=None if known_at is None else at(known_at),
    )
    expected = [sees(row, now=now, as_of=as_of, known_at=known_at) for row in rows]
    assert visible(table, asked).tolist() == expected


@given(
    rows=st.lists(st.tuples(HOURS, ENDS, HOURS, ENDS, ENDS, st.integers(0, 3)), max_size=20),
    found_at=HOURS,
    now=HOURS,
)
def test_the_present_holds_until_something_changes(rows, found_at, now):
    names = ("valid", "invalid", "created", "expired", "expires", "flags")
    table = columns(**{name: [row[place] for row in rows] for place, name in enumerate(names)})
    found = present(table, Visibility(now=at(found_at)))
    assert found.holds(to_micros(at(found_at)))
    assert not found.holds(to_micros(at(found_at)) - 1)
    if found.holds(to_micros(at(now))):
        assert found.mask.tolist() == visible(table, Visibility(now=at(now))).tolist()
    changes = [hour for row in rows for hour in row[1:5] if hour is not None and hour > found_at]
    assert found.until == (micros(min(changes)) if changes else FOREVER)


@pytest.mark.parametrize("name", ["FOREVER", "INDEXED", "REMOVED"])
def test_constants_are_those_of_the_port(name):
    assert getattr(rule, name) == getattr(faces, name)


def test_a_closed_fact_is_hidden_now_and_shown_as_it_was():
    table = columns(valid=[1], invalid=[3], created=[1], expired=[4])
    assert not visible(table, Visibility(now=at(5)))[0]
    assert visible(table, Visibility(now=at(5), as_of=at(2)))[0]
    assert visible(table, Visibility(now=at(5), known_at=at(3)))[0]
    assert not visible(table, Visibility(now=at(5), as_of=at(0)))[0]


def test_what_expires_is_hidden_at_that_very_instant():
    table = columns(valid=[0], created=[0], expires=[3])
    assert visible(table, Visibility(now=at(3) - timedelta(microseconds=1)))[0]
    assert not visible(table, Visibility(now=at(3)))[0]
