"""A door to loopback, names that mean what a test says, and an ear at every socket and every name resolution."""

import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from oauthclient_operator.egress.door import Door
from oauthclient_operator.egress.policy import EgressPolicy
from oauthclient_operator.egress.resolution import Resolver
from tests.parts.certificates import CertificateAuthority

NAME = "idp.example.com"


@dataclass(slots=True)
class Heard:
    """What was tried while a test listened."""

    connects: list[Any] = field(default_factory=list)
    lookups: list[Any] = field(default_factory=list)

    def nothing(self) -> bool:
        return not self.connects and not self.lookups


_listeners: list[Heard] = []
"""An audit hook cannot be taken out again, so there is one, and those who listen to it."""


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    for heard in _listeners:
        if event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
            heard.connects.append(arguments[1])
        elif event in {"socket.getaddrinfo", "socket.gethostbyname"}:
            heard.lookups.append(arguments[0])


sys.addaudithook(_hear)


@pytest.fixture
def heard() -> Iterator[Heard]:
    heard = Heard()
    _listeners.append(heard)
    yield heard
    _listeners.remove(heard)


Names = dict[str, list[str]]
DoorOf = Callable[..., Door]


def resolver_of(names: Names, asked: list[str] | None = None) -> Resolver:
    """Return a resolver that knows these names and no other."""

    def getaddrinfo(host: str, _: object, **__: object) -> list[Any]:
        if asked is not None:
            asked.append(host)
        if host not in names:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [(0, socket.SOCK_STREAM, 6, "", (address, 0)) for address in names[host]]

    return Resolver(getaddrinfo)


@pytest.fixture
def door(certificate_authority: CertificateAuthority) -> Door:
    """A door that lets loopback pass, by address and by name, with TLS and without."""
    return Door(
        policy=EgressPolicy.parse(private_issuers=["127.0.0.1", NAME], http_issuers=["127.0.0.1", NAME]),
        ca_bundle=certificate_authority.bundle,
        resolver=resolver_of({NAME: ["127.0.0.1"]}),
    )


@pytest.fixture
def door_of(certificate_authority: CertificateAuthority) -> DoorOf:
    """Make doors that know these names, with nothing allowed but what is said."""

    def make(names: Names, **allowed: list[str]) -> Door:
        policy = EgressPolicy.parse(**allowed)
        return Door(policy=policy, ca_bundle=certificate_authority.bundle, resolver=resolver_of(names))

    return make
