"""Who waits for an issuer's metadata goes on as soon as anybody has read them, each once.

The real queue, limits and cache of metadata on a clock that jumps.
"""

import asyncio
import itertools
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from oauthclient_operator import names
from oauthclient_operator.exchange import Answer, Incomplete, Request, Response
from oauthclient_operator.issuer.discovery_cache import TIME_TO_LIVE
from oauthclient_operator.issuer.metadata_readers import SPREAD
from oauthclient_operator.names import ConditionType
from oauthclient_operator.resource.key import oauth_client
from tests.pure.simulation.test_load import HEALTHY, Door, Operator
from tests.pure.virtual_time import in_virtual_time, now

CLIENTS = 40
Metadata = Callable[[], Answer]


def document(**members: Any) -> Response:
    found = {"issuer": HEALTHY, "registration_endpoint": f"{HEALTHY}/register", **members}
    return Response(status=200, body=json.dumps(found).encode())


class Changing(Door):
    """Its metadata are what a test says, and each fetch is noted."""

    def __init__(self, metadata: Answer) -> None:
        super().__init__(hangs_at="")
        self.metadata: Metadata = lambda: metadata
        self.fetched_at: list[float] = []

    async def exchange(self, request: Request, **options: Any) -> Answer:
        if request.method == "GET" and ".well-known" in request.url:
            await asyncio.sleep(0.05)
            self.fetched_at.append(now())
            return self.metadata()
        if not request.url.startswith(f"{HEALTHY}/register"):
            return Response(status=404)
        return await super().exchange(request, **options)


async def waiting(door: Changing, minutes: float) -> tuple[Operator, asyncio.Task[None]]:
    """Return an operator whose clients have waited for so long."""
    operator = Operator(door)
    running = asyncio.create_task(operator.work.run())
    for number in range(CLIENTS):
        operator.apply("shop", f"web-{number}", HEALTHY)
        await asyncio.sleep(minutes * 60 / CLIENTS)
    return operator, running


def said(operator: Operator, name: str) -> tuple[str, str]:
    conditions = operator.api.get("oauthclients", "shop", name)["status"]["conditions"]
    return next((c["status"], c["reason"]) for c in conditions if c["type"] == ConditionType.READY)


def ready(operator: Operator) -> int:
    return sum(said(operator, f"web-{number}")[0] == "True" for number in range(CLIENTS))


def asks(operator: Operator, name: str) -> None:
    """Annotate it as a person does who wants what waits to be tried now."""
    body = operator.api.get("oauthclients", "shop", name)
    body["metadata"].setdefault("annotations", {})[names.RETRY_ANNOTATION] = "1"
    operator.api.put(("oauthclients", "shop", name), body)
    operator.work.add(oauth_client("shop", name))


@pytest.mark.parametrize(
    ("metadata", "reason", "comes_within"),
    [
        # docs/load.md: an issuer whose discovery fails is asked again after 5 min at most, and by a half more of it.
        pytest.param(Response(status=503), "IssuerUnavailable", 600, id="it is out of order"),
        pytest.param(Incomplete(cause="no complete answer"), "IssuerUnavailable", 600, id="it does not answer"),
        pytest.param(document(issuer="https://another.example"), "IssuerMismatch", 900, id="they are another issuer's"),
        pytest.param(
            document(registration_endpoint=None), "RegistrationNotSupported", 900, id="registration is turned off"
        ),
    ],
)
def test_all_who_wait_go_on_within_a_minute_of_the_first_fetch_that_brings_them(
    metadata: Answer, reason: str, comes_within: float
) -> None:
    async def main() -> None:
        door = Changing(metadata)
        operator, running = await waiting(door, minutes=30)
        assert {said(operator, f"web-{number}") for number in range(CLIENTS)} == {("False", reason)}
        mended_at, passes = now(), operator.reconciler.passes.total()
        door.metadata = document
        while not (found_at := [at for at in door.fetched_at if at > mended_at]):
            await asyncio.sleep(0.1)
            assert now() < mended_at + comes_within
        await asyncio.sleep(SPREAD + 2)
        assert ready(operator) == CLIENTS
        assert len(found_at) == 1
        # Some came by themselves before it was fetched, to no avail.
        assert operator.reconciler.passes.total() - passes <= 6 * CLIENTS
        operator.work.stop()
        await running

    random.seed(1)
    in_virtual_time(main())


def test_a_person_s_word_at_one_of_them_is_for_all() -> None:
    async def main() -> None:
        door = Changing(document(registration_endpoint=None))
        operator, running = await waiting(door, minutes=1)
        door.metadata = document
        asks(operator, "web-3")
        await asyncio.sleep(2)
        assert said(operator, "web-3")[0] == "True"
        await asyncio.sleep(SPREAD)
        assert ready(operator) == CLIENTS
        operator.work.stop()
        await running

    random.seed(1)
    in_virtual_time(main())


