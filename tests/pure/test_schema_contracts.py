"""The schema that the API server holds users to and the parser that the operator holds them to do not disagree."""

from enum import StrEnum
from typing import Any

import pytest

from oauthclient_operator import status
from oauthclient_operator.errors import InvalidClientMetadata
from oauthclient_operator.names import PUBLISHED_KEYS, PUBLISHED_SIGNING_KEY
from oauthclient_operator.oauth.client_metadata import (
    MEMBERS_LIMIT,
    PRIVATE_KEY_MEMBERS,
    SOFTWARE_STATEMENT,
    ClientMetadata,
)
from oauthclient_operator.oauth.rfc8414 import DiscoveryForm, issuer_problem
from oauthclient_operator.oauth.salvage import ISSUED
from oauthclient_operator.record.told import REPORTED_DEVIATIONS
from oauthclient_operator.resource.desired import AmbiguousPolicy, DeletionPolicy, ExpiryPolicy
from oauthclient_operator.resource.rotation import RotationStrategy
from tests.cluster.admission import discovery_urls
from tests.cluster.admission.issuers import ADMITTED, REFUSED, UNREACHABLE
from tests.pure.test_contracts import SPEC, STATUS
from tests.pure.values import desired

pytestmark = pytest.mark.contract

MEMBERS: dict[str, dict[str, Any]] = SPEC["clientMetadata"]["properties"]
KEY = MEMBERS["jwks"]["properties"]["keys"]["items"]
SAMPLES: dict[str, Any] = {
    "string": "https://shop.example.com/a",
    "integer": 1,
    "boolean": True,
    "array": ["https://shop.example.com/a"],
    "object": {"keys": [{"kty": "EC", "crv": "P-256", "x": "AQ", "y": "AQ"}]},
}
CONSISTENT: dict[str, Any] = {
    "redirect_uris": ["https://shop.example.com/callback"],
    "grant_types": ["authorization_code"],
    "response_types": ["code"],
    "token_endpoint_auth_method": "client_secret_basic",
    "token_endpoint_auth_signing_alg": "ES256",
}
SERVICE = {"grant_types": ["client_credentials"]}
BY_KEY = "private_key_jwt"


def _refused(member: str) -> bool:
    return any(rule["rule"] == "false" for rule in MEMBERS[member].get("x-kubernetes-validations", []))


def _parser_refuses(members: dict[str, Any]) -> bool:
    try:
        ClientMetadata.parse(members)
    except InvalidClientMetadata:
        return True
    return False


def test_the_members_that_are_refused_are_named_alike() -> None:
    assert {member for member in MEMBERS if _refused(member)} == {*ISSUED, SOFTWARE_STATEMENT}
    assert KEY["properties"].keys() - {"kty"} == set(PRIVATE_KEY_MEMBERS)


def test_there_may_be_as_many_members_in_one_as_in_the_other() -> None:
    assert SPEC["clientMetadata"]["maxProperties"] == MEMBERS_LIMIT


@pytest.mark.parametrize("member", MEMBERS)
def test_the_schema_and_the_parser_refuse_the_same_members(member: str) -> None:
    value = CONSISTENT.get(member, SAMPLES[MEMBERS[member]["type"]])
    base = {"redirect_uris": CONSISTENT["redirect_uris"]} if member in CONSISTENT else SERVICE
    assert _parser_refuses({**base, member: value}) == _refused(member)


@pytest.mark.parametrize("member", [member for member in MEMBERS if _refused(member)])
def test_the_parser_refuses_them_with_a_language_tag_too_which_a_schema_cannot_see(member: str) -> None:
    assert _parser_refuses({**SERVICE, f"{member}#ja": SAMPLES[MEMBERS[member]["type"]]})


@pytest.mark.parametrize("member", [member for member in KEY["properties"] if member != "kty"])
def test_the_schema_and_the_parser_refuse_the_same_members_of_a_key(member: str) -> None:
    (rule,) = KEY["x-kubernetes-validations"]
    assert f"!has(self.{member})" in rule["rule"]
    value: Any = [{"r": "AQ", "d": "AQ", "t": "AQ"}] if member == "oth" else "AQ"
    assert _parser_refuses({**SERVICE, "jwks": {"keys": [{"kty": "RSA", "n": "AQ", "e": "AQAB", member: value}]}})


