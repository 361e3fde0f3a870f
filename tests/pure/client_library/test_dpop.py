"""The server asks for a nonce, and the same request is sent once more."""

import asyncio
import itertools
from dataclasses import replace
from typing import Any

import pytest

from oauthclient_operator.client_library import (
    ClientSecretJWT,
    PrivateKey,
    PrivateKeyJWT,
    Send,
    client_credentials_grant,
)
from oauthclient_operator.confidential import Confidential
from oauthclient_operator.errors import DPoPKeyNotSupported, OAuthError, TokenRequestRejected
from oauthclient_operator.exchange import Answer, Request, Response
from tests.pure.client_library.op import CLIENT, DOCUMENT, OP, answered, form_of
from tests.pure.keys import parsed, pem, public_pem
from tests.pure.oauth.at_the_token_endpoint import parts

ASKS = 'DPoP error="use_dpop_nonce"'
TOKEN = Confidential("token")
KEY = parsed("P-256")


def asked(status: int = 400, nonce: str | None = "n-1", **said: Any) -> Response:
    headers = {} if nonce is None else {"dpop_nonce": nonce}
    return answered(status, {}, **{"www_authenticate": ASKS, **headers, **said})


def claims(request: Request) -> dict[str, Any]:
    assert request.proof is not None
    return parts(request.proof.reveal())[1]


@pytest.mark.parametrize("token", [pytest.param(TOKEN, id="DP-01"), pytest.param(None, id="DP-02")])
async def test_a_nonce_that_is_asked_for_is_in_the_second_proof(token: Confidential | None) -> None:
    op = OP(registration=[asked(www_authenticate='dpop error="use_dpop_nonce"'), answered(201, CLIENT)])
    await op.register(initial_access_token=token, dpop_key=KEY)
    assert len(op.discoveries) == 1
    first, second = op.registrations
    assert "nonce" not in claims(first)
    assert claims(second)["nonce"] == "n-1"
    for request in (first, second):
        shown = None if request.authorization is None else request.authorization.scheme
        assert shown == (None if token is None else "DPoP")
        assert request.body == first.body


@pytest.mark.parametrize(
    "refusal",
    [
        pytest.param(asked(401), id="DP-03"),
        pytest.param(answered(400, {"error": "use_dpop_nonce"}, dpop_nonce="n-1"), id="DP-04: 400"),
        pytest.param(answered(401, {"error": "use_dpop_nonce"}, dpop_nonce="n-1"), id="DP-04: 401"),
        pytest.param(asked(401, www_authenticate=f"Bearer, {ASKS}"), id="DP-08"),
    ],
)
async def test_it_is_asked_for_in_the_challenge_or_in_the_body(refusal: Response) -> None:
    op = OP(registration=[refusal, answered(201, CLIENT)])
    assert (await op.register(dpop_key=KEY)).client_id == "foo"
    assert claims(op.registrations[1])["nonce"] == "n-1"


@pytest.mark.parametrize(
    ("answers", "sent"),
    [
        pytest.param([asked(nonce="n-1"), asked(nonce="n-2"), answered(201, CLIENT)], 2, id="DP-05"),
        pytest.param([asked(nonce=None), answered(201, CLIENT)], 1, id="DP-06: without a nonce it would be the same"),
        pytest.param(
            [asked(401, www_authenticate='DPoP error="invalid_dpop_proof"'), answered(201, CLIENT)], 1, id="DP-07"
        ),
        pytest.param([asked(500), answered(201, CLIENT)], 1, id="a 500, which may have registered the client"),
    ],
)
async def test_it_is_not_sent_again(answers: list[Any], sent: int) -> None:
    op = OP(registration=answers)
    with pytest.raises(OAuthError):
        await op.register(dpop_key=KEY)
    assert len(op.registrations) == sent


async def test_DP_09_without_a_key_nothing_is_proven() -> None:
    op = OP(registration=[asked(), answered(201, CLIENT)])
    with pytest.raises(OAuthError) as refusal:
        await op.register(initial_access_token=TOKEN)
    assert refusal.value.error == "use_dpop_nonce"
    assert len(op.registrations) == 1


async def test_DP_10_DP_16_the_second_proof_is_a_new_one_by_the_same_key_and_clock() -> None:
    op = OP(registration=[asked(), answered(201, CLIENT)])
    await op.register(dpop_key=KEY, clock_skew=1000)
    first, second = (parts(r.proof.reveal()) for r in op.registrations if r.proof is not None)
    assert first[0] == second[0]
    assert first[1]["jti"] != second[1]["jti"]
    assert min(first[1]["iat"], second[1]["iat"]) > (await op.register()).now() + 900


