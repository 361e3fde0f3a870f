"""The page that says what was found names tests, and each of them exists, with its parameter."""

import ast
import re
from pathlib import Path

import pytest

from tests.exploration.deliberate import MISTAKES
from tests.exploration.more_mistakes import MORE_MISTAKES
from tests.exploration.scenarios import SCENARIOS
from tests.fuzz.targets import ALL

pytestmark = pytest.mark.contract

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "track-record.md").read_text()
NAMED = sorted(set(re.findall(r"`(tests/[^`\n]+\.py::[^`\n]+)`", TEXT)))
PARAMETERS = {*SCENARIOS, *(mistake.name for mistake in (*MISTAKES, *MORE_MISTAKES)), *ALL}


def test_each_fault_names_the_test_that_fails_with_it() -> None:
    tables = re.findall(r"^\| found \| test \|\n\|[ -|]+\|\n((?:\|.*\n)+)", TEXT, flags=re.MULTILINE)
    rows = [row for table in tables for row in table.splitlines()]
    assert [row for row in rows if not re.search(r"\| `tests/[^`]+::test_[^`]+` \|$", row)] == []
    assert len(tables) == len(re.findall(r"^\| found", TEXT, flags=re.MULTILINE))
    assert len(rows) == len(re.findall(r"::test_", TEXT))


@pytest.mark.parametrize("named", NAMED)
def test_it_exists(named: str) -> None:
    file, _, rest = named.partition("::")
    name, _, parameter = rest.partition("[")
    text = (ROOT / file).read_text()
    tree = ast.parse(text)
    assert name in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    # Those that are computed, and those that stand in the file.
    parameter = parameter.removesuffix("]")
    assert not parameter or parameter in PARAMETERS or f'id="{parameter}"' in text
