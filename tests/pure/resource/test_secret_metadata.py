"""Labels and annotations for the published Secret: only under prefixes that are admitted, and taken off again."""

from dataclasses import replace
from typing import Any

import pytest

from oauthclient_operator import names, published_secret
from oauthclient_operator.resource.desired import Desired
from oauthclient_operator.resource.publication import Publication
from oauthclient_operator.resource.secret import Secret
from oauthclient_operator.resource.secret_metadata import CopiedMetadata
from oauthclient_operator.resource.terms import IssuerTerms
from tests.pure.values import registered_record, resource
from tests.pure.values import secret as as_published

ADMITTED = frozenset({"example.com", "app.kubernetes.io"})
SECRET = as_published(registered_record())
ASKED = CopiedMetadata(labels={"example.com/team": "shop"}, annotations={"example.com/note": "a, b"})


def desired(**secret: Any) -> Desired:
    found = resource(spec={"secret": secret})
    return Desired.of(found, IssuerTerms.of_spec(found.spec), ADMITTED)


def test_what_is_admitted_is_asked_for() -> None:
    found = desired(labels={"example.com/team": "shop"}, annotations={"example.com/note": "a, b"})
    assert found.problem is None
    assert found.publication == Publication(secret_name="web", metadata=ASKED)


@pytest.mark.parametrize("member", ["labels", "annotations"])
@pytest.mark.parametrize(
    ("key", "advice"),
    [
        ("team", "team has no prefix; write one such as example.com/team, or ask for --secret-metadata-prefix=/"),
        ("/team", "'/team' is no key; write one such as example.com/team"),
        ("a b", "'a b' is no key"),
        ("", "'' is no key"),
        ("example.com/", "is no key"),
        ("example.com/a/b", "is no key"),
        ("example.com/a b", "is no key"),
        ("example.org/team", "ask for --secret-metadata-prefix=example.org"),
        ("a.example.com/team", "ask for --secret-metadata-prefix=a.example.com"),
        ("example.com.evil/team", "ask for --secret-metadata-prefix=example.com.evil"),
        ("kubernetes.io/x", "does not admit 'kubernetes.io'"),
        (published_secret.KEYS_ANNOTATION, "does not admit 'oauth-operator.dev'"),
        (names.MANAGED_BY_LABEL, "is the operator's own; leave it out"),
    ],
)
def test_a_key_that_is_not_admitted_is_a_problem_and_what_is_there_stays(member: str, key: str, advice: str) -> None:
    found = desired(**{member: {"example.com/good": "x", key: "x"}})
    assert found.problem is not None
    assert found.problem.startswith(f"spec.secret.{member}: ")
    assert advice in found.problem
    assert found.publication == Publication(secret_name="web", metadata=None)


def test_the_empty_prefix_admits_keys_without_one_and_no_others() -> None:
    labels = {"grafana_datasource": "1", "argocd.argoproj.io/secret-type": "repository"}
    for key, problem in zip(labels, (None, "argocd.argoproj.io"), strict=True):
        asked = resource(spec={"secret": {"labels": {key: labels[key]}, "annotations": {key: "a b"}}})
        found = Desired.of(asked, IssuerTerms.of_spec(asked.spec), {""})
        assert (found.problem is None) is (problem is None)
        assert (problem or "") in (found.problem or "")
    for wrong in ("/team", "a b", "", "-a"):
        asked = resource(spec={"secret": {"labels": {wrong: "1"}}})
        assert "is no key" in (Desired.of(asked, IssuerTerms.of_spec(asked.spec), {""}).problem or "")


@pytest.mark.parametrize(
    ("secret", "advice"),
    [
        ({"labels": {"example.com/a": "a b"}}, "is no label's"),
        ({"labels": {"example.com/a": "a\n"}}, "is no label's"),
        ({"labels": {"example.com/a": 7}}, "is text"),
        ({"annotations": {"example.com/a": None}}, "is text"),
        ({"annotations": {"example.com/a": "x" * 4097}}, "is longer than 4096"),
        ({"labels": {f"example.com/{n}": "x" for n in range(17)}}, "write 16 at most"),
    ],
)
def test_values_have_bounds(secret: dict[str, Any], advice: str) -> None:
    problem = desired(**secret).problem
    assert problem is not None
    assert advice in problem


def change(secret: Secret, metadata: CopiedMetadata | None) -> dict[str, Any]:
    publication = Publication(secret_name="web", metadata=metadata)
    found = published_secret.amendment(resource(), secret, publication, secret.data)
    patch: Any = {"metadata": {}} if found is None else found.to_json()
    return {k: v for k, v in patch["metadata"].items() if k in ("labels", "annotations")}


def test_a_secret_is_made_with_them() -> None:
    made = published_secret.new_secret(resource(), Publication(secret_name="web", metadata=ASKED), SECRET.data)
    labelled = Secret.parse(made.to_json())
    assert labelled.labels == {"example.com/team": "shop", names.MANAGED_BY_LABEL: names.OPERATOR}
    assert labelled.annotations["example.com/note"] == "a, b"
    assert change(labelled, ASKED) == {}


def test_they_are_put_on_and_taken_off_and_a_users_own_stay() -> None:
    own = replace(
        SECRET,
        labels={**SECRET.labels, "example.com/mine": "1"},
        annotations={**SECRET.annotations, "example.com/hers": "1"},
    )
    assert change(own, CopiedMetadata()) == {}
    put = change(own, ASKED)
    assert put["labels"] == {"example.com/team": "shop"}
    assert put["annotations"] == {
        "example.com/note": "a, b",
        published_secret.LABELS_ANNOTATION: "example.com/team",
        published_secret.ANNOTATIONS_ANNOTATION: "example.com/note",
    }
    there = replace(own, labels={**own.labels, **put["labels"]}, annotations={**own.annotations, **put["annotations"]})
    assert change(there, ASKED) == {}
    assert change(there, None) == {}
    assert change(there, CopiedMetadata()) == {
        "labels": {"example.com/team": None},
        "annotations": dict.fromkeys(put["annotations"]),
    }


def test_a_forged_memory_takes_nothing_of_ours_off() -> None:
    forged = {
        published_secret.LABELS_ANNOTATION: names.MANAGED_BY_LABEL,
        published_secret.ANNOTATIONS_ANNOTATION: published_secret.KEYS_ANNOTATION,
    }
    there = replace(SECRET, annotations={**SECRET.annotations, **forged})
    assert change(there, CopiedMetadata()) == {"annotations": dict.fromkeys(forged)}
