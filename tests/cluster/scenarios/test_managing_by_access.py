"""Clients are managed at Keycloak by an account with the role `manage-clients`: a lost token costs nothing there."""

from typing import Any

from oauthclient_operator import names
from tests.cluster.scenarios.issuer_resources import IssuerResource, issuer_resource, pem
from tests.cluster.scenarios.room import WEB, Body, Room, condition
from tests.parts.keycloak import Realm
from tests.parts.processes import Process

MANAGER = "manager"
ALL: dict[str, Any] = {"serviceAccountsEnabled": True, "standardFlowEnabled": False}


def named(name: str) -> Body:
    return {**WEB, "client_name": name}


def managed_by(issuer: IssuerResource, realm: Realm, client_id: str, **dialect: str) -> None:
    """Have the issuer let in by a client's secret, and clients managed as the dialect says."""
    issuer.put_credentials(issuer.name, client_id, (realm.client(client_id) or {})["secret"])
    access = {"clientCredentials": {"secretRef": {"name": issuer.name}}}
    issuer.apply(trust={"caBundle": pem(realm.trust)}, access=access, dialect=dialect)
    issuer.wait_for("Ready")


def manager_of(realm: Realm) -> str:
    if realm.client(MANAGER) is None:
        realm.make_client(MANAGER, **ALL)
        realm.let_register(MANAGER, role="manage-clients")
    return MANAGER


def edited(room: Room, realm: Realm, client_id: str, name: str) -> None:
    """Wait until an edit is at the server, and said to be."""
    room.wait_until(lambda: (realm.client(client_id) or {}).get("name") == name, f"Keycloak calls it {name}", within=60)
    room.wait_for("web", "Registered")


def test_from_registration_to_its_end_without_a_token_of_its_own(
    room: Room, operator: Process, registrar_realm: Realm
) -> None:
    assert operator.running()
    realm = registrar_realm
    with issuer_resource(room, realm.issuer) as issuer:
        managed_by(issuer, realm, manager_of(realm), management="Access")
        issuer.apply_client(metadata=named("Web"))
        client_id = room.wait_for("web", "Registered")["status"]["clientID"]
        issuer.apply_client(metadata=named("Web shop"))
        edited(room, realm, client_id, "Web shop")
        # As an administrator does in the console: whatever the operator has is refused from then on.
        realm.registration_access_token(client_id)
        issuer.apply_client(metadata=named("Web shop again"))
        edited(room, realm, client_id, "Web shop again")
        assert room.read("web")["status"]["registration"]["manageable"] is True
        room.delete("web")
        room.wait_until(lambda: not room.exists("web"), "it is gone", within=60)
        assert realm.client(client_id) is None
        assert realm.calls(client_id) == ["PUT 200", "PUT 200", "DELETE 204"]


def test_that_a_client_is_gone_is_told_at_its_edit_and_its_deletion_waits_for_nothing(
    room: Room, operator: Process, registrar_realm: Realm
) -> None:
    assert operator.running()
    realm = registrar_realm
    with issuer_resource(room, realm.issuer) as issuer:
        managed_by(issuer, realm, manager_of(realm), management="Access")
        issuer.apply_client(metadata=named("Web"))
        client_id = room.wait_for("web", "Registered")["status"]["clientID"]
        realm.server.administer("DELETE", f"{realm.name}/clients/{(realm.client(client_id) or {})['id']}")
        issuer.apply_client(metadata=named("Web shop"))
        said = condition(room.wait_for("web", "ClientGone", within=60))["message"]
        assert "the authorization server answers that it has no client" in said
        room.delete("web")
        room.wait_until(lambda: not room.exists("web"), "it is gone", within=60)
        # Of an update of what is not there Keycloak says no more than that; of a read it does.
        assert realm.calls(client_id) == ["PUT 500", "GET 404", "DELETE 404"]


def test_an_account_that_may_only_register_is_named_and_deletes_by_the_clients_own_token(
    room: Room, operator: Process, registrar_realm: Realm
) -> None:
    assert operator.running()
    realm = registrar_realm
    with issuer_resource(room, realm.issuer) as issuer:
        managed_by(issuer, realm, "registrar-with-secret", management="Access")
        issuer.apply_client(metadata=named("Web"))
        client_id = room.wait_for("web", "Registered")["status"]["clientID"]
        issuer.apply_client(metadata=named("Web shop"))
        said = condition(room.wait_for("web", "AccessDenied"))["message"]
        assert "the right to manage clients" in said
        assert room.read("web")["status"]["registration"]["manageable"] is True
        room.delete("web")
        room.wait_until(lambda: not room.exists("web"), "it is gone", within=90)
        assert realm.client(client_id) is None


def test_it_is_read_by_access_and_what_was_changed_there_is_published_and_put_right(
    room: Room, operator: Process, registrar_realm: Realm
) -> None:
    assert operator.running()
    realm = registrar_realm
    with issuer_resource(room, realm.issuer) as issuer:
        managed_by(issuer, realm, manager_of(realm), management="Access")
        issuer.apply_client(metadata=named("Web"))
        client_id = room.wait_for("web", "Registered")["status"]["clientID"]
        # As an administrator does in the console; whatever token of its own the operator has is refused from then on.
        realm.registration_access_token(client_id)
        realm.change_client(client_id, secret="made-in-the-console", name="Renamed")
        room.annotate("web", names.REFRESH_ANNOTATION, "now")
        room.wait_until(lambda: room.secret("web")["client_secret"] == "made-in-the-console", "it is published")
        edited(room, realm, client_id, "Web")
        assert realm.calls(client_id) == ["GET 200", "PUT 200"]
        assert (realm.client(client_id) or {})["secret"] == "made-in-the-console"
        room.delete("web")
        room.wait_until(lambda: not room.exists("web"), "it is gone", within=60)


def test_a_client_that_is_disabled_there_is_not_taken_for_one_that_is_gone(
    room: Room, operator: Process, registrar_realm: Realm
) -> None:
    assert operator.running()
    realm = registrar_realm
    with issuer_resource(room, realm.issuer) as issuer:
        managed_by(issuer, realm, manager_of(realm), management="Access")
        issuer.apply_client(metadata=named("Web"))
        client_id = room.wait_for("web", "Registered")["status"]["clientID"]
        before = room.secret("web")
        # By its own token Keycloak answers as of a client that it does not know; by access it tells the two apart.
        realm.registration_access_token(client_id)
        realm.change_client(client_id, enabled=False)
        room.annotate("web", names.REFRESH_ANNOTATION, "now")
        room.wait_until(lambda: realm.calls(client_id) == ["GET 200"], "it was read")
        realm.change_client(client_id, enabled=True)
        issuer.apply_client(metadata=named("Web shop"))
        edited(room, realm, client_id, "Web shop")
        assert realm.calls(client_id) == ["GET 200", "PUT 200"]
        assert room.secret("web") == before
        room.delete("web")
        room.wait_until(lambda: not room.exists("web"), "it is gone", within=60)
