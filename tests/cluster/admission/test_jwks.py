"""What `kubectl apply` says of keys: `jwks` holds public ones only (RFC 7591 section 2, RFC 7518 section 6)."""

from typing import Any

import pytest

from tests.cluster.admission.manifests import complaints, oauth_client
from tests.parts.kubectl import Kubectl, KubectlError

PRIVATE = (
    "spec.clientMetadata.jwks.keys[0]: Forbidden: jwks holds public keys only: leave out d, p, q, dp, dq, qi, oth and k "
    "(RFC 7518 section 6), and treat a private key that was written here as disclosed"
)
SYMMETRIC = (
    "spec.clientMetadata.jwks.keys[0].kty: Forbidden: jwks holds public keys only; a key of type oct is a shared secret "
    "(RFC 7518 section 6.4)"
)
VALUE = "870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE"
EC = {"kty": "EC", "crv": "P-256", "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", "y": "4Etl6SRW2YiLUrN5vfvVHuhp"}
RSA = {
    "kty": "RSA",
    "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc",
    "e": "AQAB",
}


def _client(room: str, *keys: Any) -> dict[str, Any]:
    return oauth_client(room, members={"grant_types": ["client_credentials"], "jwks": {"keys": list(keys)}})


@pytest.mark.parametrize(
    "key",
    [
        pytest.param(EC | {"d": VALUE}, id="C8: an EC key's d"),
        *(
            pytest.param(RSA | {member: VALUE}, id=f"C8: an RSA key's {member}")
            for member in ("p", "q", "dp", "dq", "qi")
        ),
        pytest.param(RSA | {"oth": [{"r": VALUE, "d": VALUE, "t": VALUE}]}, id="C8: an RSA key's other primes"),
        pytest.param({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS", "d": VALUE}, id="C8: an OKP key's d"),
        pytest.param({"kty": "EC", "k": VALUE}, id="C8: a symmetric key under another type"),
    ],
)
def test_a_private_member_is_refused_and_not_echoed(admin: Kubectl, room: str, key: dict[str, Any]) -> None:
    said = complaints(admin, _client(room, key))
    assert said == [PRIVATE]


def test_a_symmetric_key_is_refused(admin: Kubectl, room: str) -> None:
    assert sorted(complaints(admin, _client(room, {"kty": "oct", "k": VALUE}))) == sorted([PRIVATE, SYMMETRIC])
    assert complaints(admin, _client(room, {"kty": "oct"})) == [SYMMETRIC]


def test_the_key_that_is_wrong_is_named_by_its_place(admin: Kubectl, room: str) -> None:
    said = complaints(admin, _client(room, EC, RSA, EC | {"d": VALUE}))
    assert said == [PRIVATE.replace("keys[0]", "keys[2]")]


def test_a_private_key_of_another_json_type_is_not_echoed(admin: Kubectl, room: str) -> None:
    with pytest.raises(KubectlError) as refused:
        admin.apply(_client(room, EC | {"d": [VALUE]}), "--dry-run=server", "--validate=ignore")
    assert "jwks.keys[0].d" in str(refused.value)
    assert VALUE not in str(refused.value)


def test_a_set_without_keys_and_a_key_without_a_type_are_refused(admin: Kubectl, room: str) -> None:
    assert "spec.clientMetadata.jwks.keys[1].kty: Required value" in complaints(
        admin, _client(room, EC, {"crv": "P-256"})
    )
    manifest = _client(room)
    del manifest["spec"]["clientMetadata"]["jwks"]["keys"]
    assert "spec.clientMetadata.jwks.keys: Required value" in complaints(admin, manifest)


def test_public_keys_are_admitted_with_every_member_they_have(admin: Kubectl, room: str) -> None:
    keys = [EC | {"use": "sig", "kid": "1", "x5c": ["MIIB"], "x_example": {"a": 1}}, RSA | {"key_ops": ["verify"]}]
    manifest = _client(room, *keys)
    manifest["metadata"]["name"] = "keys"
    manifest["spec"]["clientMetadata"]["token_endpoint_auth_method"] = "private_key_jwt"
    admin.apply(manifest)
    assert admin.json("get", "oauthclient", "keys", "-n", room)["spec"]["clientMetadata"]["jwks"] == {"keys": keys}
