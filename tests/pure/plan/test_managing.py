"""By what a client is managed, and what is to be had before a call that presents an access token."""

from dataclasses import replace
from typing import Any, Final

import pytest

from oauthclient_operator.confidential import Confidential
from oauthclient_operator.errors import Retry
from oauthclient_operator.names import Reason
from oauthclient_operator.plan.action import Action, Deregister, Discover, ObtainAccess, Read, Wait
from oauthclient_operator.plan.deregistration import can_be_called_for, deregistration, is_given_up, is_locked_out
from oauthclient_operator.plan.managing import way_of, with_access
from oauthclient_operator.plan.observed import Observed, Problem, Turned
from oauthclient_operator.reach import IssuerAddress, Reach
from oauthclient_operator.record.calls import CallKind
from oauthclient_operator.record.clients import Adopted, Client, NamedByStatus
from oauthclient_operator.record.management import Way
from oauthclient_operator.record.record import Record
from oauthclient_operator.resource.access import ServiceAccountToken, TokenUse
from oauthclient_operator.resource.dialect import Dialect, Management
from oauthclient_operator.resource.initial_access_token import InitialAccessToken
from oauthclient_operator.resource.terms import ByInitialAccessToken, IssuerResource, IssuerTerms, Open
from oauthclient_operator.verdict.verdict import Verdict
from tests.pure.record.schema2_management import ADMITTED_BY, BY_ACCESS, admitted
from tests.pure.record.steps import failed, of, refused
from tests.pure.values import ISSUER, NOW, observed, published, server

ACCESS: Final = ServiceAccountToken(use=TokenUse.BEARER)
RECORD: Final = admitted()
CLIENT: Final = published(RECORD)
TERMS: Final = IssuerTerms(
    issuer=ISSUER,
    access=ACCESS,
    resource=IssuerResource(name="corporate", uid=ADMITTED_BY, generation=1),
    dialect=Dialect(management=Management.ACCESS),
)
TOKEN: Final = InitialAccessToken(token=Confidential("access"))
DENIED: Final = Problem(Verdict(reason=Reason.ACCESS_DENIED, message="none"), Retry.SLOWLY)


def seen(terms: IssuerTerms | None = TERMS, record: Record = RECORD, **more: Any) -> Observed:
    address = None if terms is None else terms.address
    return replace(observed(record), terms=terms, address=address, **more)


def at(uri: str | None) -> Client:
    members = {**CLIENT.information.members, "registration_client_uri": uri}
    return replace(CLIENT, answer=replace(CLIENT.answer, information=type(CLIENT.information)(members)))


NEVER: Final = replace(TERMS, reach=Reach(owner=ADMITTED_BY, managed=False))
OTHER: Final = replace(TERMS, resource=IssuerResource(name="corporate", uid="another", generation=1))
TURNED: Final = Turned(terms=TERMS, verdict=DENIED.verdict)
KEY: Final = frozenset({CLIENT.key})


@pytest.mark.parametrize(
    ("observed", "client", "way"),
    [
        pytest.param(
            seen(newer_elsewhere=frozenset({CLIENT.key})), CLIENT, Way.TOKEN, id="another record has it since"
        ),
        pytest.param(seen(), CLIENT, Way.ACCESS, id="registered through it"),
        pytest.param(seen(None), CLIENT, Way.TOKEN, id="its terms are not to be honoured"),
        pytest.param(seen(replace(TERMS, dialect=Dialect())), CLIENT, Way.TOKEN, id="it does not say so"),
        pytest.param(seen(replace(TERMS, access=Open())), CLIENT, Way.TOKEN, id="registration is open"),
        pytest.param(seen(replace(TERMS, access=ByInitialAccessToken("t"))), CLIENT, Way.TOKEN, id="a token is given"),
        pytest.param(seen(replace(TERMS, issuer="https://b.example")), CLIENT, Way.TOKEN, id="of another issuer"),
        pytest.param(seen(OTHER), CLIENT, Way.TOKEN, id="through another resource of the same name"),
        pytest.param(seen(replace(TERMS, resource=None)), CLIENT, Way.TOKEN, id="through no resource"),
        pytest.param(seen(turned=TURNED), CLIENT, Way.TOKEN, id="another issuer is asked now"),
        pytest.param(seen(), replace(CLIENT, origin=Adopted(at=NOW, proven=True)), Way.TOKEN, id="handed over"),
        pytest.param(seen(), replace(CLIENT, origin=NamedByStatus(at=NOW)), Way.TOKEN, id="named by the status"),
        pytest.param(seen(), at(None), Way.TOKEN, id="no address"),
        pytest.param(seen(), at(f"{ISSUER}/register"), Way.TOKEN, id="an address that all share"),
        pytest.param(seen(), at(f"{ISSUER}/register/c2"), Way.TOKEN, id="another client's address"),
        pytest.param(seen(unmanageable=KEY), CLIENT, Way.OUT_OF_REACH, id="an address that is not to be called"),
        pytest.param(seen(NEVER), CLIENT, Way.NOTHING, id="clients are not managed there"),
        pytest.param(
            seen(None, RECORD.reached(IssuerAddress(ISSUER, NEVER.reach))), CLIENT, Way.NOTHING, id="nor were they"
        ),
    ],
)
def test_by_what_a_client_is_managed(observed: Observed, client: Client, way: Way) -> None:
    assert way_of(observed, client) is way


