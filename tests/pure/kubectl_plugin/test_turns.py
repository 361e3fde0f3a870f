"""Whose turn it is, of every reason that a status can give."""

from typing import Any

import pytest

from oauthclient_operator.kubectl_plugin import tables
from oauthclient_operator.kubectl_plugin.turns import Standing, Turn
from oauthclient_operator.names import Reason


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


@pytest.mark.parametrize("reason", Reason)
def test_what_waits_for_nobody_mends_itself(reason: Reason) -> None:
    assert Standing.of(resource("False", reason)).turn is Turn.OPERATOR
    assert Standing.of(resource("Unknown", reason)).turn is Turn.OPERATOR
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
