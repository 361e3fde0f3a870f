"""Requests for an access token to register clients with: what is sent, by each way in, and what nobody may be shown."""

from urllib.parse import parse_qsl

import pytest

from oauthclient_operator.confidential import Confidential
from oauthclient_operator.errors import DiscoveryFailed
from oauthclient_operator.exchange import Request, Response
from oauthclient_operator.oauth.access_token import (
    ByAuthorizationGrant,
    ByClientAssertion,
    ByOwnCredentials,
    Grant,
    Requested,
    access_token_request,
    presented,
)
from oauthclient_operator.oauth.authentication_methods import (
    ClientSecretBasic,
    ClientSecretJWT,
    ClientSecretPost,
    PrivateKeyJWT,
)
from oauthclient_operator.oauth.outcome import Rejected
from oauthclient_operator.oauth.rfc6749 import judge_token
from oauthclient_operator.oauth.rfc8414 import no_metadata
from oauthclient_operator.oauth.rfc8707 import resource_problem
from tests.pure.oauth.at_the_token_endpoint import KEY, NOW, SERVER, parts

SECRET = Confidential("hunter2-Zq81")
JWT = Confidential("eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJ4In0.c2lnbmF0dXJl")
TYPE = ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
CC = ("grant_type", "client_credentials")


def own(authentication: ClientSecretBasic | ClientSecretPost | ClientSecretJWT | PrivateKeyJWT) -> ByOwnCredentials:
    return ByOwnCredentials(client_id="registrar", authentication=authentication)


def asked(grant: Grant, requested: Requested | None = None) -> Request:
    return access_token_request(grant, requested or Requested(), SERVER, now=NOW, jti="once")


def fields(request: Request) -> list[tuple[str, str]]:
    assert (request.method, request.url) == ("POST", "https://idp.example.com/token")
    assert request.media_type == "application/x-www-form-urlencoded"
    return parse_qsl((request.body or b"").decode("ascii"), strict_parsing=True)


@pytest.mark.parametrize(
    ("grant", "sent"),
    [
        pytest.param(own(ClientSecretBasic(SECRET)), [CC], id="a secret in the header"),
        pytest.param(
            own(ClientSecretPost(SECRET)),
            [CC, ("client_id", "registrar"), ("client_secret", "hunter2-Zq81")],
            id="a secret in the body",
        ),
        pytest.param(
            ByClientAssertion(assertion=JWT),
            [CC, TYPE, ("client_assertion", JWT.reveal())],
            id="an assertion of another issuer, whose subject says which client it is",
        ),
        pytest.param(
            ByClientAssertion(assertion=JWT, client_id="registrar"),
            [CC, ("client_id", "registrar"), TYPE, ("client_assertion", JWT.reveal())],
            id="an assertion of another issuer for a client that is named",
        ),
        pytest.param(
            ByAuthorizationGrant(assertion=JWT),
            [("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"), ("assertion", JWT.reveal())],
            id="a JWT that is the grant",
        ),
        pytest.param(
            ByAuthorizationGrant(assertion=JWT, client_id="registrar"),
            [
                ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
                ("assertion", JWT.reveal()),
                ("client_id", "registrar"),
            ],
            id="a JWT that is the grant, and a client that says who it is",
        ),
    ],
)
def test_what_is_sent_by(grant: Grant, sent: list[tuple[str, str]]) -> None:
    assert fields(asked(grant)) == sent


@pytest.mark.parametrize("authentication", [PrivateKeyJWT(KEY), ClientSecretJWT(SECRET)], ids=["key", "MAC"])
def test_a_client_signs_an_assertion_of_its_own(authentication: PrivateKeyJWT | ClientSecretJWT) -> None:
    sent = dict(fields(asked(own(authentication))))
    claims = parts(sent.pop("client_assertion"))[1]
    assert sent == dict([CC, TYPE, ("client_id", "registrar")])
    assert (claims["iss"], claims["sub"], claims["aud"]) == ("registrar", "registrar", "https://idp.example.com")
    assert (claims["jti"], claims["exp"]) == ("once", NOW + 60)


@pytest.mark.parametrize(
    "grant",
    [own(ClientSecretBasic(SECRET)), ByClientAssertion(assertion=JWT), ByAuthorizationGrant(assertion=JWT)],
    ids=["own credentials", "client assertion", "authorization grant"],
)
def test_every_way_asks_for_scope_audience_and_each_resource(grant: Grant) -> None:
    requested = Requested(
        scope="client.create other",
        audience="urn:registration",
        resources=("https://a.example/", "https://b.example/?x"),
    )
    sent = fields(asked(grant, requested))
    assert [pair for pair in sent if pair[0] in ("scope", "audience", "resource")] == [
        ("scope", "client.create other"),
        ("audience", "urn:registration"),
        ("resource", "https://a.example/"),
        ("resource", "https://b.example/?x"),
    ]


def test_without_a_token_endpoint_there_is_nothing_to_ask() -> None:
    server = no_metadata("https://idp.example.com")
    with pytest.raises(DiscoveryFailed, match="no token_endpoint"):
        access_token_request(own(ClientSecretBasic(SECRET)), Requested(), server, now=NOW, jti="once")


@pytest.mark.parametrize(
    "grant",
    [
        own(ClientSecretBasic(SECRET)),
        own(ClientSecretPost(SECRET)),
        own(ClientSecretJWT(SECRET)),
        own(PrivateKeyJWT(KEY)),
        ByClientAssertion(assertion=JWT),
        ByAuthorizationGrant(assertion=JWT),
    ],
    ids=["basic", "post", "MAC", "key", "client assertion", "authorization grant"],
)
def test_a_refusal_that_repeats_what_was_shown_is_told_without_it(grant: Grant) -> None:
    request = asked(grant)
    shown = presented(grant, request)
    assert shown, "something proves who asks"
    for secret in shown:
        said = {"error": "invalid_client", "error_description": f"not good: {secret.reveal()}"}
        body = str(said).replace("'", '"').encode()
        found = judge_token(Response(status=401, body=body), *shown)
        assert isinstance(found, Rejected)
        assert secret.reveal() not in f"{found} {found.sentence()} {request} {grant}"


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("https://api.example.com/", None),
        ("https://api.example.com/app?x=1", None),
        ("urn:example:registration", None),
        ("api.example.com", "no absolute URI"),
        ("/register", "no absolute URI"),
        ("https://", "no absolute URI"),
        ("https://api.example.com/#part", "a fragment"),
        ("https://api.example.com/#", "a fragment"),
        ("https://api.example.com/a b", "no absolute URI"),
        ("https://api.example.com/ü", "no absolute URI"),
        ("https://[::1", "no URI"),
        ("", "no absolute URI"),
    ],
)
def test_a_resource_is_an_absolute_uri_without_a_fragment(written: str, why: str | None) -> None:
    found = resource_problem(written)
    assert found is None if why is None else why in str(found)
