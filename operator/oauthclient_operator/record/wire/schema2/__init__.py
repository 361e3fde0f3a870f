"""Schema 2 of the stored record, and the one that is written."""

from .record import VERSION, decode, encode

__all__ = ["VERSION", "decode", "encode"]
