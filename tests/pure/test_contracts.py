"""What crds/ and deploy/ say in YAML is what the code says in Python: names, rights, options."""

import hashlib
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from oauthclient_operator import names
from oauthclient_operator.cluster import definitions
from oauthclient_operator.cluster.connection import WRITE_TIMEOUT
from oauthclient_operator.cluster.fence import EDITION
from oauthclient_operator.names import ConditionType, Reason
from oauthclient_operator.options import MARGIN, Options
from oauthclient_operator.reconcile.answers import REFUSED_FOR
from oauthclient_operator.reconcile.ledger import LONGEST

pytestmark = pytest.mark.contract

ROOT = Path(__file__).parents[2]
TIME_TO_RECORD = REFUSED_FOR + Options().exchange_timeout
"""What is left for an answer that came at the last moment: the API server may refuse it, and then its client is undone."""


def documents(path: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((ROOT / path).read_text()))


(CRD,) = documents("crds/oauthclients.yaml")
(VERSION,) = CRD["spec"]["versions"]
SCHEMA: dict[str, Any] = VERSION["schema"]["openAPIV3Schema"]
SPEC = SCHEMA["properties"]["spec"]["properties"]
STATUS = SCHEMA["properties"]["status"]
(POLICY,) = documents("deploy/fence/policy.yaml")
(BINDING,) = documents("deploy/fence/binding.yaml")
(DEPLOYMENT,) = documents("deploy/operator/deployment.yaml")
POD = DEPLOYMENT["spec"]["template"]["spec"]
CLUSTER_ROLE, CLUSTER_ROLE_BINDING = documents("deploy/operator/account/cluster-role.yaml")
ROLE, ROLE_BINDING = documents("deploy/operator/account/lease-role.yaml")
(ACCOUNT,) = documents("deploy/operator/account/serviceaccount.yaml")


