"""Who may register, what servers refuse and what they change: each said so that the reader knows what to do."""

from pathlib import Path
from typing import Any

import pytest

from oauthclient_operator.record.attempts import AttemptState
from oauthclient_operator.verdict.verdict import SLOWLY
from tests.cluster.scenarios.conftest import MakeIssuer
from tests.cluster.scenarios.room import WEB, Room, condition, conditions
from tests.parts.canaille import Canaille
from tests.parts.certificates import CertificateAuthority
from tests.parts.misbehaving import respond
from tests.parts.misbehaving_issuer import MisbehavingIssuer
from tests.parts.node_oidc_provider import NodeOIDCProvider, node_oidc_provider

pytestmark = pytest.mark.usefixtures("operator")

TYPE = "oauth-operator.dev/initial-access-token"


def presented(issuer: MisbehavingIssuer) -> list[str | None]:
    """Return what each registration brought with it to be let in."""
    posts = [request for request in issuer.server.requests if request.method == "POST"]
    return [request.headers.get("authorization") for request in posts]


def test_open_registration_needs_no_token(
    room: Room, tmp_path: Path, certificate_authority: CertificateAuthority, issuer: MisbehavingIssuer
) -> None:
    with node_oidc_provider(tmp_path, certificate_authority, initial_access_token=False) as server:
        room.apply("web", server.issuer)
        room.wait_for("web", "Registered")
        assert [client["client_name"] for client in server.clients().values()] == ["Web shop"]
    room.apply("other", issuer.issuer)
    room.wait_for("other", "Registered")
    assert presented(issuer) == [None]
    assert issuer.server.requests[-1].json() == WEB


def test_a_token_that_is_missing_and_then_there(room: Room, node_provider: NodeOIDCProvider) -> None:
    since = node_provider.log.mark()
    room.apply("web", node_provider.issuer, token="idp-token")
    resource = room.wait_for("web", "InitialAccessTokenMissing")
    assert condition(resource)["message"] == (
        f"Secret idp-token does not exist; create it with type {TYPE} and the keys token and issuer"
    )
    assert conditions(resource)["Stalled"] == ("True", "InitialAccessTokenMissing")
    room.put_token("idp-token", node_provider.issuer, node_provider.initial_access_token())
    room.wait_for("web", "Registered", within=10)
    assert [str(r) for r in node_provider.log.requests(since=since) if r.method == "POST"] == ["POST /reg 201"]


@pytest.mark.parametrize(
    ("of_type", "data", "message"),
    [
        (
            "Opaque",
            {"token": "a-token", "issuer": "ISSUER"},
            f"Secret idp-token is not an initial access token: its type must be {TYPE}",
        ),
        (TYPE, {"issuer": "ISSUER"}, "Secret idp-token has no key token"),
        (TYPE, {"token": "a-token"}, "Secret idp-token has no key issuer"),
        (
            TYPE,
            {"token": "two words", "issuer": "ISSUER"},
            "Secret idp-token holds no usable initial access token in its key token",
        ),
    ],
    ids=["another type", "no token", "no issuer", "no token but words"],
)
def test_a_secret_that_is_no_token(
    of_type: str, data: dict[str, str], message: str, room: Room, make_issuer: MakeIssuer
) -> None:
    issuer = make_issuer(initial_access_token="a-token")
    room.put_secret("idp-token", of_type=of_type, **{k: v.replace("ISSUER", issuer.issuer) for k, v in data.items()})
    room.apply("web", issuer.issuer, token="idp-token")
    assert condition(room.wait_for("web", "InitialAccessTokenMissing"))["message"] == message
    assert issuer.calls == []
    # A Secret's type cannot be changed.
    room.kubectl("delete", "secret", "idp-token", "-n", room.namespace)
    # What an editor leaves at the end is no part of a token.
    room.put_token("idp-token", issuer.issuer, "a-token\n")
    room.wait_for("web", "Registered", within=10)
    assert presented(issuer) == ["Bearer a-token"]


