"""The package's decorator for values against the standard library's: whatever can be asked of one, both answer alike."""

import copy
import dataclasses
import inspect
import pickle
import typing
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from polymem.domain import slotted


@dataclasses.dataclass(frozen=True, slots=True)
class Standard:
    """A value."""

    name: str
    parts: dict[str, int] = dataclasses.field(default_factory=dict[str, int])
    secret: object = dataclasses.field(default=None, repr=False)
    size: float = 1.5

    @property
    def double(self) -> float:
        """Twice the size."""
        return 2 * self.size


@slotted.dataclass(frozen=True, slots=True)
class Ours:
    """A value."""

    name: str
    parts: dict[str, int] = dataclasses.field(default_factory=dict[str, int])
    secret: object = dataclasses.field(default=None, repr=False)
    size: float = 1.5

    @property
    def double(self) -> float:
        """Twice the size."""
        return 2 * self.size


@dataclasses.dataclass(slots=True)
class StandardOpen:
    """A value."""

    name: str
    parts: dict[str, int] = dataclasses.field(default_factory=dict[str, int])
    secret: object = dataclasses.field(default=None, repr=False)
    size: float = 1.5

    @property
    def double(self) -> float:
        """Twice the size."""
        return 2 * self.size


@slotted.dataclass(slots=True)
class OursOpen:
    """A value."""

    name: str
    parts: dict[str, int] = dataclasses.field(default_factory=dict[str, int])
    secret: object = dataclasses.field(default=None, repr=False)
    size: float = 1.5

    @property
    def double(self) -> float:
        """Twice the size."""
        return 2 * self.size


@slotted.dataclass(frozen=True, slots=True)
class Twin:
    """Of another class with the same fields."""

    name: str
    parts: dict[str, int] = dataclasses.field(default_factory=dict[str, int])
    secret: object = dataclasses.field(default=None, repr=False)
    size: float = 1.5


@slotted.dataclass(frozen=True, slots=True)
class Row(Sequence[int]):
    """A value with a base and one field."""

    numbers: tuple[int, ...] = ()

    def __getitem__(self, index):
        return self.numbers[index]

    def __len__(self):
        return len(self.numbers)


def _error(act):
    try:
        return act()
    except (TypeError, AttributeError) as error:
        return type(error), str(error)


QUESTIONS = {
    "repr": lambda kind: repr(kind("a", {"x": 1}, "hush")),
    "defaults": lambda kind: dataclasses.astuple(kind("a")),
    "a default made anew": lambda kind: kind("a").parts is kind("a").parts,
    "the default given": lambda kind: kind("a", None).parts,
    "arguments by name": lambda kind: dataclasses.asdict(kind(size=2.0, parts={}, name="b")),
    "equal": lambda kind: (kind("a") == kind("a"), kind("a") == kind("b"), kind("a") != kind("a")),
    "equal to another class": lambda kind: (kind("a") == Twin("a"), kind("a") == "a"),
    "hash of what has one": lambda kind: hash(kind("a", (), 1)) == hash(kind("a", (), 1)),
    "hash of what has none": lambda kind: _error(lambda: hash(kind("a"))),
    "hash as the standard one": lambda kind: hash(kind("a", (), 1)),
    "as a key": lambda kind: {kind("a", ()): 1}[kind("a", ())],
    "set": lambda kind: _error(lambda: setattr(kind("a"), "size", 3)),
    "delete": lambda kind: _error(lambda: delattr(kind("a"), "size")),
    "no room for more": lambda kind: hasattr(kind("a"), "__dict__"),
    "argument missing": _error,
    "argument unknown": lambda kind: _error(lambda: kind("a", other=1)),
    "too many arguments": lambda kind: _error(lambda: kind(1, 2, 3, 4, 5)),
    "fields": lambda kind: [(field.name, field.type, field.default) for field in dataclasses.fields(kind)],
    "replaced": lambda kind: repr(dataclasses.replace(kind("a"), name="b", size=4)),
    "is a dataclass": lambda kind: (dataclasses.is_dataclass(kind), dataclasses.is_dataclass(kind("a"))),
    "signature": lambda kind: str(inspect.signature(kind)),
    "types": lambda kind: typing.get_type_hints(kind.__init__),
    "pattern": lambda kind: kind.__match_args__,
    "slots": lambda kind: kind.__slots__,
    "documentation": lambda kind: kind.__doc__,
    "property": lambda kind: kind("a").double,
    "pickled": lambda kind: (
        pickle.loads(pickle.dumps(kind("a", {"x": 1}, "b", 2))) == kind("a", {"x": 1}, "b", 2)
    ),
    "copied": lambda kind: copy.copy(kind("a", {"x": 1})) == kind("a", {"x": 1}),
    "copied in depth": lambda kind: copy.deepcopy(kind("a", {"x": 1})).parts,
}


