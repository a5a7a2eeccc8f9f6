"""Attacks on the wall between scopes: none of them learns that another scope exists."""

import json
import re
from contextlib import suppress

import pytest

from polymem import Memory
from polymem.errors import InputError, NotFoundError, PolymemError, ScopeError
from polymem.testing.clock import NOON
from polymem.testing.drafting import new_id
from polymem.testing.fakes import WordEmbedder

SECRET = "zephyrine"
ATTACKS = (
    {"user_id": "bob"},
    {"OR": [{"user_id": "bob"}, {"user_id": "alice"}]},
    {"NOT": {"user_id": "alice"}},
    {"NOT": {"tenant": "default"}},
    {"OR": [{"text": {"contains": SECRET}}, {"NOT": {"text": {"contains": SECRET}}}]},
    {"AND": [{"NOT": [{"NOT": {"user_id": "bob"}}]}]},
    {"tenant": "other"},
    {"speaker": SECRET},
    {"metadata.user_id": "bob"},
    {"run_id": {"exists": True}},
    {"agent_id": {"exists": False}},
    {"x') OR 1=1 --": 1},
    {"text": {"icontains": "') OR ('1'='1"}},
)
NEIGHBOURS = (
    {"user_id": "bob"},
    {"agent_id": "alice"},
    {"run_id": "alice"},
    {"user_id": "alice", "tenant": "other"},
    {"user_id": "Alice"},
    {"user_id": "alice2"},
)


@pytest.fixture
def town(memory):
    """Alice with a little, and others who share her words and hold the secret."""
    memory.add("I like tea and live in Lyon", user_id="alice", run_id="r1")
    memory.add("我喜欢喝茶", user_id="alice")
    for n, ids in enumerate(NEIGHBOURS):
        memory.add(
            [
                {
                    "role": "user",
                    "name": SECRET,
                    "content": f"I like tea with {SECRET} in {SECRET}ville {n}, 秘密{n}",
                }
            ],
            **ids,
            metadata={"user_id": "alice", "secret": SECRET},
        )
    return memory


def everything(memory, **ids):
    """Return all that reading verbs say, as one text; but for the random id that each search has."""
    seen = [
        *memory.get_all(**ids, limit=1000),
        *memory.search(f"tea {SECRET} 秘密", **ids, limit=50),
        memory.search("tea in Lyon", **ids, limit=50, explain=True),
        memory.search(SECRET, **ids).relations,
        memory.context(f"{SECRET} tea", **ids, budget_tokens=10_000),
        memory.profile(**ids),
        memory.entities(**ids),
        memory.relations(**ids),
        memory.stats(**ids),
    ]
    return re.sub("search='0\\.[0-9a-f-]{36}'", "search=''", repr(seen))


def others_ids(memory):
    return [item.id for ids in NEIGHBOURS for item in memory.get_all(**ids, limit=1000)]


def test_no_verb_shows_another_scope(town):
    said = everything(town, user_id="alice")
    assert "Lyon" in said
    assert SECRET not in said
    assert "秘密" not in said


@pytest.mark.parametrize("filters", ATTACKS, ids=json.dumps)
def test_no_filter_reaches_another_scope(town, filters):
    mine = {item.id for item in town.get_all(user_id="alice")}
    hits = town.search(f"tea {SECRET}", user_id="alice", filters=filters, limit=100)
    assert {hit.item.id for hit in hits} <= mine
    assert {item.id for item in town.get_all(user_id="alice", filters=filters)} <= mine
    n_others = len(others_ids(town))
    town.delete_all(user_id="alice", filters=filters)
    town.forget(user_id="alice", filters=filters)
    assert len(others_ids(town)) == n_others


def test_a_guessed_id_opens_nothing_through_a_scoped_handle(town):
    alice = town.scoped(user_id="alice")
    foreign = others_ids(town)
    messages = set()
    for item_id in (*foreign, new_id()):
        assert alice.get(item_id) is None
        for verb in (alice.delete, alice.history, alice.forget, lambda i: alice.update(i, "taken over")):
            with pytest.raises(NotFoundError) as caught:
                verb(item_id)
            messages.add(str(caught.value))
        with pytest.raises(NotFoundError):
            town.forget([item_id], user_id="alice")
    assert len(messages) == 1
    assert others_ids(town) == foreign


def test_a_handle_of_a_run_reaches_no_other_run(town):
    other = town.add("another session", user_id="alice", run_id="r2").ids[0]
    run = town.scoped(user_id="alice", run_id="r1")
    assert run.get(other) is None
    with pytest.raises(NotFoundError):
        run.delete(other)
    assert {item.run_id for item in run.get_all()} == {"r1"}
    assert {hit.item.run_id for hit in run.search("another session tea", limit=50)} == {"r1"}
    run.delete_all()
    assert town.get(other) is not None


