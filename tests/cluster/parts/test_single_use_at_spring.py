"""Spring Authorization Server takes an access token for one registration: each caller has its own, and shows it once."""

import time
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest

from oauthclient_operator.confidential import Confidential
from oauthclient_operator.egress.door import Door
from oauthclient_operator.egress.policy import EgressPolicy
from oauthclient_operator.errors import AccessTokenRefused
from oauthclient_operator.exchange import Answer
from oauthclient_operator.issuer.access_token_life import AccessToken
from oauthclient_operator.issuer.access_token_requests import Wanted
from oauthclient_operator.issuer.access_tokens import AccessTokens
from oauthclient_operator.issuer.authorization_servers import AuthorizationServers
from oauthclient_operator.issuer.caller import Caller
from oauthclient_operator.oauth import rfc7591
from oauthclient_operator.oauth.access_token import ByOwnCredentials, OwnAuthentication
from oauthclient_operator.oauth.authentication_methods import ClientSecretBasic, ClientSecretPost
from oauthclient_operator.oauth.client_metadata import ClientMetadata
from oauthclient_operator.oauth.metadata_source import MetadataSource
from oauthclient_operator.oauth.outcome import Committed
from oauthclient_operator.reach import IssuerAddress
from oauthclient_operator.resource.access import ClientCredentials
from oauthclient_operator.resource.key import oauth_client
from tests.parts.spring_authorization_server import CLIENT_ID, SCOPE, SpringAuthorizationServer

WEB, APP = (Caller(key=oauth_client("shop", name), uid=name) for name in ("web", "app"))
METADATA = ClientMetadata.confirmed({"client_name": "web", "redirect_uris": ["https://web.example/cb"]})


class Ground:
    """The operator's parts before the server."""

    def __init__(self, server: SpringAuthorizationServer) -> None:
        self.server = server
        self.address = IssuerAddress(server.issuer)
        door = Door(policy=EgressPolicy.parse(private_issuers=["127.0.0.0/8"]), ca_bundle=server.trust)
        self.servers = AuthorizationServers(lambda _issuer: door, exchange_timeout=30, concurrency=2)
        nobody: Any = SimpleNamespace()
        self.tokens = AccessTokens(self.servers, nobody, timeout=30, clock=time.monotonic)

    def wanted(self, scope: str = SCOPE) -> Wanted:
        access = ClientCredentials(secret="idp-client", scope=scope)
        return Wanted(address=self.address, access=access, uses=1)

    async def obtained(
        self, caller: Caller, authentication: OwnAuthentication | None = None, scope: str = SCOPE
    ) -> AccessToken:
        found = await self.servers.discover(MetadataSource(issuer=self.address.issuer), caller)
        by = authentication or ClientSecretBasic(Confidential(self.server.secret))
        own = ByOwnCredentials(client_id=CLIENT_ID, authentication=by)
        return await self.tokens.obtain(self.wanted(scope), found, caller, credentials=own)

    async def register(self, caller: Caller, token: AccessToken) -> Answer:
        found = await self.servers.discover(MetadataSource(issuer=self.address.issuer), caller)
        assert found.registration_endpoint is not None
        request = rfc7591.registration_request(found.registration_endpoint, METADATA, token.token)
        answer = await self.servers.exchange(request, self.address, timeout=30)
        self.tokens.answered(self.wanted(), caller, token, answer)
        return answer


@pytest.fixture
async def ground(spring_authorization_server: SpringAuthorizationServer) -> AsyncIterator[Ground]:
    ground = Ground(spring_authorization_server)
    yield ground
    await ground.tokens.close()
    await ground.servers.close()


async def test_each_caller_registers_with_a_token_of_its_own(ground: Ground) -> None:
    tokens = [await ground.obtained(caller) for caller in (WEB, APP)]
    assert tokens[0].token != tokens[1].token
    for caller, token in zip((WEB, APP), tokens, strict=True):
        answer = await ground.register(caller, token)
        assert isinstance(rfc7591.judge(answer, presented=token.token, asked=METADATA.members), Committed)
        assert ground.tokens.known(ground.wanted(), caller) is None, "it was used"


async def test_a_token_that_was_used_is_refused_there(ground: Ground) -> None:
    token = await ground.obtained(WEB)
    assert [getattr(await ground.register(WEB, token), "status", None) for _ in range(2)] == [201, 401]


async def test_the_secret_is_taken_from_the_body_as_well(ground: Ground) -> None:
    token = await ground.obtained(WEB, ClientSecretPost(Confidential(ground.server.secret)))
    assert getattr(await ground.register(WEB, token), "status", None) == 201


@pytest.mark.parametrize(
    ("secret", "scope", "said"),
    [
        pytest.param("another", SCOPE, "HTTP 401: invalid_client", id="another secret"),
        pytest.param(None, "openid", "HTTP 400: invalid_scope", id="a scope that the client does not have"),
    ],
)
async def test_it_gives_out_no_token_for(ground: Ground, secret: str | None, scope: str, said: str) -> None:
    authentication = ClientSecretBasic(Confidential(secret or ground.server.secret))
    with pytest.raises(AccessTokenRefused, match=said):
        await ground.obtained(WEB, authentication, scope)
