"""What a registration record says, in words that outlive its schema; and what a resource's status says."""

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from oauthclient_operator import names
from oauthclient_operator.confidential import Confidential
from oauthclient_operator.record.calls import fingerprint
from oauthclient_operator.record.wire import decode, schema2
from tests.exploration.settings import seconds
from tests.exploration.store import Body


@dataclass(frozen=True, slots=True)
class Known:
    """A client in a record."""

    client_id: str
    secret: str | None
    token: str | None
    uri: str | None
    alive: bool
    spares: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """What a record says.

    `open_bearer` and `open_token` are fingerprints: of the token that the open call presents, and of the one that its
    client has in the record. `closed` has the outcome of each closed call by its nonce. `newer` says that it is of a
    newer schema, which the program does not know.
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
    open_token: str | None
    open_attempt: int | None
    closed: Mapping[str, str]
    deletion: str
    released: str | None
    released_at: float
    secrets: tuple[str, ...]
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
    return json.loads(base64.b64decode(body["data"][names.RECORD_KEY]))  # type: ignore[no-any-return]


def of_newer_schema(body: Body) -> dict[str, Any]:
    """Return a record as a newer version of the program might have written it."""
    newer = schema2.VERSION + 1
    members = {**record_members(body), "schemaVersion": newer, "minReader": newer}
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


def _facts(body: Body) -> Facts:
    members = record_members(body)
    record = decode({**members, "schemaVersion": schema2.VERSION, "minReader": schema2.VERSION})
    known = {
        c.key: Known(
            client_id=c.information.client_id,
            secret=_revealed(c.information.client_secret),
            token=_revealed(c.information.registration_access_token),
            uri=c.information.registration_client_uri,
            alive=c.alive,
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
        open_token=None if about is None else fingerprint(about.information.registration_access_token),
        open_attempt=getattr(call.what, "attempt", None) if call is not None else None,
        closed={c.call.nonce: c.outcome.value for c in record.closed},
        deletion=record.deletion,
        released=None if record.released is None else record.released.outcome.value,
        released_at=0.0 if record.released is None else seconds(record.released.at),
        secrets=record.secrets,
        newer=members["schemaVersion"] > schema2.VERSION,
    )


def _raw_answers(body: Body) -> Iterator[Known]:
    """Iterate over the clients in what was appended to a record that could not be read."""
    for line in decoded(body["data"].get(names.RAW_ANSWER_KEY, "")).splitlines():
        answer = json.loads(line)["answer"]
        if isinstance(answer, dict) and "client_id" in answer:
            yield Known(
                client_id=answer["client_id"],
                secret=answer.get("client_secret"),
                token=answer.get("registration_access_token"),
                uri=answer.get("registration_client_uri"),
                alive=True,
                spares=(),
            )


def _revealed(secret: Confidential | None) -> str | None:
    return None if secret is None else secret.reveal()
