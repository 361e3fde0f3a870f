"""Which URL is asked for a server's metadata."""

from collections.abc import Callable
from typing import Any

import pytest

from oauthclient_operator.client_library import DiscoveryForm, MetadataDocument, dynamic_client_registration
from oauthclient_operator.egress.url import destination
from oauthclient_operator.errors import DiscoveryFailed, InvalidArgumentType, InvalidArgumentValue
from tests.pure.client_library.op import ISSUER, OP, answered

OPENID, OAUTH = "/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"


async def asked(server: str | MetadataDocument, form: DiscoveryForm = DiscoveryForm.AUTO) -> list[str]:
    """Return the URLs that are asked while the answer is always that nothing is there."""
    op = OP(discovery=answered(404))
    with pytest.raises(DiscoveryFailed):
        await op.register(server=server, discovery_form=form)
    assert all((r.method, r.body, r.authorization, r.proof) == ("GET", None, None, None) for r in op.requests)
    return [request.url for request in op.requests]


@pytest.mark.parametrize(
    ("issuer", "form", "url"),
    [
        pytest.param(ISSUER, DiscoveryForm.OPENID, f"{ISSUER}{OPENID}", id="URL-01"),
        pytest.param(f"{ISSUER}/path", DiscoveryForm.OPENID, f"{ISSUER}/path{OPENID}", id="URL-03"),
        pytest.param(ISSUER, DiscoveryForm.OAUTH, f"{ISSUER}{OAUTH}", id="URL-04"),
        pytest.param(f"{ISSUER}/path", DiscoveryForm.OAUTH, f"{ISSUER}{OAUTH}/path", id="URL-05"),
        pytest.param(f"{ISSUER}/path/", DiscoveryForm.OAUTH, f"{ISSUER}{OAUTH}/path", id="URL-06"),
        pytest.param(f"{ISSUER}/path/", DiscoveryForm.OPENID, f"{ISSUER}/path{OPENID}", id="URL-07"),
        pytest.param(f"{ISSUER}/realms/a/b", DiscoveryForm.OAUTH, f"{ISSUER}{OAUTH}/realms/a/b", id="URL-08"),
        pytest.param(f"{ISSUER}//a//b/", DiscoveryForm.OPENID, f"{ISSUER}//a//b{OPENID}", id="URL-09: as written"),
        pytest.param(f"{ISSUER}//a//b/", DiscoveryForm.OAUTH, f"{ISSUER}{OAUTH}//a//b", id="URL-10: as written"),
        pytest.param(
            f"{ISSUER}/.well-known", DiscoveryForm.OPENID, f"{ISSUER}/.well-known{OPENID}", id="URL-19: an issuer"
        ),
    ],
)
async def test_the_place_of_the_document(issuer: str, form: DiscoveryForm, url: str) -> None:
    assert await asked(issuer, form) == [url]


async def test_URL_01_without_a_form_each_place_is_tried_the_one_of_openid_connect_first() -> None:
    issuer = f"{ISSUER}/path"
    assert await asked(issuer) == [f"{issuer}{OPENID}", f"{ISSUER}{OAUTH}/path", f"{ISSUER}{OPENID}/path"]


@pytest.mark.parametrize(
    ("issuer", "authority"),
    [
        pytest.param("https://op.example.com:443", "op.example.com", id="URL-13"),
        pytest.param("https://OP.Example.com", "op.example.com", id="URL-14"),
    ],
)
async def test_the_host_header_has_one_spelling(issuer: str, authority: str) -> None:
    (url,) = await asked(issuer, DiscoveryForm.OPENID)
    assert destination(url).authority == authority


@pytest.mark.parametrize(
    "url",
    [
        pytest.param(f"{ISSUER}{OPENID}", id="URL-15"),
        pytest.param(f"{ISSUER}{OAUTH}", id="URL-16"),
        pytest.param(f"{ISSUER}/.well-known/foo?x=y", id="URL-17"),
        pytest.param("https://documents.example.net/op.json", id="at another origin"),
    ],
)
@pytest.mark.parametrize("form", DiscoveryForm)
async def test_a_document_is_fetched_where_it_is_said_to_be(url: str, form: DiscoveryForm) -> None:
    assert await asked(MetadataDocument(url=url, issuer=ISSUER), form) == [url]


async def test_URL_15_what_an_issuer_is_is_never_told_by_its_shape() -> None:
    assert await asked(f"{ISSUER}{OPENID}", DiscoveryForm.OPENID) == [f"{ISSUER}{OPENID}{OPENID}"]


@pytest.mark.parametrize(
    ("issuer", "advice"),
    [
        pytest.param(f"{ISSUER}/path?x=1", "query", id="URL-11"),
        pytest.param(f"{ISSUER}/path#x", "fragment", id="URL-12"),
        pytest.param(f"{ISSUER}/?x=/.well-known/", "query", id="URL-18"),
        pytest.param("op.example.com", "https://", id="URL-21: not absolute"),
        pytest.param("", "https://", id="URL-21: empty"),
        pytest.param("https://name:pass-9@op.example.com", "user information", id="with a password"),
    ],
)
@pytest.mark.parametrize(
    "server", [str, lambda issuer: MetadataDocument(url=f"{ISSUER}{OPENID}", issuer=issuer)], ids=["issuer", "document"]
)
async def test_what_is_no_issuer_is_refused_without_a_request(
    issuer: str, advice: str, server: Callable[[str], Any]
) -> None:
    op = OP()
    with pytest.raises(InvalidArgumentValue, match=advice) as refusal:
        await op.register(server=server(issuer))
    assert refusal.value.code == "invalid_argument_value"
    assert "pass-9" not in str(refusal.value)
    assert op.requests == []


@pytest.mark.parametrize("server", [None, 7, b"https://op.example.com", MetadataDocument(url=7, issuer=ISSUER)])  # type: ignore[arg-type] # it is tested
async def test_URL_21_a_server_is_a_str_or_a_document(server: Any) -> None:
    with pytest.raises(InvalidArgumentType) as refusal:
        await dynamic_client_registration(server, {})
    assert refusal.value.code == "invalid_argument_type"


async def test_URL_20_a_form_is_one_of_three() -> None:
    with pytest.raises(InvalidArgumentType, match="discovery_form"):
        await OP().register(discovery_form="foo")
