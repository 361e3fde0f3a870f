"""The Dockerfile without an engine: what it copies and runs is done here, and what it installs does the operator's work."""

import asyncio
import csv
import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from fnmatch import fnmatch
from importlib.metadata import distributions
from pathlib import Path

import pytest

from tests.cluster.image.conftest import Lives
from tests.cluster.scenarios.operators import Operators
from tests.parts.certificates import CertificateAuthority
from tests.parts.misbehaving_issuer import MisbehavingIssuer
from tests.parts.toolchains import uv

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
(LEFT_OUT,) = (rest.partition("=")[2].strip('"').split() for word, rest in BUILD if rest.startswith("LEFT_OUT="))


@pytest.fixture(scope="module")
def installed_by_it(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
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
            environment |= dict(pair.split("=", 1) for pair in shlex.split(rest.replace(INSTALLED, str(into))))
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


def test_what_is_installed_runs_without_its_source(installed_by_it: Path) -> None:
    (entry,) = (json.loads(rest) for word, rest in FINAL if word == "ENTRYPOINT")
    (command,) = (json.loads(rest) for word, rest in FINAL if word == "CMD")
    program = [part.replace(INSTALLED, str(installed_by_it)) for part in entry]
    for arguments, said in ((["--help"], "oauthclient-operator run"), ([*command, "--help"], "--records-namespace")):
        done = subprocess.run([*program, *arguments], cwd="/", env={}, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        assert said in done.stdout


def test_manifests_are_checked_by_the_definition_that_is_installed(installed_by_it: Path) -> None:
    (entry,) = (json.loads(rest) for word, rest in FINAL if word == "ENTRYPOINT")
    program = [part.replace(INSTALLED, str(installed_by_it)) for part in entry]
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


async def test_what_is_installed_reaches_an_issuer(installed_by_it: Path) -> None:
    """What the tests bring along, and the operator needs, is missed here first."""
    issuer = MisbehavingIssuer()
    async with issuer.server:
        program = await asyncio.create_subprocess_exec(
            installed_by_it / "bin" / "python",
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


def test_a_client_lives_by_what_is_installed(
    installed_by_it: Path,
    operator_kubeconfig: Path,
    certificate_authority: CertificateAuthority,
    tmp_path: Path,
    a_client_lives: Lives,
) -> None:
    """Nothing of what was left out is missed from the start to the end."""
    program = ("env", "--ignore-environment", installed_by_it / "bin" / "oauthclient-operator")
    a_client_lives(Operators(operator_kubeconfig, certificate_authority.bundle, tmp_path, program))


EVERY_MODULE = """
import importlib, pkgutil, oauthclient_operator
for module in pkgutil.walk_packages(oauthclient_operator.__path__, "oauthclient_operator."):
    if not module.name.endswith(".__main__"):
        importlib.import_module(module.name)
import oauthclient_operator.__main__
"""


def test_every_module_finds_what_it_imports(installed_by_it: Path) -> None:
    python = installed_by_it / "bin" / "python"
    done = subprocess.run([python, "-c", EVERY_MODULE], cwd="/", env={}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def packages_of(directory: Path) -> Path:
    (packages,) = directory.glob("lib/python*/site-packages")
    return packages


def test_only_what_runs_is_installed_and_nothing_of_it_tells_when(installed_by_it: Path) -> None:
    packages = packages_of(installed_by_it)
    names = {path.name.partition("-")[0] for path in packages.glob("*.dist-info")}
    assert names >= {"oauthclient_operator", "kopf", "kubernetes", "httpcore"}
    assert names.isdisjoint({"pytest", "ruff", "mypy", "uv", "hatchling", "Canaille", "checkov"})
    assert not (packages / "_oauthclient_operator.pth").exists()
    bytecode = list(packages.rglob("*.pyc"))
    assert {int.from_bytes(path.read_bytes()[4:8], "little") for path in bytecode} == {UNCHECKED_HASH}
    assert list(packages.rglob("uv_cache.json")) == []


def test_the_synchronous_client_and_what_it_alone_needs_is_left_out(installed_by_it: Path) -> None:
    packages = packages_of(installed_by_it)
    names = {path.name.partition("-")[0].replace("_", "-") for path in packages.glob("*.dist-info")}
    assert names.isdisjoint(LEFT_OUT)
    kubernetes = packages / "kubernetes"
    assert {path.name for path in kubernetes.iterdir()} == {"__init__.py", "__pycache__", "aio", "py.typed"}
    assert [path.name for path in kubernetes.glob("aio/client/models/*.py")] == ["__init__.py"]
    assert list(kubernetes.glob("aio/client/api")) + list(kubernetes.rglob("*_test.py")) == []
    assert sum(path.stat().st_size for path in packages.rglob("*") if path.is_file()) < 80_000_000


def test_what_is_left_out_is_said() -> None:
    said = (ROOT / "docs" / "install.md").read_text()
    assert [name for name in LEFT_OUT if f"`{name}`" not in said] == []


def test_each_package_is_only_said_to_have_what_is_there(installed_by_it: Path) -> None:
    packages = packages_of(installed_by_it)
    for record in packages.glob("*.dist-info/RECORD"):
        with record.open(newline="") as lines:
            assert [file for file, *_ in csv.reader(lines) if not (packages / file).exists()] == []


def test_the_bill_of_materials_is_what_is_installed(installed_by_it: Path) -> None:
    bill = json.loads((installed_by_it / "sbom.cdx.json").read_text())
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.5")
    assert "serialNumber" not in bill
    assert "timestamp" not in bill["metadata"]
    installed = {
        (distribution.name.lower().replace("_", "-"), distribution.version)
        for distribution in distributions(path=[str(packages_of(installed_by_it))])
    }
    own = bill["metadata"]["component"]
    listed = {(component["name"], component["version"]) for component in [own, *bill["components"]]}
    assert listed == installed
    assert all(component["purl"].startswith("pkg:pypi/") for component in bill["components"])


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
