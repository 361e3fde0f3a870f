"""Two claim one issuer identifier with different trust: what is learned on the one's account says nothing to the other."""

from types import SimpleNamespace
from typing import Any

import pytest

from oauthclient_operator.errors import IssuerBusy, IssuerUnavailable
from oauthclient_operator.exchange import Answer, Incomplete, Request, Response
from oauthclient_operator.issuer.authorization_servers import AuthorizationServers
from oauthclient_operator.issuer.caller import Caller
from oauthclient_operator.issuer.circuit_breakers import WITNESSES
from oauthclient_operator.oauth.metadata_source import MetadataSource
from oauthclient_operator.reach import IssuerAddress, Reach
from oauthclient_operator.resource.key import oauth_client

URL = "https://idp.example.com"
HERS = Reach(owner="u-1", authorities="hers")
OTHERS = {
    "a spec's own issuer": None,
    "another resource's": Reach(owner="u-2", authorities="hers"),
    "the same resource's, with other authorities": Reach(owner="u-1", authorities="other"),
}
AT_HERS = IssuerAddress(URL, HERS)


class World:
    """A server of that URL for each who claims it, with one nonce and one endpoint of its own each."""

    def __init__(self) -> None:
        self.asked: list[IssuerAddress] = []
        self.issuers = AuthorizationServers(self._door, exchange_timeout=20, concurrency=1, clock=lambda: 0.0)

    def _door(self, at: IssuerAddress) -> Any:
        async def exchange(_request: Request, **_: Any) -> Answer:
            self.asked.append(at)
            name = "spec" if at.reach is None else f"{at.reach.owner}-{at.reach.authorities}"
            body = f'{{"issuer": "{URL}", "registration_endpoint": "{URL}/{name}"}}'.encode()
            return Response(status=200, headers={"dpop-nonce": name}, body=body)

        policy = SimpleNamespace(admit=lambda _url: None, admits_endpoint=lambda _issuer, _url: True)
        return SimpleNamespace(trust="the same name", policy=policy, exchange=exchange)


def caller(number: int = 0) -> Caller:
    return Caller(key=oauth_client(f"shop-{number}", "web"), uid=f"web-{number}")


pytestmark = pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS.keys())


async def test_metadata_are_each_ones_own(other: Reach | None) -> None:
    world = World()
    found = [await world.issuers.discover(MetadataSource(issuer=URL, reach=r), caller()) for r in (HERS, other, HERS)]
    assert found[0] == found[2] != found[1]
    assert world.asked == [AT_HERS, IssuerAddress(URL, other)], "each was fetched once, by its own door"
    await world.issuers.close()


async def test_a_nonce_of_the_one_is_none_for_the_other(other: Reach | None) -> None:
    world, who = World(), caller()
    await world.issuers.exchange(Request(method="GET", url=f"{URL}/x"), AT_HERS, tenant=who.tenant, timeout=1)
    assert world.issuers.nonce(f"{URL}/x", AT_HERS, who.tenant) == "u-1-hers"
    assert world.issuers.nonce(f"{URL}/x", IssuerAddress(URL, other), who.tenant) is None


async def test_failures_of_the_one_hold_back_none_of_the_other(other: Reach | None) -> None:
    world = World()
    for number in range(WITNESSES):
        with world.issuers.slot(AT_HERS, caller(number)) as tell:
            tell(Incomplete(cause="cut off"))
    with pytest.raises(IssuerUnavailable), world.issuers.slot(AT_HERS, caller()):
        pass
    with world.issuers.slot(IssuerAddress(URL, other), caller()) as tell:
        tell(Response(status=200, body=b"{}"))
    with pytest.raises(IssuerUnavailable), world.issuers.slot(AT_HERS, caller()):
        pass


async def test_slots_are_each_ones_own(other: Reach | None) -> None:
    world = World()
    with world.issuers.slot(AT_HERS, caller(1)):
        with pytest.raises(IssuerBusy), world.issuers.slot(AT_HERS, caller(2)):
            pass
        with world.issuers.slot(IssuerAddress(URL, other), caller(3)) as tell:
            tell(Response(status=200, body=b"{}"))
