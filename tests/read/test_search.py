"""Search on a small scope: what is found, why, and in which order."""

from datetime import timedelta

import pytest

from polymem.domain.filter import parse_filter
from polymem.domain.scope import Scope
from polymem.ranking.scoring import Weights
from polymem.testing.faces import MemoryRow
from polymem.testing.snapshot import MemorySnapshot


def ids(hits):
    return [hit.item.id for hit in hits]


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("Who is Spiderman?", "e2"),
        ("tell me about Tommy", "e0"),
        ("张伟住在哪里", "e3"),
        ("喜欢喝什么茶", "e4"),
        ("綠茶", "e4"),
    ],
)
@pytest.mark.parametrize("embed", [True, False])
def test_the_answer_comes_first_with_and_without_vectors(kit, snapshot, question, first, embed):
    assert ids(kit.ask(snapshot, question, embed=embed))[0] == first


def test_an_episode_and_its_facts_are_one_hit_with_the_better_score(kit, snapshot):
    hits = kit.ask(snapshot, "Spiderman", explain=True)
    assert sorted(ids(hits)) == ["e0", "e1", "e2", "e3", "e4"]
    assert hits.explanation["left_out"]["folded"] == 4
    fact = kit.ask(snapshot, "Spiderman", kinds=("fact",))[0]
    assert hits[0].score >= fact.score
    assert [episode.id for episode in hits[0].episodes] == ["e2"]


def test_facts_stand_for_themselves_where_they_are_asked_for(kit, snapshot):
    hits = kit.ask(snapshot, "John", kinds=("fact",))
    assert sorted(ids(hits)) == ["f0", "f1", "f2", "f3"]
    assert {episode.id for episode in hits[0].episodes} == {"e0"}


def test_relations_of_the_entities_come_along(kit, snapshot):
    edges = [
        (edge.subject, edge.predicate, edge.object)
        for edge in kit.ask(snapshot, "Who is Spiderman?").relations
    ]
    assert edges[0] == ("Peter", "is", "Spiderman")
    edges = [(edge.subject, edge.object) for edge in kit.ask(snapshot, "tell me about tommy").relations]
    assert edges == [("John", "Tommy"), ("Alice", "John")]
    edges = [(edge.subject, edge.object) for edge in kit.ask(snapshot, "上海有谁").relations]
    assert edges == [("张伟", "上海")]
    assert kit.ask(snapshot, "weather").relations == ()


def test_the_owners_relations_come_along_when_he_asks_about_himself(kit, snapshot):
    edges = [(edge.subject, edge.object) for edge in kit.ask(snapshot, "who is my friend").relations]
    assert ("Alice", "John") in edges


@pytest.mark.parametrize(
    ("mode", "question", "found"),
    [
        ("keyword", "绿茶", ["e4"]),
        ("keyword", "zebra", []),
        ("graph", "Who is Tommy?", ["e0"]),
        ("graph", "谁在上海", ["e3"]),
        ("graph", "zebra", []),
        ("time", "what happened in 1999", []),
    ],
)
def test_one_arm_alone_brings_only_what_it_finds(kit, snapshot, mode, question, found):
    assert ids(kit.ask(snapshot, question, mode=mode)) == found


def test_the_time_arm_brings_what_was_said_then(kit):
    rows = [
        kit.row(f"e{day}", text, valid_at=kit.NOW - timedelta(days=100 - day))
        for day, text in ((0, "tea"), (50, "茶"), (90, "sea"))
    ]
    then = (kit.NOW - timedelta(days=50)).date().isoformat()
    hits = kit.ask(MemorySnapshot(rows), f"what happened on {then}", mode="time")
    assert ids(hits) == ["e50"]
    assert kit.ask(MemorySnapshot(rows), f"what happened on {then}", explain=True)[0].item.id == "e50"


def test_the_vector_arm_without_a_vector_finds_nothing(kit, snapshot):
    assert len(kit.ask(snapshot, "tea", mode="vector", embed=False)) == 0
    assert len(kit.ask(snapshot, "tea", mode="vector")) == 5


def test_a_named_speaker_is_preferred_and_naming_all_tells_nothing(kit):
    rows = [
        kit.row("e0", "I went surfing", run_id="a", speaker="Ann"),
        kit.row("e1", "I went surfing too", run_id="b", speaker="王芳"),
    ]
    scope = MemorySnapshot(rows)
    assert ids(kit.ask(scope, "what did 王芳 do: surfing?"))[0] == "e1"
    assert ids(kit.ask(scope, "did Ann go surfing"))[0] == "e0"
    both = kit.ask(scope, "did Ann and 王芳 go surfing", explain=True)
    assert "speaker" not in both[0].signals


def test_i_means_the_user_where_roles_stand_for_names(kit):
    rows = [
        kit.row("e0", "The dentist is at nine", run_id="a", speaker="assistant"),
        kit.row("e1", "The dentist is at nine", run_id="b", speaker="user"),
    ]
    hits = kit.ask(MemorySnapshot(rows), "when is my dentist", explain=True)
    assert hits[0].item.id == "e1"
    assert hits[0].signals["speaker"] > 0


