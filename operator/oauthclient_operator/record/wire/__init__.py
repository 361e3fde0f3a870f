"""How a record is stored: each schema's JSON written out by hand, so that no name in the code changes what is stored.

    schema 1   read, and written again as schema 2 at the record's next change
    schema 2   read and written; `minReader` 3 to 8 where a reader of less would do wrong

A record says which schema it follows, and the lowest reader that may change it. Members
of the record itself that are not known here are carried through; a later version that adds members elsewhere, or a kind
of call, raises `minReader`.
"""

from collections.abc import Mapping

from ...errors import NewerSchema, UnreadableRecord
from ...oauth.json_object import JSON
from ..record import Record
from . import schema1, schema2

__all__ = ["decode", "encode"]


def encode(record: Record) -> dict[str, JSON]:
    """Return the record as JSON members, credentials included: the result goes into a Secret and nowhere else."""
    return schema2.encode(record)


def decode(members: Mapping[str, JSON]) -> Record:
    """Read a record of any schema that is known.

    Raises:
        NewerSchema: only a later version may change it.
        UnreadableRecord: it is not a record; the message names the place, never a value.
    """
    version, reader = members.get("schemaVersion"), members.get("minReader")
    # Schema 1 did not say who may change a record, and a later one that does not speaks for itself alone.
    known = schema2.VERSION if reader is None else schema2.READER
    reader = version if reader is None else reader
    if type(version) is not int or type(reader) is not int or version < schema1.VERSION:
        raise UnreadableRecord("the record has no schemaVersion")
    if reader > known:
        needs = f"schema {version}" if reader == version else f"schema {version} in a form of version {reader}"
        raise NewerSchema(f"the record follows {needs}, this operator knows {schema2.VERSION}")
    return schema1.decode(members) if version == schema1.VERSION else schema2.decode(members)
