"""What the answer to discovery comes to, and whether it is about the issuer that was asked."""

from typing import Any

import pytest

from oauthclient_operator.client_library import DiscoveryForm, MetadataDocument
from oauthclient_operator.errors import DiscoveryFailed, IssuerMismatch, IssuerUnavailable, MetadataMissing, OAuthError
from oauthclient_operator.exchange import Incomplete, NotSent
from tests.pure.client_library.op import DOCUMENT, ISSUER, OP, answered

REFUSALS: dict[str, tuple[Any, type[OAuthError], str]] = {
    "DR-03": (answered(404), MetadataMissing, "404"),
    "DR-04": (answered(200, body=b'{"'), DiscoveryFailed, "not JSON"),
    "DR-05": (answered(200, body=b"null"), DiscoveryFailed, "not a JSON object"),
    "DR-06": (answered(200, []), DiscoveryFailed, "not a JSON object"),
    "DR-07": (answered(200, {"issuer": None}), DiscoveryFailed, "no issuer"),
    "DR-08": (answered(200, {"issuer": "https://another-op.example.com"}), IssuerMismatch, "another-op"),
    "DR-10: missing": (answered(200, {}), DiscoveryFailed, "no issuer"),
    "DR-10: a number": (answered(200, {"issuer": 7}), DiscoveryFailed, "no issuer"),
    "DR-10: empty": (answered(200, {"issuer": ""}), DiscoveryFailed, "no issuer"),
    "DR-11: 201": (answered(201, DOCUMENT), DiscoveryFailed, "201"),
    "DR-11: 302": (answered(302, location=f"{ISSUER}/x"), DiscoveryFailed, "redirects are not followed"),
    "DR-11: 404 with an error": (answered(404, {"error": "x"}), MetadataMissing, "404"),
    "DR-11: 401": (answered(401, www_authenticate="Bearer"), DiscoveryFailed, "401"),
    "DR-11: 500": (answered(500), IssuerUnavailable, "500"),
    "DR-12": (answered(200, body=b"<html>", content_type="text/html"), DiscoveryFailed, "application/json"),
    "DR-13: text/plain": (answered(200, DOCUMENT, content_type="text/plain"), DiscoveryFailed, "application/json"),
    "DR-15": (answered(200, {"issuer": "not a url"}), IssuerMismatch, "not a url"),
    "DR-16": (Incomplete(cause="no complete response within 30 s"), IssuerUnavailable, "within 30 s"),
    "DR-18": (answered(400, {"error": {}}), DiscoveryFailed, "400"),
    "DR-19": (answered(200, body=b""), DiscoveryFailed, "not JSON"),
    "DR-20": (answered(301, location=f"{ISSUER}/x"), DiscoveryFailed, "redirects are not followed"),
    "not sent": (NotSent(cause="op.example.com has no address"), IssuerUnavailable, "no address"),
}


@pytest.mark.parametrize("case", REFUSALS)
async def test_nothing_is_registered_where_discovery_fails(case: str) -> None:
    answer, kind, said = REFUSALS[case]
    op = OP(discovery=answer)
    with pytest.raises(OAuthError, match=said) as refusal:
        await op.register()
    assert type(refusal.value) is kind
    assert op.registrations == []


async def test_DR_09_the_document_is_returned_as_it_is() -> None:
    document = {**DOCUMENT, "x": [1, {"y": None}], "response_modes_supported": ["query"]}
    configuration = await OP(discovery=document).register()
    assert configuration.server_metadata() == document
    assert configuration.issuer == ISSUER


async def test_DR_13_a_document_without_content_type_is_taken() -> None:
    answer = answered(200, DOCUMENT)
    op = OP(discovery=type(answer)(status=200, body=answer.body))
    assert (await op.register()).client_id == "foo"


async def test_DR_14_a_transport_may_follow_where_we_do_not() -> None:
    # The answer that it found in the end is what it returns.
    op = OP()
    moved = answered(302, location=f"{ISSUER}/elsewhere")

    async def following(request: Any, send: Any) -> Any:
        answer = moved if request.method == "GET" else await op.transport(request, send)
        return await op.transport(request, send) if answer is moved else answer

    assert (await op.register(transport=following)).client_id == "foo"


