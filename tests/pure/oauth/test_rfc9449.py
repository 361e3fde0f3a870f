"""DPoP proofs, the nonces that servers ask for, and how they ask: checklist DP1 to DP9, cases DP-01 to DP-18."""

import base64
import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauthclient_operator.confidential import Confidential
from oauthclient_operator.exchange import Authorization, Request, Response, bearer
from oauthclient_operator.oauth.client_metadata import ClientMetadata
from oauthclient_operator.oauth.json_object import JSON
from oauthclient_operator.oauth.outcome import Ambiguous, Rejected
from oauthclient_operator.oauth.rfc7591 import judge
from oauthclient_operator.oauth.rfc9449 import (
    BYTES_PER_TENANT,
    NONCE_LIMIT,
    Nonces,
    algorithm_for,
    asks_for_nonce,
    authorized,
    proof,
    proven,
    target,
)
from tests.parts import proofs
from tests.pure import keys
from tests.pure.oauth.transcripts import response

URL = "https://op.example.com/reg"
TOKEN = Confidential("Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU")
ATH = "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo"
"""RFC 9449 figures 13 and 14."""
KEY = keys.parsed("P-256")


def parts(written: Confidential | None) -> tuple[dict[str, Any], dict[str, Any]]:
    assert written is not None
    return proofs.read(written.reveal())


