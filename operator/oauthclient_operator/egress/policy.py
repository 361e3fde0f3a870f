"""What is let out, and the judgement by it: the operator's configuration, or the choice of a program; never a tenant's.

The operator calls URLs that its tenants choose. A program that registers a client of its own has chosen the issuer
itself, and takes its word for where its endpoints are.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from ipaddress import ip_network
from typing import Protocol, Self

from ..errors import EgressRefused
from ..reach import Reach
from .addresses import Address, Network, why_refused
from .url import Destination, destination, host_of

Origin = tuple[str, str, int]


class Policy(Protocol):
    """What the door asks before a request leaves."""

    def admit(self, url: str) -> Destination:
        """Return where a URL leads if the door opens it, before anything is resolved.

        Raises:
            EgressRefused: it does not.
        """
        ...

    def admit_address(self, to: Destination, address: Address) -> None:
        """Let an address pass that a destination is, or was resolved to.

        Raises:
            EgressRefused: it must not be connected to.
        """
        ...

    def admits_endpoint(self, issuer: str, url: str) -> bool:
        """Say whether a URL that an issuer's documents or answers name may be used for that issuer."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class EgressPolicy:
    """What may be reached; with nothing in it, https to public addresses, and endpoints at the issuer's own origin."""

    private_hosts: frozenset[str] = frozenset()
    private_networks: tuple[Network, ...] = ()
    http_hosts: frozenset[str] = frozenset()
    endpoint_origins: Mapping[str, frozenset[Origin]] = field(default_factory=dict)
    """By issuer identifier, the other origins that its documents may name."""

    @classmethod
    def parse(
        cls,
        *,
        private_issuers: Iterable[str] = (),
        http_issuers: Iterable[str] = (),
        endpoint_origins: Iterable[str] = (),
    ) -> Self:
        """Read the values of --allow-private-issuer, --allow-http-issuer and --allow-endpoint-origin.

        Raises:
            ValueError: one of them is not what it should be; the message says what to write.
        """
        hosts: set[str] = set()
        networks: list[Network] = []
        for written in private_issuers:
            if (network := _network(written)) is not None:
                networks.append(network)
            else:
                hosts.add(_host(written, "--allow-private-issuer", "a host name or a CIDR"))
        origins: dict[str, frozenset[Origin]] = {}
        for written in endpoint_origins:
            issuer, origin = _endpoint_origin(written)
            origins[issuer] = origins.get(issuer, frozenset()) | {origin}
        return cls(
            private_hosts=frozenset(hosts),
            private_networks=tuple(networks),
            http_hosts=frozenset(_host(h, "--allow-http-issuer", "a host name") for h in http_issuers),
            endpoint_origins=origins,
        )

    def reaching(self, issuer: str, reach: Reach) -> Self:
        """Return what may be reached for an issuer that a ClusterOAuthIssuer describes: what it says, and all of this.

        What it says was held to its form where it was parsed; what cannot be read allows nothing.
        """
        origins = frozenset(origin for written in reach.endpoint_origins if (origin := _origin(written)) is not None)
        networks = (network for written in reach.private_addresses if (network := _network(written)) is not None)
        own = (_origin(issuer), *origins) if reach.http else ()
        return replace(
            self,
            private_networks=(*self.private_networks, *networks),
            http_hosts=self.http_hosts | {origin[1] for origin in own if origin is not None},
            endpoint_origins={
                **self.endpoint_origins,
                issuer: self.endpoint_origins.get(issuer, frozenset()) | origins,
            },
        )

    def admit(self, url: str) -> Destination:
        """Return where a URL leads if the door opens it: plain http only to hosts that the configuration lists."""
        found = destination(url)
        if found.scheme == "http" and found.host not in self.http_hosts:
            raise EgressRefused(
                f"plain http to {found.host} is not allowed: use https, or have the operator's administrator "
                f"set --allow-http-issuer={found.host}"
            )
        if found.address is not None:
            self.admit_address(found, found.address)
        return found

    def admit_address(self, to: Destination, address: Address) -> None:
        """Let an address pass if it is public, or the configuration lists the host or a network that holds it.

        The sentence does not hold the address: who may create a resource need not learn what a name means in here.
        """
        words = why_refused(address, host_listed=to.host in self.private_hosts, networks=self.private_networks)
        if words is not None:
            verb = "is" if to.address is not None else "resolves to"
            raise EgressRefused(
                f"{to.host} {verb} {words}, which is not public: the operator's administrator can allow "
                "an issuer with --allow-private-issuer"
            )

    def admits_endpoint(self, issuer: str, url: str) -> bool:
        """Say whether a URL that an issuer's documents or answers name may be used for that issuer.

        It is held to the issuer's origin, or to one that the configuration names for it: otherwise a tenant's document
        could claim a genuine issuer and take its token.
        """
        try:
            origin = destination(url).origin
            return origin == destination(issuer).origin or origin in self.endpoint_origins.get(issuer, ())
        except EgressRefused:
            return False


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramPolicy:
    """What a program may reach that chose its issuer itself: https, at public and at private addresses.

    What no authorization server has is refused all the same: link-local addresses, and those of clouds' metadata
    services, to which an issuer's document could send a request with a token.
    """

    insecure: bool = False
    """Whether plain http is let out: what is sent can be read, and what is answered can be written, by anybody."""

    def admit(self, url: str) -> Destination:
        """Return where a URL leads if the door opens it."""
        found = destination(url)
        if found.scheme == "http" and not self.insecure:
            raise EgressRefused(f"plain http to {found.host} is not allowed: use https")
        if found.address is not None:
            self.admit_address(found, found.address)
        return found

    def admit_address(self, to: Destination, address: Address) -> None:
        """Let an address pass that an authorization server may have."""
        words = why_refused(address, host_listed=True, networks=())
        if words is not None:
            raise EgressRefused(f"{to.host} {'is' if to.address is not None else 'resolves to'} {words}")

    def admits_endpoint(self, issuer: str, url: str) -> bool:  # noqa: ARG002 - the issuer's origin makes no difference
        """Say whether a URL may be called: at any origin, for RFC 8414 does not hold endpoints to the issuer's."""
        try:
            self.admit(url)
        except EgressRefused:
            return False
        return True


def _origin(written: str) -> Origin | None:
    try:
        return destination(written).origin
    except EgressRefused:
        return None


def _network(written: str) -> Network | None:
    try:
        return ip_network(written)
    except ValueError:
        return None


def _host(written: str, flag: str, wanted: str) -> str:
    try:
        # An IPv6 address is written without brackets here, as in a CIDR.
        network = _network(written)
        if network is not None and network.num_addresses == 1 and "/" not in written:
            return network.network_address.compressed
        return host_of(written)[0]
    except EgressRefused:
        raise ValueError(f"{flag} takes {wanted}, not {written!r}") from None


def _endpoint_origin(written: str) -> tuple[str, Origin]:
    # An issuer's path may hold an equals sign, an origin never does.
    issuer, separator, origin = written.rpartition("=")
    try:
        destination(issuer)
        named = destination(origin)
    except EgressRefused:
        named = None
    if not separator or named is None or named.target != "/":
        raise ValueError(
            f"--allow-endpoint-origin takes an issuer identifier, '=' and an origin such as "
            f"https://login.example.com, not {written!r}"
        )
    return issuer, named.origin
