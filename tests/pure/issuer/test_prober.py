"""Proofs at an issuer: over the one door and nowhere else, few at once, and all of it told to who counts."""

import asyncio
import base64
import json
import uuid
from contextlib import ExitStack
from dataclasses import replace
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs

import pytest

from oauthclient_operator.errors import IssuerBusy
from oauthclient_operator.exchange import Answer, Incomplete, NotSent, Request
from oauthclient_operator.issuer.authorization_servers import AuthorizationServers
from oauthclient_operator.issuer.caller import Caller
from oauthclient_operator.issuer.concurrency_limits import PROOFS_PER_ISSUER
from oauthclient_operator.issuer.prober import Prober
from oauthclient_operator.oauth import jose
from oauthclient_operator.oauth.authentication_methods import PrivateKeyJWT
from oauthclient_operator.oauth.proof.probes import ProbeKind
from oauthclient_operator.oauth.proof.results import (
    Calibrated,
    Doubt,
    NotKnown,
    NotProvable,
    Obstacle,
    Refused,
    Unavailable,
    Valid,
)
from oauthclient_operator.reach import IssuerAddress
from oauthclient_operator.resource.key import Key, oauth_client
from tests.pure.oauth.proof.fake import CLIENT, ISSUER, NOW, FakeServer, credentials, said
from tests.pure.oauth.proof.servers import BASIC, IC401, KEY, KINDS, NONE, Kind, Row

ELSEWHERE = "https://elsewhere.example"


def kind(method: str, server: str = "node-oidc-provider") -> Kind:
    return next(k for k in KINDS if k.method == method and k.server == server)


def caller(name: str = "web") -> Caller:
    return Caller(key=oauth_client("shop", name), uid=name)


class Ground:
    """Authorization servers with one door that leads to a fake one."""

    def __init__(self, server: FakeServer) -> None:
        self.server = server
        self.sent: list[dict[str, Any]] = []
        self.bodies: list[bytes] = []
        self.woken: list[Key] = []
        self.seen: list[Answer] = []
        policy = SimpleNamespace(admits_endpoint=lambda _issuer, url: not url.startswith(ELSEWHERE))
        door: Any = SimpleNamespace(trust="system", policy=policy, exchange=self._exchange)
        self.issuers = AuthorizationServers(
            lambda _issuer: door, exchange_timeout=20, concurrency=16, wake=self.woken.append
        )
        self.elapsed = 0.0
        self.slowness = 0.0
        self.late: Answer | None = None
        """What comes of an exchange that has less time than the server takes."""
        self.prober = Prober(self.issuers, timeout=7, now=lambda: NOW, elapsed=lambda: self.elapsed)

    async def _exchange(self, request: Request, **how: Any) -> Answer:
        self.sent.append({"url": request.url, **how})
        self.bodies.append(request.body or b"")
        self.elapsed += min(self.slowness, how["timeout"])
        if self.late is not None and self.slowness > how["timeout"]:
            return self.late
        return await self.server.ask(request)

    async def calibrate(self, **changes: Any) -> Any:
        metadata = replace(self.server.metadata, **changes)
        subject = credentials(self.server.kind.method)
        return await self.prober.calibrate(subject, metadata, IssuerAddress(ISSUER), caller(), saw=self.seen.append)

    async def check(self, found: Calibrated, *, right: bool = True, **changes: Any) -> Any:
        metadata = replace(self.server.metadata, **changes)
        subject = credentials(self.server.kind.method, right=right)
        return await self.prober.check(subject, found, metadata, IssuerAddress(ISSUER), caller(), saw=self.seen.append)


