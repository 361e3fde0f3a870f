"""DP4, DP-12: the nonce of any response of an origin, discovery's among them, is the one for its next proof."""

from oauthclient_operator.egress.door import Door
from oauthclient_operator.exchange import Request
from oauthclient_operator.issuer.authorization_servers import AuthorizationServers
from oauthclient_operator.issuer.caller import Caller
from oauthclient_operator.oauth.metadata_source import MetadataSource
from oauthclient_operator.resource.key import oauth_client
from tests.parts.misbehaving import respond, send
from tests.parts.misbehaving_issuer import MisbehavingIssuer

CALLER = Caller(key=oauth_client("shop", "web"), uid="u1")
STRANGER = Caller(key=oauth_client("mallory", "web"), uid="u2")


async def test_the_nonce_of_any_complete_response_is_kept_for_its_origin(door: Door) -> None:
    behaving, other = MisbehavingIssuer(), MisbehavingIssuer()
    issuers = AuthorizationServers(lambda _issuer: door, exchange_timeout=5, concurrency=2)
    async with behaving.server, other.server:
        behaving.documents = lambda _, metadata: respond(200, metadata, DPoP_Nonce="of-discovery")
        found = await issuers.discover(MetadataSource(issuer=behaving.issuer), CALLER)
        url = str(found.registration_endpoint)
        assert issuers.nonce(url, behaving.address, CALLER.tenant) == "of-discovery"
        assert issuers.nonce(other.server.url("/reg"), other.address, CALLER.tenant) is None
        for answer, known in (
            (respond(500, DPoP_Nonce="of-an-error"), "of-an-error"),
            (respond(201, {"client_id": "x"}), "of-an-error"),
            (send(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nDPoP-Nonce: half\r\n\r\n{"), "of-an-error"),
            (send(b"HTTP/1.1 200 OK\r\nDPoP-Nonce: one\r\nDPoP-Nonce: two\r\n\r\n"), "of-an-error"),
            (respond(201, {"client_id": "x"}, dpop_nonce="of-a-success"), "of-a-success"),
        ):
            behaving.spoil("POST", lambda _, answer=answer: answer, applied=False)  # type: ignore[misc] # bound here
            request = Request(method="POST", url=url, body=b"{}")
            await issuers.exchange(request, behaving.address, tenant=CALLER.tenant, timeout=5)
            assert issuers.nonce(url, behaving.address, CALLER.tenant) == known
            assert issuers.nonce(url, behaving.address, STRANGER.tenant) is None, (
                "what one tenant was given is not another's"
            )
    await issuers.close()
