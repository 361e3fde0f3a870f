"""How a published pair is replaced: by why it is, what an app authenticates with, and whether its client is managed.

A key of ours is replaced by another one at the same client where that client can hold two. Where it cannot, another
client takes its place if a person asked for that, and nothing if it is the calendar alone: a new client_id costs
consents.
"""

from collections.abc import Mapping
from typing import Final

from ..record.calls import CallKind
from ..record.clients import Client
from ..record.management import Way
from ..record.pairs import Credential, NoCredential, OwnKey, SecretOf, pair_of
from ..record.record import Record
from ..record.renewal_tries import next_try_at
from ..record.replacements import ReplacementReason, Strategy
from ..resource.desired import Desired
from ..resource.rotation import Rotation, RotationStrategy
from ..verdict.updating import obstacle
from .dialects import holds_one_key, is_told_of_two_keys, may_change_secret, renews_secrets
from .key_proofs import is_provable
from .managing import way_of
from .observed import Observed

Holding = tuple[type[Credential], bool]
"""A kind of credential, and whether the server lets the client be changed and deregistered.

Of a key of ours: whether another one can be registered beside it.
"""
HOLDINGS: Final[tuple[Holding, ...]] = (
    (SecretOf, True),
    (SecretOf, False),
    (NoCredential, True),
    (NoCredential, False),
    (OwnKey, True),
    (OwnKey, False),
)
_WHATEVER_IT_HOLDS: Final = dict.fromkeys(HOLDINGS, Strategy.REREGISTER)
_BY_KEY: Final[Mapping[Holding, Strategy]] = {**_WHATEVER_IT_HOLDS, (OwnKey, True): Strategy.KEYS}
_OF_SECRETS: Final[Mapping[Holding, Strategy]] = {
    (SecretOf, True): Strategy.REREGISTER,
    (SecretOf, False): Strategy.REREGISTER,
}

BY_UPDATE: Final[Mapping[ReplacementReason, frozenset[Holding]]] = {
    ReplacementReason.EXPIRY: frozenset({(SecretOf, True)}),
    # Of a key of ours: where none is asked for any more.
    ReplacementReason.KEY_CHANGED: frozenset({(SecretOf, True), (NoCredential, True), (OwnKey, False)}),
}
"""Where `spec.rotation.strategy: Server` has the same client updated: by name alone.

An update may bring no other secret, and one that changes the method is an outage for pods that hold the one before.
Where its issuer's terms say that a server renews secrets so, with an overlap, `Auto` reads of this what expires.
"""

STRATEGIES: Final[Mapping[ReplacementReason, Mapping[Holding, Strategy]]] = {
    ReplacementReason.MOVED: _WHATEVER_IT_HOLDS,
    ReplacementReason.GONE: _WHATEVER_IT_HOLDS,
    # Nothing that is not a secret of the server's is renewed with an update.
    ReplacementReason.DOUBTFUL: _OF_SECRETS,
    ReplacementReason.UNMANAGEABLE: _WHATEVER_IT_HOLDS,
    # A secret that a client never uses makes nothing expire, but where the client itself ends with it.
    ReplacementReason.EXPIRY: _WHATEVER_IT_HOLDS,
    # Between a client secret and a key there is no update: running pods would hold what is refused at once.
    ReplacementReason.KEY_CHANGED: _BY_KEY,
    ReplacementReason.REQUESTED: _BY_KEY,
    ReplacementReason.INTERVAL: _BY_KEY,
}
"""What is not there is no reason to replace anything; docs/life.md shows the same table."""
BY_NAME: Final = frozenset({ReplacementReason.INTERVAL})
"""Another client only where `spec.rotation.strategy` names that: it costs users' consents on a timer."""


def strategy(
    reason: ReplacementReason,
    credential: Credential,
    rotation: Rotation,
    *,
    manageable: bool,
    renews_secrets: bool = False,
) -> Strategy | None:
    """Return how a pair is replaced for that reason, or None where it is not.

    `renews_secrets` says that the server renews a client secret by an update, and the one before stays good awhile.
    """
    holding = (type(credential), manageable)
    found = STRATEGIES[reason].get(holding)
    expires = reason is ReplacementReason.EXPIRY and holding in BY_UPDATE[reason]
    if rotation.strategy is RotationStrategy.AUTO and renews_secrets and expires:
        return Strategy.SERVER
    if rotation.strategy is RotationStrategy.SERVER and reason in BY_UPDATE:
        if holding in BY_UPDATE[reason]:
            return Strategy.SERVER
        if reason is not ReplacementReason.EXPIRY:
            # A secret that expires is an outage; another method can wait for who wants to keep the client.
            return found if found is Strategy.KEYS else None
    if rotation.strategy is RotationStrategy.REREGISTER or found is None:
        return None if found is None else Strategy.REREGISTER
    if found is Strategy.REREGISTER and (reason in BY_NAME or _is_key_by_name(reason, credential, rotation)):
        return None
    return found


