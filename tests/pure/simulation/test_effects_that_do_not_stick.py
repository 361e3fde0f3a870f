"""A write that was accepted and came back different is a fact: it is named, and not repeated, over hours and days."""

import asyncio
import copy
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from oauthclient_operator import names
from tests.pure.simulation.api_server import APIServer
from tests.pure.simulation.authorization_server import ISSUER
from tests.pure.simulation.operator_process import KEY, NAME, NAMESPACE, RECORDS, Simulation, no_fault

Body = dict[str, Any]
Change = Callable[[str, str, Body], None]
"""Changes an object of a kind and a namespace in place."""
WANTED = {"issuer": ISSUER, "clientMetadata": {"client_name": "web", "redirect_uris": ["https://shop.example/cb"]}}
MOST_WRITES = 6
"""Of one thing, over hours: what is right at once takes one."""


class MutatingAPIServer(APIServer):
    """One whose admission changes what is written before it is stored, or before a dry run shows it."""

    def __init__(self, change: Change) -> None:
        super().__init__()
        self.change = change
        self.writes: Counter[str] = Counter()

    def _store(self, key: tuple[str, str, str], body: Body) -> Body:
        body = copy.deepcopy(body)
        self.change(key[0], key[1], body)
        return super()._store(key, body)

    async def create_secret(self, namespace: str, manifest: Body, *, dry_run: bool = False) -> Body:
        self.writes[f"secret {namespace}"] += not dry_run
        body = await super().create_secret(namespace, manifest, dry_run=dry_run)
        if dry_run:
            body = copy.deepcopy(body)
            self.change("secrets", namespace, body)
        return body

    async def patch_secret(self, namespace: str, name: str, patch: Body, *, dry_run: bool = False) -> Body:
        self.writes[f"secret {namespace}"] += not dry_run
        return await super().patch_secret(namespace, name, patch, dry_run=dry_run)

    async def patch_oauth_client(self, namespace: str, name: str, patch: Body) -> Body:
        self.writes["finalizer"] += 1
        return await super().patch_oauth_client(namespace, name, patch)

    async def patch_oauth_client_status(self, namespace: str, name: str, patch: Body) -> Body:
        self.writes["status"] += 1
        return await super().patch_oauth_client_status(namespace, name, patch)


def published(kind: str, namespace: str) -> bool:
    return kind == "secrets" and namespace == NAMESPACE


def rewrites_our_label(kind: str, namespace: str, body: Body) -> None:
    if published(kind, namespace):
        body["metadata"]["labels"][names.MANAGED_BY_LABEL] = "platform"


def takes_our_annotations(kind: str, namespace: str, body: Body) -> None:
    if published(kind, namespace):
        body["metadata"].pop("annotations", None)


def labels_records(kind: str, namespace: str, body: Body) -> None:
    if kind == "secrets" and namespace == RECORDS:
        body["metadata"]["labels"][names.STATE_LABEL] = "platform"
        body["metadata"]["annotations"] = {"platform": "x"}


def rewrites_data(kind: str, namespace: str, body: Body) -> None:
    if published(kind, namespace):
        body["data"]["client_id"] = "cGxhdGZvcm0="


def takes_the_owner(kind: str, namespace: str, body: Body) -> None:
    if published(kind, namespace):
        body["metadata"].pop("ownerReferences", None)


def strips_finalizers(kind: str, _namespace: str, body: Body) -> None:
    if kind == "oauthclients":
        body["metadata"]["finalizers"] = []


def keeps_finalizers(kind: str, _namespace: str, body: Body) -> None:
    if kind == "oauthclients":
        body["metadata"]["finalizers"] = [names.FINALIZER]


def prunes_status(kind: str, _namespace: str, body: Body) -> None:
    if kind == "oauthclients":
        body["status"].pop("registration", None)


def rewrites_conditions(kind: str, _namespace: str, body: Body) -> None:
    if kind == "oauthclients":
        for condition in body["status"]["conditions"]:
            condition["message"] = "as the platform says it"


def nothing(_kind: str, _namespace: str, _body: Body) -> None:
    """Leave it as it is."""


def apply(world: Simulation, **spec: Any) -> None:
    world.api.apply(NAMESPACE, NAME, {**WANTED, **spec})


def edited(name: str) -> Body:
    return {"clientMetadata": {**WANTED["clientMetadata"], "client_name": name}}  # type: ignore[dict-item]


async def passes(
    world: Simulation, hours: float, meddle: Callable[[], None] = lambda: None, process: Any = None
) -> Any:
    """Have the operator look every minute, and each time that an object changed, as its watches would have it."""
    process = process or world.start()
    for _ in range(int(hours * 60)):
        for _ in range(12):
            before = [body["metadata"]["resourceVersion"] for body in world.api.objects.values()]
            await process.reconcile(KEY)
            meddle()
            if before == [body["metadata"]["resourceVersion"] for body in world.api.objects.values()]:
                break
        else:
            # Somebody answers each write with another: what is counted below says how long that goes on.
            pass
        world.clock.time += timedelta(minutes=1)
    return process


def message(world: Simulation) -> str:
    body = world.resource()
    assert body is not None
    return next(str(c["message"]) for c in body["status"]["conditions"] if c["type"] == "Ready")


