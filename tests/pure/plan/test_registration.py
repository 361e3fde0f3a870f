"""The ladder while no client is published; each row is a sentence about what is done next, and why."""

from typing import Any

import pytest

from oauthclient_operator import names
from oauthclient_operator.names import Reason
from oauthclient_operator.plan import plan
from oauthclient_operator.plan.action import (
    AddFinalizer,
    Discover,
    Gone,
    ReadInitialAccessToken,
    ReadRecord,
    Register,
    Rehearse,
    Wait,
)
from oauthclient_operator.plan.observed import Held, Limits, Missing, Observed, Problem
from oauthclient_operator.plan.registration import REHEARSED_VALUE
from oauthclient_operator.published_secret import KEYS_ANNOTATION, NewSecret
from oauthclient_operator.verdict.registering import crowded
from oauthclient_operator.verdict.verdict import Verdict
from tests.pure.plan.registering import IDP_TOKEN, LOST, TOKEN, attempted, ready
from tests.pure.records import metadata
from tests.pure.values import (
    METADATA,
    NOW,
    UID,
    desired,
    observed,
    resource,
    server,
)

FACTS = ("client_id", "client_secret", "issuer", "token_endpoint", "token_endpoint_auth_method")
DRY_RUN = NewSecret(
    namespace="shop",
    name="web",
    owner_name="web",
    owner_uid=UID,
    labels={names.MANAGED_BY_LABEL: names.OPERATOR},
    annotations={KEYS_ANNOTATION: ",".join(FACTS)},
    data=dict.fromkeys(FACTS, REHEARSED_VALUE),
)


@pytest.mark.parametrize(
    ("seen", "asks", "action"),
    [
        pytest.param(Observed(resource=None), {}, Gone(), id="a resource that is gone asks for nothing"),
        pytest.param(
            observed(crowded=True, resource=resource(finalizer=False)),
            {},
            Wait(verdict=crowded(1000), until=NOW + Limits().retry_slowly),
            id="a namespace with as many records as it may have: not even a finalizer",
        ),
        pytest.param(
            observed(resource=resource(finalizer=False)), {}, Discover(), id="the issuer's metadata come first"
        ),
        pytest.param(
            observed(server=server(), server_read_at=NOW),
            {"spec": TOKEN},
            ReadInitialAccessToken("idp-token"),
            id="then the initial access token",
        ),
        pytest.param(
            observed(server=server(), server_read_at=NOW, resource=resource(finalizer=False)),
            {},
            AddFinalizer(),
            id="then the finalizer, before anything else is written",
        ),
        pytest.param(
            observed(server=server(), server_read_at=NOW), {}, Rehearse(DRY_RUN), id="then a dry run of the Secret"
        ),
        pytest.param(ready(), {}, Register(metadata()), id="then the one POST"),
        pytest.param(
            ready(initial_access_token=IDP_TOKEN),
            {"spec": TOKEN},
            Register(metadata()),
            id="with the initial access token at hand too",
        ),
        pytest.param(
            observed(resource=resource(status={"clientID": "c1"})),
            {},
            ReadRecord(),
            id="a client in status makes the record be read",
        ),
        pytest.param(
            ready(record=Missing()),
            {},
            Register(metadata()),
            id="a record that was looked for and is not there is made by the claim",
        ),
    ],
)
def test_the_next_step_before_a_registration(seen: Observed, asks: dict[str, Any], action: object) -> None:
    assert plan(seen, desired(**asks), NOW) == action


@pytest.mark.parametrize(
    ("seen", "asks", "reason", "stalled"),
    [
        pytest.param(
            observed(),
            {"spec": {"clientMetadata": {**METADATA, "client_id": "mine"}}},
            Reason.INVALID_SPEC,
            True,
            id="nothing is begun for a spec that cannot be honoured",
        ),
        pytest.param(
            observed(resource=resource(status={"clientID": "c1"}), record=Missing()),
            {},
            Reason.RECORD_MISSING,
            True,
            id="a registered client without its record is reported and not touched",
        ),
        pytest.param(
            ready(server=Problem(Verdict(reason=Reason.ISSUER_MISMATCH, message="", stalled=True))),
            {},
            Reason.ISSUER_MISMATCH,
            True,
            id="metadata of another issuer stop everything",
        ),
        pytest.param(
            ready(rehearsed=Problem(Verdict(reason=Reason.SECRET_NOT_OWNED, message="", stalled=True))),
            {},
            Reason.SECRET_NOT_OWNED,
            True,
            id="a name that is taken is known before a client exists",
        ),
        pytest.param(
            ready(initial_access_token=Problem(Verdict(reason=Reason.INITIAL_ACCESS_TOKEN_MISSING, message=""))),
            {"spec": TOKEN},
            Reason.INITIAL_ACCESS_TOKEN_MISSING,
            False,
            id="a missing initial access token is waited for",
        ),
        pytest.param(
            ready(record=observed(attempted(LOST)).record),
            {"spec": {"policy": {"ambiguous": "Hold"}}},
            Reason.REGISTRATION_AMBIGUOUS,
            True,
            id="with Hold the first lost answer waits for a person",
        ),
        pytest.param(
            ready(record=observed(attempted(LOST, LOST, LOST)).record),
            {},
            Reason.REGISTRATION_AMBIGUOUS,
            True,
            id="with Retry the third lost answer waits for a person",
        ),
        pytest.param(
            ready(held=Held(Verdict(reason=Reason.ISSUER_UNAVAILABLE, message=""), NOW)),
            {},
            Reason.ISSUER_UNAVAILABLE,
            False,
            id="what failed a moment ago is not tried again at once",
        ),
    ],
)
def test_what_is_waited_for(seen: Observed, asks: dict[str, Any], reason: Reason, stalled: bool) -> None:
    action = plan(seen, desired(**asks), NOW)
    assert isinstance(action, Wait)
    assert (action.verdict.reason, action.verdict.stalled) == (reason, stalled)
