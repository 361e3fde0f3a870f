"""Whoever waits to be woken looks by itself, should nobody do that: a wake that is lost costs minutes and no more."""

import asyncio
from itertools import pairwise
from typing import Any

import pytest

from oauthclient_operator.reconcile.settings import Next
from oauthclient_operator.reconcile.work import WOKEN_WITHIN, Work
from oauthclient_operator.resource.key import Key, oauth_client
from tests.pure.simulation.operator_process import Chance
from tests.pure.simulation.queued import LoopClock
from tests.pure.virtual_time import in_virtual_time, now

WEB = oauth_client("shop", "web")


@pytest.mark.parametrize(
    ("due", "looks"),
    [
        pytest.param(Next(queued=True), 3, id="it waits for its turn at an issuer"),
        pytest.param(Next(unseen=True), 3, id="it waits for something to be seen"),
        pytest.param(Next(), 1, id="it waits for nothing"),
    ],
)
def test_it_looks_again_within_five_minutes(due: Next, looks: int) -> None:
    async def main() -> None:
        seen = list[float]()

        class Passes:
            async def reconcile(self, _key: Key) -> Next:
                seen.append(now())
                return due if len(seen) < 3 else Next()

            def stop(self) -> None: ...

        passes: Any = Passes()
        work = Work(issuer_of=lambda *_: "", clock=LoopClock(), chance=Chance())
        work.begin(passes)
        work.add(WEB)
        running = asyncio.create_task(work.run())
        await asyncio.sleep(10 * WOKEN_WITHIN)
        work.stop()
        await running
        assert len(seen) == looks
        assert all(after - before <= WOKEN_WITHIN for before, after in pairwise(seen))

    in_virtual_time(main())