async def test_DP_12_DP_17_the_nonce_is_used_until_there_is_another_one() -> None:
    op = OP(
        registration=answered(201, CLIENT, dpop_nonce="n-1"),
        token=[asked(nonce="n-2"), answered(200, {"access_token": "at", "token_type": "DPoP"}, dpop_nonce="n-3")],
    )
    configuration = await op.register(dpop_key=KEY)
    for _ in range(2):
        assert (await client_credentials_grant(configuration)).token_type == "dpop"
    assert [claims(request).get("nonce") for request in op.registrations + op.token_requests] == [
        None,
        "n-1",
        "n-2",
        "n-3",
    ]
    # A client's authentication is no access token.
    assert all("ath" not in claims(request) for request in op.token_requests)


@pytest.mark.parametrize("authentication", [PrivateKeyJWT(parsed("P-384")), ClientSecretJWT()])
async def test_DP_17_a_client_assertion_is_never_sent_twice(authentication: PrivateKeyJWT | ClientSecretJWT) -> None:
    op = OP(token=[asked(), answered(200, {"access_token": "at", "token_type": "DPoP"})])
    await client_credentials_grant(await op.register({}, authentication, dpop_key=KEY))
    first, second = (form_of(request)["client_assertion"] for request in op.token_requests)
    assert parts(first)[1]["jti"] != parts(second)[1]["jti"]


async def test_DP_06_a_nonce_that_was_refused_is_not_tried_again() -> None:
    op = OP(registration=answered(201, CLIENT, dpop_nonce="n-1"), token=asked(nonce=None))
    with pytest.raises(TokenRequestRejected):
        await client_credentials_grant(await op.register(dpop_key=KEY))
    assert [claims(request)["nonce"] for request in op.token_requests] == ["n-1"]


async def test_a_key_may_be_for_the_token_endpoint_alone() -> None:
    op = OP(token=answered(200, {"access_token": "at", "token_type": "DPoP"}))
    configuration = await op.register(initial_access_token=TOKEN)
    await client_credentials_grant(replace(configuration, dpop_key=KEY))
    assert [request.proof is None for request in op.requests] == [True, True, False]


async def test_the_nonce_of_any_answer_of_the_server_is_used() -> None:
    op = OP(discovery=answered(200, DOCUMENT, dpop_nonce="n-0"))
    await op.register(dpop_key=KEY)
    assert claims(op.registrations[0])["nonce"] == "n-0"


async def test_DP_05_a_token_request_that_is_refused_twice() -> None:
    op = OP(token=[asked(nonce="n-1"), asked(nonce="n-2")])
    with pytest.raises(TokenRequestRejected) as refusal:
        await client_credentials_grant(await op.register(dpop_key=KEY))
    assert (refusal.value.error, len(op.token_requests)) == ("use_dpop_nonce", 2)


async def test_the_algorithm_is_one_that_the_server_takes() -> None:
    op = OP(discovery={**DOCUMENT, "dpop_signing_alg_values_supported": ["PS256", 7]})
    await op.register(dpop_key=parsed("RSA 2048"))
    proof = op.registrations[0].proof
    assert proof is not None
    assert parts(proof.reveal())[0]["alg"] == "PS256"


async def test_a_key_that_the_server_cannot_verify_is_not_used() -> None:
    op = OP(discovery={**DOCUMENT, "dpop_signing_alg_values_supported": ["ES512"]})
    with pytest.raises(DPoPKeyNotSupported) as refusal:
        await op.register(dpop_key=KEY)
    assert refusal.value.code == "dpop_key_not_supported"
    assert op.registrations == []


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(pem("RSA 1024"), id="DP-14"),
        pytest.param(public_pem("P-256"), id="DP-15"),
    ],
)
def test_a_key_that_cannot_prove_anything_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"RSA keys have 2048 bits|not a private one"):
        PrivateKey.parse(Confidential(text))


@pytest.mark.parametrize("delays", [(0, 0), (0, 0.02), (0.02, 0)], ids=str)
async def test_two_at_once_do_not_take_each_others_nonces(delays: tuple[float, float]) -> None:
    """Each nonce is good for one request, and for the one that asked for it."""
    op, numbers = OP(), itertools.count()
    left: dict[str, str] = {}

    async def strict(request: Request, send: Send) -> Answer:
        if not request.url.endswith("/token"):
            return await op.transport(request, send)
        scope = form_of(request)["scope"]
        await asyncio.sleep(delays[int(scope)])
        if (nonce := claims(request).get("nonce")) is not None and left.pop(nonce, None) == scope:
            return await op.transport(request, send)
        left[new := f"n-{next(numbers)}"] = scope
        return asked(nonce=new)

    configuration = await op.register(dpop_key=KEY, transport=strict)
    for _ in range(2):
        tokens = await asyncio.gather(*(client_credentials_grant(configuration, {"scope": str(n)}) for n in (0, 1)))
        assert [token.access_token for token in tokens] == [Confidential("at-1")] * 2