@pytest.mark.parametrize("method", [BASIC, KEY, NONE])
async def test_a_client_is_calibrated_and_checked_over_the_door(method: str) -> None:
    ground = Ground(FakeServer(kind(method)))
    found = await ground.calibrate()
    assert await ground.check(found) == Valid()
    if method != NONE:
        assert await ground.check(found, right=False) == Refused(known=False)
    ground.server.clients.clear()
    assert await ground.check(found) == Refused(known=False)
    assert {(how["tenant"], how["timeout"]) for how in ground.sent} == {(caller().tenant, 7)}
    # Who counts, and the circuit breakers, are told of each.
    assert len(ground.seen) == len(ground.sent) == 2 * (3 if method == NONE else 4)


async def test_what_is_made_up_is_made_up_anew_for_each_pair() -> None:
    ground = Ground(FakeServer(kind(BASIC)))
    found = await ground.calibrate()
    for _ in range(3):
        await ground.check(found)
    nobodies = [client for _, client in ground.server.asked if client != CLIENT]
    assert len({uuid.UUID(client) for client in nobodies}) == 4
    assert len({*ground.bodies}) == 4


async def test_the_key_that_nobody_has_is_made_once_for_each_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    generate = jose.generate

    def counted(algorithm: str) -> jose.PrivateKey:
        made.append(algorithm)
        return generate(algorithm)

    monkeypatch.setattr(jose, "generate", counted)
    ground = Ground(FakeServer(kind(KEY)))
    found = await ground.calibrate()
    for _ in range(3):
        assert await ground.check(found) == Valid()
    assert made == ["ES256"]


async def test_a_key_for_one_algorithm_has_a_control_for_it_alone() -> None:
    ground = Ground(FakeServer(kind(KEY)))
    key = jose.generate("EdDSA").only("EdDSA")
    subject = replace(credentials(KEY), authentication=PrivateKeyJWT(key, kid="k-1"))
    ground.server.intercept = lambda _control: said(IC401)
    await ground.prober.calibrate(
        subject, ground.server.metadata, IssuerAddress(ISSUER), caller(), saw=ground.seen.append
    )
    headers = [parse_qs(body.decode())["client_assertion"][0].partition(".")[0] for body in ground.bodies]
    assert {json.loads(base64.urlsafe_b64decode(h + "=="))["alg"] for h in headers} == {"EdDSA"}


async def test_credentials_are_sent_to_the_issuers_own_origin_alone() -> None:
    ground = Ground(FakeServer(kind(BASIC)))
    found = await ground.calibrate()
    ground.sent.clear()
    endpoints = {**ground.server.metadata.endpoints, found.probe.kind.endpoint: f"{ELSEWHERE}/revocation"}
    assert await ground.check(found, endpoints=endpoints) == NotKnown(Doubt.ELSEWHERE)
    assert ground.sent == []
    other = await ground.calibrate(endpoints=endpoints)
    assert other.probe.kind is ProbeKind.TOKEN
    assert {how["url"] for how in ground.sent} == {f"{ISSUER}/token"}
    all_elsewhere = {name: f"{ELSEWHERE}/{name}" for name in endpoints}
    assert await ground.calibrate(endpoints=all_elsewhere) == NotProvable(Obstacle.ELSEWHERE)
    assert len(ground.sent) == 2
    assert await ground.calibrate(endpoints={}) == NotProvable(Obstacle.NO_ENDPOINT)


@pytest.mark.parametrize("method", [BASIC, KEY])
async def test_a_calibration_that_finds_nothing_costs_twelve_exchanges_at_most(method: str) -> None:
    blind = Row(IC401, IC401, IC401, tells=False)
    server = FakeServer(replace(kind(method), revocation=blind, token=blind, introspection=blind))
    ground = Ground(server)
    assert await ground.calibrate() == NotProvable(Obstacle.NO_PROBE)
    assert len(ground.sent) == 12


