"""At the end of the whole suite: the operator has used every verb that its roles give it, by the API server's audit log.

It runs last, and only together with all tests of the operator at work (see `conftest`): a part of them proves nothing.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from oauthclient_operator.names import OPERATOR, RECORDS_NAMESPACE
from tests.parts.audit import AuditedRequest, AuditLog, Mark
from tests.parts.installation import OPERATOR_USER, ROOT
from tests.parts.used_rights import unused

DEPLOY = ROOT / "deploy"
AGENTS = (OPERATOR, "kopf/")
"""The operator's own requests: tests ask under its account, too."""
NONE: dict[str, list[str]] = {"in tenants' namespaces": [], "for records": []}


def rules(path: str) -> Iterator[dict[str, Any]]:
    """Yield the rules of all roles in a file."""
    for document in yaml.safe_load_all((DEPLOY / path).read_text()):
        yield from document.get("rules", ())


@pytest.fixture(scope="module")
def requests(audit: AuditLog) -> list[AuditedRequest]:
    asked = audit.requests(OPERATOR_USER, since=Mark(0))
    return [request for request in asked if request.agent.startswith(AGENTS)]


@pytest.mark.parametrize("role", ["cluster-role", "lease-role", "registrar"])
def test_no_verb_of_the_operators_roles_is_unused(role: str, requests: list[AuditedRequest]) -> None:
    assert unused(rules(f"operator/account/{role}.yaml"), requests) == []


def test_nor_is_one_of_what_the_components_give_instead(requests: list[AuditedRequest]) -> None:
    """What they give is given for each namespace, so that it is held against what was asked there."""
    records = [request for request in requests if request.namespace == RECORDS_NAMESPACE]
    tenants = [request for request in requests if request.namespace != RECORDS_NAMESPACE]
    (named,) = rules("components/namespaced/secrets.yaml")
    by_name, of_records = rules("components/without-secret-watch/secrets.yaml")
    assert {"in tenants' namespaces": unused([named], tenants), "for records": unused([named], records)} == NONE
    both = unused([by_name, of_records], records)
    assert {"in tenants' namespaces": unused([by_name], tenants), "for records": both} == NONE
