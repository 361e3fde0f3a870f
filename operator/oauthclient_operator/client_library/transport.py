"""The way of a program to its authorization server: our own door, what the program put around it, and DPoP proofs."""

import asyncio
import math
import secrets
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import replace
from pathlib import Path

from ..egress.door import Door
from ..egress.policy import ProgramPolicy
from ..errors import DPoPKeyNotSupported, EgressRefused
from ..exchange import Answer, Incomplete, NotSent, Request, Response
from ..oauth import rfc9449
from ..oauth.jose import PrivateKey
from ..oauth.salvage import salvage

Send = Callable[[Request], Awaitable[Answer]]
"""Sends a request once, through the door, within what is left of the exchange's time."""
Transport = Callable[[Request, Send], Awaitable[Answer]]
"""Stands around the door: it may look at a request and at what came of it, change both, or answer in place of a server.

What it sends by `send` goes through the door, with its certificate checks. It returns `NotSent` where nothing was sent;
where it raises in place of returning, the request counts as perhaps sent.
"""


class Channel:
    """All that is kept between the exchanges of one configuration.

    Raises:
        ValueError: there is no readable certificate in the CA bundle.
    """

    def __init__(
        self,
        policy: ProgramPolicy,
        *,
        ca_bundle: Path | None,
        transport: Transport | None,
    ) -> None:
        self._policy = policy
        # The system's authorities take time to be read, and are not needed where the transport never sends.
        self._opened = None if ca_bundle is None else Door(policy=policy, ca_bundle=ca_bundle)
        self._transport = transport
        self._nonces = rfc9449.Nonces()

    async def exchange(self, request: Request, *, timeout: float) -> Answer:  # noqa: ASYNC109 - as Door.exchange
        """Send a request once and return what came of it, within `timeout` seconds.

        A cancellation goes on as CancelledError only where nothing was sent, for certain; see `Door.exchange`.
        """
        answer = await self._answer(request, timeout)
        if isinstance(answer, Response):
            self._nonces.learn(request.url, answer.headers)
        return answer

    async def ask(self, request: Request, *, timeout: float) -> Answer:  # noqa: ASYNC109 - as Door.exchange
        """Do the same with a request that changes nothing at the server: a cancellation is one whenever it comes."""
        task = asyncio.current_task()
        cancellations = 0 if task is None else task.cancelling()
        answer = await self.exchange(request, timeout=timeout)
        if task is not None and task.cancelling() > cancellations:
            raise asyncio.CancelledError
        return answer

    async def prove(
        self,
        make: Callable[[], Request],
        send: Send,
        *,
        key: PrivateKey | None,
        clock_skew: float,
        algorithms: Collection[str],
    ) -> tuple[Request, Answer]:
        """Send a request by `send`, with a DPoP proof if there is a key, and again if the server asks for a nonce.

        Returned are the one that was sent last and its answer. Each is made anew by `make`, for a client assertion is
        good for one request. `clock_skew` in seconds is how far the server's clock is ahead; `algorithms` are those
        that it takes, if it says so (RFC 9449 section 5.1).
        """
        if key is None:
            request = make()
            return request, await send(request)
        algorithm = rfc9449.algorithm_for(key, algorithms)
        if algorithm is None:
            raise DPoPKeyNotSupported("the issuer's metadata name no JWS algorithm for proofs that the DPoP key has")
        # RFC 9449 section 8: a server refuses with "use_dpop_nonce" and "a DPoP-Nonce HTTP header supplying a nonce
        # value to be used when sending the subsequent request". Once: the second refusal is an answer.
        for attempt in (1, 2):
            request = make()
            used = self._nonces.of(request.url)
            proven = rfc9449.proven(
                request,
                key,
                jti=secrets.token_urlsafe(32),
                issued_at=now(clock_skew),
                nonce=used,
                algorithm=algorithm,
            )
            answer = await send(proven)
            if not isinstance(answer, Response) or attempt == 2:
                break
            if not rfc9449.asks_for_nonce(answer) or self._nonces.of(request.url) in (None, used):
                break
        return proven, answer

    async def _answer(self, request: Request, seconds: float) -> Answer:
        if self._transport is None:
            return await (await self._door()).exchange(request, timeout=seconds)
        try:
            # A transport does not get to see what must not leave: it need not ask our door.
            self._policy.admit(request.url)
        except EgressRefused as refusal:
            return NotSent(cause=str(refusal), refused=True)
        return await _Around(self._transport, self._door).exchange(request, seconds)

    async def _door(self) -> Door:
        if self._opened is None:
            self._opened = await asyncio.to_thread(Door, policy=self._policy)
        return self._opened


