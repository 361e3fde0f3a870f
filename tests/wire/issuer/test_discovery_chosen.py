"""A document that is named, and a registration endpoint that is known beforehand: what they change, and for whom."""

from dataclasses import replace

import pytest

from oauthclient_operator.egress.door import Door
from oauthclient_operator.errors import DiscoveryFailed, EgressRefused, IssuerMismatch, MetadataMissing
from oauthclient_operator.issuer.authorization_servers import AuthorizationServers
from oauthclient_operator.issuer.caller import Caller
from oauthclient_operator.oauth.metadata_source import MetadataSource
from oauthclient_operator.resource.key import oauth_client
from tests.parts.misbehaving import Behaviour, leave, respond
from tests.wire.issuer.documents import APPENDED, INSERTED, OPENID_INSERTED, Documents, fetch

CALLER = Caller(key=oauth_client("shop", "web"), uid="u1")
MINE = "/a/metadata.json?v=1"


async def test_a_document_that_is_named_is_read_and_nothing_else(door: Door) -> None:
    documents = Documents()
    async with documents.server:
        documents.at[MINE] = documents.document(registration="/mine")
        documents.at[APPENDED] = documents.document()
        found = await fetch(documents, door, url=documents.server.url(MINE))
        assert found.registration_endpoint == documents.server.url("/mine")
        documents.at[MINE] = documents.document(registration=None)
        found = await fetch(documents, door, url=documents.server.url(MINE))
        assert found.registration_endpoint is None
        documents.at[MINE] = respond(404)
        with pytest.raises(MetadataMissing, match=r"404 from http.*v=1"):
            await fetch(documents, door, url=documents.server.url(MINE))
        assert documents.asked == [MINE] * 3


@pytest.mark.parametrize(
    ("behave", "failure", "words"),
    [
        (respond(200, {"issuer": "https://other.example.com"}), IssuerMismatch, "they must be the same"),
        (respond(302, location="https://idp.example.com/"), DiscoveryFailed, "redirects are not followed"),
        (respond(200, body=b"{}", content_type="text/plain"), DiscoveryFailed, "not served as application/json"),
    ],
    ids=["another issuer's", "a redirect", "an upload"],
)
async def test_a_document_that_is_named_is_held_to_the_same(
    behave: Behaviour, failure: type[Exception], words: str, door: Door
) -> None:
    documents = Documents()
    async with documents.server:
        documents.at = {MINE: behave, APPENDED: documents.document()}
        with pytest.raises(failure, match=words):
            await fetch(documents, door, url=documents.server.url(MINE))
        assert documents.asked == [MINE]


@pytest.mark.parametrize(
    "url",
    ["https://evil.example/m", "http://127.0.0.1:1/m", "http://127.0.0.1@evil.example/m", "/m", "http://localhost/m"],
)
async def test_a_document_at_another_origin_is_not_asked_for(url: str, door: Door) -> None:
    documents = Documents()
    async with documents.server:
        with pytest.raises(EgressRefused, match=r"spec\.discovery\.url is at another origin.*--allow-endpoint-origin"):
            await fetch(documents, door, url=url)
        assert documents.server.connections == 0


async def test_where_the_endpoint_is_known_any_document_will_do_whatever_it_says_of_it(door: Door) -> None:
    documents = Documents()
    async with documents.server:
        for said in (
            {"registration": None},
            {"registration_endpoint": "https://evil.example/"},
            {"registration_endpoint": 7},
        ):
            documents.at = {INSERTED: documents.document(token_endpoint="https://a/1", **said), OPENID_INSERTED: leave}
            found = await fetch(documents, door, needs_endpoint=False)
            assert (found.registration_endpoint, found.endpoints) == (None, {"token_endpoint": "https://a/1"})


async def test_an_endpoint_that_is_known_goes_before_the_one_that_is_advertised(door: Door) -> None:
    documents = Documents()
    issuers = AuthorizationServers(lambda _issuer: door, exchange_timeout=5, concurrency=2)
    async with documents.server:
        documents.at[APPENDED] = documents.document(token_endpoint="https://a/1")
        source, known = MetadataSource(issuer=documents.issuer, needs_endpoint=False), documents.server.url("/known")
        found = await issuers.discover(source, CALLER, registration_endpoint=known)
        assert (found.registration_endpoint, found.endpoints) == (known, {"token_endpoint": "https://a/1"})
        # One resource's word is nobody else's.
        found = await issuers.discover(MetadataSource(issuer=documents.issuer), CALLER)
        assert found.registration_endpoint == documents.server.url("/reg")
    await issuers.close()


async def test_an_issuer_without_any_metadata_is_known_by_its_endpoint(door: Door) -> None:
    documents = Documents()
    issuers = AuthorizationServers(lambda _issuer: door, exchange_timeout=5, concurrency=2)
    async with documents.server:
        source, known = MetadataSource(issuer=documents.issuer, needs_endpoint=False), documents.server.url("/known")
        found = await issuers.discover(source, CALLER, registration_endpoint=known)
        assert (found.issuer, found.registration_endpoint, found.endpoints) == (documents.issuer, known, {})
        assert documents.asked == [APPENDED, INSERTED, OPENID_INSERTED]
        named = replace(source, url=documents.server.url(MINE))
        with pytest.raises(MetadataMissing):
            await issuers.discover(named, CALLER, registration_endpoint=known)
    await issuers.close()


async def test_an_endpoint_at_another_origin_is_no_more_the_specs_than_the_documents(door: Door) -> None:
    documents = Documents()
    issuers = AuthorizationServers(lambda _issuer: door, exchange_timeout=5, concurrency=2)
    async with documents.server:
        documents.at[APPENDED] = documents.document()
        source = MetadataSource(issuer=documents.issuer, needs_endpoint=False)
        with pytest.raises(EgressRefused, match=r"spec\.discovery\.registrationEndpoint is at another origin"):
            await issuers.discover(source, CALLER, registration_endpoint="https://evil.example/reg")
        assert documents.server.connections == 0
    await issuers.close()
