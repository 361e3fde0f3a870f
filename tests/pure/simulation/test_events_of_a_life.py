"""What Events tell of a life: one word for what was done, and the reason for what stands in the way."""

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator import names
from oauthclient_operator.exchange import Answer, Incomplete, Response
from oauthclient_operator.names import PAUSED_ANNOTATION, ROTATE_ANNOTATION
from tests.pure.simulation.authorization_server import ISSUER
from tests.pure.simulation.operator_process import KEY, NAME, NAMESPACE, Simulation

METADATA = {"client_name": "web", "redirect_uris": ["https://shop.example/cb"]}
EDITED = {**METADATA, "client_name": "shop"}
LONG = "this client may not be registered for reasons that take their time to tell: " + "one, and another, " * 8


def apply(world: Simulation, **spec: Any) -> None:
    world.api.apply(NAMESPACE, NAME, {"issuer": ISSUER, "clientMetadata": METADATA, **spec})


def hurt(world: Simulation) -> None:
    del world.api.objects["secrets", NAMESPACE, NAME]


def delete(world: Simulation) -> None:
    world.api.delete(NAMESPACE, NAME)


def refresh(world: Simulation, *, changed: bool = False) -> None:
    for client in world.server.clients.values() if changed else ():
        client["client_name"] = "changed by another"
    world.api.annotate(NAMESPACE, NAME, {names.REFRESH_ANNOTATION: "now"})


def prove(world: Simulation) -> None:
    world.api.annotate(NAMESPACE, NAME, {names.PROVE_ANNOTATION: "now"})


def prove_while_nobody_answers(world: Simulation) -> None:
    world.server.is_down = True
    prove(world)


def rotate(world: Simulation) -> None:
    world.api.annotate(NAMESPACE, NAME, {ROTATE_ANNOTATION: "now"})


def pause(world: Simulation) -> None:
    world.api.annotate(NAMESPACE, NAME, {PAUSED_ANNOTATION: "true"})


def a_day_later(world: Simulation) -> None:
    world.clock.time += timedelta(hours=24, seconds=1)


def expiring(world: Simulation) -> None:
    world.server.issued = {"client_secret_expires_at": int((world.clock.time + timedelta(days=30)).timestamp())}
    apply(world)


def three_weeks_later(world: Simulation) -> None:
    world.clock.time += timedelta(days=21)
    world.server.issued = {"client_secret_expires_at": int((world.clock.time + timedelta(days=30)).timestamp())}


