"""A server that was upgraded and answers a client that cannot exist otherwise: what proves a client is found out anew.

While it is only away, or something in front of it answers everybody, what is remembered of it stays.
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest

from oauthclient_operator.exchange import Answer, Request, Response
from oauthclient_operator.names import PROVE_ANNOTATION
from oauthclient_operator.plan.observed import Limits
from oauthclient_operator.reconcile.reconciler import Reconciler
from tests.pure.simulation.authorization_server import ISSUER, AuthorizationServer
from tests.pure.simulation.operator_process import NAME, NAMESPACE, Simulation, no_fault
from tests.pure.simulation.test_gone import METADATA, passing
from tests.pure.simulation.test_keys import METADATA as BY_KEY
from tests.pure.simulation.test_keys import kids, published, rotate

READY, PROVEN = ("True", "Registered"), ("True", "Proven")
INVALID: Final = json.dumps({"error": "invalid_client"}).encode()
Change = Callable[[Request, Answer], Answer]


def as_told(_: Request, answer: Answer) -> Answer:
    return answer


def with_400(_: Request, answer: Answer) -> Answer:
    """Refuse with 400 in place of 401, as other versions of Keycloak and of node-oidc-provider do."""
    refused = isinstance(answer, Response) and answer.status == 401
    return replace(answer, status=400) if refused and isinstance(answer, Response) else answer


def switched_off(_: Request, __: Answer) -> Answer:
    return Response(status=403, body=b'{"error": "access_denied"}')


def by_everybody(_: Request, __: Answer) -> Answer:
    return Response(status=400, body=INVALID)


class Upgraded(AuthorizationServer):
    """Changes what it answers to proofs."""

    def __init__(self) -> None:
        super().__init__()
        self.change: Change = as_told
        self.metadata = {"revocation_endpoint": f"{ISSUER}/revoke"}

    def _proof(self, request: Request) -> Answer:
        return self.change(request, super()._proof(request))


def begun(*, interval: timedelta | None, gone: str = "Report", key: bool = False) -> tuple[Simulation, Upgraded]:
    server = Upgraded()
    world = Simulation(fault=no_fault, server=server, limits=Limits(proof_interval=interval))
    spec = {"clientMetadata": BY_KEY, "privateKey": {}} if key else {"clientMetadata": METADATA}
    world.api.apply(NAMESPACE, NAME, {"issuer": ISSUER, **spec, "policy": {"gone": gone}})
    return world, server


async def proven(world: Simulation) -> Reconciler:
    process = world.start()
    await passing(world, process, 90)
    assert (world.condition(), world.condition("CredentialsValid")) == (READY, PROVEN)
    return process


def without_endpoint(server: Upgraded) -> None:
    server.metadata = {}


def with_other_answers(server: Upgraded) -> None:
    server.change = with_400


@pytest.mark.parametrize("upgrade", [with_other_answers, without_endpoint], ids=["other answers", "another endpoint"])
def test_a_client_that_is_removed_afterwards_is_found_to_be_gone(upgrade: Callable[[Upgraded], None]) -> None:
    async def main() -> None:
        world, server = begun(interval=timedelta(hours=1), gone="Reregister")
        process = await proven(world)
        upgrade(server)
        server.forget()
        await passing(world, process, 6 * 60)
        assert (world.condition(), server.calls) == (READY, ["POST"])
        del server.clients["client-1"]
        await passing(world, process, 6 * 60)
        assert (world.condition(), [*server.clients]) == (READY, ["client-2"])

    asyncio.run(main())


@pytest.mark.parametrize("meanwhile", [switched_off, by_everybody])
def test_what_is_remembered_stays_where_the_server_is_only_switched_off(meanwhile: Change) -> None:
    async def main() -> None:
        world, server = begun(interval=timedelta(hours=1))
        process = await proven(world)
        server.change, before = meanwhile, server.proofs
        await passing(world, process, 24 * 60)
        assert server.proofs - before <= 24 + 12 * 14
        assert world.condition() == READY
        server.change = as_told
        del server.clients["client-1"]
        await passing(world, process, 3 * 60)
        assert world.condition() == ("False", "CredentialsRefused")

    asyncio.run(main())


def test_a_person_who_asks_has_it_found_out_at_once() -> None:
    async def main() -> None:
        world, server = begun(interval=None)
        process = world.start()
        await passing(world, process, 3)
        for number, change in enumerate((as_told, with_400, switched_off)):
            server.change = change
            world.api.annotate(NAMESPACE, NAME, {PROVE_ANNOTATION: str(number)})
            await passing(world, process, 3)
            failed = [event["note"] for event in world.api.events if event["reason"] == "ProofFailed"]
            assert (world.condition(), world.condition("CredentialsValid")) == (READY, PROVEN)
            assert bool(failed) is (change is switched_off)
        assert "cannot exist" in failed[-1]

    asyncio.run(main())


def test_a_key_is_replaced_afterwards() -> None:
    async def main() -> None:
        world, server = begun(interval=None, key=True)
        process = world.start()
        await passing(world, process, 3)
        world.api.annotate(NAMESPACE, NAME, {PROVE_ANNOTATION: "now"})
        await passing(world, process, 3)
        (before,) = kids(world)
        server.change = with_400
        rotate(world, "now")
        await passing(world, process, 30)
        assert published(world)["key_id"] != before
        assert published(world)["client_id"] == "client-1"

    asyncio.run(main())
