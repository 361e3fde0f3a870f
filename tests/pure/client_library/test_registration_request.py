"""The registration request."""

import json
from dataclasses import replace
from typing import Any

import pytest

from oauthclient_operator.client_library import Options, Send
from oauthclient_operator.confidential import Confidential
from oauthclient_operator.errors import InvalidArgumentType, InvalidArgumentValue
from oauthclient_operator.exchange import Answer, Request, bearer
from tests.pure.client_library.op import OP, REGISTRATION
from tests.pure.keys import jwk, members, parsed
from tests.pure.oauth.at_the_token_endpoint import parts

TOKEN = Confidential("token")
PUBLIC = {key: value for key, value in members("P-256").items() if key != "d"}


async def sent(metadata: dict[str, Any] | None = None, **options: Any) -> Request:
    op = OP()
    await op.register(metadata, **options)
    (request,) = op.registrations
    return request


async def test_REQ_01_the_least_that_is_sent() -> None:
    request = await sent({})
    assert (request.method, request.url, request.body) == ("POST", REGISTRATION, b"{}")
    assert (request.media_type, request.authorization, request.proof) == ("application/json", None, None)


async def test_REQ_02_an_initial_access_token_is_a_bearer_token() -> None:
    request = await sent(initial_access_token=TOKEN)
    assert request.authorization == bearer(TOKEN)


async def test_REQ_03_with_a_dpop_key_it_is_bound_to_a_proof() -> None:
    request = await sent(initial_access_token=TOKEN, dpop_key=parsed("P-256"))
    assert request.authorization is not None
    assert (request.authorization.scheme, request.authorization.credentials) == ("DPoP", TOKEN)
    assert request.proof is not None
    header, claims, _, _ = parts(request.proof.reveal())
    public = {name: value for name, value in members("P-256").items() if name in {"kty", "crv", "x", "y"}}
    assert header == {"alg": "ES256", "typ": "dpop+jwt", "jwk": public}
    assert claims.keys() == {"htu", "htm", "iat", "jti", "ath"}
    assert (claims["htu"], claims["htm"]) == (REGISTRATION, "POST")
    assert claims["ath"] == "PEaenWxYddN6Q_NT1PiOYfz4EsZu7jRXRlpAsNpBU-A"


async def test_REQ_04_a_proof_without_a_token_has_no_hash_of_one() -> None:
    request = await sent(dpop_key=parsed("P-256"))
    assert request.authorization is None
    assert request.proof is not None
    assert "ath" not in parts(request.proof.reveal())[1]


async def test_REQ_05_a_transport_can_bring_a_proof_of_its_own() -> None:
    op = OP()

    async def proving(request: Request, send: Send) -> Answer:
        return await op.transport(replace(request, proof=Confidential("foo")), send)

    await op.register(transport=proving, initial_access_token=TOKEN)
    assert op.registrations[0].proof == Confidential("foo")


@pytest.mark.parametrize(
    "token",
    [
        pytest.param("", id="REQ-07"),
        pytest.param("to\nken", id="REQ-08"),
        pytest.param("to ken", id="a space"),
        pytest.param("tökén", id="not ASCII"),
    ],
)
def test_a_token_that_cannot_be_sent_is_refused_before_anything_is_sent(token: str) -> None:
    with pytest.raises(InvalidArgumentValue, match="initial_access_token") as refusal:
        Options(initial_access_token=Confidential(token))
    assert not token or token not in str(refusal.value)


async def test_REQ_09_what_is_None_is_absent() -> None:
    request = await sent({"a": None, "client_name": "Café", "grant_types": ("client_credentials",)})
    assert request.body is not None
    assert json.loads(request.body) == {"client_name": "Café", "grant_types": ["client_credentials"]}


async def test_REQ_11_a_dpop_key_is_a_private_key() -> None:
    for key in (jwk("P-256"), members("P-256"), object()):
        with pytest.raises(InvalidArgumentType, match="dpop_key"):
            await sent(dpop_key=key)


async def test_members_that_nobody_knows_are_sent_as_they_are() -> None:
    request = await sent({"use_mtls_endpoint_aliases": True, "x": {"y": [1, 2.5, None]}, "client_name#ja": "店"})
    assert request.body is not None
    assert json.loads(request.body) == {
        "use_mtls_endpoint_aliases": True,
        "x": {"y": [1, 2.5, None]},
        "client_name#ja": "店",
    }


async def test_what_the_caller_holds_is_not_changed_and_may_change() -> None:
    metadata: dict[str, Any] = {"contacts": ["a@example.com"], "x": None}
    op = OP()
    configuration = await op.register(metadata)
    assert metadata == {"contacts": ["a@example.com"], "x": None}
    metadata["contacts"].append("b@example.com")
    assert configuration.requested.members == {"contacts": ["a@example.com"]}


@pytest.mark.parametrize(
    ("metadata", "kind"),
    [
        pytest.param([("a", 1)], InvalidArgumentType, id="a list"),
        pytest.param({1: 2}, InvalidArgumentType, id="a name that is no string"),
        pytest.param({"a": {1, 2}}, InvalidArgumentValue, id="a set"),
        pytest.param({"a": b"x"}, InvalidArgumentValue, id="bytes"),
        pytest.param({"a": float("nan")}, InvalidArgumentValue, id="NaN"),
        pytest.param({"a": "\ud800"}, InvalidArgumentValue, id="half a character"),
        pytest.param({f"m{n}": 1 for n in range(101)}, InvalidArgumentValue, id="too many"),
        pytest.param({"a": "x" * 70_000}, InvalidArgumentValue, id="too much"),
        pytest.param({"jwks": {"keys": [members("P-256")]}}, InvalidArgumentValue, id="REQ-13: a private key"),
        pytest.param({"jwks": {"keys": "x"}}, InvalidArgumentValue, id="REQ-15: malformed"),
        pytest.param({"jwks": {"keys": [{"kty": "oct", "k": "x"}]}}, InvalidArgumentValue, id="REQ-16"),
        pytest.param(
            {"jwks": {"keys": [PUBLIC]}, "jwks_uri": "https://x.example/jwks"}, InvalidArgumentValue, id="both"
        ),
    ],
)
async def test_metadata_that_cannot_be_sent(metadata: Any, kind: type[Exception]) -> None:
    op = OP()
    with pytest.raises(kind) as refusal:
        await op.register(metadata)
    assert refusal.value.__cause__ is None
    assert op.requests == []


async def test_public_keys_are_sent() -> None:
    request = await sent({"jwks": {"keys": [PUBLIC]}})
    assert request.body is not None
    assert json.loads(request.body) == {"jwks": {"keys": [PUBLIC]}}
