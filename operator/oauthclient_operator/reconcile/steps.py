"""The steps of a pass: for each action of `plan`, its one effect, and what is known afterwards."""

from dataclasses import replace
from datetime import timedelta

from .. import names
from ..credentials import PublishedSecret
from ..errors import CallsSpent, CredentialError, IssuerBusy, IssuerUnavailable, OperatorError
from ..issuer.places import Caller
from ..oauth.outcome import Ambiguous
from ..oauth.rfc8414 import ServerMetadata
from ..plan import action as act
from ..plan.observed import Missing, Observed, Problem, Unread
from ..record import transitions
from ..record.codec import UnreadableRecordError
from ..record.envelope import Stored
from ..record.model import Client, Record, ReleaseOutcome
from ..resource.desired import Desired
from ..resource.json_path import child
from ..resource.oauth_client import OAuthClient
from ..verdict import Verdict, record_unreadable
from . import intents
from .calls import Intent
from .credential import InitialAccessToken, Recipient, initial_access_token
from .memory import Memory
from .new_record import new_record
from .observe import basis, secret_metadata, version_of, with_record
from .ports import JSONObject
from .problems import problem_of, problem_of_call
from .records import Transition
from .visit import Visit
from .world import World

_LOOKS = (act.ReadResource, act.ReadRecord, act.ReadSecret, act.ReadInitialAccessToken, act.Discover, act.Rehearse)
"""Steps that change nothing, here or elsewhere."""
_CALLS = (act.ReadInitialAccessToken, act.Rehearse, act.Register, act.Update, act.Deregister)
"""A call, and what prepares one: a place at the issuer comes first."""
BEGINNINGS = (act.Discover, *_CALLS)
"""Steps that a process which is told to stop does not take any more."""


class Stale(Exception):
    """What was observed is no longer so; the pass ends and another begins."""


