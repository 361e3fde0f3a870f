"""The steps of a pass: for each action of `plan`, its one effect, and what is known afterwards."""

from dataclasses import replace

from .. import names
from ..credentials import PublishedSecret
from ..errors import CallsSpent, IssuerUnavailable, Stale
from ..oauth.outcome import Ambiguous
from ..oauth.rfc8414 import ServerMetadata
from ..plan import action as act
from ..plan.observed import Unread
from ..record import transitions
from ..record.envelope import Stored
from ..record.model import Client, Record, ReleaseOutcome
from . import intents
from .calls import Intent
from .looks import Look, Looks
from .new_record import new_record
from .ports import JSONObject
from .problems import problem_of, problem_of_call
from .records import Transition

_CALLS = (act.ReadInitialAccessToken, act.Rehearse, act.Register, act.Update, act.Deregister)
"""A call, and what prepares one: a place at the issuer comes first."""
BEGINNINGS = (act.Discover, *_CALLS)
"""Steps that a process which is told to stop does not take any more."""


class Pass(Looks):
    """One pass over one resource, as the steps that change something add to what it sees."""

    async def take(self, action: act.Action) -> None:
        """Take one step.

        Raises:
            Stale: what was observed is no longer so.
            IssuerBusy: the step has to wait for the issuer.
            ClusterError: the API server did not do its part.
        """
        if isinstance(action, _CALLS) and not self._may_call(action):
            return
        if isinstance(action, Look):
            await self.look(action)
        else:
            # Before it is done: what failed half-way may have changed something.
            self.changed.append(type(action).__name__)
            await self._take(action)

    async def _take(self, action: act.Action) -> None:  # noqa: PLR0912 - one line per action
        match action:
            case act.AddFinalizer():
                await self._patch_finalizers((*self._resource.finalizers, names.FINALIZER))
            case act.RemoveFinalizer():
                kept = tuple(f for f in self._resource.finalizers if f != names.FINALIZER)
                await self._patch_finalizers(kept)
            case act.Register():
                await self._register()
            case act.Update(client=client):
                await self._update(client)
            case act.Deregister(client=client):
                await self._call(intents.deregistration(client))
            case act.Publish(client=client, heal=heal):
                await self._publish(client, heal=heal)
            case act.RemoveSecret(name=name):
                await self._world.publisher.remove(self._resource, name)
                await self._change(lambda r: replace(r, secrets=tuple(s for s in r.secrets if s != name)))
            case act.Abandon(call=call):
                lost = Ambiguous(cause="the operator stopped or was interrupted before it could record an answer")
                await self._change(lambda r: transitions.close(r, call, lost, self._world.clock.now()))
            case act.Settle(attempt=attempt):
                await self._change(lambda r: transitions.settle(r, attempt))
            case act.Adopt(key=key):
                await self._change(lambda r: transitions.adopt(r, key))
            case act.Amend(deletion=deletion, secret=secret_name):
                await self._change(lambda r: transitions.amend(r, deletion.value, secret_name))
            case act.RecordLoss():
                await self._record_loss()
            case act.Release(outcome=outcome, verdict=verdict):
                await self._change(lambda r: transitions.release(r, outcome, self._world.clock.now()))
                if verdict is not None:
                    await self._world.reporter.announce(self._resource, verdict)
            case act.Wait() | act.Rest() | act.Gone():
                raise AssertionError("the pass is over")

    def end(self) -> None:
        """Give back what the pass still holds."""
        self._visit.end()

    def _may_call(self, action: act.Action) -> bool:
        """Take a place at the issuer; where nothing may be begun with it now, that is held against the resource."""
        # How long a deregistration is waited for counts from the first: that one is made in any case.
        first = isinstance(action, act.Deregister) and action.client.deletion_first_opened_at is None
        try:
            self._visit.begin(self.desired.issuer if self.record is None else self.record.issuer, anyway=first)
        except (IssuerUnavailable, CallsSpent) as error:
            now, limits = self._world.clock.now(), self._world.settings.limits
            self.memory = self.memory.failed(problem_of(error, now, limits), now, limits.first_backoff)
            self.observed = replace(self.observed, held=self.memory.held)
            return False
        return True

    async def _patch_finalizers(self, finalizers: tuple[str, ...]) -> None:
        change: JSONObject = {
            "metadata": {
                "uid": self._resource.uid,
                "resourceVersion": self._resource.resource_version,
                "finalizers": list(finalizers),
            }
        }
        self._offer(await self._world.cluster.patch_oauth_client(self._resource.namespace, self._resource.name, change))

    async def _change(self, transition: Transition) -> None:
        self._see(await self._world.records.change(self._stored(), transition))

    def _stored(self) -> Stored:
        if isinstance(self.observed.record, Stored):
            return self.observed.record
        raise TypeError("plan asks for this step only when a record was read")

    async def _register(self) -> None:
        server, metadata = self.observed.server, self.desired.metadata
        if not isinstance(server, ServerMetadata) or metadata is None:
            raise AssertionError("plan registers only with metadata at hand")
        record = self.record or self._new_record()
        credential = self.observed.initial_access_token_version
        if isinstance(credential, Unread):
            raise TypeError("plan registers with a token only after it was read")
        token, self._token = self._token, None
        await self._call(intents.registration(record, server, metadata, token, credential))
        # One token, one call: the next attempt reads it again.
        self.observed = replace(self.observed, initial_access_token=False)

    async def _update(self, client: Client) -> None:
        if not isinstance(self.observed.server, ServerMetadata) or self.desired.metadata is None:
            raise AssertionError("plan updates only with metadata at hand")
        await self._call(intents.update(client, self.observed.server, self.desired.metadata))

    async def _call(self, intent: Intent) -> None:
        stored = self.observed.record if isinstance(self.observed.record, Stored) else self._new_record()
        done = await self._world.calls.make(stored, intent, self._visit)
        self._visit.end()
        self._see(done.stored)
        # What was true for one call has to be found true again for the next.
        self.observed = replace(self.observed, rehearsed=False, live=False)
        now, limits = self._world.clock.now(), self._world.settings.limits
        deleting = self._resource.deleting
        problem = problem_of_call(intent, done.outcome, done.stored.record, now, limits, deleting=deleting)
        last = done.stored.record.last(intent.kind, intent.client)
        if problem is not None:
            # Failures in a row are counted: only what succeeds lets the backoff begin anew.
            self.memory = self.memory.failed(problem, now, limits.first_backoff)
            self.observed = replace(self.observed, held=self.memory.held)
        elif last is None or not last.nonce_wanted:
            self.memory = self.memory.succeeded()

    async def _publish(self, client: Client, *, heal: bool) -> None:
        stored = self._stored()
        if isinstance(self.observed.secret, PublishedSecret):
            # The Secret was read; now the record, live: a leader that slept must not publish what it remembers.
            newest = await self._world.records.read(self._resource.uid)
            if newest is None or newest.resource_version != stored.resource_version:
                raise Stale
        self.observed = await self._world.publisher.publish(
            self.observed, self._resource, stored.record, client, self.desired
        )
        if heal or self.observed.publication is not None:
            self.memory = self.memory.healed(self._world.clock.now())

    def _new_record(self) -> Record:
        settings, trust = self._world.settings, self._world.issuers.trust
        return new_record(self._resource, self.desired, cluster_uid=settings.cluster_uid, trust=trust)

    async def _record_loss(self) -> None:
        now, client_id = self._world.clock.now(), self._resource.status.client_id
        if client_id is None:
            raise AssertionError("plan records the loss only of a client that the status names")
        if self.record is None:
            lost = transitions.name_lost(self._new_record(), client_id, now)
            self._see(await self._world.records.create(transitions.release(lost, ReleaseOutcome.UNCONFIRMED, now)))
        else:
            await self._change(lambda r: transitions.name_lost(r, client_id, now))
