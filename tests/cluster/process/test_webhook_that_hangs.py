"""A webhook of somebody else's that never answers, before each write of a Secret: the API server waits for it, 10 s."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from oauthclient_operator.cluster.slow_writes import HELD
from tests.cluster.admission.account import secrets_path
from tests.cluster.process.own_cluster import administrator, operators, plane, room
from tests.cluster.scenarios.operators import Operators
from tests.cluster.scenarios.room import Room, condition
from tests.parts.misbehaving_issuer import MisbehavingIssuer

__all__ = ["administrator", "operators", "plane", "room"]

NAME = "slow.example.com"
SECRETS = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["*"], "resources": ["secrets"]}


@contextmanager
def hanging(room: Room, failure_policy: str) -> Iterator[None]:
    """Have it asked, with the timeout that webhooks have by default, and wait until it is."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        hook = {
            "name": NAME,
            "clientConfig": {"url": f"https://127.0.0.1:{listener.getsockname()[1]}/"},
            "rules": [SECRETS],
            "failurePolicy": failure_policy,
            "sideEffects": "None",
            "admissionReviewVersions": ["v1"],
        }
        kind, api = "ValidatingWebhookConfiguration", "admissionregistration.k8s.io/v1"
        room.kubectl.apply({"apiVersion": api, "kind": kind, "metadata": {"name": NAME}, "webhooks": [hook]})
        listener.settimeout(0.1)

        def is_asked() -> bool:
            secret = {"metadata": {"name": "asked"}}
            room.api.post(secrets_path(room.namespace), params={"dryRun": "All"}, json=secret)
            try:
                listener.accept()[0].close()
            except TimeoutError:
                return False
            return True

        room.wait_until(is_asked, "the webhook is asked", within=60)
        yield


@pytest.mark.timeout(240)
def test_where_it_is_ignored_each_write_takes_its_time_and_all_is_done(
    room: Room, operators: Operators, issuer: MisbehavingIssuer
) -> None:
    operators.running("--exchange-timeout=20s", "--lease-duration=45s")
    with hanging(room, "Ignore"):
        room.apply("web", issuer.issuer)
        room.wait_for("web", "Registered", within=120)
    assert room.secret("web")["client_id"] == "client-1"
    assert issuer.calls == ["POST"]
    assert HELD in operators.log(), "an administrator learns why it took so long"


@pytest.mark.timeout(120)
def test_where_it_is_not_it_is_named(room: Room, operators: Operators, issuer: MisbehavingIssuer) -> None:
    operators.running()
    with hanging(room, "Fail"):
        room.apply("web", issuer.issuer)
        room.wait_for("web", "ClusterUnavailable", within=60)
        said = condition(room.read("web"))["message"]
    assert f"the admission webhook {NAME} failed" in said
    assert issuer.calls == [], "nothing is registered whose Secret could not be written"
