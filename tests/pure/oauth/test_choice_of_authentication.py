"""By which method a client authenticates that was just registered, by the ids of the conformance cases."""

import pytest

from oauthclient_operator.oauth.authentication_methods import (
    ClientAuthentication,
    ClientSecretBasic,
    ClientSecretJWT,
    ClientSecretPost,
    NoAuthentication,
    NotPrepared,
)
from oauthclient_operator.oauth.client_authentication import choose
from oauthclient_operator.oauth.client_information import ClientInformation
from oauthclient_operator.oauth.client_metadata import ClientMetadata
from oauthclient_operator.oauth.json_object import JSON

Choice = tuple[ClientAuthentication | None, dict[str, JSON], dict[str, JSON], ClientAuthentication | NotPrepared]
CHOICES: dict[str, Choice] = {
    "CA-13 a secret, and nobody named a method: the RFC's default": (
        None,
        {},
        {"client_secret": "bar"},
        ClientSecretBasic(),
    ),
    "CA-14 no secret, and nobody named a method: a public client": (None, {}, {}, NoAuthentication()),
    "CA-15": (ClientSecretBasic(), {}, {"client_secret": "bar"}, ClientSecretBasic()),
    "CA-16": (ClientSecretPost(), {}, {"client_secret": "bar"}, ClientSecretPost()),
    "CA-17": (ClientSecretJWT(), {}, {"client_secret": "bar"}, ClientSecretJWT()),
    "CA-19 the server returns basic": (
        None,
        {"token_endpoint_auth_method": "client_secret_post"},
        {"client_secret": "bar", "token_endpoint_auth_method": "client_secret_basic"},
        ClientSecretBasic(),
    ),
    "the server returns post": (
        None,
        {},
        {"client_secret": "bar", "token_endpoint_auth_method": "client_secret_post"},
        ClientSecretPost(),
    ),
    "what is said wins over what is returned": (
        ClientSecretPost(),
        {"token_endpoint_auth_method": "client_secret_jwt"},
        {"client_secret": "bar", "token_endpoint_auth_method": "client_secret_basic"},
        ClientSecretPost(),
    ),
    "the server returns nothing: what was asked": (
        None,
        {"token_endpoint_auth_method": "client_secret_post"},
        {"client_secret": "bar"},
        ClientSecretPost(),
    ),
    "null is nothing": (
        None,
        {"token_endpoint_auth_method": "client_secret_jwt"},
        {"client_secret": "bar", "token_endpoint_auth_method": None},
        ClientSecretJWT(),
    ),
    "none, although a secret came": (
        None,
        {},
        {"client_secret": "bar", "token_endpoint_auth_method": "none"},
        NoAuthentication(),
    ),
    "a method was asked for, and no secret came: not public": (
        None,
        {"token_endpoint_auth_method": "client_secret_basic"},
        {},
        ClientSecretBasic(),
    ),
    "a key is needed": (
        None,
        {"token_endpoint_auth_method": "private_key_jwt"},
        {},
        NotPrepared("private_key_jwt"),
    ),
    "a certificate is needed": (
        None,
        {},
        {"token_endpoint_auth_method": "tls_client_auth"},
        NotPrepared("tls_client_auth"),
    ),
    "a method that nobody knows": (None, {}, {"token_endpoint_auth_method": "urn:x"}, NotPrepared("urn:x")),
}


@pytest.mark.parametrize("case", CHOICES)
def test_the_method(case: str) -> None:
    """What is said, what was asked, what was answered, and what is used."""
    explicit, asked, answered, expected = CHOICES[case]
    information = ClientInformation.parse({"client_id": "foo", **answered})
    assert choose(explicit, ClientMetadata.confirmed(asked), information) == expected
    if not asked:
        assert choose(explicit, None, information) == expected
