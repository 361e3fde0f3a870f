"""The page about threats names tests, and these tests exist: a threat whose test is gone is covered by nothing."""

import ast
import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.contract

PAGE = Path(__file__).parents[2] / "docs" / "threat-model.md"
TEXT = PAGE.read_text()
NAMED = sorted(set(re.findall(r"\[`(test_\w+)`\]\(([^)]+)\)", TEXT)))


def test_each_threat_names_a_test() -> None:
    tables = re.findall(r"^\| it tries to \|.*\n\|[ -|]+\|\n((?:\|.*\n)+)", TEXT, flags=re.MULTILINE)
    threats = [row for table in tables for row in table.splitlines()]
    assert len(tables) == 5
    assert [row for row in threats if not re.search(r"\| \[`test_[^|]*\|$", row)] == []
    assert len(threats) > 40


@pytest.mark.parametrize(("name", "file"), NAMED, ids=[name for name, _ in NAMED])
def test_the_test_exists(name: str, file: str) -> None:
    tree = ast.parse((PAGE.parent / file).resolve().read_text())
    defined = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    assert name in defined


def test_every_test_that_is_mentioned_is_mentioned_with_its_file() -> None:
    assert set(re.findall(r"`(test_\w+)`", TEXT)) == {name for name, _ in NAMED}
