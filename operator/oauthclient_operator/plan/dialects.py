"""What an issuer's terms say of how its server does otherwise than the RFCs, as far as it concerns one client."""

from ..oauth.rfc7592 import UpdateDialect, UpdateForm
from ..record.clients import Client
from ..record.pairs import SecretOf, pair_of
from ..record.record import Record
from ..resource.desired import Desired
from ..resource.dialect import Dialect, SecretExpiry, SecretRotation, Sending, UpdateSays
from ..resource.rotation import RotationStrategy
from ..resource.terms import IssuerTerms
from .pair_steps import TakeExpiry

_NOTHING_SAID = Dialect()


def dialect_of(client: Client, terms: IssuerTerms) -> Dialect:
    """Return how the server of that client does otherwise: of another than the spec's issuer nobody says it."""
    return terms.dialect if client.issuer == terms.issuer else _NOTHING_SAID


def first_form(client: Client, terms: IssuerTerms) -> UpdateForm:
    """Return what an update says at first: as the terms have it, or else as this client's server took the last one."""
    match dialect_of(client, terms).update:
        case None:
            return client.form
        case UpdateSays.ASKED:
            return UpdateForm.ASKED
        case UpdateSays.FULL | UpdateSays.MERGE:
            return UpdateForm.FULL


def update_dialect(client: Client, terms: IssuerTerms) -> UpdateDialect:
    """Return how the client's server takes updates."""
    said = dialect_of(client, terms)
    return UpdateDialect(
        nulls=said.update is UpdateSays.MERGE,
        client_secret=said.send_client_secret is True,
        # Of the others each is the server's own word: it knows what it answered.
        omits=frozenset({"scope"} if said.scope is Sending.OMIT else ()),
    )


def holds_one_key(client: Client, terms: IssuerTerms) -> bool:
    """Whether the server holds one public key only for a client: as it showed itself, or as the terms say."""
    return client.one_key or dialect_of(client, terms).keys_per_client == 1


def is_told_of_two_keys(client: Client, desired: Desired) -> bool:
    """Whether somebody who knows says that the server holds two keys: the resource does, or its issuer's terms."""
    most = dialect_of(client, desired.terms).keys_per_client
    return desired.rotation.strategy is RotationStrategy.KEYS or (most is not None and most > 1)


def has_room_for_key(record: Record, client: Client, terms: IssuerTerms) -> bool:
    """Whether the server holds one key more than those that the client's pairs need by now."""
    most = dialect_of(client, terms).keys_per_client
    return most is None or len(record.keys_of(client)) < most


def plan_expiry(record: Record, terms: IssuerTerms) -> TakeExpiry | None:
    """Return how the record learns whether the issuer's clients end at their expiry, or None where it knows.

    It has to know by itself: a client may leave, and a record be looked at, when nobody says it any more.
    """
    if terms.problems:
        # What is wrong in them may be this.
        return None
    ends = terms.dialect.secret_expiry is SecretExpiry.CLIENT
    dated = (c for c in record.clients if c.alive and c.issuer == terms.issuer and c.information.expiry.seconds)
    return TakeExpiry(issuer=terms.issuer, of_client=ends) if any(c.ends_at_expiry is not ends for c in dated) else None


def renews_secrets(client: Client, terms: IssuerTerms) -> bool:
    """Whether an update is a renewal of the client secret, without an outage."""
    return dialect_of(client, terms).secret_rotation is SecretRotation.OVERLAP


def may_change_secret(client: Client, terms: IssuerTerms) -> bool | None:
    """Whether an update may change the client secret that a client uses, as the terms say; None where nobody does."""
    said = dialect_of(client, terms).secret_rotation
    return (
        None if said is None else said is not SecretRotation.NONE and isinstance(pair_of(client).credential, SecretOf)
    )
