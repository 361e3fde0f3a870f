"""What `kubectl apply` says of keys that the operator makes: which algorithms, and that they go with one method alone."""

from typing import Any

import pytest

from oauthclient_operator.oauth.signing_algorithm import SigningAlgorithm
from tests.cluster.admission.manifests import complaints, oauth_client
from tests.parts.kubectl import Kubectl

SERVICE: dict[str, Any] = {"grant_types": ["client_credentials"], "token_endpoint_auth_method": "private_key_jwt"}
KEYS = {"keys": [{"kty": "EC", "crv": "P-256", "x": "AQ", "y": "AQ"}]}
NOT_SO = (
    "spec.privateKey: Forbidden: privateKey goes with token_endpoint_auth_method private_key_jwt in clientMetadata, and "
    "without jwks, jwks_uri and signed_jwks_uri there"
)


@pytest.mark.parametrize("key", [{}, *({"algorithm": word.value} for word in SigningAlgorithm)], ids=str)
def test_a_key_is_asked_for_by_its_algorithm_or_by_nothing_more(admin: Kubectl, room: str, key: dict[str, str]) -> None:
    admin.apply(oauth_client(room, members=SERVICE, privateKey=key), "--dry-run=server")


@pytest.mark.parametrize(
    "members",
    [
        pytest.param({"grant_types": ["client_credentials"]}, id="no method"),
        pytest.param(SERVICE | {"token_endpoint_auth_method": "client_secret_basic"}, id="another method"),
        pytest.param(SERVICE | {"jwks": KEYS}, id="keys beside it"),
        pytest.param(SERVICE | {"jwks_uri": "https://shop.example.com/jwks"}, id="keys elsewhere"),
        pytest.param(SERVICE | {"signed_jwks_uri": "https://shop.example.com/jwks"}, id="signed keys elsewhere"),
    ],
)
def test_a_key_is_refused_where_it_could_not_be_the_clients(admin: Kubectl, room: str, members: dict[str, Any]) -> None:
    assert complaints(admin, oauth_client(room, members=members, privateKey={})) == [NOT_SO]


def test_an_algorithm_that_no_key_is_made_for_is_refused(admin: Kubectl, room: str) -> None:
    (said, *_) = complaints(admin, oauth_client(room, members=SERVICE, privateKey={"algorithm": "HS256"}))
    assert said.startswith("spec.privateKey.algorithm: Unsupported value")


@pytest.mark.parametrize(
    "strategy", [{}, {"strategy": "Auto"}, {"strategy": "Keys"}, {"strategy": "Reregister"}], ids=str
)
def test_keys_are_rotated_by_the_calendar_without_more_being_said(
    admin: Kubectl, room: str, strategy: dict[str, str]
) -> None:
    rotation = {"interval": "720h", **strategy}
    admin.apply(oauth_client(room, members=SERVICE, privateKey={}, rotation=rotation), "--dry-run=server")


def test_by_keys_is_for_keys_that_the_operator_makes(admin: Kubectl, room: str) -> None:
    (said,) = complaints(admin, oauth_client(room, rotation={"strategy": "Keys"}))
    assert said.startswith("spec.rotation.strategy: Forbidden: Keys is for keys that the operator makes")


@pytest.mark.parametrize("key", [{}, {"members": SERVICE, "privateKey": {}}], ids=["a secret", "a key"])
def test_one_client_is_kept_by_name(admin: Kubectl, room: str, key: dict[str, Any]) -> None:
    admin.apply(oauth_client(room, rotation={"strategy": "Server"}, **key), "--dry-run=server")


def test_no_calendar_brings_a_secret_of_the_same_client(admin: Kubectl, room: str) -> None:
    (said,) = complaints(admin, oauth_client(room, rotation={"strategy": "Server", "interval": "720h"}))
    assert said.startswith("spec.rotation.strategy: Required value: write strategy: Reregister beside interval")


def test_a_key_may_come_and_go_with_the_method(admin: Kubectl, room: str) -> None:
    admin.apply(oauth_client(room, "coming"))
    admin.apply(oauth_client(room, "coming", members=SERVICE, privateKey={}))
    admin.apply(oauth_client(room, "coming"))
    assert "privateKey" not in admin.json("get", "oauthclient", "coming", "-n", room)["spec"]
