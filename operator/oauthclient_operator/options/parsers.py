"""Parsers of what stands after a flag or in a variable; the ValueError of each says what to write."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Final, NamedTuple

from .. import names

_DURATION = re.compile("(?:([0-9]{1,6})h)?(?:([0-9]{1,6})m)?(?:([0-9]{1,6})s)?")
_ADDRESS = re.compile(r"(?:(?P<name>[A-Za-z0-9.-]*)|\[(?P<v6>[0-9A-Fa-f:.]+)\]):(?P<port>[0-9]{1,5})")
_RESERVED_PREFIXES: Final = ("kubernetes.io", "k8s.io", names.GROUP)
_RECOMMENDED: Final = "app.kubernetes.io"
"""The prefix of Kubernetes' recommended labels, which only describe; `managed-by` among them stays the operator's."""
_LABEL = re.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")


class Address(NamedTuple):
    """Where to listen: on all addresses without a host, on a free port with port 0."""

    host: str | None
    port: int


def word(text: str) -> str:
    """Return what has no space in it."""
    if not text or any(character.isspace() for character in text):
        raise ValueError("is empty or holds a space")
    return text


def namespace(text: str) -> str:
    """Return the name of a namespace."""
    if not _LABEL.fullmatch(text):
        raise ValueError(f"{text!r} is no name of a namespace")
    return text


def file(text: str) -> Path:
    """Return the path of a file that exists."""
    path = Path(text).expanduser()
    if not path.is_file():
        raise ValueError(f"there is no file {text!r}")
    return path


def duration(text: str) -> timedelta:
    """Return a time such as 20s, 15m or 1h30m."""
    match = _DURATION.fullmatch(text)
    hours, minutes, seconds = (int(part or 0) for part in match.groups()) if match is not None else (0, 0, 0)
    duration = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if not timedelta(0) < duration <= timedelta(days=366):
        raise ValueError(f"{text!r} is no time such as 20s, 15m, 1h or 1h30m")
    return duration


def switch(text: str) -> bool:
    """Return what true and false stand for."""
    if text not in ("true", "false"):
        raise ValueError(f"{text!r} is neither true nor false")
    return text == "true"


def metadata_prefix(text: str) -> str:
    """Return a prefix of labels and annotations, one that gives no say over what Kubernetes and we keep there.

    The empty one is that of keys without a prefix. A variable, in which nothing is no value at all, has it as a slash.
    """
    prefix = text.removesuffix("/")
    if not prefix:
        return ""
    if len(prefix) > 253 or not all(_LABEL.fullmatch(part) for part in prefix.split(".")):
        raise ValueError(f"{text!r} is no prefix of a label's or annotation's key such as example.com")
    if prefix != _RECOMMENDED and any(f".{prefix}".endswith(f".{reserved}") for reserved in _RESERVED_PREFIXES):
        raise ValueError(f"{text!r} is reserved: what is written under it is Kubernetes' or the operator's own")
    return prefix


def count(text: str) -> int:
    """Return a number from 1 to 9999."""
    if not re.fullmatch("[1-9][0-9]{0,3}", text):
        raise ValueError(f"{text!r} is no number from 1 to 9999")
    return int(text)


def number(text: str) -> int:
    """Return a number from 1 to 999999."""
    if not re.fullmatch("[1-9][0-9]{0,5}", text):
        raise ValueError(f"{text!r} is no number from 1 to 999999")
    return int(text)


def address(text: str) -> Address:
    """Return an address to listen on."""
    match = _ADDRESS.fullmatch(text)
    if match is None or int(match["port"]) > 65535:
        raise ValueError(f"{text!r} is no address such as :8080, 127.0.0.1:8080 or [::1]:8080")
    return Address(match["name"] or match["v6"] or None, int(match["port"]))


def one_of(*choices: str) -> Callable[[str], str]:
    """Return what admits these words and no other."""

    def parse(text: str) -> str:
        if text not in choices:
            raise ValueError(f"{text!r} is none of {', '.join(choices)}")
        return text

    return parse
