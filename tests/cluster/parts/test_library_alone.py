"""The library as a program installs it: without the operator, and without what only that needs."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.parts.misbehaving_issuer import MisbehavingIssuer
from tests.parts.toolchains import uv

ROOT = Path(__file__).parents[3]
NEEDED = {
    "anyio",
    "certifi",
    "cffi",
    "cryptography",
    "h11",
    "httpcore",
    "idna",
    "joserfc",
    "oauthclient_operator",
    "pycparser",
    "sniffio",
    "typing_extensions",
}
"""With what its dependencies need themselves: a program that takes the library takes all of these."""
REGISTERS_AND_STORES = """
import asyncio, json, sys
from oauthclient_operator.client_library import Options, dynamic_client_registration
options = Options(allow_insecure_requests=True)
print(json.dumps(asyncio.run(dynamic_client_registration(sys.argv[1], {}, options=options)).to_dict()))
"""
GOES_ON_AND_DELETES = """
import asyncio, json, sys
from oauthclient_operator.client_library import Options, delete_client, restore, update_client
options = Options(allow_insecure_requests=True)
async def main():
    configuration = await update_client(restore(json.loads(sys.argv[2]), options=options), {"client_name": "Shop"})
    await delete_client(configuration)
    print(configuration.client_id)
asyncio.run(main())
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Install what is locked for the project without its extra, in an environment of its own."""
    into = tmp_path_factory.mktemp("library") / "installed"
    environment = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONPATH")}
    environment["UV_PROJECT_ENVIRONMENT"] = str(into)
    command = [str(uv()), "sync", "--quiet", "--locked", "--no-dev", "--no-editable"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    yield into
    shutil.rmtree(into)


async def said(installed: Path, program: str, *arguments: str) -> str:
    """Run a program of a few lines there, and return what it prints."""
    ran = await asyncio.create_subprocess_exec(
        installed / "bin" / "python", "-c", program, *arguments, cwd="/", env={}, stdout=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(60):
        printed, _ = await ran.communicate()
    assert ran.returncode == 0
    return printed.decode().strip()


def test_nothing_of_kubernetes_is_installed_with_it(installed: Path) -> None:
    (packages,) = installed.glob("lib/python*/site-packages")
    assert {path.name.partition("-")[0] for path in packages.glob("*.dist-info")} == NEEDED


async def test_a_program_registers_and_another_goes_on_where_it_ended(installed: Path) -> None:
    issuer = MisbehavingIssuer()
    async with issuer.server:
        stored = await said(installed, REGISTERS_AND_STORES, issuer.issuer)
        assert await said(installed, GOES_ON_AND_DELETES, issuer.issuer, stored) == "client-1"
        assert issuer.calls == ["POST", "PUT", "DELETE"]


def test_the_command_says_how_the_operator_comes_to_it(installed: Path) -> None:
    program = installed / "bin" / "oauthclient-operator"
    ran = subprocess.run([program, "run"], cwd="/", env={}, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "pip install '.[operator]' in its checkout" in ran.stderr
