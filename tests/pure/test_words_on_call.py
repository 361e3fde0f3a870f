"""What somebody on call reads: what happened, whether it mends itself, and what else can be done."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest

from oauthclient_operator.errors import IssuerUnavailable, RequestRefused
from oauthclient_operator.exchange import NotSent, TLSFailure
from oauthclient_operator.names import PAUSED_ANNOTATION, Reason
from oauthclient_operator.plan.action import Wait
from oauthclient_operator.plan.pauses import of_error
from oauthclient_operator.plan.waits import merged
from oauthclient_operator.record.doubts import Doubts
from oauthclient_operator.record.replacements import ReplacementReason, WithoutEffect
from oauthclient_operator.verdict import deeds, issuers, renewing
from oauthclient_operator.verdict.cluster import cluster_failed
from oauthclient_operator.verdict.credentials_valid import refused
from oauthclient_operator.verdict.publishing import secret_expired
from oauthclient_operator.verdict.reaching import calls_failed, unsent
from oauthclient_operator.verdict.updating import management_lost, update_unsupported
from oauthclient_operator.verdict.verdict import Verdict
from tests.pure.plan.replacing import step
from tests.pure.record.key_records import FIRST
from tests.pure.record.replacements import promoted
from tests.pure.values import NOW, published, registered_record

ISSUER: Final = "https://issuer.example"
CLIENT: Final = published(registered_record())
ELSEWHERE: Final = replace(CLIENT, key=2, issuer="https://other.example")
EXPIRY: Final = (ReplacementReason.EXPIRY,)
QUOTA: Final = Verdict(reason=Reason.SECRET_NOT_PUBLISHABLE, message="the quota is spent", stalled=True)
BUSY: Final = Verdict(reason=Reason.ISSUER_UNAVAILABLE, message="it is busy")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        pytest.param(
            unsent(NotSent(cause="no route"), ISSUER), "; it is tried again by itself", id="nothing could be sent"
        ),
        pytest.param(
            of_error(IssuerUnavailable("HTTP 503")).verdict, "; it is tried again by itself", id="no metadata"
        ),
        pytest.param(
            cluster_failed(RequestRefused("PATCH secrets: 403")),
            "403; it is tried again by itself, within five minutes",
            id="the cluster",
        ),
        pytest.param(
            renewing.in_the_way(EXPIRY, CLIENT, QUOTA),
            "; it goes on by itself when that is put right; what is published stays meanwhile",
            id="a person",
        ),
        pytest.param(
            renewing.in_the_way(EXPIRY, CLIENT, BUSY),
            "; it goes on by itself; what is published stays meanwhile",
            id="it mends itself",
        ),
        pytest.param(
            management_lost(None, edited=False), "; it is tried again from time to time", id="a read was refused"
        ),
        pytest.param(
            management_lost(None, edited=True),
            "or set spec.policy.unmanageable to Reregister, and another client takes the edit and its place; the token "
            "is tried again from time to time",
            id="an edit was refused",
        ),
        pytest.param(
            management_lost(None, edited=True, reregisters=True),
            "; once it was refused three times over ten minutes another client takes its place, as "
            "spec.policy.unmanageable says",
            id="an edit was refused, and another client is to take it",
        ),
        pytest.param(
            update_unsupported(None, reregisters=False),
            "or set spec.policy.unmanageable to Reregister, and another client takes the edit and its place (another "
            "client_id); it is tried again from time to time",
            id="an edit that the server cannot take",
        ),
        pytest.param(
            refused(CLIENT, Doubts(count=3, first_at=NOW, last_at=NOW, configuration_refused=True), renewed=False),
            "; it is asked again from time to time",
            id="the client is gone",
        ),
    ],
)
def test_it_is_said_whether_it_mends_itself_and_what_else_would(said: Verdict, words: str) -> None:
    assert said.message.endswith(words)


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(unsent(NotSent(cause="no route"), ISSUER), id="a call"),
        pytest.param(unsent(NotSent(cause="it has expired", tls=TLSFailure.EXPIRED), ISSUER), id="TLS"),
        pytest.param(of_error(IssuerUnavailable("no complete response within 20 s"), ISSUER).verdict, id="discovery"),
    ],
)
def test_which_issuer_is_not_available_is_said(said: Verdict) -> None:
    assert f"issuer {ISSUER}" in said.message


@pytest.mark.parametrize(
    "obstacle",
    [
        pytest.param(of_error(IssuerUnavailable("HTTP 503"), ISSUER).verdict, id="it gives no answer"),
        pytest.param(calls_failed(f"calls to issuer {ISSUER} failed", NOW), id="it failed in a row"),
        pytest.param(issuers.not_ready("corporate", ["there is none"], published=True), id="it cannot be used"),
    ],
)
def test_what_stands_before_a_replacement_says_once_that_it_goes_on_by_itself(obstacle: Verdict) -> None:
    message = renewing.in_the_way(EXPIRY, CLIENT, obstacle).message
    assert message.count("by itself") + message.count("by themselves") == 1


def test_only_what_waits_for_a_person_is_stalled() -> None:
    assert management_lost(None, edited=True).stalled
    assert not management_lost(None, edited=True, reregisters=True).stalled
    assert update_unsupported(None, reregisters=False).stalled
    assert not update_unsupported(None, reregisters=True).stalled


def test_what_the_policy_says_already_is_not_advised() -> None:
    assert "undo the edit, or set spec.policy.unmanageable" in update_unsupported(None, reregisters=False).message
    assert update_unsupported(None, reregisters=True).message.endswith(
        "another client takes the edit and its place, as spec.policy.unmanageable says: see Renewing"
    )


def test_while_it_is_found_out_whether_a_client_is_gone_the_lost_token_says_so() -> None:
    assert "see CredentialsValid" in management_lost(None, edited=True, asked=True).message
    assert "see CredentialsValid" not in management_lost(None, edited=True).message


def test_what_a_server_refuses_is_not_said_to_be_good_while_it_leaves() -> None:
    record = promoted()
    assert record.pair is not None
    gone = replace(CLIENT, doubts=Doubts(count=3, first_at=NOW - timedelta(hours=1), last_at=NOW))
    leaving = renewing.leaving([(gone, record.pair, NOW)]).message
    assert "still good" not in leaving
    assert "does not accept what was published before any more" in leaving
    assert "Now pods have to have taken up the Secret" in leaving
    assert "still good" in renewing.leaving([(gone, record.pair, NOW), (CLIENT, record.pair, NOW)]).message
    note = deeds.promoted(ELSEWHERE, record.pair, gone, record.pair).note
    assert note.endswith("whose credentials its server does not accept any more")


def test_while_it_is_paused_nothing_is_said_to_end() -> None:
    record = promoted()
    assert record.pair is not None
    ends = "while this resource is paused nothing of it is ended"
    assert renewing.leaving([(CLIENT, record.pair, NOW)], paused=True).message.endswith(ends)
    assert ends not in renewing.leaving([(CLIENT, record.pair, NOW)]).message


def test_a_key_that_a_server_does_not_take_beside_another_has_a_way_out() -> None:
    said = renewing.without_effect((), replace(CLIENT, keys=(FIRST,)), WithoutEffect(times=1, at=NOW)).message
    assert "spec.rotation.strategy: Reregister" in said
    assert "Reregister" not in renewing.without_effect((), CLIENT, WithoutEffect(times=1, at=NOW)).message


def test_one_identifier_at_two_issuers_is_told_apart() -> None:
    record = promoted()
    assert record.pair is not None
    pair = record.pair
    leaving = renewing.leaving([(CLIENT, pair, NOW + timedelta(days=1))], ELSEWHERE).message
    assert 'client "c1" at https://issuer.example until' in leaving
    assert " at https" not in renewing.leaving([(CLIENT, pair, None)], CLIENT).message
    note = deeds.promoted(ELSEWHERE, pair, CLIENT, pair).note
    assert note.startswith(
        'client "c1" at https://other.example is published in the place of client "c1" at https://issu'
    )


def test_while_a_promoted_pair_waits_for_the_end_of_a_pause_the_secret_is_said_to_show_the_one_before() -> None:
    status: dict[str, Any] = {
        "observedGeneration": 1,
        "conditions": [
            {"type": "Ready", "status": "True", "reason": "Registered", "observedGeneration": 1, "message": ""}
        ],
    }
    action = step(promoted(), annotations={PAUSED_ANNOTATION: "true"}, status=status)
    assert isinstance(action, Wait)
    assert action.verdict.reason is Reason.PAUSED
    assert 'client "c2" is to be published, and the Secret may still show client "c1"' in action.verdict.message


@pytest.mark.parametrize(("obstacle", "stalled"), [(QUOTA, True), (BUSY, False)], ids=["a person", "it mends itself"])
def test_an_expired_secret_whose_renewal_waits_for_a_person_waits_for_one(obstacle: Verdict, stalled: bool) -> None:
    expired = Wait(verdict=secret_expired(CLIENT, renewed=True))
    found = merged(expired, Wait(verdict=obstacle), None, EXPIRY, elsewhere=False)
    assert (found.verdict.reason, found.verdict.stalled) == (Reason.SECRET_EXPIRED, stalled)
