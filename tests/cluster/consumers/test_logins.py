"""Apps as their makers publish them log a user in with what their example's pod takes from the published Secret."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from oauthclient_operator import names
from tests.cluster.consumers.apps import App, node_app, proxy, python_app
from tests.cluster.consumers.browser import Browser
from tests.cluster.consumers.conftest import PASSWORD, USER, Apply, Issuer
from tests.cluster.consumers.pods import Container, container
from tests.cluster.scenarios.room import Room
from tests.parts.misbehaving import MisbehavingServer, Received, response

pytestmark = pytest.mark.usefixtures("operator")


@pytest.fixture
def upstream() -> Iterator[Callable[[], str]]:
    """What stands behind oauth2-proxy: it says who oauth2-proxy says that asks."""

    async def tell(received: Received, writer: object) -> None:
        body = f"Logged in as {received.headers.get('x-forwarded-email')}".encode()
        writer.write(response(200, body=body, content_type="text/plain"))  # type: ignore[attr-defined]

    with MisbehavingServer(tell).in_thread() as server:
        yield server.url


@pytest.fixture(params=["oauth2-proxy", "Node", "Python"])
def app(request: pytest.FixtureRequest) -> App:
    if request.param == "oauth2-proxy":
        return proxy(request.getfixturevalue("upstream"))
    return node_app() if request.param == "Node" else python_app()


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
