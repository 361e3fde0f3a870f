"""Objects as the caches keep them: compressed JSON, for there are thousands, each looked at when it changes; pure.

As Python's objects a resource with its two Secrets' metadata takes ten times what it takes here. What all of them have
in common is in a dictionary that zlib is given beforehand, so that an object takes little more than what is its own.
"""

import json
import zlib
from collections.abc import Mapping
from typing import Final

from .. import names
from ..oauth.json_object import JSON

_WINDOW: Final = 13
"""Bits: 8 KiB, the dictionary in it; a larger window costs more to set up than it saves."""
_MEMORY: Final = 6
_LEVEL: Final = 6
_ENCODE: Final = json.JSONEncoder(separators=(",", ":")).encode


def _condition(kind: str, reason: str, message: str) -> dict[str, JSON]:
    return {
        "lastTransitionTime": "2026-",
        "message": message,
        "observedGeneration": 1,
        "reason": reason,
        "status": "True",
        "type": kind,
    }


_SECRET: Final[Mapping[str, JSON]] = {
    "namespace": "",
    "name": "",
    "uid": "",
    "resourceVersion": "",
    "ownerReferences": [{"uid": ""}],
}
_RECORD: Final[Mapping[str, JSON]] = {
    "namespace": names.RECORDS_NAMESPACE,
    "name": "",
    "uid": "",
    "resourceVersion": "",
    "labels": {
        names.CLIENT_LABEL_PREFIX: "held",
        names.IDENTIFIER_LABEL_PREFIX: "held.17",
        names.NAMESPACE_LABEL_PREFIX: "",
        names.STATE_LABEL: names.RecordState.REGISTERED.value,
    },
    "annotations": {names.CONFIRMED_ANNOTATION: "v1:"},
}
_RESOURCE: Final[Mapping[str, JSON]] = {
    "metadata": {
        "namespace": "",
        "name": "",
        "uid": "",
        "resourceVersion": "",
        "generation": 1,
        "finalizers": [names.FINALIZER],
    },
    "spec": {
        "clientMetadata": {
            "client_name": "",
            "client_uri": "https://",
            "contacts": [""],
            "grant_types": ["client_credentials", "authorization_code", "refresh_token"],
            "logo_uri": "https://",
            "post_logout_redirect_uris": ["https://"],
            "redirect_uris": ["https:///callback"],
            "response_types": ["code"],
            "scope": "openid profile email offline_access",
            "token_endpoint_auth_method": "private_key_jwt none client_secret_post client_secret_basic",
        },
        "discovery": {"form": "Auto"},
        "issuer": "https://",
        "policy": {"ambiguous": "Retry", "deletion": "Delete"},
        "registration": {"initialAccessToken": {"secretRef": {"name": ""}}},
        "secret": {"name": ""},
    },
    "status": {
        "clientID": "",
        "conditions": [
            _condition("Ready", "Registered", 'registered as client "'),
            _condition("Registered", "Registered", 'client "" is registered'),
            _condition("SecretPublished", "Published", "Secret  holds the credentials"),
        ],
        "observedGeneration": 1,
        "registration": {"deviations": ["scope"], "manageable": True, "registeredAt": "2026-"},
        "secret": {"name": "", "resourceVersion": "", "uid": ""},
    },
}
# What is found near the end takes the least.
_COMMON: Final = "".join(_ENCODE(each) for each in (_SECRET, _RECORD, _RESOURCE)).encode()
_FRESH: Final = zlib.compressobj(_LEVEL, zlib.DEFLATED, _WINDOW, _MEMORY, zlib.Z_DEFAULT_STRATEGY, _COMMON)


def compress(value: Mapping[str, JSON]) -> bytes:
    """Return an object in few bytes."""
    compressor = _FRESH.copy()
    return compressor.compress(_ENCODE(value).encode()) + compressor.flush()


def decompress(compressed: bytes) -> dict[str, JSON]:
    """Return the object that was compressed: a new one each time, which nobody shares."""
    value: dict[str, JSON] = json.loads(zlib.decompressobj(_WINDOW, _COMMON).decompress(compressed))
    return value
