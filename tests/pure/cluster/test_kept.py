"""What the caches keep of an object: what is read there, and nothing of a size that a tenant chooses."""

import json
from typing import Any

import pytest

from oauthclient_operator import names
from oauthclient_operator.cluster import kept
from oauthclient_operator.cluster.compressed_json import compress
from oauthclient_operator.errors import InvalidClientMetadata
from oauthclient_operator.oauth.client_metadata import ClientMetadata
from oauthclient_operator.oauth.metadata_rules import MOST_BYTES
from oauthclient_operator.resource.desired import Desired
from oauthclient_operator.resource.oauth_client import OAuthClient
from oauthclient_operator.resource.terms import IssuerTerms

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
IDENTITY: dict[str, Any] = {"namespace": "shop", "name": "web", "uid": "u1", "resourceVersion": "7"}
OWNER = {"apiVersion": names.API_VERSION, "kind": names.KIND, "name": "web", "uid": "owner"}
HUGE = "x" * 700_000


def resource(metadata: dict[str, Any] | None = None, **client_metadata: Any) -> dict[str, Any]:
    spec = {"issuer": "https://idp.example", "clientMetadata": client_metadata, "policy": {"deletion": "Retain"}}
    return {"apiVersion": names.API_VERSION, "metadata": IDENTITY | (metadata or {}), "spec": spec, "status": {"a": 1}}


@pytest.mark.parametrize(
    "more",
    [
        {"annotations": {LAST_APPLIED: '{"data": {"client_secret": "aHVudGVyMg=="}}'}, "managedFields": [{}]},
        {"labels": {f"l{n}": "v" for n in range(40_000)}, "annotations": {"a": HUGE}},
        {"finalizers": [f"example.com/{n}" for n in range(40_000)]},
        {"ownerReferences": [OWNER | {"kind": "ConfigMap", "uid": str(n)} for n in range(10_000)]},
        {"labels": {f"client.oauth-operator.dev/{n}": "held" for n in range(40_000)}},
    ],
    ids=["kubectl's", "labels and annotations", "finalizers", "owners", "labels like a record's"],
)
def test_of_a_secret_nothing_is_kept_but_which_one_it_is(more: dict[str, Any]) -> None:
    assert kept.secret(IDENTITY | more) == IDENTITY


def test_of_a_secret_its_owners_of_our_kind_are_kept_up_to_a_bound() -> None:
    assert kept.secret(IDENTITY | {"ownerReferences": [OWNER]})["ownerReferences"] == [{"uid": "owner"}]
    many = [OWNER | {"uid": str(n)} for n in range(10_000)]
    assert len(json.dumps(kept.secret(IDENTITY | {"ownerReferences": many}))) < 1000


def test_of_a_record_our_labels_and_annotations_are_kept() -> None:
    labels = {
        names.STATE_LABEL: "Registered",
        "client.oauth-operator.dev/1": "held",
        "team": "a",
        "xoauth-operator.dev/a": "b",
    }
    metadata = IDENTITY | {"labels": labels, "annotations": {names.CONFIRMED_ANNOTATION: "v1:1", LAST_APPLIED: "{}"}}
    assert kept.record(metadata) == IDENTITY | {
        "labels": {names.STATE_LABEL: "Registered", "client.oauth-operator.dev/1": "held"},
        "annotations": {names.CONFIRMED_ANNOTATION: "v1:1"},
    }


def test_of_a_resource_spec_status_life_and_our_annotations_are_kept() -> None:
    life: dict[str, Any] = {"generation": 2, "deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": ["a/b"]}
    body = resource(life | {"annotations": {names.RESOLVE_ANNOTATION: "u1/1", "a": HUGE}, "labels": {"a": "b"}})
    expected = IDENTITY | life | {"annotations": {names.RESOLVE_ANNOTATION: "u1/1"}}
    assert kept.resource(body) == {"metadata": expected, "spec": body["spec"], "status": {"a": 1}}


