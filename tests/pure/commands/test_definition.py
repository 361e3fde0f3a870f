"""What the definition says of a manifest's form is said in words, and whatever is written has a verdict."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauthclient_operator.commands.manifests.definition import crd, objections, place
from oauthclient_operator.commands.manifests.documents import Document
from oauthclient_operator.commands.manifests.found import Manifest
from oauthclient_operator.commands.manifests.judged import Judge
from oauthclient_operator.commands.manifests.outcome import Outcome
from oauthclient_operator.credentials import content
from oauthclient_operator.egress.policy import EgressPolicy
from oauthclient_operator.names import ISSUER_KIND
from tests.cluster.admission.manifests import oauth_client
from tests.pure.record import key_records
from tests.pure.records import published, registered_record
from tests.pure.test_contracts import CRD, NODES
from tests.pure.test_issuer_contracts import CRD as ISSUER_CRD
from tests.pure.test_issuer_contracts import NODES as ISSUER_NODES
from tests.pure.values import desired


@pytest.mark.contract
def test_the_definitions_are_those_that_are_installed() -> None:
    assert (crd(), crd(ISSUER_KIND)) == (CRD, ISSUER_CRD)


@pytest.mark.contract
def test_all_that_the_definition_says_is_understood() -> None:
    nodes = (*NODES.items(), *ISSUER_NODES.items())
    words = {word for path, node in nodes if not path.startswith(".status") for word in node}
    assert {word for word in words if not word.startswith("x-kubernetes-")} == {
        *("type", "properties", "required", "items", "additionalProperties", "enum", "default", "description"),
        *("minLength", "maxLength", "maxItems", "maxProperties", "minimum", "maximum"),
    }


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"policy": {"deletion": "Keep"}}, ("spec.policy.deletion", "write one of Delete, Retain")),
        ({"clientMetadata": {"scope": ["a"]}}, ("spec.clientMetadata.scope", "it has to be text; put it in quotes")),
        ({"clientMetadata": {"contacts": "a"}}, ("spec.clientMetadata.contacts", "it has to be a list")),
        ({"clientMetadata": {"contacts": [""]}}, ("spec.clientMetadata.contacts[0]", "it is empty")),
        ({"clientMetadata": {"default_max_age": -1}}, ("spec.clientMetadata.default_max_age", "it is less than 0")),
        ({"clientMetadata": {"jwks": {}}}, ("spec.clientMetadata.jwks.keys", "it is required")),
        ({"issuer": "x" * 2049}, ("spec.issuer", "it is longer than 2048 characters")),
        ({"secret": {"keys": {"a": 1}}}, ("spec.secret.keys.a", "it has to be text; put it in quotes")),
        (
            {"secret": {"labels": {f"{n}": "" for n in range(17)}}},
            ("spec.secret.labels", "it has more than 16 members"),
        ),
        (
            {"clientMetadata": {"grant_types": ["a"] * 33}},
            ("spec.clientMetadata.grant_types", "it has more than 32 entries"),
        ),
        ({"discovery": "Auto"}, ("spec.discovery", "it has to be an object, with members")),
        ({"rotation": {"intervall": "1h"}}, ("spec.rotation.intervall", "there is no such field; is interval meant?")),
        (
            {"adopt": {"secretRef": {"name": "a", "key": "b"}}},
            ("spec.adopt.secretRef.key", "there is no such field; there are name"),
        ),
    ],
)
def test_a_form_that_the_definition_does_not_admit(spec: dict[str, Any], said: tuple[str, str]) -> None:
    manifest = oauth_client("shop")
    manifest["spec"] |= spec
    assert [(place(path), why) for path, why in objections(manifest)] == [said]


def test_all_that_is_missing_is_named_and_each_once() -> None:
    said = [place(path) for path, _ in objections({"apiVersion": "a", "kind": "b", "metadata": {}, "spec": {}})]
    assert sorted(said) == ["spec.clientMetadata"]


def test_many_faults_are_not_all_said_and_long_names_are_cut() -> None:
    manifest = oauth_client("shop")
    manifest["spec"] |= {f"{n}{'x' * 1_000_000 if n < 5 else ''}": 1 for n in range(1000)}
    said = [place(path) + why for path, why in objections(manifest)]
    assert len(said) == 100
    assert max(map(len, said)) < 300


@pytest.mark.contract
@pytest.mark.parametrize("own", [False, True], ids=["a secret", "a key of the operator's making"])
def test_the_keys_that_are_said_are_those_that_are_published(*, own: bool) -> None:
    client = published(key_records.registered() if own else registered_record())
    key: dict[str, Any] = {"privateKey": {}} if own else {}
    outcome = Outcome.of(desired(spec={"clientMetadata": {**client.accepted.members}, **key}))
    assert outcome is not None
    written = content(client, outcome.publication).keys()
    assert {*outcome.keys.values()} <= written <= {*outcome.keys.values(), *outcome.if_known.values()}
    assert {*client.endpoints} <= outcome.if_known.keys()


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
FIELDS = st.sampled_from(["issuer", "discovery", "clientMetadata", "secret", "registration", "rotation", "policy", "x"])


@given(st.dictionaries(FIELDS, VALUES, max_size=4) | VALUES, VALUES)
def test_whatever_is_written_has_a_verdict(spec: Any, metadata: Any) -> None:
    body = {"apiVersion": "oauth-operator.dev/v1alpha1", "kind": "OAuthClient", "metadata": metadata, "spec": spec}
    document = Document(number=1, value=body, lines={})
    judged = Judge(egress=EgressPolicy(), metadata_prefixes=()).judge(
        Manifest(kind="OAuthClient", document=document, path=(), body=body)
    )
    assert judged.problems or Outcome.of(judged.desired) is not None
