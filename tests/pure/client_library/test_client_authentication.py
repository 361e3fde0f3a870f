"""How a client that was registered authenticates afterwards."""

import base64
from dataclasses import replace
from typing import Any

import pytest

from oauthclient_operator.client_library import (
    ClientSecretBasic,
    ClientSecretJWT,
    ClientSecretPost,
    PrivateKeyJWT,
    client_credentials_grant,
)
from oauthclient_operator.confidential import Confidential
from oauthclient_operator.errors import (
    ClientAuthenticationImpossible,
    ClientSecretExpired,
    DiscoveryFailed,
    InvalidArgumentType,
    InvalidArgumentValue,
    IssuerUnavailable,
    OAuthError,
    TokenRequestRejected,
    TokenResponseUnusable,
)
from oauthclient_operator.exchange import Incomplete, NotSent
from oauthclient_operator.oauth.rfc7523 import ASSERTION_TYPE
from tests.pure.client_library.op import CLIENT, ISSUER, OP, TOKEN, answered, form_of
from tests.pure.keys import parsed
from tests.pure.oauth.at_the_token_endpoint import parts

BASIC = "Basic " + base64.b64encode(b"foo:bar").decode()
GRANT = {"grant_type": "client_credentials"}


async def twice(op: OP, authentication: Any = None) -> list[tuple[str | None, dict[str, str]]]:
    """Register, get two tokens, and return the Authorization header and the form of both requests."""
    configuration = await op.register({}, authentication)
    for _ in range(2):
        assert (await client_credentials_grant(configuration)).access_token == Confidential("at-1")
    return [
        (None if (a := r.authorization) is None else f"{a.scheme} {a.credentials.reveal()}", form_of(r))
        for r in op.token_requests
    ]


@pytest.mark.parametrize(
    ("registered", "authentication", "sent"),
    [
        pytest.param(CLIENT, None, (BASIC, GRANT), id="CA-13: the RFC's default"),
        pytest.param(CLIENT, ClientSecretBasic(), (BASIC, GRANT), id="CA-15"),
        pytest.param({"client_id": "foo"}, None, (None, {**GRANT, "client_id": "foo"}), id="CA-14"),
        pytest.param(
            CLIENT, ClientSecretPost(), (None, {**GRANT, "client_id": "foo", "client_secret": "bar"}), id="CA-16"
        ),
        pytest.param({**CLIENT, "token_endpoint_auth_method": "client_secret_basic"}, None, (BASIC, GRANT), id="CA-19"),
        pytest.param(
            {**CLIENT, "token_endpoint_auth_method": "client_secret_post"},
            None,
            (None, {**GRANT, "client_id": "foo", "client_secret": "bar"}),
            id="CA-19: post",
        ),
    ],
)
async def test_the_method_is_that_of_the_caller_or_that_of_the_server(
    registered: Any, authentication: Any, sent: tuple[str | None, dict[str, str]]
) -> None:
    op = OP(registration=answered(201, registered))
    assert await twice(op, authentication) == [sent, sent]
    assert all((r.method, r.url) == ("POST", TOKEN) for r in op.token_requests)


@pytest.mark.parametrize(
    ("authentication", "algorithm"),
    [
        pytest.param(ClientSecretJWT(), "HS256", id="CA-17"),
        pytest.param(PrivateKeyJWT(parsed("P-256"), kid="k-1"), "ES256", id="CA-06"),
    ],
)
async def test_an_assertion_names_the_issuer_and_is_new_for_each_request(authentication: Any, algorithm: str) -> None:
    (_, first), (_, second) = await twice(OP(), authentication)
    header, claims, _, _ = parts(first["client_assertion"])
    assert header["alg"] == algorithm
    assert (claims["iss"], claims["sub"], claims["aud"]) == ("foo", "foo", ISSUER)
    assert first.keys() == {"grant_type", "client_id", "client_assertion_type", "client_assertion"}
    assert first["client_assertion_type"] == ASSERTION_TYPE
    assert claims["jti"] != parts(second["client_assertion"])[1]["jti"]


async def test_CA_11_an_assertion_is_dated_by_the_servers_clock() -> None:
    op = OP()
    configuration = await op.register({}, ClientSecretJWT(), clock_skew=1000)
    await client_credentials_grant(configuration)
    claims = parts(form_of(op.token_requests[0])["client_assertion"])[1]
    assert abs(claims["iat"] - configuration.now()) < 60
    assert (claims["nbf"], claims["exp"]) == (claims["iat"], claims["iat"] + 60)


