"""An app that authenticates with its key or its certificate is configured by that and by the published Secret alone."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from oauthclient_operator.confidential import Confidential
from oauthclient_operator.egress.door import Door
from oauthclient_operator.egress.policy import EgressPolicy
from oauthclient_operator.exchange import ClientCertificate
from oauthclient_operator.oauth import rfc6749
from oauthclient_operator.oauth.authentication_methods import ClientAuthentication, PrivateKeyJWT, TLSClientAuth
from oauthclient_operator.oauth.client_authentication import authenticate
from oauthclient_operator.oauth.client_information import ClientInformation
from oauthclient_operator.oauth.jose import PrivateKey
from oauthclient_operator.oauth.rfc8414 import ServerMetadata
from tests.cluster.scenarios.room import Room
from tests.parts.certificates import CertificateAuthority
from tests.parts.node_oidc_provider import NodeOIDCProvider

pytestmark = pytest.mark.usefixtures("operator")

SERVICE = {"grant_types": ["client_credentials"], "response_types": [], "redirect_uris": []}
CLIENT = "client.example.com"

Published = dict[str, str]


Prepared = tuple[dict[str, Any], Callable[[Published], ClientAuthentication]]
"""The metadata to register, and how a client authenticates that has read its Secret."""


def with_a_key(_: CertificateAuthority) -> Prepared:
    native = rsa.generate_private_key(65537, 2048)
    pem = native.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    jwks = {"keys": [dict(PrivateKey.parse(Confidential(pem)).public_jwk)]}
    asked = {
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_signing_alg": "PS256",
        "jwks": jwks,
    }

    def authentication(found: Published) -> ClientAuthentication:
        return PrivateKeyJWT(PrivateKey.parse(Confidential(pem), algorithm=found["token_endpoint_auth_signing_alg"]))

    return asked, authentication


def with_a_certificate(authority: CertificateAuthority) -> Prepared:
    certificate = authority.certificate(CLIENT)
    shown = ClientCertificate(chain=certificate.chain, key=certificate.key)
    asked = {"token_endpoint_auth_method": "tls_client_auth", "tls_client_auth_san_dns": CLIENT}
    return asked, lambda _: TLSClientAuth(shown)


@pytest.mark.parametrize("how", [with_a_key, with_a_certificate])
async def test_an_app_gets_a_token_by_what_the_secret_says(
    how: Callable[[CertificateAuthority], Prepared],
    room: Room,
    node_provider: NodeOIDCProvider,
    certificate_authority: CertificateAuthority,
) -> None:
    asked, authentication = how(certificate_authority)
    room.put_token("idp-token", node_provider.issuer, node_provider.initial_access_token())
    room.apply("reports", node_provider.issuer, metadata={**SERVICE, **asked}, token="idp-token")
    room.wait_for("reports", "Registered")
    found: Published = room.secret("reports")
    assert found["token_endpoint_auth_method"] == asked["token_endpoint_auth_method"]
    assert "client_secret" not in found

    form = {"grant_type": "client_credentials", "scope": "api"}
    server = ServerMetadata(
        issuer=found["issuer"],
        registration_endpoint=None,
        endpoints={"token_endpoint": found["token_endpoint"]},
        token_endpoint_auth_methods_supported=(),
        grant_types_supported=(),
    )
    request = authenticate(
        authentication(found),
        server=server,
        information=ClientInformation.parse({"client_id": found["client_id"]}),
        form=form,
        request=rfc6749.token_request(found["token_endpoint"], form),
        now=int(time.time()),
        jti=f"one request of {found['client_id']}",
    )
    door = Door(policy=EgressPolicy.parse(private_issuers=["127.0.0.1"]), ca_bundle=node_provider.trust)
    token = rfc6749.judge_token(await door.exchange(request, timeout=10))
    assert isinstance(token, rfc6749.TokenResponse)
