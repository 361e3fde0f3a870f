"""Client metadata as a tenant writes them (RFC 7591 section 2): sent as written, or refused in words that say why."""

import json
from typing import Final

from oauthclient_operator.errors import InvalidClientMetadata, MalformedJSON
from oauthclient_operator.oauth.client_information import ClientInformation
from oauthclient_operator.oauth.client_metadata import ClientMetadata
from oauthclient_operator.oauth.json_object import JSON, decode
from oauthclient_operator.oauth.near_miss import near_miss
from oauthclient_operator.oauth.public_keys import key_problems
from oauthclient_operator.oauth.redirection import redirection_problems
from oauthclient_operator.oauth.rfc7591 import deviations, insufficiency, registration_request
from tests.fuzz.properties import one_line, refused
from tests.fuzz.target import Target


def run(data: bytes) -> None:
    try:
        members = decode(data, limit=1 << 20, depth=30)
    except MalformedJSON:
        return
    try:
        metadata = ClientMetadata.parse(members, "spec.clientMetadata")
    except InvalidClientMetadata as error:
        refused(error)
        return
    _taken(members, metadata)


def _taken(members: dict[str, JSON], metadata: ClientMetadata) -> None:
    request = registration_request("https://issuer.example/register", metadata, None)
    assert request.body is not None
    sent = json.loads(request.body)
    assert sent == {name: value for name, value in members.items() if value is not None}, "sent is not as written"
    assert ClientMetadata.parse(sent) == metadata
    assert metadata.digest() == ClientMetadata.parse(dict(reversed(sent.items()))).digest()
    # A server that registers all as it was asked, and adds what it issues, leaves nothing to be said.
    echo = ClientInformation.parse({**sent, "client_id": "c1", "client_secret": "s1"})
    assert deviations(metadata, echo) == ()
    one_line(insufficiency(metadata, echo))
    for name in sent:
        assert near_miss(name) != name


TARGET: Final = Target(
    name="client_metadata",
    run=run,
    parsers=(
        ClientMetadata.parse,
        ClientMetadata.digest,
        key_problems,
        redirection_problems,
        deviations,
        insufficiency,
        near_miss,
    ),
    words=tuple(
        word.encode()
        for word in (
            "redirect_uris",
            "grant_types",
            "response_types",
            "token_endpoint_auth_method",
            "private_key_jwt",
            "tls_client_auth",
            "tls_client_auth_san_dns",
            "client_name#ja",
            "client_name#JA-x",
            "logo_uri",
            "scope",
            "jwks",
            "jwks_uri",
            "keys",
            "kty",
            "oct",
            "use",
            "sig",
            "d",
            "implicit",
            "authorization_code",
            "code id_token",
            "application_type",
            "native",
            "default_max_age",
            "software_statement",
            "client_id",
            "http://localhost/",
            "https://shop.example/cb",
            "com.example.app:/cb",
            "javascript:x",
            "https://[",
            "-----BEGIN PRIVATE KEY-----",
        )
    ),
    limit=8192,
)
