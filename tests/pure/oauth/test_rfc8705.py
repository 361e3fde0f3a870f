"""Which endpoint a client calls that does mutual TLS."""

import json
from typing import Any

import pytest

from oauthclient_operator.errors import DiscoveryFailed
from oauthclient_operator.exchange import Response
from oauthclient_operator.oauth.rfc8414 import ServerMetadata, server_metadata
from oauthclient_operator.oauth.rfc8705 import endpoint

ISSUER = "https://server.example.com"


def metadata(aliases: Any = None, **members: Any) -> ServerMetadata:
    document = {
        "issuer": ISSUER,
        "registration_endpoint": f"{ISSUER}/reg",
        "token_endpoint": f"{ISSUER}/token",
        "mtls_endpoint_aliases": aliases,
        **members,
    }
    return server_metadata(ISSUER, Response(status=200, body=json.dumps(document).encode()))


def test_SEC_10_an_endpoint_on_another_origin_with_a_query_is_taken_as_it_is() -> None:
    elsewhere = "https://elsewhere.example.com/reg?tenant=1"
    assert endpoint(metadata(registration_endpoint=elsewhere), "registration_endpoint", use_aliases=False) == elsewhere


@pytest.mark.parametrize("name", ["registration_endpoint", "token_endpoint"])
def test_SEC_11_D12_the_alias_is_used_by_who_does_mutual_tls(name: str) -> None:
    server = metadata({name: "https://mtls.example.com/x"})
    assert endpoint(server, name, use_aliases=True) == "https://mtls.example.com/x"


@pytest.mark.parametrize("alias", [None, "", "/reg", 1, "https://", "https://mtls.example.com/a b"])
def test_SEC_12_an_alias_that_is_no_url_is_not_passed_over(alias: Any) -> None:
    server = metadata({"registration_endpoint": alias})
    with pytest.raises(
        DiscoveryFailed, match=r"mtls_endpoint_aliases\.registration_endpoint that is not an absolute URL"
    ):
        endpoint(server, "registration_endpoint", use_aliases=True)
    # Who does not do mutual TLS is not concerned.
    assert endpoint(server, "registration_endpoint", use_aliases=False) == f"{ISSUER}/reg"


@pytest.mark.parametrize(("name", "path"), [("registration_endpoint", "reg"), ("token_endpoint", "token")])
def test_SEC_13_without_mutual_tls_the_plain_endpoint_is_used(name: str, path: str) -> None:
    server = metadata({name: "https://mtls.example.com/x"})
    assert endpoint(server, name, use_aliases=False) == f"{ISSUER}/{path}"


@pytest.mark.parametrize("aliases", [None, {}, {"revocation_endpoint": "https://mtls.example.com/"}, [], "x"])
def test_D12_where_there_is_no_alias_the_plain_endpoint_is_used(aliases: Any) -> None:
    server = metadata(aliases)
    assert endpoint(server, "token_endpoint", use_aliases=True) == f"{ISSUER}/token"
    assert endpoint(server, "introspection_endpoint", use_aliases=True) is None


def test_what_is_no_endpoint_has_no_alias() -> None:
    assert metadata({"x": "https://mtls.example.com/", "issuer": "https://x"}).mtls_endpoint_aliases == {}
