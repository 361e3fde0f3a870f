"""No URI that a pattern lets through leads elsewhere by another reading: urllib's, or a browser's."""

import re
from typing import Final
from urllib.parse import urlsplit

from hypothesis import example, given
from hypothesis import strategies as st

from oauthclient_operator.oauth.plain_uri import NotPlain, plain_uri
from oauthclient_operator.oauth.redirect_uri_pattern import redirect_uri_pattern
from tests.pure.oauth.hostile_uris import ALLOWED, HOST, OWN, PATH, REFUSED

PATTERNS: Final = {
    HOST: re.compile(r"[a-z0-9-]+\.shop\.apps\.example\.com"),
    OWN: re.compile(r"shop\.apps\.example\.com"),
    PATH: re.compile(r"apps\.example\.com"),
    "http://127.0.0.1:*/*": re.compile(r"127\.0\.0\.1"),
}
"""Each with the hosts that it means."""
PIECES: Final = (
    *(
        "https://",
        "http://",
        "https:",
        "//",
        "/",
        "\\",
        "@",
        ":",
        ":443",
        ":8443",
        "#",
        "?",
        "%2e",
        "%2f",
        "%5c",
        "%40",
    ),
    *("shop", "prod-shop", ".", ".apps.example.com", "apps.example.com", "evil.example", "127.0.0.1", "[::1]", "/cb"),
    *("..", "/../", "*", "{namespace}", "xn--bcher-kva", "\t", "\n", " ", "\0", "\u3002", "\uff0e", "\u2105", "\u00df"),
    *("HTTPS://", "A", ";", "javascript:", "-", "_", "0x7f", "web", "com.example.app:/"),
)
_SPECIAL: Final = {"https": 443, "http": 80, "ftp": 21, "ws": 80, "wss": 443}


def browser(url: str) -> tuple[str, str, int | None, str] | None:
    """Return scheme, host, port and path as the WHATWG URL standard reads an absolute URL, as far as it is written here.

    Where it is lenient this is, too; None only where the standard fails.
    """
    text = re.sub(r"[\t\n\r]", "", url.strip("".join(map(chr, range(33)))))
    scheme, colon, rest = text.partition(":")
    scheme = scheme.lower()
    if not colon or not re.fullmatch(r"[a-z][a-z0-9+.-]*", scheme):
        return None
    if scheme not in _SPECIAL:
        return scheme, "", None, rest.partition("#")[0].partition("?")[0]
    rest = rest.partition("#")[0]
    before = rest.partition("?")[0].replace("\\", "/").lstrip("/")
    authority, _, path = before.partition("/")
    host = authority.rpartition("@")[2]
    name, colon, port = (
        (host, "", "") if host.endswith("]") else host.rpartition(":") if ":" in host else (host, "", "")
    )
    segments: list[str] = []
    for segment in path.split("/"):
        plain = re.sub("%2e", ".", segment, flags=re.IGNORECASE)
        if plain == "..":
            segments = segments[:-1]
        elif plain != ".":
            segments.append(segment)
    if port and not port.isdigit():
        return None
    return scheme, name.lower().rstrip("."), int(port) if port else _SPECIAL[scheme], "/" + "/".join(segments)


def held_to_what_it_means(pattern: str, uri: str) -> bool:
    """Hold a URI that a pattern lets through to the hosts and the place that the pattern means; whether it does."""
    read, plain = redirect_uri_pattern(pattern), plain_uri(uri)
    assert not isinstance(read, NotPlain)
    own = read.of("shop")
    assert own is not None
    if isinstance(plain, NotPlain) or not own.matches(plain):
        return False
    hosts, parts, seen = PATTERNS[pattern], urlsplit(uri), browser(uri)
    assert seen is not None
    assert hosts.fullmatch(parts.hostname or "")
    assert hosts.fullmatch(seen[1])
    assert (parts.scheme, parts.username, parts.fragment, parts.query) == (seen[0], None, "", "")
    assert (parts.port or _SPECIAL[parts.scheme]) == seen[2]
    assert parts.scheme == "http" or seen[2] == 443
    assert (parts.path or "/") == seen[3], "a step in the path is taken by the one and not by the other"
    assert pattern != PATH or seen[3].startswith("/shop/")
    assert uri.isascii()
    assert uri.isprintable()
    return True


@given(st.sampled_from([*PATTERNS]), st.lists(st.sampled_from(PIECES), max_size=9).map("".join))
@example(HOST, "https://a.shop.apps.example.com/b")
def test_of_any_pieces(pattern: str, uri: str) -> None:
    held_to_what_it_means(pattern, uri)


@given(
    st.sampled_from(
        [
            (HOST, "https://web.shop.apps.example.com/cb"),
            (OWN, "https://shop.apps.example.com/cb"),
            (PATH, "https://apps.example.com/shop/cb"),
            ("http://127.0.0.1:*/*", "http://127.0.0.1:8080/cb"),
        ]
    ),
    st.lists(
        st.tuples(st.integers(0, 40), st.integers(0, 3), st.sampled_from(PIECES) | st.text(max_size=3)), max_size=3
    ),
)
def test_of_honest_ones_that_were_changed_somewhere(
    honest: tuple[str, str], changes: list[tuple[int, int, str]]
) -> None:
    pattern, uri = honest
    assert held_to_what_it_means(pattern, uri)
    for place, removed, piece in changes:
        uri = uri[:place] + piece + uri[place + removed :]
    held_to_what_it_means(pattern, uri)


def test_what_is_tried_is_read_otherwise_by_somebody() -> None:
    # Or the readings here would be too much like that of the code to be worth anything.
    differ = [
        uri
        for _, uri in REFUSED.values()
        if (seen := browser(uri)) is not None and not uri.startswith(f"{seen[0]}://{seen[1]}") and seen[1]
    ]
    assert len(differ) > 15
    assert all(not isinstance(plain_uri(uri), NotPlain) for _, uri in ALLOWED.values())
