"""A body that was compressed although it was asked not to be, unpacked within bounds."""

import zlib
from typing import Final

_LAYERS: Final = 2
"""Codings of a body, one around the other; more than one is a mistake already."""
_WINDOWS: Final = {
    # zlib's own words: 32 more than the largest window takes gzip and zlib, a negative one takes bare deflate.
    "gzip": (zlib.MAX_WBITS | 32,),
    "x-gzip": (zlib.MAX_WBITS | 32,),
    "deflate": (zlib.MAX_WBITS | 32, -zlib.MAX_WBITS),
}


def unpacked(body: bytes, codings: tuple[str, ...], *, limit: int) -> bytes | None:
    """Return the body without its codings (RFC 9110 section 8.4: "listed in the order in which they were applied").

    None where one is not known, where it is not in that coding, or where it holds more than `limit` bytes: no more
    than those are ever unpacked.
    """
    if len(codings) > _LAYERS:
        return None
    for coding in reversed(codings):
        found = next((f for w in _WINDOWS.get(coding, ()) if (f := _inflated(body, w, limit)) is not None), None)
        if found is None:
            return None
        body = found
    return body


def _inflated(body: bytes, window: int, limit: int) -> bytes | None:
    unpacker = zlib.decompressobj(window)
    try:
        # One more than is taken, which tells whether there is more.
        found = unpacker.decompress(body, limit + 1)
    except zlib.error:
        return None
    return found if unpacker.eof and len(found) <= limit else None
