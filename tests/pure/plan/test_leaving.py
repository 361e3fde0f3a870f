"""When what was published before is looked at again; nothing is ended before its date by the API server's clock."""

import base64
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from oauthclient_operator.plan import plan
from oauthclient_operator.plan.action import ReadResource, Retire, Wait
from oauthclient_operator.plan.leaving import may_show, next_at
from oauthclient_operator.plan.observed import Limits
from oauthclient_operator.record.pairs import pair_of
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.replacements import Leaving
from tests.pure.plan.test_updates_of_candidates import with_candidate
from tests.pure.values import ISSUER, NOW, desired, observed, secret

DAY, SECOND = timedelta(hours=24), timedelta(seconds=1)
SLOWLY = Limits().retry_slowly


def leaving(until: datetime = NOW) -> Record:
    """Return a record of which a second client leaves then."""
    record = with_candidate()
    second = Leaving(pair=pair_of(record.clients[-1]), shown_at=until - DAY, until=until)
    return replace(record, replacement=None, leaving=(second,))


@pytest.mark.parametrize(
    ("live_at", "until", "again"),
    [
        pytest.param(None, NOW + SECOND, NOW + SECOND, id="on its date"),
        pytest.param(
            NOW - SECOND / 2, NOW, NOW + SECOND * 1.5, id="a second after, where the server tells no fractions"
        ),
        pytest.param(NOW - timedelta(hours=1), NOW, NOW + timedelta(hours=1) + SECOND, id="by the server's clock"),
        pytest.param(NOW, NOW, NOW + SLOWLY, id="later, where something else is in the way"),
        pytest.param(None, NOW, NOW + SLOWLY, id="later, where the server's clock is not known"),
    ],
)
def test_a_pair_that_leaves_is_looked_at_again(live_at: datetime | None, until: datetime, again: datetime) -> None:
    record = leaving(until)
    assert next_at(observed(record, live=True, live_at=live_at), record, desired(), NOW) == again


@pytest.mark.parametrize(
    ("live", "live_at", "step"),
    [
        pytest.param(False, None, ReadResource, id="after a live read"),
        pytest.param(True, NOW - SECOND, Wait, id="not while it is earlier by the API server's clock"),
        pytest.param(True, NOW, Retire, id="when both clocks say so"),
    ],
)
def test_a_pair_leaves(live: bool, live_at: datetime | None, step: type) -> None:
    record = leaving()
    assert isinstance(plan(observed(record, live=live, live_at=live_at), desired(), NOW), step)


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        pytest.param({"client_id": "second", "issuer": ISSUER}, True, id="that very client"),
        pytest.param({"client_id": "second"}, True, id="one of that name, and it does not say whose"),
        pytest.param({"client_id": "second", "issuer": "https://other.example"}, False, id="another issuer's client"),
        pytest.param({"client_id": "first", "issuer": ISSUER}, False, id="another client"),
    ],
)
def test_a_secret_shows(data: dict[str, str], *, shown: bool) -> None:
    record = with_candidate()
    publication = desired().publication
    assert publication is not None
    encoded = {key: base64.b64encode(value.encode()).decode() for key, value in data.items()}
    seen = observed(record, secret=secret(record, data=encoded))
    assert may_show(seen, publication, record.clients[-1]) is shown
