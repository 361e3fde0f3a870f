"""Which errors of the API server a status tells of: those that do not pass by themselves, and others once they last."""

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final

from ..errors import ClusterError, NamespaceMissing, NotDecrypted, RequestRefused

PASSES_WITHIN: Final = timedelta(minutes=2)
"""So long an error that passes by itself, mostly, is only logged: a status that says so would come and go. An admission
webhook that fails may do so for days."""


def failing_since(before: datetime | None, error: ClusterError, now: datetime) -> datetime | None:
    """Return since when an API server that answers has failed; `before` is what was so at the failure before."""
    answers = error.status is not None and error.status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return (before or now) if answers else None


def is_said(error: ClusterError, since: datetime | None, now: datetime) -> bool:
    """Whether a status tells of an error; `since` is since when there have been such."""
    lasts = since is not None and now - since >= PASSES_WITHIN
    return lasts or isinstance(error, RequestRefused | NamespaceMissing | NotDecrypted)
