"""Any Secret that somebody wrote: what is presented to an issuer, a record's envelope, metadata of a watch.

The input is a Secret's JSON; what stands under `stringData` is encoded, as the API server does.
"""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from oauthclient_operator import names
from oauthclient_operator.cluster import kept
from oauthclient_operator.cluster.metadata import identity, metadata_of
from oauthclient_operator.errors import (
    AccessDenied,
    ClientInformationUnusable,
    InitialAccessTokenUnusable,
    MalformedJSON,
    MalformedObject,
    SoftwareStatementUnusable,
    UnreadableRecord,
)
from oauthclient_operator.oauth.access_token import Requested, access_token_request, presented
from oauthclient_operator.oauth.json_object import JSON, decode
from oauthclient_operator.oauth.rfc8414 import no_metadata
from oauthclient_operator.oauth.signing_algorithm import SigningAlgorithm
from oauthclient_operator.published_secret import amendment, is_owned
from oauthclient_operator.record.envelope import read
from oauthclient_operator.record.signing_keys import SigningKey
from oauthclient_operator.record.summary import summary
from oauthclient_operator.resource.addressed_secret import Recipient
from oauthclient_operator.resource.client_credentials_secret import client_credentials
from oauthclient_operator.resource.client_information_secret import handed_over
from oauthclient_operator.resource.initial_access_token import initial_access_token
from oauthclient_operator.resource.oauth_client import OAuthClient
from oauthclient_operator.resource.publication import Publication
from oauthclient_operator.resource.secret import Secret, SecretMetadata
from oauthclient_operator.resource.software_statement import LONGEST, software_statement
from oauthclient_operator.resource.terms import SoftwareStatementReference
from tests.fuzz.properties import not_shown, one_line, refused
from tests.fuzz.target import Target

ISSUER: Final = "https://issuer.example"
NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)
_RESOURCE: Final = OAuthClient.parse({"metadata": {"namespace": "shop", "name": "web", "uid": "u"}})


def run(data: bytes) -> None:
    try:
        body = _stored(decode(data, limit=1 << 20))
    except MalformedJSON:
        return
    secret = Secret.parse(body)
    _token(secret)
    _statement(secret)
    _credentials(secret)
    _handed_over(secret)
    if is_owned(secret, "u"):
        amendment(_RESOURCE, secret, Publication(secret_name="web"), {"client_id": "YzE="})
    try:
        read(body)
    except UnreadableRecord as error:
        refused(error)
    _watched(body)


def _handed_over(secret: Secret) -> None:
    try:
        found = handed_over(secret, "handed", ISSUER, SigningAlgorithm.ES256)
    except ClientInformationUnusable as error:
        refused(error)
        return
    assert (secret.type, secret.value("issuer")) == (names.CLIENT_INFORMATION_TYPE, found.issuer)
    assert found.information.client_id
    if found.key is None:
        return
    key = SigningKey.handed_over(found.key, NOW)
    assert (key.kid, key.kid) == (found.key.thumbprint, (secret.value("key_id") or "").strip())
    assert SigningKey.of(key.pem, key.algorithm, NOW) == key, "what is written into the record is read there"
    not_shown(key.pem, found, key)


def _stored(body: dict[str, JSON]) -> dict[str, JSON]:
    written, data = body.get("stringData"), body.get("data")
    if not isinstance(written, dict):
        return body
    texts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in written.items()}
    encoded = {key: base64.b64encode(text.encode()).decode() for key, text in texts.items()}
    return {**body, "data": {**(data if isinstance(data, dict) else {}), **encoded}}


def _token(secret: Secret) -> None:
    for chosen in (False, True):
        to = Recipient(issuer=ISSUER, endpoint=f"{ISSUER}/register", chosen=chosen)
        try:
            found = initial_access_token(secret, "idp-token", to)
        except InitialAccessTokenUnusable as error:
            one_line(str(error))
            continue
        assert secret.type == names.INITIAL_ACCESS_TOKEN_TYPE
        assert secret.value("issuer") == ISSUER
        assert not chosen or secret.value("registration_endpoint") == to.endpoint
        assert all("!" <= c <= "~" for c in found.token.reveal())
        not_shown(found.token, found, secret, public=f"{replace(secret, data={}, annotations={})}")


def _statement(secret: Secret) -> None:
    for chosen in (False, True):
        to = Recipient(issuer=ISSUER, endpoint=f"{ISSUER}/register", chosen=chosen)
        try:
            found = software_statement(secret, to, SoftwareStatementReference("idp-statement"))
        except SoftwareStatementUnusable as error:
            one_line(str(error))
            continue
        assert (
            secret.type,
            secret.value(
                "issuer",
            ),
        ) == (names.SOFTWARE_STATEMENT_TYPE, ISSUER)
        assert not chosen or secret.value("registration_endpoint") == to.endpoint
        assert len(found.reveal()) <= LONGEST
        assert all(part.isascii() and part for part in found.reveal().split("."))
        not_shown(found, secret, public=f"{replace(secret, data={}, annotations={})}")


def _credentials(secret: Secret) -> None:
    for chosen in (False, True):
        to = Recipient(issuer=ISSUER, endpoint=f"{ISSUER}/token", chosen=chosen)
        try:
            found = client_credentials(secret, "idp-client", to)
        except AccessDenied as error:
            refused(error)
            continue
        assert (secret.type, (secret.value("issuer") or "").strip()) == (names.CLIENT_CREDENTIALS_TYPE, ISSUER)
        assert not chosen or (secret.value("token_endpoint") or "").strip() == to.endpoint
        server = replace(no_metadata(ISSUER), endpoints={"token_endpoint": to.endpoint})
        request = access_token_request(found, Requested(), server, now=0, jti="once")
        assert request.url == to.endpoint
        for credential in presented(found, request):
            not_shown(credential, found, request, public=found.client_id)


def _watched(body: dict[str, JSON]) -> None:
    try:
        metadata = metadata_of(body)
        kept.secret(metadata)
        kept.record(metadata)
        seen = summary(metadata)
        assert seen.due is None or seen.due.tzinfo is not None, "a time that cannot be compared"
        assert SecretMetadata.of(metadata).version
        identity(metadata)
    except MalformedObject as error:
        refused(error)


TARGET: Final = Target(
    name="secret",
    run=run,
    parsers=(
        Secret.parse,
        Secret.value,
        SecretMetadata.of,
        initial_access_token,
        handed_over,
        software_statement,
        client_credentials,
        is_owned,
        read,
        summary,
        identity,
    ),
    words=tuple(
        word.encode()
        for word in (
            "type",
            names.INITIAL_ACCESS_TOKEN_TYPE,
            names.SOFTWARE_STATEMENT_TYPE,
            names.STATEMENT_KEY,
            names.CLIENT_CREDENTIALS_TYPE,
            names.TOKEN_ENDPOINT_KEY,
            f"{ISSUER}/token",
            "client_secret",
            "e30.e30.c2ln",
            names.RECORD_TYPE,
            "Opaque",
            "data",
            "stringData",
            "token",
            "issuer",
            ISSUER,
            f"{ISSUER}/register",
            "registration_endpoint",
            names.DPOP_KEY,
            names.CLIENT_INFORMATION_TYPE,
            "client_id",
            "private_key",
            "key_id",
            names.RECORD_KEY,
            names.DUE_ANNOTATION,
            names.SUSPECTS_ANNOTATION,
            names.STATE_LABEL,
            "ownerReferences",
            "resourceVersion",
            "uid",
            "annotations",
            "labels",
            "2026-01-01T12:00:00",
        )
    ),
)
