"""A key that is refused by a server whose answers have no date: the time alone may be why, and nothing was told."""

import json
from typing import Any

import pytest

from oauthclient_operator.names import PROVE_ANNOTATION, REFRESH_ANNOTATION, Done
from oauthclient_operator.reconcile.reconciler import Reconciler
from tests.pure.simulation.operator_process import NAME, NAMESPACE, Simulation
from tests.pure.simulation.test_keys import apply, passes, run


def failed(world: Simulation) -> list[str]:
    return [str(event["note"]) for event in world.api.events if event["reason"] == Done.PROOF_FAILED]


async def prove(world: Simulation, process: Reconciler, value: str) -> None:
    world.api.annotate(NAMESPACE, NAME, {PROVE_ANNOTATION: value})
    await passes(process)
    assert (world.resource() or {})["status"]["served"]["prove"]


def test_who_asks_is_told_that_the_proof_told_nothing() -> None:
    async def main(world: Simulation, process: Reconciler) -> None:
        apply(world, key={})
        await passes(process)
        await prove(world, process, "while all is right")
        assert world.condition("CredentialsValid") == ("True", "Proven")
        assert failed(world) == []
        world.server.clients["client-1"]["jwks"] = {"keys": []}
        await prove(world, process, "after its key was taken out")
        (note,) = failed(world)
        assert "it refused them" in note
        assert REFRESH_ANNOTATION in note

    run(main)


@pytest.mark.parametrize("deleted", [False, True])
def test_where_the_configuration_endpoint_refuses_too_it_counts_and_the_status_says_so(deleted: bool) -> None:
    async def main(world: Simulation, process: Reconciler) -> None:
        apply(world, key={})
        await passes(process)
        await prove(world, process, "while all is right")
        client: dict[str, Any] = world.server.clients["client-1"]
        client |= {"jwks": {"keys": []}, "registration_access_token": "another-one"}
        if deleted:
            del world.server.clients["client-1"]
        world.api.annotate(NAMESPACE, NAME, {REFRESH_ANNOTATION: "now"})
        await passes(process)
        await prove(world, process, "after it was refused")
        assert failed(world) == []
        assert world.condition("CredentialsValid") == ("Unknown", "CredentialsRefused")
        assert json.dumps(world.api.events).count("ManagementLost") == 1

    run(main)
