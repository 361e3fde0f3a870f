"""Taking a URL apart: every way of saying where to go in two ways is refused, before anything is resolved."""

from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauthclient_operator.egress.url import Destination, destination
from oauthclient_operator.errors import EgressRefused
from tests.pure.egress.hostile import HOSTILE_URLS


@pytest.mark.parametrize("url", HOSTILE_URLS)
def test_a_hostile_url_is_refused(url: str) -> None:
    with pytest.raises(EgressRefused) as refusal:
        destination(url)
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize("url", ["https://secret@idp.example.com/", "https://u:secret@127.0.0.1:443/", "https://@x/"])
def test_a_user_name_is_called_one(url: str) -> None:
    with pytest.raises(EgressRefused, match="user name"):
        destination(url)


def to(host: str, port: int = 443, target: str = "/", **kw: object) -> Destination:
    return Destination(scheme="https", host=host, port=port, target=target, address=kw.get("address"))  # type: ignore[arg-type] # a table's row


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://idp.example.com", to("idp.example.com")),
        ("HTTPS://IdP.Example.COM:443/a", to("idp.example.com", target="/a")),
        ("https://idp.example.com:8443/a?client_id=b'%7e|{}", to("idp.example.com", 8443, "/a?client_id=b'%7e|{}")),
        ("https://idp.example.com?x=/y", to("idp.example.com", target="/?x=/y")),
        ("https://idp.example.com/a/../b//c/./d", to("idp.example.com", target="/a/../b//c/./d")),
        ("https://bücher.example/", to("xn--bcher-kva.example")),
        ("https://BÜCHER.example/", to("xn--bcher-kva.example")),
        ("https://my_host.internal/", to("my_host.internal")),
        ("https://192.0.2.7/", to("192.0.2.7", address=IPv4Address("192.0.2.7"))),
        ("https://[2001:DB8:0:0::1]:444/", to("2001:db8::1", 444, address=IPv6Address("2001:db8::1"))),
        ("https://[::ffff:192.0.2.7]/", to("::ffff:c000:207", address=IPv6Address("::ffff:192.0.2.7"))),
        ("https://1.example/", to("1.example")),
        ("https://0x7f.example/", to("0x7f.example")),
    ],
)
def test_a_url_is_taken_apart(url: str, expected: Destination) -> None:
    assert destination(url) == expected


@pytest.mark.parametrize(
    ("url", "authority"),
    [
        ("https://idp.example.com:443/", "idp.example.com"),
        ("https://idp.example.com:80/", "idp.example.com:80"),
        ("http://idp.example.com:80/", "idp.example.com"),
        ("https://[2001:db8::1]/", "[2001:db8::1]"),
        ("https://[2001:db8::1]:8443/", "[2001:db8::1]:8443"),
    ],
)
def test_the_host_header_has_the_port_only_where_it_is_not_the_default(url: str, authority: str) -> None:
    assert destination(url).authority == authority


@given(st.text() | st.text(alphabet="htps:/@#?[]%.\\012x \n").map(lambda t: f"https://{t}"))
def test_whatever_is_written_it_is_taken_apart_or_refused(url: str) -> None:
    try:
        found = destination(url)
    except EgressRefused:
        return
    assert found.host.isascii()
    assert found.host == found.host.lower()
    assert not set(found.host) & set("/?#@%\\ []")
    assert 0 < found.port < 65536
