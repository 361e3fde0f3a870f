"""The benchmark: `python -m bench [N]`, N new clients (1,000 by default) for each of two runs of each side.

    operator, bare client, bare client, operator

so that drift favours neither side. In between: what the operator remembers of N clients, what a restart costs that
finds them Ready, and a quiet minute; at the end, what making, editing and deleting 600 at once take beside them.

`python -m bench --step [N]` loads one operator with N clients (500 by default), with twice as many, and so on, until a
step does not converge.

`python -m bench --issuer [N]` has N clients (1,000 by default) of one ClusterOAuthIssuer, and edits that; it fails
where what reaches them is not bounded.
"""

import asyncio
import os
import platform
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar

from oauthclient_operator import names
from tests.parts.api_server import api_server
from tests.parts.certificates import CertificateAuthority
from tests.parts.installation import install, operator_kubeconfig
from tests.parts.node_oidc_provider import node_oidc_provider
from tests.parts.processes import Process, wait_for
from tests.parts.programs import programs
from tests.parts.progress import say, step
from tests.parts.signals import end_in_order

from . import changes, issuer_change, usage
from .api import API, resources, secrets
from .changes import Change
from .load import is_ready, load, manifest
from .report import Memory, Quiet, Report, Restart
from .script import Script
from .sides import Measured, Stage, resident
from .step import FIRST, Step, climb, lines

_T = TypeVar("_T")
WARM_UP = 64
"""Clients before anything is measured: as many connections as there will ever be, and an issuer that is awake."""
_MINUTE = 60.0
_PAUSE = 0.01
_LAST = "zz-last"


async def run(stage: Stage, count: int) -> Report:
    """Measure both sides."""
    for namespace in ("first", "warm-up", "operator-1", "settled", "floor-1", "floor-2", "operator-2", "zz-restart"):
        stage.server.kubectl("create", "namespace", namespace)
    with step("Operator"), stage.operator("operator-1") as process:
        # Memory is looked at when one more client was Ready: till then a watch may hold megabytes that it has not read.
        await load(stage.api, "first", 1, stage.issuer.issuer)
        empty = resident(process)
        script = await _warm_up(stage)
        first = await stage.measure(process, "operator-1", count)
        await load(stage.api, "settled", 1, stage.issuer.issuer)
        loaded, peak = resident(process), usage.memory(process.child.pid)[1]
    floor = []
    for name in ("floor-1", "floor-2"):
        with step("Bare client"):
            floor.append(await stage.floor(script, name, count))
    with step("Operator, with those Ready"):
        restart, quiet, restarted, second, bursts = await _again(stage, count)
    memory = Memory(empty=empty, loaded=loaded, peak=peak, restarted=restarted, clients=WARM_UP + count + 1)
    return Report(operator=(first, second), floor=floor, memory=memory, restart=restart, quiet=quiet, changes=bursts)


async def _warm_up(stage: Stage) -> Script:
    namespace = "warm-up"
    records = await stage.api.request("GET", secrets(names.RECORDS_NAMESPACE))
    await load(stage.api, namespace, WARM_UP, stage.issuer.issuer)
    return await Script.learned(
        stage.api,
        namespace,
        "client-00000",
        since=records["metadata"]["resourceVersion"],
        endpoint=f"{stage.issuer.issuer}/reg",
    )


async def _again(stage: Stage, count: int) -> tuple[Restart, Quiet, int, Measured, Sequence[Change]]:
    namespace = "zz-restart"
    path = resources(namespace, _LAST)
    await stage.api.request("POST", resources(namespace), manifest(namespace, _LAST, stage.issuer.issuer))
    mark, log = stage.server.audit.mark(), stage.issuer.log.mark()
    began = time.monotonic()
    with stage.operator("operator-2") as process:
        at_work = time.monotonic() - began
        uid = await _ready(stage, path)
        serving, used, peak = time.monotonic() - began, usage.cpu(process.child.pid), usage.memory(process.child.pid)[1]
        # The last that it does for the new client.
        wait_for(lambda: stage.requests(mark)["create events"] == 1, "the Event", within=10)
        restart = Restart(
            clients=WARM_UP + count + 2,
            at_work=at_work,
            serving=serving,
            cpu=used,
            peak=peak,
            requests=stage.requests(mark, without=(_LAST, uid)),
            posts=stage.issuer.log.counts(since=log)["POST"] - 1,
        )
        quiet = await _quiet(stage, process)
        restarted = resident(process)
        second = await stage.measure(process, "operator-2", count)
        return restart, quiet, restarted, second, await changes.measure(stage, process)