@pytest.mark.parametrize(
    ("schema", "choices"),
    [
        (SPEC["discovery"]["properties"]["form"], DiscoveryForm),
        (SPEC["policy"]["properties"]["deletion"], DeletionPolicy),
        (SPEC["policy"]["properties"]["ambiguous"], AmbiguousPolicy),
        (SPEC["policy"]["properties"]["expiry"], ExpiryPolicy),
    ],
    ids=["discovery.form", "policy.deletion", "policy.ambiguous", "policy.expiry"],
)
def test_the_choices_are_those_of_the_code(schema: dict[str, Any], choices: type[StrEnum]) -> None:
    assert schema["enum"] == [choice.value for choice in choices]
    assert schema["default"] == schema["enum"][0]


def test_the_strategies_are_those_of_the_code_and_none_is_stored_that_nobody_wrote() -> None:
    schema = SPEC["rotation"]["properties"]["strategy"]
    assert (schema["enum"], "default" in schema) == ([choice.value for choice in RotationStrategy], False)


@pytest.mark.parametrize("issuer", ADMITTED)
def test_an_issuer_that_the_api_server_admits_is_good_enough_for_the_operator(issuer: str) -> None:
    assert issuer_problem(issuer) is None


@pytest.mark.parametrize("issuer", REFUSED.values(), ids=REFUSED)
def test_the_operator_does_not_rely_on_the_api_server_to_refuse_an_issuer_for(issuer: str) -> None:
    assert issuer_problem(issuer) is not None


@pytest.mark.parametrize(("url", "why"), UNREACHABLE.values(), ids=UNREACHABLE)
def test_the_operator_says_what_the_schema_lets_in_and_nobody_can_reach(url: str, why: str) -> None:
    assert desired(spec={"issuer": url}).problem == f"spec.issuer: {why}"
    for member in ("url", "registrationEndpoint"):
        assert desired(spec={"discovery": {member: url}}).problem == f"spec.discovery.{member}: {why}"


@pytest.mark.parametrize("member", ["url", "registrationEndpoint"])
@pytest.mark.parametrize("url", discovery_urls.ADMITTED)
def test_a_url_of_discovery_that_the_api_server_admits_is_good_enough_for_the_operator(url: str, member: str) -> None:
    assert desired(spec={"discovery": {member: url}}).problem is None


@pytest.mark.parametrize("member", ["url", "registrationEndpoint"])
@pytest.mark.parametrize("url", discovery_urls.REFUSED.values(), ids=discovery_urls.REFUSED)
def test_the_operator_does_not_rely_on_the_api_server_to_refuse_a_url_for(url: str, member: str) -> None:
    found = desired(spec={"discovery": {member: url}})
    assert found.problem is not None
    (rule,) = SPEC["discovery"]["properties"][member]["x-kubernetes-validations"]
    assert found.problem == f"spec.discovery.{member}: {rule['message']}"
    assert (found.terms.metadata_url, found.terms.registration_endpoint) == (None, None)


@pytest.mark.parametrize("name", PUBLISHED_KEYS)
def test_the_operator_does_not_rely_on_the_api_server_to_refuse_the_name_of_a_key_that_stays(name: str) -> None:
    ours = "issuer" if name != "issuer" else "jwks_uri"
    first, second = sorted((ours, name), key=PUBLISHED_KEYS.index)
    keys: dict[str, Any] = {"privateKey": {}, "clientMetadata": {**SERVICE, "token_endpoint_auth_method": BY_KEY}}
    own = keys if name in PUBLISHED_SIGNING_KEY else {}
    problem = desired(spec={**own, "secret": {"keys": {ours: name}}}).problem
    assert problem == f"spec.secret.keys: {first} and {second} are written to one name, {name}; give each its own"
    # Renamed too, there is no clash.
    assert desired(spec={**own, "secret": {"keys": {ours: name, name: "other"}}}).problem is None


@pytest.mark.parametrize("name", PUBLISHED_SIGNING_KEY)
def test_where_no_private_key_is_published_its_name_is_free(name: str) -> None:
    assert desired(spec={"secret": {"keys": {"client_id": name}}}).problem is None


def test_what_the_operator_reports_fits_the_schema() -> None:
    reported = STATUS["properties"]
    assert reported["suspectedOrphans"]["maxItems"] >= status.REPORTED_ORPHANS
    assert reported["registration"]["properties"]["deviations"]["maxItems"] >= REPORTED_DEVIATIONS
    condition = reported["conditions"]["items"]["properties"]
    assert condition["message"]["maxLength"] >= status.MESSAGE_LIMIT
