"""One pass: what is observed of a resource, or of a record without one, and each step that `plan` names for it."""

from dataclasses import replace

from ..errors import CallsSpent, IssuerUnavailable
from ..issuer.caller import Caller
from ..oauth.rfc8414 import ServerMetadata
from ..plan import action as act
from ..plan import pauses
from ..plan.asked import asked
from ..plan.observed import Observed, Problem, Unread
from ..record.clients import Alive, Client
from ..record.envelope import Stored
from ..record.record import Record
from ..record.summary import LEFT
from ..resource.desired import Desired
from ..resource.initial_access_token import InitialAccessToken
from ..resource.oauth_client import OAuthClient
from ..verdict import Verdict
from . import effects, intents, looks
from .calls import Objection
from .intents import Intent
from .issuer_slot import IssuerSlot
from .memory import Memory
from .observe import basis, holds_of_others, with_record
from .world import World

PREPARED = act.ReadInitialAccessToken | act.Rehearse | act.Exchange
"""A call, and what prepares one: a slot at the issuer comes first."""
BEGINNINGS = act.Discover | PREPARED
"""Steps that a process which is told to stop does not take any more."""


class Pass:
    """The state of one pass; `plan` decides, and what is taken here is one step.

    `changed` are the names of the steps that wrote something or called an issuer, `verdict` is what was said at the
    end. `desired` is None in a pass over a record whose resource is gone.
    """

    def __init__(
        self, world: World, caller: Caller, desired: Desired | None, observed: Observed, memory: Memory
    ) -> None:
        self._world = world
        self._caller = caller
        self._desired = desired
        self._slot = IssuerSlot(world.issuers, world.budgets, caller)
        self.observed = observed
        self.memory = memory
        self.changed: list[str] = []
        self.verdict: Verdict | None = None

    @property
    def desired(self) -> Desired | None:
        """What the resource asks for."""
        return self._desired

    @property
    def record(self) -> Record | None:
        """The record as it was read or written last."""
        return self.observed.record.record if isinstance(self.observed.record, Stored) else None

    async def take(self, action: act.Look | act.Effect) -> None:
        """Take one step.

        Raises:
            PassInterrupted: what was observed is no longer so, or the step cannot be taken.
            IssuerBusy: the step has to wait for the issuer.
            ClusterError: the API server did not do its part.
        """
        if isinstance(action, PREPARED) and not self._may_call(action):
            return
        if isinstance(action, act.Look):
            self.observed = await self._look(action)
            return
        # Before it is done: what failed half-way may have changed something.
        self.changed.append(type(action).__name__)
        if isinstance(action, act.Exchange):
            await self._exchange(action)
        else:
            self.observed = await self._affect(action)

    def end(self) -> None:
        """Give back what the pass still holds."""
        self._slot.release()

    async def _look(self, action: act.Look) -> Observed:
        world, seen = self._world, self.observed
        match action:
            case act.ReadResource():
                return await looks.read_resource(world, seen)
            case act.ReadRecord():
                return await looks.read_record(world, seen, self._caller.uid)
            case act.ReadSecret(name=name):
                return await looks.read_secret(world, seen, self._caller.namespace, name)
            case act.ReadInitialAccessToken(name=name):
                found = await looks.read_initial_access_token(world.secrets, seen, self._asking(), name)
                if isinstance(seen.initial_access_token_version, Unread):
                    token = found.initial_access_token_version
                    self.memory = replace(self.memory, basis=basis(effects.resource_of(seen), token))
                return found
            case act.Discover(fresher_than=fresher_than):
                # Discovery has a slot of its own; who held one meanwhile could be in its own way.
                self._slot.release()
                return await looks.discover(world, seen, self._asking(), self._caller, fresher_than)
            case act.Rehearse(write=write):
                return await looks.rehearse(world, seen, write)

    async def _affect(self, action: act.Effect) -> Observed:
        world, seen = self._world, self.observed
        match action:
            case act.AddFinalizer():
                return await effects.write_finalizer(world, seen, there=True)
            case act.RemoveFinalizer():
                return await effects.write_finalizer(world, seen, there=False)
            case act.Publish(write=write, heal=heal):
                seen = await effects.publish(world, seen, write)
                if heal or seen.publication is not None:
                    self.memory = self.memory.healed(world.clock.now())
                return seen
            case act.RemoveSecret(name=name):
                await effects.remove_secret(world, seen, name)
                return await effects.change_record(world, seen, action)
            case act.RecordLoss():
                return await effects.record_loss(world, seen, self._asking())
            case act.DeleteRecord():
                return await effects.delete_record(world, seen)
            case act.Release(verdict=verdict):
                released = await effects.change_record(world, seen, action)
                if verdict is not None and isinstance(seen.resource, OAuthClient):
                    await world.reporter.announce(seen.resource, verdict)
                return released
            case act.Register() | act.Update() | act.Deregister():
                raise AssertionError("a call is made elsewhere")
            case _:
                return await effects.change_record(world, seen, action)

    def _asking(self) -> Desired:
        if self._desired is None:
            raise AssertionError("plan asks for this step only for a resource")
        return self._desired

    def _may_call(self, action: act.Look | act.Effect) -> bool:
        """Take a slot at the issuer; where nothing may be begun with it now, that is held against the resource."""
        about = action.client if isinstance(action, act.Update | act.Deregister) else None
        issuer = about.issuer if about is not None else self._asking().terms.issuer
        # How long a deregistration is waited for counts from the first: that one is made in any case.
        first = isinstance(action, act.Deregister) and isinstance(action.client.end, Alive)
        try:
            self._slot.acquire(issuer, anyway=first or self.observed.asked_at is not None)
        except (IssuerUnavailable, CallsSpent) as error:
            self._hold(pauses.of_error(error))
            return False
        return True

    def _hold(self, problem: Problem) -> None:
        """Count a failure, and hold it for as long as it asks for."""
        world = self._world
        self.memory = self.memory.counted(world.chance.fraction())
        until = pauses.until(problem, world.clock.now(), self.memory.failures, world.settings.limits)
        self.memory = self.memory.holding(problem.verdict, until)
        self.observed = replace(self.observed, failures=self.memory.failures, held=self.memory.held)

    async def _exchange(self, action: act.Exchange) -> None:
        intent, objection = self._intended(action)
        stored = self.observed.record if isinstance(self.observed.record, Stored) else self._new_record()
        done = await self._world.calls.make(stored, intent, self._slot, objection)
        self._slot.release()
        # What was true for one call has to be found true again for the next; one token is for one call.
        self.observed = replace(
            with_record(self.observed, done.stored, self._world.watched, self._world.issuers),
            rehearsed=False,
            live=False,
            initial_access_token=Unread(),
        )
        record = done.stored.record
        closed = record.last(done.call.kind, done.call.client)
        if closed is None or closed.call.nonce != done.call.nonce:
            return
        deleting = isinstance(self.observed.resource, OAuthClient) and self.observed.resource.deleting
        problem = pauses.of_call(closed, done.outcome, record, deleting=deleting)
        if problem is not None:
            self._hold(problem)
            return
        match pauses.row_after(closed):
            case pauses.Row.LONGER:
                self.memory = self.memory.counted(self._world.chance.fraction())
            case pauses.Row.ENDED:
                self.memory = self.memory.succeeded()
            case pauses.Row.UNTOUCHED:
                pass
        self.observed = replace(self.observed, failures=self.memory.failures)

    def _intended(self, action: act.Exchange) -> tuple[Intent, Objection]:
        match action:
            case act.Register():
                return self._registration(), _no_objection
            case act.Update(client=client):
                metadata = asked(self._asking())
                if not isinstance(self.observed.server, ServerMetadata) or metadata is None:
                    raise AssertionError("plan updates only with metadata at hand")
                return intents.update(client, self.observed.server, metadata), _no_objection
            case act.Deregister(client=client):
                return intents.deregistration(client), lambda: self._why_not_deregister(client)

    def _registration(self) -> Intent:
        server, metadata = self.observed.server, asked(self._asking())
        token, credential = self.observed.initial_access_token, self.observed.initial_access_token_version
        if not isinstance(server, ServerMetadata) or metadata is None or isinstance(credential, Unread):
            raise AssertionError("plan registers only with metadata at hand, and with a token only after it was read")
        return intents.registration(
            self.record or self._new_record(),
            server,
            metadata,
            token if isinstance(token, InitialAccessToken) else None,
            trust=self._world.issuers.trust(server.issuer),
            credential=credential,
        )

    def _why_not_deregister(self, client: Client) -> str | None:
        """Return why a deregistration must not be sent after all: what was decided on may have changed since."""
        resource, uri = self.observed.resource, client.information.registration_client_uri
        if isinstance(resource, OAuthClient) and effects.is_outdated(self._world, resource):
            return "the resource was changed before the first byte"
        others = holds_of_others(self._world.watched, self._caller.uid, uri) if uri is not None else set()
        return "another resource holds the client by now" if others - {LEFT} else None

    def _new_record(self) -> Record:
        return effects.new_record(self._world, effects.resource_of(self.observed), self._asking())


def _no_objection() -> str | None:
    return None
