"""Export and import: everything comes back, twice is once, and what cannot be used leaves nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from polymem.domain.batch import Enqueue
from polymem.domain.change import MergeEntities
from polymem.domain.derivation import Instructions
from polymem.domain.scope import Scope
from polymem.domain.timespan import to_micros
from polymem.engines.sqlite.exchange import FORMAT, RECORDS
from polymem.engines.sqlite.schema import MAX_POSITIONS
from polymem.engines.sqlite.transfer import BLOCK_RECORDS, Exporter
from polymem.errors import InputError, StoreFullError
from polymem.ports.ledger import Record
from polymem.testing.documents import document_of, stored
from tests.engines.sqlite.test_check import fill
from tests.engines.sqlite.workshop import (
    ALICE,
    BOB,
    ENCODER,
    NOON,
    OTHER,
    Workshop,
    encode_other,
    episode,
    fact,
    mention,
)

RUN = Scope(user_id="alice", agent_id="a", run_id="r")


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Workshop]:
    made = Workshop(tmp_path / "store.db")
    yield made
    assert made.verify() == []
    made.close()


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Workshop]:
    made = Workshop(tmp_path / "other.db")
    yield made
    assert made.verify() == []
    made.close()


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> list[Record]:
    made = Workshop(tmp_path_factory.mktemp("exported") / "store.db")
    fill(made)
    made.commit(episode("once 一次"), idempotency=("key", "digest"))
    later = NOON + timedelta(days=9)
    made.say("Zoe moved", fact("Zoe moved to 里昂", "lives_in", "里昂", subject="Zoe", valid_at=later))
    made.say("Zoe lives there", fact("Zoe lives in 里昂", "lives_in", "里昂", subject="Zoe", valid_at=NOON))
    made.commit(episode("read me later 等会儿再读"), enqueue=Enqueue(Instructions(prompt="只看地点")))
    report = document_of("file:///沼泽.pdf", modified_at=NOON, metadata={"年": 2021}, notes=("images",))
    pages = [
        episode(text, role="document", metadata={"document": report.id})
        for text in ("会被淹。", "It floods.")
    ]
    made.commit(*pages, changes=(stored(report, pages),))
    (_, _), (_, one), (_, other), *_ = made.read(lambda s: s.graph.entities(limit=99))
    made.commit(changes=(MergeEntities(one.id, (other.id,), (("stated", 1.0),)),))
    records = made.export()
    made.close()
    return records


def through_json(records: list[Record]) -> list[Record]:
    return [json.loads(json.dumps(record, ensure_ascii=False)) for record in records]


def body(records: list[Record]) -> list[Record]:
    """Return all but the header, which has the time of the export."""
    return records[1:]


def all_texts(shop: Workshop) -> list[str]:
    return [text for (text,) in shop.sql("SELECT text FROM item ORDER BY rid")]


# ---------------------------------------------------------------- round trips
def test_export_import_export_is_the_same(exported: list[Record], other: Workshop):
    assert exported[0]["encoder"] == {"name": ENCODER.name, "dim": ENCODER.dim}
    n = other.restore(through_json(exported))
    assert n == len({record["id"] for record in exported if record["type"] == "item"})
    assert body(other.export()) == body(exported)


def test_what_was_imported_answers_as_before(shop: Workshop, other: Workshop):
    fill(shop)
    other.restore(through_json(shop.export()))
    for scope in (ALICE, BOB):
        one, two = (
            w.read(
                lambda s: (s.rows.items(range(s.n)), s.keys.get(), s.graph.entities(limit=99)), scope=scope
            )
            for w in (shop, other)
        )
        by_id = {(i.id, i.version): i for i in one[0]}
        assert {(i.id, i.version): i for i in two[0]} == by_id
        assert [(k.key, k.value, k.slot) for k in one[1]] == [(k.key, k.value, k.slot) for k in two[1]]
        assert [e for _, e in one[2]] == [e for _, e in two[2]]
    assert other.read(lambda s: s.texts.postings("tea").positions.tolist())


def test_history_goes_on_in_the_imported_chain(exported: list[Record], other: Workshop):
    other.restore(exported)
    n_before = other.sql("SELECT n_events FROM partition WHERE owner = 'alice'")
    other.say("I live in Rome", fact("I live in Rome", "lives_in", "Rome", valid_at=NOON + timedelta(9)))
    assert other.sql("SELECT n_events FROM partition WHERE owner = 'alice'") > n_before
    assert other.commit(episode("once 一次"), idempotency=("key", "digest")).replayed


@pytest.mark.parametrize("text", ["", "\u200d家👨‍👩‍👧 \t\n", "x" * 300_000, "\u202ertl שלום"])
def test_texts_of_every_kind_come_back(shop: Workshop, other: Workshop, text: str):
    shop.commit(episode(text, metadata={"": [None, True, 1.0, -0.0, 2**63 - 1, {"城市": text[:9]}]}))
    other.restore(through_json(shop.export()))
    assert all_texts(other) == [text]
    assert body(other.export()) == body(shop.export())


def test_many_rows_are_packed_again(shop: Workshop, other: Workshop):
    shop.commit(*(episode(f"turn {n} 天气{n % 50}") for n in range(4_300)))
    gone, _ = shop.say("gone")
    shop.remove(gone, how="erase")
    assert other.restore(shop.export()) == 4_300
    assert other.sql("SELECT n_packed FROM partition") == [(1,)]
    assert body(other.export()) == body(shop.export())


def test_an_empty_store_is_exported_and_imported(shop: Workshop, other: Workshop):
    records = shop.export()
    assert [record["type"] for record in records] == ["polymem", "end"]
    assert other.restore(records) == 0
    assert shop.export(Scope(user_id="nobody"))[1:] == [{"type": "end", "n_records": 1}]


# ---------------------------------------------------------------- again, and into what is there
def test_importing_twice_is_importing_once(exported: list[Record], other: Workshop):
    other.restore(exported)
    before = other.export()
    assert other.restore(exported) == 0
    assert body(other.export()) == body(before)


def test_import_into_its_own_store_changes_nothing(shop: Workshop):
    fill(shop)
    before = shop.export()
    assert shop.restore(before) == 0
    assert body(shop.export()) == body(before)


def test_import_adds_to_what_is_there(exported: list[Record], other: Workshop):
    other.say("already here, Ann", fact("I like coffee", "likes", "coffee"), mentions=mention("Ann"))
    n_new = len({r["id"] for r in exported if r["type"] == "item"})
    assert other.restore(exported) == n_new
    assert other.verify() == []
    assert sorted(k.value for k in other.read(lambda s: s.keys.get("likes"))) == ["coffee", "tea"]
    assert [k.value for k in other.read(lambda s: s.keys.get("residence"))] == ["北京"]
    names = [entity.name for _, entity in other.read(lambda s: s.graph.entities(limit=99))]
    assert sorted(names) == sorted(set(names)), "Ann is known already"
    assert other.restore(exported) == 0
    added = other.sql("SELECT reason, actor FROM event WHERE reason = 'imported' AND partition = 1")
    assert added
    assert set(added) == {("imported", "import")}


def test_what_was_erased_does_not_come_back(shop: Workshop):
    said, _ = shop.say("to be forgotten 忘记", fact("I like fish", "likes", "fish"))
    kept, _ = shop.say("to be kept")
    records = shop.export()
    shop.remove(said, how="erase")
    shop.remove(kept)
    assert shop.restore(records) == 0
    assert all_texts(shop) == ["to be kept"]
    assert shop.current() == []


def test_a_fact_that_was_closed_there_is_closed_here(shop: Workshop, other: Workshop):
    shop.say("hello")
    shop.say("I live in Paris", old := fact("I live in Paris", "lives_in", "Paris"))
    rome = fact("I live in Rome", "lives_in", "Rome", valid_at=NOON + timedelta(1))
    shop.say("I live in Rome", rome)
    other.say("something")
    other.restore(shop.export())
    shop.remove(rome.id, how="erase")
    assert other.read(lambda s: s.rows.items([s.rows.position(old.id) or 0]))[0].superseded_by == rome.id


# ---------------------------------------------------------------- part of a store
def test_one_scope_is_exported_alone(shop: Workshop, other: Workshop):
    fill(shop)
    assert other.restore(shop.export(BOB)) == 1
    assert other.current(scope=BOB) == ["Bob's own"]
    assert other.sql("SELECT owner FROM partition") == [("bob",)]
    assert "alice" not in json.dumps(shop.export(BOB))


def test_a_run_is_exported_alone(shop: Workshop, other: Workshop):
    fill(shop)
    shop.commit(
        episode("in the run 二", mentions=mention("Ann")), fact("I like jazz", "likes", "jazz"), scope=RUN
    )
    records = shop.export(Scope(user_id="alice", run_id="r"))
    assert {r["text"] for r in records if r["type"] == "item"} == {"in a run", "in the run 二", "I like jazz"}
    assert not any(
        word in json.dumps(records, ensure_ascii=False)
        for word in ("Paris", "北京", "Bob", '"event"', "digest")
    )
    assert other.restore(records) == 3
    assert [k.value for k in other.read(lambda s: s.keys.get())] == ["jazz"]
    assert other.restore(records) == 0
    assert shop.export(Scope(user_id="alice", run_id="nothing"))[1]["complete"] is False


def test_partitions_of_agents_and_runs(shop: Workshop, other: Workshop):
    for scope in (Scope(agent_id="a"), Scope(run_id="r"), Scope(tenant="t", agent_id="a", run_id="r")):
        shop.commit(episode(f"in {scope}"), scope=scope)
    other.restore(shop.export())
    assert body(other.export()) == body(shop.export())
    assert [r["complete"] for r in shop.export(Scope(agent_id="a")) if r["type"] == "partition"] == [True]


# ---------------------------------------------------------------- another encoder
def test_vectors_of_another_encoder_are_made_anew(exported: list[Record], tmp_path: Path):
    other = Workshop(tmp_path / "other.db", encoder=OTHER)
    other.restore(exported)
    (n_indexed,) = other.sql("SELECT sum(n_indexed) FROM partition")[0]
    assert other.embed() == n_indexed > 0
    assert other.sql("SELECT count(*) FROM vector") == [(0,)]
    assert other.verify() == []
    assert other.embed(encode=encode_other) == n_indexed
    assert other.embed() == 0
    assert other.verify() == []
    other.close()


def test_vectors_may_be_left_out(exported: list[Record], other: Workshop):
    other.restore([r | {"vector": None} if r["type"] == "item" else r for r in exported])
    assert other.embed() == sum(
        "embedded" in r["flags"] or "pending" in r["flags"] for r in exported if r["type"] == "item"
    )


# ---------------------------------------------------------------- bad input
def first(records: list[Record], kind: str) -> int:
    return next(n for n, record in enumerate(records) if record["type"] == kind)


def changed(kind: str, /, **fields: object) -> Callable[[list[Record]], tuple[list[Record], int]]:
    def change(records: list[Record]) -> tuple[list[Record], int]:
        at = first(records, kind)
        return [r | fields if n == at else r for n, r in enumerate(records)], at + 1

    return change


def without(kind: str, field: str) -> Callable[[list[Record]], tuple[list[Record], int]]:
    def change(records: list[Record]) -> tuple[list[Record], int]:
        at = first(records, kind)
        cut = {name: value for name, value in records[at].items() if name != field}
        return [cut if n == at else r for n, r in enumerate(records)], at + 1

    return change


def instead(kind: str, *given: object) -> Callable[[list[Record]], tuple[list[Record], int]]:
    def change(records: list[Record]) -> tuple[list[Record], int]:
        at = first(records, kind)
        return [*records[:at], *given, *records[at + 1 :]], at + 1  # type: ignore[list-item]

    return change


def twice(kind: str) -> Callable[[list[Record]], tuple[list[Record], int]]:
    def change(records: list[Record]) -> tuple[list[Record], int]:
        at = first(records, kind)
        return [*records[: at + 1], records[at], *records[at + 1 :]], at + 2

    return change


def nested(depth: int) -> object:
    value: object = "x"
    for _ in range(depth):
        value = [value]
    return value


BAD = {
    "a list": instead("item", []),
    "null": instead("item", None),
    "no type": without("item", "type"),
    "unknown type": changed("item", type="thing"),
    "a type that is no text": changed("item", type=["item"]),
    "unknown field": changed("item", colour="red"),
    "missing field": without("item", "text"),
    "newer format": changed("polymem", format=FORMAT + 1),
    "format as text": changed("polymem", format="1"),
    "malformed id": changed("item", id="1"),
    "id in another form": changed("episode", id="{00000000-0000-4000-8000-000000000000}"),
    "wildcard owner": changed("partition", owner="*"),
    "blank owner": changed("partition", owner=" alice"),
    "unknown kind of owner": changed("partition", kind="group"),
    "version 0": changed("item", version=0),
    "version 2 first": changed("item", version=2),
    "huge version": changed("item", version=2**70),
    "boolean version": changed("item", version=True),
    "naive time": changed("item", valid_at="2024-05-01T12:00:00"),
    "malformed time": changed("item", valid_at="yesterday"),
    "time as number": changed("item", valid_at=5),
    "importance of 400 digits": changed("item", importance=10**400),
    "more events than can be counted on": changed("partition", n_events=2**63 - 1),
    "a place in the history beyond all": changed("event", n=2**63 - 1),
    "a version no link holds": changed("event", old_version=2**32),
    "a new version no link holds": changed("event", new_version=2**32),
    "stored when nothing fits after it": changed("item", created_at="9999-12-31T23:59:59.999999+00:00"),
    "happened when nothing fits after it": changed("event", at="9999-01-01T00:00:00+00:00"),
    "message too deep": changed("episode", message={"role": "user", "content": "x", "more": nested(33)}),
    "NUL": changed("item", text="a\0b"),
    "lone surrogate": changed("item", text="\ud800"),
    "metadata as list": changed("item", metadata=[1]),
    "metadata with NaN": changed("item", metadata={"n": float("nan")}),
    "message as text": changed("episode", message="hello"),
    "importance": changed("item", importance=7),
    "importance NaN": changed("item", importance=float("nan")),
    "unknown kind": changed("item", kind="dream"),
    "unknown flag": changed("item", flags=["shiny"]),
    "flags as text": changed("item", flags="indexed"),
    "vector not base64": changed("item", vector="ä"),
    "vector of wrong size": changed("item", vector="AAAA"),
    "vector infinite": changed("item", vector="AHw" * 10 + "A="),
    "entity that is not there": changed("item", mentions=["00000000-0000-4000-8000-000000000000"]),
    "relation without subject": changed("relation", subject="00000000-0000-4000-8000-000000000000"),
    "source without item": changed("source", item="00000000-0000-4000-8000-000000000000"),
    "source without episode": changed("source", episode="00000000-0000-4000-8000-000000000000"),
    "salt": changed("event", salt="xyz"),
    "unknown event": changed("event", event="VANISH"),
    "item twice": twice("item"),
    "entity twice": twice("entity"),
    "event twice": twice("event"),
    "partition twice": twice("partition"),
    "end twice": twice("end"),
    "episode twice": twice("episode"),
    "wrong count": changed("end", n_records=3),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_names_its_line_and_leaves_nothing(exported: list[Record], shop: Workshop, name: str):
    records, line = BAD[name](exported)
    with pytest.raises(InputError) as caught:
        shop.restore(records)
    assert caught.value.argument == "records"
    assert caught.value.line == line
    assert not any(word in str(caught.value) for word in ("tea", "Paris", "北京"))
    assert shop.sql("SELECT count(*) FROM item") == shop.sql("SELECT count(*) FROM partition") == [(0,)]


@pytest.mark.parametrize("instant", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59.999999-23:59"])
@pytest.mark.parametrize(
    ("kind", "field"),
    [(kind, name) for kind, readers in RECORDS.items() for name in readers if f"_{name}".endswith("_at")],
)
def test_no_time_lies_outside_what_can_be_given_back(
    exported: list[Record], shop: Workshop, kind: str, field: str, instant: str
):
    records, line = changed(kind, **{field: instant})(exported)
    with pytest.raises(InputError, match="years 1 to 9999") as caught:
        shop.restore(records)
    assert (caught.value.line, caught.value.field) == (line, field)
    assert shop.sql("SELECT count(*) FROM partition") == [(0,)]


FIRST, LAST = "0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59.999999+00:00"
LAST_STORED = "9998-12-31T23:59:59.999999+00:00"


@pytest.mark.parametrize(
    ("field", "instant"),
    [
        *(
            (field, instant)
            for field in ("valid_at", "invalid_at", "expires_at")
            for instant in (FIRST, LAST)
        ),
        *(
            (field, instant)
            for field in ("created_at", "updated_at", "first_at", "expired_at")
            for instant in (FIRST, LAST_STORED)
        ),
    ],
)
def test_times_at_the_edges_are_read_and_written_on(
    exported: list[Record], tmp_path: Path, field: str, instant: str
):
    made = Workshop(tmp_path / "edge.db")
    made.restore(changed("item", **{field: instant})(exported)[0])
    assert made.read(lambda s: s.rows.items(range(s.n)))
    made.say("goes on", fact("I live in Rome", "lives_in", "Rome"))
    assert len(made.export()) > len(exported)
    made.close()


# ---------------------------------------------------------------- the counters of a partition
FAR = "9000-01-01T00:00:00+00:00"


def last_at(shop: Workshop) -> int:
    return max(at for (at,) in shop.sql("SELECT last_at FROM partition WHERE owner = 'alice'"))


@pytest.mark.parametrize("fresh", [True, False])
def test_one_number_does_not_move_a_scope_into_the_future(
    exported: list[Record], other: Workshop, fresh: bool
):
    if not fresh:
        other.say("already here")
    other.restore(changed("partition", last_at=FAR)(exported)[0])
    assert last_at(other) <= to_micros(datetime.now(UTC))


@pytest.mark.parametrize("fresh", [True, False])
def test_time_does_not_run_backwards_from_rows_of_a_faster_clock(
    shop: Workshop, other: Workshop, fresh: bool
):
    shop.now = datetime.fromisoformat(FAR)
    shop.say("ahead of its time")
    if not fresh:
        other.say("already here")
    other.restore(shop.export())
    assert last_at(other) == last_at(shop) > to_micros(datetime.now(UTC))
    other.say("still later")


def test_a_history_longer_than_it_is_said_to_be_goes_on_behind_its_end(
    exported: list[Record], tmp_path: Path
):
    made = Workshop(tmp_path / "short.db")
    made.restore(changed("partition", n_events=1)(exported)[0])
    made.say("goes on")
    assert made.verify() == []
    made.close()


@pytest.mark.parametrize("counter", ["next_position", "next_entity", "next_relation"])
def test_numbers_do_not_run_into_the_next_partition(exported: list[Record], tmp_path: Path, counter: str):
    made = Workshop(tmp_path / "full.db")
    made.say("already here")
    made.sql(f"UPDATE partition SET {counter} = {MAX_POSITIONS}")
    before = made.sql("SELECT count(*) FROM item")
    with pytest.raises(StoreFullError):
        made.restore(exported)
    assert made.sql("SELECT count(*) FROM item") == before
    made.close()


@pytest.mark.parametrize("cut", [0, 1, 5, -1])
def test_records_that_were_cut_short_are_refused(exported: list[Record], shop: Workshop, cut: int):
    with pytest.raises(InputError, match=r"complete|place"):
        shop.restore(exported[:cut])
    with pytest.raises(InputError):
        shop.restore(exported[1:])
    assert shop.sql("SELECT count(*) FROM partition") == [(0,)]


def test_records_of_one_partition_cannot_be_put_into_another(shop: Workshop):
    fill(shop)
    before = shop.export(BOB)
    stolen = [r | {"owner": "bob"} if r["type"] == "partition" else r for r in shop.export(ALICE)]
    with pytest.raises(InputError, match="taken"):
        shop.restore(stolen)
    agent = Scope(agent_id="a")
    shop.commit(episode("agent's"), scope=agent)
    with pytest.raises(InputError):
        shop.restore([r | {"owner": "b"} if r["type"] == "partition" else r for r in shop.export(agent)])
    assert body(shop.export(BOB)) == body(before)


def test_an_error_of_the_reader_of_the_file_leaves_nothing(exported: list[Record], shop: Workshop):
    def broken() -> Iterator[Record]:
        yield from exported[:9]
        raise InputError("line 10 is not JSON", argument="path")

    with pytest.raises(InputError, match="line 10"):
        shop.restore(broken())  # type: ignore[arg-type]
    assert shop.sql("SELECT count(*) FROM partition") == [(0,)]
    assert shop.say("goes on")[1].version == 1


def test_the_export_is_of_one_instant(shop: Workshop):
    shop.commit(*(episode(f"n {n}") for n in range(BLOCK_RECORDS)))
    reader = Exporter(shop.path, None)
    records = reader.next_block()
    shop.say("later")
    while block := reader.next_block():
        records += block
    reader.close()
    reader.close()

    assert "later" not in {r.get("text") for r in records}
    assert records[-1] == {"type": "end", "n_records": len(records) - 1}


def test_a_damaged_history_is_imported_and_still_found(
    exported: list[Record], other: Workshop, tmp_path: Path
):
    made = Workshop(tmp_path / "damaged.db")
    at = first(exported, "event")
    made.restore([r | {"actor": "nobody"} if n == at else r for n, r in enumerate(exported)])
    assert {f.face for f in made.verify()} == {"event"}
    made.close()


def test_revisions_come_along(shop: Workshop, other: Workshop):
    shop.commit(said := episode("one", speaker="Ann"))
    shop.revise(replace(episode("two 二"), id=said.id))
    other.say("here")
    assert other.restore(shop.export()) == 1
    assert [e.name for e in other.read(lambda s: s.rows.history(said.id))] == ["ADD", "UPDATE"]
    assert [e.new_text for e in other.read(lambda s: s.rows.history(said.id))] == ["one", "two 二"]
