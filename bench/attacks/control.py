"""The control: the same attack on the same machine, but the good tenant is served by the bare client, without operator.

What the good tenant waits longer there the machine, the API server and the attacker take; the rest is the operator's.
An attack on the operator's port meets a process that has the same port and nothing else to do, so that what it takes of
the core is taken there too.
"""

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from bench.script import Script
from bench.sides import AT_ONCE
from oauthclient_operator.health import serve
from tests.parts.processes import Process

from .ground import Ground

_START = 60.0
_METRICS = b"a 1\n" * 5000


@contextmanager
def bare_client(ground: Ground, script: Script, namespace: str) -> Iterator[None]:
    """Register whatever appears in a namespace by a script, on the operator's core, while the block runs."""
    directory = ground.server.directory
    script.write(directory / "script.json")
    arguments = (ground.kubeconfig, directory / "script.json", namespace, ground.trust, str(AT_ONCE))
    with _running(ground, namespace, "bench.floor", *map(str, arguments)):
        yield


@contextmanager
def bystander(ground: Ground, listen: int) -> Iterator[None]:
    """Listen where the operator would, on the operator's core, while the block runs."""
    with _running(ground, f"bystander-{listen}", "bench.attacks.control", str(listen)):
        yield


@contextmanager
def _running(ground: Ground, name: str, module: str, *arguments: str) -> Iterator[None]:
    log = ground.server.directory / f"{name}.log"
    log.write_text("")
    process = Process.start(module, sys.executable, "-m", module, *arguments, log=log)
    try:
        os.sched_setaffinity(process.child.pid, {0})
        process.wait_until(lambda: "READY" in log.read_text(), within=_START)
        yield
    finally:
        process.stop()


async def _stand_by(port: int) -> None:
    async with serve("127.0.0.1", port, missing=tuple, metrics=lambda: (_METRICS, "text/plain")):
        print("READY", flush=True)  # noqa: T201 - it is what the process is asked for
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_stand_by(int(sys.argv[1])))
