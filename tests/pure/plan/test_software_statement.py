"""The ladder of a registration that sends a software statement: when it is read, and what a refusal of it waits for."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator.confidential import Confidential
from oauthclient_operator.names import Reason
from oauthclient_operator.plan import plan
from oauthclient_operator.plan.action import ReadInitialAccessToken, ReadSoftwareStatement, Register, Wait
from oauthclient_operator.plan.observed import Held, Problem, Unread
from oauthclient_operator.verdict.verdict import Verdict
from tests.pure.plan.registering import IDP_TOKEN, TOKEN, attempted, ready, rejection
from tests.pure.records import NOW, metadata
from tests.pure.values import desired, observed

STATEMENT = Confidential("e30.e30.c2ln")
NAMED: dict[str, Any] = {"softwareStatement": {"secretRef": {"name": "idp-statement"}}}
ASKS = desired(spec={"registration": NAMED})
BOTH = desired(spec={"registration": {**NAMED, **TOKEN["registration"]}})
MISSING = Problem(Verdict(reason=Reason.SOFTWARE_STATEMENT_MISSING, message="Secret idp-statement does not exist"))
UNAPPROVED = rejection(400, "unapproved_software_statement")


@pytest.mark.parametrize(
    ("seen", "asks", "action"),
    [
        pytest.param({}, ASKS, ReadSoftwareStatement("idp-statement"), id="it is read for the call"),
        pytest.param({}, BOTH, ReadInitialAccessToken("idp-token"), id="the token first"),
        pytest.param(
            {"initial_access_token": IDP_TOKEN}, BOTH, ReadSoftwareStatement("idp-statement"), id="and then it"
        ),
        pytest.param({"software_statement": STATEMENT}, BOTH, ReadInitialAccessToken("idp-token"), id="the token, too"),
        pytest.param(
            {"software_statement": STATEMENT}, ASKS, Register(metadata(), statement=STATEMENT), id="then it is sent"
        ),
        pytest.param(
            {"software_statement": STATEMENT}, desired(), Register(metadata()), id="none is sent where none is named"
        ),
    ],
)
def test_the_next_step(seen: dict[str, Any], asks: Any, action: object) -> None:
    assert plan(ready(**seen), asks, NOW) == action


def test_one_that_is_missing_is_waited_for() -> None:
    action = plan(ready(software_statement=MISSING), ASKS, NOW)
    assert isinstance(action, Wait)
    assert (action.verdict.reason, action.until, action.failed) == (Reason.SOFTWARE_STATEMENT_MISSING, None, MISSING)


def test_a_refusal_of_it_waits_for_another_version_of_its_secret_or_slowly() -> None:
    record = attempted(UNAPPROVED, statement="uid/1")
    seen = ready(record=observed(record).record, software_statement_version="uid/1", software_statement=STATEMENT)
    soon = record.closed[-1].at + timedelta(seconds=1)
    waits = plan(seen, ASKS, soon)
    assert isinstance(waits, Wait)
    assert (waits.verdict.reason, waits.verdict.stalled) == (Reason.REGISTRATION_REJECTED, True)
    assert waits.verdict.message == (
        "the authorization server does not accept the software statement (HTTP 400 unapproved_software_statement); put "
        "one that it approves into the Secret that spec.registration.softwareStatement names; it is tried again from "
        "time to time"
    )
    assert waits.until == record.closed[-1].at + seen.limits.retry_slowly
    assert isinstance(plan(replace(seen, software_statement_version="uid/2"), ASKS, soon), Register)
    assert isinstance(plan(seen, ASKS, waits.until), Register)
    # Without it the same request would be another one.
    assert isinstance(plan(seen, desired(), soon), Register)


def test_it_and_the_token_are_each_a_reason_to_ask_at_once() -> None:
    record = attempted(UNAPPROVED, statement="s/1", credential="t/1")
    seen = ready(
        record=observed(record).record,
        software_statement_version="s/1",
        software_statement=STATEMENT,
        initial_access_token_version="t/1",
        initial_access_token=IDP_TOKEN,
    )
    soon = record.closed[-1].at + timedelta(seconds=1)
    assert isinstance(plan(seen, BOTH, soon), Wait)
    assert isinstance(plan(replace(seen, software_statement_version="s/2"), BOTH, soon), Register)
    assert isinstance(plan(replace(seen, initial_access_token_version="t/2"), BOTH, soon), Register)


def test_where_no_watch_tells_both_are_looked_at_before_the_same_is_tried_again() -> None:
    record = attempted(UNAPPROVED, statement="s/1", credential="t/1")
    unread = ready(
        record=observed(record).record,
        software_statement_version=Unread(),
        initial_access_token_version=Unread(),
    )
    soon = record.closed[-1].at + timedelta(seconds=1)
    assert plan(unread, BOTH, soon) == ReadInitialAccessToken("idp-token")
    one = replace(unread, initial_access_token=IDP_TOKEN, initial_access_token_version="t/1")
    assert plan(one, BOTH, soon) == ReadSoftwareStatement("idp-statement")
    held = Held(Verdict(reason=Reason.ISSUER_UNAVAILABLE, message="no place"), soon + timedelta(seconds=5))
    assert isinstance(plan(replace(one, held=held), BOTH, soon), Wait), "no place: no look either"
    read = replace(one, software_statement=STATEMENT, software_statement_version="s/1")
    assert isinstance(plan(read, BOTH, soon), Wait)
    assert isinstance(plan(replace(read, software_statement_version="s/2"), BOTH, soon), Register)


def test_where_the_one_that_the_server_returned_is_refused_that_is_said() -> None:
    record = attempted(UNAPPROVED, returned=True)
    action = plan(ready(record=observed(record).record), ASKS, record.closed[-1].at + timedelta(seconds=1))
    assert isinstance(action, Wait)
    assert action.verdict.message == (
        "the authorization server no longer accepts the software statement that it returned with the client which is "
        "published (HTTP 400 unapproved_software_statement); put one that it approves into the Secret that "
        "spec.registration.softwareStatement names; it is tried again from time to time"
    )


def test_a_server_that_wants_one_and_got_none_is_told_so() -> None:
    record = attempted(rejection(400, "invalid_software_statement"))
    action = plan(ready(record=observed(record).record), desired(), record.closed[-1].at + timedelta(seconds=1))
    assert isinstance(action, Wait)
    assert action.verdict.message == (
        "the authorization server wants a software statement (HTTP 400 invalid_software_statement); put one into a "
        "Secret, and name that in spec.registration.softwareStatement; it is tried again from time to time"
    )