NARROW = ({"run_id": "r1"}, {"agent_id": "cook"}, {"agent_id": "cook", "run_id": "r1"})


@pytest.fixture(params=NARROW, ids=json.dumps)
def repeated(memory, request):
    """A handle of a part of Alice's memory, and one fact of it that was said again elsewhere with a secret beside it."""
    memory.add("I like tea", user_id="alice", **request.param, idempotency_key="once")
    memory.add("我喜欢喝茶", user_id="alice", **request.param)
    for ids in ({"run_id": "r2"}, {"agent_id": "maid"}, {}):
        words = f"I like tea. My therapist is called {SECRET.title()}. 我喜欢喝茶。"
        memory.add(words, user_id="alice", **ids, metadata={"about": SECRET})
    return memory.scoped(user_id="alice", **request.param)


def test_a_repeated_fact_shows_no_episode_of_another_run(memory, repeated):
    episodes = {item.id for item in repeated.get_all(kinds=["episode"])}
    facts = repeated.get_all(kinds=["preference"])
    assert len(facts) == 2
    elsewhere = memory.get_all(user_id="alice", kinds=["preference"])
    assert all(len(fact.episode_ids) == 4 for fact in elsewhere), "who may see all sees where all was said"
    again = repeated.add("I like tea", idempotency_key="once")
    assert again.replayed
    shown = [
        *facts,
        *again.items,
        *(hit.item for hit in repeated.search("tea 茶", kinds=["preference"])),
        *(repeated.get(fact.id) for fact in facts),
        *(repeated.update(fact.id, importance=0.9) for fact in facts),
    ]
    assert all(len(item.episode_ids) == 1 and set(item.episode_ids) <= episodes for item in shown)
    for kinds in (None, ["preference"]):
        hits = repeated.search("tea 茶", kinds=kinds)
        assert {said.id for hit in hits for said in hit.episodes} == episodes
        assert SECRET not in repr(hits).lower()
    assert SECRET not in repeated.context("tea 茶").lower()
    assert all(len(memory.get(fact.id).episode_ids) == 4 for fact in facts)


def test_a_part_of_a_memory_knows_and_counts_its_own(memory, repeated):
    assert SECRET in everything(memory, user_id="alice").lower()
    assert SECRET not in everything(repeated).lower()
    mentions = {entity.name: entity.n_mentions for entity in repeated.entities()}
    assert mentions == {"alice": 0, "tea": 2, "茶": 2}
    figures = repeated.stats()
    rows = len(repeated.get_all())
    assert figures["n_rows"] == figures["n_indexed"] == sum(figures["kinds"].values()) == rows == 4
    assert figures["n_entities"] == len(mentions)
    assert figures["n_relations"] == len(repeated.relations()) == 2
    assert not {"n_events", "head"} & figures.keys(), "the chain is the owner's"
    whole = memory.stats(user_id="alice")
    assert whole["n_rows"] > rows
    assert whole["n_events"]
    nobody = memory.scoped(user_id="alice", agent_id="nobody", run_id="never")
    assert nobody.entities() == []
    figures = nobody.stats()
    assert not any(figures.pop("derivations").values())
    assert not any(value for name, value in figures.items() if name != "encoder")


def test_a_bound_id_cannot_be_changed(town, tmp_path):
    alice = town.scoped(user_id="alice")
    for verb in (alice.get_all, alice.delete_all, alice.profile, alice.stats, alice.verify, alice.scoped):
        with pytest.raises(ScopeError) as caught:
            verb(user_id="bob")
        assert caught.value.argument == "user_id"
        with pytest.raises(ScopeError):
            verb(tenant="other")
    for verb, argument in ((alice.backup, tmp_path / "b"), (alice.import_, tmp_path / "i")):
        with pytest.raises(ScopeError):
            verb(argument)
    with pytest.raises(ScopeError):
        alice.rebuild()


def test_a_scoped_handle_does_not_close_the_store(town):
    town.scoped(user_id="alice").close()
    with town.scoped(user_id="bob") as bob:
        bob.get_all()
    assert town.get_all(user_id="alice")


def test_a_cursor_of_another_scope_is_refused(town):
    for n in range(4):
        town.add(f"bob's note {n}", user_id="bob")
    cursor = town.get_all(user_id="bob", limit=1).cursor
    for ids in (
        {"user_id": "alice"},
        {"user_id": "bob", "run_id": "r1"},
        {"user_id": "bob", "tenant": "other"},
    ):
        with pytest.raises(InputError) as caught:
            town.get_all(**ids, limit=1, cursor=cursor)
        assert caught.value.argument == "cursor"


def answers(memory, **ids):
    asked = [
        memory.search(question, **ids, limit=50, explain=True, mode=mode)
        for question in ("Where do I live?", "tea", f"{SECRET} 秘密", "喝茶", "Lyon 2024")
        for mode in ("hybrid", "vector", "keyword", "graph", "time")
    ]
    return [
        (hits.explanation, [(hit.item, hit.score, dict(hit.signals)) for hit in hits], hits.relations)
        for hits in asked
    ]