async def test_DR_17_what_the_server_said_is_data_whatever_its_status() -> None:
    answer = answered(500, {"error": "server_error", "error_description": "bad things are happening"}, retry_after="7")
    with pytest.raises(IssuerUnavailable) as refusal:
        await OP(discovery=answer).register()
    said = refusal.value
    assert (said.status, said.error, said.error_description) == (
        500,
        "server_error",
        '"bad things are happening"'[1:-1],
    )
    assert said.retry_after == 7.0


async def test_DR_21_absent_members_have_the_meaning_that_the_specifications_give_them() -> None:
    configuration = await OP().register()
    assert configuration.server.token_endpoint_auth_methods_supported == ("client_secret_basic",)
    assert configuration.server.grant_types_supported == ("authorization_code", "implicit")
    # They are for reading: the document is as the server wrote it.
    assert configuration.server_metadata() == DOCUMENT


ENTRA = "https://login.microsoftonline.com"
B2C = "https://tenant.b2clogin.com/tenant.onmicrosoft.com/policy/v2.0"
MISMATCHES = {
    "ISS-01": (ISSUER, f"{ISSUER}/"),
    "ISS-03": (ISSUER, f"{ISSUER}/pathname"),
    "ISS-05": (f"{ISSUER}/path", f"{ISSUER}/path/"),
    "ISS-06": (f"{ISSUER}/path/", f"{ISSUER}/path"),
    "ISS-07": (ISSUER, "http://op.example.com"),
    "ISS-08": ("https://OP.Example.com", "https://OP.EXAMPLE.COM:443"),
    "ISS-09": (f"{ENTRA}/common/v2.0", f"{ENTRA}/{{tenantid}}/v2.0"),
    "ISS-10": (f"{ENTRA}/common/v2.0/", f"{ENTRA}/{{tenantid}}/v2.0"),
    "ISS-11": (f"{ENTRA}/organizations/v2.0", f"{ENTRA}/{{tenantid}}/v2.0"),
    "ISS-12": (f"{ENTRA}/organizations/v2.0/", f"{ENTRA}/{{tenantid}}/v2.0"),
    "ISS-13": (B2C, "https://tenant.b2clogin.com/0f1/v2.0/"),
    "ISS-14": (f"{B2C}/", "https://tenant.b2clogin.com/0f1/v2.0/"),
    "ISS-15": (B2C.replace("policy", "b2c_1"), "https://tenant.b2clogin.com/0f1/v2.0/"),
    "ISS-16": (B2C.replace("policy", "b2c_1") + "/", "https://tenant.b2clogin.com/0f1/v2.0/"),
}


@pytest.mark.parametrize("case", MISMATCHES)
async def test_the_issuer_is_compared_code_point_by_code_point(case: str) -> None:
    asked, found = MISMATCHES[case]
    op = OP(discovery={**DOCUMENT, "issuer": found})
    with pytest.raises(IssuerMismatch) as mismatch:
        await op.register(server=asked)
    assert mismatch.value.code == "issuer_mismatch"
    assert op.registrations == []


async def test_ISS_02_the_same_issuer_is_the_same() -> None:
    assert (await OP().register()).issuer == ISSUER


@pytest.mark.parametrize("found", [ISSUER, "https://other.example.com"])
async def test_ISS_04_ISS_17_a_document_by_its_url_names_the_issuer_all_the_same(found: str) -> None:
    document = MetadataDocument(url=f"{ISSUER}/.well-known/openid-configuration", issuer=ISSUER)
    op = OP(discovery={**DOCUMENT, "issuer": found})
    if found == ISSUER:
        assert (await op.register(server=document)).issuer == ISSUER
    else:
        with pytest.raises(IssuerMismatch):
            await op.register(server=document)
    assert len(op.registrations) == (found == ISSUER)


async def test_the_search_goes_on_to_the_document_that_has_a_registration_endpoint() -> None:
    found: list[str] = []

    async def transport(request: Any, _: Any) -> Any:
        found.append(request.url)
        if request.method == "POST":
            return answered(201, {"client_id": "foo"})
        here = {"issuer": ISSUER, "x": len(found)}
        return answered(200, here if len(found) == 1 else {**DOCUMENT, **here})

    configuration = await OP().register(transport=transport, discovery_form=DiscoveryForm.AUTO)
    assert configuration.server_metadata()["x"] == 2
