"""The Dockerfile without an engine: what it copies and runs is done here, and what it installs is started."""

import asyncio
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

from tests.parts.misbehaving_issuer import MisbehavingIssuer

ROOT = Path(__file__).parents[3]
INSTALLED = "/opt/oauthclient-operator"
UNCHECKED_HASH = 1
"""PEP 552: the flag of bytecode that is told by its source's hash, and used without looking at the source."""


def instructions() -> list[list[tuple[str, str]]]:
    """Return the Dockerfile's instructions, a list for each stage; the first is what comes before all stages."""
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    stages: list[list[tuple[str, str]]] = [[]]
    for line in filter(None, text.splitlines()):
        word, _, rest = line.partition(" ")
        if word == "FROM":
            stages.append([])
        stages[-1].append((word, " ".join(rest.split())))
    return stages


ARGUMENTS, UV_STAGE, BUILD, FINAL = instructions()


def uv() -> str:
    found = os.environ.get("UV") or shutil.which("uv") or str(ROOT / ".tools" / "bin" / "uv")
    assert Path(found).exists(), "uv is where `make install` puts it"
    return found


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Do what the stage `build` does, with this machine's uv and Python, in another place."""
    directory = tmp_path_factory.mktemp("image")
    source, into, programs = (directory / name for name in ("source", "installed", "bin"))
    source.mkdir()
    programs.mkdir()
    (programs / "uv").symlink_to(uv())
    # What the machine says of its mirror and its authorities holds; of the project's own environment it does not.
    environment = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONPATH")}
    environment["PATH"] = f"{programs}:{environment['PATH']}"
    for word, rest in BUILD:
        if word == "ENV":
            environment |= dict(pair.split("=", 1) for pair in rest.replace(INSTALLED, str(into)).split())
            # Offline, too: all that is installed was got for the tests already.
            environment.pop("UV_NO_CACHE", None)
        elif word == "COPY" and not rest.startswith("--from"):
            *files, to = rest.split()
            for file in files:
                copied = source / to / (file if to == "./" else "")
                if (ROOT / file).is_dir():
                    # Links stay links, as an engine copies them.
                    shutil.copytree(ROOT / file, copied, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
                else:
                    shutil.copy(ROOT / file, copied)
        elif word == "RUN":
            done = subprocess.run(
                ["/bin/sh", "-c", rest.replace(INSTALLED, str(into))],
                cwd=source,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stderr
    yield into
    shutil.rmtree(directory)


def test_what_is_installed_runs_without_its_source(installed: Path) -> None:
    (entry,) = (json.loads(rest) for word, rest in FINAL if word == "ENTRYPOINT")
    (command,) = (json.loads(rest) for word, rest in FINAL if word == "CMD")
    program = [part.replace(INSTALLED, str(installed)) for part in entry]
    for arguments, said in ((["--help"], "oauthclient-operator run"), ([*command, "--help"], "--records-namespace")):
        done = subprocess.run([*program, *arguments], cwd="/", env={}, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        assert said in done.stdout


def test_manifests_are_checked_by_the_definition_that_is_installed(installed: Path) -> None:
    (entry,) = (json.loads(rest) for word, rest in FINAL if word == "ENTRYPOINT")
    program = [part.replace(INSTALLED, str(installed)) for part in entry]
    done = subprocess.run(
        [*program, "check", "-f", "-"],
        input=(ROOT / "examples" / "web-app.yaml").read_text().replace("clientMetadata", "clientMetdata"),
        cwd="/",
        env={},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert "there is no such field; is clientMetadata meant?" in done.stdout


REGISTERS = """
import asyncio, sys
from oauthclient_operator.client_library import Options, dynamic_client_registration
options = Options(allow_insecure_requests=True)
print(asyncio.run(dynamic_client_registration(sys.argv[1], {}, options=options)).client_id)
"""


async def test_what_is_installed_reaches_an_issuer(installed: Path) -> None:
    """What the tests bring along, and the operator needs, is missed here first."""
    issuer = MisbehavingIssuer()
    async with issuer.server:
        program = await asyncio.create_subprocess_exec(
            installed / "bin" / "python",
            "-c",
            REGISTERS,
            issuer.issuer,
            cwd="/",
            env={},
            stdout=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(60):
            said, _ = await program.communicate()
    assert said == b"client-1\n"


def test_only_what_runs_is_installed_and_nothing_of_it_tells_when(installed: Path) -> None:
    (packages,) = installed.glob("lib/python*/site-packages")
    names = {path.name.partition("-")[0] for path in packages.glob("*.dist-info")}
    assert names >= {"oauthclient_operator", "kopf", "kubernetes", "httpcore"}
    assert names.isdisjoint({"pytest", "ruff", "mypy", "uv", "hatchling", "Canaille", "checkov"})
    assert not (packages / "_oauthclient_operator.pth").exists()
    bytecode = list(packages.rglob("*.pyc"))
    assert {int.from_bytes(path.read_bytes()[4:8], "little") for path in bytecode} == {UNCHECKED_HASH}
    assert list(packages.rglob("uv_cache.json")) == []
    (record,) = packages.glob("oauthclient_operator-*.dist-info/RECORD")
    assert [line for line in record.read_text().splitlines() if not (packages / line.split(",")[0]).exists()] == []


def test_each_base_is_named_by_a_tag_that_a_digest_can_follow() -> None:
    defaults = dict(rest.split("=", 1) for _, rest in ARGUMENTS)
    assert all(re.fullmatch(r"[a-z0-9./-]+:[a-z0-9.-]*[0-9][a-z0-9.-]*", image) for image in defaults.values())
    used = [rest.split()[0] for stage in (UV_STAGE, BUILD, FINAL) for word, rest in stage if word == "FROM"]
    assert used == [f"${{{name}}}" for name in ("UV_IMAGE", "PYTHON_IMAGE", "PYTHON_IMAGE")]
    (version,) = re.findall(r"^UV_VERSION := (\S+)$", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
    assert defaults["UV_IMAGE"].endswith(f":{version}")


def test_the_image_runs_as_a_number_and_without_a_shell() -> None:
    final = dict(FINAL)
    assert re.fullmatch(r"[1-9]\d{4}:[1-9]\d{4}", final["USER"])
    assert "RUN" not in final
    assert final["ENTRYPOINT"].startswith("[")


def test_the_context_is_what_is_copied() -> None:
    excluded, *lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] != "#"]
    assert excluded == "*"
    copied = {file for word, rest in BUILD if word == "COPY" and rest[:2] != "--" for file in rest.split()[:-1]}
    assert {line.removeprefix("!") for line in lines if line.startswith("!")} == copied
    assert any(fnmatch("operator/oauthclient_operator/__pycache__", line) for line in lines if line[:1] != "!")
