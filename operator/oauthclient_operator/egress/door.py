"""The one function that reaches authorization servers: a request goes out once, and exactly one answer comes of it."""

import asyncio
import logging
import math
import re
import time
from collections.abc import Callable, Hashable
from contextlib import aclosing
from importlib.metadata import version
from pathlib import Path
from typing import Final

import httpcore

from .. import names
from ..confidential import Confidential
from ..errors import BoundExceeded, EgressRefused, NotSecured, Objected, Withheld
from ..exchange import Answer, NotSent, Request
from ..loop_time import METER, Meter
from .exchange_progress import ExchangeProgress
from .network import VettedNetwork
from .policy import Policy
from .resolution import Resolver
from .trust import Trust
from .url import Destination

USER_AGENT: Final = f"{names.OPERATOR}/{version(names.OPERATOR)}"
_TOKEN: Final = re.compile(r"[\x21-\x7e]+")
_SLEPT: Final = 1.0
"""Seconds; a deadline that is noticed so late was slept through."""
_CATCH_UP: Final = 2.0
"""Seconds to read what came while the process was stopped."""

Observe = Callable[[Request, Answer, float], None]
"""Is told of every exchange: the request, what came of it, and how many seconds that took."""


class Door:
    """The egress door: all requests to issuers go out by it, as far as the policy and the trust allow.

    Every exchange has a connection of its own: a kept one that the server closes in the same moment would make
    "was it sent?" a question without an answer. There are no redirects, no retries, no proxies and no cookies; a body
    that is compressed although it was asked not to be is unpacked within the bounds. httpcore is used without httpx:
    its client parses Location and Set-Cookie also of responses that it hands on, and a complete answer must not become
    an error by what is written there.
    """

    def __init__(
        self,
        *,
        policy: Policy,
        ca_bundle: Path | None = None,
        system_authorities: bool = False,
        trust: Trust | None = None,
        resolver: Resolver | None = None,
        observe: Observe = lambda _request, _answer, _seconds: None,
    ) -> None:
        self.policy = policy
        self._trust = trust or Trust(ca_bundle, system=system_authorities)
        self._resolver = resolver or Resolver()
        self._observe = observe
        # At DEBUG it logs each response's headers: a cookie or a token may be among them.
        logging.getLogger("httpcore").setLevel(logging.WARNING)

    def with_other(self, policy: Policy, trust: Trust | None) -> "Door":
        """Return a door beside this one, with a policy of its own; where no other trust is named it has this one's."""
        return Door(policy=policy, trust=trust or self._trust, resolver=self._resolver, observe=self._observe)

    @property
    def trust(self) -> str:
        """The name of what is trusted (see `Trust.name`)."""
        return self._trust.name

    async def exchange(
        self,
        request: Request,
        *,
        timeout: float,  # noqa: ASYNC109 - it does not bound this call alone: what it comes to depends on when
        may_begin: Callable[[], str | None] | None = None,
        tenant: Hashable = None,
    ) -> Answer:
        """Send a request once and return what came of it, within `timeout` seconds in all.

        `may_begin` is asked once, right before the first byte of the request would be written, after name resolution,
        connection and TLS; the sentence it returns is the reason not to. The name is looked up on the account of
        `tenant`, if there is one (see `Resolver`).

        NotSent means that no byte of the request was written, for certain. A cancellation before the first byte goes
        on as CancelledError, and means the same; after it, Incomplete is returned in its place, for the caller has
        to record that (`asyncio.current_task().cancelling()` tells). It raises nothing else.
        """
        began = time.monotonic()
        answer = await self._exchange(request, timeout, ExchangeProgress(may_begin), tenant)
        self._observe(request, answer, time.monotonic() - began)
        return answer

    async def _exchange(self, request: Request, seconds: float, progress: ExchangeProgress, tenant: Hashable) -> Answer:
        meter = METER.get()
        waited = 0.0 if meter is None else meter.waited
        try:
            # A deadline that is over before it begins ends the exchange before it connects.
            async with asyncio.timeout(None if seconds > 0 else 0) as scope:
                timer = _end_after(seconds, scope, meter)
                try:
                    await self._send(self.policy.admit(request.url), request, progress, tenant)
                finally:
                    timer.cancel()
            return progress.outcome("no complete response")
        except EgressRefused as refusal:
            return progress.outcome(str(refusal), refused=True)
        except NotSecured as reason:
            return progress.outcome(str(reason), tls=reason.failure)
        except BoundExceeded as reason:
            return progress.outcome(str(reason), too_much=True)
        except Withheld as reason:
            return progress.outcome(str(reason), ours=isinstance(reason, Objected))
        except TimeoutError:
            # The server had what our own side left of the time.
            kept = meter is not None and meter.waited - waited > seconds / 2
            # In whole seconds: these words end in a condition, and must not be others after every attempt.
            return progress.outcome(f"no complete response within {math.ceil(seconds)} s", ours=seconds <= 0 or kept)
        except asyncio.CancelledError:
            answer = progress.outcome("the exchange was cancelled before the response was complete", ours=True)
            if isinstance(answer, NotSent):
                raise
            return answer
        except httpcore.RemoteProtocolError:
            return progress.outcome("the connection ended, or what came is not HTTP, before the response was complete")
        except (httpcore.ReadError, httpcore.WriteError) as error:
            return progress.outcome(
                f"the connection broke before the response was complete: {error}".removesuffix(": ")
            )
        except Exception as error:  # noqa: BLE001 - whatever happens to the caller, it must know whether to ask again
            # The type alone: a message from below may quote what was sent.
            return progress.outcome(f"the exchange failed ({type(error).__name__})", ours=True)
        finally:
            progress.close()

    async def _send(self, to: Destination, request: Request, progress: ExchangeProgress, tenant: Hashable) -> None:
        headers = _headers(to, request)
        if request.certificate is not None and to.scheme != "https":
            raise Withheld("a client certificate is shown in TLS, and the URL is not an https one")
        context = await self._trust.context(request.certificate) if to.scheme == "https" else None
        url = httpcore.URL(scheme=to.scheme, host=to.host, port=to.port, target=to.target)
        connection = httpcore.AsyncHTTPConnection(
            origin=url.origin,
            ssl_context=context,
            network_backend=VettedNetwork(to, self.policy, self._resolver, progress, tenant),
        )
        response = await connection.handle_async_request(
            httpcore.Request(request.method, url, headers=headers, content=request.body)
        )
        progress.answered(response.status, _received(response.headers))
        async with aclosing(response):
            # Nothing is raised in this loop: the bounds are kept where bytes are read, inside of httpcore's own.
            async for chunk in response.aiter_stream():
                progress.add(chunk)
        progress.completed()


