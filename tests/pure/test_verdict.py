"""The sentences that say what stands in the way and who can do what about it."""

from typing import Any

import pytest

from oauthclient_operator.names import Reason
from oauthclient_operator.record.calls import CallKind, CallOutcome, ClosedCall, Said
from oauthclient_operator.status import project
from oauthclient_operator.verdict import obstacle, registered, rejected
from tests.pure.values import NOW, call, empty_record, published, registered_record, resource

GAVE_NOTHING = "the authorization server gave no usable registration_client_uri with registration_access_token"
CANNOT_BE_CALLED = "the registration_client_uri that the authorization server gave cannot be called"


def elsewhere(origin: str) -> str:
    return (
        f'its registration_client_uri is at "{origin}", another origin than the issuer\'s: if that is as it should be, '
        "the operator's administrator can set --allow-endpoint-origin"
    )


@pytest.mark.parametrize(
    ("members", "admitted", "said"),
    [
        pytest.param({}, True, None, id="nothing"),
        pytest.param({"registration_client_uri": None}, True, GAVE_NOTHING, id="no address"),
        pytest.param({"registration_access_token": None}, True, GAVE_NOTHING, id="no token"),
        pytest.param(
            {"registration_client_uri": "https://idp.internal:8443/reg/c1?x=y"},
            False,
            elsewhere("https://idp.internal:8443"),
            id="another origin",
        ),
        pytest.param(
            {"registration_client_uri": "https://user@idp.internal/reg"}, False, CANNOT_BE_CALLED, id="a user name"
        ),
        pytest.param({"registration_client_uri": "/reg/c1"}, False, CANNOT_BE_CALLED, id="a path"),
        pytest.param({"registration_client_uri": "https://[::1/reg"}, False, CANNOT_BE_CALLED, id="no URL"),
        pytest.param(
            {"registration_client_uri": 'https://idp.internal"\u202e/reg'},
            False,
            elsewhere("https://idp.internal'"),
            id="what would rewrite the line",
        ),
    ],
)
def test_why_a_client_can_be_neither_changed_nor_deregistered(
    members: dict[str, Any], admitted: bool, said: str | None
) -> None:
    record = registered_record(**members)
    assert obstacle(published(record), admitted=admitted) == said
    status = project(resource(), registered(published(record)), record, None, admitted=admitted, now=NOW)
    assert status.registration is not None
    assert status.registration.manageable is (said is None)
    (message,) = [c.message for c in status.conditions if c.type == "Registered"]
    assert message == 'client "c1" is registered' + (
        f", and can be neither changed nor deregistered: {said}" if said else ""
    )


@pytest.mark.parametrize(
    ("status", "bearer", "advice"),
    [
        pytest.param(401, None, "or let the server's administrator allow open registration", id="401, no token"),
        pytest.param(403, None, "or let the server's administrator allow open registration", id="403, no token"),
        pytest.param(401, "a token", "put a valid initial access token into the Secret", id="401, a token"),
        pytest.param(403, "a token", "does not suffice for what spec.clientMetadata asks", id="403, a token"),
    ],
)
def test_who_is_not_let_in_learns_what_can_be_changed(status: int, bearer: str | None, advice: str) -> None:
    refusal = Said(status=status, error="insufficient_scope", description="Policy 'Trusted Hosts' rejected request")
    made = call(empty_record(), CallKind.REGISTER, bearer=bearer)
    said = rejected(ClosedCall(call=made, outcome=CallOutcome.REJECTED, at=NOW, said=refusal))
    assert (said.reason, said.stalled) == (Reason.REGISTRATION_UNAUTHORIZED, True)
    assert f"""(HTTP {status} insufficient_scope: "Policy 'Trusted Hosts' rejected request")""" in said.message
    assert advice in said.message
