"""What is observed of a resource whose published pair is being replaced, where nothing stands in the way."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from oauthclient_operator.names import EDITION_ANNOTATION, ROTATE_ANNOTATION
from oauthclient_operator.plan import plan
from oauthclient_operator.plan.action import Action
from oauthclient_operator.plan.observed import Observed
from oauthclient_operator.record.record import Record
from tests.pure.values import NOW, desired, observed, resource, secret, server

ASKS: Final[dict[str, Any]] = {"annotations": {ROTATE_ANNOTATION: "now"}}
OTHER: Final = "https://other.example"
DAY: Final = timedelta(days=1)


def ready(record: Record, **values: Any) -> Observed:
    """Return what is observed once all was read and the dry run succeeded; the Secret shows what is published."""
    at_hand: dict[str, Any] = {"server": server(), "server_read_at": NOW + 99 * DAY, "rehearsed": True, "live": True}
    if record.published is not None:
        shows = secret(record)
        numbered = {EDITION_ANNOTATION: str(record.edition)} if record.edition > 1 else {}
        at_hand["secret"] = replace(shows, annotations={**shows.annotations, **numbered})
    return observed(record, **{**at_hand, **values})


def step(record: Record, now: datetime = NOW, seen: dict[str, Any] | None = None, **options: Any) -> Action:
    """Return the next step; options as for a resource, `seen` over what is observed."""
    return plan(ready(record, **{"resource": resource(**options), **(seen or {})}), desired(**options), now)
