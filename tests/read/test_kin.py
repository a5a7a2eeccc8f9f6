"""Whom a question means by a relation alone: what is said of her is found, and not what is said of the asker."""

import pytest

from polymem.domain.query import Visibility
from polymem.ranking.scoring import Weights
from polymem.read.graph import view_graph
from polymem.read.kin import meant_relatives
from polymem.read.plan import plan_query
from polymem.testing.snapshot import MemorySnapshot

RELATIONS = [
    ("Alice", "partner", "Nora"),
    ("Alice", "brother", "Tom"),
    ("Alice", "lives_in", "Bergen"),
    ("Nora", "lives_in", "Oslo"),
    ("Tom", "lives_in", "Madrid"),
    ("Kate", "partner", "Paul"),
    ("Paul", "lives_in", "Lyon"),
    ("Kate", "lives_in", "Nice"),
    ("Rosa", "mother", "Alice"),
]
CHINESE = [
    ("我", "partner", "小红"),
    ("小红", "lives_in", "杭州"),
    ("我", "lives_in", "北京"),
    ("我", "brother", "大明"),
    ("大明", "lives_in", "上海"),
]


def scope_of(kit, relations, *said, owner):
    facts = [
        kit.row(
            f"f{n}",
            " ".join(relation),
            kind="fact",
            relation=relation,
            mentions=(relation[0], relation[2]),
            hours=n,
        )
        for n, relation in enumerate(relations)
    ]
    rows = [kit.row(f"e{n}", text, mentions=names, hours=24 + n) for n, (text, names) in enumerate(said)]
    return MemorySnapshot([*facts, *rows], scope=kit.SCOPE, owner=owner)


def relatives(kit, snapshot, question):
    plan = plan_query(question, now=kit.NOW)
    graph, seen = snapshot.graph, Visibility(now=kit.NOW)
    found = graph.find(plan.names)
    bases = [found[name] for name in plan.names if name in found]
    owner = graph.owner()
    if plan.first_person and owner is not None:
        bases.append(owner)
    numbers = meant_relatives(graph, plan, bases, visibility=seen)
    return [entity.name for entity in graph.described(numbers).values()]


@pytest.mark.parametrize(
    ("question", "meant"),
    [
        ("Where does my wife live?", ["Nora"]),
        ("Where does my brother live?", ["Tom"]),
        ("Where does Kate's husband live?", ["Paul"]),
        ("Where does Paul's wife live?", ["Kate"]),
        ("Where do I live?", []),
        ("Where does Kate live?", []),
        ("Where does the wife live?", []),
        ("Where does my mother live?", []),  # of whom Alice is the mother is not her mother
    ],
)
def test_who_is_meant(kit, question, meant):
    assert relatives(kit, scope_of(kit, RELATIONS, owner="Alice"), question) == meant


@pytest.mark.parametrize(
    ("question", "meant"),
    [("我老婆住在哪里？", ["小红"]), ("我哥哥住在哪里？", ["大明"]), ("我住在哪里？", [])],
)
def test_who_is_meant_in_chinese(kit, question, meant):
    assert relatives(kit, scope_of(kit, CHINESE, owner="我"), question) == meant


@pytest.mark.parametrize(
    ("relations", "owner", "question", "said", "other", "name"),
    [
        (
            RELATIONS,
            "Alice",
            "What did my wife bake?",
            "Nora made bread rolls again",
            "Greta made bread rolls again",
            "Nora",
        ),
        (CHINESE, "我", "我老婆种了什么？", "小红种了番茄", "小兰种了番茄", "小红"),
    ],
)
def test_what_is_said_of_her_comes_before_what_is_said_of_another(
    kit, relations, owner, question, said, other, name
):
    snapshot = scope_of(kit, relations, (other, ()), (said, (name,)), owner=owner)
    hits = kit.ask(snapshot, question, explain=True, limit=20, embed=False)
    by_id = {hit.item.id: hit for hit in hits}
    assert by_id["e1"].score > by_id["e0"].score
    assert by_id["e1"].signals["relative"] > 0 == by_id["e0"].signals["relative"]
    silent = kit.ask(snapshot, question, limit=20, embed=False, weights=Weights(relative=0.0))
    assert by_id["e1"].score > {hit.item.id: hit.score for hit in silent}["e1"]


def test_the_fact_about_her_answers_and_not_the_one_about_the_asker(kit):
    snapshot = scope_of(kit, RELATIONS, owner="Alice")
    plan = plan_query("Where does my wife live?", now=kit.NOW)
    seen = Visibility(now=kit.NOW)
    view = view_graph(snapshot, plan, seen, snapshot.visible(seen))
    stated = {RELATIONS[position] for position in view.keyed}
    assert ("Nora", "lives_in", "Oslo") in stated
    assert ("Alice", "partner", "Nora") in stated
    assert ("Alice", "lives_in", "Bergen") not in stated


def test_of_one_who_is_named_only_the_relation_is_asked(kit):
    snapshot = scope_of(kit, RELATIONS, owner="Alice")
    plan = plan_query("Where does Kate's husband live?", now=kit.NOW)
    seen = Visibility(now=kit.NOW)
    view = view_graph(snapshot, plan, seen, snapshot.visible(seen))
    stated = {RELATIONS[position] for position in view.keyed}
    assert ("Paul", "lives_in", "Lyon") in stated
    assert ("Kate", "partner", "Paul") in stated
    assert ("Kate", "lives_in", "Nice") not in stated


def test_of_the_asker_alone_nothing_has_changed(kit):
    snapshot = scope_of(kit, RELATIONS, owner="Alice")
    hits = kit.ask(snapshot, "Where do I live?", explain=True, limit=20)
    assert not any("relative" in hit.signals for hit in hits)
