"""One non-idempotent call to an authorization server: written down, sent once, its answer recorded before it is used.

The order is the contract. The call is opened in the record; lease and deadline are checked again right before the
first byte, on a clock that runs during suspend; the request is sent once; the answer is recorded before anything
else happens, lease or no lease. From the claim on nothing is cancelled: a worker that is told to stop waits.
"""

import asyncio
import secrets
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime

from ..errors import (
    AnswerNotRecorded,
    ClusterError,
    LeaseTooShort,
    NotFound,
    OtherCallOpen,
    RequestRefused,
    UnreadableRecord,
)
from ..exchange import Answer, NotSent, Request
from ..oauth import rfc7591, rfc7592, rfc9449
from ..oauth.jose import PrivateKey
from ..oauth.outcome import Committed, Outcome
from ..record.envelope import Stored
from ..record.model import Call, CallKind, Record, ReleaseOutcome, fingerprint
from ..record.transitions import absorb, close, open_call, release
from .ports import Clock, Issuers, Lease, Observer, Settings
from .records import Records
from .visit import Visit

REFUSALS = 5
"""So often the API server may refuse a record with an answer before that is taken for its last word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """A call to be made: what is written down of it, and the request itself.

    With `proof_key` the request gets a DPoP proof when it is sent: of the key no more than its thumbprint is written
    down, and of the proof nothing.
    """

    kind: CallKind
    request: Request
    attempt: int | None = None
    client: int | None = None
    client_id: str | None = None
    digest: str | None = None
    metadata: Mapping[str, object] | None = None
    credential: str | None = None
    endpoints: Mapping[str, str] = field(default_factory=dict)
    proof_key: PrivateKey | None = None
    repeats: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The record after the call, and what came of it."""

    stored: Stored
    outcome: Outcome


