"""Whether one client can be deregistered, whoever wants it gone."""

from typing import Any

import pytest

from oauthclient_operator.oauth.outcome import Ambiguous, Rejected
from oauthclient_operator.plan.deregistration import can_be_called_for, is_given_up
from oauthclient_operator.plan.observed import Observed
from oauthclient_operator.record.calls import CallKind
from oauthclient_operator.record.clients import Client
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.transitions import close, open_call
from tests.pure.plan.upkeep import updated
from tests.pure.values import NOW, call, published, registered_record

RECORD = registered_record()
CLIENT = published(RECORD)
LOST = Ambiguous(cause="timeout")


@pytest.mark.parametrize(
    ("client", "values", "can"),
    [
        pytest.param(CLIENT, {}, True, id="its own client"),
        pytest.param(CLIENT, {"sharing": {CLIENT.key}}, False, id="another record holds it"),
        pytest.param(CLIENT, {"sharing": {CLIENT.key + 1}}, True, id="another record holds another one"),
        pytest.param(CLIENT, {"unmanageable": {CLIENT.key}}, False, id="the door does not let its address be called"),
        pytest.param(CLIENT, {"unmanageable": {CLIENT.key + 1}}, True, id="nor that of another one"),
        pytest.param(CLIENT, {"sharing_deletion": {CLIENT.key}}, True, id="another record's DELETE is not resolved"),
        pytest.param(published(registered_record(registration_access_token=None)), {}, False, id="no token"),
        pytest.param(published(registered_record(registration_client_uri=None)), {}, False, id="no address"),
    ],
)
def test_whether_it_may_be_called_for(client: Client, values: dict[str, Any], can: bool) -> None:
    keys: dict[str, Any] = {name: frozenset(of) for name, of in values.items()}
    seen = Observed(resource=None, **keys)
    assert can_be_called_for(seen, client) is can


def said(status: int, error: str | None = None) -> Rejected:
    return Rejected(status=status, error=error, description=None, retry_after=None)


def after(record: Record, *outcomes: Any) -> Record:
    """Return the record after a DELETE per outcome."""
    for outcome in outcomes:
        record = open_call(record, call(record, CallKind.DEREGISTER, client=CLIENT.key))
        assert record.open is not None
        record = close(record, record.open, outcome, NOW)
    return record


REFUSED = said(401, "invalid_token")


@pytest.mark.parametrize(
    ("record", "given_up"),
    [
        pytest.param(RECORD, False, id="never tried"),
        pytest.param(after(RECORD, said(405)), True, id="405"),
        pytest.param(after(RECORD, said(501)), True, id="501"),
        pytest.param(after(RECORD, said(404)), False, id="404: what stands before a server says so, too"),
        pytest.param(after(RECORD, said(403)), False, id="403"),
        pytest.param(after(RECORD, LOST), False, id="a lost answer"),
        pytest.param(after(RECORD, said(405), LOST), False, id="405, and then a lost answer"),
        pytest.param(after(RECORD, LOST, said(405)), True, id="a lost answer, and then 405"),
        pytest.param(updated(RECORD, said(405)), False, id="405 to an update says nothing of a deletion"),
        pytest.param(after(RECORD, REFUSED), False, id="the token is refused for a deletion alone"),
        pytest.param(updated(RECORD, REFUSED), False, id="the token is refused for an update alone"),
        pytest.param(after(updated(RECORD, REFUSED), REFUSED), True, id="the token is refused for both"),
    ],
)
def test_when_no_call_can_help(record: Record, given_up: bool) -> None:
    assert is_given_up(record, published(record)) is given_up


def test_what_is_answered_of_one_client_says_nothing_of_another() -> None:
    record = after(RECORD, said(405))
    other = published(registered_record())
    assert is_given_up(record, record.clients[0])
    assert not is_given_up(RECORD, other)
