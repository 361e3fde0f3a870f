"""What a registration record says, in words that outlive its schema; and what a resource's status says."""

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from oauthclient_operator import names
from oauthclient_operator.confidential import Confidential
from oauthclient_operator.record.calls import fingerprint
from oauthclient_operator.record.clients import Client
from oauthclient_operator.record.pairs import OwnKey
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.replacements import ReplacementReason
from oauthclient_operator.record.wire import decode, schema2
from tests.exploration.settings import seconds
from tests.exploration.store import Body


@dataclass(frozen=True, slots=True)
class Known:
    """A client in a record; `credential` is its client secret, or the name of the key that is needed of it."""

    client_id: str
    credential: str | None
    token: str | None
    uri: str | None
    alive: bool
    spares: tuple[str, ...]
    unread: bool = False
    """Whether a read of it has no answer."""
    refused: bool = False
    """Whether a proof refused it, and none accepted it since."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a record says.

    `open_bearer` and `open_tokens` are fingerprints: of the token that the open call presents, and of those that its
    client has in the record: the one that it is managed with, and where that was refused the one before it. `closed` has
    the outcome of each closed call by its nonce. `needed` are the clients of its pairs, `leaving` says of those that are
    leaving till when they are good, 0 where they have no date, `replacing` which attempt a replacement that is under way began with, `gone` that this is because its
    server does not know the client any more; `refused_keys` are those that it was told of so far and were refused.
    `newer` says that it is of a newer schema, which the program does not know.
    """

    uid: str
    namespace: str
    name: str
    clients: tuple[Known, ...]
    published: Known | None
    suspects: tuple[int, ...]
    open_kind: str | None
    open_nonce: str | None
    open_holder: str | None
    open_until: float
    open_bearer: str | None
    open_tokens: frozenset[str]
    open_attempt: int | None
    closed: Mapping[str, str]
    deletion: str
    released: str | None
    released_at: float
    secrets: tuple[str, ...]
    needed: frozenset[str]
    leaving: tuple[float, ...]
    replacing: int | None
    gone: bool
    refused_keys: frozenset[str]
    edition: int
    without_effect: bool
    rotate: str | None
    prove: str | None
    newer: bool

    @property
    def retains(self) -> bool:
        """Whether its clients stay when the resource goes."""
        return self.deletion == "Retain"


def facts(body: Body) -> Facts:
    """Return what a record says."""
    return body.kept(_facts)


def record_members(body: Body) -> dict[str, Any]:
    """Return a record's JSON."""
    return json.loads(base64.b64decode(body["data"][names.RECORD_KEY]))  # type: ignore[no-any-return] # JSON


def of_newer_schema(body: Body) -> dict[str, Any]:
    """Return a record as a newer version of the program might have written it."""
    newer = {"schemaVersion": schema2.VERSION + 1, "minReader": schema2.READER + 1}
    members = {**record_members(body), **newer}
    data = base64.b64encode(json.dumps(members).encode()).decode()
    return {**body, "data": {**body["data"], names.RECORD_KEY: data}}


def decoded(text: str) -> str:
    """Return what a Secret holds under a key."""
    return base64.b64decode(text).decode(errors="replace")


def token_name(token: str) -> str:
    """Return what the program writes down instead of a token."""
    return fingerprint(Confidential(token)) or ""


def said(resource: Body) -> tuple[str, str]:
    """Return status and reason of the Ready condition."""
    found = next(c for c in resource["status"]["conditions"] if c["type"] == "Ready")
    return found["status"], found["reason"]


def _tokens(record: Record, client: Client) -> frozenset[str]:
    newest = fingerprint(client.information.registration_access_token)
    refused = {getattr(c.what, "bearer", None) for c in record.closed if c.rejected}
    before = fingerprint(client.previous.registration_access_token) if newest in refused else None
    return frozenset(name for name in (newest, before) if name is not None)


def _facts(body: Body) -> Facts:
    members = record_members(body)
    record = decode({**members, "schemaVersion": schema2.VERSION, "minReader": schema2.VERSION})
    known = {
        c.key: Known(
            client_id=c.information.client_id,
            credential=_credential(record, c),
            token=_revealed(c.information.registration_access_token),
            uri=c.information.registration_client_uri,
            alive=c.alive,
            unread=bool(c.unresolved_reads),
            refused=c.doubts is not None,
            spares=tuple(s.registration_access_token.reveal() for s in c.spares if s.registration_access_token),
        )
        for c in record.clients
    }
    call, published = record.open, record.published
    about = None if call is None else record.client(call.client)
    return Facts(
        uid=record.subject.uid,
        namespace=record.subject.namespace,
        name=record.subject.name,
        clients=(*known.values(), *_raw_answers(body)),
        published=None if published is None else known[published.key],
        suspects=tuple(a.number for a in record.suspects),
        open_kind=None if call is None else call.kind.value,
        open_nonce=None if call is None else call.nonce,
        open_holder=None if call is None else call.holder,
        open_until=0.0 if call is None else seconds(call.deadline),
        open_bearer=None if call is None else call.what.bearer,
        open_tokens=frozenset() if about is None else _tokens(record, about),
        open_attempt=getattr(call.what, "attempt", None) if call is not None else None,
        closed={c.call.nonce: c.outcome.value for c in record.closed},
        deletion=record.deletion,
        released=None if record.released is None else record.released.outcome.value,
        released_at=0.0 if record.released is None else seconds(record.released.at),
        secrets=record.secrets,
        needed=frozenset(known[p.client].client_id for p in record.pairs),
        leaving=tuple(0.0 if pair.until is None else seconds(pair.until) for pair in record.leaving),
        replacing=record.replacement.first_attempt if record.replacement is not None else None,
        gone=record.replacement is not None and ReplacementReason.GONE in record.replacement.reasons,
        refused_keys=frozenset(record.replacement.refused if record.replacement is not None else ()),
        edition=record.edition,
        without_effect=record.without_effect is not None,
        rotate=record.rotate,
        prove=record.prove,
        newer=members["schemaVersion"] > schema2.VERSION,
    )


def _raw_answers(body: Body) -> Iterator[Known]:
    """Iterate over the clients in what was appended to a record that could not be read."""
    for line in decoded(body["data"].get(names.RAW_ANSWER_KEY, "")).splitlines():
        answer = json.loads(line)["answer"]
        if isinstance(answer, dict) and "client_id" in answer:
            yield Known(
                client_id=answer["client_id"],
                credential=answer.get("client_secret"),
                token=answer.get("registration_access_token"),
                uri=answer.get("registration_client_uri"),
                alive=True,
                spares=(),
            )


def _credential(record: Record, client: Client) -> str | None:
    """Return the client secret, or the name of the first key that a pair needs: the published one, if it is there."""
    kids = (p.credential.kid for p in record.pairs if p.client == client.key and isinstance(p.credential, OwnKey))
    return next(kids, None) or _revealed(client.information.client_secret)


def _revealed(secret: Confidential | None) -> str | None:
    return None if secret is None else secret.reveal()
