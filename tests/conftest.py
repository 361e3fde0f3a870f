"""What tests on real authorization servers stand on; what takes long is made, or begun, before the first test's clock runs."""

import gc
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from tests.parts.canaille import Canaille
from tests.parts.canaille import canaille as run_canaille
from tests.parts.certificates import CertificateAuthority
from tests.parts.keycloak import Keycloak, Realm, prepared
from tests.parts.keycloak import keycloak as run_keycloak
from tests.parts.node_oidc_provider import NodeOIDCProvider, node_oidc_provider
from tests.parts.programs import programs
from tests.parts.spring_authorization_server import SpringAuthorizationServer, built
from tests.parts.spring_authorization_server import spring_authorization_server as run_spring_authorization_server
from tests.scheduling import AT_ISSUERS, ByServers, scope

# How long an example takes is not what these tests are about, and the machines are shared.
settings.register_profile("shared machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared machine")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """Where the suite runs in several processes, let tests that stand on the same servers run in one of them."""
    return ByServers(config, log)


def pytest_collection_finish(session: pytest.Session) -> None:
    if session.config.option.collectonly:
        return
    # A first build takes minutes: more than a test's timeout, and nobody should wait without a word.
    capture = session.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        if _asked_for(session, "api_server"):
            programs()
        if _asked_for(session, "keycloak_begun"):
            prepared()
        if _asked_for(session, "spring_authorization_server"):
            built()
    # The tests themselves are half a million objects that stay: looked through for garbage again and again, they would
    # hold up an operator of this process for half a second each time.
    gc.collect()
    gc.freeze()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what the explorations came to, also where they ran in another process."""
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            if name == "explored":
                terminalreporter.write_line(str(value))


def _asked_for(session: pytest.Session, fixture: str) -> bool:
    return any(fixture in getattr(item, "fixturenames", ()) for item in session.items)


@pytest.fixture(autouse=True)
def keycloak_begins(request: pytest.FixtureRequest) -> None:
    """It needs its seconds to start: begun with the first test at a server, it is up when it is asked for."""
    if scope(request.node.nodeid) == AT_ISSUERS and _asked_for(request.session, "keycloak_begun"):
        request.getfixturevalue("keycloak_begun")


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


@pytest.fixture(scope="session")
def keycloak_begun(
    tmp_path_factory: pytest.TempPathFactory, certificate_authority: CertificateAuthority
) -> Iterator[Keycloak]:
    with run_keycloak(tmp_path_factory.mktemp("keycloak"), certificate_authority) as server:
        yield server


@pytest.fixture(scope="session")
def keycloak_server(keycloak_begun: Keycloak) -> Keycloak:
    keycloak_begun.wait_until_ready()
    return keycloak_begun


@pytest.fixture(scope="session")
def keycloak(keycloak_server: Keycloak) -> Realm:
    """The realm that stays where it is."""
    return keycloak_server.realm("shop")


@pytest.fixture(scope="session")
def spring_authorization_server(
    tmp_path_factory: pytest.TempPathFactory, certificate_authority: CertificateAuthority
) -> Iterator[SpringAuthorizationServer]:
    directory = tmp_path_factory.mktemp("spring-authorization-server")
    with run_spring_authorization_server(directory, certificate_authority) as server:
        yield server
