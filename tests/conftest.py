"""What tests on real authorization servers stand on, and: the programs are there before the first test's clock runs."""

from collections.abc import Iterator

import pytest

from tests.parts.canaille import Canaille
from tests.parts.canaille import canaille as run_canaille
from tests.parts.certificates import CertificateAuthority
from tests.parts.node_oidc_provider import NodeOIDCProvider, node_oidc_provider
from tests.parts.programs import programs


def pytest_collection_finish(session: pytest.Session) -> None:
    if session.config.option.collectonly:
        return
    if any("api_server" in getattr(item, "fixturenames", ()) for item in session.items):
        # A first build takes minutes: more than a test's timeout, and nobody should wait without a word.
        capture = session.config.pluginmanager.getplugin("capturemanager")
        with capture.global_and_fixture_disabled():
            programs()


@pytest.fixture(scope="session")
def certificate_authority(tmp_path_factory: pytest.TempPathFactory) -> CertificateAuthority:
    return CertificateAuthority.made(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def node_provider(
    tmp_path_factory: pytest.TempPathFactory, certificate_authority: CertificateAuthority
) -> Iterator[NodeOIDCProvider]:
    with node_oidc_provider(tmp_path_factory.mktemp("node-oidc-provider"), certificate_authority) as server:
        yield server


@pytest.fixture(scope="session")
def canaille(
    tmp_path_factory: pytest.TempPathFactory, certificate_authority: CertificateAuthority
) -> Iterator[Canaille]:
    with run_canaille(tmp_path_factory.mktemp("canaille"), certificate_authority) as server:
        yield server