def test_what_others_store_changes_no_score(memory):
    memory.add("I like tea and live in Lyon", user_id="alice", run_id="r1")
    memory.add("我喜欢喝茶", user_id="alice")
    before = answers(memory, user_id="alice")
    seen = everything(memory, user_id="alice")
    for n in range(40):
        for ids in NEIGHBOURS:
            memory.add(f"tea tea {SECRET} number {n} in Lyon 喝茶", **ids, infer=False)
    assert answers(memory, user_id="alice") == before
    assert everything(memory, user_id="alice") == seen


def test_the_same_memory_is_scored_the_same_for_everyone(memory, clock):
    for user in ("alice", "bob"):
        for text in ("I like tea", "The night train leaves at nine", "我喜欢喝茶"):
            memory.add(text, user_id=user, timestamp=NOON)
        if user == "alice":
            memory.add("noise noise noise tea", user_id="carol")
    for question in ("tea", "night train", "喝茶"):
        mine, theirs = (memory.search(question, user_id=user) for user in ("alice", "bob"))
        assert [hit.score for hit in mine] == [hit.score for hit in theirs]


def test_errors_never_carry_text(town):
    said = town.add(f"{SECRET} is the word", user_id="bob", idempotency_key="k").ids[0]
    alice = town.scoped(user_id="alice")
    calls = (
        lambda: alice.get_all(cursor=f"{SECRET}"),
        lambda: alice.update(said, SECRET),
        lambda: alice.delete(said),
        lambda: alice.add([{"content": 7, "secret": SECRET}]),
        lambda: alice.add(SECRET, metadata={"x": {SECRET}}),
        lambda: alice.add(SECRET, timestamp=SECRET),
        lambda: alice.search(SECRET, mode=SECRET),
        lambda: town.add(f"{SECRET} is another", user_id="bob", idempotency_key="k"),
        lambda: town.get_all(user_id="bob", filters={"n": {"in": SECRET}}),
        lambda: town.get_all(user_id="bob", filters={"created_at": SECRET}),
    )
    for call in calls:
        with pytest.raises(PolymemError) as caught:
            call()
        error = caught.value
        assert SECRET not in f"{error} {error!r} {error.facts}"


def test_an_export_of_a_scope_carries_nothing_else(town, tmp_path, clock):
    file = tmp_path / "alice.jsonl"
    town.scoped(user_id="alice").export(file)
    assert SECRET not in file.read_text(encoding="utf-8")
    town.export(tmp_path / "run.jsonl", user_id="alice", run_id="r1")
    assert "喝茶" not in (tmp_path / "run.jsonl").read_text(encoding="utf-8")
    with Memory(tmp_path / "other.db", embedder=WordEmbedder(), clock=clock) as other:
        other.import_(file)
        assert [item.text for item in other.get_all(user_id="alice")] == [
            item.text for item in town.get_all(user_id="alice")
        ]
        assert other.stats()["n_scopes"] == 1


def test_importing_puts_nothing_into_another_scope(town, tmp_path):
    file = tmp_path / "all.jsonl"
    town.export(file)
    before = {json.dumps(ids): everything(town, **ids) for ids in ({"user_id": "alice"}, *NEIGHBOURS)}
    assert town.import_(file) == 0
    assert before == {json.dumps(ids): everything(town, **ids) for ids in ({"user_id": "alice"}, *NEIGHBOURS)}


def test_a_forged_export_cannot_take_over_a_known_id(town, tmp_path):
    """A record that claims another scope's item under its id changes nothing there."""
    (mine, *_) = town.get_all(user_id="alice", kinds=["episode"])
    town.export(tmp_path / "all.jsonl")
    forged = (tmp_path / "all.jsonl").read_text(encoding="utf-8").replace('"alice"', '"mallory"')
    (tmp_path / "forged.jsonl").write_text(forged, encoding="utf-8")
    before = everything(town, user_id="alice")
    with suppress(PolymemError):
        town.import_(tmp_path / "forged.jsonl")
    assert everything(town, user_id="alice") == before
    assert town.get(mine.id) == mine
    assert town.verify() == []


def test_erasing_leaves_no_byte_of_a_scope(path, clock):
    with Memory(path, embedder=WordEmbedder(), clock=clock) as memory:
        memory.add("kept", user_id="alice")
        memory.add(f"I like {SECRET}", user_id="bob", metadata={"about": SECRET})
        receipt = memory.forget(user_id="bob", everything=True)
        assert receipt.status == "complete"
        assert SECRET.encode() not in b"".join(file.read_bytes() for file in path.parent.glob("memory.db*"))
        assert [item.text for item in memory.get_all(user_id="alice")] == ["kept"]