def _is_key_by_name(reason: ReplacementReason, credential: Credential, rotation: Rotation) -> bool:
    """Whether no client may take the place of a key, because that is what is written."""
    return rotation.strategy in (RotationStrategy.KEYS, RotationStrategy.SERVER) and is_by_key(reason, credential)


def is_by_key(reason: ReplacementReason, credential: Credential) -> bool:
    """Whether a pair is replaced by another key of ours for that reason, where that can be."""
    return isinstance(credential, OwnKey) and STRATEGIES[reason].get((OwnKey, True)) is Strategy.KEYS


def strategy_of_all(
    observed: Observed, desired: Desired, record: Record, client: Client, why: tuple[ReplacementReason, ...]
) -> Strategy | None:
    """Return how the published pair, of that client, is replaced for all of those reasons, or None where it is not.

    Where another client is needed for one of them, it serves the others, too.
    """
    found = {_strategy(observed, desired, record, client, reason) for reason in why}
    if Strategy.SERVER in found and why_not_by_update(observed, desired, record, client, why) is not None:
        found -= {Strategy.SERVER}
        found |= {Strategy.REREGISTER} if ReplacementReason.EXPIRY in why else set()
    return next((how for how in (Strategy.REREGISTER, Strategy.KEYS, Strategy.SERVER) if how in found), None)


def without_idle_interval(
    observed: Observed, desired: Desired, record: Record, client: Client, why: tuple[ReplacementReason, ...]
) -> tuple[ReplacementReason, ...]:
    """Return the reasons without an interval that has nothing replaced by itself, where there are others.

    It brings no client that another reason asks for before its time, nor one in the place of what that asks for.
    """
    interval = ReplacementReason.INTERVAL
    if interval not in why or _strategy(observed, desired, record, client, interval) is not None:
        return why
    return tuple(reason for reason in why if reason is not interval) or why


def _strategy(
    observed: Observed, desired: Desired, record: Record, client: Client, reason: ReplacementReason
) -> Strategy | None:
    credential = (record.pair or pair_of(client)).credential
    if isinstance(credential, OwnKey):
        manageable = why_not_by_key(observed, desired, record, client) is None
    else:
        manageable = obstacle(client, way_of(observed, client)) is None
    renews = renews_secrets(client, desired.terms)
    return strategy(reason, credential, desired.rotation, manageable=manageable, renews_secrets=renews)


def why_not_by_update(
    observed: Observed, desired: Desired, record: Record, client: Client, why: tuple[ReplacementReason, ...]
) -> str | None:
    """Return why an update brings the published client no other credential, or None if it may."""
    if (why_not := _why_not_updated(observed, record, client)) is not None:
        return why_not
    if ReplacementReason.KEY_CHANGED in why:
        credential = (record.pair or pair_of(client)).credential
        keys = isinstance(credential, OwnKey) and desired.signing is not None
        return "an update with another key alone has the one that is published refused at once" if keys else None
    if may_change_secret(client, desired.terms) is False:
        return "spec.dialect of the issuer says that an update brings no other client secret"
    if next_try_at(record, client) is None:
        return "the authorization server was asked until shortly before its end, and did not renew the client secret"
    return None


def _why_not_updated(observed: Observed, record: Record, client: Client) -> str | None:
    if (why := obstacle(client, way_of(observed, client))) is not None:
        return why
    if client.management_lost and way_of(observed, client) is not Way.ACCESS:
        return "the authorization server no longer accepts the registration access token"
    last = record.last(CallKind.UPDATE, client.key)
    if last is not None and last.unsupported:
        return "the authorization server answers that it does not support updates (RFC 7592)"
    return None


def why_not_by_key(observed: Observed, desired: Desired, record: Record, client: Client) -> str | None:
    """Return why a client that has keys of ours cannot get another one beside the first, or None if it can."""
    if desired.signing is None:
        return "spec.privateKey asks for none"
    if (why := _why_not_updated(observed, record, client)) is not None:
        return why
    if holds_one_key(client, desired.terms):
        return "the authorization server holds one key only for a client"
    if not is_told_of_two_keys(client, desired) and not is_provable(client):
        # Nobody would see a server that takes two and accepts neither.
        return (
            "nothing proves at this server that a key is accepted; if it holds two keys of one client, "
            "spec.rotation.strategy: Keys says so"
        )
    signing = {m.members.get("token_endpoint_auth_signing_alg") for m in (desired.metadata, client.accepted) if m}
    if len(signing) > 1:
        return "token_endpoint_auth_signing_alg binds a client to one algorithm, so that no key of another fits beside"
    return None