class Pass:
    """One pass over one resource: what is observed so far, and the steps that add to it."""

    def __init__(
        self, world: World, resource: OAuthClient, desired: Desired, observed: Observed, memory: Memory
    ) -> None:
        self._world = world
        self._resource = resource
        self._token: InitialAccessToken | None = None
        self._caller = Caller(namespace=resource.namespace, name=resource.name, uid=resource.uid)
        self._visit = Visit(world.issuers, world.budgets, self._caller)
        self.desired = desired
        self.observed = observed
        self.memory = memory
        self.changed: list[str] = []
        """The steps, by their names, that wrote something or called an issuer."""
        self.verdict: Verdict | None = None
        """What was said of the resource at the end."""

    @property
    def resource(self) -> OAuthClient:
        """The resource as it was read or written last."""
        return self._resource

    @property
    def record(self) -> Record | None:
        """The record as it was read or written last."""
        return self.observed.record.record if isinstance(self.observed.record, Stored) else None

    async def take(self, action: act.Action) -> None:
        """Take one step.

        Raises:
            Stale: what was observed is no longer so.
            IssuerBusy: the step has to wait for the issuer.
            ClusterError: the API server did not do its part.
        """
        if isinstance(action, _CALLS) and not self._may_call(action):
            return
        if not isinstance(action, _LOOKS):
            # Before it is done: what failed half-way may have changed something.
            self.changed.append(type(action).__name__)
        await self._take(action)

    async def _take(self, action: act.Action) -> None:  # noqa: PLR0912 - one line per action
        match action:
            case act.ReadResource():
                await self._read_resource()
            case act.ReadRecord():
                await self._read_record()
            case act.ReadSecret(name=name):
                secret = await self._world.publisher.read(self._resource.namespace, name)
                self.observed = replace(self.observed, secret=secret)
            case act.ReadInitialAccessToken():
                await self._read_initial_access_token()
            case act.Discover(fresher_than=fresher_than):
                await self._discover(None if fresher_than is None else self._world.clock.now() - fresher_than)
            case act.AddFinalizer():
                await self._patch_finalizers((*self._resource.finalizers, names.FINALIZER))
            case act.RemoveFinalizer():
                kept = tuple(f for f in self._resource.finalizers if f != names.FINALIZER)
                await self._patch_finalizers(kept)
            case act.Rehearse():
                await self._rehearse()
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

    def _see(self, stored: Stored) -> None:
        self.observed = with_record(self.observed, stored, self._world.watched, self._world.issuers)

    def _offer(self, body: JSONObject) -> None:
        self._world.watched.offer_resource(body)
        self._resource = OAuthClient.parse(body)
        self.observed = replace(self.observed, resource=self._resource)

    async def _read_resource(self) -> None:
        body = await self._world.cluster.read_oauth_client(self._resource.namespace, self._resource.name)
        if body is None:
            # It went while nobody watched: kopf's next list does not say so.
            self._world.watched.forget_resource(self._resource.namespace, self._resource.name, self._resource.uid)
            raise Stale
        uid, generation = self._resource.uid, self._resource.generation
        self._offer(body)
        if (self._resource.uid, self._resource.generation) != (uid, generation):
            raise Stale
        self.observed = replace(self.observed, live=True)

    async def _read_record(self) -> None:
        try:
            stored = await self._world.records.read(self._resource.uid)
        except UnreadableRecordError as error:
            until = self._world.clock.now() + self._world.settings.limits.retry_slowly
            self.observed = replace(self.observed, record=Problem(record_unreadable(str(error)), until=until))
            return
        if stored is None:
            self.observed = replace(self.observed, record=Missing())
        else:
            self._see(stored)

    async def _read_initial_access_token(self) -> None:
        name, server = self.desired.initial_access_token, self.observed.server
        if name is None:
            raise AssertionError("plan reads an initial access token only where the spec names one")
        body = await self._world.cluster.read_secret(self._resource.namespace, name)
        if isinstance(self.observed.initial_access_token_version, Unread):
            self._see_initial_access_token(body)
        if not isinstance(server, ServerMetadata) or server.registration_endpoint is None:
            # It was looked at whether it is another one; it is held for an endpoint at hand, whose server also says by
            # which algorithm a key may sign, and for no other.
            return
        to = Recipient(
            issuer=self.desired.issuer, endpoint=server.registration_endpoint, chosen=self.desired.chooses_endpoint
        )
        try:
            # The server's metadata say by which algorithm a key may sign.
            self._token = initial_access_token(body, name, to).fitted(server, name)
        except CredentialError as error:
            self.observed = replace(
                self.observed,
                initial_access_token=problem_of(error, self._world.clock.now(), self._world.settings.limits),
            )
        else:
            self.observed = replace(self.observed, initial_access_token=True)

    def _see_initial_access_token(self, body: JSONObject | None) -> None:
        """Keep which version was read, where no watch tells: a refusal is remembered with it."""
        version = None
        if body is not None:
            self._world.watched.offer_secret(body)
            version = version_of(secret_metadata(child(body, "metadata")))
        self.observed = replace(self.observed, initial_access_token_version=version)
        self.memory = replace(self.memory, basis=basis(self._resource, version))

    async def _discover(self, max_age: timedelta | None) -> None:
        now = self._world.clock.now()
        # Discovery has a place of its own; who held one meanwhile could be in its own way.
        self._visit.end()
        seconds = None if max_age is None else max(0.0, max_age.total_seconds())
        try:
            server = await self._world.issuers.discover(
                self.desired.source,
                self._caller,
                registration_endpoint=self.desired.registration_endpoint,
                max_age=seconds,
            )
        except IssuerBusy:
            raise
        except OperatorError as error:
            self.observed = replace(
                self.observed, server=problem_of(error, self._world.clock.now(), self._world.settings.limits)
            )
        else:
            # A token that was held for another endpoint is read again.
            self._token = None
            self.observed = replace(self.observed, server=server, server_read_at=now, initial_access_token=False)

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

    async def _rehearse(self) -> None:
        if self.desired.publication is None:
            raise AssertionError("plan rehearses only where there is a name to publish under")
        rehearsed = await self._world.publisher.rehearse(self.observed, self._resource, self.desired.publication)
        secret = self.observed.secret
        if rehearsed is True and not isinstance(secret, PublishedSecret):
            secret = Missing()  # A create would have succeeded: the name is free.
        self.observed = replace(self.observed, rehearsed=rehearsed, secret=secret)

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
