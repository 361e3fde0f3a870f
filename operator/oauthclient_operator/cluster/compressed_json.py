"""Objects as the caches keep them: compressed JSON, for there are thousands, each looked at when it changes; pure.

As Python's objects a resource with its two Secrets' metadata takes ten times what it takes here.
"""

import json
import zlib
from collections.abc import Mapping

from ..oauth.json_object import JSON

_FASTEST = 1


def compress(value: Mapping[str, JSON]) -> bytes:
    """Return an object in as few bytes as is cheap."""
    return zlib.compress(json.dumps(value, separators=(",", ":")).encode(), _FASTEST)


def decompress(compressed: bytes) -> dict[str, JSON]:
    """Return the object that was compressed: a new one each time, which nobody shares."""
    value: dict[str, JSON] = json.loads(zlib.decompress(compressed))
    return value