def _said(kind, question):
    return repr(_error(lambda: question(kind))).replace(kind.__name__, "Kind")


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_a_frozen_one_answers_as_the_standard_dataclass(question):
    assert _said(Ours, question) == _said(Standard, question)


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_one_that_can_change_answers_as_the_standard_dataclass(question):
    assert _said(OursOpen, question) == _said(StandardOpen, question)


@pytest.mark.parametrize(
    ("kind", "error"), [(Ours, dataclasses.FrozenInstanceError), (OursOpen, AttributeError)]
)
def test_nothing_else_can_be_set(kind, error):
    value = kind("a")
    with pytest.raises(error):
        value.other = 1


def test_a_deep_copy_shares_nothing_that_can_change():
    value = Ours("a", {"x": 1})
    assert copy.deepcopy(value).parts is not value.parts
    assert copy.copy(value).parts is value.parts


def test_a_value_with_a_base_and_one_field():
    row = Row((1, 2))
    assert isinstance(row, Sequence)
    assert list(row) == [1, 2]
    assert row == Row((1, 2)) != Row()
    assert hash(row) == hash(Row((1, 2)))


def test_values_that_are_compared_by_identity():
    @slotted.dataclass(frozen=True, slots=True, eq=False)
    class Rule:
        """Its parts may have no hash."""

        words: list[str]

    rule = Rule(["a"])
    assert rule != Rule(["a"])
    assert {rule: 1}[rule] == 1


@pytest.mark.parametrize(
    ("kind", "default"),
    [
        (int, dataclasses.field(kw_only=True)),
        (int, dataclasses.field(init=False)),
        (int, dataclasses.field(compare=False)),
        (int, dataclasses.field(hash=False)),
        (typing.ClassVar[int], 1),
        ("dataclasses.InitVar[int]", 1),
        ("dataclasses.KW_ONLY", 1),
    ],
)
def test_refuses_a_field_that_it_would_take_for_another(kind, default):
    body = {"__annotations__": {"size": kind}, "size": default}
    with pytest.raises(TypeError, match="standard library"):
        slotted.dataclass(frozen=True, slots=True)(type("Refused", (), body))


@pytest.mark.parametrize("body", [{"__post_init__": lambda _: None}, {"__dataclass_fields__": {}}])
def test_refuses_a_class_whose_fields_it_would_not_all_see(body):
    with pytest.raises(TypeError, match="standard library"):
        slotted.dataclass(slots=True)(type("Refused", (), body | {"__annotations__": {"size": int}}))


@pytest.mark.parametrize("option", ["order", "kw_only", "repr", "unsafe_hash", "weakref_slot"])
def test_refuses_other_options(option):
    with pytest.raises(TypeError):
        slotted.dataclass(slots=True, **{option: True})


def test_a_standard_dataclass_may_inherit_from_one():
    @dataclasses.dataclass(frozen=True)
    class Longer(Ours):
        """With a field more."""

        length: int = 3

    assert Longer("a").length == 3
    assert Longer("a", size=2.5) == Longer("a", size=2.5)
    assert repr(Longer("a")).endswith("size=1.5, length=3)")
    with pytest.raises(TypeError, match="non-frozen"):
        dataclasses.dataclass(type("Loose", (Ours,), {}))


def test_what_is_made_when_first_used_is_whole_for_threads_that_come_together():
    def use(n):
        kind = kinds[n % len(kinds)]
        return kind(n) == kind(n), len(dataclasses.fields(kind)), repr(kind(n)).endswith(f"size={n})")

    kinds = [
        slotted.dataclass(slots=True)(type("Kind", (), {"__annotations__": {"size": int}})) for _ in range(50)
    ]
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(use, range(400))) == {(True, 1, True)}
