"""Whose turn it is, of every reason that a status can give."""

import json
from typing import Any

import pytest

from oauthclient_operator.cluster.failures import failure
from oauthclient_operator.cluster.target import secret
from oauthclient_operator.errors import QuotaUsedUp
from oauthclient_operator.exchange import TLSFailure
from oauthclient_operator.kubectl_plugin import tables
from oauthclient_operator.kubectl_plugin.turns import Standing, Turn
from oauthclient_operator.names import Reason
from oauthclient_operator.plan.refusals import of_publication
from oauthclient_operator.verdict.publishing import immutable, owner_rewritten
from oauthclient_operator.verdict.reaching import not_secured
from oauthclient_operator.verdict.verdict import WAITS_FOR_PERSON, Verdict

SAID = 'secrets is forbidden: User "operator" cannot create resource "secrets" in API group "" in the namespace "shop"'
FORBIDDEN = json.dumps({"kind": "Status", "status": "Failure", "reason": "Forbidden", "message": SAID}).encode()
NO_RIGHTS = failure("POST", secret("shop"), 403, FORBIDDEN, of_operator=True)


def resource(
    status: str, reason: str, message: str = "", *, stalled: bool = False, seen: int = 1, name: str = "web"
) -> dict[str, Any]:
    conditions = [{"type": "Ready", "status": status, "reason": reason, "message": message}]
    if stalled:
        conditions.append({"type": "Stalled", "status": "True", "reason": reason, "message": "see Ready"})
    return {
        "metadata": {"namespace": "shop", "name": name, "generation": 1},
        "status": {"observedGeneration": seen, "conditions": conditions, "secret": {"name": "web"}, "clientID": "c-1"},
    }


PERSONS: dict[Turn, set[Reason]] = {
    Turn.PLATFORM: {
        Reason.ISSUER_NOT_ALLOWED,
        Reason.ISSUER_NOT_READY,
        Reason.NOT_ALLOWED_BY_ISSUER,
        Reason.ACCESS_DENIED,
        Reason.RECORD_MISSING,
        Reason.RECORD_OUTDATED,
        Reason.CLUSTER_UNAVAILABLE,
    },
    Turn.SERVER: {
        Reason.ISSUER_UNAVAILABLE,
        Reason.DISCOVERY_FAILED,
        Reason.REGISTRATION_NOT_SUPPORTED,
        Reason.NOT_UNDERSTOOD,
        Reason.MANAGEMENT_LOST,
        Reason.CREDENTIALS_REFUSED,
        Reason.CLIENT_GONE,
    },
}


@pytest.mark.parametrize("reason", Reason)
def test_what_waits_for_a_person_says_for_whom(reason: Reason) -> None:
    expected = next((turn for turn, reasons in PERSONS.items() if reason in reasons), Turn.TEAM)
    assert Standing.of(resource("False", reason, stalled=True)).turn is expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param(not_secured("c", TLSFailure.UNTRUSTED), Turn.PLATFORM, id="an authority that nobody told of"),
        pytest.param(not_secured("c", TLSFailure.EXPIRED), Turn.SERVER, id="a certificate that has expired"),
        pytest.param(of_publication(NO_RIGHTS, "web", None).verdict, Turn.PLATFORM, id="no right on Secrets"),
        pytest.param(of_publication(QuotaUsedUp("full"), "web", None).verdict, Turn.TEAM, id="a namespace's quota"),
        pytest.param(owner_rewritten("web"), Turn.PLATFORM, id="a mutating policy of the cluster"),
        pytest.param(immutable("web"), Turn.TEAM, id="an immutable Secret"),
    ],
)
def test_of_a_reason_with_several_causes_the_message_says_whose_turn_it_is(said: Verdict, expected: Turn) -> None:
    assert Standing.of(resource("False", said.reason, said.message, stalled=said.stalled)).turn is expected


@pytest.mark.parametrize("reason", [Reason.REGISTRATION_UNAUTHORIZED, Reason.INITIAL_ACCESS_TOKEN_MISSING])
def test_who_refers_to_an_issuer_resource_does_not_mend_how_the_operator_is_let_in(reason: Reason) -> None:
    body = resource("False", reason, stalled=True)
    assert Standing.of(body).turn is Turn.TEAM
    body["spec"] = {"issuerRef": {"kind": "ClusterOAuthIssuer", "name": "corporate"}}
    assert Standing.of(body).turn is Turn.PLATFORM


