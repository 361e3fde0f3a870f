"""The published Secret: what is in it, under which keys, and that it is kept so while what is not ours stays."""

import ssl

import httpx
import pytest

from oauthclient_operator import names
from oauthclient_operator.published_secret import KEYS_ANNOTATION
from tests.cluster.admission.account import secrets_path
from tests.cluster.scenarios.operators import PREFIX
from tests.cluster.scenarios.room import WEB, Body, Room, condition
from tests.parts.canaille import Canaille
from tests.parts.misbehaving_issuer import MisbehavingIssuer
from tests.parts.node_oidc_provider import NodeOIDCProvider

pytestmark = pytest.mark.usefixtures("operator")
PUBLIC: Body = {**WEB, "token_endpoint_auth_method": "none"}
SECONDS = 5.0
"""Within so many a Secret is healed."""


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


def wait_until_ready(room: Room) -> None:
    """Wait until status has caught up with the Secret: then nothing more will be written."""

    def so() -> bool:
        resource, secret = room.read("web"), read(room)["metadata"]
        seen = resource["status"]["secret"]["resourceVersion"], condition(resource)["reason"]
        return seen == (secret["resourceVersion"], "Registered")

    room.wait_until(so, "the status names the Secret as it is", within=SECONDS, seen=lambda: room.read("web")["status"])


def test_it_holds_what_an_app_needs(room: Room, node_provider: NodeOIDCProvider) -> None:
    room.put_token("idp-token", node_provider.issuer, node_provider.initial_access_token())
    uid = room.apply("web", node_provider.issuer, token="idp-token")
    room.wait_for("web", "Registered")
    document = httpx.get(
        f"{node_provider.issuer}/.well-known/openid-configuration",
        verify=ssl.create_default_context(cafile=node_provider.trust),
        trust_env=False,
    ).json()
    found = room.secret("web")
    client = room.record(uid).published
    assert client is not None
    assert client.information.client_secret is not None
    assert found == {
        "client_id": client.information.client_id,
        "client_secret": client.information.client_secret.reveal(),
        "issuer": node_provider.issuer,
        "token_endpoint_auth_method": "client_secret_basic",
        **{name: document[name] for name in names.PUBLISHED_ENDPOINTS if name in document},
    }
    assert "token_endpoint" in found
    body = read(room)
    assert body["type"] == "Opaque"
    assert body["metadata"]["labels"] == {names.MANAGED_BY_LABEL: names.OPERATOR}
    (owner,) = body["metadata"]["ownerReferences"]
    assert (owner["kind"], owner["uid"]) == (names.KIND, uid)
    assert "blockOwnerDeletion" not in owner


def test_a_public_client_gets_no_secret_though_the_server_issued_one(room: Room, canaille: Canaille) -> None:
    room.put_token("canaille-token", canaille.issuer, canaille.initial_access_token())
    uid = room.apply("web", canaille.issuer, metadata=PUBLIC, token="canaille-token")
    room.wait_for("web", "Registered")
    client = room.record(uid).published
    assert client is not None
    assert client.information.client_secret is not None
    found = room.secret("web")
    assert found["token_endpoint_auth_method"] == "none"
    assert "client_secret" not in found


def test_the_client_secret_goes_when_the_method_no_longer_uses_one(
    room: Room, issuer: MisbehavingIssuer, published: dict[str, str]
) -> None:
    room.apply("web", issuer.issuer, metadata=PUBLIC)
    room.wait_for("web", "Registered")
    assert "client_secret" in issuer.clients[published["client_id"]]
    assert room.secret("web").keys() == published.keys() - {"client_secret"}


HURT = {
    "edited": {"stringData": {"client_secret": "guessed"}},
    "a key is missing": {"data": {"client_id": None}},
    "all keys are missing": {"data": None},
    "without its label": {"metadata": {"labels": None}},
    "with another label in its place": {"metadata": {"labels": {names.MANAGED_BY_LABEL: "somebody"}}},
    "without its annotation": {"metadata": {"annotations": None}},
}


@pytest.mark.parametrize("change", HURT.values(), ids=HURT)
def test_it_is_healed_within_seconds(
    room: Room, issuer: MisbehavingIssuer, published: dict[str, str], change: Body
) -> None:
    before = read(room)["metadata"]
    patch(room, change)
    room.wait_until(lambda: read(room)["metadata"]["resourceVersion"] != before["resourceVersion"], "it was hurt")
    room.wait_until(
        lambda: (
            (room.secret("web"), read(room)["metadata"].get("labels"), read(room)["metadata"].get("annotations"))
            == (published, before["labels"], before["annotations"])
        ),
        "the Secret is healed",
        within=SECONDS,
    )
    wait_until_ready(room)
    assert read(room)["metadata"]["uid"] == before["uid"]
    assert issuer.calls == ["POST"]


