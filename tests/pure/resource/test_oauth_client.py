"""An OAuthClient as the API server has it."""

from typing import Any

import pytest

from oauthclient_operator import names
from oauthclient_operator.resource.oauth_client import OAuthClient
from oauthclient_operator.resource.status import Status
from tests.pure.values import METADATA, UID, body


def test_who_it_is_and_what_state_it_is_in() -> None:
    found = OAuthClient.parse(body(generation=3, annotations={names.RESOLVE_ANNOTATION: f"{UID}/2", "other": "x"}))
    assert (found.namespace, found.name, found.uid) == ("shop", "web", UID)
    assert (found.generation, found.resource_version) == (3, "7")
    assert found.finalizers == (names.FINALIZER,)
    assert found.resolve == f"{UID}/2"
    assert not found.deleting
    assert found.spec["clientMetadata"] == METADATA


def test_a_deletion_timestamp_means_that_it_goes() -> None:
    assert OAuthClient.parse(body(deleting=True)).deleting


def test_without_annotation_nothing_is_resolved() -> None:
    assert OAuthClient.parse(body()).resolve is None


def test_the_spec_is_in_no_repr() -> None:
    assert "redirect_uris" not in repr(OAuthClient.parse(body()))


@pytest.mark.parametrize("bare", [{}, {"metadata": None, "spec": None, "status": None}, {"metadata": [], "spec": "x"}])
def test_what_is_missing_is_empty(bare: dict[str, Any]) -> None:
    found = OAuthClient.parse(bare)
    assert (found.name, found.generation, found.finalizers, dict(found.spec)) == ("", 0, (), {})
    assert found.status == Status()
