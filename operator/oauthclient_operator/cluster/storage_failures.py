"""What the API server tells of its own storage where that fails: etcd, and how what is in it is encrypted; pure.

Its words may quote what it could not make sense of, so only what is looked for here goes into ours.
"""

import re
from typing import Final

from ..errors import NotDecrypted, StorageNotReady, Unanswered
from ..oauth.json_object import JSON

_STORAGE: Final = re.compile(
    "etcdserver: [a-z][a-z :]{0,80}|rpc error: code = [A-Za-z]{1,30}|context deadline exceeded"
)
"""How what is passed on of its storage's failures begins: words of etcd's own, and none of what was sent."""
_FULL: Final = "database space exceeded"
_NOT_READY: Final = "storage is (re)initializing"
"""How it says that it has not read all objects of one kind yet. It does so under 429, as if it were asked too much."""
_PREFIXES: Final = re.compile(
    r"\A(?:Internal error occurred: |storage is \(re\)initializing: |failed to list <unspecified>: )*"
)
_NOT_DECRYPTED: Final = (
    # Kubernetes 1.37: of one object, of one that is patched, and of a list.
    "StorageError: corrupt object",
    "data from the storage is not transformable",
    "failed to read one or more ",
    # Kubernetes 1.30: of a list, and of one object the words of its provider, which are a KMS's, too.
    "unable to transform key ",
    "no matching prefix found",
    "no matching key was found",
    "invalid padding on input",
    "the stored data was shorter than the required size",
    "cipher: message authentication failed",
    "identity transformer tried to read encrypted data",
    "failed to decrypt ",
)
"""How what is said of something begins that could not be decrypted."""
_NOT_ENCRYPTED: Final = (
    "failed to encrypt ",
    # Of a KMS that has never answered, or has not for too long.
    "got unexpected nil transformer",
    "encryptedDEKSource with keyID hash ",
)
"""Or encrypted, to be written."""
_KEY: Final = re.compile(r'(?:, Key: |unable to transform key ")(?:/registry)?/([-./0-9a-z]{1,600})[",]')
"""Which one it was."""
_BACK: Final = "the cluster's administrator has to bring back its encryption key or its KMS"


def storage_failure(message: JSON, *, of_list: bool) -> tuple[type[Unanswered], str]:
    """Return the error for such a failure, and what may be said of it; of a list also which object it is about."""
    if not isinstance(message, str):
        return Unanswered, ""
    said = _PREFIXES.sub("", message, count=1)
    if said.startswith(_NOT_DECRYPTED):
        found = _KEY.search(message) if of_list else None
        which = f", {found[1]} for one" if found is not None else ""
        return (
            NotDecrypted,
            f": the API server cannot decrypt what it stores{which}; {_BACK}, or to remove what is damaged",
        )
    if said.startswith(_NOT_ENCRYPTED):
        return NotDecrypted, f": the API server cannot encrypt what it is to store; {_BACK}"
    if message.startswith(_NOT_READY):
        return StorageNotReady, f": the API server's {_NOT_READY}"
    if (etcd := _STORAGE.match(message)) is None:
        return Unanswered, ""
    full = "; the cluster's storage is full: nothing can be written until its administrator makes room there"
    return Unanswered, f": {etcd[0]}{full if _FULL in etcd[0] else ''}"
