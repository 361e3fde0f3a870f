"""A real authorization server with endpoints for mutual TLS: registered there, and a token from there."""

import base64
import time
from dataclasses import replace
from pathlib import Path

import pytest

from oauthclient_operator.confidential import Confidential
from oauthclient_operator.egress.door import Door
from oauthclient_operator.egress.policy import EgressPolicy
from oauthclient_operator.exchange import ClientCertificate, Request, Response
from oauthclient_operator.oauth import rfc6749, rfc7591, rfc7592, rfc8705
from oauthclient_operator.oauth.authentication_methods import NotPrepared, SelfSignedTLSClientAuth, TLSClientAuth
from oauthclient_operator.oauth.client_authentication import authenticate, choose
from oauthclient_operator.oauth.client_information import ClientInformation
from oauthclient_operator.oauth.client_metadata import ClientMetadata
from oauthclient_operator.oauth.jose import PrivateKey
from oauthclient_operator.oauth.json_object import JSON
from oauthclient_operator.oauth.outcome import Committed, Rejected
from oauthclient_operator.oauth.rfc6749 import TokenResponse
from oauthclient_operator.oauth.rfc8414 import server_metadata
from tests.parts.certificates import Certificate, CertificateAuthority, self_signed
from tests.parts.node_oidc_provider import NodeOIDCProvider

CLIENT = "client.example.com"


def key_set(certificate: Certificate) -> dict[str, JSON]:
    # RFC 8705 section 2.2.2: the certificate is in the "x5c" parameter of the key.
    public = PrivateKey.parse(Confidential(certificate.key.read_text())).public_jwk
    return {"keys": [{**public, "x5c": [base64.b64encode(certificate.der).decode()]}]}


@pytest.mark.parametrize("method", [TLSClientAuth, SelfSignedTLSClientAuth])
async def test_D12_a_client_authenticates_with_its_certificate(
    method: type[TLSClientAuth | SelfSignedTLSClientAuth],
    node_provider: NodeOIDCProvider,
    certificate_authority: CertificateAuthority,
    tmp_path: Path,
) -> None:
    door = Door(policy=EgressPolicy.parse(private_issuers=["127.0.0.1"]), ca_bundle=node_provider.trust)

    async def ask(request: Request) -> Response:
        answer = await door.exchange(request, timeout=10)
        assert isinstance(answer, Response)
        return answer

    document = await ask(Request(method="GET", url=f"{node_provider.issuer}/.well-known/openid-configuration"))
    server = server_metadata(node_provider.issuer, document)
    asked: dict[str, JSON] = {
        "grant_types": ["client_credentials"],
        "redirect_uris": [],
        "response_types": [],
        "token_endpoint_auth_method": method.method,
    }
    if method is TLSClientAuth:
        certificate = certificate_authority.certificate(CLIENT)
        asked["tls_client_auth_san_dns"] = CLIENT
    else:
        certificate = self_signed(tmp_path, "client")
        asked["jwks"] = key_set(certificate)
    shown = ClientCertificate(chain=certificate.chain, key=certificate.key)

    endpoint = rfc8705.endpoint(server, "registration_endpoint", use_aliases=True)
    assert endpoint is not None
    assert endpoint != server.registration_endpoint
    metadata = ClientMetadata.parse(asked)
    request = rfc7591.registration_request(endpoint, metadata, Confidential(node_provider.initial_access_token()))
    outcome = rfc7591.judge(await ask(replace(request, certificate=shown)))
    assert isinstance(outcome, Committed)
    information = ClientInformation.parse(outcome.members)
    assert choose(None, metadata, information) == NotPrepared(method.method)

    endpoint = rfc8705.endpoint(server, "token_endpoint", use_aliases=True)
    assert endpoint is not None
    form = {"grant_type": "client_credentials", "scope": "api"}
    request = authenticate(
        method(shown),
        server=server,
        information=information,
        form=form,
        request=rfc6749.token_request(endpoint, form),
        now=int(time.time()),
        jti="unused",
    )
    assert isinstance(rfc6749.judge_token(await ask(request)), TokenResponse)
    refused = rfc6749.judge_token(await ask(replace(request, certificate=None)))
    assert isinstance(refused, Rejected)
    assert refused.error == "invalid_client"
    assert (await ask(rfc7592.deletion_request(information))).status == 204
