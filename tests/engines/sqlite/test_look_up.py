"""Terms looked up together have the postings that they have one by one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from polymem.engines.sqlite import buckets, segments, view
from polymem.engines.sqlite.cache import ViewCache
from polymem.engines.sqlite.faces import SqliteTextFace
from polymem.ports.faces import INDEXED
from tests.engines.sqlite.rows import DIM, Row, Writer, create, shrink_segments

WORDS = ("dog", "火锅", "上海", "=e:ann lee", "=t:雾灯", "ß", "nowhere", "不在")


@pytest.fixture
def writer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Writer]:
    shrink_segments(monkeypatch, bits=3)
    made = Writer(create(tmp_path / "m.db"))
    with made.writing():
        made.append(*(Row(terms=(WORDS[n % 6], f"w{n}", "dog"), flags=INDEXED) for n in range(29)))
    with made.writing():
        made.delete(3, 9, 28)
    yield made
    made.connection.close()


def face(writer: Writer, cache: ViewCache) -> SqliteTextFace:
    return SqliteTextFace(writer.connection, cache.get(writer.connection, 1))


def listed(texts: SqliteTextFace, term: str) -> list[tuple[int, int]]:
    found = texts.postings(term)
    return list(zip(found.positions.tolist(), found.counts.tolist(), strict=True))


def test_together_as_one_by_one(writer: Writer) -> None:
    terms = [*WORDS, *(f"w{n}" for n in range(400))]
    alone = face(writer, ViewCache(dim=DIM))
    together = face(writer, ViewCache(dim=DIM))
    together.look_up(terms)
    assert [listed(together, term) for term in terms] == [listed(alone, term) for term in terms]
    assert listed(together, "火锅") == [(n, 1) for n in range(29) if n % 6 == 1 and n not in {3, 9, 28}]


def test_what_was_looked_up_is_not_read_again(writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = face(writer, ViewCache(dim=DIM))
    texts.look_up(WORDS)

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("read again")

    monkeypatch.setattr(view, "read_postings", refuse)
    monkeypatch.setattr(view, "read_many", refuse)
    texts.look_up(WORDS)
    assert [bool(listed(texts, word)) for word in WORDS] == [True] * 6 + [False] * 2


def test_rows_that_come_later_are_seen(writer: Writer) -> None:
    cache = ViewCache(dim=DIM)
    face(writer, cache).look_up(WORDS)
    with writer.writing():
        writer.append(*(Row(terms=("上海", "不在"), flags=INDEXED) for _ in range(12)))
    later = face(writer, cache)
    later.look_up(["上海", "不在", "new"])
    assert [n for n, _ in listed(later, "不在")] == list(range(29, 41))
    assert [n for n, _ in listed(later, "上海")][-12:] == list(range(29, 41))


def test_an_older_view_keeps_to_its_rows(writer: Writer) -> None:
    cache = ViewCache(dim=DIM)
    older = face(writer, cache)
    with writer.writing():
        writer.append(*(Row(terms=("不在",), flags=INDEXED) for _ in range(12)))
    face(writer, cache).look_up(["不在", "dog"])
    older.look_up(["不在", "dog"])
    assert listed(older, "不在") == []


def test_nothing_is_looked_up(writer: Writer) -> None:
    face(writer, ViewCache(dim=DIM)).look_up([])
    assert segments.read_many(writer.connection, 1, [], first=0, stop=3) == []


MANY_TERMS = [*WORDS, *(f"w{n}" for n in range(60)), *(f"=e:无名{n}" for n in range(60))]


def test_many_terms_are_found_in_buckets_that_are_kept(
    writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = face(writer, ViewCache(dim=DIM))
    alone = face(writer, ViewCache(dim=DIM))
    texts.look_up(MANY_TERMS)
    assert [listed(texts, term) for term in MANY_TERMS] == [listed(alone, term) for term in MANY_TERMS]

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("read again")

    view_ = texts._view
    view_.terms._entries.clear()
    for module, name in ((view, "read_postings"), (view, "read_many"), (buckets, "read_buckets")):
        monkeypatch.setattr(module, name, refuse)
    texts.look_up(MANY_TERMS)
    assert [listed(texts, term) for term in MANY_TERMS] == [listed(alone, term) for term in MANY_TERMS]


def test_segments_that_are_packed_later_are_read(writer: Writer) -> None:
    cache = ViewCache(dim=DIM)
    older = face(writer, cache)
    older.look_up(MANY_TERMS)
    with writer.writing():
        writer.append(*(Row(terms=("=e:无名7", f"w{n}", "不在"), flags=INDEXED) for n in range(12)))
    later = face(writer, cache)
    later.look_up([*MANY_TERMS, *(f"v{n}" for n in range(60))])
    fresh = face(writer, ViewCache(dim=DIM))
    assert [listed(later, term) for term in MANY_TERMS] == [listed(fresh, term) for term in MANY_TERMS]
    assert [n for n, _ in listed(later, "=e:无名7")] == list(range(29, 41))
    older._view.terms._entries.clear()
    older.look_up(MANY_TERMS)
    assert listed(older, "=e:无名7") == []


def test_what_is_erased_leaves_the_buckets(writer: Writer) -> None:
    cache = ViewCache(dim=DIM)
    face(writer, cache).look_up(MANY_TERMS)
    with writer.writing():
        writer.delete(1, 2)
    later = face(writer, cache)
    assert later._view.terms.buckets.nbytes == 0
    later.look_up(MANY_TERMS)
    assert [n for n, _ in listed(later, "w1")] == []
    assert 1 not in [n for n, _ in listed(later, "火锅")]


def test_buckets_keep_to_their_bytes(writer: Writer) -> None:
    held = buckets.Buckets(1)
    view_ = face(writer, ViewCache(dim=DIM))._view
    args = (writer.connection, view_.row.no)
    first = held.find(*args, ["dog", "火锅"], stop=view_.row.n_packed)
    assert set(first) == {"dog", "火锅"}
    size = held.nbytes
    assert size > 0
    # Nothing more is read: what is not there is left to the store.
    assert set(held.find(*args, MANY_TERMS, stop=view_.row.n_packed)) < set(MANY_TERMS)
    assert held.nbytes == size
    held.clear()
    assert held.nbytes == 0


def test_many_at_once_keep_to_their_bytes_too(writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buckets, "_AT_ONCE", 2)
    view_ = face(writer, ViewCache(dim=DIM))._view
    args = (writer.connection, view_.row.no)
    every = buckets.Buckets(1 << 20)
    assert set(every.find(*args, MANY_TERMS, stop=view_.row.n_packed)) == set(MANY_TERMS)
    held = buckets.Buckets(1)
    found = held.find(*args, MANY_TERMS, stop=view_.row.n_packed)
    assert len(found) < len(MANY_TERMS)
    assert held.nbytes < every.nbytes / 2
    for term, (positions, _) in found.items():
        assert positions.tolist() == every.find(*args, [term], stop=view_.row.n_packed)[term][0].tolist()


@pytest.mark.parametrize("terms", [[], ["dog"], ["不在"], WORDS, MANY_TERMS, [*WORDS, *WORDS]])
def test_what_occurs_is_returned(writer: Writer, terms: list[str]) -> None:
    cache = ViewCache(dim=DIM)
    for _ in range(2):  # as it is read, and as it is kept
        texts = face(writer, cache)
        found = texts.look_up(terms)
        assert {term: listed(texts, term) for term in found} == {
            term: rows for term in terms if (rows := listed(texts, term))
        }
        for term, postings in found.items():
            assert postings.positions.tolist() == [n for n, _ in listed(texts, term)]
    with writer.writing():
        writer.append(Row(terms=("不在", "dog"), flags=INDEXED))
    found = face(writer, cache).look_up(["dog", "不在", "nowhere"])
    assert {term: found[term].positions[-1] for term in found} == {"dog": 29, "不在": 29}


def test_keys_are_those_among_the_terms(writer: Writer) -> None:
    with writer.writing():
        writer.append(
            Row(terms=("=e:ann lee", "=t:雾灯", "dog"), flags=INDEXED),
            Row(terms=("dog", "a=b", "=f:雾", "=x"), flags=INDEXED),
            Row(terms=(), flags=INDEXED),
        )
    texts = face(writer, ViewCache(dim=DIM))
    rows = [3, 28, *range(32), 99]
    keys = texts.keys(rows)
    assert keys == [[term for term in row if term[0] == "="] for row in texts.forward(rows)]
    assert keys[-5:-1] == [texts.keys([28])[0], ["=e:ann lee", "=t:雾灯"], ["=f:雾", "=x"], []]


def test_a_write_drops_what_readers_kept(writer: Writer) -> None:
    cache = ViewCache(dim=DIM)
    cache.get(writer.connection, 1).kept["few"] = "雾号"
    assert cache.get(writer.connection, 1).kept == {"few": "雾号"}
    with writer.writing():
        writer.delete(0)
    assert cache.get(writer.connection, 1).kept == {}