def test_a_token_goes_to_the_issuer_that_it_is_for_alone(room: Room, make_issuer: MakeIssuer) -> None:
    genuine, other = make_issuer(initial_access_token="a-token"), make_issuer()
    room.put_token("idp-token", genuine.issuer, "a-token")
    room.apply("web", other.issuer, token="idp-token")
    resource = room.wait_for("web", "InitialAccessTokenNotForIssuer")
    assert condition(resource)["message"] == (
        "Secret idp-token names another issuer than spec.issuer, so its token is not sent there; its key issuer must "
        f"hold the issuer identifier, character by character{SLOWLY}"
    )
    assert conditions(resource)["Stalled"] == ("True", "InitialAccessTokenNotForIssuer")
    room.put_token("idp-token", f"{other.issuer}/", "a-token")
    room.apply("web", other.issuer, token="idp-token", metadata={**WEB, "client_name": "Renamed"})
    room.wait_for("web", "InitialAccessTokenNotForIssuer")
    assert other.calls == []
    room.put_token("idp-token", other.issuer, "another-token")
    room.wait_for("web", "Registered", within=10)
    assert (presented(other), genuine.server.connections) == (["Bearer another-token"], 0)


def test_a_bad_token_and_then_a_good_one(room: Room, node_provider: NodeOIDCProvider) -> None:
    since = node_provider.log.mark()
    room.put_token("idp-token", node_provider.issuer, "not-a-token")
    uid = room.apply("web", node_provider.issuer, token="idp-token")
    resource = room.wait_for("web", "RegistrationUnauthorized")
    assert condition(resource)["message"] == (
        "the authorization server does not let this operator register clients "
        '(HTTP 401 invalid_token: "invalid token provided"); '
        f"put a valid initial access token into the Secret that spec.registration.initialAccessToken names{SLOWLY}"
    )
    assert conditions(resource) == {
        "Ready": ("False", "RegistrationUnauthorized"),
        "Registered": ("False", "RegistrationUnauthorized"),
        "SecretPublished": ("False", "RegistrationUnauthorized"),
        "Stalled": ("True", "RegistrationUnauthorized"),
    }
    room.put_token("idp-token", node_provider.issuer, node_provider.initial_access_token())
    resource = room.wait_for("web", "Registered", within=10)
    assert "Stalled" not in conditions(resource)
    posts = [str(r) for r in node_provider.log.requests(since=since) if r.method == "POST"]
    assert posts == ["POST /reg 401", "POST /reg 201"]
    # A refusal is no end: the same attempt goes on.
    assert [(a.number, a.state) for a in room.record(uid).attempts] == [(1, AttemptState.COMMITTED)]


def test_no_token_where_one_is_needed(room: Room, node_provider: NodeOIDCProvider) -> None:
    room.apply("web", node_provider.issuer)
    assert condition(room.wait_for("web", "RegistrationUnauthorized"))["message"].endswith(
        "; name a Secret with an initial access token in spec.registration.initialAccessToken, "
        f"or let the server's administrator allow open registration{SLOWLY}"
    )
    room.put_token("idp-token", node_provider.issuer, node_provider.initial_access_token())
    room.apply("web", node_provider.issuer, token="idp-token")
    room.wait_for("web", "Registered")


def test_where_a_token_that_is_used_up_is_a_bad_request(room: Room, canaille: Canaille) -> None:
    room.put_token("idp-token", canaille.issuer, canaille.initial_access_token())
    room.apply("first", canaille.issuer, token="idp-token")
    room.wait_for("first", "Registered")
    room.apply("second", canaille.issuer, token="idp-token")
    message = condition(room.wait_for("second", "RegistrationUnauthorized"))["message"]
    assert "(HTTP 400 access_denied" in message
    room.put_token("idp-token", canaille.issuer, canaille.initial_access_token())
    room.wait_for("second", "Registered", within=10)


def test_a_refusal_in_the_servers_words_and_an_edit_that_mends_it(room: Room, node_provider: NodeOIDCProvider) -> None:
    room.put_token("idp-token", node_provider.issuer, node_provider.initial_access_token())
    wrong = {**WEB, "redirect_uris": ["com.example.shop:/callback"]}
    uid = room.apply("web", node_provider.issuer, metadata=wrong, token="idp-token")
    resource = room.wait_for("web", "RegistrationRejected")
    assert condition(resource)["message"] == (
        "the authorization server rejected the registration (HTTP 400 invalid_redirect_uri: "
        '"redirect_uris must only contain web uris"); correct spec.clientMetadata' + SLOWLY
    )
    assert conditions(resource)["Stalled"] == ("True", "RegistrationRejected")
    assert not room.has_secret("web")
    record = room.record(uid)
    assert (record.clients, record.suspects, record.open) == ((), (), None)
    room.apply("web", node_provider.issuer, token="idp-token")
    room.wait_for("web", "Registered")
    assert [(a.number, a.state) for a in room.record(uid).attempts] == [(1, AttemptState.COMMITTED)]


