"""The benchmark: `python -m bench [N]`, N new clients (1,000 by default) for each of two runs of each side.

    operator, bare client, bare client, operator

so that drift favours neither side. In between: what the operator remembers of N clients, what a restart costs that
finds them Ready, and a quiet minute.
"""

import asyncio
import os
import platform
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from oauthclient_operator import names
from tests.parts.api_server import api_server
from tests.parts.certificates import CertificateAuthority
from tests.parts.installation import install, operator_kubeconfig
from tests.parts.node_oidc_provider import node_oidc_provider
from tests.parts.processes import Process, wait_for
from tests.parts.programs import programs
from tests.parts.progress import say, step

from . import usage
from .api import API, resources, secrets
from .load import is_ready, load, manifest
from .report import Memory, Quiet, Report, Restart
from .script import Script
from .sides import Measured, Stage, resident

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
        restart, quiet, restarted, second = await _again(stage, count)
    memory = Memory(empty=empty, loaded=loaded, peak=peak, restarted=restarted, clients=WARM_UP + count + 1)
    return Report(operator=(first, second), floor=floor, memory=memory, restart=restart, quiet=quiet)


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


async def _again(stage: Stage, count: int) -> tuple[Restart, Quiet, int, Measured]:
    namespace = "zz-restart"
    path = resources(namespace, _LAST)
    await stage.api.request("POST", resources(namespace), manifest(namespace, _LAST, stage.issuer.issuer))
    mark, log = stage.server.audit.mark(), stage.issuer.log.mark()
    began = time.monotonic()
    with stage.operator("operator-2") as process:
        at_work = time.monotonic() - began
        uid = await _ready(stage, path)
        serving = time.monotonic() - began
        # The last that it does for the new client.
        wait_for(lambda: stage.requests(mark)["create events"] == 1, "the Event", within=10)
        restart = Restart(
            clients=WARM_UP + count + 2,
            at_work=at_work,
            serving=serving,
            requests=stage.requests(mark, without=(_LAST, uid)),
            posts=stage.issuer.log.counts(since=log)["POST"] - 1,
        )
        quiet = await _quiet(stage, process)
        return restart, quiet, resident(process), await stage.measure(process, "operator-2", count)


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


async def _main(count: int) -> Report:
    with ExitStack() as parts:
        directory = Path(parts.enter_context(tempfile.TemporaryDirectory(prefix="oauthclient-bench-")))
        server = parts.enter_context(api_server(directory, programs()))
        install(server.kubectl)
        authority = CertificateAuthority.made(directory / "issuer")
        issuer = parts.enter_context(node_oidc_provider(directory / "issuer", authority, initial_access_token=False))
        async with API(server.kubeconfig) as api:
            kubeconfig = operator_kubeconfig(server.kubectl, directory)
            return await run(Stage(server=server, issuer=issuer, kubeconfig=kubeconfig, api=api), count)


def main(arguments: list[str]) -> int:
    """Measure, and print what was measured."""
    count = int(arguments[0]) if arguments else 1000
    report = asyncio.run(_main(count))
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}"
    say(f"\n{count} new clients, twice on each side; {machine}")
    for line in report.lines():
        say(line)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
