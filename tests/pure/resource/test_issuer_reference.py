"""Which issuer resource a client names, and what its status says of the issuer that was applied."""

from typing import Any

import pytest
from hypothesis import given

from oauthclient_operator.resource.issuer_reference import AppliedIssuer, IssuerReference
from oauthclient_operator.resource.status import Status
from tests.merge_patch import merged
from tests.pure.resource.issuers import desired_of, terms_of_issuer
from tests.pure.resource.test_desired import VALUES
from tests.pure.values import ISSUER, desired

CORPORATE = {"kind": "ClusterOAuthIssuer", "name": "corporate"}
APPLIED = AppliedIssuer(url=ISSUER, name="corporate", uid="u", generation=3)


def read(**spec: Any) -> tuple[IssuerReference | None, list[str]]:
    problems: list[str] = []
    return IssuerReference.of(spec, problems), problems


@pytest.mark.parametrize("beside", [{}, {"discovery": {}}, {"discovery": {"form": "Auto"}}, {"registration": None}])
def test_a_reference_stands_alone_or_beside_what_every_stored_client_has(beside: dict[str, Any]) -> None:
    assert read(issuerRef=CORPORATE, **beside) == (IssuerReference("corporate"), [])


def test_without_one_there_is_none() -> None:
    assert read(issuer=ISSUER) == (None, [])


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        pytest.param({"issuer": ISSUER}, "spec.issuerRef: write issuer or issuerRef, not both", id="an issuer"),
        pytest.param({"discovery": {"form": "OAuth"}}, "spec.discovery: leave it out", id="another form"),
        pytest.param({"discovery": {"form": "Auto", "url": ISSUER}}, "spec.discovery: leave it out", id="an address"),
        pytest.param({"registration": {}}, "spec.registration: leave it out", id="a way in"),
    ],
)
def test_what_cannot_stand_beside_it_is_said_and_the_reference_is_known(spec: dict[str, Any], says: str) -> None:
    found, (problem,) = read(issuerRef=CORPORATE, **spec)
    assert found == IssuerReference("corporate")
    assert problem.startswith(says)


@pytest.mark.parametrize(
    ("reference", "says"),
    [
        pytest.param({"name": "corporate"}, "spec.issuerRef.kind: write ClusterOAuthIssuer", id="no kind"),
        pytest.param({**CORPORATE, "kind": "OAuthIssuer"}, "spec.issuerRef.kind: write", id="a kind that is reserved"),
        pytest.param({"kind": "ClusterOAuthIssuer"}, "spec.issuerRef.name: write the name", id="no name"),
        pytest.param({**CORPORATE, "name": "../x"}, "spec.issuerRef.name: write the name", id="a path"),
        pytest.param("corporate", "spec.issuerRef.kind: write", id="text"),
    ],
)
def test_what_names_nothing_is_a_problem(reference: Any, says: str) -> None:
    found, (problem,) = read(issuerRef=reference)
    assert found is None
    assert problem.startswith(says)


@given(VALUES)
def test_any_value_can_be_read(value: Any) -> None:
    found, problems = read(issuerRef=value)
    assert found is not None or value is None or problems


def test_what_cannot_stand_beside_it_is_a_problem_of_the_client() -> None:
    assert desired(spec={"issuerRef": CORPORATE}).problems == ("spec.issuerRef: write issuer or issuerRef, not both",)
    assert desired_of(terms_of_issuer()).problems == ()


@pytest.mark.parametrize("issuer", [None, AppliedIssuer(url=ISSUER), APPLIED])
def test_what_was_applied_is_read_as_it_was_written(issuer: AppliedIssuer | None) -> None:
    assert Status.parse(Status(issuer=issuer).to_json()).issuer == issuer


def test_a_client_that_names_its_issuer_itself_again_keeps_nothing_of_the_resource() -> None:
    before, after = Status(issuer=APPLIED), Status(issuer=AppliedIssuer(url=ISSUER))
    patch = after.patch_from(before)
    assert patch is not None
    assert merged(before.to_json(), patch) == after.to_json()
