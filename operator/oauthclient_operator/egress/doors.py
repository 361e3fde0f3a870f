"""Which door leads to an issuer: the one of the operator's options, or one by the word of a ClusterOAuthIssuer."""

from typing import Final

from ..fair_cache import FairCache
from ..reach import IssuerAddress, Reach
from .door import Door
from .policy import EgressPolicy
from .trust import Trust

_DOOR_BYTES: Final = 16 * 1024
_SYSTEM_BYTES: Final = 800 * 1024
"""What a context takes that believes the system's authorities, too."""
BYTES_PER_OWNER: Final = 4 * 1024 * 1024
BYTES_IN_ALL: Final = 32 * 1024 * 1024


class Doors:
    """Doors by address; one that was not used for long is made anew when it is."""

    def __init__(self, own: Door, policy: EgressPolicy) -> None:
        self._own = own
        self._policy = policy
        self._made: FairCache[IssuerAddress, Door] = FairCache(per_tenant=BYTES_PER_OWNER, in_all=BYTES_IN_ALL)

    def to(self, at: IssuerAddress) -> Door:
        """Return the door to an issuer.

        Raises:
            ValueError: its certificate authorities cannot be read (see `why_none`).
        """
        if at.reach is None:
            return self._own
        if (known := self._made.use(at, at.reach.owner)) is not None:
            return known
        made = self._own.with_other(self._policy.reaching(at.issuer, at.reach), _trust(at.reach))
        weight = _DOOR_BYTES + (_SYSTEM_BYTES if at.reach.system_authorities else 0)
        self._made.put(at, made, at.reach.owner, weight)
        return made

    def why_none(self, at: IssuerAddress) -> str | None:
        """Return why there is no door to an issuer, in words, or None where there is one."""
        try:
            self.to(at)
        except ValueError as error:
            return str(error)
        return None


def _trust(reach: Reach) -> Trust | None:
    if reach.authorities is not None:
        return Trust(reach.authorities, system=reach.system_authorities)
    return Trust() if reach.system_authorities else None
