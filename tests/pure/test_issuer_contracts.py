"""What crds/clusteroauthissuers.yaml says is what the code says, and what oauthclients.yaml says of the same."""

import re
from enum import StrEnum
from typing import Any

import pytest

from oauthclient_operator import names
from oauthclient_operator.names import ConditionType, Reason
from oauthclient_operator.oauth.client_metadata import MEMBERS_LIMIT, SOFTWARE_STATEMENT
from oauthclient_operator.oauth.plain_uri import NotPlain
from oauthclient_operator.oauth.redirect_uri_pattern import redirect_uri_pattern
from oauthclient_operator.oauth.rfc8414 import WORDS_LIMIT, DiscoveryForm
from oauthclient_operator.oauth.salvage import ISSUED
from oauthclient_operator.resource.cluster_oauth_issuer import ClusterOAuthIssuer
from oauthclient_operator.resource.dialect import (
    MOST_CLIENTS,
    MOST_KEYS,
    Management,
    SecretExpiry,
    SecretRotation,
    Sending,
    UpdateSays,
)
from oauthclient_operator.resource.issuer_metadata import JOINED_MEMBERS, OWN_MEMBERS
from oauthclient_operator.resource.issuer_reach import CA_BUNDLE_LIMIT
from oauthclient_operator.resource.label_selector import Operator
from oauthclient_operator.resource.rotation import RotationStrategy
from oauthclient_operator.resource.terms import IssuerTerms
from tests.cluster.admission.cluster_issuer_access import NETWORKS_ADMITTED, NETWORKS_REFUSED, ORIGINS_REFUSED
from tests.cluster.admission.cluster_issuer_allowed import PATTERNS_ADMITTED, PATTERNS_REFUSED
from tests.cluster.admission.cluster_issuer_clients import JOINED_MEMBERS as JOINED
from tests.cluster.admission.cluster_issuer_clients import OWN_MEMBERS as OWN
from tests.cluster.admission.cluster_issuer_manifest import cluster_issuer
from tests.cluster.admission.cluster_issuers import ADMITTED, REFUSED, REQUIRED
from tests.cluster.admission.issuers import REFUSED as NO_ISSUERS
from tests.cluster.admission.manifests import Manifest
from tests.pure.test_contracts import SPEC as CLIENT
from tests.pure.test_contracts import documents, nodes

pytestmark = pytest.mark.contract

(CRD,) = documents("crds/clusteroauthissuers.yaml")
(VERSION,) = CRD["spec"]["versions"]
SCHEMA: dict[str, Any] = VERSION["schema"]["openAPIV3Schema"]
SPEC = SCHEMA["properties"]["spec"]["properties"]
STATUS = SCHEMA["properties"]["status"]
DIALECT = SPEC["dialect"]["properties"]
NODES = dict(nodes(SCHEMA))
RULES = [(path, rule) for path, node in NODES.items() for rule in node.get("x-kubernetes-validations", [])]
DEFAULTS, FIXED = (SPEC["clientMetadata"]["properties"][where]["properties"] for where in ("defaults", "fixed"))


HARMLESS = {"names beside all", "a scope of two words"}
"""What the API server refuses because it says nothing, and allows nobody more."""
AUTHORITY = "-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n"
"""The shortest that could be one."""


def terms(spec: Manifest, ca_bundle: str | None = None) -> IssuerTerms:
    return IssuerTerms.of_issuer(ClusterOAuthIssuer.parse(cluster_issuer(**spec)), ca_bundle)


def test_the_resource_has_its_names() -> None:
    spec = CRD["spec"]
    assert (spec["group"], spec["scope"], VERSION["name"]) == (names.GROUP, "Cluster", names.VERSION)
    assert (spec["names"]["kind"], spec["names"]["plural"]) == (names.ISSUER_KIND, names.ISSUER_PLURAL)
    assert (spec["names"]["shortNames"], spec["names"]["categories"]) == (["coai"], ["oauth"])
    assert CRD["metadata"]["name"] == f"{names.ISSUER_PLURAL}.{names.GROUP}"
    assert (VERSION["served"], VERSION["storage"], VERSION["subresources"]) == (True, True, {"status": {}})


