"""Who visits the operator's port, in a process of its own: its work must not delay who measures.

`python -m bench.attacks.visitors busy-metrics|idle-connections|begun-requests PORT`, until it is killed.
"""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial

_BUSY = 50
_IDLE = 1140
"""More than the 1,024 files that a process may commonly have open."""


async def _ask_for_metrics(port: int) -> None:
    while True:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET /metrics HTTP/1.1\r\nHost: operator\r\nConnection: close\r\n\r\n")
            await reader.read()
            writer.close()
        except OSError:
            await asyncio.sleep(0.05)


async def _hold_open(port: int, begins: bytes = b"") -> None:
    while True:
        with suppress(OSError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(begins)
            await reader.read()
            writer.close()
        await asyncio.sleep(0.5)


async def _main(kind: str, port: int) -> None:
    """Ask for /metrics on 50 connections without a pause, or hold 1,140, opened anew where they are closed.

    On those nothing is said, or a request begun that never ends.
    """
    visits: dict[str, tuple[Callable[[int], Coroutine[object, object, None]], int]] = {
        "busy-metrics": (_ask_for_metrics, _BUSY),
        "idle-connections": (_hold_open, _IDLE),
        "begun-requests": (partial(_hold_open, begins=b"G"), _IDLE),
    }
    visit, how_many = visits[kind]
    await asyncio.gather(*(visit(port) for _ in range(how_many)))


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], int(sys.argv[2])))
