"""What a replacement does to a record: it is begun with its first call, promoted, given up; the pair before it leaves.

    begin -> a registration brings a candidate -> promote -> shown in the Secret -> retire
    begin -> a registration brings a candidate -> give up -> … -> end without effect

Each names what it is about, so that it changes nothing in a record that has moved on.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from .clients import Client, LeftBehind
from .pairs import Pair, expiry, pair_of
from .record import Record
from .renewal_tries import tried
from .replacements import Leaving, Replacement, ReplacementReason, Strategy, WithoutEffect


def begin(record: Record, replacement: Replacement) -> Record:
    """Write a replacement down in the write that opens its first call, or another key with which it goes on."""
    current = record.replacement
    goes_on = current is not None and current.first_call == replacement.first_call and current.pair is None
    return replace(record, replacement=replacement) if current is None or goes_on else record


def offered(record: Record, client: Client, call: int, now: datetime) -> Record:
    """Take a client that a registration brought as the candidate, if one is waited for."""
    replacement = record.replacement
    if replacement is None or call < replacement.first_call or record.pair is None or record.released is not None:
        return record
    if client.key == record.pair.client:
        # The server answered with the client that is published: whatever it changed of it holds already.
        return end_without_effect(record, replacement, now)
    if replacement.pair is not None:
        return record
    if any(leaving.pair.client == client.key for leaving in record.leaving):
        # With one that was published before, and goes on its day: it is returned to, or asked again when it has gone.
        return end_without_effect(record, replacement, now)
    return replace(record, replacement=replace(replacement, pair=pair_of(client)))


def promote(
    record: Record,
    pair: Pair,
    rotate: str | None,
    now: datetime,
    lacking: tuple[ReplacementReason, ...] = (),
) -> Record:
    """Make the candidate the published pair; the one before it leaves.

    `rotate` is what a person asked by then: whoever asked while it was under way gets this one. `lacking` are reasons
    that it does not cure: what was tried for them in vain is not forgotten.
    """
    replacement = record.replacement
    if replacement is None or replacement.pair != pair or record.released is not None:
        return record
    ended = record.without_effect
    ended = ended if ended is not None and not set(lacking).isdisjoint(ended.reasons) else None
    served = replace(record, replacement=None, without_effect=ended, rotate=rotate or record.rotate)
    return _published(served, pair, now)


def return_to(record: Record, pair: Pair, now: datetime) -> Record:
    """Make a pair that is leaving the published one again; the one that was published leaves."""
    client = record.client(pair.client)
    leaves = next((leaving for leaving in record.leaving if leaving.pair == pair), None)
    if leaves is None or client is None or not client.wanted or record.released is not None:
        return record
    staying = tuple(leaving for leaving in record.leaving if leaving is not leaves)
    return _published(replace(record, leaving=staying), pair, now)


def show(record: Record, edition: int, now: datetime, overlap: timedelta) -> Record:
    """Write down that the published pair was seen in the Secret: from now on those before it are not needed long."""
    if edition != record.edition:
        return record
    dated = (x if x.shown_at is not None else replace(x, shown_at=now, until=now + overlap) for x in record.leaving)
    return replace(record, leaving=tuple(dated))


def retire(record: Record, pair: Pair) -> Record:
    """Write down that a pair is needed no longer: a client that no other pair needs is surplus then."""
    return replace(record, leaving=tuple(leaving for leaving in record.leaving if leaving.pair != pair))


def give_up(record: Record, pair: Pair, *, one_key: bool = False) -> Record:
    """Give the candidate up: its client is surplus, or its key is taken back; another may take its place.

    `one_key` says that the client's server holds one key only.
    """
    replacement, client = record.replacement, record.client(pair.client)
    if replacement is None or replacement.pair != pair:
        return record
    if one_key and client is not None:
        record = record.with_client(replace(client, one_key=True))
    return replace(record, replacement=replace(replacement, pair=None, given_up=replacement.given_up + 1, refused=()))


def fall_back(record: Record, replacement: Replacement) -> Record:
    """Let a replacement by a key or an update go on by another client, with a budget of its own."""
    current = record.replacement
    if current is None or current.first_call != replacement.first_call or current.pair is not None:
        return record
    if current.strategy is Strategy.REREGISTER:
        return record
    attempt = max((a.number for a in record.attempts), default=0) + 1
    return replace(
        record,
        replacement=replace(
            current, strategy=Strategy.REREGISTER, first_call=record.next_call, first_attempt=attempt, given_up=0
        ),
    )


def renewed(record: Record, before: Client, now: datetime) -> Record:
    """End a replacement by an update, where the published client has another credential or another term since.

    What was published of it is good for as long as the server says, and nothing of it has to be ended by us.
    """
    current, client = record.replacement, record.published
    if current is None or current.strategy is not Strategy.SERVER or client is None or client.key != before.key:
        return record
    if current.changes_method:
        if pair_of(client).credential == pair_of(before).credential:
            # The server took the update, and left the method as it was. A public key that it may hold opens nothing.
            return end_without_effect(record.with_client(replace(client, keys=(), kids=())), current, now)
        # What else of the same client was published went with it.
        staying = tuple(leaving for leaving in record.leaving if leaving.pair.client != client.key)
        return replace(record, replacement=None, without_effect=None, promoted_at=now, leaving=staying)
    # Only that the same one ends sooner is nothing new.
    term, term_before = ((c.credential_at, pair_of(c)) for c in (client, before))
    if term == term_before:
        return tried(record, client, now, answered=True)
    return replace(record, replacement=None, without_effect=None)


def leave_behind(record: Record, key: int, now: datetime) -> Record:
    """Write down that nobody waits any longer for the end of a client that no pair needs."""
    client = record.client(key)
    if client is None or client not in record.surplus:
        return record
    useless_from = None if client.manageable else expiry(client)
    return record.with_client(
        replace(client, end=LeftBehind(at=now, lost=client.may_be_gone, useless_from=useless_from))
    )


def withdraw(record: Record, replacement: Replacement) -> Record:
    """End a replacement that nothing asks for any more."""
    current = record.replacement
    if current is None or current.first_call != replacement.first_call or current.pair is not None:
        return record
    return replace(record, replacement=None)


def end_without_effect(
    record: Record, replacement: Replacement, now: datetime, asking: tuple[ReplacementReason, ...] = ()
) -> Record:
    """End a replacement that brought nothing better: what asks for it waits longer each time.

    `asking` is what asks for it by now, where that is known.
    """
    current = record.replacement
    if current is None or current.first_call != replacement.first_call:
        return record
    before = record.without_effect.times if record.without_effect is not None else 0
    ended = WithoutEffect(times=before + 1, at=now, reasons=asking or current.reasons)
    return replace(record, replacement=None, without_effect=ended)


def _published(record: Record, pair: Pair, now: datetime) -> Record:
    before = () if record.pair is None else (Leaving(pair=record.pair),)
    return replace(record, pair=pair, edition=record.edition + 1, promoted_at=now, leaving=(*record.leaving, *before))