def test_the_columns_are_those_of_the_api() -> None:
    columns = [(column["name"], column.get("priority", 0)) for column in VERSION["additionalPrinterColumns"]]
    assert columns == [*((name, 0) for name in ("Ready", "Reason", "Issuer", "Age")), ("Message", 1)]


def test_a_new_resource_is_pending_by_the_words_of_the_code() -> None:
    (condition,) = STATUS["default"]["conditions"]
    assert (condition["type"], condition["reason"]) == (ConditionType.READY, Reason.PENDING)
    assert STATUS["default"]["observedGeneration"] == -1


@pytest.mark.parametrize("condition", [ConditionType.READY, ConditionType.DISCOVERED])
def test_each_condition_is_described(condition: ConditionType) -> None:
    assert f"{condition}: " in STATUS["properties"]["conditions"]["description"]
    assert condition in STATUS["properties"]["conditions"]["items"]["properties"]["type"]["description"]


@pytest.mark.parametrize("path", [path for path in NODES if path not in ("", ".metadata") and path[-2:] != "[]"])
def test_each_field_says_what_it_is(path: str) -> None:
    assert len(NODES[path].get("description", "")) > 10


@pytest.mark.parametrize("path", [path for path in NODES if path.startswith(".spec.")])
def test_each_value_is_bounded(path: str) -> None:
    node = NODES[path]
    refused = any(rule["rule"] == "false" for rule in node.get("x-kubernetes-validations", []))
    of_refused = path.removesuffix("[]") in (f".spec.clientMetadata.{w}.redirect_uris" for w in ("defaults", "fixed"))
    of_joined = path.removesuffix("[]").rpartition(".")[2] in JOINED_MEMBERS
    match node["type"]:
        case "string":
            assert refused or of_refused or of_joined or "enum" in node or "maxLength" in node
        case "array":
            assert "maxItems" in node
        case "object":
            assert refused or "properties" in node or "maxProperties" in node
            assert not node.get("x-kubernetes-preserve-unknown-fields") or refused or "maxProperties" in node
        case other:
            assert other in ("boolean", "integer")


@pytest.mark.parametrize(
    ("path", "rule"), [pytest.param(path, rule, id=f"{path}: {rule['rule']}") for path, rule in RULES]
)
def test_each_rule_says_what_to_write_and_is_known_to_kubernetes_1_30(path: str, rule: dict[str, str]) -> None:
    assert len(rule["message"]) > 20
    for expression in (rule["rule"], rule.get("messageExpression", "")):
        assert not re.search(
            r"\bformat\.|\bsemver\(|\bis(IP|CIDR)\(|\b(ip|cidr)\(|\.(distinct|flatten|slice|sort|first|last)\(",
            expression,
        )
    confidential = path in (".spec.issuer", ".spec.trust.caBundle") or path.startswith(
        (".spec.clientMetadata", ".spec.discovery.", ".spec.reach.endpointOrigins")
    )
    if confidential:
        assert rule.get("reason", "FieldValueInvalid") != "FieldValueInvalid"


@pytest.mark.parametrize("member", CLIENT["clientMetadata"]["properties"])
def test_a_member_of_client_metadata_is_what_it_is_in_a_client_or_is_refused(member: str) -> None:
    theirs = CLIENT["clientMetadata"]["properties"][member]
    for where, ours in (("defaults", DEFAULTS), ("fixed", FIXED)):
        refused = any(rule["rule"] == "false" for rule in ours[member].get("x-kubernetes-validations", []))
        never = {*ISSUED, SOFTWARE_STATEMENT, *OWN_MEMBERS, *(JOINED_MEMBERS if where == "defaults" else ())}
        assert refused == (member in never)
        assert refused or ours[member] == theirs
        assert ours[member]["type"] == theirs["type"]
    assert DEFAULTS.keys() == FIXED.keys() == CLIENT["clientMetadata"]["properties"].keys()


def test_the_members_that_no_two_clients_share_are_those_of_the_code() -> None:
    assert (set(OWN), set(JOINED)) == (set(OWN_MEMBERS), set(JOINED_MEMBERS))


