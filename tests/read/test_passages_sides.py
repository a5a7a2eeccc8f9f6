"""Where a question asks for two things, a passage that tells of one is as good as a passage that tells of the other."""

from datetime import UTC, datetime

import pytest

from polymem.domain.query import Selection, Visibility
from polymem.domain.scope import Scope
from polymem.models.embedders.static import StaticEmbedder
from polymem.read.plan import plan_query
from polymem.read.search import search
from polymem.testing.faces import MemoryRow
from polymem.testing.snapshot import MemorySnapshot

ENCODER = StaticEmbedder()
SCOPE = Scope(user_id="asker")
NOW = datetime(2024, 6, 1, tzinfo=UTC)
ENGLISH = (
    *(f"The rainfall of Quillmoor in {month} came to {n} inches." for n, month in enumerate(("May", "June"))),
    "The rainfall of Brackwater came to nine inches.",
    *(f"Brackwater has {n} mills along the river." for n in range(8)),
    *(f"Tea leaves are dried for {n} days and rolled." for n in range(8)),
)
CHINESE = (
    *(f"{month}月鹭洲的降雨量为{n}毫米。" for n, month in enumerate("五六")),
    "今年夏天榆浦雨水多，降雨量升到九毫米。",
    *(f"榆浦沿河有{n}座磨坊。" for n in range(8)),
    *(f"茶叶要晾{n}天，再揉捻。" for n in range(8)),
)
CASES = [
    (
        ENGLISH,
        "What was the rainfall of Quillmoor and Brackwater?",
        "What was the rainfall, quillmoor, brackwater?",
        "Brackwater",
    ),
    (CHINESE, "鹭洲和榆浦的降雨量是多少？", "鹭洲跟榆浦的降雨量是多少？", "榆浦"),
]


def hits(texts, question, *, mode="hybrid", titles=(), embed=True):
    """Return the signals of each passage by its text, best first."""
    rows = []
    for place, text in enumerate(texts):
        metadata = {"title": titles[place]} if place < len(titles) else {}
        (vector,) = ENCODER.encode([text])
        rows.append(MemoryRow(id=text, text=text, role="document", metadata=metadata, vector=vector))
    plan = plan_query(question, now=NOW, limit=50, mode=mode)
    plan = plan.embedded(ENCODER.encode(plan.to_embed)) if embed else plan
    snapshot = MemorySnapshot(rows, scope=SCOPE)
    found = search(snapshot, plan, Selection(SCOPE, Visibility(now=NOW)), explain=True)
    return {hit.item.text: hit.signals for hit in found}


def worth(found, text):
    """Return what the words of *text* count beside the best of all."""
    return found[text]["passage_words"] / max(signals.get("passage_words", 0.0) for signals in found.values())


@pytest.mark.parametrize("embed", [True, False])
@pytest.mark.parametrize(("texts", "joined", "listed", "common"), CASES)
def test_the_side_with_common_words_counts_like_the_other(texts, joined, listed, common, embed):
    (goal,) = (text for text in texts[:3] if common in text)
    before, after = (worth(hits(texts, question, embed=embed), goal) for question in (listed, joined))
    assert after > before + 0.1
    assert after > 0.8


@pytest.mark.parametrize("mode", ["keyword", "hybrid"])
@pytest.mark.parametrize(("texts", "joined", "listed", "common"), CASES)
def test_a_passage_that_has_but_the_name_of_a_side_stays_behind(texts, joined, listed, common, mode):
    found = hits(texts, joined, mode=mode)
    assert set(list(found)[:3]) == set(texts[:3])
    assert worth(found, texts[3]) < 0.6


def test_passages_that_the_question_titles_stand_for_themselves():
    titles = ["Quillmoor", "Quillmoor", "Brackwater"]
    joined = "What was the rainfall of Quillmoor and Brackwater?"
    listed = "What was the rainfall, Quillmoor, Brackwater?"
    one, other = (hits(ENGLISH, question, titles=titles) for question in (joined, listed))
    for text in ENGLISH[:3]:
        assert one[text]["passage_words"] == pytest.approx(other[text]["passage_words"], abs=1e-6)