def test_a_neighbours_words_lead_to_a_reply_that_has_none_of_them(kit):
    rows = [
        kit.row("e0", "How many children do the neighbours have?", run_id="a"),
        kit.row("e1", "They said six", run_id="a", hours=1),
        kit.row("e2", "They said six", run_id="b", hours=2),
        *(kit.row(f"x{n}", f"noise {n}", run_id=f"n{n}") for n in range(9)),
    ]
    found = ids(kit.ask(MemorySnapshot(rows), "neighbours children", embed=False))
    assert found[:2] == ["e0", "e1"]


def test_of_two_equal_statements_the_newer_comes_first(kit):
    rows = [
        kit.row("old", "I live in Paris", run_id="a", hours=0, metadata={"n": 1}),
        kit.row("new", "I live in Paris", run_id="b", hours=9),
    ]
    assert ids(kit.ask(MemorySnapshot(rows), "Paris")) == ["new", "old"]


def test_repeats_make_room_but_are_kept_where_there_is_room(kit):
    rows = [
        *(kit.row(f"s{n}", "我住在上海", run_id=f"s{n}", hours=n) for n in range(4)),
        kit.row("other", "上海的天气", run_id="o"),
        kit.row("last", "unrelated", run_id="l"),
    ]
    assert ids(kit.ask(MemorySnapshot(rows), "上海", limit=3)) == ["s3", "other", "last"]
    assert len(kit.ask(MemorySnapshot(rows), "上海", limit=5)) == 5
    assert len(kit.ask(MemorySnapshot(rows), "上海", limit=50)) == 6


def test_an_episode_whose_facts_were_closed_falls_below(kit):
    rows = [
        kit.row("was", "I love badminton", run_id="a", hours=5, superseded=True),
        kit.row("now", "I hate badminton", run_id="b", hours=0),
    ]
    hits = kit.ask(MemorySnapshot(rows), "badminton", explain=True)
    assert [(hit.item.id, hit.superseded) for hit in hits] == [("now", False), ("was", True)]
    assert hits[1].signals["superseded"] < 0


def test_importance_decides_between_equals(kit):
    rows = [
        kit.row("dull", "green tea", run_id="a", importance=0.1),
        kit.row("dear", "green tea", run_id="b", importance=0.9),
    ]
    assert ids(kit.ask(MemorySnapshot(rows), "tea")) == ["dear", "dull"]


def test_explain_tells_what_was_left_out_and_why(kit):
    rows = [
        kit.row("seen", "茶"),
        kit.row("gone", "茶", removed=True),
        kit.row("over", "茶", expires_at=kit.NOW),
        kit.row(
            "closed", "茶", invalid_at=kit.NOW - timedelta(days=1), expired_at=kit.NOW - timedelta(days=1)
        ),
        kit.row("later", "茶", created_at=kit.NOW + timedelta(days=1)),
        kit.row("other", "茶", run_id="x", metadata={"a": 1}),
    ]
    hits = kit.ask(MemorySnapshot(rows), "茶", filters=parse_filter({"a": {"exists": False}}), explain=True)
    assert ids(hits) == ["seen"]
    assert hits.explanation["left_out"] == {
        "deleted": 1,
        "archived": 0,
        "expired": 1,
        "superseded": 1,
        "not_yet_known": 1,
        "not_valid_then": 0,
        "filtered": 1,
        "folded": 0,
        "repeated": 0,
    }
    assert hits.explanation["n_visible"] == 1
    plain = kit.ask(MemorySnapshot(rows), "茶")
    assert not plain.explanation
    assert not plain[0].signals


def test_narrowing_by_agent_and_run(kit):
    rows = [
        kit.row("e0", "茶", run_id="r1", agent_id="a1"),
        kit.row("e1", "茶", run_id="r2", agent_id="a1"),
        kit.row("e2", "茶", run_id="r1", agent_id="a2"),
    ]
    scope = MemorySnapshot(rows)

    def found(**more):
        return set(ids(kit.ask(scope, "茶", scope=Scope(user_id="alice", **more))))

    assert found() == {"e0", "e1", "e2"}
    assert found(agent_id="a1") == {"e0", "e1"}
    assert found(agent_id="a1", run_id="r1") == {"e0"}
    assert found(run_id="nobody's") == set()


def test_an_empty_partition_answers_nothing(kit):
    assert len(kit.ask(MemorySnapshot([]), "茶", explain=True)) == 0
    assert len(kit.ask(MemorySnapshot([MemoryRow("e", "")]), "茶")) == 1


def test_reciprocal_ranks_are_an_option(kit, snapshot):
    hits = kit.ask(snapshot, "Spiderman", weights=Weights(fusion="rrf"), explain=True)
    assert hits[0].item.id == "e2"
    assert all(sum(hit.signals.values()) == pytest.approx(kit.logit(hit.score), abs=1e-3) for hit in hits)
