"""OAuth 2.0 Authorization Server Metadata (RFC 8414), and OpenID Connect Discovery 1.0, which it generalises."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from typing import Final
from urllib.parse import urlsplit

from ..confidential import Confidential
from ..errors import DiscoveryFailed, IssuerMismatch, IssuerUnavailable, MalformedJSON
from ..exchange import Response
from ..names import PUBLISHED_ENDPOINTS
from .echoes import unless_credential
from .json_object import JSON, decode
from .judgement import rejected
from .refusal import refusal
from .words import cleaned

DOCUMENT_LIMIT: Final = 256 * 1024
"""Bytes of a metadata document."""
URL_LIMIT: Final = 2048
WORDS_LIMIT: Final = 32
WORD_LIMIT: Final = 128
"""So many words of a list are kept, and so many characters of each: more than any registry has."""
OAUTH_SUFFIX: Final = "/.well-known/oauth-authorization-server"
OPENID_SUFFIX: Final = "/.well-known/openid-configuration"

_INDIRECT: Final = frozenset({"authorization_endpoint", "end_session_endpoint", "jwks_uri"})
"""Published endpoints that a browser goes to, or that are none: a client's certificate has no use there."""
_URL: Final = re.compile(r"https?://[!-~]+", re.IGNORECASE)


class DiscoveryForm(StrEnum):
    """Where the metadata document is looked for."""

    AUTO = "Auto"
    OPENID = "OpenID"
    OAUTH = "OAuth"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerMetadata:
    """What an issuer says of itself, as far as it is used; `endpoints` are those that are published to apps.

    `mtls_endpoint_aliases` are those of the same endpoints and of the registration endpoint (RFC 8705 section 5); None
    stands for one that is no URL.
    """

    issuer: str
    registration_endpoint: str | None
    endpoints: Mapping[str, str]
    token_endpoint_auth_methods_supported: tuple[str, ...]
    grant_types_supported: tuple[str, ...]
    mtls_endpoint_aliases: Mapping[str, str | None] = field(default_factory=dict)
    dpop_signing_alg_values_supported: tuple[str, ...] = ()
    """RFC 9449 section 5.1; empty where the issuer does not say."""
    revocation_endpoint_auth_methods_supported: tuple[str, ...] = ()
    """Empty where the issuer does not say; the default of RFC 8414 section 2 is not what servers do then."""


def issuer_problem(issuer: str) -> str | None:
    """Return what is wrong with an issuer identifier, as a sentence that lacks its subject, or None.

    The value is not repeated.

    RFC 8414 section 2: "a URL that uses the "https" scheme and has no query or fragment components". Plain http is the
    egress door's to judge.
    """
    try:
        parts = urlsplit(issuer)
        has_host = bool(parts.hostname)
        _ = parts.port
    except ValueError:
        return "is not a URL; write an absolute https URL"
    if any(c.isspace() for c in issuer):
        return "has white space or a line break in it, which may be at its end; leave it out"
    if parts.scheme not in ("https", "http") or not has_host or "\\" in issuer:
        return "is not an absolute URL; write it with https:// and a host"
    if "@" in parts.netloc:
        return "has user information before the host; leave it out"
    if "?" in issuer or "#" in issuer:
        return "has a query or a fragment; leave it out (RFC 8414 section 2)"
    if not issuer.isascii() or any(c.isspace() or not c.isprintable() for c in issuer):
        return "has characters that a URL does not have; write its host as xn--… and percent-encode its path"
    if len(issuer) > URL_LIMIT:
        return f"is longer than {URL_LIMIT} characters"
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


