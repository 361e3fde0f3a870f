"""The operator as its own Deployment runs it, and an app in a pod that has nothing but its mounted Secret."""

import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from oauthclient_operator import names
from oauthclient_operator.record import envelope
from tests.parts.installation import ROOT, SYSTEM_NAMESPACE
from tests.parts.kubelet import Node
from tests.parts.node_oidc_provider import NodeOIDCProvider
from tests.parts.processes import wait_for

pytestmark = pytest.mark.timeout(400)
NAMESPACE = "shop"


def operators(deployed: Node) -> list[dict[str, Any]]:
    return list(deployed.kubectl.json("get", "pods", "-n", SYSTEM_NAMESPACE)["items"])


def test_the_deployment_runs_with_its_own_probes_and_limits(deployed: Node) -> None:
    pods = operators(deployed)
    assert len(pods) == 2
    for pod in pods:
        (status,) = pod["status"]["containerStatuses"]
        assert (status["ready"], status["restartCount"]) == (True, 0)
        linux = status["user"]["linux"]
        assert (linux["uid"], linux["gid"], linux["supplementalGroups"]) == (65532, 65532, [65532])
        (container,) = pod["spec"]["containers"]
        assert {"startupProbe", "livenessProbe", "readinessProbe"} <= container.keys()
        assert container["resources"]["limits"] == {"cpu": "1", "memory": "512Mi"}


def app(trust: Path) -> list[dict[str, Any]]:
    """An app that asks for a token again and again, by examples/token.py, and prints what it came to."""
    script = (ROOT / "examples" / "token.py").read_text() + LOOP
    mounts = [
        {"name": "credentials", "mountPath": "/credentials", "readOnly": True},
        {"name": "app", "mountPath": "/app", "readOnly": True},
    ]
    container = {
        "name": "app",
        "image": "oauthclient-operator:0.1.0",
        "command": ["python3", "/app/app.py"],
        "volumeMounts": mounts,
    }
    volumes = [
        {"name": "credentials", "secret": {"secretName": "service"}},
        {"name": "app", "configMap": {"name": "app"}},
    ]
    data = {"app.py": script, "ca.pem": trust.read_text()}
    return [
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "app", "namespace": NAMESPACE}, "data": data},
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "app", "namespace": NAMESPACE},
            "spec": {"containers": [container], "volumes": volumes, "terminationGracePeriodSeconds": 1},
        },
    ]


LOOP = """

import time

while True:
    mounted = {file.name: file.read_text() for file in Path("/credentials").iterdir() if file.is_file()}
    try:
        answer = fetch_token(mounted, Path("/app/ca.pem"))
    except OSError:
        continue  # The server stands still.
    print(json.dumps([mounted["client_id"], answer.get("token_type") or answer]), flush=True)
    time.sleep(0.5)
"""


def until(deployed: Node, so: Callable[[], bool], what: str, *, within: float) -> None:
    """Wait until something is so; the failure shows the resource, the app's pod, and the last words of all."""
    try:
        wait_for(so, what, within=within)
    except TimeoutError as error:
        shown = deployed.kubectl("get", "oauthclient,pod,event", "-n", NAMESPACE, "-o", "yaml")
        pods = [(NAMESPACE, "app"), *((SYSTEM_NAMESPACE, pod["metadata"]["name"]) for pod in operators(deployed))]
        words = [line for namespace, pod in pods for line in deployed.log(namespace, pod)[-10:]]
        raise TimeoutError("\n".join((str(error), shown, *words))) from None


def leader(deployed: Node) -> str:
    leases = deployed.kubectl.json("get", "leases", "-n", SYSTEM_NAMESPACE)["items"]
    (holder,) = [lease["spec"]["holderIdentity"] for lease in leases]
    return str(holder).rpartition("_")[0]


def test_an_app_logs_in_through_a_rotation_in_the_middle_of_which_the_operator_is_killed(
    deployed: Node, issuer: NodeOIDCProvider
) -> None:
    kubectl = deployed.kubectl
    kubectl("create", "namespace", NAMESPACE)
    resource = yaml.safe_load((ROOT / "examples" / "service.yaml").read_text())
    resource["metadata"]["namespace"] = NAMESPACE
    resource["spec"]["issuer"] = issuer.issuer
    token = {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": names.INITIAL_ACCESS_TOKEN_TYPE,
        "metadata": {"name": "idp-token", "namespace": NAMESPACE},
        "stringData": {"issuer": issuer.issuer, "token": issuer.initial_access_token()},
    }
    # The pod is applied with the rest: it waits for its Secret.
    kubectl.apply([token, resource, *app(issuer.trust)])

    def said() -> list[list[str]]:
        return [json.loads(line) for line in deployed.log(NAMESPACE, "app")]

    until(deployed, lambda: len(said()) > 0, "the app has asked for a token", within=40)
    first = said()[0][0]
    assert said()[0] == [first, "Bearer"]

    uid = kubectl.json("get", "oauthclient", "service", "-n", NAMESPACE)["metadata"]["uid"]

    def in_the_middle() -> bool:
        record = envelope.read(kubectl.json("get", "secret", uid, "-n", names.RECORDS_NAMESPACE)).record
        return record.open is not None

    before = leader(deployed)
    # It stands still, so that the call is under way when the one that makes it is killed.
    issuer.process.child.send_signal(signal.SIGSTOP)
    try:
        kubectl("annotate", "oauthclient", "service", "-n", NAMESPACE, "oauth-operator.dev/rotate=once")
        until(deployed, in_the_middle, "another client is asked for", within=30)
        deployed.kill(SYSTEM_NAMESPACE, before)
    finally:
        issuer.process.child.send_signal(signal.SIGCONT)
    until(deployed, lambda: said()[-1][0] != first, "the mounted Secret is the other client's", within=150)
    second = said()[-1][0]
    until(deployed, lambda: said().count([second, "Bearer"]) > 2, "the app goes on with it", within=30)
    assert {token_type for _, token_type in said()} == {"Bearer"}
    assert {client_id for client_id, _ in said()} == {first, second} == issuer.clients().keys()
    (status,) = kubectl.json("get", "pod", "app", "-n", NAMESPACE)["status"]["containerStatuses"]
    assert status["restartCount"] == 0
    restarts = {
        pod["metadata"]["name"]: pod["status"]["containerStatuses"][0]["restartCount"] for pod in operators(deployed)
    }
    assert restarts.pop(before) == 1
    assert [*restarts.values()] == [0]
