"""An answer on its way into the record: tried until it is there, for nobody else holds it.

A record that was deleted under the call is created again with the answer. Only where the API server refused every try
for a minute is a new client deregistered at once, and what is in use is said to be lost.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from ..backoff import Backoff
from ..errors import AnswerNotRecorded, ClusterError, NotFound, RequestRefused, Stale, UnreadableRecord
from ..exchange import NotSent
from ..oauth import rfc7592
from ..oauth.client_information import ClientInformation
from ..oauth.outcome import Ambiguous, Committed, NotUnderstood, Outcome, Rejected
from ..record.calls import Call, RegisterCall
from ..record.credentials import is_same
from ..record.envelope import Stored
from ..record.holds import Word
from ..record.record import Record, ReleaseOutcome, Subject
from ..record.transitions import absorb, close, release
from ..record.unread_answer import UnreadAnswer
from ..resource.key import Kind
from . import ledger
from .authorization_server_ports import Issuers
from .intents import Intent
from .observe import holds_of_others
from .ports import Clock, Records, Resources, Watched
from .settings import Settings

REFUSED_FOR: Final = timedelta(minutes=1)
"""So long the API server refuses a record with an answer, every time, before that is taken for its last word."""
_PAUSE: Final = Backoff(first=0.1, longest=5.0)
_SAID_AGAIN_AFTER: Final = 60.0
"""Seconds in which nothing is said of an answer that is still on its way."""

log = logging.getLogger(__name__)
_ON_ITS_WAY: Final = "what came of a call to an authorization server cannot be recorded yet; it is tried again"
_HERE_ALONE: Final = ": do not end this process before that, for nobody else has the credentials that came"


class Answers:
    """Write what came of calls into their records."""

    def __init__(
        self,
        *,
        issuers: Issuers,
        records: Records,
        resources: Resources,
        watched: Watched,
        clock: Clock,
        settings: Settings,
    ) -> None:
        self._issuers = issuers
        self._records = records
        self._resources = resources
        self._watched = watched
        self._clock = clock
        self._settings = settings

    async def record(
        self, stored: Stored, call: Call, intent: Intent, outcome: Outcome, dated: datetime | None
    ) -> Stored:
        """Write down what came of a call, whose answer was dated so; the lease does not matter any more.

        Raises:
            AnswerNotRecorded: the API server refused it for good.
        """
        transition = _transition(call, intent, outcome, dated, self._clock.now())
        tries, refused_since, said_at = 0, None, None
        while True:
            began, tries = self._clock.elapsed(), tries + 1
            try:
                written = await self._write(stored, call, outcome, transition)
            except ClusterError as error:
                is_refusal = isinstance(error, RequestRefused | NotFound)
                # Whatever else it is, it did not say no.
                refused_since = (began if refused_since is None else refused_since) if is_refusal else None
                if said_at is None or began >= said_at + _SAID_AGAIN_AFTER:
                    said_at = began
                    said = _ON_ITS_WAY + (_HERE_ALONE if _is_news(call, outcome) else "")
                    log.warning(said, extra={**_named(stored.record, call), "why": str(error)})
            else:
                if said_at is not None:
                    log.info("what came of the call is recorded", extra=_named(stored.record, call))
                return written
            if refused_since is not None and self._clock.elapsed() >= refused_since + REFUSED_FOR.total_seconds():
                raise await self._undo(stored.record, call, outcome)
            # Nobody else holds this answer: it is tried until the process must end.
            await self._clock.sleep(_PAUSE.without_jitter(tries))

    async def _write(self, stored: Stored, call: Call, outcome: Outcome, transition: ledger.Transition) -> Stored:
        try:
            return await ledger.change(self._records, self._clock, stored, transition)
        except NotFound:
            return await self._recreate(stored, call, outcome, transition)
        except UnreadableRecord:
            with suppress(ClusterError):
                await self._records.append(stored.record.subject.uid, UnreadAnswer.of(call, outcome))
                raise AnswerNotRecorded(None, undone=False) from None
            raise ClusterError("the answer could not be appended to the registration record") from None

    async def _recreate(self, stored: Stored, call: Call, outcome: Outcome, transition: ledger.Transition) -> Stored:
        """Create a record that was deleted under the call, with the answer.

        If its resource is gone too, it is one of a client that was left behind; and where the answer brings nothing
        that nobody else knows, it was deleted because all of it was settled.

        Raises:
            Stale: there is nothing to be written down any more.
        """
        forgotten = replace(stored.record, pair=None, recreated=True)
        if not await self._has_resource(stored.record.subject):
            if not _is_news(call, outcome):
                raise Stale
            forgotten = release(forgotten, ReleaseOutcome.UNCONFIRMED, self._clock.now())
        return await ledger.create(self._records, transition(forgotten))

    async def _has_resource(self, subject: Subject) -> bool:
        resource = await self._resources.read(subject.namespace, subject.name)
        return resource is not None and resource.uid == subject.uid

    async def _undo(self, record: Record, call: Call, outcome: Outcome) -> AnswerNotRecorded:
        """Deregister a new client that no record can hold: the one call that is not opened first."""
        if not isinstance(outcome, Committed) or not outcome.members:
            return AnswerNotRecorded(None, undone=False)
        information = ClientInformation.parse(outcome.members)
        # A client that an update answered for, or that the server had given out before, is in use.
        is_new = isinstance(call.what, RegisterCall) and not self._is_known(record, call, information)
        undone = False
        if is_new and information.registration_client_uri and information.registration_access_token:
            timeout = self._settings.limits.exchange_timeout.total_seconds()
            answer = await self._issuers.exchange(
                rfc7592.deletion_request(information),
                record.address_of(call.issuer),
                tenant=(Kind.OAUTH_CLIENT, record.subject.namespace),
                timeout=timeout,
            )
            undone = isinstance(rfc7592.judge_deletion(answer), Committed)
        return AnswerNotRecorded(information.client_id, undone=undone)

    def _is_known(self, record: Record, call: Call, information: ClientInformation) -> bool:
        """Whether this record or, as far as the watch knows, another one holds that client."""
        uid, uri = record.subject.uid, information.registration_client_uri
        addresses = (uri,) if uri is not None else ()
        others = holds_of_others(self._watched, uid, call.issuer, information.client_id, addresses)
        held = any(other.word not in (Word.GONE, Word.CLAIMED) for other in others)
        return held or any(is_same(c, call.issuer, information) for c in record.clients)


def _named(record: Record, call: Call) -> dict[str, object]:
    subject = record.subject
    return {"namespace": subject.namespace, "resource": subject.name, "uid": subject.uid, "call": call.kind}


def _is_news(call: Call, outcome: Outcome) -> bool:
    """Whether an outcome tells of a client, or of credentials, that may stand nowhere else."""
    match outcome:
        case NotSent():
            return False
        case Committed():
            return bool(outcome.members)
        case Rejected():
            return bool(outcome.salvage)
        case Ambiguous() | NotUnderstood():
            return isinstance(call.what, RegisterCall) or bool(outcome.salvage)


def _transition(
    call: Call, intent: Intent, outcome: Outcome, dated: datetime | None, now: datetime
) -> Callable[[Record], Record]:
    def transition(record: Record) -> Record:
        if isinstance(outcome, Committed):
            information = ClientInformation.parse(outcome.members) if outcome.members else None
            return absorb(record, call, information, intent.endpoints, now, flaws=outcome.flaws, dated=dated)
        return close(record, call, outcome, now)

    return transition
