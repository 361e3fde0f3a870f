"""The member names of schema 2, and which of them may be absent: whoever changes one changes what is stored for years."""

from typing import Final

import pytest

from oauthclient_operator.errors import UnreadableRecord
from oauthclient_operator.oauth.json_object import JSON
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.wire import decode
from tests.pure.record import schema2
from tests.pure.record.places import member_names, with_value, without, written
from tests.pure.record.schema2 import OF_OTHERS, WHOLE, of_today, whole

NEEDED, OPTIONAL = True, False
NAMES: Final[dict[str, bool]] = {
    "attempts": OPTIONAL,
    "attempts[].endpoint": NEEDED,
    "attempts[].issuer": NEEDED,
    "attempts[].metadata": OPTIONAL,
    "attempts[].number": NEEDED,
    "attempts[].sentAt": NEEDED,
    "attempts[].state": NEEDED,
    "attempts[].until": NEEDED,
    "clients": OPTIONAL,
    "clients[].answer": NEEDED,
    "clients[].answer.call": NEEDED,
    "clients[].answer.endpoints": OPTIONAL,
    "clients[].answer.members": NEEDED,
    "clients[].confirmed": OPTIONAL,
    "clients[].confirmed.digest": NEEDED,
    "clients[].confirmed.members": OPTIONAL,
    "clients[].ended": OPTIONAL,
    "clients[].ended.at": NEEDED,
    "clients[].ending": OPTIONAL,
    "clients[].ending.lost": OPTIONAL,
    "clients[].ending.since": NEEDED,
    "clients[].issuer": NEEDED,
    "clients[].kept": OPTIONAL,
    "clients[].key": NEEDED,
    "clients[].namedByStatus": NEEDED,
    "clients[].namedByStatus.at": NEEDED,
    "clients[].refused": OPTIONAL,
    "clients[].registered": NEEDED,
    "clients[].registered.at": NEEDED,
    "clients[].registered.attempt": NEEDED,
    "clients[].spares": OPTIONAL,
    "clients[].spares[].call": NEEDED,
    "clients[].spares[].clientSecret": OPTIONAL,
    "clients[].spares[].registrationAccessToken": OPTIONAL,
    "clients[].trust": NEEDED,
    "clients[].updateDue": OPTIONAL,
    "clients[].updateDue.unresolved": OPTIONAL,
    "closedCalls": OPTIONAL,
    "closedCalls[].closedAt": NEEDED,
    "closedCalls[].deadline": NEEDED,
    "closedCalls[].deregister": NEEDED,
    "closedCalls[].deregister.bearer": OPTIONAL,
    "closedCalls[].deregister.client": NEEDED,
    "closedCalls[].endpoint": NEEDED,
    "closedCalls[].holder": NEEDED,
    "closedCalls[].issuer": NEEDED,
    "closedCalls[].nonce": NEEDED,
    "closedCalls[].number": NEEDED,
    "closedCalls[].openedAt": NEEDED,
    "closedCalls[].outcome": NEEDED,
    "closedCalls[].register": NEEDED,
    "closedCalls[].register.asked": NEEDED,
    "closedCalls[].register.asked.digest": NEEDED,
    "closedCalls[].register.attempt": NEEDED,
    "closedCalls[].register.bearer": OPTIONAL,
    "closedCalls[].register.initialAccessTokenVersion": OPTIONAL,
    "closedCalls[].register.proofKey": OPTIONAL,
    "closedCalls[].register.repeats": OPTIONAL,
    "closedCalls[].said": OPTIONAL,
    "closedCalls[].said.description": OPTIONAL,
    "closedCalls[].said.error": OPTIONAL,
    "closedCalls[].said.json": OPTIONAL,
    "closedCalls[].said.retryAfter": OPTIONAL,
    "closedCalls[].said.status": OPTIONAL,
    "closedCalls[].trust": NEEDED,
    "closedCalls[].update": NEEDED,
    "closedCalls[].update.asked": NEEDED,
    "closedCalls[].update.asked.digest": NEEDED,
    "closedCalls[].update.bearer": OPTIONAL,
    "closedCalls[].update.client": NEEDED,
    "deletion": NEEDED,
    "minReader": OPTIONAL,
    "nextCall": NEEDED,
    "openCall": OPTIONAL,
    "openCall.deadline": NEEDED,
    "openCall.deregister": NEEDED,
    "openCall.deregister.bearer": OPTIONAL,
    "openCall.deregister.client": NEEDED,
    "openCall.endpoint": NEEDED,
    "openCall.holder": NEEDED,
    "openCall.issuer": NEEDED,
    "openCall.nonce": NEEDED,
    "openCall.number": NEEDED,
    "openCall.openedAt": NEEDED,
    "openCall.register": NEEDED,
    "openCall.register.asked": NEEDED,
    "openCall.register.asked.digest": NEEDED,
    "openCall.register.asked.members": OPTIONAL,
    "openCall.register.attempt": NEEDED,
    "openCall.register.bearer": OPTIONAL,
    "openCall.register.initialAccessTokenVersion": OPTIONAL,
    "openCall.register.proofKey": OPTIONAL,
    "openCall.register.repeats": OPTIONAL,
    "openCall.trust": NEEDED,
    "openCall.update": NEEDED,
    "openCall.update.asked": NEEDED,
    "openCall.update.asked.digest": NEEDED,
    "openCall.update.asked.members": OPTIONAL,
    "openCall.update.bearer": OPTIONAL,
    "openCall.update.client": NEEDED,
    "published": OPTIONAL,
    "published.client": NEEDED,
    "published.credential": NEEDED,
    "published.credential.secretOf": OPTIONAL,
    "recreated": OPTIONAL,
    "released": OPTIONAL,
    "released.at": NEEDED,
    "released.outcome": NEEDED,
    "schemaVersion": NEEDED,
    "secrets": OPTIONAL,
    "subject": NEEDED,
    "subject.clusterUID": NEEDED,
    "subject.name": NEEDED,
    "subject.namespace": NEEDED,
    "subject.uid": NEEDED,
}


def test_these_are_all_the_names_that_are_stored() -> None:
    assert sorted(set().union(*(member_names(of_today(name), OF_OTHERS) for name in schema2.ALL))) == [*NAMES]


def test_the_records_that_are_taken_apart_have_them_all() -> None:
    assert {written(place) for name in WHOLE for place in whole(name)} == {*NAMES}


@pytest.mark.parametrize("name", WHOLE)
def test_a_record_without_what_is_needed_is_refused(name: str) -> None:
    record = of_today(name)
    needed = {written(place): decoded(without(record, place)) is None for place in whole(name)}
    assert needed == {place: NAMES[place] for place in needed}


@pytest.mark.parametrize("name", WHOLE)
def test_null_is_absent(name: str) -> None:
    record = of_today(name)
    changed = [(without(record, place), with_value(record, place, None)) for place in whole(name)]
    assert [decoded(null) for _, null in changed] == [decoded(absent) for absent, _ in changed]


def decoded(record: dict[str, JSON]) -> Record | None:
    try:
        return decode(record)
    except UnreadableRecord:
        return None
