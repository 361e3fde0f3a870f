"""Which intent a step that calls comes to, from what a pass has observed; a key that the call registers is made first.

Until the call is written down nobody knows of the key: a process that dies here has made it in vain.
"""

from dataclasses import replace

from ..confidential import Confidential
from ..oauth.rfc8414 import ServerMetadata, no_metadata
from ..oauth.signing_algorithm import SigningAlgorithm
from ..plan import action as act
from ..plan.observed import Observed, Unread
from ..plan.presenting import is_once_more, presented_token
from ..record.calls import CallKind
from ..record.envelope import Stored
from ..record.pairs import OwnKey, Pair
from ..record.record import Record
from ..record.replacements import ReplacementReason
from ..record.replacing import begin
from ..record.signing_keys import SigningKey
from ..resource.desired import Desired
from ..resource.initial_access_token import InitialAccessToken
from ..resource.oauth_client import OAuthClient
from ..resource.terms import Open
from . import intents, objections
from .calls import Objection
from .intents import Intent
from .world import World


async def of(
    world: World, observed: Observed, there: Desired | None, record: Record, action: act.Exchange
) -> tuple[Intent, Objection]:
    """Return the intent of a step that calls, by the terms of who is asked, and what is asked before its first byte."""
    match action:
        case act.Register():
            if there is None:
                raise AssertionError("plan registers only for a resource")
            return await registration(world, observed, there, record, action), objections.none
        case act.Read(client=client, repeats=repeats, adopts=adopts):
            intent = intents.read(client, repeats=repeats, adopts=adopts, access=access_of(observed, action))
            return intent, (lambda: objections.to_adoption(world, observed, client)) if adopts else objections.none
        case act.Update():
            return await update(world, observed, action), objections.none
        case act.Deregister(client=client, again=again):
            intent = intents.deregistration(client, again=again, access=access_of(observed, action))
            return intent, lambda: objections.to_deregistration(world, observed, client)


async def registration(
    world: World, observed: Observed, desired: Desired, record: Record, action: act.Register
) -> Intent:
    """Return the intent to register a client, with a key if one is to be born."""
    server, token = observed.server, observed.initial_access_token
    credential = presented_token(observed, desired.terms)
    by_statement = desired.terms.software_statement is not None
    version = observed.software_statement_version if by_statement else None
    if not isinstance(server, ServerMetadata) or isinstance(credential, Unread) or isinstance(version, Unread):
        raise TypeError("plan registers only with metadata at hand, and with a token or statement after it was read")
    intent = intents.registration(
        record,
        server,
        action.metadata,
        token if isinstance(token, InitialAccessToken) and not isinstance(desired.terms.access, Open) else None,
        trust=world.issuers.trust(desired.terms.address),
        credential=credential,
        source=desired.terms.source.digest,
        key=await _born(world, action.signing),
        statement=action.statement,
        statement_version=version,
        returned=action.returned,
        once_more=is_once_more(record.last(CallKind.REGISTER), desired.terms),
        admitted_by=None if desired.terms.resource is None else desired.terms.resource.uid,
    )
    return _serving(replace(intent, begins=action.begins), observed, first=record.published is None)


async def update(world: World, observed: Observed, action: act.Update) -> Intent:
    """Return the intent to update a client, with the keys that its pairs need, and one more if it is to be born."""
    server, stored = observed.server, observed.record
    if not isinstance(stored, Stored):
        raise TypeError("plan updates only with the record at hand")
    record, client, key = stored.record, action.client, await _born(world, action.signing)
    begins = action.begins
    if begins is not None and key is not None:
        begins = replace(begins, pair=Pair(client=client.key, credential=OwnKey(key.kid)))
    # What begins says which keys stay.
    keys = (record if begins is None else begin(record, begins)).keys_of(client)
    # Of a client whose issuer is not the spec's any more nothing is known but what its record says.
    if not isinstance(server, ServerMetadata) or server.issuer != client.issuer:
        server = no_metadata(client.issuer)
    intent = intents.update(
        client,
        server,
        action.metadata,
        action.form,
        keys=keys,
        key=key,
        dialect=action.dialect,
        access=access_of(observed, action),
        repeats=action.repeats,
    )
    return intent if begins is None else _serving(replace(intent, begins=begins), observed, first=False)


def access_of(observed: Observed, action: act.Read | act.Update | act.Deregister) -> Confidential | None:
    """Return the access token that a call about a client presents, or None where it presents the client's own."""
    if not action.by_access:
        return None
    if not isinstance(observed.initial_access_token, InitialAccessToken):
        raise TypeError("plan manages by access only after a token was obtained")
    return observed.initial_access_token.token


async def _born(world: World, algorithm: SigningAlgorithm | None) -> SigningKey | None:
    if algorithm is None:
        return None
    return SigningKey.of(await world.chance.private_key(algorithm), algorithm, world.clock.now())


def _serving(intent: Intent, observed: Observed, *, first: bool) -> Intent:
    """Return the intent with what the resource's annotation asks, where the call is what serves that."""
    resource, begins = observed.resource, intent.begins
    requested = begins is not None and ReplacementReason.REQUESTED in begins.reasons
    rotate = resource.rotate if (first or requested) and isinstance(resource, OAuthClient) else None
    return replace(intent, rotate=rotate)
