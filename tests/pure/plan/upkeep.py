"""A registered client that a test edits, and what may come of that."""

from datetime import datetime, timedelta
from typing import Any

from oauthclient_operator import names
from oauthclient_operator.errors import Retry
from oauthclient_operator.names import Reason
from oauthclient_operator.oauth.outcome import Ambiguous, Rejected
from oauthclient_operator.plan.observed import Problem
from oauthclient_operator.published_secret import KEYS_ANNOTATION, Amendment, NewSecret, Unkept
from oauthclient_operator.record.calls import CallKind
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.transitions import close, open_call
from oauthclient_operator.verdict.verdict import Verdict
from tests.pure.values import (
    METADATA,
    NOW,
    UID,
    call,
    metadata,
    published,
    registered_record,
    secret,
)

EDIT: dict[str, Any] = {"spec": {"clientMetadata": {**METADATA, "client_name": "Web shop"}}}


EDITED = metadata(client_name="Web shop")


LOST = Ambiguous(cause="timeout", salvage={})


def rejection(status: int = 400, error: str | None = "invalid_client_metadata") -> Rejected:
    return Rejected(status=status, error=error, description=None, retry_after=None)


def updated(record: Record, *outcomes: Any, at: datetime = NOW, **values: Any) -> Record:
    """Return the record after an update per outcome, each closed at once."""
    for outcome in outcomes:
        defaults = {"digest": EDITED.digest(), "metadata": EDITED.members}
        key = published(record).key
        record = open_call(record, call(record, CallKind.UPDATE, client=key, at=at, **{**defaults, **values}))
        assert record.open is not None
        record = close(record, record.open, outcome, at)
    return record


RECORD = registered_record()


CLIENT = published(RECORD)


MADE = NewSecret(
    namespace="shop",
    name="web",
    owner_name="web",
    owner_uid=UID,
    labels={names.MANAGED_BY_LABEL: names.OPERATOR},
    annotations={KEYS_ANNOTATION: "client_id,client_secret,issuer,token_endpoint,token_endpoint_auth_method"},
    data=secret(RECORD).data,
)


AMENDED = Amendment(namespace="shop", name="web", uid="secret-uid", resource_version="9")


UNKEPT = Unkept(labels=frozenset({(names.MANAGED_BY_LABEL, names.OPERATOR)}))


REFUSED = Problem(Verdict(reason=Reason.SECRET_NOT_PUBLISHABLE, message="no", stalled=True), Retry.SLOWLY)


LATER = NOW + timedelta(minutes=4)
