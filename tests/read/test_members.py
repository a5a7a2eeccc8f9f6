"""Members of what is asked for, replies with what they reply to, and whom "my wife" means."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from polymem.domain.query import Selection, Visibility
from polymem.domain.scope import Scope
from polymem.ranking.scoring import Weights
from polymem.read.plan import plan_query
from polymem.read.search import search
from polymem.testing.faces import MemoryRow
from polymem.testing.snapshot import MemorySnapshot

NOW = datetime(2024, 5, 15, 12, tzinfo=UTC)
SCOPE = Scope(user_id="alice")
SILENT = Weights(kind=0.0, form=0.0, relative=0.0, reply=0.0, reply_alike=0.0)
QUESTION, OTHER = np.eye(2, dtype=np.float32)


def talk(*said, vectors=None):
    """Rows (speaker, text) of one session, among others of no matter."""
    rows = [
        MemoryRow(
            f"t{n}",
            text,
            speaker=speaker,
            run_id="talk",
            valid_at=NOW - timedelta(days=2) + timedelta(minutes=n),
            vector=None if vectors is None else vectors[n],
        )
        for n, (speaker, text) in enumerate(said)
    ]
    rest = [
        MemoryRow(
            f"x{n}",
            text,
            speaker="Ben",
            run_id=f"x{n}",
            valid_at=NOW - timedelta(days=60 - n),
            vector=None if vectors is None else OTHER,
        )
        for n in range(40)
        for text in [f"Parcel {n} is still at the depot, 第{n}个包裹还在仓库"]
    ]
    return MemorySnapshot([*rest, *rows], scope=SCOPE)


def ask(snapshot, question, *, weights=None, mode="hybrid", limit=5, vector=None):
    plan = plan_query(question, now=NOW, limit=limit, mode=mode)
    plan = plan if vector is None else plan.embedded(vector)
    selection = Selection(SCOPE, Visibility(now=NOW))
    return search(snapshot, plan, selection, explain=True, weights=weights or Weights())


def ids(hits):
    return [hit.item.id for hit in hits]


@pytest.mark.parametrize(
    ("question", "answer", "other"),
    [
        (
            "Which sports does Ida do?",
            "I spent the whole summer surfing near the pier",
            "I spent the whole summer waiting near the pier",
        ),
        (
            "What instruments does Ida have?",
            "The cello stands in a corner of the hall",
            "The ladder stands in a corner of the hall",
        ),
        ("Which pets does Ida have?", "The kitten is asleep on a chair", "The lawyer is asleep on a chair"),
        ("Ida会哪些乐器？", "昨天又练了小提琴", "昨天又练了俯卧撑"),
        ("Ida去过哪些城市？", "上个月在成都出差", "上个月在加班出差"),
    ],
)
def test_a_member_is_found_though_it_shares_no_word_with_the_question(question, answer, other):
    snapshot = talk(("Ida", other), ("Ida", answer), ("Ben", answer))
    hits = ask(snapshot, question)
    assert ids(hits)[0] == "t1"
    assert hits[0].signals["kind"] > 0
    silent = ask(snapshot, question, weights=SILENT)
    assert hits[0].score > {hit.item.id: hit.score for hit in silent}["t1"]


def test_members_are_candidates_however_many_rows_share_words():
    said = [("Ben", f"Which sports does one do at hour {n}") for n in range(90)]
    snapshot = talk(*said, *[("Ben", "Alright then")] * 4, ("Ida", "Surfing, and that is all"))
    assert "t94" in ids(ask(snapshot, "Which sports does Ida do?"))


def test_the_rarer_kind_counts_for_more():
    rows = [("Ida", f"Kitten number {n} is asleep") for n in range(12)]
    snapshot = talk(*rows, ("Ida", "The truck is at the gate"))
    hits = ask(snapshot, "Which pet or vehicle does Ida have?", limit=60)
    by_id = {hit.item.id: hit.signals["kind"] for hit in hits}
    assert by_id["t12"] > by_id["t3"] > 0


@pytest.mark.parametrize(
    ("question", "asked", "reply"),
    [
        (
            "How did the landlord respond about the deposit?",
            "What did the landlord say about the deposit?",
            "Nothing so far",
        ),
        ("房东对押金怎么说？", "房东对押金怎么说？", "还没有消息"),
    ],
)
def test_a_short_reply_is_found_by_what_it_replies_to(question, asked, reply):
    snapshot = talk(("Ben", asked), ("Ida", reply), ("Ben", "Alright then"))
    hits = ask(snapshot, question)
    by_id = {hit.item.id: hit.signals for hit in hits}
    assert by_id["t1"]["reply"] > 0
    assert by_id["t2"].get("reply", 0) == 0
    assert ids(hits).index("t1") < ids(hits).index("t2")


def test_a_later_or_longer_reply_gets_less_and_one_to_oneself_nothing():
    asked = ("Ben", "What did the landlord say about the deposit?")
    question = "What did the landlord say about the deposit?"

    def reply(snapshot, name):
        hits = ask(snapshot, question, limit=50)
        return {hit.item.id: hit.signals.get("reply", 0.0) for hit in hits}[name]

    at_once = reply(talk(asked, ("Ida", "Nothing so far")), "t1")
    later = reply(talk(asked, ("Ben", "Tell me"), ("Ida", "Nothing so far")), "t2")
    longer = reply(talk(asked, ("Ida", "Nothing so far, " + "and the parcel waits at the depot " * 20)), "t1")
    too_late = reply(talk(asked, *[("Ben", "Tell me")] * 3, ("Ida", "Nothing so far")), "t4")
    to_himself = reply(talk(asked, ("Ben", "Nothing so far")), "t1")
    assert at_once > later > 0
    assert at_once > longer > 0
    assert too_late == to_himself == 0


def test_a_reply_is_to_the_last_question():
    snapshot = talk(
        ("Ben", "How is the weather?"),
        ("Ben", "What did the landlord say about the deposit?"),
        ("Ida", "Nothing so far"),
    )
    hits = ask(snapshot, "What did the landlord say about the deposit?", limit=50)
    assert {hit.item.id: hit.signals["reply"] for hit in hits}["t2"] > 0


def test_the_vector_of_what_was_asked_counts_too():
    said = (("Ben", "What about it?"), ("Ida", "Nothing so far"), ("Ida", "Alright then"))
    snapshot = talk(*said, vectors=[QUESTION, OTHER, OTHER])
    hits = ask(snapshot, "Deposit?", vector=QUESTION, limit=50)
    by_id = {hit.item.id: hit.signals["reply_alike"] for hit in hits}
    assert by_id["t1"] > by_id["t2"] > 0 == by_id["x3"]


@pytest.mark.parametrize("mode", ["keyword", "vector", "time"])
def test_other_modes_know_no_members(mode):
    snapshot = talk(("Ida", "Surfing on 2024-05-02"), vectors=[QUESTION])
    hits = ask(snapshot, "Which sports did Ida do on 2024-05-02?", mode=mode, vector=QUESTION, limit=50)
    assert not any("kind" in hit.signals or "reply" in hit.signals for hit in hits)


def test_a_question_about_nothing_known_has_no_signal():
    hits = ask(talk(("Ida", "Alright then")), "Zzyzx?", limit=50)
    assert not any({"kind", "form", "relative"} & hit.signals.keys() for hit in hits)