@pytest.mark.parametrize(("slowness", "exchanges"), [(6.5, 3), (3.0, 5), (1.0, 12)])
async def test_a_server_that_answers_slowly_keeps_it_no_longer_than_two_exchanges_may_take(
    slowness: float, exchanges: int
) -> None:
    blind = Row(IC401, IC401, IC401, tells=False)
    ground = Ground(FakeServer(replace(kind(BASIC), revocation=blind, token=blind, introspection=blind)))
    ground.slowness = slowness
    found = await ground.calibrate()
    assert isinstance(found, NotProvable if exchanges == 12 else Unavailable)
    assert (len(ground.sent), ground.elapsed <= 14) == (exchanges, True)
    assert len(ground.seen) == exchanges


LATE = "no complete response within 1 s"


@pytest.mark.parametrize("late", [NotSent(cause=LATE), Incomplete(cause=LATE, status=200)])
@pytest.mark.parametrize(("slowness", "exchanges", "ours"), [(6.65, 3, True), (7.5, 1, False)])
async def test_an_exchange_that_had_no_time_left_says_nothing_of_the_issuer(
    late: NotSent | Incomplete, slowness: float, exchanges: int, ours: bool
) -> None:
    blind = Row(IC401, IC401, IC401, tells=False)
    ground = Ground(FakeServer(replace(kind(BASIC), revocation=blind, token=blind, introspection=blind)))
    ground.slowness, ground.late = slowness, late
    assert isinstance(await ground.calibrate(), Unavailable)
    assert len(ground.seen) == exchanges
    assert ground.seen[-1] == replace(late, ours=ours)


async def test_a_server_that_asks_to_wait_is_left_alone() -> None:
    ground = Ground(FakeServer(kind(BASIC)))
    ground.server.intercept = lambda _control: said("429")
    assert await ground.calibrate() == Unavailable(why="the answer was HTTP 429")
    assert len(ground.sent) == 1


async def test_few_proofs_go_on_at_once_and_who_waits_is_woken() -> None:
    ground = Ground(FakeServer(kind(BASIC)))
    found = await ground.calibrate()
    with ExitStack() as held:
        for number in range(PROOFS_PER_ISSUER):
            held.enter_context(ground.issuers.proof_slot(IssuerAddress(ISSUER), caller(f"other-{number}")))
        ground.sent.clear()
        with pytest.raises(IssuerBusy):
            await ground.check(found)
        assert ground.sent == []
        # A registration does not wait for them, nor does another issuer.
        with (
            ground.issuers.slot(IssuerAddress(ISSUER), caller("new")),
            ground.issuers.proof_slot(IssuerAddress(ELSEWHERE), caller("third")),
        ):
            assert ground.woken == []
    assert ground.woken == [caller().key]
    assert await ground.check(found) == Valid()


@pytest.mark.parametrize("leave", ["withdraw", "dismiss"])
async def test_who_does_not_want_to_prove_any_more_keeps_nobody_waiting(leave: str) -> None:
    ground = Ground(FakeServer(kind(BASIC)))
    with ExitStack() as held:
        for number in range(PROOFS_PER_ISSUER):
            held.enter_context(ground.issuers.proof_slot(IssuerAddress(ISSUER), caller(f"other-{number}")))
        for name in ("gone", "waiting", "third"):
            with pytest.raises(IssuerBusy), ground.issuers.proof_slot(IssuerAddress(ISSUER), caller(name)):
                pass
    # Two places are reserved; who has one of them and goes gives it to the third.
    assert ground.woken == [caller("gone").key, caller("waiting").key]
    getattr(ground.issuers, leave)(caller("gone").key)
    assert ground.woken[2:] == [caller("third").key]


async def test_a_proof_that_is_cancelled_gives_its_place_back() -> None:
    ground = Ground(FakeServer(kind(BASIC)))
    asked = asyncio.Event()

    async def hanging(_request: Request) -> Answer:
        asked.set()
        never: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        return await never

    ground.server.ask = hanging  # type: ignore[assignment, method-assign]
    for _ in range(PROOFS_PER_ISSUER + 1):
        task = asyncio.ensure_future(ground.calibrate())
        await asked.wait()
        asked.clear()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
