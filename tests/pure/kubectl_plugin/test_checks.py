"""Whether an operator is at work, by its Lease: and if not, what to do."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

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
