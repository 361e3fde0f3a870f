"""What a resource leaves in the records namespace when it goes, as a test asks for it."""

import itertools
import time

from oauthclient_operator import names
from oauthclient_operator.names import RecordState
from oauthclient_operator.record.record import ReleaseOutcome
from tests.cluster.admission.account import secrets_path
from tests.cluster.scenarios.room import Room


def delete(room: Room, name: str = "web", *, within: float = 20) -> None:
    """Delete a resource and wait until it is gone."""
    room.delete(name)
    room.wait_until(
        lambda: not room.exists(name), f"{name} is gone", within=within, seen=lambda: room.read(name).get("status")
    )


def release(room: Room, uid: str) -> tuple[RecordState, ReleaseOutcome]:
    """Return the label and the outcome of a record whose resource was let go."""
    released = room.record(uid).released
    assert released is not None
    body = room.api.get(secrets_path(names.RECORDS_NAMESPACE, uid)).raise_for_status().json()
    return RecordState(body["metadata"]["labels"][names.STATE_LABEL]), released.outcome


def words(room: Room, reason: str, name: str = "web") -> list[str]:
    """Return what the Events of a reason said about a resource."""
    return [note for _, said, note in room.events(name) if said == reason]


def wait_for_words(room: Room, reason: str, name: str = "web") -> list[str]:
    """Wait until an Event of a reason is there, which is written after all else, and return what they said."""
    room.wait_until(lambda: bool(words(room, reason, name)), f"an Event {reason}", seen=lambda: room.events(name))
    return words(room, reason, name)


def wait_for_garbage_collector(room: Room) -> None:
    """Wait until the controller manager knows our kind; it looks every 30 s, and what it met before it meets rarely."""
    orphans = itertools.count()

    def collected() -> bool:
        name = f"orphan-{next(orphans)}"
        owner = {"apiVersion": names.API_VERSION, "kind": names.KIND, "name": "nobody", "uid": "nobody"}
        manifest = {"metadata": {"name": name, "ownerReferences": [owner]}}
        room.api.post(secrets_path(room.namespace), json=manifest).raise_for_status()
        time.sleep(0.5)
        return not room.has_secret(name)

    room.wait_until(collected, "the garbage collector knows OAuthClients", within=90)


CONFIRMED = RecordState.RELEASED, ReleaseOutcome.CONFIRMED
RETAINED = RecordState.LEFT_BEHIND, ReleaseOutcome.RETAINED
UNCONFIRMED = RecordState.LEFT_BEHIND, ReleaseOutcome.UNCONFIRMED
