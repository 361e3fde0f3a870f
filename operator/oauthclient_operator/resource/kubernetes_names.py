"""What Kubernetes takes as a name."""

import re
from typing import Final

_SUBDOMAIN: Final = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")


def is_secret_name(name: str) -> bool:
    """Whether a Secret can have that name (RFC 1123 subdomain)."""
    return len(name) <= 253 and _SUBDOMAIN.fullmatch(name) is not None