def nodes(schema: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield a schema and all that is below it, each with its place."""
    yield path, schema
    for name, child in schema.get("properties", {}).items():
        yield from nodes(child, f"{path}.{name}")
    for name in ("items", "additionalProperties"):
        if isinstance(child := schema.get(name), dict):
            yield from nodes(child, f"{path}[]")


NODES = dict(nodes(SCHEMA))
RULES = [(path, rule) for path, node in NODES.items() for rule in node.get("x-kubernetes-validations", [])]


DEFINITIONS = {3: "988a9357c748bbc9"}
"""The fields of each edition. Other fields are another edition: operators tell by its number that theirs are there."""


def test_each_definition_says_of_which_edition_its_fields_are() -> None:
    (issuers,) = documents("crds/clusteroauthissuers.yaml")
    schemas = [SCHEMA, issuers["spec"]["versions"][0]["schema"]["openAPIV3Schema"]]
    fields = json.dumps([sorted(path for path, _ in nodes(schema)) for schema in schemas])
    assert {definitions.EDITION: hashlib.sha256(fields.encode()).hexdigest()[:16]} == DEFINITIONS
    assert all(schema["description"].endswith(f"(definition edition {definitions.EDITION})") for schema in schemas)


def test_the_resource_has_its_names() -> None:
    spec = CRD["spec"]
    assert (spec["group"], VERSION["name"], spec["names"]["kind"]) == (names.GROUP, names.VERSION, names.KIND)
    assert (spec["names"]["plural"], spec["names"]["shortNames"], spec["names"]["categories"]) == (
        names.PLURAL,
        ["oac"],
        ["oauth"],
    )
    assert CRD["metadata"]["name"] == f"{names.PLURAL}.{names.GROUP}"
    assert (VERSION["served"], VERSION["storage"], VERSION["subresources"]) == (True, True, {"status": {}})


def test_the_columns_are_those_of_the_api() -> None:
    columns = [(column["name"], column.get("priority", 0)) for column in VERSION["additionalPrinterColumns"]]
    always = [(name, 0) for name in ("Ready", "Reason", "Secret", "Issuer", "Age")]
    assert columns == [*always, ("Client ID", 1), ("Renew at", 1), ("Message", 1)]


def test_a_new_resource_is_pending_by_the_words_of_the_code() -> None:
    (condition,) = STATUS["default"]["conditions"]
    assert (condition["type"], condition["reason"]) == (ConditionType.READY, Reason.PENDING)
    assert STATUS["default"]["observedGeneration"] == -1


@pytest.mark.parametrize("condition", ConditionType)
def test_each_condition_is_described(condition: ConditionType) -> None:
    (issuers,) = documents("crds/clusteroauthissuers.yaml")
    of_issuers = issuers["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["status"]
    of_these = [status for status in (STATUS, of_issuers) if f"{condition}: " in _about_conditions(status)]
    assert of_these
    for status in of_these:
        assert condition in status["properties"]["conditions"]["items"]["properties"]["type"]["description"]


def _about_conditions(status: Any) -> str:
    return str(status["properties"]["conditions"]["description"])


def test_the_keys_of_a_secret_are_those_that_are_published() -> None:
    known, _, _, taken = SPEC["secret"]["properties"]["keys"]["x-kubernetes-validations"]
    assert tuple(re.findall(r"'(\w+)'", known["rule"])) == names.PUBLISHED_KEYS
    # A rule of a served version is never tightened: what was added later, the operator alone refuses to write over.
    later = {"token_endpoint_auth_signing_alg", *names.PUBLISHED_SIGNING_KEY}
    assert re.findall(r"'(\w+)'", taken["rule"]) == [key for key in names.PUBLISHED_KEYS if key not in later]
    assert set(re.findall(r"[a-z]+(?:_[a-z]+)+|issuer", known["message"])) == set(names.PUBLISHED_KEYS)


def test_the_annotation_and_the_secret_type_that_users_write_are_named_where_they_are_needed() -> None:
    assert names.RESOLVE_ANNOTATION in STATUS["properties"]["suspectedOrphans"]["description"]
    reference = SPEC["registration"]["properties"]["initialAccessToken"]["properties"]["secretRef"]
    assert names.INITIAL_ACCESS_TOKEN_TYPE in reference["description"]
    (example,) = documents("examples/initial-access-token.yaml")
    assert (example["type"], set(example["stringData"])) == (names.INITIAL_ACCESS_TOKEN_TYPE, {"issuer", "token"})


@pytest.mark.parametrize("path", [path for path in NODES if path not in ("", ".metadata") and path[-2:] != "[]"])
def test_each_field_says_what_it_is(path: str) -> None:
    assert len(NODES[path].get("description", "")) > 10


@pytest.mark.parametrize(
    ("path", "rule"), [pytest.param(path, rule, id=f"{path}: {rule['rule']}") for path, rule in RULES]
)
def test_each_rule_says_what_to_write_and_is_known_to_kubernetes_1_30(path: str, rule: dict[str, str]) -> None:
    assert len(rule["message"]) > 20
    # Libraries of 1.31 and later: an API server without them refuses the whole definition.
    for expression in (rule["rule"], rule.get("messageExpression", "")):
        assert not re.search(r"\bformat\.|\bsemver\(|\.(distinct|flatten|slice|sort|first|last)\(", expression)
    # A value in the message is welcome where it cannot be confidential.
    confidential = path == ".spec.issuer" or path.startswith((".spec.clientMetadata", ".spec.discovery."))
    if confidential and not path.endswith("redirect_uris[]"):
        assert rule.get("reason", "FieldValueInvalid") != "FieldValueInvalid"


def test_the_policy_fences_our_account_around_our_namespace_type_and_kind() -> None:
    (condition,) = POLICY["spec"]["matchConditions"]
    account = ["system:serviceaccount", names.SYSTEM_NAMESPACE, names.OPERATOR]
    assert re.findall(r"'([^']*)'", condition["expression"])[:3] == account
    variables = {variable["name"]: variable["expression"] for variable in POLICY["spec"]["variables"]}
    assert variables["recordsNamespace"] == f"'{names.RECORDS_NAMESPACE}'"
    assert variables["systemNamespace"] == f"'{names.SYSTEM_NAMESPACE}'"
    expressions = [validation["expression"] for validation in POLICY["spec"]["validations"]]
    in_records, elsewhere, created, _, _, _, metadata, token = expressions
    assert f"state.type == '{names.RECORD_TYPE}'" in in_records
    assert f"owner.kind == '{names.KIND}'" in elsewhere
    assert f"owner.apiVersion.startsWith('{names.GROUP}/')" in elsewhere
    assert f"owner.kind == '{names.KIND}' && owner.apiVersion == '{names.API_VERSION}'" in created
    assert re.findall(r"name != ([a-z.]*)", metadata) == ["variables.finalizer"] * 2
    assert re.findall(r"'([^']*)'", variables["finalizer"]) == [names.PLURAL, names.FINALIZER, names.ISSUER_FINALIZER]
    assert "request.namespace == variables.systemNamespace && request.name == variables.registrar" in token
    assert variables["registrar"] == f"'{names.REGISTRAR}'"
    assert POLICY["spec"]["failurePolicy"] == "Fail"
    assert POLICY["metadata"]["name"] == names.OPERATOR
    assert BINDING["spec"] == {"policyName": names.OPERATOR, "validationActions": ["Deny"]}


def _rules_of(policy: dict[str, Any]) -> str:
    """Return a digest of what a fence forbids, without the words that it says."""
    spec = {**policy["spec"], "validations": [{**rule, "message": ""} for rule in policy["spec"]["validations"]]}
    return hashlib.sha256(json.dumps(spec, sort_keys=True).encode()).hexdigest()[:16]


FENCES = {1: "5bb7d070c0e44510", 2: "712551ac87d26aa8", 3: "bcca9620c3387c91", 4: "d2d1fdffd5a10978"}
"""The rules of each edition. Other rules are another edition: operators tell by its number that theirs are in force."""


def test_the_fence_says_of_which_edition_its_rules_are() -> None:
    older = {edition: documents(f"tests/cluster/api/fence-edition-{edition}.yaml")[0] for edition in range(1, EDITION)}
    assert {edition: _rules_of(policy) for edition, policy in {**older, EDITION: POLICY}.items()} == FENCES
    assert POLICY["spec"]["validations"][0]["message"].endswith(f"(fence edition {EDITION})")
    for policy in (*older.values(), POLICY):
        assert policy["spec"]["validations"][1]["message"].startswith("outside the records namespace "), "told by it"


def test_the_role_is_exactly_this() -> None:
    plurals = (names.PLURAL, names.ISSUER_PLURAL)
    assert CLUSTER_ROLE["rules"] == [
        {"apiGroups": [names.GROUP], "resources": [names.PLURAL], "verbs": ["get", "list", "watch", "patch"]},
        {"apiGroups": [names.GROUP], "resources": [f"{plural}/status" for plural in plurals], "verbs": ["patch"]},
        {
            "apiGroups": [""],
            "resources": ["secrets"],
            "verbs": ["get", "list", "watch", "create", "patch", "delete"],
        },
        {"apiGroups": ["events.k8s.io"], "resources": ["events"], "verbs": ["create"]},
        {"apiGroups": [""], "resources": ["namespaces"], "resourceNames": ["kube-system"], "verbs": ["get"]},
        {"apiGroups": [""], "resources": ["namespaces"], "verbs": ["list", "watch"]},
        {"apiGroups": [names.GROUP], "resources": [names.ISSUER_PLURAL], "verbs": ["list", "watch", "patch"]},
    ]
    leases = {"apiGroups": ["coordination.k8s.io"], "resources": ["leases"]}
    assert ROLE["rules"] == [
        leases | {"verbs": ["create"]},
        leases | {"resourceNames": [names.OPERATOR], "verbs": ["get", "update"]},
        {"apiGroups": [""], "resources": ["configmaps", "secrets"], "verbs": ["get"]},
    ]


def test_the_roles_are_our_accounts_and_nobody_elses() -> None:
    account = {"kind": "ServiceAccount", "name": names.OPERATOR, "namespace": names.SYSTEM_NAMESPACE}
    for binding, role in ((CLUSTER_ROLE_BINDING, CLUSTER_ROLE), (ROLE_BINDING, ROLE)):
        assert binding["subjects"] == [account]
        assert binding["roleRef"]["name"] == role["metadata"]["name"] == names.OPERATOR
    assert {part["metadata"]["namespace"] for part in (ROLE, ROLE_BINDING, ACCOUNT, DEPLOYMENT)} == {
        names.SYSTEM_NAMESPACE
    }
    assert POD["serviceAccountName"] == ACCOUNT["metadata"]["name"] == names.OPERATOR


def test_the_deployments_variables_are_options() -> None:
    (container,) = POD["containers"]
    assert container["args"] == ["run"]
    environment = {variable["name"]: variable["value"] for variable in container["env"]}
    options = Options.parse([], environment)
    assert options == Options(records_namespace=names.RECORDS_NAMESPACE)
    assert len(environment) == 1


def test_two_replicas_of_which_one_is_always_ready_and_asked_where_it_listens() -> None:
    spec = DEPLOYMENT["spec"]
    assert spec["replicas"] == 2
    assert spec["strategy"] == {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}
    (container,) = POD["containers"]
    (port,) = container["ports"]
    assert (port["name"], port["containerPort"]) == ("http", Options().listen.port)
    asked = {probe: container[probe]["httpGet"] for probe in ("startupProbe", "livenessProbe", "readinessProbe")}
    assert {probe: get["path"] for probe, get in asked.items()} == {
        "startupProbe": "/livez",
        "livenessProbe": "/livez",
        "readinessProbe": "/readyz",
    }
    assert {get["port"] for get in asked.values()} == {port["name"]}
    (spread,) = POD["topologySpreadConstraints"]
    assert spread["labelSelector"] == spec["selector"]


def test_the_grace_period_covers_an_exchange_and_the_writing_down_of_its_answer() -> None:
    grace = timedelta(seconds=POD["terminationGracePeriodSeconds"])
    # One write that hangs when the answer is to be written down, and one that publishes it.
    held = 2 * timedelta(seconds=WRITE_TIMEOUT)
    assert grace >= Options().exchange_timeout + MARGIN + TIME_TO_RECORD + held
    # Or a change of a record that comes to nothing, the last try of which has begun, and what is said of that.
    assert grace >= timedelta(seconds=LONGEST) + 2 * timedelta(seconds=WRITE_TIMEOUT)


def test_the_pod_can_do_nothing_that_it_does_not_need() -> None:
    (container,) = POD["containers"]
    assert POD["securityContext"] == {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    assert container["securityContext"] == {
        "runAsGroup": 65532,
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert set(container["resources"]) == {"requests", "limits"}