@pytest.mark.parametrize(
    ("more", "step"),
    [
        pytest.param({}, Discover(None), id="nothing is known of the issuer"),
        pytest.param({"server": server()}, ObtainAccess(ACCESS), id="there is no token"),
        pytest.param({"server": server(), "initial_access_token": TOKEN}, None, id="all is at hand"),
    ],
)
@pytest.mark.parametrize(
    "call", [Read(CLIENT, by_access=True), Deregister(CLIENT, by_access=True)], ids=["GET", "DELETE"]
)
def test_what_is_had_before_a_call(call: Action, more: dict[str, Any], step: Action | None) -> None:
    assert with_access(seen(**more), call, NOW) == (step or call)


@pytest.mark.parametrize("call", [Read(CLIENT), Deregister(CLIENT), Discover(None)], ids=["GET", "DELETE", "no call"])
def test_nothing_is_had_for_a_call_by_the_clients_own_token(call: Action) -> None:
    assert with_access(seen(), call, NOW) is call


FORBIDDEN: Final = failed(RECORD, CallKind.DEREGISTER, refused(403), **of(RECORD), **BY_ACCESS)
UNAUTHORIZED: Final = failed(RECORD, CallKind.DEREGISTER, refused(401), **of(RECORD), **BY_ACCESS)


def without_token(record: Record) -> Record:
    client = published(record)
    members = {k: v for k, v in client.information.members.items() if k != "registration_access_token"}
    information = type(client.information)(members)
    return record.with_client(replace(client, answer=replace(client.answer, information=information)))


def with_refused(record: Record) -> Record:
    return record.with_client(replace(published(record), refused=frozenset({CallKind.UPDATE, CallKind.DEREGISTER})))


@pytest.mark.parametrize(
    ("record", "found", "locked_out"),
    [
        pytest.param(RECORD, replace(DENIED, issuer=ISSUER), False, id="it has a token of its own"),
        pytest.param(without_token(RECORD), replace(DENIED, issuer=ISSUER), True, id="it has none"),
        pytest.param(with_refused(RECORD), replace(DENIED, issuer=ISSUER), True, id="it has one that was refused"),
        pytest.param(without_token(RECORD), DENIED, False, id="it was our own side that failed"),
        pytest.param(without_token(RECORD), TOKEN, False, id="a token is at hand"),
    ],
)
def test_when_nobody_is_let_in_to_end_a_client(record: Record, found: Any, locked_out: bool) -> None:
    assert is_locked_out(seen(record=record, initial_access_token=found), published(record)) is locked_out


@pytest.mark.parametrize(
    ("record", "more", "by_access"),
    [
        pytest.param(RECORD, {}, True, id="the first time"),
        pytest.param(UNAUTHORIZED, {}, True, id="with another token"),
        pytest.param(
            failed(UNAUTHORIZED, CallKind.DEREGISTER, refused(401), **of(UNAUTHORIZED), **BY_ACCESS),
            {},
            False,
            id="another one was not taken either",
        ),
        pytest.param(FORBIDDEN, {}, False, id="it may not delete"),
        pytest.param(RECORD, {"initial_access_token": DENIED}, False, id="no token is to be had"),
        pytest.param(RECORD, {"server": DENIED}, False, id="no token endpoint is known"),
        pytest.param(without_token(FORBIDDEN), {}, True, id="it has no token of its own"),
        pytest.param(with_refused(FORBIDDEN), {}, True, id="its own token was refused"),
    ],
)
def test_with_what_a_client_is_ended(record: Record, more: dict[str, Any], by_access: bool) -> None:
    step = deregistration(seen(record=record, **more), record, published(record), NOW)
    assert isinstance(step, Deregister)
    assert step.by_access is by_access
    assert can_be_called_for(seen(record=record), published(record))


def test_a_client_without_a_token_of_its_own_waits_for_access() -> None:
    record = without_token(RECORD)
    step = deregistration(seen(record=record, initial_access_token=DENIED), record, published(record), NOW)
    assert isinstance(step, Wait)
    assert step.verdict.reason is Reason.ACCESS_DENIED


def test_what_its_own_token_was_refused_ends_no_hope_of_access() -> None:
    record = with_refused(RECORD)
    assert is_given_up(record, published(record))
    assert not is_given_up(record, published(record), by_access=True)