def made(**more: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    return parts(proof(KEY, **{"method": "POST", "url": URL, "jti": "j", "issued_at": 1562262616, **more}))


def post(token: Confidential | None = TOKEN) -> Request:
    return Request(method="POST", url=URL, authorization=bearer(token) if token else None, body=b"{}")


def test_DP1_the_header_is_type_algorithm_and_public_key_and_nothing_else() -> None:
    header, _ = made()
    assert header == {"typ": "dpop+jwt", "alg": "ES256", "jwk": dict(KEY.public_jwk)}
    assert set(header["jwk"]) == {"kty", "crv", "x", "y"}


@pytest.mark.parametrize(
    ("kind", "supported", "algorithm"),
    [
        ("P-256", [], "ES256"),
        ("P-256", ["RS256", "ES256"], "ES256"),
        ("P-256", ["RS256"], None),
        ("RSA 2048", ["PS256", "ES256"], "PS256"),
        ("RSA 2048", [], "RS256"),
        ("Ed25519", ["EdDSA"], "EdDSA"),
        ("Ed25519", ["EdDSA", "Ed25519"], "Ed25519"),
        ("RSA 2048", ["HS256", "none"], None),
    ],
)
def test_DP1_the_algorithm_is_one_that_the_server_takes(kind: str, supported: list[str], algorithm: str | None) -> None:
    assert algorithm_for(keys.parsed(kind), supported) == algorithm


def test_DP1_another_algorithm_of_the_key_is_used_if_asked_for() -> None:
    key = keys.parsed("RSA 2048")
    header, _ = parts(proof(key, method="GET", url=URL, jti="j", issued_at=1, algorithm="PS256"))
    assert header["alg"] == "PS256"


def test_DP2_the_claims_are_these_four_and_the_method_in_capitals() -> None:
    assert made(method="post")[1] == {"jti": "j", "htm": "POST", "htu": URL, "iat": 1562262616}


@pytest.mark.parametrize(
    ("url", "htu"),
    [
        pytest.param("https://rs.example.com/resource?foo#bar", "https://rs.example.com/resource", id="DP-11"),
        pytest.param("https://rs.example.com/a?b=/c#d?e", "https://rs.example.com/a", id="DP2: query and fragment"),
        pytest.param("https://rs.example.com", "https://rs.example.com/", id="no path"),
        pytest.param("https://rs.example.com?q", "https://rs.example.com/", id="no path, a query"),
        pytest.param("https://rs.example.com:443/a", "https://rs.example.com/a", id="the default port"),
        pytest.param("http://rs.example.com:80/a", "http://rs.example.com/a", id="the default port of http"),
        pytest.param("https://rs.example.com:8443/a", "https://rs.example.com:8443/a", id="another port"),
        pytest.param("HTTPS://RS.Example.COM/A", "https://rs.example.com/A", id="capitals"),
        pytest.param("https://[2001:DB8::1]:8443/a", "https://[2001:db8::1]:8443/a", id="an IPv6 address"),
        pytest.param("https://rs.example.com//a/./b%2F", "https://rs.example.com//a/./b%2F", id="the path as it is"),
    ],
)
def test_DP2_the_target_has_no_query_and_no_fragment(url: str, htu: str) -> None:
    assert target(url) == htu


def test_DP3_the_access_token_is_bound_by_its_hash() -> None:
    assert made(access_token=TOKEN)[1]["ath"] == ATH


def test_DP4_the_nonce_is_in_the_claims() -> None:
    assert made(nonce="eyJ7S_zG.eyJH0-Z.HX4w-7v")[1]["nonce"] == "eyJ7S_zG.eyJH0-Z.HX4w-7v"


def test_DP_01_DP8_a_request_with_an_access_token_shows_it_by_the_scheme_DPoP() -> None:
    request = proven(post(), KEY, jti="j", issued_at=1, nonce="n")
    assert request.authorization == Authorization(scheme="DPoP", credentials=TOKEN)
    assert parts(request.proof)[1] == {"jti": "j", "htm": "POST", "htu": URL, "iat": 1, "ath": ATH, "nonce": "n"}
    assert request.body == b"{}"
    # Once more, for the second sending: DPoP already.
    again = proven(request, KEY, jti="k", issued_at=2)
    assert again.authorization == request.authorization
    assert parts(again.proof)[1] == {"jti": "k", "htm": "POST", "htu": URL, "iat": 2, "ath": ATH}


def test_DP_02_without_an_access_token_there_is_a_proof_and_no_authorization() -> None:
    request = proven(post(None), KEY, jti="j", issued_at=1)
    assert request.authorization is None
    assert "ath" not in parts(request.proof)[1]


def test_DP_02_a_clients_authentication_is_no_access_token() -> None:
    basic = Authorization(scheme="Basic", credentials=Confidential("Zm9vOmJhcg=="))
    request = proven(Request(method="POST", url=URL, authorization=basic), KEY, jti="j", issued_at=1)
    assert request.authorization == basic
    assert "ath" not in parts(request.proof)[1]


def test_DP_13_a_proof_that_somebody_else_made_is_carried_as_it_is() -> None:
    request = authorized(post(), Confidential("foo"))
    assert (request.authorization, request.proof) == (
        Authorization(scheme="DPoP", credentials=TOKEN),
        Confidential("foo"),
    )


def test_DP5_DP_10_each_proof_has_its_own_jti_and_the_same_key() -> None:
    (header, claims), (again, others) = made(jti="a"), made(jti="b")
    assert header == again
    assert (claims["jti"], others["jti"]) == ("a", "b")


CHALLENGE = 'DPoP error="use_dpop_nonce", error_description="Resource server requires nonce in DPoP proof"'


@pytest.mark.parametrize(
    ("answer", "asked"),
    [
        pytest.param(response(400, {}, www_authenticate='dpop error="use_dpop_nonce"'), True, id="DP-01"),
        pytest.param(response(401, www_authenticate=CHALLENGE), True, id="DP-03"),
        pytest.param(response(400, {"error": "use_dpop_nonce"}), True, id="DP-04: 400"),
        pytest.param(response(401, {"error": "use_dpop_nonce"}), True, id="DP-04: 401"),
        pytest.param(response(403, {"error": "use_dpop_nonce"}), True, id="DP6: any other 4xx"),
        pytest.param(response(401, www_authenticate='DPoP error="invalid_dpop_proof"'), False, id="DP-07"),
        pytest.param(response(401, www_authenticate="Bearer, " + CHALLENGE), True, id="DP-08"),
        pytest.param(response(401, www_authenticate=CHALLENGE + ", Bearer"), True, id="DP-08: before another"),
        pytest.param(
            response(400, {"error": "invalid_client_metadata"}, www_authenticate=CHALLENGE),
            True,
            id="the challenge says it and the body something else",
        ),
        pytest.param(response(401, www_authenticate='Bearer error="use_dpop_nonce"'), False, id="another scheme"),
        pytest.param(response(401, www_authenticate="DPoP error=use_dpop_nonce ???"), False, id="unreadable"),
        pytest.param(response(500, {"error": "use_dpop_nonce"}), False, id="500: openid-client repeats, we do not"),
        pytest.param(response(503, www_authenticate=CHALLENGE), False, id="503"),
        pytest.param(response(408, {"error": "use_dpop_nonce"}), False, id="408 says nothing"),
        pytest.param(response(201, {"error": "use_dpop_nonce"}), False, id="a success"),
        pytest.param(response(302, www_authenticate=CHALLENGE), False, id="a redirect"),
        pytest.param(response(400, ["use_dpop_nonce"]), False, id="a list"),
        pytest.param(response(400, body=b"use_dpop_nonce"), False, id="text"),
        pytest.param(response(400, {"error": {"code": "use_dpop_nonce"}}), False, id="an object"),
    ],
)
def test_DP6_what_asks_for_a_nonce(answer: Response, asked: bool) -> None:
    assert asks_for_nonce(answer) == asked
    outcome = judge(answer)
    # What is written down of the answer says so too, whatever else stood in it.
    assert not asked or (isinstance(outcome, Rejected) and outcome.error == "use_dpop_nonce")
    if answer.status >= 500:
        assert isinstance(outcome, Ambiguous)


def test_DP_12_the_nonce_of_any_answer_is_used_from_then_on() -> None:
    nonces = Nonces()
    assert nonces.of(URL) is None
    nonces.learn("https://op.example.com/other?x", {"dpop-nonce": "foo"})
    assert nonces.of(URL) == "foo"
    nonces.learn(URL, {})
    assert nonces.of(URL) == "foo"
    nonces.learn(URL, {"dpop-nonce": " bar "})
    assert nonces.of(URL) == "bar"


@pytest.mark.parametrize(
    "other", ["http://op.example.com/reg", "https://op.example.com:8443/reg", "https://op.example.com.evil.example/reg"]
)
def test_DP4_a_nonce_is_for_the_origin_that_gave_it(other: str) -> None:
    nonces = Nonces()
    nonces.learn(other, {"dpop-nonce": "foo"})
    assert nonces.of(URL) is None
    assert nonces.of(other + "/more") == "foo"


@pytest.mark.parametrize("nonce", ["", " ", "a b", "a, b", 'a"b', "a\\b", "ä", "a\tb", "x" * (NONCE_LIMIT + 1)])
def test_DP4_what_is_no_nonce_is_not_taken_for_one(nonce: str) -> None:
    nonces = Nonces()
    nonces.learn(URL, {"dpop-nonce": "kept"})
    nonces.learn(URL, {"dpop-nonce": nonce})
    assert nonces.of(URL) == "kept"


def test_DP_18_the_oldest_of_too_many_origins_is_forgotten() -> None:
    nonces = Nonces()
    last = NONCE_LIMIT - len("12.example")
    many = BYTES_PER_TENANT // (256 + NONCE_LIMIT)
    for number in range(10, 10 + many):
        nonces.learn(f"https://{number}.example/", {"dpop-nonce": str(number).zfill(last)})
    nonces.learn("https://10.example/", {"dpop-nonce": "newer".zfill(last)})
    nonces.learn(URL, {"dpop-nonce": "one-more".zfill(last)})
    assert nonces.of("https://10.example/") == "newer".zfill(last)
    assert nonces.of("https://11.example/") is None
    assert nonces.of("https://12.example/") == "12".zfill(last)
    assert nonces.of(URL) == "one-more".zfill(last)


def test_no_response_to_one_tenant_says_anything_to_another_and_its_many_origins_make_nobody_forget() -> None:
    nonces = Nonces()
    nonces.learn(URL, {"dpop-nonce": "good"}, "shop")
    nonces.learn(URL, {"dpop-nonce": "poisoned"}, "mallory")
    assert (nonces.of(URL, "shop"), nonces.of(URL, "mallory"), nonces.of(URL)) == ("good", "poisoned", None)
    for number in range(1000):
        nonces.learn(f"https://{number}.example/", {"dpop-nonce": "x" * NONCE_LIMIT}, "mallory")
    assert nonces.of(URL, "shop") == "good"
    assert nonces.of(URL, "mallory") is None


def test_DP9_dpop_bound_access_tokens_is_a_boolean_of_the_metadata() -> None:
    members: dict[str, JSON] = {"redirect_uris": ["https://a.example/"], "dpop_bound_access_tokens": True}
    assert ClientMetadata.parse(members).members["dpop_bound_access_tokens"] is True


@given(st.from_regex(r"[!-~]{1,80}", fullmatch=True))
def test_DP3_any_token_that_a_header_carries_can_be_bound(token: str) -> None:
    expected = base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).rstrip(b"=").decode()
    assert made(access_token=Confidential(token))[1]["ath"] == expected


def test_a_proof_is_not_shown() -> None:
    request = proven(post(), KEY, jti="j", issued_at=1)
    assert request.proof is not None
    assert request.proof.reveal() not in repr(request)
    assert TOKEN.reveal() not in repr(request)
