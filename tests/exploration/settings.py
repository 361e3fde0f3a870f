"""The small world's fixed values: names, the operator's limits, and how it tells the time."""

from datetime import UTC, datetime, timedelta

from oauthclient_operator import names
from oauthclient_operator.plan.observed import Limits

NAMESPACE, RECORDS = "shop", "records"
FINALIZER = names.FINALIZER
RESOLVE = names.RESOLVE_ANNOTATION
REFRESH = names.REFRESH_ANNOTATION
ROTATE = names.ROTATE_ANNOTATION
PROVE = names.PROVE_ANNOTATION
PAUSED = names.PAUSED_ANNOTATION
HANDED_OVER = names.CLIENT_INFORMATION_TYPE
TOKEN_TYPE = names.INITIAL_ACCESS_TOKEN_TYPE
KIND, API_VERSION = names.KIND, names.API_VERSION
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
LEASE = 45.0
EXCHANGE = 20.0
MARGIN = 5.0
KEEP_RELEASED = LEASE + EXCHANGE + MARGIN
LIMITS = Limits(
    exchange_timeout=timedelta(seconds=EXCHANGE),
    margin=timedelta(seconds=MARGIN),
    keep_released=timedelta(seconds=KEEP_RELEASED),
    release_after=timedelta(minutes=20),
)
"""An hour of deregistrations that are refused shows no more than as long as that a slow retry comes once."""
SUSPECTS = LIMITS.suspects


def at(seconds: float) -> datetime:
    """Return a moment of the world as the program writes it."""
    return EPOCH + timedelta(seconds=seconds)


def seconds(moment: datetime) -> float:
    """Return a moment of the program's as the world counts it."""
    return (moment - EPOCH).total_seconds()
