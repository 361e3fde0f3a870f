"""What the steps of a pass did, as Events tell it."""

from collections.abc import Iterator
from typing import assert_never

from ..plan import action as act
from ..record.calls import Call, DeregisterCall, ReadCall, RegisterCall, UpdateCall
from ..record.clients import Client, LeftBehind
from ..record.management import Way
from ..record.reading import last_failed, to_be_repeated
from ..record.record import Record, ReleaseOutcome
from ..verdict import deeds
from ..verdict.deeds import Deed
from ..verdict.deregistering import left_behind
from ..verdict.updating import obstacle


def of_call(call: Call, record: Record) -> Iterator[Deed]:
    """Yield what a call did, as far as the record knows."""
    match call.what:
        case RegisterCall():
            yield from (_of_registration(c, record) for c in record.clients if c.answer.call == call.number)
        case ReadCall(adopts=True):
            # What it proves is told once it is published.
            return
        case ReadCall(client=key):
            yield from _of_read(call, record, key)
        case UpdateCall(client=key):
            client = record.client(key)
            if client is not None and client.answer.call == call.number:
                yield deeds.updated(client, record.answering(client))
        case DeregisterCall(client=key):
            client = record.client(key)
            if client is not None and not client.alive:
                yield deeds.deregistered(client)
        case _:
            assert_never(call.what)


def _of_registration(client: Client, record: Record) -> Deed:
    beside = record.published if record.published is not None and record.published.key != client.key else None
    if beside is not None and client in record.surplus:
        return deeds.registered_late(client, beside)
    return deeds.registered(client, record.answering(client), beside)


def of_replacement(action: act.OfReplacement, before: Record, after: Record, *, way: Way) -> Iterator[Deed]:
    """Yield what became of the pairs of a record; `way` is by what a client is managed that is left behind."""
    match action:
        case act.Promote() | act.ReturnTo():
            was, now = before.pair, after.pair
            client, client_before = after.published, before.published
            if after.edition > before.edition and was and now and client is not None and client_before is not None:
                yield deeds.promoted(client, now, client_before, was)
        case act.Retire(pair=pair):
            client = after.client(pair.client)
            if client is not None and len(after.leaving) < len(before.leaving):
                yield deeds.left(client, pair)
        case act.LeaveBehind(key=key):
            client = after.client(key)
            if client is not None and isinstance(client.end, LeftBehind):
                yield deeds.stays(client, obstacle(client, way))
        case act.Show() | act.GiveUp() | act.FallBack() | act.EndReplacement() | act.Withdraw() | act.TakeExpiry():
            pass
        case act.BeginEnd():
            # Nothing was asked of its server yet.
            pass
        case _:
            assert_never(action)


def of_publication(publish: act.Publish) -> Deed:
    """Return whether a Secret was put right, or holds what was not asked for before."""
    name = publish.write.name
    return deeds.restored(name) if publish.heal else deeds.published(name)


def of_change(action: act.Effect, record: Record | None) -> Iterator[Deed]:
    """Yield what a change of the record means to whoever reads Events; `record` is what it is now."""
    if record is None:
        return
    match action:
        case act.PassOn(key=key):
            client = record.client(key)
            if client is not None and not client.alive:
                yield deeds.passed_on(client)
        case act.TakeUp() | act.TakeUpUnproven() if record.published is not None:
            yield deeds.adopted(record.published)
        case act.Release(verdict=verdict) if verdict is not None:
            yield deeds.left_behind(verdict)
        case act.RecordLoss() if record.released is not None:
            # There was none, so nothing else is going to be told.
            left = tuple(c.information.client_id for c in record.clients if c.alive)
            yield deeds.left_behind(left_behind(left, len(record.suspects)))
        case act.Release(outcome=ReleaseOutcome.RETAINED):
            yield deeds.retained(record)
        case act.Serve(prove=str(), why=str(why)) if record.published is not None:
            yield deeds.not_proven(record.published, why)
        case act.Serve(why=str(why)) if record.published is not None:
            # A client cannot be read, where a person asked for it.
            yield deeds.unreadable(record.published, why)


def _of_read(call: Call, record: Record, key: int) -> Iterator[Deed]:
    client = record.client(key)
    if client is None:
        return
    last = last_failed(record, client)
    final = last is not None and last.call.nonce == call.nonce and not to_be_repeated(record, client)
    if client.answer.call == call.number:
        yield deeds.read(client, record.answering(client))
    elif last is not None and final and (last.by_access or not client.management_lost):
        # That the token is not accepted any more has a reason of its own, and so an Event.
        yield deeds.not_read(client, last)
