"""A ClusterOAuthIssuer as the API server has it, and its status to JSON and back."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauthclient_operator import names
from oauthclient_operator.oauth.rfc8414 import URL_LIMIT, WORD_LIMIT, WORDS_LIMIT, ServerMetadata
from oauthclient_operator.oauth.words import visible
from oauthclient_operator.resource.cluster_oauth_issuer import ClusterOAuthIssuer
from oauthclient_operator.resource.condition import Condition
from oauthclient_operator.resource.issuer_status import Discovered, IssuerStatus, Observed
from tests.merge_patch import merged
from tests.pure.resource.issuers import ISSUER_UID, issuer_body
from tests.pure.resource.test_desired import VALUES
from tests.pure.values import ISSUER, server

READY = Condition(
    type="Ready",
    status="True",
    reason="Ready",
    message="clients can be registered",
    last_transition_time=datetime(2026, 1, 1, 12, tzinfo=UTC),
    observed_generation=2,
)
WHOLE = IssuerStatus(
    observed_generation=2,
    discovered=Discovered(
        registration_endpoint=f"{ISSUER}/register",
        token_endpoint=f"{ISSUER}/token",
        authorization_endpoint=f"{ISSUER}/authorize",
        jwks_uri=f"{ISSUER}/jwks",
        token_endpoint_auth_methods=("client_secret_basic",),
        grant_types=("authorization_code",),
    ),
    observed=Observed(manageable=True, registration_access_tokens_rotate=False, secrets_expire=False),
    conditions=(READY, replace(READY, type="Discovered")),
)
STATUSES = (
    IssuerStatus(),
    IssuerStatus(observed_generation=2, conditions=(READY,)),
    replace(WHOLE, discovered=Discovered(token_endpoint=f"{ISSUER}/token")),
    replace(WHOLE, observed=Observed(secrets_expire=True)),
    WHOLE,
)


def test_who_it_is_and_what_state_it_is_in() -> None:
    found = ClusterOAuthIssuer.parse(issuer_body(generation=3))
    assert (found.name, found.uid, found.generation, found.resource_version) == ("corporate", ISSUER_UID, 3, "11")
    assert (found.finalizers, found.deleting) == ((names.ISSUER_FINALIZER,), False)
    assert found.spec["issuer"] == ISSUER
    assert ISSUER not in repr(found)


def test_a_deletion_timestamp_means_that_it_goes() -> None:
    assert ClusterOAuthIssuer.parse(issuer_body(deleting=True)).deleting


@pytest.mark.parametrize("bare", [{}, {"metadata": None, "spec": None, "status": None}, {"metadata": [], "spec": "x"}])
def test_what_is_missing_is_empty(bare: dict[str, Any]) -> None:
    found = ClusterOAuthIssuer.parse(bare)
    assert (found.name, found.generation, found.finalizers, dict(found.spec)) == ("", 0, (), {})
    assert found.status == IssuerStatus()


@pytest.mark.parametrize("status", STATUSES)
def test_a_status_is_read_as_it_was_written(status: IssuerStatus) -> None:
    assert IssuerStatus.parse(status.to_json()) == status


@pytest.mark.parametrize("before", STATUSES)
@pytest.mark.parametrize("after", STATUSES)
def test_the_patch_from_one_to_another_leaves_nothing_of_the_first(before: IssuerStatus, after: IssuerStatus) -> None:
    patch = after.patch_from(before)
    assert (patch is None) == (before == after)
    assert merged(before.to_json(), patch or {}) == after.to_json()


def test_the_ready_condition_is_found() -> None:
    assert (WHOLE.ready, IssuerStatus().ready) == (READY, None)


@given(VALUES)
def test_any_status_can_be_read(value: Any) -> None:
    found = IssuerStatus.parse(dict.fromkeys(("observedGeneration", "discovered", "observed", "conditions"), value))
    assert IssuerStatus.parse(found.to_json()) == found


def test_what_was_discovered_is_what_the_metadata_say_and_the_endpoint_that_is_used() -> None:
    found = Discovered.of(server(grant_types_supported=["authorization_code"]), f"{ISSUER}/used")
    assert found == Discovered(
        registration_endpoint=f"{ISSUER}/used",
        token_endpoint=f"{ISSUER}/token",
        token_endpoint_auth_methods=found.token_endpoint_auth_methods,
        grant_types=("authorization_code",),
    )


@given(st.text(max_size=3000))
def test_what_a_server_chose_is_bounded_and_visible(said: str) -> None:
    chosen = ServerMetadata(
        issuer=ISSUER,
        registration_endpoint=said,
        endpoints={"token_endpoint": said, "jwks_uri": said},
        token_endpoint_auth_methods_supported=(said,) * 100,
        grant_types_supported=(said,) * 100,
    )
    found = Discovered.of(chosen, said)
    for url in (found.registration_endpoint, found.token_endpoint, found.jwks_uri):
        assert url is None or (len(url) <= URL_LIMIT and visible(url) == url)
    for words in (found.token_endpoint_auth_methods, found.grant_types):
        assert len(words) <= WORDS_LIMIT
        assert all(len(word) <= WORD_LIMIT and visible(word) == word for word in words)
