"""The table of addresses: what is not public, in every form that can hold it."""

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauthclient_operator.egress.addresses import why_refused

PRIVATE = {
    "10.0.0.1": "a private address",
    "100.64.0.1": "a shared address (RFC 6598)",
    "100.127.255.255": "a shared address (RFC 6598)",
    "127.0.0.1": "a loopback address",
    "127.255.255.254": "a loopback address",
    "172.16.0.1": "a private address",
    "172.31.255.255": "a private address",
    "192.0.0.8": "an address for protocol assignments",
    "192.0.2.1": "a documentation address",
    "192.168.0.1": "a private address",
    "198.18.0.1": "a benchmarking address",
    "198.19.255.255": "a benchmarking address",
    "198.51.100.1": "a documentation address",
    "203.0.113.1": "a documentation address",
    "::1": "the loopback address",
    "2001:db8::1": "a documentation address",
    "3fff::1": "a documentation address",
    "fc00::1": "a unique local address",
    "fdff::1": "a unique local address",
    "fec0::1": "a site-local address",
    "::ffff:10.0.0.1": "a private address",
    "::ffff:127.0.0.1": "a loopback address",
    "64:ff9b::10.0.0.1": "a private address",
    "64:ff9b::7f00:1": "a loopback address",
}
LISTED = {
    "100.100.100.200": "a cloud's metadata service",
    "168.63.129.16": "a cloud's metadata service",
    "169.254.169.254": "a link-local address",
    "192.88.99.1": "a 6to4 relay",
    "240.0.0.1": "a reserved address",
    "::ffff:169.254.169.254": "a link-local address",
    "64:ff9b::a9fe:a9fe": "a link-local address",
    "64:ff9b:1::a9fe:a9fe": "a local NAT64 address",
    "100::1": "no global unicast address",
    "2001:2::1": "an address for protocol assignments",
    "4000::1": "no global unicast address",
    "5f00::1": "no global unicast address",
    "fd00:ec2::254": "a cloud's metadata service",
    "fe80::1": "a link-local address",
}
NEVER = {
    "0.0.0.0": "an unspecified address",
    "0.1.2.3": "an unspecified address",
    "224.0.0.1": "a multicast address",
    "239.255.255.255": "a multicast address",
    "255.255.255.255": "the broadcast address",
    "::": "the unspecified address",
    "::127.0.0.1": "an IPv4-compatible address",
    "::8.8.8.8": "an IPv4-compatible address",
    "::ffff:0:127.0.0.1": "an IPv4-translated address",
    "::ffff:224.0.0.1": "a multicast address",
    "64:ff9b::0.0.0.0": "an unspecified address",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2": "a Teredo address",
    "2002:a9fe:a9fe::": "a 6to4 address",
    "2002:808:808::1": "a 6to4 address",
    "ff02::1": "a multicast address",
    "fe80::1%eth0": "an address with a zone",
    "2606:4700::1111%1": "an address with a zone",
}
PUBLIC = (
    "1.1.1.1",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "128.0.0.1",
    "172.15.255.255",
    "172.32.0.0",
    "192.167.255.255",
    "223.255.255.255",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
    "2001:200::1",
    "2606:4700::1111",
    "2a00:1450::1",
)
EVERYTHING = (ip_network("0.0.0.0/0"), ip_network("::/0"))


@pytest.mark.parametrize(("address", "words"), list((PRIVATE | LISTED | NEVER).items()))
def test_an_address_that_is_not_public_is_refused(address: str, words: str) -> None:
    assert why_refused(ip_address(address), host_listed=False, networks=()) == words


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_let_pass(address: str) -> None:
    assert why_refused(ip_address(address), host_listed=False, networks=()) is None


@pytest.mark.parametrize("address", PRIVATE)
def test_a_listed_host_may_be_private(address: str) -> None:
    assert why_refused(ip_address(address), host_listed=True, networks=()) is None


@pytest.mark.parametrize("address", LISTED | NEVER)
def test_a_listed_host_may_not_be_a_metadata_service_or_worse(address: str) -> None:
    assert why_refused(ip_address(address), host_listed=True, networks=()) is not None


@pytest.mark.parametrize("address", PRIVATE | LISTED)
def test_a_listed_network_admits_what_it_holds(address: str) -> None:
    assert why_refused(ip_address(address), host_listed=False, networks=EVERYTHING) is None


@pytest.mark.parametrize("address", NEVER)
def test_no_network_admits_what_is_never_a_server(address: str) -> None:
    assert why_refused(ip_address(address), host_listed=True, networks=EVERYTHING) is not None


@pytest.mark.parametrize("address", ["10.1.0.1", "::ffff:10.1.0.1", "64:ff9b::10.1.0.1"])
def test_a_network_admits_only_its_own_in_every_form(address: str) -> None:
    own, others = [ip_network("10.1.0.0/16")], [ip_network("10.2.0.0/16"), ip_network("fd00::/8")]
    assert why_refused(ip_address(address), host_listed=False, networks=own) is None
    assert why_refused(ip_address(address), host_listed=False, networks=others) is not None


@given(st.ip_addresses())
def test_whatever_python_calls_private_is_refused(address: object) -> None:
    """Its `is_global` lets too much pass, never too little: the table is at least as strict."""
    found = ip_address(str(address))
    if found.is_private and not (found.version == 6 and found.ipv4_mapped is not None):
        assert why_refused(found, host_listed=False, networks=()) is not None
