"""Why the authorization server has to be told something."""

from dataclasses import replace
from typing import Any

import pytest

from oauthclient_operator.oauth.client_metadata import ClientMetadata
from oauthclient_operator.plan.reasons import is_update_due
from oauthclient_operator.record.calls import Asked, CallKind
from oauthclient_operator.record.clients import InStep, UpdateDue
from tests.pure.values import METADATA, metadata, published, registered_record

CLIENT = published(registered_record())
SAME, EDITED = metadata(), metadata(client_name="Web shop")
DIGEST = SAME.digest()


@pytest.mark.parametrize(
    ("changes", "desired", "due"),
    [
        pytest.param({}, SAME, False, id="what is desired is confirmed"),
        pytest.param({}, EDITED, True, id="the spec was edited"),
        pytest.param({"standing": UpdateDue()}, SAME, True, id="nobody knows what the server holds"),
        pytest.param({"standing": UpdateDue((4,))}, SAME, True, id="an update has no answer"),
        pytest.param({"standing": InStep()}, SAME, False, id="the server is in step"),
        pytest.param({"refused": frozenset({CallKind.UPDATE})}, SAME, True, id="the token was refused for an update"),
        pytest.param({"refused": frozenset({CallKind.DEREGISTER})}, SAME, False, id="it was refused for a deletion"),
        pytest.param({"confirmed": None}, SAME, True, id="nothing is confirmed"),
        pytest.param({"confirmed": Asked(DIGEST)}, SAME, False, id="the digest alone is known: it says enough"),
        pytest.param({"confirmed": Asked(DIGEST)}, EDITED, True, id="the digest alone is known, and is another"),
        pytest.param({"confirmed": Asked(DIGEST, {})}, SAME, False, id="of one version the digest counts, not values"),
        pytest.param(
            {"confirmed": Asked("v0:x", METADATA)}, SAME, False, id="another version: the values are the same"
        ),
        pytest.param({"confirmed": Asked("v0:x", METADATA)}, EDITED, True, id="another version: the values are others"),
        pytest.param({"confirmed": Asked("v0:x")}, SAME, True, id="another version, and the values are not known"),
        pytest.param({"kept": ("client_uri",)}, SAME, False, id="what a server keeps is named and not fought"),
    ],
)
def test_when_the_server_has_to_be_told(changes: dict[str, Any], desired: ClientMetadata, due: bool) -> None:
    assert is_update_due(replace(CLIENT, **changes), desired) is due


def test_an_answer_that_differs_from_the_request_is_no_reason() -> None:
    answered = published(registered_record(client_name="as the server likes it", scope="less"))
    assert not is_update_due(answered, SAME)
