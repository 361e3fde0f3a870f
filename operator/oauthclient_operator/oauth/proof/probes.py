"""The requests that can prove a client's credentials, and the order in which they are tried."""

from dataclasses import dataclass
from enum import StrEnum

from ..authentication_methods import (
    ClientSecretBasic,
    ClientSecretJWT,
    ClientSecretPost,
    NoAuthentication,
    PrivateKeyJWT,
)
from ..rfc8414 import ServerMetadata

Authentication = NoAuthentication | ClientSecretBasic | ClientSecretPost | ClientSecretJWT | PrivateKeyJWT
"""How a client can authenticate with what a record holds."""


class ProbeKind(StrEnum):
    """What is asked for, and at which endpoint; it never exists."""

    REVOCATION = "revocation"
    """That a token be revoked (RFC 7009)."""
    TOKEN = "token"  # noqa: S105 - a name
    """Tokens for an authorization code (RFC 6749 section 4.1.3): never a grant that would mint one."""
    INTROSPECTION = "introspection"
    """What is known of a token (RFC 7662)."""

    @property
    def endpoint(self) -> str:
        """The name of the endpoint in the server's metadata (RFC 8414 section 2)."""
        return f"{self.value}_endpoint"


class ProbeAudience(StrEnum):
    """Whom the assertion is for, where there is one."""

    ISSUER = "issuer"
    ENDPOINT = "endpoint"
    """The endpoint that is called, whichever it is."""


class ProbeForm(StrEnum):
    """What the form holds beside the parameters of the request and those of client authentication."""

    PLAIN = "plain"
    CLIENT_ID = "client_id"
    """The client identifier, for servers that look for it there although it stands in the Authorization header."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One kind of request; `audience` is None where the client authenticates without an assertion."""

    kind: ProbeKind
    audience: ProbeAudience | None = None
    form: ProbeForm = ProbeForm.PLAIN


def probes(authentication: Authentication, server: ServerMetadata) -> tuple[Probe, ...]:
    """Return the probes that a server has the endpoints for, the best first.

    Revocation goes first, for its answer is the clearest, unless the server says that the client's method is not for
    there (RFC 8414 section 2). That a server says nothing means nothing: many take every method then.
    """
    said = server.revocation_endpoint_auth_methods_supported
    kinds = [
        kind
        for kind in ProbeKind
        if server.endpoints.get(kind.endpoint) is not None
        and (kind is not ProbeKind.REVOCATION or not said or authentication.method in said)
    ]
    match authentication:
        case ClientSecretJWT() | PrivateKeyJWT():
            return tuple(Probe(kind=kind, audience=audience) for audience in ProbeAudience for kind in kinds)
        case ClientSecretBasic():
            return tuple(Probe(kind=kind, form=form) for form in ProbeForm for kind in kinds)
        case _:
            return tuple(Probe(kind=kind) for kind in kinds)
