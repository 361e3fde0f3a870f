"""Every case that openid-client's own behaviour suggests is a test by its id, or is listed in docs/library.md with why not."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.contract

TESTS = Path(__file__).parents[2]
PAGE = (TESTS.parent / "docs" / "library.md").read_text()

COUNTS = {
    "URL": 22,  # where the metadata document is
    "DR": 21,  # the answer to discovery
    "ISS": 17,  # the issuer in it
    "SEC": 13,  # schemes and endpoints
    "REQ": 18,  # the registration request
    "RES": 21,  # a success
    "ERR": 16,  # a refusal
    "DP": 18,  # DPoP
    "CA": 20,  # client authentication
    "MG": 6,  # reading a registration (RFC 7592)
}
CASES = {f"{family}-{number:02}" for family, count in COUNTS.items() for number in range(1, count + 1)}


def test_each_case_is_a_test_or_is_explained() -> None:
    tested = {case for file in TESTS.rglob("test_*.py") if file != Path(__file__) for case in _cases_of(file)}
    assert sorted(CASES - tested - _named(PAGE)) == []


def test_no_case_is_named_that_does_not_exist() -> None:
    assert _named(PAGE) <= CASES


def _cases_of(file: Path) -> Iterator[str]:
    """Find cases in the names of tests and in the ids of their parameters."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            yield from _named(node.name)
        # An id is one line; a docstring and a sentence are not asked.
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 80:
            yield from _named(node.value)


def _named(text: str) -> set[str]:
    found = re.findall(rf"(?<![A-Z])({'|'.join(COUNTS)})[-_](\d\d)(?!\d)", text)
    return {f"{family}-{number}" for family, number in found}
