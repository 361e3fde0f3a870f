"""What may be reached, and whom to trust there, is each issuer's own: one issuer's door opens nothing for another."""

import pytest

from oauthclient_operator.egress.door import Door
from oauthclient_operator.egress.policy import EgressPolicy
from oauthclient_operator.errors import EgressRefused
from oauthclient_operator.exchange import NotSent, Request, Response
from oauthclient_operator.issuer.authorization_servers import AuthorizationServers
from oauthclient_operator.issuer.caller import Caller
from oauthclient_operator.oauth.metadata_source import MetadataSource
from oauthclient_operator.reach import IssuerAddress
from oauthclient_operator.resource.key import oauth_client
from tests.parts.certificates import CertificateAuthority
from tests.parts.misbehaving_issuer import MisbehavingIssuer

CALLER = Caller(key=oauth_client("shop", "web"), uid="u1")
ELSEWHERE = IssuerAddress("https://elsewhere.example")


async def test_each_issuer_is_reached_by_its_own_policy_and_trust(
    door: Door, certificate_authority: CertificateAuthority
) -> None:
    behaving = MisbehavingIssuer(certificate=certificate_authority.certificate(), initial_access_token="iat")
    strict = Door(policy=EgressPolicy())
    issuers = AuthorizationServers(
        lambda issuer: door if issuer == behaving.address else strict, exchange_timeout=5, concurrency=2
    )
    async with behaving.server:
        found = await issuers.discover(MetadataSource(issuer=behaving.issuer), CALLER)
        assert found.registration_endpoint is not None
        post = Request(method="POST", url=found.registration_endpoint, body=b"{}")
        assert isinstance(await issuers.exchange(post, behaving.address, timeout=5), Response)
        # The same address, asked for on another issuer's behalf.
        refused = await issuers.exchange(post, ELSEWHERE, timeout=5)
        assert isinstance(refused, NotSent)
        assert refused.refused
    assert (issuers.trust(behaving.address), issuers.trust(ELSEWHERE)) == (door.trust, "system")
    with pytest.raises(EgressRefused):
        await issuers.discover(MetadataSource(issuer="http://elsewhere.example"), CALLER)
    await issuers.close()
