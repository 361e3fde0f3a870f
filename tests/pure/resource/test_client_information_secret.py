"""A client that a Secret hands over: read with care, and written so that it can be read."""

import base64
from typing import Any

import pytest

from oauthclient_operator.confidential import Confidential
from oauthclient_operator.errors import ClientInformationUnusable
from oauthclient_operator.oauth.client_information import ClientInformation
from oauthclient_operator.oauth.jose import PrivateKey, private_pem
from oauthclient_operator.oauth.json_object import JSON
from oauthclient_operator.oauth.signing_algorithm import SigningAlgorithm
from oauthclient_operator.resource.client_information_secret import handed_over, manifest
from oauthclient_operator.resource.secret import Secret
from tests.pure import keys
from tests.pure.record.key_records import FIRST

ISSUER = "https://idp.example.com/realms/shop"
TYPE = "oauth-operator.dev/client-information"
WHOLE = {
    "issuer": ISSUER,
    "client_id": "by-hand",
    "client_secret": "s3cret",
    "client_secret_expires_at": "1893456000",
    "registration_access_token": "a-token-of-hers",
    "registration_client_uri": f"{ISSUER}/clients/by-hand",
}

WITH_KEY = {**WHOLE, "private_key": private_pem(FIRST.key).reveal(), "key_id": FIRST.kid}
BEFORE_KEYS = "2e6be7e65130c2f7fc4b5ba00dfc51e5"
"""What named these values before keys could be handed over: what was taken up then must not be news now."""


def secret(values: dict[str, str], kind: str = TYPE) -> Secret:
    data: dict[str, JSON] = {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}
    return Secret.parse(
        {"metadata": {"name": "handed", "uid": "1", "resourceVersion": "2"}, "type": kind, "data": data}
    )


def named(kind: str) -> dict[str, str]:
    """Return what hands a key of that kind over."""
    pem = keys.pem(kind)
    return {"private_key": pem, "key_id": PrivateKey.parse(Confidential(pem)).thumbprint}


def test_all_of_it_is_taken() -> None:
    found = handed_over(secret(WHOLE), "handed", ISSUER)
    assert found.information.to_members() == {
        **{key: value for key, value in WHOLE.items() if key != "issuer"},
        "client_secret_expires_at": 1893456000,
    }
    assert found.information.client_secret_expires_at == 1893456000
    assert found.information.registration_client_uri == WHOLE["registration_client_uri"]


def test_an_identifier_is_enough() -> None:
    found = handed_over(secret({"issuer": ISSUER, "client_id": "by-hand"}), "handed", ISSUER)
    assert found.information.to_members() == {"client_id": "by-hand"}


def test_white_space_around_values_is_dropped_and_a_date_is_a_time() -> None:
    written = {
        **{key: f" {value}\n" for key, value in WHOLE.items()},
        "client_secret_expires_at": "2030-01-01T00:00:00Z",
    }
    plain = handed_over(secret(WHOLE), "handed", ISSUER)
    assert handed_over(secret(written), "handed", ISSUER).information == plain.information


def test_the_fingerprint_tells_values_apart_and_says_nothing_of_them() -> None:
    one, other = (
        handed_over(secret({**WHOLE, "registration_access_token": token}), "handed", ISSUER).fingerprint
        for token in ("a-token-of-hers", "another")
    )
    assert one != other
    assert one == handed_over(secret({**WHOLE, "beside": "it"}), "another-name", ISSUER).fingerprint
    assert "token" not in one


@pytest.mark.parametrize(
    ("given", "said"),
    [
        pytest.param(None, "does not exist; create it with type", id="no Secret"),
        pytest.param(secret(WHOLE, "Opaque"), "its type must be", id="another type"),
        pytest.param(secret({**WHOLE, "issuer": f"{ISSUER}/"}), "character by character", id="another issuer"),
        pytest.param(secret({"client_id": "by-hand"}), "character by character", id="no issuer"),
        pytest.param(secret({"issuer": ISSUER}), "has no key client_id", id="no identifier"),
        pytest.param(secret({**WHOLE, "client_secret_expires_at": "soon"}), "neither seconds", id="no time"),
        pytest.param(secret({**WHOLE, "client_secret": "x" * 20_000}), "too long", id="a value that is too long"),
        pytest.param(
            secret({**WHOLE, "registration_client_uri": f"{ISSUER}/{'x' * 5000}"}), "too long", id="an address too long"
        ),
    ],
)
def test_what_hands_no_client_over(given: Secret | None, said: str) -> None:
    with pytest.raises(ClientInformationUnusable, match=said) as refusal:
        handed_over(given, "handed", ISSUER)
    assert not any(WHOLE[key] in str(refusal.value) for key in ("client_secret", "registration_access_token"))


def test_a_key_is_taken_with_its_method() -> None:
    found = handed_over(secret(WITH_KEY), "handed", ISSUER, SigningAlgorithm.ES256)
    assert found.key == FIRST.key
    assert found.information.to_members()["token_endpoint_auth_method"] == "private_key_jwt"
    assert not {"private_key", "key_id"} & found.information.to_members().keys()


