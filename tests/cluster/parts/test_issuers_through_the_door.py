"""Real authorization servers through the whole door, with TLS: discovered, registered at, and left as they were."""

import json
from typing import Any

import pytest

from oauthclient_operator.confidential import Confidential
from oauthclient_operator.egress.door import Door
from oauthclient_operator.egress.policy import EgressPolicy
from oauthclient_operator.exchange import Request, Response, bearer
from oauthclient_operator.issuer.authorization_servers import AuthorizationServers
from oauthclient_operator.issuer.caller import Caller
from oauthclient_operator.oauth.metadata_source import MetadataSource
from oauthclient_operator.reach import IssuerAddress
from oauthclient_operator.resource.key import oauth_client

CALLER = Caller(key=oauth_client("shop", "web"), uid="u1")
BODY = json.dumps({"client_name": "Shop", "redirect_uris": ["https://shop.example.com/cb"]}).encode()


@pytest.mark.parametrize("server", ["node_provider", "canaille", "keycloak"])
async def test_a_client_is_registered_and_deregistered(server: str, request: pytest.FixtureRequest) -> None:
    real: Any = request.getfixturevalue(server)
    door = Door(policy=EgressPolicy.parse(private_issuers=["127.0.0.0/8", "localhost"]), ca_bundle=real.trust)
    issuers = AuthorizationServers(lambda _issuer: door, exchange_timeout=10, concurrency=2)
    found = await issuers.discover(MetadataSource(issuer=real.issuer), CALLER)
    assert found.registration_endpoint is not None
    at = IssuerAddress(real.issuer)

    async def call(method: str, url: str, token: str, body: bytes | None = None) -> Response:
        assert issuers.admits_endpoint(at, url)
        call = Request(method=method, url=url, authorization=bearer(Confidential(token)), body=body)
        with issuers.slot(at, CALLER):
            answer = await issuers.exchange(call, at, timeout=10)
        assert isinstance(answer, Response)
        return answer

    token = real.initial_access_token()
    made = await call("POST", found.registration_endpoint, token, BODY)
    assert made.status == 201
    client = json.loads(made.body)
    uri, token = client["registration_client_uri"], client["registration_access_token"]
    assert (await call("GET", uri, token)).status == 200
    assert (await call("DELETE", uri, token)).status == 204
    assert (await call("DELETE", uri, token)).status in {400, 401}
    await issuers.close()
