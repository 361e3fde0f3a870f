"""What a plain URI is taken apart into, and why another one is none, in words that lead to what is wrong."""

import pytest

from oauthclient_operator.oauth.plain_uri import NotPlain, PlainURI, plain_uri


@pytest.mark.parametrize(
    ("written", "host", "port", "path", "query"),
    [
        pytest.param("https://a.example", ("a", "example"), None, ("",), None, id="a host alone"),
        pytest.param("https://a.example/", ("a", "example"), None, ("",), None, id="the root"),
        pytest.param("https://a.example:8443/b/c/", ("a", "example"), 8443, ("b", "c", ""), None, id="port and path"),
        pytest.param("https://a.example?b=/c", ("a", "example"), None, ("",), "b=/c", id="a query"),
        pytest.param("http://127.0.0.1:1/b", ("127.0.0.1",), 1, ("b",), None, id="a loopback address"),
        pytest.param("http://[::1]/b", ("[::1]",), None, ("b",), None, id="the other loopback address"),
        pytest.param("com.example.app:/b", (), None, ("b",), None, id="an app's own scheme"),
    ],
)
def test_its_parts(
    written: str, host: tuple[str, ...], port: int | None, path: tuple[str, ...], query: str | None
) -> None:
    scheme = written.partition(":")[0]
    assert plain_uri(written) == PlainURI(scheme=scheme, host=host, port=port, path=path, query=query)


@pytest.mark.parametrize(
    ("written", "why"),
    [
        (f"https://a.example/{'b' * 2048}", "it is longer than 2048 characters"),
        ("https://a.example/b c", "it holds white space, a control character or one that is not ASCII"),
        ("https://a.example\\b", "it holds a backslash, which browsers read as /"),
        ("https://a.example/%2e", "it holds %, and not all decode it alike"),
        ("https://a.example/#b", "it has a fragment"),
        ("https://a.example/*", "it holds *, which some servers take for a wildcard"),
        ("https://a.example/b,c", "it holds a character other than letters, digits and ._~&=:-"),
        ("a.example/b", "it is no absolute URI"),
        ("https:b", "there is no / before its path"),
        ("https://a.example/@b", "it holds @ or a bracket behind its host"),
        ("https://a.example/?@b", "it holds @ or a bracket behind its host"),
        ("https://a.example//b", "it has an empty segment (//) in its path"),
        ("https://a.example/../b", "it has a segment of dots in its path"),
        ("https://a.example/?", "its query is empty"),
        ("HTTPS://a.example/", "its scheme is not in lower case"),
        ("myapp:/b", "its scheme is neither https nor an app's own with a dot in it, such as com.example.app"),
        ("com.example.app://b", "after an app's own scheme there is not a single /"),
        ("com.example.app:", "after an app's own scheme there is not a single /"),
        ("https:/b", "after its scheme there is no // with a host behind it"),
        ("https:///b", "after its scheme there is no // with a host behind it"),
        ("https://b@a.example/", "it holds user information before its host"),
        ("https://a.example:1:2/", "its host or port is malformed"),
        ("https://a.example:/", "its port is not a number from 1 to 65535"),
        ("https://a.example:65536/", "its port is not a number from 1 to 65535"),
        ("https://a.example:443/", "its port is its scheme's own, and is left out"),
        ("http://localhost:80/", "its port is its scheme's own, and is left out"),
        ("http://a.example/", "it is http, and its host is not 127.0.0.1, [::1] or localhost"),
        ("https://A.example/", "its host is not in lower case"),
        ("https://a.example./", "its host ends with a dot"),
        ("https://a_b.example/", "its host is no host name"),
        ("https://[::1]/", "its host is no host name"),
        ("https://127.0.0.1/", "its host is an IP address"),
    ],
)
def test_why_it_is_not_plain(written: str, why: str) -> None:
    assert plain_uri(written) == NotPlain(why)
