"""A spec that says where the metadata are, or where clients are registered: what follows it, and what does not."""

import pytest

from oauthclient_operator.verdict.verdict import SLOWLY
from tests.cluster.scenarios.conftest import MakeIssuer
from tests.cluster.scenarios.room import WEB, Room, condition, conditions
from tests.parts.canaille import Canaille
from tests.parts.issuer_log import IssuerLog, IssuerMark
from tests.parts.misbehaving import Behaviour, respond
from tests.parts.misbehaving_issuer import Documents, Members, MisbehavingIssuer
from tests.parts.node_oidc_provider import NodeOIDCProvider
from tests.parts.processes import wait_for

pytestmark = pytest.mark.usefixtures("operator")

MINE = "/files/.well-known/mine.json"
"""Where only a spec leads."""
ENDPOINTS = {"authorization_endpoint", "token_endpoint", "jwks_uri"}


def only(place: str, **members: object) -> Documents:
    """Have the metadata at one place, with members over the right ones, and nothing at the others."""
    return lambda asked, metadata: respond(200, {**metadata, **members}) if asked == place else respond(404)


def unadvertised(_: str, metadata: Members) -> Behaviour:
    return respond(200, {name: value for name, value in metadata.items() if name != "registration_endpoint"})


def presented(issuer: MisbehavingIssuer) -> list[str]:
    return [r.headers.get("authorization", "") for r in issuer.server.requests if r.method == "POST"]


def test_a_document_that_the_spec_names(room: Room, issuer: MisbehavingIssuer) -> None:
    issuer.documents = only(MINE)
    room.apply("web", issuer.issuer, discovery={"url": issuer.server.url(MINE)})
    room.wait_for("web", "Registered")
    assert (issuer.fetched, issuer.calls) == ([MINE], ["POST"])
    assert room.secret("web").keys() >= ENDPOINTS


def test_a_document_that_a_tenant_put_there_takes_no_token_and_misleads_nobody_else(
    room: Room, issuer: MisbehavingIssuer
) -> None:
    theirs = issuer.server.url("/collect")
    issuer.documents = lambda asked, metadata: respond(
        200, {**metadata, "registration_endpoint": theirs} if asked == MINE else metadata
    )
    issuer.initial_access_token = "a-token"
    room.put_token("idp-token", issuer.issuer, "a-token")
    room.apply("theirs", issuer.issuer, token="idp-token", discovery={"url": issuer.server.url(MINE)})
    assert condition(room.wait_for("theirs", "InitialAccessTokenNotForIssuer"))["message"] == (
        "Secret idp-token does not name the registration endpoint, which spec.discovery chooses here, so its token is "
        f'not sent there; if it is for "{theirs}", its key registration_endpoint must say so, character by '
        f"character{SLOWLY}"
    )
    assert issuer.calls == []
    room.apply("ours", issuer.issuer, token="idp-token")
    room.wait_for("ours", "Registered")
    assert (issuer.calls, presented(issuer)) == (["POST"], ["Bearer a-token"])


def test_an_endpoint_that_the_spec_names_and_the_token_that_goes_there(room: Room, issuer: MisbehavingIssuer) -> None:
    issuer.documents = unadvertised
    issuer.initial_access_token = "a-token"
    endpoint = issuer.server.url("/reg")
    room.put_token("idp-token", issuer.issuer, "a-token")
    room.apply("web", issuer.issuer, token="idp-token")
    assert condition(room.wait_for("web", "RegistrationNotSupported"))["message"] == (
        f"the metadata of {issuer.issuer} name no registration_endpoint: have the server's administrator turn on "
        "Dynamic Client Registration, or write the endpoint into spec.discovery.registrationEndpoint if there is "
        f"one{SLOWLY}"
    )
    room.apply("web", issuer.issuer, token="idp-token", discovery={"registrationEndpoint": endpoint})
    resource = room.wait_for("web", "InitialAccessTokenNotForIssuer")
    assert conditions(resource)["Stalled"] == ("True", "InitialAccessTokenNotForIssuer")
    assert issuer.calls == []
    # It goes on by itself when the Secret says so.
    room.put_token("idp-token", issuer.issuer, "a-token", registration_endpoint=endpoint)
    room.wait_for("web", "Registered")
    assert (issuer.calls, presented(issuer)) == (["POST"], ["Bearer a-token"])
    assert room.secret("web").keys() >= ENDPOINTS
    # A client that is registered stays where it is; an edit goes to its own registration_client_uri.
    elsewhere = {"registrationEndpoint": issuer.server.url("/other")}
    room.apply("web", issuer.issuer, token="idp-token", discovery=elsewhere)
    room.wait_for("web", "Registered")
    assert issuer.calls == ["POST"]
    room.apply("web", issuer.issuer, metadata={**WEB, "client_name": "Renamed"}, discovery=elsewhere)
    room.wait_until(lambda: issuer.calls == ["POST", "PUT"], "the edit arrives")
    room.wait_for("web", "Registered")
    assert [client["client_name"] for client in issuer.clients.values()] == ["Renamed"]


