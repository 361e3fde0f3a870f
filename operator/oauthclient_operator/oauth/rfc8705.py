"""OAuth 2.0 Mutual-TLS Client Authentication (RFC 8705): which endpoint a client calls that shows a certificate."""

from typing import Final

from ..errors import DiscoveryError
from .rfc8414 import ServerMetadata

METHODS: Final = frozenset({"tls_client_auth", "self_signed_tls_client_auth"})
"""Methods by which a client authenticates with its certificate (sections 2.1.1 and 2.2.1)."""


def endpoint(server: ServerMetadata, name: str, *, use_aliases: bool) -> str | None:
    """Return the URL of an endpoint, or None where the server has no such endpoint.

    `use_aliases` says that the client does mutual TLS: it authenticates with a certificate, or asks for tokens that are
    bound to one.

    Raises:
        DiscoveryError: there is an alias, and it is not a URL; to call the other endpoint would be to guess.
    """
    # Section 5: "An OAuth client intending to do mutual TLS (for OAuth client authentication and/or to acquire or use
    # certificate-bound tokens) when making a request directly to the authorization server MUST use the alias URL of the
    # endpoint within the "mtls_endpoint_aliases", when present, in preference to the endpoint URL of the same name at
    # the top level of metadata."
    if use_aliases and name in server.mtls_endpoint_aliases:
        alias = server.mtls_endpoint_aliases[name]
        if alias is None:
            raise DiscoveryError(
                f"the issuer's metadata have an mtls_endpoint_aliases.{name} that is not an absolute URL"
            )
        return alias
    return server.registration_endpoint if name == "registration_endpoint" else server.endpoints.get(name)
