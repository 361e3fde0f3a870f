"""What a spec says of its issuer: where its metadata are, who chooses the endpoint, and how clients are let in."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauthclient_operator.oauth.metadata_source import MetadataSource
from oauthclient_operator.oauth.rfc8414 import DiscoveryForm
from oauthclient_operator.resource.terms import ByInitialAccessToken, IssuerTerms, Open
from tests.pure.resource.test_desired import VALUES
from tests.pure.values import ISSUER

DOCUMENT, ENDPOINT = f"{ISSUER}/metadata.json", f"{ISSUER}/reg"


def terms(**spec: Any) -> IssuerTerms:
    return IssuerTerms.of_spec({"issuer": ISSUER, **spec})


@pytest.mark.parametrize(
    ("discovery", "expected", "source", "chooses"),
    [
        pytest.param(None, IssuerTerms(issuer=ISSUER), MetadataSource(issuer=ISSUER), False, id="nothing"),
        pytest.param(
            {"form": "OpenID"},
            IssuerTerms(issuer=ISSUER, form=DiscoveryForm.OPENID),
            MetadataSource(issuer=ISSUER, form=DiscoveryForm.OPENID),
            False,
            id="one well-known form",
        ),
        pytest.param(
            {"url": DOCUMENT},
            IssuerTerms(issuer=ISSUER, metadata_url=DOCUMENT),
            MetadataSource(issuer=ISSUER, url=DOCUMENT),
            True,
            id="a document: who names it names the endpoint too",
        ),
        pytest.param(
            {"registrationEndpoint": ENDPOINT},
            IssuerTerms(issuer=ISSUER, registration_endpoint=ENDPOINT),
            MetadataSource(issuer=ISSUER, needs_endpoint=False),
            True,
            id="an endpoint",
        ),
        pytest.param(
            {"url": DOCUMENT, "registrationEndpoint": ENDPOINT, "form": "Auto"},
            IssuerTerms(issuer=ISSUER, metadata_url=DOCUMENT, registration_endpoint=ENDPOINT),
            MetadataSource(issuer=ISSUER, url=DOCUMENT, needs_endpoint=False),
            True,
            id="both",
        ),
    ],
)
def test_where_the_metadata_are_found(
    discovery: dict[str, Any] | None, expected: IssuerTerms, source: MetadataSource, chooses: bool
) -> None:
    found = terms(discovery=discovery)
    assert found == expected
    assert (found.source, found.chooses_endpoint) == (source, chooses)


@pytest.mark.parametrize(
    ("registration", "access"),
    [
        (None, Open()),
        ({}, Open()),
        ({"initialAccessToken": None}, Open()),
        ({"initialAccessToken": {"secretRef": {"name": "idp-token"}}}, ByInitialAccessToken("idp-token")),
    ],
)
def test_how_clients_are_let_in(registration: Any, access: object) -> None:
    found = terms(registration=registration)
    assert (found.access, found.problems) == (access, ())


@pytest.mark.parametrize(
    "token", [{}, {"secretRef": None}, {"secretRef": {}}, {"secretRef": {"name": "A"}}, {"secretRef": {"name": 7}}, 7]
)
def test_a_token_that_is_not_named_is_a_problem_and_no_leave_to_register_without(token: Any) -> None:
    found = terms(registration={"initialAccessToken": token})
    (problem,) = found.problems
    assert problem.startswith("spec.registration.initialAccessToken.secretRef.name: write the name of the Secret")


@pytest.mark.parametrize(
    ("spec", "begins"),
    [
        ({"issuer": None}, ["spec.issuer: write"]),
        ({"issuer": "http:"}, ["spec.issuer "]),
        ({"discovery": {"form": "openid"}}, ["spec.discovery.form: write one of"]),
        ({"discovery": {"url": 7}}, ["spec.discovery.url: write"]),
        ({"discovery": {"registrationEndpoint": "reg"}}, ["spec.discovery.registrationEndpoint: write"]),
        ({"discovery": {"url": DOCUMENT, "form": "OAuth"}}, ["spec.discovery.form: leave it out beside url"]),
        (
            {"issuer": 7, "discovery": {"form": 7, "url": "x", "registrationEndpoint": "y"}},
            ["spec.issuer ", "spec.discovery.form", "spec.discovery.url", "spec.discovery.registrationEndpoint"],
        ),
    ],
)
def test_all_that_cannot_be_honoured_is_said(spec: dict[str, Any], begins: list[str]) -> None:
    found = terms(**spec).problems
    assert len(found) == len(begins)
    assert all(problem.startswith(begin) for problem, begin in zip(found, begins, strict=True))


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(("issuer", "discovery", "registration"), VALUES)))
def test_every_spec_has_terms(spec: dict[str, Any]) -> None:
    found = IssuerTerms.of_spec(spec)
    assert found.issuer == (spec.get("issuer") if isinstance(spec.get("issuer"), str) else "")
