"""A client that authenticates at a token endpoint, and what it sends there."""

import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from oauthclient_operator.confidential import Confidential
from oauthclient_operator.exchange import ClientCertificate, Request
from oauthclient_operator.oauth.authentication_methods import ClientAuthentication, NotPrepared
from oauthclient_operator.oauth.client_authentication import authenticate
from oauthclient_operator.oauth.client_information import ClientInformation
from oauthclient_operator.oauth.jose import PrivateKey
from oauthclient_operator.oauth.json_object import JSON
from oauthclient_operator.oauth.rfc8414 import ServerMetadata

SERVER = ServerMetadata(
    issuer="https://idp.example.com",
    registration_endpoint=None,
    endpoints={"token_endpoint": "https://idp.example.com/token"},
    token_endpoint_auth_methods_supported=(),
    grant_types_supported=(),
)
NATIVE = ec.derive_private_key(7, ec.SECP256R1())
PEM = NATIVE.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
KEY = PrivateKey.parse(Confidential(PEM))
CERTIFICATE = ClientCertificate(chain=Path("client.pem"), key=Path("client.key"))
NOW = 1_700_000_000


def client(client_id: str = "foo", **members: JSON) -> ClientInformation:
    return ClientInformation.parse({"client_id": client_id, **members})


def sent(
    authentication: ClientAuthentication | NotPrepared, information: ClientInformation, **form: str
) -> tuple[Request, dict[str, str]]:
    request = authenticate(
        authentication,
        server=SERVER,
        information=information,
        form={"grant_type": "client_credentials", **form},
        request=Request(method="POST", url="https://idp.example.com/token"),
        now=NOW,
        jti="once",
    )
    assert request.media_type == "application/x-www-form-urlencoded"
    assert request.body is not None
    fields = parse_qs(request.body.decode("ascii"), keep_blank_values=True, strict_parsing=True)
    assert all(len(values) == 1 for values in fields.values())
    return request, {name: values[0] for name, values in fields.items()}


def decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def parts(jwt: str) -> tuple[dict[str, Any], dict[str, Any], bytes, bytes]:
    header, claims, signature = jwt.split(".")
    return json.loads(decoded(header)), json.loads(decoded(claims)), f"{header}.{claims}".encode(), decoded(signature)
