"""After a lost answer: when another attempt follows, when none does, and what a person can say about it.

All that has to wait is begun at once, and each test looks at its own part of it.
"""

from dataclasses import dataclass

import pytest

from oauthclient_operator import names
from oauthclient_operator.record.attempts import Attempt, AttemptState
from tests.cluster.scenarios.conftest import MakeIssuer
from tests.cluster.scenarios.operators import Operators
from tests.cluster.scenarios.room import WEB, Room, condition, conditions
from tests.parts.misbehaving import Behaviour, reset, respond
from tests.parts.misbehaving_issuer import MisbehavingIssuer, Spoil

MARGIN, BACKOFF = 5, 2
"""Seconds: after the deadline of a call whose answer was lost, and then before the next attempt, doubled each time."""


def broken(_: bytes) -> Behaviour:
    return reset


ANSWERS: dict[str, list[Spoil]] = {
    "again": [broken],
    "three-times": [broken, broken, broken],
    "maintenance": [broken],
    "asked-to-wait": [lambda _: respond(503, retry_after="12")],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """Where a first answer was lost, and to whom."""

    room: Room
    issuer: MisbehavingIssuer
    uid: str

    def attempts(self) -> tuple[Attempt, ...]:
        return self.room.record(self.uid).attempts


@pytest.fixture(scope="module")
def lost(lasting_room: Room, make_lasting_issuer: MakeIssuer, operators: Operators) -> dict[str, Lost]:
    """One resource for each thing that can come next, all of them begun."""
    operators.running()
    found: dict[str, Lost] = {}
    for name, answers in ANSWERS.items():
        issuer = make_lasting_issuer()
        for answer in answers:
            issuer.spoil("POST", answer, applied=True)
        uid = lasting_room.apply(name, issuer.issuer)
        found[name] = Lost(room=lasting_room, issuer=issuer, uid=uid)
        lasting_room.wait_for(name, "RegistrationAmbiguous")
    found["maintenance"].issuer.documents = lambda *_: respond(503)
    return found


def test_another_attempt_follows_by_itself(lost: dict[str, Lost]) -> None:
    it = lost["again"]
    resource = it.room.wait_for("again", "Registered")
    first, second = it.attempts()
    assert (first.state, second.state) == (AttemptState.SUSPECT, AttemptState.COMMITTED)
    assert (second.sent_at - first.until).total_seconds() >= MARGIN + BACKOFF
    # The issuer had to answer a GET before it was asked again.
    assert (len(it.issuer.fetched), it.issuer.calls) == (2, ["POST", "POST"])
    # What may have been left behind is not forgotten because something else worked.
    assert [orphan["attempt"] for orphan in resource["status"]["suspectedOrphans"]] == [1]
    assert conditions(resource)["Ready"] == ("True", "Registered")


def test_a_suspect_is_settled_also_when_all_is_well(lost: dict[str, Lost]) -> None:
    it = lost["again"]
    it.room.wait_for("again", "Registered")
    it.room.annotate("again", names.RESOLVE_ANNOTATION, f"{it.uid}/1")

    def settled() -> bool:
        return "suspectedOrphans" not in it.room.read("again")["status"]

    it.room.wait_until(settled, "no suspect is left", seen=lambda: it.room.read("again")["status"])
    assert condition(it.room.read("again"))["status"] == "True"
    assert [attempt.state for attempt in it.attempts()] == [AttemptState.SETTLED, AttemptState.COMMITTED]
    assert it.issuer.calls == ["POST", "POST"]


def test_an_issuer_in_maintenance_does_not_eat_the_attempts(lost: dict[str, Lost]) -> None:
    it = lost["maintenance"]
    resource = it.room.wait_for("maintenance", "IssuerUnavailable")
    assert len(resource["status"]["suspectedOrphans"]) == 1
    assert it.issuer.calls == ["POST"]
    it.issuer.documents = None
    it.room.wait_for("maintenance", "Registered", within=40)
    assert [attempt.state for attempt in it.attempts()] == [AttemptState.SUSPECT, AttemptState.COMMITTED]


def test_retry_after_lengthens_the_wait(lost: dict[str, Lost]) -> None:
    it = lost["asked-to-wait"]
    it.room.wait_for("asked-to-wait", "Registered", within=40)
    first, second = it.attempts()
    assert (second.sent_at - first.sent_at).total_seconds() >= 12


def test_after_three_a_person_looks_first(lost: dict[str, Lost]) -> None:
    it = lost["three-times"]
    room = it.room
    room.wait_until(lambda: "Stalled" in conditions(room.read("three-times")), "no more attempts", within=40)
    resource = room.read("three-times")
    assert [orphan["attempt"] for orphan in resource["status"]["suspectedOrphans"]] == [1, 2, 3]
    assert condition(resource)["message"].endswith(
        "may exist there; look for it at the authorization server and remove it, then annotate this resource with "
        f'oauth-operator.dev/resolve: "{it.uid}/3"'
    )
    first, second, third = it.attempts()
    assert (second.sent_at - first.until).total_seconds() >= MARGIN + BACKOFF
    assert (third.sent_at - second.until).total_seconds() >= MARGIN + 2 * BACKOFF
    assert (len(it.issuer.fetched), it.issuer.calls) == (3, ["POST", "POST", "POST"])
    # An Event for each loss, which comes after the status.
    wanted = [f"the answer to registration attempt {number}" for number in (1, 2, 3)]

    def said() -> list[str]:
        return [note[: note.index(" at ")] for _, _, note in room.events("three-times")]

    room.wait_until(lambda: len(said()) >= len(wanted), "an Event for each loss", seen=said)
    assert said() == wanted


def test_what_a_person_says_is_about_the_newest_and_this_resource(lost: dict[str, Lost]) -> None:
    it = lost["three-times"]
    room = it.room
    room.wait_until(lambda: "Stalled" in conditions(room.read("three-times")), "no more attempts", within=40)
    others = (f"{it.uid}/2", "00000000-0000-0000-0000-000000000000/3", "3", f"{it.uid}/3x")
    for number, other in enumerate(others):
        room.annotate("three-times", names.RESOLVE_ANNOTATION, other)
        # An edit comes after it, and the operator says when it has seen that.
        room.apply("three-times", it.issuer.issuer, metadata={**WEB, "client_name": f"Web shop {number}"})
        room.wait_for("three-times", "RegistrationAmbiguous")
    assert len(it.issuer.calls) == 3
    room.annotate("three-times", names.RESOLVE_ANNOTATION, f"{it.uid}/3")
    resource = room.wait_for("three-times", "Registered")
    assert "suspectedOrphans" not in resource["status"]
    assert (it.issuer.calls, it.attempts()[-1].number) == (["POST"] * 4, 4)
    # The annotation may stay: it is a statement about attempt 3, and says nothing of what comes.
    assert room.read("three-times")["metadata"]["annotations"][names.RESOLVE_ANNOTATION] == f"{it.uid}/3"
