"""What a program meets speaks of the RFCs' members: no path of a manifest stands in what the library is made of."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import oauthclient_operator

PACKAGE = Path(oauthclient_operator.__file__).parent
ROOMS = ("client_library", "oauth", "egress", "errors", "exchange.py", "confidential.py")
MODULES = [
    module
    for room in ROOMS
    for module in ([PACKAGE / room] if room.endswith(".py") else sorted((PACKAGE / room).glob("*.py")))
]


def texts(module: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@pytest.mark.parametrize("module", MODULES, ids=lambda module: str(module.relative_to(PACKAGE)))
def test_no_message_names_a_field_of_the_resource(module: Path) -> None:
    assert [text for text in texts(module) if re.search(r"\bspec\.|\bclientMetadata\b", text)] == []
