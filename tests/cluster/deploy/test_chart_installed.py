"""The chart on a real API server: installed, upgraded, removed and installed again, with the operator that it says."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.admission.manifests import DEPLOY, RECORDS, SYSTEM, oauth_client
from tests.cluster.deploy.releases import Release
from tests.parts.api_server import APIServer
from tests.parts.api_server import api_server as run_api_server
from tests.parts.chart_files import CHART
from tests.parts.helm import Helm, HelmError
from tests.parts.installation import DEFINITIONS
from tests.parts.kubectl import Kubectl, KubectlError
from tests.parts.misbehaving_issuer import MisbehavingIssuer
from tests.parts.programs import programs


@pytest.fixture
def server(tmp_path: Path) -> Iterator[APIServer]:
    """One for each test: what a release leaves is what the tests are about."""
    with run_api_server(tmp_path, programs()) as server:
        for namespace in ("shop", "elsewhere"):
            server.kubectl("create", "namespace", namespace)
        yield server


@pytest.fixture
def release(server: APIServer) -> Release:
    helm = Helm(home=server.directory / "helm", kubeconfig=server.kubeconfig)
    return Release(server=server, directory=CHART, helm=helm, name="oauthclient-operator", namespace=SYSTEM)


def ready(kubectl: Kubectl, namespace: str, name: str = "web") -> None:
    kubectl("wait", "--for=condition=Ready", "--timeout=20s", f"oauthclient/{name}", "-n", namespace)


def ours(kubectl: Kubectl) -> set[str]:
    """Return what there is of the operator, as kind/name, but for its clients and what is about pods."""
    kinds = "crd,namespace,clusterrole,clusterrolebinding,validatingadmissionpolicy,priorityclass"
    everywhere = kubectl("get", kinds, "-o", "name").split()
    its_own = "deployment,serviceaccount,role,rolebinding,networkpolicy,poddisruptionbudget"
    below = kubectl("get", its_own, "-n", SYSTEM, "-o", "name").split()
    return {name for name in (*everywhere, *below) if "oauth" in name}


def test_a_release_goes_and_what_it_leaves_is_taken_up_by_the_next(
    release: Release, issuer: MisbehavingIssuer, trust: Path
) -> None:
    notes = release.install()
    assert f"kubectl rollout status deployment/oauthclient-operator -n {SYSTEM}" in notes
    kubectl = release.server.kubectl
    kubectl.wait_for_definitions(*DEFINITIONS)
    with release.operator(trust):
        kubectl.apply(oauth_client("elsewhere", issuer=issuer.issuer))
        ready(kubectl, "elsewhere")
    release.upgrade({"options": {"retry-slowly": "5m"}})
    release.upgrade({"replicas": 1}, "--reset-then-reuse-values")
    assert release.environment()["OAUTHCLIENT_OPERATOR_RETRY_SLOWLY"] == "5m"
    with release.operator(trust):
        kubectl.apply(oauth_client("shop", issuer=issuer.issuer))
        ready(kubectl, "shop")
    release.uninstall()
    kept = {f"customresourcedefinition.apiextensions.k8s.io/{name}" for name in DEFINITIONS}
    assert ours(kubectl) == {*kept, f"namespace/{SYSTEM}", f"namespace/{RECORDS}"}
    assert len(kubectl.json("get", "secrets", "-n", RECORDS)["items"]) == 2
    assert set(kubectl.json("get", "secret", "web", "-n", "shop")["data"]) >= {"client_id", "client_secret"}
    release.install()
    with release.operator(trust):
        for namespace in ("elsewhere", "shop"):
            kubectl("delete", "oauthclient", "web", "-n", namespace, "--timeout=20s")
    assert (issuer.clients, issuer.calls) == ({}, ["POST", "POST", "DELETE", "DELETE"])


def test_an_upgrade_brings_newer_definitions_and_never_older_ones(release: Release, tmp_path: Path) -> None:
    older, newer = (_edition(release, tmp_path / str(number), number) for number in (2, 4))
    older.install()
    assert _served(release) == {2}
    release.upgrade({})
    assert _served(release) == {3}
    # No chart is asked there, so that no template can refuse it: why the page says not to.
    release.helm("rollback", release.name, "1", "-n", release.namespace)
    assert _served(release) == {2}
    newer.upgrade({})
    assert _served(release) == {4}
    with pytest.raises(HelmError, match=r"is there in edition 4, and this chart has edition 3: .* crds.enabled=false"):
        release.upgrade({})
    # The way that the message names: the definitions leave the release, and stay.
    release.upgrade({"crds": {"enabled": False}})
    assert _served(release) == {4}
    newer.upgrade({"crds": {"enabled": True}})
    assert _served(release) == {4}


def _edition(release: Release, directory: Path, number: int) -> Release:
    """Return the release as of a chart whose definitions are of another edition."""
    shutil.copytree(CHART, directory)
    for file in (directory / "files" / "crds").iterdir():
        text = file.read_text()
        assert text.count("edition 3)") == 1
        file.write_text(text.replace("edition 3)", f"edition {number})"))
    return replace(release, directory=directory)


def _served(release: Release) -> set[int]:
    """Return the editions of the definitions that the cluster has."""
    found = release.server.kubectl.json("get", "crd", *DEFINITIONS)["items"]
    described = [it["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["description"] for it in found]
    return {int(words.rpartition("edition ")[2].rstrip(")")) for words in described}


def test_the_records_stay_where_they_are(release: Release) -> None:
    release.install()
    with pytest.raises(HelmError, match=f"the records are in the namespace {RECORDS}, .* Leave recordsNamespace"):
        release.upgrade({"recordsNamespace": "elsewhere-records"})
    assert release.environment()["OAUTHCLIENT_OPERATOR_RECORDS_NAMESPACE"] == RECORDS


def test_a_second_release_has_names_of_its_own_and_works_within_its_own_fence(
    release: Release, issuer: MisbehavingIssuer, trust: Path
) -> None:
    release.install()
    values: dict[str, Any] = {"secretAccess": "Namespaces", "namespaces": ["shop"]}
    second = Release(
        server=release.server, directory=CHART, helm=release.helm, name="acme", namespace="acme-system", values=values
    )
    # Neither the records nor the definitions are taken from the first.
    with pytest.raises(HelmError, match="exists and cannot be imported into the current release"):
        second.install()
    second.values.update({"recordsNamespace": "acme-records", "crds": {"enabled": False}})
    second.install()
    kubectl = release.server.kubectl
    assert second.named() == ("acme-system", "acme-oauthclient-operator")
    with second.operator(trust):
        kubectl.apply(oauth_client("shop", issuer=issuer.issuer))
        ready(kubectl, "shop")
        assert len(kubectl.json("get", "secrets", "-n", "acme-records")["items"]) == 1
        kubectl("delete", "oauthclient", "web", "-n", "shop", "--timeout=20s")
    second.uninstall()
    # Nothing of the first went with it.
    with release.operator(trust):
        kubectl.apply(oauth_client("elsewhere", issuer=issuer.issuer))
        ready(kubectl, "elsewhere")
        kubectl("delete", "oauthclient", "web", "-n", "elsewhere", "--timeout=20s")
    assert issuer.clients == {}


def test_what_kustomize_installed_is_taken_over(release: Release, issuer: MisbehavingIssuer, trust: Path) -> None:
    kubectl = release.server.kubectl
    release.server.apply(DEPLOY)
    with release.operator(trust):
        kubectl.apply(oauth_client("elsewhere", issuer=issuer.issuer))
        ready(kubectl, "elsewhere")
    with pytest.raises(HelmError, match="exists and cannot be imported into the current release"):
        release.install()
    release.install("--take-ownership", "--force-conflicts")
    # kubectl still owns what it wrote, beside Helm.
    release.upgrade({"replicas": 1}, "--force-conflicts")
    assert release.deployment()["spec"]["replicas"] == 1
    with release.operator(trust):
        kubectl("delete", "oauthclient", "web", "-n", "elsewhere", "--timeout=20s")
    release.uninstall()
    with pytest.raises(KubectlError, match="NotFound"):
        release.deployment()
    assert (issuer.clients, issuer.calls) == ({}, ["POST", "DELETE"])
    # What a release left, one of another name takes up in the same way.
    replace(release, name="acme", namespace="acme-system").install("--take-ownership")
    assert kubectl.json("get", "namespace", RECORDS)["metadata"]["annotations"]["meta.helm.sh/release-name"] == "acme"
