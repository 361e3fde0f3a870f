"""What somebody may have meant by a member that no registry of client metadata knows."""

from difflib import get_close_matches

from .metadata_types import DECLARED

_ALIKE = 0.75


def near_miss(name: str) -> str | None:
    """Return the registered member (IANA, OAuth Dynamic Client Registration Metadata) whose name is most alike.

    None where the member is registered itself, or none is alike.
    """
    plain = name.partition("#")[0]
    if plain in DECLARED or len(plain) > max(map(len, DECLARED)) * 2:
        return None
    return next(iter(get_close_matches(plain, sorted(DECLARED), n=1, cutoff=_ALIKE)), None)
