"""What the API server's refusal of a published Secret means for its resource: who can do what, and when it is tried."""

import pytest

from oauthclient_operator.errors import (
    AlreadyExists,
    ClusterError,
    Conflict,
    NamespaceTerminating,
    NotFound,
    QuotaNotCounted,
    QuotaUsedUp,
    RequestRefused,
    Retry,
    Unanswered,
)
from oauthclient_operator.names import Reason
from oauthclient_operator.plan import refusals
from oauthclient_operator.plan.observed import Missing, Unread
from oauthclient_operator.verdict.publishing import immutable, not_owned
from tests.pure.values import registered_record, secret

READ = secret(registered_record())
IMMUTABLE = secret(registered_record(), immutable=True)


@pytest.mark.parametrize("read", [Unread(), Missing(), READ], ids=["unread", "missing", "read"])
@pytest.mark.parametrize(
    ("error", "reason", "stalled", "retry", "message"),
    [
        (
            NamespaceTerminating("no"),
            Reason.PENDING,
            False,
            Retry.BACKOFF,
            "the namespace is being deleted, so no Secret can be made in it",
        ),
        (AlreadyExists("no"), Reason.SECRET_NOT_OWNED, True, Retry.BACKOFF, not_owned("web").message.partition(";")[0]),
        (
            Conflict("no"),
            Reason.PENDING,
            False,
            Retry.BACKOFF,
            "Secret web was changed at the same time; it is read again",
        ),
        (
            NotFound("no"),
            Reason.PENDING,
            False,
            Retry.BACKOFF,
            "Secret web was changed at the same time; it is read again",
        ),
        (
            RequestRefused("HTTP 403: policy"),
            Reason.SECRET_NOT_PUBLISHABLE,
            True,
            Retry.SLOWLY,
            "the API server does not let Secret web be written: HTTP 403: policy; it is tried again from time to time",
        ),
        (
            QuotaUsedUp("HTTP 403: quota"),
            Reason.SECRET_NOT_PUBLISHABLE,
            True,
            Retry.BACKOFF,
            "the API server does not let Secret web be written: HTTP 403: quota; it is tried again by itself, within",
        ),
        (
            QuotaNotCounted("HTTP 403: quota"),
            Reason.SECRET_NOT_PUBLISHABLE,
            False,
            Retry.BACKOFF,
            "the API server does not let Secret web be written: HTTP 403: quota; it is tried again by itself: a quota that",
        ),
        (Unanswered("timeout"), Reason.CLUSTER_UNAVAILABLE, False, Retry.BACKOFF, "timeout"),
        (ClusterError("odd"), Reason.CLUSTER_UNAVAILABLE, False, Retry.BACKOFF, "odd"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, ClusterError) else "",
)
def test_what_a_refusal_means(
    error: ClusterError, reason: Reason, stalled: bool, retry: Retry, message: str, read: object
) -> None:
    problem = refusals.of_publication(error, "web", read)
    assert (problem.verdict.reason, problem.verdict.stalled, problem.retry) == (reason, stalled, retry)
    assert problem.verdict.message.startswith(message)
    assert problem.retry_after is None


def test_an_immutable_secret_is_why_it_was_refused_where_it_is_one() -> None:
    refused = RequestRefused("field is immutable", status=422)
    problem = refusals.of_publication(refused, "web", IMMUTABLE)
    assert (problem.verdict, problem.retry) == (immutable("web"), Retry.SLOWLY)
    # A namespace that goes is not mended by deleting the Secret.
    assert refusals.of_publication(NamespaceTerminating("no"), "web", IMMUTABLE).verdict.reason is Reason.PENDING
    assert refusals.of_publication(Unanswered("no"), "web", IMMUTABLE).verdict.reason is Reason.CLUSTER_UNAVAILABLE
