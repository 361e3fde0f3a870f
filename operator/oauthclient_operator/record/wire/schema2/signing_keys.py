"""Keys that the operator made, in schema 2: private keys stand in the record whole, as PEM."""

from typing import Final

from ....errors import UnreadableRecord
from ....oauth.json_object import JSON
from ....oauth.signing_algorithm import SigningAlgorithm
from ...signing_keys import SigningKey
from ..reader import Reader
from ..writer import time

_PLACE: Final = "privateKey"


def write_signing_key(key: SigningKey) -> dict[str, JSON]:
    """Return the members of a key."""
    return {"algorithm": key.algorithm.value, _PLACE: key.pem.reveal(), "bornAt": time(key.born_at)}


def read_signing_key(reader: Reader) -> SigningKey:
    """Read a key."""
    pem, algorithm, born_at = (
        reader.secret_or_none(_PLACE),
        reader.word("algorithm", SigningAlgorithm),
        reader.moment("bornAt"),
    )
    try:
        found = SigningKey.of(pem, algorithm, born_at) if pem is not None else None
    except ValueError:
        found = None
    if found is None:
        # Not raised in the except block: its context would have read the key.
        raise UnreadableRecord(f"{reader.place}.{_PLACE} is missing or no key for its algorithm")
    return found
