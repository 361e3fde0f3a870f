"""What a candidate is brought to, before it takes the place of the published client."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator.oauth.client_information import ClientInformation
from oauthclient_operator.oauth.client_metadata import ClientMetadata
from oauthclient_operator.plan import plan
from oauthclient_operator.plan.action import GiveUp, Promote, Update
from oauthclient_operator.record.calls import CallKind
from oauthclient_operator.record.clients import UpdateDue
from oauthclient_operator.record.pairs import pair_of
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.replacements import Replacement, ReplacementReason, Strategy
from oauthclient_operator.record.transitions import close, open_call
from tests.pure.plan.upkeep import EDIT, EDITED, RECORD, rejection
from tests.pure.values import METADATA, NOW, call, desired, information, metadata, observed, published, server

INVALID: dict[str, Any] = {"spec": {"clientMetadata": {**METADATA, "client_id": "mine"}}}


def with_candidate() -> Record:
    """Return a record whose candidate the server may hold otherwise than asked."""
    client = published(RECORD)
    uri = "https://idp.example.com/register/second"
    members = {**information().members, "client_id": "second", "registration_client_uri": uri}
    candidate = replace(
        client,
        key=RECORD.next_call,
        answer=replace(client.answer, information=ClientInformation.parse(members)),
        standing=UpdateDue(),
    )
    replacement = Replacement(
        reasons=(ReplacementReason.EXPIRY,),
        strategy=Strategy.REREGISTER,
        begun_at=NOW,
        first_call=candidate.key,
        first_attempt=2,
        pair=pair_of(candidate),
    )
    return replace(RECORD.with_client(candidate), next_call=candidate.key + 1, replacement=replacement)


@pytest.mark.parametrize(
    ("asks", "sent"),
    [
        pytest.param({}, metadata(), id="what the spec asks"),
        pytest.param(EDIT, EDITED, id="an edit that came meanwhile"),
    ],
)
def test_a_candidate_is_brought_to(asks: dict[str, Any], sent: ClientMetadata) -> None:
    record = with_candidate()
    step = plan(observed(record, server=server(), server_read_at=NOW, rehearsed=True), desired(**asks), NOW)
    assert isinstance(step, Update)
    assert (step.client.information.client_id, step.metadata) == ("second", sent)


def test_where_the_spec_cannot_be_honoured_what_it_was_registered_with_will_do() -> None:
    record = with_candidate()
    ready = observed(record, server=server(), server_read_at=NOW, rehearsed=True)
    assert isinstance(plan(ready, desired(**INVALID), NOW), Promote)


@pytest.mark.parametrize("policy", ["Hold", "Reregister"])
def test_one_whose_server_takes_no_update_does_not_wait_for_it_with_an_edit_that_came_meanwhile(policy: str) -> None:
    record = with_candidate()
    candidate = record.clients[-1]
    made = call(record, CallKind.UPDATE, client=candidate.key, digest=EDITED.digest(), metadata=EDITED.members)
    record = close(open_call(record, made), made, rejection(405, None), NOW)
    ready = observed(record, server=server(), server_read_at=NOW, rehearsed=True)
    asks: dict[str, Any] = {"spec": {**EDIT["spec"], "policy": {"unmanageable": policy}}}
    assert plan(ready, desired(**asks), NOW + timedelta(seconds=1)) == GiveUp(pair_of(candidate))
