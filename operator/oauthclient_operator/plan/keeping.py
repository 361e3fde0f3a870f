"""Which Secret is kept true where the one that the spec names cannot be: the one before it, as it was published.

Pods hold that one, and what it shows may expire: a bad edit of `spec.secret` must not become an outage.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from ..credentials import content
from ..names import PUBLISHED_KEYS, Reason
from ..published_secret import is_owned, listed_keys, taken_keys
from ..record.clients import Client
from ..record.pairs import OwnKey, Pair
from ..record.record import Record
from ..resource.desired import Desired
from ..resource.json_path import child
from ..resource.oauth_client import OAuthClient
from ..resource.publication import Publication
from ..resource.secret import Secret
from ..resource.secret_template import templates
from .action import KeepSecret, ReadSecret, Wait
from .observed import Instead, Observed, Unread

_OF_THE_SECRET: Final = frozenset({Reason.SECRET_NOT_OWNED, Reason.SECRET_NOT_PUBLISHABLE})
_WORSE: Final = frozenset({Reason.SECRET_EXPIRED, Reason.CLIENT_GONE, Reason.CREDENTIALS_REFUSED})
"""What is said before what is amiss with the spec: apps have no use of what they hold."""
_IDENTIFYING: Final = frozenset({"client_id", "key_id"})


def plan_kept(
    observed: Observed, resource: OAuthClient, desired: Desired, record: Record, now: datetime
) -> ReadSecret | Wait | Desired:
    """Return what is asked for with the Secret that is kept in it, how to find that out, or that none can be kept."""
    if record.published is None or (observed.instead is None and desired.publication is not None):
        return desired
    name = _published_before(resource, record, desired)
    if name is None and observed.instead is not None and desired.publication is not None:
        # Its own keys are in the way of what the spec asks of it.
        name = desired.publication.secret_name
    if name is not None and isinstance(observed.secret, Unread):
        return ReadSecret(name)
    secret = observed.secret
    owned = isinstance(secret, Secret) and is_owned(secret, resource.uid)
    kept = _as_published(record, secret, resource, desired) if isinstance(secret, Secret) and owned else None
    if kept is not None:
        return replace(desired, publication=kept)
    if observed.instead is None:
        return desired
    return Wait(verdict=observed.instead.verdict, until=now + observed.limits.retry_slowly)


def plan_instead(
    observed: Observed, resource: OAuthClient, desired: Desired, record: Record, wait: Wait
) -> KeepSecret | None:
    """Return that the Secret of before is kept where what is in the way of the spec's needs a person.

    That is another one, or the same with the keys that it has.
    """
    if observed.instead is not None or desired.publication is None or not wait.verdict.stalled:
        return None
    if wait.verdict.reason not in _OF_THE_SECRET:
        return None
    seen = observed.secret if isinstance(observed.secret, Secret) else None
    if _published_before(resource, record, desired) is None:
        if seen is None or not is_owned(seen, resource.uid) or not taken_keys(seen, desired.publication):
            return None
        return KeepSecret(Instead(verdict=wait.verdict))
    return KeepSecret(Instead(verdict=wait.verdict, name=desired.publication.secret_name, secret=seen))


def saying_why(observed: Observed, wait: Wait, now: datetime) -> Wait:
    """Return a wait that says, where another Secret is kept, what is amiss with the one that the spec names."""
    if observed.instead is None:
        return wait
    verdict = wait.verdict if wait.verdict.reason in _WORSE else observed.instead.verdict
    if observed.instead.name is None:
        # It goes on with the next edit.
        return replace(wait, verdict=verdict)
    again = now + observed.limits.retry_slowly
    return replace(wait, verdict=verdict, until=min(again, wait.until or again))


def _published_before(resource: OAuthClient, record: Record, desired: Desired) -> str | None:
    """Return the name of the Secret that was published, if it is another than the one that the spec names."""
    wanted = desired.publication.secret_name if desired.publication is not None else None
    others = [name for name in record.secrets if name != wanted]
    said = resource.status.secret
    if said is not None:
        return said.name if said.name in others else None
    return others[0] if len(others) == 1 else None


def _as_published(record: Record, secret: Secret, resource: OAuthClient, desired: Desired) -> Publication | None:
    """Return how a Secret shows the pair that it holds; its labels and annotations stay as they are.

    Its keys by templates are filled in by those that the spec has now, or stay as they are where it has no right ones.
    """
    own_keys = record.pair is not None and isinstance(record.pair.credential, OwnKey)
    written = child(child(resource.spec, "secret"), "template")
    further = listed_keys(secret) & written.keys()
    found = templates(written, own_keys=own_keys, problems=[])
    pairs = [] if record.pair is None else [record.pair]
    for pair in (*pairs, *(leaving.pair for leaving in reversed(record.leaving))):
        client = record.client(pair.client)
        keys = None if client is None else _keys(client, pair, secret, further)
        if keys is not None:
            # Where a template and a key of ours are to have one name, it is that key's.
            further -= {keys.get(ours, ours) for ours in PUBLISHED_KEYS}
            return Publication(
                secret_name=secret.name,
                keys=keys,
                metadata=None,
                own_keys=own_keys,
                template={key: found[key] for key in further & found.keys()},
                left=frozenset(further - found.keys()),
                source=desired.terms.source,
            )
    return None


def _keys(client: Client, pair: Pair, secret: Secret, further: Collection[str]) -> Mapping[str, str] | None:
    """Return under which keys a Secret holds the facts of a pair, or None where it shows another one.

    `further` are keys by templates, which may hold the same: such a one is taken only where there is no other.
    """
    facts, listed = content(client, Publication(secret_name=secret.name), pair), listed_keys(secret)
    free = {key: value for key, value in secret.data.items() if key in listed or not listed}
    found: dict[str, str] = {}

    def order(key: str) -> tuple[bool, str]:
        return key in further, key

    # What is under its own name first: an issuer may have one address for several endpoints.
    for fact, value in sorted(facts.items(), key=lambda item: free.get(item[0]) != item[1]):
        place = (
            fact if free.get(fact) == value else next((k for k in sorted(free, key=order) if free[k] == value), None)
        )
        if place is not None:
            found[fact] = place
            del free[place]
    if not _IDENTIFYING & facts.keys() <= found.keys():
        return None
    free = {key: value for key, value in free.items() if key not in further}
    if listed and len(free) == 1 and len(lost := facts.keys() - found.keys()) == 1:
        # A newer client secret, say: it goes where the one before it is.
        found[lost.pop()] = free.popitem()[0]
    return {fact: place for fact, place in found.items() if fact != place}
