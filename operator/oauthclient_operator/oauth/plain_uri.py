"""A URI that every parser reads alike, taken apart.

RFC 3986 has one reading of a URI, browsers have another (WHATWG URL), and each server has its own. Where they may
differ a URI is refused here, however harmless it looks: what is judged by one reading must not be followed by another.
"""

import re
from dataclasses import dataclass
from typing import Final

LONGEST: Final = 2048
LABEL: Final = re.compile(r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?")
"""One label of a host name, in lower case; what Kubernetes takes as a namespace's name, too (RFC 1123)."""
LOOPBACK: Final = frozenset({"127.0.0.1", "[::1]", "localhost"})
"""The hosts of loopback redirection (RFC 8252 sections 7.3 and 8.3), the only ones without TLS."""
_VISIBLE: Final = re.compile(r"[!-~]*")
_CHARACTERS: Final = re.compile(r"[A-Za-z0-9._~&=:/?@\[\]-]*")
_PARTS: Final = re.compile(r"(?P<scheme>[^:/?]*):(?://(?P<authority>[^/?]*))?(?P<path>[^?]*)(?:\?(?P<query>.*))?")
_NATIVE_SCHEME: Final = re.compile(r"[a-z][a-z0-9+-]*(?:\.[a-z0-9+-]+)+")
_AUTHORITY: Final = re.compile(r"(?P<host>\[::1\]|[^:\[\]]*)(?::(?P<port>[^:]*))?")
_PORT: Final = re.compile(r"[1-9][0-9]{0,4}")
_PORTS: Final = {"https": 443, "http": 80}
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")
_NOT_IN_PATH: Final = re.compile(r"[@\[\]]")


@dataclass(frozen=True, slots=True)
class NotPlain:
    """Why a URI is not read alike everywhere, in fixed words that are no more than half a sentence."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainURI:
    """`host` are the labels of a host name, or a loopback address as one label; empty for an app's own scheme.

    `port` is None for the scheme's own. `path` are the segments after the first slash: of `/a/` an `a` and an empty
    one, and of no path the same as of `/`, for that is what it means (RFC 3986 section 6.2.3).
    """

    scheme: str
    host: tuple[str, ...]
    port: int | None
    path: tuple[str, ...]
    query: str | None


def plain_uri(written: str) -> PlainURI | NotPlain:
    """Take a URI apart: an https one, an http one of a loopback host, or one of a native app's own scheme."""
    if (why := _misread(written)) is not None:
        return NotPlain(why)
    parts = _PARTS.fullmatch(written)
    if parts is None:
        return NotPlain("it is no absolute URI")
    scheme, authority, path = parts["scheme"], parts["authority"], parts["path"]
    if (why := _misread_path(path) or _misread_query(parts["query"])) is not None:
        return NotPlain(why)
    segments = tuple(path[1:].split("/"))
    if scheme not in _PORTS:
        if (why := _misread_native(scheme, authority, path)) is not None:
            return NotPlain(why)
        return PlainURI(scheme=scheme, host=(), port=None, path=segments, query=parts["query"])
    if not authority:
        # Browsers read https:/a.example, https:a.example and https:///a.example as https://a.example.
        return NotPlain("after its scheme there is no // with a host behind it")
    found = _host_and_port(scheme, authority)
    if isinstance(found, NotPlain):
        return found
    host, port = found
    return PlainURI(scheme=scheme, host=host, port=port, path=segments, query=parts["query"])


def _misread(written: str) -> str | None:
    if len(written) > LONGEST:
        return f"it is longer than {LONGEST} characters"
    if not _VISIBLE.fullmatch(written):
        # Browsers drop tabs and line breaks, and map full-width letters and dots to ASCII ones.
        return "it holds white space, a control character or one that is not ASCII"
    if "\\" in written:
        return "it holds a backslash, which browsers read as /"
    if "%" in written:
        # %2e%2e is a step up for browsers, %2f a slash for some servers, %252f for others.
        return "it holds %, and not all decode it alike"
    if "#" in written:
        return "it has a fragment"
    if "*" in written:
        return "it holds *, which some servers take for a wildcard"
    if not _CHARACTERS.fullmatch(written):
        # Servers store all URIs of a client as one text, with a comma, a bar or a semicolon between, or take each for a
        # regular expression.
        return "it holds a character other than letters, digits and ._~&=:-"
    return None


def _misread_path(path: str) -> str | None:
    if path and not path.startswith("/"):
        return "there is no / before its path"
    if _NOT_IN_PATH.search(path):
        return "it holds @ or a bracket behind its host"
    segments = path[1:].split("/")
    if not all(segments[:-1]):
        return "it has an empty segment (//) in its path"
    if any(segment and not segment.strip(".") for segment in segments):
        return "it has a segment of dots in its path"
    return None


def _misread_query(query: str | None) -> str | None:
    if query is None:
        return None
    if not query:
        return "its query is empty"
    return "it holds @ or a bracket behind its host" if _NOT_IN_PATH.search(query) else None


def _misread_native(scheme: str, authority: str | None, path: str) -> str | None:
    if scheme.lower() != scheme:
        return "its scheme is not in lower case"
    if not _NATIVE_SCHEME.fullmatch(scheme):
        # RFC 8252 section 7.1: apps "MUST use a URI scheme based on a domain name under their control, expressed in
        # reverse order". So none of them is javascript, data or blob.
        return "its scheme is neither https nor an app's own with a dot in it, such as com.example.app"
    if authority is not None or not path:
        # RFC 8252 section 7.1: "there is no naming authority", so that "only a single slash ("/") appears after the
        # scheme component".
        return "after an app's own scheme there is not a single /"
    return None


def _host_and_port(scheme: str, authority: str) -> tuple[tuple[str, ...], int | None] | NotPlain:
    if "@" in authority:
        return NotPlain("it holds user information before its host")
    found = _AUTHORITY.fullmatch(authority)
    if found is None:
        return NotPlain("its host or port is malformed")
    host, written_port = found["host"], found["port"]
    if (why := _misread_port(scheme, written_port)) is not None:
        return NotPlain(why)
    port = None if written_port is None else int(written_port)
    if scheme == "http":
        if host not in LOOPBACK:
            return NotPlain("it is http, and its host is not 127.0.0.1, [::1] or localhost")
        return (host,), port
    return NotPlain(why) if (why := _misread_host(host)) is not None else (tuple(host.split(".")), port)


def _misread_port(scheme: str, port: str | None) -> str | None:
    if port is None:
        return None
    if not _PORT.fullmatch(port) or int(port) > 65535:
        return "its port is not a number from 1 to 65535"
    return "its port is its scheme's own, and is left out" if int(port) == _PORTS[scheme] else None


def _misread_host(host: str) -> str | None:
    if host.lower() != host:
        return "its host is not in lower case"
    labels = host.split(".")
    if len(labels) > 1 and not labels[-1]:
        return "its host ends with a dot"
    if len(host) > 253 or not all(map(LABEL.fullmatch, labels)):
        return "its host is no host name"
    # Browsers take what ends in a number for an address, in whatever notation: 0x7f.1, 2130706433.
    return "its host is an IP address" if _NUMBER.fullmatch(labels[-1]) else None
