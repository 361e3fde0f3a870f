"""When a client's credentials are proven, and what follows: never asked for nothing, and never required.

a person asks                        the annotation, at once
the server refused the token         once after each refusal: the client may be gone
doubts                               when the next refusal would count; those that last, from time to time
an interval                          `--proof-interval`, spread over the fleet
a registration of a moment ago       where an interval or a policy will need to know what proves it; and again where no
                                     answer told that, from time to time
"""

from datetime import datetime, timedelta
from typing import Final

from ..names import ConditionType
from ..oauth.proof.results import Doubt, NotKnown, NotProvable
from ..oauth.rfc7591 import token_endpoint_auth_method
from ..oauth.rfc8414 import ServerMetadata
from ..record.calls import ClosedCall, ReadCall, UpdateCall
from ..record.clients import Client
from ..record.doubts import Doubts
from ..record.record import Record
from ..resource.desired import Desired, GonePolicy
from ..resource.oauth_client import OAuthClient
from ..spread import spread
from ..verdict.proving import found, untold
from . import pauses
from .action import Action, Calibrate, Check, Serve, Wait
from .asked import asked_to_prove
from .observed import Observed
from .registration import plan_preflight

PATIENCE: Final = timedelta(minutes=10)
"""So long what is to be published need not be accepted yet."""
ASKED_AGAIN: Final = timedelta(minutes=1)
"""So often it is asked meanwhile, and whatever gave no answer that tells, at first."""
CALIBRATED_AGAIN: Final = timedelta(hours=6)
"""So seldom a server is asked in the end what proves a client for which nothing waits: that may be a dozen requests."""
_OUTGROWN: Final = frozenset({Doubt.CONTROL_DIFFERS, Doubt.NO_ENDPOINT})
_OUTGROWN_AFTER: Final = timedelta(hours=1)
"""So long no answer tells anything before it is found out anew what proves a client: most outages are over by then."""
_OF_SILENCE: Final = 4
"""After that part of the time for which no answer told anything it is asked again: less and less often."""


def plan_proof(
    observed: Observed, resource: OAuthClient, desired: Desired, record: Record, client: Client, now: datetime
) -> Action | None:
    """Return the next step of a proof of what is published, or None where none is due.

    A wait is one for what a person asked for: nothing else has it looked at again.
    """
    asked = asked_to_prove(resource, record)
    anew = calibration_anew(observed, client, now, at_once=asked is not None)
    if anew is not None and (step := ask(observed, client, anew, now)) is not None:
        return step
    at = proof_at(observed, resource, desired, record, client)
    if not observed.proves or client.issuer != desired.terms.issuer or (asked is None and (at is None or now < at)):
        return None
    if client.key in observed.proofs:
        # Who asks is told, also that nothing came of it; a new value asks again.
        return None if asked is None else Serve(prove=asked, why=_why_untold(observed, client))
    if (held := observed.held_at(client.issuer)) is not None:
        return None if asked is None else pauses.held(held)
    preflight = plan_preflight(observed, None, now)
    if isinstance(preflight, Wait) and asked is None:
        return None
    return preflight or proof_of(client)


def proof_of(client: Client, like: Client | None = None) -> Calibrate | Check:
    """Return the step that proves a client, by what is known of it or of another one that authenticates as it does."""
    method = token_endpoint_auth_method(client.accepted, client.information)
    known = client.calibration or (like.calibration if like is not None else None)
    calibrated = None if known is None else known.of(method)
    return Calibrate(client.key, method) if calibrated is None else Check(client.key, calibrated)


def ask(observed: Observed, client: Client, step: Calibrate | Check, now: datetime) -> Action | None:
    """Return how to come to a proof before a promotion, or None where nobody can be asked now."""
    elsewhere = isinstance(observed.server, ServerMetadata) and observed.server.issuer != client.issuer
    if elsewhere or observed.held_at(client.issuer) is not None:
        # Another issuer than its own is shown no credentials.
        return None
    preflight = plan_preflight(observed, None, now)
    return None if isinstance(preflight, Wait) else preflight or step


def calibration_anew(observed: Observed, client: Client, now: datetime, *, at_once: bool) -> Calibrate | None:
    """Return how to find out anew what proves a client, where its server may have been upgraded; None where not.

    It answers a client that cannot exist otherwise than it did, or has not the endpoint any more. While it is switched
    off it does so, too: then nothing is found, and what is remembered stays.
    """
    result, silent = observed.proofs.get(client.key), observed.unanswered
    if not isinstance(result, NotKnown) or result.why not in _OUTGROWN:
        return None
    lasts = silent is not None and now - silent.since >= _OUTGROWN_AFTER
    method = token_endpoint_auth_method(client.accepted, client.information)
    return Calibrate(client.key, method) if at_once or lasts else None