def simulated(change: Change) -> tuple[Simulation, MutatingAPIServer]:
    api = MutatingAPIServer(change)
    return Simulation(fault=no_fault, api=api), api


ROWS: dict[str, tuple[Change, str, list[str], str]] = {
    "our label is rewritten": (rewrites_our_label, "Registered", ["POST", "PUT"], names.MANAGED_BY_LABEL),
    "our annotations are taken": (takes_our_annotations, "Registered", ["POST", "PUT"], f"{names.GROUP}/keys"),
    "a record's labels and annotations are rewritten": (labels_records, "Registered", ["POST", "PUT"], ""),
    "the data are rewritten, which is known before there is a client": (
        rewrites_data,
        "SecretNotPublishable",
        [],
        "client_id",
    ),
    "the owner is taken, which is known before there is a client": (
        takes_the_owner,
        "SecretNotPublishable",
        [],
        "owner reference",
    ),
    "finalizers are stripped": (strips_finalizers, "ClusterUnavailable", [], "finalizer"),
    "the status is pruned": (prunes_status, "Registered", ["POST", "PUT"], ""),
    "conditions are rewritten": (rewrites_conditions, "Registered", ["POST", "PUT"], "as the platform says it"),
}


@pytest.mark.parametrize(("change", "reason", "calls", "named"), ROWS.values(), ids=ROWS)
def test_admission_that_changes_what_is_written(change: Change, reason: str, calls: list[str], named: str) -> None:
    async def main() -> None:
        world, api = simulated(change)
        apply(world)
        process = await passes(world, 1)
        apply(world, **edited("web shop"))
        await passes(world, 5, process=process)
        assert (world.condition()[1], world.server.calls) == (reason, calls)
        assert named in message(world)
        api.writes.clear()
        world.api.annotate(NAMESPACE, NAME, {"example.com/note": "a pass"})
        await passes(world, 6, process=process)
        # What waits for somebody else is tried again every fifteen minutes.
        tried = 6 * 4 + 2 if calls == [] else MOST_WRITES
        assert {what: count for what, count in api.writes.items() if count > tried} == {}
        assert sum(api.writes.values()) <= 2 * tried

    asyncio.run(main())


@pytest.mark.parametrize("change", [rewrites_our_label, takes_our_annotations], ids=lambda change: change.__name__)
def test_admission_that_comes_later_keeps_no_edit_from_the_server(change: Change) -> None:
    async def main() -> None:
        world, api = simulated(nothing)
        apply(world)
        process = await passes(world, 0.1)
        api.change = change
        world.api._store(("secrets", NAMESPACE, NAME), world.secret() or {})
        apply(world, **edited("web shop"))
        await passes(world, 0.1, process=process)
        assert world.server.calls == ["POST", "PUT"]
        assert world.condition() == ("True", "Registered")

    asyncio.run(main())


def test_data_that_are_rewritten_later_are_a_condition_and_cost_a_write_every_quarter_of_an_hour() -> None:
    async def main() -> None:
        world, api = simulated(nothing)
        apply(world)
        process = await passes(world, 0.1)
        api.change = rewrites_data
        world.api._store(("secrets", NAMESPACE, NAME), world.secret() or {})
        await passes(world, 1, process=process)
        assert world.condition() == ("False", "SecretNotPublishable")
        api.writes.clear()
        await passes(world, 5, process=process)
        assert api.writes[f"secret {NAMESPACE}"] <= 5 * 4 + 1

    asyncio.run(main())


def test_a_finalizer_that_is_put_on_again_holds_the_resource_and_costs_little() -> None:
    async def main() -> None:
        world, api = simulated(nothing)
        apply(world)
        process = await passes(world, 0.1)
        api.change = keeps_finalizers
        world.api.delete(NAMESPACE, NAME)
        await passes(world, 0.2, process=process)
        assert world.condition()[1] == "ClusterUnavailable"
        api.writes.clear()
        await passes(world, 5, process=process)
        assert sum(api.writes.values()) <= 5 * 4 + 2

    asyncio.run(main())


CONTROLLERS: dict[str, tuple[Change, int]] = {
    "our label is rewritten": (rewrites_our_label, MOST_WRITES),
    "our annotations are taken": (takes_our_annotations, MOST_WRITES),
    # Each time it is there for a moment, and the status says so.
    "finalizers are stripped": (strips_finalizers, 3 * 12 * 6),
    "the status is pruned": (prunes_status, 12 * 6),
    "conditions are rewritten": (rewrites_conditions, 12 * 6),
}


@pytest.mark.parametrize(("change", "most"), CONTROLLERS.values(), ids=CONTROLLERS)
def test_another_controller_that_changes_back_what_is_written(change: Change, most: int) -> None:
    async def main() -> None:
        world, api = simulated(nothing)
        apply(world)
        process = await passes(world, 0.1)

        def meddle() -> None:
            for key, body in list(api.objects.items()):
                changed = copy.deepcopy(body)
                change(key[0], key[1], changed)
                api._store(key, changed)

        await passes(world, 1, meddle, process)
        apply(world, **edited("web shop"))
        await passes(world, 1, meddle, process)
        assert world.server.calls == ["POST", "PUT"], "the edit is brought to the server all the same"
        api.writes.clear()
        await passes(world, 6, meddle, process)
        assert sum(api.writes.values()) <= most

    asyncio.run(main())
