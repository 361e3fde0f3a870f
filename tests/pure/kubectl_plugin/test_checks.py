"""Whether an operator is at work, by its Lease: and if not, what to do."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, cast

import pytest

from oauthclient_operator.cluster.connection import Connection
from oauthclient_operator.cluster.server_clock import ServerClock
from oauthclient_operator.kubectl_plugin import checks

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


def lease(age: timedelta, holder: str = "pod-1") -> dict[str, Any]:
    renewed = (NOW - age).isoformat().replace("+00:00", "Z")
    return {"holderIdentity": holder, "renewTime": renewed, "leaseDurationSeconds": 45}


@pytest.mark.parametrize(
    ("spec", "holds", "said"),
    [
        pytest.param(lease(timedelta(seconds=10)), True, "pod-1 holds the Lease", id="renewed a moment ago"),
        pytest.param(lease(timedelta(seconds=59)), True, "pod-1 holds", id="about to be another's"),
        pytest.param(lease(timedelta(seconds=61)), False, "logs deployment/oauthclient-operator", id="ended"),
        pytest.param(lease(timedelta(seconds=1), holder=""), False, "scale deployment", id="given back"),
        pytest.param({}, False, "scale deployment", id="empty"),
        pytest.param({"holderIdentity": "pod-1", "renewTime": "soon"}, False, "scale deployment", id="no time"),
    ],
)
def test_an_operator_is_at_work_while_its_lease_is_renewed(spec: dict[str, Any], holds: bool, said: str) -> None:
    found, words = checks._leads(spec, "oauth-operator-system", NOW)
    assert found is holds
    assert said in words


class SkewedCluster:
    """A cluster whose clock is that far ahead of this machine's, with a Lease that was renewed so long ago there."""

    def __init__(self, ahead: timedelta, age: timedelta) -> None:
        self.clock = ServerClock()
        self._ahead, self._age = ahead, age

    async def request(self, method: str, target: object) -> dict[str, Any]:
        assert (method, str(target)) == ("GET", "leases oauth-operator-system/oauthclient-operator")
        there = datetime.now(UTC) + self._ahead
        self.clock.heard(format_datetime(there, usegmt=True))
        return {"spec": {**lease(timedelta()), "renewTime": (there - self._age).isoformat()}}


@pytest.mark.parametrize(
    ("ahead", "age", "holds"),
    [(timedelta(days=-1), timedelta(seconds=10), True), (timedelta(days=1), timedelta(hours=1), False)],
)
async def test_a_lease_is_compared_with_the_clock_of_the_api_server(
    ahead: timedelta, age: timedelta, holds: bool
) -> None:
    found, _ = await checks._operator(cast("Connection", SkewedCluster(ahead, age)), "oauth-operator-system")
    assert found is holds
