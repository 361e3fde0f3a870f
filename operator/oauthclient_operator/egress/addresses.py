"""Which addresses are public: an explicit table, because `ipaddress.is_global` is wrong about half of what matters.

It calls NAT64, 6to4, IPv4-compatible, site-local and multicast forms of a private address global. The table is read
from the top, the first row that holds the address speaks.
"""

from collections.abc import Iterable
from enum import Enum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import Final

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


class _Reach(Enum):
    """What it takes to connect to an address that is not public."""

    PRIVATE = "the operator lists the host or a network that holds the address"
    LISTED = "the operator lists a network that holds the address: a host name does not say so much"
    NEVER = "nothing"


_NAT64: Final = IPv6Network("64:ff9b::/96")

_TABLE: Final = tuple(
    (ip_network(network), reach, words)
    for network, reach, words in (
        ("0.0.0.0/8", _Reach.NEVER, "an unspecified address"),
        ("10.0.0.0/8", _Reach.PRIVATE, "a private address"),
        ("100.100.100.200/32", _Reach.LISTED, "a cloud's metadata service"),
        ("100.64.0.0/10", _Reach.PRIVATE, "a shared address (RFC 6598)"),
        ("127.0.0.0/8", _Reach.PRIVATE, "a loopback address"),
        ("168.63.129.16/32", _Reach.LISTED, "a cloud's metadata service"),
        ("169.254.0.0/16", _Reach.LISTED, "a link-local address"),
        ("172.16.0.0/12", _Reach.PRIVATE, "a private address"),
        ("192.0.0.0/24", _Reach.PRIVATE, "an address for protocol assignments"),
        ("192.0.2.0/24", _Reach.PRIVATE, "a documentation address"),
        ("192.88.99.0/24", _Reach.LISTED, "a 6to4 relay"),
        ("192.168.0.0/16", _Reach.PRIVATE, "a private address"),
        ("198.18.0.0/15", _Reach.PRIVATE, "a benchmarking address"),
        ("198.51.100.0/24", _Reach.PRIVATE, "a documentation address"),
        ("203.0.113.0/24", _Reach.PRIVATE, "a documentation address"),
        ("224.0.0.0/4", _Reach.NEVER, "a multicast address"),
        ("255.255.255.255/32", _Reach.NEVER, "the broadcast address"),
        ("240.0.0.0/4", _Reach.LISTED, "a reserved address"),
        ("::/128", _Reach.NEVER, "the unspecified address"),
        ("::1/128", _Reach.PRIVATE, "the loopback address"),
        ("::/96", _Reach.NEVER, "an IPv4-compatible address"),
        ("::ffff:0:0:0/96", _Reach.NEVER, "an IPv4-translated address"),
        ("64:ff9b:1::/48", _Reach.LISTED, "a local NAT64 address"),
        ("2001::/32", _Reach.NEVER, "a Teredo address"),
        ("2001::/23", _Reach.LISTED, "an address for protocol assignments"),
        ("2001:db8::/32", _Reach.PRIVATE, "a documentation address"),
        ("2002::/16", _Reach.NEVER, "a 6to4 address"),
        ("3fff::/20", _Reach.PRIVATE, "a documentation address"),
        ("fd00:ec2::/32", _Reach.LISTED, "a cloud's metadata service"),
        ("fc00::/7", _Reach.PRIVATE, "a unique local address"),
        ("fe80::/10", _Reach.LISTED, "a link-local address"),
        ("fec0::/10", _Reach.PRIVATE, "a site-local address"),
        ("ff00::/8", _Reach.NEVER, "a multicast address"),
    )
)
_GLOBAL_UNICAST: Final = IPv6Network("2000::/3")
"""All that is allocated of IPv6; what lies outside it and in no row above is not public either."""


def unwrapped(address: Address) -> Address:
    """Return the IPv4 address that packets to an IPv4-mapped or NAT64 (RFC 6052) address reach, else the address.

    NAT64 is unwrapped, not refused: in a cluster without IPv4 it is how an IPv4-only issuer is reached. The other
    forms that hold an IPv4 address (compatible, translated, 6to4, Teredo) have no such use, and are refused.
    """
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


def why_refused(address: Address, *, host_listed: bool, networks: Iterable[Network]) -> str | None:
    """Say what kind of address it is that must not be connected to, or None if it may be."""
    if isinstance(address, IPv6Address) and address.scope_id is not None:
        return "an address with a zone"
    real = unwrapped(address)
    reach, words = _judged(real)
    if reach is None or (reach is _Reach.PRIVATE and host_listed):
        return None
    if reach is not _Reach.NEVER and any(_holds(network, real) for network in networks):
        return None
    return words


def _judged(address: Address) -> tuple[_Reach | None, str]:
    for network, reach, words in _TABLE:
        if _holds(network, address):
            return reach, words
    if isinstance(address, IPv6Address) and address not in _GLOBAL_UNICAST:
        return _Reach.LISTED, "no global unicast address"
    return None, ""


def _holds(network: Network, address: Address) -> bool:
    return network.version == address.version and address in network
