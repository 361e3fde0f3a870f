"""An authorization server that lets in who proves to hold a key, with a nonce: the one more call that this takes."""

import asyncio
import base64
import itertools
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import PrivateFormat

from oauthclient_operator import names
from oauthclient_operator.oauth.rfc9449 import USE_DPOP_NONCE
from oauthclient_operator.plan.observed import Limits, Unread
from oauthclient_operator.reach import IssuerAddress
from oauthclient_operator.record.calls import CallOutcome, ClosedCall, RegisterCall
from oauthclient_operator.record.envelope import read
from oauthclient_operator.record.record import Record
from oauthclient_operator.resource.key import Kind
from tests.parts import proofs
from tests.parts.proofs import Demand
from tests.pure import keys
from tests.pure.simulation.authorization_server import ISSUER, AuthorizationServer
from tests.pure.simulation.operator_process import NAME, NAMESPACE, Simulation, Watched, no_fault
from tests.pure.simulation.test_crash_points import EDITED, SPEC, CrashAt, accounted

TOKEN = "initial-access-token"
WITH_TOKEN = {"registration": {"initialAccessToken": {"secretRef": {"name": "idp-token"}}}}
JKT = keys.parsed("P-256").thumbprint


async def put_token(simulation: Simulation, **more: str) -> None:
    """Do what `kubectl apply` of the token's Secret does."""
    data = {"token": TOKEN, "issuer": ISSUER, "dpop_key": keys.pem("P-256")} | more
    manifest: dict[str, Any] = {
        "metadata": {"name": "idp-token", "namespace": NAMESPACE},
        "type": names.INITIAL_ACCESS_TOKEN_TYPE,
        "data": {k: base64.b64encode(v.encode()).decode() for k, v in data.items() if v},
    }
    if simulation.secret("idp-token") is None:
        await simulation.api.create_secret(NAMESPACE, manifest)
    else:
        await simulation.api.patch_secret(NAMESPACE, "idp-token", {"data": manifest["data"]})


def world(fault: Any = no_fault, nonce: str | None = "n1") -> tuple[Simulation, Demand]:
    demand = Demand(jkt=JKT, nonce=nonce)
    return Simulation(fault=fault, server=AuthorizationServer(demand=demand)), demand


def record_of(simulation: Simulation) -> Record:
    return read(simulation.record()).record


def repeats(closed: ClosedCall) -> bool:
    return isinstance(closed.what, RegisterCall) and closed.what.repeats


def attempt(closed: ClosedCall) -> int | None:
    return closed.what.attempt if isinstance(closed.what, RegisterCall) else None


async def created(simulation: Simulation, **more: str) -> None:
    await put_token(simulation, **more)
    if isinstance(simulation.fault, CrashAt):
        simulation.fault.armed = True
    simulation.api.apply(NAMESPACE, NAME, {**SPEC, **WITH_TOKEN})
    await simulation.settle()


def test_DP_01_a_nonce_costs_one_more_call_of_the_same_attempt() -> None:
    simulation, demand = world()
    asyncio.run(created(simulation))
    assert simulation.condition() == ("True", "Registered")
    assert simulation.server.calls == ["POST", "POST"]
    record = record_of(simulation)
    first, second = record.closed
    assert (first.outcome, first.said.error, repeats(first)) == (CallOutcome.REJECTED, USE_DPOP_NONCE, False)
    assert (second.outcome, repeats(second), attempt(second)) == (CallOutcome.COMMITTED, True, attempt(first))
    assert [call.what.proof_key for call in (first, second) if isinstance(call.what, RegisterCall)] == [JKT, JKT]
    assert [proofs.read(proof)[1]["nonce"] for proof in demand.seen] == ["n1"]


def test_DP2_without_a_nonce_one_call_is_enough() -> None:
    simulation, demand = world(nonce=None)
    asyncio.run(created(simulation))
    assert simulation.server.calls == ["POST"]
    (proof,) = demand.seen
    claims = proofs.read(proof)[1]
    assert "nonce" not in claims
    assert claims["iat"] == int(simulation.clock.now().timestamp())
    # DP2: 96 random bits or more.
    assert len(claims["jti"]) * 6 >= 96


