"""The attacks, one after the other: `python -m bench.attacks [NAME …]`, or all.

Each is made twice on an operator on one core: while the operator runs, and again on one that starts in the midst of it;
and once more without an operator, while the bare client serves the good tenant: what it waits longer then than alone is
the machine's part. It fails where the good tenant waits more than twice as long as alone, and more than twice as long
as by the machine's part, where /livez is late, or where memory or the process is lost.
"""

import asyncio
import sys
import tempfile
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass
from pathlib import Path

from bench.api import API, resources, secrets
from bench.load import Times, clear
from bench.script import FLOOR_LABEL, Script
from oauthclient_operator.names import RECORDS_NAMESPACE
from tests.parts.api_server import api_server
from tests.parts.certificates import CertificateAuthority
from tests.parts.installation import install, operator_kubeconfig
from tests.parts.node_oidc_provider import node_oidc_provider
from tests.parts.ports import free_port
from tests.parts.programs import programs
from tests.parts.progress import say

from .catalogue import ATTACKS, EVIL
from .control import bare_client, bystander
from .ground import MEMORY, Ground, good_tenant, peak, probing

CLIENTS = 100
"""Of the good tenant, each time."""
_TWICE = 2.0
_LATE = 1.0
"""Seconds; the Deployment's probe has a second's patience."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Felt:
    """What the others feel."""

    times: Times
    longest_probe: float
    peak: int
    lives: bool

    def line(self, what: str) -> str:
        """Say it in one line."""
        p50, p99 = (self.times.percentile(p) * 1000 for p in (50, 99))
        ended = "" if self.lives else "; THE OPERATOR ENDED"
        return (
            f"{what:<32} p50 {p50:6.0f} ms, p99 {p99:6.0f} ms; /livez at most {self.longest_probe * 1000:5.0f} ms; "
            f"peak {self.peak / (1 << 20):4.0f} MiB{ended}"
        )

    def is_well(self, alone: "Felt", machine: float = 1.0) -> bool:
        """Tell whether it is as the good tenant may expect where the machine makes so many of one second."""
        slow = self.times.percentile(99) > _TWICE * max(1.0, machine) * alone.times.percentile(99)
        return self.lives and not slow and self.longest_probe < _LATE and self.peak < MEMORY


async def _felt(ground: Ground, name: str, attack: str | None) -> tuple[Felt, Felt | None]:
    """Measure what is felt while an operator runs and, of an attack, at an operator that starts meanwhile."""
    listen = free_port()
    if attack is None:
        with ground.operator(name, listen) as process:
            async with probing(listen) as probes:
                times = await good_tenant(ground, name, CLIENTS)
            return Felt(times=times, longest_probe=probes.longest, peak=peak(process), lives=process.running()), None
    found = []
    await ground.api.request("POST", "/api/v1/namespaces", {"metadata": {"name": EVIL}})
    with ExitStack() as stack:
        process = stack.enter_context(ground.operator(f"{name}-running", listen))
        async with ATTACKS[attack](ground, listen):
            for moment in ("running", "starting"):
                if moment == "starting":
                    stack.close()
                    process = stack.enter_context(ground.operator(f"{name}-starting", listen))
                async with probing(listen) as probes:
                    times = await good_tenant(ground, f"{name}-{moment}", CLIENTS)
                most = peak(process) if process.running() else 0
                found.append(Felt(times=times, longest_probe=probes.longest, peak=most, lives=process.running()))
    await _clear(ground)
    return found[0], found[1]


async def _control(ground: Ground, script: Script, attack: str | None) -> Times:
    """Measure what the good tenant waits where the bare client serves it."""
    namespace, listen = f"{attack or 'alone'}-control", free_port()
    async with AsyncExitStack() as stack:
        if attack is not None:
            await ground.api.request("POST", "/api/v1/namespaces", {"metadata": {"name": EVIL}})
            stack.enter_context(bystander(ground, listen))
            await stack.enter_async_context(ATTACKS[attack](ground, listen))
        stack.enter_context(bare_client(ground, script, namespace))
        times = await good_tenant(ground, namespace, CLIENTS)
    await clear(ground.api, namespace, FLOOR_LABEL, RECORDS_NAMESPACE)
    if attack is not None:
        await _clear(ground)
    return times


def line(what: str, times: Times) -> str:
    """Say in one line what the good tenant waited without an operator."""
    p50, p99 = (times.percentile(p) * 1000 for p in (50, 99))
    return f"{what + ', bare client':<32} p50 {p50:6.0f} ms, p99 {p99:6.0f} ms"


async def _clear(ground: Ground) -> None:
    """Remove what the attacker made, its finalizers by force: nobody is there to release them."""
    await ground.api.request("DELETE", resources(EVIL), propagationPolicy="Background")
    for resource in (await ground.api.request("GET", resources(EVIL)))["items"]:
        path = resources(EVIL, resource["metadata"]["name"])
        await ground.api.request("PATCH", path, {"metadata": {"finalizers": None}})
    await ground.api.request("DELETE", secrets(EVIL))
    await ground.api.request("DELETE", f"/api/v1/namespaces/{EVIL}")
    ground.server.kubectl("wait", "--for=delete", f"namespace/{EVIL}", "--timeout=60s")


async def _main(attacks: list[str]) -> int:
    with ExitStack() as parts:
        directory = Path(parts.enter_context(tempfile.TemporaryDirectory(prefix="oauthclient-attacks-")))
        server = parts.enter_context(api_server(directory, programs()))
        install(server.kubectl)
        authority = CertificateAuthority.made(directory / "issuer")
        issuer = parts.enter_context(node_oidc_provider(directory / "issuer", authority, initial_access_token=False))
        async with API(server.kubeconfig) as api:
            ground = Ground(
                server=server,
                kubeconfig=operator_kubeconfig(server.kubectl, directory),
                issuer=issuer.issuer,
                trust=issuer.trust,
                certificate=authority.certificate(),
                api=api,
            )
            since = (await api.request("GET", secrets(RECORDS_NAMESPACE)))["metadata"]["resourceVersion"]
            alone, _ = await _felt(ground, "alone", None)
            say(alone.line("alone"))
            endpoint = f"{issuer.issuer}/reg"
            script = await Script.learned(api, "alone", "good-000", since=since, endpoint=endpoint)
            control_alone = await _control(ground, script, None)
            say(line("alone", control_alone))
            failed = 0
            for attack in attacks:
                found = await _felt(ground, attack, attack)
                control = await _control(ground, script, attack)
                say(line(attack, control))
                machine = control.percentile(99) / control_alone.percentile(99)
                for moment, felt in zip(("running", "starting"), found, strict=True):
                    assert felt is not None
                    well = felt.is_well(alone, machine)
                    say(felt.line(f"{attack}, {moment}") + ("" if well else "  <- NOT WELL"))
                    failed += not well
            return failed


if __name__ == "__main__":
    unknown = set(sys.argv[1:]) - ATTACKS.keys()
    if unknown:
        sys.exit(f"no such attack: {', '.join(sorted(unknown))}; there are {', '.join(ATTACKS)}")
    sys.exit(min(1, asyncio.run(_main(sys.argv[1:] or list(ATTACKS)))))