def test_the_bounds_are_those_of_the_code() -> None:
    metadata = SPEC["clientMetadata"]["properties"]
    assert {metadata[where]["maxProperties"] for where in ("defaults", "fixed")} == {MEMBERS_LIMIT}
    assert SPEC["trust"]["properties"]["caBundle"]["maxLength"] == CA_BUNDLE_LIMIT
    assert {DIALECT["keysPerClient"]["maximum"]} == {MOST_KEYS}
    assert {DIALECT["clientsPerToken"]["maximum"]} == {MOST_CLIENTS}
    discovered = STATUS["properties"]["discovered"]["properties"]
    assert {discovered[name]["maxItems"] for name in ("tokenEndpointAuthMethods", "grantTypes")} == {WORDS_LIMIT}


@pytest.mark.parametrize(
    ("schema", "choices"),
    [
        (SPEC["discovery"]["properties"]["form"], DiscoveryForm),
        (SPEC["defaults"]["properties"]["rotation"]["properties"]["strategy"], RotationStrategy),
        (
            NODES[".spec.allowed.namespaces.selector.matchExpressions[].operator"],
            Operator,
        ),
        (DIALECT["management"], Management),
        (DIALECT["secretRotation"], SecretRotation),
        (DIALECT["secretExpiry"], SecretExpiry),
        (DIALECT["update"], UpdateSays),
        (DIALECT["unknownMetadata"], Sending),
        (DIALECT["scope"], Sending),
    ],
    ids=[
        *("discovery.form", "defaults.rotation.strategy", "an operator of a selector", "dialect.management"),
        *("dialect.secretRotation", "dialect.secretExpiry", "dialect.update", "dialect.unknownMetadata"),
        "dialect.scope",
    ],
)
def test_the_choices_are_those_of_the_code_and_none_is_stored_that_nobody_wrote(
    schema: dict[str, Any], choices: type[StrEnum]
) -> None:
    assert (schema["enum"], "default" in schema) == ([choice.value for choice in choices], False)


@pytest.mark.parametrize("spec", ADMITTED.values(), ids=ADMITTED)
def test_what_the_api_server_admits_is_good_enough_for_the_operator(spec: Manifest) -> None:
    assert terms(spec, ca_bundle=AUTHORITY).problems == ()


@pytest.mark.parametrize("why", [why for why in REFUSED | REQUIRED if why not in HARMLESS])
def test_the_operator_does_not_rely_on_the_api_server_to_refuse(why: str) -> None:
    spec, _ = (REFUSED | REQUIRED)[why]
    assert terms(spec).problems


@pytest.mark.parametrize("issuer", NO_ISSUERS.values(), ids=NO_ISSUERS)
def test_the_operator_does_not_rely_on_the_api_server_to_refuse_an_issuer_for(issuer: str) -> None:
    assert any(problem.startswith("spec.issuer") for problem in terms({"issuer": issuer}).problems)


@pytest.mark.parametrize("written", NETWORKS_REFUSED)
def test_the_operator_takes_no_network_that_the_api_server_refuses(written: str) -> None:
    found = terms({"reach": {"privateAddresses": [written]}})
    assert found.reach is not None
    assert (len(found.problems), found.reach.private_addresses) == (1, ())


@pytest.mark.parametrize("written", NETWORKS_ADMITTED)
def test_the_operator_takes_each_network_that_the_api_server_admits(written: str) -> None:
    assert terms({"reach": {"privateAddresses": [written]}}).problems == ()


@pytest.mark.parametrize("written", ORIGINS_REFUSED)
def test_the_operator_takes_no_origin_that_the_api_server_refuses(written: str) -> None:
    found = terms({"reach": {"endpointOrigins": [written]}})
    assert found.reach is not None
    assert (len(found.problems), found.reach.endpoint_origins) == (1, ())


@pytest.mark.parametrize("pattern", PATTERNS_REFUSED)
def test_the_operator_takes_no_pattern_that_the_api_server_refuses(pattern: str) -> None:
    assert isinstance(redirect_uri_pattern(pattern), NotPlain)


@pytest.mark.parametrize("pattern", PATTERNS_ADMITTED)
def test_the_operator_takes_each_pattern_that_the_api_server_admits(pattern: str) -> None:
    assert not isinstance(redirect_uri_pattern(pattern), NotPlain)
