"""What a resource has asked of servers that is no call is bounded, too: proofs, and issuers' metadata."""

import asyncio
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator import names
from oauthclient_operator.exchange import Answer, Incomplete, NotSent, Purpose, Request, Response
from oauthclient_operator.issuer.caller import Caller
from oauthclient_operator.reach import IssuerAddress
from oauthclient_operator.reconcile.issuer_slot import CALLS_AT_ONCE, SECONDS_PER_CALL
from tests.pure.simulation.authorization_server import ISSUER, AuthorizationServer
from tests.pure.simulation.lives import Life
from tests.pure.simulation.operator_process import KEY, NAME, NAMESPACE, Simulation
from tests.pure.simulation.phases import DAY
from tests.pure.simulation.test_keys import METADATA as BY_KEY
from tests.pure.simulation.test_retry import METADATA, World

EDITS = 200
STEP = timedelta(seconds=0.05)
MOST = CALLS_AT_ONCE + EDITS * STEP.total_seconds() / SECONDS_PER_CALL + 1


def test_proofs_that_are_asked_for_again_and_again_are_made_as_often_as_calls() -> None:
    async def life() -> tuple[int, int]:
        world = World.new()
        world.apply()
        process = world.start()
        await world.passes(process)
        before = world.server.proofs
        for number in range(EDITS):
            world.api.annotate(NAMESPACE, NAME, {names.PROVE_ANNOTATION: str(number)})
            await process.reconcile(KEY)
            world.clock.time += STEP
        asked = world.server.proofs - before
        world.clock.time += timedelta(minutes=10)
        await process.reconcile(KEY)
        return asked, world.server.proofs - before - asked

    asked, later = asyncio.run(life())
    assert 0 < asked <= 12 * MOST, "a proof takes so many exchanges at most"
    assert asked < EDITS / 2
    assert later > 0, "the last that was asked for is made"


def test_metadata_that_each_edit_wants_from_another_path_are_fetched_as_often_as_calls_are_made() -> None:
    def spec(number: int) -> dict[str, Any]:
        return {"issuer": f"{ISSUER}/x{number}", "clientMetadata": METADATA}

    async def life() -> tuple[int, int, str]:
        fetched = 0

        async def count(label: str, call: Any) -> Any:
            nonlocal fetched
            fetched += label.startswith("discover")
            return await call()

        world = Simulation(fault=count)
        world.api.apply(NAMESPACE, NAME, spec(0))
        process = world.start()
        for number in range(EDITS):
            world.api.apply(NAMESPACE, NAME, spec(number))
            await process.reconcile(KEY)
            world.clock.time += STEP
        resource = world.resource()
        assert resource is not None
        at_once, said = fetched, str(resource["status"]["conditions"])
        world.clock.time += timedelta(minutes=10)
        await process.reconcile(KEY)
        return at_once, fetched - at_once, said

    at_once, later, said = asyncio.run(life())
    assert 0 < at_once <= MOST
    assert later > 0
    assert "has called its authorization server often" in said


class Silent(AuthorizationServer):
    """Answers proofs as it is told, once it is."""

    def __init__(self) -> None:
        super().__init__()
        self.metadata = {"revocation_endpoint": f"{ISSUER}/revoke"}
        self.says: Answer | None = None
        self.told: list[Answer] = []
        """What the issuer's breaker was told."""
        self.gave_way: set[bool] = set()

    async def exchange(self, request: Request, issuer: IssuerAddress, **options: Any) -> Answer:
        if request.purpose is not Purpose.PROVE or self.says is None:
            return await super().exchange(request, issuer, **options)
        self.proofs += 1
        return self.says

    @contextmanager
    def slot(self, issuer: IssuerAddress, caller: Caller, *, anyway: bool = False) -> Any:
        self.gave_way.add(caller.gives_way)
        yield self.told.append


HOUR = timedelta(hours=1)


async def of_a_day(life: Life) -> int:
    """Return how many exchanges the proofs of a day take, after an hour."""
    await life.live(HOUR)
    before = life.server.proofs
    await life.live(DAY)
    return life.server.proofs - before


async def refused(life: Life) -> None:
    """Find out what proves a client, and then that its server does not accept it any more."""
    await life.live(HOUR)
    life.world.api.annotate(NAMESPACE, NAME, {names.PROVE_ANNOTATION: "while it is good"})
    await life.live(HOUR)
    life.server.clients["client-1"]["client_secret"] = "another"
    life.world.api.annotate(NAMESPACE, NAME, {names.PROVE_ANNOTATION: "once more"})
    await life.live()


