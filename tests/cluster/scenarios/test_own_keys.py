"""An app that authenticates by a key of the operator's own reads the published Secret and nothing else."""

from dataclasses import dataclass
from typing import Any

import pytest

from oauthclient_operator.names import ROTATE_ANNOTATION
from tests.cluster.scenarios.apps import BY_KEY, BY_SECRET, Published, gets_token
from tests.cluster.scenarios.room import Room
from tests.parts.keycloak import Realm
from tests.parts.node_oidc_provider import NodeOIDCProvider

pytestmark = pytest.mark.usefixtures("operator")
BOTH = ("node_provider", "keycloak")


@dataclass(frozen=True, kw_only=True)
class App:
    """One service at one server, and its Secret."""

    room: Room
    server: NodeOIDCProvider | Realm

    def apply(self, metadata: dict[str, Any], **spec: Any) -> str:
        spec.setdefault("rotation", {"overlap": "2h"})
        return self.room.apply("reports", self.server.issuer, metadata=metadata, token="idp-token", **spec)

    def published(self) -> Published:
        return self.room.secret("reports")

    def wait_for_another(self, than: Published, name: str) -> Published:
        self.room.wait_until(lambda: self.published().get(name) not in (None, than.get(name)), "another is published")
        return self.published()

    def leaving(self) -> list[dict[str, str]]:
        found: list[dict[str, str]] = self.room.read("reports")["status"]["rotation"].get("leaving", [])
        return found

    async def is_accepted(self, found: Published, *, jwk: bool = False) -> bool:
        scope = None if isinstance(self.server, Realm) else "api"
        return await gets_token(found, self.server.trust, scope=scope, jwk=jwk)


@pytest.fixture
def app(room: Room, request: pytest.FixtureRequest) -> App:
    server: NodeOIDCProvider | Realm = request.getfixturevalue(request.param)
    room.put_token("idp-token", server.issuer, server.initial_access_token())
    return App(room=room, server=server)


@pytest.mark.parametrize(
    ("app", "algorithm"),
    [("node_provider", "ES256"), ("node_provider", "EdDSA"), ("node_provider", "PS256"), ("keycloak", "ES256")],
    indirect=["app"],
)
async def test_a_key_is_published_rotated_with_an_overlap_and_refused_when_that_is_over(
    app: App, algorithm: str
) -> None:
    room, key = app.room, {"privateKey": {"algorithm": algorithm}}
    uid = app.apply(BY_KEY, **key)
    room.wait_for("reports", "Registered")
    first = app.published()
    assert "client_secret" not in first
    assert await app.is_accepted(first)
    assert await app.is_accepted(first, jwk=True)

    room.annotate("reports", ROTATE_ANNOTATION, "now")
    second = app.wait_for_another(first, "key_id")
    assert second["client_id"] == first["client_id"]
    assert await app.is_accepted(second)
    assert await app.is_accepted(first)
    room.wait_until(lambda: [x["keyID"] for x in app.leaving()] == [first["key_id"]], "the first is leaving")

    # An overlap that is made shorter is one for what leaves from now on.
    app.apply(BY_KEY, **key, rotation={"overlap": "1s"})
    room.annotate("reports", ROTATE_ANNOTATION, "and again")
    third = app.wait_for_another(second, "key_id")

    room.wait_until(
        lambda: [x["keyID"] for x in app.leaving()] == [first["key_id"]], "the second key has left", within=60
    )
    room.wait_until(lambda: room.read("reports")["status"]["edition"] == 3, "the third is told", within=30)
    room.wait_until(
        lambda: {k.kid for c in room.record(uid).clients for k in c.keys} == {first["key_id"], third["key_id"]},
        "its key is taken from the server",
        within=60,
    )
    assert not await app.is_accepted(second)
    assert await app.is_accepted(third)
    assert await app.is_accepted(first)


@pytest.mark.parametrize("app", BOTH, indirect=True)
async def test_another_algorithm_is_another_key_beside_the_first_and_going_back_returns_to_it(app: App) -> None:
    app.apply(BY_KEY, privateKey={})
    app.room.wait_for("reports", "Registered")
    first = app.published()
    app.apply(BY_KEY, privateKey={"algorithm": "PS256"})
    second = app.wait_for_another(first, "key_id")
    assert (second["client_id"], second["token_endpoint_auth_signing_alg"]) == (first["client_id"], "PS256")
    assert await app.is_accepted(second)
    assert await app.is_accepted(first)
    app.apply(BY_KEY, privateKey={"algorithm": "ES256"})
    app.room.wait_until(lambda: app.published() == first, "the first is published again")
    assert await app.is_accepted(first)
    assert await app.is_accepted(second)


@pytest.mark.parametrize("app", BOTH, indirect=True)
async def test_from_a_secret_to_a_key_and_back_what_was_published_before_works_until_the_overlap_is_over(
    app: App,
) -> None:
    room = app.room
    app.apply(BY_SECRET)
    room.wait_for("reports", "Registered")
    by_secret = app.published()
    assert await app.is_accepted(by_secret)

    app.apply(BY_KEY, privateKey={})
    by_key = app.wait_for_another(by_secret, "key_id")
    assert "client_secret" not in by_key
    assert by_key["client_id"] != by_secret["client_id"]
    assert await app.is_accepted(by_key)
    assert await app.is_accepted(by_secret)

    # Another secret is another client, for who goes back while the one before leaves returns to that.
    app.apply(BY_SECRET)
    room.wait_until(lambda: app.published() == by_secret, "the client with the secret is published again")
    assert await app.is_accepted(by_key)
    app.apply(BY_KEY, privateKey={}, rotation={"overlap": "1s"})
    room.wait_until(lambda: app.published() == by_key, "the client with the key is published again")
    room.wait_until(lambda: ("Normal", "Deregistered") in [e[:2] for e in room.events("reports")], "its time is over")
    assert not await app.is_accepted(by_secret)
    assert await app.is_accepted(by_key)


@pytest.mark.parametrize("app", BOTH, indirect=True)
async def test_by_name_the_same_client_changes_from_a_secret_to_a_key_and_back(app: App) -> None:
    in_place: dict[str, Any] = {"rotation": {"strategy": "Server"}}
    app.apply(BY_SECRET, **in_place)
    app.room.wait_for("reports", "Registered")
    by_secret = app.published()
    app.apply(BY_KEY, privateKey={}, **in_place)
    by_key = app.wait_for_another(by_secret, "key_id")
    assert by_key["client_id"] == by_secret["client_id"]
    app.room.wait_for("reports", "Registered")
    assert await app.is_accepted(by_key)
    assert not await app.is_accepted(by_secret)
    app.apply(BY_SECRET, **in_place)
    app.room.wait_until(lambda: "client_secret" in app.published(), "a secret is published again")
    app.room.wait_for("reports", "Registered")
    again = app.published()
    assert again["client_id"] == by_secret["client_id"]
    assert await app.is_accepted(again)
    assert not await app.is_accepted(by_key)
