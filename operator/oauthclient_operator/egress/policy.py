"""What the operator's configuration lets out, and the judgement by it; never a tenant's choice."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Self

from ..errors import EgressRefused
from .addresses import Address, Network, why_refused
from .url import Destination, destination, host_of

Origin = tuple[str, str, int]


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

    def admit(self, url: str) -> Destination:
        """Return where a URL leads if the door opens it, before anything is resolved.

        Raises:
            EgressRefused: it does not.
        """
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
        """Let an address pass that a destination is, or was resolved to.

        The sentence does not hold the address: who may create a resource need not learn what a name means in here.

        Raises:
            EgressRefused: it must not be connected to.
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
