"""The suite that compares an engine's faces and searches with the snapshot in memory, call by call."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from polymem.domain.filter import parse_filter
from polymem.domain.hit import Hits
from polymem.domain.item import NO_DOCUMENT
from polymem.domain.query import MODES, Selection, Visibility
from polymem.domain.scope import Scope
from polymem.ports.faces import INDEXED
from polymem.ports.ledger import Snapshot
from polymem.read.plan import plan_query
from polymem.read.search import search
from polymem.testing.bench import ALICE, Bench, OpenLedger
from polymem.testing.cases import TALK
from polymem.testing.clock import NOON
from polymem.testing.drafting import ENCODER
from polymem.testing.histories import TASTES, TOWNS, Step, histories, replay
from polymem.testing.model import LedgerModel
from polymem.testing.snapshot import MemorySnapshot
from polymem.text.normalise import name_key
from polymem.text.tokenise import terms

__all__ = ["SnapshotSuite", "compare_documents", "compare_faces", "compare_hits"]

QUESTIONS = (
    *TALK[::2],
    "Where do I live?",
    "我喜欢什么",
    "what does Harry like",
    "小红住在哪里",
    "tea or 古筝",
    "what happened on 1 May 2024",
    "zzz",
)
FILTERS = (None, None, {"speaker": "Ann"}, {"NOT": {"kind": "fact"}}, {"importance": {"gte": 0.5}})


class SnapshotSuite:
    """Proves that an engine answers as the reference does: same hits, same order, scores within 1e-4."""

    @pytest.fixture
    def open_ledger(self) -> OpenLedger:
        """Return what opens a store by name; adapters override this."""
        raise NotImplementedError("override open_ledger")

    @settings(
        suppress_health_check=[
            HealthCheck.function_scoped_fixture,
            HealthCheck.too_slow,
            HealthCheck.differing_executors,
        ]
    )
    @given(history=histories(max_size=20), data=st.data())
    def test_the_same_answer_everywhere(
        self, open_ledger: OpenLedger, history: list[Step], data: st.DataObject
    ) -> None:
        """After any history all faces agree, and so does every search of every mode."""
        bench = Bench(open_ledger, f"congruence {id(history)} {id(data)}")
        try:
            model = LedgerModel("alice")
            replay(history, bench, model)
            memory = MemorySnapshot(
                model.memory_rows(),
                scope=ALICE,
                owner="alice",
                last_at=model.last_at or NOON,
                documents=model.documents.values(),
            )
            bench.read(lambda engine: compare_faces(engine, memory))
            ids = [row.id for row in model.rows]
            bench.read(lambda engine: compare_documents(engine, memory, ids))
            for asked in data.draw(st.lists(questions(), min_size=4, max_size=8)):
                answer = bench.read(partial(ask, **asked))
                compare_hits(answer, ask(memory, **asked))
        finally:
            bench.close()


@st.composite
def questions(draw: st.DrawFn) -> dict[str, Any]:
    """Return arguments of :func:`ask`."""
    hours = st.none() | st.integers(-30, 30).map(lambda n: NOON + timedelta(hours=n))
    return {
        "text": draw(st.sampled_from(QUESTIONS)),
        "mode": draw(st.sampled_from((*MODES, "hybrid", "hybrid"))),
        "limit": draw(st.sampled_from((1, 3, 50))),
        "scope": draw(st.sampled_from((ALICE, ALICE, Scope(user_id="alice", run_id="monday")))),
        "as_of": draw(hours),
        "known_at": draw(hours),
        "filters": draw(st.sampled_from(FILTERS)),
    }


def ask(
    snapshot: Snapshot, *, text: str, mode: str, limit: int, scope: Scope, filters: Any, **times: Any
) -> Hits:
    """Search a snapshot as the client does."""
    now = NOON + timedelta(days=2)
    plan = plan_query(text, now=now, vector=ENCODER.encode([text])[0], mode=mode, limit=limit)
    return search(
        snapshot, plan, Selection(scope, Visibility(now=now, **times), parse_filter(filters)), explain=True
    )


def compare_hits(here: Hits, there: Hits) -> None:
    """Check that two answers are the same: ids, versions, order, scores within 1e-4, relations.

    Raises:
        AssertionError: They differ.
    """
    assert [(hit.item.id, hit.item.version) for hit in here] == [
        (hit.item.id, hit.item.version) for hit in there
    ]
    for one, other in zip(here, there, strict=True):
        assert one.superseded == other.superseded
        assert one.place == other.place
        assert [episode.id for episode in one.episodes] == [episode.id for episode in other.episodes]
        assert one.signals.keys() == other.signals.keys()
        assert one.signals == pytest.approx(other.signals, abs=2e-3)
        assert one.score == pytest.approx(other.score, abs=1e-4)
    assert here.confidence == pytest.approx(there.confidence, abs=2e-3)
    assert sorted(_edges(here)) == sorted(_edges(there))


def _edges(hits: Hits) -> Iterator[tuple[str, ...]]:
    for edge in hits.relations:
        yield name_key(edge.subject), edge.predicate, name_key(edge.object), edge.item_id


def compare_faces(engine: Snapshot, memory: Snapshot) -> None:
    """Check that two snapshots of the same rows say the same in every face.

    Raises:
        AssertionError: They differ.
    """
    assert engine.n == memory.n
    one, other = engine.columns, memory.columns
    live = other.flags & INDEXED > 0
    assert (one.flags & INDEXED > 0).tolist() == live.tolist()
    # Back and forth, since an engine may remember what it showed last.
    for days in (2, 40, 2, 0, 4_000, 0):
        seen = Visibility(now=NOON + timedelta(days=days))
        assert engine.visible(seen).tolist() == memory.visible(seen).tolist(), days
    for name in ("kind", "length", "valid", "invalid", "created", "expired", "expires", "importance"):
        left, right = getattr(one, name)[live], getattr(other, name)[live]
        assert left.tolist() == right.tolist(), name
    passages = [np.where(columns.speaker < NO_DOCUMENT, columns.speaker, 0)[live] for columns in (one, other)]
    assert passages[0].tolist() == passages[1].tolist()
    _compare_words(engine, memory)
    _compare_vectors(engine, memory)
    mine, theirs = engine.rows.adjacent(), memory.rows.adjacent()
    assert mine.previous.tolist() == theirs.previous.tolist()
    assert mine.following.tolist() == theirs.following.tolist()
    assert np.allclose(mine.shrink[live], theirs.shrink[live], atol=1e-3)


def compare_documents(engine: Snapshot, memory: Snapshot, item_ids: Sequence[str]) -> None:
    """Check that two snapshots keep the same documents, and the same places of *item_ids*.

    Raises:
        AssertionError: They differ.
    """
    assert engine.documents.places(item_ids) == memory.documents.places(item_ids)
    every = memory.documents.listed(ALICE)
    for scope in (ALICE, Scope(user_id="alice", run_id="monday"), Scope(user_id="alice", agent_id="cook")):
        assert engine.documents.listed(scope) == memory.documents.listed(scope)
        assert engine.documents.listed(scope, folder="x") == memory.documents.listed(scope, folder="x")
        uris = [document.uri for document in every]
        assert engine.documents.by_uri(uris, scope) == memory.documents.by_uri(uris, scope)
        for document in every:
            assert engine.documents.get(document.id, scope) == memory.documents.get(document.id, scope)
            assert engine.documents.chunks(document.id) == memory.documents.chunks(document.id)


def _compare_words(engine: Snapshot, memory: Snapshot) -> None:
    assert engine.texts.n_rows == memory.texts.n_rows
    assert engine.texts.mean_length == pytest.approx(memory.texts.mean_length)
    for term in {term for text in (*TALK, *TOWNS, *TASTES) for term in terms(text)}:
        mine, theirs = engine.texts.postings(term), memory.texts.postings(term)
        assert mine.positions.tolist() == theirs.positions.tolist(), term
        assert mine.counts.tolist() == theirs.counts.tolist(), term
    positions = range(memory.n)
    assert engine.texts.forward(positions) == memory.texts.forward(positions)


def _compare_vectors(engine: Snapshot, memory: Snapshot) -> None:
    assert engine.vectors.n_rows == memory.vectors.n_rows
    positions = np.arange(memory.n, dtype=np.int32)
    for query in ENCODER.encode(list(itertools.islice(TALK, 0, None, 3))):
        assert np.allclose(engine.vectors.scan(query), memory.vectors.scan(query), atol=2e-5)
        assert np.allclose(
            engine.vectors.exact(query, positions), memory.vectors.exact(query, positions), atol=1e-5
        )