@pytest.mark.parametrize("status", [404, 503])
def test_what_proves_a_key_is_asked_for_less_and_less_often_where_nobody_answers_and_goes_on_when_somebody_does(
    status: int,
) -> None:
    async def main() -> None:
        server = Silent()
        life = Life(server=server, spec={"privateKey": {}})
        life.apply(clientMetadata=BY_KEY)
        await life.live(HOUR)
        server.says = Response(status=status)
        life.rotate("1")
        # Four of them are a calibration.
        assert await of_a_day(life) <= 4 * 16
        assert life.world.condition("Renewing") == ("False", "RenewalFailed")
        assert life.world.condition() == ("True", "Registered")
        server.says = None
        await life.live(6 * HOUR)
        assert (life.status()["edition"], server.calls) == (2, ["POST", "PUT"])

    asyncio.run(main())


@pytest.mark.parametrize("gone", ["Report", "Reregister"])
@pytest.mark.parametrize("refusals", [1, 3])
def test_a_client_that_was_refused_is_proven_again_from_time_to_time_whatever_is_answered(
    refusals: int, gone: str
) -> None:
    async def main() -> None:
        server = Silent()
        life = Life(server=server)
        life.apply(policy={"gone": gone})
        await refused(life)
        await life.live(timedelta(minutes=6 * (refusals - 1)))
        doubts = life.record().clients[0].doubts
        assert doubts is not None
        assert doubts.count == refusals
        server.says = Response(status=503)
        assert await of_a_day(life) <= 2 * (DAY / life.limits.retry_slowly + 1)

    asyncio.run(main())


def test_a_client_that_is_refused_and_only_reported_is_proven_again_from_time_to_time() -> None:
    async def main() -> None:
        server = Silent()
        life = Life(server=server)
        life.apply()
        await refused(life)
        await life.live(HOUR)
        assert life.world.condition("CredentialsValid")[0] == "False"
        assert await of_a_day(life) <= 2 * (DAY / life.limits.retry_slowly + 1)

    asyncio.run(main())


async def unproven(life: Life) -> Silent:
    """Register a client while its server answers no proof."""
    server = life.server
    assert isinstance(server, Silent)
    server.says = Response(status=503)
    life.apply(policy={"gone": "Reregister"})
    await life.live(timedelta(minutes=10))
    assert server.proofs > 0
    assert life.record().clients[0].calibration is None
    return server


@pytest.mark.parametrize("restarted", [False, True])
def test_what_proves_a_client_is_found_out_when_its_server_answers_again(restarted: bool) -> None:
    async def main() -> None:
        life = Life(server=Silent())
        server = await unproven(life)
        if restarted:
            life.process = life.world.start()
        server.says = None
        await life.live(2 * life.limits.retry_slowly)
        assert life.world.condition("CredentialsValid") == ("True", "Proven")
        proofs = server.proofs
        await life.live(DAY)
        assert server.proofs == proofs, "it is known then"

    asyncio.run(main())


def test_until_then_it_is_asked_less_and_less_often_and_nothing_is_written_meanwhile() -> None:
    async def main() -> None:
        life = Life(server=Silent())
        server = await unproven(life)
        before, proofs = (life.world.record(), life.world.resource()), server.proofs
        await life.live(life.limits.retry_slowly - timedelta(minutes=11))
        assert server.proofs == proofs, "not at once"
        assert await of_a_day(life) <= 24
        await life.live(3 * DAY)
        assert await of_a_day(life) <= 5, "every six hours, or less often"
        assert (life.world.record(), life.world.resource()) == before

    asyncio.run(main())


@pytest.mark.parametrize(
    ("says", "is_told"),
    [
        (Response(status=404), True),
        (Response(status=503), False),
        (Incomplete(cause="no complete response within 20 s"), False),
        (NotSent(cause="connection refused"), True),
    ],
    ids=str,
)
def test_an_endpoint_for_proofs_that_always_fails_holds_back_nobodys_calls(says: Answer, is_told: bool) -> None:
    """But that nobody can be connected to is no matter of one endpoint: all are of one origin."""

    async def main() -> None:
        server = Silent()
        server.says = says
        life = Life(server=server)
        life.apply(policy={"gone": "Reregister"})
        await life.live(DAY)
        assert server.proofs > 10
        assert (says in server.told) is is_told
        assert server.gave_way == {False, True}, "the registration does not, and what tells of no failure is no trial"

    asyncio.run(main())


def test_where_nothing_will_need_to_know_it_nothing_is_asked() -> None:
    async def main() -> None:
        server = Silent()
        life = Life(server=server)
        server.says = Response(status=503)
        life.apply()
        await life.live(DAY)
        assert server.proofs == 0

    asyncio.run(main())
