"""What an adoption writes, and what is refused before anything is written, as the operator would."""

from typing import Any, Final

import pytest

from oauthclient_operator import names
from oauthclient_operator.confidential import Confidential
from oauthclient_operator.errors import ClientInformationUnusable
from oauthclient_operator.kubectl_plugin import adopting
from oauthclient_operator.kubectl_plugin.adopting import Given
from oauthclient_operator.oauth.jose import private_pem
from oauthclient_operator.oauth.json_object import JSON
from oauthclient_operator.resource.client_information_secret import manifest
from oauthclient_operator.resource.oauth_client import OAuthClient
from tests.pure.record.key_records import FIRST

IDP: Final = "https://idp.example.com"
URI: Final = f"{IDP}/reg/c-1"
TOKEN: Final = Confidential("a-token")
WHOLE: Final = Given(
    client_id="c-1",
    client_secret=Confidential("a-secret"),
    registration_access_token=TOKEN,
    registration_client_uri=URI,
)


def resource(reason: str = "", *, spec: dict[str, Any] | None = None, **status: Any) -> OAuthClient:
    conditions: list[JSON] = [{"type": "Ready", "status": "False", "reason": reason, "message": "m"}] if reason else []
    return OAuthClient.parse(
        {
            "metadata": {"namespace": "shop", "name": "web", "uid": "u-1", "generation": 1},
            "spec": {"issuer": IDP, **(spec or {})},
            "status": {"observedGeneration": 1, "conditions": conditions, **status},
        }
    )


def published(reason: str, *, manageable: bool = True, client_id: str = "c-0", issuer: str = IDP) -> OAuthClient:
    registration = {"registeredAt": "2026-01-01T00:00:00Z", "manageable": manageable}
    return resource(reason, clientID=client_id, registration=registration, issuer={"url": issuer})


def test_the_secret_is_the_one_that_the_operator_reads() -> None:
    client = adopting.handed(WHOLE, IDP, "web-client", resource())
    assert client.manageable
    secret = manifest("shop", "web-client", IDP, client.information, client.key)
    assert secret["type"] == names.CLIENT_INFORMATION_TYPE
    assert secret["stringData"] == {
        "issuer": IDP,
        "client_id": "c-1",
        "client_secret": "a-secret",
        "registration_access_token": "a-token",
        "registration_client_uri": URI,
    }


def test_of_a_key_its_name_is_found_out() -> None:
    given = Given(client_id="c-1", private_key=private_pem(FIRST.key))
    asks = {"privateKey": {}, "clientMetadata": {"token_endpoint_auth_method": "private_key_jwt"}}
    for to in (resource(spec=asks), None):
        client = adopting.handed(given, IDP, "web-client", to)
        assert client.key is not None
        assert client.key.thumbprint == FIRST.key.thumbprint


@pytest.mark.parametrize(
    ("given", "words"),
    [
        pytest.param(Given(client_id=""), "has no key client_id", id="nobody"),
        pytest.param(
            Given(client_id="c", registration_access_token=TOKEN),
            "no registration_client_uri",
            id="a token for nowhere",
        ),
        pytest.param(
            Given(client_id="c", registration_access_token=Confidential("a token"), registration_client_uri=URI),
            "holds no usable token",
            id="no token",
        ),
        pytest.param(Given(client_id="c", client_secret_expires_at="soon"), "neither seconds", id="no time"),
        pytest.param(Given(client_id="c", private_key=private_pem(FIRST.key)), "spec has no privateKey", id="a key"),
    ],
)
def test_what_the_operator_would_not_read_is_refused_in_its_words(given: Given, words: str) -> None:
    with pytest.raises(ClientInformationUnusable, match=words) as refused:
        adopting.handed(given, IDP, "web-client", resource())
    assert "a-token" not in str(refused.value)


def test_a_key_that_is_none_is_refused_without_being_shown() -> None:
    given = Given(client_id="c-1", private_key=Confidential("-----BEGIN a-secret"))
    with pytest.raises(ClientInformationUnusable, match="private_key cannot be used") as refused:
        adopting.handed(given, IDP, "web-client", None)
    assert "a-secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("to", "secret", "words"),
    [
        pytest.param(resource(), "web-client", None, id="nothing is registered"),
        pytest.param(resource("AdoptionFailed"), "web-client", None, id="another Secret was tried"),
        pytest.param(resource(), "web", "is the one that is published", id="its own Secret"),
        pytest.param(resource(spec={"secret": {"name": "x"}}), "x", "is the one that is published", id="by its name"),
        pytest.param(published("Registered", client_id="c-1"), "s", "nothing to adopt", id="the same client"),
        pytest.param(published("Registered"), "s", "taken up only where that is not so", id="another one"),
        pytest.param(published("ManagementLost"), "s", None, id="management is lost"),
        pytest.param(published("UpdateUnsupported"), "s", None, id="it takes no update"),
        pytest.param(published("Registered", manageable=False), "s", None, id="it cannot be managed"),
        pytest.param(published("Registered", issuer="https://before.example.com"), "s", None, id="it moves"),
        pytest.param(published("RecordMissing"), "s", "only that one can be adopted", id="the last copy of another"),
        pytest.param(published("RecordOutdated", client_id="c-1"), "s", None, id="the last copy"),
    ],
)
def test_what_the_operator_would_not_look_at_is_refused(to: OAuthClient, secret: str, words: str | None) -> None:
    found = adopting.objection(to, secret, "c-1", IDP)
    assert found is None if words is None else words in str(found)


def test_a_last_copy_is_not_replaced_by_what_nobody_can_prove() -> None:
    unproven = adopting.handed(Given(client_id="c-1"), IDP, "s", None)
    assert "newer than those that are published" in str(adopting.unproven(published("RecordMissing"), "s", unproven))
    assert adopting.unproven(published("ManagementLost"), "s", unproven) is None
    assert adopting.unproven(published("RecordMissing"), "s", adopting.handed(WHOLE, IDP, "s", None)) is None


def test_what_another_oauth_client_has_is_not_taken_from_it() -> None:
    other = published("Registered", client_id="c-1")
    assert "OAuthClient web has client" in str(adopting.holder("c-1", IDP, [other], "worker"))
    assert adopting.holder("c-1", IDP, [other], "web") is None
    assert adopting.holder("c-1", "https://another.example.com", [other], "worker") is None
    assert adopting.holder("c-2", IDP, [other], "worker") is None


def test_what_is_worth_knowing_beforehand_is_said() -> None:
    whole = adopting.handed(WHOLE, IDP, "s", None)
    assert [*adopting.remarks(whole, None)] == []
    (deleted,) = adopting.remarks(whole, resource())
    assert "is deregistered when web is deleted" in deleted
    assert [*adopting.remarks(whole, resource(spec={"policy": {"deletion": "Retain"}}))] == []
    (as_it_is,) = adopting.remarks(adopting.handed(Given(client_id="c"), IDP, "s", None), resource())
    assert "published as it is" in as_it_is
    elsewhere = Given(
        client_id="c", registration_access_token=TOKEN, registration_client_uri="https://other.example.com/reg/c"
    )
    (origin,) = adopting.remarks(adopting.handed(elsewhere, IDP, "s", None), None)
    assert "--allow-endpoint-origin" in origin


def test_the_patch_is_of_that_very_resource_and_has_it_tried_at_once() -> None:
    assert adopting.patch(resource(), "web-client", "now") == {
        "metadata": {"uid": "u-1", "annotations": {names.RETRY_ANNOTATION: "now"}},
        "spec": {"adopt": {"secretRef": {"name": "web-client"}}},
    }
