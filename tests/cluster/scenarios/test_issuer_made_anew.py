"""A ClusterOAuthIssuer is taken away by force, and somebody makes another of its name: a new UID, and another way in.

What the one before registered is none of the new one's to manage. It goes on by its own tokens, and says what is so.
"""

from collections.abc import Iterator

import pytest

from oauthclient_operator import names
from tests.cluster.admission.account import MERGE_PATCH
from tests.cluster.scenarios.conftest import MakeIssuer
from tests.cluster.scenarios.issuer_resources import IssuerResource, issuer_resource
from tests.cluster.scenarios.left_behind import CONFIRMED, UNCONFIRMED, delete, release
from tests.cluster.scenarios.room import WEB, Room, condition
from tests.cluster.scenarios.test_managing_by_access import ALL, managed_by, manager_of, named
from tests.parts.keycloak import Realm

pytestmark = pytest.mark.usefixtures("operator")

ANOTHER = "another-manager"


def another_manager_of(realm: Realm) -> str:
    if realm.client(ANOTHER) is None:
        realm.make_client(ANOTHER, **ALL)
        realm.let_register(ANOTHER, role="manage-clients")
    return ANOTHER


def taken_away(issuer: IssuerResource) -> str:
    """Delete it, and take its finalizer off as an administrator can; return the UID that it had."""
    uid: str = issuer.read()["metadata"]["uid"]
    issuer.delete()
    issuer.wait_for("InUse")
    path = f"/apis/{names.API_VERSION}/{names.ISSUER_PLURAL}/{issuer.name}"
    headers = {"Content-Type": MERGE_PATCH}
    issuer.room.api.patch(path, headers=headers, json={"metadata": {"finalizers": None}}).raise_for_status()
    issuer.room.wait_until(lambda: not issuer.exists(), "it is gone for good")
    return uid


@pytest.fixture
def issuer(room: Room, registrar_realm: Realm) -> Iterator[IssuerResource]:
    """One whose clients an account manages that may change everybody's."""
    with issuer_resource(room, registrar_realm.issuer) as resource:
        managed_by(resource, registrar_realm, manager_of(registrar_realm), management="Access")
        yield resource


def registered(issuer: IssuerResource, name: str) -> tuple[str, str]:
    """Return the UID of a new resource, and its client's identifier."""
    uid = issuer.apply_client(name, metadata=named("Web"))
    return uid, issuer.room.wait_for(name, "Registered")["status"]["clientID"]


def test_what_the_one_before_registered_goes_on_by_its_own_tokens_and_never_by_the_access_of_the_new_one(
    room: Room, registrar_realm: Realm, issuer: IssuerResource
) -> None:
    realm = registrar_realm
    before, client_id = registered(issuer, "web")
    lost, locked = registered(issuer, "lost")
    was = taken_away(issuer)
    said = condition(room.wait_for("web", "IssuerNotReady"))["message"]
    assert issuer.name in said
    managed_by(issuer, realm, another_manager_of(realm), management="Access")
    now = issuer.read()["metadata"]["uid"]
    assert now != was
    room.wait_until(lambda: room.read("web")["status"]["issuer"]["uid"] == now, "the client says whose it is")
    issuer.apply_client("web", metadata=named("Web shop"))
    room.wait_until(lambda: realm.calls(client_id) == ["PUT 200"], "the edit is brought")
    room.wait_for("web", "Registered")
    # Access would change this one, too: its own token, which an administrator replaced, does not.
    realm.registration_access_token(locked)
    issuer.apply_client("lost", metadata=named("Web shop"))
    said = condition(room.wait_for("lost", "ManagementLost", within=60))["message"]
    assert "no longer accepts the registration access token" in said
    room.annotate("lost", names.REFRESH_ANNOTATION, "now")
    room.annotate("lost", names.RETRY_ANNOTATION, "now")
    # What the new one registers itself it manages: the access is good for that.
    _, own = registered(issuer, "new")
    realm.registration_access_token(own)
    issuer.apply_client("new", metadata=named("New shop"))
    room.wait_until(lambda: realm.calls(own) == ["PUT 200"], "that is brought by access")
    delete(room)
    assert (realm.client(client_id), release(room, before)) == (None, CONFIRMED)
    delete(room, "lost", within=60)
    assert release(room, lost) == UNCONFIRMED
    assert {call.partition(" ")[2] for call in realm.calls(locked)} == {"401"}
    assert (realm.client(locked) or {})["name"] == "Web"


def test_while_there_is_none_a_client_is_ended_by_its_own_token(
    room: Room, registrar_realm: Realm, issuer: IssuerResource
) -> None:
    uid, client_id = registered(issuer, "web")
    taken_away(issuer)
    room.wait_for("web", "IssuerNotReady")
    assert room.secret("web")["client_id"] == client_id
    delete(room, within=60)
    assert registrar_realm.calls(client_id) == ["DELETE 204"]
    assert release(room, uid) == CONFIRMED


def test_one_that_leads_to_a_server_of_somebodys_own_is_shown_nothing_of_the_clients_of_before(
    room: Room, make_issuer: MakeIssuer
) -> None:
    genuine, impostor = make_issuer(), make_issuer()
    issued = {"client_secret": "genuine-secret-0123456789", "registration_access_token": "genuine-token-0123456789"}
    genuine.alter("POST", lambda client: {**client, **issued})
    with issuer_resource(room, genuine.issuer) as before:
        before.apply()
        before.apply_client()
        room.wait_for("web", "Registered")
        taken_away(before)
    with issuer_resource(room, impostor.issuer) as after:
        after.apply()
        room.wait_until(lambda: impostor.calls == ["POST"], "the client follows the name")
        after.apply_client(metadata={**WEB, "client_name": "Renamed"})
        room.wait_until(lambda: impostor.calls == ["POST", "PUT"], "and is the new server's")
        # Both are ended, each where it is.
        delete(room)
    assert (genuine.calls, impostor.calls) == (["POST", "DELETE"], ["POST", "PUT", "DELETE"])
    shown = repr(impostor.server.requests)
    assert [credential for credential in issued.values() if credential in shown] == []
