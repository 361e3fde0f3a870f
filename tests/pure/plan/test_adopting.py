"""An adoption, one step at a time: what is observed, what the record says, what is handed over, and what is done."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest

from oauthclient_operator.names import RESOLVE_ANNOTATION, Reason
from oauthclient_operator.plan import pauses, plan
from oauthclient_operator.plan.action import (
    Action,
    AddFinalizer,
    Discover,
    FindHolders,
    Offer,
    Read,
    ReadClientInformation,
    ReadSecret,
    RefuseAdoption,
    Rehearse,
    TakeUp,
    TakeUpUnproven,
    Wait,
)
from oauthclient_operator.plan.observed import Held, Missing, Problem, Unread
from oauthclient_operator.record.adopting import refuse
from oauthclient_operator.record.adoptions import Proven
from oauthclient_operator.record.calls import Call, CallKind
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.transitions import close, open_call
from oauthclient_operator.verdict.verdict import Verdict
from tests.pure.plan.adopting import ADOPT, AGAIN, BROKEN, FREE, GONE, OTHER, OWNED, SLOWLY, said, step, without_record
from tests.pure.record.adoptions import (
    UNMANAGED,
    client_offered,
    failed,
    handed,
    key_of,
    not_taken,
    offered,
    proven,
    taken,
)
from tests.pure.record.steps import LOST, refused
from tests.pure.values import (
    ISSUER,
    NOW,
    UID,
    call,
    desired,
    empty_record,
    metadata,
    registered_record,
    resource,
    secret,
    server,
)

# Before anything is written down.


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param({"handed_over": Unread()}, ReadClientInformation("web-client"), id="the Secret is read"),
        pytest.param({"secret": Unread()}, ReadSecret("web"), id="the Secret to publish is looked at"),
        pytest.param({"server": Unread()}, Discover(None), id="the issuer's endpoints are published with the client"),
        pytest.param({"finalizer": False}, AddFinalizer(), id="a deletion must not pass unseen"),
        pytest.param({}, Offer(handed(), server().endpoints), id="it is written down before it is read"),
        pytest.param(
            {"held_by_other": Unread()}, Offer(handed(), server().endpoints), id="of others the watches say nothing yet"
        ),
        pytest.param(
            {"handed_over": UNMANAGED, "held_by_other_live": Unread()},
            FindHolders(UNMANAGED.issuer, UNMANAGED.information),
            id="without a token it is looked for, live, who has it",
        ),
        pytest.param(
            {"handed_over": UNMANAGED},
            TakeUpUnproven(UNMANAGED, metadata(), server().endpoints, 1),
            id="and then it is published as it is",
        ),
        pytest.param(
            {"handed_over": UNMANAGED, "secret": OWNED},
            TakeUpUnproven(UNMANAGED, metadata(), server().endpoints, 2),
            id="as a later edition than what is shown",
        ),
    ],
)
def test_the_way_to_the_read(given: dict[str, Any], expected: Action) -> None:
    assert step(**given) == expected


def test_the_dry_run_comes_before_a_read_that_may_bring_another_secret() -> None:
    assert isinstance(step(rehearsed=False), Rehearse)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        pytest.param({"handed_over": GONE}, "does not exist", id="there is no such Secret"),
        pytest.param({"held_by_other": True}, "belongs to another OAuthClient", id="another has it, by the watches"),
        pytest.param(
            {"handed_over": UNMANAGED, "held_by_other_live": True},
            "belongs to another OAuthClient",
            id="another has it, live",
        ),
    ],
)
def test_it_fails_and_no_registration_follows(given: dict[str, Any], words: str) -> None:
    message = said(step(**given))
    assert words in message
    assert message.endswith("no other client is registered while spec.adopt is there")


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        pytest.param({"spec": {"policy": {"gone": "?"}}}, Reason.INVALID_SPEC, id="the spec is invalid"),
        pytest.param({"spec": {"secret": {"name": "No"}}}, Reason.INVALID_SPEC, id="it could not be published"),
        pytest.param(
            {"secret": secret(registered_record(), owners=())}, Reason.SECRET_NOT_OWNED, id="the name is taken"
        ),
        pytest.param(
            {"secret": secret(registered_record(), immutable=True)},
            Reason.SECRET_NOT_PUBLISHABLE,
            id="the Secret is immutable",
        ),
        pytest.param({"server": BROKEN}, Reason.DISCOVERY_FAILED, id="the issuer cannot be reached"),
        pytest.param({"held": Held(BROKEN.verdict)}, Reason.DISCOVERY_FAILED, id="it failed a moment ago"),
        pytest.param(
            {"held_back": {ISSUER: Held(BROKEN.verdict)}},
            Reason.DISCOVERY_FAILED,
            id="calls to the issuer fail in a row",
        ),
        pytest.param({"crowded": True}, Reason.PENDING, id="the namespace is full"),
        pytest.param({"finalizer_problem": True}, Reason.CLUSTER_UNAVAILABLE, id="the finalizer does not stay"),
        pytest.param({"rehearsed": BROKEN}, Reason.DISCOVERY_FAILED, id="the dry run was refused"),
    ],
)
def test_what_stands_before_it(given: dict[str, Any], reason: Reason) -> None:
    if given.pop("finalizer_problem", False):
        problem = Problem(Verdict(reason=Reason.CLUSTER_UNAVAILABLE, message="taken off"))
        seen = replace(
            without_record(**{"resource": resource(spec=ADOPT), "handed_over": handed(), **FREE}), finalizer=problem
        )
        action = plan(replace(seen, secret=Missing()), desired(spec=ADOPT), NOW)
    else:
        action = step(**given)
    assert isinstance(action, Wait)
    assert action.verdict.reason is reason


def test_a_record_without_room_is_not_read_into() -> None:
    full = replace(empty_record(), unknown={"later": "x" * (800 * 1024)})
    action = step(full)
    assert isinstance(action, Wait)
    assert (action.verdict.reason, action.until) == (Reason.CLUSTER_UNAVAILABLE, SLOWLY)


# Its read, and what came of it.


@pytest.mark.parametrize(
    ("record", "given", "repeats"),
    [
        pytest.param(offered(), {}, False, id="it is read"),
        pytest.param(offered(), {"crowded": True}, False, id="its record is there, however full the namespace is"),
        pytest.param(failed(offered()), {}, True, id="a lost answer is asked for once more at once"),
        pytest.param(failed(failed(offered())), {"now": NOW + timedelta(minutes=15)}, True, id="and then slowly"),
        pytest.param(failed(failed(offered())), AGAIN, True, id="or when a person asks"),
        pytest.param(failed(offered(), refused(429)), AGAIN, False, id="429, and a person asks"),
    ],
)
def test_it_is_read(record: Record, given: dict[str, Any], repeats: bool) -> None:
    action = step(record, **given)
    assert action == Read(client_offered(record), repeats=repeats, adopts=True)


@pytest.mark.parametrize(
    ("record", "given", "words", "until"),
    [
        pytest.param(failed(failed(offered())), {}, "had no answer (timeout)", SLOWLY, id="lost twice"),
        pytest.param(
            not_taken(), {}, "did not answer its registration access token", SLOWLY, id="refused by the server"
        ),
        pytest.param(
            refuse(offered(), "f1", NOW),
            {"held_by_other": True},
            "belongs to another OAuthClient",
            SLOWLY,
            id="another has the client",
        ),
        pytest.param(
            refuse(offered(), "f1", NOW),
            {},
            "belongs to another OAuthClient",
            NOW + pauses.WITHDRAWN,
            id="another had it",
        ),
    ],
)
def test_it_waits(record: Record, given: dict[str, Any], words: str, until: Any) -> None:
    action = step(record, **given)
    assert words in said(action)
    assert isinstance(action, Wait)
    assert action.until == until


def test_after_429_it_is_waited_for() -> None:
    action = step(failed(offered(), refused(429)))
    assert isinstance(action, Wait)
    assert action.until is not None
    assert action.until > NOW


def test_an_address_that_may_not_be_called_is_not() -> None:
    record = offered()
    assert "another origin" in said(step(record, unmanageable=frozenset({client_offered(record).key})))


@pytest.mark.parametrize(
    ("record", "given"),
    [
        pytest.param(not_taken(), AGAIN, id="refused by the server, and a person asks"),
        pytest.param(
            not_taken(), {"now": SLOWLY}, id="refused by the server, maybe by a gateway, and it is tried slowly"
        ),
        pytest.param(
            not_taken(), {"handed_over": handed(fingerprint="f2")}, id="refused, and the Secret has other values"
        ),
        pytest.param(
            refuse(offered(), "f1", NOW), {"now": SLOWLY}, id="another had the client, and it is looked at again slowly"
        ),
        pytest.param(offered(), {"handed_over": handed(fingerprint="f2")}, id="the Secret has other values by now"),
    ],
)
def test_it_is_offered_again(record: Record, given: dict[str, Any]) -> None:
    assert isinstance(step(record, **given), Offer)


# Proven.


PROVEN: Final = proven()


@pytest.mark.parametrize(
    ("record", "given", "expected"),
    [
        pytest.param(
            PROVEN,
            {"held_by_other_live": Unread()},
            FindHolders(PROVEN.clients[0].issuer, PROVEN.clients[0].information),
            id="who else has it is looked for after ours is written down",
        ),
        pytest.param(PROVEN, {"held_by_other_live": True}, RefuseAdoption("f1"), id="another has it: it withdraws"),
        pytest.param(PROVEN, {"secret": Unread()}, ReadSecret("web"), id="what the Secret shows is looked at"),
        pytest.param(PROVEN, {}, TakeUp(key_of(PROVEN), 1), id="it is published"),
        pytest.param(PROVEN, {"secret": OWNED}, TakeUp(key_of(PROVEN), 2), id="later than what is shown"),
        pytest.param(PROVEN, {"status": {"edition": 7}}, TakeUp(key_of(PROVEN), 8), id="and than what the status says"),
        pytest.param(
            replace(PROVEN, adoption=Proven(fingerprint="f1", client=99), clients=()),
            {},
            RefuseAdoption("f1"),
            id="its client is not in the record",
        ),
        pytest.param(PROVEN, {"spec": {"issuer": OTHER}}, RefuseAdoption("f1"), id="it is of another issuer by now"),
        pytest.param(PROVEN, {"spec": {"adopt": None}}, RefuseAdoption("f1"), id="nobody asks for it any more"),
    ],
)
def test_what_is_proven(record: Record, given: dict[str, Any], expected: Action) -> None:
    assert step(record, **given) == expected


@pytest.mark.parametrize("record", [offered(), not_taken(), taken()], ids=["offered", "refused", "taken up"])
def test_where_nobody_asks_for_it_any_more_only_what_is_proven_is_let_go(record: Record) -> None:
    assert not isinstance(step(record, spec={"adopt": None}), RefuseAdoption)


def test_while_a_registration_of_before_may_still_arrive_none_is_adopted() -> None:
    record = lost(call(empty_record(), CallKind.REGISTER))
    assert isinstance(step(record, annotations={RESOLVE_ANNOTATION: f"{UID}/1"}), Wait)


def lost(registration: Call) -> Record:
    return close(open_call(empty_record(), registration), registration, LOST, NOW)


def test_what_was_taken_up_and_is_lost_is_not_taken_up_again() -> None:
    record = replace(taken(), pair=None, clients=())
    assert "taken up before" in said(step(record))
