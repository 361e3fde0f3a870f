"""Why the authorization server has to be told something, and why what is published has to become another pair."""

from datetime import datetime, timedelta
from typing import Final

from ..oauth.client_metadata import DEFAULTS, ClientMetadata
from ..oauth.rfc7591 import SECRET_METHODS
from ..oauth.rfc7592 import says_token_refused
from ..record.calls import CallKind, CallOutcome, ClosedCall, UpdateCall
from ..record.clients import Client, UpdateDue
from ..record.management import Way
from ..record.pairs import SHORTEST_LIFETIME, OwnKey, Pair, expiry, pair_of, secret_expiry, secret_since
from ..record.record import Record
from ..record.replacements import ReplacementReason
from ..resource.desired import Desired, ExpiryPolicy, GonePolicy, UnmanageablePolicy
from ..resource.oauth_client import OAuthClient
from ..resource.rotation import RotationStrategy
from ..resource.terms import IssuerTerms
from ..spread import spread
from ..verdict.credentials_valid import is_absent, is_gone
from ..verdict.updating import obstacle
from .asked import asked
from .dialects import may_change_secret

_MISTRUSTED: Final = frozenset({ReplacementReason.GONE, ReplacementReason.DOUBTFUL, ReplacementReason.UNMANAGEABLE})
_OF_NOBODYS_WORD: Final = frozenset({ReplacementReason.REQUESTED, ReplacementReason.EXPIRY, ReplacementReason.INTERVAL})
_CONFIRMATIONS: Final = 3
_CONFIRMED_OVER: Final = timedelta(minutes=10)
_TAKEN: Final = frozenset({CallOutcome.COMMITTED, CallOutcome.AMBIGUOUS, CallOutcome.NOT_UNDERSTOOD})
TOKENS_AT_ONCE: Final = 3
"""So many may be refused one after the other: the newest, the one before it, and one that came with a refusal."""
_LEAD: Final = 2 / 3
_SPREAD: Final = 1 / 10
"""Of a lifetime or an interval: a fleet that was made at once is not renewed at once."""


def is_update_due(client: Client, metadata: ClientMetadata) -> bool:
    """Whether the server has to be told: the desired metadata are not the confirmed ones, or nobody knows which hold.

    Never because the server's answer differs from the request: that is named in status and not fought. A token that
    was refused is tried again, too: whoever stands before the server may have refused it. So is a client that the
    server does not have, which may be restored there.
    """
    if isinstance(client.standing, UpdateDue) or client.management_lost or is_absent(client):
        return True
    return not is_confirmed(client, metadata)


def is_confirmed(client: Client, metadata: ClientMetadata) -> bool:
    """Whether these are the client metadata that the server accepted last."""
    digest = metadata.digest()
    if client.confirmed is not None and _version(client.confirmed.digest) == _version(digest):
        return client.confirmed.digest == digest
    # A digest of another version says nothing; the values do.
    return client.confirmed is not None and client.confirmed.members == metadata.members


def of_pair(
    client: Client, resource: OAuthClient, desired: Desired, now: datetime, pair: Pair | None = None
) -> tuple[ReplacementReason, ...]:
    """Return why a client is not the one to be published, be it so or not; `pair` says with which credential."""
    found: list[ReplacementReason] = []
    if client.issuer != desired.terms.issuer and not desired.terms.problems:
        # Terms that cannot be honoured name no other issuer.
        found.append(ReplacementReason.MOVED)
    at = renew_at(client, resource, desired)
    if at is not None and now >= at:
        found.append(ReplacementReason.EXPIRY)
    if _is_key_changed(client, pair or pair_of(client), desired):
        found.append(ReplacementReason.KEY_CHANGED)
    return tuple(found)


def _is_key_changed(client: Client, pair: Pair, desired: Desired) -> bool:
    """Whether the spec asks for a key of ours where there is none, for none where there is one, or for another kind.

    Likewise for keys of the user's own, beside a client secret.
    """
    if not desired.honoured:
        # What cannot be honoured asks for nothing.
        return False
    key = client.signing_key(pair.credential.kid) if isinstance(pair.credential, OwnKey) else None
    return (None if key is None else key.algorithm) != desired.signing or is_method_changed(client, desired)


def is_method_changed(client: Client, desired: Desired) -> bool:
    """Whether the spec asks for keys where a client secret was asked for, or the other way round.

    Not what the server made of it: that would be the same with the next client. A public client holds nothing that
    could be refused, and its client_id may be built into apps.
    """
    wanted = asked(desired)
    if wanted is None or client.confirmed is None or client.confirmed.members is None or desired.signing is not None:
        # Of a key of ours the pair tells.
        return False
    return {_by_secret(client.accepted), _by_secret(wanted)} == {True, False}


def _by_secret(metadata: ClientMetadata) -> bool | None:
    """Return whether a client authenticates by a client secret, or else by keys; None where by neither."""
    method = metadata.members.get("token_endpoint_auth_method") or DEFAULTS["token_endpoint_auth_method"]
    return None if method == "none" else method in SECRET_METHODS


