"""What is known from a record, asked in one place: the tests of stored records know its fields from here alone."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from oauthclient_operator.oauth.json_object import JSON
from oauthclient_operator.record.calls import Call, CallKind, CallOutcome, RegisterCall
from oauthclient_operator.record.clients import Client, Ending, UpdateDue
from oauthclient_operator.record.record import Record
from tests.pure.record.steps import text

Credentials = tuple[str | None, str | None]
"""A registration access token and a client secret."""


@dataclass(frozen=True, kw_only=True)
class Known:
    """What a record says; clients go by their identifier, `last` is its newest closed call in words."""

    published: str | None = None
    clients: Mapping[str, Credentials] = field(default_factory=dict)
    spares: Mapping[str, list[tuple[int, str | None, str | None]]] = field(default_factory=dict)
    life: Mapping[str, set[str]] = field(default_factory=dict)
    suspects: tuple[int, ...] = ()
    open: tuple[int, str, str, str] | None = None
    """Number, kind, nonce, deadline."""
    last: str | None = None
    released: str | None = None
    deletion: str = "Delete"
    secrets: tuple[str, ...] = ("web",)
    next_call: int = 2
    recreated: bool = False


def known(record: Record) -> Known:
    named = {c.information.client_id: c for c in record.clients}
    call, last = record.open, max(record.closed, key=lambda c: c.number, default=None)
    information = {name: client.information for name, client in named.items()}
    said = (last.number, last.call.kind, last.outcome, last.said.status, last.said.error) if last is not None else ()
    return Known(
        published=record.published.information.client_id if record.published is not None else None,
        clients={n: (text(i.registration_access_token), text(i.client_secret)) for n, i in information.items()},
        spares={n: spares(c) for n, c in named.items() if c.spares},
        life={n: words for n, c in named.items() if (words := life(record, c))},
        suspects=tuple(a.number for a in record.suspects),
        open=(call.number, call.kind.value, call.nonce, call.deadline.isoformat()) if call is not None else None,
        last=" ".join(str(word) for word in said if word is not None) or None,
        released=record.released.outcome.value if record.released is not None else None,
        deletion=record.deletion,
        secrets=record.secrets,
        next_call=record.next_call,
        recreated=record.recreated,
    )


def spares(client: Client) -> list[tuple[int, str | None, str | None]]:
    return [(s.call, text(s.registration_access_token), text(s.client_secret)) for s in client.spares]


def life(record: Record, client: Client) -> set[str]:
    deregistrations = [c for c in record.closed if c.call.kind is CallKind.DEREGISTER and c.call.client == client.key]
    lost = any(c.outcome is CallOutcome.AMBIGUOUS for c in deregistrations)
    update, deregistration = (record.last(kind, client.key) for kind in (CallKind.UPDATE, CallKind.DEREGISTER))
    words = {
        "update due": client.standing == UpdateDue(),
        "update unsupported": update is not None and update.unsupported,
        "management lost": client.management_lost,
        # Of a client that is gone its calls alone tell how it went.
        "deletion opened": isinstance(client.end, Ending) or bool(deregistrations),
        "deletion ambiguous": client.may_be_gone or (lost and not client.alive),
        "deletion refused": CallKind.DEREGISTER in client.refused,
        "deletion unsupported": deregistration is not None and deregistration.unsupported,
        "gone": not client.alive,
        **{f"update {number} unresolved": True for number in client.unresolved},
    }
    return {word for word, holds in words.items() if holds}


def whose(record: Record) -> tuple[str, str, str, str]:
    """Return cluster UID, namespace, name and UID."""
    subject = record.subject
    return subject.cluster_uid, subject.namespace, subject.name, subject.uid


def servers_of(record: Record) -> set[tuple[str, str]]:
    """Return the issuer and the trust of every call and client."""
    entries: list[Call | Client] = [*(c.call for c in record.closed), *record.clients]
    if record.open is not None:
        entries.append(record.open)
    return {(entry.issuer, entry.trust) for entry in entries}


def credential_of(record: Record) -> tuple[str | None, str | None, str | None, bool]:
    """Return credential version, bearer, proof key and repetition of the open call or else of the last."""
    what = (record.open or record.closed[-1].call).what
    if isinstance(what, RegisterCall):
        return what.credential, what.bearer, what.proof_key, what.repeats
    return None, what.bearer, None, False


def refusal_of(record: Record) -> tuple[str | None, float | None]:
    """Return the server's or our words about the last call, and for how many seconds it asks to wait."""
    said = record.closed[-1].said
    return said.description, said.retry_after


def call_numbers(record: Record) -> list[int]:
    return [c.number for c in record.closed]


def attempt_numbers(record: Record) -> list[int]:
    return [a.number for a in record.attempts]


def answer_of(record: Record, client_id: str) -> Mapping[str, JSON]:
    """Return the members of a client's newest answer."""
    return client_of(record, client_id).information.members


def confirmed(record: Record, client_id: str) -> Mapping[str, JSON] | None:
    asked = client_of(record, client_id).confirmed
    return None if asked is None else asked.members


def endpoints(record: Record, client_id: str) -> Mapping[str, str]:
    return client_of(record, client_id).endpoints


def kept(record: Record, client_id: str) -> tuple[str, ...]:
    return client_of(record, client_id).kept


def client_of(record: Record, client_id: str) -> Client:
    return next(c for c in record.clients if c.information.client_id == client_id)
