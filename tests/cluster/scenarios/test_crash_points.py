"""The process dies before or after each of its calls, in every life of a resource, and another one goes on.

On the real API server, as the operator's own account, and at a server that rotates the registration access token.
"""

import json
import secrets
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from _pytest.mark.structures import ParameterSet

from examples.token import fetch_token
from oauthclient_operator import names
from oauthclient_operator.record.record import ReleaseOutcome
from tests.cluster.admission.account import MERGE_PATCH, oauth_clients_path, secrets_path
from tests.cluster.scenarios.in_process import Account, CrashAt, InProcessOperator
from tests.cluster.scenarios.left_behind import wait_for_garbage_collector
from tests.cluster.scenarios.operators import Operators
from tests.cluster.scenarios.room import Body, Room, conditions
from tests.parts.api_server import APIServer
from tests.parts.node_oidc_provider import NodeOIDCProvider

TOKEN = "idp-token"
CREATE = [
    "discover",
    "read_secret",
    "patch_oauth_client",
    "create_secret:dry-run",
    "create_secret",
    "exchange:POST",
    "patch_secret",
    "create_secret",
    "patch_oauth_client_status",
    "create_event",
]
CHANGE = [
    "read_secret",
    "read_secret",
    "discover",
    "patch_secret:dry-run",
    "patch_secret",
    "exchange:PUT",
    "patch_secret",
    "patch_oauth_client_status",
    "create_event",
]
DELETE = [
    "read_oauth_client",
    "read_secret",
    "patch_secret",
    "exchange:DELETE",
    "patch_secret",
    "read_oauth_client",
    "patch_secret",
    "patch_oauth_client",
    "create_event",
]
LIVES = {"create": CREATE, "change": CHANGE, "delete": DELETE}


def points(life: str) -> list[ParameterSet]:
    return [
        pytest.param(number, after, id=f"{'after' if after else 'before'} call {number} {label}")
        for number, label in enumerate(LIVES[life])
        for after in (False, True)
    ]


def answer_is_lost(life: str, number: int, after: bool, *, since: str | None = None) -> bool:
    """Whether the crash is between the claim, or the exchange `since`, and the write that records its answer."""
    calls = LIVES[life]
    exchange = next(i for i, label in enumerate(calls) if label.startswith("exchange:"))
    began = exchange if since else exchange - 1
    return (began, True) <= (number, after) <= (exchange + 1, False)


class Stage:
    """A room without an operator of its own, and clients that are known at the server by their resource's name."""

    def __init__(self, room: Room, operator: InProcessOperator, server: NodeOIDCProvider) -> None:
        self.room = room
        self.operator = operator
        self.server = server
        self.name = f"web-{secrets.token_hex(4)}"
        self.uid = ""

    async def live(self, life: str, fault: CrashAt) -> None:
        """Lead a life up to its last part, in which the fault is on."""
        self._apply("first")
        if life != "create":
            await self.operator.settle(self.name)
        if life == "change":
            self._apply("edited")
        if life == "delete":
            self.room.delete(self.name)
        await self.operator.settle(self.name, fault)
        assert fault.died == (fault.number is not None)

    def resource(self) -> Body:
        return self.room.read(self.name)

    def assert_credentials_work(self, version: str) -> None:
        """Do what an app does with the Secret, and look at what the server knows of the client in it."""
        credentials = self.room.secret(self.name)
        assert self.clients()[credentials["client_id"]]["client_name"] == f"{self.name} {version}"
        assert fetch_token(credentials, self.server.trust)["token_type"] == "Bearer"

    def clients(self) -> dict[str, Body]:
        """Return what the server knows of this resource's clients."""
        return {i: c for i, c in self.server.clients().items() if c["client_name"].startswith(self.name)}

    def clear(self) -> None:
        """Take away what another operator would go on with."""
        api, resource = self.room.api, oauth_clients_path(self.room.namespace, self.name)
        without = json.dumps({"metadata": {"finalizers": None}})
        api.patch(resource, content=without, headers={"Content-Type": MERGE_PATCH})
        api.delete(resource)
        api.delete(secrets_path(names.RECORDS_NAMESPACE, self.uid))

    def _apply(self, version: str) -> None:
        metadata: Body = {
            "client_name": f"{self.name} {version}",
            "grant_types": ["client_credentials"],
            "response_types": [],
            "redirect_uris": [],
        }
        self.uid = self.room.apply(self.name, self.server.issuer, metadata=metadata, token=TOKEN)


