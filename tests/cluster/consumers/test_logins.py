"""Apps as their makers publish them log a user in with what their example's pod takes from the published Secret."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from oauthclient_operator import names
from tests.cluster.consumers.apps import App, cookie_secret, in_java, in_node, in_python, oauth2_proxy_before
from tests.cluster.consumers.browser import Browser
from tests.cluster.consumers.conftest import PASSWORD, USER, Apply, Issuer
from tests.cluster.consumers.pods import Container, container
from tests.cluster.scenarios.room import Room
from tests.parts.misbehaving import MisbehavingServer, Received, response

# Two starts of a Java program, beside all that starts with the first test.
pytestmark = [pytest.mark.timeout(240), pytest.mark.usefixtures("operator", "keycloak_begun")]

LOGINS = [
    # First those that need not wait until Keycloak has started.
    ("oauth2-proxy", "open_issuer"),
    ("Node", "open_issuer"),
    ("Node with files", "open_issuer"),
    ("Python", "open_issuer"),
    ("Spring Cloud Bindings", "open_issuer"),
    ("oauth2-proxy", "realm_of_teams"),
    ("Node", "realm_of_teams"),
    ("Python", "realm_of_teams"),
    ("Spring Boot", "realm_of_teams"),
]


@pytest.fixture
def upstream() -> Iterator[Callable[[], str]]:
    """What stands behind oauth2-proxy: it says who oauth2-proxy says that asks."""

    async def tell(received: Received, writer: object) -> None:
        body = f"Logged in as {received.headers.get('x-forwarded-email')}".encode()
        writer.write(response(200, body=body, content_type="text/plain"))  # type: ignore[attr-defined]

    with MisbehavingServer(tell).in_thread() as server:
        yield server.url


@pytest.fixture
def app(request: pytest.FixtureRequest) -> App:
    match request.param:
        case "oauth2-proxy":
            program = oauth2_proxy_before(request.getfixturevalue("upstream")())
            return App(file="oauth2-proxy", program=program, own={"shop-cookie": {"secret": cookie_secret()}})
        case "Node":
            return App(file="app", program=in_node)
        case "Node with files":
            return App(file="files", program=in_node)
        case "Python":
            return App(file="app", program=in_python)
        case "Spring Boot":
            return App(file="spring-boot", program=in_java(bindings=False))
        case _:
            return App(file="spring-cloud-bindings", program=in_java(bindings=True))


def pod(app: App, room: Room, root: Path) -> Container:
    """Return what a pod that is made now gets."""

    def secret(name: str) -> dict[str, str]:
        return dict(app.own[name]) if name in app.own else room.secret(name)

    def config_map(name: str) -> dict[str, str]:
        found = app.documents()["ConfigMap"]
        assert found["metadata"]["name"] == name
        return dict(found["data"])

    root.mkdir()
    return container(app.documents()["Deployment"], secret=secret, config_map=config_map, root=root)


@pytest.mark.parametrize(("app", "issuer"), LOGINS, indirect=True)
def test_a_user_logs_in_and_again_after_a_rotation(
    app: App, room: Room, issuer: Issuer, apply: Apply, tmp_path: Path
) -> None:
    resource = app.documents()[names.KIND]
    name = resource["metadata"]["name"]
    apply(resource)
    first = room.wait_for(name, "Registered", within=60)["status"]["clientID"]

    def logs_in_as(port: int, client_id: str) -> None:
        browser = Browser(issuer.trust, app.host, port)
        page = browser.log_in(USER, PASSWORD)
        assert (page.status_code, page.text.strip()) == (200, f"Logged in as {USER}@example.com")
        assert browser.client_ids() == [client_id]

    with app.running(pod(app, room, tmp_path / "first"), issuer.trust, tmp_path) as port:
        logs_in_as(port, first)
        room.annotate(name, names.ROTATE_ANNOTATION, "now")
        second = room.wait_for(name, "Leaving", kind="Renewing", within=60)["status"]["clientID"]
        # Until it is restarted: the pair of before is good for a day.
        logs_in_as(port, first)
    with app.running(pod(app, room, tmp_path / "second"), issuer.trust, tmp_path) as port:
        logs_in_as(port, second)
    assert second != first
