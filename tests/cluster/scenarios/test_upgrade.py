"""Today's operator over the live records of version 0.1.0: what is at rest stays, what is not goes on, as schema 2."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator import names
from oauthclient_operator.record.attempts import AttemptState
from tests.cluster.scenarios.conftest import MakeIssuer
from tests.cluster.scenarios.left_behind import CONFIRMED, delete, release
from tests.cluster.scenarios.operators import Operators
from tests.cluster.scenarios.room import Room, condition
from tests.cluster.scenarios.stored_before import StoredBefore, store

HOURS, DAYS = timedelta(hours=2), timedelta(days=3)
HELD = {"policy": {"ambiguous": "Hold"}}
AT_REST = (
    "registered",
    "registered-language-tags-and-extensions",
    "registered-public-client",
    "registered-with-proof",
    "released-retained",
    "released-unconfirmed",
    "surplus-deregistered",
    "suspect-beside-published",
    "updated",
)
STORED: dict[str, tuple[str, timedelta, dict[str, Any]]] = {
    **{golden: (golden, HOURS, {}) for golden in AT_REST},
    "edited": ("updated", HOURS, {}),
    "deleted": ("registered", HOURS, {}),
    "held": ("suspect", HOURS, HELD),
    "registering": ("register-open", HOURS, {}),
    "updating": ("update-open", HOURS, {}),
    "deregistering": ("deregister-open", HOURS, {}),
    "released": ("released-confirmed", HOURS, {}),
    "overdue": ("released-unconfirmed", DAYS, {}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgraded:
    """What was stored, and the versions of it when the operator was started."""

    stored: dict[str, StoredBefore]
    versions: dict[str, list[str]]


@pytest.fixture(scope="module")
def upgraded(lasting_room: Room, make_lasting_issuer: MakeIssuer, operators: Operators) -> Upgraded:
    """All of it, looked at once by today's operator."""
    operators.stop()
    stored = {
        name: store(lasting_room, make_lasting_issuer(), golden, name, ago=ago, **spec)
        for name, (golden, ago, spec) in STORED.items()
    }
    edit = stored["updating"].body()["open"]["metadata"]
    lasting_room.apply("updating", stored["updating"].issuer.issuer, metadata=edit)
    lasting_room.delete("deregistering")
    versions = {name: it.versions() for name, it in stored.items()}
    # By its name the last: when it is Ready the others were looked at.
    lasting_room.apply("zz-last", make_lasting_issuer().issuer)
    operators.running("--release-after=24h")
    lasting_room.wait_for("zz-last", "Registered")
    return Upgraded(stored=stored, versions=versions)


@pytest.mark.parametrize("name", AT_REST)
def test_what_is_at_rest_is_neither_called_for_nor_written(upgraded: Upgraded, name: str) -> None:
    it = upgraded.stored[name]
    assert (it.issuer.calls, it.issuer.fetched) == ([], [])
    # Of suspects version 0.1.0 said nothing in a record's metadata: it is looked at, and the status gains what is new.
    unwritten = 1 if name == "suspect-beside-published" else 0
    assert it.versions()[unwritten:] == upgraded.versions[name][unwritten:]
    assert it.body()["schemaVersion"] == 1


def test_an_edit_updates_the_very_client(upgraded: Upgraded) -> None:
    it = upgraded.stored["edited"]
    published = it.room.secret("edited")
    it.room.apply("edited", it.issuer.issuer, metadata={**it.body()["clients"][0]["confirmed"], "client_name": "New"})
    it.room.wait_for("edited", "Registered")
    assert it.issuer.calls == ["PUT"]
    assert {key: client["client_name"] for key, client in it.issuer.clients.items()} == {"client-1": "New"}
    after = it.room.secret("edited")
    assert [after[key] for key in ("client_id", "client_secret")] == [
        published["client_id"],
        published["client_secret"],
    ]
    assert it.body()["schemaVersion"] == 2


def test_a_deletion_deregisters_it(upgraded: Upgraded) -> None:
    it = upgraded.stored["deleted"]
    delete(it.room, "deleted")
    assert (it.issuer.calls, it.issuer.clients) == (["DELETE"], {})
    assert release(it.room, it.uid) == CONFIRMED
    assert it.body()["schemaVersion"] == 2


def test_a_suspect_is_held_until_a_person_says_that_it_is_dealt_with(upgraded: Upgraded) -> None:
    it = upgraded.stored["held"]
    resource = it.room.wait_for("held", "RegistrationAmbiguous")
    assert [orphan["attempt"] for orphan in resource["status"]["suspectedOrphans"]] == [1]
    assert f'oauth-operator.dev/resolve: "{it.uid}/1"' in condition(resource)["message"]
    assert (it.issuer.calls, it.body()["schemaVersion"]) == ([], 1)
    it.room.annotate("held", names.RESOLVE_ANNOTATION, f"{it.uid}/1")
    it.room.wait_for("held", "Registered")
    assert (it.issuer.calls, it.body()["schemaVersion"]) == (["POST"], 2)
    states = [attempt.state for attempt in it.room.record(it.uid).attempts]
    assert states == [AttemptState.SETTLED, AttemptState.COMMITTED]


def test_a_registration_that_nobody_recorded_is_a_suspect(upgraded: Upgraded) -> None:
    it = upgraded.stored["registering"]
    resource = it.room.wait_for("registering", "Registered")
    assert [orphan["attempt"] for orphan in resource["status"]["suspectedOrphans"]] == [1]
    assert (it.issuer.calls, it.body()["schemaVersion"]) == (["POST"], 2)
    states = [attempt.state for attempt in it.room.record(it.uid).attempts]
    assert states == [AttemptState.SUSPECT, AttemptState.COMMITTED]


def test_an_update_that_nobody_recorded_is_repeated(upgraded: Upgraded) -> None:
    it = upgraded.stored["updating"]
    it.room.wait_for("updating", "Registered")
    assert {key: client["scope"] for key, client in it.issuer.clients.items()} == {"client-1": "openid"}
    assert (it.issuer.calls, it.body()["schemaVersion"]) == (["PUT"], 2)


def test_a_deregistration_that_nobody_recorded_is_repeated(upgraded: Upgraded) -> None:
    it = upgraded.stored["deregistering"]
    it.room.wait_until(lambda: not it.room.exists("deregistering"), "it is gone")
    assert (it.issuer.calls, it.issuer.clients) == (["DELETE"], {})
    assert release(it.room, it.uid) == CONFIRMED
    assert it.body()["schemaVersion"] == 2


def test_what_was_left_behind_is_tried_again_when_it_is_due(upgraded: Upgraded) -> None:
    it = upgraded.stored["overdue"]
    it.room.wait_until(lambda: release(it.room, it.uid) == CONFIRMED, "its client is deregistered")
    assert (it.issuer.calls, it.issuer.clients) == (["DELETE"], {})
    assert it.body()["schemaVersion"] == 2


def test_a_record_that_nobody_can_need_is_deleted(upgraded: Upgraded) -> None:
    it = upgraded.stored["released"]
    it.room.wait_until(lambda: not it.room.has_record(it.uid), "it is deleted")
    assert it.issuer.calls == []
