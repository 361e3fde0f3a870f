"""The ladder of clients that nobody needs, of a resource that lives: ended, or reported where no call can end them.

What was reported so is tried once a day where it can be called for: its server may have been away.
"""

from datetime import datetime

from ..published_secret import edition_of
from ..record.calls import CallKind
from ..record.clients import Client, Ending, LeftBehind
from ..record.envelope import Stored
from ..record.management import Way, to_be_called
from ..record.record import Record
from ..record.summary import LEFT_BEHIND_INTERVAL, Summary, left_behind_due
from ..resource.client_information_secret import HandedOver
from ..resource.desired import Desired
from ..resource.oauth_client import OAuthClient
from ..resource.secret import Secret
from ..spread import spread
from ..verdict.deregistering import deletion_unconfirmed
from .action import (
    Action,
    Deregister,
    LeaveBehind,
    PassOn,
    ReadClientInformation,
    ReadResource,
    ReadSecret,
    Recover,
    TurnBack,
    Wait,
)
from .deletion import is_said
from .deregistration import can_be_called_for, deregistration, gives_up_at, is_unheard, plan_deregistration
from .leaving import holds, may_show
from .managing import denied, way_of
from .observed import Observed, Problem, Unread


def plan_surplus(
    observed: Observed, resource: OAuthClient, desired: Desired, record: Record, now: datetime
) -> Action | None:
    """Return the next step towards the end of the clients that no pair of a living resource needs."""
    for client in record.surplus:
        if (
            record.recreated
            and record.released is None
            and (resource.status.client_id is None or is_said(client, resource) or _is_shown(observed, desired, client))
        ):
            # The record was made again for this client's late answer, and nothing else is published.
            seen = (resource.status.edition or 0, *(_edition(observed.secret),))
            return Recover(client.key, max(record.edition, *seen) + 1)
        if client.key in observed.newer_elsewhere:
            return PassOn(client.key)
        # A gateway may have said that nothing is deregistered there; nobody waits for this end, and it comes later.
        step = plan_deregistration(observed, record, client, now, patient=True)
        last = record.last(CallKind.DEREGISTER, client.key)
        tried = isinstance(client.end, Ending) and not is_unheard(record, client, observed.limits)
        # Another address or token is tried at once, and once.
        by_access = way_of(observed, client) is Way.ACCESS
        tried = tried and to_be_called(record, client, CallKind.DEREGISTER, by_access=by_access) is client
        if last is not None and tried and step is not None and now < last.at + observed.limits.retry_slowly:
            # It must not keep the published client's own changes waiting.
            verdict = deletion_unconfirmed(client, last)
            # When it is given up it is left behind.
            dates = (last.at + observed.limits.retry_slowly, gives_up_at(record, client, observed.limits))
            return Wait(verdict=verdict, until=min(date for date in dates if date is not None))
        if isinstance(step, Deregister) and not observed.live:
            # Before something is destroyed the resource is read live: it may be another one by now.
            return ReadResource()
        if isinstance(step, Deregister) and (held := _looks_at_secret(observed, desired, record, client)):
            if isinstance(held, ReadSecret):
                return held
            continue
        if step is None and record.published is not None and client.key not in observed.sharing:
            # It is reported; nobody who needs another client waits for it.
            return LeaveBehind(client.key)
        if step is not None:
            return step
    return _plan_left_behind(observed, desired, record, now)


def _plan_left_behind(observed: Observed, desired: Desired, record: Record, now: datetime) -> Action | None:
    """Return the next step towards the end of the clients that were left behind, for which nobody waits."""
    later: list[tuple[datetime, Client]] = []
    for client in record.clients:
        if (due := left_behind_due(record, client)) is None:
            continue
        if client.key in observed.newer_elsewhere:
            return PassOn(client.key)
        held, tomorrow = observed.held_at(client.issuer), now + LEFT_BEHIND_INTERVAL
        times = [due, observed.ended_elsewhere.get(client.key, due), (held.until or tomorrow) if held else due]
        if now < max(times):
            later.append((max(times), client))
            continue
        if not can_be_called_for(observed, client):
            later.append((tomorrow, client))
            continue
        if not observed.live:
            return ReadResource()
        in_use: ReadSecret | ReadClientInformation | bool = _looks_at_secret(observed, desired, record, client)
        in_use = in_use or _is_handed_over(observed, desired, client)
        if isinstance(in_use, ReadSecret | ReadClientInformation):
            return in_use
        step = deregistration(observed, record, client, now, again=True)
        if not in_use and isinstance(step, Deregister):
            return step
        later.append((tomorrow, client))
    if not later:
        return None
    at, client = min(later, key=lambda of: of[0])
    return Wait(verdict=deletion_unconfirmed(client, record.last(CallKind.DEREGISTER, client.key)), until=at)


def plan_end_elsewhere(observed: Observed, key: int, now: datetime) -> Deregister | TurnBack:
    """Return the next step to end, through another issuer than the spec's, a client that was left behind there.

    What is at hand is of that issuer, so that nothing else is decided meanwhile.
    """
    record = observed.record.record if isinstance(observed.record, Stored) else None
    client = None if record is None else record.client(key)
    if record is None or client is None or record.open is not None or not isinstance(client.end, LeftBehind):
        return TurnBack(None)
    if not can_be_called_for(observed, client) or observed.held_at(client.issuer) is not None:
        return TurnBack(None)
    if denied(observed, client) is not None:
        return TurnBack(None)
    step = deregistration(observed, record, client, now, again=True)
    return step if isinstance(step, Deregister) else TurnBack(None)


def left_behind_at(observed: Observed, summary: Summary, resource: OAuthClient) -> datetime | None:
    """Return when what a resource at rest left behind is looked at: at some time of a day by a process that begins."""
    if not summary.leaves_behind:
        return None
    if observed.left is not None:
        return observed.left.due
    return observed.began_at + LEFT_BEHIND_INTERVAL * spread(f"left/{resource.uid}")


def _looks_at_secret(observed: Observed, desired: Desired, record: Record, client: Client) -> ReadSecret | bool:
    """Return how to find out whether the Secret shows a client that is to be ended, or whether that may be so.

    Whoever put it there: what pods may be using is not ended.
    """
    publication = desired.publication
    if not record.secrets or (record.published is None and not record.recreated):
        # Nothing was ever published.
        return False
    looked_at = {observed.instead.name} if observed.instead is not None else set[str]()
    if publication is None or {*record.secrets} - looked_at != {publication.secret_name}:
        # A Secret of another name goes first.
        return True
    if isinstance(observed.secret, Unread):
        return ReadSecret(publication.secret_name)
    elsewhere = observed.instead.secret if observed.instead is not None else None
    return may_show(observed, publication, client) or (elsewhere is not None and holds(elsewhere, client))


def _is_handed_over(observed: Observed, desired: Desired, client: Client) -> ReadClientInformation | bool:
    """Return how to find out whether a person hands that very client over, or whether that may be so."""
    if desired.adopt is None:
        return False
    match observed.handed_over:
        case Unread():
            return ReadClientInformation(desired.adopt)
        case HandedOver(issuer=issuer, information=information):
            return (issuer, information.client_id) == (client.issuer, client.information.client_id)
        case Problem():
            return True


def _is_shown(observed: Observed, desired: Desired, client: Client) -> bool:
    return desired.publication is not None and may_show(observed, desired.publication, client)


def _edition(secret: object) -> int:
    return edition_of(secret) if isinstance(secret, Secret) else 0