@pytest.mark.parametrize(
    ("kind", "asked", "expected"),
    [
        ("P-256", "ES256", "ES256"),
        ("P-256", "EdDSA", "ES256"),
        ("P-384", "ES384", "ES384"),
        ("Ed25519", "EdDSA", "EdDSA"),
        ("Ed25519", "RS256", "EdDSA"),
        ("RSA 2048", "RS256", "RS256"),
        ("RSA 2048", "PS256", "PS256"),
        ("RSA 2048", "ES256", "RS256"),
    ],
)
def test_the_algorithm_is_the_one_that_is_asked_where_the_key_serves_it_or_else_its_usual_one(
    kind: str, asked: str, expected: str
) -> None:
    found = handed_over(secret({**WHOLE, **named(kind)}), "handed", ISSUER, SigningAlgorithm(asked))
    assert found.key is not None
    assert found.key.algorithms == (expected,)


def test_the_fingerprint_tells_keys_apart_and_is_what_it_was_without_one() -> None:
    fingerprints = {
        handed_over(secret(values), "handed", ISSUER, SigningAlgorithm.ES256).fingerprint
        for values in (WHOLE, WITH_KEY, {**WHOLE, **named("Ed25519")})
    }
    assert len(fingerprints) == 3
    assert handed_over(secret(WHOLE), "handed", ISSUER).fingerprint == BEFORE_KEYS


@pytest.mark.parametrize(
    ("given", "said"),
    [
        pytest.param({"key_id": None}, "has no key key_id", id="no name"),
        pytest.param({"key_id": " "}, "has no key key_id", id="an empty name"),
        pytest.param({"private_key": None}, "has no key private_key", id="a name alone"),
        pytest.param({"key_id": "another"}, f"thumbprint .RFC 7638. is {FIRST.kid}", id="another name"),
        pytest.param({"private_key": keys.public_pem("P-256")}, "not a private one", id="a public key"),
        pytest.param({"private_key": keys.jwk("P-256")}, "it is a JWK, and has to be PEM", id="a JWK"),
        pytest.param(
            {"private_key": keys.encrypted_pem("P-256")}, "is encrypted; write it without a passphrase", id="encrypted"
        ),
        pytest.param(
            {"private_key": keys.pem("RSA 1024")}, "is too small: RSA keys have 2048 bits at least", id="too small"
        ),
        pytest.param({"private_key": keys.pem("P-256") + "x" * 4000}, "is too large", id="too large"),
        pytest.param({"private_key": "x" * 20_000}, "its private_key is too long", id="far too large"),
        pytest.param(
            named("P-521"),
            "of a kind that spec.privateKey does not know",
            id="of a curve that is not offered",
        ),
    ],
)
def test_a_key_that_cannot_be_taken(given: dict[str, str | None], said: str) -> None:
    values = {key: value for key, value in {**WITH_KEY, **given}.items() if value is not None}
    with pytest.raises(ClientInformationUnusable, match=said) as refusal:
        handed_over(secret(values), "handed", ISSUER, SigningAlgorithm.ES256)
    assert "PRIVATE KEY" not in str(refusal.value)
    assert refusal.value.__context__ is None, "the parser's own exception may quote the key"


def test_a_key_where_the_spec_asks_for_none() -> None:
    with pytest.raises(ClientInformationUnusable, match="spec has no privateKey: write privateKey beside"):
        handed_over(secret(WITH_KEY), "handed", ISSUER)


def test_a_key_that_is_written_is_read() -> None:
    given = handed_over(secret(WITH_KEY), "handed", ISSUER, SigningAlgorithm.ES256)
    written: Any = manifest("shop", "handed", ISSUER, given.information, given.key)
    found = handed_over(secret(written["stringData"], written["type"]), "handed", ISSUER, SigningAlgorithm.ES256)
    assert found == given


def test_what_is_written_is_read() -> None:
    information = ClientInformation.parse(
        {**{k: v for k, v in WHOLE.items() if k != "issuer"}, "client_secret_expires_at": 0, "client_name": "web"}
    )
    written: Any = manifest("shop", "handed", ISSUER, information)
    assert (written["type"], written["metadata"]) == (TYPE, {"namespace": "shop", "name": "handed"})
    found = handed_over(secret(written["stringData"], written["type"]), "handed", ISSUER)
    assert found.information.to_members() == {k: v for k, v in information.to_members().items() if k != "client_name"}


@pytest.mark.parametrize(
    "expires_at", [1893456000, 1893456000.5, "1893456000.0", 1893456000000, "2030-01-01T00:00:00Z"]
)
def test_a_time_is_handed_over_in_seconds_however_its_server_wrote_it(expires_at: Any) -> None:
    information = ClientInformation.parse(
        {"client_id": "c", "client_secret": "s", "client_secret_expires_at": expires_at}
    )
    written: Any = manifest("shop", "handed", ISSUER, information)
    assert written["stringData"]["client_secret_expires_at"] == "1893456000"
    found = handed_over(secret(written["stringData"], written["type"]), "handed", ISSUER)
    assert found.information.client_secret_expires_at == 1893456000
