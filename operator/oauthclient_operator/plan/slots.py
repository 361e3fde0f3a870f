"""Which step needs a slot, and where: what is about a client asks at that client's issuer, not at the spec's."""

from dataclasses import dataclass

from ..names import RecordState
from ..reach import IssuerAddress
from ..record.clients import Alive
from ..record.envelope import Stored
from ..record.record import Record
from ..resource.desired import DeletionPolicy, Desired
from ..resource.oauth_client import OAuthClient
from .action import (
    AddFinalizer,
    Calibrate,
    Check,
    Deregister,
    Effect,
    Look,
    Read,
    ReadInitialAccessToken,
    ReadRecord,
    ReadResource,
    ReadSecret,
    ReadSoftwareStatement,
    Register,
    Rehearse,
    Update,
)
from .asked import asked
from .observed import Observed


@dataclass(frozen=True, slots=True)
class Slot:
    """A slot at an issuer; `anyway` says that it is taken also where calls to the issuer fail in a row.

    With `gives_way` it is left to others to find out that they do so no longer.
    """

    issuer: IssuerAddress
    anyway: bool = False
    gives_way: bool = False


def slot_for(action: Look | Effect, observed: Observed, desired: Desired | None) -> Slot | None:
    """Return the slot without which a step is not taken: of a call, or of what prepares one."""
    match action:
        case Read(client=client) | Update(client=client):
            return Slot(observed.address_of(client.issuer), anyway=observed.asked_after is not None)
        case Deregister(client=client):
            # How long a deregistration is waited for counts from the first: that one is made in any case.
            first = isinstance(client.end, Alive)
            return Slot(observed.address_of(client.issuer), anyway=first or observed.asked_after is not None)
        case Rehearse() if (record := _record(observed)) is not None and record.published is not None:
            # What is rehearsed is what an update of that client may bring.
            return Slot(observed.address_of(record.published.issuer))
        case AddFinalizer() if (record := _record(observed)) is not None and record.published is not None:
            return None
        case Calibrate() | Check() if (record := _record(observed)) is not None:
            proven = record.client(action.key)
            # What proves a client is asked again and again, and what comes of it is not told where it is a failure.
            gives_way = isinstance(action, Calibrate)
            return None if proven is None else Slot(observed.address_of(proven.issuer), gives_way=gives_way)
        case Register() | ReadInitialAccessToken() | ReadSoftwareStatement() | Rehearse() | AddFinalizer():
            # The first write for a new client is the beginning of its call, too.
            return None if desired is None else Slot(desired.terms.address)
        case _:
            return None


def slot_beforehand(action: Look | Effect, observed: Observed, desired: Desired | None) -> Slot | None:
    """Return the slot that the call to which a read leads will need, as far as the watches alone tell.

    Who would have to wait for it anyway reads nothing in vain.
    """
    summary, resource = observed.summary, observed.resource
    if not isinstance(action, ReadRecord | ReadResource | ReadSecret) or desired is None:
        return None
    if summary is None or summary.open_call is not None or not isinstance(resource, OAuthClient):
        return None
    if observed.held_at(desired.terms.issuer) is not None or _record(observed) is not None:
        # A record that was read tells of which client, and so at which issuer.
        return None
    if resource.deleting:
        follows = desired.deletion is DeletionPolicy.DELETE and summary.state == RecordState.REGISTERED
    else:
        metadata = asked(desired)
        edited = summary.confirmed is not None and metadata is not None and summary.confirmed != metadata.digest()
        follows = (edited and not observed.waits_for_another) or resource.refresh not in (None, summary.refresh)
    return Slot(desired.terms.address) if follows else None


def _record(observed: Observed) -> Record | None:
    return observed.record.record if isinstance(observed.record, Stored) else None
