"""What is lost at Keycloak, and what a resource says and does then: a disabled client, other keys, an update's answer."""

import secrets
from collections.abc import Iterator
from typing import Any

import pytest

from oauthclient_operator.names import CLIENT_INFORMATION_TYPE, PROVE_ANNOTATION, REFRESH_ANNOTATION
from tests.cluster.scenarios.in_time import CONFIRMED, MINUTE, SLOWLY, Begin, InTime
from tests.cluster.scenarios.room import WEB, Body, Room, conditions
from tests.parts.certificates import CertificateAuthority
from tests.parts.front import Front
from tests.parts.keycloak import Keycloak, Realm

BY_KEY: Body = {**WEB, "token_endpoint_auth_method": "private_key_jwt"}
EDITED: Body = {**WEB, "client_name": "Web shop, renamed"}
TOKEN = "idp-token"


@pytest.fixture
def realm(keycloak_server: Keycloak) -> Realm:
    """A realm of the test's own: what is lost there is lost for everybody in it."""
    return keycloak_server.make_realm(f"losing-{secrets.token_hex(4)}")


@pytest.fixture
def front(certificate_authority: CertificateAuthority, keycloak_server: Keycloak) -> Iterator[Front]:
    front = Front(certificate_authority.certificate(), certificate_authority.bundle)
    front.target = keycloak_server.origin
    with front.server.in_thread():
        yield front


def apply(room: Room, issuer: str, metadata: Body = WEB, *, gone: str = "Report", **spec: Any) -> None:
    room.apply("web", issuer, token=TOKEN, metadata=metadata, policy={"gone": gone}, **spec)


async def registered(operator: InTime, realm: Realm, issuer: str, **options: Any) -> dict[str, str]:
    """Return what is published of a client that was registered and proven right after."""
    operator.room.put_token(TOKEN, issuer, realm.initial_access_token())
    apply(operator.room, issuer, **options)
    await operator.live()
    operator.room.annotate("web", PROVE_ANNOTATION, "now")
    await operator.live()
    assert operator.ready() == ("True", "Registered")
    assert conditions(operator.room.read("web"))["CredentialsValid"] == ("True", "Proven")
    return operator.room.secret("web")


async def test_a_client_that_an_administrator_disabled_looks_gone_and_is_as_it_was_once_it_is_enabled(
    room: Room, begin: Begin, realm: Realm
) -> None:
    async with begin() as operator:
        published = await registered(operator, realm, realm.issuer)
        client_id = published["client_id"]
        realm.change_client(client_id, enabled=False)
        apply(room, realm.issuer, EDITED)
        await operator.live(MINUTE)
        assert operator.ready() == ("False", "ManagementLost")
        await operator.live(CONFIRMED)
        found = conditions(room.read("web"))
        assert found["Ready"] == found["CredentialsValid"] == ("False", "ClientGone")
        assert found["Stalled"] == ("True", "ClientGone")
        assert "ask the server's administrator, who may have disabled or removed it" in operator.said()
        assert room.secret("web") == published
        realm.change_client(client_id, enabled=True)
        await operator.live(2 * SLOWLY)
        found = conditions(room.read("web"))
        assert (found["Ready"], found["CredentialsValid"]) == (("True", "Registered"), ("True", "Proven"))
        assert (realm.client(client_id) or {})["name"] == EDITED["client_name"]
        assert room.secret("web") == published
        assert set(realm.calls()) == {"POST 201", "PUT 401", "PUT 200"}
        assert realm.calls().count("POST 201") == 1


async def test_by_policy_another_client_takes_the_place_of_a_disabled_one_which_stays_at_the_server(
    room: Room, begin: Begin, realm: Realm
) -> None:
    async with begin() as operator:
        published = await registered(operator, realm, realm.issuer, gone="Reregister", rotation={"overlap": "1h"})
        realm.change_client(published["client_id"], enabled=False)
        apply(room, realm.issuer, EDITED, gone="Reregister", rotation={"overlap": "1h"})
        await operator.live(CONFIRMED + MINUTE)
        assert operator.ready() == ("True", "Registered")
        assert operator.client_id() != published["client_id"]
        assert conditions(room.read("web"))["Renewing"] == ("True", "Leaving")
        await operator.live(10 * SLOWLY)
        assert operator.ready() == ("True", "Registered")
        assert "Renewing" not in conditions(room.read("web"))
        # It may be enabled again, so nothing says that it has ended.
        assert realm.client(published["client_id"]) is not None
        (note,) = (note for _, reason, note in room.events("web") if reason == "LeftBehind")
        assert f'client "{published["client_id"]}"' in note


