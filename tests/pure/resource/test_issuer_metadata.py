"""Client metadata that an issuer resource puts under and over each client's own."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauthclient_operator.oauth.comparison import differs
from oauthclient_operator.resource.issuer_metadata import IssuerMetadata
from tests.pure.resource.issuers import desired_of, terms_of_issuer

CALLBACK = {"redirect_uris": ["https://shop.example/callback"]}


def read(**written: Any) -> tuple[IssuerMetadata, list[str]]:
    problems: list[str] = []
    return IssuerMetadata.of({"clientMetadata": written}, problems), problems


@pytest.mark.parametrize(
    ("defaults", "fixed", "written", "members", "of_issuer"),
    [
        pytest.param({}, {}, {"scope": "a"}, {"scope": "a"}, set(), id="nothing"),
        pytest.param({"scope": "a"}, {}, {}, {"scope": "a"}, {"scope"}, id="a default"),
        pytest.param({"scope": "a"}, {}, {"scope": "b"}, {"scope": "b"}, set(), id="a default yields"),
        pytest.param({"scope": "a"}, {}, {"scope": None}, {"scope": "a"}, {"scope"}, id="null means absent"),
        pytest.param({"scope": "a"}, {}, {"scope": ""}, {"scope": ""}, set(), id="empty is written"),
        pytest.param({"scope": "a"}, {"scope": "b"}, {}, {"scope": "b"}, {"scope"}, id="a fixed one goes before"),
        pytest.param({}, {"scope": "a b"}, {"scope": "b a"}, {"scope": "a b"}, {"scope"}, id="the same may be written"),
        pytest.param(
            {"client_name#ja": "a"}, {}, {"client_name#JA": "b"}, {"client_name#JA": "b"}, set(), id="a tag in any case"
        ),
        pytest.param(
            {"client_name#ja": "a"},
            {},
            {"client_name": "b"},
            {"client_name": "b", "client_name#ja": "a"},
            {"client_name#ja"},
            id="another language is another member",
        ),
        pytest.param(
            {},
            {"client_name#ja": "a"},
            {"client_name#JA": "a"},
            {"client_name#ja": "a"},
            {"client_name#ja"},
            id="a fixed one once, however it is written",
        ),
    ],
)
def test_defaults_lie_under_and_fixed_values_over_what_a_client_writes(
    defaults: dict[str, Any],
    fixed: dict[str, Any],
    written: dict[str, Any],
    members: dict[str, Any],
    of_issuer: set[str],
) -> None:
    found, problems = read(defaults=defaults, fixed=fixed)
    merged = found.over(written)
    assert (problems, merged.problems) == ([], ())
    assert dict(merged.members) == members
    assert set(merged.of_issuer) == of_issuer


@pytest.mark.parametrize(
    ("fixed", "written"),
    [
        pytest.param({"scope": "openid"}, {"scope": "openid admin"}, id="more"),
        pytest.param({"dpop_bound_access_tokens": True}, {"dpop_bound_access_tokens": False}, id="the opposite"),
        pytest.param({"x_example": {"a": 1}}, {"x_example": {"a": 2}}, id="a server's own member"),
        pytest.param({"client_name#ja": "a"}, {"client_name#JA": "b"}, id="a tag in another case"),
        pytest.param({"contacts": ["a@example.com"]}, {"contacts": []}, id="nothing instead"),
    ],
)
def test_a_fixed_value_that_a_client_contradicts_is_a_problem_and_stays(
    fixed: dict[str, Any], written: dict[str, Any]
) -> None:
    merged = read(fixed=fixed)[0].over(written)
    (name,) = written
    assert merged.problems == (
        f"spec.clientMetadata.{name}: the issuer has one value of it for all its clients; leave it out",
    )
    assert merged.members == fixed


NAMES = st.sampled_from(["scope", "client_name", "client_name#ja", "client_name#JA", "x_example", "contacts"])
VALUES: list[Any] = ["a", "b", "a b", None, "", []]
MEMBERS = st.dictionaries(NAMES, st.sampled_from(VALUES))


@given(MEMBERS, MEMBERS, MEMBERS)
def test_what_is_fixed_is_always_sent_and_what_is_written_is_only_lost_to_it(
    defaults: dict[str, Any], fixed: dict[str, Any], written: dict[str, Any]
) -> None:
    merged = IssuerMetadata(defaults=defaults, fixed=fixed).over(written)
    assert {name: merged.members[name] for name in fixed} == fixed
    for name, value in written.items():
        if value is not None and name not in merged.of_issuer:
            lost = name not in merged.members
            assert lost == (name.lower() in {one.lower() for one in fixed})
            assert lost or merged.members[name] == value
        if name in fixed and value is not None and differs(name, fixed[name], value):
            assert merged.problems


@pytest.mark.parametrize(
    ("written", "says"),
    [
        pytest.param({}, "spec.clientMetadata: write defaults, fixed or both", id="nothing"),
        pytest.param(
            {"fixd": {}}, "spec.clientMetadata: write defaults, fixed or both", id="a member that is not known"
        ),
        pytest.param({"fixed": "a"}, "spec.clientMetadata.fixed: write an object", id="text"),
        pytest.param(
            {"defaults": {"jwks": {"keys": []}}}, "spec.clientMetadata.defaults.jwks: it is each client's own", id="own"
        ),
        pytest.param(
            {"fixed": {"redirect_uris": []}},
            "spec.clientMetadata.fixed.redirect_uris: it is each client's own",
            id="own too",
        ),
        pytest.param(
            {"defaults": {"grant_types": []}}, "spec.clientMetadata.defaults.grant_types: it is no default", id="joined"
        ),
        pytest.param(
            {"fixed": {"client_secret": "s"}}, "spec.clientMetadata.fixed.client_secret: the authorization", id="issued"
        ),
        pytest.param(
            {"fixed": {"software_statement": "s"}},
            "spec.clientMetadata.fixed.software_statement: it is",
            id="statement",
        ),
        pytest.param({"fixed": {"scope": ["a"]}}, "spec.clientMetadata.fixed.scope: write a string", id="another type"),
        pytest.param({"fixed": {"scope": "a  b"}}, "spec.clientMetadata.fixed.scope: write words", id="two spaces"),
        pytest.param(
            {"fixed": {"token_endpoint_auth_signing_alg": "none"}},
            "spec.clientMetadata.fixed.token_endpoint_auth_signing_alg: it must not be none",
            id="no signature",
        ),
        pytest.param(
            {"defaults": {f"x_{i}": i for i in range(101)}},
            "spec.clientMetadata.defaults: there are more",
            id="too many",
        ),
    ],
)
def test_what_no_client_could_have_is_named_by_its_place_and_is_not_added(written: dict[str, Any], says: str) -> None:
    found, (problem, *more) = read(**written)
    assert problem.startswith(says)
    assert (more, found) == ([], IssuerMetadata())


def test_a_client_asks_for_its_own_and_the_issuers_together() -> None:
    terms = terms_of_issuer(
        clientMetadata={"defaults": {"contacts": ["a@example.com"]}, "fixed": {"dpop_bound_access_tokens": True}}
    )
    found = desired_of(terms, clientMetadata=CALLBACK)
    assert found.problems == ()
    assert found.metadata is not None
    assert found.metadata.members == {**CALLBACK, "contacts": ["a@example.com"], "dpop_bound_access_tokens": True}
    assert found.of_issuer == {"contacts", "dpop_bound_access_tokens"}


def test_what_does_not_fit_together_says_what_the_issuer_adds() -> None:
    terms = terms_of_issuer(clientMetadata={"fixed": {"response_types": ["code"]}})
    found = desired_of(terms, clientMetadata={"grant_types": ["client_credentials"]})
    assert found.metadata is None
    assert found.problems == (
        "spec.clientMetadata.grant_types: a response type with code needs authorization_code (RFC 7591 section 2.1)",
        "to what is written the issuer adds response_types",
    )


def test_keys_of_the_operators_own_go_with_a_method_that_the_issuer_fixes() -> None:
    fixed = {"token_endpoint_auth_method": "private_key_jwt", "token_endpoint_auth_signing_alg": "ES256"}
    found = desired_of(terms_of_issuer(clientMetadata={"fixed": fixed}), clientMetadata=CALLBACK, privateKey={})
    assert (found.problems, found.signing) == ((), "ES256")
