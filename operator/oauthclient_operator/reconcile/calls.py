"""One non-idempotent call to an authorization server: written down, sent once, its answer recorded before it is used.

The order is the contract. The call is opened in the record; lease and deadline are checked again right before the
first byte, on a clock that runs during suspend; the request is sent once; the answer is recorded before anything
else happens, lease or no lease. From the claim on nothing is cancelled: a worker that is told to stop waits.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final, assert_never

from ..confidential import Confidential
from ..errors import LeaseTooShort, OtherCallOpen
from ..exchange import Answer, NotSent, Request, Response
from ..issuer.caller import Tenant
from ..loop_time import Metered
from ..oauth import rfc7591, rfc7592, rfc9449
from ..oauth.echoes import credentials
from ..oauth.outcome import Outcome
from ..oauth.rfc9110 import date
from ..record.calls import Call, DeregisterCall, ReadCall, RegisterCall, UpdateCall
from ..record.envelope import Stored
from ..record.record import Record
from ..record.replacing import begin
from ..record.transitions import open_call, serve
from . import ledger
from .answers import Answers
from .authorization_server_ports import Issuers
from .intents import Intent
from .issuer_slot import IssuerSlot
from .observer import Observer
from .ports import Chance, Clock, Lease, Records
from .settings import Settings

_FOR_THE_ISSUER: Final = 1 / 3
"""Of a call's time, the part that has to be left when its claim is written, or nothing is sent: what an issuer does and
has no time to answer is lost, a client that nobody knows of among it."""

Objection = Callable[[], str | None]
"""Says right before the first byte why it must not go out, if it must not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The record after the call, and what came of it."""

    stored: Stored
    call: Call
    answer: Answer
    outcome: Outcome


class Calls:
    """Make calls; the only place that sends something that cannot be sent twice.

    `records` are written without waiting for a turn at the API server: from the claim on a deadline runs.
    """

    def __init__(
        self,
        *,
        issuers: Issuers,
        records: Records,
        answers: Answers,
        lease: Lease,
        clock: Clock,
        chance: Chance,
        settings: Settings,
        observer: Observer,
    ) -> None:
        self._issuers = issuers
        self._records = records
        self._answers = answers
        self._lease = lease
        self._clock = clock
        self._chance = chance
        self._settings = settings
        self._observer = observer

    async def make(
        self, stored: Stored | Record, intent: Intent, slot: IssuerSlot, objection: Objection = lambda: None
    ) -> Done:
        """Make one call, from its claim to its recorded answer; the slot is held.

        Raises:
            LeaseTooShort: before anything was written.
            OtherCallOpen: the claim was lost to another process.
            ClusterError: the claim could not be written; nothing was sent.
            AnswerNotRecorded: the record definitely refused the answer.
        """
        task = asyncio.ensure_future(Metered(lambda: self._claim_and_send(stored, intent, slot, objection)))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            while not task.done():
                # Who is told to stop twice waits all the same.
                with suppress(asyncio.CancelledError):
                    await asyncio.wait({task})
            raise

    def may_act(self) -> bool:
        """Whether this process still holds the lease: one that slept must not write what it remembers."""
        return self._lease.remaining() > 0

    def covers_exchange(self) -> bool:
        """Whether the lease outlasts a whole exchange begun now."""
        limits = self._settings.limits
        return self._lease.remaining() > (limits.exchange_timeout + limits.margin).total_seconds()

    async def _claim_and_send(
        self, stored: Stored | Record, intent: Intent, slot: IssuerSlot, objection: Objection
    ) -> Done:
        if not self.covers_exchange():
            raise LeaseTooShort
        whole = self._settings.limits.exchange_timeout.total_seconds()
        deadline = self._clock.elapsed() + whole
        claimed, call = await self._claim(stored, intent)
        left = deadline - self._clock.elapsed()
        took = (
            f"the API server took most of the {whole:g} s that a call has (--exchange-timeout) to write down that "
            "it is made; an admission webhook that does not answer may hold such writes"
        )
        answer: Answer
        if left < whole * _FOR_THE_ISSUER:
            answer = NotSent(cause=took, ours=True)
        else:
            answer = await self._issuers.exchange(
                self._proven(intent, slot.tenant),
                intent.address,
                tenant=slot.tenant,
                timeout=left,
                may_begin=lambda: self._why_not(deadline) or objection(),
            )
        if isinstance(answer, NotSent) and left < whole / 2 and self._clock.elapsed() >= deadline:
            # The API server took the time that the issuer should have had for the connection.
            answer = replace(answer, ours=True, cause=took)
        slot.saw(answer)
        outcome = _judged(intent, answer, _held(claimed.record))
        self._observer.called(call.kind, outcome)
        dated = date(answer.headers.get("date", "")) if isinstance(answer, Response) else None
        return Done(
            stored=await self._answers.record(claimed, call, intent, outcome, dated),
            call=call,
            answer=answer,
            outcome=outcome,
        )

    def _proven(self, intent: Intent, tenant: Tenant) -> Request:
        """Return the request as it is sent.

        RFC 9449 section 4: "Each HTTP request requires a unique DPoP proof."
        """
        if intent.proof_key is None:
            return intent.request
        return rfc9449.proven(
            intent.request,
            intent.proof_key,
            jti=self._chance.nonce(),
            issued_at=int(self._clock.now().timestamp()),
            nonce=self._issuers.nonce(intent.request.url, intent.address, tenant),
        )

    def _why_not(self, deadline: float) -> str | None:
        """Return why the first byte must not go out, right before it would: the process may have slept until now."""
        left = deadline - self._clock.elapsed()
        if left <= 0:
            return "the call's deadline passed before the first byte"
        if self._lease.remaining() < left + self._settings.limits.margin.total_seconds():
            return "the lease ran short before the first byte"
        return None

    async def _claim(self, stored: Stored | Record, intent: Intent) -> tuple[Stored, Call]:
        now, nonce = self._clock.now(), self._chance.nonce()

        def transition(record: Record) -> Record:
            if record.open is not None:
                if record.open.nonce == nonce:
                    return record  # The claim whose own answer was lost.
                raise OtherCallOpen
            if isinstance(stored, Stored) and record != stored.record:
                # What was decided was decided on that copy, the token that the request presents among it: a record
                # that moved on, be it by a late answer, is planned on again.
                raise OtherCallOpen
            call = Call(
                number=record.next_call,
                nonce=nonce,
                holder=self._settings.holder,
                issuer=intent.issuer,
                trust=intent.trust,
                endpoint=intent.request.url,
                opened_at=now,
                deadline=now + self._settings.limits.exchange_timeout,
                what=intent.what,
            )
            begun = record if intent.begins is None else begin(record, intent.begins)
            served = serve(begun, retry=intent.retry, refresh=intent.refresh, rotate=intent.rotate)
            return open_call(served.reached(intent.address), call, again=intent.again)

        if isinstance(stored, Record):
            claimed = await ledger.create(self._records, transition(stored))
        else:
            claimed = await ledger.change(self._records, self._clock, stored, transition)
        if claimed.record.open is None or claimed.record.open.nonce != nonce:
            raise OtherCallOpen
        return claimed, claimed.record.open


def _held(record: Record) -> tuple[Confidential, ...]:
    """Return the credentials of a record's clients: a server may repeat any of them in what is shown of its answer."""
    return tuple(found for client in record.clients for found in credentials(client.information.members, ()))


def _judged(intent: Intent, answer: Answer, held: tuple[Confidential, ...]) -> Outcome:
    presented = intent.request.credentials
    match intent.what:
        case RegisterCall():
            asked, statement = intent.what.asked.members, intent.statement
            return rfc7591.judge(answer, presented=presented, asked=asked, statement=statement, held=held)
        case ReadCall():
            return rfc7592.judge_read(answer, intent.client_id or "", presented=presented, held=held)
        case UpdateCall():
            client_id, statement, secret = intent.client_id or "", intent.statement, intent.secret
            return rfc7592.judge_update(
                answer, client_id, presented=presented, statement=statement, secret=secret, held=held
            )
        case DeregisterCall():
            return rfc7592.judge_deletion(answer, presented=presented, held=held)
        case _:
            assert_never(intent.what)
