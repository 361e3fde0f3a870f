"""Our DPoP proofs before a server that others wrote and that wants nonces: node-oidc-provider's token endpoint."""

import base64
import json
import secrets
import time
from collections.abc import Iterator

import pytest

from oauthclient_operator.confidential import Confidential
from oauthclient_operator.egress.door import Door
from oauthclient_operator.egress.policy import EgressPolicy
from oauthclient_operator.exchange import Authorization, Request, Response, bearer
from oauthclient_operator.issuer.authorization_servers import AuthorizationServers
from oauthclient_operator.issuer.caller import Caller
from oauthclient_operator.oauth.jose import PrivateKey
from oauthclient_operator.oauth.metadata_source import MetadataSource
from oauthclient_operator.oauth.rfc8414 import ServerMetadata
from oauthclient_operator.oauth.rfc9449 import algorithm_for, asks_for_nonce, proven
from oauthclient_operator.reach import IssuerAddress
from oauthclient_operator.resource.key import oauth_client
from tests.parts.certificates import CertificateAuthority
from tests.parts.node_oidc_provider import NodeOIDCProvider, node_oidc_provider
from tests.pure import keys

CALLER = Caller(key=oauth_client("shop", "web"), uid="u1")
SERVICE = {
    "client_name": "service",
    "grant_types": ["client_credentials"],
    "response_types": [],
    "redirect_uris": [],
    "dpop_bound_access_tokens": True,
}


@pytest.fixture(scope="module")
def server(
    certificate_authority: CertificateAuthority, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[NodeOIDCProvider]:
    with node_oidc_provider(tmp_path_factory.mktemp("dpop"), certificate_authority, dpop=True) as server:
        yield server


def issuer_of(server: NodeOIDCProvider) -> AuthorizationServers:
    door = Door(policy=EgressPolicy.parse(private_issuers=["127.0.0.0/8"]), ca_bundle=server.trust)
    return AuthorizationServers(lambda _issuer: door, exchange_timeout=10, concurrency=2)


async def send(issuer: AuthorizationServers, found: ServerMetadata, request: Request, key: PrivateKey) -> Response:
    algorithm = algorithm_for(key, found.dpop_signing_alg_values_supported)
    with_proof = proven(
        request,
        key,
        jti=secrets.token_urlsafe(32),
        issued_at=int(time.time()),
        nonce=issuer.nonce(request.url, IssuerAddress(found.issuer)),
        algorithm=algorithm,
    )
    answer = await issuer.exchange(with_proof, IssuerAddress(found.issuer), timeout=10)
    assert isinstance(answer, Response)
    return answer


async def register(server: NodeOIDCProvider, issuer: AuthorizationServers, found: ServerMetadata) -> dict[str, str]:
    token = bearer(Confidential(server.initial_access_token()))
    assert found.registration_endpoint is not None
    body = json.dumps(SERVICE).encode()
    made = await issuer.exchange(
        Request(method="POST", url=found.registration_endpoint, authorization=token, body=body),
        IssuerAddress(found.issuer),
        timeout=10,
    )
    assert isinstance(made, Response)
    assert made.status == 201
    client: dict[str, str] = json.loads(made.body)
    return client


@pytest.mark.parametrize("kind", ["P-256", "Ed25519"])
async def test_CA_20_a_token_is_bound_to_the_key_after_one_demand_for_a_nonce(
    kind: str, server: NodeOIDCProvider
) -> None:
    issuer, key = issuer_of(server), PrivateKey.parse(Confidential(keys.pem(kind)))
    found = await issuer.discover(MetadataSource(issuer=server.issuer), CALLER)
    assert set(found.dpop_signing_alg_values_supported) == {"ES256", "Ed25519", "EdDSA"}
    client = await register(server, issuer, found)
    pair = base64.b64encode(f"{client['client_id']}:{client['client_secret']}".encode()).decode()
    request = Request(
        method="POST",
        url=found.endpoints["token_endpoint"],
        authorization=Authorization(scheme="Basic", credentials=Confidential(pair)),
        body=b"grant_type=client_credentials",
        media_type="application/x-www-form-urlencoded",
    )
    refused = await send(issuer, found, request, key)
    assert (refused.status, asks_for_nonce(refused)) == (400, True)
    granted = await send(issuer, found, request, key)
    assert (granted.status, json.loads(granted.body)["token_type"]) == (200, "DPoP")
    # The nonce holds, and a proof is never shown twice.
    assert (await send(issuer, found, request, key)).status == 200
    await issuer.close()


async def test_its_registration_endpoint_takes_no_proofs(server: NodeOIDCProvider) -> None:
    issuer = issuer_of(server)
    found = await issuer.discover(MetadataSource(issuer=server.issuer), CALLER)
    assert found.registration_endpoint is not None
    request = Request(
        method="POST",
        url=found.registration_endpoint,
        authorization=bearer(Confidential(server.initial_access_token())),
        body=json.dumps(SERVICE).encode(),
    )
    refused = await send(issuer, found, request, keys.parsed("P-256"))
    assert (refused.status, json.loads(refused.body)["error"]) == (400, "invalid_request")
    await issuer.close()
