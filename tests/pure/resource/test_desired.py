"""What an OAuthClient asks for: every spec has a value, a wrong one says what to write, and what is right of it stays."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauthclient_operator.names import PUBLISHED_KEYS
from oauthclient_operator.oauth.client_metadata import MEMBERS_LIMIT
from oauthclient_operator.oauth.metadata_source import MetadataSource
from oauthclient_operator.oauth.rfc8414 import DiscoveryForm
from oauthclient_operator.resource.desired import AmbiguousPolicy, DeletionPolicy, Desired
from oauthclient_operator.resource.oauth_client import OAuthClient
from oauthclient_operator.resource.publication import Publication
from oauthclient_operator.resource.terms import ByInitialAccessToken, IssuerTerms, Open
from tests.pure.resource.issuers import terms_of_issuer
from tests.pure.values import ISSUER, METADATA, body

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
MEMBERS = ("issuer", "clientMetadata", "discovery", "secret", "registration", "policy")


def desired(**spec: Any) -> Desired:
    resource = OAuthClient.parse(body(spec=spec))
    return Desired.of(resource, IssuerTerms.of_spec(resource.spec))


def problem(**spec: Any) -> str:
    found = desired(**spec).problem
    assert found is not None
    return found


def test_the_least_that_can_be_written() -> None:
    found = desired()
    assert found.problem is None
    assert found.metadata is not None
    assert (found.terms.issuer, found.metadata.members) == (ISSUER, METADATA)
    assert found.terms.source == MetadataSource(issuer=ISSUER)
    assert (found.terms.registration_endpoint, found.terms.chooses_endpoint) == (None, False)
    assert found.publication == Publication(secret_name="web", keys={})
    assert found.terms.access == Open()
    assert (found.deletion, found.ambiguous) == (DeletionPolicy.DELETE, AmbiguousPolicy.RETRY)


def test_the_most_that_can_be_written() -> None:
    found = desired(
        discovery={"form": "OAuth", "registrationEndpoint": f"{ISSUER}/reg"},
        secret={"name": "web-oauth", "keys": {"client_id": "CLIENT_ID", "client_secret": ".secret"}},
        registration={"initialAccessToken": {"secretRef": {"name": "idp-token"}}},
        policy={"deletion": "Retain", "ambiguous": "Hold"},
    )
    assert found.problem is None
    assert found.terms.source == MetadataSource(issuer=ISSUER, form=DiscoveryForm.OAUTH, needs_endpoint=False)
    assert (found.terms.registration_endpoint, found.terms.chooses_endpoint) == (f"{ISSUER}/reg", True)
    assert found.publication == Publication(
        secret_name="web-oauth", keys={"client_id": "CLIENT_ID", "client_secret": ".secret"}
    )
    assert found.terms.access == ByInitialAccessToken("idp-token")
    assert (found.deletion, found.ambiguous) == (DeletionPolicy.RETAIN, AmbiguousPolicy.HOLD)


def test_who_names_the_document_chooses_the_endpoint_too() -> None:
    found = desired(discovery={"form": "Auto", "url": f"{ISSUER}/metadata.json"})
    assert found.problem is None
    assert found.terms.source == MetadataSource(issuer=ISSUER, url=f"{ISSUER}/metadata.json")
    assert (found.terms.source.urls, found.terms.chooses_endpoint) == ((f"{ISSUER}/metadata.json",), True)


def test_null_means_absent() -> None:
    assert desired(discovery=None, secret=None, registration=None, policy=None) == desired()
    assert desired(secret={"name": None, "keys": None}, registration={"initialAccessToken": None}) == desired()
    assert (
        desired(
            policy={"deletion": None, "ambiguous": None},
            discovery={"form": None, "url": None, "registrationEndpoint": None},
        )
        == desired()
    )


@pytest.mark.parametrize(
    ("spec", "advice"),
    [
        ({"issuer": None}, "spec.issuer"),
        ({"issuer": 7}, "spec.issuer"),
        ({"issuer": "https://issuer.example?x"}, "spec.issuer has a query"),
        ({"clientMetadata": None}, "spec.clientMetadata.redirect_uris"),
        ({"clientMetadata": []}, "spec.clientMetadata.redirect_uris"),
        ({"clientMetadata": {"redirect_uris": ["https://a#b"]}}, "leave out # and what follows"),
        ({"discovery": {"form": "openid"}}, "spec.discovery.form: write one of Auto, OpenID, OAuth"),
        ({"discovery": {"url": ""}}, "spec.discovery.url: write the metadata document's own address"),
        ({"discovery": {"url": ["https://a"]}}, "spec.discovery.url: write the metadata document's own address"),
        ({"discovery": {"url": "https://a#b"}}, "without user information or fragment"),
        ({"discovery": {"registrationEndpoint": 7}}, "spec.discovery.registrationEndpoint: write the client reg"),
        ({"discovery": {"url": f"{ISSUER}/a", "form": "OAuth"}}, "spec.discovery.form: leave it out beside url"),
        ({"policy": {"deletion": "delete"}}, "spec.policy.deletion: write one of Delete, Retain"),
        ({"policy": {"ambiguous": ["Retry"]}}, "spec.policy.ambiguous: write one of Retry, Hold"),
        ({"secret": {"name": "Web"}}, "spec.secret.name: write a Secret's name"),
        ({"secret": {"name": "web\n"}}, "spec.secret.name"),
        ({"secret": {"name": ""}}, "spec.secret.name: write a Secret's name"),
        ({"secret": {"name": "a" * 254}}, "spec.secret.name"),
        ({"secret": {"name": "../web"}}, "spec.secret.name"),
        ({"secret": {"keys": {"password": "PASSWORD"}}}, "spec.secret.keys: the left side is one of client_id"),
        ({"secret": {"keys": {"client_id": "CLIENT ID"}}}, "spec.secret.keys: the right side is a key of a Secret"),
        ({"secret": {"keys": {"client_id": "."}}}, "right side"),
        ({"secret": {"keys": {"client_id": "..id"}}}, "right side"),
        ({"secret": {"keys": {"client_id": "id\n"}}}, "right side"),
        ({"secret": {"keys": {"client_id": ""}}}, "right side"),
        ({"secret": {"keys": {"client_id": 7}}}, "right side"),
        ({"secret": {"keys": {"client_id": "x" * 254}}}, "right side"),
        ({"secret": {"keys": {"client_id": "ID", "issuer": "ID"}}}, "client_id and issuer are written to one name, ID"),
        ({"secret": {"keys": {"client_id": "client_secret"}}}, "are written to one name, client_secret"),
        (
            {"secret": {"keys": {"token_endpoint": "token_endpoint_auth_signing_alg"}}},
            "token_endpoint_auth_signing_alg and token_endpoint are written to one name",
        ),
        ({"registration": {"initialAccessToken": {}}}, "secretRef.name: write the name"),
        ({"registration": {"initialAccessToken": {"secretRef": {"name": "A"}}}}, "secretRef.name: write the name"),
        (
            {"registration": {"initialAccessToken": {"secretRef": {"name": "web"}}}},
            "cannot be the Secret that is published",
        ),
        (
            {"registration": {"initialAccessToken": {"secretRef": {"name": "t"}}}, "secret": {"name": "t"}},
            "cannot be the Secret that is published",
        ),
    ],
    ids=lambda value: str(value)[:70],
)
def test_what_is_wrong_is_said_with_what_to_write(spec: dict[str, Any], advice: str) -> None:
    assert advice in problem(**spec)


def test_keys_may_change_places() -> None:
    swapped = {"client_id": "client_secret", "client_secret": "client_id"}
    assert desired(secret={"keys": swapped}).publication == Publication(secret_name="web", keys=swapped)


def test_all_keys_may_be_renamed() -> None:
    assert desired(secret={"keys": {key: key.upper() for key in PUBLISHED_KEYS}}).problem is None


def test_all_that_is_wrong_is_said_at_once() -> None:
    found = problem(issuer="x", clientMetadata={}, secret={"name": "A"}, policy={"deletion": "x"})
    assert [place for place in ("issuer", "clientMetadata", "secret.name", "policy.deletion") if place in found] == [
        "issuer",
        "clientMetadata",
        "secret.name",
        "policy.deletion",
    ]


def test_the_path_of_the_metadata_stands_before_each_member_that_is_wrong_and_once_before_them_all() -> None:
    assert problem(clientMetadata={"redirect_uris": ["https://a#b"], "scope": '"'}) == (
        "spec.clientMetadata.redirect_uris[0]: a redirection URI has no fragment: leave out # and what follows "
        "(RFC 6749 section 3.1.2); "
        "spec.clientMetadata.scope: write words with one space between, without quotation marks or a line break, e.g. "
        "openid profile (RFC 7591 section 2, RFC 6749 section 3.3)"
    )
    many = dict.fromkeys(map(str, range(MEMBERS_LIMIT + 1)), 1)
    assert problem(clientMetadata=many) == f"spec.clientMetadata: there are more than {MEMBERS_LIMIT} members"


def test_a_bad_edit_of_the_metadata_does_not_touch_what_is_published() -> None:
    found = desired(clientMetadata={"redirect_uris": ["https://a#b"]}, secret={"name": "web-oauth"})
    assert found.metadata is None
    assert found.publication == Publication(secret_name="web-oauth")


def test_a_bad_edit_of_the_secret_does_not_touch_the_metadata() -> None:
    found = desired(secret={"name": "A"})
    assert found.publication is None
    assert found.metadata is not None


def test_a_policy_that_is_not_known_destroys_nothing_and_tries_nothing_again() -> None:
    found = desired(policy={"deletion": "Obliterate", "ambiguous": "Insist"})
    assert (found.deletion, found.ambiguous) == (DeletionPolicy.RETAIN, AmbiguousPolicy.HOLD)


def test_a_policy_is_honoured_whatever_else_is_wrong() -> None:
    assert desired(clientMetadata={}, policy={"deletion": "Retain"}).deletion is DeletionPolicy.RETAIN


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(MEMBERS, VALUES)))
def test_every_spec_has_a_value(spec: dict[str, Any]) -> None:
    found = desired(**spec)
    assert found.problem is not None or (found.metadata is not None and found.publication is not None)


@pytest.mark.parametrize(
    ("tenant_issuers", "by_resource", "is_refused"),
    [
        pytest.param(True, False, False, id="it may name one itself"),
        pytest.param(False, False, True, id="it may not"),
        pytest.param(False, True, False, id="it names an issuer resource"),
    ],
)
def test_whether_a_spec_may_name_an_issuer_itself(tenant_issuers: bool, by_resource: bool, is_refused: bool) -> None:
    found = OAuthClient.parse(body())
    terms = IssuerTerms.of_spec(found.spec)
    if by_resource:
        terms = terms_of_issuer()
        reference = {"kind": "ClusterOAuthIssuer", "name": "corporate"}
        spec: dict[str, Any] = {**{k: v for k, v in found.spec.items() if k != "issuer"}, "issuerRef": reference}
        found = OAuthClient.parse({**body(), "spec": spec})
    read = Desired.of(found, terms, tenant_issuers=tenant_issuers)
    said = "--tenant-issuers=Deny): write spec.issuerRef" in (read.problem or "")
    assert (said, read.honoured) == (is_refused, not is_refused)
    assert (read.metadata, read.terms) == (Desired.of(found, terms).metadata, terms), "the rest is read as ever"
