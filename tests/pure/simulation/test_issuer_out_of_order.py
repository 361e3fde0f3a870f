"""A server is out of order: its ClusterOAuthIssuer says so as its clients do, asks nothing for that, and mends soon."""

import asyncio
import json
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from oauthclient_operator.errors import IssuerUnavailable
from oauthclient_operator.exchange import Answer, Incomplete, NotSent, Request, Response
from oauthclient_operator.issuer.authorization_servers import AuthorizationServers
from oauthclient_operator.issuer.caller import Caller
from oauthclient_operator.issuer.circuit_breakers import TRIAL, WITNESSES
from oauthclient_operator.issuer.discovery_cache import TIME_TO_LIVE
from oauthclient_operator.reach import IssuerAddress
from oauthclient_operator.reconcile.issuers import IssuerPasses
from oauthclient_operator.resource.key import cluster_issuer, oauth_client
from tests.pure.simulation.authorization_server import ISSUER
from tests.pure.simulation.platform import Platform
from tests.pure.simulation.test_access_by_tokens import asked_to_retry

HANGS = "no complete response within 20 s"
CALLER = Caller(key=oauth_client("shop", "web"), uid="u")
DOCUMENT = json.dumps({"issuer": ISSUER, "registration_endpoint": f"{ISSUER}/register"}).encode()


class OutOfOrder(Platform):
    """A platform whose issuer is looked at over real breakers and a real cache of metadata."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.fetches = 0
        self.answer: Answer = Response(status=200, body=DOCUMENT)
        policy = SimpleNamespace(admit=lambda *_: None, admits_endpoint=lambda *_: True)
        door: Any = SimpleNamespace(exchange=self._exchange, policy=policy, trust="system")
        self.servers = AuthorizationServers(
            lambda _address: door,
            exchange_timeout=20,
            concurrency=4,
            wake=self.wake,
            clock=self.clock.elapsed,
            chance=lambda: 1.0,
            changed=lambda _issuer: self.wake(cluster_issuer("corporate")),
        )
        self.issuers = IssuerPasses(replace(self.issuer_ports, issuers=self.servers))
        self.apply_issuer()
        self.settled()

    def settled(self, time: timedelta = timedelta()) -> None:
        async def pass_by() -> None:
            await self.settle()
            await self.after(time)

        asyncio.run(pass_by())

    def calls(self, answer: Answer) -> None:
        """Have a client make a call that comes to this, and the issuer looked at if that is news."""
        with self.servers.slot(self.address, CALLER) as tell:
            tell(answer)
        self.settled()

    @property
    def address(self) -> IssuerAddress:
        terms = self.world.accepted.of("corporate")
        assert terms is not None
        return terms.address

    @property
    def version(self) -> int:
        issuer = self.issuer()
        assert issuer is not None
        return int(issuer["metadata"]["resourceVersion"])

    async def _exchange(self, _request: Request, **_: Any) -> Answer:
        self.fetches += 1
        return self.answer


def hanging() -> OutOfOrder:
    """Return one whose calls are held back, for no TLS connection comes about: the server hangs."""
    platform = OutOfOrder()
    assert platform.said(name=None)[:2] == ("True", "Ready")
    for _ in range(WITNESSES):
        platform.calls(NotSent(cause=HANGS))
    return platform


def test_an_issuer_whose_calls_are_held_back_says_so_with_the_last_cause_and_is_asked_nothing() -> None:
    platform = hanging()
    for kind in ("Ready", "Discovered"):
        status, reason, message = platform.said(kind, name=None)
        assert (status, reason) == ("False", "IssuerUnavailable")
        assert f"calls to issuer {ISSUER} failed several times in a row (the last one: {HANGS})" in message
        assert message.endswith("; it is tried again by itself")
    assert platform.fetches == 1, "when it was applied"
    issuer = platform.issuer()
    assert issuer is not None
    assert issuer["status"]["discovered"]["registrationEndpoint"] == f"{ISSUER}/register"


def test_it_is_ready_again_as_soon_as_a_call_is_answered() -> None:
    platform = hanging()
    asyncio.run(platform.clock.sleep(5))
    platform.calls(Response(status=201))
    assert platform.said(name=None)[:2] == ("True", "Ready")
    assert platform.said("Discovered", name=None)[:2] == ("True", "Discovered")
    assert platform.fetches == 1


def test_a_person_s_word_has_its_metadata_read_and_what_they_say_is_known_when_calls_go_on() -> None:
    platform = hanging()
    moved = f"{ISSUER}/moved"
    document = json.dumps({"issuer": ISSUER, "registration_endpoint": moved}).encode()
    platform.answer = Response(status=200, body=document)
    platform.clock.time += timedelta(seconds=1)
    asked_to_retry(platform, "1", None)
    assert (platform.said(name=None)[1], platform.fetches) == ("IssuerUnavailable", 2)
    asyncio.run(platform.clock.sleep(5))
    platform.calls(Response(status=201))
    issuer = platform.issuer()
    assert issuer is not None
    assert issuer["status"]["discovered"]["registrationEndpoint"] == moved
    assert (platform.said(name=None)[1], platform.fetches) == ("Ready", 2)


def test_while_trials_fail_nothing_more_is_written() -> None:
    platform = hanging()
    written, pause = platform.version, 5.0
    for _ in range(6):
        platform.settled(timedelta(seconds=pause))
        platform.calls(NotSent(cause=HANGS))
        pause = min(2 * pause, 300)
    assert platform.version == written
    assert platform.fetches == 1


def test_where_nobody_tries_the_issuer_is_looked_at_itself_when_a_trial_is_long_due() -> None:
    platform = hanging()
    platform.settled(timedelta(seconds=TRIAL))
    assert (platform.said(name=None)[1], platform.fetches) == ("IssuerUnavailable", 1)
    platform.settled(timedelta(seconds=TRIAL))
    assert (platform.said(name=None)[1], platform.fetches) == ("Ready", 2)


def test_where_nobody_tries_and_it_hangs_it_is_not_ready_and_is_asked_less_and_less_often() -> None:
    platform = hanging()
    platform.answer = Incomplete(cause=HANGS)
    platform.settled(timedelta(hours=1))
    status, reason, message = platform.said(name=None)
    assert (status, reason) == ("False", "IssuerUnavailable")
    assert HANGS in message
    assert platform.fetches <= 20


def test_a_client_that_finds_its_metadata_gone_has_the_issuer_looked_at_without_another_fetch() -> None:
    platform = OutOfOrder()
    terms = platform.world.accepted.of("corporate")
    assert terms is not None
    source = terms.source

    async def client_looks() -> None:
        await platform.clock.sleep(TIME_TO_LIVE)
        with suppress(IssuerUnavailable):
            await platform.servers.discover(source, CALLER)
        await platform.settle()

    found: tuple[tuple[Answer, str], ...] = (
        (Incomplete(cause=HANGS), "IssuerUnavailable"),
        (Response(status=200, body=DOCUMENT), "Ready"),
    )
    for platform.answer, reason in found:
        before = platform.fetches
        asyncio.run(client_looks())
        assert platform.said(name=None)[1] == reason
        assert platform.fetches == before + 1