def test_M16_what_comes_after_shows_the_registration_access_token_alone() -> None:
    async def lives() -> Simulation:
        simulation, _ = world()
        seen: list[Any] = []
        exchange = simulation.server.exchange

        async def watched(request: Any, issuer: IssuerAddress, **options: Any) -> Any:
            seen.append(request)
            return await exchange(request, issuer, **options)

        simulation.server.exchange = watched  # type: ignore[method-assign] # to look on
        await created(simulation)
        simulation.api.apply(NAMESPACE, NAME, {**EDITED, **WITH_TOKEN})
        await simulation.settle()
        simulation.api.delete(NAMESPACE, NAME)
        await simulation.settle()
        shown = [(r.method, r.authorization.scheme, r.proof is not None) for r in seen]
        assert shown == [
            ("POST", "DPoP", True),
            ("POST", "DPoP", True),
            ("PUT", "Bearer", False),
            ("DELETE", "Bearer", False),
        ]
        return simulation

    assert asyncio.run(lives()).resource() is None


def test_the_record_and_the_published_Secret_hold_neither_key_nor_token_nor_proof() -> None:
    simulation, demand = world()
    asyncio.run(created(simulation))
    written = json.dumps([base64.b64decode(v).decode() for v in simulation.record()["data"].values()])
    written += json.dumps([base64.b64decode(v).decode() for v in (simulation.secret() or {})["data"].values()])
    written += json.dumps(simulation.resource()) + json.dumps(simulation.api.events)
    body = keys.pem("P-256").splitlines()[1:-1]
    for hidden in (*body, keys.members("P-256")["d"], TOKEN, *demand.seen):
        assert hidden not in written
    assert JKT in written


def reference_calls() -> list[str]:
    fault = CrashAt()
    asyncio.run(created(world(fault)[0]))
    return fault.labels


@pytest.mark.parametrize(
    ("number", "after"),
    [
        pytest.param(number, after, id=f"crash {'after' if after else 'before'} call {number} {label}")
        for number, label in enumerate(reference_calls())
        for after in (False, True)
    ],
)
def test_a_crash_at_any_call_leaves_one_client_or_a_suspect(number: int, after: bool) -> None:
    simulation, _ = world(CrashAt(number, after=after))
    asyncio.run(created(simulation))
    named, suspects = accounted(simulation)
    assert len(named) == 1
    # One whose answer died with the process is behind a suspect; there is no other.
    assert len(set(simulation.server.clients) - named) <= suspects <= 1
    assert simulation.condition() == ("True", "Registered")


def test_DP_05_a_nonce_that_is_never_right_is_asked_for_twice_and_then_less_and_less_often() -> None:
    class Fickle(Demand):
        def refusal(self, **request: Any) -> Any:
            self.nonce = f"n{self.refused + 1}"
            return super().refusal(**request)

    simulation, _ = world()
    demand = simulation.server.demand = Fickle(jkt=JKT)
    at: list[float] = []

    async def timed(label: str, call: Callable[[], Awaitable[Any]]) -> Any:
        if label == "exchange:POST":
            at.append(simulation.clock.elapsed())
        return await call()

    simulation.fault = timed
    asyncio.run(created(simulation))
    assert not demand.seen
    assert not simulation.server.clients
    assert simulation.condition() == ("False", "RegistrationUnauthorized")
    pauses = [later - earlier for earlier, later in itertools.pairwise(at)]
    # Each time two calls, one right after the other unless the resource has called too often, and between the pairs a
    # pause that grows to the slow interval, with which it is at rest.
    assert pauses[:7:2] == [0.0] * 4
    assert all(pause > 0 for pause in pauses[1::2])
    assert pauses[1] <= 1.0
    assert pauses[15] >= 60
    assert max(pauses) <= Limits().retry_slowly.total_seconds()
    record = record_of(simulation)
    assert [repeats(c) for c in record.closed[-4:]] == [False, True, False, True]
    assert len(record.attempts) == 1


