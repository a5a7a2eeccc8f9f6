"""Every budget can fail, and an allowance holds for what it names and for nothing else."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from tools.budgets import Allowance, Budget, BudgetFileError, Finding, check_package

LIMITS = {
    "file_lines": 30,
    "median_lines": 30,
    "function_lines": 5,
    "parameters": 3,
    "positional": 2,
    "port_methods": 2,
    "public_names": 2,
}


def write(package: Path, path: str, code: str) -> None:
    file = package / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(textwrap.dedent(code), encoding="utf-8")


def found(package: Path, *allowances: Allowance) -> list[tuple[str, str]]:
    findings = check_package(package, Budget(LIMITS, list(allowances)))
    return [(finding.check, finding.name or finding.path) for finding in findings]


def test_a_clean_package_passes(tmp_path: Path) -> None:
    write(
        tmp_path,
        "ports/clock.py",
        """
        import os

        class Clock(Protocol):
            def now(self): ...
            def _hidden(self): ...
            async def sleep(self, seconds_s, *, jitter): ...

        def f(a, b, *, c):
            try:
                return a
            except BaseException:
                raise
        """,
    )
    assert found(tmp_path) == []


def test_the_length_of_a_file(tmp_path: Path) -> None:
    write(tmp_path, "long.py", "a = 1\n" * 31)
    assert ("file_lines", "long.py") in found(tmp_path)


@pytest.mark.parametrize(("sizes", "passes"), [((31, 10, 10, 11), True), ((31, 10, 10), False)])
def test_the_median_weighs_each_file_by_its_lines(
    tmp_path: Path, sizes: tuple[int, ...], passes: bool
) -> None:
    for number, n_lines in enumerate(sizes):
        write(tmp_path, f"part_{number}.py", "a = 1\n" * n_lines)
    assert (("median_lines", ".") not in found(tmp_path)) is passes


@pytest.mark.parametrize(
    "path", ["utils.py", "text_utils.py", "helpers/en.py", "manager.py", "base_store.py", "data.py"]
)
def test_names_that_say_nothing(tmp_path: Path, path: str) -> None:
    write(tmp_path, path, "a = 1\n")
    assert found(tmp_path) == [("names", path)]


@pytest.mark.parametrize("path", ["database.py", "information.py", "sub/utilities_in_zh.py"])
def test_names_that_only_look_alike(tmp_path: Path, path: str) -> None:
    write(tmp_path, path, "a = 1\n")
    assert found(tmp_path) == []


def test_the_length_of_a_function_counts_from_def_to_its_last_line(tmp_path: Path) -> None:
    write(
        tmp_path,
        "a.py",
        "@mark\ndef f():\n"
        + "    a = 1\n" * 4
        + "class C:\n    async def g(self):\n"
        + "        a = 1\n" * 5,
    )
    assert found(tmp_path) == [("function_lines", "C.g")]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("def f(a, b, *, c, d): ...", [("parameters", "f")]),
        ("def f(a, b, c): ...", [("positional", "f")]),
        ("def f(a, /, b, c): ...", [("positional", "f")]),
        ("def f(a, *more, b, c, **rest): ...", []),
        ("class C:\n    def f(self, a, b, *, c): ...", []),
        ("class C:\n    @staticmethod\n    def f(a, b, c): ...", [("positional", "C.f")]),
        ("def f():\n    def g(a, b, c): ...", [("positional", "f.g")]),
    ],
)
def test_parameters(tmp_path: Path, code: str, expected: list[tuple[str, str]]) -> None:
    write(tmp_path, "a.py", code)
    assert found(tmp_path) == expected


@pytest.mark.parametrize("path", ["ports/vectors.py", "other/vectors.py"])
def test_the_width_of_a_port(tmp_path: Path, path: str) -> None:
    write(
        tmp_path,
        path,
        """
        class Vectors(Protocol):
            def put(self): ...
            async def find(self): ...
            @property
            def dimension(self): ...
        """,
    )
    assert found(tmp_path) == ([("port_methods", "Vectors")] if path.startswith("ports/") else [])


@pytest.mark.parametrize(
    "caught",
    ["except:", "except Exception:", "except BaseException as e:", "except (KeyError, builtins.Exception):"],
)
def test_blind_excepts(tmp_path: Path, caught: str) -> None:
    write(tmp_path, "a.py", f"try:\n    f()\n{caught}\n    g()\n")
    assert found(tmp_path) == [("excepts", "a.py")]


def test_blind_suppress(tmp_path: Path) -> None:
    write(tmp_path, "a.py", "with contextlib.suppress(KeyError, Exception):\n    f()\n")
    assert found(tmp_path) == [("excepts", "a.py")]


@pytest.mark.parametrize(
    "code", ["try:\n    f()\nexcept KeyError:\n    g()\n", "with suppress(KeyError):\n    f()\n"]
)
def test_a_named_exception_is_not_blind(tmp_path: Path, code: str) -> None:
    write(tmp_path, "a.py", code)
    assert found(tmp_path) == []


def test_imports_inside_functions(tmp_path: Path) -> None:
    write(tmp_path, "a.py", "def f():\n    if True:\n        from b import c\n")
    assert found(tmp_path) == [("imports", "f")]


def test_the_number_of_public_names(tmp_path: Path) -> None:
    write(tmp_path, "__init__.py", '__all__ = ["a", "b", "c"]\n')
    write(tmp_path, "sub/__init__.py", '__all__ = ["a", "b", "c"]\n')
    assert found(tmp_path) == [("public_names", "__init__.py")]


def test_an_allowance_holds_for_its_check_file_and_name(tmp_path: Path) -> None:
    write(
        tmp_path,
        "client/aio.py",
        "class M:\n    def add(self, a, *, b, c, d): ...\n    def get(self, a, *, b, c, d): ...\n",
    )
    write(tmp_path, "client/sync.py", "def add(a, *, b, c, d): ...\n")
    allowance = Allowance("parameters", "client/a*.py::M.add", "the contract")
    assert found(tmp_path, allowance) == [("parameters", "M.get"), ("parameters", "add")]


def test_an_allowance_that_is_not_needed_is_a_finding(tmp_path: Path) -> None:
    write(tmp_path, "a.py", "a = 1\n")
    needless = Allowance("imports", "a.py", "an extra")
    of_a_later_file = Allowance("imports", "b.py", "an extra")
    assert found(tmp_path, needless, of_a_later_file) == [("imports", "a.py")]


@pytest.mark.parametrize(
    "entry", ['check = "imports"\nwhere = "a.py"', 'check = "imports"\nwhere = "a.py"\nreason = ""']
)
def test_an_allowance_needs_a_reason(tmp_path: Path, entry: str) -> None:
    file = tmp_path / "budgets.toml"
    file.write_text(f"[limits]\n[[allow]]\n{entry}\n", encoding="utf-8")
    with pytest.raises(BudgetFileError, match="reason"):
        Budget.read(file)


def test_a_finding_prints_as_a_place() -> None:
    assert str(Finding("excepts", "a.py", 3, "f", "is blind")) == "a.py:3: excepts: f: is blind"
