"""How records that hold one client hold it, as their labels tell each other, and what each concludes of the others.

A server may give one client out twice: to two resources, or again after it was deregistered (an initial access token
may name its client). Two clients are one if issuer and client identifier are, or issuer and registration_client_uri.

    held       a record has the client; since when: when the registration was sent that was answered with it
    deleting   its deregistration is under way, or the answer to one is missing; until when that can take effect
    left       its resource wants the client gone, or did while it was there, and nobody waits for that; since when,
               where its deregistration is tried again
    gone       it was deregistered; by when. Kept as long as the record is, for who registers meanwhile
    adopting   it was handed over to the record and proven, and is published once nobody else holds it
    retained   its resource is gone and wanted the client kept: whoever adopts it later has it alone. No label says so,
               but that it is held, by a record that was let go
    claimed    it was handed over to the record, and not proven; since when

What was handed over and not proven holds nobody up: a tenant may write anybody's identifier into a Secret. But nobody
waits for the end of what was left behind, by a resource that lives or by one that is gone: it is not ended under a
claim. Only under one of its own namespace, where whoever claims it could as well keep the resource from being deleted.
A stranger's could keep alive for ever what its owner wanted gone, a leaked secret's client, for an hour's outage.
What has no token of its own is the exception where it was claimed after it was left behind: an operator of before told
strangers that nobody ends it, and let them adopt it. This one says that it may be ended, so that nobody does any more.
What was sent after a deregistration could take effect for the last time lives, whatever that one is answered.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from ..resource.desired import DeletionPolicy
from .adoptions import Proven
from .calls import CallOutcome, DeregisterCall, RegisterCall
from .clients import Adopted, Client, Ended, LeftBehind, Registered
from .record import Record

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Word(StrEnum):
    """How a record holds a client."""

    HELD = "held"
    DELETING = "deleting"
    LEFT = "left"
    GONE = "gone"
    ADOPTING = "adopting"
    RETAINED = "retained"
    CLAIMED = "claimed"


_HOLDING: Final = (Word.HELD, Word.ADOPTING, Word.RETAINED)


@dataclass(frozen=True, slots=True)
class Hold:
    """How one record holds a client, and the time that goes with it; None where that is not known."""

    word: Word
    at: datetime | None = None

    def text(self) -> str:
        """Return the value of a label that says so, in microseconds since 1970."""
        return self.word.value if self.at is None else f"{self.word}.{(self.at - _EPOCH) // timedelta(microseconds=1)}"

    @classmethod
    def parse(cls, text: str) -> "Hold":
        """Read the value of a label; what a later version may say holds the client."""
        word, _, at = text.partition(".")
        known = at.isascii() and at.isdigit() and len(at) < 18
        time = _EPOCH + timedelta(microseconds=int(at)) if known else None
        return cls(Word(word), time) if word in set(Word) else cls(Word.HELD)


def keeps_from_adoption(uid: str, others: Mapping[str, Hold], now: datetime, margin: timedelta) -> str | None:
    """Return the UID of one of the others that keeps a record from adopting a client by how it holds it, if any does.

    A lost deregistration does until it can no longer arrive; of two that adopt it at once the larger UID withdraws.
    """
    keepers = (
        other
        for other, h in others.items()
        if h.word is Word.HELD
        or (h.word is Word.DELETING and (h.at is None or now < h.at + margin))
        or (h.word is Word.ADOPTING and other < uid)
    )
    return next(keepers, None)


def ends_elsewhere(others: Mapping[str, Hold]) -> str | None:
    """Return the UID of one that goes on to deregister a client that it left behind: who has no token does not see."""
    return next((other for other, h in others.items() if h.word is Word.LEFT and h.at is not None), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharing:
    """What the holds of other records say of a client.

    `held`: another one has it. `deleting`: another one is deregistering it, nobody knows until when. `until`: what this
    record was answered with may be ended by another one's deregistration until then, or was. `newer`: another one was
    given the client later, and after all that this record did could take effect.
    """

    held: bool = False
    deleting: bool = False
    until: datetime | None = None
    newer: bool = False


def hold(record: Record, client: Client) -> Hold | None:
    """Return how a record holds one of its clients, or None where it does not any more."""
    if isinstance(client.end, Ended):
        return Hold(Word.GONE, deregistered_until(record, client) or client.end.at)
    if not client.alive:
        return None
    if client.may_be_gone or (record.open is not None and _ends(record.open.what, client)):
        return Hold(Word.DELETING, deregistered_until(record, client))
    if isinstance(client.end, LeftBehind) or (record.released is not None and record.deletion == DeletionPolicy.DELETE):
        return Hold(Word.LEFT, _tried_since(record, client))
    if isinstance(client.origin, Adopted) and not client.origin.proven:
        return Hold(Word.CLAIMED, client.origin.at)
    if isinstance(record.adoption, Proven) and record.adoption.client == client.key and not _is_needed(record, client):
        return Hold(Word.ADOPTING, given_at(record, client))
    return Hold(Word.HELD, given_at(record, client))


def may_rely_on_claim(record: Record, client: Client, claim: Hold) -> bool:
    """Whether a stranger may have taken up what a record left behind as what nobody ends any more.

    It was so of a client without a token of its own before access ended such a one: whose claim is younger than that
    was let have it, and a claim of before has no time.
    """
    own = hold(record, client)
    if client.manageable or own is None or own.word is not Word.LEFT or own.at is None:
        return False
    return claim.word is Word.CLAIMED and (claim.at is None or claim.at >= own.at)


def _tried_since(record: Record, client: Client) -> datetime | None:
    """Return since when nobody waits for the end of a client that is, or may be, called for all the same."""
    called_for = client.manageable or client.may_be_ended_by_access
    if not called_for or (isinstance(client.origin, Adopted) and not client.origin.proven):
        # What is only claimed is in nobody's way.
        return None
    if isinstance(client.end, LeftBehind):
        return client.end.at
    return None if record.released is None else record.released.at


def given_at(record: Record, client: Client) -> datetime | None:
    """Return when the registration was sent that was answered with the client, as far as the record still knows.

    Of one that was handed over it is when that was proven.
    """
    if isinstance(client.origin, Adopted):
        return client.origin.at
    answering = record.answering(client)
    if answering is not None and isinstance(answering.what, RegisterCall):
        return answering.call.opened_at
    number = client.origin.attempt if isinstance(client.origin, Registered) else None
    return next((a.sent_at for a in record.attempts if a.number == number), None)


def deregistered_until(record: Record, client: Client) -> datetime | None:
    """Return until when a deregistration of the client can take effect, or None where none can have."""
    sent = [c for c in record.closed if _ends(c.what, client) and c.outcome is not CallOutcome.NOT_SENT]
    # What was refused completely ended nothing. Where the one that may have is forgotten, it was before those.
    ended = client.may_be_gone or isinstance(client.end, Ended)
    sent = [c for c in sent if not c.rejected] or (sent if ended else [])
    # What was answered is over, whenever the answer was written down; what was not may still arrive.
    ends = [c.call.deadline if c.outcome is CallOutcome.AMBIGUOUS else min(c.at, c.call.deadline) for c in sent]
    if record.open is not None and _ends(record.open.what, client):
        ends.append(record.open.deadline)
    return max(ends, default=None)


def sharing(record: Record, client: Client, others: Collection[Hold], margin: timedelta) -> Sharing:
    """Return what the holds of other records say of a client of this one; claims are those of its own namespace."""
    given, ended = given_at(record, client), deregistered_until(record, client)
    untimed = any(h.word is Word.DELETING and h.at is None for h in others)
    ends = [h.at + margin for h in others if h.word is Word.DELETING and h.at is not None]
    ends += [h.at for h in others if h.word is Word.GONE and h.at is not None]
    kept = [h for h in others if h.word in (Word.HELD, Word.RETAINED)]
    later = [h.at for h in kept if h.at is not None and given is not None and h.at > given]
    holding = {Word.HELD, Word.ADOPTING} if isinstance(client.origin, Adopted) else {*_HOLDING}
    if isinstance(client.end, LeftBehind) or record.released is not None:
        # Nobody waits for its end, and somebody may have taken it up as it is.
        holding.add(Word.CLAIMED)
    return Sharing(
        held=untimed or any(h.word in holding for h in others),
        deleting=untimed,
        until=max((at for at in ends if given is None or at > given), default=None),
        # Of two that were given it at one moment neither is the newer one: both could leave it to the other.
        newer=any(ended is None or at >= ended + margin for at in later),
    )


def _is_needed(record: Record, client: Client) -> bool:
    return any(pair.client == client.key for pair in record.pairs)


def _ends(what: object, client: Client) -> bool:
    return isinstance(what, DeregisterCall) and what.client == client.key