async def _ready(stage: Stage, path: str) -> str:
    """Wait until a resource is Ready and return its UID."""
    while True:
        resource = await stage.api.request("GET", path)
        if is_ready(resource):
            return str(resource["metadata"]["uid"])
        await asyncio.sleep(_PAUSE)


async def _quiet(stage: Stage, process: Process) -> Quiet:
    mark, log, used = stage.server.audit.mark(), stage.issuer.log.mark(), usage.cpu(process.child.pid)
    await asyncio.sleep(_MINUTE)
    return Quiet(
        requests=stage.requests(mark),
        at_issuer=len(stage.issuer.log.requests(since=log)),
        cpu=usage.cpu(process.child.pid) - used,
    )


async def climbed(stage: Stage, first: int) -> list[Step]:
    """Load one operator with more and more clients."""
    with stage.operator("operator") as process:

        async def take(count: int, before: int) -> Step:
            namespace, used = f"step-{count}", usage.cpu(process.child.pid)
            stage.server.kubectl("create", "namespace", namespace)
            with step(f"{count} new clients"):
                try:
                    times = await load(stage.api, namespace, count, stage.issuer.issuer)
                except TimeoutError:
                    times = None
            if process.child.poll() is not None:
                return Step(count=count, before=before, times=None, cpu=0.0, resident=0, peak=0)
            held, peak = usage.memory(process.child.pid)
            cpu = usage.cpu(process.child.pid) - used
            return Step(count=count, before=before, times=times, cpu=cpu, resident=held, peak=peak)

        return await climb(take, first)


async def _staged(measure: Callable[[Stage], Awaitable[_T]]) -> _T:
    with ExitStack() as parts:
        directory = Path(parts.enter_context(tempfile.TemporaryDirectory(prefix="oauthclient-bench-")))
        server = parts.enter_context(api_server(directory, programs()))
        install(server.kubectl)
        authority = CertificateAuthority.made(directory / "issuer")
        issuer = parts.enter_context(node_oidc_provider(directory / "issuer", authority, initial_access_token=False))
        async with API(server.kubeconfig) as api:
            kubeconfig = operator_kubeconfig(server.kubectl, directory)
            return await measure(Stage(server=server, issuer=issuer, kubeconfig=kubeconfig, api=api))


def main(arguments: list[str]) -> int:
    """Measure, and print what was measured."""
    end_in_order()
    broken: list[str] = []
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}"
    if arguments[:1] == ["--step"]:
        first = int(arguments[1]) if arguments[1:] else FIRST
        found = list(lines(asyncio.run(_staged(lambda stage: climbed(stage, first)))))
        say(f"\nmore and more new clients; {machine}, load {os.getloadavg()[0]:.1f}")
    elif arguments[:1] == ["--issuer"]:
        count = int(arguments[1]) if arguments[1:] else issuer_change.CLIENTS
        report = asyncio.run(_staged(lambda stage: issuer_change.measure(stage, count)))
        found, broken = list(report.lines()), report.broken()
        say(f"\nan issuer of {count} clients is edited; {machine}, load {os.getloadavg()[0]:.1f}")
    else:
        count = int(arguments[0]) if arguments else 1000
        found = list(asyncio.run(_staged(lambda stage: run(stage, count))).lines())
        say(f"\n{count} new clients, twice on each side; {machine}, load {os.getloadavg()[0]:.1f}")
    for line in found:
        say(line)
    for bound in broken:
        say(f"BROKEN: {bound}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
