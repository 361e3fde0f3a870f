"""What a client says of itself."""

from dataclasses import replace
from typing import Any

import pytest

from oauthclient_operator.record.clients import Alive, End, Ended, Ending, InStep, Standing, UpdateDue
from tests.pure.records import METADATA, NOW, published, registered_record

CLIENT = published(registered_record())


@pytest.mark.parametrize(
    ("members", "manageable"),
    [
        ({}, True),
        ({"registration_client_uri": None}, False),
        ({"registration_access_token": None}, False),
        ({"registration_access_token": "not for a header"}, False),
    ],
    ids=str,
)
def test_it_is_managed_with_a_token_and_an_address(members: dict[str, Any], manageable: bool) -> None:
    assert published(registered_record(**members)).manageable is manageable


@pytest.mark.parametrize(
    ("end", "alive", "may_be_gone"),
    [
        (Alive(), True, False),
        (Ending(since=NOW), True, False),
        (Ending(since=NOW, lost=True), True, True),
        (Ended(at=NOW), False, False),
    ],
    ids=["alive", "ending", "ending, and an answer is lost", "ended"],
)
def test_how_far_its_end_is(end: End, alive: bool, may_be_gone: bool) -> None:
    client = replace(CLIENT, end=end)
    assert (client.alive, client.may_be_gone) == (alive, may_be_gone)


@pytest.mark.parametrize(
    ("standing", "unresolved"),
    [(InStep(), ()), (UpdateDue(), ()), (UpdateDue((2, 3)), (2, 3))],
    ids=["in step", "due", "unresolved"],
)
def test_which_updates_are_unresolved(standing: Standing, unresolved: tuple[int, ...]) -> None:
    assert replace(CLIENT, standing=standing).unresolved == unresolved


def test_what_was_accepted_is_empty_where_it_is_not_known() -> None:
    assert CLIENT.accepted.members == METADATA
    assert replace(CLIENT, confirmed=None).accepted.members == {}
    assert CLIENT.confirmed is not None
    assert replace(CLIENT, confirmed=replace(CLIENT.confirmed, members=None)).accepted.members == {}
