"""Records with attempts at a registration, and what has to be so before another one."""

from datetime import timedelta
from typing import Any

from oauthclient_operator.confidential import Confidential
from oauthclient_operator.oauth.outcome import Ambiguous, Rejected
from oauthclient_operator.plan.observed import Observed
from oauthclient_operator.record.calls import CallKind
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.transitions import close, open_call
from oauthclient_operator.resource.initial_access_token import InitialAccessToken
from tests.pure.values import (
    NOW,
    TIMEOUT,
    call,
    empty_record,
    observed,
    server,
)

TOKEN = {"registration": {"initialAccessToken": {"secretRef": {"name": "idp-token"}}}}
IDP_TOKEN = InitialAccessToken(token=Confidential("a-token"))


def attempted(*outcomes: Any, record: Record | None = None, **values: Any) -> Record:
    """Return a record with an attempt per outcome, each closed at its deadline."""
    record = record or empty_record()
    for number, outcome in enumerate(outcomes):
        at = NOW - timedelta(hours=1) + number * timedelta(minutes=5)
        record = open_call(record, call(record, CallKind.REGISTER, at=at, **values))
        assert record.open is not None
        record = close(record, record.open, outcome, at + TIMEOUT)
    return record


LOST = Ambiguous(cause="timeout", salvage={})


def rejection(status: int = 400, error: str | None = "invalid_client_metadata", **values: Any) -> Rejected:
    return Rejected(status=status, error=error, **{"description": None, "retry_after": None, **values})


def ready(**values: Any) -> Observed:
    """Return everything that has to be so before the POST."""
    return observed(
        values.pop("record", None), **{"server": server(), "server_read_at": NOW, "rehearsed": True, **values}
    )
