"""Bad input gets a typed error that names the argument and stores nothing, or is handled; it never crosses a scope."""

import math
import re
from datetime import UTC, datetime

import numpy as np
import pytest

from polymem import Memory
from polymem.errors import (
    ConfigError,
    ConflictError,
    FilterError,
    InputError,
    InvalidOutputError,
    MetadataError,
    NotFoundError,
    ScopeError,
)
from polymem.models.embedders.callable import CallableEmbedder
from polymem.testing.cases import (
    BAD_FILTERS,
    BAD_IDS,
    BAD_LIMITS,
    BAD_METADATA,
    BAD_TIMES,
    BLANK_TEXTS,
    EDGE_TIMES,
    ODD_IDS,
    ODD_METADATA,
    ODD_TEXTS,
)
from polymem.testing.fakes import WordEmbedder

SCOPES = ("user_id", "agent_id", "run_id", "tenant")


def label(value):
    return re.sub(" at 0x[0-9a-f]+", "", ascii(value))[:40]


def texts(memory, **ids):
    return sorted(item.text for item in memory.get_all(**(ids or {"user_id": "alice"}), limit=1000))


@pytest.fixture
def stocked(memory):
    """A memory in which nothing may be changed, lost or added."""
    memory.add("kept for alice", user_id="alice")
    memory.add("kept for bob", user_id="bob")
    before = memory.stats()
    yield memory
    after = memory.stats()
    assert {k: v for k, v in after.items() if k != "bytes"} == {
        k: v for k, v in before.items() if k != "bytes"
    }
    assert texts(memory) == ["kept for alice"]
    assert texts(memory, user_id="bob") == ["kept for bob"]
    assert memory.verify() == []


# ---------------------------------------------------------------- texts
@pytest.mark.parametrize("text", BLANK_TEXTS, ids=ascii)
def test_a_blank_text_is_refused_everywhere(stocked, text):
    (item,) = stocked.get_all(user_id="alice")
    for argument, call in (
        ("messages", lambda: stocked.add(text, user_id="alice")),
        ("text", lambda: stocked.update(item.id, text)),
        ("query", lambda: stocked.search(text, user_id="alice")),
        ("query", lambda: stocked.context(text, user_id="alice")),
    ):
        with pytest.raises(InputError) as caught:
            call()
        assert caught.value.argument == argument


@pytest.mark.parametrize("name", ODD_TEXTS)
@pytest.mark.parametrize("infer", [True, False])
def test_odd_texts_are_kept_and_found(memory, name, infer):
    text = ODD_TEXTS[name]
    memory.add("something else entirely", user_id="alice")
    (first, *_) = memory.add(text, user_id="alice", infer=infer).items
    assert memory.get(first.id).text == text
    assert text in [hit.item.text for hit in memory.search(text, user_id="alice", limit=2)]
    assert memory.search(text, user_id="bob") == type(memory.search(text, user_id="bob"))()
    assert memory.verify() == []


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("a\x00b", "a�b"),
        ("\ud800", "�"),
        ("火\udfff锅", "火�锅"),
        ("\ud83d\ude00 pair as surrogates", "�� pair as surrogates"),
    ],
    ids=ascii,
)
def test_what_no_store_can_keep_is_replaced_and_the_rest_stays(memory, given, stored):
    (item, *_) = memory.add([{"role": "user", "content": given, "name": given}], user_id="alice").items
    assert item.text == stored == memory.get(item.id).text
    assert memory.update(item.id, given + " again").text == stored + " again"
    assert [hit.item.id for hit in memory.search(given, user_id="alice")] == [item.id]
    assert memory.verify() == []


