"""Which URIs a pattern of a platform team lets through, and which patterns there are."""

import pytest

from oauthclient_operator.oauth.plain_uri import NotPlain, plain_uri
from oauthclient_operator.oauth.redirect_uri_pattern import redirect_uri_pattern
from tests.pure.oauth.hostile_uris import ALLOWED, HOST, OWN, PATH, REFUSED


def lets_through(pattern: str, uri: str, namespace: str = "shop") -> bool:
    read, plain = redirect_uri_pattern(pattern), plain_uri(uri)
    assert not isinstance(read, NotPlain), read.why
    own = read.of(namespace)
    return not isinstance(plain, NotPlain) and own is not None and own.matches(plain)


@pytest.mark.parametrize(("pattern", "uri"), [*REFUSED.values()], ids=[*REFUSED])
def test_a_hostile_uri_is_not_let_through(pattern: str, uri: str) -> None:
    assert not lets_through(pattern, uri)


@pytest.mark.parametrize(("pattern", "uri"), [*ALLOWED.values()], ids=[*ALLOWED])
def test_an_honest_uri_is_let_through(pattern: str, uri: str) -> None:
    assert lets_through(pattern, uri)


@pytest.mark.parametrize(
    ("namespace", "uri"),
    [
        pytest.param("shop.evil", "https://shop.evil.apps.example.com/cb", id="one with a dot"),
        pytest.param("evil.example/a", "https://evil.example/a.apps.example.com/cb", id="one with a slash"),
        pytest.param("*", "https://shop.apps.example.com/cb", id="an asterisk"),
        pytest.param("{namespace}", "https://{namespace}.apps.example.com/cb", id="the word itself"),
        pytest.param("SHOP", "https://shop.apps.example.com/cb", id="one in upper case"),
        pytest.param("", "https://.apps.example.com/cb", id="none"),
        pytest.param("xn--bcher-kva", "https://xn--bcher-kva.apps.example.com/cb", id="one that is shown as another"),
        pytest.param("shop\n", "https://shop.apps.example.com/cb", id="one with a line break"),
    ],
)
def test_what_is_no_plain_namespace_has_no_uri(namespace: str, uri: str) -> None:
    assert not lets_through(OWN, uri, namespace)


def test_before_it_is_said_whose_it_is_it_lets_none_through() -> None:
    read, plain = redirect_uri_pattern(OWN), plain_uri("https://shop.apps.example.com/cb")
    assert not isinstance(read, NotPlain)
    assert not isinstance(plain, NotPlain)
    assert not read.matches(plain)


def test_what_is_no_namespace_has_no_uri_of_a_pattern_without_it_either() -> None:
    assert not lets_through("*", "https://a.example/", "shop.evil")
    assert not lets_through("https://a.example/", "https://a.example/", "shop.evil")


@pytest.mark.parametrize("namespace", ["shop", "prod-shop", "10", "com"])
def test_each_namespace_has_its_own(namespace: str) -> None:
    assert lets_through(OWN, f"https://{namespace}.apps.example.com/cb", namespace)
    assert lets_through(HOST, f"https://web.{namespace}.apps.example.com/cb", namespace)
    assert lets_through(PATH, f"https://apps.example.com/{namespace}/cb", namespace)
    for other in {"shop", "prod-shop", "10", "com"} - {namespace}:
        assert not lets_through(OWN, f"https://{other}.apps.example.com/cb", namespace)
        assert not lets_through(PATH, f"https://apps.example.com/{other}/cb", namespace)


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        pytest.param("", "no absolute URI", id="nothing"),
        pytest.param("**", "no absolute URI", id="two asterisks"),
        pytest.param("*.example.com", "no absolute URI", id="a host alone"),
        pytest.param("https://*", "last label", id="an asterisk for a host"),
        pytest.param("https://*/cb", "last label", id="an asterisk for a host of one label"),
        pytest.param("https://web.{namespace}/cb", "last label", id="a namespace that could be called com"),
        pytest.param("https://a.*.example.com/", "its * is", id="an asterisk for another label"),
        pytest.param("https://*.*.example.com/", "its * is", id="an asterisk for two labels"),
        pytest.param("https://web-*.example.com/", "its * is", id="an asterisk for a part of a label"),
        pytest.param("https://a.example/*/cb", "its * is", id="an asterisk within the path"),
        pytest.param("https://a.example/cb*", "its * is", id="an asterisk for a part of a segment"),
        pytest.param("https://a.example/cb?x=*", "its * is", id="an asterisk in the query"),
        pytest.param("https://a.example:*/cb", "loopback", id="any port of a host"),
        pytest.param("com.example.app:/a:*/b", "its * is", id="an asterisk after a colon"),
        pytest.param("http://127.0.0.1:8080:*/cb", "loopback", id="a port and any port"),
        pytest.param("*://a.example/", "its * is", id="any scheme"),
        pytest.param("https://{namespace}-web.example.com/", "its {namespace} is", id="a part of a label"),
        pytest.param("https://a.example/x-{namespace}/", "its {namespace} is", id="a part of a segment"),
        pytest.param("https://a.example/cb?n={namespace}", "its {namespace} is", id="the namespace in the query"),
        pytest.param("https://{name}.example.com/", "its {namespace} is", id="another word in braces"),
        pytest.param("https://a.example:443/cb", "left out", id="the scheme's own port"),
        pytest.param("https://A.example/cb", "lower case", id="a host in upper case"),
        pytest.param("https://a.example./cb", "ends with a dot", id="a trailing dot"),
        pytest.param("https://u@a.example/cb", "user information", id="user information"),
        pytest.param("https://a.example/%2a", "holds %", id="an encoded letter"),
        pytest.param("https://a.example/../cb", "dots", id="a step up"),
        pytest.param("https://a.example//cb", "empty segment", id="an empty segment"),
        pytest.param("https://a.example/cb#x", "fragment", id="a fragment"),
        pytest.param("https://10.0.0.1/cb", "IP address", id="an address"),
        pytest.param("https://{namespace}.0.0.1/cb", "IP address", id="a namespace in an address"),
        pytest.param("http://a.example/cb", "http", id="http"),
        pytest.param("http://*.localhost/cb", "http", id="http for what ends in localhost"),
        pytest.param("javascript:*", "its * is", id="javascript"),
        pytest.param("javascript:/*", "neither https", id="javascript with a slash"),
        pytest.param("com.example.app://cb", "single /", id="an app's own scheme with a host"),
        pytest.param("com.example.app:", "single /", id="an app's own scheme alone"),
        pytest.param("https://a.example/\ncb", "white space", id="a line break"),
        pytest.param(f"https://a.example/{'a' * 1024}", "longer", id="too long"),
    ],
)
def test_what_is_no_pattern(pattern: str, why: str) -> None:
    found = redirect_uri_pattern(pattern)
    assert isinstance(found, NotPlain)
    assert why in found.why