def test_it_is_made_again_within_seconds(room: Room, issuer: MisbehavingIssuer, published: dict[str, str]) -> None:
    uid = read(room)["metadata"]["uid"]
    room.api.delete(secrets_path(room.namespace, "web")).raise_for_status()
    room.wait_until(lambda: room.has_secret("web"), "the Secret is made again", within=SECONDS)
    assert room.secret("web") == published
    assert read(room)["metadata"]["uid"] != uid
    wait_until_ready(room)
    assert issuer.calls == ["POST"]


def test_what_is_a_users_own_stays(room: Room, issuer: MisbehavingIssuer, published: dict[str, str]) -> None:
    own = {"labels": {"team": "shop"}, "annotations": {"example.com/note": "keep"}}
    patch(room, {"metadata": own, "stringData": {"extra": "mine", "client_secret": "guessed"}})
    room.wait_until(lambda: room.secret("web") == {**published, "extra": "mine"}, "healed", within=SECONDS)
    room.apply("web", issuer.issuer, secret={"keys": {"client_id": "CLIENT_ID"}})
    room.wait_for("web", "Registered")
    renamed = {**published, "CLIENT_ID": published["client_id"], "extra": "mine"}
    del renamed["client_id"]
    assert room.secret("web") == renamed
    metadata = read(room)["metadata"]
    assert metadata["labels"]["team"] == "shop"
    assert metadata["annotations"]["example.com/note"] == "keep"


def test_keys_are_renamed_and_the_old_ones_go(room: Room, issuer: MisbehavingIssuer, published: dict[str, str]) -> None:
    names_of: list[dict[str, str]] = [{"client_id": "CLIENT_ID", "issuer": "ISSUER"}, {"client_id": "OAUTH_ID"}, {}]
    for keys in names_of:
        room.apply("web", issuer.issuer, **({"secret": {"keys": keys}} if keys else {}))
        room.wait_for("web", "Registered")
        assert room.secret("web") == {keys.get(key, key): value for key, value in published.items()}
    assert issuer.calls == ["POST"]


def test_labels_and_annotations_are_copied_and_taken_off_again(
    room: Room, issuer: MisbehavingIssuer, published: dict[str, str]
) -> None:
    patch(room, {"metadata": {"labels": {f"{PREFIX}/mine": "1"}}})
    wait_until_ready(room)
    asked = {"labels": {f"{PREFIX}/team": "shop"}, "annotations": {f"{PREFIX}/note": "read me"}}
    room.apply("web", issuer.issuer, secret=asked)
    room.wait_for("web", "Registered")
    there = read(room)["metadata"]
    assert there["labels"] == {
        f"{PREFIX}/mine": "1",
        f"{PREFIX}/team": "shop",
        names.MANAGED_BY_LABEL: names.OPERATOR,
    }
    assert there["annotations"][f"{PREFIX}/note"] == "read me"
    # What is not admitted takes nothing away: the Secret stays, and is kept, as it is.
    room.apply("web", issuer.issuer, secret={"labels": {"other.example/team": "shop"}})
    said = condition(room.wait_for("web", "InvalidSpec"))["message"]
    assert "--secret-metadata-prefix=other.example" in said
    room.api.delete(secrets_path(room.namespace, "web")).raise_for_status()
    room.wait_until(lambda: room.has_secret("web"), "the Secret is made again", within=SECONDS)
    assert room.secret("web") == published
    room.apply("web", issuer.issuer, secret=asked)
    room.wait_for("web", "Registered")
    room.apply("web", issuer.issuer)
    room.wait_for("web", "Registered")
    there = read(room)["metadata"]
    assert there["labels"] == {names.MANAGED_BY_LABEL: names.OPERATOR}
    assert there["annotations"].keys() == {KEYS_ANNOTATION}
    assert issuer.calls == ["POST"]


def test_who_keeps_changing_it_meets_patience_and_not_a_hot_loop(room: Room, published: dict[str, str]) -> None:
    for turn in range(3):
        patch(room, {"stringData": {"client_id": f"wrong-{turn}"}})
        room.wait_until(lambda: room.secret("web") == published, "the Secret is healed", within=SECONDS)
    patch(room, {"stringData": {"client_id": "wrong again"}})
    said: Body = {}

    def patient() -> bool:
        said.update(condition(room.read("web")))
        return "keep being changed" in said["message"]

    room.wait_until(patient, "the operator waits", within=SECONDS, seen=lambda: said)
    assert said["status"] != "True"
    assert room.secret("web")["client_id"] == "wrong again"
    room.wait_until(lambda: room.secret("web") == published, "the Secret is healed after a while", within=20)
    wait_until_ready(room)
