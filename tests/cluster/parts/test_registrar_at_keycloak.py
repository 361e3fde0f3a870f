"""Keycloak lets the operator in without any static secret: by a token of the cluster's, which it takes as a client's word."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from oauthclient_operator.cluster.connection import Connection
from oauthclient_operator.cluster.registrar import Registrar
from oauthclient_operator.confidential import Confidential
from oauthclient_operator.egress.door import Door
from oauthclient_operator.egress.policy import EgressPolicy
from oauthclient_operator.errors import AccessTokenRefused
from oauthclient_operator.exchange import Response
from oauthclient_operator.issuer.access_token_requests import Wanted
from oauthclient_operator.issuer.access_tokens import AccessTokens
from oauthclient_operator.issuer.authorization_servers import AuthorizationServers
from oauthclient_operator.issuer.caller import Caller
from oauthclient_operator.oauth import rfc7591
from oauthclient_operator.oauth.access_token import ByOwnCredentials
from oauthclient_operator.oauth.authentication_methods import ClientSecretBasic
from oauthclient_operator.oauth.client_metadata import ClientMetadata
from oauthclient_operator.oauth.metadata_source import MetadataSource
from oauthclient_operator.oauth.outcome import Committed, Outcome
from oauthclient_operator.oauth.rfc8414 import ServerMetadata
from oauthclient_operator.reach import IssuerAddress
from oauthclient_operator.resource.access import AccessByToken, ClientCredentials, ServiceAccountToken, TokenUse
from oauthclient_operator.resource.key import oauth_client
from tests.parts.keycloak import Realm

CALLER = Caller(key=oauth_client("shop", "web"), uid="u1")


@pytest.fixture
def realm(registrar_realm: Realm) -> Realm:
    return registrar_realm


def tokens_asked_for(realm: Realm) -> list[tuple[str, int]]:
    path = f"/realms/{realm.name}/protocol/openid-connect/token"
    return [(r.method, r.status) for r in realm.server.log.requests() if r.path == path]


@pytest.fixture
async def operator(operator_kubeconfig: Path) -> AsyncIterator[Connection]:
    """The operator's own service account's, with what an installation adds for the registrar."""
    connection = await Connection.open(operator_kubeconfig, {})
    connection._client.user_agent = "a test"
    yield connection
    await connection.close()


class Ground:
    """The operator's parts between the API server and the realm."""

    def __init__(self, realm: Realm, operator: Connection) -> None:
        self.address = IssuerAddress(realm.issuer)
        door = Door(policy=EgressPolicy.parse(private_issuers=["127.0.0.0/8"]), ca_bundle=realm.trust)
        self.servers = AuthorizationServers(lambda _issuer: door, exchange_timeout=30, concurrency=2)
        registrar = Registrar(operator, "oauth-operator-system")
        self.tokens = AccessTokens(self.servers, registrar, timeout=30, clock=time.monotonic)

    async def discovered(self) -> ServerMetadata:
        return await self.servers.discover(MetadataSource(issuer=self.address.issuer), CALLER)

    async def registered(self, access: AccessByToken, credentials: ByOwnCredentials | None = None) -> Outcome:
        """Register a client with an access token, and give the token's fate back to who keeps it."""
        server, wanted = await self.discovered(), Wanted(address=self.address, access=access)
        token = await self.tokens.obtain(wanted, server, CALLER, credentials=credentials)
        assert server.registration_endpoint is not None
        metadata = ClientMetadata.confirmed({"client_name": "web", "redirect_uris": ["https://web.example/cb"]})
        request = rfc7591.registration_request(server.registration_endpoint, metadata, token.token)
        answer = await self.servers.exchange(request, self.address, timeout=30)
        self.tokens.answered(wanted, CALLER, token, answer)
        assert isinstance(answer, Response)
        return rfc7591.judge(answer, presented=token.token, asked=metadata.members)


@pytest.fixture
async def ground(realm: Realm, operator: Connection) -> AsyncIterator[Ground]:
    ground = Ground(realm, operator)
    yield ground
    await ground.tokens.close()
    await ground.servers.close()


async def test_a_token_of_the_registrars_becomes_an_access_token_that_registers_clients(
    ground: Ground, realm: Realm
) -> None:
    before = len(tokens_asked_for(realm))
    access = ServiceAccountToken(use=TokenUse.CLIENT_ASSERTION)
    for _ in range(2):
        found = await ground.registered(access)
        assert isinstance(found, Committed)
        client_id = found.members["client_id"]
        assert realm.client(str(client_id)) is not None
        assert found.members["registration_access_token"], "it is managed by a token of its own"
    assert tokens_asked_for(realm)[before:] == [("POST", 200)], "one access token is used for both"


async def test_client_credentials_with_a_secret_do_the_same(ground: Ground, realm: Realm) -> None:
    secret = str((realm.client("registrar-with-secret") or {})["secret"])
    own = ByOwnCredentials(client_id="registrar-with-secret", authentication=ClientSecretBasic(Confidential(secret)))
    found = await ground.registered(ClientCredentials(secret="idp-client"), own)
    assert isinstance(found, Committed)
    assert realm.client(str(found.members["client_id"])) is not None


@pytest.mark.parametrize(
    ("access", "said"),
    [
        pytest.param(
            ServiceAccountToken(use=TokenUse.CLIENT_ASSERTION, audience="https://another.example"),
            "invalid_client",
            id="a token for another audience",
        ),
        pytest.param(
            ServiceAccountToken(use=TokenUse.CLIENT_ASSERTION, client_id="registrar-with-secret"),
            "unauthorized_client",
            id="a token for a client that is another",
        ),
    ],
)
async def test_it_takes_no(ground: Ground, access: ServiceAccountToken, said: str) -> None:
    with pytest.raises(AccessTokenRefused, match=said):
        await ground.registered(access)


async def test_the_token_itself_is_no_access_token_there(ground: Ground) -> None:
    access = ServiceAccountToken(use=TokenUse.BEARER)
    found = await ground.registered(access)
    assert getattr(found, "status", None) == 401
    assert ground.tokens.known(Wanted(address=ground.address, access=access), CALLER) is None, "it is thrown away"