def test_a_nonce_that_is_too_old_after_a_pause_is_replaced_at_once() -> None:
    simulation, demand = world()
    # One process all the time.
    simulation.server.forget = lambda: None  # type: ignore[method-assign] # as the comment says
    asyncio.run(created(simulation, dpop_key=keys.pem("P-384")))
    assert simulation.condition() == ("False", "RegistrationUnauthorized")
    demand.nonce = "n2"
    asyncio.run(put_token(simulation))
    asyncio.run(simulation.settle())
    assert simulation.condition() == ("True", "Registered")
    assert simulation.server.calls == ["POST"] * 3
    assert simulation.server.nonce(ISSUER, IssuerAddress(ISSUER), (Kind.OAUTH_CLIENT, "shop")) == "n2"
    assert [proofs.read(proof)[1]["nonce"] for proof in demand.seen] == ["n2"]


def test_DP_09_without_a_key_a_demand_for_a_proof_waits_for_one() -> None:
    simulation, demand = world()
    asyncio.run(created(simulation, dpop_key=""))
    assert simulation.server.calls == ["POST"]
    assert simulation.condition() == ("False", "RegistrationUnauthorized")
    ready = (simulation.resource() or {})["status"]["conditions"][0]
    assert "dpop_key" in ready["message"]
    asyncio.run(put_token(simulation))
    asyncio.run(simulation.settle())
    assert simulation.condition() == ("True", "Registered")
    assert len(demand.seen) == 1


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("hunter2", "neither PEM nor a JWK"),
        (keys.public_pem("P-256"), "not a private one"),
        (keys.pem("RSA 1024"), "2048 bits"),
    ],
)
def test_DP_14_DP_15_a_key_that_cannot_be_used_is_said_before_anything_is_sent(key: str, words: str) -> None:
    simulation, _ = world()
    asyncio.run(created(simulation, dpop_key=key))
    assert simulation.server.calls == []
    assert simulation.condition() == ("False", "InitialAccessTokenMissing")
    message = (simulation.resource() or {})["status"]["conditions"][0]["message"]
    assert "dpop_key" in message
    assert words in message
    assert "hunter2" not in message


@pytest.mark.parametrize(
    ("key", "supported", "algorithm"),
    [
        pytest.param("P-256", ["ES256", "RS256"], "ES256", id="the key's own"),
        pytest.param("RSA 2048", ["PS256"], "PS256", id="the one that both know"),
        pytest.param("P-256", ["RS256"], None, id="none"),
    ],
)
def test_DP1_a_proof_is_signed_as_the_metadata_say_or_not_at_all(
    key: str, supported: list[str], algorithm: str | None
) -> None:
    simulation = Simulation(
        fault=no_fault, server=AuthorizationServer(demand=Demand(jkt=keys.parsed(key).thumbprint, nonce="n1"))
    )
    simulation.server.metadata = {"dpop_signing_alg_values_supported": supported}
    asyncio.run(created(simulation, dpop_key=keys.pem(key)))
    assert simulation.server.demand is not None
    assert [proofs.read(proof)[0]["alg"] for proof in simulation.server.demand.seen] == (
        [algorithm] if algorithm else []
    )
    if algorithm is None:
        assert simulation.server.calls == []
        assert simulation.condition() == ("False", "InitialAccessTokenMissing")
        # The metadata may change without a word.
        simulation.server.metadata = {}
        simulation.clock.time += timedelta(hours=1)
        asyncio.run(simulation.settle())
    assert simulation.condition() == ("True", "Registered")


def test_DP1_without_a_watch_the_key_is_held_to_the_metadata_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Watched, "presented_version", lambda *_: Unread())
    simulation = Simulation(
        fault=no_fault, server=AuthorizationServer(demand=Demand(jkt=keys.parsed("RSA 2048").thumbprint))
    )
    simulation.server.metadata = {"dpop_signing_alg_values_supported": ["PS256", "ES384"]}
    asyncio.run(created(simulation, dpop_key=keys.pem("P-384")))
    assert simulation.server.calls == ["POST"]
    asyncio.run(put_token(simulation, dpop_key=keys.pem("RSA 2048", PrivateFormat.TraditionalOpenSSL)))
    simulation.clock.time += timedelta(hours=1)
    asyncio.run(simulation.settle())
    assert simulation.condition() == ("True", "Registered")
    assert simulation.server.demand is not None
    assert [proofs.read(proof)[0]["alg"] for proof in simulation.server.demand.seen] == ["PS256"]