def _why_untold(observed: Observed, client: Client) -> str | None:
    """Return why a proof that was made in this pass told nothing, or None where it told something."""
    result = observed.proofs[client.key]
    if isinstance(result, NotProvable) and isinstance(proof_of(client), Check):
        # Another time something proved it.
        return found(result)
    return untold(result)


def proof_at(
    observed: Observed, resource: OAuthClient, desired: Desired, record: Record, client: Client
) -> datetime | None:
    """Return when the published credentials are to be proven by themselves, or None where they are not."""
    limits, proven_at = observed.limits, observed.proven_at
    dates: list[datetime] = []
    if client.doubts is not None:
        dates.append(_doubted_again_at(observed, record.answering(client), client.doubts))
    refused_at = _refused_at(record, client)
    if client.management_lost and refused_at is not None and (proven_at is None or proven_at < refused_at):
        dates.append(refused_at)
    if limits.proof_interval is not None:
        dates.append(interval_at(observed, resource))
    needs_to_know = limits.proof_interval is not None or desired.gone is GonePolicy.REREGISTER
    if needs_to_know and client.calibration is None:
        # What was proven before it was registered was another client.
        if proven_at is None or proven_at < client.origin.at:
            dates.append(client.credential_since)
        elif limits.proof_interval is None:
            dates.append(calibrated_again_at(observed, resource))
    return min(dates, default=None)


def proof_at_rest(observed: Observed, resource: OAuthClient, desired: Desired) -> datetime | None:
    """Return when what is published is to be proven by itself, as far as that is known without the record."""
    interval, proven_at, registration = observed.limits.proof_interval, observed.proven_at, resource.status.registration
    if interval is None and desired.gone is not GonePolicy.REREGISTER:
        return None
    told = any(condition.type == ConditionType.CREDENTIALS_VALID for condition in resource.status.conditions)
    if not told and registration is not None and registration.registered_at >= observed.began_at:
        at = registration.registered_at
        if proven_at is None or proven_at < at:
            # It waits for its place there, and was said to be registered meanwhile.
            return at
    if interval is not None:
        return interval_at(observed, resource)
    return None if told else calibrated_again_at(observed, resource)


def calibrated_again_at(observed: Observed, resource: OAuthClient) -> datetime:
    """Return when it is tried again to find out what proves the published client, where no answer told that.

    The pauses grow with the time for which that has lasted; what began together does not come back together.
    """
    slowly, share = observed.limits.retry_slowly, spread(f"calibrate/{resource.uid}")
    if observed.proven_at is None:
        return observed.began_at + slowly * (1 + share)
    silence = observed.proven_at - observed.unanswered.since if observed.unanswered is not None else timedelta()
    pause = max(slowly, min(silence / _OF_SILENCE, CALIBRATED_AGAIN))
    return observed.proven_at + pause * (1 + share / 4)


def asked_again_at(observed: Observed, longest: timedelta) -> datetime | None:
    """Return when the published client's server is asked again after an answer that told nothing, or None after others.

    The pauses grow with the time for which that has lasted, from a minute up to the longest.
    """
    if observed.unanswered is None or observed.proven_at is None:
        return None
    silence = observed.proven_at - observed.unanswered.since
    return observed.proven_at + max(ASKED_AGAIN, min(silence / _OF_SILENCE, longest))


def _doubted_again_at(observed: Observed, answering: ClosedCall | None, doubts: Doubts) -> datetime:
    """Return when the next refusal would count, or, once it counts, may be taken back; `answering` is the last call."""
    proven_at, slowly = observed.proven_at, observed.limits.retry_slowly
    if doubts.configuration_answered and answering is not None and (proven_at is None or proven_at < answering.at):
        # An edit may have mended them.
        return answering.at
    if doubts.lasting:
        return max(doubts.last_at, proven_at or doubts.last_at) + slowly
    if proven_at is None:
        return doubts.due_at
    return max(doubts.due_at, asked_again_at(observed, slowly) or proven_at + ASKED_AGAIN)


def interval_at(observed: Observed, resource: OAuthClient) -> datetime:
    """Return when the interval is over: of what this process has not proven yet, at some time within it."""
    interval = observed.limits.proof_interval or timedelta()
    if observed.proven_at is not None:
        return observed.proven_at + interval
    return observed.began_at + interval * (spread(f"prove/{resource.uid}"))


def _refused_at(record: Record, client: Client) -> datetime | None:
    """Return when the configuration endpoint refused the client's token last."""
    calls = (c for c in record.closed if c.call.client == client.key and isinstance(c.what, ReadCall | UpdateCall))
    return max((c.at for c in calls if c.rejected), default=None)
