"""Access tokens to register clients with: each obtained once for all who want it, over the one door; decides nothing.

How long one is kept, and when another is asked for, says `access_token_life`. Who is told that there is none waits at
that issuer, and all of them are woken as soon as anybody obtains one there: whatever was mended was mended for all.
Where the issuer refused the one before, they are as soon as it takes one.
"""

import asyncio
import copy
import itertools
import random
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Final

from ..errors import IssuerBusy, IssuerNotAsked, OperatorError
from ..exchange import Answer, NotSent, Response
from ..fair_cache import FairCache
from ..oauth.access_token import ByOwnCredentials
from ..oauth.rfc8414 import ServerMetadata
from ..reach import IssuerAddress
from ..resource.key import Key, Kind
from . import access_token_life as life
from .access_token_life import AccessToken, AccessTokenOutcome, Held, ShownFor, State, Without
from .access_token_requests import AccessTokenRequests, Issuers, Registrar, Saw, Wanted
from .caller import Caller, Wake
from .waiting import WaitingKeys

BYTES_PER_TENANT: Final = 256 * 1024
BYTES_IN_ALL: Final = 4 * 1024 * 1024
"""What is kept of tokens, and of why there are none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Denied:
    """There is no token, for this reason, and none is asked for in the next so many seconds."""

    why: OperatorError
    retry_after: float


_Name = tuple[Wanted, Key | None]
"""A token, and whose it is alone."""


@dataclass(slots=True, kw_only=True)
class _Pending:
    task: asyncio.Task[AccessToken | OperatorError]
    waiting: dict[Key, None] = field(default_factory=dict)


class AccessTokens:
    """All access tokens; `wake` is called with the key of who was told to wait, or that there is none, when there is.

    `count` is told what came of each, once, however many waited for it. An exchange has `timeout` seconds; `clock` is
    in seconds and never jumps, `now` is in seconds since the epoch.
    """

    def __init__(
        self,
        issuers: Issuers,
        registrar: Registrar,
        *,
        timeout: float,
        wake: Wake = lambda _key: None,
        count: Callable[[AccessTokenOutcome], None] = lambda _outcome: None,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._issuers = issuers
        self._requests = AccessTokenRequests(issuers, registrar, timeout=timeout, now=now)
        self._wake = wake
        self._count = count
        self._clock = clock
        self._chance = chance
        self._numbers = itertools.count(1)
        self._states: FairCache[_Name, State] = FairCache(per_tenant=BYTES_PER_TENANT, in_all=BYTES_IN_ALL)
        self._pending: dict[_Name, _Pending] = {}
        self._denied: WaitingKeys[IssuerAddress] = WaitingKeys()

    def known(self, wanted: Wanted, caller: Caller) -> AccessToken | Denied | None:
        """Return the token to be used now, or why there is none for now; None says that one is to be obtained."""
        now = self._clock()
        # Why there is none for one caller is why there is none for the others, whatever it would be good for.
        for name in dict.fromkeys((_name(wanted, caller), (wanted, None))):
            match self._states.use(name, caller.tenant):
                case Held(until=until) as held if now < until:
                    mine = _promised(held, wanted, caller)
                    self._set(name, mine, caller)
                    return None if mine is None else mine.token
                case Without(why=why, until=until) if now < until:
                    return Denied(why=copy.copy(why), retry_after=until - now)
        return None

    async def obtain(
        self, wanted: Wanted, server: ServerMetadata, caller: Caller, *, credentials: ByOwnCredentials | None = None
    ) -> AccessToken:
        """Return the token that is known, or one that is obtained now; `credentials` are those of the Secret.

        The caller holds no slot. Who comes while it is being obtained and queues is told to wait, and woken; it is
        obtained also where who began it is cancelled.

        Raises:
            IssuerBusy: come again when woken.
            AccessDenied, EgressRefused, IssuerUnavailable, DiscoveryFailed, ClientAuthenticationImpossible: there is
                none, now or for a while.
            ClusterError: the API server did not answer.
        """
        match self.known(wanted, caller):
            case AccessToken() as token:
                self._denied.let_go(caller.key, wanted.address)
                return token
            case Denied(why=why):
                raise why
            case None:
                pass
        name = _name(wanted, caller)
        pending = self._pending.get(name)
        begins = pending is None or pending.task.done()
        if pending is None or begins:
            pending = self._begin(name, server, caller, credentials)
        elif caller.queued_as is not None:
            pending.waiting[caller.queued_as] = None
            raise IssuerBusy("an access token is being obtained")
        found = await asyncio.shield(pending.task)
        if isinstance(found, AccessToken):
            if begins or wanted.uses is None:
                return found
            # Who came while it was being obtained has it only as far as it goes round.
            return await self.obtain(wanted, server, caller, credentials=credentials)
        # A copy: an exception that is raised twice drags the first one's traceback along.
        raise copy.copy(found)

    def ask_now(self, wanted: Wanted, caller: Caller) -> None:
        """Have another token asked for where there is none for a while, because a person said so to that caller.

        Raises:
            IssuerBusy: persons had one asked for a moment ago; another one is due in so many seconds.
        """
        if caller.asked_ago is None:
            return
        now = self._clock()
        for name in dict.fromkeys((_name(wanted, caller), (wanted, None))):
            state, wait = life.asked_for_now(self._states.get(name), now - caller.asked_ago, now)
            if wait:
                raise IssuerBusy("an access token was asked for a moment ago, as persons said", retry_after=wait)
            self._set(name, state, caller)

    def denied(self, issuer: IssuerAddress, caller: Caller) -> None:
        """Have a caller that queues woken as soon as anybody obtains one at that issuer, for it had none itself."""
        # What is left of a deleted resource has its own time, and would look in vain.
        if caller.queues and caller.key.kind is not Kind.RECORD:
            self._denied.add(caller.key, issuer)

    def turns(self, key: Key) -> object:
        """Return a value that is another one once there is a token where that key was told that there is none."""
        return self._denied.turn(key)

    def forget(self, key: Key) -> None:
        """Take leave of a resource that is gone."""
        self._denied.forget(key)

    def answered(
        self,
        wanted: Wanted,
        caller: Caller,
        token: AccessToken,
        answer: Answer,
        use: ShownFor = ShownFor.REGISTRATION,
    ) -> None:
        """Take what came of a request that showed a token.

        One that was refused is thrown away, and so is one that is good for so many uses, as soon as it may have been
        used that often.
        """
        name = _name(wanted, caller)
        state = self._states.get(name)
        if isinstance(answer, NotSent) or not isinstance(state, Held) or state.token != token:
            return
        now, is_refused = self._clock(), isinstance(answer, Response) and answer.status == 401
        if is_refused and not life.is_spared(state, now, use):
            self._count(AccessTokenOutcome.REFUSED)
            self._set(name, life.refused(state, token, now, self._chance(), use), caller)
        elif (left := life.shown(state, caller.key, wanted.uses)) is None:
            self._states.pop(name)
        elif is_refused:
            self._set(name, life.refused(left, token, now, self._chance(), use), caller)
        else:
            self._set(name, life.taken(left, token) if isinstance(answer, Response) else left, caller)
        if state.refused and isinstance(answer, Response) and not is_refused:
            self._wake_denied(wanted.address)

    async def close(self) -> None:
        """End what is being obtained."""
        tasks = [pending.task for pending in self._pending.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _begin(
        self, name: _Name, server: ServerMetadata, caller: Caller, credentials: ByOwnCredentials | None
    ) -> _Pending:
        held = ExitStack()
        saw = held.enter_context(self._issuers.slot(name[0].address, caller))
        task = asyncio.ensure_future(self._obtain(name, server, caller, credentials, saw))
        pending = self._pending[name] = _Pending(task=task)
        # Not in the task itself: one that is cancelled before its first step takes none.
        task.add_done_callback(lambda _: self._ended(name, pending, held))
        return pending

    def _ended(self, name: _Name, pending: _Pending, held: ExitStack) -> None:
        if self._pending.get(name) is pending:
            del self._pending[name]
        held.close()
        for key in pending.waiting:
            self._wake(key)

    async def _obtain(
        self,
        name: _Name,
        server: ServerMetadata,
        caller: Caller,
        credentials: ByOwnCredentials | None,
        saw: Saw,
    ) -> AccessToken | OperatorError:
        asked_at = self._clock()
        try:
            text, expires_in = await self._requests.obtained(name[0], server, caller, credentials, saw)
        except OperatorError as error:
            # A copy, without the traceback and what hangs on it.
            why = copy.copy(error)
            self._count(life.outcome_of(why))
            if not isinstance(error, IssuerNotAsked):
                # Our own side alone says nothing to others.
                before = self._states.get((name[0], None))
                without = life.not_obtained(before, why, asked_at, self._clock(), self._chance())
                self._set((name[0], None), without, caller)
            return why
        self._count(AccessTokenOutcome.OBTAINED)
        token = AccessToken(token=text, number=next(self._numbers))
        held = life.obtained(self._states.get(name), token, expires_in, asked_at)
        self._states.pop((name[0], None))
        self._set(name, _promised(held, name[0], caller), caller)
        self._denied.let_go(caller.key, name[0].address)
        # Where those before were refused, one finds out whether this is taken: or each would have all look in vain.
        self._wake_denied(name[0].address, 1 if held.refused else None)
        return token

    def _wake_denied(self, issuer: IssuerAddress, most: int | None = None) -> None:
        # Each by a credential or terms of another version, too: it finds out at no cost where that is still so.
        for key in self._denied.called(issuer, most):
            self._wake(key)

    def _set(self, name: _Name, state: State | None, caller: Caller) -> None:
        if state is not None and state is not self._states.get(name):
            self._states.put(name, state, caller.tenant, life.weight(state))


def _promised(held: Held, wanted: Wanted, caller: Caller) -> Held | None:
    # An issuer's own pass wants to know that one can be obtained, and shows it nobody.
    return held if caller.key.kind is Kind.CLUSTER_ISSUER else life.promised(held, caller.key, wanted.uses)


def _name(wanted: Wanted, caller: Caller) -> _Name:
    return wanted, caller.key if wanted.single_use else None
