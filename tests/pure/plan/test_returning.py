"""Which pair that is leaving is published again, where the published one expires and its server gave that one out anew."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest

from oauthclient_operator.plan.action import Action, Register, ReturnTo
from oauthclient_operator.record.clients import Client
from tests.pure.plan.replacing import step
from tests.pure.record.replacements import promoted, shown, with_candidate
from tests.pure.values import NOW, registered_record

HOUR: Final = timedelta(hours=1)
DUE: Final = NOW + 10 * HOUR
"""When the published secret, which came at NOW, is to be renewed."""


def expiring(hours: int) -> int:
    return int((NOW + hours * HOUR).timestamp())


def given_again(client: Client) -> Client:
    """Return a client as it is after its server answered another registration with it, shortly before DUE."""
    return replace(client, origin=replace(client.origin, at=DUE - HOUR / 2))


@pytest.mark.parametrize(
    ("leaving", "expected"),
    [
        pytest.param(30, ReturnTo, id="it lasts longer: it is returned to"),
        pytest.param(12, Register, id="it lasts as long: another one is registered"),
        pytest.param(11, Register, id="it lasts shorter: another one is registered"),
    ],
)
def test_one_that_was_given_out_again_is_returned_to_where_it_lasts_longer(
    leaving: int, expected: type[Action]
) -> None:
    first = registered_record(client_secret_expires_at=expiring(leaving))
    record = shown(promoted(with_candidate(first, client_secret_expires_at=expiring(12))))
    back = record.client(record.leaving[0].pair.client)
    assert back is not None
    assert isinstance(step(record.with_client(given_again(back)), DUE), expected)
