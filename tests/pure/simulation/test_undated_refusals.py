"""A key that is refused by a server whose answers have no date: the time alone may be why, and nobody knows."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from oauthclient_operator.names import PROVE_ANNOTATION, REFRESH_ANNOTATION, Done
from oauthclient_operator.oauth.proof.results import Calibrated, Untimely
from oauthclient_operator.plan.observed import Limits
from oauthclient_operator.reconcile.reconciler import Reconciler
from oauthclient_operator.record.envelope import read
from tests.pure.simulation.operator_process import NAME, NAMESPACE, Simulation, no_fault
from tests.pure.simulation.test_gone import passing
from tests.pure.simulation.test_keys import METADATA, apply, rotate

PROVEN, UNKNOWN = ("True", "Proven"), ("Unknown", "CredentialsRefused")
READY = ("True", "Registered")
HOURLY = Limits(proof_interval=timedelta(hours=1))
Main = Callable[[Simulation, Reconciler], Awaitable[None]]


def said(world: Simulation) -> str:
    conditions = (world.resource() or {})["status"]["conditions"]
    return next(str(each["message"]) for each in conditions if each["type"] == "CredentialsValid")


def refused(
    main: Main, *, gone: str = "Report", limits: Limits = HOURLY, untimely: int = 401, has_key: bool = False
) -> None:
    """Live on where a client was proven, and its key taken out at the server, unless it has it still.

    `untimely` is what that answers to an assertion of another time: mostly the same as to nobody.
    """

    async def whole() -> None:
        world = Simulation(fault=no_fault, limits=limits)
        world.server.says_untimely = untimely
        apply(world, key={}, policy={"gone": gone})
        process = world.start()
        await passing(world, process, 3)
        world.api.annotate(NAMESPACE, NAME, {PROVE_ANNOTATION: "while all is right"})
        await passing(world, process, 90)
        assert world.condition("CredentialsValid") == PROVEN
        if not has_key:
            world.server.clients["client-1"]["jwks"] = {"keys": []}
        await main(world, process)

    asyncio.run(whole())


def test_the_condition_says_that_nobody_knows_until_it_is_accepted_again() -> None:
    async def main(world: Simulation, process: Reconciler) -> None:
        await passing(world, process, 90)
        versions = {key: body["metadata"]["resourceVersion"] for key, body in world.api.objects.items()}
        for _ in range(48):
            await passing(world, process, 60)
            assert (world.condition(), world.condition("CredentialsValid")) == (READY, UNKNOWN)
        assert "maybe for the time alone" in said(world)
        assert REFRESH_ANNOTATION in said(world)
        assert world.server.calls == ["POST"], "nobody asked for more"
        assert {key: body["metadata"]["resourceVersion"] for key, body in world.api.objects.items()} == versions
        process = world.start()
        await passing(world, process, 90)
        assert world.condition("CredentialsValid") == UNKNOWN
        rotate(world, "now")
        await passing(world, process, 90)
        assert (world.condition(), world.condition("CredentialsValid")) == (READY, PROVEN)

    refused(main)


def test_who_asks_is_told_so() -> None:
    async def main(world: Simulation, process: Reconciler) -> None:
        world.api.annotate(NAMESPACE, NAME, {PROVE_ANNOTATION: "after its key was taken out"})
        await passing(world, process, 2)
        assert (world.resource() or {})["status"]["served"]["prove"]
        assert world.condition("CredentialsValid") == UNKNOWN
        assert Done.PROOF_FAILED not in [event["reason"] for event in world.api.events]
        await passing(world, process, 60)
        assert "maybe for the time alone" in said(world)

    refused(main, limits=Limits())


@pytest.mark.parametrize("gone", ["Report", "Reregister"])
@pytest.mark.parametrize("lost", ["the client", "its token", "nothing but the time"])
def test_no_policy_asks_about_it_for_a_clock_that_is_wrong_would_find_out_tokens_that_nobody_needs(
    gone: str, lost: str
) -> None:
    async def main(world: Simulation, process: Reconciler) -> None:
        if lost == "the client":
            del world.server.clients["client-1"]
        elif lost == "its token":
            world.server.clients["client-1"]["registration_access_token"] = "another-one"
        await passing(world, process, 24 * 60, 5)
        assert world.server.calls == ["POST"]
        assert (world.condition(), world.condition("CredentialsValid")) == (READY, UNKNOWN)

    refused(main, gone=gone)


def test_after_an_edit_it_is_asked_at_once_and_nobody_knows_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is proven by interval: nobody would find out again."""

    async def main(world: Simulation, process: Reconciler) -> None:
        refusal = world.server._answer(401, {"error": "invalid_client"})
        monkeypatch.setattr(world.server, "_asserted", lambda _assertion: refusal)
        world.api.annotate(NAMESPACE, NAME, {PROVE_ANNOTATION: "after its key was taken out"})
        await passing(world, process, 2)
        apply(world, {**METADATA, "client_name": "edited"}, key={}, policy={"gone": "Report"})
        await passing(world, process, 2)
        assert world.server.calls == ["POST", "PUT"]
        await passing(world, process, 24 * 60, 5)
        assert (world.condition(), world.condition("CredentialsValid")) == (READY, UNKNOWN)
        assert "though it has answered for the client since" in said(world)

    refused(main, limits=Limits())


