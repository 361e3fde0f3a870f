"""What a record's metadata say: enough for `plan` to leave a resource at rest without reading the record."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from .. import names
from ..oauth.json_object import JSON
from ..resource.json_path import child, text
from ..resource.served import Served
from ..resource.times import moment
from ..spread import spread
from . import reading
from .calls import CallKind
from .clients import Client, InStep, LeftBehind
from .departures import leaves_at
from .holds import Word, hold
from .pairs import expiry, secret_since
from .record import Record, Release, ReleaseOutcome, may_live_on
from .told import told

LEFT_BEHIND_INTERVAL: Final = timedelta(days=1)
_SPREAD: Final = 1 / 10
"""Of a day: what many resources left behind together, for its server was away, is not tried together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The metadata of a record, read.

    `suspects` are the numbers of the attempts that may have left a client behind, `retry`, `refresh`, `rotate` and
    `prove` what a status has to say of annotations, `secret_since` is when the secret came that `expires`.
    """

    resource_version: str
    state: str
    confirmed: str | None
    open_call: str | None
    due: datetime | None
    suspects: tuple[int, ...]
    retry: str | None
    refresh: str | None
    client_labels: Mapping[str, str]
    namespace: str | None = None
    """Of its resource."""
    identifier_labels: frozenset[str] = frozenset()
    """Of the clients that it holds, or held."""
    rotate: str | None = None
    prove: str | None = None
    secret_since: datetime | None = None
    expires: datetime | None = None
    told: str | None = None
    """What a status at rest has to tell, as a digest; an older operator's record does not say."""
    leaves_behind: bool = False
    """Whether it holds clients of a resource that lives which no call could end, or counts what it names no more."""

    @property
    def served(self) -> Served:
        """What a status has to say of annotations."""
        return Served(retry=self.retry, refresh=self.refresh, rotate=self.rotate, prove=self.prove)

    @property
    def identified(self) -> bool:
        """Whether it says which clients it holds by their identifiers, too; an older operator's do not."""
        return bool(self.identifier_labels)

    def may_lack(self, issuer: str, client_id: str) -> bool:
        """Whether it does not say that it holds a client, for an older operator did not of one that was not proven.

        One that says by addresses alone what it holds is older still: that goes with its next change.
        """
        says_enough = bool(self.client_labels) and not self.identified
        return not says_enough and identifier_label(issuer, client_id) not in self.identifier_labels


def state(record: Record) -> names.RecordState:
    """Return the word of the state label."""
    if record.released is not None:
        confirmed = record.released.outcome is ReleaseOutcome.CONFIRMED and not may_live_on(record)
        return names.RecordState.RELEASED if confirmed else names.RecordState.LEFT_BEHIND
    if record.open is not None:
        return names.RecordState.OPEN
    if record.published is not None:
        return names.RecordState.REGISTERED
    return names.RecordState.HELD if record.suspects else names.RecordState.OPEN


def at_rest(client: Client, record: Record) -> bool:
    """Whether nothing is left to do for this client but to wait for a change."""
    in_step = isinstance(client.standing, InStep) and not record.has_keys_due(client)
    finished = not record.surplus and client.doubts is None and in_step and not client.management_lost
    finished = finished and not reading.to_be_repeated(record, client)
    # A Secret of another name is to be removed, or its name to be forgotten.
    left = all(leaving.until is not None for leaving in record.leaving)
    settled = len(record.secrets) <= 1 and record.replacement is None and left
    return record.open is None and finished and settled


def labels(record: Record) -> dict[str, str]:
    """Return the labels: the state, the tenant, and how each client is held, by its addresses and its identifier.

    By its addresses without a time, and only what the server is not known to have removed: so have earlier versions it.
    """
    holds = [(c, held) for c in record.clients if (held := hold(record, c)) is not None]
    by_address: dict[str, str] = {}
    for word, label in ((h.word, client_label(c.issuer, uri)) for c, h in holds if c.alive for uri in c.addresses):
        # A server may have one address for all its clients: then it says of the one that is held most.
        by_address[label] = min(word, Word(by_address.get(label, word)), key=[*Word].index).value
    by_identifier = {identifier_label(c.issuer, c.information.client_id): h.text() for c, h in holds}
    of_tenant = names.NAMESPACE_LABEL_PREFIX + record.subject.namespace
    return {names.STATE_LABEL: state(record), of_tenant: "", **by_address, **by_identifier}


def lacks_claims(record: Record, said: Summary) -> bool:
    """Whether the metadata of this very record do not say of a client that it is held unproven."""
    claimed = (c for c in record.clients if (held := hold(record, c)) is not None and held.word is Word.CLAIMED)
    return any(identifier_label(c.issuer, c.information.client_id) not in said.identifier_labels for c in claimed)


def client_label(issuer: str, registration_client_uri: str) -> str:
    """Return the label key by which records that hold the same client find each other.

    A server names its clients, and nobody else's: the same address from another issuer is another client. Otherwise a
    tenant's own server could name a stranger's client, which then nobody could deregister any more.
    """
    return _label(names.CLIENT_LABEL_PREFIX, f"{issuer}\n{registration_client_uri}")


def identifier_label(issuer: str, client_id: str) -> str:
    """Return the label key of an issuer's client by its identifier: one that has no address has this one alone."""
    return _label(names.IDENTIFIER_LABEL_PREFIX, f"{issuer}\n{client_id}")


def older_client_label(registration_client_uri: str) -> str:
    """Return the label key of an operator that did not tell issuers apart; it goes with a record's next change."""
    return _label(names.CLIENT_LABEL_PREFIX, registration_client_uri)


def _label(prefix: str, client: str) -> str:
    return prefix + hashlib.sha256(client.encode()).hexdigest()[:40]


