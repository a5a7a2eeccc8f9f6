"""A hit says where it stands in its document; conversations are not asked about."""

from __future__ import annotations

import pytest

from polymem.domain.document import Place
from polymem.domain.hit import Hits
from polymem.domain.query import Selection, Visibility
from polymem.domain.scope import Scope
from polymem.read.plan import plan_query
from polymem.read.search import search
from polymem.testing.clock import NOON
from polymem.testing.documents import MemoryDocuments, chunk_of, document_of
from polymem.testing.drafting import ENCODER
from polymem.testing.faces import MemoryRow
from polymem.testing.snapshot import MemorySnapshot

DOCUMENT = document_of("file:///沼泽.md", title="沼泽")
ROWS = [
    MemoryRow("said", "the fens are wet", valid_at=NOON),
    MemoryRow("c1", "the fens flood", role="document", metadata={"document": DOCUMENT.id}, valid_at=NOON),
    MemoryRow("c2", "沼泽会被淹", role="document", metadata={"document": DOCUMENT.id}, valid_at=NOON),
    MemoryRow("loose", "fens of no document", role="document", valid_at=NOON),
]
CHUNKS = (chunk_of("c2", "沼泽会被淹", page=3), chunk_of("c1", "the fens flood", start=7, page=4))


def ask(rows: list[MemoryRow], question: str, *, explain: bool = False) -> Hits:
    snapshot = MemorySnapshot(rows, documents=[(DOCUMENT, CHUNKS)])
    plan = plan_query(question, now=NOON, vector=ENCODER.encode([question])[0], limit=10)
    selection = Selection(Scope(user_id="someone"), Visibility(now=NOON))
    return search(snapshot, plan, selection, explain=explain)


@pytest.mark.parametrize("explain", [False, True])
@pytest.mark.parametrize("question", ["Do the fens flood?", "沼泽会被淹吗"])
def test_a_chunk_says_where_it_stands(question: str, *, explain: bool) -> None:
    places = {hit.item.id: hit.place for hit in ask(ROWS, question, explain=explain)}
    assert places == {
        "said": None,
        "loose": None,
        "c1": Place(DOCUMENT.id, DOCUMENT.uri, "沼泽", 7, 21, 4, 4),
        "c2": Place(DOCUMENT.id, DOCUMENT.uri, "沼泽", 0, 5, 3, 3),
    }


def test_documents_are_asked_once_and_for_passages_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []

    def places(face: MemoryDocuments, item_ids: list[str]) -> dict[str, Place]:
        asked.append(sorted(item_ids))
        return {}

    monkeypatch.setattr(MemoryDocuments, "places", places)
    ask(ROWS, "fens")
    assert asked == [["c1", "c2", "loose"]]
    asked.clear()
    ask(ROWS[:1], "fens")
    assert asked == []
