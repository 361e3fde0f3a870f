"""How long an access token is kept, and when another is asked for, as tables."""

from dataclasses import replace

import pytest

from oauthclient_operator.confidential import Confidential
from oauthclient_operator.errors import (
    AccessTokenRefused,
    ClientCredentialsMissing,
    EgressRefused,
    IssuerUnavailable,
    OperatorError,
    Unanswered,
)
from oauthclient_operator.issuer.access_token_life import (
    AccessToken,
    Held,
    ShownFor,
    State,
    Without,
    asked_for_now,
    kept_for,
    not_obtained,
    obtained,
    promised,
    refused,
    shown,
    taken,
)
from oauthclient_operator.oauth.client_metadata import ClientMetadata
from oauthclient_operator.plan.action import Deregister, Exchange, Register
from oauthclient_operator.reconcile.access import use_of
from tests.pure.values import published, registered_record

ASKED, CLIENT = ClientMetadata.confirmed({"client_name": "Web"}), published(registered_record())
FIRST, SECOND = (AccessToken(token=Confidential("a"), number=number) for number in (1, 2))
WHY = IssuerUnavailable("no answer")


@pytest.mark.parametrize(
    ("expires_in", "seconds"),
    [
        pytest.param(300, 240, id="until a minute before"),
        pytest.param(240, 180, id="a minute is a quarter of it"),
        pytest.param(60, 45, id="a short life loses a quarter"),
        pytest.param(4, 5, id="hardly any life: long enough to be used"),
        pytest.param(0, 5, id="none at all: the registration endpoint is to say so"),
        pytest.param(7 * 24 * 3600, 3600, id="a week: no longer than an hour"),
        pytest.param(2**53, 3600, id="for ever"),
        pytest.param(None, 60, id="nobody says"),
    ],
)
def test_a_token_is_kept_for(expires_in: int | None, seconds: float) -> None:
    assert kept_for(expires_in) == seconds


def test_it_is_as_old_as_the_request_for_it() -> None:
    assert obtained(None, FIRST, 300, 1000.0) == Held(token=FIRST, until=1240.0)


@pytest.mark.parametrize(
    ("before", "why", "pause"),
    [
        pytest.param(None, WHY, 5, id="no answer: soon"),
        pytest.param(Without(why=WHY, until=0, failures=1), WHY, 10, id="no answer once more: later"),
        pytest.param(Without(why=WHY, until=0, failures=10**6), WHY, 300, id="no answer for ever: five minutes"),
        pytest.param(None, IssuerUnavailable("no", retry_after=90), 90, id="the server asks to wait"),
        pytest.param(None, IssuerUnavailable("no", retry_after=1), 5, id="a server shortens no pause"),
        pytest.param(None, Unanswered("no"), 5, id="no answer of the API server"),
        pytest.param(None, Unanswered("no", retry_after=20), 20, id="the API server asks to wait"),
        pytest.param(None, AccessTokenRefused("no"), 60, id="a refusal: slowly"),
        pytest.param(None, EgressRefused("no"), 60, id="the door does not let it out: slowly"),
        pytest.param(None, ClientCredentialsMissing("no"), 60, id="the Secret is of no use: another version asks anew"),
        pytest.param(
            Without(why=WHY, until=0, failures=30), AccessTokenRefused("no"), 3600, id="refused for long: each hour"
        ),
        pytest.param(Held(token=FIRST, until=0), WHY, 5, id="where there was one, it is the first failure"),
    ],
)
def test_after_a_failure_the_pause_is(before: State | None, why: OperatorError, pause: float) -> None:
    found = not_obtained(before, why, 999.0, 1000.0, chance=1.0)
    assert (found.until, found.why, found.begun) == (1000.0 + pause, why, 999.0)


def test_what_failed_together_does_not_come_back_together() -> None:
    assert [not_obtained(None, WHY, 0.0, 0.0, chance=chance).until for chance in (0.0, 0.5, 1.0)] == [2.5, 3.75, 5.0]


def test_a_token_that_is_refused_is_replaced_at_once_and_the_next_one_after_pauses() -> None:
    state: State | None = obtained(None, FIRST, 300, 0.0)
    pauses = []
    for number in range(1, 5):
        token = AccessToken(token=Confidential("a"), number=number)
        state = refused(obtained(state, token, 300, 0.0), token, 0.0, chance=1.0)
        assert isinstance(state, Without)
        assert isinstance(state.why, AccessTokenRefused)
        pauses.append(state.until)
    assert pauses == [0.0, 60.0, 120.0, 240.0]


@pytest.mark.parametrize("use", [ShownFor.STATED_REGISTRATION, ShownFor.CLIENT])
def test_what_may_be_about_what_a_tenant_made_costs_a_token_seldom_and_keeps_nobody_waiting(use: ShownFor) -> None:
    first = refused(obtained(None, FIRST, 300, 0.0), FIRST, 10.0, 1.0, use)
    assert isinstance(first, Without)
    assert (first.until, first.refused) == (10.0, 0), "another is obtained at once, and nothing is counted"
    held = obtained(first, SECOND, 300, 11.0)
    spared = refused(held, SECOND, 69.0, 1.0, use)
    assert spared == replace(held, until=70.0, spared=True), "it is used until that minute is over"
    third = obtained(spared, AccessToken(token=Confidential("a"), number=3), 300, 71.0)
    assert (third.doubted, third.spared) == (71.0, False), "it was thrown away then: the next minute begins"
    assert isinstance(refused(held, SECOND, 70.0, 1.0, use), Without)
    assert isinstance(refused(held, SECOND, 12.0, 1.0), Without), "a registration that shows nothing else is believed"


