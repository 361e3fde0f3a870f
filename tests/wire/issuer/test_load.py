"""An issuer on loopback that hangs, and a thousand who want something of it: none of them is kept waiting."""

import asyncio
from typing import Any

import pytest

from oauthclient_operator.egress.door import Door
from oauthclient_operator.errors import IssuerBusy, IssuerUnavailable
from oauthclient_operator.exchange import Incomplete, NotSent, Request
from oauthclient_operator.issuer.authorization_servers import AuthorizationServers
from oauthclient_operator.issuer.caller import Caller
from oauthclient_operator.oauth.metadata_source import MetadataSource
from oauthclient_operator.reach import IssuerAddress
from oauthclient_operator.resource.key import Key, oauth_client
from tests.parts.certificates import CertificateAuthority
from tests.parts.misbehaving import MisbehavingServer, hang, send
from tests.parts.misbehaving_issuer import MisbehavingIssuer
from tests.parts.ports import free_port


def callers(count: int, tenant: str = "shop") -> list[Caller]:
    return [Caller(key=oauth_client(tenant, f"web-{n}"), uid=f"{tenant}-{n}") for n in range(count)]


@pytest.mark.slow
async def test_a_thousand_do_not_wait_for_an_issuer_that_hangs(
    door: Door, certificate_authority: CertificateAuthority
) -> None:
    called: list[Key] = []
    issuers = AuthorizationServers(lambda _issuer: door, exchange_timeout=2, concurrency=16, wake=called.append)
    healthy = MisbehavingIssuer(certificate=certificate_authority.certificate())
    async with MisbehavingServer(hang) as hanging, healthy.server:
        issuer = hanging.url("")
        first, *others = callers(1001)
        begun = asyncio.create_task(issuers.discover(MetadataSource(issuer=issuer), first))
        await asyncio.sleep(0)
        sent_away = await asyncio.gather(
            *(issuers.discover(MetadataSource(issuer=issuer), caller) for caller in others), return_exceptions=True
        )
        assert all(isinstance(result, IssuerBusy) for result in sent_away)
        assert not begun.done(), "all of them before the issuer's time is over"
        await issuers.discover(MetadataSource(issuer=healthy.issuer), callers(1, "other")[0])
        assert not begun.done()
        assert not called
        await asyncio.wait({begun})
        assert isinstance(begun.exception(), IssuerUnavailable)
        assert called == [caller.key for caller in others[:16]], "as many as there are slots"
        for woken in called:
            # Whoever looks sees the failure, and wants no slot any more: the next has its turn.
            issuers.withdraw(woken)
        assert called == [caller.key for caller in others]
        assert hanging.connections == 1
    await issuers.close()


@pytest.mark.slow
async def test_so_many_exchanges_at_once_and_then_none_for_a_while(door: Door) -> None:
    called: list[Key] = []
    issuers = AuthorizationServers(lambda _issuer: door, exchange_timeout=0.5, concurrency=4, wake=called.append)
    async with MisbehavingServer(hang) as hanging:
        issuer = hanging.url("")
        post = Request(method="POST", url=hanging.url("/register"), body=b"{}")

        async def call(caller: Caller) -> str:
            try:
                with issuers.slot(IssuerAddress(issuer), caller) as saw:
                    answer = await issuers.exchange(post, IssuerAddress(issuer), timeout=0.5)
                    saw(answer)
                    return type(answer).__name__
            except (IssuerBusy, IssuerUnavailable) as held:
                return type(held).__name__

        results = await asyncio.gather(*(call(caller) for caller in callers(10)))
        assert (results.count(Incomplete.__name__), results.count(IssuerBusy.__name__)) == (4, 6)
        assert hanging.connections == 4
        assert len(called) == 4, "as many are woken as there are slots"
        assert await call(Caller(key=oauth_client("shop", called[0].name), uid="u")) == IssuerUnavailable.__name__
        for key in called:
            issuers.withdraw(key)
        assert await call(callers(1, "other")[0]) == Incomplete.__name__, "one tenant's calls hold back that tenant"
        assert hanging.connections == 5


async def test_an_issuer_that_is_not_there_holds_back_all_and_a_refusal_of_ours_nobody(door: Door) -> None:
    issuers = AuthorizationServers(lambda _issuer: door, exchange_timeout=1, concurrency=4)
    nowhere = f"http://127.0.0.1:{free_port()}"

    async def call(caller: Caller, url: str, **options: Any) -> object:
        with issuers.slot(IssuerAddress(nowhere), caller) as saw:
            post = Request(method="POST", url=url, body=b"{}")
            answer = await issuers.exchange(post, IssuerAddress(nowhere), timeout=1, **options)
            saw(answer)
            return answer

    for caller in callers(5):
        assert isinstance(await call(caller, "http://10.0.0.1/register"), NotSent)
    async with MisbehavingServer(send(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")) as server:
        for caller in callers(5):
            answer = await call(caller, server.url("/register"), may_begin=lambda: "the lease ran short")
            assert isinstance(answer, NotSent)
        for caller in callers(3):
            assert isinstance(await call(caller, f"{nowhere}/register"), NotSent)
        with (
            pytest.raises(IssuerUnavailable, match="failed several times"),
            issuers.slot(IssuerAddress(nowhere), callers(1, "other")[0]),
        ):
            pass
        with (
            issuers.slot(IssuerAddress(server.url("")), callers(1)[0]),
            issuers.slot(IssuerAddress(nowhere), callers(1)[0], anyway=True),
        ):
            pass
