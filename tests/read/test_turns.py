"""What speaks for a turn: who said it, of whom, how, and which sentence of the question it fits."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from polymem.domain.query import Selection, Visibility
from polymem.domain.scope import Scope
from polymem.ranking.scoring import GROUPS, Weights
from polymem.read.plan import plan_query
from polymem.read.search import search
from polymem.testing.faces import MemoryRow
from polymem.testing.snapshot import MemorySnapshot

NOW = datetime(2024, 5, 15, 12, tzinfo=UTC)
SCOPE = Scope(user_id="alice")


def talk(*said, vectors=None):
    """Rows (speaker, text), one session to every three."""
    return MemorySnapshot(
        [
            MemoryRow(
                f"t{n}",
                text,
                speaker=speaker,
                run_id=f"r{n // 3}",
                valid_at=NOW - timedelta(days=9) + timedelta(hours=n),
                vector=None if vectors is None else vectors[n],
            )
            for n, (speaker, text) in enumerate(said)
        ],
        scope=SCOPE,
    )


def ask(snapshot, question, *, mode="hybrid", vectors=None, weights=None):
    plan = plan_query(question, now=NOW, limit=20, mode=mode)
    plan = plan if vectors is None else plan.embedded(vectors)
    hits = search(
        snapshot, plan, Selection(SCOPE, Visibility(now=NOW)), explain=True, weights=weights or Weights()
    )
    return {hit.item.id: hit for hit in hits}


@pytest.mark.parametrize(
    ("told", "retold", "question"),
    [
        (
            "I painted the fence green",
            "Somebody painted the fence green",
            "What colour was the fence painted?",
        ),
        ("我把篱笆刷成了绿色", "有人把篱笆刷成了绿色", "篱笆刷成了什么颜色？"),
    ],
)
def test_who_tells_of_herself_comes_first_where_several_speak(told, retold, question):
    hits = ask(talk(("Ida", retold), ("Ida", told), ("Otto", "...")), question)
    assert hits["t1"].signals["first_person"] > 0 == hits["t0"].signals["first_person"]
    assert next(iter(hits)) == "t1"
    alone = ask(talk(("Ida", retold), ("Ida", told)), question)
    assert "first_person" not in alone["t1"].signals


@pytest.mark.parametrize(
    ("reaction", "plain", "question"),
    [
        ("Wow, green fence paint", "Fence paint, green one", "Which fence paint?"),
        ("太好了，绿色的篱笆漆", "篱笆漆，绿色的太好了", "买了哪种篱笆漆？"),
    ],
)
def test_what_only_reacts_comes_later(reaction, plain, question):
    hits = ask(talk(("Ida", plain), ("Ida", reaction)), question)
    assert hits["t1"].signals["reaction"] < 0 == hits["t0"].signals["reaction"]
    assert next(iter(hits)) == "t0"


def called(calls):
    """A talk in which Theodora is called Dora *calls* times."""
    said = []
    for n in range(calls):
        said += [("Theodora", f"Parcel {n} came"), ("Otto", f"Thanks Dora! Parcel {n} is here")]
        said += [("Theodora", "Bye")]
    return talk(*said, ("Theodora", "We went sailing"), ("Otto", "We went sailing"))


def test_a_name_by_which_a_speaker_is_addressed_means_her():
    hits = ask(called(3), "When did Dora go sailing?")
    hers, his = f"t{9}", f"t{10}"
    assert hits[hers].signals["speaker"] > 0 == hits[his].signals["speaker"]
    assert list(hits).index(hers) < list(hits).index(his)


def test_a_name_used_once_or_twice_is_nobodys():
    assert all("speaker" not in hit.signals for hit in ask(called(2), "When did Dora go sailing?").values())


def test_a_chinese_name_of_address_means_its_bearer():
    said = [("欧阳明月", "到了"), ("王强", "谢谢小月！我去拿。"), ("欧阳明月", "好")] * 3
    hits = ask(talk(*said, ("欧阳明月", "去划船了"), ("王强", "去划船了")), "小月什么时候去划船？")
    assert hits["t9"].signals["speaker"] > 0 == hits["t10"].signals["speaker"]


AXES = np.eye(4, dtype=np.float32)


@pytest.mark.parametrize(
    "question", ["The sea was calm today. Who sold the boat?", "今天海上很平静。是谁卖掉了船？"]
)
def test_the_sentence_that_a_row_fits_best_counts(question):
    snapshot = talk(("Ida", "x1"), ("Otto", "x2"), ("Ida", "x3"), ("Otto", "x4"), vectors=AXES[[0, 1, 2, 3]])
    mixed = (AXES[0] + AXES[1] + AXES[2]) / np.float32(3**0.5)
    hits = ask(snapshot, question, vectors=np.stack([mixed, AXES[3], AXES[2]]))
    parts = {name: hit.signals["part"] for name, hit in hits.items()}
    assert min(parts["t2"], parts["t3"]) > max(parts["t0"], parts["t1"])
    assert all("part" not in hit.signals for hit in ask(snapshot, question, vectors=mixed).values())


@pytest.mark.parametrize("mode", ["keyword", "vector", "time", "graph"])
def test_a_single_arm_has_its_own_signals_alone(mode):
    snapshot = talk(("Ida", "I sailed"), ("Otto", "Wow, sailing"), vectors=AXES[:2])
    hits = ask(snapshot, "Who sailed on 2024-05-06?", mode=mode, vectors=AXES[:1])
    formal = {"speaker", "first_person", "reaction", "length", "part", "alone", "context"}
    assert not formal & {name for hit in hits.values() for name in hit.signals}


@pytest.mark.parametrize("group", sorted(GROUPS))
def test_a_part_that_is_left_out_says_nothing(group):
    snapshot = talk(("Ida", "I sailed to Lund"), ("Otto", "Wow, sailing"), vectors=AXES[:2])
    left = Weights().without([group])
    hits = ask(snapshot, "When did Ida sail, on 2024-05-06?", vectors=AXES[:1], weights=left)
    said = {name for hit in hits.values() for name, worth in hit.signals.items() if worth}
    assert not said & set(GROUPS[group])
