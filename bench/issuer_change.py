"""Clients of one ClusterOAuthIssuer, all Ready, and the issuer is edited: what reaches them, and what others feel."""

import asyncio
import json
import time
from collections import Counter
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from typing import Any

from oauthclient_operator import names
from tests.parts.issuer_log import IssuerMark
from tests.parts.processes import Process
from tests.parts.progress import step

from . import usage
from .api import API, RESOURCES, Body, resources, secrets
from .changes import passes
from .issuer_report import Edited, IssuerReport, Update
from .load import is_ready, load, referring
from .sides import Stage

CLIENTS = 1000
_ISSUER = "corporate"
_TENANTS = 10
_NEWCOMERS = "newcomers"
_ALONE = 10
_PAUSE = 2.0
_SETTLED = 3.0
_PER_CLIENT = 0.5
_WAITS = 60.0
_URIS = ["https://shop.example.com/*"]


async def measure(stage: Stage, count: int) -> IssuerReport:
    """Make the clients, edit their issuer twice, and return what came of it."""
    each = max(1, count // _TENANTS)
    with stage.operator("operator") as process:
        spec = {
            "issuer": stage.issuer.issuer,
            "allowed": {"namespaces": {"all": True}, "redirectURIs": _URIS},
        }
        about = {"apiVersion": names.API_VERSION, "kind": names.ISSUER_KIND, "metadata": {"name": _ISSUER}}
        await stage.api.request("POST", f"{RESOURCES}/{names.ISSUER_PLURAL}", {**about, "spec": spec})
        with step(f"{each * _TENANTS} clients of one issuer"):
            for namespace in (_NEWCOMERS, *(f"team-{number}" for number in range(_TENANTS))):
                stage.server.kubectl("create", "namespace", namespace)
                if namespace != _NEWCOMERS:
                    await load(stage.api, namespace, each, _ISSUER, referring)
        with step("Another tenant's new clients, alone"):
            newcomers = _Newcomers(stage.api)
            for _ in range(_ALONE):
                await newcomers.come()
            alone = list(newcomers.took)
        with step("An edit that is an update of each"):
            newcomers.took = meanwhile = list[float]()
            defaults = {"clientMetadata": {"defaults": {"contacts": ["identity@example.com"]}}}
            updated = await _edited(stage, process, "clientMetadata.defaults", defaults, newcomers)
        with step("An edit that is none"):
            wider = {"allowed": {"redirectURIs": [*_URIS, "https://*.example.org/*"]}}
            told = await _edited(stage, process, "allowed, widened", wider)
    return IssuerReport(updated=updated, told=told, alone=alone, meanwhile=meanwhile, tenants=_TENANTS)


@dataclass(slots=True)
class _Newcomers:
    """Another tenant's new clients, one after the other: how many seconds each took, and their UIDs."""

    api: API
    took: list[float] = field(default_factory=list)
    uids: list[str] = field(default_factory=list)

    async def come(self) -> None:
        """Apply one, and wait until it is Ready."""
        name, began = f"new-{len(self.uids):05}", time.monotonic()
        made = await self.api.request("POST", resources(_NEWCOMERS), referring(_NEWCOMERS, name, _ISSUER))
        self.uids.append(str(made["metadata"]["uid"]))
        query = {"fieldSelector": f"metadata.name={name}"}
        events = self.api.watch(resources(_NEWCOMERS), made["metadata"]["resourceVersion"], **query)
        async with asyncio.timeout(_WAITS), aclosing(events):
            async for at, event in events:
                if is_ready(event["object"]):
                    self.took.append(at - began)
                    return

    async def come_until(self, over: asyncio.Event) -> None:
        """Have them come, one after the other."""
        while not over.is_set():
            await self.come()
            with suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), _PAUSE)


