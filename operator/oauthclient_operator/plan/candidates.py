"""Whether a candidate is better than what is published, and what it lacks all the same."""

from datetime import datetime

from ..oauth.signing_algorithm import SigningAlgorithm
from ..record.clients import Client
from ..record.pairs import Credential, OwnKey, expiry, pair_of
from ..record.replacements import OF_THE_SPEC, ReplacementReason
from ..resource.desired import Desired
from ..resource.oauth_client import OAuthClient
from . import reasons
from .another_client import URGENT


def better_but_for(
    candidate: Client,
    client: Client,
    resource: OAuthClient,
    desired: Desired,
    why: tuple[ReplacementReason, ...],
    now: datetime,
) -> tuple[ReplacementReason, ...] | None:
    """Return for what a candidate has to be replaced itself, nothing if for nothing; None where it is no better.

    Better is one that is good now, has no reason to be replaced, or none but what the published one lacks as well, and
    does not expire before it. A server may have all secrets end on one day: only where that alone is why, another has
    to expire later.
    """
    before, after = expiry(client), expiry(candidate)
    lacking = reasons.of_pair(candidate, resource, desired, now)
    if (lacking and not _will_do(candidate, client, lacking, why)) or (after is not None and after <= now):
        return None
    if before is None or after is None or candidate.issuer != client.issuer:
        return lacking
    cures = tuple(reason for reason in why if reason not in lacking)
    return lacking if after > before or (after == before and cures != (ReplacementReason.EXPIRY,)) else None


def _will_do(
    candidate: Client, client: Client, lacking: tuple[ReplacementReason, ...], why: tuple[ReplacementReason, ...]
) -> bool:
    """Whether a candidate is as the published client was, when that is of no use before long, or another is wanted."""
    as_before = (candidate.issuer, *_kind(candidate)) == (client.issuer, *_kind(client))
    return as_before and not URGENT.isdisjoint(why) and set(lacking) <= OF_THE_SPEC.intersection(why)


def _kind(client: Client) -> tuple[type[Credential], SigningAlgorithm | None]:
    credential = pair_of(client).credential
    key = client.signing_key(credential.kid) if isinstance(credential, OwnKey) else None
    return type(credential), None if key is None else key.algorithm
