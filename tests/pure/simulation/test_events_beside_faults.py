"""What was done is told once, whatever the API server does with the writes that follow it."""

from collections.abc import Iterator
from typing import Any

import pytest

from oauthclient_operator.names import Done
from tests.pure.simulation.faults import DEATHS, SLEEPS, Kind, TwoProcesses, kinds
from tests.pure.simulation.test_faults import LIVES, live

WITH_THE_CALL = ("Registered", "Updated", "Deregistered")
"""What an exchange comes to. A Secret is another matter: with the call it is told by the call's word, after a fault not."""


def told(world: TwoProcesses) -> list[str]:
    return [event["reason"] for event in world.api.events if event["reason"] in WITH_THE_CALL]


def faults() -> Iterator[Any]:
    for life in LIVES:
        labels = live(life, {}).faults.labels
        # Where nothing was begun yet, a refusal has it end otherwise.
        since = next((n for n, label in enumerate(labels) if label.startswith("exchange")), 0)
        for number, label in enumerate(labels):
            if number <= since or label.startswith(("exchange", "create_event")) or "dry-run" in label:
                continue
            for kind in kinds(label):
                if kind not in (*DEATHS, *SLEEPS):
                    yield pytest.param(life, number, kind, id=f"{life}: call {number}, {label}, {kind}")


@pytest.mark.parametrize(("life", "number", "kind"), list(faults()))
def test_what_was_done_is_told_once(life: str, number: int, kind: Kind) -> None:
    assert told(live(life, {number: kind})) == told(live(life, {}))


@pytest.mark.parametrize("kind", [Kind.CONFLICT, Kind.ANSWER_LOST, Kind.LOST, Kind.LATE])
def test_so_is_that_the_secret_has_another_name_where_the_one_before_does_not_go_at_once(kind: Kind) -> None:
    number = live("another Secret", {}).faults.labels.index("delete_secret")
    reasons = [event["reason"] for event in live("another Secret", {number: kind}).api.events]
    assert reasons == [Done.REGISTERED, Done.PUBLISHED]


def test_a_client_by_an_answer_that_came_late_is_not_said_to_take_anybody_s_place() -> None:
    number = live("create", {}).faults.labels.index("exchange:POST")
    world = live("create", {number: Kind.SLEEPS_AFTER})
    notes = [event["note"] for event in world.api.events if event["reason"] == Done.REGISTERED]
    assert len(notes) == 2
    assert "by a request whose answer came late: by then client" in notes[1]
    assert "take the place" not in notes[1]
    assert len(world.server.clients) == 1