Act = Callable[[Simulation], None]
ROWS: dict[str, tuple[list[Act], dict[str, Answer], list[tuple[str, str]]]] = {
    "a registration is one word, its Secret included": ([apply], {}, [("Normal", "Registered")]),
    "an edit": (
        [apply, lambda w: apply(w, clientMetadata=EDITED)],
        {},
        [("Normal", "Registered"), ("Normal", "Updated")],
    ),
    "a Secret that somebody else took away": (
        [apply, hurt],
        {},
        [("Normal", "Registered"), ("Normal", "SecretRestored")],
    ),
    "another Secret": (
        [apply, lambda w: apply(w, secret={"name": "other"})],
        {},
        [("Normal", "Registered"), ("Normal", "Published")],
    ),
    "other keys in the same Secret": (
        [apply, lambda w: apply(w, secret={"keys": {"client_id": "ID"}})],
        {},
        [("Normal", "Registered"), ("Normal", "Published")],
    ),
    "a read": ([apply, refresh], {}, [("Normal", "Registered"), ("Normal", "Read")]),
    "a read that shows what another changed": (
        [apply, lambda w: refresh(w, changed=True)],
        {},
        [("Normal", "Registered"), ("Normal", "Read"), ("Normal", "Updated")],
    ),
    "a read that is refused": (
        [apply, refresh],
        {"GET": Response(status=403)},
        [("Normal", "Registered"), ("Warning", "ReadFailed")],
    ),
    "a read that is refused for its token": (
        [apply, refresh],
        {"GET": Response(status=401)},
        [("Normal", "Registered"), ("Warning", "ManagementLost")],
    ),
    "a proof": ([apply, prove], {}, [("Normal", "Registered")]),
    "a proof that nobody answers": (
        [apply, prove_while_nobody_answers],
        {},
        [("Normal", "Registered"), ("Warning", "ProofFailed")],
    ),
    "a deletion": ([apply, delete], {}, [("Normal", "Registered"), ("Normal", "Deregistered")]),
    "a deletion that retains": (
        [lambda w: apply(w, policy={"deletion": "Retain"}), delete],
        {},
        [("Normal", "Registered"), ("Normal", "LeftBehind")],
    ),
    "a deletion that the server does not do": (
        [apply, delete],
        {"DELETE": Response(status=405)},
        [("Normal", "Registered"), ("Warning", "LeftBehind")],
    ),
    "a refusal": (
        [apply],
        {"POST": Response(status=400, body=b'{"error": "invalid_client_metadata"}')},
        [("Warning", "RegistrationRejected")],
    ),
    "a lost answer": ([apply], {"POST": Incomplete(cause="timeout")}, [("Warning", "RegistrationAmbiguous")]),
    "an edit that is refused, and undone": (
        [apply, lambda w: apply(w, clientMetadata=EDITED), apply],
        {"PUT": Response(status=400, body=b'{"error": "invalid_client_metadata"}')},
        [("Normal", "Registered"), ("Warning", "UpdateRejected")],
    ),
    "a rotation on request": (
        [apply, rotate],
        {},
        [("Normal", "Registered"), ("Normal", "Registered"), ("Normal", "Promoted")],
    ),
    "a client whose time is over": (
        [apply, rotate, a_day_later],
        {},
        [
            ("Normal", "Registered"),
            ("Normal", "Registered"),
            ("Normal", "Promoted"),
            ("Normal", "Left"),
            ("Normal", "Deregistered"),
        ],
    ),
    "a client whose time is over at a server that does not deregister, a day after it said so first": (
        [apply, rotate, a_day_later, a_day_later],
        {"DELETE": Response(status=405)},
        [
            ("Normal", "Registered"),
            ("Normal", "Registered"),
            ("Normal", "Promoted"),
            ("Normal", "Left"),
            ("Warning", "LeftBehind"),
        ],
    ),
    "a secret that is renewed before it expires": (
        [expiring, three_weeks_later],
        {},
        [("Normal", "Registered"), ("Normal", "Registered"), ("Normal", "Promoted")],
    ),
    "a pause": ([apply, pause], {}, [("Normal", "Registered")]),
    "a policy alone": (
        [apply, lambda w: apply(w, policy={"deletion": "Retain"})],
        {},
        [("Normal", "Registered")],
    ),
}


def world_of(answers: dict[str, Answer]) -> Simulation:
    async def fault(label: str, call: Any) -> Any:
        kind, _, method = label.partition(":")
        return answers[method] if kind == "exchange" and method in answers else await call()

    return Simulation(fault=fault)


@pytest.mark.parametrize(("acts", "answers", "told"), ROWS.values(), ids=ROWS)
def test_what_events_tell(acts: list[Act], answers: dict[str, Answer], told: list[tuple[str, str]]) -> None:
    async def main() -> None:
        world = world_of(answers)
        process = world.start()
        for act in acts:
            act(world)
            await process.reconcile(KEY)
            await process.reconcile(KEY)
        assert [(event["type"], event["reason"]) for event in world.api.events] == told
        assert all(event["note"] for event in world.api.events)

    asyncio.run(main())


def test_that_a_proof_told_nothing_is_there_to_be_seen_before_the_status_says_that_it_was_served(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def main() -> None:
        world = world_of({})
        create, served = world.api.create_event, {}

        async def created(namespace: str, manifest: dict[str, Any]) -> None:
            status = (world.resource() or {})["status"]
            served[manifest["reason"]] = "prove" in status.get("served", {}), "clientID" in status
            await create(namespace, manifest)

        monkeypatch.setattr(world.api, "create_event", created)
        process = world.start()
        for act in (apply, prove_while_nobody_answers):
            act(world)
            await process.reconcile(KEY)
        # Other Events follow a status that says the same.
        assert served == {"Registered": (False, True), "ProofFailed": (False, True)}
        assert "prove" in (world.resource() or {})["status"]["served"]

    asyncio.run(main())


def test_a_long_sentence_is_said_in_one_condition_and_one_event() -> None:
    async def main() -> None:
        body = json.dumps({"error": "invalid_client_metadata", "error_description": LONG}).encode()
        world = world_of({"POST": Response(status=400, body=body)})
        apply(world)
        await world.start().reconcile(KEY)
        shown = json.dumps([(world.resource() or {})["status"], world.api.events])
        assert shown.count(LONG[:60]) == 2
        said = {c["type"]: c["message"] for c in (world.resource() or {})["status"]["conditions"]}
        assert all("see Ready" in message for kind, message in said.items() if kind != "Ready")
        assert said.keys() == {"Ready", "Registered", "SecretPublished", "Stalled"}

    asyncio.run(main())