@pytest.mark.parametrize("reason", Reason)
def test_what_waits_for_nobody_mends_itself(reason: Reason) -> None:
    expected = {Reason.PAUSED: Turn.TEAM, Reason.ISSUER_NOT_READY: Turn.PLATFORM}.get(reason, Turn.OPERATOR)
    assert Standing.of(resource("False", reason)).turn is expected
    assert Standing.of(resource("Unknown", reason)).turn is expected
    assert Standing.of(resource("True", reason)).turn is Turn.NOBODY


def test_a_renewal_that_fails_is_said_although_what_is_published_works() -> None:
    body = resource("True", "Registered", "registered")
    failed = {"type": "Renewing", "reason": "RenewalFailed", "message": "the server refuses it", "status": "False"}
    body["status"]["conditions"].append(failed)
    standing = Standing.of(body)
    assert (standing.turn, standing.to_dict()["renewal"]) == (Turn.OPERATOR, "the server refuses it")
    assert tables.standings([standing], all_namespaces=False).endswith("\n\nweb: the server refuses it")
    assert tables.one(standing).endswith("\n\nregistered\n\nthe server refuses it")
    failed["status"] = "True"
    assert (Standing.of(body).turn, Standing.of(body).to_dict()["renewal"]) == (Turn.NOBODY, None)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        pytest.param("the server is busy; it goes on by itself", Turn.OPERATOR, id="it mends itself"),
        pytest.param(f"the token is refused; {WAITS_FOR_PERSON}", Turn.TEAM, id="a person"),
        pytest.param(
            "put another token into the Secret that spec.access.initialAccessToken of ClusterOAuthIssuer corporate "
            f"names; {WAITS_FOR_PERSON}",
            Turn.PLATFORM,
            id="whoever describes its issuer",
        ),
        pytest.param("that cannot be done yet: see Paused", Turn.TEAM, id="who paused it"),
    ],
)
def test_whose_turn_a_renewal_is_that_cannot_be_done(message: str, expected: Turn) -> None:
    body = resource("True", "Registered", "registered")
    failed = {"type": "Renewing", "reason": "RenewalFailed", "message": message, "status": "False"}
    body["status"]["conditions"].append(failed)
    assert Standing.of(body).turn is expected
    if WAITS_FOR_PERSON in message:
        ready = body["status"]["conditions"][0]
        ready |= {"status": "False", "reason": "SecretExpired", "message": "it has expired: see Renewing"}
        body["status"]["conditions"].append({"type": "Stalled", "status": "True"})
        assert Standing.of(body).turn is expected


def test_what_was_said_of_another_generation_says_nothing_of_this_one() -> None:
    standing = Standing.of(resource("True", "Registered", seen=0))
    assert (standing.ready, standing.reason, standing.turn) == ("Unknown", "Pending", Turn.OPERATOR)
    assert standing.message == "the operator has not come to it yet"


def test_a_resource_that_nobody_came_to_yet() -> None:
    standing = Standing.of({"metadata": {"namespace": "shop", "name": "web", "generation": 1}})
    assert (standing.ready, standing.turn, standing.secret) == ("Unknown", Turn.OPERATOR, "")


def test_a_table_names_each_and_says_why_those_are_not_ready() -> None:
    found = [
        Standing.of(resource("True", "Registered", "registered", name="api")),
        Standing.of(resource("False", "InvalidSpec", "spec.issuer: say another", stalled=True)),
    ]
    assert tables.standings(found, all_namespaces=False) == (
        "NAME    READY    REASON       WHOSE TURN    SECRET\n"
        "api     True     Registered   nobody        web\n"
        "web     False    InvalidSpec  your team     web\n"
        "\n"
        "web: spec.issuer: say another"
    )
    assert "shop         api" in tables.standings(found, all_namespaces=True)
    assert tables.standings(found, all_namespaces=True).endswith("shop/web: spec.issuer: say another")


def test_a_name_that_is_a_number_stays_what_it_is_and_control_characters_reach_no_terminal() -> None:
    found = [Standing.of(resource("True", "Registered", name="1e3")), Standing.of(resource("True", "\x1b[2J"))]
    table = tables.standings(found, all_namespaces=False)
    assert "\n1e3 " in table
    assert "\x1b" not in table
