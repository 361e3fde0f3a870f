"""What proofs have to say before another key of ours is published: that the server accepts both.

what proves the first is not known   it is found out before another one is born
nothing does                         `strategy: Keys`, or the issuer's terms: somebody says that the server holds two
both are accepted                    the second is published
one is not                           asked again for a minute, for pods use the first; then the second is taken back
nobody can say                       asked again for ten minutes, then likewise; with `strategy: Keys` it is published,
                                     but where it was refused before: that nobody answers takes no refusal back

Of the first alone it is asked for as long as nobody can say what proves it, less and less often, and after ten minutes
that counts as a failure: another client for want of an answer would cost users their consents.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from ..oauth.proof.results import Doubt, NotKnown, Refused, Unavailable, Valid
from ..oauth.rfc7591 import token_endpoint_auth_method
from ..record.calls import CallKind
from ..record.clients import Client
from ..record.pairs import OwnKey, Pair
from ..record.record import Record
from ..record.replacements import Replacement
from ..record.signing_keys import SigningKey
from ..resource.desired import Desired
from ..verdict import renewing
from . import pauses
from .action import Action, Check, GiveUp, Wait
from .dialects import is_told_of_two_keys
from .observed import Observed, ProofResult
from .proving import ASKED_AGAIN, PATIENCE, ask, asked_again_at, calibration_anew, proof_of
from .registration import plan_preflight

_REFUSED_FOR: Final = timedelta(minutes=1)
"""So long one of two keys may be refused: if it is the first, every app is."""
_REFUSED_AGAIN: Final = timedelta(seconds=20)
_CALIBRATED_AGAIN: Final = timedelta(hours=6)
"""So often it is asked at the least what proves the first key; nothing expires meanwhile."""


def is_provable(client: Client) -> bool:
    """Whether something may prove the client's keys, as far as that was looked for."""
    method = token_endpoint_auth_method(client.accepted, client.information)
    return client.calibration is None or not client.calibration.rules_out(method)


def plan_calibration(
    observed: Observed, desired: Desired, client: Client, replacement: Replacement, now: datetime
) -> Action | None:
    """Return how to find out what proves the first key, while it is the only one and known to be good."""
    step = proof_of(client)
    if isinstance(step, Check) or not is_provable(client):
        return None
    result, again = observed.proofs.get(client.key), asked_again_at(observed, _CALIBRATED_AGAIN)
    is_due = result is None and (again is None or now >= again)
    if is_due and (found := ask(observed, client, step, now)) is not None:
        return found
    if is_told_of_two_keys(client, desired):
        return None
    if is_due and (in_the_way := _obstacle(observed, client, now)) is not None:
        return in_the_way
    silent = observed.unanswered
    why = result.why if isinstance(result, Unavailable) else silent.why if silent is not None else None
    fails = silent is not None and now - silent.since >= PATIENCE
    words = renewing.not_proven if fails else renewing.waits_for_proof
    return Wait(verdict=words(replacement.reasons, client, why), until=max(again or now, now + ASKED_AGAIN))


def _obstacle(observed: Observed, client: Client, now: datetime) -> Wait | None:
    """Return what keeps the server from being asked at all."""
    if (held := observed.held_at(client.issuer)) is not None:
        return pauses.held(held)
    preflight = plan_preflight(observed, None, now)
    return preflight if isinstance(preflight, Wait) else None


def plan_veto(
    observed: Observed, desired: Desired, record: Record, client: Client, pair: Pair, now: datetime
) -> Action | None:
    """Return what proofs of both keys have against the second, or how to ask for one; None where it may be published.

    A server may take an update with two keys and then refuse either, or answer no assertion at all. What its answer
    says of them was looked at when that came.
    """
    step, born = proof_of(client), _key(client, pair)
    published = None if record.pair is None else _key(client, record.pair)
    if not isinstance(step, Check) or born is None or published is None:
        return None
    last = record.last(CallKind.UPDATE, client.key)
    since = born.born_at if last is None else last.at
    for key in (born, published):
        result = observed.key_proofs.get(key.kid)
        if result is None and (found := ask(observed, client, replace(step, kid=key.kid), now)) is not None:
            return found
        if isinstance(result, Valid):
            continue
        if (anew := _found_anew(observed, client, result, now)) is not None:
            return anew
        if _fails(result):
            again, until = _REFUSED_AGAIN, since + _REFUSED_FOR
            verdict = renewing.keys_not_accepted(client, key.kid)
        elif is_told_of_two_keys(client, desired) and (
            record.replacement is None or key.kid not in record.replacement.refused
        ):
            continue
        else:
            again, until = ASKED_AGAIN, since + PATIENCE
            verdict = renewing.keys_not_proven(client, key.kid)
        if now >= until:
            return GiveUp(pair, one_key=_fails(result))
        return Wait(verdict=verdict, until=min(until, now + again))
    return None


def _found_anew(observed: Observed, client: Client, result: ProofResult | None, now: datetime) -> Action | None:
    """Return how to find out anew what proves the client, once in a pass, where its server may have been upgraded."""
    if result is None or client.key in observed.proofs:
        return None
    as_of_client = replace(observed, proofs={client.key: result})
    anew = calibration_anew(as_of_client, client, now, at_once=True)
    return None if anew is None else ask(observed, client, anew, now)


def _fails(result: ProofResult | None) -> bool:
    """Whether the server was there, and did not accept that key."""
    match result:
        case Refused() | NotKnown(Doubt.UNEXPECTED):
            return True
        case Unavailable(of_client=of_client):
            return of_client
        case _:
            return False


def _key(client: Client, pair: Pair) -> SigningKey | None:
    if not isinstance(pair.credential, OwnKey) or pair.client != client.key:
        return None
    return client.signing_key(pair.credential.kid)
