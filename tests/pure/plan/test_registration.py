"""The ladder while no client is published; each row is a sentence about what is done next, and why."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator import names
from oauthclient_operator.confidential import Confidential
from oauthclient_operator.exchange import NotSent
from oauthclient_operator.names import Reason
from oauthclient_operator.oauth.outcome import Ambiguous, Rejected
from oauthclient_operator.plan import plan
from oauthclient_operator.plan.action import (
    Abandon,
    AddFinalizer,
    Discover,
    Gone,
    ReadInitialAccessToken,
    ReadRecord,
    Register,
    Rehearse,
    Settle,
    Wait,
)
from oauthclient_operator.plan.observed import Held, Limits, Missing, Observed, Problem, Unread
from oauthclient_operator.plan.registration import REHEARSED_VALUE
from oauthclient_operator.published_secret import KEYS_ANNOTATION, NewSecret
from oauthclient_operator.record.calls import CallKind
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.transitions import close, open_call
from oauthclient_operator.resource.initial_access_token import InitialAccessToken
from oauthclient_operator.verdict import Verdict, crowded
from tests.pure.values import (
    METADATA,
    NOW,
    TIMEOUT,
    UID,
    call,
    desired,
    empty_record,
    metadata,
    observed,
    resource,
    server,
)

TOKEN = {"registration": {"initialAccessToken": {"secretRef": {"name": "idp-token"}}}}
IDP_TOKEN = InitialAccessToken(token=Confidential("a-token"))
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


def attempted(*outcomes: Any, record: Record | None = None, **values: Any) -> Record:
    """Return a record with an attempt per outcome, each closed at its deadline."""
    record = record or empty_record()
    for number, outcome in enumerate(outcomes):
        at = NOW - timedelta(hours=1) + number * timedelta(minutes=5)
        record = open_call(record, call(record, CallKind.REGISTER, at=at, **values))
        assert record.open is not None
        record = close(record, record.open, outcome, at + TIMEOUT)
    return record


LOST = Ambiguous(cause="timeout", salvage={})


def rejection(status: int = 400, error: str | None = "invalid_client_metadata", **values: Any) -> Rejected:
    return Rejected(status=status, error=error, **{"description": None, "retry_after": None, **values})


def ready(**values: Any) -> Observed:
    """Return everything that has to be so before the POST."""
    return observed(
        values.pop("record", None), **{"server": server(), "server_read_at": NOW, "rehearsed": True, **values}
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
        pytest.param(observed(resource=resource(finalizer=False)), {}, AddFinalizer(), id="the finalizer comes first"),
        pytest.param(observed(), {}, Discover(), id="then the issuer's metadata"),
        pytest.param(
            observed(server=server(), server_read_at=NOW),
            {"spec": TOKEN},
            ReadInitialAccessToken("idp-token"),
            id="then the initial access token",
        ),
        pytest.param(
            observed(server=server(), server_read_at=NOW), {}, Rehearse(DRY_RUN), id="then a dry run of the Secret"
        ),
        pytest.param(ready(), {}, Register(), id="then the one POST"),
        pytest.param(
            ready(initial_access_token=IDP_TOKEN),
            {"spec": TOKEN},
            Register(),
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
            Register(),
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


def test_a_lost_answer_is_followed_by_another_attempt_after_its_deadline_and_a_fresh_discovery() -> None:
    record = attempted(LOST)
    suspect = record.suspects[0]
    early = plan(ready(record=observed(record).record), desired(), suspect.until + timedelta(seconds=4))
    assert isinstance(early, Wait)
    assert early.until is not None
    assert early.until > suspect.until + timedelta(seconds=5)
    stale = ready(record=observed(record).record, server_read_at=suspect.until)
    assert plan(stale, desired(), early.until) == Discover(suspect.until)
    assert plan(ready(record=observed(record).record), desired(), early.until) == Register()


def test_a_person_settles_the_newest_suspect_and_no_other() -> None:
    record = observed(attempted(LOST, LOST, LOST)).record
    for number, action in ((3, Settle(3)), (2, None), (4, None)):
        annotated = resource(annotations={"oauth-operator.dev/resolve": f"{UID}/{number}"})
        found = plan(ready(record=record, resource=annotated), desired(), NOW)
        assert found == action if action else isinstance(found, Wait)
    other = resource(annotations={"oauth-operator.dev/resolve": "another-uid/3"})
    assert isinstance(plan(ready(record=record, resource=other), desired(), NOW), Wait)


@pytest.mark.parametrize(
    ("outcome", "after", "waits"),
    [
        (rejection(), timedelta(minutes=14), True),
        (rejection(), timedelta(minutes=16), False),
        (rejection(401, "invalid_token"), timedelta(minutes=14), True),
        (rejection(retry_after=3000.0), timedelta(minutes=49), True),
        (rejection(429, None, retry_after=60.0), timedelta(seconds=59), True),
        (rejection(429, None, retry_after=60.0), timedelta(seconds=61), False),
        (NotSent(cause="connection refused"), timedelta(), False),
        (rejection(400, "use_dpop_nonce"), timedelta(minutes=14), True),
    ],
)
def test_how_long_a_refusal_is_waited_for(outcome: Any, after: timedelta, waits: bool) -> None:
    record = attempted(outcome)
    closed = record.closed[-1].at
    action = plan(ready(record=observed(record).record), desired(), closed + after)
    assert isinstance(action, Wait) is waits


def test_a_refusal_is_forgotten_when_the_spec_or_the_token_changes() -> None:
    record = attempted(rejection(401, "invalid_token"), credential="uid/1")
    seen = ready(record=observed(record).record, initial_access_token_version="uid/1", initial_access_token=IDP_TOKEN)
    soon = record.closed[-1].at + timedelta(seconds=1)
    assert isinstance(plan(seen, desired(spec=TOKEN), soon), Wait)
    assert plan(replace(seen, initial_access_token_version="uid/2"), desired(spec=TOKEN), soon) == Register()
    edited = desired(spec={**TOKEN, "clientMetadata": dict(metadata(client_name="other").members)})
    assert plan(seen, edited, soon) == Register()
    # The endpoint that the spec names is another one than the one that refused.
    same, other = (
        desired(spec={**TOKEN, "discovery": {"registrationEndpoint": url}})
        for url in (record.closed[-1].call.endpoint, f"{record.closed[-1].call.endpoint}/v2")
    )
    assert isinstance(plan(seen, same, soon), Wait)
    assert plan(seen, other, soon) == Register()


def test_where_no_watch_tells_the_token_is_looked_at_before_it_is_tried_again() -> None:
    record = attempted(rejection(401, "invalid_token"), credential="uid/1")
    unread = ready(record=observed(record).record, initial_access_token_version=Unread())
    soon = record.closed[-1].at + timedelta(seconds=1)
    assert plan(unread, desired(spec=TOKEN), soon) == ReadInitialAccessToken("idp-token")
    held = Held(Verdict(reason=Reason.ISSUER_UNAVAILABLE, message="no place"), soon + timedelta(seconds=5))
    assert isinstance(plan(replace(unread, held=held), desired(spec=TOKEN), soon), Wait), "no place: no look either"
    read = replace(unread, initial_access_token=IDP_TOKEN, initial_access_token_version="uid/1")
    assert isinstance(plan(read, desired(spec=TOKEN), soon), Wait)
    assert plan(replace(read, initial_access_token_version="uid/2"), desired(spec=TOKEN), soon) == Register()


def test_a_missing_registration_endpoint_is_looked_up_afresh_and_then_waited_for() -> None:
    record = attempted(rejection(404, None))
    closed = record.closed[-1].at
    stale = ready(record=observed(record).record, server_read_at=closed)
    soon = closed + timedelta(seconds=2)
    assert plan(stale, desired(), soon) == Discover(closed)
    assert isinstance(plan(ready(record=observed(record).record), desired(), soon), Wait)
    moved = server(registration_endpoint="https://issuer.example/other")
    assert plan(ready(record=observed(record).record, server=moved), desired(), soon) == Register()


def test_an_open_call_is_left_alone_until_its_deadline_and_then_given_up() -> None:
    record = open_call(empty_record(), call(empty_record(), CallKind.REGISTER))
    assert record.open is not None
    early = plan(observed(record), desired(), NOW + TIMEOUT)
    assert isinstance(early, Wait)
    assert early.until == NOW + TIMEOUT + timedelta(seconds=5)
    assert plan(observed(record), desired(), early.until) == Abandon(record.open)


def test_the_same_attempt_goes_on_after_a_refusal_and_the_next_begins_after_a_lost_answer() -> None:
    record = attempted(rejection(), NotSent(cause="no route"), LOST, rejection())
    assert [(a.number, a.suspect) for a in record.attempts] == [(1, True), (2, False)]
