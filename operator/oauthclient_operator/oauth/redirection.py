"""What redirection URIs must be (RFC 6749 section 3.1.2, OpenID Connect Registration 1.0 section 2)."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from .json_object import JSON

_URI: Final = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*):[!-~\u00a1-\U0010ffff]+")
_HOST: Final = re.compile(r"https?://(?P<host>\[[^\]/?#]*\]|[^/?#:]+)", re.IGNORECASE)
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})
_SCRIPT: Final = frozenset({"javascript", "data", "vbscript"})


def redirection_problems(members: Mapping[str, JSON]) -> Iterator[str]:
    """Yield what is wrong with redirection URIs."""
    native = members.get("application_type") == "native"
    implicit = "implicit" in entries(members, "grant_types")
    for place, uri in enumerate(entries(members, "redirect_uris")):
        for why in _problems(uri, native=native, implicit=implicit):
            yield f"redirect_uris[{place}]: {why}"


def entries(members: Mapping[str, JSON], name: str) -> list[str]:
    """Return the strings of a member that is a list."""
    value = members.get(name)
    return [v for v in value if isinstance(v, str)] if isinstance(value, list) else []


def _problems(uri: str, *, native: bool, implicit: bool) -> Iterator[str]:
    parts = _URI.fullmatch(uri)
    if parts is None:
        # RFC 6749 section 3.1.2: "The redirection endpoint URI MUST be an absolute URI".
        yield "write an absolute URI, e.g. https://shop.example.com/callback (RFC 6749 section 3.1.2)"
        return
    if "#" in uri:
        # RFC 6749 section 3.1.2: "The endpoint URI MUST NOT include a fragment component."
        yield "a redirection URI has no fragment: leave out # and what follows (RFC 6749 section 3.1.2)"
    scheme, found = parts["scheme"].lower(), _HOST.match(uri)
    host = found["host"].lower() if found is not None else None
    if scheme in _SCRIPT:
        yield f"a {scheme}: URI would run at the authorization server; write the app's own URI"
    elif scheme in ("http", "https") and host is None:
        yield "write the host, e.g. https://shop.example.com/callback (RFC 6749 section 3.1.2)"
    elif native and scheme == "http" and host not in _LOOPBACK:
        # OpenID Connect Registration 1.0 section 2: "custom URI schemes or loopback URLs using the http scheme".
        yield "a native app uses http on a loopback host only (OpenID Connect Registration 1.0 section 2)"
    elif implicit and not native and (scheme != "https" or host == "localhost"):
        # OpenID Connect Registration 1.0 section 2: "they MUST NOT use localhost as the hostname".
        yield (
            "grant type implicit needs https and not localhost, unless application_type is native "
            "(OpenID Connect Registration 1.0 section 2)"
        )
