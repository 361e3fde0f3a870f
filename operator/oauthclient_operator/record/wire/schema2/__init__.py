"""Schema 2 of the stored record, and the one that is written."""

from .record import READER, VERSION, decode, encode

__all__ = ["READER", "VERSION", "decode", "encode"]
