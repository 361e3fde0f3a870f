"""When a client is read at its server: what comes before it, and what keeps it waiting."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator import names
from oauthclient_operator.errors import Retry
from oauthclient_operator.exchange import NotSent
from oauthclient_operator.names import Reason
from oauthclient_operator.plan import plan
from oauthclient_operator.plan.action import Action, Publish, Read, Rehearse, Rest, Serve, Update, Wait
from oauthclient_operator.plan.observed import Held, Limits, Observed, Problem
from oauthclient_operator.record.calls import CallKind
from oauthclient_operator.record.clients import UpdateDue
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.transitions import serve
from oauthclient_operator.verdict.verdict import Verdict
from tests.pure.plan.upkeep import EDIT, LOST, RECORD, rejection, updated
from tests.pure.record.steps import answered, failed, of
from tests.pure.values import NOW, at_rest, desired, observed, published, resource, secret, server

ASKED = resource(annotations={names.REFRESH_ANNOTATION: "now"}, status={"secret": {"name": "web", "uid": "secret-uid"}})
SLOWLY = Limits().retry_slowly
LATER = NOW + timedelta(minutes=5)
BROKEN = Problem(Verdict(reason=Reason.SECRET_NOT_PUBLISHABLE, message="no quota", stalled=True), Retry.SLOWLY)


def seen(record: Record = RECORD, **values: Any) -> Observed:
    """Return what is observed of a resource whose annotation asks for a read, with all at hand."""
    ready = {"server": server(), "server_read_at": NOW, "rehearsed": True}
    return observed(record, **{"resource": ASKED, **ready, **values})


def after(*outcomes: Any, record: Record = RECORD, **values: Any) -> Record:
    """Return the record after a read per outcome, each served by its annotation."""
    for outcome in outcomes:
        record = failed(serve(record, refresh=ASKED.refresh), CallKind.READ, outcome, **of(record), **values)
    return record


def waits(action: Action) -> Wait:
    assert isinstance(action, Wait)
    return action


def test_a_read_comes_after_a_dry_run_of_the_secret_and_needs_no_metadata_of_the_issuer() -> None:
    asked = observed(RECORD, resource=ASKED)
    assert isinstance(plan(asked, desired(), NOW), Rehearse)
    assert plan(replace(asked, rehearsed=True), desired(), NOW) == Read(published(RECORD))


@pytest.mark.parametrize(
    ("given", "spec", "first"),
    [
        pytest.param(seen(secret=secret(RECORD, data={})), {}, Publish, id="the Secret is put right"),
        pytest.param(seen(), EDIT, Update, id="an edit is brought to the server"),
        pytest.param(
            seen(RECORD.with_client(replace(published(RECORD), standing=UpdateDue()))), {}, Update, id="what is due"
        ),
    ],
)
def test_before_a_read(given: Observed, spec: dict[str, Any], first: type) -> None:
    assert isinstance(plan(given, desired(**spec), NOW), first)


@pytest.mark.parametrize(
    ("record", "spec"),
    [
        pytest.param(updated(RECORD, rejection()), EDIT, id="an edit that was refused"),
        pytest.param(updated(RECORD, LOST, LOST), EDIT, id="updates that were lost"),
        pytest.param(updated(RECORD, rejection(401, "invalid_token")), EDIT, id="a token that was refused"),
        pytest.param(RECORD, {"spec": {"clientMetadata": {"redirect_uris": "x"}}}, id="a spec that cannot be honoured"),
    ],
)
def test_what_waits_hides_no_read(record: Record, spec: dict[str, Any]) -> None:
    assert plan(seen(record), desired(**spec), NOW) == Read(published(record))


@pytest.mark.parametrize("served", [True, False])
def test_only_a_value_that_was_not_served_asks(served: bool) -> None:
    record = serve(RECORD, refresh=ASKED.refresh) if served else RECORD
    assert isinstance(plan(seen(record), desired(), NOW), Wait if served else Read)
    assert isinstance(plan(seen(record, resource=resource()), desired(), NOW), Wait), "absent never asks"


@pytest.mark.parametrize("served", [True, False])
def test_metadata_alone_tell_whether_a_value_was_served(served: bool) -> None:
    record = serve(RECORD, refresh=ASKED.refresh) if served else RECORD
    rest = at_rest(record)
    assert rest.resource is not None
    known: Any = rest.resource
    asking = replace(rest, resource=replace(known, refresh=ASKED.refresh))
    assert isinstance(plan(asking, desired(), NOW), Rest) is served


@pytest.mark.parametrize(
    "record",
    [after(LOST), after(NotSent(cause="no route")), after(rejection(429, None))],
    ids=["lost", "not sent", "asked to wait"],
)
def test_a_read_that_goes_on_is_not_at_rest_after_a_restart(record: Record) -> None:
    known: Any = at_rest(record).resource
    asking = replace(at_rest(record), resource=replace(known, refresh=ASKED.refresh))
    assert not isinstance(plan(asking, desired(), NOW), Rest)


@pytest.mark.parametrize(
    ("record", "repeats"),
    [(after(LOST), True), (after(NotSent(cause="no route")), False)],
    ids=["its answer was lost", "it was not sent"],
)
def test_a_read_goes_on(record: Record, repeats: bool) -> None:
    assert plan(seen(record), desired(), NOW) == Read(published(record), repeats=repeats)


def test_a_new_value_is_no_repetition() -> None:
    record = replace(after(LOST), refresh="older")
    assert plan(seen(record), desired(), NOW) == Read(published(record))


@pytest.mark.parametrize(
    ("record", "said"),
    [
        pytest.param(after(rejection(403, "insufficient_scope")), "was refused (HTTP 403", id="refused"),
        pytest.param(after(rejection(405, None)), "nothing that the authorization server does", id="not supported"),
        pytest.param(after(LOST, record=after(LOST), repeats=True), "may be out of date", id="lost twice"),
    ],
)
def test_a_read_that_failed_is_named_and_not_made_again(record: Record, said: str) -> None:
    wait = waits(plan(seen(record), desired(), NOW + timedelta(days=1)))
    assert (wait.verdict.reason, wait.until) == (Reason.REGISTERED, None)
    assert said in wait.verdict.message
    answer = answered(record, CallKind.UPDATE, {**of(record)})
    assert said not in waits(plan(seen(answer), desired(), NOW)).verdict.message, "the server answered something since"


@pytest.mark.parametrize(
    ("given", "until", "said"),
    [
        pytest.param(
            seen(held=Held(Verdict(reason=Reason.ISSUER_UNAVAILABLE, message="the issuer is away"), LATER)),
            LATER,
            "the issuer is away",
            id="the issuer failed a moment ago",
        ),
        pytest.param(seen(rehearsed=BROKEN), NOW + SLOWLY, "no quota", id="the dry run failed"),
        pytest.param(seen(secret=secret(RECORD, immutable=True)), None, "immutable", id="the Secret is immutable"),
    ],
)
def test_what_keeps_a_read_waiting_leaves_the_resource_ready(given: Observed, until: Any, said: str) -> None:
    wait = waits(plan(given, desired(), NOW))
    assert wait.verdict.reason is Reason.REGISTERED
    assert (
        f"a read of the client (the annotation {names.REFRESH_ANNOTATION} asks for one) waits" in wait.verdict.message
    )
    assert said in wait.verdict.message
    assert wait.until == until


def test_a_server_that_asks_to_wait_leaves_the_resource_ready() -> None:
    record = failed(RECORD, CallKind.READ, rejection(429, None), **of(RECORD))
    wait = waits(plan(seen(record), desired(), record.closed[-1].at))
    assert wait.verdict.reason is Reason.REGISTERED
    assert (
        f"a read of the client (the annotation {names.REFRESH_ANNOTATION} asks for one) waits" in wait.verdict.message
    )
    assert "asks to wait" in wait.verdict.message


def test_a_dry_run_that_failed_is_counted_and_held() -> None:
    assert waits(plan(seen(rehearsed=BROKEN), desired(), NOW)).failed == BROKEN


def test_a_client_that_cannot_be_managed_is_not_read_and_the_request_is_served() -> None:
    step = plan(seen(unmanageable=frozenset({1})), desired(), NOW)
    assert isinstance(step, Serve)
    assert (step.refresh, step.retry) == (ASKED.refresh, None)
    assert step.why is not None


def test_after_a_refused_read_no_update_is_sent_before_its_time_but_for_an_edit() -> None:
    record = after(rejection(401, "invalid_token"))
    closed = record.closed[-1].at
    wait = waits(plan(seen(record), desired(), closed))
    assert (wait.verdict.reason, wait.until) == (Reason.MANAGEMENT_LOST, closed + SLOWLY)
    assert isinstance(plan(seen(record), desired(), closed + SLOWLY), Update)
    assert isinstance(plan(seen(record), desired(**EDIT), closed), Update)
