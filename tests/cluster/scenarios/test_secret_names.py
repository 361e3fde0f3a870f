"""Whose a Secret is: one that is not the resource's own is neither overwritten nor deleted, whatever its label says."""

import time
from collections import Counter

import pytest

from oauthclient_operator import names
from tests.cluster.admission.account import secrets_path
from tests.cluster.scenarios.room import WEB, Body, Room, condition, conditions
from tests.parts.audit import AuditLog
from tests.parts.installation import OPERATOR_USER
from tests.parts.misbehaving_issuer import MisbehavingIssuer

pytestmark = pytest.mark.usefixtures("operator")
RENAMED: Body = {**WEB, "client_name": "Web shop, renamed"}
LABEL = {names.MANAGED_BY_LABEL: names.OPERATOR}


@pytest.fixture
def published(room: Room, issuer: MisbehavingIssuer) -> dict[str, str]:
    room.apply("web", issuer.issuer)
    room.wait_for("web", "Registered")
    return room.secret("web")


def read(room: Room, name: str = "web") -> Body:
    body: Body = room.api.get(secrets_path(room.namespace, name)).raise_for_status().json()
    return body


def patch(room: Room, change: Body, name: str = "web") -> None:
    room._patch(secrets_path(room.namespace, name), change)


def requests_in(room: Room, audit: AuditLog, *, seconds: float) -> Counter[str]:
    """Count what the operator asks for in a namespace while nobody changes anything: a loop would show."""
    mark = audit.mark()
    time.sleep(seconds)
    return Counter(str(r) for r in audit.requests(OPERATOR_USER, since=mark) if r.namespace == room.namespace)


def writes(requests: Counter[str]) -> list[str]:
    """Return what was written; an Event about what was just reported may be among the requests."""
    reading = ("get ", "list ", "watch ", "create events")
    return sorted(name for name in requests if not name.startswith(reading))


TAKEN: dict[str, Body] = {
    "a user's own": {},
    "with our label": {"labels": LABEL},
    "another resource's": {
        "labels": LABEL,
        "ownerReferences": [
            {"apiVersion": names.API_VERSION, "kind": names.KIND, "name": "other", "uid": "another-resource"}
        ],
    },
}


@pytest.mark.parametrize("metadata", TAKEN.values(), ids=TAKEN)
def test_a_name_that_is_taken_is_known_before_a_client_exists(
    room: Room, issuer: MisbehavingIssuer, metadata: Body
) -> None:
    # While there is such a UID the garbage collector leaves the Secret alone.
    other = room.apply("other", issuer.issuer, secret={"name": "others"})
    room.wait_for("other", "Registered")
    owners = [{**o, "uid": other} for o in metadata.get("ownerReferences", [])]
    room.put_secret("web", client_id="mine")
    patch(room, {"metadata": {**metadata, **({"ownerReferences": owners} if owners else {})}})
    before = read(room)
    uid = room.apply("web", issuer.issuer)
    refused = room.wait_for("web", "SecretNotOwned")
    assert conditions(refused) == {
        "Ready": ("False", "SecretNotOwned"),
        "Registered": ("False", "SecretNotOwned"),
        "SecretPublished": ("False", "SecretNotOwned"),
        "Stalled": ("True", "SecretNotOwned"),
    }
    assert "Secret web exists" in condition(refused)["message"]
    assert issuer.calls == ["POST"]  # The other's.
    assert not room.has_record(uid)
    assert read(room) == before
    room.api.delete(secrets_path(room.namespace, "web")).raise_for_status()
    room.wait_for("web", "Registered")
    assert issuer.calls == ["POST", "POST"]
    assert room.secret("web")["client_id"] == room.read("web")["status"]["clientID"]


def test_two_that_name_one_secret_are_not_told_to_remove_it_and_who_comes_later_goes_on_when_the_other_goes(
    room: Room, issuer: MisbehavingIssuer
) -> None:
    shared = {"name": "shared"}
    room.apply("first", issuer.issuer, secret=shared)
    room.wait_for("first", "Registered")
    room.apply("second", issuer.issuer, secret=shared)
    said = condition(room.wait_for("second", "SecretNotOwned"))["message"]
    assert "it belongs to OAuthClient first;" in said
    assert "do not remove the Secret while both name it" in said
    room.apply("first", issuer.issuer, secret={"name": "its-own"})
    room.wait_for("second", "Registered")
    assert room.secret("shared")["client_id"] == "client-4"
    assert room.secret("its-own")["client_id"] == "client-1"