@pytest.mark.parametrize(
    "given",
    [
        "茶 a\x00b \x00",
        {"role": "user", "content": "茶 a\x00b"},
        {"role": "user", "content": "茶 a b", "name": "An\x00n"},
        {"role": " user", "content": "茶 a b", "name": "Ann "},
        {"role": "user", "content": [{"type": "text", "text": "茶 a\x00b"}]},
    ],
    ids=ascii,
)
def test_the_message_is_kept_word_for_word(memory, path, tmp_path, given):
    whole = {"role": "user", "content": given} if isinstance(given, str) else given

    def kept(handle):
        (hit,) = handle.search("茶", user_id="alice", kinds=["episode"])
        assert "\x00" not in hit.item.text + hit.item.speaker
        return hit.episodes[0].message

    memory.add(given, user_id="alice")
    assert kept(memory) == whole
    memory.export(tmp_path / "all.jsonl")
    memory.backup(tmp_path / "copy.db")
    with Memory(tmp_path / "other.db", embedder=WordEmbedder()) as other:
        assert other.import_(tmp_path / "all.jsonl") > 0
        assert kept(other) == whole
    with Memory(tmp_path / "copy.db", embedder=WordEmbedder()) as copy:
        assert kept(copy) == whole
    assert memory.verify() == []


