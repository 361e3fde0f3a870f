"""When a pair that was published is needed no longer, and what has to be seen before anything of it is ended."""

import base64
from datetime import datetime, timedelta

from ..record.clients import Client
from ..record.departures import leaves_at
from ..record.record import Record
from ..resource.desired import Desired
from ..resource.publication import Publication
from ..resource.secret import Secret
from .action import Action, ReadResource, Retire, Show
from .observed import Observed


def plan_leaving(observed: Observed, record: Record, desired: Desired, now: datetime) -> Action | None:
    """Return the next step for the pairs that leave; the Secret was read and shows the published pair."""
    if any(leaving.shown_at is None for leaving in record.leaving):
        return Show(record.edition, desired.rotation.overlap)
    for leaving in record.leaving:
        at = leaves_at(record, leaving, desired.rotation.overlap)
        if at is None or now < at:
            continue
        if not observed.live:
            return ReadResource()
        if observed.live_at is not None and observed.live_at < at:
            # By the API server's clock it is not time yet: ours runs ahead.
            continue
        return Retire(leaving.pair)
    return None


def next_at(observed: Observed, record: Record, desired: Desired, now: datetime) -> datetime | None:
    """Return when the next pair leaves; one that should have left by our clock is looked at again later."""
    found = (leaves_at(record, leaving, desired.rotation.overlap) for leaving in record.leaving)
    dates = [at for at in found if at is not None]
    return min((at if at > now else now + _until_left(observed, at) for at in dates), default=None)


def _until_left(observed: Observed, at: datetime) -> timedelta:
    if observed.live_at is None or observed.live_at >= at:
        return observed.limits.retry_slowly
    # The API server tells whole seconds, so that it seems to be behind by one where both clocks are right.
    return at - observed.live_at + timedelta(seconds=1)


def may_show(observed: Observed, publication: Publication, client: Client) -> bool:
    """Whether the published Secret holds that client's identifier, whoever put it there.

    One identifier of two issuers is two clients: a Secret that names another issuer shows another client.
    """
    return may_show_client_id(observed, publication, client.information.client_id, client.issuer)


def may_show_client_id(observed: Observed, publication: Publication, client_id: str, of_issuer: str) -> bool:
    """Whether the published Secret holds that client identifier of an issuer, whoever put it there."""
    secret = observed.secret
    if not isinstance(secret, Secret):
        return False
    shown, issuer = (secret.data.get(publication.keys.get(key, key)) for key in ("client_id", "issuer"))
    return shown == _encoded(client_id) and issuer in (None, _encoded(of_issuer))


def holds(secret: Secret, client: Client) -> bool:
    """Whether a Secret of somebody else's holds that client's identifier, under whatever key."""
    return _encoded(client.information.client_id) in secret.data.values()


def _encoded(value: str) -> str:
    return base64.b64encode(value.encode()).decode()
