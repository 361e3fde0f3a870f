"""What it costs, by the API server's audit log and the issuer's own: a new client, a quiet period, a restart.

Leases, the beginnings of watches, and Events are counted apart.
"""

from collections import Counter
from collections.abc import Iterator

import httpx
import pytest

from oauthclient_operator import names
from tests.cluster.admission.account import MERGE_PATCH, oauth_clients_path, secrets_path
from tests.cluster.scenarios.issuer_resources import issuer_resource
from tests.cluster.scenarios.operators import Operators
from tests.cluster.scenarios.room import Room
from tests.parts.audit import AuditedRequest, AuditLog, Mark
from tests.parts.installation import OPERATOR_USER
from tests.parts.kubectl import Kubectl
from tests.parts.misbehaving_issuer import MisbehavingIssuer
from tests.parts.node_oidc_provider import NodeOIDCProvider
from tests.parts.processes import wait_for

READY = 20
LISTS = {
    "list oauthclients": 1,
    "list clusteroauthissuers": 1,
    "list namespaces": 1,  # their labels, by which an issuer may select them
    # The records, the published Secrets, initial access tokens and software statements, as metadata; and is there
    # anything but records in the records namespace?
    "list secrets": 5,
}
CHECKS_AT_START = {
    "get /version": 1,
    "get namespaces": 1,  # the cluster's UID
    "create secrets (dry run)": 1,  # is the fence there?
    # Where kopf finds the resource that it watches.
    "get /api": 1,
    "get /api/v1": 1,
    "get /apis": 1,
    "get /apis/admissionregistration.k8s.io/v1": 1,
    "get /apis/apiextensions.k8s.io/v1": 1,
    # Are the definitions there, and at least as new as the operator?
    f"get /apis/{names.API_VERSION}": 2,
    f"get /openapi/v3/apis/{names.API_VERSION}": 1,
}


@pytest.fixture(scope="module")
def alone(administrator: httpx.Client, kubectl: Kubectl, operators: Operators, audit: AuditLog) -> None:
    """The operator has begun, and nothing of other tests is left for it to do."""
    operators.stop()
    # By kubectl, which asks again where the API server has not read them itself yet (429).
    found = kubectl.json("get", f"{names.PLURAL},{names.ISSUER_PLURAL}", "-A")["items"]
    for metadata in (resource["metadata"] for resource in found):
        namespace, name = metadata.get("namespace"), metadata["name"]
        path = f"/apis/{names.API_VERSION}/{names.ISSUER_PLURAL}/{name}"
        if namespace is not None:
            path = oauth_clients_path(namespace, name)
        administrator.delete(path)
        administrator.patch(path, json={"metadata": {"finalizers": None}}, headers={"Content-Type": MERGE_PATCH})
    administrator.delete(secrets_path(names.RECORDS_NAMESPACE)).raise_for_status()
    since = audit.mark()
    operators.running()
    # kopf lists a moment after the process is at work, and then watches.
    watching = f"watch {names.PLURAL}"
    wait_for(lambda: audit.counts(OPERATOR_USER, since=since)[watching] > 0, "OAuthClients are watched", within=20)


@pytest.fixture(scope="module")
def ready(
    lasting_room: Room,
    alone: None,  # noqa: ARG001 - it comes first
    node_provider: NodeOIDCProvider,
    operators: Operators,
) -> Iterator[Room]:
    """A namespace with clients that are all registered and published, and reported to be."""
    lasting_room.put_token("idp-token", node_provider.issuer, node_provider.initial_access_token())
    several = [f"web-{number}" for number in range(READY)]
    for name in several:
        lasting_room.apply(name, node_provider.issuer, token="idp-token")
    for name in several:
        lasting_room.wait_for(name, "Registered")
    # An Event is the last that is written about each.
    lasting_room.wait_until(lambda: all(map(lasting_room.events, several)), "the Events")
    yield lasting_room
    # Or they would be deregistered while the next tests count what that costs.
    operators.running()
    path = oauth_clients_path(lasting_room.namespace)
    lasting_room.api.delete(path).raise_for_status()
    lasting_room.wait_until(lambda: lasting_room.api.get(path).json().get("items") == [], "all are gone", within=60)


def requests(audit: AuditLog, since: Mark) -> list[AuditedRequest]:
    """Return the operator's requests but for those that are counted apart."""
    asked = audit.requests(OPERATOR_USER, since=since)
    return [r for r in asked if r.resource not in ("leases", "events") and r.verb != "watch"]


def count(audit: AuditLog, since: Mark, resource: str) -> int:
    return sum(r.resource == resource for r in audit.requests(OPERATOR_USER, since=since))