def test_what_is_kept_stays_as_it_is_when_it_is_kept_again() -> None:
    body = kept.resource(resource({"finalizers": [f"a/{n}" for n in range(99)]}, client_name=HUGE))
    assert kept.resource(body) == body


@pytest.mark.parametrize(
    "metadata",
    [
        {"client_name": HUGE},
        {"x": [[] for _ in range(30_000)]},
        {f"client_name#l{n}": "x" * 20_000 for n in range(60)},
        {"x": "\ud800" * 30_000},
    ],
)
def test_client_metadata_that_are_too_large_are_kept_as_such_in_few_bytes(metadata: dict[str, Any]) -> None:
    body = resource(**metadata)
    found = kept.resource(body)
    assert len(compress(found)) < 1000
    with pytest.raises(InvalidClientMetadata, match="larger than 64 KiB"):
        ClientMetadata.parse(found["spec"]["clientMetadata"])  # type: ignore[index,call-overload,arg-type] # JSON
    desired = Desired.of(client := OAuthClient.parse(found), IssuerTerms.of_spec(client.spec))
    assert desired.problem == "spec.clientMetadata: they are larger than 64 KiB as JSON"
    assert desired.deletion == "Retain", "the rest of the spec is as it was"


def test_client_metadata_that_can_be_sent_are_kept_as_they_are() -> None:
    body = resource(client_name="é" * (MOST_BYTES // 2 - 20))
    assert kept.resource(body)["spec"] == body["spec"]


def test_members_that_are_null_are_absent() -> None:
    members: dict[str, Any] = {f"x{n:09}": None for n in range(9_000)}
    assert kept.resource(resource(client_name="Web", **members)) == kept.resource(resource(client_name="Web"))


def test_more_finalizers_than_are_read_can_never_be_written_over_the_others() -> None:
    theirs = [f"example.com/{n}" for n in range(65)]
    for ours in ([], [names.FINALIZER]):
        found: Any = kept.resource(resource({"finalizers": [*theirs, *ours]}))
        assert found["metadata"]["finalizers"] == [*ours, kept.TOO_MANY]
    assert " " in kept.TOO_MANY, "which no finalizer's name has: the API server refuses the list"


def test_our_annotations_are_cut_and_only_so_many_are_kept() -> None:
    annotations = {f"oauth-operator.dev/{n}": HUGE for n in range(1000)}
    assert len(json.dumps(kept.resource(resource({"annotations": annotations})))) < 10_000


def issuer(**client_metadata: Any) -> dict[str, Any]:
    about = {n: v for n, v in IDENTITY.items() if n != "namespace"} | {"labels": {"a": HUGE}, "managedFields": [{}]}
    spec = {"issuer": "https://idp.example", "trust": {"caBundle": "-----BEGIN"}, "clientMetadata": client_metadata}
    return {"metadata": about, "spec": spec, "status": {"a": 1}}


def test_of_an_issuer_its_spec_its_status_and_its_life_are_kept() -> None:
    body = issuer(defaults={"client_name": "Web"}, fixed={})
    assert kept.issuer(body) == {
        "metadata": {"name": "web", "uid": "u1", "resourceVersion": "7"},
        "spec": body["spec"],
        "status": {"a": 1},
    }


@pytest.mark.parametrize("odd", [kept.OVERSIZED, kept.TOO_DEEP, {"x": HUGE}], ids=["large", "deep", "large, and read"])
def test_client_metadata_of_an_issuer_that_are_too_large_or_too_deep_are_never_taken_for_none(odd: Any) -> None:
    found = [kept.issuer(issuer(**odd))] if odd != {"x": HUGE} else []
    found.append(kept.issuer(issuer(defaults=odd)))
    for body in [*found, *map(kept.issuer, found)]:
        defaults: Any = body["spec"]["clientMetadata"]["defaults"]  # type: ignore[index,call-overload] # JSON
        assert defaults in (kept.OVERSIZED, kept.TOO_DEEP)
        with pytest.raises(InvalidClientMetadata):
            ClientMetadata.parse(defaults)
