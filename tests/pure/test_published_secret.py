"""The published Secret as a thing to write: created whole, amended by what it lacks, and never another's."""

from dataclasses import replace
from typing import Any

import pytest

from oauthclient_operator import names
from oauthclient_operator.published_secret import (
    ANNOTATIONS_ANNOTATION,
    KEYS_ANNOTATION,
    LABELS_ANNOTATION,
    Amendment,
    NewSecret,
    Unkept,
    amendment,
    cosmetics,
    is_owned,
    new_secret,
    unkept,
)
from oauthclient_operator.resource.publication import Publication
from oauthclient_operator.resource.secret import Secret
from oauthclient_operator.resource.secret_metadata import CopiedMetadata
from tests.pure.values import UID, registered_record, resource, secret

SECRET = secret(registered_record())
PLAIN = Publication(secret_name="web")
AMENDMENT = Amendment(namespace="shop", name="web", uid="secret-uid", resource_version="9")
DATA = {"client_id": "YQ==", "issuer": "Yg=="}
HOLDS = replace(SECRET, data=DATA, annotations={KEYS_ANNOTATION: "client_id,issuer"})
GROUP_VERSION = names.API_VERSION


def lacks(there: Secret, data: dict[str, str] | None = None, publication: Publication = PLAIN) -> Amendment | None:
    return amendment(resource(), there, publication, DATA if data is None else data)


def test_what_is_created() -> None:
    asked = CopiedMetadata(labels={"example.com/team": "shop"}, annotations={"example.com/note": "a"})
    made = new_secret(resource(), Publication(secret_name="web-oauth", metadata=asked), DATA)
    assert made.to_json() == {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "Opaque",
        "metadata": {
            "name": "web-oauth",
            "namespace": "shop",
            "labels": {"example.com/team": "shop", names.MANAGED_BY_LABEL: names.OPERATOR},
            "annotations": {
                "example.com/note": "a",
                KEYS_ANNOTATION: "client_id,issuer",
                LABELS_ANNOTATION: "example.com/team",
                ANNOTATIONS_ANNOTATION: "example.com/note",
            },
            "ownerReferences": [
                {"apiVersion": GROUP_VERSION, "kind": names.KIND, "name": "web", "uid": UID, "controller": True}
            ],
        },
        "data": DATA,
    }


@pytest.mark.parametrize("metadata", [None, CopiedMetadata()])
def test_what_is_created_is_owned_and_lacks_nothing(metadata: CopiedMetadata | None) -> None:
    publication = Publication(secret_name="web", metadata=metadata)
    made: Any = new_secret(resource(), publication, DATA).to_json()
    assert made["metadata"]["annotations"] == {KEYS_ANNOTATION: "client_id,issuer"}
    there = Secret.parse(made)
    assert is_owned(there, UID)
    assert lacks(there, publication=publication) is None


@pytest.mark.parametrize(
    ("there", "owned"),
    [
        pytest.param(SECRET, True, id="its owner is this resource"),
        pytest.param(replace(SECRET, labels={}, annotations={}), True, id="whatever its label says"),
        pytest.param(replace(SECRET, owners=(("v1", "Pod", "x"), *SECRET.owners)), True, id="and beside it another"),
        pytest.param(
            replace(SECRET, owners=((f"{names.GROUP}/v9", names.KIND, UID),)), True, id="by another version of the kind"
        ),
        pytest.param(replace(SECRET, owners=()), False, id="its owner was taken away"),
        pytest.param(replace(SECRET, owners=((GROUP_VERSION, names.KIND, "other"),)), False, id="another resource"),
        pytest.param(replace(SECRET, owners=((GROUP_VERSION, "Pod", UID),)), False, id="another kind"),
        pytest.param(replace(SECRET, owners=(("v1", names.KIND, UID),)), False, id="another group"),
        pytest.param(
            replace(SECRET, owners=((f"{names.GROUP}.evil/v1", names.KIND, UID),)), False, id="a group that looks alike"
        ),
        pytest.param(replace(SECRET, type="kubernetes.io/tls"), False, id="another type"),
    ],
)
def test_whose_a_secret_is(there: Secret, owned: bool) -> None:
    assert is_owned(there, UID) is owned


@pytest.mark.parametrize(
    ("there", "changes"),
    [
        pytest.param(replace(HOLDS, data={}), {"data": DATA}, id="all keys are gone"),
        pytest.param(
            replace(HOLDS, data={**DATA, "client_id": "eA=="}), {"data": {"client_id": "YQ=="}}, id="a key was changed"
        ),
        pytest.param(
            replace(
                HOLDS,
                data={**DATA, "client_secret": "eA=="},
                annotations={KEYS_ANNOTATION: "client_id,client_secret,issuer"},
            ),
            {"data": {"client_secret": None}, "annotations": {KEYS_ANNOTATION: "client_id,issuer"}},
            id="a key of ours that has no use any more",
        ),
        pytest.param(
            replace(HOLDS, data={**DATA, "client_secret": "eA=="}, annotations={}),
            {"data": {"client_secret": None}, "annotations": {KEYS_ANNOTATION: "client_id,issuer"}},
            id="the same, of an operator that made no list",
        ),
        pytest.param(
            replace(HOLDS, annotations={KEYS_ANNOTATION: "client_id"}),
            {"annotations": {KEYS_ANNOTATION: "client_id,issuer"}},
            id="what is to be there and is not listed becomes ours",
        ),
        pytest.param(
            replace(HOLDS, data={**DATA, "ID": "eA=="}, annotations={KEYS_ANNOTATION: "ID,client_id,issuer"}),
            {"data": {"ID": None}, "annotations": {KEYS_ANNOTATION: "client_id,issuer"}},
            id="a key that was renamed",
        ),
        pytest.param(
            replace(HOLDS, labels={}), {"labels": {names.MANAGED_BY_LABEL: names.OPERATOR}}, id="the label is gone"
        ),
        pytest.param(
            replace(HOLDS, labels={names.MANAGED_BY_LABEL: "me"}),
            {"labels": {names.MANAGED_BY_LABEL: names.OPERATOR}},
            id="the label was changed",
        ),
        pytest.param(
            replace(HOLDS, annotations={}),
            {"annotations": {KEYS_ANNOTATION: "client_id,issuer"}},
            id="the memory is gone",
        ),
    ],
)
def test_what_a_secret_lacks(there: Secret, changes: dict[str, Any]) -> None:
    expected = Amendment(namespace="shop", name="web", uid="secret-uid", resource_version="9", **changes)
    assert lacks(there) == expected


