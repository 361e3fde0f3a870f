"""A URL that the door can open, taken apart once: what is judged and what is connected to come from the same parse."""

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Final

import idna

from ..errors import EgressRefused
from .addresses import Address

_URL: Final = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<authority>[^/?#\\]*)(?P<path>/[^?#\\]*)?(?P<query>\?[^#\\]*)?"
)
_AUTHORITY: Final = re.compile(r"(?:\[(?P<literal>[0-9A-Fa-f:.]+)\]|(?P<name>[^:\[\]%]+))(?::(?P<port>[0-9]{1,5}))?")
_LABEL: Final = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")
_VISIBLE: Final = re.compile(r"[\x21-\x7e]*")
_PORTS: Final = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where a request goes; `host` in lower case and ASCII, `address` where it is a literal."""

    scheme: str
    host: str
    port: int
    target: str
    """Path and query exactly as written: a registration_client_uri is the server's to shape (RFC 7592 section 3)."""
    address: Address | None

    @property
    def authority(self) -> str:
        """Host and port as the Host header has them (RFC 9110 section 7.2)."""
        host = f"[{self.host}]" if isinstance(self.address, IPv6Address) else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> tuple[str, str, int]:
        """Scheme, host and port: equal for URLs of one origin (RFC 6454 section 4)."""
        return self.scheme, self.host, self.port


def destination(url: str) -> Destination:
    """Take a URL apart.

    Any port may be named: https says nothing to a port that does not prove its name by a certificate, the hosts for
    plain http are the operator's own choice, and issuers do live on 8443 and the like.

    Raises:
        EgressRefused: the URL is not one that the door opens, or says where to go in more than one way.
    """
    parts = _URL.fullmatch(url)
    if parts is None:
        raise EgressRefused("the URL is not absolute, or has a fragment or a backslash")
    scheme = parts["scheme"].lower()
    if scheme not in _PORTS:
        raise EgressRefused("the URL's scheme is not https")
    if "@" in parts["authority"]:
        raise EgressRefused("the URL holds a user name")
    authority = _AUTHORITY.fullmatch(parts["authority"])
    if authority is None:
        raise EgressRefused("the URL's host or port is malformed")
    target = (parts["path"] or "/") + (parts["query"] or "")
    if not _VISIBLE.fullmatch(target):
        raise EgressRefused("the URL holds white space, a control character or one that is not ASCII: encode it")
    host, address = _ip_literal(authority["literal"]) if authority["literal"] else host_of(authority["name"])
    port = int(authority["port"]) if authority["port"] else _PORTS[scheme]
    if not 0 < port < 65536:
        raise EgressRefused("the URL's port does not exist")
    return Destination(scheme=scheme, host=host, port=port, target=target, address=address)


def host_of(written: str) -> tuple[str, Address | None]:
    """Return a host name or dotted IPv4 address in canonical form, and the address if it is one.

    The resolver takes 0177.0.0.1, 2130706433, 127.1 and their like in full-width digits for 127.0.0.1; here the last
    label decides, as in the WHATWG URL standard: what ends in a number is an address, and it has one spelling.

    Raises:
        EgressRefused: it is neither.
    """
    host = written.lower()
    if not host.isascii():
        try:
            # IDNA 2008 without any mapping: full-width forms and other look-alikes are no host names.
            host = idna.encode(host, strict=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            raise EgressRefused("the URL's host is not a host name") from None
    labels = host.split(".")
    if len(labels) > 1 and not labels[-1]:
        # RFC 6066 section 3: a server's name is sent "without a trailing dot", so no certificate has one either.
        raise EgressRefused("the URL's host ends with a dot: leave the dot out")
    if _NUMBER.fullmatch(labels[-1]):
        try:
            return host, IPv4Address(host)
        except AddressValueError:
            raise EgressRefused("the URL's host is an IPv4 address in a form that is not canonical") from None
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise EgressRefused("the URL's host is not a host name")
    return host, None


def _ip_literal(written: str) -> tuple[str, Address]:
    try:
        address = IPv6Address(written)
    except AddressValueError:
        raise EgressRefused("the URL's host is not an IPv6 address") from None
    return address.compressed, address
