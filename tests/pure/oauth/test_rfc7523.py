"""Assertions by which a client authenticates, by the ids of the conformance cases."""

import base64
import hashlib
import hmac
import json

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from oauthclient_operator.confidential import Confidential
from oauthclient_operator.errors import DiscoveryFailed
from oauthclient_operator.exchange import Request
from oauthclient_operator.oauth.authentication_methods import ClientSecretJWT, PrivateKeyJWT
from oauthclient_operator.oauth.client_authentication import authenticate
from oauthclient_operator.oauth.jose import PrivateKey
from oauthclient_operator.oauth.json_object import JSON
from oauthclient_operator.oauth.rfc7523 import Audience
from oauthclient_operator.oauth.rfc8414 import ServerMetadata
from tests.pure.oauth.at_the_token_endpoint import KEY, NATIVE, NOW, SERVER, client, parts, sent


def test_CA_06_CA_11_private_key_jwt() -> None:
    request, form = sent(PrivateKeyJWT(KEY), client(client_secret="bar"))
    assert request.authorization is None
    header, claims, signed, signature = parts(form.pop("client_assertion"))
    assert form == {
        "grant_type": "client_credentials",
        "client_id": "foo",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    }
    assert header == {"alg": "ES256"}
    # A3: one audience, as a string.
    assert claims == {
        "iss": "foo",
        "sub": "foo",
        "aud": "https://idp.example.com",
        "jti": "once",
        "iat": NOW,
        "nbf": NOW,
        "exp": NOW + 60,
    }
    halves = (int.from_bytes(signature[:32]), int.from_bytes(signature[32:]))
    NATIVE.public_key().verify(encode_dss_signature(*halves), signed, ec.ECDSA(hashes.SHA256()))


def test_CA_07_the_key_is_named_where_the_client_or_the_key_names_it() -> None:
    _, form = sent(PrivateKeyJWT(KEY, kid="2026"), client())
    assert parts(form["client_assertion"])[0] == {"alg": "ES256", "kid": "2026"}
    public = {n: v for n, v in KEY.public_jwk.items() if isinstance(v, str)}
    private = base64.urlsafe_b64encode((7).to_bytes(32)).decode().rstrip("=")
    named = PrivateKey.parse(Confidential(json.dumps({**public, "d": private, "kid": "own"})))
    assert parts(sent(PrivateKeyJWT(named), client())[1]["client_assertion"])[0] == {"alg": "ES256", "kid": "own"}
    assert parts(sent(PrivateKeyJWT(named, kid="x"), client())[1]["client_assertion"])[0]["kid"] == "x"


@pytest.mark.parametrize("text", [json.dumps(dict(KEY.public_jwk)), "", '{"kty": "oct", "k": "c2VjcmV0"}'])
def test_CA_08_only_a_private_key_signs(text: str) -> None:
    with pytest.raises(ValueError, match=r"private"):
        PrivateKey.parse(Confidential(text))


@pytest.mark.parametrize(
    ("registered", "algorithm", "digest"),
    [
        (None, "HS256", "sha256"),
        ("HS384", "HS384", "sha384"),
        ("HS512", "HS512", "sha512"),
        ("RS256", "HS256", "sha256"),
    ],
)
def test_CA_10_client_secret_jwt(registered: str | None, algorithm: str, digest: str) -> None:
    _, form = sent(ClientSecretJWT(), client(client_secret="bär", token_endpoint_auth_signing_alg=registered))
    header, claims, signed, signature = parts(form["client_assertion"])
    assert header == {"alg": algorithm}
    assert claims["aud"] == "https://idp.example.com"
    assert (claims["iss"], claims["sub"], form["client_id"]) == ("foo", "foo", "foo")
    assert "client_secret" not in form
    assert hmac.digest("bär".encode(), signed, getattr(hashlib, digest)) == signature


@pytest.mark.parametrize("authentication", [PrivateKeyJWT, ClientSecretJWT])
def test_CA_12_the_assertion_can_be_changed_before_it_is_signed(authentication: type) -> None:
    def modify(header: dict[str, JSON], claims: dict[str, JSON]) -> None:
        assert header["alg"] in ("ES256", "HS256")
        header["typ"] = "client-authentication+jwt"
        claims["aud"] = "urn:other"

    made = (
        PrivateKeyJWT(KEY, modify_assertion=modify)
        if authentication is PrivateKeyJWT
        else ClientSecretJWT(modify_assertion=modify)
    )
    header, claims, _, _ = parts(sent(made, client(client_secret="bar"))[1]["client_assertion"])
    assert header["typ"] == "client-authentication+jwt"
    assert claims["aud"] == "urn:other"


def test_A3_an_old_server_gets_its_token_endpoint_as_the_audience() -> None:
    _, form = sent(PrivateKeyJWT(KEY, audience=Audience.TOKEN_ENDPOINT), client())
    assert parts(form["client_assertion"])[1]["aud"] == "https://idp.example.com/token"
    without = ServerMetadata(
        issuer=SERVER.issuer,
        registration_endpoint=None,
        endpoints={},
        token_endpoint_auth_methods_supported=(),
        grant_types_supported=(),
    )
    with pytest.raises(DiscoveryFailed, match="name none"):
        authenticate(
            ClientSecretJWT(audience=Audience.TOKEN_ENDPOINT),
            server=without,
            information=client(client_secret="bar"),
            form={},
            request=Request(method="POST", url="https://idp.example.com/revoke"),
            now=NOW,
            jti="once",
        )


def test_the_algorithm_that_is_registered_is_used_where_the_key_can() -> None:
    native = rsa.generate_private_key(65537, 2048)
    pem = native.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    key = PrivateKey.parse(Confidential(pem))
    for registered, used in ((None, "RS256"), ("PS256", "PS256"), ("ES256", "RS256")):
        information = client(token_endpoint_auth_signing_alg=registered)
        assert parts(sent(PrivateKeyJWT(key), information)[1]["client_assertion"])[0]["alg"] == used
