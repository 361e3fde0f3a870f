"""OAuth 2.0 Mutual-TLS Client Authentication (RFC 8705): which endpoint a client calls that shows a certificate."""

from collections.abc import Mapping
from typing import Final

from ..errors import DiscoveryFailed
from .json_object import JSON
from .rfc8414 import ServerMetadata

METHODS: Final = frozenset({"tls_client_auth", "self_signed_tls_client_auth"})
"""Methods by which a client authenticates with its certificate (sections 2.1.1 and 2.2.1)."""
_ALIAS: Final = "mtls_endpoint_aliases."


def endpoint(server: ServerMetadata, name: str, *, use_aliases: bool) -> str | None:
    """Return the URL of an endpoint, or None where the server has no such endpoint.

    `use_aliases` says that the client does mutual TLS: it authenticates with a certificate, or asks for tokens that are
    bound to one.

    Raises:
        DiscoveryFailed: there is an alias, and it is not a URL; to call the other endpoint would be to guess.
    """
    # Section 5: "An OAuth client intending to do mutual TLS (for OAuth client authentication and/or to acquire or use
    # certificate-bound tokens) when making a request directly to the authorization server MUST use the alias URL of the
    # endpoint within the "mtls_endpoint_aliases", when present, in preference to the endpoint URL of the same name at
    # the top level of metadata."
    if use_aliases and name in server.mtls_endpoint_aliases:
        alias = server.mtls_endpoint_aliases[name]
        if alias is None:
            raise DiscoveryFailed(
                f"the issuer's metadata have an mtls_endpoint_aliases.{name} that is not an absolute URL"
            )
        return alias
    return server.registration_endpoint if name == "registration_endpoint" else server.endpoints.get(name)


def with_aliases(server: ServerMetadata) -> dict[str, str]:
    """Return the endpoints of a server that apps are told of, with their aliases as `mtls_endpoint_aliases.<name>`.

    So they are kept until it is known how the client authenticates; `preferred` reads them.
    """
    aliases = {
        f"{_ALIAS}{name}": url
        for name, url in server.mtls_endpoint_aliases.items()
        if url is not None and name != "registration_endpoint"
    }
    return {**server.endpoints, **aliases}


def preferred(endpoints: Mapping[str, str], *, mutual_tls: bool) -> dict[str, str]:
    """Return the endpoints for a client that does mutual TLS or does not, out of those of `with_aliases`."""
    plain = {name: url for name, url in endpoints.items() if not name.startswith(_ALIAS)}
    aliases = {name.removeprefix(_ALIAS): url for name, url in endpoints.items() if name.startswith(_ALIAS)}
    # Section 5, as above: "MUST use the alias URL".
    return {**plain, **aliases} if mutual_tls else plain


def does_mutual_tls(method: str, metadata: Mapping[str, JSON]) -> bool:
    """Whether a client authenticates with its certificate, or gets tokens that are bound to it (section 3.4)."""
    return method in METHODS or metadata.get("tls_client_certificate_bound_access_tokens") is True