@dataclass(slots=True)
class _Watched:
    """What the watches of resources and records tell of one edit, by versions: which clients have it, and calls."""

    generation: int
    expected: frozenset[str]
    """The UIDs of the clients that were there before."""
    ready: dict[str, int] = field(default_factory=dict)
    opened: dict[str, tuple[int, float]] = field(default_factory=dict)
    updates: list[Update] = field(default_factory=list)

    def saw_resource(self, resource: Body) -> bool:
        """Take a resource, and say whether all have the edit."""
        uid, applied = resource["metadata"]["uid"], resource.get("status", {}).get("issuer", {})
        if uid in self.expected and applied.get("generation") == self.generation and is_ready(resource):
            self.ready.setdefault(uid, int(resource["metadata"]["resourceVersion"]))
        return self.ready.keys() == self.expected

    def saw_record(self, metadata: dict[str, Any], at: float) -> None:
        """Take a record, by which a call is open or is not."""
        uid, version = metadata["name"], int(metadata["resourceVersion"])
        call = metadata.get("annotations", {}).get(names.OPEN_CALL_ANNOTATION, "")
        if call.lower().endswith("update") and uid in self.expected:
            self.opened.setdefault(uid, (version, at))
        elif (since := self.opened.pop(uid, None)) is not None:
            self.updates.append(Update(opened=since[0], closed=version, seconds=at - since[1]))


async def _edited(
    stage: Stage, process: Process, what: str, change: Body, newcomers: _Newcomers | None = None
) -> Edited:
    """Edit the issuer and wait until all that were there have it; `newcomers` come meanwhile."""
    api, everywhere = stage.api, f"{RESOURCES}/{names.PLURAL}"
    listed = await api.request("GET", everywhere)
    records = await api.request("GET", secrets(names.RECORDS_NAMESPACE), limit="1")
    mark, log = stage.server.audit.mark(), stage.issuer.log.mark()
    before, used = passes(process), usage.cpu(process.child.pid)
    there, known = frozenset(r["metadata"]["uid"] for r in listed["items"]), len(newcomers.uids) if newcomers else 0
    edited = await api.request("PATCH", f"{RESOURCES}/{names.ISSUER_PLURAL}/{_ISSUER}", {"spec": change})
    began, over, watched = time.monotonic(), asyncio.Event(), _Watched(edited["metadata"]["generation"], there)

    async def see_records() -> None:
        version = records["metadata"]["resourceVersion"]
        async with aclosing(api.watch(secrets(names.RECORDS_NAMESPACE), version)) as events:
            async for at, event in events:
                watched.saw_record(event["object"]["metadata"], at)

    async def see_resources() -> float:
        async with aclosing(api.watch(everywhere, listed["metadata"]["resourceVersion"])) as events:
            async for at, event in events:
                if watched.saw_resource(event["object"]):
                    return at - began
        raise AssertionError("a watch has no end")

    seeing = asyncio.create_task(see_records())
    try:
        async with asyncio.timeout(_WAITS + _PER_CLIENT * len(there)), asyncio.TaskGroup() as group:
            if newcomers is not None:
                group.create_task(newcomers.come_until(over))
            total = await see_resources()
            over.set()
        await asyncio.sleep(_SETTLED)
    finally:
        seeing.cancel()
    came = newcomers.uids[known:] if newcomers is not None else []
    # Their records are named by their UIDs, their Events and Secrets by their names.
    of_others = (*came, *(f"new-{number:05}" for number in range(known, known + len(came))))
    sent = _puts(stage, log)
    return Edited(
        what=what,
        clients=len(there),
        puts=Counter(path for path, _ in sent),
        sent=[at for _, at in sent],
        updates=watched.updates,
        ready=[*watched.ready.values()],
        total=total,
        requests=Counter(
            {
                asked: n
                for asked, n in stage.requests(mark, without=of_others).items()
                # A watch is begun anew now and then, and the issuer's own pass is one.
                if not asked.startswith(("watch", "list")) and names.ISSUER_PLURAL not in asked
            }
        ),
        passes=passes(process) - before,
        cpu=usage.cpu(process.child.pid) - used,
    )


def _puts(stage: Stage, since: IssuerMark) -> list[tuple[str, float]]:
    """Return path and time of each update that the server answered."""
    with stage.issuer.log.file.open("rb") as log:
        log.seek(since)
        found = [json.loads(line) for line in log if line.endswith(b"\n")]
    return [(line["path"], float(line["at"])) for line in found if line["method"] == "PUT"]
