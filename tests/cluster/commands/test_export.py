"""A client is handed over by `export` and `spec.adopt`, as docs/adopt.md tells it, at a real authorization server."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from oauthclient_operator import names
from tests.cluster.commands.conftest import Command, Operator, operator_of
from tests.cluster.commands.test_orphans import vanish
from tests.cluster.scenarios.apps import BY_KEY, Published, gets_token
from tests.cluster.scenarios.conftest import room_of
from tests.cluster.scenarios.left_behind import CONFIRMED, release
from tests.cluster.scenarios.operators import Operators
from tests.cluster.scenarios.room import WEB, Body, Room, condition
from tests.parts.certificates import CertificateAuthority
from tests.parts.kubectl import Kubectl
from tests.parts.node_oidc_provider import NodeOIDCProvider, node_oidc_provider

ADOPTS: Body = {"adopt": {"secretRef": {"name": "web-client-information"}}}


@pytest.fixture
def server(tmp_path: Path, certificate_authority: CertificateAuthority) -> Iterator[NodeOIDCProvider]:
    with node_oidc_provider(tmp_path, certificate_authority, initial_access_token=False) as server:
        yield server


@pytest.fixture
def elsewhere(
    administrator: httpx.Client,
    kubectl: Kubectl,
    operators: Operators,
    operator_kubeconfig: Path,
    certificate_authority: CertificateAuthority,
) -> Iterator[Operator]:
    """Another namespace, and the operator there."""
    with room_of(administrator, kubectl, operators) as other:
        yield operator_of(other, operator_kubeconfig, certificate_authority.bundle)


def calls(server: NodeOIDCProvider) -> list[str]:
    return [f"{r.method} {r.status}" for r in server.log.requests() if r.path.startswith("/reg")]


def exported(command: Command, *arguments: str) -> dict[str, Any]:
    ran = command("export", *arguments)
    assert (ran.status, ran.complained) == (0, "")
    found: dict[str, Any] = json.loads(ran.said)
    return found


def registered(operator: Operator, server: NodeOIDCProvider, **spec: Any) -> tuple[str, dict[str, str]]:
    """Return the UID of a resource, and what is published."""
    uid = operator.room.apply("web", server.issuer, **spec)
    operator.settle()
    operator.room.wait_for("web", "Registered")
    return uid, operator.room.secret("web")


def test_a_client_goes_from_one_namespace_to_another(
    room: Room, operator: Operator, elsewhere: Operator, server: NodeOIDCProvider, command: Command
) -> None:
    _, before = registered(operator, server, policy={"deletion": "Retain"})
    secret = exported(command, f"{room.namespace}/web")
    secret["metadata"]["namespace"] = elsewhere.room.namespace
    room.delete("web")
    operator.settle()
    assert not room.exists("web")

    elsewhere.room.kubectl.apply([secret])
    uid, after = registered(elsewhere, server, **ADOPTS)
    assert after == before
    # It is proven by a read and brought to the spec by one update; none is registered.
    assert calls(server) == ["POST 201", "GET 200", "PUT 200"]
    elsewhere.room.apply("web", server.issuer, metadata={**WEB, "client_name": "Elsewhere"}, **ADOPTS)
    elsewhere.settle()
    elsewhere.room.wait_for("web", "Registered")
    assert server.clients()[after["client_id"]]["client_name"] == "Elsewhere"
    elsewhere.room.delete("web")
    elsewhere.settle()
    assert server.clients() == {}
    assert release(elsewhere.room, uid) == CONFIRMED
    assert calls(server)[3:] == ["PUT 200", "DELETE 204"]


def test_a_client_with_a_key_goes_from_one_namespace_to_another_with_it(
    room: Room, operator: Operator, elsewhere: Operator, server: NodeOIDCProvider, command: Command
) -> None:
    def is_accepted(found: Published) -> bool:
        return asyncio.run(gets_token(found, server.trust, scope="api"))

    by_key: Body = {"metadata": BY_KEY, "privateKey": {}}
    _, before = registered(operator, server, policy={"deletion": "Retain"}, **by_key)
    assert is_accepted(before)
    secret = exported(command, f"{room.namespace}/web")
    secret["metadata"]["namespace"] = elsewhere.room.namespace
    room.delete("web")
    operator.settle()
    assert not room.exists("web")

    elsewhere.room.kubectl.apply([secret])
    _, after = registered(elsewhere, server, **by_key, **ADOPTS)
    assert after == before
    assert calls(server) == ["POST 201", "GET 200", "PUT 200"]
    assert is_accepted(after)

    elsewhere.room.annotate("web", names.ROTATE_ANNOTATION, "now")
    elsewhere.settle()
    rotated = elsewhere.room.secret("web")
    assert rotated["client_id"] == before["client_id"]
    assert rotated["key_id"] != before["key_id"]
    assert is_accepted(rotated)
    assert is_accepted(before), "pods that hold the key that came along have the overlap"
    assert calls(server)[3:] == ["PUT 200"]


def test_the_client_of_a_resource_that_vanished_is_exported_by_its_uid_and_goes_on(
    room: Room, operator: Operator, server: NodeOIDCProvider, command: Command
) -> None:
    old, before = registered(operator, server)
    vanish(room)
    room.kubectl("delete", "secret", "web", "-n", room.namespace, "--ignore-not-found")
    room.kubectl.apply([exported(command, old)])
    new = room.apply("web", server.issuer, **ADOPTS)
    assert new != old
    operator.settle()
    said = condition(room.wait_for("web", "AdoptionFailed"))["message"]
    assert "where it is gone already (`orphans` names it as WithoutResource), have an administrator delete its" in said
    assert calls(server) == ["POST 201"]
    room.kubectl("delete", "secret", old, "-n", names.RECORDS_NAMESPACE)
    room.annotate("web", names.RETRY_ANNOTATION, "now")
    _, after = registered(operator, server, **ADOPTS)
    assert after == before
    assert calls(server) == ["POST 201", "GET 200", "PUT 200"]


def test_of_who_is_not_recorded_nothing_is_printed(room: Room, command: Command) -> None:
    ran = command("export", f"{room.namespace}/nobody")
    assert (ran.status, ran.said) == (1, "")
    assert "there is no registration record of it" in ran.complained
