"""What becomes of clients at once: made, edited, deleted, all in one burst, beside those that are there."""

import asyncio
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

import httpx

from tests.parts.processes import Process

from .api import API, Body, resources
from .load import APPLIERS, is_ready, load
from .sides import Stage

AT_ONCE = 600
_WITHIN = 300.0
_SETTLED = 1.0
_NAMESPACE = "burst"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One burst: what it took until the last was done."""

    what: str
    count: int
    first: float
    """Seconds from the first request to the first that was done."""
    total: float
    passes: float
    """How often the operator looked at a resource."""
    requests: Counter[str]
    """To the API server, of all of them."""

    def lines(self) -> Iterator[str]:
        """Yield what it took for each, and which requests."""
        yield (
            f"{self.count} {self.what} at once: all after {self.total:.2f} s, the first after {self.first:.2f} s, "
            f"{self.passes / self.count:.2f} passes each"
        )
        each = sorted(self.requests.items(), key=lambda item: (-item[1], item[0]))
        yield "  each asked for: " + ", ".join(f"{n / self.count:.2f} {what}" for what, n in each)


async def measure(stage: Stage, process: Process) -> Sequence[Change]:
    """Make, edit and delete clients in bursts, with an operator that has others."""
    stage.server.kubectl("create", "namespace", _NAMESPACE)

    async def make() -> tuple[float, float]:
        times = await load(stage.api, _NAMESPACE, AT_ONCE, stage.issuer.issuer)
        return times.first, times.total

    return [
        await _burst(stage, process, "made", make),
        await _burst(stage, process, "edited", lambda: _all(stage.api, _edit, _is_edited)),
        await _burst(stage, process, "deleted", lambda: _all(stage.api, _delete, _is_gone)),
    ]


async def _burst(
    stage: Stage, process: Process, what: str, change: Callable[[], Awaitable[tuple[float, float]]]
) -> Change:
    mark, before = stage.server.audit.mark(), passes(process)
    first, total = await change()
    requests = stage.requests(mark)
    # Events, and what follows the end of a record, come after what a tenant sees.
    while True:
        await asyncio.sleep(_SETTLED)
        settled, requests = requests, stage.requests(mark)
        if settled == requests:
            break
    return Change(
        what=what,
        count=AT_ONCE,
        first=first,
        total=total,
        passes=passes(process) - before,
        # A watch is begun anew now and then, whoever asks for what.
        requests=Counter({asked: n for asked, n in requests.items() if not asked.startswith(("watch", "list"))}),
    )


async def _all(
    api: API, send: Callable[[API, str], Awaitable[Body]], is_done: Callable[[Body], bool]
) -> tuple[float, float]:
    """Send something for each resource, and return when the first of them was done, and the last."""
    listed = await api.request("GET", resources(_NAMESPACE))
    waiting = iter([resource["metadata"]["name"] for resource in listed["items"]])
    done: set[str] = set()
    began = time.monotonic()
    ends: list[float] = []

    async def ask() -> None:
        for name in waiting:
            await send(api, name)

    async def see() -> None:
        version = listed["metadata"]["resourceVersion"]
        async with aclosing(api.watch(resources(_NAMESPACE), version)) as events:
            async for at, event in events:
                name = event["object"]["metadata"]["name"]
                if name not in done and is_done(event):
                    done.add(name)
                    ends.append(at - began)
                if len(done) == len(listed["items"]):
                    return

    async with asyncio.timeout(_WITHIN), asyncio.TaskGroup() as group:
        group.create_task(see())
        for _ in range(APPLIERS):
            group.create_task(ask())
    return min(ends), max(ends)


async def _edit(api: API, name: str) -> Body:
    metadata = {"client_name": "Web shop, edited"}
    return await api.request("PATCH", resources(_NAMESPACE, name), {"spec": {"clientMetadata": metadata}})


async def _delete(api: API, name: str) -> Body:
    return await api.request("DELETE", resources(_NAMESPACE, name))


def _is_edited(event: Body) -> bool:
    resource = event["object"]
    seen = resource.get("status", {}).get("observedGeneration")
    return is_ready(resource) and seen == resource["metadata"]["generation"] and seen != 1


def _is_gone(event: Body) -> bool:
    return bool(event["type"] == "DELETED")


def passes(process: Process) -> float:
    """Return how often the operator has looked at anything, by its metrics."""
    port = re.search(r'"message": "listening", "port": ([0-9]+)', process.log.read_text())
    if port is None:
        raise RuntimeError("the operator's log does not say where it listens")
    text = httpx.get(f"http://127.0.0.1:{port[1]}/metrics", trust_env=False).raise_for_status().text
    found = re.search(r"^oauthclient_reconcile_duration_seconds_count (\S+)$", text, flags=re.MULTILINE)
    if found is None:
        raise RuntimeError("/metrics does not say how many passes there were")
    return float(found[1])
