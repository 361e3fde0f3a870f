"""What stands before several API servers of one cluster: it hands each connection to the next one that takes it."""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from .ports import free_port


@contextmanager
def balancer(targets: Sequence[int]) -> Iterator[int]:
    """Run one for these ports on 127.0.0.1, and yield its own."""
    port, started, over = free_port(), threading.Event(), asyncio.Event()
    loops: list[asyncio.AbstractEventLoop] = []
    turn = 0

    async def hand_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal turn
        for _ in targets:
            turn += 1
            with suppress(OSError):
                behind, to = await asyncio.open_connection("127.0.0.1", targets[turn % len(targets)])
                await asyncio.gather(_pump(reader, to), _pump(behind, writer))
                return
        writer.close()

    async def serve() -> None:
        loops.append(asyncio.get_running_loop())
        async with await asyncio.start_server(hand_on, "127.0.0.1", port):
            started.set()
            await over.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    started.wait(10)
    try:
        yield port
    finally:
        loops[0].call_soon_threadsafe(over.set)
        thread.join(10)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Hand on what comes until one end of it is gone, and let the other one know."""
    with suppress(OSError):
        while chunk := await reader.read(1 << 16):
            writer.write(chunk)
            await writer.drain()
    writer.close()
