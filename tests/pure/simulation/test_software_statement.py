"""A server that lets in who shows a software statement: from apply to renewal, with its Secret changed and gone."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator.record.calls import CallOutcome
from tests.pure.simulation.lives import EDITED, METADATA, Life
from tests.pure.simulation.operator_process import NAME, NAMESPACE, Simulation
from tests.pure.simulation.stating import (
    FIRST,
    MINUTE,
    REGISTRATION,
    SECOND,
    SECRET,
    approving,
    listening,
    put,
    put_in,
    run,
    versions,
)
from tests.pure.simulation.test_crash_points import SPEC, CrashAt, accounted
from tests.pure.simulation.two_issuers import OTHER


def test_it_goes_with_the_registration_comes_back_with_each_update_and_is_seen_nowhere() -> None:
    async def main() -> None:
        life = Life(server=approving())
        heard = listening(life.server)
        await put(life, FIRST)
        life.apply(registration=REGISTRATION)
        await life.live(MINUTE)
        assert life.world.condition() == ("True", "Registered")
        metadata = life.world.api.objects[SECRET]["metadata"]
        assert versions(life) == [f"{metadata['uid']}/{metadata['resourceVersion']}"]
        life.apply(clientMetadata=EDITED)
        await life.live(MINUTE)
        # RFC 7592 section 2.2: what the server returned is said again.
        assert heard == [("POST", FIRST), ("PUT", FIRST)]
        assert life.world.condition() == ("True", "Registered")
        assert life.status()["registration"].get("deviations", []) == []
        seen = [life.world.resource(), life.secret(), life.world.api.events, life.world.record()["metadata"]]
        assert not [part for part in FIRST.split(".") if part in json.dumps(seen)]
        life.check()

    run(main)


@pytest.mark.parametrize(
    ("claimed", "reason", "what"),
    [
        pytest.param(
            {"client_name": "as claimed"}, "Registered", "otherwise than asked: client_name (what", id="a name"
        ),
        pytest.param(
            {"redirect_uris": ["https://claimed.example/cb"]},
            "RegistrationInsufficient",
            'the server has "https://claimed.example/cb" (what',
            id="what an app needs",
        ),
    ],
)
def test_what_it_claims_in_the_place_of_what_is_asked_is_said_so(
    claimed: dict[str, Any], reason: str, what: str
) -> None:
    async def main() -> None:
        life = Life(server=approving())
        life.server.issued = claimed
        await put(life, FIRST)
        life.apply(registration=REGISTRATION)
        await life.live(MINUTE)
        (ready,) = [c for c in life.status()["conditions"] if c["type"] == "Ready"]
        assert ready["reason"] == reason
        assert f"{what} the software statement claims goes before spec.clientMetadata" in ready["message"]

    run(main)


def test_without_its_secret_nothing_is_sent_and_all_goes_on_when_it_comes() -> None:
    async def main() -> None:
        life = Life(server=approving())
        life.apply(registration=REGISTRATION)
        await life.live(MINUTE)
        assert life.world.condition() == ("False", "SoftwareStatementMissing")
        await put(life, FIRST, issuer=OTHER)
        await life.live(MINUTE)
        assert life.world.condition() == ("False", "SoftwareStatementNotForIssuer")
        assert life.server.calls == []
        await put(life, FIRST)
        await life.live(MINUTE)
        assert (life.world.condition(), life.server.calls) == (("True", "Registered"), ["POST"])

    run(main)


def test_one_that_is_refused_is_not_shown_again_before_its_secret_changes_and_then_at_once() -> None:
    async def main() -> None:
        life = Life(server=approving())
        life.server.approves = frozenset({SECOND})
        heard = listening(life.server)
        await put(life, FIRST)
        life.apply(registration=REGISTRATION)
        await life.live(10 * MINUTE)
        assert (life.world.condition(), heard) == (("False", "RegistrationRejected"), [("POST", FIRST)])
        await put(life, SECOND)
        await life.live(MINUTE)
        assert (life.world.condition(), heard) == (("True", "Registered"), [("POST", FIRST), ("POST", SECOND)])
        # A refusal is no end: the same attempt went on.
        assert [(a.number, a.suspect) for a in life.record().attempts] == [(1, False)]

    run(main)


def test_one_that_changed_while_an_answer_was_lost_is_what_the_next_attempt_sends() -> None:
    async def main() -> None:
        life = Life(server=approving())
        heard = listening(life.server)
        answer = life.server._answer

        def unclear(*_: object) -> Any:
            life.server._answer = answer  # type: ignore[method-assign] # for one answer
            return answer(502, {})

        life.server._answer = unclear  # type: ignore[method-assign,assignment] # for one answer
        await put(life, FIRST)
        life.apply(registration=REGISTRATION)
        await life.live(timedelta(seconds=1))
        assert life.world.condition() == ("False", "RegistrationAmbiguous")
        await put(life, SECOND)
        await life.live(5 * MINUTE)
        assert heard == [("POST", FIRST), ("POST", SECOND)]
        assert life.world.condition() == ("True", "Registered")
        assert [c.outcome for c in life.record().closed] == [CallOutcome.AMBIGUOUS, CallOutcome.COMMITTED]

    run(main)


def test_another_client_is_let_in_by_what_the_secret_holds_by_then() -> None:
    async def main() -> None:
        life = Life(server=approving())
        heard = listening(life.server)
        await put(life, FIRST)
        life.apply(registration=REGISTRATION)
        await life.live(MINUTE)
        await put(life, SECOND)
        await life.live(MINUTE)
        assert heard == [("POST", FIRST)], "another version alone is no reason to register"
        life.rotate("now")
        await life.live(MINUTE)
        assert heard == [("POST", FIRST), ("POST", SECOND)]
        assert life.record().edition == 2
        life.check()

    run(main)


@pytest.mark.parametrize("error", ["invalid_client_metadata", "unapproved_software_statement"])
def test_an_edit_is_said_without_it_where_the_server_does_not_take_it_back(error: str) -> None:
    async def main() -> None:
        life = Life(server=approving())
        heard = listening(life.server)
        await put(life, FIRST)
        life.apply(registration=REGISTRATION)
        await life.live(MINUTE)
        updated = life.server._updated

        def strict(client: dict[str, Any], body: dict[str, Any]) -> Any:
            return life.server._answer(400, {"error": error}) if "software_statement" in body else updated(client, body)

        life.server._updated = strict  # type: ignore[method-assign] # a server of a kind
        life.apply(clientMetadata={**METADATA, "client_name": "shop"})
        await life.live(MINUTE)
        assert heard == [("POST", FIRST), ("PUT", FIRST), ("PUT", None)]
        assert life.world.condition() == ("True", "Registered")

    run(main)


async def created(simulation: Simulation, fault: CrashAt) -> None:
    await put_in(simulation.api, FIRST)
    fault.armed = True
    simulation.api.apply(NAMESPACE, NAME, {**SPEC, "registration": REGISTRATION})
    await simulation.settle()


def calls_of_a_registration() -> list[str]:
    fault = CrashAt()
    asyncio.run(created(Simulation(fault=fault, server=approving()), fault))
    return fault.labels


@pytest.mark.parametrize(
    ("number", "after"),
    [
        pytest.param(number, after, id=f"crash {'after' if after else 'before'} call {number} {label}")
        for number, label in enumerate(calls_of_a_registration())
        for after in (False, True)
    ],
)
def test_a_crash_at_any_call_leaves_one_client_or_a_suspect(number: int, after: bool) -> None:
    fault = CrashAt(number, after=after)
    simulation = Simulation(fault=fault, server=approving())
    asyncio.run(created(simulation, fault))
    named, suspects = accounted(simulation)
    assert len(named) == 1
    assert len(set(simulation.server.clients) - named) <= suspects <= 1
    assert simulation.condition() == ("True", "Registered")
    assert {c["software_statement"] for c in simulation.server.clients.values()} == {FIRST}
