"""The words for what was done, as Events tell it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ..names import PROVE_ANNOTATION, REFRESH_ANNOTATION, Done
from ..oauth.rfc7591 import deviations
from ..record.calls import ClosedCall
from ..record.clients import Client, UpdateDue
from ..record.departures import leaves_at
from ..record.pairs import Pair
from ..record.record import Record
from .credentials_valid import is_refused
from .reading import read_failed
from .verdict import Verdict
from .words import at_another_issuer, listed, named, oddities


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What was done, in one word and a sentence; `warning` where something is left for a person to do."""

    word: Done
    note: str
    warning: bool = False


def registered(client: Client, answer: ClosedCall | None, beside: Client | None = None) -> Deed:
    """A client was registered; `answer` is the call that brought it, `beside` the one that is published."""
    place = "" if beside is None else f", to take the place of {named(beside)}"
    note = f"{named(client)} was registered at {client.issuer}{place}{oddities(answer)}"
    return Deed(word=Done.REGISTERED, note=note)


def registered_late(client: Client, instead: Client) -> Deed:
    """The answer to a registration came when it was given up, and another client published."""
    note = f"{named(client)} was registered at {client.issuer} by a request whose answer came late: by then "
    return Deed(word=Done.REGISTERED, note=f"{note}{named(instead)} was registered, and this one is deregistered again")


def updated(client: Client, answer: ClosedCall | None) -> Deed:
    """The spec's client metadata were brought to the server; `answer` is the call that did."""
    return Deed(word=Done.UPDATED, note=f"{named(client)} was updated at {client.issuer}{oddities(answer)}")


def adopted(client: Client) -> Deed:
    """A client that a Secret hands over was taken up."""
    note = f"{named(client)} at {client.issuer} was adopted from the Secret that spec.adopt names"
    if not client.manageable:
        note += ", as it is: nobody was asked about it, and it can be neither changed nor deregistered"
    return Deed(word=Done.ADOPTED, note=note, warning=not client.manageable)


def read(client: Client, answer: ClosedCall | None) -> Deed:
    """What the server holds was read; `answer` is the call that did."""
    note = f"{named(client)} was read at {client.issuer}{oddities(answer)}"
    if isinstance(client.standing, UpdateDue):
        changed = listed(deviations(client.accepted, client.information))
        note += f"; what the server holds there is not what was asked for ({changed}), and is put right by an update"
    return Deed(word=Done.READ, note=note)


def not_proven(client: Client, why: str) -> Deed:
    """Nobody told whether a client's credentials are accepted, where a person asked for it."""
    note = f"{named(client)}: {why}; nothing was changed, and the annotation {PROVE_ANNOTATION} asks again"
    return Deed(word=Done.PROOF_FAILED, note=note, warning=True)


def not_read(client: Client, call: ClosedCall) -> Deed:
    """A read brought nothing, and is not repeated by itself."""
    return Deed(word=Done.READ_FAILED, note=f"{named(client)}: {read_failed(call)}", warning=True)


def unreadable(client: Client, why: str) -> Deed:
    """A client cannot be read at all."""
    note = f"{named(client)} cannot be read, as the annotation {REFRESH_ANNOTATION} asks: {why}"
    return Deed(word=Done.READ_FAILED, note=note, warning=True)


def deregistered(client: Client) -> Deed:
    """A client is known to be gone."""
    return Deed(word=Done.DEREGISTERED, note=f"{named(client)} was deregistered at {client.issuer}")


def passed_on(client: Client) -> Deed:
    """A client is another record's concern from now on."""
    note = (
        f"{named(client)} at {client.issuer} was given to another OAuthClient since, and is left to that one, which "
        "deregisters it when it goes"
    )
    return Deed(word=Done.PASSED_ON, note=note)


def published(secret_name: str) -> Deed:
    """The credentials were written where they were not, or otherwise than before."""
    return Deed(word=Done.PUBLISHED, note=f"the credentials were written to Secret {secret_name}")


def restored(secret_name: str) -> Deed:
    """The published Secret was put right after somebody else had changed it."""
    note = f"Secret {secret_name} had been changed or removed by someone else, and was put right"
    return Deed(word=Done.SECRET_RESTORED, note=note)


def promoted(client: Client, pair: Pair, before: Client, pair_before: Pair) -> Deed:
    """Another pair is the published one from now on; the one before it is still good."""
    stays = (
        "whose credentials its server does not accept any more"
        if is_refused(before)
        else "which stays good for spec.rotation.overlap after the Secret shows the new one"
    )
    note = (
        f"{named(client, pair)}{at_another_issuer(client, before)} is published in the place of "
        f"{named(before, pair_before)}{at_another_issuer(before, client)}, {stays}"
    )
    return Deed(word=Done.PROMOTED, note=note)


def left(client: Client, pair: Pair) -> Deed:
    """The time is over of a pair that was published before."""
    return Deed(
        word=Done.LEFT, note=f"{named(client, pair)}, which was published before, is needed no longer: its time is over"
    )


def stays(client: Client, why: str | None) -> Deed:
    """A client that nobody needs stays at its server, for no call can end it."""
    cause = why or "the authorization server did not confirm it in time"
    again = "it is tried again every day, or " if why is None else ""
    note = (
        f"{named(client)} at {client.issuer} is needed no longer and could not be deregistered: {cause}; {again}remove "
        "it there (`oauthclient-operator orphans` lists it)"
    )
    return Deed(word=Done.LEFT_BEHIND, note=note, warning=True)


def retained(record: Record) -> Deed:
    """The resource goes and its clients stay, as its policy says; those that were to be ended anyway are."""
    leaving = {x.pair.client: leaves_at(record, x, timedelta()) for x in record.leaving}
    alive, published = [c for c in record.clients if c.alive], record.published
    if published is None:
        staying, ending = alive, []
    else:
        staying = [c for c in alive if c is published or c.key in leaving]
        ending = [c for c in alive if c not in staying]
    said = [_retained(c, leaving[c.key]) if c.key in leaving and c is not published else named(c) for c in staying]
    note = f"by spec.policy.deletion: Retain, this stays at the authorization server: {', '.join(said) or 'nothing'}"
    if ending:
        note += f"; to be deregistered, and tried every day where that can be: {', '.join(map(named, ending))}"
    suspects = len(record.suspects) + (record.untold.suspects if record.untold is not None else 0)
    if suspects:
        note += f"; lost answers to registrations may have left {suspects} more"
    if record.untold is not None and record.untold.clients:
        note += f"; {record.untold.clients} clients that were left behind before those may live on"
    note += "; the record is kept (`oauthclient-operator orphans` lists it)"
    return Deed(word=Done.LEFT_BEHIND, note=note, warning=bool(ending or suspects))


def _retained(client: Client, until: datetime | None) -> str:
    if until is None:
        # It was not seen to be replaced there.
        return f"{named(client)}, which the Secret may still show"
    return f"{named(client)}, which was published before and is deregistered after {until:%Y-%m-%dT%H:%M:%SZ}"


def left_behind(verdict: Verdict) -> Deed:
    """The resource goes although a client may live on."""
    return Deed(word=Done.LEFT_BEHIND, note=verdict.message, warning=True)
