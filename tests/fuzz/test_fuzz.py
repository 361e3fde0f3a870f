"""A short run, the same each time: what is kept, and some changes to it; whole runs are `make fuzz` (docs/fuzzing.md)."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from types import CodeType, FrameType
from typing import Any

import pytest

import oauthclient_operator
from tests.fuzz.mutation import mutated
from tests.fuzz.target import CORPUS, Target
from tests.fuzz.targets import ALL
from tests.processor_time import least

CHANGES = 60
"""Inputs of each target that are made up."""
SLOWEST = 2.0
"""Seconds of this thread's CPU for one input; a hundred times what any takes."""
MOST_BYTES = 300_000

PACKAGE = Path(oauthclient_operator.__file__).parent
ROOMS = ("egress", "oauth", "resource", "record/wire")
"""Where bytes of a server or a tenant are read."""
NOTHING_TO_READ = {
    "egress/doors.py": "chooses among values that are read",
    "egress/local_errors.py": "reads numbers of the system's errors",
    "egress/resolution.py": "asks the system, and a name is never looked up here",
    "oauth/authentication_methods.py": "chooses among values that are read",
    "oauth/client_authentication.py": "builds requests",
    "oauth/discovery.py": "a ladder over answers, each of which metadata_document reads",
    "oauth/proof/credentials.py": "chooses among values that are read",
    "oauth/proof/probes.py": "chooses among values that are read",
    "oauth/proof/procedure.py": "a ladder over answers, each of which answers reads",
    "oauth/proof/requests.py": "builds requests",
    "oauth/proof/results.py": "has values alone",
    "oauth/rfc7009.py": "builds requests",
    "oauth/rfc7523.py": "builds requests",
    "oauth/rfc7662.py": "builds requests",
    "oauth/rfc8705.py": "chooses among values that are read",
    "oauth/signing_algorithm.py": "has values alone",
    "oauth/unsent.py": "an error of what was not sent",
    "resource/key.py": "a name of what was read",
}
"""Modules of these rooms that no target has to reach."""


@pytest.fixture(params=[*ALL.values()], ids=[*ALL])
def target(request: pytest.FixtureRequest) -> Target:
    found: Target = request.param
    return found


@pytest.mark.contract
def test_each_target_has_inputs_that_are_kept_and_none_is_kept_for_nothing() -> None:
    assert sorted(ALL) == sorted(folder.name for folder in CORPUS.iterdir())
    assert [name for name, target in ALL.items() if not target.kept()] == []


def test_what_is_kept_is_small() -> None:
    assert sum(len(data) for target in ALL.values() for data in target.kept().values()) < MOST_BYTES


def test_what_is_kept_breaks_no_property(target: Target) -> None:
    for name, data in target.kept().items():
        _run(target, data, name)


def test_changes_of_what_is_kept_break_no_property(target: Target) -> None:
    chance, kept = Random(target.name), [*target.kept().values()]
    for number in range(CHANGES):
        _run(target, mutated(chance.choice(kept), chance, target.words, target.limit), f"change {number}")


@pytest.fixture(scope="module")
def called() -> dict[str, set[CodeType]]:
    """The Python functions that what is kept of each target calls."""
    found: dict[str, set[CodeType]] = {}
    for target in ALL.values():
        with _called() as found[target.name]:
            for data in target.kept().values():
                target.run(data)
    return found


def test_what_is_kept_reaches_each_parser(target: Target, called: dict[str, set[CodeType]]) -> None:
    assert [p.__qualname__ for p in target.parsers if _code(p) not in called[target.name]] == []


@pytest.mark.contract
def test_every_module_that_reads_what_others_wrote_is_reached(called: dict[str, set[CodeType]]) -> None:
    reached = {code.co_filename for code in set.union(*called.values()) if code.co_name != "<module>"}
    modules = [p for room in ROOMS for p in (PACKAGE / room).rglob("*.py") if p.name != "__init__.py"]
    missed = {str(path.relative_to(PACKAGE)) for path in modules if str(path) not in reached}
    assert missed - set(NOTHING_TO_READ) == set()
    assert [name for name in NOTHING_TO_READ if not (PACKAGE / name).exists()] == []


def _run(target: Target, data: bytes, name: str) -> None:
    try:
        taken = least(lambda: target.run(data), below=SLOWEST)
    except Exception as error:
        raise AssertionError(f"{target.name}, {name}: {data!r}") from error
    assert taken < SLOWEST, f"{target.name}, {name} takes too long: {data!r}"


@contextmanager
def _called() -> Iterator[set[CodeType]]:
    """Note which Python functions are called meanwhile."""
    called: set[CodeType] = set()

    def note(frame: FrameType, event: str, _: Any) -> None:
        if event == "call":
            called.add(frame.f_code)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        yield called
    finally:
        sys.setprofile(before)


def _code(function: Any) -> CodeType:
    code: CodeType = getattr(function, "__func__", function).__code__
    return code