def test_a_wrong_endpoint_and_then_the_right_one(room: Room, issuer: MisbehavingIssuer) -> None:
    issuer.documents = unadvertised
    room.apply("web", issuer.issuer, discovery={"registrationEndpoint": issuer.server.url("/wrong")})
    # Whatever is there refuses; nobody waits for the slow retry after an edit.
    room.wait_for("web", "RegistrationUnauthorized")
    room.apply("web", issuer.issuer, discovery={"registrationEndpoint": issuer.server.url("/reg")})
    room.wait_for("web", "Registered")
    assert issuer.calls == ["POST", "POST"]


def test_an_issuer_without_metadata(room: Room, issuer: MisbehavingIssuer) -> None:
    issuer.documents = only("/nowhere")
    room.apply("web", issuer.issuer, discovery={"registrationEndpoint": issuer.server.url("/reg")})
    resource = room.wait_for("web", "Registered")
    assert condition(resource)["message"] == (
        'registered as client "client-1"; the issuer publishes no endpoints, so its Secret names none'
    )
    assert room.secret("web").keys() == {"client_id", "client_secret", "issuer", "token_endpoint_auth_method"}
    assert len(issuer.fetched) == 2


@pytest.mark.parametrize(
    ("discovery", "documents", "reason", "words"),
    [
        ({"url": "OTHER/.well-known/a"}, None, "IssuerNotAllowed", "spec.discovery.url is at another origin than"),
        (
            {"registrationEndpoint": "OTHER/reg"},
            None,
            "IssuerNotAllowed",
            "spec.discovery.registrationEndpoint is at another origin than spec.issuer: write a URL at the issuer's own, or",
        ),
        (
            {"url": "ISSUER/.well-known/a"},
            lambda *_: respond(302, location="https://idp.example.com/"),
            "DiscoveryFailed",
            "the issuer answers HTTP 302 to discovery: redirects are not followed",
        ),
        (
            {"url": "ISSUER/.well-known/a", "registrationEndpoint": "ISSUER/reg"},
            lambda *_: respond(404),
            "DiscoveryFailed",
            "there is no metadata document: 404 from ISSUER/.well-known/a",
        ),
        (
            {"url": "ISSUER/.well-known/a"},
            lambda _, metadata: respond(200, {**metadata, "registration_endpoint": "https://idp.example.com/reg"}),
            "DiscoveryFailed",
            "the issuer's metadata name a registration_endpoint at another origin",
        ),
        (
            {"url": "ISSUER/.well-known/a", "registrationEndpoint": "ISSUER/reg"},
            lambda _, metadata: respond(200, {**metadata, "issuer": "https://idp.example.com"}),
            "IssuerMismatch",
            'the metadata name the issuer "https://idp.example.com", and "ISSUER" was asked for',
        ),
    ],
    ids=["document elsewhere", "endpoint elsewhere", "redirect", "no document", "endpoint of a document", "mismatch"],
)
def test_what_is_refused_is_said(
    discovery: dict[str, str],
    documents: Documents | None,
    reason: str,
    words: str,
    room: Room,
    issuer: MisbehavingIssuer,
    make_issuer: MakeIssuer,
) -> None:
    other = make_issuer()
    issuer.documents = documents

    def placed(text: str) -> str:
        return text.replace("ISSUER", issuer.issuer).replace("OTHER", other.issuer)

    room.apply("web", issuer.issuer, discovery={member: placed(url) for member, url in discovery.items()})
    resource = room.wait_for("web", reason)
    assert condition(resource)["message"].startswith(placed(words))
    assert conditions(resource)["Stalled"] == ("True", reason)
    assert (issuer.calls, other.server.connections) == ([], 0)


def way_in(log: IssuerLog, since: IssuerMark) -> list[str]:
    """Return how a client came in: the clients of other tests are being deregistered meanwhile."""
    return [str(request) for request in log.requests(since=since) if request.method != "DELETE"]


def test_a_document_at_a_real_server(room: Room, canaille: Canaille) -> None:
    place, endpoint = "/.well-known/oauth-authorization-server", f"{canaille.issuer}/oauth/register"
    room.put_token("idp-token", canaille.issuer, canaille.initial_access_token(), registration_endpoint=endpoint)
    since = canaille.log.mark()
    room.apply("web", canaille.issuer, token="idp-token", discovery={"url": f"{canaille.issuer}{place}"})
    room.wait_for("web", "Registered")
    expected = [f"GET {place} 200", "POST /oauth/register 201"]
    # Its log is written after its answers.
    wait_for(lambda: way_in(canaille.log, since) == expected, "exactly two requests", within=10)


def test_an_endpoint_at_a_real_server(room: Room, node_provider: NodeOIDCProvider) -> None:
    endpoint, token = f"{node_provider.issuer}/reg", node_provider.initial_access_token()
    room.put_token("idp-token", node_provider.issuer, token, registration_endpoint=endpoint)
    since = node_provider.log.mark()
    room.apply("web", node_provider.issuer, token="idp-token", discovery={"registrationEndpoint": endpoint})
    room.wait_for("web", "Registered")
    assert way_in(node_provider.log, since) == ["GET /.well-known/openid-configuration 200", "POST /reg 201"]