@pytest.mark.usefixtures("alone")
def test_a_new_client(lasting_room: Room, audit: AuditLog, node_provider: NodeOIDCProvider) -> None:
    room = lasting_room
    room.put_token("idp-token", node_provider.issuer, node_provider.initial_access_token())
    since, log = audit.mark(), node_provider.log.mark()
    uid = room.apply("web", node_provider.issuer, token="idp-token")
    room.wait_for("web", "Registered")
    room.wait_until(lambda: count(audit, since, "events") == 1, "one Event")
    tenants, records = room.namespace, names.RECORDS_NAMESPACE
    assert [(str(r), r.namespace, r.name) for r in requests(audit, since)] == [
        ("get secrets", tenants, "idp-token"),  # the credential itself, and no other read
        ("patch oauthclients", tenants, "web"),  # the finalizer
        ("create secrets (dry run)", tenants, "web"),  # the preflight
        ("create secrets", records, uid),  # the claim
        ("patch secrets", records, uid),  # the answer
        ("create secrets", tenants, "web"),  # the published Secret
        ("patch oauthclients/status", tenants, "web"),  # the report
    ]
    assert {r.status for r in requests(audit, since)} == {200, 201}
    assert [str(r) for r in node_provider.log.requests(since=log)] == [
        "GET /.well-known/openid-configuration 200",
        "POST /reg 201",
    ]
    # The second one's issuer is known.
    log = node_provider.log.mark()
    room.apply("second", node_provider.issuer, token="idp-token")
    room.wait_for("second", "Registered")
    assert [str(r) for r in node_provider.log.requests(since=log)] == ["POST /reg 201"]


@pytest.mark.usefixtures("alone")
def test_a_new_client_of_an_issuer_resource_costs_no_more(
    lasting_room: Room, audit: AuditLog, node_provider: NodeOIDCProvider
) -> None:
    room = lasting_room
    with issuer_resource(room, node_provider.issuer) as issuer:
        issuer.put_access("idp-access", node_provider.initial_access_token())
        issuer.apply(access={"initialAccessToken": {"secretRef": {"name": "idp-access"}}})
        # With the first one the issuer gets a finalizer, and says what was seen of its server.
        issuer.apply_client("first-of-issuer")
        room.wait_for("first-of-issuer", "Registered")
        room.wait_until(lambda: len(room.events("first-of-issuer")) == 1, "its Event")
        room.wait_until(lambda: "observed" in issuer.read()["status"], "what was seen of the server is said")
        since, log = audit.mark(), node_provider.log.mark()
        uid = issuer.apply_client("of-issuer")
        room.wait_for("of-issuer", "Registered")
        room.wait_until(lambda: count(audit, since, "events") == 1, "one Event")
        tenants, records = room.namespace, names.RECORDS_NAMESPACE
        asked = [(str(r), r.namespace, r.name) for r in requests(audit, since) if r.name != issuer.name]
        # The look at it once a minute may be due just now.
        assert asked.count(token := ("get secrets", names.SYSTEM_NAMESPACE, "idp-access")) in (1, 2)
        assert [request for request in asked if request != token] == [
            ("patch oauthclients", tenants, "of-issuer"),
            ("create secrets (dry run)", tenants, "of-issuer"),
            ("create secrets", records, uid),
            ("patch secrets", records, uid),
            ("create secrets", tenants, "of-issuer"),
            ("patch oauthclients/status", tenants, "of-issuer"),
        ]
        assert [str(r) for r in node_provider.log.requests(since=log)] == ["POST /reg 201"]
        both = ("first-of-issuer", "of-issuer")
        for name in both:
            room.delete(name)
        room.wait_until(lambda: not any(map(room.exists, both)), "both are gone")


def test_clients_at_rest_cost_nothing(ready: Room, audit: AuditLog, node_provider: NodeOIDCProvider) -> None:
    since, log = audit.mark(), node_provider.log.mark()
    # For as long as it takes to renew the Lease: the operator is alive, and has nothing else to do.
    ready.wait_until(lambda: count(audit, since, "leases") >= 1, "the Lease is renewed", within=30)
    assert (requests(audit, since), count(audit, since, "events")) == ([], 0)
    # What is touched without a change of what it asks for costs nothing either, nor does another token.
    for number in range(READY):
        ready.annotate(f"web-{number}", "example.com/seen", "yes")
    ready.put_token("idp-token", node_provider.issuer, node_provider.initial_access_token())
    uid = ready.apply("last", node_provider.issuer, token="idp-token")
    ready.wait_for("last", "Registered")
    assert {r.name for r in requests(audit, since)} == {"last", "idp-token", uid}
    assert [str(r) for r in node_provider.log.requests(since=log)] == ["POST /reg 201"]


def test_a_restart_costs_lists(
    ready: Room, operators: Operators, audit: AuditLog, node_provider: NodeOIDCProvider, issuer: MisbehavingIssuer
) -> None:
    operators.stop()
    since, log = audit.mark(), node_provider.log.mark()
    # Made while nobody looked, at another issuer, and by its name the last: when it is Ready the others were looked at.
    uid = ready.apply("zz-last", issuer.issuer)
    operators.running()
    ready.wait_for("zz-last", "Registered")
    ready.wait_until(lambda: count(audit, since, "events") == 1, "one Event")
    of_others = Counter(str(r) for r in requests(audit, since) if r.name not in ("zz-last", uid))
    assert of_others == {**LISTS, **CHECKS_AT_START}
    assert node_provider.log.requests(since=log) == []
