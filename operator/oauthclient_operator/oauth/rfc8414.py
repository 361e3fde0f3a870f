"""OAuth 2.0 Authorization Server Metadata (RFC 8414), and OpenID Connect Discovery 1.0, whose documents it generalises."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

from ..errors import DiscoveryError, IssuerMismatch, IssuerUnavailable
from ..names import PUBLISHED_ENDPOINTS
from .exchange import Response
from .json_object import JSON, MalformedJSON, decode
from .retry_after import retry_after
from .words import words

DOCUMENT_LIMIT: Final = 256 * 1024
"""Bytes of a metadata document."""
OAUTH_SUFFIX: Final = "/.well-known/oauth-authorization-server"
OPENID_SUFFIX: Final = "/.well-known/openid-configuration"


class DiscoveryForm(StrEnum):
    """Where the metadata document is looked for."""

    AUTO = "Auto"
    OPENID = "OpenID"
    OAUTH = "OAuth"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerMetadata:
    """What an issuer says of itself, as far as it is used; `endpoints` are those that are published to apps."""

    issuer: str
    registration_endpoint: str | None
    endpoints: Mapping[str, str]
    token_endpoint_auth_methods_supported: tuple[str, ...]
    grant_types_supported: tuple[str, ...]


def issuer_problem(issuer: str) -> str | None:
    """Return what is wrong with an issuer identifier, for people, or None; the value is not repeated.

    RFC 8414 section 2: "a URL that uses the "https" scheme and has no query or fragment components". Plain http is the
    egress door's to judge.
    """
    try:
        parts = urlsplit(issuer)
        has_host = bool(parts.hostname)
        _ = parts.port
    except ValueError:
        return "spec.issuer is not a URL; write an absolute https URL"
    if parts.scheme not in ("https", "http") or not has_host or "\\" in issuer:
        return "spec.issuer is not an absolute URL; write it with https:// and a host"
    if "@" in parts.netloc:
        return "spec.issuer has user information before the host; leave it out"
    if "?" in issuer or "#" in issuer:
        return "spec.issuer has a query or a fragment; leave it out (RFC 8414 section 2)"
    if not issuer.isascii() or any(c.isspace() or not c.isprintable() for c in issuer):
        return "spec.issuer has characters that a URL does not have"
    return None


def well_known_urls(issuer: str, form: DiscoveryForm) -> tuple[str, ...]:
    """Return the URLs of the metadata document, in the order in which they are tried.

    OpenID Connect Discovery section 4 appends its suffix; RFC 8414 section 3.1 inserts: "any terminating "/" MUST be
    removed before inserting "/.well-known/" and the well-known URI suffix between the host component and the path
    component". Section 5 allows the OpenID suffix in the inserted form too.
    """
    parts = urlsplit(issuer)
    origin, path = f"{parts.scheme}://{parts.netloc}", parts.path.removesuffix("/")
    appended = f"{origin}{path}{OPENID_SUFFIX}"
    inserted = f"{origin}{OAUTH_SUFFIX}{path}"
    match form:
        case DiscoveryForm.OPENID:
            return (appended,)
        case DiscoveryForm.OAUTH:
            return (inserted,)
        case DiscoveryForm.AUTO:
            return tuple(dict.fromkeys((appended, inserted, f"{origin}{OPENID_SUFFIX}{path}")))


def server_metadata(issuer: str, response: Response) -> ServerMetadata:
    """Read the answer to a metadata request.

    Raises:
        IssuerUnavailable: it says "later" (408, 429, 5xx).
        DiscoveryError: it is no metadata document.
        IssuerMismatch: it is another issuer's.
    """
    if response.status in (408, 429) or response.status >= 500:
        wait = retry_after(response.headers)
        raise IssuerUnavailable(f"the issuer answers HTTP {response.status} to discovery", retry_after=wait)
    if 300 <= response.status < 400:
        raise DiscoveryError(f"the issuer answers HTTP {response.status} to discovery: redirects are not followed")
    # RFC 8414 section 3.2: "A successful response MUST use the 200 OK HTTP status code and return a JSON object".
    if response.status != 200:
        raise DiscoveryError(f"the issuer answers HTTP {response.status} to discovery")
    try:
        members = decode(response.body, limit=DOCUMENT_LIMIT)
    except MalformedJSON as error:
        raise DiscoveryError(f"the issuer's metadata cannot be read: {error}") from None
    found = members.get("issuer")
    if not isinstance(found, str) or not found:
        raise DiscoveryError("the issuer's metadata have no issuer member (RFC 8414 section 2)")
    # RFC 8414 section 3.3: "If these values are not identical, the data contained in the response MUST NOT be used."
    # Code point by code point (section 4), so that https://idp.example is not https://idp.example/.
    if found != issuer:
        raise IssuerMismatch(
            f'the metadata name the issuer "{words(found)}", and spec.issuer is "{issuer}": '
            "they must be the same, character by character, a trailing / included"
        )
    return ServerMetadata(
        issuer=found,
        registration_endpoint=_url(members, "registration_endpoint"),
        endpoints={name: url for name in PUBLISHED_ENDPOINTS if (url := _url(members, name))},
        # RFC 8414 section 2: "If omitted, the default is "client_secret_basic"".
        token_endpoint_auth_methods_supported=_words(
            members, "token_endpoint_auth_methods_supported", ("client_secret_basic",)
        ),
        # RFC 8414 section 2: "If omitted, the default value is "["authorization_code", "implicit"]"."
        grant_types_supported=_words(members, "grant_types_supported", ("authorization_code", "implicit")),
    )


def _url(members: Mapping[str, JSON], name: str) -> str | None:
    value = members.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str) or len(value) > 4096 or not value.startswith(("https://", "http://")):
        raise DiscoveryError(f"the issuer's metadata have a {name} that is not an absolute URL")
    if not value.isascii() or any(c.isspace() or not c.isprintable() for c in value):
        raise DiscoveryError(f"the issuer's metadata have a {name} that is not an absolute URL")
    return value


def _words(members: Mapping[str, JSON], name: str, default: tuple[str, ...]) -> tuple[str, ...]:
    value = members.get(name)
    if not isinstance(value, list) or not value:
        return default
    return tuple(v for v in value if isinstance(v, str))
