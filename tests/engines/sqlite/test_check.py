"""Every kind of damage is found under the name of its face, and repaired where the truth says how."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from polymem.domain.scope import Scope
from polymem.errors import EncoderMismatchError, StoreCorruptError
from polymem.ports.faces import PENDING
from polymem.ports.ledger import Finding, Snapshot
from tests.engines.sqlite.workshop import (
    ALICE,
    BOB,
    DIM,
    NOON,
    Workshop,
    encode,
    episode,
    fact,
    mention,
    reworded,
)

SECRET = "苹果 pomegranate"

DAMAGE = {
    # what is wrong: face, SQL
    "terms lost": ("terms", "DELETE FROM terms WHERE rid = (SELECT min(rid) FROM terms)"),
    "terms of other words": (
        "terms",
        "UPDATE terms SET list = (SELECT max(list) FROM terms) WHERE rid = (SELECT min(rid) FROM terms)",
    ),
    "terms cut short": ("terms", "UPDATE terms SET list = x'0500' WHERE rid = (SELECT min(rid) FROM terms)"),
    "terms of nothing": ("terms", "INSERT INTO terms SELECT (no << 24) + 9999, x'00000000' FROM partition"),
    "vector lost": ("vector", "DELETE FROM vector WHERE rid = (SELECT min(rid) FROM vector)"),
    "vector cut short": ("vector", "UPDATE vector SET f16 = x'00' WHERE rid = (SELECT min(rid) FROM vector)"),
    "vector infinite": (
        "vector",
        f"UPDATE vector SET f16 = x'{'007c' * 16}' WHERE rid = (SELECT min(rid) FROM vector)",
    ),
    "vector of nothing": ("vector", "INSERT INTO vector SELECT (no << 24) + 9999, x'00' FROM partition"),
    "vector not announced": (
        "vector",
        "UPDATE item SET flags = flags & ~4 WHERE rid = (SELECT min(rid) FROM vector)",
    ),
    "scan lost": ("scan", "DELETE FROM scan WHERE rid = (SELECT min(rid) FROM scan)"),
    "scan of another row": ("scan", "UPDATE scan SET columns = (SELECT max(columns) FROM scan)"),
    "scan of nothing": (
        "scan",
        "INSERT INTO scan SELECT (no << 24) + 9999, columns FROM partition, scan GROUP BY no",
    ),
    "importance": ("scan", "UPDATE item SET importance = importance / 2"),
    "times": ("scan", "UPDATE item SET valid_at = valid_at - 5"),
    "speaker": ("label", "UPDATE item SET speaker = 'someone' WHERE rid = (SELECT min(rid) FROM item)"),
    "label lost": ("label", "DELETE FROM label"),
    "flags": ("item", "UPDATE item SET flags = flags & ~1 WHERE rid = (SELECT min(rid) FROM item)"),
    "flags both": ("item", "UPDATE item SET flags = flags | 16 WHERE flags & 4"),
    "deleted row revived": ("item", "UPDATE item SET flags = 1 WHERE flags & 2"),
    "row hidden": ("item", "UPDATE item SET flags = 2 WHERE text = 'I like tea'"),
    "superseded mark": ("item", "UPDATE item SET flags = flags & ~8"),
    "an old version open": ("item", "UPDATE item SET expired_at = NULL WHERE version = 1"),
    "source of nothing": ("source", "INSERT INTO source SELECT (no << 24) + 1, 5, 0, 0 FROM partition"),
    "mention of nothing": ("mention", "INSERT INTO mention SELECT no, 999, 1 FROM partition"),
    "alias of nothing": ("alias", "INSERT INTO alias SELECT no, 'x', 999, 'X', 1 FROM partition"),
    "entity lost": ("alias", "DELETE FROM entity WHERE name = '北京'"),
    "entity of nothing": (
        "entity",
        "INSERT INTO entity SELECT (no << 24) + 900, x'00', 'x', '', 0 FROM partition",
    ),
    "relation open again": ("relation", "UPDATE relation SET expired_at = NULL, invalid_at = NULL"),
    "relation earlier": ("relation", "UPDATE relation SET valid_at = 0"),
    "key lost": ("key", "DELETE FROM key_value WHERE slot = 'lives_in'"),
    "key of another value": ("key", "UPDATE key_value SET value = 'Atlantis'"),
    "key too many": ("key", "INSERT INTO key_value SELECT no, 'x', 'y', 'z', 1 FROM partition"),
    "owner": ("partition", "UPDATE partition SET owner_entity = NULL WHERE owner = 'alice'"),
    "owner of nobody": ("partition", "UPDATE partition SET owner_entity = 999 WHERE owner = 'alice'"),
    "owner's name lost": ("alias", "DELETE FROM alias WHERE source = -1"),
    "names lost": ("alias", "DELETE FROM alias"),
    **{
        f"counter {name}": ("partition", f"UPDATE partition SET {name} = {value} WHERE owner = 'alice'")
        for name, value in {
            "n_indexed": "n_indexed + 1",
            "n_terms": "n_terms - 1",
            "n_pending": "5",
            "next_position": "1",
            "next_entity": "0",
            "next_relation": "0",
            "next_label": "0",
            "next_expiry": "NULL",
            "n_packed": "n_packed + 1",
            "n_events": "1",
            "last_at": "1",
        }.items()
    },
    "change log": ("change", "INSERT INTO change SELECT no, version + 5, 0, 0 FROM partition"),
    "tokeniser": ("terms", "DELETE FROM setting WHERE key = 'tokeniser'"),
}

LOST = {
    "a text edited": ("event", "UPDATE item SET text = 'I like milk' WHERE text = 'I like tea'"),
    "metadata edited": ("event", "UPDATE item SET metadata = '{\"n\":2}' WHERE metadata <> '{}'"),
    "an event edited": ("event", "UPDATE event SET actor = 'nobody' WHERE n = 2"),
    "an event moved in time": ("event", "UPDATE event SET at = at - 1 WHERE n = 2"),
    "an event deleted": ("event", "DELETE FROM event WHERE n = 2"),
    "the last event deleted": ("event", "DELETE FROM event WHERE n = (SELECT max(n) FROM event)"),
    "events reordered": (
        "event",
        "UPDATE event SET n = CASE n WHEN 2 THEN 3 WHEN 3 THEN 2 END + 100 WHERE n IN (2, 3)",
    ),
    "a salt deleted": ("event", "UPDATE event SET salt = NULL WHERE n = 1"),
    "a commitment exchanged": ("event", "UPDATE event SET commitment = (SELECT max(commitment) FROM event)"),
    "the head": ("event", "UPDATE partition SET head = x'00'"),
    "a row lost": ("item", "DELETE FROM item WHERE text = 'I like tea'"),
    "an old version lost": (
        "item",
        "DELETE FROM item WHERE version = 1 AND id IN (SELECT id FROM item WHERE version = 2)",
    ),
    "a raw message lost": ("episode", "DELETE FROM episode WHERE rid = (SELECT min(rid) FROM episode)"),
    "a raw message edited": ("episode", "UPDATE episode SET text = 'nothing'"),
    "what closed it lost": ("item", "DELETE FROM item WHERE text = '我住在北京' AND kind = 1"),
    "relation of nothing": (
        "relation",
        "UPDATE relation SET fact = 77 WHERE rid = (SELECT max(rid) FROM relation)",
    ),
    "relation without its object": (
        "relation",
        "UPDATE relation SET object = 999 WHERE rid = (SELECT max(rid) FROM relation)",
    ),
    "relations lost": ("relation", "DELETE FROM relation"),
    "a fact's source lost": (
        "source",
        "DELETE FROM source WHERE rid = (SELECT max(rid) FROM item WHERE kind = 1 AND flags & 2 = 0)",
    ),
    "sources lost": ("source", "DELETE FROM source"),
    "a partition lost": ("item", "DELETE FROM partition WHERE owner = 'bob'"),
}


def fill(shop: Workshop) -> None:
    """Leave a little of everything: facts open, closed and removed, versions, erasure, expiry, two partitions."""
    shop.say(
        "I live in Paris",
        fact("I live in Paris", "lives_in", "Paris"),
        speaker="Alice",
        mentions=mention("Ann", "Bob"),
    )
    shop.say(
        "我住在北京",
        fact("我住在北京", "lives_in", "北京", valid_at=NOON + timedelta(1)),
        metadata={"城市": "北京"},
    )
    likes = fact("I like tea", "likes", "tea")
    shop.say(f"I like tea, not {SECRET}", likes, expires_at=NOON + timedelta(days=400))
    shop.revise(reworded(likes, "Alice likes tea"))
    gone, _ = shop.say("to be deleted", fact("I like milk", "likes", "milk"))
    shop.remove(gone)
    erased, _ = shop.say("to be erased", fact("I hate fish", "dislikes", "fish"))
    shop.remove(erased, how="erase")
    shop.commit(
        episode("in a run", vector=None, embedded=False),
        scope=Scope(user_id="alice", agent_id="a", run_id="r"),
    )
    shop.commit(episode("Bob's own", mentions=mention("Ann")), scope=BOB)


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("full") / "store.db"
    made = Workshop(path)
    fill(made)
    assert made.verify() == []
    made.close()
    return path


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("packed") / "store.db"
    made = Workshop(path)
    fill(made)
    made.commit(*(episode(f"turn {n} 天气{n % 50}") for n in range(4_096)))
    assert made.verify() == []
    made.close()
    return path


@pytest.fixture
def shop(full: Path, tmp_path: Path) -> Iterator[Workshop]:
    shutil.copy(full, tmp_path / "store.db")
    made = Workshop(tmp_path / "store.db")
    yield made
    made.close()


def faces(findings: list[Finding]) -> set[str]:
    return {finding.face for finding in findings}


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_is_found_and_repaired(shop: Workshop, name: str):
    face, sql = DAMAGE[name]
    shop.sql(sql)
    findings = shop.verify()
    assert face in faces(findings)
    assert all(finding.count > 0 for finding in findings)
    assert not any(word in str(findings) for word in ("tea", "Paris", "北京", "苹果", "Ann"))
    repaired = shop.verify(repair=True)
    assert repaired == findings, "repairing tells what was found"
    # The times and names of a row are not in its history: what was edited there counts as the truth.
    assert shop.verify() == []
    assert shop.verify(repair=True) == []


@pytest.mark.parametrize("name", LOST)
def test_what_the_ledger_lost_is_found_and_stays_reported(shop: Workshop, name: str):
    face, sql = LOST[name]
    shop.sql(sql)
    assert face in faces(shop.verify())
    shop.verify(repair=True)
    left = shop.verify()
    assert face in faces(left)
    assert shop.verify(repair=True) == left
    assert not any(word in str(left) for word in ("tea", "Paris", "北京", "苹果", "Ann"))


@pytest.mark.parametrize(
    ("face", "sql"),
    [
        ("segment", "UPDATE segment SET vectors = zeroblob(length(vectors))"),
        ("segment", "UPDATE segment SET scales = zeroblob(4)"),
        ("segment", "DELETE FROM segment"),
        ("segment", "INSERT INTO segment SELECT partition, 7, scales, vectors FROM segment"),
        ("posting", "DELETE FROM posting WHERE instr(terms, CAST('天气' AS BLOB))"),
        ("posting", "UPDATE posting SET records = x'000001'"),
        ("posting", "UPDATE posting SET records = zeroblob(length(records))"),
        ("posting", "UPDATE posting SET starts = x'00'"),
        ("posting", "UPDATE posting SET terms = CAST(terms || x'780A' AS BLOB)"),
        ("posting", "UPDATE OR IGNORE posting SET key = key + (1 << 12)"),
        ("posting", "INSERT INTO posting SELECT key + 3, terms, starts, records FROM posting"),
        ("terms", "DELETE FROM terms WHERE rid & 7 = 3"),
    ],
)
def test_packed_caches_are_compared_with_the_truth(packed: Path, tmp_path: Path, face: str, sql: str):
    shutil.copy(packed, tmp_path / "store.db")
    shop = Workshop(tmp_path / "store.db")
    shop.sql(sql)
    assert face in faces(shop.verify(ALICE.partition))
    shop.verify(repair=True)
    assert shop.verify() == []
    assert len(shop.read(lambda s: s.texts.postings("天气").positions)) == 4_096
    shop.close()


def test_a_lost_vector_waits_to_be_made_again(shop: Workshop):
    axes = np.eye(DIM, dtype=np.float32)
    before = shop.read(lambda s: np.stack([s.vectors.scan(axis) for axis in axes], axis=1))
    shop.sql("DELETE FROM vector")
    shop.verify(repair=True)
    assert shop.embed() > 1
    assert shop.embed(encode=encode) > 1
    after = shop.read(lambda s: np.stack([s.vectors.scan(axis) for axis in axes], axis=1))
    rows = np.flatnonzero(before.any(axis=1))
    assert np.array_equal(before[rows], after[rows])
    assert shop.sql("SELECT count(*) FROM item WHERE flags & ?", PENDING) == [(0,)]
    assert shop.verify() == []


def test_a_view_of_before_the_repair_is_not_used_after_it(shop: Workshop):
    other = Workshop(shop.path)
    assert other.read(lambda s: s.texts.n_rows) > 0
    positions = other.read(lambda s: s.texts.postings("tea").positions.tolist())
    shop.sql("DELETE FROM terms")
    shop.sql("UPDATE partition SET version = version + 1")
    shop.sql("DELETE FROM change")
    assert other.read(lambda s: s.texts.postings("tea").positions.tolist()) == []
    shop.verify(repair=True)
    assert other.read(lambda s: s.texts.postings("tea").positions.tolist()) == positions
    other.close()


def test_one_partition_is_checked_alone(shop: Workshop):
    shop.sql("DELETE FROM terms")
    (finding,) = [f for f in shop.verify(BOB.partition) if f.face == "terms"]
    assert (finding.scope, finding.count) == (BOB.partition, 1)
    shop.verify(BOB.partition, repair=True)
    assert shop.verify(BOB.partition) == []
    assert faces(shop.verify(ALICE.partition)) == {"terms"}
    assert shop.verify(Scope(user_id="nobody").partition) == []


def test_writing_goes_on_after_a_repair(shop: Workshop):
    for table in ("terms", "vector", "scan", "label", "key_value", "change"):
        shop.sql(f"DELETE FROM {table}")
    shop.verify(repair=True)
    shop.say(
        "I live in Rome",
        fact("I live in Rome", "lives_in", "Rome", valid_at=NOON + timedelta(9)),
        speaker="Alice",
    )
    assert shop.verify() == []
    assert [e.value for e in shop.read(lambda s: s.keys.get("residence"))] == ["Rome"]


def profile(shop: Workshop) -> list[tuple[str, str]]:
    return shop.read(lambda s: [(entry.key, entry.value) for entry in s.keys.get()])


def found_by_name(shop: Workshop) -> dict[str, int]:
    return shop.read(lambda s: s.graph.find(["alice", "ann", "bob", "tea", "北京"]))


@pytest.mark.parametrize("which", ["1", "source = -1", "key = 'ann'"])
def test_lost_names_take_nothing_else_along(shop: Workshop, which: str):
    before, names, owner = profile(shop), found_by_name(shop), shop.read(lambda s: s.graph.owner())
    assert before
    assert names
    shop.sql(f"DELETE FROM alias WHERE {which}")
    shop.verify(repair=True)
    assert shop.verify() == []
    assert (profile(shop), found_by_name(shop)) == (before, names)
    assert shop.read(lambda s: s.graph.owner()) == owner


def test_a_detail_whose_relation_is_lost_stays_until_the_fact_goes(shop: Workshop):
    before = profile(shop)
    shop.sql("DELETE FROM relation")
    shop.verify(repair=True)
    assert profile(shop) == before
    (gone,) = shop.sql("SELECT lower(hex(id)) FROM item WHERE text = '我住在北京' AND kind = 1")
    shop.remove(*gone)
    assert ("residence", "北京") in before
    assert ("residence", "北京") not in profile(shop)
    shop.verify(repair=True)
    assert ("residence", "北京") not in profile(shop)


UNREADABLE = {
    "metadata": "UPDATE item SET metadata = '{'",
    "a time": "UPDATE item SET valid_at = 9000000000000000000",
    "a time that is words": "UPDATE item SET created_at = 'then', updated_at = 'now'",
    "importance": "UPDATE item SET importance = 'much'",
    "terms": "UPDATE terms SET list = x'00'",
    "terms that are no text": "UPDATE terms SET list = x'0100000001ff'",
    "words": "UPDATE item SET text = CAST(x'ff' AS TEXT)",
    "positions": "UPDATE partition SET next_position = 2",
    "an event's time": "UPDATE event SET at = 'then'",
    "an event's item": "UPDATE event SET item = 'words'",
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_is_told_by_type(shop: Workshop, name: str):
    shop.sql(UNREADABLE[name])
    for job in (
        lambda s: s.rows.items(range(s.n)),
        lambda s: [s.texts.postings("tea"), s.columns.valid[s.n - 1]],
        lambda s: s.rows.history(s.rows.items([0])[0].id),
    ):
        with suppress(StoreCorruptError):
            shop.read(job)
    assert shop.verify()
    shop.verify(repair=True)
    shop.verify()


def test_an_error_of_the_readers_own_is_not_taken_for_damage(shop: Workshop):
    def broken(snapshot: Snapshot) -> None:
        raise ValueError("mine")

    with pytest.raises(ValueError, match="mine") as error:
        shop.read(broken)
    assert not isinstance(error.value, StoreCorruptError)
    shop.sql("UPDATE item SET metadata = '{'")
    with pytest.raises(StoreCorruptError) as damage:
        shop.read(lambda s: s.rows.items(range(s.n)))
    assert isinstance(damage.value.__cause__, ValueError)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE setting SET value = '99' WHERE key = 'tokeniser'",
        "DELETE FROM setting WHERE key = 'tokeniser'",
    ],
)
def test_terms_of_another_tokeniser_are_not_mixed_with_this_ones(shop: Workshop, sql: str):
    exported = shop.export()
    shop.sql(sql)
    for use in (
        lambda: shop.say("new words"),
        lambda: shop.restore(exported),
        lambda: shop.read(lambda s: s.texts.postings("tea")),
        lambda: shop.read(lambda s: s.vectors),
    ):
        with pytest.raises(EncoderMismatchError, match="rebuild") as error:
            use()
        assert error.value.tokeniser in {0, 99}
    assert shop.read(lambda s: s.rows.items([0]))
    shop.verify(repair=True)
    assert shop.verify() == []
    shop.say("new words")
    assert len(shop.read(lambda s: s.texts.postings("word").positions)) == 1


def test_a_store_that_forgot_its_encoder_is_a_typed_error(shop: Workshop):
    shop.sql("UPDATE setting SET value = 'words' WHERE key = 'encoder'")
    with pytest.raises(StoreCorruptError):
        Workshop(shop.path)


def test_a_file_of_rubbish_is_a_typed_error(tmp_path: Path, packed: Path):
    content = bytearray(packed.read_bytes())
    quarter = len(content) // 4
    content[quarter : 2 * quarter] = b"\xa5" * quarter
    path = tmp_path / "store.db"
    path.write_bytes(content)
    with pytest.raises(StoreCorruptError):
        damaged(path)


def damaged(path: Path) -> None:
    """Open and check a store; that its pages are found unsound is as good as an error."""
    shop = Workshop(path)
    try:
        if "file" in faces(shop.verify()):
            raise StoreCorruptError("found")
    finally:
        shop.close()


def test_erased_content_leaves_no_salt(shop: Workshop):
    rows = shop.sql("SELECT n FROM event WHERE salt IS NULL")
    assert rows
    shop.sql("UPDATE event SET salt = zeroblob(16) WHERE salt IS NULL")
    assert "event" in faces(shop.verify())
    shop.verify(repair=True)
    assert shop.verify() == []
    assert shop.sql("SELECT n FROM event WHERE salt IS NULL") == rows


def test_revisions_of_revisions_are_contiguous(shop: Workshop):
    draft = episode("one")
    shop.commit(draft)
    for text in ("two", "三", "four"):
        shop.revise(replace(episode(text), id=draft.id))
    assert shop.verify() == []
