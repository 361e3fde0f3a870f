"""Which reasons for not being ready are true: a resource may rest with no other one."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from tests.exploration import invariants, recorded
from tests.exploration.issuer import is_unwanted
from tests.exploration.recorded import Facts
from tests.exploration.state import State
from tests.exploration.store import Body


def wrong(state: State, resource: Body, reason: str) -> Iterator[str]:
    """Iterate over what is wrong with a reason for not being ready."""
    record = record_of(state, resource)
    held = record.published if record is not None else None
    client = state.issuer.clients.get(held.client_id) if held is not None else None
    works = client is not None and held is not None and client.token in (held.token, *held.spares)
    if reason in ("Pending", "Deregistering"):
        yield f"a resource waits for ever ({reason})"
    elif reason in _TOKEN_REFUSED and works and not _is_unwanted(state, resource):
        yield f"a resource rests with {reason}, though the registration access token works"
    elif reason not in _TRUE or not _TRUE[reason](state, resource, record):
        yield f"a resource rests with {reason}"


def record_of(state: State, resource: Body) -> Facts | None:
    """Return what a resource's record says."""
    body = state.record(resource["metadata"]["uid"])
    return None if body is None else recorded.facts(body)


def _holds_suspects(_state: State, _resource: Body, record: Facts | None) -> bool:
    return record is not None and bool(record.suspects)


def _is_not_understood(state: State, resource: Body, record: Facts | None) -> bool:
    return _holds_suspects(state, resource, record) or (record is not None and record.published is not None)


def _lost_its_record(state: State, resource: Body, _record: Facts | None) -> bool:
    return resource["metadata"]["uid"] in state.past.unrecorded | state.past.restored


def _has_older_record(state: State, resource: Body, _record: Facts | None) -> bool:
    return resource["metadata"]["uid"] in state.past.outdated


def _is_let_in_no_more(state: State, _resource: Body, _record: Facts | None) -> bool:
    # Its one client is another's, or one whose answer was lost: a person has to look.
    taken = state.issuer.dialect.gives_again and bool(state.issuer.clients)
    return state.issuer.dialect.single_use or taken


def _has_no_token(state: State, _resource: Body, _record: Facts | None) -> bool:
    return state.secret("idp-token") is None


def _is_of_newer_version(_state: State, _resource: Body, record: Facts | None) -> bool:
    return record is not None and record.newer


def _is_refused(state: State, resource: Body, _record: Facts | None) -> bool:
    return state.issuer.rejects(*invariants.credentials(invariants.own_secret(state, resource)), state.now)


def _brings_nothing_new(state: State, resource: Body, record: Facts | None) -> bool:
    """Whether a server answers with the client that is published, or takes no other, or no answer was understood."""
    dialect = state.issuer.dialect
    twice = dialect.repeats_itself or dialect.gives_again
    return twice or _is_unwanted(state, resource) or (record is not None and bool(record.suspects))


def _is_unwanted(state: State, resource: Body) -> bool:
    """Whether the server does not take what the spec asks."""
    return state.issuer.dialect.particular and is_unwanted(resource["spec"]["clientMetadata"])


def _is_not_handed_over(state: State, resource: Body, _record: Facts | None) -> bool:
    """Whether no Secret hands a client over with a token that its server takes, or one of another issuer, or of another
    resource.
    """
    named = resource["spec"].get("adopt", {}).get("secretRef", {}).get("name")
    secret = state.secret(named) if named is not None else None
    if secret is None:
        return True
    client_id, token = (recorded.decoded(secret["data"][k]) for k in ("client_id", "registration_access_token"))
    uid, client = resource["metadata"]["uid"], state.issuer.clients.get(client_id)
    others = (recorded.facts(b) for b in state.records() if b["metadata"]["name"] != uid)
    held = any(c.client_id == client_id and c.alive and o.released is None for o in others for c in o.clients)
    elsewhere = recorded.decoded(secret["data"]["issuer"]) != resource["spec"]["issuer"]
    return client is None or client.token != token or held or elsewhere


_TOKEN_REFUSED: Final = frozenset({"ManagementLost", "UpdateUnsupported", "UpdateRejected", "UpdateAmbiguous"})
_TRUE: Final[Mapping[str, Callable[[State, Body, Facts | None], bool]]] = {
    "ManagementLost": lambda *_: True,
    "RegistrationAmbiguous": _holds_suspects,
    "NotUnderstood": _is_not_understood,
    "RecordMissing": _lost_its_record,
    "RecordOutdated": _has_older_record,
    "RegistrationUnauthorized": _is_let_in_no_more,
    "InitialAccessTokenMissing": _has_no_token,
    "ClusterUnavailable": _is_of_newer_version,
    "ClientGone": _is_refused,
    "CredentialsRefused": _is_refused,
    "AdoptionFailed": _is_not_handed_over,
    "Paused": lambda _, resource, __: invariants.is_paused(resource),
    # Where a person wants that nothing is done.
    "SecretExpired": lambda state, resource, _: invariants.is_paused(resource) and _is_refused(state, resource, None),
    "UpdateRejected": lambda state, resource, _: _is_unwanted(state, resource),
    # Whether the server took what it was lost with, its refusal of the next does not say.
    "UpdateAmbiguous": lambda state, resource, _: _is_unwanted(state, resource),
    "RegistrationRejected": lambda state, resource, _: _is_unwanted(state, resource),
    "RenewalFailed": _brings_nothing_new,
}
"""Whether it is true, by the reason."""
