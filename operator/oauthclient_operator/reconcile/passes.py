"""One pass: what is observed of a resource, or of a record without one, and each step that `plan` names for it."""

from contextlib import suppress
from dataclasses import replace

from ..errors import CallsSpent, IssuerUnavailable
from ..issuer.caller import Caller
from ..plan import action as act
from ..plan import pauses
from ..plan.managing import way_of
from ..plan.observed import Observed, Problem, Unread
from ..plan.reasons import is_mistrusted
from ..plan.slots import Slot, slot_beforehand, slot_for
from ..record.envelope import Stored
from ..record.management import Way
from ..record.record import Record
from ..resource.desired import Desired
from ..resource.oauth_client import OAuthClient
from ..resource.terms import IssuerTerms
from ..verdict.deeds import Deed
from ..verdict.verdict import Verdict
from . import deeds, effects, intended, looks, proofs, renewals
from .access import Obtained, use_of
from .basis import basis
from .issuer_slot import IssuerSlot
from .memory import Memory
from .observe import with_record
from .presented import Presented
from .turning import turned_to
from .world import World

BEGINNINGS = act.Discover | act.Presented | act.Rehearse | act.Exchange | act.Proof
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
        self._obtained: Obtained | None = None
        self.observed = observed
        self.memory = memory
        self.changed: list[str] = []
        self.deeds: list[Deed] = []
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
        slot = slot_for(action, self.observed, self._there())
        if slot is not None and not self._may_call(slot):
            return
        if (slot := slot_beforehand(action, self.observed, self._desired)) is not None:
            # Whether one may be begun is asked later.
            with suppress(IssuerUnavailable, CallsSpent):
                self._slot.acquire(slot.issuer)
        if isinstance(action, act.Look):
            self.observed = await self._look(action)
            return
        # Before it is done: what failed half-way may have changed something.
        self.changed.append(type(action).__name__)
        before = self.record
        if isinstance(action, act.Exchange):
            await self._exchange(action)
        elif isinstance(action, act.Proof):
            await self._prove(action)
        else:
            self.observed = await self._slot.lent_during(self._affect(action))
        begun = action.begins if isinstance(action, act.Register | act.Update) else None
        if (over := renewals.ended(before, self.record, begun)) is not None:
            replacement, outcome = over
            self._world.observer.renewed(replacement.reasons[0], replacement.strategy, outcome)

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
            case act.ReadInitialAccessToken() | act.ObtainAccess() | act.ReadSoftwareStatement():
                found = await self._get_presented(action)
                if (presented := Presented.of(found)) != Presented.of(seen) and seen.turned is None:
                    resource, asked = effects.resource_of(seen), self._asking()
                    now = basis(world, self._caller.key, resource, asked, seen.secret_metadata, presented)
                    self.memory = self.memory.reading(presented, basis=now)
                return found
            case act.ReadClientInformation(name=name):
                return await looks.read_client_information(world, seen, self._asking(), name)
            case act.FindHolders(issuer=issuer, information=information):
                return await looks.find_holders(world, seen, issuer, information)
            case act.KeepSecret(instead=instead):
                return replace(seen, instead=instead, secret=Unread(), publication=None, rehearsed=False)
            case act.TurnBack(turned=turned):
                return turned_to(turned, world, seen, self._desired)
            case act.Discover(fresher_than=fresher_than):
                terms, caller, slot = self._terms(), self._caller, self._slot
                seen, self.memory = await looks.discover(world, seen, self.memory, terms, caller, fresher_than, slot)
                return seen
            case act.Rehearse(write=write):
                return await self._slot.lent_during(looks.rehearse(world, seen, write))

    async def _get_presented(self, action: act.Presented) -> Observed:
        if not isinstance(action, act.ObtainAccess):
            return await looks.read_presented(self._world, self.observed, self._there() or self._asking(), action)
        # A token is asked for with a slot of its own; who held one meanwhile could be in its own way.
        found, self.memory, self._obtained = await looks.obtain_access(
            self._world, self.observed, self.memory, self._terms(), action.access, self._caller, self._slot
        )
        return found

    async def _affect(self, action: act.Effect) -> Observed:
        world, seen = self._world, self.observed
        match action:
            case act.AddFinalizer():
                seen = await effects.write_finalizer(world, seen, there=True)
                if self.record is not None and self.record.published is not None:
                    self.memory = self.memory.healed(world.clock.now())
                return seen
            case act.RemoveFinalizer():
                return await effects.write_finalizer(world, seen, there=False)
            case act.Publish():
                return await self._publish(action)
            case act.RemoveSecret(name=name):
                await effects.remove_secret(world, seen, name)
                return await self._change_record(action)
            case act.RecordLoss():
                lost = await effects.record_loss(world, seen, self._asking())
                self.deeds += deeds.of_change(action, effects.stored_of(lost).record)
                return lost
            case act.DeleteRecord():
                return await effects.delete_record(world, seen)
            case act.Offer() | act.TakeUpUnproven():
                taken_in = await effects.take_in(world, seen, self._asking(), action)
                self.deeds += deeds.of_change(action, effects.stored_of(taken_in).record)
                return taken_in
            case act.Register() | act.Read() | act.Update() | act.Deregister() | act.Calibrate() | act.Check():
                raise AssertionError("a call is made elsewhere")
            case _:
                return await self._change_record(action)

    async def _change_record(self, action: effects.InRecord) -> Observed:
        world = self._world
        before = effects.stored_of(self.observed).record
        self.observed = await effects.change_record(world, self.observed, action)
        self.deeds += deeds.of_change(action, self.record)
        if isinstance(action, act.OfReplacement):
            after, key = effects.stored_of(self.observed).record, getattr(action, "key", None)
            left = after.client(key)
            way = Way.TOKEN if left is None else way_of(self.observed, left)
            self.deeds += deeds.of_replacement(action, before, after, way=way)
        if isinstance(action, act.Promote | act.GiveUp | act.EndReplacement | act.Withdraw):
            issuer, promoted = self._asking().terms.address, isinstance(action, act.Promote)
            world.fleet.ended(issuer, self._caller.key, world.clock.now(), promoted=promoted)
        return self.observed

    async def _prove(self, action: act.Proof) -> None:
        world, record = self._world, self.record
        client = record.client(action.key) if record is not None else None
        if record is None or client is None:
            raise AssertionError("plan proves only a client of the record")
        seen, result = await proofs.prove(world, self.observed, action, client, self._caller, self._slot)
        world.observer.proved(result)
        now = world.clock.now()
        if isinstance(action, act.Check) and action.kid is not None:
            self.observed = replace(seen, key_proofs={**seen.key_proofs, action.kid: result})
            return
        if action.handed is not None:
            self.observed = replace(seen, handed_proof=result)
            return
        if record.published is not None and record.published.key == client.key:
            self.memory = self.memory.proven(result, now)
            seen = replace(seen, proven_at=now, unanswered=self.memory.unanswered)
        self.observed = replace(seen, proofs={**seen.proofs, client.key: result})

    async def _publish(self, action: act.Publish) -> Observed:
        world, write = self._world, action.write
        seen = await effects.publish(world, self.observed, write)
        self.memory = self.memory.written(seen)
        if action.heal or seen.publication is not None:
            # What was refused was never there to stay.
            self.memory = self.memory.healed(world.clock.now(), write if seen.publication is None else None)
        if seen.publication is None and not self.deeds:
            # Of what a call brought the call's own word is enough.
            self.deeds.append(deeds.of_publication(action))
        return seen

    def _there(self) -> Desired | None:
        """Return what is asked for, under the terms of the issuer that is asked now."""
        return replace(self._desired, terms=self._terms()) if self._desired is not None else None

    def _terms(self) -> IssuerTerms:
        """Return what is known of the issuer that is asked now, where the resource is gone, too."""
        return self._asking().terms if (turned := self.observed.turned) is None else turned.terms

    def _asking(self) -> Desired:
        if self._desired is None:
            raise AssertionError("plan asks for this step only for a resource")
        return self._desired

    def _may_call(self, slot: Slot) -> bool:
        """Take a slot at the issuer; where nothing may be begun with it now, that is held against it."""
        world = self._world
        try:
            self._slot.acquire(slot.issuer, anyway=slot.anyway, gives_way=slot.gives_way)
        except IssuerUnavailable as error:
            # No call was made: it is no failure of this resource's.
            held = pauses.held_back(error, world.clock.now(), world.chance.fraction())
            turns = world.issuers.turns(slot.issuer, self._caller.namespace)
            self.memory = self.memory.holding_back(slot.issuer, held, turns)
            self.observed = replace(self.observed, held_back=self.memory.held_at)
            return False
        except CallsSpent as error:
            self._hold(pauses.of_error(error))
            return False
        return True

    def _hold(self, problem: Problem) -> None:
        """Count a failure, and hold it for as long as it asks for."""
        world = self._world
        self.memory = self.memory.counted(world.chance.fraction())
        until = pauses.until(problem, world.clock.now(), self.memory.failures, world.settings.limits)
        self.memory = now = self.memory.holding(problem, until)
        self.observed = replace(self.observed, failures=now.failures, held=now.held, held_back=now.held_at)

    async def _exchange(self, action: act.Exchange) -> None:
        before = self.record or effects.new_record(self._world, effects.resource_of(self.observed), self._asking())
        stored = self.observed.record if isinstance(self.observed.record, Stored) else before
        intent, objection = await intended.of(self._world, self.observed, self._there(), before, action)
        intent = replace(intent, reach=self.observed.address_of(intent.issuer).reach)
        resource = self.observed.resource
        if isinstance(resource, OAuthClient) and (resource.deleting or not isinstance(action, act.Deregister)):
            # Who asked that it be tried now is served by the very write that opens the call; not by the end of another
            # client than the one that is published.
            # A read is served by a read; one that was asked for before there was a client is not wanted any more.
            refresh = resource.refresh if isinstance(action, act.Register | act.Read) else None
            intent = replace(intent, retry=resource.retry, refresh=refresh)
        if isinstance(action, act.Register) and action.begins is not None and is_mistrusted(action.begins.reasons):
            # Where the turn is looked for and given back, also where the call goes to the client's own issuer.
            self._world.fleet.begun(self._asking().terms.address, self._caller.key, self._world.clock.now())
        done = await self._world.calls.make(stored, intent, self._slot, objection)
        self._slot.release()
        if (it := self._obtained) is not None and (use := use_of(action)) is not None:
            self._world.access_tokens.answered(it.wanted, self._caller, it.token, done.answer, use)
        self._obtained = None
        # What was true for one call has to be found true again for the next; one token is for one call.
        seen = looks.forgotten(turned_to(None, self._world, self.observed, self._desired))
        seen = with_record(seen, done.stored, self._world.watched, self._world.issuers)
        self.observed = replace(seen, rehearsed=False, rehearsal=None, live=False)
        record = done.stored.record
        if self._desired is not None:
            self._world.servers.answered(self._desired.terms, before, record)
        closed = record.last(done.call.kind, done.call.client)
        self.deeds += deeds.of_call(done.call, record)
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
                self.memory = self.memory.succeeded(closed.call.issuer)
            case pauses.Row.UNTOUCHED:
                pass
        self.observed = replace(self.observed, failures=self.memory.failures)