@pytest.mark.parametrize("gone", ["Report", "Reregister"])
async def test_a_disabled_client_with_a_key_is_found_out_though_no_answer_has_a_date(
    room: Room, begin: Begin, realm: Realm, gone: str
) -> None:
    """It refuses an assertion of another time otherwise than a client that it does not let in."""
    async with begin() as operator:
        published = await registered(operator, realm, realm.issuer, metadata=BY_KEY, gone=gone, privateKey={})
        realm.change_client(published["client_id"], enabled=False)
        room.annotate("web", PROVE_ANNOTATION, "again")
        await operator.live()
        found = conditions(room.read("web"))
        assert (found["Ready"], found["CredentialsValid"]) == (
            ("True", "Registered"),
            ("Unknown", "CredentialsRefused"),
        )
        await operator.live(3 * CONFIRMED)
        replaced = operator.client_id() != published["client_id"]
        expected = ("False", "CredentialsRefused") if gone == "Report" else ("True", "Registered")
        assert (operator.ready(), replaced) == (expected, gone == "Reregister")
        if gone == "Report":
            assert realm.calls() == ["POST 201"], "nobody asked for more"
            room.annotate("web", REFRESH_ANNOTATION, "now")
            await operator.live(3 * CONFIRMED)
            assert operator.ready() == ("False", "ClientGone")
            realm.change_client(published["client_id"], enabled=True)
            await operator.live(2 * SLOWLY)
            assert operator.ready() == ("True", "Registered")
            assert conditions(room.read("web"))["CredentialsValid"] == ("True", "Proven")


def replaced_keys(realm: Realm, client_id: str) -> None:
    del client_id
    realm.replace_keys()


def minted(realm: Realm, client_id: str) -> None:
    realm.registration_access_token(client_id)


@pytest.mark.parametrize("loss", [replaced_keys, minted], ids=["other keys of the realm", "a token minted anew"])
async def test_where_the_token_alone_is_lost_the_client_lives_and_a_new_one_is_handed_over(
    room: Room, begin: Begin, realm: Realm, loss: Any
) -> None:
    async with begin() as operator:
        published = await registered(operator, realm, realm.issuer, gone="Reregister")
        client_id = published["client_id"]
        loss(realm, client_id)
        apply(room, realm.issuer, EDITED, gone="Reregister")
        await operator.live(CONFIRMED)
        found = conditions(room.read("web"))
        assert (found["Ready"], found["CredentialsValid"]) == (("False", "ManagementLost"), ("True", "Proven"))
        assert "hand it over by spec.adopt" in operator.said()
        assert realm.calls() == ["POST 201", "PUT 401"], "it lives, so that none is registered in its place"
        room.put_secret(
            "web-client",
            of_type=CLIENT_INFORMATION_TYPE,
            issuer=realm.issuer,
            client_id=client_id,
            registration_access_token=realm.registration_access_token(client_id),
            registration_client_uri=realm.configuration_endpoint(client_id),
        )
        adopts = {"adopt": {"secretRef": {"name": "web-client"}}}
        apply(room, realm.issuer, EDITED, gone="Reregister", **adopts)
        await operator.live(MINUTE)
        assert operator.ready() == ("True", "Registered")
        assert realm.calls()[2:] == ["GET 200", "PUT 200"]
        assert (realm.client(client_id) or {})["name"] == EDITED["client_name"]
        assert room.secret("web") == published


@pytest.mark.parametrize("policy", ["Report", "Reregister"])
async def test_an_update_whose_answer_is_lost_while_the_server_rotates_secrets_is_a_delayed_death(
    room: Room, begin: Begin, realm: Realm, front: Front, policy: str
) -> None:
    realm.move(front.server.url(""))
    realm.rotate_secrets(lifetime=30 * 24 * 3600, overlap=24 * 3600)
    issuer = front.server.url(f"/realms/{realm.name}")
    async with begin() as operator:
        published = await registered(operator, realm, issuer, gone=policy)
        client_id = published["client_id"]
        assert "secretExpiresAt" in room.read("web")["status"]["registration"]
        front.loses.add("PUT")
        apply(room, issuer, EDITED, gone=policy)
        await operator.live()
        front.loses.clear()
        known: Any = realm.client(client_id)
        assert known["secret"] != published["client_secret"], "nobody but the server knows the new one"
        await operator.live(CONFIRMED)
        assert [call for call in realm.calls() if "PUT" in call] == ["PUT 200", "PUT 401"]
        found = conditions(room.read("web"))
        # The one before is accepted for a day, which nobody was told.
        assert found["CredentialsValid"] == ("True", "Proven")
        if policy == "Report":
            assert found["Ready"] == ("False", "ManagementLost")
            assert "the one in the Secret may end on a day that nobody names" in operator.said()
            assert room.secret("web") == published
        else:
            assert found["Ready"] == ("True", "Registered")
            assert operator.client_id() != client_id
            now: Any = realm.client(operator.client_id())
            assert (now["secret"], now["name"]) == (room.secret("web")["client_secret"], EDITED["client_name"])
