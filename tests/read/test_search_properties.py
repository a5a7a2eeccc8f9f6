"""What holds for every search, over random scopes in two languages."""

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polymem.domain.filter import parse_filter
from polymem.domain.query import Visibility
from polymem.ranking.scoring import Weights
from polymem.ranking.visibility import visible
from polymem.testing.faces import MemoryRow
from polymem.testing.snapshot import MemorySnapshot
from tests.read.conftest import NOW, ask, logit, vector_of

WORDS = ["茶", "上海", "喜欢", "tea", "paint", "Ann", "dog", "我", "3 May"]
TEXTS = st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join)
HOURS = st.integers(-40, 40).map(lambda hours: NOW + timedelta(hours=hours))
ENDS = st.none() | HOURS
QUERIES = TEXTS.filter(str.strip)


@st.composite
def episodes(draw):
    text = draw(TEXTS)
    return {
        "text": text,
        "valid_at": draw(HOURS),
        "created_at": draw(HOURS),
        "invalid_at": draw(ENDS),
        "expired_at": draw(ENDS),
        "expires_at": draw(ENDS),
        "speaker": draw(st.sampled_from(["", "Ann", "王芳"])),
        "run_id": draw(st.sampled_from([None, "r1", "r2"])),
        "metadata": {"n": draw(st.integers(0, 2))},
        "importance": draw(st.sampled_from([0.0, 0.5, 1.0])),
        "vector": vector_of(text) if draw(st.booleans()) else None,
        "removed": draw(st.booleans()) and draw(st.booleans()),
        "superseded": draw(st.booleans()),
    }


@st.composite
def scopes(draw, *, facts=True):
    said = draw(st.lists(episodes(), max_size=14))
    rows = [MemoryRow(f"e{place}", **content) for place, content in enumerate(said)]
    if facts and rows:
        for place, content in enumerate(draw(st.lists(episodes(), max_size=6))):
            sources = draw(
                st.lists(st.sampled_from(rows), min_size=1, max_size=2, unique_by=lambda row: row.id)
            )
            subject, object_ = draw(st.tuples(st.sampled_from(WORDS), st.sampled_from(WORDS)))
            content |= {"run_id": None, "superseded": False}
            rows.append(
                MemoryRow(
                    f"f{place}",
                    kind="fact",
                    sources=tuple(row.id for row in sources if row.kind == "episode"),
                    relation=(subject, "likes", object_),
                    mentions=(subject, object_),
                    **content,
                )
            )
    return MemorySnapshot(rows, owner="我")


def seen_rows(snapshot, **moments):
    mask = visible(snapshot.columns, Visibility(now=NOW, **moments))
    return [row for row, ok in zip(snapshot.rows.stored, mask, strict=True) if ok]


def n_groups(rows):
    """An episode and what was derived from it are one."""
    ids = {row.id for row in rows}
    return sum(row.kind == "episode" or not ids & set(row.sources) for row in rows)


@settings(max_examples=60, deadline=None)
@given(snapshot=scopes(), query=QUERIES, limit=st.integers(1, 30), embed=st.booleans())
def test_as_many_hits_as_can_be(snapshot, query, limit, embed):
    hits = ask(snapshot, query, limit=limit, embed=embed)
    assert len(hits) == min(limit, n_groups(seen_rows(snapshot)))
    assert len({hit.item.id for hit in hits}) == len(hits)


@settings(max_examples=60, deadline=None)
@given(
    snapshot=scopes(),
    query=QUERIES,
    mode=st.sampled_from(["hybrid", "vector", "keyword", "graph", "time"]),
    as_of=ENDS,
    known_at=ENDS,
)
def test_nothing_invisible_is_ever_returned(snapshot, query, mode, as_of, known_at):
    allowed = {row.id for row in seen_rows(snapshot, as_of=as_of, known_at=known_at)}
    hits = ask(snapshot, query, mode=mode, as_of=as_of, known_at=known_at, limit=30)
    assert {hit.item.id for hit in hits} <= allowed
    assert {edge.item_id for edge in hits.relations} <= allowed


@settings(max_examples=50, deadline=None)
@given(snapshot=scopes(), query=QUERIES, fusion=st.sampled_from(["sum", "rrf"]))
def test_signals_add_up_to_the_score_and_the_score_orders(snapshot, query, fusion):
    hits = ask(snapshot, query, explain=True, limit=30, weights=Weights(fusion=fusion))
    for hit in hits:
        assert 0 <= hit.score <= 1
        # Odds of more than e^36 are told as that: a score of float64 knows no more.
        told = min(max(sum(hit.signals.values()), -36.0), 36.0)
        assert told == pytest.approx(logit(hit.score), abs=0.1 if abs(told) > 30 else 1e-3)
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)


@settings(max_examples=60, deadline=None)
@given(snapshot=scopes(), query=QUERIES)
def test_the_same_question_gets_the_same_answer(snapshot, query):
    first, again = (ask(snapshot, query, limit=30, explain=True) for _ in range(2))
    assert [(hit.item.id, hit.score) for hit in first] == [(hit.item.id, hit.score) for hit in again]
    twin = MemorySnapshot(snapshot.rows.stored, owner="我")
    assert [hit.item.id for hit in ask(twin, query, limit=30)] == [hit.item.id for hit in first]


@settings(max_examples=50, deadline=None)
@given(snapshot=scopes(facts=False), query=QUERIES, n=st.integers(0, 2))
def test_a_filter_takes_away_and_changes_nothing_else(snapshot, query, n):
    everything = ask(snapshot, query, limit=50)
    narrowed = ask(snapshot, query, limit=50, filters=parse_filter({"n": n}))
    kept = [(hit.item.id, hit.score) for hit in everything if hit.item.metadata["n"] == n]
    assert [(hit.item.id, hit.score) for hit in narrowed] == kept


@settings(max_examples=60, deadline=None)
@given(snapshot=scopes(), query=QUERIES, limit=st.integers(1, 5))
def test_fewer_hits_are_the_best_of_more_where_no_text_repeats(snapshot, query, limit):
    seen = [row.text for row in seen_rows(snapshot) if row.kind == "episode"]
    if len(seen) == len(set(seen)) == n_groups(seen_rows(snapshot)):
        many = [hit.item.id for hit in ask(snapshot, query, limit=50)]
        assert [hit.item.id for hit in ask(snapshot, query, limit=limit)] == many[:limit]


@pytest.mark.parametrize("limit", [1, 10, 300])
def test_a_scope_larger_than_any_arm_still_fills_the_limit(limit):
    random = np.random.default_rng(0)
    rows = [
        MemoryRow(
            f"e{n}", f"{random.choice(WORDS)} {n}", valid_at=NOW - timedelta(hours=n), run_id=f"r{n // 9}"
        )
        for n in range(400)
    ]
    assert len(ask(MemorySnapshot(rows), "zebra", embed=False, limit=limit)) == limit