@pytest.fixture(scope="module")
def crash_room(installed: APIServer, administrator: httpx.Client, operators: Operators) -> Iterator[Room]:
    # The operator that others left running would go on where ours has died.
    operators.stop()
    namespace = f"crash-{secrets.token_hex(4)}"
    installed.kubectl("create", "namespace", namespace)
    room = Room(namespace=namespace, kubectl=installed.kubectl, api=administrator, operators=operators)
    wait_for_garbage_collector(room)
    yield room
    installed.kubectl("delete", "namespace", namespace, "--wait=false")


@pytest.fixture
def stage(crash_room: Room, operator_kubeconfig: Path, node_provider: NodeOIDCProvider) -> Iterator[Stage]:
    if not crash_room.has_secret(TOKEN):
        crash_room.put_token(TOKEN, node_provider.issuer, node_provider.initial_access_token())
    account = Account(kubeconfig=operator_kubeconfig, trust=node_provider.trust, namespace=crash_room.namespace)
    stage = Stage(crash_room, InProcessOperator(account=account), node_provider)
    yield stage
    stage.clear()


@pytest.mark.parametrize(("life", "calls"), LIVES.items(), ids=LIVES)
async def test_the_lives_make_these_calls_so_that_no_place_to_die_is_forgotten(
    stage: Stage, life: str, calls: list[str]
) -> None:
    fault = CrashAt()
    await stage.live(life, fault)
    assert fault.labels == calls


@pytest.mark.parametrize(("number", "after"), points("create"))
async def test_a_crash_while_a_client_is_created_is_continued(stage: Stage, number: int, after: bool) -> None:
    await stage.live("create", CrashAt(number, after=after))
    lost = answer_is_lost("create", number, after)
    sent = lost and answer_is_lost("create", number, after, since="exchange:POST")
    # A POST is never repeated blindly: what it may have left behind is reported, and it is never more than that.
    assert len(stage.clients()) == (2 if sent else 1)
    assert [o["attempt"] for o in stage.resource()["status"].get("suspectedOrphans", [])] == ([1] if lost else [])
    stage.assert_credentials_work("first")
    assert conditions(stage.resource()) == {
        "Ready": ("True", "Registered"),
        "Registered": ("True", "Registered"),
        "SecretPublished": ("True", "Published"),
    }


@pytest.mark.parametrize(("number", "after"), points("change"))
async def test_a_crash_while_a_client_is_changed_is_continued(stage: Stage, number: int, after: bool) -> None:
    await stage.live("change", CrashAt(number, after=after))
    assert len(stage.clients()) == 1
    stage.assert_credentials_work("edited")
    said = conditions(stage.resource())
    assert said["SecretPublished"] == ("True", "Published")
    # The answer that died with the process held the only live registration access token.
    if answer_is_lost("change", number, after, since="exchange:PUT"):
        assert said["Ready"] == ("False", "ManagementLost")
        assert said["Registered"] == ("True", "ManagementLost")
    else:
        assert said["Ready"] == ("True", "Registered")


@pytest.mark.parametrize(("number", "after"), points("delete"))
async def test_a_crash_while_a_client_is_deleted_is_continued(stage: Stage, number: int, after: bool) -> None:
    await stage.live("delete", CrashAt(number, after=after))
    assert stage.clients() == {}
    assert not stage.room.exists(stage.name)
    released = stage.room.record(stage.uid).released
    assert released is not None
    assert released.outcome is ReleaseOutcome.CONFIRMED
    stage.room.wait_until(lambda: not stage.room.has_secret(stage.name), "the Secret is collected")
