"""The SQL translation of filters agrees with the reference, row by row."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from polymem.domain.filter import BUILT_IN, Filter, parse_filter
from polymem.domain.filter_eval import matches
from polymem.domain.item import KINDS, Item
from polymem.domain.metadata import encode_json
from polymem.domain.timespan import EPOCH, to_micros
from polymem.engines.sqlite.filters import register_functions, to_sql
from polymem.errors import CapabilityError

COLUMNS = {name: f"i.{name}" for name in (*BUILT_IN, "metadata")}
NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)

# ---------------------------------------------------------------- rows
KEYS = ["n", "城市", 'q"u\\o', "do.t", "$[0]"]
VALUES = [
    None,
    True,
    False,
    0,
    1,
    1.0,
    -2,
    2.5,
    "",
    "a",
    "A",
    "1",
    "ab",
    "北京",
    [],
    [1],
    ["a", "A"],
    [None, True],
    {},
    {"n": 1},
]
TEXTS = [
    "",
    "a",
    "b",
    "A",
    "ß",
    "SS",
    "İ",
    "北京",
    "北",
    "😀",
    "\U00010000",
    "￿",
    '"',
    "\\",
    "\n",
    "*?",
    "%",
    "1",
    "null",
    "x\x7f",
]
NUMBERS = [
    *(0, -0.0, 1, 1.0, -1, 2, 2.5, 1e5, 100_000, 0.1, 0.30000000000000004, 1e300, 5e-324, 1e22, 10**18),
    *(2**53, 2**53 + 1, float(2**53), 2**63 - 1, -(2**63), float(2**63), -float(2**63)),
]
keys = st.sampled_from(KEYS)
texts = st.sampled_from(TEXTS) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=4
)
numbers = (
    st.sampled_from(NUMBERS)
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
)
scalars = (
    st.sampled_from([v for v in VALUES if not isinstance(v, (list, dict))]) | st.booleans() | numbers | texts
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=6,
)
values = st.sampled_from(VALUES) | values
objects = st.dictionaries(keys, values, max_size=5)
moments = st.sampled_from([EPOCH, NOON, NOON + timedelta(microseconds=1)]) | st.datetimes(
    timezones=st.just(UTC)
)
rows = st.builds(
    Item,
    id=st.sampled_from(["i1", "i2"]),
    kind=st.sampled_from(KINDS),
    text=texts,
    metadata=objects,
    importance=st.sampled_from([0.0, 0.1, 0.5, 1.0]),
    valid_at=moments,
    invalid_at=st.none() | moments,
    created_at=moments,
    expired_at=st.none() | moments,
    expires_at=st.none() | moments,
    updated_at=moments,
    version=st.integers(1, 3),
    tenant=st.sampled_from(["default", "t"]),
    user_id=st.none() | st.sampled_from(["alice", "bob"]),
    agent_id=st.none() | st.sampled_from(["7", "bot"]),
    run_id=st.none() | st.sampled_from(["7", "r"]),
    role=st.sampled_from(["user", ""]),
    speaker=st.sampled_from(["Ann", "", "安娜"]),
    superseded_by=st.none(),
    n_evidence=st.just(1),
    episode_ids=st.just(()),
)

# ---------------------------------------------------------------- filters
ORDER = ["gt", "gte", "lt", "lte"]
plain = {"exists": st.booleans()}


def conditions(
    equal: st.SearchStrategy, *, ordered: bool, texts: st.SearchStrategy | None
) -> st.SearchStrategy:
    operands = {
        **plain,
        **dict.fromkeys(("eq", "ne"), equal),
        **dict.fromkeys(("in", "nin"), st.lists(equal, max_size=4)),
    }
    operands |= dict.fromkeys(ORDER, equal.filter(lambda value: value is not None)) if ordered else {}
    operands |= dict.fromkeys(("contains", "icontains"), texts) if texts is not None else {}
    return st.dictionaries(st.sampled_from(sorted(operands)), st.none(), min_size=1, max_size=2).flatmap(
        lambda chosen: st.fixed_dictionaries({op: operands[op] for op in chosen})
    )


def written(key: str) -> str:
    return key.replace("\\", "\\\\").replace(".", "\\.")


paths = st.lists(keys, min_size=1, max_size=2).map(lambda path: ".".join(["metadata", *map(written, path)]))
json_conditions = st.one_of(
    st.fixed_dictionaries({"eq": values}),
    st.fixed_dictionaries({"ne": values}),
    st.fixed_dictionaries({"contains": values}),
    st.fixed_dictionaries({"icontains": texts}),
    conditions(scalars, ordered=False, texts=None),
    *(st.fixed_dictionaries({op: numbers | texts}) for op in ORDER),
)
times = st.none() | moments
columns = {
    "text": conditions(st.none() | texts, ordered=True, texts=texts),
    "id": conditions(st.sampled_from(["alice", "bot", 7, None]), ordered=True, texts=texts),
    "kind": conditions(st.none() | st.sampled_from(KINDS), ordered=False, texts=None),
    "number": conditions(
        st.none() | st.sampled_from([0, 0.1, 0.5, 1, 1.0, 2, 2**63 - 1]), ordered=True, texts=None
    ),
    "time": conditions(times, ordered=True, texts=None),
    "scope": st.sampled_from(["alice", "t", "default"]),
}
leaves = st.tuples(paths, json_conditions) | st.one_of(
    *(st.tuples(st.just(name), columns[kind]) for name, kind in BUILT_IN.items())
)
filters = st.recursive(
    leaves.map(lambda pair: dict([pair])),
    lambda inner: st.one_of(
        *(
            st.lists(inner, min_size=1, max_size=3).map(lambda parts, op=op: {op: parts})
            for op in ("AND", "OR", "NOT")
        ),
        inner.map(lambda part: {"NOT": part}),
    ),
    max_leaves=5,
)


@pytest.fixture(scope="module")
def connection() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:")
    register_functions(connection)
    types = {"number": "", "time": "INTEGER"}
    fields = ", ".join(f"{name} {types.get(kind, 'TEXT')}" for name, kind in BUILT_IN.items())
    connection.execute(f"CREATE TABLE item ({fields}, metadata TEXT)")
    yield connection
    connection.close()


def tree_of(condition: object) -> Filter:
    tree = parse_filter(condition)
    assert tree is not None
    return tree


def answers(connection: sqlite3.Connection, condition: object, items: list[Item]) -> list[bool | None]:
    """Return what SQL says of each row."""
    text, params = to_sql(tree_of(condition), columns=COLUMNS)
    connection.execute("DELETE FROM item")
    for item in items:
        cells = [getattr(item, name) for name in BUILT_IN]
        cells = [to_micros(cell) if isinstance(cell, datetime) else cell for cell in cells]
        connection.execute(
            f"INSERT INTO item VALUES ({'?, ' * len(cells)} ?)", [*cells, encode_json(item.metadata)]
        )
    found = connection.execute(f"SELECT {text} FROM item AS i ORDER BY i.rowid", params)
    result = [None if truth is None else bool(truth) for (truth,) in found]
    selected = connection.execute(f"SELECT i.rowid FROM item AS i WHERE {text} ORDER BY i.rowid", params)
    assert [n for n, truth in enumerate(result, 1) if truth] == [rowid for (rowid,) in selected]
    return result


def item(**given: Any) -> Item:
    cells: dict[str, Any] = {**dict.fromkeys(Item.__dataclass_fields__), "metadata": {}, **given}
    return Item(**cells)


# ---------------------------------------------------------------- properties
@settings(max_examples=250, deadline=None)
@given(filters, st.lists(rows, min_size=1, max_size=4))
@example({"n": {"gt": 2**53}}, [item(metadata={"n": 2**53 + 1}), item(metadata={"n": float(2**53)})])
@example({"n": {"eq": True}}, [item(metadata={"n": 1}), item(metadata={"n": True})])
@example({"s": {"gt": "\uffff"}}, [item(metadata={"s": "\U00010000"})])
@example(
    {"n": {"in": [1, True, None]}},
    [item(metadata={"n": n}) for n in (1, True, 1.0, False, "1", None, [], {})],
)
@example(
    {"n": {"contains": [1.0, {"a": 1}]}},
    [item(metadata={"n": [[1, {"a": 1.0}], 2]}), item(metadata={"n": [[True, {"a": 1}]]})],
)
@example(
    {"n": {"contains": "a"}}, [item(metadata={"n": [1, None, {"a": 1}, "a"]}), item(metadata={"n": '["a"]'})]
)
def test_sql_agrees_with_the_reference(connection, condition, items):
    tree = tree_of(condition)
    assert answers(connection, condition, items) == [matches(tree, row) for row in items]


@settings(max_examples=150, deadline=None)
@given(
    path=st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=6),
        min_size=1,
        max_size=3,
    ),
    value=scalars,
)
@example(path=['a"b', "c"], value=1)
@example(path=["\\u4e2d"], value=1)
@example(path=["中"], value=1)
@example(path=['"]', "$.x"], value=1)
def test_any_key_is_found(connection, path, value):
    metadata: object = value
    for key in reversed(path):
        metadata = {key: metadata}
    name = ".".join(["metadata", *map(written, path)])
    rows = [item(metadata=metadata), item(metadata={})]
    assert answers(connection, {name: {"exists": True}}, rows) == [True, False]
    if value != "*":
        assert answers(connection, {name: value}, rows) == [True, True if value is None else None]


def every_condition() -> Iterator[Any]:
    plain = [value for value in VALUES if not isinstance(value, (list, dict))]
    yield from ({op: value} for op in ("eq", "ne", "contains") for value in VALUES)
    yield from ({op: list(pair)} for op in ("in", "nin") for pair in itertools.product(plain, plain))
    yield from ({op: [value] if value != "-" else []} for op in ("in", "nin") for value in ("-", *plain))
    yield from ({op: v} for op in ORDER for v in plain if v is not None and not isinstance(v, bool))
    yield from ({"icontains": value} for value in plain if isinstance(value, str))
    yield from ({"exists": value} for value in (True, False))


@pytest.mark.parametrize("key", ["n", 'q"u'])
def test_every_operator_on_every_pair_of_values(connection, key):
    rows = [item(metadata={}), *(item(metadata={key: value}) for value in VALUES)]
    for condition in every_condition():
        tree = tree_of({key: condition})
        assert answers(connection, {key: condition}, rows) == [matches(tree, row) for row in rows], condition


# ---------------------------------------------------------------- examples
def test_numbers_compare_exactly(connection):
    rows = [item(metadata={"n": n}) for n in (2**53, 2**53 + 1, float(2**53), 2**63 - 1)]
    assert answers(connection, {"n": float(2**53)}, rows) == [True, False, True, False]
    assert answers(connection, {"n": 2**53 + 1}, rows) == [False, True, False, False]
    assert answers(connection, {"n": {"lt": float(2**63)}}, rows) == [True] * 4


def test_folding_is_not_limited_to_ascii(connection):
    rows = [item(text=text, metadata={"t": [text]}) for text in ("STRASSE", "Straße", "ÉCOLE", "école")]
    for field in ("text", "t"):
        assert answers(connection, {field: {"icontains": "strasse"}}, rows) == [True, True, False, False]
        assert answers(connection, {field: {"icontains": "École"}}, rows) == [False, False, True, True]


def test_operands_are_data_and_not_sql(connection):
    attack = "') OR 1=1 --"
    rows = [item(text="x", metadata={"s": "x"}), item(text=attack, metadata={"s": attack, attack: 1})]
    assert answers(connection, {"OR": [{"text": attack}, {"s": attack}]}, rows) == [False, True]
    assert answers(connection, {attack: 1}, rows) == [None, True]


def test_naming_another_owner_selects_nothing(connection):
    rows = [item(tenant="default", user_id="alice")]
    assert answers(connection, {"OR": [{"user_id": "bob"}, {"tenant": "other"}]}, rows) == [False]
    assert answers(connection, {"AND": [{"user_id": "alice"}]}, rows) == [True]


def test_a_row_without_metadata_has_no_keys(connection):
    condition = {"a": {"exists": False}, 'q"': None, "b": {"nin": []}}
    text, params = to_sql(tree_of(condition), columns={"metadata": "NULL"})
    assert connection.execute(f"SELECT {text}", params).fetchone() == (1,)


def test_a_field_that_the_engine_lacks_is_an_error():
    with pytest.raises(CapabilityError) as caught:
        to_sql(tree_of({"speaker": "Ann"}), columns={"metadata": "m"})
    assert caught.value.capability == "filter:speaker"


# ---------------------------------------------------------------- limits of SQLite
def chain(n: int, *, word: str = "AND") -> dict[str, object]:
    return {word: [{f"k{i}": {"in": ["x", 1, None]}} for i in range(n)]}


def nested(depth: int, width: int, *, words: tuple[str, ...]) -> dict[str, object]:
    """Each level holds *width* terms before the next level."""
    condition: dict[str, object] = {"n": {"contains": "deep"}}
    for level in range(depth):
        terms = [{"n": {"in": ["x", 1, None]}} for _ in range(width)]
        condition = {words[level % len(words)]: [*terms, condition]}
    return condition


def caterpillar(depth: int) -> dict[str, object]:
    """Each level holds a deep chain before the next level."""
    condition: dict[str, object] = {"n": 1}
    for level in range(depth):
        word = ("AND", "OR")[level % 2]
        condition = {word: [nested(level, 1, words=("AND", "OR")), {"n": 2}, condition]}
    return condition


def bushy(depth: int) -> dict[str, object]:
    """Every level forks in two."""
    if not depth:
        return {"n": {"in": ["x", 1, None]}}
    return {("AND", "OR", "NOT")[depth % 3]: [bushy(depth - 1), bushy(depth - 1)]}


@pytest.mark.parametrize(
    "condition",
    [
        chain(1_000),
        chain(1_000, word="OR"),
        chain(1_000, word="NOT"),
        nested(32, 30, words=("AND", "OR")),
        nested(32, 30, words=("NOT", "NOT", "AND")),
        nested(32, 30, words=("OR", "NOT")),
        nested(32, 0, words=("NOT",)),
        caterpillar(28),
        bushy(9),
    ],
    ids=["and", "or", "not", "and-or", "not-not-and", "or-not", "nots", "caterpillar", "bushy"],
)
def test_the_largest_filters_run_inside_a_larger_statement(connection, condition):
    tree = tree_of(condition)
    text, params = to_sql(tree, columns=COLUMNS)
    row = item(metadata={"n": 1, "s": "x"})
    connection.execute("DELETE FROM item")
    connection.execute("INSERT INTO item (metadata) VALUES (?)", (encode_json(row.metadata),))
    # Ten levels of parentheses stand for the statement in which an engine embeds the expression.
    outer = f"SELECT * FROM (SELECT {'(' * 10}{text}{')' * 10} FROM item AS i WHERE i.rowid > 0 AND (1 OR {text}))"
    (truth,) = connection.execute(outer, params * 2).fetchone()
    assert (None if truth is None else bool(truth)) == matches(tree, row)


def test_a_list_of_ten_thousand_values_runs(connection):
    many = [f"v{n}" for n in range(10_000)]
    rows = [item(id="v9999", metadata={"s": "v9999"}), item(id="x", metadata={"s": "x"})]
    assert answers(connection, {"s": {"in": many}, "id": many}, rows) == [True, False]


def test_metadata_at_the_greatest_depth_is_read(connection):
    value: object = 1
    for _ in range(32):
        value = {"k": value}
    assert answers(connection, {".".join("k" * 32): 1}, [item(metadata=value)]) == [True]