class Slow(Changing):
    """It registers no more than so many clients in ten seconds."""

    MOST = 10

    def __init__(self) -> None:
        super().__init__(Response(status=503))
        self.registered_at: list[float] = []
        self.refused = 0

    async def exchange(self, request: Request, **options: Any) -> Answer:
        if request.method == "POST":
            if sum(at > now() - 10 for at in self.registered_at) >= self.MOST:
                self.refused += 1
                return Response(status=429)
            self.registered_at.append(now())
        return await super().exchange(request, **options)


def test_after_an_outage_fetches_that_failed_make_nobody_s_calls_rarer() -> None:
    async def main() -> None:
        door = Slow()
        operator, running = await waiting(door, minutes=30)
        door.metadata = document
        await asyncio.sleep(300 + SPREAD + 30)
        assert ready(operator) == CLIENTS
        assert door.registered_at[-1] - door.fetched_at[-1] <= SPREAD + 30
        operator.work.stop()
        await running

    random.seed(1)
    in_virtual_time(main())


def test_who_was_told_what_a_fetch_for_a_word_came_to_goes_on_with_what_the_others_have() -> None:
    async def main() -> None:
        door = Changing(document(registration_endpoint=None))
        operator, running = await waiting(door, minutes=1)
        before = door.metadata
        door.metadata = lambda: Response(status=404)
        asks(operator, "web-3")
        await asyncio.sleep(1)
        assert said(operator, "web-3") == ("False", "DiscoveryFailed")
        door.metadata = before
        await asyncio.sleep(31)
        asks(operator, "web-5")
        await asyncio.sleep(SPREAD + 1)
        assert {said(operator, f"web-{number}")[1] for number in range(CLIENTS)} == {"RegistrationNotSupported"}
        operator.work.stop()
        await running

    random.seed(1)
    in_virtual_time(main())


def test_where_they_are_read_anew_and_say_the_same_nobody_is_looked_at() -> None:
    async def main() -> None:
        door = Changing(document(registration_endpoint=None))
        operator, running = await waiting(door, minutes=1)
        await asyncio.sleep(TIME_TO_LIVE)
        passes = operator.reconciler.passes.copy()
        operator.apply("shop", "late", HEALTHY)
        fetched = len(door.fetched_at)
        await asyncio.sleep(2)
        assert len(door.fetched_at) == fetched + 2, "at both places"
        assert (operator.reconciler.passes - passes).keys() == {oauth_client("shop", "late")}
        operator.work.stop()
        await running

    random.seed(1)
    in_virtual_time(main())


def test_who_is_ready_is_not_looked_at_when_they_change() -> None:
    async def main() -> None:
        door = Changing(document())
        operator, running = await waiting(door, minutes=1)
        assert ready(operator) == CLIENTS
        await asyncio.sleep(TIME_TO_LIVE)
        passes = operator.reconciler.passes.copy()
        door.metadata = lambda: document(token_endpoint=f"{HEALTHY}/token")
        operator.apply("shop", "late", HEALTHY)
        await asyncio.sleep(SPREAD)
        assert len(door.fetched_at) == 2
        assert (operator.reconciler.passes - passes).keys() == {oauth_client("shop", "late")}
        operator.work.stop()
        await running

    random.seed(1)
    in_virtual_time(main())


def numbered(name: str, **members: Any) -> Iterator[Response]:
    for number in itertools.count():
        yield document(**{**members, name: f"{HEALTHY}/{number}"})


@pytest.mark.parametrize(
    "changing",
    [
        pytest.param(numbered("registration_endpoint"), id="endpoints where nobody registers"),
        pytest.param(numbered("token_endpoint", registration_endpoint=None), id="no endpoint, and never the same"),
    ],
)
def test_a_server_that_tells_something_else_each_time_has_each_looked_at_about_as_often_as_by_itself(
    changing: Iterator[Response],
) -> None:
    async def main() -> None:
        door = Changing(document())
        door.metadata = lambda: next(changing)
        operator, running = await waiting(door, minutes=1)
        before, passes, hours = len(door.fetched_at), operator.reconciler.passes.total(), 2
        await asyncio.sleep(hours * 3600)
        # Two places are looked at each time.
        assert len(door.fetched_at) - before <= 2 * hours * 3600 / TIME_TO_LIVE
        # By itself four times an hour, and more often at first; and with each fetch.
        most = CLIENTS * (10 + hours * (4 + 3600 / TIME_TO_LIVE))
        assert operator.reconciler.passes.total() - passes <= most
        operator.work.stop()
        await running

    random.seed(1)
    in_virtual_time(main())