def test_where_the_configuration_endpoint_refuses_too_it_counts() -> None:
    async def main(world: Simulation, process: Reconciler) -> None:
        del world.server.clients["client-1"]
        await passing(world, process, 120)
        assert world.condition("CredentialsValid") == UNKNOWN
        world.api.annotate(NAMESPACE, NAME, {REFRESH_ANNOTATION: "now"})
        await passing(world, process, 60)
        assert (world.condition(), world.condition("CredentialsValid")) == (
            ("False", "ClientGone"),
            ("False", "ClientGone"),
        )

    refused(main)


@pytest.mark.parametrize(
    ("lost", "gone", "becomes"),
    [
        ("its key", "Report", ("False", "CredentialsRefused")),
        ("the client", "Report", ("False", "CredentialsRefused")),
        ("the client", "Reregister", READY),
    ],
)
def test_where_a_refusal_for_the_time_is_answered_otherwise_than_nobody_it_counts_over_ten_minutes(
    lost: str, gone: str, becomes: tuple[str, str]
) -> None:
    async def main(world: Simulation, process: Reconciler) -> None:
        if lost == "the client":
            del world.server.clients["client-1"]
        await passing(world, process, 90)
        assert world.condition() == becomes
        assert list(world.server.clients) == {"its key": ["client-1"], "the client": []}[lost] + (
            ["client-2"] if gone == "Reregister" else []
        )

    refused(main, gone=gone, untimely=400)


@pytest.mark.parametrize("gone", ["Report", "Reregister"])
@pytest.mark.parametrize("behind", [-3 * 3600, 300, 26 * 3600])
def test_and_a_clock_that_is_wrong_still_counts_for_nobody(behind: int, gone: str) -> None:
    async def main(world: Simulation, process: Reconciler) -> None:
        world.server.behind = behind
        await passing(world, process, 24 * 60, 5)
        assert (world.condition(), world.condition("CredentialsValid")) == (READY, UNKNOWN)
        assert world.server.calls == ["POST"]
        world.server.behind = 0
        await passing(world, process, 120, 5)
        assert (world.condition(), world.condition("CredentialsValid")) == (READY, PROVEN)

    refused(main, gone=gone, untimely=400, has_key=True)


@pytest.mark.parametrize(
    ("answers", "becomes"),
    [
        pytest.param(400, ("False", "CredentialsRefused"), id="it was answered meanwhile"),
        pytest.param(503, UNKNOWN, id="it never was"),
    ],
)
def test_what_the_calibration_was_not_answered_a_later_proof_asks_while_the_key_is_good(
    answers: int, becomes: tuple[str, str]
) -> None:
    async def main(world: Simulation, process: Reconciler) -> None:
        world.server.says_untimely = answers
        await passing(world, process, 120)
        assert (world.condition(), world.condition("CredentialsValid")) == (READY, PROVEN)
        before = world.server.proofs
        await passing(world, world.start(), 3 * 60)
        # The control and the client, and one question more while that fails.
        assert (world.server.proofs - before) % (2 if answers == 400 else 3) == 0
        world.server.clients["client-1"]["jwks"] = {"keys": []}
        await passing(world, process, 150)
        assert world.condition("CredentialsValid") == becomes

    refused(main, untimely=503, has_key=True)


@pytest.mark.parametrize("one_key", [False, True], ids=["another key", "another client, proven as the one before"])
def test_so_do_the_proofs_before_another_key_is_published(one_key: bool) -> None:
    async def main(world: Simulation, process: Reconciler) -> None:
        assert untimely(world) == [Untimely.UNKNOWN]
        world.server.says_untimely = 400
        world.server.holds_one_key = one_key
        rotate(world, "now")
        await passing(world, process, 5)
        assert world.server.calls.count("POST") == 1 + one_key
        assert untimely(world)[-1] is Untimely.OTHERWISE

    refused(main, untimely=503, has_key=True, limits=Limits())


def untimely(world: Simulation) -> list[Untimely]:
    record = read(world.record()).record
    found = [client.calibration.found for client in record.clients if client.calibration is not None]
    return [each.untimely for each in found if isinstance(each, Calibrated)]
