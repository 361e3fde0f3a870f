"""Proofs of a client's credentials, and what is written down of them; a proof may be cancelled and made again."""

from dataclasses import replace

from ..exchange import Answer, NotSent, Response
from ..issuer.caller import Caller
from ..oauth.jose import PrivateKey
from ..oauth.proof.credentials import credentials_of
from ..oauth.proof.results import Calibrated, NotKnown, NotProvable, Refused, Unavailable, Valid
from ..oauth.rfc7591 import token_endpoint_auth_method
from ..oauth.rfc8414 import ServerMetadata
from ..plan import action as act
from ..plan.observed import Observed, ProofResult
from ..reach import IssuerAddress
from ..record import proving
from ..record.calibration import Calibration
from ..record.clients import Client
from ..record.pairs import OwnKey
from ..record.record import Record
from . import ledger
from .effects import stored_of
from .issuer_slot import IssuerSlot
from .observe import with_record
from .world import World


async def prove(
    world: World, observed: Observed, action: act.Proof, client: Client, caller: Caller, slot: IssuerSlot
) -> tuple[Observed, ProofResult]:
    """Ask the server, and write down what is news."""
    server = observed.server
    if not isinstance(server, ServerMetadata) or server.issuer != client.issuer:
        raise TypeError("plan proves only with the metadata of the client's own issuer at hand")
    key = _key_to_prove(stored_of(observed).record, client, action)
    at = observed.address_of(client.issuer)
    result = await _ask(world, action, _presented(client, action), key, server, at, caller, slot)
    slot.proved()
    if action.handed is not None:
        # Of what is not the record's nothing is written down.
        return observed, result
    now = world.clock.now()
    match action, result:
        case act.Calibrate(method=method), Calibrated() | NotProvable():
            calibration = Calibration(method=method, at=now, found=result)
            changed = await _change(world, observed, lambda r: proving.calibrated(r, client.key, calibration))
        case _, Calibrated() | NotProvable():
            changed = observed
        case act.Check(kid=str(kid)), (Valid() | Refused() | NotKnown() | Unavailable()) as of_key:
            # One key of two says nothing of the client that is published.
            changed = await _change(
                world, observed, lambda r: proving.key_judged(proving.learned(r, client.key, of_key), kid, of_key)
            )
        case act.Check(calibrated=found), Valid(learned=more) if client.calibration is None:
            # What proves the client before it proves this one, too: nobody has to ask for that again.
            method = token_endpoint_auth_method(client.accepted, client.information)
            calibration = Calibration(method=method, at=now, found=more or found)
            changed = await _change(world, observed, lambda r: proving.calibrated(r, client.key, calibration))
        case _, verdict:
            changed = await _change(world, observed, lambda r: proving.judged(r, client.key, verdict, now))
    return changed, result


def _presented(client: Client, action: act.Proof) -> Client:
    """Return the client with the client secret that is to be proven."""
    if action.handed is None:
        return client
    information = client.information.with_client_secret_of(action.handed.information)
    return replace(client, answer=replace(client.answer, information=information))


def _key_to_prove(record: Record, client: Client, action: act.Proof) -> PrivateKey | None:
    """Return the key by which a client is proven: the one that is named or handed over, or the published one.

    Or else the one that is to be published.
    """
    if action.handed is not None:
        return action.handed.key
    kid = action.kid if isinstance(action, act.Check) else None
    named = (p.credential.kid for p in record.pairs if p.client == client.key and isinstance(p.credential, OwnKey))
    kid = kid if kid is not None else next(named, None)
    found = None if kid is None else client.signing_key(kid)
    return None if found is None else found.key


async def _ask(
    world: World,
    action: act.Proof,
    client: Client,
    key: PrivateKey | None,
    server: ServerMetadata,
    at: IssuerAddress,
    caller: Caller,
    slot: IssuerSlot,
) -> ProofResult:
    credentials = credentials_of(
        client.information,
        client.accepted,
        key=key,
        kid=None if key is None else key.thumbprint,
    )
    if isinstance(credentials, NotProvable):
        return credentials
    match action:
        case act.Calibrate():
            return await world.prover.calibrate(credentials, server, at, caller, saw=lambda a: _heard(slot, a))
        case act.Check(calibrated=calibrated):
            return await world.prover.check(credentials, calibrated, server, at, caller, saw=slot.heard)


def _heard(slot: IssuerSlot, answer: Answer) -> None:
    # What proves a client is asked again and again. An endpoint for proofs that fails whatever it is asked would have
    # the calls of all held back, though their endpoints answer.
    if isinstance(answer, NotSent) or (isinstance(answer, Response) and answer.status < 500):
        slot.heard(answer)


async def _change(world: World, observed: Observed, transition: ledger.Transition) -> Observed:
    stored = await ledger.change(world.records, world.clock, stored_of(observed), transition)
    return with_record(observed, stored, world.watched, world.issuers)
