"""The port of the probes under attack: whoever reaches it may ask, and neither the probes nor the work may wait."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from time import monotonic

import pytest

from oauthclient_operator.health import BOUNDS, serve
from oauthclient_operator.turnstile import Bounds

KUBELET = 5.0
"""Seconds that the liveness probe waits."""
ELSEWHERE = "127.0.0.2"


class Asked:
    """A server of probes and metrics, and how often it told the metrics."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.told = 0
        self.first = asyncio.Event()

    async def connect(self, origin: str = "127.0.0.1") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.port, local_addr=(origin, 0))

    async def begin(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connect and begin to ask, so that the kernel hands the connection over."""
        reader, writer = await self.connect()
        writer.write(b"G")
        return reader, writer

    async def ask(self, path: str, origin: str = "127.0.0.1") -> bytes:
        """Return the whole answer; empty where the connection was closed without one."""
        reader, writer = await self.connect(origin)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: operator\r\n\r\n".encode())
        return await _rest(reader, writer)


@asynccontextmanager
async def served(bounds: Bounds = BOUNDS) -> AsyncIterator[Asked]:
    def metrics() -> tuple[bytes, str]:
        asked.told += 1
        asked.first.set()
        return b"a 1\n", "text/plain"

    asked = Asked(0)
    async with serve("127.0.0.1", 0, missing=tuple, metrics=metrics, bounds=bounds) as asked.port:
        yield asked


async def _rest(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    found = b""
    with suppress(ConnectionError):
        while data := await reader.read(65536):
            found += data
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()
    return found


async def test_connections_that_say_nothing_are_the_kernels_and_push_nobody_out() -> None:
    async with served(Bounds(connections=4)) as asked:
        silent = [await asked.connect() for _ in range(40)]
        assert b"200 OK" in await asked.ask("/livez")
        assert [reader.exception() for reader, _ in silent] == [None] * 40
        assert not any(reader.at_eof() for reader, _ in silent)
        # One that speaks at last is answered.
        reader, writer = silent[0]
        writer.write(b"GET /livez HTTP/1.1\r\nHost: operator\r\n\r\n")
        assert b"200 OK" in await _rest(reader, writer)
        for _, writer in silent[1:]:
            writer.close()


async def test_idle_connections_leave_room_for_a_probe() -> None:
    async with served() as asked:
        idle = [await asked.begin() for _ in range(3 * BOUNDS.connections)]
        began = monotonic()
        assert b"200 OK" in await asked.ask("/livez")
        assert monotonic() - began < KUBELET
        # All but as many as there may be were closed, the oldest first.
        closed = idle[: len(idle) + 1 - BOUNDS.connections]
        assert await asyncio.gather(*(_rest(*each) for each in closed)) == [b""] * len(closed)
        for _, writer in idle[len(closed) :]:
            assert not writer.is_closing()
            writer.close()


async def test_an_address_that_has_most_loses_its_own() -> None:
    async with served(Bounds(connections=4)) as asked:
        good = await asked.connect(ELSEWHERE)
        good[1].write(b"G")
        idle = [await asked.begin() for _ in range(20)]
        await asyncio.gather(*(_rest(*each) for each in idle[:17]))
        good[1].write(b"ET /livez HTTP/1.1\r\nHost: operator\r\n\r\n")
        assert b"200 OK" in await _rest(*good)
        for _, writer in idle[17:]:
            writer.close()


async def test_of_an_address_that_has_most_who_waits_for_an_answer_stays_before_who_asks_nothing() -> None:
    async with served(Bounds(connections=4, others_every=0.2)) as asked:
        assert b"200 OK" in await asked.ask("/metrics")
        waiting = asyncio.create_task(asked.ask("/metrics"))
        idle = [await asked.begin() for _ in range(20)]
        assert b"200 OK" in await waiting
        for _, writer in idle:
            writer.close()


async def test_a_flood_on_the_metrics_is_answered_in_turn_and_a_probe_does_not_stand_behind_it() -> None:
    bounds = Bounds(others_every=0.1)
    async with served(bounds) as asked:
        began = monotonic()
        flood = [asyncio.create_task(asked.ask("/metrics")) for _ in range(30)]
        await asked.first.wait()
        assert b"200 OK" in await asked.ask("/livez")
        assert b"200 OK" in await asked.ask("/readyz")
        # It did not wait for the flood: most of that still waits.
        assert asked.told < 25
        assert b"a 1\n" in await asked.ask("/metrics", ELSEWHERE)
        # Nor did another address: turns go round.
        assert asked.told < 28
        answers = await asyncio.gather(*flood)
        assert all(b"200 OK" in answer for answer in answers)
        assert monotonic() - began >= 29 * bounds.others_every


async def test_a_flood_on_the_probes_takes_its_turns_too() -> None:
    bounds = Bounds(urgent_every=0.05)
    async with served(bounds) as asked:
        began = monotonic()
        flood = [asyncio.create_task(asked.ask("/livez")) for _ in range(20)]
        assert b"200 OK" in await asked.ask("/readyz", ELSEWHERE)
        assert all(b"200 OK" in answer for answer in await asyncio.gather(*flood))
        assert monotonic() - began >= 19 * bounds.urgent_every


@pytest.mark.parametrize("path", ["/metrics", "/livez", "/nothing"])
async def test_a_connection_is_for_one_request(path: str) -> None:
    async with served() as asked:
        answer = await asked.ask(path)
        assert b"connection: close\r\n" in answer.lower()


def _one_by_one(text: bytes) -> Callable[[asyncio.StreamWriter], None]:
    def begin(writer: asyncio.StreamWriter) -> None:
        async def drip() -> None:
            with suppress(ConnectionError):
                for byte in text:
                    writer.write(bytes((byte,)))
                    await writer.drain()
                    await asyncio.sleep(0.001)

        tasks.append(asyncio.create_task(drip()))

    tasks: list[asyncio.Task[None]] = []
    return begin


@pytest.mark.parametrize(
    ("send", "bounds"),
    [
        pytest.param(
            lambda writer: writer.write(b"G"), Bounds(within=0.2), id="nothing more, for longer than a request may take"
        ),
        pytest.param(
            lambda writer: writer.write(b"GET /metrics HTTP/1.1\r\n"), Bounds(within=0.2), id="a head without an end"
        ),
        pytest.param(
            lambda writer: writer.write(b"GET /metrics HTTP/1.1\r\nA: " + b"a" * 9000), Bounds(), id="a head too long"
        ),
        pytest.param(_one_by_one(b"GET /metrics HTTP/1.1\r\nA: " + b"a" * 200), Bounds(), id="a head byte by byte"),
        pytest.param(
            lambda writer: writer.write(b"\x16\x03\x01\x02\x00" + b"\x00" * 9000), Bounds(), id="what is not HTTP"
        ),
    ],
)
async def test_a_connection_is_closed_that_brings(send: Callable[[asyncio.StreamWriter], None], bounds: Bounds) -> None:
    async with served(bounds) as asked, asyncio.timeout(KUBELET):
        reader, writer = await asked.connect()
        send(writer)
        assert await _rest(reader, writer) == b""
        assert asked.told == 0


async def test_a_body_that_never_ends_is_not_read() -> None:
    async with served() as asked, asyncio.timeout(KUBELET):
        reader, writer = await asked.connect()
        writer.write(b"POST /metrics HTTP/1.1\r\nHost: operator\r\nContent-Length: 1000000000\r\n\r\n")
        with suppress(ConnectionError):
            while not reader.at_eof():
                writer.write(b"a" * 65536)
                await writer.drain()
                await asyncio.sleep(0)
        await _rest(reader, writer)
        assert asked.told == 0


async def test_who_goes_away_while_he_waits_is_forgotten() -> None:
    async with served(Bounds(others_every=0.5)) as asked:
        assert b"200 OK" in await asked.ask("/metrics")
        for _ in range(5):
            _, writer = await asked.connect()
            writer.write(b"GET /metrics HTTP/1.1\r\nHost: operator\r\n\r\n")
            await writer.drain()
            writer.close()
            await writer.wait_closed()
        assert b"200 OK" in await asked.ask("/metrics", ELSEWHERE)
        assert b"200 OK" in await asked.ask("/metrics")
        assert asked.told <= 5