def test_that_its_owner_was_one_of_the_same_name_before_is_said_before_a_client_exists(
    room: Room, issuer: MisbehavingIssuer
) -> None:
    room.apply("web", issuer.issuer)
    room.wait_for("web", "Registered")
    # As a restored one, or one that is collected late.
    patch(room, {"metadata": {"finalizers": ["example.com/held"]}})
    room.delete("web")
    room.wait_until(lambda: not room.exists("web"), "the resource is gone")
    room.apply("web", issuer.issuer)
    said = condition(room.wait_for("web", "SecretNotOwned"))["message"]
    assert "OAuthClient web, one with another UID, which is gone" in said
    assert "remove it, which is noticed within seconds" in said
    room.api.delete(secrets_path(room.namespace, "web")).raise_for_status()
    patch(room, {"metadata": {"finalizers": None}})
    room.wait_for("web", "Registered")
    assert issuer.calls == ["POST", "DELETE", "POST"]


def test_a_secret_without_our_owner_reference_is_no_longer_ours(
    room: Room, issuer: MisbehavingIssuer, published: dict[str, str], audit: AuditLog
) -> None:
    owners = read(room)["metadata"]["ownerReferences"]
    patch(room, {"metadata": {"ownerReferences": None}, "stringData": {"client_id": "mine"}})
    stripped = read(room)
    said = conditions(room.wait_for("web", "SecretNotOwned", within=5))
    assert said["Ready"] == ("False", "SecretNotOwned")
    assert said["Registered"] == ("True", "Registered")
    assert said["SecretPublished"] == ("False", "SecretNotOwned")
    seen = requests_in(room, audit, seconds=3)
    assert writes(seen) == []
    assert seen["get secrets"] <= 4
    assert read(room) == stripped
    # Whoever gives it back gets it healed.
    patch(room, {"metadata": {"ownerReferences": owners}})
    room.wait_until(lambda: room.secret("web") == published, "the Secret is healed", within=5)
    room.wait_for("web", "Registered")
    assert issuer.calls == ["POST"]


def test_a_secret_that_is_not_ours_outlives_the_resource(
    room: Room, issuer: MisbehavingIssuer, published: dict[str, str]
) -> None:
    patch(room, {"metadata": {"ownerReferences": None}})
    room.wait_for("web", "SecretNotOwned", within=5)
    room.delete("web")
    room.wait_until(lambda: not room.exists("web"), "the resource is gone")
    assert issuer.clients == {}
    assert room.secret("web") == published


def test_under_another_name_the_new_one_is_there_before_the_old_one_goes(
    room: Room, issuer: MisbehavingIssuer, published: dict[str, str], audit: AuditLog
) -> None:
    mark = audit.mark()
    room.apply("web", issuer.issuer, secret={"name": "other"})
    after = room.wait_for("web", "Registered")
    assert room.secret("other") == published
    assert not room.has_secret("web")
    assert after["status"]["secret"]["name"] == "other"
    assert room.record(after["metadata"]["uid"]).secrets == ("other",)
    done = [
        (r.verb, r.resource)
        for r in audit.requests(OPERATOR_USER, since=mark)
        if r.namespace == room.namespace and r.verb in {"create", "delete"} and r.resource == "secrets"
    ]
    assert done == [("create", "secrets"), ("delete", "secrets")]
    assert issuer.calls == ["POST"]


def test_under_a_name_that_is_taken_the_old_one_stays(
    room: Room, issuer: MisbehavingIssuer, published: dict[str, str]
) -> None:
    room.put_secret("other", client_id="mine")
    room.apply("web", issuer.issuer, secret={"name": "other"})
    said = conditions(room.wait_for("web", "SecretNotOwned"))
    assert said["Registered"] == ("True", "Registered")
    assert room.secret("other") == {"client_id": "mine"}
    assert room.secret("web") == published
    room.apply("web", issuer.issuer)
    room.wait_for("web", "Registered")
    assert room.secret("other") == {"client_id": "mine"}
    assert room.secret("web") == published


def test_an_old_one_that_is_no_longer_ours_is_left_alone(
    room: Room, issuer: MisbehavingIssuer, published: dict[str, str]
) -> None:
    patch(room, {"metadata": {"ownerReferences": None}})
    room.wait_for("web", "SecretNotOwned", within=5)
    room.apply("web", issuer.issuer, secret={"name": "other"})
    room.wait_for("web", "Registered")
    assert room.secret("other") == room.secret("web") == published