async def test_CA_12_an_assertion_can_be_changed() -> None:
    def modify(header: dict[str, Any], claims: dict[str, Any]) -> None:
        header["typ"] = "JWT"
        claims["aud"] = [claims["aud"]]

    op = OP()
    await client_credentials_grant(await op.register({}, ClientSecretJWT(modify_assertion=modify)))
    header, claims, _, _ = parts(form_of(op.token_requests[0])["client_assertion"])
    assert (header, claims["aud"]) == ({"alg": "HS256"} | {"typ": header.get("typ")}, [ISSUER])


@pytest.mark.parametrize("authentication", [ClientSecretBasic(), ClientSecretPost(), ClientSecretJWT()])
async def test_CA_18_a_secret_that_was_not_issued_is_missed_when_it_is_needed(authentication: Any) -> None:
    op = OP(registration=answered(201, {"client_id": "foo"}))
    configuration = await op.register({}, authentication)
    with pytest.raises(ClientAuthenticationImpossible, match="client_secret") as error:
        await client_credentials_grant(configuration)
    assert error.value.code == "client_authentication_impossible"
    assert op.token_requests == []


async def test_a_key_that_nobody_gave_is_missed_when_it_is_needed() -> None:
    op = OP(registration=answered(201, {"client_id": "foo", "token_endpoint_auth_method": "private_key_jwt"}))
    configuration = await op.register()
    with pytest.raises(ClientAuthenticationImpossible, match="private_key_jwt"):
        await client_credentials_grant(configuration)
    prepared = replace(configuration, client_authentication=PrivateKeyJWT(parsed("P-256")))
    assert (await client_credentials_grant(prepared)).token_type == "bearer"


@pytest.mark.parametrize(("age", "tolerance", "good"), [(10, 30, True), (40, 30, False), (-10, 0, True), (5, 0, False)])
async def test_an_expired_secret_is_not_sent(age: int, tolerance: int, good: bool) -> None:
    moment = (await OP().register()).now() - age
    op = OP(registration=answered(201, {**CLIENT, "client_secret_expires_at": moment}))
    configuration = await op.register(clock_tolerance=tolerance)
    if good:
        await client_credentials_grant(configuration)
    else:
        with pytest.raises(ClientSecretExpired) as expired:
            await client_credentials_grant(configuration)
        assert expired.value.code == "client_secret_expired"
        # One that the caller has is for the caller to judge.
        own = replace(configuration, client_authentication=ClientSecretBasic(Confidential("own")))
        await client_credentials_grant(own)
    assert len(op.token_requests) == 1


async def test_the_parameters_of_the_grant_are_sent() -> None:
    op = OP()
    await client_credentials_grant(await op.register(), {"scope": "a b", "resource": "https://rs.example.com"})
    assert form_of(op.token_requests[0]) == {**GRANT, "scope": "a b", "resource": "https://rs.example.com"}


@pytest.mark.parametrize(
    ("parameters", "kind"),
    [
        ({"grant_type": "password"}, InvalidArgumentValue),
        ({"client_secret": "x"}, InvalidArgumentValue),
        ({"client_id": "x"}, InvalidArgumentValue),
        ({"scope": ["a"]}, InvalidArgumentType),
        ("scope=a", InvalidArgumentType),
    ],
    ids=str,
)
async def test_what_is_not_the_callers_is_refused(parameters: Any, kind: type[Exception]) -> None:
    op = OP()
    configuration = await op.register()
    with pytest.raises(kind):
        await client_credentials_grant(configuration, parameters)
    assert op.token_requests == []


ANSWERS: dict[str, tuple[Any, type[OAuthError], int | None, str | None]] = {
    "refused": (answered(401, {"error": "invalid_client"}), TokenRequestRejected, 401, "invalid_client"),
    "later": (answered(503, retry_after="9"), IssuerUnavailable, 503, None),
    "too often": (answered(429, {"error": "slow_down"}), IssuerUnavailable, 429, "slow_down"),
    "no token": (answered(200, {}), TokenResponseUnusable, 200, None),
    "another type": (answered(200, {"access_token": "x", "token_type": "mac"}), TokenResponseUnusable, 200, None),
    "broken off": (Incomplete(cause="the connection broke"), IssuerUnavailable, None, None),
    "not sent": (NotSent(cause="no address"), IssuerUnavailable, None, None),
}


@pytest.mark.parametrize("case", ANSWERS)
async def test_what_the_token_endpoint_says_is_data(case: str) -> None:
    answer, kind, *said = ANSWERS[case]
    configuration = await OP(token=answer).register()
    with pytest.raises(OAuthError) as error:
        await client_credentials_grant(configuration)
    assert type(error.value) is kind
    assert [error.value.status, error.value.error] == said


async def test_a_server_without_a_token_endpoint() -> None:
    document = {"issuer": ISSUER, "registration_endpoint": f"{ISSUER}/reg"}
    configuration = await OP(discovery=document).register()
    with pytest.raises(DiscoveryFailed, match="token_endpoint"):
        await client_credentials_grant(configuration)
