"""A verb is used if somebody asked with it for what the rule is about, and was let."""

from dataclasses import replace
from typing import Any

import pytest

from tests.parts.audit import AuditedRequest
from tests.parts.used_rights import unused

RULE: dict[str, Any] = {
    "apiGroups": ["coordination.k8s.io"],
    "resources": ["leases"],
    "resourceNames": ["operator"],
    "verbs": ["get", "patch"],
}
GET = AuditedRequest(
    user="operator",
    agent="operator",
    verb="get",
    group="coordination.k8s.io",
    resource="leases",
    namespace="system",
    name="operator",
    dry_run=False,
    status=200,
)


@pytest.mark.parametrize(
    ("request_", "left"),
    [
        pytest.param(GET, ["patch leases"], id="used"),
        pytest.param(replace(GET, status=404), ["patch leases"], id="used, though there was nothing"),
        pytest.param(replace(GET, status=403), ["get leases", "patch leases"], id="refused"),
        pytest.param(replace(GET, name="other"), ["get leases", "patch leases"], id="another name"),
        pytest.param(replace(GET, group=""), ["get leases", "patch leases"], id="another group"),
        pytest.param(replace(GET, resource="leases/status"), ["get leases", "patch leases"], id="a subresource"),
        pytest.param(replace(GET, verb="patch"), ["get leases"], id="the other verb"),
    ],
)
def test_what_is_left_unused(request_: AuditedRequest, left: list[str]) -> None:
    assert unused([RULE], [request_]) == left
