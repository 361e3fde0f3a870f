"""Clients that are registered at real servers, and whether their credentials are accepted there."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from oauthclient_operator.confidential import Confidential
from oauthclient_operator.egress.door import Door
from oauthclient_operator.egress.policy import EgressPolicy
from oauthclient_operator.exchange import Answer, Response
from oauthclient_operator.issuer.authorization_servers import AuthorizationServers
from oauthclient_operator.issuer.caller import Caller
from oauthclient_operator.issuer.prober import Prober
from oauthclient_operator.oauth import jose, rfc7592
from oauthclient_operator.oauth.authentication_methods import (
    ClientSecretBasic,
    ClientSecretJWT,
    ClientSecretPost,
    PrivateKeyJWT,
)
from oauthclient_operator.oauth.client_information import ClientInformation
from oauthclient_operator.oauth.client_metadata import ClientMetadata
from oauthclient_operator.oauth.metadata_source import MetadataSource
from oauthclient_operator.oauth.proof.credentials import Credentials, credentials_of
from oauthclient_operator.oauth.proof.results import Calibrated, Calibration, ProofResult
from oauthclient_operator.oauth.rfc7591 import registration_request
from oauthclient_operator.oauth.rfc8414 import ServerMetadata
from oauthclient_operator.reach import IssuerAddress
from oauthclient_operator.resource.key import oauth_client

CALLER = Caller(key=oauth_client("shop", "web"), uid="u1")
KEY, OTHER_KEY = jose.generate("ES256"), jose.generate("ES256")
KID = "k-1"


@dataclass(kw_only=True)
class Registered:
    """A client at a server, as long as it is there."""

    issuers: AuthorizationServers
    server: ServerMetadata
    information: ClientInformation
    credentials: Credentials
    seen: list[Answer] = field(default_factory=list)

    async def calibrate(self) -> Calibration:
        return await self._prober().calibrate(
            self.credentials, self.server, IssuerAddress(self.server.issuer), CALLER, saw=self.seen.append
        )

    async def calibrated(self) -> Calibrated:
        found = await self.calibrate()
        assert isinstance(found, Calibrated), found
        self.seen.clear()
        return found

    async def check(self, found: Calibrated, *, off: timedelta = timedelta()) -> ProofResult:
        """Check it by a clock that is off."""
        return await self._prober(off).check(
            self.credentials, found, self.server, IssuerAddress(self.server.issuer), CALLER, saw=self.seen.append
        )

    async def check_wrong(self, found: Calibrated) -> ProofResult:
        wrong = replace(self.credentials, authentication=with_wrong(self.credentials.authentication))
        return await self._prober().check(
            wrong, found, self.server, IssuerAddress(self.server.issuer), CALLER, saw=self.seen.append
        )

    async def deregister(self) -> int:
        request = rfc7592.deletion_request(self.information)
        answer = await self.issuers.exchange(request, IssuerAddress(self.server.issuer), timeout=20)
        assert isinstance(answer, Response)
        return answer.status

    def _prober(self, off: timedelta = timedelta()) -> Prober:
        return Prober(self.issuers, timeout=20, now=lambda: datetime.now(UTC) + off)


def with_wrong(authentication: Any) -> Any:
    match authentication:
        case ClientSecretBasic() | ClientSecretPost() | ClientSecretJWT():
            return replace(authentication, secret=Confidential("not-the-secret-of-this-client-nor-of-any-other"))
        case PrivateKeyJWT():
            return replace(authentication, key=OTHER_KEY)
    raise ValueError(authentication)


def metadata(method: str) -> dict[str, Any]:
    asked: dict[str, Any] = {
        "client_name": "proven",
        "redirect_uris": ["https://shop.example.com/cb"],
        "grant_types": ["authorization_code"],
        "response_types": ["code"],
        "token_endpoint_auth_method": method,
    }
    if method == "private_key_jwt":
        named = {"kid": KID, "use": "sig", "alg": KEY.algorithm}
        asked["jwks"] = {"keys": [{**KEY.public_jwk, **named}]}
    return asked


@asynccontextmanager
async def registered(real: Any, method: str, *, without: tuple[str, ...] = ()) -> AsyncIterator[Registered]:
    """Register a client, with metadata as they are usual but for some, and deregister it in the end, if it is still there."""
    door = Door(policy=EgressPolicy.parse(private_issuers=["127.0.0.0/8", "localhost"]), ca_bundle=real.trust)
    issuers = AuthorizationServers(lambda _issuer: door, exchange_timeout=20, concurrency=2)
    server = await issuers.discover(MetadataSource(issuer=real.issuer), CALLER)
    assert server.registration_endpoint is not None
    asked = ClientMetadata.confirmed({n: v for n, v in metadata(method).items() if n not in without})
    request = registration_request(server.registration_endpoint, asked, Confidential(real.initial_access_token()))
    answer = await issuers.exchange(request, IssuerAddress(real.issuer), timeout=20)
    assert isinstance(answer, Response)
    assert answer.status == 201, answer.body
    information = ClientInformation.parse(json.loads(answer.body))
    credentials = credentials_of(information, asked, key=KEY, kid=KID)
    assert isinstance(credentials, Credentials), credentials
    client = Registered(issuers=issuers, server=server, information=information, credentials=credentials)
    try:
        yield client
    finally:
        await client.deregister()
        await issuers.close()
