"""Objects as the caches keep them, small: there are thousands of them, and each is looked at when it changes; pure.

As Python's objects a resource with its two Secrets' metadata takes ten times what it takes here.
"""

import json
import zlib
from collections.abc import Mapping

from ..oauth.json_object import JSON

_FASTEST = 1


def pack(value: Mapping[str, JSON]) -> bytes:
    """Return an object in as few bytes as is cheap."""
    return zlib.compress(json.dumps(value, separators=(",", ":")).encode(), _FASTEST)


def unpack(packed: bytes) -> dict[str, JSON]:
    """Return the object that was packed, new each time."""
    value: dict[str, JSON] = json.loads(zlib.decompress(packed))
    return value
