"""A world with circuit breakers and a clock, and what can be seen at an issuer."""

import pytest

from oauthclient_operator.errors import IssuerUnavailable
from oauthclient_operator.exchange import Answer, Incomplete, NotSent, Response
from oauthclient_operator.issuer.caller import Caller
from oauthclient_operator.issuer.circuit_breakers import BACKOFF, CircuitBreakers
from oauthclient_operator.reach import IssuerAddress
from oauthclient_operator.resource.key import Key, oauth_client

FIRST, LONGEST = BACKOFF.first, BACKOFF.longest
ISSUER = IssuerAddress("https://idp.example.com")


class World:
    def __init__(self) -> None:
        self.now = 0.0
        self.woken: list[Key] = []
        self.changed: list[IssuerAddress] = []
        self.breakers = CircuitBreakers(lambda: self.now, lambda: 1.0, self.woken.append, self.changed.append)

    def sees(self, tenant: str, uid: str, answer: Answer) -> None:
        self.breakers.saw(ISSUER, Caller(key=oauth_client(tenant, uid), uid=uid), answer)

    def holds_back(self, tenant: str, issuer: IssuerAddress = ISSUER) -> bool:
        try:
            self.breakers.begin(issuer, Caller(key=oauth_client(tenant, "web"), uid="new"))
        except IssuerUnavailable:
            return True
        return False


UNREACHED, LOST = NotSent(cause="connection refused"), Incomplete(cause="timeout")
FAILURES = [UNREACHED, LOST, Response(status=500), Response(status=503)]
ANSWERS = [Response(status=s) for s in (201, 400, 401, 404, 408, 429, 501)]
OURS = [
    NotSent(cause="not allowed", refused=True),
    NotSent(cause="the lease ran short", ours=True),
    Incomplete(cause="cancelled", ours=True),
]


def closed_to_all() -> World:
    """Return an issuer that could not be connected to three times, and that may be tried again."""
    world = World()
    for _ in range(3):
        world.sees("shop", "a", UNREACHED)
    world.now = FIRST
    return world


def held_back(world: World, tenant: str, name: str) -> str:
    with pytest.raises(IssuerUnavailable) as held:
        world.breakers.begin(ISSUER, Caller(key=oauth_client(tenant, name), uid=name))
    return str(held.value)
