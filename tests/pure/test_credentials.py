"""An app can be configured from the published Secret alone, by whichever method it authenticates."""

import base64
from dataclasses import replace
from typing import Any

import pytest

from oauthclient_operator import credentials
from oauthclient_operator.names import PUBLISHED_ENDPOINTS, PUBLISHED_KEYS
from oauthclient_operator.oauth.json_object import JSON
from oauthclient_operator.oauth.rfc8705 import with_aliases
from oauthclient_operator.record.calls import Asked
from oauthclient_operator.resource.publication import Publication
from tests.pure.record import key_records
from tests.pure.values import ISSUER, METADATA, published, registered_record, server

ALIASES = {
    "token_endpoint": f"{ISSUER}/mtls/token",
    "introspection_endpoint": f"{ISSUER}/mtls/introspection",
    "registration_endpoint": f"{ISSUER}/mtls/register",
    "authorization_endpoint": f"{ISSUER}/mtls/authorization",
    "revocation_endpoint": "no URL",
}
METADATA_WITH_ALIASES = server(
    authorization_endpoint=f"{ISSUER}/authorization",
    revocation_endpoint=f"{ISSUER}/revocation",
    mtls_endpoint_aliases=ALIASES,
)


def secret(asked: dict[str, Any], answered: dict[str, Any]) -> dict[str, str]:
    known = published(registered_record(**answered))
    client = replace(
        known,
        confirmed=Asked("v1:any", {**METADATA, **asked}),
        answer=replace(known.answer, endpoints=with_aliases(METADATA_WITH_ALIASES)),
    )
    data = credentials.content(client, Publication(secret_name="web", keys={"client_id": "ID"}))
    return {key: base64.b64decode(value).decode() for key, value in data.items()}


PLAIN = {
    "authorization_endpoint": f"{ISSUER}/authorization",
    "revocation_endpoint": f"{ISSUER}/revocation",
    "token_endpoint": f"{ISSUER}/token",
}
BY_TLS = {
    **PLAIN,
    "token_endpoint": f"{ISSUER}/mtls/token",
    "introspection_endpoint": f"{ISSUER}/mtls/introspection",
}
JWT = {"token_endpoint_auth_method": "private_key_jwt"}
NO_SECRET = {"client_secret": None}


@pytest.mark.parametrize(
    ("asked", "answered", "expected"),
    [
        pytest.param(
            {},
            {},
            {"token_endpoint_auth_method": "client_secret_basic", "client_secret": "s1", **PLAIN},
            id="a secret",
        ),
        pytest.param(
            {"token_endpoint_auth_signing_alg": "ES256"},
            {},
            {"token_endpoint_auth_method": "client_secret_basic", "client_secret": "s1", **PLAIN},
            id="a secret, and an algorithm that has no use",
        ),
        pytest.param(JWT, NO_SECRET, {**JWT, **PLAIN}, id="a key"),
        pytest.param(
            {**JWT, "token_endpoint_auth_signing_alg": "ES256"},
            NO_SECRET,
            {**JWT, "token_endpoint_auth_signing_alg": "ES256", **PLAIN},
            id="a key, with the algorithm that was asked for",
        ),
        pytest.param(
            {**JWT, "token_endpoint_auth_signing_alg": "ES256"},
            {**NO_SECRET, "token_endpoint_auth_signing_alg": "PS256"},
            {**JWT, "token_endpoint_auth_signing_alg": "PS256", **PLAIN},
            id="a key, with the algorithm that was registered",
        ),
        pytest.param(
            {**JWT, "token_endpoint_auth_signing_alg": "ES256", "tls_client_certificate_bound_access_tokens": True},
            {
                **NO_SECRET,
                "token_endpoint_auth_signing_alg": None,
                "tls_client_certificate_bound_access_tokens": None,
            },
            {**JWT, "token_endpoint_auth_signing_alg": "ES256", **BY_TLS},
            id="what is answered as null is as if it were not there",
        ),
        pytest.param(
            {"token_endpoint_auth_method": "client_secret_jwt"},
            {"token_endpoint_auth_signing_alg": "HS512"},
            {
                "token_endpoint_auth_method": "client_secret_jwt",
                "token_endpoint_auth_signing_alg": "HS512",
                "client_secret": "s1",
                **PLAIN,
            },
            id="a MAC",
        ),
        *(
            pytest.param(
                {"token_endpoint_auth_method": method},
                NO_SECRET,
                {"token_endpoint_auth_method": method, **BY_TLS},
                id=f"D12: {method}",
            )
            for method in ("tls_client_auth", "self_signed_tls_client_auth")
        ),
        pytest.param(
            {**JWT, "tls_client_certificate_bound_access_tokens": True},
            NO_SECRET,
            {**JWT, **BY_TLS},
            id="D12: a key, and tokens that are bound to a certificate",
        ),
        pytest.param(
            {**JWT, "tls_client_certificate_bound_access_tokens": True},
            {**NO_SECRET, "tls_client_certificate_bound_access_tokens": False},
            {**JWT, **PLAIN},
            id="tokens are not bound after all",
        ),
    ],
)
def test_the_secret(asked: dict[str, Any], answered: dict[str, Any], expected: dict[str, str]) -> None:
    assert secret(asked, answered) == {"ID": "c1", "issuer": ISSUER, **expected}


@pytest.mark.contract
def test_all_that_can_be_published_has_its_name_in_the_api_and_nothing_there_is_never_published() -> None:
    """Whoever publishes a fact under a name of its own is told of `PUBLISHED_KEYS`, by mypy as well (tests/typing)."""
    stored = {name: f"{ISSUER}/{name}" for name in (*PUBLISHED_ENDPOINTS, "registration_endpoint", "new_endpoint")}
    asked: tuple[dict[str, JSON], ...] = (
        {},
        {"token_endpoint_auth_method": "client_secret_jwt", "token_endpoint_auth_signing_alg": "HS256"},
        {"token_endpoint_auth_method": "none"},
        {"token_endpoint_auth_method": "tls_client_auth"},
    )
    answered: Any = {"scope": "openid", "software_id": "x", "registration_access_token": "rat"}
    known = published(registered_record(**answered))
    kinds = [replace(known, confirmed=Asked("v1:any", {**METADATA, **members})) for members in asked]
    keys = set[str]()
    for kind in (*kinds, published(key_records.registered())):
        client = replace(kind, answer=replace(kind.answer, endpoints=stored))
        keys |= credentials.content(client, Publication(secret_name="web")).keys()
    assert keys == {*PUBLISHED_KEYS}


def test_a_client_that_was_recorded_without_aliases_has_the_plain_endpoints() -> None:
    client = replace(
        published(registered_record(client_secret=None)),
        confirmed=Asked("v1:any", {"token_endpoint_auth_method": "tls_client_auth"}),
    )
    data = credentials.content(client, Publication(secret_name="web", keys={}))
    assert base64.b64decode(data["token_endpoint"]).decode() == f"{ISSUER}/token"