@pytest.mark.parametrize(
    "unit", ["word and another ", "我喜欢在山里看日出，", "x"], ids=["en", "zh", "no space"]
)
def test_a_megabyte_is_kept_and_found(memory, unit):
    text = unit * (1_000_000 // len(unit)) + " needle 针尖"
    (item, *_) = memory.add(text, user_id="alice").items
    memory.add("short", user_id="alice")
    assert memory.get(item.id).text == text
    assert memory.search("needle", user_id="alice", mode="keyword")[0].item.id == item.id
    assert memory.search("针尖", user_id="alice", mode="keyword")[0].item.id == item.id
    assert memory.search(text, user_id="alice", limit=2)
    assert memory.verify() == []


def test_beyond_the_longest_text_is_refused(stocked):
    for call in (
        lambda: stocked.add("x" * 4_000_001, user_id="alice"),
        lambda: stocked.add([{"role": "user", "content": "x" * 4_000_001}], user_id="alice"),
    ):
        with pytest.raises(InputError) as caught:
            call()
        assert str(caught.value.argument).startswith("messages")


# ---------------------------------------------------------------- ids
@pytest.mark.parametrize("bad", BAD_IDS, ids=label)
@pytest.mark.parametrize("name", SCOPES)
def test_a_bad_id_is_refused_by_every_verb(stocked, tmp_path, name, bad):
    ids = {"user_id": "alice", name: bad}
    for call in (
        lambda: stocked.add("lost", **ids),
        lambda: stocked.search("kept", **ids),
        lambda: stocked.context("kept", **ids),
        lambda: stocked.get_all(**ids),
        lambda: stocked.delete_all(**ids),
        lambda: stocked.forget(everything=True, **ids),
        lambda: stocked.profile(**ids),
        lambda: stocked.entities(**ids),
        lambda: stocked.relations(**ids),
        lambda: stocked.stats(**ids),
        lambda: stocked.verify(**ids),
        lambda: stocked.export(tmp_path / "x.jsonl", **ids),
        lambda: stocked.scoped(**ids),
    ):
        with pytest.raises(ScopeError) as caught:
            call()
        assert caught.value.argument == name
    assert not (tmp_path / "x.jsonl").exists()


@pytest.mark.parametrize("ids", [{}, {"tenant": "t"}], ids=["none", "tenant alone"])
def test_no_owner_is_an_error(stocked, ids):
    for verb in (stocked.get_all, stocked.delete_all, stocked.profile, stocked.entities, stocked.relations):
        with pytest.raises(ScopeError):
            verb(**ids)
    with pytest.raises(ScopeError):
        stocked.add("lost", **ids)
    with pytest.raises(ScopeError):
        stocked.search("kept", **ids)


@pytest.mark.parametrize("owner", ODD_IDS, ids=label)
def test_an_odd_id_is_an_owner_like_any_other(memory, owner):
    memory.add("of alice", user_id="alice")
    memory.add("of the odd one, 我的", user_id=owner, run_id=owner, tenant=owner)
    ids = {"user_id": owner, "tenant": owner}
    assert texts(memory, **ids) == ["of the odd one, 我的"]
    assert [hit.item.user_id for hit in memory.search("of", **ids)] == [owner]
    assert texts(memory, user_id="alice") == ["of alice"]
    assert memory.delete_all(**ids) == 1
    assert texts(memory, user_id="alice") == ["of alice"]


@pytest.mark.parametrize(
    "name", ["", "x", "../etc/passwd", "' OR 1=1 --", "*", "0" * 32, "\ud800", "a\x00b", None, 7, b"x", ["x"]]
)
def test_a_made_up_item_id_is_not_found(stocked, name):
    assert stocked.get(name) is None
    for verb in (stocked.delete, stocked.history, lambda x: stocked.update(x, "lost")):
        with pytest.raises(NotFoundError):
            verb(name)
    with pytest.raises((NotFoundError, InputError)):
        stocked.forget(name, user_id="alice")


# ---------------------------------------------------------------- numbers
@pytest.mark.parametrize("limit", BAD_LIMITS, ids=repr)
def test_a_bad_limit_is_refused(stocked, limit):
    for verb in (
        lambda: stocked.search("kept", user_id="alice", limit=limit),
        lambda: stocked.get_all(user_id="alice", limit=limit),
        lambda: stocked.context("kept", user_id="alice", limit=limit),
        lambda: stocked.entities(user_id="alice", limit=limit),
        lambda: stocked.relations(user_id="alice", limit=limit),
    ):
        with pytest.raises(InputError) as caught:
            verb()
        assert caught.value.argument == "limit"


@pytest.mark.parametrize("limit", [1, 9_999, 10_000])
def test_a_large_limit_is_no_more_than_there_is(stocked, limit):
    assert len(stocked.search("kept", user_id="alice", limit=limit)) == 1


@pytest.mark.parametrize("budget", [0, -1, True, 1.5, None, "many", math.nan])
def test_a_bad_budget_is_refused(stocked, budget):
    with pytest.raises(InputError) as caught:
        stocked.context("kept", user_id="alice", budget_tokens=budget)
    assert caught.value.argument == "budget_tokens"


@pytest.mark.parametrize("importance", [-0.1, 1.1, math.nan, math.inf, True, "high", [1]])
def test_a_bad_importance_is_refused(stocked, importance):
    (item,) = stocked.get_all(user_id="alice")
    with pytest.raises(InputError) as caught:
        stocked.update(item.id, importance=importance)
    assert caught.value.argument == "importance"


# ---------------------------------------------------------------- choices
@pytest.mark.parametrize("filters", BAD_FILTERS, ids=label)
def test_a_malformed_filter_is_refused_before_anything_happens(stocked, filters):
    for verb in (
        lambda: stocked.search("kept", user_id="alice", filters=filters),
        lambda: stocked.context("kept", user_id="alice", filters=filters),
        lambda: stocked.get_all(user_id="alice", filters=filters),
        lambda: stocked.delete_all(user_id="alice", filters=filters),
        lambda: stocked.forget(user_id="alice", filters=filters),
    ):
        with pytest.raises(FilterError) as caught:
            verb()
        assert caught.value.argument == "filters"


def test_a_filter_too_deep_is_refused(stocked):
    filters = {"n": 1}
    for _ in range(5_000):
        filters = {"NOT": filters}
    with pytest.raises(FilterError):
        stocked.search("kept", user_id="alice", filters=filters)


@pytest.mark.parametrize("kinds", [[], "episodes", ["fact", "x"], 7, [None], [["fact"]], {"fact": 1}])
def test_unknown_kinds_are_refused(stocked, kinds):
    for verb in (
        lambda: stocked.search("kept", user_id="alice", kinds=kinds),
        lambda: stocked.get_all(user_id="alice", kinds=kinds),
    ):
        with pytest.raises(InputError) as caught:
            verb()
        assert caught.value.argument == "kinds"


@pytest.mark.parametrize("mode", ["", "Hybrid", "all", None, 3, ["vector"]])
def test_an_unknown_mode_is_refused(stocked, mode):
    with pytest.raises(InputError) as caught:
        stocked.search("kept", user_id="alice", mode=mode)
    assert caught.value.argument == "mode"


@pytest.mark.parametrize("flag", ["false", 0, 1, None, [], "no"])
def test_a_flag_is_true_or_false(stocked, flag):
    (item,) = stocked.get_all(user_id="alice")
    for argument, call in (
        ("infer", lambda: stocked.add("lost", user_id="alice", infer=flag)),
        ("infer", lambda: stocked.update(item.id, "lost", infer=flag)),
        ("explain", lambda: stocked.search("kept", user_id="alice", explain=flag)),
    ):
        with pytest.raises(InputError) as caught:
            call()
        assert caught.value.argument == argument


@pytest.mark.parametrize("flag", ["false", "no", 0, 1, None])
def test_what_erases_takes_no_near_booleans(stocked, flag):
    for arguments in ({"everything": flag}, {"everything": True, "dry_run": flag}):
        with pytest.raises(InputError):
            stocked.forget(user_id="alice", **arguments)


@pytest.mark.parametrize("cursor", ["", "x", "AAAA", "=", "火", "\ud800", 7, b"x", None.__class__])
def test_a_made_up_cursor_is_refused(stocked, cursor):
    with pytest.raises(InputError) as caught:
        stocked.get_all(user_id="alice", cursor=cursor)
    assert caught.value.argument == "cursor"


def test_unknown_arguments_are_type_errors(stocked):
    for verb in (
        lambda: stocked.add("lost", user_id="alice", top_k=3),
        lambda: stocked.search("kept", user_id="alice", user="bob"),
        lambda: stocked.get_all(user_id="alice", where={}),
        lambda: stocked.delete_all(user_id="alice", filter={"n": 1}),
        lambda: stocked.forget(user_id="alice", all=True),
        lambda: stocked.add("lost", "alice"),
    ):
        with pytest.raises(TypeError):
            verb()


@pytest.mark.parametrize("key", ["", " ", "x" * 257, 7, True, b"key", ["key"]])
def test_a_bad_idempotency_key_is_refused(stocked, key):
    with pytest.raises(InputError) as caught:
        stocked.add("lost", user_id="alice", idempotency_key=key)
    assert caught.value.argument == "idempotency_key"


# ---------------------------------------------------------------- times
@pytest.mark.parametrize("bad", BAD_TIMES, ids=label)
def test_a_bad_time_is_refused(stocked, bad):
    (item,) = stocked.get_all(user_id="alice")
    for argument, call in (
        ("timestamp", lambda: stocked.add("lost", user_id="alice", timestamp=bad)),
        ("expires_at", lambda: stocked.add("lost", user_id="alice", expires_at=bad)),
        ("valid_at", lambda: stocked.update(item.id, valid_at=bad)),
        ("as_of", lambda: stocked.search("kept", user_id="alice", as_of=bad)),
        ("known_at", lambda: stocked.get_all(user_id="alice", known_at=bad)),
        ("before", lambda: stocked.forget(user_id="alice", before=bad)),
        (
            "messages[0].timestamp",
            lambda: stocked.add([{"content": "lost", "timestamp": bad}], user_id="alice"),
        ),
    ):
        with pytest.raises(InputError) as caught:
            call()
        assert caught.value.argument == argument


@pytest.mark.parametrize(("given", "meant"), EDGE_TIMES, ids=str)
def test_times_at_the_edges_come_back_and_naive_ones_are_utc(memory, given, meant):
    (item, *_) = memory.add(
        "I was at the lake yesterday. 我昨天在湖边。", user_id="alice", timestamp=given
    ).items
    assert item.valid_at == meant == memory.get(item.id).valid_at
    assert item.valid_at.tzinfo is UTC
    assert [
        hit.item.id
        for hit in memory.search("lake yesterday", user_id="alice", as_of=meant, kinds=["episode"])
    ] == [item.id]
    assert (
        memory.search("what happened last year 去年", user_id="alice", as_of=given, known_at=given)
        is not None
    )
    assert memory.context("when 什么时候", user_id="alice")
    assert memory.verify() == []


# ---------------------------------------------------------------- metadata
@pytest.mark.parametrize("bad", BAD_METADATA, ids=label)
def test_what_is_not_json_is_refused(stocked, bad):
    (item,) = stocked.get_all(user_id="alice")
    for argument, call in (
        ("metadata", lambda: stocked.add("lost", user_id="alice", metadata=bad)),
        ("metadata", lambda: stocked.update(item.id, metadata=bad)),
        (
            "messages[1].metadata",
            lambda: stocked.add([{"content": "a"}, {"content": "b", "metadata": bad}], user_id="alice"),
        ),
    ):
        with pytest.raises(MetadataError) as caught:
            call()
        assert caught.value.argument == argument


def test_metadata_that_holds_itself_is_refused(stocked):
    knot = {}
    knot["self"] = knot
    with pytest.raises(MetadataError):
        stocked.add("lost", user_id="alice", metadata=knot)


@pytest.mark.parametrize("given", ODD_METADATA, ids=range(len(ODD_METADATA)))
def test_odd_metadata_comes_back(memory, given):
    item_id = memory.add("a note", user_id="alice", metadata=given).ids[0]
    assert repr(memory.get(item_id).metadata) == repr(given)
    assert (memory.get(item_id).user_id, memory.get(item_id).tenant) == ("alice", "default")


def test_metadata_is_copied_at_the_door(memory):
    mine = {"tags": ["a"]}
    item_id = memory.add("a note", user_id="alice", metadata=mine).ids[0]
    mine["tags"].append("b")
    assert memory.get(item_id).metadata == {"tags": ["a"]}


# ---------------------------------------------------------------- messages
def nested(depth):
    value = "x"
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("messages", "argument"),
    [
        (None, "messages"),
        (7, "messages"),
        (b"bytes", "messages"),
        ([], "messages"),
        ({}, "messages.content"),
        ([{}], "messages[0].content"),
        (["plain"], "messages[0]"),
        ([None], "messages[0]"),
        ([{"role": "user"}], "messages[0].content"),
        ([{"content": "a"}, {"role": "user"}], "messages[1].content"),
        ([{"content": 7}], "messages[0].content"),
        ([{"content": {"text": "x"}}], "messages[0].content"),
        ([{"content": b"x"}], "messages[0].content"),
        ([{"content": "x", "role": 7}], "messages[0].role"),
        ([{"content": "x", "role": ["user"]}], "messages[0].role"),
        ([{"content": "x", "name": {"first": "Ann"}}], "messages[0].name"),
        ([{"content": "x", "name": "n" * 257}], "messages[0].name"),
        ([{"content": "x", "extra": object()}], "messages[0]"),
        ([{"content": "x", "extra": {1, 2}}], "messages[0]"),
        ([{"content": "x", "extra": math.nan}], "messages[0]"),
        ([{"content": [{"type": "image", "data": b"raw"}]}], "messages[0]"),
        (({"content": "x"} for _ in range(2)), "messages"),
        ({"a"}, "messages"),
        ([{"content": "x"}] * 10_001, "messages"),
    ],
    ids=label,
)
def test_malformed_messages_are_refused_whole(stocked, messages, argument):
    with pytest.raises(InputError) as caught:
        stocked.add(messages, user_id="alice")
    assert caught.value.argument == argument


