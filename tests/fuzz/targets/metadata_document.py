"""An issuer's metadata document (RFC 8414 section 3.2), of which three URLs and a few words go on to apps."""

from typing import Final

from oauthclient_operator.errors import DiscoveryFailed, IssuerUnavailable
from oauthclient_operator.exchange import Response
from oauthclient_operator.oauth.rfc8414 import URL_LIMIT, server_metadata
from tests.fuzz.properties import one_line, refused
from tests.fuzz.target import Target

ISSUER: Final = "https://issuer.example"


def run(data: bytes) -> None:
    for status, needs_endpoint in ((200, True), (200, False), (403, True), (503, True)):
        _read(Response(status=status, body=data), needs_endpoint=needs_endpoint)


def _read(response: Response, *, needs_endpoint: bool) -> None:
    try:
        found = server_metadata(ISSUER, response, needs_endpoint=needs_endpoint)
    except (DiscoveryFailed, IssuerUnavailable) as error:
        refused(error)
        one_line(error.error_description)
        return
    assert response.status == 200
    assert found.issuer == ISSUER
    assert needs_endpoint or found.registration_endpoint is None
    urls = [found.registration_endpoint, *found.endpoints.values(), *found.mtls_endpoint_aliases.values()]
    for url in urls:
        if url is not None:
            assert len(url) <= URL_LIMIT
            assert all("!" <= c <= "~" for c in url)


TARGET: Final = Target(
    name="metadata_document",
    run=run,
    parsers=(server_metadata,),
    words=tuple(
        word.encode()
        for word in (
            ISSUER,
            "issuer",
            "registration_endpoint",
            "token_endpoint",
            "jwks_uri",
            "mtls_endpoint_aliases",
            "grant_types_supported",
            "token_endpoint_auth_methods_supported",
            "dpop_signing_alg_values_supported",
            "error",
            "error_description",
            "https://issuer.example/register",
            "HTTP://x",
        )
    ),
)
