"""The API server that all cluster tests run on is a real one, with what they lean on."""

import json
from pathlib import Path

import pytest

from tests.parts.api_server import APIServer
from tests.parts.audit import AuditLog
from tests.parts.installation import OPERATOR_USER
from tests.parts.kubectl import Kubectl, KubectlError
from tests.parts.processes import Process, wait_for
from tests.parts.programs import kubernetes_version


def test_it_is_the_pinned_minor_version(kubectl: Kubectl) -> None:
    minor = kubernetes_version().rpartition(".")[0]
    assert kubectl.json("version")["serverVersion"]["gitVersion"].startswith(f"{minor}.")


def test_a_service_account_is_itself_and_nobody_else(api_server: APIServer, namespace: str) -> None:
    api_server.kubectl("create", "serviceaccount", "worker", "-n", namespace)
    worker = Kubectl(
        program=api_server.kubectl.program,
        kubeconfig=api_server.service_account_kubeconfig(namespace, "worker"),
    )
    who = worker.json("auth", "whoami")["status"]["userInfo"]["username"]
    assert who == f"system:serviceaccount:{namespace}:worker"
    with pytest.raises(KubectlError, match="forbidden"):
        worker("get", "secrets", "-n", namespace)


def test_the_operator_is_its_own_service_account(installed: APIServer, operator_kubeconfig: Path) -> None:
    operator = Kubectl(program=installed.kubectl.program, kubeconfig=operator_kubeconfig)
    assert operator.json("auth", "whoami")["status"]["userInfo"]["username"] == OPERATOR_USER


def test_a_watch_is_in_the_audit_log_when_it_begins(
    audit: AuditLog, kubectl: Kubectl, namespace: str, tmp_path: Path
) -> None:
    since = audit.mark()
    command = [*kubectl.command(), "get", "configmaps", "--watch-only", "-n", namespace]
    watch = Process.start("kubectl get --watch", *command, log=tmp_path / "log")
    watch.wait_until(lambda: audit.counts("admin", since=since)["watch configmaps"] == 1, within=20)
    watch.stop()


def test_an_object_goes_with_its_owner(kubectl: Kubectl, namespace: str) -> None:
    kubectl("create", "configmap", "owner", "-n", namespace)
    uid = kubectl.json("get", "configmap", "owner", "-n", namespace)["metadata"]["uid"]
    owner = {"apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": uid}
    metadata = {"name": "owned", "namespace": namespace, "ownerReferences": [owner]}
    kubectl.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata})
    kubectl("delete", "configmap", "owner", "-n", namespace)
    wait_for(lambda: "owned" not in kubectl("get", "configmaps", "-n", namespace, "-o", "name"), "collected", within=30)


def test_a_namespace_ends(kubectl: Kubectl) -> None:
    kubectl("create", "namespace", "short-lived")
    kubectl("delete", "namespace", "short-lived", "--timeout=60s")


def test_the_audit_log_counts_one_users_requests(audit: AuditLog, kubectl: Kubectl, namespace: str) -> None:
    since = audit.mark()
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": namespace}}
    kubectl("create", "-f", "-", "--dry-run=server", stdin=json.dumps(secret))
    kubectl("create", "-f", "-", stdin=json.dumps(secret))
    counts = audit.counts("admin", since=since)
    assert counts["create secrets (dry run)"] == 1
    assert counts["create secrets"] == 1
    assert audit.counts("somebody-else", since=since) == {}