@pytest.mark.parametrize("depth", [33, 980, 100_000])
@pytest.mark.parametrize(
    "message",
    [
        lambda deep: {"content": "x", "extra": deep},
        lambda deep: {"content": deep},
        lambda deep: {"content": [{"content": deep}]},
        lambda deep: {"content": None, "function_call": {"name": "f", "arguments": deep}},
    ],
)
def test_a_message_too_deep_to_be_given_back_is_refused(stocked, message, depth):
    with pytest.raises(InputError) as caught:
        stocked.add([{"content": "fine"}, message(nested(depth))], user_id="alice")
    assert caught.value.argument == "messages[1]"


def test_a_message_as_deep_as_it_may_be_is_found_and_moved(memory, tmp_path):
    given = {"role": "user", "content": "a deep lake", "extra": nested(32)}
    memory.add([given], user_id="alice", infer=False)
    assert memory.search("lake", user_id="alice")
    memory.export(tmp_path / "x.jsonl")
    with Memory(tmp_path / "other.db", embedder=WordEmbedder()) as other:
        assert other.import_(tmp_path / "x.jsonl") == 1
        assert other.search("lake", user_id="alice")


@pytest.mark.parametrize(
    ("message", "word"),
    [
        ({"role": "assistant", "content": None, "tool_calls": [{"id": "1", "type": "function", "function": {"name": "get_weather", "arguments": '{"city": "Turku"}'}}]}, "Turku"),
        ({"role": "assistant", "content": None, "function_call": {"name": "book_table", "arguments": '{"at": "Ravintola"}'}}, "Ravintola"),
        ({"role": "tool", "tool_call_id": "1", "content": "eighteen degrees in Turku"}, "eighteen"),
        ({"role": "user", "content": [{"type": "text", "text": "look at the lighthouse"}, {"type": "image_url", "image_url": {"url": "data:..."}}]}, "lighthouse"),
        ({"role": "user", "content": [{"type": "input_text", "text": "看这座灯塔"}]}, "灯塔"),
        ({"role": "user", "content": ["plain strings", "灯塔"]}, "灯塔"),
        ({"role": "assistant", "content": [{"type": "tool_use", "name": "search", "input": {"q": "lighthouse"}}]}, "lighthouse"),
        ({"role": "user", "content": [{"type": "tool_result", "content": [{"type": "text", "text": "the lighthouse opens at nine"}]}]}, "lighthouse"),
        ({"role": "assistant", "content": None, "refusal": "no lighthouse for you"}, "lighthouse"),
        ({"content": "no role, a lighthouse"}, "lighthouse"),
        ({"role": "user", "name": "小红", "content": "我看见了灯塔"}, "灯塔"),
    ],
)  # fmt: skip
def test_what_chat_apis_send_is_kept_and_searchable(memory, message, word):
    memory.add("nothing to do with it", user_id="alice")
    item_id = memory.add([message], user_id="alice").ids[0]
    hits = memory.search(word, user_id="alice", mode="keyword")
    assert [hit.item.id for hit in hits if hit.item.kind == "episode"] == [item_id]
    (episode,) = hits[0].episodes
    assert {name: episode.message[name] for name in message} == message
    assert memory.verify() == []