@pytest.mark.parametrize(
    "state",
    [None, Held(token=SECOND, until=9.0, refused=1), Without(why=WHY, until=9.0)],
    ids=["nothing is known", "another one is held", "there is none"],
)
def test_a_late_word_about_another_token_says_nothing(state: State | None) -> None:
    assert refused(state, FIRST, 0.0, 1.0) is state
    assert taken(state, FIRST) is state


def test_one_that_is_taken_ends_the_row_of_those_that_were_not() -> None:
    assert taken(Held(token=FIRST, until=9.0, refused=3), FIRST) == Held(token=FIRST, until=9.0)
    fine = Held(token=FIRST, until=9.0)
    assert taken(fine, FIRST) is fine


DENIED = Without(why=WHY, until=1600.0, begun=1000.0, failures=5)
ASKED_BEFORE = replace(DENIED, asked=1010.0)
SOON_ANYWAY = replace(ASKED_BEFORE, until=1015.0)
HELD = Held(token=FIRST, until=9000.0)


@pytest.mark.parametrize(
    ("state", "word_at", "now", "then", "wait"),
    [
        pytest.param(DENIED, 1001.0, 1001.0, replace(DENIED, until=1001.0, asked=1001.0, failures=4), 0, id="at once"),
        pytest.param(DENIED, 1000.0, 1001.0, DENIED, 0, id="the try began after the word: it was made for it"),
        pytest.param(ASKED_BEFORE, 1011.0, 1012.0, ASKED_BEFORE, 28, id="others' words had one made a moment ago"),
        pytest.param(
            ASKED_BEFORE,
            1011.0,
            1040.0,
            replace(DENIED, until=1040.0, asked=1040.0, failures=4),
            0,
            id="then it is made",
        ),
        pytest.param(SOON_ANYWAY, 1011.0, 1012.0, SOON_ANYWAY, 3, id="one is due before that"),
        pytest.param(DENIED, 1500.0, 1600.0, DENIED, 0, id="when it is asked for anyway"),
        pytest.param(HELD, 1030.0, 1030.0, HELD, 0, id="there is one"),
        pytest.param(None, 1030.0, 1030.0, None, 0, id="nothing is known"),
    ],
)
def test_a_persons_word_shortens_a_pause_and_lengthens_no_other(
    state: State | None, word_at: float, now: float, then: State | None, wait: float
) -> None:
    assert asked_for_now(state, word_at, now) == (then, wait)
    if then != state:
        again = not_obtained(then, WHY, now, now, 1.0)
        assert (again.failures, again.asked) == (DENIED.failures, now)


def test_the_last_word_is_not_forgotten_where_a_token_came_and_was_refused() -> None:
    state: State | None = ASKED_BEFORE
    for number in (3, 4):
        token = AccessToken(token=Confidential("a"), number=number)
        state = refused(obtained(state, token, 300, 1020.0), token, 1021.0, chance=1.0)
    assert asked_for_now(state, 1022.0, 1022.0) == (state, 18.0)
    assert asked_for_now(state, 1022.0, 1040.0)[1] == 0.0


def holding(used: int = 0, *callers: str) -> Held:
    return Held(token=FIRST, until=240, used=used, promised=frozenset(callers))


@pytest.mark.parametrize(
    ("before", "uses", "after"),
    [
        pytest.param(holding(), None, holding(), id="any number: nobody counts"),
        pytest.param(holding(), 1, holding(0, "web"), id="the only one"),
        pytest.param(holding(0, "web"), 1, holding(0, "web"), id="it has it already"),
        pytest.param(holding(0, "app"), 1, None, id="it is another's"),
        pytest.param(holding(1, "app"), 3, holding(1, "app", "web"), id="the last of three"),
        pytest.param(holding(1, "app", "api"), 3, None, id="one used and two promised"),
        pytest.param(holding(3), 3, None, id="all used"),
    ],
)
def test_a_token_is_promised_to_no_more_than_it_is_good_for(before: Held, uses: int | None, after: Held | None) -> None:
    assert promised(before, "web", uses) == after


@pytest.mark.parametrize(
    ("before", "uses", "after"),
    [
        pytest.param(holding(), None, holding(), id="any number"),
        pytest.param(holding(0, "web"), 1, None, id="the only one"),
        pytest.param(holding(0, "web", "app"), 2, holding(1, "app"), id="the other one is still promised"),
        pytest.param(holding(1, "web"), 2, None, id="the last"),
        # A caller's promise was lost with what is kept: it may have been shown all the same.
        pytest.param(holding(0), 2, holding(1), id="by one that it was not promised to"),
    ],
)
def test_what_may_have_been_shown_is_used(before: Held, uses: int | None, after: Held | None) -> None:
    assert shown(before, "web", uses) == after


@pytest.mark.parametrize(
    ("call", "use"),
    [
        pytest.param(Register(ASKED), ShownFor.REGISTRATION, id="a registration"),
        pytest.param(Register(ASKED, statement=FIRST.token), ShownFor.STATED_REGISTRATION, id="with a statement"),
        pytest.param(Deregister(CLIENT, by_access=True), ShownFor.CLIENT, id="managing one client"),
        pytest.param(Deregister(CLIENT), None, id="by the client's own token"),
    ],
)
def test_what_a_call_shows_a_token_for(call: Exchange, use: ShownFor | None) -> None:
    assert use_of(call) is use
