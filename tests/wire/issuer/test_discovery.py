"""Where metadata are looked for, when the search goes on, and what they may name."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from oauthclient_operator.egress.door import Door
from oauthclient_operator.egress.policy import EgressPolicy
from oauthclient_operator.errors import (
    DiscoveryError,
    EgressRefused,
    IssuerMismatch,
    IssuerUnavailable,
    MetadataMissing,
)
from oauthclient_operator.issuer.discovery import Discovery
from oauthclient_operator.issuer.limits import Limits
from oauthclient_operator.issuer.protocol import Issuer
from oauthclient_operator.oauth.metadata_source import MetadataSource
from oauthclient_operator.oauth.rfc8414 import DiscoveryForm, ServerMetadata
from tests.parts.certificates import CertificateAuthority
from tests.parts.misbehaving import Behaviour, MisbehavingServer, Received, hang, leave, respond

APPENDED = "/a/.well-known/openid-configuration"
INSERTED = "/.well-known/oauth-authorization-server/a"
OPENID_INSERTED = "/.well-known/openid-configuration/a"


class Documents:
    """A server with documents at paths; 404 everywhere else."""

    def __init__(self) -> None:
        self.at: dict[str, Behaviour] = {}
        self.server = MisbehavingServer(self._behave)

    async def _behave(self, received: Received, writer: asyncio.StreamWriter) -> None:
        await self.at.get(received.target, respond(404, body=b"<html>", content_type="text/html"))(received, writer)

    @property
    def issuer(self) -> str:
        return self.server.url("/a")

    @property
    def asked(self) -> list[str]:
        return [request.target for request in self.server.requests]

    def document(self, *, registration: str | None = "/reg", **members: Any) -> Behaviour:
        endpoint = {} if registration is None else {"registration_endpoint": self.server.url(registration)}
        return respond(200, {"issuer": self.issuer, **endpoint, **members})


async def fetch(
    documents: Documents, door: Door, form: DiscoveryForm = DiscoveryForm.AUTO, *, within: float = 5, **source: Any
) -> ServerMetadata:
    source = {"issuer": documents.issuer, "form": form, **source}
    return await Discovery(door, Limits(2), timeout=within).fetch(MetadataSource(**source))


@pytest.mark.parametrize(
    ("place", "asked"),
    [
        (APPENDED, [APPENDED]),
        (INSERTED, [APPENDED, INSERTED]),
        (OPENID_INSERTED, [APPENDED, INSERTED, OPENID_INSERTED]),
    ],
)
async def test_auto_goes_on_after_a_404(place: str, asked: list[str], door: Door) -> None:
    documents = Documents()
    async with documents.server:
        documents.at[place] = documents.document()
        found = await fetch(documents, door)
        assert found.registration_endpoint == documents.server.url("/reg")
        assert documents.asked == asked


async def test_auto_goes_on_after_a_document_without_registration_endpoint(door: Door) -> None:
    documents = Documents()
    async with documents.server:
        documents.at[APPENDED] = documents.document(registration=None)
        documents.at[INSERTED] = documents.document()
        found = await fetch(documents, door)
        assert found.registration_endpoint == documents.server.url("/reg")


async def test_a_server_that_nowhere_names_a_registration_endpoint_is_known_all_the_same(door: Door) -> None:
    documents = Documents()
    async with documents.server:
        documents.at[INSERTED] = documents.document(registration=None, token_endpoint=documents.server.url("/1"))
        documents.at[OPENID_INSERTED] = documents.document(registration=None, token_endpoint=documents.server.url("/2"))
        found = await fetch(documents, door)
        assert found.registration_endpoint is None
        assert found.endpoints["token_endpoint"] == documents.server.url("/1")


@pytest.mark.parametrize(
    ("form", "place"), [(DiscoveryForm.OPENID, APPENDED), (DiscoveryForm.OAUTH, INSERTED)], ids=str
)
async def test_a_form_that_is_named_asks_in_one_place(form: DiscoveryForm, place: str, door: Door) -> None:
    documents = Documents()
    async with documents.server:
        with pytest.raises(DiscoveryError, match="404"):
            await fetch(documents, door, form)
        documents.at[place] = documents.document()
        assert (await fetch(documents, door, form)).issuer == documents.issuer
        assert documents.asked == [place, place]


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
        (respond(302, location="https://idp.example.com/"), DiscoveryError, "redirects are not followed"),
        (respond(200, body=b"{}", content_type="text/plain"), DiscoveryError, "not served as application/json"),
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
    issuers = Issuer(door, exchange_timeout=5, at_once=2)
    async with documents.server:
        documents.at[APPENDED] = documents.document(token_endpoint="https://a/1")
        source, known = MetadataSource(issuer=documents.issuer, needs_endpoint=False), documents.server.url("/known")
        found = await issuers.discover(source, registration_endpoint=known)
        assert (found.registration_endpoint, found.endpoints) == (known, {"token_endpoint": "https://a/1"})
        # One resource's word is nobody else's.
        found = await issuers.discover(MetadataSource(issuer=documents.issuer))
        assert found.registration_endpoint == documents.server.url("/reg")
    await issuers.close()


async def test_an_issuer_without_any_metadata_is_known_by_its_endpoint(door: Door) -> None:
    documents = Documents()
    issuers = Issuer(door, exchange_timeout=5, at_once=2)
    async with documents.server:
        source, known = MetadataSource(issuer=documents.issuer, needs_endpoint=False), documents.server.url("/known")
        found = await issuers.discover(source, registration_endpoint=known)
        assert (found.issuer, found.registration_endpoint, found.endpoints) == (documents.issuer, known, {})
        assert documents.asked == [APPENDED, INSERTED, OPENID_INSERTED]
        named = replace(source, url=documents.server.url(MINE))
        with pytest.raises(MetadataMissing):
            await issuers.discover(named, registration_endpoint=known)
    await issuers.close()


async def test_an_endpoint_at_another_origin_is_no_more_the_specs_than_the_documents(door: Door) -> None:
    documents = Documents()
    issuers = Issuer(door, exchange_timeout=5, at_once=2)
    async with documents.server:
        documents.at[APPENDED] = documents.document()
        source = MetadataSource(issuer=documents.issuer, needs_endpoint=False)
        with pytest.raises(EgressRefused, match=r"spec\.discovery\.registrationEndpoint is at another origin"):
            await issuers.discover(source, registration_endpoint="https://evil.example/reg")
        assert documents.server.connections == 0
    await issuers.close()


@pytest.mark.parametrize(
    ("behave", "failure"),
    [
        (respond(200, {"issuer": "https://other.example.com"}), IssuerMismatch),
        (respond(200, body=b"<html>", content_type="text/html"), DiscoveryError),
        (respond(200, ["no object"]), DiscoveryError),
        (respond(403, {}), DiscoveryError),
        (respond(302, location="/elsewhere"), DiscoveryError),
        (respond(503, {}), IssuerUnavailable),
        (respond(429, {}, retry_after="7"), IssuerUnavailable),
        (leave, IssuerUnavailable),
        (hang, IssuerUnavailable),
    ],
    ids=["another issuer", "html", "an array", "403", "a redirect", "503", "429", "no answer", "a hang"],
)
async def test_every_other_failure_is_the_issuers_answer(
    behave: Behaviour, failure: type[Exception], door: Door
) -> None:
    documents = Documents()
    async with documents.server:
        documents.at = {APPENDED: behave, INSERTED: documents.document()}
        with pytest.raises(failure):
            await fetch(documents, door, within=0.3 if behave is hang else 5)
        assert documents.asked == [APPENDED]


async def test_a_document_that_is_nowhere_is_missing(door: Door) -> None:
    documents = Documents()
    async with documents.server:
        with pytest.raises(DiscoveryError, match="there is no metadata document: 404 from http"):
            await fetch(documents, door)
        assert documents.asked == [APPENDED, INSERTED, OPENID_INSERTED]


async def test_what_the_door_refuses_is_not_the_issuers_fault(certificate_authority: CertificateAuthority) -> None:
    documents = Documents()
    async with documents.server:
        strict = Door(policy=EgressPolicy(), ca_bundle=certificate_authority.bundle)
        with pytest.raises(EgressRefused, match="plain http"):
            await fetch(documents, strict)
        assert documents.server.connections == 0


@pytest.mark.parametrize(
    "issuer", ["https://idp.example.com\n.evil.example", "https://u@idp.example.com", "https://0177.1"]
)
async def test_an_issuer_that_says_where_it_is_in_two_ways_is_not_asked(issuer: str, door: Door) -> None:
    with pytest.raises(EgressRefused):
        await Discovery(door, Limits(1), timeout=1).fetch(MetadataSource(issuer=issuer))


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://evil.example/reg",
        "http://127.0.0.1:1/reg",
        "http://127.0.0.1@evil.example/reg",
        "http://localhost/reg",
        "/reg",
        "javascript:alert(1)",
    ],
)
async def test_a_registration_endpoint_at_another_origin_is_not_taken(endpoint: str, door: Door) -> None:
    documents = Documents()
    async with documents.server:
        documents.at[APPENDED] = documents.document(registration_endpoint=endpoint)
        documents.at[INSERTED] = documents.document()
        with pytest.raises(DiscoveryError) as refusal:
            await fetch(documents, door)
        assert "evil" not in str(refusal.value)


async def test_a_registration_endpoint_at_an_origin_that_the_configuration_names_is_taken(
    certificate_authority: CertificateAuthority,
) -> None:
    documents = Documents()
    async with documents.server:
        policy = EgressPolicy.parse(
            private_issuers=["127.0.0.1"],
            http_issuers=["127.0.0.1"],
            endpoint_origins=[f"{documents.issuer}=https://login.example.com"],
        )
        documents.at[APPENDED] = documents.document(registration_endpoint="https://login.example.com/reg")
        door = Door(policy=policy, ca_bundle=certificate_authority.bundle)
        assert (await fetch(documents, door)).registration_endpoint == "https://login.example.com/reg"


async def test_there_are_no_more_exchanges_at_once_with_one_issuer_than_allowed(door: Door) -> None:
    documents = Documents()
    async with documents.server:
        both = asyncio.Event()

        async def count(received: Received, writer: asyncio.StreamWriter) -> None:
            if len(documents.server.requests) == 2:
                both.set()
            await hang(received, writer)

        documents.at[APPENDED] = count
        discovery = Discovery(door, Limits(2), timeout=5)
        fetches = [asyncio.create_task(discovery.fetch(MetadataSource(issuer=documents.issuer))) for _ in range(5)]
        async with asyncio.timeout(5):
            await both.wait()
        # A third has nothing to wait for but its place.
        for _ in range(100):
            await asyncio.sleep(0)
        assert documents.server.connections == 2
        for task in fetches:
            task.cancel()
        await asyncio.wait(fetches)
