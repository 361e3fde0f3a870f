"""A tenant's adoption points the operator's own access at somebody else's client, at Keycloak, where it may change all.

With `manage-clients` whatever the operator sent there by access would be done: the server's log would show it, and so
would the client.
"""

from dataclasses import dataclass

import pytest

from oauthclient_operator import names
from tests.cluster.scenarios.issuer_resources import IssuerResource, issuer_resource
from tests.cluster.scenarios.left_behind import delete
from tests.cluster.scenarios.room import Body, Room
from tests.cluster.scenarios.test_adopting import adopting, hand_over
from tests.cluster.scenarios.test_managing_by_access import managed_by, manager_of, named
from tests.parts.keycloak import Realm

pytestmark = pytest.mark.usefixtures("operator")

ADOPTS = adopting("handed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Victim:
    """A client at the server that is nothing of the attacker's, as it was before the attack."""

    realm: Realm
    before: Body

    @property
    def client_id(self) -> str:
        return str(self.before["clientId"])

    @property
    def address(self) -> str:
        return self.realm.configuration_endpoint(self.client_id)

    def assert_untouched(self) -> None:
        """See that it is as it was, and that the server let nobody see it who asked by a token that is not its own."""
        assert self.realm.client(self.client_id) == self.before
        assert {*self.realm.calls(self.client_id)} <= {"GET 400", "GET 401"}


def made_by_hand(realm: Realm, client_id: str) -> Victim:
    # Its id is its client_id: then Keycloak updates it at its address.
    return Victim(realm=realm, before=realm.make_client(client_id, id=client_id, name="Somebody else's"))


def handed(victim: Victim, token: str | None, **more: str) -> Body:
    members = {"client_id": victim.client_id, "client_secret": "guessed", "registration_client_uri": victim.address}
    return {**members, **({} if token is None else {"registration_access_token": token}), **more}


def lives_on(room: Room, issuer: IssuerResource, reason: str) -> None:
    """Edit what adopted, have it read, and delete it: whatever a tenant can ask for."""
    issuer.apply_client(metadata=named("Mine"), **ADOPTS)
    room.wait_for("web", reason)
    room.annotate("web", names.REFRESH_ANNOTATION, "now")
    room.annotate("web", names.RETRY_ANNOTATION, "now")
    issuer.apply_client(metadata=named("Mine alone"), **ADOPTS)
    room.wait_for("web", reason)
    delete(room, within=60)


@pytest.mark.parametrize(
    ("token", "says", "then"),
    [
        pytest.param(None, "Registered", "UpdateUnsupported", id="without a token"),
        pytest.param("bogus", "AdoptionFailed", "AdoptionFailed", id="with a token of one's own making"),
    ],
)
def test_by_handing_over_somebody_elses_client(
    room: Room, registrar_realm: Realm, token: str | None, says: str, then: str
) -> None:
    realm = registrar_realm
    victim = made_by_hand(realm, f"theirs-{room.namespace}")
    with issuer_resource(room, realm.issuer) as issuer:
        managed_by(issuer, realm, manager_of(realm), management="Access")
        hand_over(room, "handed", realm.issuer, handed(victim, token))
        issuer.apply_client(metadata=named("Web"), **ADOPTS)
        room.wait_for("web", says)
        lives_on(room, issuer, then)
        victim.assert_untouched()


@pytest.mark.parametrize(
    ("with_token", "says", "then"),
    [
        pytest.param(False, "Registered", "UpdateUnsupported", id="without a token"),
        pytest.param(True, "AdoptionFailed", "AdoptionFailed", id="with its own token"),
    ],
)
@pytest.mark.parametrize("address", ["{theirs}", "{theirs}?client_id={mine}", "{theirs}/../{mine}"])
def test_by_handing_over_ones_own_client_at_another_address(
    room: Room, registrar_realm: Realm, address: str, *, with_token: bool, says: str, then: str
) -> None:
    realm = registrar_realm
    victim = made_by_hand(realm, f"theirs-{room.namespace}")
    mine = made_by_hand(realm, f"mine-{room.namespace}")
    token = realm.registration_access_token(mine.client_id) if with_token else None
    at = address.format(theirs=victim.address, mine=mine.client_id)
    with issuer_resource(room, realm.issuer) as issuer:
        managed_by(issuer, realm, manager_of(realm), management="Access")
        hand_over(room, "handed", realm.issuer, handed(mine, token, registration_client_uri=at))
        issuer.apply_client(metadata=named("Web"), **ADOPTS)
        room.wait_for("web", says)
        lives_on(room, issuer, then)
        victim.assert_untouched()


def test_by_what_is_adopted_in_the_place_of_a_client_that_access_manages(room: Room, registrar_realm: Realm) -> None:
    realm = registrar_realm
    victim = made_by_hand(realm, f"theirs-{room.namespace}")
    with issuer_resource(room, realm.issuer) as issuer:
        managed_by(issuer, realm, manager_of(realm), management="Access")
        issuer.apply_client(metadata=named("Web"))
        mine = room.wait_for("web", "Registered")["status"]["clientID"]
        issuer.apply_client(metadata=named("Web shop"))
        room.wait_until(lambda: realm.calls(mine) == ["PUT 200"], "access manages it")
        # Where a client's own token is asked for and refused, an adoption is a cure.
        managed_by(issuer, realm, manager_of(realm), management="RegistrationAccessToken")
        realm.registration_access_token(mine)
        issuer.apply_client(metadata=named("Shop"))
        room.wait_for("web", "ManagementLost", within=60)
        hand_over(room, "handed", realm.issuer, handed(victim, None))
        issuer.apply_client(metadata=named("Shop"), **ADOPTS)
        room.wait_until(lambda: room.secret("web")["client_id"] == victim.client_id, "another client is published")
        managed_by(issuer, realm, manager_of(realm), management="Access")
        lives_on(room, issuer, "UpdateUnsupported")
        victim.assert_untouched()
        # What it registered itself is ended by access all the same.
        room.wait_until(lambda: realm.client(mine) is None, "the one before is gone", within=60)
