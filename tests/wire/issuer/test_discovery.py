"""Where metadata are looked for, when the search goes on, and what they may name."""

import pytest

from oauthclient_operator.egress.door import Door
from oauthclient_operator.egress.policy import EgressPolicy
from oauthclient_operator.errors import DiscoveryFailed, EgressRefused, IssuerMismatch, IssuerUnavailable
from oauthclient_operator.issuer.discovery import Discovery
from oauthclient_operator.oauth.metadata_source import MetadataSource
from oauthclient_operator.oauth.rfc8414 import DiscoveryForm
from oauthclient_operator.oauth.rfc9449 import Nonces
from tests.parts.certificates import CertificateAuthority
from tests.parts.misbehaving import Behaviour, hang, leave, respond
from tests.wire.issuer.documents import APPENDED, INSERTED, OPENID_INSERTED, Documents, fetch


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
        with pytest.raises(DiscoveryFailed, match="404"):
            await fetch(documents, door, form)
        documents.at[place] = documents.document()
        assert (await fetch(documents, door, form)).issuer == documents.issuer
        assert documents.asked == [place, place]


@pytest.mark.parametrize(
    ("behave", "failure"),
    [
        (respond(200, {"issuer": "https://other.example.com"}), IssuerMismatch),
        (respond(200, body=b"<html>", content_type="text/html"), DiscoveryFailed),
        (respond(200, ["no object"]), DiscoveryFailed),
        (respond(403, {}), DiscoveryFailed),
        (respond(302, location="/elsewhere"), DiscoveryFailed),
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
        with pytest.raises(DiscoveryFailed, match="there is no metadata document: 404 from http"):
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
        await Discovery(lambda _issuer: door, Nonces(), timeout=1).fetch(MetadataSource(issuer=issuer))


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
        with pytest.raises(DiscoveryFailed) as refusal:
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