@pytest.mark.parametrize(
    "there",
    [
        pytest.param(HOLDS, id="as it should be"),
        pytest.param(replace(HOLDS, data={**DATA, "mine": "eA=="}), id="with a user's own key"),
        pytest.param(
            replace(HOLDS, data={**DATA, "client_secret": "eA==", "end_session_endpoint": "eA=="}),
            id="with a user's own keys that have names of ours",
        ),
        pytest.param(
            replace(HOLDS, data={**DATA, "issuer": "eA=="}, annotations={KEYS_ANNOTATION: "client_id"}),
            id="with a user's own key where one of ours would be",
        ),
        pytest.param(replace(HOLDS, labels={**HOLDS.labels, "mine": "x"}), id="with a user's own label"),
        pytest.param(replace(HOLDS, annotations={**HOLDS.annotations, "mine": "x"}), id="with a user's own annotation"),
    ],
)
def test_what_lacks_nothing(there: Secret) -> None:
    assert lacks(there) is None


def test_an_amendment_is_for_the_version_that_was_read() -> None:
    found = lacks(replace(HOLDS, data={}, labels={}, annotations={}))
    assert found is not None
    assert found.to_json() == {
        "metadata": {
            "uid": "secret-uid",
            "resourceVersion": "9",
            "labels": {names.MANAGED_BY_LABEL: names.OPERATOR},
            "annotations": {KEYS_ANNOTATION: "client_id,issuer"},
        },
        "data": DATA,
    }
    only_data = lacks(replace(HOLDS, data={}))
    assert only_data is not None
    assert only_data.to_json() == {"metadata": {"uid": "secret-uid", "resourceVersion": "9"}, "data": DATA}
    only_label = lacks(replace(HOLDS, labels={}))
    assert only_label is not None
    assert "data" not in only_label.to_json()


def test_what_is_not_admitted_leaves_labels_and_annotations_as_they_are() -> None:
    given = replace(
        HOLDS,
        labels={**HOLDS.labels, "example.com/team": "shop"},
        annotations={
            **HOLDS.annotations,
            "example.com/note": "a",
            LABELS_ANNOTATION: "example.com/team",
            ANNOTATIONS_ANNOTATION: "example.com/note",
        },
    )
    assert lacks(given, publication=Publication(secret_name="web", metadata=None)) is None
    taken_off = lacks(given)
    assert taken_off is not None
    assert taken_off.labels == {"example.com/team": None}
    assert taken_off.annotations == dict.fromkeys(("example.com/note", LABELS_ANNOTATION, ANNOTATIONS_ANNOTATION))


@pytest.mark.parametrize("write", [NewSecret, Amendment])
def test_no_credential_is_seen_in_its_repr(write: type) -> None:
    made = new_secret(resource(), PLAIN, {"client_secret": "c2VjcmV0"})
    found: object = made if write is NewSecret else lacks(replace(HOLDS, data={}), {"client_secret": "c2VjcmV0"})
    assert isinstance(found, write)
    assert "c2VjcmV0" not in repr(found)


@pytest.mark.parametrize(
    ("came_back", "lost"),
    [
        pytest.param({}, Unkept(), id="it is as it was written"),
        pytest.param({"labels": {}}, Unkept(labels=frozenset({("a/b", "c")})), id="a label is not there"),
        pytest.param(
            {"labels": {"a/b": "x"}}, Unkept(labels=frozenset({("a/b", "c")})), id="a label has another value"
        ),
        pytest.param(
            {"annotations": {"gone": "x"}},
            Unkept(annotations=frozenset({("gone", None)})),
            id="what was taken away is back",
        ),
        pytest.param(
            {"data": {**DATA, "client_id": "x"}}, Unkept(data=frozenset({"client_id"})), id="other data are stored"
        ),
        pytest.param({"labels": {"a/b": "c", "mine": "x"}}, Unkept(), id="somebody else's label is there, too"),
    ],
)
def test_what_of_a_write_did_not_stay(came_back: dict[str, Any], lost: Unkept) -> None:
    write = replace(AMENDMENT, labels={"a/b": "c"}, annotations={"gone": None}, data=DATA)
    there = replace(HOLDS, labels={"a/b": "c"}, annotations={}, data=DATA)
    assert unkept(write, replace(there, **came_back)) == lost
    assert (write.without(lost) == write) is (not lost.labels and not lost.annotations)


def test_what_did_not_stay_is_written_again_only_with_another_value() -> None:
    once = replace(AMENDMENT, labels={"a/b": "c"})
    assert once.without(cosmetics(once)) is None
    assert replace(once, labels={"a/b": "d"}).without(cosmetics(once)) == replace(once, labels={"a/b": "d"})


def test_what_a_tenant_had_written_over_time_is_forgotten_before_it_is_much() -> None:
    known = Unkept()
    for number in range(1000):
        known |= Unkept(labels=frozenset({("a/b", str(number))}))
        assert 1 <= len(known) <= 64
