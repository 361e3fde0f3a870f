"""A tenant hands over somebody else's client with a registration access token of its own making: nothing of it holds.

The client stays its own resource's, which has it changed and ended as before, while the other still claims it.
"""

from collections.abc import Callable

import pytest

from oauthclient_operator import names
from tests.cluster.scenarios.issuer_resources import issuer_resource
from tests.cluster.scenarios.left_behind import CONFIRMED, delete, release
from tests.cluster.scenarios.room import Body, Room, condition
from tests.cluster.scenarios.test_adopting import adopting, hand_over
from tests.cluster.scenarios.test_managing_by_access import managed_by, manager_of, named
from tests.parts.keycloak import Realm
from tests.parts.node_oidc_provider import NodeOIDCProvider

pytestmark = pytest.mark.usefixtures("operator")

Apply = Callable[..., str]
"""Apply an OAuthClient, with its metadata and what else is in its spec."""


BY_ITS_NAME = "another OAuthClient", True
BY_ITS_ADDRESS = "the authorization server did not answer its registration access token with it", False
BOTH = pytest.mark.parametrize(
    ("says", "named_too"), [BY_ITS_NAME, BY_ITS_ADDRESS], ids=["its identifier and its address", "its address alone"]
)


def goes_for_it(attacker: Room, apply: Apply, issuer: str, victim: Body, says: str) -> None:
    """Adopt it, edit, ask for it to be read and for another try; each time it is refused."""
    hand_over(attacker, "handed", issuer, victim)
    apply(metadata=named("Mine"), **adopting("handed"))
    assert says in condition(attacker.wait_for("web", "AdoptionFailed"))["message"]
    attacker.annotate("web", names.REFRESH_ANNOTATION, "now")
    attacker.annotate("web", names.RETRY_ANNOTATION, "now")
    apply(metadata=named("Mine alone"), **adopting("handed"))
    # Another one's `retry` may have had the metadata fetched anew, which is done once in half a minute (docs/load.md).
    attacker.wait_for("web", "AdoptionFailed", within=50)
    assert not attacker.has_secret("web"), "nothing is published"


def bogus(room: Room, address: str, claims: str) -> Body:
    """Return what claims the client at an address."""
    found = {"client_id": claims, "client_secret": "guessed", "registration_client_uri": address}
    return {**found, "registration_access_token": f"bogus-of-{room.namespace}"}


@BOTH
def test_of_a_client_that_its_own_token_manages_at_node_oidc_provider(
    room: Room, other_room: Room, node_provider: NodeOIDCProvider, says: str, *, named_too: bool
) -> None:
    provider = node_provider
    other_room.put_token("idp-token", provider.issuer, provider.initial_access_token())
    uid = other_room.apply("web", provider.issuer, token="idp-token", metadata=named("Theirs"))
    client_id = other_room.wait_for("web", "Registered")["status"]["clientID"]

    def calls() -> list[str]:
        about = [r for r in provider.log.requests() if r.path.endswith(f"/{client_id}")]
        return [f"{r.method} {r.status}" for r in about if r.status != 401]

    victim = bogus(room, f"{provider.issuer}/reg/{client_id}", client_id if named_too else "of-my-own-making")
    goes_for_it(room, lambda **spec: room.apply("web", provider.issuer, **spec), provider.issuer, victim, says)
    assert calls() == []
    other_room.apply("web", provider.issuer, token="idp-token", metadata=named("Theirs, changed"))
    other_room.wait_until(lambda: calls() == ["PUT 200"], "the edit is brought")
    other_room.wait_for("web", "Registered")
    # Who adopts is still there, and keeps claiming it.
    delete(other_room)
    assert (calls(), release(other_room, uid)) == (["PUT 200", "DELETE 204"], CONFIRMED)
    assert client_id not in provider.clients()
    delete(room)


@BOTH
def test_of_a_client_that_access_manages_at_keycloak(
    room: Room, other_room: Room, registrar_realm: Realm, says: str, *, named_too: bool
) -> None:
    realm = registrar_realm
    with issuer_resource(room, realm.issuer) as issuer:
        managed_by(issuer, realm, manager_of(realm), management="Access")
        theirs = issuer.seen_from(other_room)
        uid = theirs.apply_client(metadata=named("Theirs"))
        client_id = other_room.wait_for("web", "Registered")["status"]["clientID"]
        before = realm.client(client_id)

        def calls() -> list[str]:
            return [call for call in realm.calls(client_id) if not call.endswith(" 401")]

        address = realm.configuration_endpoint(client_id)
        victim = bogus(room, address, client_id if named_too else "of-my-own-making")
        goes_for_it(room, issuer.apply_client, realm.issuer, victim, says)
        assert (calls(), realm.client(client_id)) == ([], before)
        theirs.apply_client(metadata=named("Theirs, changed"))
        other_room.wait_until(lambda: calls() == ["PUT 200"], "the edit is brought")
        other_room.wait_for("web", "Registered")
        delete(other_room)
        assert (calls(), release(other_room, uid)) == (["PUT 200", "DELETE 204"], CONFIRMED)
        assert realm.client(client_id) is None
        delete(room)
