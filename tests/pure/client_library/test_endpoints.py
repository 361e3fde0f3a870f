"""What may be called, and which registration endpoint it is."""

from pathlib import Path
from typing import Any

import pytest

from oauthclient_operator.client_library import MetadataDocument, TLSClientAuth, client_credentials_grant
from oauthclient_operator.errors import (
    DiscoveryFailed,
    EgressRefused,
    InvalidArgumentType,
    InvalidArgumentValue,
    OAuthError,
    RegistrationNotSupported,
)
from oauthclient_operator.exchange import ClientCertificate
from tests.pure.client_library.op import DOCUMENT, ISSUER, OP, REGISTRATION

HTTP = "http://op.example.com"
ALIAS = "https://mtls.op.example.com/reg"
ALIASED = {**DOCUMENT, "mtls_endpoint_aliases": {"registration_endpoint": ALIAS}}
CERTIFICATE = TLSClientAuth(ClientCertificate(chain=Path("client.pem"), key=Path("client.key")))


@pytest.mark.parametrize(
    "server",
    [
        pytest.param(HTTP, id="SEC-01"),
        pytest.param(MetadataDocument(url=f"{HTTP}/x.json", issuer=ISSUER), id="SEC-05"),
        pytest.param("https://169.254.169.254", id="a cloud's metadata service"),
    ],
)
async def test_what_must_not_be_called_is_refused_without_a_request(server: Any) -> None:
    op = OP()
    with pytest.raises(EgressRefused) as refusal:
        await op.register(server=server)
    assert refusal.value.code == "request_not_allowed"
    assert op.requests == []


async def test_SEC_02_plain_http_is_let_out_where_it_is_said() -> None:
    op = OP(discovery={**DOCUMENT, "issuer": HTTP})
    configuration = await op.register(server=HTTP, allow_insecure_requests=True)
    assert (configuration.issuer, op.registrations[0].url) == (HTTP, REGISTRATION)


@pytest.mark.parametrize("said", [1, "true", lambda: True], ids=["1", "a word", "SEC-03: a function"])
async def test_what_is_insecure_is_said_with_True_alone(said: Any) -> None:
    with pytest.raises(InvalidArgumentType, match="allow_insecure_requests"):
        await OP().register(server=HTTP, allow_insecure_requests=said)


async def test_SEC_04_another_scheme_is_never_let_out() -> None:
    with pytest.raises(InvalidArgumentValue, match="https"):
        await OP().register(server="ftp://op.example.com", allow_insecure_requests=True)


@pytest.mark.parametrize(
    ("endpoint", "insecure", "kind"),
    [
        pytest.param("http://op.example.com/reg", False, EgressRefused, id="SEC-06"),
        pytest.param("ftp://op.example.com/reg", True, DiscoveryFailed, id="SEC-07"),
        pytest.param(None, False, RegistrationNotSupported, id="SEC-09: null"),
        pytest.param("", False, RegistrationNotSupported, id="SEC-09: empty"),
        pytest.param("/reg", False, DiscoveryFailed, id="SEC-09: relative"),
        pytest.param(7, False, DiscoveryFailed, id="SEC-09: a number"),
        pytest.param("https://169.254.169.254/latest", False, EgressRefused, id="a cloud's metadata service"),
    ],
)
async def test_a_registration_endpoint_that_cannot_be_called(
    endpoint: Any, insecure: bool, kind: type[OAuthError]
) -> None:
    op = OP(discovery={**DOCUMENT, "registration_endpoint": endpoint})
    with pytest.raises(OAuthError) as refusal:
        await op.register(allow_insecure_requests=insecure)
    assert type(refusal.value) is kind
    assert op.registrations == []


async def test_SEC_08_no_registration_endpoint() -> None:
    with pytest.raises(RegistrationNotSupported, match="registration_endpoint") as refusal:
        await OP(discovery={"issuer": ISSUER}).register()
    assert refusal.value.code == "registration_not_supported"


async def test_SEC_10_an_endpoint_may_be_at_another_origin_and_have_a_query() -> None:
    endpoint = "https://reg.example.net/clients?tenant=1"
    op = OP(discovery={**DOCUMENT, "registration_endpoint": endpoint})
    await op.register()
    assert op.registrations[0].url == endpoint


@pytest.mark.parametrize(
    ("said", "authentication", "url"),
    [
        pytest.param(True, None, ALIAS, id="SEC-11"),
        pytest.param(None, None, REGISTRATION, id="SEC-13"),
        pytest.param(False, CERTIFICATE, REGISTRATION, id="SEC-13: said"),
        pytest.param(None, CERTIFICATE, ALIAS, id="RFC 8705 section 5: who shows a certificate calls the alias"),
    ],
)
async def test_which_endpoint_is_called(said: bool | None, authentication: Any, url: str) -> None:
    op = OP(discovery=ALIASED)
    await op.register({}, authentication, use_mtls_endpoint_aliases=said)
    (request,) = op.registrations
    assert request.url == url
    assert request.certificate == (None if authentication is None else authentication.certificate)


@pytest.mark.parametrize("alias", [None, "", "/reg"])
async def test_SEC_12_an_alias_that_is_no_url(alias: Any) -> None:
    op = OP(discovery={**DOCUMENT, "mtls_endpoint_aliases": {"registration_endpoint": alias}})
    with pytest.raises(DiscoveryFailed, match=r"mtls_endpoint_aliases\.registration_endpoint"):
        await op.register(use_mtls_endpoint_aliases=True)
    assert op.registrations == []


async def test_a_certificate_is_shown_at_the_token_endpoint_too() -> None:
    aliases = {"token_endpoint": "https://mtls.op.example.com/token"}
    op = OP(discovery={**DOCUMENT, "mtls_endpoint_aliases": aliases})
    await client_credentials_grant(await op.register({}, CERTIFICATE))
    (request,) = op.token_requests
    assert (request.url, request.certificate) == (aliases["token_endpoint"], CERTIFICATE.certificate)