class Calls:
    """Make calls; the only place that sends something that cannot be sent twice.

    `records` are written without waiting for a turn at the API server: from the claim on a deadline runs.
    """

    def __init__(
        self, issuers: Issuers, records: Records, lease: Lease, clock: Clock, settings: Settings, observer: Observer
    ) -> None:
        self._observer = observer
        self._issuers = issuers
        self._records = records
        self._lease = lease
        self._clock = clock
        self._settings = settings

    async def make(self, stored: Stored | Record, intent: Intent, visit: Visit) -> Done:
        """Make one call, from its claim to its recorded answer; the visit has begun.

        Raises:
            LeaseTooShort: before anything was written.
            OtherCallOpen: the claim was lost to another process.
            ClusterError: the claim could not be written; nothing was sent.
            AnswerNotRecorded: the record definitely refused the answer.
        """
        task = asyncio.ensure_future(self._claim_and_send(stored, intent, visit))
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
        needed = self._settings.exchange_timeout + self._settings.limits.margin
        return self._lease.remaining() > needed.total_seconds()

    async def _claim_and_send(self, stored: Stored | Record, intent: Intent, visit: Visit) -> Done:
        if not self.covers_exchange():
            raise LeaseTooShort
        deadline = self._clock.elapsed() + self._settings.exchange_timeout.total_seconds()
        claimed, call = await self._claim(stored, intent)
        left = max(0.0, deadline - self._clock.elapsed())
        answer = await self._issuers.exchange(
            self._proven(intent), timeout=left, may_begin=lambda: self._may_begin(deadline)
        )
        short = left < self._settings.exchange_timeout.total_seconds() / 2
        if isinstance(answer, NotSent) and short and self._clock.elapsed() >= deadline:
            # The API server took the time that the issuer should have had for the connection.
            answer = replace(answer, ours=True)
        visit.saw(answer)
        outcome = _judged(intent, answer)
        if intent.kind is CallKind.REGISTER:
            self._observer.registered(outcome)
        return Done(stored=await self._record(claimed, call, intent, outcome), outcome=outcome)

    def _proven(self, intent: Intent) -> Request:
        """Return the request as it is sent.

        RFC 9449 section 4: "Each HTTP request requires a unique DPoP proof."
        """
        if intent.proof_key is None:
            return intent.request
        return rfc9449.proven(
            intent.request,
            intent.proof_key,
            jti=secrets.token_urlsafe(32),
            issued_at=int(self._clock.now().timestamp()),
            nonce=self._issuers.nonce(intent.request.url),
        )

    def _may_begin(self, deadline: float) -> str | None:
        """Return why the first byte must not go out, right before it would: the process may have slept until now."""
        left = deadline - self._clock.elapsed()
        if left <= 0:
            return "the call's deadline passed before the first byte"
        if self._lease.remaining() < left + self._settings.limits.margin.total_seconds():
            return "the lease ran short before the first byte"
        return None

    async def _claim(self, stored: Stored | Record, intent: Intent) -> tuple[Stored, Call]:
        now = self._clock.now()
        nonce = uuid.uuid4().hex

        def numbered(record: Record) -> Call:
            return Call(
                number=record.next_call,
                kind=intent.kind,
                endpoint=intent.request.url,
                holder=self._settings.holder,
                nonce=nonce,
                opened_at=now,
                deadline=now + self._settings.exchange_timeout,
                attempt=intent.attempt,
                client=intent.client,
                bearer=fingerprint(intent.request.credentials),
                digest=intent.digest,
                metadata=intent.metadata,  # type: ignore[arg-type] # JSON by construction
                credential=intent.credential,
                proof_key=intent.proof_key.thumbprint if intent.proof_key is not None else None,
                repeats=intent.repeats,
            )

        def transition(record: Record) -> Record:
            if record.open is not None:
                if record.open.nonce == nonce:
                    return record  # The claim whose own answer was lost.
                raise OtherCallOpen
            return open_call(record, numbered(record))

        if isinstance(stored, Record):
            created = await self._records.create(transition(stored))
        else:
            decided_on = stored.record

            def unchanged(record: Record) -> Record:
                # What was decided was decided on that copy, the token that the request presents among it: a record
                # that moved on, be it by a late answer, is planned on again.
                if record.open is None and record != decided_on:
                    raise OtherCallOpen
                return transition(record)

            created = await self._records.change(stored, unchanged)
        if created.record.open is None or created.record.open.nonce != nonce:
            raise OtherCallOpen
        return created, created.record.open

    async def _record(self, stored: Stored, call: Call, intent: Intent, outcome: Outcome) -> Stored:
        now = self._clock.now()
        pause, refusals = 0.1, 0
        while True:
            try:
                return await self._records.change(stored, _transition(call, intent, outcome, now))
            except NotFound:
                try:
                    return await self._recreate(stored, call, intent, outcome, now)
                except (RequestRefused, NotFound):
                    refusals += 1
                except ClusterError:
                    pass
            except UnreadableRecord:
                entry = {"call": call.number, "nonce": call.nonce, "answer": _members(outcome)}
                with suppress(ClusterError):
                    await self._records.append_raw_answer(stored.record.subject.uid, entry)  # type: ignore[arg-type] # JSON
                    raise AnswerNotRecorded(None, undone=False) from None
            except RequestRefused:
                refusals += 1
            except ClusterError:
                pass
            if refusals >= REFUSALS:
                raise await self._undo(stored.record, call, outcome)
            # Nobody else holds this answer: it is tried until the process must end.
            await self._clock.sleep(pause)
            pause = min(pause * 2, 5.0)

    async def _recreate(self, stored: Stored, call: Call, intent: Intent, outcome: Outcome, now: datetime) -> Stored:
        """Create a record that was deleted under the call, with the answer.

        If its resource is gone too, it is one of a client that was left behind.
        """
        forgotten = replace(stored.record, current=None, recreated=True)
        if not await self._records.has_resource(stored.record.subject):
            forgotten = release(forgotten, ReleaseOutcome.UNCONFIRMED, now)
        return await self._records.create(_transition(call, intent, outcome, now)(forgotten))

    async def _undo(self, record: Record, call: Call, outcome: Outcome) -> AnswerNotRecorded:
        """Deregister a new client that no record can hold: the one call that is not opened first."""
        if not isinstance(outcome, Committed) or not outcome.members:
            return AnswerNotRecorded(None, undone=False)
        information = rfc7591.ClientInformation.parse(outcome.members)
        # A client that an update answered for, or that the server had given out before, is in use.
        is_new = call.kind is CallKind.REGISTER and not self._records.is_known(record, information)
        undone = False
        if is_new and information.registration_client_uri and information.registration_access_token:
            request = rfc7592.deletion_request(information)
            answer = await self._issuers.exchange(request, timeout=self._settings.exchange_timeout.total_seconds())
            undone = isinstance(rfc7592.judge_deletion(answer), Committed)
        return AnswerNotRecorded(information.client_id, undone=undone)


def _judged(intent: Intent, answer: Answer) -> Outcome:
    presented = intent.request.credentials
    match intent.kind:
        case CallKind.REGISTER:
            return rfc7591.judge(answer, presented=presented)
        case CallKind.UPDATE:
            return rfc7592.judge_update(answer, intent.client_id or "", presented=presented)
        case CallKind.DEREGISTER:
            return rfc7592.judge_deletion(answer, presented=presented)


def _transition(call: Call, intent: Intent, outcome: Outcome, now: datetime) -> Callable[[Record], Record]:
    def transition(record: Record) -> Record:
        if isinstance(outcome, Committed):
            information = rfc7591.ClientInformation.parse(outcome.members) if outcome.members else None
            return absorb(record, call, information, intent.endpoints, now)
        return close(record, call, outcome, now)

    return transition


def _members(outcome: Outcome) -> object:
    return dict(outcome.members) if isinstance(outcome, Committed) else type(outcome).__name__
