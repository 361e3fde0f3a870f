"""The data of a Secret, in base64, and the values that it stands for."""

import base64
from collections.abc import Mapping


def encoded(values: Mapping[str, str]) -> dict[str, str]:
    """Return what is the data of a Secret with these values."""
    return {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}


def decoded(data: Mapping[str, str]) -> dict[str, str]:
    """Return the values of the data of a Secret."""
    return {key: base64.b64decode(value).decode() for key, value in data.items()}
