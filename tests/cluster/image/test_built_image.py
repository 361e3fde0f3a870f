"""The image as `make image` builds it with the engine that works here: who it is, what is in it, and that it does its work."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.image.engines import engine
from tests.cluster.image.conftest import Lives
from tests.cluster.scenarios.operators import Operators
from tests.parts.built_image import FILES, VERSION, BuiltImage, build
from tests.parts.certificates import CertificateAuthority
from tests.parts.installation import ROOT
from tests.parts.registry import Registry, registry

pytestmark = pytest.mark.timeout(600)
INSTALLED = "opt/oauthclient-operator"
REPOSITORY = "team/oauthclient-operator"


@pytest.fixture(scope="module")
def a_registry(certificate_authority: CertificateAuthority) -> Iterator[Registry]:
    # docker's daemon trusts what its own machine trusts, and no certificate where it pushes to the loopback.
    certificate = None if engine(None).name == "docker" else certificate_authority.certificate()
    with registry(certificate) as running:
        yield running


@pytest.fixture(scope="module")
def image(
    a_registry: Registry, certificate_authority: CertificateAuthority, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BuiltImage]:
    """Build it and push it by one command."""
    pushed = f"{a_registry.host}/{REPOSITORY}"
    trust = {"SSL_CERT_FILE": str(certificate_authority.bundle)}
    directory = tmp_path_factory.mktemp("built-image")
    built = build(engine(None), directory, f"--push={pushed}", environment=trust)
    yield built
    built.remove(f"{pushed}:{VERSION}")


def test_it_says_who_it_is_and_runs_as_nobody_in_particular(image: BuiltImage) -> None:
    configured = image.configuration()["config"]
    assert configured["User"] == "65532:65532"
    assert configured["Entrypoint"] == [f"/{INSTALLED}/bin/oauthclient-operator"]
    assert configured["Cmd"] == ["run"]
    assert {"PYTHONUNBUFFERED=1", "PYTHONDONTWRITEBYTECODE=1"} <= set(configured["Env"])
    assert not [value for value in configured["Env"] if value.startswith(("UV_", "SSL_", "PYC_", "LEFT_OUT"))]


def test_its_labels_name_the_version_and_the_revision(image: BuiltImage) -> None:
    labels = image.configuration()["config"]["Labels"]
    head = subprocess.run(("git", "rev-parse", "HEAD"), cwd=ROOT, check=True, capture_output=True, text=True).stdout
    prefix = "org.opencontainers.image"
    assert labels[f"{prefix}.version"] == VERSION
    assert labels[f"{prefix}.revision"].removesuffix("-dirty") == head.strip()
    assert labels[f"{prefix}.title"] == "oauthclient-operator"
    assert labels[f"{prefix}.licenses"] == "Apache-2.0"


def test_one_layer_of_files_that_nobody_there_may_change_is_over_the_base(image: BuiltImage) -> None:
    added = image.layers()[-1]
    assert {file.name.partition("/")[0] for file in added} == {"opt"}
    assert [file.name for file in added if file.name != "opt" and not file.name.startswith(INSTALLED)] == []
    assert {(file.uid, file.gid) for file in added} == {(0, 0)}
    assert [file.name for file in added if not file.issym() and file.mode & 0o6022] == []
    (bill,) = [file.name for file in added if file.name.endswith("sbom.cdx.json")]
    assert json.loads(image.read(bill))["bomFormat"] == "CycloneDX"


def test_it_is_small_and_holds_no_source_and_no_tool(image: BuiltImage) -> None:
    added = image.layers()[-1]
    assert sum(file.size for file in added) < 80_000_000
    names = {file.name.rpartition("/")[2] for file in added}
    assert names.isdisjoint({"uv", "uv.lock", "pyproject.toml", "Makefile", "pytest", "git"})


def test_a_client_lives_by_it(
    image: BuiltImage,
    operator_kubeconfig: Path,
    certificate_authority: CertificateAuthority,
    tmp_path: Path,
    a_client_lives: Lives,
) -> None:
    files = {"kubeconfig": operator_kubeconfig, "ca.pem": certificate_authority.bundle}
    logs = tmp_path / "logs"
    logs.mkdir()
    with image.program(files, tmp_path) as program:
        a_client_lives(Operators(Path(FILES, "kubeconfig"), Path(FILES, "ca.pem"), logs, program))


def test_what_was_pushed_is_what_was_built(image: BuiltImage, a_registry: Registry) -> None:
    (manifest,) = a_registry.manifests.values()
    assert list(a_registry.manifests) == [f"{REPOSITORY}:{VERSION}"]
    assert json.loads(a_registry.blobs[manifest["config"]["digest"]]) == image.configuration()
    assert all(layer["digest"] in a_registry.blobs for layer in manifest["layers"])
