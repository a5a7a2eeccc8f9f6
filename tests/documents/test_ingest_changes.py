"""New, kept and gone chunks, and what chunks inherit."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polymem.documents.changes import chunk_digest, difference, stored_chunks
from polymem.documents.describe import check_given, describe, time_of
from polymem.domain.document import Chunk, Cut, StoredChunk
from polymem.errors import InputError

DIGESTS = st.lists(st.sampled_from("abcde"), max_size=12)


@given(DIGESTS, DIGESTS)
def test_a_chunk_is_kept_as_often_as_it_was_there(before, now):
    stored = [StoredChunk(f"i{n}", digest, n, n + 1) for n, digest in enumerate(before)]
    found = difference(stored, now)
    for digest in "abcde":
        n_kept = sum(item is not None for item, each in zip(found.kept, now, strict=True) if each == digest)
        assert n_kept == min(before.count(digest), now.count(digest))
    kept = [item for item in found.kept if item is not None]
    assert len(set(kept)) == len(kept)
    assert sorted([*kept, *found.gone]) == sorted(chunk.item_id for chunk in stored)
    assert [now[n] for n, item in enumerate(found.kept) if item is None] == [now[n] for n in found.new]
    by_id = {chunk.item_id: chunk.digest for chunk in stored}
    assert all(by_id[item] == each for item, each in zip(found.kept, now, strict=True) if item is not None)


def test_the_digest_is_of_all_that_is_said_and_of_nothing_else():
    same = chunk_digest("茶", {"a": 1, "heading": "绿茶"})
    assert chunk_digest("茶", {"heading": "绿茶", "a": 1}) == same
    others = [
        chunk_digest("茶 ", {"a": 1, "heading": "绿茶"}),
        chunk_digest("茶", {"a": 2, "heading": "绿茶"}),
        chunk_digest("茶", {"a": 1, "heading": "红茶"}),
        chunk_digest("茶", {"a": "1", "heading": "绿茶"}),
        chunk_digest("茶", {"a": 1, "heading": "绿茶"}, further=("2020",)),
    ]
    assert len({same, *others}) == 6
    assert len(same) == 64


def test_where_they_stand():
    chunks = [Chunk("a", 0, 1, 1, 2, ("h",)), Chunk("b", 3, 4)]
    assert stored_chunks(chunks, ["d1", "d2"], ["i1", "i2"]) == (
        StoredChunk("i1", "d1", 0, 1, 1, 2),
        StoredChunk("i2", "d2", 3, 4, None, None),
    )


def test_given_goes_before_found():
    parsed = Cut((), title=" A\n title ", metadata={"author": "李", "year": 1, "document": "x", "title": "y"})
    said = describe(parsed, name="n.md", given={"year": 2})
    assert (said.title, said.metadata, said.notes) == ("A title", {"author": "李", "year": 2}, ())


def test_what_a_document_says_and_cannot_be_kept_is_noted():
    said = describe(Cut((), metadata={"x": "a" * 70_000}), name="茶.md", given={"year": 2})
    assert (said.title, said.metadata, said.notes) == ("茶", {"year": 2}, ("metadata",))


def test_a_long_title_is_cut_and_one_given_is_refused():
    assert len(describe(Cut((), title="t" * 900), name="", given={}).title) == 512
    with pytest.raises(InputError):
        check_given({"title": "t" * 900})


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("2020", datetime(2020, 1, 1, tzinfo=UTC)),
        ("2020-03", datetime(2020, 3, 1, tzinfo=UTC)),
        ("2020-03-05T10:00:00+08:00", datetime(2020, 3, 5, 2, tzinfo=UTC)),
        ("2999-01-01", datetime(2024, 1, 1, tzinfo=UTC)),
        ("2020-13", datetime(2021, 1, 1, tzinfo=UTC)),
        ("春天", datetime(2021, 1, 1, tzinfo=UTC)),
        (2020, datetime(2021, 1, 1, tzinfo=UTC)),
    ],
)
def test_time(date, expected):
    changed, now = datetime(2021, 1, 1, tzinfo=UTC), datetime(2024, 1, 1, tzinfo=UTC)
    assert time_of({"date": date}, stated=None, modified_at=changed, now=now) == expected
    assert time_of({"date": date}, stated=now, modified_at=changed, now=changed) == now
