"""What is done with a client that is handed over without a registration access token: nobody can be asked whose it is.

the record has no credential of it, or that one      it is published as it is
another one, and the server accepts it               it takes the place of the record's
another one, and the server refuses it               it is not taken up, and asked about again slowly
another one, and no answer tells                     it is published, but not in the place of one that came later than
                                                     the first: the Secret may be from before that

A proof is one of credentials, and of a client that the record knows: a stale Secret must not take what works from pods.
"""

from collections.abc import Mapping
from dataclasses import replace

from ..oauth.proof.results import Calibrated, NotKnown, NotProvable, Refused, Unavailable, Valid
from ..record.adopting import known, was_renewed
from ..record.clients import Client
from ..record.pairs import OwnKey, SecretOf, pair_of
from ..resource.client_information_secret import HandedOver
from ..verdict import adopting as words
from .action import Action, Calibrate, FindHolders, RefuseUnproven, TakeUpUnproven
from .adoption import Adoption
from .key_proofs import is_provable
from .observed import Unread
from .proving import proof_of


def plan_unproven(adoption: Adoption, handed: HandedOver, endpoints: Mapping[str, str]) -> Action:
    """Return the next step towards the publication of what is handed over, or why it is not published."""
    observed, record = adoption.observed, adoption.record
    if isinstance(observed.held_by_other_live, Unread):
        return FindHolders(handed.issuer, handed.information)
    if observed.held_by_other_live:
        return adoption.fails(words.held_by_other(adoption.name), adoption.slowly)
    client = None if record is None else known(record, handed.issuer, handed.information.client_id)
    if client is not None and handed.key is not None and not isinstance(pair_of(client).credential, OwnKey):
        return adoption.fails(words.other_method(adoption.name), adoption.slowly)
    step = _plan_proof(adoption, handed, client) if client is not None and _is_another(client, handed) else None
    return step or TakeUpUnproven(handed, adoption.metadata, endpoints, adoption.next_edition)


def _is_another(client: Client, handed: HandedOver) -> bool:
    """Whether the client authenticates by a client secret or a key, and another one is handed over for it."""
    if handed.key is not None:
        return handed.key.thumbprint not in client.kids
    secret, told = client.information.client_secret, handed.information.client_secret
    return isinstance(pair_of(client).credential, SecretOf) and told is not None and told != secret


def _plan_proof(adoption: Adoption, handed: HandedOver, client: Client) -> Action | None:
    """Return how to find out whether the server accepts the other credential, or None where it is taken up."""
    observed, step = adoption.observed, proof_of(client)
    match observed.handed_proof:
        case None if isinstance(step, Calibrate) and is_provable(client) and client.key not in observed.proofs:
            # What proves the record's own one proves the other, too, and tells that it is refused.
            return step
        case None:
            return replace(step, handed=handed)
        case Calibrated() | Valid():
            return None
        case NotProvable() | NotKnown() | Unavailable() if not was_renewed(client):
            return None
        case NotProvable() | NotKnown() | Unavailable() | Refused():
            return RefuseUnproven(handed.fingerprint, adoption.asks_again)
