"""A key that is handed over with a client: whether its server has it, and whose place it takes.

the server names it                         it is the client's, for the algorithm that is named with it
the server names other keys, and not it     it was replaced since: it is not taken up, and comes back to nothing
the server names no keys, or a `jwks_uri`   who hands it over says so; the update that follows brings it
it is not `private_key_jwt` at the server   it is not taken up: pods may hold what the client authenticates by
"""

from collections.abc import Mapping
from dataclasses import replace

from ..oauth.json_object import JSON
from ..oauth.rfc7591 import token_endpoint_auth_method
from ..resource.private_key import METHOD
from .clients import Client, UpdateDue
from .pairs import OwnKey, Pair, pair_of
from .record import Record
from .replacements import Leaving
from .signing_keys import SigningKey, as_registered, lacking, names_well


def is_against(client: Client, key: SigningKey, answered: Mapping[str, JSON]) -> bool:
    """Whether the server's own word, to a read of that client, is that the key does not authenticate it."""
    return token_endpoint_auth_method(client.accepted, client.information) != METHOD or lacking((key,), answered)


def with_key(client: Client, key: SigningKey, answered: Mapping[str, JSON]) -> Client:
    """Return a client that was read with the key that was handed over before its others; what is unsure is told."""
    known = client.signing_key(key.kid)
    known = as_registered(key, answered) if known is None or known is key else known
    others = [k for k in client.keys if k.kid != key.kid]
    there = [k.kid for k in others if names_well(k, answered) or _may_be_there(k, client, answered)]
    return replace(
        client,
        keys=(known, *others),
        kids=(known.kid, *there),
        standing=client.standing if names_well(known, answered) else UpdateDue(client.unresolved),
    )


def with_unread_key(client: Client, key: SigningKey) -> Client:
    """Return a client that cannot be read with the key that was handed over; those before are kept, and not told."""
    known = client.signing_key(key.kid) or key
    others = (k for k in client.keys if k.kid != key.kid)
    kids = client.kids if key.kid in client.kids else (key.kid,)
    return replace(client, keys=(known, *others), kids=kids)


def taken_pair(record: Record, client: Client) -> Pair:
    """Return the pair to be published of a client that is taken up.

    A key that is leaving was replaced at this very client by the one that is published: what hands it over is older.
    """
    newest, before = pair_of(client), record.pair
    is_older = isinstance(newest.credential, OwnKey) and newest in (leaving.pair for leaving in record.leaving)
    stays = before is not None and before.client == client.key and _stays(before, client)
    return before if is_older and stays and before is not None else newest


def staying(record: Record, client: Client, pair: Pair) -> tuple[Leaving, ...]:
    """Return what leaves beside that pair of a client: others, and of this one the keys that its server holds."""
    before = record.pair
    others = (*record.leaving, *((Leaving(pair=before),) if before not in (None, pair) else ()))
    return tuple(leaving for leaving in others if leaving.pair != pair and _stays(leaving.pair, client))


def _stays(pair: Pair, client: Client) -> bool:
    credential = pair.credential
    return pair.client != client.key or (isinstance(credential, OwnKey) and credential.kid in client.kids)


def _may_be_there(key: SigningKey, client: Client, answered: Mapping[str, JSON]) -> bool:
    return key.kid in client.kids and not lacking((key,), answered)