@pytest.mark.parametrize(
    "message",
    [
        {"role": "assistant", "content": None, "tool_calls": []},
        {"role": "user", "content": ""},
        {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:..."}}]},
        {"role": "user", "content": []},
        {"role": "assistant", "content": None, "audio": {"id": "a1"}},
    ],
    ids=ascii,
)
def test_a_message_without_words_is_kept(memory, message):
    (item,) = memory.add([message], user_id="alice").items
    assert (item.kind, item.text) == ("episode", "")
    assert memory.get(item.id) == item
    assert [found.id for found in memory.get_all(user_id="alice")] == [item.id]
    assert memory.verify() == []


def test_one_bad_message_takes_the_good_ones_with_it(stocked):
    with pytest.raises(InputError):
        stocked.add([{"content": "good"}, {"content": "good too"}, {"content": 7}], user_id="alice")


# ---------------------------------------------------------------- vectors
def broken_embedder(kind):
    words = WordEmbedder()

    def embed(texts):
        rows = words.encode(texts)
        if not any("poison" in text for text in texts):
            return rows
        return {
            "nan": np.full_like(rows, np.nan),
            "inf": np.full_like(rows, np.inf),
            "narrow": rows[:, :-1],
            "wide": np.hstack([rows, rows]),
            "few": rows[:-1],
            "many": np.vstack([rows, rows]),
            "flat": rows.ravel(),
            "ragged": [[1.0], [1.0, 2.0]] * len(texts),
            "words": [["a"] * words.dim for _ in texts],
            "none": None,
        }[kind]

    return CallableEmbedder(embed, name=f"broken {kind}", dim=words.dim)


@pytest.mark.parametrize(
    "kind", ["nan", "inf", "narrow", "wide", "few", "many", "flat", "ragged", "words", "none"]
)
def test_a_bad_vector_loses_nothing_and_is_never_stored(path, clock, kind):
    with Memory(path, embedder=broken_embedder(kind), clock=clock) as memory:
        good = memory.add("good", user_id="alice").ids[0]
        added = memory.add("poison but worth keeping", user_id="alice")
        assert added.n_unembedded == len(added.items) == 1
        found = memory.search("worth keeping", user_id="alice", mode="keyword")
        assert [hit.item.id for hit in found] == list(added.ids)
        assert memory.search("good", user_id="alice")[0].item.id == good
        assert memory.stats(user_id="alice")["n_pending"] == 1
        # A row that fails again and again must not make later calls fail, which have stored what they were given.
        assert len(memory.add("good too", user_id="alice").items) == 1
        assert texts(memory) == ["good", "good too", "poison but worth keeping"]
        assert memory.verify() == []
    with Memory(path, embedder=WordEmbedder(name=f"broken {kind}"), clock=clock) as memory:
        memory.rebuild()
        assert memory.stats(user_id="alice")["n_pending"] == 0
        assert memory.search("worth keeping", user_id="alice", mode="vector")[0].item.id == added.ids[0]


@pytest.mark.parametrize("kind", ["nan", "narrow", "none"])
def test_a_bad_vector_for_a_question_is_an_error_that_names_the_model(path, kind):
    with Memory(path, embedder=broken_embedder(kind)) as memory:
        memory.add("poison ivy", user_id="alice")
        with pytest.raises((InvalidOutputError, InputError)) as caught:
            memory.search("poison", user_id="alice")
        assert caught.value.embedder == f"broken {kind}"
        assert len(memory.search("poison", user_id="alice", mode="keyword")) == 1


@pytest.mark.parametrize("entity", [5, b"Ann", ["Ann"], True])
def test_an_entity_is_named_by_a_text(stocked, entity):
    with pytest.raises(InputError) as caught:
        stocked.relations(user_id="alice", entity=entity)
    assert caught.value.argument == "entity"


@pytest.mark.parametrize("entity", ["", " ", "\u3000"])
def test_a_name_without_letters_is_refused(stocked, entity):
    with pytest.raises(InputError, match="entity is empty"):
        stocked.relations(user_id="alice", entity=entity)


@pytest.mark.parametrize("entity", ["a\x00b", "\ud800", "x" * 100_000])
def test_an_odd_name_is_that_of_nobody(stocked, entity):
    assert stocked.relations(user_id="alice", entity=entity) == []


@pytest.mark.parametrize("embedder", [object(), 7, "model"])
def test_what_is_no_embedder_is_refused(path, embedder):
    with pytest.raises(ConfigError):
        Memory(path, embedder=embedder)
    assert not path.exists()


# ---------------------------------------------------------------- conditions
def test_a_key_used_for_another_payload_is_a_conflict(memory):
    first = memory.add("once", user_id="alice", idempotency_key="k")
    again = memory.add("once", user_id="alice", idempotency_key="k")
    assert (again.replayed, again.ids) == (True, first.ids)
    for change in (
        {"messages": "twice"},
        {"messages": "once", "metadata": {"n": 1}},
        {"messages": "once", "infer": False},
    ):
        with pytest.raises(ConflictError):
            memory.add(user_id="alice", idempotency_key="k", **change)
    assert memory.add("once", user_id="bob", idempotency_key="k").replayed is False
    assert texts(memory) == ["once"]


@pytest.mark.parametrize(
    "change", [{"expires_at": datetime(2030, 1, 1, tzinfo=UTC)}, {"timestamp": 7}, {"run_id": "r"}]
)
def test_a_key_covers_everything_that_was_asked_for(memory, change):
    memory.add("once", user_id="alice", idempotency_key="k")
    with pytest.raises(ConflictError):
        memory.add("once", user_id="alice", idempotency_key="k", **change)


def test_forgetting_needs_a_criterion(stocked):
    with pytest.raises(InputError):
        stocked.forget(user_id="alice")
    with pytest.raises(InputError):
        stocked.forget([])


def test_changing_nothing_is_an_error(stocked):
    (item,) = stocked.get_all(user_id="alice")
    with pytest.raises(InputError):
        stocked.update(item.id)
