"""The ladder while a client is published; each row is a sentence about what is done next, and why."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from oauthclient_operator import names
from oauthclient_operator.names import Reason
from oauthclient_operator.oauth.outcome import Ambiguous, Rejected
from oauthclient_operator.plan import pauses, plan
from oauthclient_operator.plan.action import (
    Amend,
    Discover,
    Publish,
    ReadRecord,
    ReadResource,
    ReadSecret,
    Rehearse,
    RemoveSecret,
    Rest,
    Update,
    Wait,
)
from oauthclient_operator.plan.observed import Missing, Observed, Problem, Unread
from oauthclient_operator.plan.registration import REHEARSED_VALUE
from oauthclient_operator.published_secret import KEYS_ANNOTATION, Amendment, NewSecret
from oauthclient_operator.record.calls import CallKind
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.transitions import close, open_call
from oauthclient_operator.resource.desired import DeletionPolicy
from oauthclient_operator.verdict import Verdict
from tests.pure.values import (
    METADATA,
    NOW,
    UID,
    at_rest,
    call,
    desired,
    metadata,
    observed,
    published,
    registered_record,
    secret,
    server,
)

EDIT: dict[str, Any] = {"spec": {"clientMetadata": {**METADATA, "client_name": "Web shop"}}}
EDITED = metadata(client_name="Web shop")
LOST = Ambiguous(cause="timeout", salvage={})


def rejection(status: int = 400, error: str | None = "invalid_client_metadata") -> Rejected:
    return Rejected(status=status, error=error, description=None, retry_after=None)


def updated(record: Record, *outcomes: Any, at: datetime = NOW, **values: Any) -> Record:
    """Return the record after an update per outcome, each closed at once."""
    for outcome in outcomes:
        defaults = {"digest": EDITED.digest(), "metadata": EDITED.members}
        key = published(record).key
        record = open_call(record, call(record, CallKind.UPDATE, client=key, at=at, **{**defaults, **values}))
        assert record.open is not None
        record = close(record, record.open, outcome, at)
    return record


RECORD = registered_record()
CLIENT = published(RECORD)
MADE = NewSecret(
    namespace="shop",
    name="web",
    owner_name="web",
    owner_uid=UID,
    labels={names.MANAGED_BY_LABEL: names.OPERATOR},
    annotations={KEYS_ANNOTATION: "client_id,client_secret,issuer,token_endpoint,token_endpoint_auth_method"},
    data=secret(RECORD).data,
)
AMENDED = Amendment(namespace="shop", name="web", uid="secret-uid", resource_version="9")


@pytest.mark.parametrize(
    ("seen", "asks", "action"),
    [
        pytest.param(at_rest(RECORD), {}, Rest(), id="what is registered, published and reported rests"),
        pytest.param(
            replace(at_rest(RECORD), secret_metadata={}), {}, ReadRecord(), id="a Secret that is gone ends the rest"
        ),
        pytest.param(
            observed(RECORD, secret=Unread()), {}, ReadSecret("web"), id="the Secret is read before it is judged"
        ),
        pytest.param(observed(RECORD, secret=Missing()), {}, Publish(MADE, heal=False), id="a missing Secret is made"),
        pytest.param(
            observed(RECORD, secret=secret(RECORD, labels={})),
            {},
            Publish(replace(AMENDED, labels={names.MANAGED_BY_LABEL: names.OPERATOR}), heal=False),
            id="a stripped label is put back",
        ),
        pytest.param(
            observed(RECORD, secret=secret(RECORD, data={})),
            {},
            Publish(replace(AMENDED, data=secret(RECORD).data), heal=False),
            id="lost keys are put back",
        ),
        pytest.param(
            observed(RECORD),
            {"spec": {"secret": {"name": "other"}}},
            Amend(deletion=DeletionPolicy.DELETE, secret="other"),
            id="another Secret's name is written down before it is made",
        ),
        pytest.param(
            observed(replace(RECORD, secrets=("old", "web"))),
            {},
            ReadResource(),
            id="before the old Secret goes the resource is read live",
        ),
        pytest.param(
            observed(replace(RECORD, secrets=("old", "web")), live=True),
            {},
            RemoveSecret("old"),
            id="the old Secret goes when the new one is there",
        ),
        pytest.param(
            observed(RECORD),
            {"spec": {"policy": {"deletion": "Retain"}}},
            Amend(deletion=DeletionPolicy.RETAIN, secret=None),
            id="the record knows the deletion policy",
        ),
        pytest.param(observed(RECORD), EDIT, Discover(), id="an edit needs the issuer's metadata"),
        pytest.param(
            observed(RECORD, server=server(), server_read_at=NOW),
            EDIT,
            Rehearse(replace(AMENDED, data={"client_id": REHEARSED_VALUE})),
            id="then a dry run of the Secret's update",
        ),
        pytest.param(
            observed(RECORD, server=server(), server_read_at=NOW, rehearsed=True),
            EDIT,
            Update(CLIENT),
            id="then the one PUT",
        ),
    ],
)
def test_the_next_step_of_a_registered_client(seen: Observed, asks: dict[str, Any], action: object) -> None:
    assert plan(seen, desired(**asks), NOW) == action


PAST = int(datetime(2025, 1, 1, tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("record", "values", "asks", "reason", "until"),
    [
        pytest.param(RECORD, {}, {}, Reason.REGISTERED, None, id="all is well"),
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
