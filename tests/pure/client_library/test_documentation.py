"""docs/library.md names everything that is there, its examples run, and so do those in docstrings."""

import asyncio
import dataclasses
import doctest
import errno
import importlib
import inspect
import json
import os
import pkgutil
import re
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from oauthclient_operator import client_library, errors, oauth
from oauthclient_operator.client_library import Options
from oauthclient_operator.egress.door import Door
from oauthclient_operator.errors import OAuthError
from tests.pure.client_library.op import CLIENT, DOCUMENT, MANAGED, OP, answered

pytestmark = pytest.mark.contract

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "library.md").read_text()
EXAMPLES = re.findall(r"^```python\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL)
WITHOUT = ("kopf", "kubernetes", "aiohttp", "prometheus_client", "jsonschema", "yaml")


def test_the_face_is_what_it_says_sorted() -> None:
    assert sorted(client_library.__all__, key=str.lower) == sorted(set(client_library.__all__), key=str.lower)
    assert [name for name in client_library.__all__ if not hasattr(client_library, name)] == []


def test_every_option_is_documented_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `([a-z_]+)` \| ([^|]+) \|", PAGE.partition("| option |")[2], flags=re.MULTILINE))
    for option in dataclasses.fields(Options):
        shown = rows[option.name].strip().strip("`")
        if isinstance(option.default, int | float):
            assert shown == f"{option.default:g}" if not isinstance(option.default, bool) else str(option.default)
    assert rows.keys() >= {option.name for option in dataclasses.fields(Options)}


def _codes() -> Iterator[tuple[str, str]]:
    for name, found in vars(errors).items():
        if inspect.isclass(found) and isinstance(code := getattr(found, "code", None), str):
            yield code, name


def test_every_code_is_documented_with_its_class_once() -> None:
    rows = re.findall(r"^\| `([a-z_]+)` \| `(\w+)`[^|]*\| ", PAGE.partition("## Errors")[2], flags=re.MULTILINE)
    assert sorted(rows) == sorted(_codes())
    assert len({code for code, _ in rows}) == len(rows)


def test_each_error_of_the_library_has_a_code_of_its_own_or_is_never_raised() -> None:
    kinds = {found for found in vars(errors).values() if inspect.isclass(found) and issubclass(found, OAuthError)}
    assert {kind.__name__ for kind in kinds if not hasattr(kind, "code")} == {"OAuthError", "ClientLeftBehind"}


@pytest.mark.parametrize("number", range(4))
def test_the_examples_of_the_page_run(
    number: int, monkeypatch: pytest.MonkeyPatch, capsys: Any, tmp_path: Path
) -> None:
    issuer = "https://idp.example.com/realms/shop"
    op = OP(discovery={**DOCUMENT, "issuer": issuer})

    async def exchange(_: Door, request: Any, **__: float) -> Any:
        return await op.transport(request, None)  # type: ignore[arg-type] # it sends nothing

    monkeypatch.setattr(Door, "exchange", exchange)
    # A token has no ellipsis.
    found: dict[str, Any] = {}
    exec(compile(EXAMPLES[number].replace("…", ""), f"docs/library.md, example {number}", "exec"), found)
    if number == 0:
        assert capsys.readouterr().out == "foo\nbearer None\n"
    elif number == 1:
        monkeypatch.chdir(tmp_path)
        configuration = asyncio.run(OP().register())
        found["store"](configuration)
        assert found["FILE"].stat().st_mode & 0o777 == 0o600
        assert found["stored"]().to_dict() == configuration.to_dict()
    elif number == 2:
        managing = OP(registration=answered(201, MANAGED), management=[answered(200, MANAGED), answered(204)])
        renamed = asyncio.run(found["rename"](asyncio.run(managing.register()), "Shop 2"))
        asyncio.run(found["leave"](renamed))
        assert json.loads(managing.requests[-2].body or b"")["client_name"] == "Shop 2"
        assert managing.requests[-1].method == "DELETE"


@pytest.mark.parametrize("fails", ["write", "fsync", "replace"])
def test_storing_that_fails_in_the_middle_loses_nothing(
    fails: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    found: dict[str, Any] = {}
    exec(compile(EXAMPLES[1], "docs/library.md", "exec"), found)
    before = asyncio.run(OP().register())
    found["store"](before)
    after = asyncio.run(OP(registration=answered(201, {**CLIENT, "client_secret": "x" * 100_000})).register())

    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        match fails:
            case "write":
                limit = resource.getrlimit(resource.RLIMIT_FSIZE)
                previous = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
                resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, limit[1]))
            case "fsync":
                patched.setattr(os, "fsync", full)
            case _:
                patched.setattr(Path, "replace", full)
        try:
            with pytest.raises(OSError, match=r"File too large|No space left"):
                found["store"](after)
        finally:
            if fails == "write":
                resource.setrlimit(resource.RLIMIT_FSIZE, limit)
                signal.signal(signal.SIGXFSZ, previous)
    assert found["stored"]().to_dict() == before.to_dict()
    found["store"](after)
    assert found["stored"]().to_dict() == after.to_dict()
    assert [(file.name, file.stat().st_mode & 0o777) for file in tmp_path.iterdir()] == [("client.json", 0o600)]


def test_the_examples_in_docstrings_run() -> None:
    attempted = {}
    for package in (oauth, client_library):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            result = doctest.testmod(importlib.import_module(module.name))
            assert result.failed == 0, module.name
            attempted[module.name.rpartition(".")[2]] = result.attempted
    for name in ("dynamic_client_registration", "token_endpoint", "rfc6749"):
        assert attempted[name] > 0, name


def test_it_is_imported_without_kopf_and_kubernetes() -> None:
    program = (
        "import sys\n"
        f"sys.modules.update(dict.fromkeys({WITHOUT!r}))\n"
        "from oauthclient_operator.client_library import dynamic_client_registration\n"
        "print(dynamic_client_registration.__name__)\n"
    )
    path = str(ROOT / "operator")
    ran = subprocess.run(
        [sys.executable, "-c", program],
        check=True,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": path},
        timeout=60,
    )
    assert ran.stdout == "dynamic_client_registration\n"


def test_it_is_typed_for_its_users() -> None:
    assert (ROOT / "operator" / "oauthclient_operator" / "py.typed").exists()
