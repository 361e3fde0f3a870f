"""What the parts of deploy/ say to each other: selectors find the pods, and a right that moves stays the same."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from oauthclient_operator import names
from oauthclient_operator.options import Options

pytestmark = pytest.mark.contract

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
POD_SELECTOR = {
    "matchLabels": {"app.kubernetes.io/name": names.OPERATOR, "app.kubernetes.io/component": "operator"},
}


def documents(path: str) -> list[Any]:
    return list(yaml.safe_load_all((DEPLOY / path).read_text()))


(DEPLOYMENT,) = documents("operator/deployment.yaml")
SECRETS_ROLE, RECORDS_BINDING = documents("components/namespaced/secrets.yaml")
(NAMESPACE_BINDING,) = documents("namespace/secrets.yaml")


def test_budget_and_network_policy_are_about_the_operators_pods() -> None:
    (budget,) = documents("operator/disruption.yaml")
    (policy,) = documents("operator/network-policy.yaml")
    assert DEPLOYMENT["spec"]["template"]["metadata"]["labels"] == POD_SELECTOR["matchLabels"]
    assert budget["spec"]["selector"] == policy["spec"]["podSelector"] == POD_SELECTOR


def test_by_default_the_metrics_port_alone_is_fenced_and_nothing_that_goes_out() -> None:
    (policy,) = documents("operator/network-policy.yaml")
    (rule,) = policy["spec"]["ingress"]
    (container,) = DEPLOYMENT["spec"]["template"]["spec"]["containers"]
    assert (policy["spec"]["policyTypes"], "egress" in policy["spec"]) == (["Ingress"], False)
    assert {port["port"] for port in rule["ports"]} == {port["name"] for port in container["ports"]}
    assert rule["from"] == [{"namespaceSelector": {"matchLabels": {"metrics": "enabled"}}}]
    assert "network-policy.yaml" in documents("operator/kustomization.yaml")[0]["resources"]


def test_the_component_changes_that_policy_and_brings_no_second_one() -> None:
    # Two would add up: whoever the default lets in could come in still.
    (default,), (patch,) = (
        documents("operator/network-policy.yaml"),
        documents("components/network-policy/network-policy.yaml"),
    )
    assert {n: patch["metadata"][n] for n in ("name", "namespace")} == default["metadata"]
    assert set(patch["spec"]) == {"policyTypes", "egress"}
    (component,) = documents("components/network-policy/kustomization.yaml")
    assert (component.get("resources"), component["patches"]) == (None, [{"path": "network-policy.yaml"}])
    paths = {path for r in component["replacements"] for target in r["targets"] for path in target["fieldPaths"]}
    assert paths == {"spec.ingress.0.from", *(f"spec.egress.{n}.to" for n in range(len(patch["spec"]["egress"])))}


def test_named_namespaces_only_the_right_on_secrets_is_the_same_and_not_cluster_wide() -> None:
    role, _ = documents("operator/account/cluster-role.yaml")
    (patch,) = documents("components/namespaced/no-secrets.yaml")
    test, remove = patch
    assert (test["op"], remove) == ("test", {"op": "remove", "path": test["path"]})
    assert [test["value"]] == SECRETS_ROLE["rules"]
    assert [rule for rule in role["rules"] if "secrets" in rule["resources"]] == SECRETS_ROLE["rules"]
    account = {"kind": "ServiceAccount", "name": names.OPERATOR, "namespace": names.SYSTEM_NAMESPACE}
    for binding in (RECORDS_BINDING, NAMESPACE_BINDING):
        assert (binding["kind"], binding["roleRef"]["name"]) == ("RoleBinding", SECRETS_ROLE["metadata"]["name"])
        assert binding["subjects"] == [account]
    assert RECORDS_BINDING["metadata"]["namespace"] == names.RECORDS_NAMESPACE


def test_without_watch_nobody_may_list_secrets_but_records() -> None:
    component = "components/without-secret-watch"
    assert documents(f"{component}/no-secrets.yaml") == documents("components/namespaced/no-secrets.yaml")
    role, binding, records_role, records_binding = documents(f"{component}/secrets.yaml")
    # The names are those of `namespaced`: what a binding refers to cannot be changed, but what the role gives can.
    assert role["metadata"] == SECRETS_ROLE["metadata"]
    assert binding == RECORDS_BINDING
    verbs = [rule["verbs"] for part in (role, records_role) for rule in part["rules"]]
    assert verbs == [["get", "create", "patch", "delete"], ["list", "watch"]]
    assert {verb for given in verbs for verb in given} == set(SECRETS_ROLE["rules"][0]["verbs"])
    assert records_binding["roleRef"]["name"] == records_role["metadata"]["name"]
    assert (records_binding["metadata"]["namespace"], records_binding["subjects"]) == (
        RECORDS_BINDING["metadata"]["namespace"],
        RECORDS_BINDING["subjects"],
    )
    (deployment,) = documents(f"{component}/without-watch.yaml")
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    environ = {variable["name"]: variable["value"] for variable in container["env"]}
    assert Options.parse([], environ).no_secret_watch


def test_the_page_about_permissions_names_every_verb_of_every_role() -> None:
    """Each row that begins with `the operator`, or with nothing, says: what: the verbs."""
    _, _, page = (DEPLOY.parent / "docs" / "install.md").read_text().partition("## Permissions")
    table = page.partition("## ")[0]
    said = {
        (what.strip().lower(), *sorted(re.findall("[a-z]+", verbs)))
        for row in re.findall(r"^\| (?:the operator)? ?\| ([^|]*) \|", table, flags=re.MULTILINE)
        for what, verbs in re.findall(r"([^:;]+): ((?:[a-z]+, )*[a-z]+)(?=;|$)", row)
    }
    files = ("cluster-role", "lease-role", "registrar")
    roles = [role for file in files for role in documents(f"operator/account/{file}.yaml")]
    given = {
        (PEOPLE_SAY[rule["resources"][0], "resourceNames" in rule], *sorted(rule["verbs"]))
        for role in roles
        for rule in role.get("rules", ())
    }
    assert said == given


PEOPLE_SAY = {
    ("oauthclients", False): "oauthclients",
    ("clusteroauthissuers", False): "clusteroauthissuers",
    ("oauthclients/status", False): "their status",
    ("secrets", False): "secrets",
    ("events", False): "events",
    ("namespaces", True): "the namespace `kube-system`",
    ("namespaces", False): "namespaces",
    ("configmaps", False): "configmaps and secrets in its own namespace",
    ("leases", True): "its lease",
    ("serviceaccounts/token", True): "the token of the service account `oauth-registrar`",
    ("leases", False): "leases in its own namespace",
}


def test_the_operator_comes_before_what_has_no_priority_and_displaces_nobody() -> None:
    (priority,) = documents("operator/priority.yaml")
    # What Kubernetes keeps for itself begins at two thousand million.
    assert 0 < priority["value"] < 1_000_000_000
    assert (priority["preemptionPolicy"], priority.get("globalDefault", False)) == ("Never", False)


def removals() -> list[tuple[str, str]]:
    """Return the commands of each block, on any page, that takes the operator's rights away."""
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    blocks = [
        (page.name, block.replace("\\\n", " "))
        for page in pages
        for block in re.findall(r"^```console\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)
    ]
    return [(page, block) for page, block in blocks if re.search("helm uninstall|delete -k deploy/operator", block)]


@pytest.mark.parametrize(("page", "block"), removals(), ids=lambda text: text.splitlines()[0][:40])
def test_its_pods_end_what_they_have_begun_before_their_rights_go(page: str, block: str) -> None:
    scaled, waited, removed, *_ = [line for line in block.splitlines() if line.startswith("$ ")]
    assert scaled.split()[1:4] == ["kubectl", "scale", "deployment/oauthclient-operator"], page
    assert "--replicas=0" in scaled.split()
    assert "--for=delete" in waited.split()
    labels = dict(pair.split("=") for pair in waited.split()[-1].split(","))
    assert labels.items() <= DEPLOYMENT["spec"]["template"]["metadata"]["labels"].items()
    assert re.match(r"\$ (helm uninstall|kubectl delete -k deploy/operator)", removed)


def test_each_way_to_install_has_its_way_to_remove() -> None:
    assert {command for _, block in removals() for command in re.findall("helm uninstall|delete -k", block)} == {
        "helm uninstall",
        "delete -k",
    }
