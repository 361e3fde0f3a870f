"""A record as JSON and back: dataclasses by their field names, defaults left out, times in RFC 3339.

The JSON lives under one data key of a Secret and says which schema it follows; one of a newer schema is
recognised and not read.
"""

import dataclasses
import functools
import types
import typing
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

from ..confidential import Confidential
from ..errors import NewerSchema, UnreadableRecord
from ..oauth.json_object import JSON
from ..oauth.rfc7591 import ClientInformation
from .model import SCHEMA_VERSION, Record

T = TypeVar("T")
_hints = functools.cache(typing.get_type_hints)


def encode(record: Record) -> dict[str, JSON]:
    """Return the record as JSON members, credentials included: the result goes into a Secret and nowhere else."""
    members = typing.cast("dict[str, JSON]", _encoded(record))
    return {"schemaVersion": SCHEMA_VERSION, **members}


def decode(members: Mapping[str, JSON]) -> Record:
    """Read a record.

    Raises:
        NewerSchema: it follows a later schema.
        UnreadableRecord: it is not a record.
    """
    version = members.get("schemaVersion")
    if not isinstance(version, int) or isinstance(version, bool):
        raise UnreadableRecord("the record has no schemaVersion")
    if version > SCHEMA_VERSION:
        raise NewerSchema(f"the record follows schema {version}, this operator knows {SCHEMA_VERSION}")
    return _decoded(Record, {k: v for k, v in members.items() if k != "schemaVersion"}, "record")


def _encoded(value: object) -> JSON:
    match value:
        case ClientInformation():
            return value.to_members()
        case Confidential():
            return value.reveal()
        case datetime():
            return value.astimezone(UTC).isoformat()
        case StrEnum():
            return value.value
        case Mapping():
            return {str(k): _encoded(v) for k, v in value.items()}
        case list() | tuple():
            return [_encoded(v) for v in value]
        case None | str() | bool() | int() | float():
            return value
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        raise TypeError(f"a record holds no {type(value).__name__}")
    fields = ((f, getattr(value, f.name)) for f in dataclasses.fields(value))
    return {f.name: _encoded(v) for f, v in fields if v != _default(f)}


def _default(field: "dataclasses.Field[Any]") -> object:
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return field.default


def _decoded(kind: type[T], value: JSON, place: str) -> T:
    """Read one value of a declared type; `place` says where, for the error."""
    try:
        return typing.cast("T", _value(kind, value, place))
    except (TypeError, ValueError, KeyError) as error:
        if isinstance(error, UnreadableRecord):
            raise
        raise UnreadableRecord(f"{place} is not readable") from None


def _value(kind: Any, value: JSON, place: str) -> object:  # noqa: ANN401 - a type hint may be any form
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (types.UnionType, typing.Union):
        if value is None:
            return None
        return _value(next(a for a in arguments if a is not types.NoneType), value, place)
    if origin is tuple and isinstance(value, list):
        return tuple(_value(arguments[0], v, f"{place}[{i}]") for i, v in enumerate(value))
    if origin is not None and issubclass(origin, Mapping) and isinstance(value, dict):
        return value
    if kind is ClientInformation and isinstance(value, dict):
        return ClientInformation.parse(value)
    if dataclasses.is_dataclass(kind) and kind is not Confidential and isinstance(value, dict):
        return _dataclass(kind, value, place)
    if not isinstance(value, str):
        if kind is float and isinstance(value, int):
            return float(value)
        if kind not in (int, float, bool) or type(value) is not kind:
            raise UnreadableRecord(f"{place} is of another type")
        return value
    return _text(kind, value, place)


def _text(kind: Any, value: str, place: str) -> object:  # noqa: ANN401 - as above
    if kind is str:
        return value
    if kind is datetime:
        return datetime.fromisoformat(value)
    if kind is Confidential or (isinstance(kind, type) and issubclass(kind, StrEnum)):
        return kind(value)
    raise UnreadableRecord(f"{place} is of another type")


def _dataclass(kind: Any, value: Mapping[str, JSON], place: str) -> object:  # noqa: ANN401 - as above
    hints = _hints(kind)
    unknown = value.keys() - hints.keys()
    if unknown:
        raise UnreadableRecord(f"{place} has members that this schema does not know")
    return kind(**{name: _decoded(hints[name], v, f"{place}.{name}") for name, v in value.items()})
