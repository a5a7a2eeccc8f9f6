"""Passages that a filter or a time hides lead to none."""

from datetime import UTC, datetime

import pytest

from polymem.domain.filter import parse_filter
from polymem.domain.query import Selection, Visibility
from polymem.domain.scope import Scope
from polymem.models.embedders.static import StaticEmbedder
from polymem.ranking.scoring import Weights
from polymem.read.plan import plan_query
from polymem.read.search import search
from polymem.testing.faces import MemoryRow
from polymem.testing.snapshot import MemorySnapshot
from polymem.text.indexed import embedded_text

ENCODER = StaticEmbedder()
SCOPE = Scope(user_id="asker")
NOW = datetime(2024, 6, 1, tzinfo=UTC)
EARLY, BETWEEN, LATE = (datetime(year, 1, 1, tzinfo=UTC) for year in (2020, 2021, 2022))
ENGLISH = (
    ("The Glass Orchard", "The Glass Orchard is a silent film of 1927 directed by Tomas Verlin in Marbury."),
    ("Tomas Verlin", "Tomas Verlin grew up in Ostby, where his father kept the ferry."),
    ("Marbury", "Marbury has a harbour, two bridges and a market for fish."),
    ("Film stock", "A film is directed, shot, cut and shown; a director grew up somewhere like everybody."),
    ("Tea", "Tea is made of leaves that are dried and rolled."),
)
CHINESE = (
    ("渔港的灯", "《渔港的灯》是一部小说，作者写过《守塔人》。"),
    ("守塔人", "守塔人住在塔里，每晚点灯。"),
    ("山茶", "山茶在冬天开花，花瓣很厚。"),
    ("茶叶", "茶叶要晒干，再揉成卷。"),
)
CASES = [
    (ENGLISH, "Where did the director of The Glass Orchard grow up?", "The Glass Orchard", "Tomas Verlin"),
    (CHINESE, "《渔港的灯》的作者还写过什么？", "渔港的灯", "守塔人"),
]


def scope_of(pages, *, late=""):
    rows = []
    for title, text in pages:
        metadata = {"title": title}
        (vector,) = ENCODER.encode([embedded_text("episode", text, role="document", metadata=metadata)])
        at = LATE if title == late else EARLY
        rows.append(
            MemoryRow(
                id=title,
                text=text,
                role="document",
                metadata=metadata,
                vector=vector,
                valid_at=at,
                created_at=EARLY,
            )
        )
    return MemorySnapshot(rows, scope=SCOPE)


def led(snapshot, question, to, *, filters=None, as_of=None):
    """Return what the bridge says for the passage *to*."""
    vectors = ENCODER.encode([question])
    plan = plan_query(question, now=NOW, vector=vectors[0], limit=10)
    how = Selection(SCOPE, Visibility(now=NOW, as_of=as_of), filters=filters)
    hits = search(snapshot, plan, how, weights=Weights(), explain=True)
    return next(hit for hit in hits if hit.item.id == to).signals.get("bridge", 0.0)


@pytest.mark.parametrize(("pages", "question", "anchor", "goal"), CASES)
def test_what_a_filter_hides_leads_nowhere(pages, question, anchor, goal):
    snapshot = scope_of(pages)
    only = parse_filter({"title": {"ne": anchor}})
    assert led(snapshot, question, goal) > led(snapshot, question, goal, filters=only) + 0.7


@pytest.mark.parametrize(("pages", "question", "anchor", "goal"), CASES)
def test_what_was_not_yet_then_leads_nowhere(pages, question, anchor, goal):
    snapshot = scope_of(pages, late=anchor)
    assert led(snapshot, question, goal) > led(snapshot, question, goal, as_of=BETWEEN) + 0.7