def annotations(record: Record) -> dict[str, str]:
    """Return the annotations: the open call, what is confirmed if nothing is left to do, and the next time due."""
    found: dict[str, str] = {}
    if record.released is not None:
        return {names.DUE_ANNOTATION: due_after_release(record, record.released).isoformat()}
    if record.open is not None:
        found[names.OPEN_CALL_ANNOTATION] = f"{record.open.number}:{record.open.kind}"
    if record.suspects:
        found[names.SUSPECTS_ANNOTATION] = ",".join(str(a.number) for a in record.suspects)
    left = sum(c.alive and isinstance(c.end, LeftBehind) for c in record.clients)
    # Those that are only counted by now are to be told of, too.
    left += 0 if record.untold is None else record.untold.clients + record.untold.suspects
    if left:
        found[names.LEFT_ANNOTATION] = str(left)
    served = record.served
    said = {
        names.RETRY_ANNOTATION: served.retry,
        names.ROTATE_ANNOTATION: served.rotate,
        names.PROVE_ANNOTATION: served.prove,
        names.REFRESH_ANNOTATION: served.refresh,
    }
    found |= {annotation: fingerprint for annotation, fingerprint in said.items() if fingerprint is not None}
    client = record.published
    if client is not None and at_rest(client, record):
        if client.confirmed is not None:
            found[names.CONFIRMED_ANNOTATION] = client.confirmed.digest
            found[names.TOLD_ANNOTATION] = told(record, client)
        if (expires_at := expiry(client)) is not None:
            found[names.EXPIRES_ANNOTATION] = expires_at.isoformat()
            found[names.SECRET_SINCE_ANNOTATION] = secret_since(client).isoformat()
        dates = (expires_at, *(leaves_at(record, leaving, timedelta()) for leaving in record.leaving))
        if (due := min((at for at in dates if at is not None), default=None)) is not None:
            found[names.DUE_ANNOTATION] = due.isoformat()
    return found


def due_after_release(record: Record, released: Release) -> datetime:
    """Return when a record is looked at again: at once where all is confirmed, else a day after the last try."""
    if state(record) is names.RecordState.RELEASED:
        return released.at
    tried = record.last(CallKind.DEREGISTER)
    return (tried.at if tried else released.at) + LEFT_BEHIND_INTERVAL


def left_behind_due(record: Record, client: Client) -> datetime | None:
    """Return when a client that a living resource left behind is tried again: once a day, or never.

    One without a token of its own can be ended by an access token, if at all: where an issuer resource admitted it.
    """
    needed = any(pair.client == client.key for pair in record.pairs)
    called_for = client.manageable or client.may_be_ended_by_access
    if not isinstance(client.end, LeftBehind) or not called_for or needed:
        return None
    tried = record.last(CallKind.DEREGISTER, client.key)
    since = client.end.at if tried is None else max(client.end.at, tried.at)
    return since + LEFT_BEHIND_INTERVAL * (1 + _SPREAD * spread(record.subject.uid))


def summary(metadata: Mapping[str, JSON]) -> Summary:
    """Read the metadata of a record's Secret; what is malformed counts as absent, and then the body is read."""
    own_labels, own_annotations = _texts(metadata.get("labels")), _texts(metadata.get("annotations"))
    prefix = names.NAMESPACE_LABEL_PREFIX
    return Summary(
        resource_version=str(metadata.get("resourceVersion", "")),
        state=own_labels.get(names.STATE_LABEL, ""),
        confirmed=own_annotations.get(names.CONFIRMED_ANNOTATION),
        open_call=own_annotations.get(names.OPEN_CALL_ANNOTATION),
        due=moment(own_annotations.get(names.DUE_ANNOTATION)),
        secret_since=moment(own_annotations.get(names.SECRET_SINCE_ANNOTATION)),
        expires=moment(own_annotations.get(names.EXPIRES_ANNOTATION)),
        told=own_annotations.get(names.TOLD_ANNOTATION),
        leaves_behind=names.LEFT_ANNOTATION in own_annotations,
        suspects=_numbers(own_annotations.get(names.SUSPECTS_ANNOTATION)),
        retry=own_annotations.get(names.RETRY_ANNOTATION),
        rotate=own_annotations.get(names.ROTATE_ANNOTATION),
        prove=own_annotations.get(names.PROVE_ANNOTATION),
        refresh=own_annotations.get(names.REFRESH_ANNOTATION),
        client_labels={k: v for k, v in own_labels.items() if k.startswith(names.CLIENT_LABEL_PREFIX)},
        identifier_labels=frozenset(k for k in own_labels if k.startswith(names.IDENTIFIER_LABEL_PREFIX)),
        namespace=next((k.removeprefix(prefix) for k in own_labels if k.startswith(prefix)), None),
    )


def is_let_go(metadata: Mapping[str, JSON]) -> bool:
    """Whether a record says that its resource was let go: a cache may show it still, or another finalizer hold it."""
    return text(child(metadata, "labels"), names.STATE_LABEL) in (
        names.RecordState.RELEASED,
        names.RecordState.LEFT_BEHIND,
    )


def tenant(metadata: Mapping[str, JSON]) -> str:
    """Return the namespace of the resource that a record is for, as its label says."""
    prefix = names.NAMESPACE_LABEL_PREFIX
    found = (label.removeprefix(prefix) for label in child(metadata, "labels") if label.startswith(prefix))
    return next(found, "")


def _texts(value: JSON) -> dict[str, str]:
    return {k: v for k, v in value.items() if isinstance(v, str)} if isinstance(value, dict) else {}


def _numbers(value: str | None) -> tuple[int, ...]:
    return tuple(int(part) for part in (value or "").split(",") if part.isascii() and part.isdigit() and len(part) < 10)
