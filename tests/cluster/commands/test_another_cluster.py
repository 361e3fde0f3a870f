"""A client goes on in another cluster, as docs/adopt.md and docs/backup.md tell it: two API servers, one issuer."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest

from oauthclient_operator import names
from tests.cluster.commands.conftest import Command, Operator, command_of, operator_of
from tests.cluster.commands.test_backup import backup
from tests.cluster.commands.test_orphans import listed
from tests.cluster.scenarios.conftest import administrator_of, room_of
from tests.cluster.scenarios.operators import Operators
from tests.cluster.scenarios.room import Body, Room
from tests.parts.api_server import APIServer
from tests.parts.api_server import api_server as run_api_server
from tests.parts.certificates import CertificateAuthority
from tests.parts.installation import install
from tests.parts.installation import operator_kubeconfig as make_operator_kubeconfig
from tests.parts.misbehaving_issuer import MisbehavingIssuer
from tests.parts.programs import programs

ADOPTS: Body = {"adopt": {"secretRef": {"name": "web-client-information"}}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """Another cluster, with a namespace in which its operator works."""

    operator: Operator
    command: Command

    @property
    def room(self) -> Room:
        return self.operator.room


@pytest.fixture(scope="module")
def another_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[APIServer]:
    with run_api_server(tmp_path_factory.mktemp("another-cluster"), programs()) as server:
        install(server.kubectl)
        yield server


@pytest.fixture
def another(
    another_server: APIServer,
    operators: Operators,
    certificate_authority: CertificateAuthority,
    capfd: pytest.CaptureFixture[str],
) -> Iterator[Cluster]:
    kubeconfig = make_operator_kubeconfig(another_server.kubectl, another_server.directory)
    with ExitStack() as stack:
        administrator = stack.enter_context(administrator_of(another_server))
        room = stack.enter_context(room_of(administrator, another_server.kubectl, operators))
        operator = operator_of(room, kubeconfig, certificate_authority.bundle)
        yield Cluster(operator=operator, command=command_of(another_server, certificate_authority, capfd))


def exported(command: Command, what: str, namespace: str) -> dict[str, Any]:
    """Return the Secret that `export` prints, as it is applied in that namespace."""
    ran = command("export", what)
    assert (ran.status, ran.complained) == (0, "")
    found: dict[str, Any] = json.loads(ran.said)
    found["metadata"]["namespace"] = namespace
    return found


def test_who_moves_keeps_its_client_and_the_cluster_before_leaves_it_alone(
    room: Room, issuer: MisbehavingIssuer, operator: Operator, command: Command, another: Cluster
) -> None:
    uid = room.apply("web", issuer.issuer, policy={"deletion": "Retain"})
    operator.settle()
    before = room.secret("web")
    secret = exported(command, f"{room.namespace}/web", another.room.namespace)
    room.delete("web")
    operator.settle()
    assert not room.exists("web")
    another.room.kubectl.apply([secret])
    another.room.apply("web", issuer.issuer, **ADOPTS)
    another.operator.settle()
    another.room.wait_for("web", "Registered")
    assert another.room.secret("web") == before
    assert issuer.calls == ["POST", "GET", "PUT"]
    assert listed(command, uid)["kind"] == "Retained"
    assert command("orphans", "--deregister").status == 0
    assert list(issuer.clients) == [before["client_id"]], "a retained client is nobody's to be ended unasked"
    another.room.delete("web")
    another.operator.settle()
    assert issuer.clients == {}


def test_what_is_restored_from_a_backup_becomes_a_new_client_or_takes_up_the_old_one(
    room: Room, issuer: MisbehavingIssuer, operator: Operator, another: Cluster
) -> None:
    uid = operator.register(issuer)
    before = room.secret("web")
    saved = [s for s in backup(room, "secrets", "-n", names.RECORDS_NAMESPACE) if s["metadata"]["name"] == uid]
    another.room.kubectl.apply(saved)
    assert listed(another.command, uid)["kind"] == "OtherCluster"
    assert another.command("orphans", "--deregister").status == 0
    assert list(issuer.clients) == [before["client_id"]], "its resource may live on where it was"
    # The cluster before is gone for good.
    another.room.kubectl.apply([exported(another.command, uid, another.room.namespace)])
    another.room.kubectl("delete", "secret", uid, "-n", names.RECORDS_NAMESPACE)
    new = another.room.apply("web", issuer.issuer, **ADOPTS)
    another.operator.settle()
    another.room.wait_for("web", "Registered")
    assert another.room.secret("web") == before
    assert issuer.calls == ["POST", "GET", "PUT"]
    assert listed(another.command, uid) == {}
    assert another.room.has_record(new)