def now(clock_skew: float) -> int:
    """Return the server's time in seconds since the epoch, as far as the skew of `clock_skew` seconds is known."""
    return math.floor(time.time() + clock_skew)


class _Around:
    """One exchange through a transport of the program's own: whatever that does, it comes to an answer."""

    def __init__(self, transport: Transport, door: Callable[[], Awaitable[Door]]) -> None:
        self._transport = transport
        self._door = door
        self._perhaps: Response | Incomplete | None = None
        """What came of what was sent last and may have taken effect; a complete refusal has not (`judgement`)."""
        self._stopped_unsent = False

    async def exchange(self, request: Request, seconds: float) -> Answer:
        try:
            async with asyncio.timeout(seconds) as scope:
                answer = await self._transport(request, self._sender(scope))
        except TimeoutError:
            return self._incomplete(f"no complete response within {math.ceil(seconds)} s")
        except asyncio.CancelledError:
            if self._stopped_unsent:
                raise
            return self._incomplete("the exchange was cancelled before the transport returned")
        except Exception as error:  # noqa: BLE001 - the request may have been sent, and that must not be forgotten
            return self._incomplete(f"the transport failed ({place(error)})")
        if not _is_whole(answer):
            return self._malformed(answer)
        match answer:
            case Response():
                return replace(answer, headers={name.lower(): value for name, value in answer.headers.items()})
            case NotSent() if self._perhaps is not None:
                # A second try that was not sent says nothing of the first.
                return self._incomplete(answer.cause)
            case NotSent() | Incomplete():
                return answer

    def _sender(self, scope: asyncio.Timeout) -> Send:
        deadline = scope.when() or 0.0

        async def send(request: Request) -> Answer:
            # The door keeps the time better while it has the request: it knows what was sent, and reads what has come.
            scope.reschedule(None)
            self._stopped_unsent = False
            try:
                door = await self._door()
                answer = await door.exchange(request, timeout=deadline - asyncio.get_running_loop().time())
            except asyncio.CancelledError:
                self._stopped_unsent = self._perhaps is None
                raise
            finally:
                scope.reschedule(deadline)
            if not isinstance(answer, NotSent) and not _is_refusal(answer):
                self._perhaps = answer
            return answer

        return send

    def _malformed(self, answer: object) -> Incomplete:
        cause = "the transport returned something that is no answer"
        body = _body(answer)
        # It may hold credentials all the same; else what came through the door may.
        return Incomplete(cause=cause, partial=body, ours=True) if salvage(body) else self._incomplete(cause)

    def _incomplete(self, cause: str) -> Incomplete:
        match self._perhaps:
            case Response(status=status, body=body):
                return Incomplete(cause=cause, status=status, partial=body, ours=True)
            case Incomplete(status=status, partial=partial):
                return Incomplete(cause=cause, status=status, partial=partial, ours=True)
            case _:
                return Incomplete(cause=cause, ours=True)


def _is_whole(answer: object) -> bool:
    """Whether that is an answer, and all in it is of its type: what is not found here fails after a client exists."""
    match answer:
        case Response(status=int(), headers=Mapping() as headers, body=bytes()):
            return all(isinstance(name, str) and isinstance(value, str) for name, value in headers.items())
        case Incomplete(cause=str(), status=int() | None, partial=bytes()) | NotSent(cause=str()):
            return True
        case _:
            return False


def _body(answer: object) -> bytes:
    """Return the body of what is no answer, as far as it can be read."""
    match answer:
        case Response(body=body) | Incomplete(partial=body):
            read: object = body
        case _:
            read = b""
    if isinstance(read, str):
        # What is no character stays none, and no credential is made of it.
        return read.encode("utf-8", errors="surrogatepass")
    return bytes(read) if isinstance(read, bytes | bytearray | memoryview) else b""


def _is_refusal(answer: Response | Incomplete) -> bool:
    return isinstance(answer, Response) and 300 <= answer.status < 500 and answer.status != 408


def place(error: BaseException) -> str:
    """Return which error it is and where it was raised; its words may be about what was sent."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return type(error).__name__
    return f"{type(error).__name__} in {Path(trace.tb_frame.f_code.co_filename).name}, line {trace.tb_lineno}"
