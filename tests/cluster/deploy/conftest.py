"""What tests of whole installations stand on: a cluster of their own, in which only their operators run."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.deploy.installations import Installation, overlay, rename
from tests.parts.api_server import APIServer
from tests.parts.api_server import api_server as run_api_server
from tests.parts.certificates import CertificateAuthority
from tests.parts.helm import Helm
from tests.parts.installation import ROOT
from tests.parts.misbehaving_issuer import MisbehavingIssuer
from tests.parts.programs import programs

DEPLOY = ROOT / "deploy"
EXAMPLE = ROOT / "examples" / "installation"
WITHOUT_WATCH = ROOT / "examples" / "without-secret-watch"


@pytest.fixture(scope="session")
def helm(tmp_path_factory: pytest.TempPathFactory) -> Helm:
    """Helm without a cluster."""
    return Helm(home=tmp_path_factory.mktemp("helm"))


@pytest.fixture(scope="session")
def api_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[APIServer]:
    """Not the one of the other tests: two operators that see all namespaces would both act."""
    with run_api_server(tmp_path_factory.mktemp("installations"), programs()) as server:
        # The example says of them that they are there.
        for namespace in ("shop", "billing", "elsewhere"):
            server.kubectl("create", "namespace", namespace)
        yield server


@pytest.fixture
def issuer(certificate_authority: CertificateAuthority) -> Iterator[MisbehavingIssuer]:
    issuer = MisbehavingIssuer(certificate=certificate_authority.certificate())
    with issuer.server.in_thread():
        yield issuer


@pytest.fixture(scope="session")
def trust(certificate_authority: CertificateAuthority) -> Path:
    return certificate_authority.bundle


@pytest.fixture(scope="session")
def whole(api_server: APIServer) -> Installation:
    return Installation(server=api_server, directory=DEPLOY)


@pytest.fixture(scope="session")
def example(api_server: APIServer) -> Installation:
    """Named namespaces only, with a network policy."""
    return Installation(server=api_server, directory=EXAMPLE)


@pytest.fixture(scope="session")
def renamed(api_server: APIServer, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """The example under other names, as deploy/names says."""
    directory = tmp_path_factory.mktemp("renamed")
    shutil.copy(EXAMPLE / "parameters.yaml", directory)
    components = ["//deploy/components/namespaced", "//deploy/components/network-policy"]
    rename(directory, "acme", [*map(_tenant, ("shop", "billing")), "parameters.yaml"], components)
    return Installation(server=api_server, directory=directory)


@pytest.fixture(scope="session")
def without_watch(api_server: APIServer) -> Installation:
    """All namespaces, without list and watch on Secrets."""
    return Installation(server=api_server, directory=WITHOUT_WATCH)


@pytest.fixture(scope="session")
def renamed_without_watch(api_server: APIServer, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    directory = tmp_path_factory.mktemp("renamed-without-watch")
    rename(directory, "other", [_tenant("shop")], ["//deploy/components/without-secret-watch"])
    return Installation(server=api_server, directory=directory)


@pytest.fixture(scope="session")
def private_authority(api_server: APIServer, trust: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """All of it with an authority of one's own, as the page about installing says."""
    directory = tmp_path_factory.mktemp("private-authority")
    shutil.copy(trust, directory / "ca.crt")
    config_map = {
        "name": "oauthclient-operator-ca",
        "namespace": "oauth-operator-system",
        "files": ["ca.crt"],
        "options": {"disableNameSuffixHash": True},
    }
    overlay(
        directory,
        resources=["//deploy"],
        components=["//deploy/components/ca-bundle"],
        configMapGenerator=[config_map],
    )
    return Installation(server=api_server, directory=directory)


def _tenant(namespace: str) -> str:
    return f"//examples/installation/namespaces/{namespace}"
