"""What it costs to replace a client, by the API server's audit log and the issuer's own: each request, in order."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from oauthclient_operator import names
from oauthclient_operator.record import envelope
from oauthclient_operator.record.clients import Registered
from tests.cluster.admission.account import secrets_path
from tests.cluster.scenarios.left_behind import wait_for_words
from tests.cluster.scenarios.operators import Operators
from tests.cluster.scenarios.room import Room
from tests.parts.audit import AuditLog, Mark
from tests.parts.installation import OPERATOR_USER
from tests.parts.misbehaving_issuer import Members, MisbehavingIssuer
from tests.parts.node_oidc_provider import NodeOIDCProvider
from tests.parts.processes import Process

DAY = timedelta(days=1)


def requests(audit: AuditLog, since: Mark, room: Room, uid: str) -> list[tuple[str, str]]:
    """Return what was asked for a resource and of whom; Events are counted apart, and a restart's lists name nobody."""
    asked = [r for r in audit.requests(OPERATOR_USER, since=since) if r.resource != "events" and r.name]
    assert {r.status for r in asked if r.namespace == room.namespace or r.name == uid} <= {200, 201}
    return [(str(r), r.name) for r in asked if r.namespace == room.namespace or r.name == uid]


def replacement(uid: str, *token: str) -> list[tuple[str, str]]:
    """Return the requests of a replacement: those of a registration, and to promote, to publish and to have seen it."""
    return [
        ("get secrets", uid),
        ("get secrets", "web"),
        *(("get secrets", name) for name in token),  # the credential itself
        ("patch secrets (dry run)", "web"),  # the preflight
        ("patch secrets", uid),  # the claim, which begins the replacement
        ("patch secrets", uid),  # the answer
        ("patch secrets (dry run)", "web"),  # nothing is promoted that could not be published
        ("patch secrets", uid),  # promoted
        ("get secrets", uid),  # nobody else did meanwhile
        ("patch secrets", "web"),  # published
        ("patch secrets", uid),  # seen: what leaves has a date
        ("patch oauthclients/status", "web"),  # the report
    ]


def test_a_rotation_and_then_what_leaves(
    room: Room, operator: Process, audit: AuditLog, node_provider: NodeOIDCProvider
) -> None:
    assert operator.running()
    room.put_token("idp-token", node_provider.issuer, node_provider.initial_access_token())
    spec: dict[str, Any] = {"token": "idp-token", "rotation": {"overlap": "3s"}}
    uid = room.apply("web", node_provider.issuer, **spec)
    wait_for_words(room, "Registered")
    before = room.secret("web")["client_id"]
    since, log = audit.mark(), node_provider.log.mark()
    room.annotate("web", names.ROTATE_ANNOTATION, "now")
    wait_for_words(room, "Promoted")
    assert requests(audit, since, room, uid) == replacement(uid, "idp-token")
    wait_for_words(room, "Deregistered")
    later = requests(audit, since, room, uid)[len(replacement(uid, "idp-token")) :]
    reads = [("get secrets", uid), ("get secrets", "web"), ("get oauthclients", "web")]
    # Where the API server's clock, which tells seconds, was not there yet, it is looked at once more; and once more where
    # what is left of another test's namespace had the issuer's places just then, for each pass looks before it ends one.
    assert {later.count(read) for read in reads} <= {1, 2, 3}
    assert [r for r in later if r not in reads] == [
        ("patch secrets", uid),  # it has left
        ("patch secrets", uid),  # the claim of its deregistration
        ("patch secrets", uid),  # the answer
        ("patch oauthclients/status", "web"),
    ]
    # What is left of another test's namespace may still be deregistered there.
    own = (r for r in node_provider.log.requests(since=log) if r.path.endswith(("/reg", f"/{before}")))
    assert [r.method for r in own] == ["POST", "DELETE"]


def test_a_renewal_costs_what_a_rotation_does(
    room: Room, operators: Operators, audit: AuditLog, issuer: MisbehavingIssuer
) -> None:
    operators.running()

    def expires(members: Members) -> Members:
        return {**members, "client_secret_expires_at": int((datetime.now(UTC) + 20 * DAY).timestamp())}

    issuer.alter("POST", expires)
    uid = room.apply("web", issuer.issuer)
    wait_for_words(room, "Registered")
    operators.stop()
    issued_before(room, uid, 41 * DAY)
    since = audit.mark()
    operators.running()
    wait_for_words(room, "Promoted")
    assert requests(audit, since, room, uid) == replacement(uid)
    assert issuer.calls == ["POST", "POST"]


def issued_before(room: Room, uid: str, ago: timedelta) -> None:
    """Let a record's client, and its secret, have been issued earlier than they were."""
    stored = envelope.read(room.read_record(uid))
    client = stored.record.published
    assert client is not None
    assert isinstance(client.origin, Registered)
    earlier = replace(client, origin=replace(client.origin, at=client.origin.at - ago))
    room._patch(secrets_path(names.RECORDS_NAMESPACE, uid), envelope.patch(stored, stored.record.with_client(earlier)))