def test_a_servers_words_are_cleaned_and_hold_no_token(room: Room, make_issuer: MakeIssuer) -> None:
    issuer = make_issuer()
    said = 'bad\n\u202etoken Bearer abcd1234secret with "x" at eyJhbGciOiJSUzI1NiJ9.' + 500 * "y "
    issuer.spoil("POST", lambda _: respond(403, {"error": "in valid", "error_description": said}), applied=False)
    room.put_token("idp-token", issuer.issuer, "abcd1234secret")
    room.apply("web", issuer.issuer, token="idp-token")
    resource = room.wait_for("web", "RegistrationUnauthorized")
    message = condition(resource)["message"]
    assert "(HTTP 403: \"bad token Bearer … with 'x' at" in message
    assert 'y…"); the initial access token does not suffice' in message
    room.wait_until(lambda: bool(room.events("web")), "the Event")
    everywhere = f"{resource}{room.events('web')}{room.operators.log()}"
    assert "abcd1234secret" not in everywhere
    assert "eyJhbGci" not in everywhere


def test_what_the_server_changed_or_dropped_is_named(room: Room, node_provider: NodeOIDCProvider) -> None:
    room.put_token("idp-token", node_provider.issuer, node_provider.initial_access_token())
    asked = {**WEB, "x_team": "shop", "software_id": "shop-web", "contacts": ["a@shop.example.com"]}
    room.apply("web", node_provider.issuer, metadata=asked, token="idp-token")
    resource = room.wait_for("web", "Registered")
    assert resource["status"]["registration"]["deviations"] == ["software_id", "x_team"]
    assert "shop-web" not in str(resource["status"])


@pytest.mark.parametrize(
    ("change", "deviations"),
    [
        ({"token_endpoint_auth_method": "client_secret_post"}, ["token_endpoint_auth_method"]),
        (
            {"client_name": None, "redirect_uris": [*WEB["redirect_uris"], "https://more.example/"]},
            ["client_name", "redirect_uris"],
        ),
        ({"contacts": [], "scope": "", "response_types": ["code"], "x_more": 1}, []),
    ],
    ids=["another method that works", "one dropped and one with more", "what says no more than its absence"],
)
def test_a_deviation_is_lived_with(
    change: dict[str, Any], deviations: list[str], room: Room, issuer: MisbehavingIssuer
) -> None:
    issuer.alter("POST", lambda members: members | change)
    room.apply("web", issuer.issuer, metadata={**WEB, "token_endpoint_auth_method": "client_secret_basic"})
    resource = room.wait_for("web", "Registered")
    assert resource["status"]["registration"].get("deviations", []) == deviations
    published = room.secret("web")
    assert published["token_endpoint_auth_method"] == change.get("token_endpoint_auth_method", "client_secret_basic")
    assert issuer.calls == ["POST"]


@pytest.mark.parametrize(
    ("change", "lacking"),
    [
        (
            {"client_secret": None},
            "token_endpoint_auth_method is client_secret_basic, and no client_secret was issued",
        ),
        (
            {"redirect_uris": ["https://other.example/"]},
            f'redirect_uris lacks "{WEB["redirect_uris"][0]}"; the server has "https://other.example/"',
        ),
        ({"grant_types": ["implicit"]}, 'grant_types lacks "authorization_code"; the server has "implicit"'),
        ({"token_endpoint_auth_method": "none"}, 'token_endpoint_auth_method is "none"'),
    ],
    ids=["no secret", "another redirect URI", "another grant", "a public client"],
)
def test_an_answer_that_is_not_enough_is_recorded_and_can_be_undone(
    change: dict[str, Any], lacking: str, room: Room, issuer: MisbehavingIssuer
) -> None:
    issuer.alter("POST", lambda members: members | change)
    uid = room.apply("web", issuer.issuer, metadata={**WEB, "token_endpoint_auth_method": "client_secret_basic"})
    resource = room.wait_for("web", "RegistrationInsufficient")
    assert condition(resource)["message"] == (
        f"the authorization server registered the client differently, and not well enough to use: {lacking}; "
        "change spec.clientMetadata, or delete this resource to deregister the client"
    )
    assert conditions(resource) == {
        "Ready": ("False", "RegistrationInsufficient"),
        "Registered": ("True", "RegistrationInsufficient"),
        "SecretPublished": ("False", "RegistrationInsufficient"),
        "Stalled": ("True", "RegistrationInsufficient"),
    }
    assert resource["status"]["clientID"] == "client-1"
    assert not room.has_secret("web")
    assert room.record(uid).published is not None
    room.delete("web")
    room.wait_until(lambda: not room.exists("web"), "the resource is gone")
    assert (issuer.calls, issuer.clients) == (["POST", "DELETE"], {})
