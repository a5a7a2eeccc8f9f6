"""Check the size and shape budgets of the package.

The limits, and the places that may pass one with the reason why, stand in `budgets.toml` beside this file. Complexity and
left-over marks are ruff's (C901, FIX); the order of imports is import-linter's.

Example:
    `python tools/budgets.py` prints one line for each finding and exits with 1 if there is any.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VAGUE_NAME = re.compile(r"(?:.*_)?(?:utils?|helpers?|managers?)|base_.*|common|misc|data|info")
BLIND = {"Exception", "BaseException"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


class BudgetFileError(Exception):
    """`budgets.toml` does not say what it should."""


@dataclass(frozen=True)
class Finding:
    """One place that passes a budget.

    Attributes:
        check: The key of the budget, as in `budgets.toml`.
        path: The file, relative to the package.
        line: Where in the file, counted from 1.
        name: The function or class, dotted; empty where the file itself is meant.
        text: What was found, with the figures.
    """

    check: str
    path: str
    line: int
    name: str
    text: str

    def __str__(self) -> str:
        """Give the form that editors turn into a link."""
        return f"{self.path}:{self.line}: {self.check}: {f'{self.name}: ' if self.name else ''}{self.text}"


@dataclass(frozen=True)
class Allowance:
    """A place that may pass one budget, and why."""

    check: str
    where: str
    reason: str

    @property
    def path(self) -> str:
        """The file pattern of `where`."""
        return self.where.partition("::")[0]

    def covers(self, finding: Finding) -> bool:
        """Tell whether the finding is the one that is allowed here."""
        name = self.where.partition("::")[2]
        return (
            self.check == finding.check
            and fnmatchcase(finding.path, self.path)
            and (not name or fnmatchcase(finding.name, name))
        )


@dataclass(frozen=True)
class Budget:
    """The limits by key, and the allowances."""

    limits: dict[str, int]
    allowances: list[Allowance] = field(default_factory=list[Allowance])

    @classmethod
    def read(cls, path: Path) -> Budget:
        """Read the budgets from a TOML file.

        Raises:
            BudgetFileError: An allowance lacks its check, its place or its reason.
        """
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        allowances: list[Allowance] = []
        for entry in content.get("allow", []):
            if set(entry) != {"check", "where", "reason"} or not all(entry.values()):
                raise BudgetFileError(f"an allowance needs check, where and reason: {entry!r}")
            allowances.append(Allowance(**entry))
        return cls(limits=content["limits"], allowances=allowances)


@dataclass(frozen=True)
class Module:
    """One parsed source file."""

    path: str
    n_lines: int
    tree: ast.Module

    @classmethod
    def read(cls, file: Path, package: Path) -> Module:
        """Parse a file of the package."""
        text = file.read_text(encoding="utf-8")
        return cls(file.relative_to(package).as_posix(), len(text.splitlines()), ast.parse(text, str(file)))


def check_package(package: Path, budget: Budget) -> list[Finding]:
    """Find every place of the package that passes a budget without being allowed to.

    Args:
        package: The folder of the package.
        budget: Limits and allowances.

    Returns:
        Findings by path and line. An allowance for a file that exists but has nothing to allow is a finding too.
    """
    modules = [Module.read(file, package) for file in sorted(package.rglob("*.py"))]
    found = [finding for module in modules for finding in check_module(module, budget.limits)]
    found += check_median(modules, budget.limits["median_lines"])
    left = [finding for finding in found if not any(a.covers(finding) for a in budget.allowances)]
    for allowance in budget.allowances:
        exists = any(fnmatchcase(module.path, allowance.path) for module in modules)
        if exists and not any(allowance.covers(finding) for finding in found):
            left.append(
                Finding(allowance.check, allowance.where, 1, "", "allowed in budgets.toml, but not needed")
            )
    return sorted(left, key=lambda finding: (finding.path, finding.line))


def check_median(modules: Sequence[Module], limit: int) -> Iterator[Finding]:
    """Compare the size of the file in which a random line lives with its limit."""
    total = sum(module.n_lines for module in modules)
    passed = 0
    for module in sorted(modules, key=lambda module: module.n_lines):
        passed += module.n_lines
        if passed * 2 >= total:
            if module.n_lines > limit:
                text = f"the line-weighted median file has {module.n_lines} lines, at most {limit}"
                yield Finding("median_lines", ".", 1, "", text)
            return


def check_module(module: Module, limits: dict[str, int]) -> Iterator[Finding]:
    """Apply every budget that concerns one file alone."""
    yield from check_file(module, limits)
    yield from check_excepts(module)
    if module.path.startswith("ports/"):
        yield from check_ports(module, limits["port_methods"])
    for name, function, in_class in functions(module.tree):
        yield from check_function(module.path, name, function, in_class=in_class, limits=limits)


def check_file(module: Module, limits: dict[str, int]) -> Iterator[Finding]:
    """Check the length, the name and the public names of a file."""
    if module.n_lines > limits["file_lines"]:
        text = f"{module.n_lines} lines, at most {limits['file_lines']}"
        yield Finding("file_lines", module.path, 1, "", text)
    for part in Path(module.path).with_suffix("").parts:
        if VAGUE_NAME.fullmatch(part):
            yield Finding("names", module.path, 1, "", f"{part!r} says nothing about what is in it")
    if module.path == "__init__.py":
        n_names = len(public_names(module.tree))
        if n_names > limits["public_names"]:
            text = f"{n_names} public names, at most {limits['public_names']}"
            yield Finding("public_names", module.path, 1, "", text)


def check_function(
    path: str, name: str, function: Function, *, in_class: bool, limits: dict[str, int]
) -> Iterator[Finding]:
    """Check the length and the parameters of a function, and the imports inside it."""
    n_lines = (function.end_lineno or function.lineno) - function.lineno + 1
    if n_lines > limits["function_lines"]:
        text = f"{n_lines} lines, at most {limits['function_lines']}"
        yield Finding("function_lines", path, function.lineno, name, text)
    static = any(isinstance(mark, ast.Name) and mark.id == "staticmethod" for mark in function.decorator_list)
    n_positional = len(function.args.posonlyargs) + len(function.args.args) - (in_class and not static)
    n_parameters = n_positional + len(function.args.kwonlyargs)
    if n_parameters > limits["parameters"]:
        text = f"{n_parameters} parameters, at most {limits['parameters']}"
        yield Finding("parameters", path, function.lineno, name, text)
    if n_positional > limits["positional"]:
        text = f"{n_positional} parameters may be passed without a name, at most {limits['positional']}"
        yield Finding("positional", path, function.lineno, name, text)
    for node in own_nodes(function):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield Finding(
                "imports", path, node.lineno, name, f"import inside a function: {ast.unparse(node)}"
            )


def check_excepts(module: Module) -> Iterator[Finding]:
    """Find handlers that catch everything and do not raise it again."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ExceptHandler) and _is_blind(node):
            yield Finding(
                "excepts", module.path, node.lineno, "", "catches everything without raising it again"
            )
        elif (
            isinstance(node, ast.Call)
            and last_name(node.func) == "suppress"
            and any(last_name(argument) in BLIND for argument in node.args)
        ):
            yield Finding("excepts", module.path, node.lineno, "", "suppresses everything")


