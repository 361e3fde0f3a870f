"""What a plain scalar of YAML stands for, as kubectl reads it: YAML 1.1, without dates and sexagesimal numbers."""

import math
import re
from typing import Final

from ...oauth.json_object import JSON, integer

_NULL: Final = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE: Final = frozenset({"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"})
_FALSE: Final = frozenset({"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"})
_DECIMAL: Final = re.compile("[-+]?(0|[1-9][0-9_]*)")
_OTHER_INTEGER: Final = re.compile("([-+]?)0(x[0-9a-fA-F_]+|b[01_]+|o?[0-7_]+)")
_FLOAT: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NO_NUMBER: Final = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_LONGEST_NUMBER: Final = 400


def plain(text: str) -> JSON:
    """Return the value of a scalar without quotes and tag; a number that JSON does not have is infinite."""
    if text in _NULL:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if len(text) > _LONGEST_NUMBER:
        return text
    if _DECIMAL.fullmatch(text):
        return integer(text.replace("_", ""))
    if (match := _OTHER_INTEGER.fullmatch(text)) is not None:
        other = _other_integer(match[1], match[2].replace("_", ""))
        return text if other is None else other
    if _FLOAT.fullmatch(text):
        return float(text)
    return math.inf if _NO_NUMBER.fullmatch(text) else text


def _other_integer(sign: str, written: str) -> int | None:
    base, digits = {"x": 16, "b": 2, "o": 8}.get(written[:1], 8), written
    if written[:1] in ("x", "b", "o"):
        digits = written[1:]
    return int(sign + digits, base) if digits else None