def server_metadata(
    issuer: str, response: Response, *, needs_endpoint: bool = True, hide: Sequence[Confidential] = ()
) -> ServerMetadata:
    """Read the answer to a metadata request; `needs_endpoint` false leaves its registration_endpoint out unseen.

    `hide` is what no message shows, whatever the server writes.

    Raises:
        IssuerUnavailable: it says "later" (408, 429, 5xx).
        DiscoveryFailed: it is no metadata document.
        IssuerMismatch: it is another issuer's.
    """
    # RFC 8414 section 3.2: "A successful response MUST use the 200 OK HTTP status code and return a JSON object".
    if response.status != 200:
        raise _refusal(response, hide)
    # "... using the "application/json" content type": what is served as something else may be anybody's upload.
    media_type = response.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise DiscoveryFailed(
            "the issuer's metadata are not served as application/json (RFC 8414 section 3.2)", status=response.status
        )
    try:
        members = decode(response.body, limit=DOCUMENT_LIMIT)
    except MalformedJSON as error:
        raise DiscoveryFailed(f"the issuer's metadata cannot be read: {error}") from None
    found = members.get("issuer")
    if not isinstance(found, str) or not found:
        raise DiscoveryFailed("the issuer's metadata have no issuer member (RFC 8414 section 2)")
    # RFC 8414 section 3.3: "If these values are not identical, the data contained in the response MUST NOT be used."
    # Code point by code point (section 4), so that https://idp.example is not https://idp.example/.
    if found != issuer:
        named = cleaned(unless_credential(found, hide, public=[issuer]))
        raise IssuerMismatch(
            f'the metadata name the issuer "{named}", and "{cleaned(issuer)}" was asked for: '
            "they must be the same, character by character, a trailing / included"
        )
    return described(issuer, members, needs_endpoint=needs_endpoint)


def no_metadata(issuer: str) -> ServerMetadata:
    """Return what is known of an issuer that publishes nothing: the defaults of RFC 8414 section 2."""
    return described(issuer, {})


def described(issuer: str, members: Mapping[str, JSON], *, needs_endpoint: bool = True) -> ServerMetadata:
    """Read the members of an issuer's metadata document; `needs_endpoint` as in `server_metadata`.

    Raises:
        DiscoveryFailed: the registration_endpoint is no URL.
    """
    endpoint = (members.get("registration_endpoint") or None) if needs_endpoint else None
    if endpoint is not None and not _is_url(endpoint):
        raise DiscoveryFailed("the issuer's metadata have a registration_endpoint that is not an absolute URL")
    return ServerMetadata(
        issuer=issuer,
        registration_endpoint=str(endpoint) if endpoint is not None else None,
        # These are passed on to apps; one that is no URL, or holds a line break, is not.
        endpoints={name: str(members[name]) for name in PUBLISHED_ENDPOINTS if _is_url(members.get(name))},
        # RFC 8414 section 2: "If omitted, the default is "client_secret_basic"".
        token_endpoint_auth_methods_supported=_words(
            members, "token_endpoint_auth_methods_supported", ("client_secret_basic",)
        ),
        # RFC 8414 section 2: "If omitted, the default value is "["authorization_code", "implicit"]"."
        grant_types_supported=_words(members, "grant_types_supported", ("authorization_code", "implicit")),
        mtls_endpoint_aliases=_aliases(members.get("mtls_endpoint_aliases")),
        dpop_signing_alg_values_supported=_words(members, "dpop_signing_alg_values_supported", ()),
        revocation_endpoint_auth_methods_supported=_words(members, "revocation_endpoint_auth_methods_supported", ()),
    )


def _refusal(response: Response, hide: Sequence[Confidential]) -> IssuerUnavailable | DiscoveryFailed:
    said = rejected(response, hide)
    later = said.status in (408, 429) or said.status >= 500
    hint = ": redirects are not followed" if 300 <= said.status < 400 else ""
    kind: type[IssuerUnavailable | DiscoveryFailed] = IssuerUnavailable if later else DiscoveryFailed
    return refusal(kind, f"the issuer answers HTTP {said.status} to discovery{hint}", said)


def _aliases(value: JSON) -> dict[str, str | None]:
    if not isinstance(value, dict):
        return {}
    # RFC 8705 section 5: "Metadata parameters within "mtls_endpoint_aliases" that do not define endpoints to which an
    # OAuth client makes a direct request have no meaning and SHOULD be ignored."
    direct = {"registration_endpoint", *PUBLISHED_ENDPOINTS} - _INDIRECT
    return {name: str(url) if _is_url(url) else None for name, url in value.items() if name in direct}


def _is_url(value: JSON) -> bool:
    return isinstance(value, str) and len(value) <= URL_LIMIT and _URL.fullmatch(value) is not None


def _words(members: Mapping[str, JSON], name: str, default: tuple[str, ...]) -> tuple[str, ...]:
    value = members.get(name)
    if not isinstance(value, list) or not value:
        return default
    # They are remembered, and who answers chooses how many there are and how long. What is cut is no name that is
    # known, and is not left out: an empty list would say that nothing was said.
    return tuple(word[:WORD_LIMIT] for word in islice((v for v in value if isinstance(v, str)), WORDS_LIMIT))
