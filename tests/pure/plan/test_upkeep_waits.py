"""What a registered client waits for, in which words and until when, by what is observed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from oauthclient_operator.errors import Retry
from oauthclient_operator.names import PROVE_ANNOTATION, Reason
from oauthclient_operator.plan import pauses, plan
from oauthclient_operator.plan.action import (
    Wait,
)
from oauthclient_operator.plan.observed import Held, Limits, Missing, Problem
from oauthclient_operator.published_secret import Unkept
from oauthclient_operator.record.record import Record
from oauthclient_operator.verdict.verdict import Verdict
from tests.pure.plan.upkeep import CLIENT, EDIT, LATER, LOST, RECORD, REFUSED, UNKEPT, rejection, updated
from tests.pure.values import (
    NOW,
    desired,
    observed,
    registered_record,
    resource,
    secret,
)

ASKED = resource(annotations={PROVE_ANNOTATION: "now"})
UNREACHED = Problem(Verdict(reason=Reason.ISSUER_UNAVAILABLE, message="nobody is there"), Retry.BACKOFF)
BY_INTERVAL = Limits(proof_interval=timedelta(hours=1))
PAST = int(datetime(2025, 1, 1, tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("record", "values", "asks", "reason", "until"),
    [
        pytest.param(RECORD, {}, {}, Reason.REGISTERED, None, id="all is well"),
        pytest.param(
            RECORD,
            {"resource": ASKED, "server": UNREACHED},
            {},
            Reason.REGISTERED,
            NOW + pauses.CALLS.first / 2,
            id="a proof that a person asks for waits for the metadata",
        ),
        pytest.param(
            RECORD,
            {"resource": ASKED, "held_back": {CLIENT.issuer: Held(UNREACHED.verdict, LATER)}},
            {},
            Reason.REGISTERED,
            LATER,
            id="a proof that a person asks for waits for calls that are held back",
        ),
        pytest.param(
            RECORD,
            {"server": UNREACHED, "limits": BY_INTERVAL, "proven_at": NOW - timedelta(hours=1)},
            {},
            Reason.REGISTERED,
            NOW + BY_INTERVAL.retry_slowly,
            id="a proof by interval that cannot be had comes later",
        ),
        pytest.param(
            RECORD,
            {"secret": secret(RECORD, owners=())},
            {},
            Reason.SECRET_NOT_OWNED,
            NOW + pauses.CALLS.first / 2,
            id="a Secret without our owner reference is not ours, whatever its label",
        ),
        pytest.param(
            RECORD,
            {"secret": secret(RECORD, immutable=True, data={})},
            {},
            Reason.SECRET_NOT_PUBLISHABLE,
            None,
            id="an immutable Secret is a condition, not a loop",
        ),
        pytest.param(
            RECORD,
            {"secret": secret(RECORD, immutable=True)},
            EDIT,
            Reason.SECRET_NOT_PUBLISHABLE,
            None,
            id="no update whose answer an immutable Secret could not take",
        ),
        pytest.param(
            RECORD,
            {"secret": secret(RECORD, labels={}), "unkept": UNKEPT},
            {},
            Reason.REGISTERED,
            NOW + timedelta(minutes=15),
            id="a label by which the Secret is watched, and which did not stay, is looked for slowly",
        ),
        pytest.param(
            RECORD,
            {"secret": secret(RECORD, annotations={}), "heal_not_before": LATER},
            {},
            Reason.REGISTERED,
            LATER,
            id="annotations that somebody keeps changing are named, and looked at again after the pause",
        ),
        pytest.param(
            RECORD,
            {"secret": secret(RECORD, labels={}), "publication": REFUSED},
            {},
            Reason.SECRET_NOT_PUBLISHABLE,
            NOW + timedelta(minutes=15),
            id="a label that the API server refuses is a condition once nothing else is to be done",
        ),
        pytest.param(
            RECORD,
            {
                "secret": secret(RECORD, data={}),
                "unkept": Unkept(data=frozenset({"client_id"})),
                "held": Held(REFUSED.verdict, LATER),
            },
            {},
            Reason.SECRET_NOT_PUBLISHABLE,
            LATER,
            id="data that were stored otherwise a moment ago are not written again",
        ),
        pytest.param(
            RECORD,
            {"resource": resource(finalizer=False), "heal_not_before": LATER},
            {},
            Reason.CLUSTER_UNAVAILABLE,
            LATER,
            id="a finalizer that somebody else keeps taking off is said",
        ),
        pytest.param(
            RECORD,
            {"secret": Missing(), "heal_not_before": NOW + timedelta(seconds=9)},
            {},
            Reason.PENDING,
            NOW + timedelta(seconds=9),
            id="two controllers may disagree without a hot loop",
        ),
        pytest.param(
            RECORD,
            {"secret": Missing(), "publication": Problem(Verdict(reason=Reason.SECRET_NOT_PUBLISHABLE, message=""))},
            {},
            Reason.SECRET_NOT_PUBLISHABLE,
            None,
            id="a refused publication is reported",
        ),
        pytest.param(
            RECORD,
            {},
            {"spec": {"clientMetadata": {"client_id": "x"}}},
            Reason.INVALID_SPEC,
            None,
            id="a bad edit loses nothing",
        ),
        pytest.param(
            registered_record(registration_access_token=None, registration_client_uri=None),
            {},
            EDIT,
            Reason.UPDATE_UNSUPPORTED,
            None,
            id="without management an edit is reported",
        ),
        pytest.param(
            updated(RECORD, rejection(405, None)),
            {},
            EDIT,
            Reason.UPDATE_UNSUPPORTED,
            NOW + timedelta(minutes=15),
            id="M4: 405 is remembered, and asked again slowly",
        ),
        pytest.param(
            RECORD,
            {"unmanageable": frozenset({CLIENT.key})},
            EDIT,
            Reason.UPDATE_UNSUPPORTED,
            None,
            id="another origin is not called",
        ),
        pytest.param(
            updated(RECORD, rejection()),
            {},
            EDIT,
            Reason.UPDATE_REJECTED,
            NOW + timedelta(minutes=15),
            id="M13: a rejected edit waits for another, and is tried slowly",
        ),
        pytest.param(
            updated(RECORD, rejection()),
            {},
            {},
            Reason.REGISTERED,
            None,
            id="an edit back to what is confirmed sends nothing",
        ),
        pytest.param(
            updated(RECORD, rejection(401, "invalid_token")),
            {},
            EDIT,
            Reason.MANAGEMENT_LOST,
            NOW + timedelta(minutes=15),
            id="a refused token is management lost, and nothing is registered anew",
        ),
        pytest.param(
            updated(RECORD, LOST, LOST),
            {},
            EDIT,
            Reason.UPDATE_AMBIGUOUS,
            NOW + timedelta(minutes=15),
            id="two lost answers end the repetition",
        ),
        pytest.param(
            updated(RECORD, LOST, rejection()),
            {},
            EDIT,
            Reason.UPDATE_AMBIGUOUS,
            NOW + timedelta(minutes=15),
            id="a refusal says nothing about a lost update before it",
        ),
        pytest.param(
            registered_record(client_secret_expires_at=PAST),
            {},
            {},
            Reason.SECRET_EXPIRED,
            None,
            id="an expired secret is not ready",
        ),
        pytest.param(
            registered_record(client_secret=None),
            {},
            {},
            Reason.REGISTRATION_INSUFFICIENT,
            None,
            id="a registration that cannot be used is recorded and not published",
        ),
    ],
)
def test_what_a_registered_client_waits_for(
    record: Record, values: dict[str, Any], asks: dict[str, Any], reason: Reason, until: datetime | None
) -> None:
    action = plan(observed(record, **values), desired(**asks), NOW)
    assert isinstance(action, Wait)
    assert (action.verdict.reason, action.until) == (reason, until)
