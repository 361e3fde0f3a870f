"""What `kubectl apply` says of rotation and of what expires; durations are compared as durations."""

from typing import Any

import pytest

from oauthclient_operator.resource.rotation import Rotation
from tests.cluster.admission.manifests import complaints, oauth_client
from tests.parts.kubectl import Kubectl

NO_INTERVAL = "spec.rotation.interval: Invalid value: write hours, minutes and seconds, e.g. 720h or 1h30m"
NO_OVERLAP = "spec.rotation.overlap: Invalid value: write hours, minutes and seconds, e.g. 24h or 1h30m"
TOO_SHORT = "spec.rotation.interval: Forbidden: write an interval of at least 1h, e.g. 720h"
TWICE = (
    "spec.rotation.interval: Forbidden: write an interval of at least twice the overlap, or leave overlap out: what was "
    "published before has to be gone before the next one comes"
)
BY_NAME = (
    "spec.rotation.strategy: Required value: write strategy: Reregister beside interval; each time it is over, a new "
    "client with a new client_id takes the place of the one before, so that users are asked for consent again and "
    "refresh tokens end"
)
REREGISTER = {"strategy": "Reregister"}
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "days": ({"interval": "30d", **REREGISTER}, NO_INTERVAL),
    "a word": ({"interval": "1 day", **REREGISTER}, NO_INTERVAL),
    "ISO 8601": ({"interval": "P1D", **REREGISTER}, NO_INTERVAL),
    "less than nothing": ({"interval": "-2h", **REREGISTER}, NO_INTERVAL),
    "nothing": ({"interval": "", **REREGISTER}, NO_INTERVAL),
    "an overlap in days": ({"overlap": "1d"}, NO_OVERLAP),
    "less than an hour": ({"interval": "59m59s", **REREGISTER}, TOO_SHORT),
    "less than twice the overlap": ({"interval": "24h", "overlap": "12h1s", **REREGISTER}, TWICE),
    "compared as durations and not as text": ({"interval": "90m", "overlap": "1h", **REREGISTER}, TWICE),
    "an interval alone": ({"interval": "720h"}, BY_NAME),
    "an interval beside Auto": ({"interval": "720h", "strategy": "Auto"}, BY_NAME),
}
ADMITTED: dict[str, dict[str, Any]] = {
    "the shortest": {"interval": "1h", **REREGISTER},
    "in minutes": {"interval": "60m", **REREGISTER},
    "the longest": {"interval": "99999h99999m99999s", "overlap": "48000h", **REREGISTER},
    "exactly twice the overlap": {"interval": "24h", "overlap": "12h", **REREGISTER},
    "an overlap alone": {"overlap": "36h"},
    "no overlap at all": {"overlap": "0s"},
    "a strategy alone": {"strategy": "Auto"},
    "nothing": {},
}


@pytest.mark.parametrize(("rotation", "said"), REFUSED.values(), ids=REFUSED)
def test_a_rotation_is_refused_once_and_the_operator_refuses_it_too(
    admin: Kubectl, room: str, rotation: dict[str, Any], said: str
) -> None:
    assert complaints(admin, oauth_client(room, rotation=rotation)) == [said]
    problems: list[str] = []
    Rotation.of({"rotation": rotation}, problems)
    assert len(problems) == 1


@pytest.mark.parametrize("rotation", ADMITTED.values(), ids=ADMITTED)
def test_a_rotation_is_admitted_and_the_operator_takes_it_too(
    admin: Kubectl, room: str, rotation: dict[str, Any]
) -> None:
    admin.apply(oauth_client(room, rotation=rotation), "--dry-run=server")
    problems: list[str] = []
    Rotation.of({"rotation": rotation}, problems)
    assert not problems


def test_what_expires_is_renewed_unless_the_policy_says_otherwise(admin: Kubectl, room: str) -> None:
    admin.apply(oauth_client(room, "renewing"))
    assert admin.json("get", "oauthclient", "renewing", "-n", room)["spec"]["policy"]["expiry"] == "Renew"
    admin.apply(oauth_client(room, "reporting", policy={"expiry": "Report"}))
    assert admin.json("get", "oauthclient", "reporting", "-n", room)["spec"]["policy"]["expiry"] == "Report"


def test_an_interval_is_taken_away_again_and_nothing_of_it_stays(admin: Kubectl, room: str) -> None:
    admin.apply(oauth_client(room, "undone", rotation={"interval": "720h", **REREGISTER}))
    admin.apply(oauth_client(room, "undone"))
    assert "rotation" not in admin.json("get", "oauthclient", "undone", "-n", room)["spec"]
