"""A proof that told nothing leaves the status as it was: Events alone say so, where they may be listed."""

from collections.abc import Callable
from typing import Any, cast

import pytest

from oauthclient_operator.cluster.connection import Connection
from oauthclient_operator.errors import RequestRefused
from oauthclient_operator.kubectl_plugin.proof_events import confirmed, told_nothing
from oauthclient_operator.kubectl_plugin.waiting import Outcome

ACCEPTED = Outcome(done=True, said="accepted when it was asked last")
EVENT = {"metadata": {"name": "web.1"}, "message": "nobody answered"}


class Events:
    """Lists those Events, or refuses to."""

    def __init__(self, *found: dict[str, Any], refuses: bool = False) -> None:
        self._found, self._refuses = found, refuses

    async def list_all(self, target: object, take: Callable[[Any], None], **_: Any) -> None:
        assert str(target) == "events shop"
        if self._refuses:
            raise RequestRefused("cannot list", status=403)
        for event in self._found:
            take(event)


async def ended(before: Events, after: Events, outcome: Outcome = ACCEPTED) -> Outcome:
    known = await told_nothing(cast("Connection", before), "shop", "web")
    return await confirmed(cast("Connection", after), "shop", "web", outcome, known)


REFUSED = Outcome(done=False, said="refused when it was asked last")


@pytest.mark.parametrize("said", [ACCEPTED, REFUSED], ids=["accepted before", "refused before"])
async def test_an_event_that_was_not_there_before_is_what_came_of_it(said: Outcome) -> None:
    assert await ended(Events(), Events(EVENT), said) == Outcome(done=False, said="nobody answered")


async def test_without_another_event_it_is_as_the_status_says() -> None:
    assert await ended(Events(EVENT), Events(EVENT)) == ACCEPTED


@pytest.mark.parametrize(
    ("before", "after"),
    [(Events(refuses=True), Events(refuses=True)), (Events(), Events(refuses=True)), (Events(refuses=True), Events())],
)
async def test_where_events_cannot_be_listed_it_is_said_that_it_is_not_known(before: Events, after: Events) -> None:
    found = await ended(before, after)
    assert found.done is None
    assert "may not list Events" in found.said
    assert found.said.endswith(ACCEPTED.said)
    assert await ended(before, after, REFUSED) == REFUSED
