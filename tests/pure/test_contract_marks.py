"""`make contracts` runs all contracts: a test that reads what is no code of ours has the mark, or is listed with why not."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import pytest

pytestmark = pytest.mark.contract

ROOT: Final = Path(__file__).parents[2]
ROOMS: Final = ("docs", "deploy", "crds", "examples")
NO_CONTRACT: Final[dict[str, str]] = {}
"""Tests that read one of these rooms and hold it to nothing that is said elsewhere, and why."""


def test_each_test_that_reads_them_has_the_mark_or_a_reason() -> None:
    files = [file for room in ("pure", "fuzz") for file in (ROOT / "tests" / room).rglob("test_*.py")]
    found = {f"{file.relative_to(ROOT)}::{test}" for file in files for test in unmarked(file.read_text())}
    assert sorted(found - NO_CONTRACT.keys()) == [], "pytest.mark.contract, or a reason in NO_CONTRACT"
    assert sorted(NO_CONTRACT.keys() - found) == [], "it reads nothing any more, or has the mark"


READS: Final = """
import pytest
from pathlib import Path
from tests.parts.chart_files import sources
ROOT = Path("x")
PAGE = (ROOT / "docs" / "secret.md").read_text()

def rows():
    return PAGE.splitlines()

@pytest.fixture
def table():
    return rows()

@pytest.mark.contract
def test_marked(): assert rows()
def test_by_a_name(): assert PAGE
def test_by_a_function(): assert rows()
def test_by_a_fixture(table): assert table
def test_by_a_part(): assert sources()
def test_by_a_path(): assert (ROOT / "crds/oauthclients.yaml").exists()
@pytest.mark.parametrize("row", rows())
def test_by_a_parameter(row): assert row
async def test_that_waits(): assert rows()
class TestRoom:
    def test_in_a_class(self): assert rows()
def test_of_code_alone(): assert ROOT.name not in "what examples/ and docs are"
"""
READING: Final = [
    *("test_by_a_name", "test_by_a_function", "test_by_a_fixture", "test_by_a_part", "test_by_a_path"),
    *("test_by_a_parameter", "test_that_waits", "test_in_a_class"),
]


def test_a_test_that_reads_them_by_whatever_way_is_found() -> None:
    assert unmarked(READS) == READING


@pytest.mark.parametrize("mark", ["pytest.mark.contract", "[pytest.mark.slow, pytest.mark.contract]"])
def test_a_mark_on_the_module_marks_each(mark: str) -> None:
    assert unmarked(f"{READS}\npytestmark = {mark}\n") == []
    assert unmarked(f"{READS}\npytestmark = pytest.mark.slow\n") == READING


def unmarked(source: str) -> list[str]:
    """Return the names of the tests in a module that read one of the rooms and have no mark."""
    module = ast.parse(source)
    if any(_defined(node) == ["pytestmark"] and _marks(node) for node in module.body):
        return []
    reading = _reading(module)
    tests = [node for node in ast.walk(module) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return [
        test.name
        for test in sorted(tests, key=lambda node: node.lineno)
        if test.name.startswith("test_") and _reads(test, reading) and not any(map(_marks, test.decorator_list))
    ]


def _reading(module: ast.Module) -> frozenset[str]:
    """Return the names of a module that stand for what is read in one of the rooms, or for what reads there."""
    found = {
        alias.asname or alias.name
        for node in module.body
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tests.")
        for alias in node.names
        if alias.name in _reading_of(node.module or "")
    }
    while more := {n for node in module.body if _reads(node, frozenset(found)) for n in _defined(node)} - found:
        found |= more
    return frozenset(found)


@cache
def _reading_of(module: str) -> frozenset[str]:
    path = ROOT / Path(*module.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return _reading(ast.parse(file.read_text())) if file.exists() else frozenset()


def _defined(node: ast.stmt) -> list[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return [name]
        case ast.Assign(targets=targets):
            return [name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)]
        case ast.AnnAssign(target=ast.Name(id=name)):
            return [name]
        case _:
            return []


def _reads(node: ast.AST, names: frozenset[str]) -> bool:
    docstrings = {inner.value for inner in ast.walk(node) if isinstance(inner, ast.Expr)}
    return any(
        isinstance(inner, ast.Constant) and inner not in docstrings and _is_path(inner.value)
        for inner in ast.walk(node)
    ) or any(name in names for name in _used(node))


def _is_path(value: object) -> bool:
    return isinstance(value, str) and any(value == room or value.startswith(f"{room}/") for room in ROOMS)


def _used(node: ast.AST) -> Iterator[str]:
    for inner in ast.walk(node):
        match inner:
            # A fixture is asked for by the name of an argument.
            case ast.Name(id=name) | ast.arg(arg=name):
                yield name


def _marks(node: ast.AST) -> bool:
    return any(isinstance(inner, ast.Attribute) and inner.attr == "contract" for inner in ast.walk(node))
