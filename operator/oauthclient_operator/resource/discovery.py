"""What `spec.discovery` says: where the issuer's metadata are, and where clients are registered."""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from ..oauth.json_object import JSON
from ..oauth.rfc8414 import URL_LIMIT

_URL: Final = re.compile(r"https?://[^/?#@\\]+([/?][^#\\]*)?")
_VISIBLE: Final = re.compile(r"[!-~]+")

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
    if isinstance(written, str) and _is_url(written):
        return written
    problems.append(advice)
    return None


def elsewhere(member: str) -> str:
    """Return what is said of a URL of `spec.discovery` that is not at the issuer's origin."""
    return (
        f"spec.discovery.{member} is at another origin than spec.issuer: write a URL at the issuer's own, or have the "
        "operator's administrator set --allow-endpoint-origin"
    )


def _is_url(written: str) -> bool:
    if len(written) > URL_LIMIT or _URL.fullmatch(written) is None or _VISIBLE.fullmatch(written) is None:
        return False
    try:
        parts = urlsplit(written)
        _ = parts.port
    except ValueError:
        return False
    return bool(parts.hostname)
