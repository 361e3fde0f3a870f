"""What `spec.discovery` says: where the issuer's metadata are, and where clients are registered."""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from ..egress.url import destination
from ..errors import EgressRefused
from ..oauth.json_object import JSON
from ..oauth.metadata_source import MetadataSource
from ..oauth.rfc8414 import URL_LIMIT

_URL: Final = re.compile(r"https?://[^/?#@\\]+([/?][^#\\]*)?")
_VISIBLE: Final = re.compile(r"[!-~]+")

_WELL_KNOWN: Final = "/.well-known/"

DOCUMENT_ADVICE: Final = (
    "spec.discovery.url: write the metadata document's own address, an absolute https URL at the issuer's origin "
    "without user information or fragment, e.g. https://idp.example.com/oauth/metadata.json"
)
ENDPOINT_ADVICE: Final = (
    "spec.discovery.registrationEndpoint: write the client registration endpoint as an absolute https URL at the "
    "issuer's origin without user information or fragment, e.g. https://idp.example.com/oauth2/register"
)


def written_url(discovery: Mapping[str, JSON], member: str, advice: str, problems: list[str]) -> str | None:
    """Return a URL of `spec.discovery`, or None where it is absent or no URL; its origin is the egress policy's.

    The value is never repeated: a password may be in it.
    """
    written = discovery.get(member)
    if written is None:
        return None
    if not isinstance(written, str) or not _is_url(written):
        problems.append(advice)
        return None
    if (why := unreachable(written)) is not None:
        problems.append(f"spec.discovery.{member}: {why}")
        return None
    return written


def unreachable(url: str) -> str | None:
    """Return why no request can be sent to a URL, whatever the operator admits, or None; the URL is not repeated.

    The API server takes hosts that are none, such as one that ends with a dot: what it has let in can only be said.
    """
    try:
        destination(url)
    except EgressRefused as refused:
        return str(refused)
    return None


def elsewhere(member: str) -> str:
    """Return what is said of a URL of `spec.discovery` that is not at the issuer's origin."""
    return (
        f"spec.discovery.{member} is at another origin than spec.issuer: write a URL at the issuer's own, or have the "
        "operator's administrator set --allow-endpoint-origin"
    )


def where_to_look(issuer: str, source: MetadataSource, status: int | None) -> str | None:
    """Return what to write where the metadata of an issuer could not be read, as far as it can be known.

    `status` is that of an answer which was no document at all.
    """
    if _WELL_KNOWN in issuer:
        return (
            "spec.issuer is the address of a metadata document: write the issuer identifier, which is the document's "
            f"member issuer and as a rule what stands before {_WELL_KNOWN}"
        )
    if not issuer.startswith(("https://", "http://")):
        return "spec.issuer has its scheme in upper case, as no server's metadata have it: write it in lower case"
    # A page in its place, a redirection to a login, a door that is shut: servers have such for paths that they do not
    # know, and a 404 alone leads on.
    if status is not None and status != 404 and len(source.urls) > 1:
        return (
            "after such an answer no other place is tried: if the document is at one of them, write "
            "spec.discovery.form: OAuth (RFC 8414) or OpenID, or its own address into spec.discovery.url"
        )
    return None


def _is_url(written: str) -> bool:
    if len(written) > URL_LIMIT or _URL.fullmatch(written) is None or _VISIBLE.fullmatch(written) is None:
        return False
    try:
        parts = urlsplit(written)
        _ = parts.port
    except ValueError:
        return False
    return bool(parts.hostname)
