"""A small scope in two languages, and a way to ask it."""

import math
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from polymem.domain.query import Selection, Visibility
from polymem.domain.scope import Scope
from polymem.read.plan import plan_query
from polymem.read.search import search
from polymem.testing.faces import MemoryRow
from polymem.testing.snapshot import MemorySnapshot

NOW = datetime(2024, 5, 15, 12, tzinfo=UTC)
SCOPE = Scope(user_id="alice")
DIM = 16


def vector_of(text):
    """A vector that texts with the same letters share."""
    counts = np.zeros(DIM, dtype=np.float32)
    for character in text:
        counts[ord(character) % DIM] += 1
    return counts / max(float(np.linalg.norm(counts)), 1e-6)


def ask(snapshot, question, *, scope=SCOPE, embed=True, weights=None, **given):
    chosen = {name: given.pop(name) for name in ("filters", "kinds") if name in given}
    seen = Visibility(now=NOW, as_of=given.pop("as_of", None), known_at=given.pop("known_at", None))
    explain = given.pop("explain", False)
    plan = plan_query(question, now=NOW, vector=vector_of(question) if embed else None, **given)
    extra = {} if weights is None else {"weights": weights}
    return search(snapshot, plan, Selection(scope, seen, **chosen), explain=explain, **extra)


def logit(score):
    return math.log(score / (1 - score))


def row(name, text, *, hours=0, **given):
    return MemoryRow(
        name,
        text,
        vector=vector_of(text),
        **dict[str, Any](valid_at=NOW - timedelta(days=3) + timedelta(hours=hours)) | given,
    )


def small_scope():
    return MemorySnapshot(
        [
            row(
                "e0", "My friend is called John and John has a dog named Tommy", run_id="r1", speaker="Alice"
            ),
            row("e1", "That is a good dog", hours=1, run_id="r1", speaker="Bob"),
            row("e2", "My friend Peter is the Spiderman", hours=2, run_id="r2", speaker="Alice"),
            row("e3", "我叫张伟，我住在上海", hours=3, run_id="r3", speaker="张伟"),
            row("e4", "我喜欢喝绿茶", hours=4, run_id="r3", speaker="张伟"),
            row(
                "f0",
                "Peter is Spiderman",
                kind="fact",
                sources=("e2",),
                relation=("Peter", "is", "Spiderman"),
                mentions=("Peter", "Spiderman"),
            ),
            row(
                "f1",
                "John has pet Tommy",
                kind="fact",
                sources=("e0",),
                relation=("John", "has_pet", "Tommy"),
                mentions=("John", "Tommy"),
                entry=("pets", "Tommy"),
            ),
            row(
                "f2",
                "Alice has friend John",
                kind="fact",
                sources=("e0",),
                relation=("Alice", "friend", "John"),
                mentions=("John",),
            ),
            row(
                "f3",
                "张伟住在上海",
                kind="fact",
                sources=("e3",),
                relation=("张伟", "lives_in", "上海"),
                mentions=("张伟", "上海"),
                entry=("residence", "上海"),
            ),
        ],
        scope=SCOPE,
        owner="Alice",
    )


@pytest.fixture
def snapshot():
    return small_scope()


@pytest.fixture
def kit():
    return SimpleNamespace(NOW=NOW, SCOPE=SCOPE, ask=ask, row=row, vector_of=vector_of, logit=logit)
