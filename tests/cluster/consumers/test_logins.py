"""Apps as their makers publish them log a user in with what their example's pod takes from the published Secret."""

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest

from oauthclient_operator import names
from tests.cluster.consumers.apps import App, cookie_secret, in_java, in_node, in_python, oauth2_proxy_before
from tests.cluster.consumers.browser import Browser, Form, Ingress
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

OF_OUR_OWN = [("Node", "open_issuer"), ("Python", "open_issuer")]
MOST = 1000
"""How many logins the app in Node keeps that are begun and not ended."""


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
        with Browser(issuer.trust, app.host, Ingress(port)) as browser:
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


@pytest.fixture
def port(app: App, room: Room, issuer: Issuer, apply: Apply, tmp_path: Path) -> Iterator[int]:
    """Where the app runs, with its first client."""
    resource = app.documents()[names.KIND]
    apply(resource)
    room.wait_for(resource["metadata"]["name"], "Registered", within=60)
    with app.running(pod(app, room, tmp_path / "pod"), issuer.trust, tmp_path) as port:
        yield port


def is_asked_to_log_in(page: httpx.Response) -> bool:
    return page.status_code == 200 and Form.of(page) is not None


@pytest.mark.parametrize(("app", "issuer"), OF_OUR_OWN, indirect=True)
def test_a_code_that_somebody_else_got_logs_nobody_in(app: App, issuer: Issuer, room: Room, port: int) -> None:
    published = room.secret("web-oauth")
    asked = {
        "client_id": published["OIDC_CLIENT_ID"],
        "redirect_uri": published["OIDC_REDIRECT_URI"],
        "response_type": "code",
        "scope": "openid profile email",
    }
    nowhere = httpx.MockTransport(lambda _: httpx.Response(200))
    with Browser(issuer.trust, app.host, nowhere) as attacker:
        # Neither a state nor a code_challenge: nothing that the app could have made.
        begun = attacker.open(f"{published['authorization_endpoint']}?{urlencode(asked)}")
        link = attacker.log_in("mallory", PASSWORD, on=begun).url
    assert (link.host, "code" in link.params, "state" in link.params) == (app.host, True, False)
    for has_begun in (False, True):
        with Browser(issuer.trust, app.host, Ingress(port)) as victim:
            assert not has_begun or is_asked_to_log_in(victim.open())
            assert victim.open(str(link)).status_code == 400
            assert is_asked_to_log_in(victim.open())


@pytest.mark.parametrize(("app", "issuer"), OF_OUR_OWN, indirect=True)
def test_who_knows_the_cookie_of_before_a_login_is_not_logged_in_by_it(app: App, issuer: Issuer, port: int) -> None:
    with Browser(issuer.trust, app.host, Ingress(port)) as alice:
        begun = alice.open()
        before = alice.cookies()
        assert alice.log_in(USER, PASSWORD, on=begun).text.strip() == f"Logged in as {USER}@example.com"
        assert before
        assert {*before.values()} & {*alice.cookies().values()} == set()
    with Browser(issuer.trust, app.host, Ingress(port), before) as attacker:
        assert is_asked_to_log_in(attacker.open())


@pytest.mark.parametrize(("app", "issuer"), OF_OUR_OWN[:1], indirect=True)
def test_logins_that_are_begun_and_not_ended_are_not_kept_for_good(app: App, issuer: Issuer, port: int) -> None:
    with Browser(issuer.trust, app.host, Ingress(port)) as alice, Browser(issuer.trust, app.host, Ingress(port)) as bob:
        assert alice.log_in(USER, PASSWORD).status_code == 200
        begun = bob.open()
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as crowd:
            assert "set-cookie" not in crowd.get("/").headers
            for _ in range(MOST):
                crowd.cookies.clear()
                assert crowd.get("/login").status_code == 303
        assert bob.log_in("bob", PASSWORD, on=begun).status_code == 400
        # Another try is as good as the first one, and nobody who is logged in has noticed.
        assert bob.log_in("bob", PASSWORD).text.strip() == "Logged in as bob@example.com"
        assert alice.open().text.strip() == f"Logged in as {USER}@example.com"


@pytest.mark.parametrize(("app", "issuer"), OF_OUR_OWN[1:], indirect=True)
def test_logins_that_are_begun_and_not_ended_do_not_fill_the_cookie(app: App, issuer: Issuer, port: int) -> None:
    with Browser(issuer.trust, app.host, Ingress(port)) as alice:
        for _ in range(20):
            begun = alice.open()
        # Browsers take at least 4096 bytes, name and attributes counted (RFC 6265 section 6.1), and Chrome no more.
        assert 0 < sum(len(name + value) for name, value in alice.cookies().items()) < 2048
        assert alice.log_in(USER, PASSWORD, on=begun).text.strip() == f"Logged in as {USER}@example.com"