def check_ports(module: Module, limit: int) -> Iterator[Finding]:
    """Count the public methods that each class of a port declares."""
    for node in module.tree.body:
        if isinstance(node, ast.ClassDef):
            names = {
                child.name for child in node.body if isinstance(child, Function) and child.name[0] != "_"
            }
            if len(names) > limit:
                text = f"{len(names)} methods, at most {limit}"
                yield Finding("port_methods", module.path, node.lineno, node.name, text)


def functions(
    node: ast.AST, prefix: str = "", *, in_class: bool = False
) -> Iterator[tuple[str, Function, bool]]:
    """Walk all functions of a tree with their dotted names, and whether they are methods."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Function):
            yield f"{prefix}{child.name}", child, in_class
            yield from functions(child, f"{prefix}{child.name}.")
        elif isinstance(child, ast.ClassDef):
            yield from functions(child, f"{prefix}{child.name}.", in_class=True)
        else:
            yield from functions(child, prefix, in_class=in_class)


def own_nodes(function: Function) -> Iterator[ast.AST]:
    """Walk a function without the functions and classes inside it."""
    waiting: list[ast.AST] = list(ast.iter_child_nodes(function))
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, Function | ast.ClassDef):
            waiting.extend(ast.iter_child_nodes(node))


def last_name(node: ast.AST) -> str:
    """Give the last word of a dotted name, empty for any other expression."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _is_blind(handler: ast.ExceptHandler) -> bool:
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    last = handler.body[-1]
    raises_again = isinstance(last, ast.Raise) and last.exc is None
    return not raises_again and any(kind is None or last_name(kind) in BLIND for kind in caught)


def public_names(tree: ast.Module) -> list[str]:
    """Read `__all__`, empty where it is missing."""
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        targets = [node.target] if isinstance(node, ast.AnnAssign) else targets
        value = getattr(node, "value", None)
        if any(last_name(target) == "__all__" for target in targets) and isinstance(
            value, ast.List | ast.Tuple
        ):
            return [ast.unparse(element) for element in value.elts]
    return []


def main() -> int:
    """Check this repository.

    Returns:
        The exit status: 1 if anything was found.
    """
    package = ROOT / "src" / "polymem"
    findings = check_package(package, Budget.read(Path(__file__).with_suffix(".toml")))
    for finding in findings:
        print(finding)
    n_files = sum(1 for _ in package.rglob("*.py"))
    print(f"budgets: {n_files} files, {len(findings)} findings")
    return 1 if findings or not n_files else 0


if __name__ == "__main__":
    sys.exit(main())
