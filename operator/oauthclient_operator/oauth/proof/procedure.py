"""The procedure: one exchange after the other, the control before the client, and no more than is needed.

calibrate   probe by probe: control, then client, until one tells them apart      12 exchanges at most
            and the client on other days, where nobody knows the server's time     2 exchanges at most
check       the remembered probe alone: control, then client                       2 exchanges
            and the client on other days, as long as that is not known, if it is
            accepted                                                               2 exchanges at most
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from ...exchange import Answer, Request, Response
from ..rfc8414 import ServerMetadata
from .credentials import Credentials, Invented
from .judgement import (
    Blind,
    answered_at,
    is_not_there,
    judge,
    judge_calibrating,
    judge_control,
    judge_untimely,
)
from .probes import Probe, probes
from .requests import client_request, control_request
from .results import (
    Answered,
    Calibrated,
    Calibration,
    Doubt,
    NotKnown,
    NotProvable,
    Obstacle,
    ProofResult,
    Unavailable,
    Untimely,
    Valid,
)

Ask = Callable[[Request], Awaitable[Answer]]
"""Sends a request once and returns what came of it."""
Invent = Callable[[], Invented]
"""Makes something up, anew each time."""
Now = Callable[[], datetime]

CLOCKS_AGREE: Final = timedelta(seconds=10)
"""So far apart two clocks are one for who looks at an assertion: the strictest server takes some fifteen seconds."""
UNTIMELY: Final = (-86400, 86400)
"""Seconds; so far off that no server accepts it for being lenient, and more than a clock in a wrong time zone is."""


async def calibrate(
    credentials: Credentials, server: ServerMetadata, *, ask: Ask, invent: Invent, now: Now
) -> Calibration:
    """Find the probe by which a server tells a client from nobody.

    Right after a registration the credentials are good. At any other time it is safe, too: what is refused is not found
    to be provable.
    """
    candidates = probes(credentials.authentication, server)
    if not candidates:
        return NotProvable(Obstacle.NO_ENDPOINT)
    later: Unavailable | None = None
    for probe in candidates:
        pair = _Pair(probe, server, credentials, invent(), ask, now)
        match await pair.control():
            case Unavailable() as unavailable if pair.endpoint_is_not_there:
                later = later or unavailable
                continue
            case Unavailable() as unavailable:
                return unavailable
            case Blind():
                continue
            case Answered() as control:
                pass
        match judge_calibrating(await pair.client(), control):
            case Unavailable() as unavailable if pair.endpoint_is_not_there:
                later = later or unavailable
            case Unavailable() as unavailable:
                return unavailable
            case Answered() as accepted:
                untimely = await _untimely(pair, control)
                return Calibrated(probe=probe, control=control, accepted=accepted, untimely=untimely)
            case Blind():
                continue
    return later or NotProvable(Obstacle.NO_PROBE)


async def check(
    credentials: Credentials, calibrated: Calibrated, server: ServerMetadata, *, ask: Ask, invent: Invent, now: Now
) -> ProofResult:
    """Say whether a server accepts a client's credentials, by the probe that was found for it."""
    probe = calibrated.probe
    if probe.kind.endpoint not in server.endpoints:
        return NotKnown(Doubt.NO_ENDPOINT)
    if (probe.audience is not None) is not credentials.asserted:
        return NotKnown(Doubt.NOT_THE_SAME)
    pair = _Pair(probe, server, credentials, invent(), ask, now)
    match await pair.control():
        case Unavailable() as unavailable:
            return unavailable
        case Answered() as control if control == calibrated.control:
            answer = await pair.client()
            verdict = judge(answer, calibrated, alone=pair.is_dated)
            if isinstance(verdict, Valid) and calibrated.untimely is Untimely.UNKNOWN:
                return await _learned(pair, calibrated)
            # Canaille 0.3.6 answers so to a client that has two keys, and to no other.
            fails = isinstance(answer, Response) and answer.status >= 500
            return replace(verdict, of_client=True) if isinstance(verdict, Unavailable) and fails else verdict
        case Answered() | Blind():
            return NotKnown(Doubt.CONTROL_DIFFERS)


async def _learned(pair: "_Pair", calibrated: Calibrated) -> Valid:
    """Ask what the calibration did not find out, of credentials that were accepted a moment ago, and still are.

    Never of others: who is refused as nobody is nobody on other days, too, and that would be remembered of the server.
    """
    found = await _untimely(pair, calibrated.control)
    return Valid() if found is Untimely.UNKNOWN else Valid(learned=replace(calibrated, untimely=found))


async def _untimely(pair: "_Pair", control: Answered) -> Untimely:
    """Ask as the client on other days, right after it was accepted; no more than has to be known.

    A question that fails is the last, and what was found out before stands, whatever these are answered.
    """
    if pair.is_dated:
        return Untimely.UNKNOWN
    for off in UNTIMELY:
        found = judge_untimely(await pair.client(off), control)
        if found is not Untimely.OTHERWISE:
            return found
    return Untimely.OTHERWISE


class _Pair:
    """A control and a client's request after it, of which each is sent once."""

    def __init__(
        self, probe: Probe, server: ServerMetadata, credentials: Credentials, invented: Invented, ask: Ask, now: Now
    ) -> None:
        self._probe = probe
        self._server = server
        self._credentials = credentials
        self._invented = invented
        self._ask = ask
        self._now = now
        self._answered_at: datetime | None = None
        self._asked = 0
        self.endpoint_is_not_there = False
        self.is_dated = not credentials.asserted
        """Whether the client's request is not refused for its time: it has none, or the server's own."""

    async def control(self) -> Answered | Blind | Unavailable:
        at = _seconds(self._now())
        answer = await self._ask(control_request(self._probe, self._server, self._credentials, self._invented, now=at))
        self._answered_at = answered_at(answer)
        self.endpoint_is_not_there = is_not_there(answer)
        return judge_control(answer)

    async def client(self, off: int = 0) -> Answer:
        ours, theirs = self._now(), self._answered_at
        if theirs is not None:
            # One of the two may be a gateway's, or wrong: where they differ, a refusal may be one of the time.
            self.is_dated = self.is_dated or abs(theirs - ours) <= CLOCKS_AGREE
        at, number = _seconds(theirs or ours), self._asked
        self._asked += 1
        how = self._probe, self._server, self._credentials, self._invented
        request = client_request(*how, now=at, off=off, number=number)
        answer = await self._ask(request)
        self.endpoint_is_not_there = is_not_there(answer)
        return answer


def _seconds(at: datetime) -> int:
    return int(at.astimezone(UTC).timestamp())