def _end_after(seconds: float, scope: asyncio.Timeout, meter: Meter | None) -> asyncio.TimerHandle:
    """Let the scope end after so many seconds, with TimeoutError.

    A process that was stopped wakes up with its deadline behind it and, perhaps, with a whole answer in its socket:
    the only copy of a client's credentials. It reads that first. It sends nothing: `may_begin` has a clock of its own.
    So does one whose step waits for its turn.
    """
    at = asyncio.get_running_loop().time() + seconds
    return asyncio.get_running_loop().call_at(at, _end, at, scope, meter)


def _end(at: float, scope: asyncio.Timeout, meter: Meter | None) -> None:
    now = asyncio.get_running_loop().time()
    is_late = now - at >= _SLEPT or (meter is not None and meter.waits)
    scope.reschedule(now + _CATCH_UP if is_late else now)


def _headers(to: Destination, request: Request) -> list[tuple[str, str]]:
    headers = [
        ("Host", to.authority),
        ("User-Agent", USER_AGENT),
        ("Accept", "application/json"),
        ("Accept-Encoding", "identity"),
        ("Connection", "close"),
    ]
    if request.authorization is not None:
        # RFC 6750 section 2.1: "Clients SHOULD make authenticated requests with a bearer token using the
        # "Authorization" request header field with the "Bearer" HTTP authorization scheme."
        headers.append(("Authorization", f"{request.authorization.scheme} {_token(request.authorization.credentials)}"))
    if request.proof is not None:
        # RFC 9449 section 4.3 lets a server refuse "more than one DPoP HTTP request header field".
        headers.append(("DPoP", _token(request.proof)))
    if request.body is not None:
        headers += [("Content-Type", request.media_type), ("Content-Length", str(len(request.body)))]
    elif request.method in ("POST", "PUT"):
        headers.append(("Content-Length", "0"))
    return headers


def _token(confidential: Confidential) -> str:
    token = confidential.reveal()
    if not _TOKEN.fullmatch(token):
        raise Objected("the access token holds a character that no header can carry")
    return token


def _received(raw: list[tuple[bytes, bytes]]) -> dict[str, str]:
    headers: dict[str, list[str]] = {}
    for name, value in raw:
        headers.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
    # RFC 9110 section 5.3: fields of one name are one list.
    return {name: ", ".join(values) for name, values in headers.items()}
