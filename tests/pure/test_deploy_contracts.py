"""What the parts of deploy/ say to each other: selectors find the pods, and a right that moves stays the same."""

from pathlib import Path
from typing import Any

import yaml

from oauthclient_operator import names

DEPLOY = Path(__file__).parents[2] / "deploy"
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
    (policy,) = documents("components/network-policy/network-policy.yaml")
    assert DEPLOYMENT["spec"]["template"]["metadata"]["labels"] == POD_SELECTOR["matchLabels"]
    assert budget["spec"]["selector"] == policy["spec"]["podSelector"] == POD_SELECTOR
    assert set(policy["spec"]["policyTypes"]) == {"Ingress", "Egress"}
    (container,) = DEPLOYMENT["spec"]["template"]["spec"]["containers"]
    served = {port["name"] for port in container["ports"]}
    assert {port["port"] for rule in policy["spec"]["ingress"] for port in rule["ports"]} == served


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


def test_the_operator_comes_before_what_has_no_priority_and_displaces_nobody() -> None:
    (priority,) = documents("operator/priority.yaml")
    # What Kubernetes keeps for itself begins at two thousand million.
    assert 0 < priority["value"] < 1_000_000_000
    assert (priority["preemptionPolicy"], priority.get("globalDefault", False)) == ("Never", False)