def of_published(
    record: Record, client: Client, resource: OAuthClient, desired: Desired, now: datetime, *, way: Way
) -> tuple[ReplacementReason, ...]:
    """Return why the published pair is to be replaced; the goal is that there is no reason.

    `way` is by what the client is managed.
    """
    found = list(of_pair(client, resource, desired, now, record.pair))
    if desired.gone is GonePolicy.REREGISTER and is_gone(client):
        found.append(ReplacementReason.GONE)
    if desired.gone is GonePolicy.REREGISTER and is_doubtful(client, desired.terms):
        found.append(ReplacementReason.DOUBTFUL)
    if client.issuer == desired.terms.issuer and is_unmanageable(record, client, desired, way=way):
        found.append(ReplacementReason.UNMANAGEABLE)
    if is_rotation_requested(resource, record):
        found.append(ReplacementReason.REQUESTED)
    at = rotate_at(record, resource, desired)
    if at is not None and now >= at:
        found.append(ReplacementReason.INTERVAL)
    return tuple(found)


def is_mistrusted(why: tuple[ReplacementReason, ...]) -> bool:
    """Whether it is for what a server, or what stands before it, said of one client, and may say of all, alone."""
    return not _MISTRUSTED.isdisjoint(why) and not goes_on_anyway(why)


def goes_on_anyway(why: tuple[ReplacementReason, ...]) -> bool:
    """Whether a replacement waits for nobody's word: a secret ends, an interval is over, or a person asks."""
    return not _OF_NOBODYS_WORD.isdisjoint(why)


def is_doubtful(client: Client, terms: IssuerTerms) -> bool:
    """Whether the published secret may be dying: its server renews secrets, and an update's answer is lost for good.

    A secret that expires may be renewed by any update: Keycloak does so where it comes late enough, and ends the one
    before on a day that it tells nobody.
    """
    renews = may_change_secret(client, terms)
    if renews is None:
        renews = client.credential_at is not None or secret_expiry(client) is not None
    return bool(client.unanswered) and client.management_lost and renews


def is_unmanageable(record: Record, client: Client, desired: Desired, *, way: Way) -> bool:
    """Whether an edit cannot be brought to the published client, as far as its server goes.

    That it does not take the token any more has to be said three times over ten minutes.
    """
    metadata = asked(desired)
    if desired.unmanageable is UnmanageablePolicy.HOLD or metadata is None or is_confirmed(client, metadata):
        return False
    last = record.last(CallKind.UPDATE, client.key)
    if obstacle(client, way) is not None or (last is not None and last.unsupported):
        return True
    refused = [c.at for c in record.closed if c.call.client == client.key and _says_token_refused(c)]
    lasted = max(refused) - min(refused) if refused else timedelta()
    if way is Way.ACCESS:
        # What its own token is refused keeps nobody from managing it.
        return False
    useless = client.management_lost or len(tokens_refused(record, client)) >= TOKENS_AT_ONCE
    return useless and len(refused) >= _CONFIRMATIONS and lasted >= _CONFIRMED_OVER


def tokens_refused(record: Record, client: Client) -> set[str | None]:
    """Return the fingerprints of tokens that updates were refused for since the server took one last, or may have."""
    calls = [c for c in record.closed if c.call.client == client.key]
    taken = max((c.number for c in calls if c.outcome in _TAKEN), default=0)
    refused = (c for c in calls if c.number > taken and _says_token_refused(c))
    return {c.what.bearer for c in refused if isinstance(c.what, UpdateCall)}


def _says_token_refused(closed: ClosedCall) -> bool:
    said = closed.said
    own = isinstance(closed.what, UpdateCall) and not closed.by_access
    return own and closed.rejected and says_token_refused(said.status, said.error)


def is_rotation_requested(resource: OAuthClient, record: Record) -> bool:
    """Whether the annotation by which a person asks for another pair is a new one."""
    return resource.rotate is not None and resource.rotate != record.rotate


def renew_at(client: Client, resource: OAuthClient, desired: Desired) -> datetime | None:
    """Return when a client's secret begins to be renewed before it expires, or None where it is not."""
    expires_at = expiry(client)
    return None if expires_at is None else renewal_of(secret_since(client), expires_at, resource, desired)


def renewal_of(since: datetime, expires_at: datetime, resource: OAuthClient, desired: Desired) -> datetime | None:
    """Return when a secret that came and expires then begins to be renewed, or None where it is not."""
    lifetime = expires_at - since
    if desired.expiry is ExpiryPolicy.REPORT or lifetime < SHORTEST_LIFETIME:
        return None
    return since + lifetime * (_LEAD - _SPREAD * spread(resource.uid))


def is_short_lived(client: Client) -> bool:
    """Whether a client's secret lives so short that it is not renewed."""
    expires_at = expiry(client)
    return expires_at is not None and expires_at - secret_since(client) < SHORTEST_LIFETIME


def rotate_at(record: Record, resource: OAuthClient, desired: Desired) -> datetime | None:
    """Return when `spec.rotation.interval` is over for the published pair, or None where there is none."""
    return None if record.published_at is None else rotation_of(record.published_at, resource, desired)


def rotation_of(since: datetime, resource: OAuthClient, desired: Desired) -> datetime | None:
    """Return when the interval is over for what was published then, or None where there is none."""
    interval = desired.rotation.interval
    by_name = desired.rotation.strategy is not RotationStrategy.AUTO
    if interval is None or not (by_name or desired.signing is not None):
        # Consents are not asked for anew on a timer, unless that is written.
        return None
    return since + interval * (1 - _SPREAD * spread(resource.uid))


def next_at(record: Record, client: Client, resource: OAuthClient, desired: Desired, now: datetime) -> datetime | None:
    """Return when time will bring the next reason to replace the published pair, beside those that it has brought."""
    dates = (renew_at(client, resource, desired), rotate_at(record, resource, desired))
    return min((at for at in dates if at is not None and at > now), default=None)


def _version(digest: str) -> str:
    return digest.partition(":")[0]
