"""The example of each way in, as it is in the repository, at a real server that lets clients in that way."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from oauthclient_operator import names
from tests.cluster.scenarios.issuer_resources import IssuerResource
from tests.cluster.scenarios.room import Body, Room
from tests.parts.certificates import CertificateAuthority
from tests.parts.installation import ROOT
from tests.parts.keycloak import Realm
from tests.parts.node_oidc_provider import node_oidc_provider
from tests.parts.spring_authorization_server import SpringAuthorizationServer

pytestmark = pytest.mark.usefixtures("operator")

TEAM = "shop"
"""The namespace that the examples speak of."""


def of_room(uri: str, room: Room) -> str:
    return uri.replace(f".{TEAM}.", f".{room.namespace}.")


def written(example: str, room: Room, issuer: str, credential: str = "") -> list[Body]:
    """Return what an example holds, for this issuer and a credential of it, and for the room in place of the team's."""
    documents: list[Body] = list(yaml.safe_load_all(Path(ROOT, "examples", example).read_text()))
    for document in documents:
        for place in ("spec", "stringData"):
            if "issuer" in document.get(place, {}):
                document[place]["issuer"] = issuer
        if document["kind"] == names.KIND:
            document["metadata"]["namespace"] = room.namespace
            metadata = document["spec"]["clientMetadata"]
            metadata["redirect_uris"] = [of_room(uri, room) for uri in metadata["redirect_uris"]]
        for key, value in document.get("stringData", {}).items():
            document["stringData"][key] = credential if value == "REPLACE-ME" else value
    return documents


@contextmanager
def applied(room: Room, documents: list[Body]) -> Iterator[IssuerResource]:
    """Apply an example, and let a client of the room go through its issuer; afterwards all of it is gone."""
    (issuer,) = (document for document in documents if document["kind"] == names.ISSUER_KIND)
    resource = IssuerResource(name=issuer["metadata"]["name"], issuer=issuer["spec"]["issuer"], room=room)
    room.kubectl("label", "namespace", room.namespace, "oauth=corporate")
    room.kubectl.apply(documents)
    try:
        resource.wait_for("Ready", within=60)
        yield resource
    finally:
        for client in room.kubectl.json("get", names.PLURAL, "-n", room.namespace)["items"]:
            room.delete(client["metadata"]["name"])
        resource.delete()
        for document in documents:
            if document["kind"] == "Secret":
                room.kubectl("delete", "secret", document["metadata"]["name"], "-n", document["metadata"]["namespace"])
        # Its name is the example's: the next one may be called so, too.
        room.wait_until(lambda: not resource.exists(), f"{resource.name} is gone", within=60)


def registered(room: Room, name: str) -> str:
    """Wait until a client is there and published, and return its client_id."""
    client = room.wait_for(name, "Registered", within=60)
    assert client["status"]["issuer"]["name"]
    client_id: str = client["status"]["clientID"]
    assert room.secret(name)["client_id"] == client_id
    return client_id


def apply_web(resource: IssuerResource, name: str = "web", *, metadata: Body | None = None, **spec: object) -> None:
    """Apply the client of a team that the examples without one are for."""
    uri = of_room(f"https://{name}.{TEAM}.apps.example.com/callback", resource.room)
    resource.apply_client(
        name, metadata={"client_name": "Web shop", "redirect_uris": [uri], **(metadata or {})}, **spec
    )


def test_by_an_initial_access_token_at_keycloak(room: Room, keycloak: Realm) -> None:
    documents = written("cluster-issuer.yaml", room, keycloak.issuer, keycloak.initial_access_token(uses=1))
    with applied(room, documents):
        client_id = registered(room, "web")
        assert keycloak.client(client_id) is not None
        room.delete("web")
        room.wait_until(lambda: not room.exists("web"), "it is gone")
        assert keycloak.client(client_id) is None


def test_by_client_credentials_at_spring_whose_tokens_register_one_client_each(
    room: Room, spring_authorization_server: SpringAuthorizationServer
) -> None:
    server = spring_authorization_server
    with applied(room, written("client-credentials.yaml", room, server.issuer, server.secret)) as issuer:
        for name in ("web", "api"):
            # It has no RFC 7592: what is registered stays there.
            apply_web(issuer, name, policy={"deletion": "Retain"})
            registered(room, name)


def test_by_the_clusters_word_at_keycloak(room: Room, registrar_realm: Realm) -> None:
    with applied(room, written("service-account-token.yaml", room, registrar_realm.issuer)) as issuer:
        apply_web(issuer)
        assert registrar_realm.client(registered(room, "web")) is not None


def test_by_nothing_at_node_oidc_provider(
    room: Room, tmp_path: Path, certificate_authority: CertificateAuthority
) -> None:
    with (
        node_oidc_provider(tmp_path, certificate_authority, initial_access_token=False) as server,
        applied(room, written("open-registration.yaml", room, server.issuer)) as issuer,
    ):
        apply_web(issuer)
        assert registered(room, "web") in server.clients()
        room.delete("web")
        room.wait_until(lambda: not room.exists("web"), "it is gone")


def test_no_example_of_a_way_in_is_without_its_test() -> None:
    ways = {
        path.name
        for path in Path(ROOT, "examples").glob("*.yaml")
        if f"kind: {names.ISSUER_KIND}\nmetadata" in path.read_text()
    }
    assert [way for way in sorted(ways) if f'"{way}"' not in Path(__file__).read_text()] == []
