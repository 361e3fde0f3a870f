"""What Kubernetes takes as a name."""

import re
from typing import Final

_SECRET_KEY: Final = re.compile(r"(?!\.\Z|\.\.)[-._a-zA-Z0-9]{1,253}")
_SUBDOMAIN: Final = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")


def is_subdomain(name: str) -> bool:
    """Whether a name is a subdomain as RFC 1123 has it: of objects, and of the prefixes of labels and annotations."""
    return len(name) <= 253 and _SUBDOMAIN.fullmatch(name) is not None


def is_secret_name(name: str) -> bool:
    """Whether a Secret can have that name."""
    return is_subdomain(name)


def is_secret_key(key: str) -> bool:
    """Whether a Secret can have a value under that key."""
    return _SECRET_KEY.fullmatch(key) is not None
